-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."days" as t) as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."readings" as t) as hashed;
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
    "step_1"."v1" as "_key",
    ("r"."at")::timestamptz as "at",
    ("r"."value")::int4 as "value",
    'loaded' as "_disposition"
  from "legacy"."readings" as "r"
  cross join lateral (
    select
      ("r"."at")::text as "v1"
    offset 0
  ) as "step_1"
  where ($3::text[] is null or ("r"."at") >= (($3::text[])[1]::timestamptz)) and ($4::text[] is null or ("r"."at") < (($4::text[])[1]::timestamptz))
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
  returning disposition
), quarantined as (select where false)
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = (select count(*) from loaded),
  merged = (select count(*) from walked where disposition = 'merged'),
  matched = (select count(*) from walked where disposition = 'matched'),
  quarantined = (select count(*) from quarantined),
  excluded = (select count(*) from walked where disposition = 'excluded'),
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
    to_jsonb("r".*) as original
  from "legacy"."readings" as "r"
  cross join lateral (
    select
      ("r"."at")::text as "v1"
    offset 0
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

-- readings: close
begin;
alter table "drover"."crosswalk_readings" add primary key (source_key);
analyze "drover"."crosswalk_readings";
analyze "app"."readings";
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
    "step_1"."v1" as "_key",
    ("d"."day")::date as "day",
    ("ref_3"."at")::timestamptz as "first_at",
    'loaded' as "_disposition",
    case when "step_3"."v4" or "step_3"."v5" then array[case when "step_3"."v4" then 1 end, case when "step_3"."v5" then 2 end] end as "_logged",
    case when "step_3"."v4" or "step_3"."v5" then array[("step_1"."v2")::text, ("step_1"."v2")::text]::text[] end as "_originals"
  from "legacy"."days" as "d"
  cross join lateral (
    select
      ("d"."day")::text as "v1",
      ("d"."first_at")::text as "v2"
    offset 0
  ) as "step_1"
  left join "drover"."crosswalk_readings" as "ref_3" on "ref_3"."source_key" = "step_1"."v2" collate "C"
  cross join lateral (
    select
      ("ref_3"."source_key" is not null and "ref_3"."at" is null) as "v4",
      "step_1"."v2" is not null and "ref_3"."source_key" is null as "v5"
    offset 0
  ) as "step_3"
  where ($3::text[] is null or ("d"."day") >= (($3::text[])[1]::date)) and ($4::text[] is null or ("d"."day") < (($4::text[])[1]::date))
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
  returning disposition
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
  merged = (select count(*) from walked where disposition = 'merged'),
  matched = (select count(*) from walked where disposition = 'matched'),
  quarantined = (select count(*) from quarantined),
  excluded = (select count(*) from walked where disposition = 'excluded'),
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
    to_jsonb("d".*) as original
  from "legacy"."days" as "d"
  cross join lateral (
    select
      ("d"."day")::text as "v1"
    offset 0
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

-- days: close
begin;
alter table "drover"."crosswalk_days" add primary key (source_key);
analyze "drover"."crosswalk_days";
analyze "app"."days";
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."days";
-- target rows after
select count(*) as n from "app"."days";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."days" as t) as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."readings" as t) as hashed;
commit;
