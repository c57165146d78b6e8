-- hazard merges-rows, accounts: Rows of legacy.users with one identity become one row of app.accounts.
-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.notes (2).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."notes" as t offset '0') as hashed;
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
alter table "app"."notes" drop constraint "notes_author_fkey";
alter table "app"."notes" drop constraint "notes_pkey";
commit;

-- =================================================================================================
-- 1. accounts: legacy.users → app.accounts
-- =================================================================================================
-- accounts: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_accounts" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" uuid
);
-- merges and matches, decided once
create table "drover"."resolution_accounts" as
  select source_key collate "C" as source_key,
    case
      when is_torn then 'torn'
      when source_key <> survivor_key then 'merged'
      when is_matched then 'matched'
      else 'loaded'
    end as disposition,
    survivor_key collate "C" as survivor_key,
    "id"
  from (
    select ("u"."id")::text as source_key,
      first_value(("u"."id")::text) over same as survivor_key,
      first_value("existing"."id" is not null) over same as is_matched,
      "existing"."id" is not null and ("existing"."id") is distinct from (first_value("existing"."id") over same) as is_torn,
      first_value(coalesce("existing"."id", ("step_1"."v1")::uuid)) over same as "id"
    from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::date else "t"."created_at" end as "created_at"
    from "legacy"."users" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.users' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  cross join lateral (
    select
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("u"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v1",
      "u"."email" is null as "v2",
      lower(btrim(normalize("u"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v3"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      ("step_1"."v3")::text as "v4"
    offset '0'
  ) as "step_2"
  left join "app"."accounts" as existing on "existing"."email" = "step_2"."v4"
    where ("step_1"."v2") is not true
    window same as (partition by case when ("u"."id")::text in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'accounts') then ("u"."id")::text end, "step_2"."v4" order by ("existing"."id" is not null) desc, "u"."created_at" asc nulls last, ("u"."id")::text collate "C")
  ) as grouped
  where source_key <> survivor_key or is_matched;
-- a row here means that a match is not one to one, and stops the run
select min(source_key) as one, max(source_key) as other
from "drover"."resolution_accounts"
where disposition = 'matched'
group by "id"
having count(*) > 1
union all
select survivor_key, source_key
from "drover"."resolution_accounts"
where disposition = 'torn'
limit 5;
alter table "drover"."resolution_accounts" add primary key (source_key);
analyze "drover"."resolution_accounts";
-- source rows
select count(*) as n from "legacy"."users";
-- target rows before
select count(*) as n from "app"."accounts";
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
select $1::bigint, 'accounts', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- accounts: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."users" as "u"
  where ($3::text[] is null or ("u"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("u"."id") < (($4::text[])[1]::text))
), s as materialized (
  select
    case when "step_1"."v3" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    ("u"."id")::text as "_key",
    ("step_1"."v1")::uuid as "id",
    ("step_1"."v2")::text as "email",
    ("u"."name")::text as "name",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "step_1"."v3" then array_remove(array[case when "u"."email" is null then 1 end], null) end as "_reasons",
    "u"."ctid" as "_place"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::date else "t"."created_at" end as "created_at"
    from "legacy"."users" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.users' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  left join "drover"."resolution_accounts" as resolution on resolution.source_key = ("u"."id")::text collate "C"
  cross join lateral (
    select
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("u"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v1",
      lower(btrim(normalize("u"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v2",
      "u"."email" is null as "v3"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("u"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("u"."id") < (($4::text[])[1]::text))
), loaded as (
  insert into "app"."accounts" ("id", "email", "name")
  select "id", "email", "name"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_accounts" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'accounts', "s"."_key", $2::bigint,
    (array['no-email'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-email', 'email')) as guard (number, code, column_name)
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
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'accounts', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
)
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = (select count(*) from loaded),
  quarantined = (select count(*) from quarantined),
  "merged" = carried."merged",
  "matched" = carried."matched",
  "excluded" = 0,
  finished_at = clock_timestamp()
from (
  select count(*) filter (where "s"."_disposition" = 'merged') as "merged",
    count(*) filter (where "s"."_disposition" = 'matched') as "matched"
  from s
) as carried
where run_id = $1::bigint and mapping = 'accounts' and number = $2::bigint;
commit;

-- accounts: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("u"."id")::text] as bound, row_number() over (order by "u"."id") as position, count(*) as rows
  from "legacy"."users" as "u"
    where ($1::text[] is null or ("u"."id") >= (($1::text[])[1]::text)) and ($2::text[] is null or ("u"."id") < (($2::text[])[1]::text)) and "u"."id" is not null
  group by "u"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- accounts: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."users" as "u"
  where ($3::text[] is null or ("u"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("u"."id") < (($4::text[])[1]::text))
), s as materialized (
  select ("u"."id")::text as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."users" as original
      where original.ctid = "u"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::date else "t"."created_at" end as "created_at"
    from "legacy"."users" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.users' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  where ($3::text[] is null or ("u"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("u"."id") < (($4::text[])[1]::text))
), walked as (
  insert into "drover"."crosswalk_accounts" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'accounts', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'accounts' and number = $2::bigint
returning quarantined;
commit;

-- accounts: the key of the crosswalk
begin;
alter table "drover"."crosswalk_accounts" add primary key (source_key);
analyze "drover"."crosswalk_accounts";
commit;

-- accounts: the statistics of the target
begin;
analyze "app"."accounts";
commit;

-- accounts: close
begin;
-- what is checked late, now
set constraints all immediate;
-- duplicates whose survivor was not loaded. Repeated until no row is left. $2 here: the entry that adjusts the counts
with lost as (
  delete from drover.merge as merge
  using "drover"."crosswalk_accounts" as survivor
  where merge.run_id = $1::bigint and merge.mapping = 'accounts'
    and survivor.source_key = merge.survivor_key and survivor.disposition not in ('loaded', 'matched')
  returning merge.source_key
), walked as (
  update "drover"."crosswalk_accounts" as walked
  set disposition = 'quarantined', "id" = null
  from lost
  where walked.source_key = lost.source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'accounts', ("u"."id")::text, $2::bigint, 'survivor-quarantined',
    '[{"code": "survivor-quarantined", "column": null}]'::jsonb, (
      select to_jsonb("original".*)
      from "legacy"."users" as original
      where original.ctid = "u"."ctid"
    )
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::date else "t"."created_at" end as "created_at"
    from "legacy"."users" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.users' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  where ("u"."id")::text collate "C" in (select source_key from lost)
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'accounts', $2::bigint, 'adjustment', 'done', 0, 0, -n, 0, n, 0, clock_timestamp()
from (select count(*) as n from lost) as moved
where n > 0
returning number;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."users";
-- target rows after
select count(*) as n from "app"."accounts";
commit;

-- =================================================================================================
-- 2. notes: legacy.notes → app.notes
-- begins when accounts is done
-- =================================================================================================
-- notes: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_notes" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."notes";
-- target rows before
select count(*) as n from "app"."notes";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."notes" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."notes")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'notes', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- notes: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."notes" as "n"
  where ($3::text[] is null or ("n"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("n"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_2.v3" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."n.id")::int4 as "id",
    ("row"."ref_2.id")::uuid as "author",
    case when "row"."step_2.v3" then array_remove(array[case when ("row"."ref_2.source_key" is not null and "row"."ref_2.id" is null) then 1 end, case when ("row"."n.author")::text is not null and "row"."ref_2.source_key" is null then 2 end], null) end as "_reasons",
    "row"."n.ctid" as "_place"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."id" is null) or ("row"."n.author")::text is not null and "ref_2"."source_key" is null as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "row"."n.id" as "n.id",
    "ref_2"."id" as "ref_2.id",
    "ref_2"."source_key" as "ref_2.source_key",
    "row"."n.author" as "n.author",
    "row"."n.ctid" as "n.ctid"
  from (
  select
    "n"."author" as "n.author",
    ("n"."id")::text as "step_1.v1",
    "n"."id" as "n.id",
    "n"."ctid" as "n.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'author' then ("fix"."patch" ->> 'author')::text else "t"."author" end as "author"
    from "legacy"."notes" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.notes' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "n"
  where ($3::text[] is null or ("n"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("n"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_accounts" as "ref_2" on "ref_2"."source_key" = ("row"."n.author")::text collate "C"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."notes" ("id", "author")
  select "id", "author"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_notes" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'notes', "s"."_key", $2::bigint,
    (array['waiting', 'orphan'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'author'), (2, 'orphan', 'author')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."notes" as original
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
where run_id = $1::bigint and mapping = 'notes' and number = $2::bigint;
commit;

-- notes: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("n"."id")::text] as bound, row_number() over (order by "n"."id") as position, count(*) as rows
  from "legacy"."notes" as "n"
    where ($1::text[] is null or ("n"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("n"."id") < (($2::text[])[1]::int4)) and "n"."id" is not null
  group by "n"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- notes: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."notes" as "n"
  where ($3::text[] is null or ("n"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("n"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."notes" as original
      where original.ctid = "n"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'author' then ("fix"."patch" ->> 'author')::text else "t"."author" end as "author"
    from "legacy"."notes" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.notes' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "n"
  cross join lateral (
    select
      ("n"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("n"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("n"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_notes" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'notes', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'notes' and number = $2::bigint
returning quarantined;
commit;

-- notes: the key of the crosswalk
begin;
alter table "drover"."crosswalk_notes" add primary key (source_key);
analyze "drover"."crosswalk_notes";
commit;

-- notes: the statistics of the target
begin;
analyze "app"."notes";
commit;

-- notes_pkey
begin;
CREATE UNIQUE INDEX notes_pkey ON app.notes USING btree (id);
commit;

-- notes: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."notes";
-- target rows after
select count(*) as n from "app"."notes";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."notes" add constraint "notes_pkey" primary key using index "notes_pkey";
commit;

-- =================================================================================================
-- Foreign keys, when every mapping is closed. Each statement is a transaction.
-- =================================================================================================
-- foreign keys
begin;
alter table "app"."notes" add constraint "notes_author_fkey" FOREIGN KEY (author) REFERENCES app.accounts(id) not valid;
alter table "app"."notes" validate constraint "notes_author_fkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."notes" as t offset '0') as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."users" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- accounts: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'accounts', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::date else "t"."created_at" end as "created_at"
    from "legacy"."users" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.users' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  join "drover"."crosswalk_accounts" as walked on walked.source_key = ("u"."id")::text collate "C"
  where walked.disposition <> 'quarantined' and ((("u"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.users')))) as found
on conflict do nothing;
-- duplicates are told apart again
insert into "drover"."resolution_accounts"
  select source_key collate "C" as source_key,
    case
      when not _is_tried then _before
      when is_torn then 'torn'
      when source_key <> survivor_key then 'merged'
      when is_matched then 'matched'
      else 'loaded'
    end as disposition,
    survivor_key collate "C" as survivor_key,
    "id"
  from (
    select ("u"."id")::text as source_key,
      first_value(("u"."id")::text) over same as survivor_key,
      first_value(case when "own_1"."source_key" is null then "existing"."id" end is not null) over same as is_matched,
      case when "own_1"."source_key" is null then "existing"."id" end is not null and (case when "own_1"."source_key" is null then "existing"."id" end) is distinct from (first_value(case when "own_1"."source_key" is null then "existing"."id" end) over same) as is_torn,
      case when walked.disposition in ('loaded', 'matched') then "walked"."id" else first_value(case when walked.disposition in ('loaded', 'matched') then "walked"."id" else coalesce(case when "own_1"."source_key" is null then "existing"."id" end, ("step_1"."v1")::uuid) end) over same end as "id",
      walked.disposition as _before,
      ("u"."id")::text collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'accounts' and purpose in ('try') and not done) as _is_tried,
      bool_or(("u"."id")::text collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'accounts' and purpose in ('try', 'group') and not done)) over (partition by case when ("u"."id")::text in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'accounts') then ("u"."id")::text end, "step_2"."v4") as _is_touched
    from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::date else "t"."created_at" end as "created_at"
    from "legacy"."users" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.users' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  cross join lateral (
    select
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("u"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v1",
      "u"."email" is null as "v2",
      lower(btrim(normalize("u"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v3"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      ("step_1"."v3")::text as "v4"
    offset '0'
  ) as "step_2"
  left join "app"."accounts" as existing on "existing"."email" = "step_2"."v4"
  left join "drover"."crosswalk_accounts" as "own_1" on "own_1".disposition = 'loaded' and "own_1"."id" = "existing"."id"
  join "drover"."crosswalk_accounts" as walked on walked.source_key = ("u"."id")::text collate "C"
    where ("step_1"."v2") is not true and (walked.disposition <> 'excluded' and not (walked.disposition = 'quarantined' and ("u"."id")::text collate "C" in (
        select source_key
        from drover.quarantine
        where run_id = $1::bigint and mapping = 'accounts' and accepted_at is not null
      )) or ("u"."id")::text collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'accounts' and purpose in ('try') and not done))
    window same as (partition by case when ("u"."id")::text in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'accounts') then ("u"."id")::text end, "step_2"."v4" order by (walked.disposition in ('loaded', 'matched')) desc, (case when "own_1"."source_key" is null then "existing"."id" end is not null) desc, "u"."created_at" asc nulls last, ("u"."id")::text collate "C")
  ) as grouped
  where _is_touched and (_is_tried or _before <> 'quarantined')
on conflict (source_key) do update set "disposition" = "excluded"."disposition", "survivor_key" = "excluded"."survivor_key", "id" = "excluded"."id";
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "step_1"."v3" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    ("u"."id")::text as "_key",
    ("step_1"."v1")::uuid as "id",
    ("step_1"."v2")::text as "email",
    ("u"."name")::text as "name",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "step_1"."v3" then array_remove(array[case when "u"."email" is null then 1 end], null) end as "_reasons",
    "u"."ctid" as "_place"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::date else "t"."created_at" end as "created_at"
    from "legacy"."users" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.users' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  left join "drover"."resolution_accounts" as resolution on resolution.source_key = ("u"."id")::text collate "C"
  cross join lateral (
    select
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("u"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v1",
      lower(btrim(normalize("u"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v2",
      "u"."email" is null as "v3"
    offset '0'
  ) as "step_1"
  where "u"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'accounts' and purpose in ('try') and not done) as named)
  ) as made
  join "drover"."crosswalk_accounts" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."accounts" ("id", "email", "name")
  select "id", "email", "name"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_accounts" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'accounts', "s"."_key", $2::bigint,
    (array['no-email'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-email', 'email')) as guard (number, code, column_name)
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'accounts' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), parted as (
  delete from drover.merge as m
  using s
  where "m"."run_id" = $1::bigint and "m"."mapping" = 'accounts' and "m"."source_key" = "s"."_key"
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'accounts', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'accounts' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'accounts' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'accounts', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'accounts', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_accounts" (like "app"."accounts", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "step_1"."v3" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    ("u"."id")::text as "_key",
    ("step_1"."v1")::uuid as "id",
    ("step_1"."v2")::text as "email",
    ("u"."name")::text as "name",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "step_1"."v3" then array_remove(array[case when "u"."email" is null then 1 end], null) end as "_reasons"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::date else "t"."created_at" end as "created_at"
    from "legacy"."users" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.users' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  left join "drover"."resolution_accounts" as resolution on resolution.source_key = ("u"."id")::text collate "C"
  cross join lateral (
    select
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("u"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v1",
      lower(btrim(normalize("u"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v2",
      "u"."email" is null as "v3"
    offset '0'
  ) as "step_1"
  where "u"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'accounts' and purpose in ('change') and not done) as named)
  ) as made
  join "drover"."crosswalk_accounts" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."accounts" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."email") is distinct from ("s"."email") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."name") is distinct from ("s"."name"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_accounts" ("id", "email", "name", "drover_version")
  select "id", "email", "name", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."accounts" as t
  set "email" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."email" else "t"."email" end,
    "name" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."name" else "t"."name" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'accounts', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('email', array['*']), ('name', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'accounts' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'accounts' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;

-- notes: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'notes', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'author' then ("fix"."patch" ->> 'author')::text else "t"."author" end as "author"
    from "legacy"."notes" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.notes' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "n"
  cross join lateral (
    select
      ("n"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_notes" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("n"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.notes')))) as found
on conflict do nothing;
-- rows that refer to moved rows of accounts
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'notes', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'author' then ("fix"."patch" ->> 'author')::text else "t"."author" end as "author"
    from "legacy"."notes" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.notes' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "n"
  cross join lateral (
    select
      ("n"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_notes" as walked on walked.source_key = "step_1"."v1" collate "C"
  where ((("n"."author")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'accounts' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'notes' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of accounts
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'author' then ("fix"."patch" ->> 'author')::text else "t"."author" end as "author"
    from "legacy"."notes" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.notes' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "n"
  cross join lateral (
    select
      ("n"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_notes" as walked on walked.source_key = "step_1"."v1" collate "C"
  where ((("n"."author")::text) collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'notes' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_2.v3" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."n.id")::int4 as "id",
    ("row"."ref_2.id")::uuid as "author",
    case when "row"."step_2.v3" then array_remove(array[case when ("row"."ref_2.source_key" is not null and "row"."ref_2.id" is null) then 1 end, case when ("row"."n.author")::text is not null and "row"."ref_2.source_key" is null then 2 end], null) end as "_reasons",
    "row"."n.ctid" as "_place"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."id" is null) or ("row"."n.author")::text is not null and "ref_2"."source_key" is null as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "row"."n.id" as "n.id",
    "ref_2"."id" as "ref_2.id",
    "ref_2"."source_key" as "ref_2.source_key",
    "row"."n.author" as "n.author",
    "row"."n.ctid" as "n.ctid"
  from (
  select
    "n"."author" as "n.author",
    ("n"."id")::text as "step_1.v1",
    "n"."id" as "n.id",
    "n"."ctid" as "n.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'author' then ("fix"."patch" ->> 'author')::text else "t"."author" end as "author"
    from "legacy"."notes" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.notes' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "n"
  where "n"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'notes' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_accounts" as "ref_2" on "ref_2"."source_key" = ("row"."n.author")::text collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_notes" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."notes" ("id", "author")
  select "id", "author"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_notes" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'notes', "s"."_key", $2::bigint,
    (array['waiting', 'orphan'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'author'), (2, 'orphan', 'author')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."notes" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'notes' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'notes' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'notes' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'notes', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'notes', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_notes" (like "app"."notes", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_2.v3" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."n.id")::int4 as "id",
    ("row"."ref_2.id")::uuid as "author",
    case when "row"."step_2.v3" then array_remove(array[case when ("row"."ref_2.source_key" is not null and "row"."ref_2.id" is null) then 1 end, case when ("row"."n.author")::text is not null and "row"."ref_2.source_key" is null then 2 end], null) end as "_reasons"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."id" is null) or ("row"."n.author")::text is not null and "ref_2"."source_key" is null as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "row"."n.id" as "n.id",
    "ref_2"."id" as "ref_2.id",
    "ref_2"."source_key" as "ref_2.source_key",
    "row"."n.author" as "n.author",
    "row"."n.ctid" as "n.ctid"
  from (
  select
    "n"."author" as "n.author",
    ("n"."id")::text as "step_1.v1",
    "n"."id" as "n.id",
    "n"."ctid" as "n.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'author' then ("fix"."patch" ->> 'author')::text else "t"."author" end as "author"
    from "legacy"."notes" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.notes' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "n"
  where "n"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'notes' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_accounts" as "ref_2" on "ref_2"."source_key" = ("row"."n.author")::text collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_notes" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."notes" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'accounts'] and s._stands = 'loaded') and ("existing"."author") is distinct from ("s"."author"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_notes" ("id", "author", "drover_version")
  select "id", "author", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."notes" as t
  set "author" = case when ($2::text[] && array['*', 'accounts'] and s._stands = 'loaded') then "s"."author" else "t"."author" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'notes', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('author', array['*', 'accounts'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'notes' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'notes' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
