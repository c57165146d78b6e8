-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.readings (1), app.days (2).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."days" as t offset '0') as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."readings" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."days" drop constraint "days_first_at_fkey";
alter table "app"."days" drop constraint "days_pkey";
alter table "app"."readings" drop constraint "readings_pkey";
commit;

-- =================================================================================================
-- 1. readings: legacy.readings → app.readings
-- =================================================================================================
-- readings: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_readings" (
  source_key text collate "C" not null,
  disposition text not null,
  "at" timestamptz
);
-- source rows
select count(*) as n from "legacy"."readings";
-- target rows before
select count(*) as n from "app"."readings";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."at"::text] as bound,
      row_number() over (order by "k"."at") as position
    from "legacy"."readings" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."readings")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'readings', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- readings: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."readings" as "r"
  where ($3::text[] is null or ("r"."at") >= (($3::text[])[1]::timestamptz)) and ($4::text[] is null or ("r"."at") < (($4::text[])[1]::timestamptz))
), s as materialized (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."r.at")::timestamptz as "at",
    ("row"."r.value")::int4 as "value"
  from (
  select
    ("r"."at")::text as "step_1.v1",
    "r"."at" as "r.at",
    "r"."value" as "r.value"
  from (
    select "t"."ctid",
      "t"."at",
      case when "fix"."patch" ? 'previous' then ("fix"."patch" ->> 'previous')::timestamptz else "t"."previous" end as "previous",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::int4 else "t"."value" end as "value"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.readings' and fix.row_key = (("t"."at")::text) collate "C"
  ) as "r"
  where ($3::text[] is null or ("r"."at") >= (($3::text[])[1]::timestamptz)) and ($4::text[] is null or ("r"."at") < (($4::text[])[1]::timestamptz))
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."readings" ("at", "value")
  select "at", "value"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_readings" (source_key, disposition, "at")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."at" end
  from s
), quarantined as (select where false)
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = (select count(*) from loaded),
  quarantined = (select count(*) from quarantined),
  "merged" = 0,
  "matched" = 0,
  "excluded" = 0,
  finished_at = clock_timestamp()
where run_id = $1::bigint and mapping = 'readings' and number = $2::bigint;
commit;

-- readings: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("r"."at")::text] as bound, row_number() over (order by "r"."at") as position, count(*) as rows
  from "legacy"."readings" as "r"
    where ($1::text[] is null or ("r"."at") >= (($1::text[])[1]::timestamptz)) and ($2::text[] is null or ("r"."at") < (($2::text[])[1]::timestamptz)) and "r"."at" is not null
  group by "r"."at"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- readings: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."readings" as "r"
  where ($3::text[] is null or ("r"."at") >= (($3::text[])[1]::timestamptz)) and ($4::text[] is null or ("r"."at") < (($4::text[])[1]::timestamptz))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."readings" as original
      where original.ctid = "r"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."at",
      case when "fix"."patch" ? 'previous' then ("fix"."patch" ->> 'previous')::timestamptz else "t"."previous" end as "previous",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::int4 else "t"."value" end as "value"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.readings' and fix.row_key = (("t"."at")::text) collate "C"
  ) as "r"
  cross join lateral (
    select
      ("r"."at")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("r"."at") >= (($3::text[])[1]::timestamptz)) and ($4::text[] is null or ("r"."at") < (($4::text[])[1]::timestamptz))
), walked as (
  insert into "drover"."crosswalk_readings" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'readings', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'readings' and number = $2::bigint
returning quarantined;
commit;

-- readings: the key of the crosswalk
begin;
alter table "drover"."crosswalk_readings" add primary key (source_key);
analyze "drover"."crosswalk_readings";
commit;

-- readings: the statistics of the target
begin;
analyze "app"."readings";
commit;

-- readings_pkey
begin;
CREATE UNIQUE INDEX readings_pkey ON app.readings USING btree (at);
commit;

-- readings: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."readings";
-- target rows after
select count(*) as n from "app"."readings";
commit;

-- =================================================================================================
-- 2. days: legacy.days → app.days
-- begins when readings is done
-- =================================================================================================
-- days: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_days" (
  source_key text collate "C" not null,
  disposition text not null,
  "day" date
);
-- source rows
select count(*) as n from "legacy"."days";
-- target rows before
select count(*) as n from "app"."days";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."day"::text] as bound,
      row_number() over (order by "k"."day") as position
    from "legacy"."days" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."days")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'days', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- days: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."days" as "d"
  where ($3::text[] is null or ("d"."day") >= (($3::text[])[1]::date)) and ($4::text[] is null or ("d"."day") < (($4::text[])[1]::date))
), s as materialized (
  select
    'loaded' as "_disposition",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[case when "row"."step_3.v4" then 1 end, case when "row"."step_3.v5" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."d.day")::date as "day",
    ("row"."ref_3.at")::timestamptz as "first_at",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[("row"."step_1.v2")::text, ("row"."step_1.v2")::text]::text[] end as "_originals"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."at" is null) as "step_3.v4",
    "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."d.day" as "d.day",
    "ref_3"."at" as "ref_3.at",
    "row"."step_1.v2" as "step_1.v2"
  from (
  select
    ("d"."first_at")::text as "step_1.v2",
    ("d"."day")::text as "step_1.v1",
    "d"."day" as "d.day"
  from (
    select "t"."ctid",
      "t"."day",
      case when "fix"."patch" ? 'first_at' then ("fix"."patch" ->> 'first_at')::timestamptz else "t"."first_at" end as "first_at"
    from "legacy"."days" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.days' and fix.row_key = (("t"."day")::text) collate "C"
  ) as "d"
  where ($3::text[] is null or ("d"."day") >= (($3::text[])[1]::date)) and ($4::text[] is null or ("d"."day") < (($4::text[])[1]::date))
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_readings" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."days" ("day", "first_at")
  select "day", "first_at"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_days" (source_key, disposition, "day")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."day" end
  from s
), quarantined as (select where false), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'days', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'first_at'), (2, 'orphan', 'first_at')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'days' and number = $2::bigint;
commit;

-- days: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("d"."day")::text] as bound, row_number() over (order by "d"."day") as position, count(*) as rows
  from "legacy"."days" as "d"
    where ($1::text[] is null or ("d"."day") >= (($1::text[])[1]::date)) and ($2::text[] is null or ("d"."day") < (($2::text[])[1]::date)) and "d"."day" is not null
  group by "d"."day"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- days: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."days" as "d"
  where ($3::text[] is null or ("d"."day") >= (($3::text[])[1]::date)) and ($4::text[] is null or ("d"."day") < (($4::text[])[1]::date))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."days" as original
      where original.ctid = "d"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."day",
      case when "fix"."patch" ? 'first_at' then ("fix"."patch" ->> 'first_at')::timestamptz else "t"."first_at" end as "first_at"
    from "legacy"."days" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.days' and fix.row_key = (("t"."day")::text) collate "C"
  ) as "d"
  cross join lateral (
    select
      ("d"."day")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("d"."day") >= (($3::text[])[1]::date)) and ($4::text[] is null or ("d"."day") < (($4::text[])[1]::date))
), walked as (
  insert into "drover"."crosswalk_days" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'days', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'days' and number = $2::bigint
returning quarantined;
commit;

-- days: the key of the crosswalk
begin;
alter table "drover"."crosswalk_days" add primary key (source_key);
analyze "drover"."crosswalk_days";
commit;

-- days: the statistics of the target
begin;
analyze "app"."days";
commit;

-- days_pkey
begin;
CREATE UNIQUE INDEX days_pkey ON app.days USING btree (day);
commit;

-- days: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."days";
-- target rows after
select count(*) as n from "app"."days";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."readings" add constraint "readings_pkey" primary key using index "readings_pkey";
alter table "app"."days" add constraint "days_pkey" primary key using index "days_pkey";
commit;

-- =================================================================================================
-- Foreign keys, when every mapping is closed. Each statement is a transaction.
-- =================================================================================================
-- foreign keys
begin;
alter table "app"."days" add constraint "days_first_at_fkey" FOREIGN KEY (first_at) REFERENCES app.readings(at) not valid;
alter table "app"."days" validate constraint "days_first_at_fkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."days" as t offset '0') as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."readings" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- readings: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'readings', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."at",
      case when "fix"."patch" ? 'previous' then ("fix"."patch" ->> 'previous')::timestamptz else "t"."previous" end as "previous",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::int4 else "t"."value" end as "value"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.readings' and fix.row_key = (("t"."at")::text) collate "C"
  ) as "r"
  cross join lateral (
    select
      ("r"."at")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_readings" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("r"."at")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.readings')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."r.at")::timestamptz as "at",
    ("row"."r.value")::int4 as "value"
  from (
  select
    ("r"."at")::text as "step_1.v1",
    "r"."at" as "r.at",
    "r"."value" as "r.value"
  from (
    select "t"."ctid",
      "t"."at",
      case when "fix"."patch" ? 'previous' then ("fix"."patch" ->> 'previous')::timestamptz else "t"."previous" end as "previous",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::int4 else "t"."value" end as "value"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.readings' and fix.row_key = (("t"."at")::text) collate "C"
  ) as "r"
  where "r"."at" in (select source_key::timestamptz from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'readings' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_readings" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."readings" ("at", "value")
  select "at", "value"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_readings" as walked
  set disposition = "s"."_disposition", "at" = case "s"."_disposition" when 'loaded' then "s"."at" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'readings' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'readings' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'readings' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'readings', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'readings', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_readings" (like "app"."readings", "drover_version" bigint not null, primary key ("at"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."at" as "_walked_at"
  from (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."r.at")::timestamptz as "at",
    ("row"."r.value")::int4 as "value"
  from (
  select
    ("r"."at")::text as "step_1.v1",
    "r"."at" as "r.at",
    "r"."value" as "r.value"
  from (
    select "t"."ctid",
      "t"."at",
      case when "fix"."patch" ? 'previous' then ("fix"."patch" ->> 'previous')::timestamptz else "t"."previous" end as "previous",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::int4 else "t"."value" end as "value"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.readings' and fix.row_key = (("t"."at")::text) collate "C"
  ) as "r"
  where "r"."at" in (select source_key::timestamptz from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'readings' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_readings" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."readings" as existing
  join s on "existing"."at" = "s"."_walked_at"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."value") is distinct from ("s"."value"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_readings" ("at", "value", "drover_version")
  select "at", "value", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."readings" as t
  set "value" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."value" else "t"."value" end
  from s, locked
  where "t"."at" = "s"."_walked_at" and "locked"."at" = "t"."at"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'readings', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('value', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'readings' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'readings' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;

-- days: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'days', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."day",
      case when "fix"."patch" ? 'first_at' then ("fix"."patch" ->> 'first_at')::timestamptz else "t"."first_at" end as "first_at"
    from "legacy"."days" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.days' and fix.row_key = (("t"."day")::text) collate "C"
  ) as "d"
  cross join lateral (
    select
      ("d"."day")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_days" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("d"."day")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.days')))) as found
on conflict do nothing;
-- rows that refer to moved rows of readings
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'days', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."day",
      case when "fix"."patch" ? 'first_at' then ("fix"."patch" ->> 'first_at')::timestamptz else "t"."first_at" end as "first_at"
    from "legacy"."days" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.days' and fix.row_key = (("t"."day")::text) collate "C"
  ) as "d"
  cross join lateral (
    select
      ("d"."day")::text as "v1",
      ("d"."first_at")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_days" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'readings' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'days' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of readings
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."day",
      case when "fix"."patch" ? 'first_at' then ("fix"."patch" ->> 'first_at')::timestamptz else "t"."first_at" end as "first_at"
    from "legacy"."days" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.days' and fix.row_key = (("t"."day")::text) collate "C"
  ) as "d"
  cross join lateral (
    select
      ("d"."day")::text as "v1",
      ("d"."first_at")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_days" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'days' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[case when "row"."step_3.v4" then 1 end, case when "row"."step_3.v5" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."d.day")::date as "day",
    ("row"."ref_3.at")::timestamptz as "first_at",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[("row"."step_1.v2")::text, ("row"."step_1.v2")::text]::text[] end as "_originals"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."at" is null) as "step_3.v4",
    "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."d.day" as "d.day",
    "ref_3"."at" as "ref_3.at",
    "row"."step_1.v2" as "step_1.v2"
  from (
  select
    ("d"."first_at")::text as "step_1.v2",
    ("d"."day")::text as "step_1.v1",
    "d"."day" as "d.day"
  from (
    select "t"."ctid",
      "t"."day",
      case when "fix"."patch" ? 'first_at' then ("fix"."patch" ->> 'first_at')::timestamptz else "t"."first_at" end as "first_at"
    from "legacy"."days" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.days' and fix.row_key = (("t"."day")::text) collate "C"
  ) as "d"
  where "d"."day" in (select source_key::date from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'days' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_readings" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_days" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."days" ("day", "first_at")
  select "day", "first_at"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_days" as walked
  set disposition = "s"."_disposition", "day" = case "s"."_disposition" when 'loaded' then "s"."day" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'days' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'days' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'days' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'days', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'first_at'), (2, 'orphan', 'first_at')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'days', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'days', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_days" (like "app"."days", "drover_version" bigint not null, primary key ("day"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."day" as "_walked_day"
  from (
  select
    'loaded' as "_disposition",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[case when "row"."step_3.v4" then 1 end, case when "row"."step_3.v5" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."d.day")::date as "day",
    ("row"."ref_3.at")::timestamptz as "first_at",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[("row"."step_1.v2")::text, ("row"."step_1.v2")::text]::text[] end as "_originals"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."at" is null) as "step_3.v4",
    "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."d.day" as "d.day",
    "ref_3"."at" as "ref_3.at",
    "row"."step_1.v2" as "step_1.v2"
  from (
  select
    ("d"."first_at")::text as "step_1.v2",
    ("d"."day")::text as "step_1.v1",
    "d"."day" as "d.day"
  from (
    select "t"."ctid",
      "t"."day",
      case when "fix"."patch" ? 'first_at' then ("fix"."patch" ->> 'first_at')::timestamptz else "t"."first_at" end as "first_at"
    from "legacy"."days" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.days' and fix.row_key = (("t"."day")::text) collate "C"
  ) as "d"
  where "d"."day" in (select source_key::date from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'days' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_readings" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_days" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."days" as existing
  join s on "existing"."day" = "s"."_walked_day"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'readings'] and s._stands = 'loaded') and ("existing"."first_at") is distinct from ("s"."first_at"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_days" ("day", "first_at", "drover_version")
  select "day", "first_at", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."days" as t
  set "first_at" = case when ($2::text[] && array['*', 'readings'] and s._stands = 'loaded') then "s"."first_at" else "t"."first_at" end
  from s, locked
  where "t"."day" = "s"."_walked_day" and "locked"."day" = "t"."day"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'days', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('first_at', array['*', 'readings'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'days' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'days' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'days', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'first_at'), (2, 'orphan', 'first_at')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
