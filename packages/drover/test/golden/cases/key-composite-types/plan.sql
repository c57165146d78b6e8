-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."rosters" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- 1. rosters: legacy.rosters → app.rosters
-- =================================================================================================
-- rosters: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_rosters" (
  source_key text collate "C" not null,
  disposition text not null,
  "day" date,
  "shift" text,
  "place" text
);
-- source rows
select count(*) as n from "legacy"."rosters";
-- target rows before
select count(*) as n from "app"."rosters";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."day"::text, "k"."shift"::text, "k"."place"::text] as bound,
      row_number() over (order by "k"."day", "k"."shift", "k"."place") as position
    from "legacy"."rosters" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."rosters")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'rosters', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- rosters: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."rosters" as "r"
  where ($3::text[] is null or ("r"."day", "r"."shift", "r"."place") >= (($3::text[])[1]::date, ($3::text[])[2]::"legacy"."shift", ($3::text[])[3]::text)) and ($4::text[] is null or ("r"."day", "r"."shift", "r"."place") < (($4::text[])[1]::date, ($4::text[])[2]::"legacy"."shift", ($4::text[])[3]::text))
), s as materialized (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."r.day")::date as "day",
    ("row"."r.shift"::text)::text as "shift",
    ("row"."r.place")::text as "place",
    ("row"."r.person")::text as "person"
  from (
  select
    case when ("r"."day") is not null and ("r"."shift") is not null and ("r"."place") is not null then json_build_array(("r"."day")::text, ("r"."shift")::text, ("r"."place")::text)::text end as "step_1.v1",
    "r"."day" as "r.day",
    "r"."shift" as "r.shift",
    "r"."place" as "r.place",
    "r"."person" as "r.person"
  from (
    select "t"."ctid",
      "t"."day",
      "t"."shift",
      "t"."place",
      case when "fix"."patch" ? 'person' then ("fix"."patch" ->> 'person')::text else "t"."person" end as "person"
    from "legacy"."rosters" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.rosters' and fix.row_key = (case when ("t"."day") is not null and ("t"."shift") is not null and ("t"."place") is not null then json_build_array(("t"."day")::text, ("t"."shift")::text, ("t"."place")::text)::text end) collate "C"
  ) as "r"
  where ($3::text[] is null or ("r"."day", "r"."shift", "r"."place") >= (($3::text[])[1]::date, ($3::text[])[2]::"legacy"."shift", ($3::text[])[3]::text)) and ($4::text[] is null or ("r"."day", "r"."shift", "r"."place") < (($4::text[])[1]::date, ($4::text[])[2]::"legacy"."shift", ($4::text[])[3]::text))
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."rosters" ("day", "shift", "place", "person")
  select "day", "shift", "place", "person"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_rosters" (source_key, disposition, "day", "shift", "place")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."day" end, case "s"."_disposition" when 'loaded' then "s"."shift" end, case "s"."_disposition" when 'loaded' then "s"."place" end
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
where run_id = $1::bigint and mapping = 'rosters' and number = $2::bigint;
commit;

-- rosters: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("r"."day")::text, ("r"."shift")::text, ("r"."place")::text] as bound, row_number() over (order by "r"."day", "r"."shift", "r"."place") as position, count(*) as rows
  from "legacy"."rosters" as "r"
    where ($1::text[] is null or ("r"."day", "r"."shift", "r"."place") >= (($1::text[])[1]::date, ($1::text[])[2]::"legacy"."shift", ($1::text[])[3]::text)) and ($2::text[] is null or ("r"."day", "r"."shift", "r"."place") < (($2::text[])[1]::date, ($2::text[])[2]::"legacy"."shift", ($2::text[])[3]::text)) and "r"."day" is not null and "r"."shift" is not null and "r"."place" is not null
  group by "r"."day", "r"."shift", "r"."place"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- rosters: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."rosters" as "r"
  where ($3::text[] is null or ("r"."day", "r"."shift", "r"."place") >= (($3::text[])[1]::date, ($3::text[])[2]::"legacy"."shift", ($3::text[])[3]::text)) and ($4::text[] is null or ("r"."day", "r"."shift", "r"."place") < (($4::text[])[1]::date, ($4::text[])[2]::"legacy"."shift", ($4::text[])[3]::text))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."rosters" as original
      where original.ctid = "r"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."day",
      "t"."shift",
      "t"."place",
      case when "fix"."patch" ? 'person' then ("fix"."patch" ->> 'person')::text else "t"."person" end as "person"
    from "legacy"."rosters" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.rosters' and fix.row_key = (case when ("t"."day") is not null and ("t"."shift") is not null and ("t"."place") is not null then json_build_array(("t"."day")::text, ("t"."shift")::text, ("t"."place")::text)::text end) collate "C"
  ) as "r"
  cross join lateral (
    select
      case when ("r"."day") is not null and ("r"."shift") is not null and ("r"."place") is not null then json_build_array(("r"."day")::text, ("r"."shift")::text, ("r"."place")::text)::text end as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("r"."day", "r"."shift", "r"."place") >= (($3::text[])[1]::date, ($3::text[])[2]::"legacy"."shift", ($3::text[])[3]::text)) and ($4::text[] is null or ("r"."day", "r"."shift", "r"."place") < (($4::text[])[1]::date, ($4::text[])[2]::"legacy"."shift", ($4::text[])[3]::text))
), walked as (
  insert into "drover"."crosswalk_rosters" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'rosters', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'rosters' and number = $2::bigint
returning quarantined;
commit;

-- rosters: the key of the crosswalk
begin;
alter table "drover"."crosswalk_rosters" add primary key (source_key);
analyze "drover"."crosswalk_rosters";
commit;

-- rosters: the statistics of the target
begin;
analyze "app"."rosters";
commit;

-- rosters: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."rosters";
-- target rows after
select count(*) as n from "app"."rosters";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."rosters" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- rosters: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'rosters', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."day",
      "t"."shift",
      "t"."place",
      case when "fix"."patch" ? 'person' then ("fix"."patch" ->> 'person')::text else "t"."person" end as "person"
    from "legacy"."rosters" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.rosters' and fix.row_key = (case when ("t"."day") is not null and ("t"."shift") is not null and ("t"."place") is not null then json_build_array(("t"."day")::text, ("t"."shift")::text, ("t"."place")::text)::text end) collate "C"
  ) as "r"
  cross join lateral (
    select
      case when ("r"."day") is not null and ("r"."shift") is not null and ("r"."place") is not null then json_build_array(("r"."day")::text, ("r"."shift")::text, ("r"."place")::text)::text end as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_rosters" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((case when ("r"."day") is not null and ("r"."shift") is not null and ("r"."place") is not null then json_build_array(("r"."day")::text, ("r"."shift")::text, ("r"."place")::text)::text end) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.rosters')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."r.day")::date as "day",
    ("row"."r.shift"::text)::text as "shift",
    ("row"."r.place")::text as "place",
    ("row"."r.person")::text as "person"
  from (
  select
    case when ("r"."day") is not null and ("r"."shift") is not null and ("r"."place") is not null then json_build_array(("r"."day")::text, ("r"."shift")::text, ("r"."place")::text)::text end as "step_1.v1",
    "r"."day" as "r.day",
    "r"."shift" as "r.shift",
    "r"."place" as "r.place",
    "r"."person" as "r.person"
  from (
    select "t"."ctid",
      "t"."day",
      "t"."shift",
      "t"."place",
      case when "fix"."patch" ? 'person' then ("fix"."patch" ->> 'person')::text else "t"."person" end as "person"
    from "legacy"."rosters" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.rosters' and fix.row_key = (case when ("t"."day") is not null and ("t"."shift") is not null and ("t"."place") is not null then json_build_array(("t"."day")::text, ("t"."shift")::text, ("t"."place")::text)::text end) collate "C"
  ) as "r"
  where ("r"."day", "r"."shift", "r"."place") in (select (source_key::jsonb ->> 0)::date, (source_key::jsonb ->> 1)::"legacy"."shift", (source_key::jsonb ->> 2)::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'rosters' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_rosters" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."rosters" ("day", "shift", "place", "person")
  select "day", "shift", "place", "person"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_rosters" as walked
  set disposition = "s"."_disposition", "day" = case "s"."_disposition" when 'loaded' then "s"."day" end, "shift" = case "s"."_disposition" when 'loaded' then "s"."shift" end, "place" = case "s"."_disposition" when 'loaded' then "s"."place" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'rosters' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'rosters' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'rosters' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'rosters', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'rosters', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_rosters" (like "app"."rosters", "drover_version" bigint not null, primary key ("day", "shift", "place"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."day" as "_walked_day",
    "walked"."shift" as "_walked_shift",
    "walked"."place" as "_walked_place"
  from (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."r.day")::date as "day",
    ("row"."r.shift"::text)::text as "shift",
    ("row"."r.place")::text as "place",
    ("row"."r.person")::text as "person"
  from (
  select
    case when ("r"."day") is not null and ("r"."shift") is not null and ("r"."place") is not null then json_build_array(("r"."day")::text, ("r"."shift")::text, ("r"."place")::text)::text end as "step_1.v1",
    "r"."day" as "r.day",
    "r"."shift" as "r.shift",
    "r"."place" as "r.place",
    "r"."person" as "r.person"
  from (
    select "t"."ctid",
      "t"."day",
      "t"."shift",
      "t"."place",
      case when "fix"."patch" ? 'person' then ("fix"."patch" ->> 'person')::text else "t"."person" end as "person"
    from "legacy"."rosters" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.rosters' and fix.row_key = (case when ("t"."day") is not null and ("t"."shift") is not null and ("t"."place") is not null then json_build_array(("t"."day")::text, ("t"."shift")::text, ("t"."place")::text)::text end) collate "C"
  ) as "r"
  where ("r"."day", "r"."shift", "r"."place") in (select (source_key::jsonb ->> 0)::date, (source_key::jsonb ->> 1)::"legacy"."shift", (source_key::jsonb ->> 2)::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'rosters' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_rosters" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."rosters" as existing
  join s on "existing"."day" = "s"."_walked_day" and "existing"."shift" = "s"."_walked_shift" and "existing"."place" = "s"."_walked_place"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."person") is distinct from ("s"."person"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_rosters" ("day", "shift", "place", "person", "drover_version")
  select "day", "shift", "place", "person", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."rosters" as t
  set "person" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."person" else "t"."person" end
  from s, locked
  where "t"."day" = "s"."_walked_day" and "t"."shift" = "s"."_walked_shift" and "t"."place" = "s"."_walked_place" and "locked"."day" = "t"."day" and "locked"."shift" = "t"."shift" and "locked"."place" = "t"."place"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'rosters', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('person', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'rosters' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'rosters' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
