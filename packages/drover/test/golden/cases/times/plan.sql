-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.visits (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."visits" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."visits" drop constraint "visits_pkey";
commit;

-- =================================================================================================
-- 1. visits: legacy.visits → app.visits
-- =================================================================================================
-- visits: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_visits" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."visits";
-- target rows before
select count(*) as n from "app"."visits";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."visits" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."visits")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'visits', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- visits: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."visits" as "v"
  where ($3::text[] is null or ("v"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("v"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "step_2"."v38" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_2"."v19" or "step_4"."v20" or "step_4"."v21" or "step_2"."v22" or "step_2"."v23" or "step_2"."v24" or "step_4"."v25" or "step_4"."v26" or "step_2"."v27" or "step_4"."v28" or "step_4"."v29" or "step_4"."v30" or "step_8"."v31" or "step_6"."v32" or "step_6"."v33" or "step_2"."v34" or "step_2"."v35" or "step_3"."v36" then array[case when "step_2"."v19" then 1 end, case when "step_4"."v20" then 2 end, case when "step_4"."v21" then 3 end, case when "step_2"."v22" then 4 end, case when "step_2"."v23" then 5 end, case when "step_2"."v24" then 6 end, case when "step_4"."v25" then 7 end, case when "step_4"."v26" then 8 end, case when "step_2"."v27" then 9 end, case when "step_4"."v28" then 10 end, case when "step_4"."v29" then 11 end, case when "step_4"."v30" then 12 end, case when "step_8"."v31" then 13 end, case when "step_6"."v32" then 14 end, case when "step_6"."v33" then 15 end, case when "step_2"."v34" then 16 end, case when "step_2"."v35" then 17 end, case when "step_3"."v36" then 18 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("v"."id")::int4 as "id",
    (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)::text as "zone",
    ("step_2"."v4")::timestamptz as "starts",
    ("step_4"."v37")::timestamptz as "ends",
    ("step_7"."v16")::timestamptz as "booked",
    ("step_2"."v18")::timestamptz as "synced",
    case when "step_2"."v38" then array_remove(array[case when not "step_1"."v3" and not isfinite("v"."starts") then 1 end, case when not "step_1"."v3" and isfinite("v"."starts") then 2 end, case when "step_1"."v3" and (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end) is null then 3 end], null) end as "_reasons",
    "v"."ctid" as "_place",
    case when "step_2"."v19" or "step_4"."v20" or "step_4"."v21" or "step_2"."v22" or "step_2"."v23" or "step_2"."v24" or "step_4"."v25" or "step_4"."v26" or "step_2"."v27" or "step_4"."v28" or "step_4"."v29" or "step_4"."v30" or "step_8"."v31" or "step_6"."v32" or "step_6"."v33" or "step_2"."v34" or "step_2"."v35" or "step_3"."v36" then array[("v"."zone")::text, ("v"."starts")::text, ("v"."starts")::text, ("v"."ends")::text, ("v"."ends")::text, ("v"."ends")::text, ("v"."ends")::text, ("v"."ends")::text, ("v"."booked")::text, ("v"."booked")::text, ("v"."booked")::text, ("v"."booked")::text, ("v"."booked")::text, ("v"."booked")::text, ("v"."booked")::text, ("v"."synced")::text, ("v"."synced")::text, ("v"."synced")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'zone' then ("fix"."patch" ->> 'zone')::text else "t"."zone" end as "zone",
      case when "fix"."patch" ? 'starts' then ("fix"."patch" ->> 'starts')::timestamp else "t"."starts" end as "starts",
      case when "fix"."patch" ? 'ends' then ("fix"."patch" ->> 'ends')::timestamp else "t"."ends" end as "ends",
      case when "fix"."patch" ? 'booked' then ("fix"."patch" ->> 'booked')::text else "t"."booked" end as "booked",
      case when "fix"."patch" ? 'synced' then ("fix"."patch" ->> 'synced')::text else "t"."synced" end as "synced"
    from "legacy"."visits" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.visits' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "v"
  cross join lateral (
    select
      ("v"."id")::text as "v1",
      case when "v"."zone" in (select zone.name from pg_catalog.pg_timezone_names as zone) then "v"."zone" end as "v2",
      "v"."starts" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "v3",
      "v"."ends" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "v6",
      (("v"."booked")::text collate "default") ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{1,9})?)?(?:[Zz]|[+-](?:0[0-9]|1[0-5])(?::?[0-5][0-9])?)?$' and (case when ((left("v"."booked", 10))::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left(left("v"."booked", 10), 4) <> '0000' then
      case when right(left("v"."booked", 10), 2)::integer <= 28 or right(left("v"."booked", 10), 2)::integer <= extract(day from (left(left("v"."booked", 10), 8) || '01')::date + interval '1 month - 1 day') then left("v"."booked", 10)::date end
    end) is not null as "v9",
      (("v"."synced")::text collate "default") ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{1,9})?)?(?:[Zz]|[+-](?:0[0-9]|1[0-5])(?::?[0-5][0-9])?)?$' and (case when ((left("v"."synced", 10))::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left(left("v"."synced", 10), 4) <> '0000' then
      case when right(left("v"."synced", 10), 2)::integer <= 28 or right(left("v"."synced", 10), 2)::integer <= extract(day from (left(left("v"."synced", 10), 8) || '01')::date + interval '1 month - 1 day') then left("v"."synced", 10)::date end
    end) is not null as "v17"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case when "step_1"."v3" then (("v"."starts") at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) end as "v4",
      case when "step_1"."v6" then (("v"."ends") at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) end as "v7",
      case when "step_1"."v9" and not (substr((("v"."booked")::text collate "default"), 17) ~ '[Zz+-]') then (case when (("v"."booked")::text collate "default") ~ '[.][0-9]{7}' then regexp_replace((("v"."booked")::text collate "default"), '([.][0-9]{6})[0-9]+', '\1') else "v"."booked" end)::timestamp end as "v10",
      case when "step_1"."v9" and substr((("v"."booked")::text collate "default"), 17) ~ '[Zz+-]' then (case when (("v"."booked")::text collate "default") ~ '[.][0-9]{7}' then regexp_replace((("v"."booked")::text collate "default"), '([.][0-9]{6})[0-9]+', '\1') else "v"."booked" end)::timestamptz end as "v12",
      case when "step_1"."v17" and substr((("v"."synced")::text collate "default"), 17) ~ '[Zz+-]' then (case when (("v"."synced")::text collate "default") ~ '[.][0-9]{7}' then regexp_replace((("v"."synced")::text collate "default"), '([.][0-9]{6})[0-9]+', '\1') else "v"."synced" end)::timestamptz end as "v18",
      "v"."zone" is not null and "step_1"."v2" is null as "v19",
      not "step_1"."v6" and not isfinite("v"."ends") as "v22",
      not "step_1"."v6" and isfinite("v"."ends") as "v23",
      "step_1"."v6" and (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end) is null as "v24",
      "v"."booked" is not null and not ("step_1"."v9") as "v27",
      "v"."synced" is not null and not ("step_1"."v17") as "v34",
      "step_1"."v17" and not (substr((("v"."synced")::text collate "default"), 17) ~ '[Zz+-]') as "v35",
      not "step_1"."v3" and not isfinite("v"."starts") or not "step_1"."v3" and isfinite("v"."starts") or "step_1"."v3" and (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end) is null as "v38"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      case
      when (("step_2"."v4") at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) <> "v"."starts" then 'skipped-time'
      when "v"."starts" - (("step_2"."v4" - interval '24 hours') at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) < interval '24 hours' and (("step_2"."v4" - interval '24 hours' + ("v"."starts" - (("step_2"."v4" - interval '24 hours') at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)))) at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) = "v"."starts" then 'ambiguous-time'
    end as "v5",
      case
      when (("step_2"."v7") at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) <> "v"."ends" then 'skipped-time'
      when "v"."ends" - (("step_2"."v7" - interval '24 hours') at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) < interval '24 hours' and (("step_2"."v7" - interval '24 hours' + ("v"."ends" - (("step_2"."v7" - interval '24 hours') at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)))) at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) = "v"."ends" then 'ambiguous-time'
    end as "v8",
      "step_2"."v10" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "v11",
      "step_2"."v18" is not null and (("v"."synced")::text collate "default") ~ '[.][0-9]{6}[0-9]*[1-9]' and (("v"."synced")::text collate "default") ~ '[.][0-9]{7}' as "v36"
    offset '0'
  ) as "step_3"
  cross join lateral (
    select
      case when "step_3"."v11" then (("step_2"."v10") at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) end as "v13",
      "step_3"."v5" = 'skipped-time' as "v20",
      "step_3"."v5" = 'ambiguous-time' as "v21",
      "step_3"."v8" = 'skipped-time' as "v25",
      "step_3"."v8" = 'ambiguous-time' as "v26",
      not "step_3"."v11" and not isfinite("step_2"."v10") as "v28",
      not "step_3"."v11" and isfinite("step_2"."v10") as "v29",
      "step_3"."v11" and (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end) is null as "v30",
      case when "step_3"."v8" = 'skipped-time' then null when "step_3"."v8" = 'ambiguous-time' then null else "step_2"."v7" end as "v37"
    offset '0'
  ) as "step_4"
  cross join lateral (
    select
      case
      when (("step_4"."v13") at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) <> "step_2"."v10" then 'skipped-time'
      when "step_2"."v10" - (("step_4"."v13" - interval '24 hours') at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) < interval '24 hours' and (("step_4"."v13" - interval '24 hours' + ("step_2"."v10" - (("step_4"."v13" - interval '24 hours') at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)))) at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) = "step_2"."v10" then 'ambiguous-time'
    end as "v14"
    offset '0'
  ) as "step_5"
  cross join lateral (
    select
      case when "step_5"."v14" = 'ambiguous-time' then "step_4"."v13" - interval '24 hours' + ("step_2"."v10" - (("step_4"."v13" - interval '24 hours') at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end))) else "step_4"."v13" end as "v15",
      "step_5"."v14" = 'skipped-time' as "v32",
      "step_5"."v14" = 'ambiguous-time' as "v33"
    offset '0'
  ) as "step_6"
  cross join lateral (
    select
      coalesce("step_2"."v12", "step_6"."v15") as "v16"
    offset '0'
  ) as "step_7"
  cross join lateral (
    select
      "step_7"."v16" is not null and (("v"."booked")::text collate "default") ~ '[.][0-9]{6}[0-9]*[1-9]' and (("v"."booked")::text collate "default") ~ '[.][0-9]{7}' as "v31"
    offset '0'
  ) as "step_8"
  where ($3::text[] is null or ("v"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("v"."id") < (($4::text[])[1]::int4))
), loaded as (
  insert into "app"."visits" ("id", "zone", "starts", "ends", "booked", "synced")
  select "id", "zone", "starts", "ends", "booked", "synced"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_visits" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'visits', "s"."_key", $2::bigint,
    (array['not-finite', 'out-of-range', 'no-zone'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'not-finite', 'starts'), (2, 'out-of-range', 'starts'), (3, 'no-zone', 'starts')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."visits" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'visits', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'default-zone', 'zone'), (2, 'skipped-time', 'starts'), (4, 'no-end', 'ends'), (5, 'no-end', 'ends'), (6, 'no-zone', 'ends'), (7, 'skipped-time', 'ends'), (8, 'ambiguous-time', 'ends'), (9, 'not-an-instant', 'booked'), (10, 'not-finite', 'booked'), (11, 'out-of-range', 'booked'), (12, 'no-zone', 'booked'), (13, 'cut-off', 'booked'), (14, 'skipped-time', 'booked'), (16, 'no-sync', 'synced'), (17, 'no-zone', 'synced'), (18, 'cut-off', 'synced')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), notes as (
  insert into drover.note (run_id, mapping, source_key, code, column_name)
  select $1::bigint, 'visits', "s"."_key", guard.code, guard.column_name
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (3, 'ambiguous-time', 'starts'), (15, 'ambiguous-time', 'booked')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'visits' and number = $2::bigint;
commit;

-- visits: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("v"."id")::text] as bound, row_number() over (order by "v"."id") as position, count(*) as rows
  from "legacy"."visits" as "v"
    where ($1::text[] is null or ("v"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("v"."id") < (($2::text[])[1]::int4)) and "v"."id" is not null
  group by "v"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- visits: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."visits" as "v"
  where ($3::text[] is null or ("v"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("v"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."visits" as original
      where original.ctid = "v"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'zone' then ("fix"."patch" ->> 'zone')::text else "t"."zone" end as "zone",
      case when "fix"."patch" ? 'starts' then ("fix"."patch" ->> 'starts')::timestamp else "t"."starts" end as "starts",
      case when "fix"."patch" ? 'ends' then ("fix"."patch" ->> 'ends')::timestamp else "t"."ends" end as "ends",
      case when "fix"."patch" ? 'booked' then ("fix"."patch" ->> 'booked')::text else "t"."booked" end as "booked",
      case when "fix"."patch" ? 'synced' then ("fix"."patch" ->> 'synced')::text else "t"."synced" end as "synced"
    from "legacy"."visits" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.visits' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "v"
  cross join lateral (
    select
      ("v"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("v"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("v"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_visits" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'visits', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'visits' and number = $2::bigint
returning quarantined;
commit;

-- visits: the key of the crosswalk
begin;
alter table "drover"."crosswalk_visits" add primary key (source_key);
analyze "drover"."crosswalk_visits";
commit;

-- visits: the statistics of the target
begin;
analyze "app"."visits";
commit;

-- visits_pkey
begin;
CREATE UNIQUE INDEX visits_pkey ON app.visits USING btree (id);
commit;

-- visits: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."visits";
-- target rows after
select count(*) as n from "app"."visits";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."visits" add constraint "visits_pkey" primary key using index "visits_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."visits" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- visits: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'visits', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'zone' then ("fix"."patch" ->> 'zone')::text else "t"."zone" end as "zone",
      case when "fix"."patch" ? 'starts' then ("fix"."patch" ->> 'starts')::timestamp else "t"."starts" end as "starts",
      case when "fix"."patch" ? 'ends' then ("fix"."patch" ->> 'ends')::timestamp else "t"."ends" end as "ends",
      case when "fix"."patch" ? 'booked' then ("fix"."patch" ->> 'booked')::text else "t"."booked" end as "booked",
      case when "fix"."patch" ? 'synced' then ("fix"."patch" ->> 'synced')::text else "t"."synced" end as "synced"
    from "legacy"."visits" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.visits' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "v"
  cross join lateral (
    select
      ("v"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_visits" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("v"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'clinic' and relation in ('legacy.visits')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "step_2"."v38" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_2"."v19" or "step_4"."v20" or "step_4"."v21" or "step_2"."v22" or "step_2"."v23" or "step_2"."v24" or "step_4"."v25" or "step_4"."v26" or "step_2"."v27" or "step_4"."v28" or "step_4"."v29" or "step_4"."v30" or "step_8"."v31" or "step_6"."v32" or "step_6"."v33" or "step_2"."v34" or "step_2"."v35" or "step_3"."v36" then array[case when "step_2"."v19" then 1 end, case when "step_4"."v20" then 2 end, case when "step_4"."v21" then 3 end, case when "step_2"."v22" then 4 end, case when "step_2"."v23" then 5 end, case when "step_2"."v24" then 6 end, case when "step_4"."v25" then 7 end, case when "step_4"."v26" then 8 end, case when "step_2"."v27" then 9 end, case when "step_4"."v28" then 10 end, case when "step_4"."v29" then 11 end, case when "step_4"."v30" then 12 end, case when "step_8"."v31" then 13 end, case when "step_6"."v32" then 14 end, case when "step_6"."v33" then 15 end, case when "step_2"."v34" then 16 end, case when "step_2"."v35" then 17 end, case when "step_3"."v36" then 18 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("v"."id")::int4 as "id",
    (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)::text as "zone",
    ("step_2"."v4")::timestamptz as "starts",
    ("step_4"."v37")::timestamptz as "ends",
    ("step_7"."v16")::timestamptz as "booked",
    ("step_2"."v18")::timestamptz as "synced",
    case when "step_2"."v38" then array_remove(array[case when not "step_1"."v3" and not isfinite("v"."starts") then 1 end, case when not "step_1"."v3" and isfinite("v"."starts") then 2 end, case when "step_1"."v3" and (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end) is null then 3 end], null) end as "_reasons",
    "v"."ctid" as "_place",
    case when "step_2"."v19" or "step_4"."v20" or "step_4"."v21" or "step_2"."v22" or "step_2"."v23" or "step_2"."v24" or "step_4"."v25" or "step_4"."v26" or "step_2"."v27" or "step_4"."v28" or "step_4"."v29" or "step_4"."v30" or "step_8"."v31" or "step_6"."v32" or "step_6"."v33" or "step_2"."v34" or "step_2"."v35" or "step_3"."v36" then array[("v"."zone")::text, ("v"."starts")::text, ("v"."starts")::text, ("v"."ends")::text, ("v"."ends")::text, ("v"."ends")::text, ("v"."ends")::text, ("v"."ends")::text, ("v"."booked")::text, ("v"."booked")::text, ("v"."booked")::text, ("v"."booked")::text, ("v"."booked")::text, ("v"."booked")::text, ("v"."booked")::text, ("v"."synced")::text, ("v"."synced")::text, ("v"."synced")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'zone' then ("fix"."patch" ->> 'zone')::text else "t"."zone" end as "zone",
      case when "fix"."patch" ? 'starts' then ("fix"."patch" ->> 'starts')::timestamp else "t"."starts" end as "starts",
      case when "fix"."patch" ? 'ends' then ("fix"."patch" ->> 'ends')::timestamp else "t"."ends" end as "ends",
      case when "fix"."patch" ? 'booked' then ("fix"."patch" ->> 'booked')::text else "t"."booked" end as "booked",
      case when "fix"."patch" ? 'synced' then ("fix"."patch" ->> 'synced')::text else "t"."synced" end as "synced"
    from "legacy"."visits" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.visits' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "v"
  cross join lateral (
    select
      ("v"."id")::text as "v1",
      case when "v"."zone" in (select zone.name from pg_catalog.pg_timezone_names as zone) then "v"."zone" end as "v2",
      "v"."starts" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "v3",
      "v"."ends" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "v6",
      (("v"."booked")::text collate "default") ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{1,9})?)?(?:[Zz]|[+-](?:0[0-9]|1[0-5])(?::?[0-5][0-9])?)?$' and (case when ((left("v"."booked", 10))::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left(left("v"."booked", 10), 4) <> '0000' then
      case when right(left("v"."booked", 10), 2)::integer <= 28 or right(left("v"."booked", 10), 2)::integer <= extract(day from (left(left("v"."booked", 10), 8) || '01')::date + interval '1 month - 1 day') then left("v"."booked", 10)::date end
    end) is not null as "v9",
      (("v"."synced")::text collate "default") ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{1,9})?)?(?:[Zz]|[+-](?:0[0-9]|1[0-5])(?::?[0-5][0-9])?)?$' and (case when ((left("v"."synced", 10))::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left(left("v"."synced", 10), 4) <> '0000' then
      case when right(left("v"."synced", 10), 2)::integer <= 28 or right(left("v"."synced", 10), 2)::integer <= extract(day from (left(left("v"."synced", 10), 8) || '01')::date + interval '1 month - 1 day') then left("v"."synced", 10)::date end
    end) is not null as "v17"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case when "step_1"."v3" then (("v"."starts") at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) end as "v4",
      case when "step_1"."v6" then (("v"."ends") at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) end as "v7",
      case when "step_1"."v9" and not (substr((("v"."booked")::text collate "default"), 17) ~ '[Zz+-]') then (case when (("v"."booked")::text collate "default") ~ '[.][0-9]{7}' then regexp_replace((("v"."booked")::text collate "default"), '([.][0-9]{6})[0-9]+', '\1') else "v"."booked" end)::timestamp end as "v10",
      case when "step_1"."v9" and substr((("v"."booked")::text collate "default"), 17) ~ '[Zz+-]' then (case when (("v"."booked")::text collate "default") ~ '[.][0-9]{7}' then regexp_replace((("v"."booked")::text collate "default"), '([.][0-9]{6})[0-9]+', '\1') else "v"."booked" end)::timestamptz end as "v12",
      case when "step_1"."v17" and substr((("v"."synced")::text collate "default"), 17) ~ '[Zz+-]' then (case when (("v"."synced")::text collate "default") ~ '[.][0-9]{7}' then regexp_replace((("v"."synced")::text collate "default"), '([.][0-9]{6})[0-9]+', '\1') else "v"."synced" end)::timestamptz end as "v18",
      "v"."zone" is not null and "step_1"."v2" is null as "v19",
      not "step_1"."v6" and not isfinite("v"."ends") as "v22",
      not "step_1"."v6" and isfinite("v"."ends") as "v23",
      "step_1"."v6" and (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end) is null as "v24",
      "v"."booked" is not null and not ("step_1"."v9") as "v27",
      "v"."synced" is not null and not ("step_1"."v17") as "v34",
      "step_1"."v17" and not (substr((("v"."synced")::text collate "default"), 17) ~ '[Zz+-]') as "v35",
      not "step_1"."v3" and not isfinite("v"."starts") or not "step_1"."v3" and isfinite("v"."starts") or "step_1"."v3" and (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end) is null as "v38"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      case
      when (("step_2"."v4") at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) <> "v"."starts" then 'skipped-time'
      when "v"."starts" - (("step_2"."v4" - interval '24 hours') at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) < interval '24 hours' and (("step_2"."v4" - interval '24 hours' + ("v"."starts" - (("step_2"."v4" - interval '24 hours') at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)))) at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) = "v"."starts" then 'ambiguous-time'
    end as "v5",
      case
      when (("step_2"."v7") at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) <> "v"."ends" then 'skipped-time'
      when "v"."ends" - (("step_2"."v7" - interval '24 hours') at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) < interval '24 hours' and (("step_2"."v7" - interval '24 hours' + ("v"."ends" - (("step_2"."v7" - interval '24 hours') at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)))) at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) = "v"."ends" then 'ambiguous-time'
    end as "v8",
      "step_2"."v10" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "v11",
      "step_2"."v18" is not null and (("v"."synced")::text collate "default") ~ '[.][0-9]{6}[0-9]*[1-9]' and (("v"."synced")::text collate "default") ~ '[.][0-9]{7}' as "v36"
    offset '0'
  ) as "step_3"
  cross join lateral (
    select
      case when "step_3"."v11" then (("step_2"."v10") at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) end as "v13",
      "step_3"."v5" = 'skipped-time' as "v20",
      "step_3"."v5" = 'ambiguous-time' as "v21",
      "step_3"."v8" = 'skipped-time' as "v25",
      "step_3"."v8" = 'ambiguous-time' as "v26",
      not "step_3"."v11" and not isfinite("step_2"."v10") as "v28",
      not "step_3"."v11" and isfinite("step_2"."v10") as "v29",
      "step_3"."v11" and (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end) is null as "v30",
      case when "step_3"."v8" = 'skipped-time' then null when "step_3"."v8" = 'ambiguous-time' then null else "step_2"."v7" end as "v37"
    offset '0'
  ) as "step_4"
  cross join lateral (
    select
      case
      when (("step_4"."v13") at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) <> "step_2"."v10" then 'skipped-time'
      when "step_2"."v10" - (("step_4"."v13" - interval '24 hours') at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) < interval '24 hours' and (("step_4"."v13" - interval '24 hours' + ("step_2"."v10" - (("step_4"."v13" - interval '24 hours') at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)))) at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) = "step_2"."v10" then 'ambiguous-time'
    end as "v14"
    offset '0'
  ) as "step_5"
  cross join lateral (
    select
      case when "step_5"."v14" = 'ambiguous-time' then "step_4"."v13" - interval '24 hours' + ("step_2"."v10" - (("step_4"."v13" - interval '24 hours') at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end))) else "step_4"."v13" end as "v15",
      "step_5"."v14" = 'skipped-time' as "v32",
      "step_5"."v14" = 'ambiguous-time' as "v33"
    offset '0'
  ) as "step_6"
  cross join lateral (
    select
      coalesce("step_2"."v12", "step_6"."v15") as "v16"
    offset '0'
  ) as "step_7"
  cross join lateral (
    select
      "step_7"."v16" is not null and (("v"."booked")::text collate "default") ~ '[.][0-9]{6}[0-9]*[1-9]' and (("v"."booked")::text collate "default") ~ '[.][0-9]{7}' as "v31"
    offset '0'
  ) as "step_8"
  where "v"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'visits' and purpose in ('try') and not done) as named)
  ) as made
  join "drover"."crosswalk_visits" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."visits" ("id", "zone", "starts", "ends", "booked", "synced")
  select "id", "zone", "starts", "ends", "booked", "synced"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_visits" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'visits', "s"."_key", $2::bigint,
    (array['not-finite', 'out-of-range', 'no-zone'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'not-finite', 'starts'), (2, 'out-of-range', 'starts'), (3, 'no-zone', 'starts')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."visits" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'visits' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'visits' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'visits' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'visits', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'default-zone', 'zone'), (2, 'skipped-time', 'starts'), (4, 'no-end', 'ends'), (5, 'no-end', 'ends'), (6, 'no-zone', 'ends'), (7, 'skipped-time', 'ends'), (8, 'ambiguous-time', 'ends'), (9, 'not-an-instant', 'booked'), (10, 'not-finite', 'booked'), (11, 'out-of-range', 'booked'), (12, 'no-zone', 'booked'), (13, 'cut-off', 'booked'), (14, 'skipped-time', 'booked'), (16, 'no-sync', 'synced'), (17, 'no-zone', 'synced'), (18, 'cut-off', 'synced')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), notes as (
  insert into drover.note (run_id, mapping, source_key, code, column_name)
  select $1::bigint, 'visits', "s"."_key", guard.code, guard.column_name
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (3, 'ambiguous-time', 'starts'), (15, 'ambiguous-time', 'booked')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'visits', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'visits', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_visits" (like "app"."visits", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "step_2"."v38" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_2"."v19" or "step_4"."v20" or "step_4"."v21" or "step_2"."v22" or "step_2"."v23" or "step_2"."v24" or "step_4"."v25" or "step_4"."v26" or "step_2"."v27" or "step_4"."v28" or "step_4"."v29" or "step_4"."v30" or "step_8"."v31" or "step_6"."v32" or "step_6"."v33" or "step_2"."v34" or "step_2"."v35" or "step_3"."v36" then array[case when "step_2"."v19" then 1 end, case when "step_4"."v20" then 2 end, case when "step_4"."v21" then 3 end, case when "step_2"."v22" then 4 end, case when "step_2"."v23" then 5 end, case when "step_2"."v24" then 6 end, case when "step_4"."v25" then 7 end, case when "step_4"."v26" then 8 end, case when "step_2"."v27" then 9 end, case when "step_4"."v28" then 10 end, case when "step_4"."v29" then 11 end, case when "step_4"."v30" then 12 end, case when "step_8"."v31" then 13 end, case when "step_6"."v32" then 14 end, case when "step_6"."v33" then 15 end, case when "step_2"."v34" then 16 end, case when "step_2"."v35" then 17 end, case when "step_3"."v36" then 18 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("v"."id")::int4 as "id",
    (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)::text as "zone",
    ("step_2"."v4")::timestamptz as "starts",
    ("step_4"."v37")::timestamptz as "ends",
    ("step_7"."v16")::timestamptz as "booked",
    ("step_2"."v18")::timestamptz as "synced",
    case when "step_2"."v38" then array_remove(array[case when not "step_1"."v3" and not isfinite("v"."starts") then 1 end, case when not "step_1"."v3" and isfinite("v"."starts") then 2 end, case when "step_1"."v3" and (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end) is null then 3 end], null) end as "_reasons",
    case when "step_2"."v19" or "step_4"."v20" or "step_4"."v21" or "step_2"."v22" or "step_2"."v23" or "step_2"."v24" or "step_4"."v25" or "step_4"."v26" or "step_2"."v27" or "step_4"."v28" or "step_4"."v29" or "step_4"."v30" or "step_8"."v31" or "step_6"."v32" or "step_6"."v33" or "step_2"."v34" or "step_2"."v35" or "step_3"."v36" then array[("v"."zone")::text, ("v"."starts")::text, ("v"."starts")::text, ("v"."ends")::text, ("v"."ends")::text, ("v"."ends")::text, ("v"."ends")::text, ("v"."ends")::text, ("v"."booked")::text, ("v"."booked")::text, ("v"."booked")::text, ("v"."booked")::text, ("v"."booked")::text, ("v"."booked")::text, ("v"."booked")::text, ("v"."synced")::text, ("v"."synced")::text, ("v"."synced")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'zone' then ("fix"."patch" ->> 'zone')::text else "t"."zone" end as "zone",
      case when "fix"."patch" ? 'starts' then ("fix"."patch" ->> 'starts')::timestamp else "t"."starts" end as "starts",
      case when "fix"."patch" ? 'ends' then ("fix"."patch" ->> 'ends')::timestamp else "t"."ends" end as "ends",
      case when "fix"."patch" ? 'booked' then ("fix"."patch" ->> 'booked')::text else "t"."booked" end as "booked",
      case when "fix"."patch" ? 'synced' then ("fix"."patch" ->> 'synced')::text else "t"."synced" end as "synced"
    from "legacy"."visits" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.visits' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "v"
  cross join lateral (
    select
      ("v"."id")::text as "v1",
      case when "v"."zone" in (select zone.name from pg_catalog.pg_timezone_names as zone) then "v"."zone" end as "v2",
      "v"."starts" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "v3",
      "v"."ends" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "v6",
      (("v"."booked")::text collate "default") ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{1,9})?)?(?:[Zz]|[+-](?:0[0-9]|1[0-5])(?::?[0-5][0-9])?)?$' and (case when ((left("v"."booked", 10))::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left(left("v"."booked", 10), 4) <> '0000' then
      case when right(left("v"."booked", 10), 2)::integer <= 28 or right(left("v"."booked", 10), 2)::integer <= extract(day from (left(left("v"."booked", 10), 8) || '01')::date + interval '1 month - 1 day') then left("v"."booked", 10)::date end
    end) is not null as "v9",
      (("v"."synced")::text collate "default") ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{1,9})?)?(?:[Zz]|[+-](?:0[0-9]|1[0-5])(?::?[0-5][0-9])?)?$' and (case when ((left("v"."synced", 10))::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left(left("v"."synced", 10), 4) <> '0000' then
      case when right(left("v"."synced", 10), 2)::integer <= 28 or right(left("v"."synced", 10), 2)::integer <= extract(day from (left(left("v"."synced", 10), 8) || '01')::date + interval '1 month - 1 day') then left("v"."synced", 10)::date end
    end) is not null as "v17"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case when "step_1"."v3" then (("v"."starts") at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) end as "v4",
      case when "step_1"."v6" then (("v"."ends") at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) end as "v7",
      case when "step_1"."v9" and not (substr((("v"."booked")::text collate "default"), 17) ~ '[Zz+-]') then (case when (("v"."booked")::text collate "default") ~ '[.][0-9]{7}' then regexp_replace((("v"."booked")::text collate "default"), '([.][0-9]{6})[0-9]+', '\1') else "v"."booked" end)::timestamp end as "v10",
      case when "step_1"."v9" and substr((("v"."booked")::text collate "default"), 17) ~ '[Zz+-]' then (case when (("v"."booked")::text collate "default") ~ '[.][0-9]{7}' then regexp_replace((("v"."booked")::text collate "default"), '([.][0-9]{6})[0-9]+', '\1') else "v"."booked" end)::timestamptz end as "v12",
      case when "step_1"."v17" and substr((("v"."synced")::text collate "default"), 17) ~ '[Zz+-]' then (case when (("v"."synced")::text collate "default") ~ '[.][0-9]{7}' then regexp_replace((("v"."synced")::text collate "default"), '([.][0-9]{6})[0-9]+', '\1') else "v"."synced" end)::timestamptz end as "v18",
      "v"."zone" is not null and "step_1"."v2" is null as "v19",
      not "step_1"."v6" and not isfinite("v"."ends") as "v22",
      not "step_1"."v6" and isfinite("v"."ends") as "v23",
      "step_1"."v6" and (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end) is null as "v24",
      "v"."booked" is not null and not ("step_1"."v9") as "v27",
      "v"."synced" is not null and not ("step_1"."v17") as "v34",
      "step_1"."v17" and not (substr((("v"."synced")::text collate "default"), 17) ~ '[Zz+-]') as "v35",
      not "step_1"."v3" and not isfinite("v"."starts") or not "step_1"."v3" and isfinite("v"."starts") or "step_1"."v3" and (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end) is null as "v38"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      case
      when (("step_2"."v4") at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) <> "v"."starts" then 'skipped-time'
      when "v"."starts" - (("step_2"."v4" - interval '24 hours') at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) < interval '24 hours' and (("step_2"."v4" - interval '24 hours' + ("v"."starts" - (("step_2"."v4" - interval '24 hours') at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)))) at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) = "v"."starts" then 'ambiguous-time'
    end as "v5",
      case
      when (("step_2"."v7") at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) <> "v"."ends" then 'skipped-time'
      when "v"."ends" - (("step_2"."v7" - interval '24 hours') at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) < interval '24 hours' and (("step_2"."v7" - interval '24 hours' + ("v"."ends" - (("step_2"."v7" - interval '24 hours') at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)))) at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) = "v"."ends" then 'ambiguous-time'
    end as "v8",
      "step_2"."v10" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "v11",
      "step_2"."v18" is not null and (("v"."synced")::text collate "default") ~ '[.][0-9]{6}[0-9]*[1-9]' and (("v"."synced")::text collate "default") ~ '[.][0-9]{7}' as "v36"
    offset '0'
  ) as "step_3"
  cross join lateral (
    select
      case when "step_3"."v11" then (("step_2"."v10") at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) end as "v13",
      "step_3"."v5" = 'skipped-time' as "v20",
      "step_3"."v5" = 'ambiguous-time' as "v21",
      "step_3"."v8" = 'skipped-time' as "v25",
      "step_3"."v8" = 'ambiguous-time' as "v26",
      not "step_3"."v11" and not isfinite("step_2"."v10") as "v28",
      not "step_3"."v11" and isfinite("step_2"."v10") as "v29",
      "step_3"."v11" and (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end) is null as "v30",
      case when "step_3"."v8" = 'skipped-time' then null when "step_3"."v8" = 'ambiguous-time' then null else "step_2"."v7" end as "v37"
    offset '0'
  ) as "step_4"
  cross join lateral (
    select
      case
      when (("step_4"."v13") at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) <> "step_2"."v10" then 'skipped-time'
      when "step_2"."v10" - (("step_4"."v13" - interval '24 hours') at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) < interval '24 hours' and (("step_4"."v13" - interval '24 hours' + ("step_2"."v10" - (("step_4"."v13" - interval '24 hours') at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)))) at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end)) = "step_2"."v10" then 'ambiguous-time'
    end as "v14"
    offset '0'
  ) as "step_5"
  cross join lateral (
    select
      case when "step_5"."v14" = 'ambiguous-time' then "step_4"."v13" - interval '24 hours' + ("step_2"."v10" - (("step_4"."v13" - interval '24 hours') at time zone (case when ("v"."zone" is not null and "step_1"."v2" is null) then 'Europe/Berlin' else "step_1"."v2" end))) else "step_4"."v13" end as "v15",
      "step_5"."v14" = 'skipped-time' as "v32",
      "step_5"."v14" = 'ambiguous-time' as "v33"
    offset '0'
  ) as "step_6"
  cross join lateral (
    select
      coalesce("step_2"."v12", "step_6"."v15") as "v16"
    offset '0'
  ) as "step_7"
  cross join lateral (
    select
      "step_7"."v16" is not null and (("v"."booked")::text collate "default") ~ '[.][0-9]{6}[0-9]*[1-9]' and (("v"."booked")::text collate "default") ~ '[.][0-9]{7}' as "v31"
    offset '0'
  ) as "step_8"
  where "v"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'visits' and purpose in ('change') and not done) as named)
  ) as made
  join "drover"."crosswalk_visits" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."visits" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."zone") is distinct from ("s"."zone") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."starts") is distinct from ("s"."starts") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."ends") is distinct from ("s"."ends") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."booked") is distinct from ("s"."booked") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."synced") is distinct from ("s"."synced"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_visits" ("id", "zone", "starts", "ends", "booked", "synced", "drover_version")
  select "id", "zone", "starts", "ends", "booked", "synced", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."visits" as t
  set "zone" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."zone" else "t"."zone" end,
    "starts" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."starts" else "t"."starts" end,
    "ends" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."ends" else "t"."ends" end,
    "booked" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."booked" else "t"."booked" end,
    "synced" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."synced" else "t"."synced" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'visits', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('zone', array['*']), ('starts', array['*']), ('ends', array['*']), ('booked', array['*']), ('synced', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'visits' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'visits' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'visits', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'default-zone', 'zone'), (2, 'skipped-time', 'starts'), (4, 'no-end', 'ends'), (5, 'no-end', 'ends'), (6, 'no-zone', 'ends'), (7, 'skipped-time', 'ends'), (8, 'ambiguous-time', 'ends'), (9, 'not-an-instant', 'booked'), (10, 'not-finite', 'booked'), (11, 'out-of-range', 'booked'), (12, 'no-zone', 'booked'), (13, 'cut-off', 'booked'), (14, 'skipped-time', 'booked'), (16, 'no-sync', 'synced'), (17, 'no-zone', 'synced'), (18, 'cut-off', 'synced')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
), notes as (
  insert into drover.note (run_id, mapping, source_key, code, column_name)
  select $1::bigint, 'visits', "s"."_key", guard.code, guard.column_name
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (3, 'ambiguous-time', 'starts'), (15, 'ambiguous-time', 'booked')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
