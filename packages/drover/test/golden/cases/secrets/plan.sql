-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.users (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."devices" as t offset '0') as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."users" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."users" drop constraint "users_pkey";
commit;

-- =================================================================================================
-- 1. users: legacy.users → app.users
-- =================================================================================================
-- users: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_users" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."users";
-- target rows before
select count(*) as n from "app"."users";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."users" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."users")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'users', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- users: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."users" as "u"
  where ($3::text[] is null or ("u"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("u"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "step_2"."v4" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_1"."v3" then array[case when "step_1"."v3" then 1 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("u"."id")::int4 as "id",
    ("u"."name")::text as "name",
    (btrim("u"."password_hash", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff'))::text as "password_hash",
    (length("u"."api_key"))::int4 as "key_length",
    ("step_1"."v2")::date as "created",
    case when "step_2"."v4" then array_remove(array[case when "u"."name" is null then 1 end, case when "u"."password_hash" is null then 2 end, case when "u"."created" is not null and "step_1"."v2" is null then 3 end], null) end as "_reasons",
    "u"."ctid" as "_place",
    case when "step_1"."v3" then array[null]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'password_hash' then ("fix"."patch" ->> 'password_hash')::text else "t"."password_hash" end as "password_hash",
      case when "fix"."patch" ? 'api_key' then ("fix"."patch" ->> 'api_key')::text else "t"."api_key" end as "api_key",
      case when "fix"."patch" ? 'created' then ("fix"."patch" ->> 'created')::text else "t"."created" end as "created"
    from "legacy"."users" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.users' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  cross join lateral (
    select
      ("u"."id")::text as "v1",
      case when (("u"."created")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("u"."created", 4) <> '0000' then
      case when right("u"."created", 2)::integer <= 28 or right("u"."created", 2)::integer <= extract(day from (left("u"."created", 8) || '01')::date + interval '1 month - 1 day') then "u"."created"::date end
    end as "v2",
      "u"."password_hash" <> btrim("u"."password_hash", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') as "v3"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      "u"."name" is null or "u"."password_hash" is null or "u"."created" is not null and "step_1"."v2" is null as "v4"
    offset '0'
  ) as "step_2"
  where ($3::text[] is null or ("u"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("u"."id") < (($4::text[])[1]::int4))
), loaded as (
  insert into "app"."users" ("id", "name", "password_hash", "key_length", "created")
  select "id", "name", "password_hash", "key_length", "created"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_users" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'users', "s"."_key", $2::bigint,
    (array['no-name', 'no-password', 'not-a-date'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-name', 'name'), (2, 'no-password', 'password_hash'), (3, 'not-a-date', 'created')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*) - array['password_hash', 'api_key']
      from "legacy"."users" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'users', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'trimmed', 'password_hash')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
)
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = (select count(*) from loaded),
  quarantined = (select count(*) from quarantined),
  "merged" = 0,
  "matched" = 0,
  "excluded" = 0,
  finished_at = clock_timestamp()
where run_id = $1::bigint and mapping = 'users' and number = $2::bigint;
commit;

-- users: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("u"."id")::text] as bound, row_number() over (order by "u"."id") as position, count(*) as rows
  from "legacy"."users" as "u"
    where ($1::text[] is null or ("u"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("u"."id") < (($2::text[])[1]::int4)) and "u"."id" is not null
  group by "u"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- users: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."users" as "u"
  where ($3::text[] is null or ("u"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("u"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*) - array['password_hash', 'api_key']
      from "legacy"."users" as original
      where original.ctid = "u"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'password_hash' then ("fix"."patch" ->> 'password_hash')::text else "t"."password_hash" end as "password_hash",
      case when "fix"."patch" ? 'api_key' then ("fix"."patch" ->> 'api_key')::text else "t"."api_key" end as "api_key",
      case when "fix"."patch" ? 'created' then ("fix"."patch" ->> 'created')::text else "t"."created" end as "created"
    from "legacy"."users" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.users' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  cross join lateral (
    select
      ("u"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("u"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("u"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_users" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'users', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
  from s
  where disposition = 'quarantined'
  returning 1
)
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = 0,
  merged = 0,
  matched = 0,
  quarantined = (select count(*) from quarantined),
  excluded = (select count(*) from walked where disposition = 'excluded'),
  finished_at = clock_timestamp()
where run_id = $1::bigint and mapping = 'users' and number = $2::bigint
returning quarantined;
commit;

-- users: the key of the crosswalk
begin;
alter table "drover"."crosswalk_users" add primary key (source_key);
analyze "drover"."crosswalk_users";
commit;

-- users: the statistics of the target
begin;
analyze "app"."users";
commit;

-- users_pkey
begin;
CREATE UNIQUE INDEX users_pkey ON app.users USING btree (id);
commit;

-- users: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."users";
-- target rows after
select count(*) as n from "app"."users";
commit;

-- =================================================================================================
-- 2. devices: query → app.devices
-- =================================================================================================
-- devices: prepare
begin;
-- the query that the mapping reads from
create table "drover"."source_devices" as
(select "d"."owner", count("d"."pin") as "pins" from (
    select "t"."id",
      case when "fix"."patch" ? 'pin' then ("fix"."patch" ->> 'pin')::text else "t"."pin" end as "pin",
      case when "fix"."patch" ? 'owner' then ("fix"."patch" ->> 'owner')::text else "t"."owner" end as "owner"
    from "legacy"."devices" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.devices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "d" group by "d"."owner");
analyze "drover"."source_devices";
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_devices" (
  source_key text collate "C" not null,
  disposition text not null,
  "owner" text
);
-- source rows
select count(*) as n from "drover"."source_devices";
-- target rows before
select count(*) as n from "app"."devices";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select row_number() over (order by block) as number,
    case when block > 0 then array['(' || block || ',0)'] end as lower,
    step * n / greatest(blocks, 1) as rows
  from (
    select blocks, n, greatest(1, blocks * $2::bigint / greatest(n, 1)) as step
    from (
      select pg_relation_size('"drover"."source_devices"'::regclass) / current_setting('block_size')::int as blocks,
        (select count(*) from "drover"."source_devices") as n
    ) as size
  ) as cut
  cross join lateral generate_series(0, greatest(blocks - 1, 0), step) as block
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'devices', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- devices: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "drover"."source_devices" as "d"
  where ($3::text[] is null or ("d"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("d"."ctid") < (($4::text[])[1]::tid))
), s as materialized (
  select
    case when "step_1"."v2" then 'quarantined' else 'loaded' end as "_disposition",
    "step_1"."v1" as "_key",
    ("d"."owner")::text as "owner",
    ("d"."pins")::int8 as "pins",
    case when "step_1"."v2" then array_remove(array[case when "d"."owner" is null then 1 end], null) end as "_reasons",
    "d"."ctid" as "_place"
  from "drover"."source_devices" as "d"
  cross join lateral (
    select
      (coalesce("d"."owner", ''))::text as "v1",
      "d"."owner" is null as "v2"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("d"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("d"."ctid") < (($4::text[])[1]::tid))
), loaded as (
  insert into "app"."devices" ("owner", "pins")
  select "owner", "pins"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_devices" (source_key, disposition, "owner")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."owner" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'devices', "s"."_key", $2::bigint,
    (array['no-owner'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-owner', 'owner')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "drover"."source_devices" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
)
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = (select count(*) from loaded),
  quarantined = (select count(*) from quarantined),
  "merged" = 0,
  "matched" = 0,
  "excluded" = 0,
  finished_at = clock_timestamp()
where run_id = $1::bigint and mapping = 'devices' and number = $2::bigint;
commit;

-- devices: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("d"."ctid")::text] as bound, row_number() over (order by "d"."ctid") as position, count(*) as rows
  from "drover"."source_devices" as "d"
    where ($1::text[] is null or ("d"."ctid") >= (($1::text[])[1]::tid)) and ($2::text[] is null or ("d"."ctid") < (($2::text[])[1]::tid)) and "d"."ctid" is not null
  group by "d"."ctid"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- devices: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "drover"."source_devices" as "d"
  where ($3::text[] is null or ("d"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("d"."ctid") < (($4::text[])[1]::tid))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    to_jsonb("d".*) as original
  from "drover"."source_devices" as "d"
  cross join lateral (
    select
      (coalesce("d"."owner", ''))::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("d"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("d"."ctid") < (($4::text[])[1]::tid))
), walked as (
  insert into "drover"."crosswalk_devices" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'devices', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
  from s
  where disposition = 'quarantined'
  returning 1
)
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = 0,
  merged = 0,
  matched = 0,
  quarantined = (select count(*) from quarantined),
  excluded = (select count(*) from walked where disposition = 'excluded'),
  finished_at = clock_timestamp()
where run_id = $1::bigint and mapping = 'devices' and number = $2::bigint
returning quarantined;
commit;

-- devices: the key of the crosswalk
begin;
alter table "drover"."crosswalk_devices" add primary key (source_key);
analyze "drover"."crosswalk_devices";
commit;

-- devices: the statistics of the target
begin;
analyze "app"."devices";
commit;

-- devices: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "drover"."source_devices";
-- target rows after
select count(*) as n from "app"."devices";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."users" add constraint "users_pkey" primary key using index "users_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."devices" as t offset '0') as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."users" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- users: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'users', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'password_hash' then ("fix"."patch" ->> 'password_hash')::text else "t"."password_hash" end as "password_hash",
      case when "fix"."patch" ? 'api_key' then ("fix"."patch" ->> 'api_key')::text else "t"."api_key" end as "api_key",
      case when "fix"."patch" ? 'created' then ("fix"."patch" ->> 'created')::text else "t"."created" end as "created"
    from "legacy"."users" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.users' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  cross join lateral (
    select
      ("u"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_users" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("u"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.users')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "step_2"."v4" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_1"."v3" then array[case when "step_1"."v3" then 1 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("u"."id")::int4 as "id",
    ("u"."name")::text as "name",
    (btrim("u"."password_hash", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff'))::text as "password_hash",
    (length("u"."api_key"))::int4 as "key_length",
    ("step_1"."v2")::date as "created",
    case when "step_2"."v4" then array_remove(array[case when "u"."name" is null then 1 end, case when "u"."password_hash" is null then 2 end, case when "u"."created" is not null and "step_1"."v2" is null then 3 end], null) end as "_reasons",
    "u"."ctid" as "_place",
    case when "step_1"."v3" then array[null]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'password_hash' then ("fix"."patch" ->> 'password_hash')::text else "t"."password_hash" end as "password_hash",
      case when "fix"."patch" ? 'api_key' then ("fix"."patch" ->> 'api_key')::text else "t"."api_key" end as "api_key",
      case when "fix"."patch" ? 'created' then ("fix"."patch" ->> 'created')::text else "t"."created" end as "created"
    from "legacy"."users" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.users' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  cross join lateral (
    select
      ("u"."id")::text as "v1",
      case when (("u"."created")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("u"."created", 4) <> '0000' then
      case when right("u"."created", 2)::integer <= 28 or right("u"."created", 2)::integer <= extract(day from (left("u"."created", 8) || '01')::date + interval '1 month - 1 day') then "u"."created"::date end
    end as "v2",
      "u"."password_hash" <> btrim("u"."password_hash", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') as "v3"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      "u"."name" is null or "u"."password_hash" is null or "u"."created" is not null and "step_1"."v2" is null as "v4"
    offset '0'
  ) as "step_2"
  where "u"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'users' and purpose in ('try') and not done) as named)
  ) as made
  join "drover"."crosswalk_users" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."users" ("id", "name", "password_hash", "key_length", "created")
  select "id", "name", "password_hash", "key_length", "created"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_users" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'users', "s"."_key", $2::bigint,
    (array['no-name', 'no-password', 'not-a-date'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-name', 'name'), (2, 'no-password', 'password_hash'), (3, 'not-a-date', 'created')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*) - array['password_hash', 'api_key']
      from "legacy"."users" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  on conflict (run_id, mapping, source_key) do update
  set code = excluded.code, reasons = excluded.reasons, sqlstate = null, set_aside_at = excluded.set_aside_at
  returning 1
), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'users' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'users' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'users' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'users', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'trimmed', 'password_hash')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'users', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'users', $2::bigint, 'adjustment', 'done',
    (select count(*) from walked where before = 'new'),
    (select count(*) from loaded),
    (select count(*) filter (where disposition = 'merged') - count(*) filter (where before = 'merged') from walked),
    (select count(*) filter (where disposition = 'matched') - count(*) filter (where before = 'matched') from walked),
    (select count(*) from quarantined) - (select count(*) from walked where before = 'quarantined'),
    (select count(*) filter (where disposition = 'excluded') - count(*) filter (where before = 'excluded') from walked),
    clock_timestamp()
  where exists (select from walked)
)
select count(*) as n
from walked;
-- the rows as they were before
create table if not exists "drover"."before_image_users" (like "app"."users", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "step_2"."v4" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_1"."v3" then array[case when "step_1"."v3" then 1 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("u"."id")::int4 as "id",
    ("u"."name")::text as "name",
    (btrim("u"."password_hash", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff'))::text as "password_hash",
    (length("u"."api_key"))::int4 as "key_length",
    ("step_1"."v2")::date as "created",
    case when "step_2"."v4" then array_remove(array[case when "u"."name" is null then 1 end, case when "u"."password_hash" is null then 2 end, case when "u"."created" is not null and "step_1"."v2" is null then 3 end], null) end as "_reasons",
    case when "step_1"."v3" then array[null]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'password_hash' then ("fix"."patch" ->> 'password_hash')::text else "t"."password_hash" end as "password_hash",
      case when "fix"."patch" ? 'api_key' then ("fix"."patch" ->> 'api_key')::text else "t"."api_key" end as "api_key",
      case when "fix"."patch" ? 'created' then ("fix"."patch" ->> 'created')::text else "t"."created" end as "created"
    from "legacy"."users" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.users' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  cross join lateral (
    select
      ("u"."id")::text as "v1",
      case when (("u"."created")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("u"."created", 4) <> '0000' then
      case when right("u"."created", 2)::integer <= 28 or right("u"."created", 2)::integer <= extract(day from (left("u"."created", 8) || '01')::date + interval '1 month - 1 day') then "u"."created"::date end
    end as "v2",
      "u"."password_hash" <> btrim("u"."password_hash", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') as "v3"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      "u"."name" is null or "u"."password_hash" is null or "u"."created" is not null and "step_1"."v2" is null as "v4"
    offset '0'
  ) as "step_2"
  where "u"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'users' and purpose in ('change') and not done) as named)
  ) as made
  join "drover"."crosswalk_users" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."users" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."name") is distinct from ("s"."name") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."password_hash") is distinct from ("s"."password_hash") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."key_length") is distinct from ("s"."key_length") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."created") is distinct from ("s"."created"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_users" ("id", "name", "password_hash", "key_length", "created", "drover_version")
  select "id", "name", "password_hash", "key_length", "created", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."users" as t
  set "name" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."name" else "t"."name" end,
    "password_hash" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."password_hash" else "t"."password_hash" end,
    "key_length" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."key_length" else "t"."key_length" end,
    "created" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."created" else "t"."created" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'users', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('name', array['*']), ('password_hash', array['*']), ('key_length', array['*']), ('created', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'users' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'users' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'users', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'trimmed', 'password_hash')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;

-- devices: mend
begin;
set constraints all immediate;
-- whether the query reads such rows
select from drover.overlay where migration = 'shop' and relation in ('legacy.devices') limit 1;
-- the query that the mapping reads from, asked again
create table "drover"."restored_devices" as
(select "d"."owner", count("d"."pin") as "pins" from (
    select "t"."id",
      case when "fix"."patch" ? 'pin' then ("fix"."patch" ->> 'pin')::text else "t"."pin" end as "pin",
      case when "fix"."patch" ? 'owner' then ("fix"."patch" ->> 'owner')::text else "t"."owner" end as "owner"
    from "legacy"."devices" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.devices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "d" group by "d"."owner");
-- rows by which the answer differs. $2 here: whether of all rows
with before as materialized (
  select ((coalesce("d"."owner", ''))::text) collate "C" as source_key, to_jsonb("d".*) as row from "drover"."source_devices" as "d"
), after as materialized (
  select ((coalesce("d"."owner", ''))::text) collate "C" as source_key, to_jsonb("d".*) as row from "drover"."restored_devices" as "d"
), differing as (
  select coalesce(after.source_key, before.source_key) as source_key, before.source_key is null as is_new, after.source_key is null as is_gone
  from before
  full join after on after.source_key = before.source_key
  where before.row is distinct from after.row
    and ($2::boolean or coalesce(after.source_key, before.source_key) in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'devices' and purpose in ('try') and not done))
), entered as (
  insert into "drover"."crosswalk_devices" (source_key, disposition)
  select source_key, 'new'
  from differing
  where is_new
)
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'devices', source_key, purpose
from (
  select differing.source_key,
    case when is_new then 'try' when is_gone then 'withdraw' when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from differing
  left join "drover"."crosswalk_devices" as walked on walked.source_key = differing.source_key) as found
on conflict do nothing;
delete from "drover"."source_devices" as "d" where ((coalesce("d"."owner", ''))::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'devices' and purpose in ('try', 'change', 'withdraw') and not done);
insert into "drover"."source_devices" select "d".* from "drover"."restored_devices" as "d" where ((coalesce("d"."owner", ''))::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'devices' and purpose in ('try', 'change', 'withdraw') and not done);
drop table "drover"."restored_devices";
-- rows that are gone. $2 here: the entry that adjusts the counts
with gone as (
  delete from "drover"."crosswalk_devices"
  where source_key in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'devices' and purpose in ('withdraw') and not done)
  returning *
), deleted as (
  delete from "app"."devices" as t
  using gone
  where gone.disposition = 'loaded' and "t"."owner" = "gone"."owner"
  returning t.*, "t"."xmin"::text::bigint as "drover_version"
), imaged as (
  insert into "drover"."before_image_devices" ("owner", "pins", "drover_version")
  select "owner", "pins", "drover_version"
  from deleted
  on conflict do nothing
), of_quarantine as (
  delete from drover.quarantine as account
  using gone
  where account.run_id = $1::bigint and account.mapping = 'devices' and account.source_key = gone.source_key
), of_merge as (
  delete from drover.merge as account
  using gone
  where account.run_id = $1::bigint and account.mapping = 'devices' and account.source_key = gone.source_key
), of_correction as (
  delete from drover.correction as account
  using gone
  where account.run_id = $1::bigint and account.mapping = 'devices' and account.source_key = gone.source_key
), of_note as (
  delete from drover.note as account
  using gone
  where account.run_id = $1::bigint and account.mapping = 'devices' and account.source_key = gone.source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'devices', source_key, 'moved'
  from gone
  on conflict do nothing
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'devices', $2::bigint, 'adjustment', 'done', -count(*), -count(*) filter (where disposition = 'loaded'), -count(*) filter (where disposition = 'merged'), -count(*) filter (where disposition = 'matched'), -count(*) filter (where disposition = 'quarantined'), -count(*) filter (where disposition = 'excluded'), clock_timestamp()
from gone
having count(*) > 0
returning read;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "step_1"."v2" then 'quarantined' else 'loaded' end as "_disposition",
    "step_1"."v1" as "_key",
    ("d"."owner")::text as "owner",
    ("d"."pins")::int8 as "pins",
    case when "step_1"."v2" then array_remove(array[case when "d"."owner" is null then 1 end], null) end as "_reasons",
    "d"."ctid" as "_place"
  from "drover"."source_devices" as "d"
  cross join lateral (
    select
      (coalesce("d"."owner", ''))::text as "v1",
      "d"."owner" is null as "v2"
    offset '0'
  ) as "step_1"
  where ((coalesce("d"."owner", ''))::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'devices' and purpose in ('try') and not done)
  ) as made
  join "drover"."crosswalk_devices" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."devices" ("owner", "pins")
  select "owner", "pins"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_devices" as walked
  set disposition = "s"."_disposition", "owner" = case "s"."_disposition" when 'loaded' then "s"."owner" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'devices', "s"."_key", $2::bigint,
    (array['no-owner'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-owner', 'owner')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "drover"."source_devices" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  on conflict (run_id, mapping, source_key) do update
  set code = excluded.code, reasons = excluded.reasons, sqlstate = null, set_aside_at = excluded.set_aside_at
  returning 1
), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'devices' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'devices' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'devices' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'devices', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'devices', $2::bigint, 'adjustment', 'done',
    (select count(*) from walked where before = 'new'),
    (select count(*) from loaded),
    (select count(*) filter (where disposition = 'merged') - count(*) filter (where before = 'merged') from walked),
    (select count(*) filter (where disposition = 'matched') - count(*) filter (where before = 'matched') from walked),
    (select count(*) from quarantined) - (select count(*) from walked where before = 'quarantined'),
    (select count(*) filter (where disposition = 'excluded') - count(*) filter (where before = 'excluded') from walked),
    clock_timestamp()
  where exists (select from walked)
)
select count(*) as n
from walked;
-- the rows as they were before
create table if not exists "drover"."before_image_devices" (like "app"."devices", "drover_version" bigint not null, primary key ("owner"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."owner" as "_walked_owner"
  from (
  select
    case when "step_1"."v2" then 'quarantined' else 'loaded' end as "_disposition",
    "step_1"."v1" as "_key",
    ("d"."owner")::text as "owner",
    ("d"."pins")::int8 as "pins",
    case when "step_1"."v2" then array_remove(array[case when "d"."owner" is null then 1 end], null) end as "_reasons"
  from "drover"."source_devices" as "d"
  cross join lateral (
    select
      (coalesce("d"."owner", ''))::text as "v1",
      "d"."owner" is null as "v2"
    offset '0'
  ) as "step_1"
  where ((coalesce("d"."owner", ''))::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'devices' and purpose in ('change') and not done)
  ) as made
  join "drover"."crosswalk_devices" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."devices" as existing
  join s on "existing"."owner" = "s"."_walked_owner"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."pins") is distinct from ("s"."pins"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_devices" ("owner", "pins", "drover_version")
  select "owner", "pins", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."devices" as t
  set "pins" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."pins" else "t"."pins" end
  from s, locked
  where "t"."owner" = "s"."_walked_owner" and "locked"."owner" = "t"."owner"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'devices', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('pins', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'devices' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'devices' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
