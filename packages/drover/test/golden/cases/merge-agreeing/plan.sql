-- hazard merges-rows, readings: Rows of legacy.readings with one identity become one row of app.readings.
-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.readings (2), app.remarks (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."readings" as t offset '0') as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."remarks" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."remarks" drop constraint "remarks_pkey";
alter table "app"."readings" drop constraint "readings_pkey";
alter table "app"."readings" drop constraint "readings_meter_taken_key";
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
  "id" int4
);
-- merges and matches, decided once
create table "drover"."resolution_readings" as
  select source_key collate "C" as source_key,
    case
      when is_torn then 'torn'
      when source_key <> survivor_key then case when is_agreed then 'merged' else 'duplicate' end
      when is_matched then 'matched'
      else 'loaded'
    end as disposition,
    survivor_key collate "C" as survivor_key,
    "id",
    case when source_key = survivor_key then "group_1" end as "group_1"
  from (
    select "step_1"."v1" as source_key,
      first_value("step_1"."v1") over same as survivor_key,
      false as is_matched,
      false as is_torn,
      "step_4"."v12" is not distinct from first_value("step_4"."v12") over same as is_agreed,
      first_value(("r"."id")::int4) over same as "id",
      count(*) over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'meters' and mapping = 'readings') then "step_1"."v1" end, "step_3"."v9", "step_1"."v10", "step_4"."v12") as _size,
      first_value("r"."note") over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'meters' and mapping = 'readings') then "step_1"."v1" end, "step_3"."v9", "step_1"."v10", "step_4"."v12" order by "r"."note" is null, "r"."changed" desc nulls last, "step_1"."v1" collate "C") as "group_1"
    from (
      select "r".*
      from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'meter' then ("fix"."patch" ->> 'meter')::text else "t"."meter" end as "meter",
      case when "fix"."patch" ? 'taken' then ("fix"."patch" ->> 'taken')::date else "t"."taken" end as "taken",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::text else "t"."value" end as "value",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note",
      case when "fix"."patch" ? 'changed' then ("fix"."patch" ->> 'changed')::timestamp else "t"."changed" end as "changed"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'meters'
      and fix.relation = 'legacy.readings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
      where "r"."ctid" = any (array(
      with repeated as materialized (
        select hash, count(*) as rows, min(place) as first_place, max(place) as last_place
        from (
          select "r"."ctid" as place, hash_record_extended(row("step_3"."v3", "step_1"."v4"), 0) as hash
          from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'meter' then ("fix"."patch" ->> 'meter')::text else "t"."meter" end as "meter",
      case when "fix"."patch" ? 'taken' then ("fix"."patch" ->> 'taken')::date else "t"."taken" end as "taken",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::text else "t"."value" end as "value",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note",
      case when "fix"."patch" ? 'changed' then ("fix"."patch" ->> 'changed')::timestamp else "t"."changed" end as "changed"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'meters'
      and fix.relation = 'legacy.readings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  cross join lateral (
    select
      btrim(regexp_replace(((normalize("r"."meter", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v1",
      ("r"."taken")::date as "v4"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      lower("step_1"."v1" collate "pg_catalog"."und-x-icu") as "v2"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      (upper("step_2"."v2"))::text as "v3"
    offset '0'
  ) as "step_3"
          
        ) as made
        group by hash
        having count(*) > 1
      )
      select first_place from repeated
      union all
      select last_place from repeated
      union all
      select place
      from (
        select place
        from (
          select "r"."ctid" as place, hash_record_extended(row("step_3"."v3", "step_1"."v4"), 0) as hash
          from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'meter' then ("fix"."patch" ->> 'meter')::text else "t"."meter" end as "meter",
      case when "fix"."patch" ? 'taken' then ("fix"."patch" ->> 'taken')::date else "t"."taken" end as "taken",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::text else "t"."value" end as "value",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note",
      case when "fix"."patch" ? 'changed' then ("fix"."patch" ->> 'changed')::timestamp else "t"."changed" end as "changed"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'meters'
      and fix.relation = 'legacy.readings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  cross join lateral (
    select
      btrim(regexp_replace(((normalize("r"."meter", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v1",
      ("r"."taken")::date as "v4"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      lower("step_1"."v1" collate "pg_catalog"."und-x-icu") as "v2"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      (upper("step_2"."v2"))::text as "v3"
    offset '0'
  ) as "step_3"
          
        ) as made
        where hash in (select hash from repeated where rows > 2)
      ) as further
      where exists (select from repeated where rows > 2)))
      offset '0'
    ) as "r"
  cross join lateral (
    select
      ("r"."id")::text as "v1",
      case
      when (("r"."value")::text collate "default") is null then null
      when length((("r"."value")::text collate "default")) <= 30 and (("r"."value")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("r"."value")::text collate "default")
      when length((("r"."value")::text collate "default")) <= 30 and (("r"."value")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("r"."value")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("r"."value")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("r"."value")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("r"."value")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("r"."value")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("r"."value")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "v2",
      btrim(regexp_replace(((normalize("r"."meter", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v7",
      ("r"."taken")::date as "v10"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case when ('en' is null and "step_1"."v2" is not null and (("r"."value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "step_1"."v2"::numeric end as "v3",
      lower("step_1"."v7" collate "pg_catalog"."und-x-icu") as "v8"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      ("step_1"."v2" <> btrim((("r"."value")::text collate "default"))) and abs("step_2"."v3") < '99999999999999.995'::numeric as "v4",
      "step_2"."v3" <> round("step_2"."v3", 2) and abs("step_2"."v3") < '99999999999999.995'::numeric as "v5",
      ('en' is null and "step_1"."v2" is not null and (("r"."value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("r"."value")::text collate "default") is not null and "step_2"."v3" is null and ('en' is null and "step_1"."v2" is not null and (("r"."value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("step_2"."v3") < '99999999999999.995'::numeric) as "v6",
      (upper("step_2"."v8"))::text as "v9",
      case when abs("step_2"."v3") < '99999999999999.995'::numeric then round("step_2"."v3", 2) end as "v11"
    offset '0'
  ) as "step_3"
  cross join lateral (
    select
      ("step_3"."v11")::numeric as "v12"
    offset '0'
  ) as "step_4"
    where ("step_3"."v6") is not true
    window same as (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'meters' and mapping = 'readings') then "step_1"."v1" end, "step_3"."v9", "step_1"."v10" order by "r"."changed" desc nulls last, "step_1"."v1" collate "C")
  ) as grouped
  where source_key <> survivor_key or is_matched or _size > 1;
alter table "drover"."resolution_readings" add primary key (source_key);
analyze "drover"."resolution_readings";
-- source rows
select count(*) as n from "legacy"."readings";
-- target rows before
select count(*) as n from "app"."readings";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
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
  where ($3::text[] is null or ("r"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("r"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_3.v10" then 'quarantined' else coalesce("row"."resolution.disposition", 'loaded') end as "_disposition",
    case when "row"."step_3.v4" or "row"."step_3.v5" or "row"."step_3.v6" then array[case when "row"."step_3.v4" then 1 end, case when "row"."step_3.v5" then 2 end, case when "row"."step_3.v6" then 3 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."r.id")::int4 as "id",
    (upper("row"."step_2.v8"))::text as "meter",
    ("row"."r.taken")::date as "taken",
    ("row"."step_3.v9")::numeric as "value",
    (coalesce("row"."resolution.group_1", "row"."r.note"))::text as "note",
    "row"."resolution.survivor_key" as "_survivor",
    "row"."resolution.id" as "_resolved_id",
    case when "row"."step_3.v10" then array_remove(array[case when ('en' is null and "row"."step_1.v2" is not null and (("row"."r.value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 1 end, case when (("row"."r.value")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."r.value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 2 end, case when not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) then 3 end, case when "row"."resolution.disposition" is not distinct from 'duplicate' then 4 end], null) end as "_reasons",
    "row"."r.ctid" as "_place",
    case when "row"."step_3.v4" or "row"."step_3.v5" or "row"."step_3.v6" then array[("row"."r.value")::text, ("row"."r.value")::text, ("row"."r.note")::text]::text[] end as "_originals"
  from (
  select
    ('en' is null and "row"."step_1.v2" is not null and (("row"."r.value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."r.value")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."r.value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) or "resolution"."disposition" is not distinct from 'duplicate' as "step_3.v10",
    "resolution"."disposition" as "resolution.disposition",
    ("row"."step_1.v2" <> btrim((("row"."r.value")::text collate "default"))) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v4",
    "row"."step_2.v3" <> round("row"."step_2.v3", 2) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v5",
    ((coalesce("resolution"."group_1", "row"."r.note"))::text collate "C" is distinct from ("row"."r.note")::text collate "C") and "resolution"."disposition" is distinct from 'merged' as "step_3.v6",
    "row"."step_1.v1" as "step_1.v1",
    "row"."r.id" as "r.id",
    "row"."step_2.v8" as "step_2.v8",
    "row"."r.taken" as "r.taken",
    case when abs("row"."step_2.v3") < '99999999999999.995'::numeric then round("row"."step_2.v3", 2) end as "step_3.v9",
    "resolution"."group_1" as "resolution.group_1",
    "row"."r.note" as "r.note",
    "resolution"."survivor_key" as "resolution.survivor_key",
    "resolution"."id" as "resolution.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."r.value" as "r.value",
    "row"."step_2.v3" as "step_2.v3",
    "row"."r.ctid" as "r.ctid"
  from (
  select
    "row"."step_1.v2" as "step_1.v2",
    "row"."r.value" as "r.value",
    case when ('en' is null and "row"."step_1.v2" is not null and (("row"."r.value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v2"::numeric end as "step_2.v3",
    "row"."r.note" as "r.note",
    "row"."step_1.v1" as "step_1.v1",
    "row"."r.id" as "r.id",
    lower("row"."step_1.v7" collate "pg_catalog"."und-x-icu") as "step_2.v8",
    "row"."r.taken" as "r.taken",
    "row"."r.ctid" as "r.ctid"
  from (
  select
    case
      when (("r"."value")::text collate "default") is null then null
      when length((("r"."value")::text collate "default")) <= 30 and (("r"."value")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("r"."value")::text collate "default")
      when length((("r"."value")::text collate "default")) <= 30 and (("r"."value")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("r"."value")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("r"."value")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("r"."value")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("r"."value")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("r"."value")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("r"."value")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v2",
    "r"."value" as "r.value",
    "r"."note" as "r.note",
    ("r"."id")::text as "step_1.v1",
    "r"."id" as "r.id",
    btrim(regexp_replace(((normalize("r"."meter", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "step_1.v7",
    "r"."taken" as "r.taken",
    "r"."ctid" as "r.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'meter' then ("fix"."patch" ->> 'meter')::text else "t"."meter" end as "meter",
      case when "fix"."patch" ? 'taken' then ("fix"."patch" ->> 'taken')::date else "t"."taken" end as "taken",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::text else "t"."value" end as "value",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note",
      case when "fix"."patch" ? 'changed' then ("fix"."patch" ->> 'changed')::timestamp else "t"."changed" end as "changed"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'meters'
      and fix.relation = 'legacy.readings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  where ($3::text[] is null or ("r"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("r"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  left join "drover"."resolution_readings" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."readings" ("id", "meter", "taken", "value", "note")
  select "id", "meter", "taken", "value", "note"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_readings" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'readings', "s"."_key", $2::bigint,
    (array['ambiguous-number', 'no-value', 'no-value', 'conflicting-value'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'ambiguous-number', 'value'), (2, 'no-value', 'value'), (3, 'no-value', 'value'), (4, 'conflicting-value', 'id')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."readings" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'readings', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'readings', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'value'), (2, 'rounded', 'value'), (3, 'filled', 'note')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
)
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = (select count(*) from loaded),
  quarantined = (select count(*) from quarantined),
  "merged" = carried."merged",
  "matched" = 0,
  "excluded" = 0,
  finished_at = clock_timestamp()
from (
  select count(*) filter (where "s"."_disposition" = 'merged') as "merged"
  from s
) as carried
where run_id = $1::bigint and mapping = 'readings' and number = $2::bigint;
commit;

-- readings: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("r"."id")::text] as bound, row_number() over (order by "r"."id") as position, count(*) as rows
  from "legacy"."readings" as "r"
    where ($1::text[] is null or ("r"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("r"."id") < (($2::text[])[1]::int4)) and "r"."id" is not null
  group by "r"."id"
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
  where ($3::text[] is null or ("r"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("r"."id") < (($4::text[])[1]::int4))
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
      "t"."id",
      case when "fix"."patch" ? 'meter' then ("fix"."patch" ->> 'meter')::text else "t"."meter" end as "meter",
      case when "fix"."patch" ? 'taken' then ("fix"."patch" ->> 'taken')::date else "t"."taken" end as "taken",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::text else "t"."value" end as "value",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note",
      case when "fix"."patch" ? 'changed' then ("fix"."patch" ->> 'changed')::timestamp else "t"."changed" end as "changed"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'meters'
      and fix.relation = 'legacy.readings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  cross join lateral (
    select
      ("r"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("r"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("r"."id") < (($4::text[])[1]::int4))
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

-- readings_meter_taken_key
begin;
CREATE UNIQUE INDEX readings_meter_taken_key ON app.readings USING btree (meter, taken);
commit;

-- readings_meter_taken_key: where rows of readings break it, these are moved, and it is made again
begin;
-- $2 here: the entry that adjusts the counts
with clash as materialized (
  select "t"."meter", "t"."taken"
  from "app"."readings" as t
  where "t"."meter" is not null and "t"."taken" is not null
  group by "t"."meter", "t"."taken"
  having count(*) > 1
), ranked as (
  select walked.source_key as _source_key, "t"."id",
    row_number() over (
      partition by "t"."meter", "t"."taken"
      order by walked.source_key is not null, walked.source_key collate "C"
    ) as _place
  from "app"."readings" as t
  join clash on "clash"."meter" = "t"."meter" and "clash"."taken" = "t"."taken"
  left join "drover"."crosswalk_readings" as walked on "walked"."id" = "t"."id" and "walked"."disposition" = 'loaded'
  
), moved as materialized (
  select *
  from ranked
  where _place > 1 and _source_key is not null
), deleted as (
  delete from "app"."readings" as t
  using moved
  where "t"."id" = "moved"."id"
  returning 1
), walked as (
  update "drover"."crosswalk_readings" as walked
  set disposition = 'quarantined', "id" = null
  from moved
  where walked.source_key = moved._source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'readings', "step_1"."v1", $2::bigint, 'error-23505', '[{"code":"error-23505","column":null,"table":"app.readings","constraint":"readings_meter_taken_key"}]'::jsonb, (
      select to_jsonb("original".*)
      from "legacy"."readings" as original
      where original.ctid = "r"."ctid"
    ), '23505'
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'meter' then ("fix"."patch" ->> 'meter')::text else "t"."meter" end as "meter",
      case when "fix"."patch" ? 'taken' then ("fix"."patch" ->> 'taken')::date else "t"."taken" end as "taken",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::text else "t"."value" end as "value",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note",
      case when "fix"."patch" ? 'changed' then ("fix"."patch" ->> 'changed')::timestamp else "t"."changed" end as "changed"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'meters'
      and fix.relation = 'legacy.readings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  cross join lateral (
    select
      ("r"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where "step_1"."v1" collate "C" in (select _source_key from moved)
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'readings', $2::bigint, 'adjustment', 'done', 0, -n, 0, 0, n, 0, clock_timestamp()
from (select count(*) as n from deleted) as moved
where n > 0
returning number;
commit;

-- readings_pkey
begin;
CREATE UNIQUE INDEX readings_pkey ON app.readings USING btree (id);
commit;

-- readings: close
begin;
-- what is checked late, now
set constraints all immediate;
-- duplicates whose survivor was not loaded. Repeated until no row is left. $2 here: the entry that adjusts the counts
with lost as (
  delete from drover.merge as merge
  using "drover"."crosswalk_readings" as survivor
  where merge.run_id = $1::bigint and merge.mapping = 'readings'
    and survivor.source_key = merge.survivor_key and survivor.disposition not in ('loaded', 'matched')
  returning merge.source_key
), walked as (
  update "drover"."crosswalk_readings" as walked
  set disposition = 'quarantined', "id" = null
  from lost
  where walked.source_key = lost.source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'readings', "step_1"."v1", $2::bigint, 'survivor-quarantined',
    '[{"code": "survivor-quarantined", "column": null}]'::jsonb, (
      select to_jsonb("original".*)
      from "legacy"."readings" as original
      where original.ctid = "r"."ctid"
    )
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'meter' then ("fix"."patch" ->> 'meter')::text else "t"."meter" end as "meter",
      case when "fix"."patch" ? 'taken' then ("fix"."patch" ->> 'taken')::date else "t"."taken" end as "taken",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::text else "t"."value" end as "value",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note",
      case when "fix"."patch" ? 'changed' then ("fix"."patch" ->> 'changed')::timestamp else "t"."changed" end as "changed"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'meters'
      and fix.relation = 'legacy.readings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  cross join lateral (
    select
      ("r"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where "step_1"."v1" collate "C" in (select source_key from lost)
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'readings', $2::bigint, 'adjustment', 'done', 0, 0, -n, 0, n, 0, clock_timestamp()
from (select count(*) as n from lost) as moved
where n > 0
returning number;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."readings";
-- target rows after
select count(*) as n from "app"."readings";
commit;

-- =================================================================================================
-- 2. remarks: legacy.remarks → app.remarks
-- begins when readings is done
-- =================================================================================================
-- remarks: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_remarks" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."remarks";
-- target rows before
select count(*) as n from "app"."remarks";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."remarks" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."remarks")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'remarks', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- remarks: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."remarks" as "r"
  where ($3::text[] is null or ("r"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("r"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_3.v4" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."r.id")::int4 as "id",
    ("row"."ref_3.id")::int4 as "reading_id",
    case when "row"."step_3.v4" then array_remove(array[case when ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null) then 1 end, case when "row"."step_1.v2" is not null and "row"."ref_3.source_key" is null then 2 end], null) end as "_reasons",
    "row"."r.ctid" as "_place"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."r.id" as "r.id",
    "ref_3"."id" as "ref_3.id",
    "ref_3"."source_key" as "ref_3.source_key",
    "row"."step_1.v2" as "step_1.v2",
    "row"."r.ctid" as "r.ctid"
  from (
  select
    ("r"."reading_id")::text as "step_1.v2",
    ("r"."id")::text as "step_1.v1",
    "r"."id" as "r.id",
    "r"."ctid" as "r.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'reading_id' then ("fix"."patch" ->> 'reading_id')::int4 else "t"."reading_id" end as "reading_id"
    from "legacy"."remarks" as t
    left join "drover"."overlay" as fix on fix.migration = 'meters'
      and fix.relation = 'legacy.remarks' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  where ($3::text[] is null or ("r"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("r"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_readings" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."remarks" ("id", "reading_id")
  select "id", "reading_id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_remarks" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'remarks', "s"."_key", $2::bigint,
    (array['waiting', 'orphan'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'reading_id'), (2, 'orphan', 'reading_id')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."remarks" as original
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
where run_id = $1::bigint and mapping = 'remarks' and number = $2::bigint;
commit;

-- remarks: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("r"."id")::text] as bound, row_number() over (order by "r"."id") as position, count(*) as rows
  from "legacy"."remarks" as "r"
    where ($1::text[] is null or ("r"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("r"."id") < (($2::text[])[1]::int4)) and "r"."id" is not null
  group by "r"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- remarks: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."remarks" as "r"
  where ($3::text[] is null or ("r"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("r"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."remarks" as original
      where original.ctid = "r"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'reading_id' then ("fix"."patch" ->> 'reading_id')::int4 else "t"."reading_id" end as "reading_id"
    from "legacy"."remarks" as t
    left join "drover"."overlay" as fix on fix.migration = 'meters'
      and fix.relation = 'legacy.remarks' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  cross join lateral (
    select
      ("r"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("r"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("r"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_remarks" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'remarks', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'remarks' and number = $2::bigint
returning quarantined;
commit;

-- remarks: the key of the crosswalk
begin;
alter table "drover"."crosswalk_remarks" add primary key (source_key);
analyze "drover"."crosswalk_remarks";
commit;

-- remarks: the statistics of the target
begin;
analyze "app"."remarks";
commit;

-- remarks_pkey
begin;
CREATE UNIQUE INDEX remarks_pkey ON app.remarks USING btree (id);
commit;

-- remarks: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."remarks";
-- target rows after
select count(*) as n from "app"."remarks";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."readings" add constraint "readings_meter_taken_key" unique using index "readings_meter_taken_key";
alter table "app"."readings" add constraint "readings_pkey" primary key using index "readings_pkey";
alter table "app"."remarks" add constraint "remarks_pkey" primary key using index "remarks_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."readings" as t offset '0') as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."remarks" as t offset '0') as hashed;
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
      "t"."id",
      case when "fix"."patch" ? 'meter' then ("fix"."patch" ->> 'meter')::text else "t"."meter" end as "meter",
      case when "fix"."patch" ? 'taken' then ("fix"."patch" ->> 'taken')::date else "t"."taken" end as "taken",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::text else "t"."value" end as "value",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note",
      case when "fix"."patch" ? 'changed' then ("fix"."patch" ->> 'changed')::timestamp else "t"."changed" end as "changed"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'meters'
      and fix.relation = 'legacy.readings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  cross join lateral (
    select
      ("r"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_readings" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("r"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'meters' and relation in ('legacy.readings')))) as found
on conflict do nothing;
-- duplicates are told apart again
insert into "drover"."resolution_readings"
  select source_key collate "C" as source_key,
    case
      when not _is_tried then _before
      when is_torn then 'torn'
      when source_key <> survivor_key then case when is_agreed then 'merged' else 'duplicate' end
      when is_matched then 'matched'
      else 'loaded'
    end as disposition,
    survivor_key collate "C" as survivor_key,
    "id",
    case when source_key = survivor_key then "group_1" end as "group_1"
  from (
    select "step_1"."v1" as source_key,
      first_value("step_1"."v1") over same as survivor_key,
      false as is_matched,
      false as is_torn,
      "step_4"."v12" is not distinct from first_value("step_4"."v12") over same as is_agreed,
      case when walked.disposition in ('loaded', 'matched') then "walked"."id" else first_value(case when walked.disposition in ('loaded', 'matched') then "walked"."id" else ("r"."id")::int4 end) over same end as "id",
      count(*) over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'meters' and mapping = 'readings') then "step_1"."v1" end, "step_3"."v9", "step_1"."v10", "step_4"."v12") as _size,
      first_value("r"."note") over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'meters' and mapping = 'readings') then "step_1"."v1" end, "step_3"."v9", "step_1"."v10", "step_4"."v12" order by "r"."note" is null, (walked.disposition in ('loaded', 'matched')) desc, "r"."changed" desc nulls last, "step_1"."v1" collate "C") as "group_1",
      walked.disposition as _before,
      "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'readings' and purpose in ('try') and not done) as _is_tried,
      bool_or("step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'readings' and purpose in ('try', 'group') and not done)) over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'meters' and mapping = 'readings') then "step_1"."v1" end, "step_3"."v9", "step_1"."v10") as _is_touched
    from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'meter' then ("fix"."patch" ->> 'meter')::text else "t"."meter" end as "meter",
      case when "fix"."patch" ? 'taken' then ("fix"."patch" ->> 'taken')::date else "t"."taken" end as "taken",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::text else "t"."value" end as "value",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note",
      case when "fix"."patch" ? 'changed' then ("fix"."patch" ->> 'changed')::timestamp else "t"."changed" end as "changed"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'meters'
      and fix.relation = 'legacy.readings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  cross join lateral (
    select
      ("r"."id")::text as "v1",
      case
      when (("r"."value")::text collate "default") is null then null
      when length((("r"."value")::text collate "default")) <= 30 and (("r"."value")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("r"."value")::text collate "default")
      when length((("r"."value")::text collate "default")) <= 30 and (("r"."value")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("r"."value")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("r"."value")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("r"."value")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("r"."value")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("r"."value")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("r"."value")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "v2",
      btrim(regexp_replace(((normalize("r"."meter", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v7",
      ("r"."taken")::date as "v10"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case when ('en' is null and "step_1"."v2" is not null and (("r"."value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "step_1"."v2"::numeric end as "v3",
      lower("step_1"."v7" collate "pg_catalog"."und-x-icu") as "v8"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      ("step_1"."v2" <> btrim((("r"."value")::text collate "default"))) and abs("step_2"."v3") < '99999999999999.995'::numeric as "v4",
      "step_2"."v3" <> round("step_2"."v3", 2) and abs("step_2"."v3") < '99999999999999.995'::numeric as "v5",
      ('en' is null and "step_1"."v2" is not null and (("r"."value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("r"."value")::text collate "default") is not null and "step_2"."v3" is null and ('en' is null and "step_1"."v2" is not null and (("r"."value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("step_2"."v3") < '99999999999999.995'::numeric) as "v6",
      (upper("step_2"."v8"))::text as "v9",
      case when abs("step_2"."v3") < '99999999999999.995'::numeric then round("step_2"."v3", 2) end as "v11"
    offset '0'
  ) as "step_3"
  cross join lateral (
    select
      ("step_3"."v11")::numeric as "v12"
    offset '0'
  ) as "step_4"
  join "drover"."crosswalk_readings" as walked on walked.source_key = "step_1"."v1" collate "C"
    where ("step_3"."v6") is not true and (walked.disposition <> 'excluded' and not (walked.disposition = 'quarantined' and "step_1"."v1" collate "C" in (
        select source_key
        from drover.quarantine
        where run_id = $1::bigint and mapping = 'readings' and accepted_at is not null
      )) or "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'readings' and purpose in ('try') and not done))
    window same as (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'meters' and mapping = 'readings') then "step_1"."v1" end, "step_3"."v9", "step_1"."v10" order by (walked.disposition in ('loaded', 'matched')) desc, "r"."changed" desc nulls last, "step_1"."v1" collate "C")
  ) as grouped
  where _is_touched and (_is_tried or _before <> 'quarantined')
on conflict (source_key) do update set "disposition" = "excluded"."disposition", "survivor_key" = "excluded"."survivor_key", "id" = "excluded"."id", "group_1" = "excluded"."group_1";
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_3.v10" then 'quarantined' else coalesce("row"."resolution.disposition", 'loaded') end as "_disposition",
    case when "row"."step_3.v4" or "row"."step_3.v5" or "row"."step_3.v6" then array[case when "row"."step_3.v4" then 1 end, case when "row"."step_3.v5" then 2 end, case when "row"."step_3.v6" then 3 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."r.id")::int4 as "id",
    (upper("row"."step_2.v8"))::text as "meter",
    ("row"."r.taken")::date as "taken",
    ("row"."step_3.v9")::numeric as "value",
    (coalesce("row"."resolution.group_1", "row"."r.note"))::text as "note",
    "row"."resolution.survivor_key" as "_survivor",
    "row"."resolution.id" as "_resolved_id",
    case when "row"."step_3.v10" then array_remove(array[case when ('en' is null and "row"."step_1.v2" is not null and (("row"."r.value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 1 end, case when (("row"."r.value")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."r.value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 2 end, case when not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) then 3 end, case when "row"."resolution.disposition" is not distinct from 'duplicate' then 4 end], null) end as "_reasons",
    "row"."r.ctid" as "_place",
    case when "row"."step_3.v4" or "row"."step_3.v5" or "row"."step_3.v6" then array[("row"."r.value")::text, ("row"."r.value")::text, ("row"."r.note")::text]::text[] end as "_originals"
  from (
  select
    ('en' is null and "row"."step_1.v2" is not null and (("row"."r.value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."r.value")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."r.value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) or "resolution"."disposition" is not distinct from 'duplicate' as "step_3.v10",
    "resolution"."disposition" as "resolution.disposition",
    ("row"."step_1.v2" <> btrim((("row"."r.value")::text collate "default"))) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v4",
    "row"."step_2.v3" <> round("row"."step_2.v3", 2) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v5",
    ((coalesce("resolution"."group_1", "row"."r.note"))::text collate "C" is distinct from ("row"."r.note")::text collate "C") and "resolution"."disposition" is distinct from 'merged' as "step_3.v6",
    "row"."step_1.v1" as "step_1.v1",
    "row"."r.id" as "r.id",
    "row"."step_2.v8" as "step_2.v8",
    "row"."r.taken" as "r.taken",
    case when abs("row"."step_2.v3") < '99999999999999.995'::numeric then round("row"."step_2.v3", 2) end as "step_3.v9",
    "resolution"."group_1" as "resolution.group_1",
    "row"."r.note" as "r.note",
    "resolution"."survivor_key" as "resolution.survivor_key",
    "resolution"."id" as "resolution.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."r.value" as "r.value",
    "row"."step_2.v3" as "step_2.v3",
    "row"."r.ctid" as "r.ctid"
  from (
  select
    "row"."step_1.v2" as "step_1.v2",
    "row"."r.value" as "r.value",
    case when ('en' is null and "row"."step_1.v2" is not null and (("row"."r.value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v2"::numeric end as "step_2.v3",
    "row"."r.note" as "r.note",
    "row"."step_1.v1" as "step_1.v1",
    "row"."r.id" as "r.id",
    lower("row"."step_1.v7" collate "pg_catalog"."und-x-icu") as "step_2.v8",
    "row"."r.taken" as "r.taken",
    "row"."r.ctid" as "r.ctid"
  from (
  select
    case
      when (("r"."value")::text collate "default") is null then null
      when length((("r"."value")::text collate "default")) <= 30 and (("r"."value")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("r"."value")::text collate "default")
      when length((("r"."value")::text collate "default")) <= 30 and (("r"."value")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("r"."value")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("r"."value")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("r"."value")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("r"."value")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("r"."value")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("r"."value")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v2",
    "r"."value" as "r.value",
    "r"."note" as "r.note",
    ("r"."id")::text as "step_1.v1",
    "r"."id" as "r.id",
    btrim(regexp_replace(((normalize("r"."meter", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "step_1.v7",
    "r"."taken" as "r.taken",
    "r"."ctid" as "r.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'meter' then ("fix"."patch" ->> 'meter')::text else "t"."meter" end as "meter",
      case when "fix"."patch" ? 'taken' then ("fix"."patch" ->> 'taken')::date else "t"."taken" end as "taken",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::text else "t"."value" end as "value",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note",
      case when "fix"."patch" ? 'changed' then ("fix"."patch" ->> 'changed')::timestamp else "t"."changed" end as "changed"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'meters'
      and fix.relation = 'legacy.readings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  where "r"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'readings' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  left join "drover"."resolution_readings" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_readings" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."readings" ("id", "meter", "taken", "value", "note")
  select "id", "meter", "taken", "value", "note"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_readings" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'readings', "s"."_key", $2::bigint,
    (array['ambiguous-number', 'no-value', 'no-value', 'conflicting-value'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'ambiguous-number', 'value'), (2, 'no-value', 'value'), (3, 'no-value', 'value'), (4, 'conflicting-value', 'id')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."readings" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'readings' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), parted as (
  delete from drover.merge as m
  using s
  where "m"."run_id" = $1::bigint and "m"."mapping" = 'readings' and "m"."source_key" = "s"."_key"
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'readings', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'readings' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'readings' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'readings', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'value'), (2, 'rounded', 'value'), (3, 'filled', 'note')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
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
create table if not exists "drover"."before_image_readings" (like "app"."readings", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_3.v10" then 'quarantined' else coalesce("row"."resolution.disposition", 'loaded') end as "_disposition",
    case when "row"."step_3.v4" or "row"."step_3.v5" or "row"."step_3.v6" then array[case when "row"."step_3.v4" then 1 end, case when "row"."step_3.v5" then 2 end, case when "row"."step_3.v6" then 3 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."r.id")::int4 as "id",
    (upper("row"."step_2.v8"))::text as "meter",
    ("row"."r.taken")::date as "taken",
    ("row"."step_3.v9")::numeric as "value",
    (coalesce("row"."resolution.group_1", "row"."r.note"))::text as "note",
    "row"."resolution.survivor_key" as "_survivor",
    "row"."resolution.id" as "_resolved_id",
    case when "row"."step_3.v10" then array_remove(array[case when ('en' is null and "row"."step_1.v2" is not null and (("row"."r.value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 1 end, case when (("row"."r.value")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."r.value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 2 end, case when not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) then 3 end, case when "row"."resolution.disposition" is not distinct from 'duplicate' then 4 end], null) end as "_reasons",
    case when "row"."step_3.v4" or "row"."step_3.v5" or "row"."step_3.v6" then array[("row"."r.value")::text, ("row"."r.value")::text, ("row"."r.note")::text]::text[] end as "_originals"
  from (
  select
    ('en' is null and "row"."step_1.v2" is not null and (("row"."r.value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."r.value")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."r.value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) or "resolution"."disposition" is not distinct from 'duplicate' as "step_3.v10",
    "resolution"."disposition" as "resolution.disposition",
    ("row"."step_1.v2" <> btrim((("row"."r.value")::text collate "default"))) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v4",
    "row"."step_2.v3" <> round("row"."step_2.v3", 2) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v5",
    ((coalesce("resolution"."group_1", "row"."r.note"))::text collate "C" is distinct from ("row"."r.note")::text collate "C") and "resolution"."disposition" is distinct from 'merged' as "step_3.v6",
    "row"."step_1.v1" as "step_1.v1",
    "row"."r.id" as "r.id",
    "row"."step_2.v8" as "step_2.v8",
    "row"."r.taken" as "r.taken",
    case when abs("row"."step_2.v3") < '99999999999999.995'::numeric then round("row"."step_2.v3", 2) end as "step_3.v9",
    "resolution"."group_1" as "resolution.group_1",
    "row"."r.note" as "r.note",
    "resolution"."survivor_key" as "resolution.survivor_key",
    "resolution"."id" as "resolution.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."r.value" as "r.value",
    "row"."step_2.v3" as "step_2.v3",
    "row"."r.ctid" as "r.ctid"
  from (
  select
    "row"."step_1.v2" as "step_1.v2",
    "row"."r.value" as "r.value",
    case when ('en' is null and "row"."step_1.v2" is not null and (("row"."r.value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v2"::numeric end as "step_2.v3",
    "row"."r.note" as "r.note",
    "row"."step_1.v1" as "step_1.v1",
    "row"."r.id" as "r.id",
    lower("row"."step_1.v7" collate "pg_catalog"."und-x-icu") as "step_2.v8",
    "row"."r.taken" as "r.taken",
    "row"."r.ctid" as "r.ctid"
  from (
  select
    case
      when (("r"."value")::text collate "default") is null then null
      when length((("r"."value")::text collate "default")) <= 30 and (("r"."value")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("r"."value")::text collate "default")
      when length((("r"."value")::text collate "default")) <= 30 and (("r"."value")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("r"."value")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("r"."value")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("r"."value")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("r"."value")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("r"."value")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("r"."value")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v2",
    "r"."value" as "r.value",
    "r"."note" as "r.note",
    ("r"."id")::text as "step_1.v1",
    "r"."id" as "r.id",
    btrim(regexp_replace(((normalize("r"."meter", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "step_1.v7",
    "r"."taken" as "r.taken",
    "r"."ctid" as "r.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'meter' then ("fix"."patch" ->> 'meter')::text else "t"."meter" end as "meter",
      case when "fix"."patch" ? 'taken' then ("fix"."patch" ->> 'taken')::date else "t"."taken" end as "taken",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::text else "t"."value" end as "value",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note",
      case when "fix"."patch" ? 'changed' then ("fix"."patch" ->> 'changed')::timestamp else "t"."changed" end as "changed"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'meters'
      and fix.relation = 'legacy.readings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  where "r"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'readings' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  left join "drover"."resolution_readings" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_readings" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."readings" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."meter") is distinct from ("s"."meter") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."taken") is distinct from ("s"."taken") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."value") is distinct from ("s"."value") or ($2::text[] && array['*', 'readings'] and s._stands = 'loaded') and ("existing"."note") is distinct from ("s"."note"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_readings" ("id", "meter", "taken", "value", "note", "drover_version")
  select "id", "meter", "taken", "value", "note", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."readings" as t
  set "meter" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."meter" else "t"."meter" end,
    "taken" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."taken" else "t"."taken" end,
    "value" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."value" else "t"."value" end,
    "note" = case when ($2::text[] && array['*', 'readings'] and s._stands = 'loaded') then "s"."note" else "t"."note" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'readings', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('meter', array['*']), ('taken', array['*']), ('value', array['*']), ('note', array['*', 'readings'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'readings' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'readings' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'readings', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'value'), (2, 'rounded', 'value'), (3, 'filled', 'note')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;

-- remarks: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'remarks', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'reading_id' then ("fix"."patch" ->> 'reading_id')::int4 else "t"."reading_id" end as "reading_id"
    from "legacy"."remarks" as t
    left join "drover"."overlay" as fix on fix.migration = 'meters'
      and fix.relation = 'legacy.remarks' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  cross join lateral (
    select
      ("r"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_remarks" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("r"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'meters' and relation in ('legacy.remarks')))) as found
on conflict do nothing;
-- rows that refer to moved rows of readings
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'remarks', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'reading_id' then ("fix"."patch" ->> 'reading_id')::int4 else "t"."reading_id" end as "reading_id"
    from "legacy"."remarks" as t
    left join "drover"."overlay" as fix on fix.migration = 'meters'
      and fix.relation = 'legacy.remarks' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  cross join lateral (
    select
      ("r"."id")::text as "v1",
      ("r"."reading_id")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_remarks" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'readings' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'remarks' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of readings
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'reading_id' then ("fix"."patch" ->> 'reading_id')::int4 else "t"."reading_id" end as "reading_id"
    from "legacy"."remarks" as t
    left join "drover"."overlay" as fix on fix.migration = 'meters'
      and fix.relation = 'legacy.remarks' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  cross join lateral (
    select
      ("r"."id")::text as "v1",
      ("r"."reading_id")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_remarks" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'remarks' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_3.v4" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."r.id")::int4 as "id",
    ("row"."ref_3.id")::int4 as "reading_id",
    case when "row"."step_3.v4" then array_remove(array[case when ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null) then 1 end, case when "row"."step_1.v2" is not null and "row"."ref_3.source_key" is null then 2 end], null) end as "_reasons",
    "row"."r.ctid" as "_place"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."r.id" as "r.id",
    "ref_3"."id" as "ref_3.id",
    "ref_3"."source_key" as "ref_3.source_key",
    "row"."step_1.v2" as "step_1.v2",
    "row"."r.ctid" as "r.ctid"
  from (
  select
    ("r"."reading_id")::text as "step_1.v2",
    ("r"."id")::text as "step_1.v1",
    "r"."id" as "r.id",
    "r"."ctid" as "r.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'reading_id' then ("fix"."patch" ->> 'reading_id')::int4 else "t"."reading_id" end as "reading_id"
    from "legacy"."remarks" as t
    left join "drover"."overlay" as fix on fix.migration = 'meters'
      and fix.relation = 'legacy.remarks' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  where "r"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'remarks' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_readings" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_remarks" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."remarks" ("id", "reading_id")
  select "id", "reading_id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_remarks" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'remarks', "s"."_key", $2::bigint,
    (array['waiting', 'orphan'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'reading_id'), (2, 'orphan', 'reading_id')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."remarks" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'remarks' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'remarks' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'remarks' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'remarks', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'remarks', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_remarks" (like "app"."remarks", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_3.v4" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."r.id")::int4 as "id",
    ("row"."ref_3.id")::int4 as "reading_id",
    case when "row"."step_3.v4" then array_remove(array[case when ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null) then 1 end, case when "row"."step_1.v2" is not null and "row"."ref_3.source_key" is null then 2 end], null) end as "_reasons"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."r.id" as "r.id",
    "ref_3"."id" as "ref_3.id",
    "ref_3"."source_key" as "ref_3.source_key",
    "row"."step_1.v2" as "step_1.v2",
    "row"."r.ctid" as "r.ctid"
  from (
  select
    ("r"."reading_id")::text as "step_1.v2",
    ("r"."id")::text as "step_1.v1",
    "r"."id" as "r.id",
    "r"."ctid" as "r.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'reading_id' then ("fix"."patch" ->> 'reading_id')::int4 else "t"."reading_id" end as "reading_id"
    from "legacy"."remarks" as t
    left join "drover"."overlay" as fix on fix.migration = 'meters'
      and fix.relation = 'legacy.remarks' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  where "r"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'remarks' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_readings" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_remarks" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."remarks" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'readings'] and s._stands = 'loaded') and ("existing"."reading_id") is distinct from ("s"."reading_id"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_remarks" ("id", "reading_id", "drover_version")
  select "id", "reading_id", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."remarks" as t
  set "reading_id" = case when ($2::text[] && array['*', 'readings'] and s._stands = 'loaded') then "s"."reading_id" else "t"."reading_id" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'remarks', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('reading_id', array['*', 'readings'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'remarks' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'remarks' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
