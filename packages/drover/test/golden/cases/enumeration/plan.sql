-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.users (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
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
    case when "step_1"."v10" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_3"."v6" or "step_3"."v7" or "step_3"."v8" or "step_3"."v9" then array[case when "step_3"."v6" then 1 end, case when "step_3"."v7" then 2 end, case when "step_3"."v8" then 3 end, case when "step_3"."v9" then 4 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("u"."id")::int4 as "id",
    (case when ("u"."role" is not null and "step_2"."v3" is null) then 'viewer' else "step_2"."v3" end)::"app"."user_role" as "role",
    ("step_2"."v5")::text as "state",
    case when "step_1"."v10" then array_remove(array[case when "u"."role" is null then 1 end], null) end as "_reasons",
    "u"."ctid" as "_place",
    case when "step_3"."v6" or "step_3"."v7" or "step_3"."v8" or "step_3"."v9" then array[("u"."role")::text, ("u"."role")::text, ("u"."state")::text, ("u"."state")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'role' then ("fix"."patch" ->> 'role')::text else "t"."role" end as "role",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state"
    from "legacy"."users" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.users' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  cross join lateral (
    select
      ("u"."id")::text as "v1",
      replace(replace(lower(btrim(("u"."role")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C"), ' ', '_'), '-', '_') as "v2",
      replace(replace(lower(btrim(("u"."state")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C"), ' ', '_'), '-', '_') as "v4",
      "u"."role" is null as "v10"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case "step_1"."v2" when 'viewer' then 'viewer' when 'staff' then 'staff' when 'shop_admin' then 'shop_admin' when 'admin' then 'shop_admin' when 'office_manager' then 'shop_admin' end as "v3",
      case "step_1"."v4" when 'active' then 'active' when 'locked' then 'locked' when 'inactive' then 'locked' end as "v5"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      "u"."role" is not null and "step_2"."v3" is null as "v6",
      lower("step_2"."v3" collate "C") <> lower(btrim(("u"."role")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") as "v7",
      "u"."state" is not null and "step_2"."v5" is null as "v8",
      lower("step_2"."v5" collate "C") <> lower(btrim(("u"."state")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") as "v9"
    offset '0'
  ) as "step_3"
  where ($3::text[] is null or ("u"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("u"."id") < (($4::text[])[1]::int4))
), loaded as (
  insert into "app"."users" ("id", "role", "state")
  select "id", "role", "state"
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
    (array['no-role'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-role', 'role')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
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
  join (values (1, 'unknown-role', 'role'), (2, 'alias', 'role'), (3, 'not-in-list', 'state'), (4, 'alias', 'state')) as guard (number, code, column_name) on guard.number = log.number
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
      select to_jsonb("original".*)
      from "legacy"."users" as original
      where original.ctid = "u"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'role' then ("fix"."patch" ->> 'role')::text else "t"."role" end as "role",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state"
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
      case when "fix"."patch" ? 'role' then ("fix"."patch" ->> 'role')::text else "t"."role" end as "role",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state"
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
    case when "step_1"."v10" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_3"."v6" or "step_3"."v7" or "step_3"."v8" or "step_3"."v9" then array[case when "step_3"."v6" then 1 end, case when "step_3"."v7" then 2 end, case when "step_3"."v8" then 3 end, case when "step_3"."v9" then 4 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("u"."id")::int4 as "id",
    (case when ("u"."role" is not null and "step_2"."v3" is null) then 'viewer' else "step_2"."v3" end)::"app"."user_role" as "role",
    ("step_2"."v5")::text as "state",
    case when "step_1"."v10" then array_remove(array[case when "u"."role" is null then 1 end], null) end as "_reasons",
    "u"."ctid" as "_place",
    case when "step_3"."v6" or "step_3"."v7" or "step_3"."v8" or "step_3"."v9" then array[("u"."role")::text, ("u"."role")::text, ("u"."state")::text, ("u"."state")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'role' then ("fix"."patch" ->> 'role')::text else "t"."role" end as "role",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state"
    from "legacy"."users" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.users' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  cross join lateral (
    select
      ("u"."id")::text as "v1",
      replace(replace(lower(btrim(("u"."role")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C"), ' ', '_'), '-', '_') as "v2",
      replace(replace(lower(btrim(("u"."state")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C"), ' ', '_'), '-', '_') as "v4",
      "u"."role" is null as "v10"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case "step_1"."v2" when 'viewer' then 'viewer' when 'staff' then 'staff' when 'shop_admin' then 'shop_admin' when 'admin' then 'shop_admin' when 'office_manager' then 'shop_admin' end as "v3",
      case "step_1"."v4" when 'active' then 'active' when 'locked' then 'locked' when 'inactive' then 'locked' end as "v5"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      "u"."role" is not null and "step_2"."v3" is null as "v6",
      lower("step_2"."v3" collate "C") <> lower(btrim(("u"."role")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") as "v7",
      "u"."state" is not null and "step_2"."v5" is null as "v8",
      lower("step_2"."v5" collate "C") <> lower(btrim(("u"."state")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") as "v9"
    offset '0'
  ) as "step_3"
  where "u"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'users' and purpose in ('try') and not done) as named)
  ) as made
  join "drover"."crosswalk_users" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."users" ("id", "role", "state")
  select "id", "role", "state"
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
    (array['no-role'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-role', 'role')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
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
  join (values (1, 'unknown-role', 'role'), (2, 'alias', 'role'), (3, 'not-in-list', 'state'), (4, 'alias', 'state')) as guard (number, code, column_name) on guard.number = log.number
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
    case when "step_1"."v10" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_3"."v6" or "step_3"."v7" or "step_3"."v8" or "step_3"."v9" then array[case when "step_3"."v6" then 1 end, case when "step_3"."v7" then 2 end, case when "step_3"."v8" then 3 end, case when "step_3"."v9" then 4 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("u"."id")::int4 as "id",
    (case when ("u"."role" is not null and "step_2"."v3" is null) then 'viewer' else "step_2"."v3" end)::"app"."user_role" as "role",
    ("step_2"."v5")::text as "state",
    case when "step_1"."v10" then array_remove(array[case when "u"."role" is null then 1 end], null) end as "_reasons",
    case when "step_3"."v6" or "step_3"."v7" or "step_3"."v8" or "step_3"."v9" then array[("u"."role")::text, ("u"."role")::text, ("u"."state")::text, ("u"."state")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'role' then ("fix"."patch" ->> 'role')::text else "t"."role" end as "role",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state"
    from "legacy"."users" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.users' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  cross join lateral (
    select
      ("u"."id")::text as "v1",
      replace(replace(lower(btrim(("u"."role")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C"), ' ', '_'), '-', '_') as "v2",
      replace(replace(lower(btrim(("u"."state")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C"), ' ', '_'), '-', '_') as "v4",
      "u"."role" is null as "v10"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case "step_1"."v2" when 'viewer' then 'viewer' when 'staff' then 'staff' when 'shop_admin' then 'shop_admin' when 'admin' then 'shop_admin' when 'office_manager' then 'shop_admin' end as "v3",
      case "step_1"."v4" when 'active' then 'active' when 'locked' then 'locked' when 'inactive' then 'locked' end as "v5"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      "u"."role" is not null and "step_2"."v3" is null as "v6",
      lower("step_2"."v3" collate "C") <> lower(btrim(("u"."role")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") as "v7",
      "u"."state" is not null and "step_2"."v5" is null as "v8",
      lower("step_2"."v5" collate "C") <> lower(btrim(("u"."state")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") as "v9"
    offset '0'
  ) as "step_3"
  where "u"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'users' and purpose in ('change') and not done) as named)
  ) as made
  join "drover"."crosswalk_users" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."users" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."role") is distinct from ("s"."role") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."state") is distinct from ("s"."state"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_users" ("id", "role", "state", "drover_version")
  select "id", "role", "state", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."users" as t
  set "role" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."role" else "t"."role" end,
    "state" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."state" else "t"."state" end
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
  from (values ('role', array['*']), ('state', array['*'])) as each (column_name, follows)
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
  join (values (1, 'unknown-role', 'role'), (2, 'alias', 'role'), (3, 'not-in-list', 'state'), (4, 'alias', 'state')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
