-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
create trigger "drover_frozen"
before insert or update or delete or truncate on "legacy"."readings"
for each statement execute function drover.refuse_write();
alter table "legacy"."readings" enable always trigger "drover_frozen";
create trigger "drover_frozen"
before insert or update or delete or truncate on "legacy"."readings_2022"
for each statement execute function drover.refuse_write();
alter table "legacy"."readings_2022" enable always trigger "drover_frozen";
create trigger "drover_frozen"
before insert or update or delete or truncate on "legacy"."readings_2023"
for each statement execute function drover.refuse_write();
alter table "legacy"."readings_2023" enable always trigger "drover_frozen";
create trigger "drover_frozen"
before insert or update or delete or truncate on "legacy"."Readings of 2023"
for each statement execute function drover.refuse_write();
alter table "legacy"."Readings of 2023" enable always trigger "drover_frozen";
create trigger "drover_frozen"
before insert or update or delete or truncate on "legacy"."readings_2023_odd"
for each statement execute function drover.refuse_write();
alter table "legacy"."readings_2023_odd" enable always trigger "drover_frozen";
create trigger "drover_frozen"
before insert or update or delete or truncate on "legacy"."readings_2024"
for each statement execute function drover.refuse_write();
alter table "legacy"."readings_2024" enable always trigger "drover_frozen";
create trigger "drover_frozen"
before insert or update or delete or truncate on "legacy"."readings_rest"
for each statement execute function drover.refuse_write();
alter table "legacy"."readings_rest" enable always trigger "drover_frozen";
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
  "day" date,
  "sensor" int4
);
-- source rows
select count(*) as n from "legacy"."readings";
-- target rows before
select count(*) as n from "app"."readings";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select number, case when number > 1 then array[partition::text] || within end as lower, rows
  from (
    select row_number() over (order by partition, place) as number, partition, within, rows
    from (
      select partition, block as place, case when block > 0 then array['(' || block || ',0)'] end as within,
        least(step, blocks - block) * n / blocks as rows
      from (
        select listed.partition, size.blocks, counted.n, greatest(1, size.blocks * $2::bigint / counted.n) as step
        from (values (1, '"legacy"."readings_2022"'::regclass), (2, '"legacy"."Readings of 2023"'::regclass), (3, '"legacy"."readings_2023_odd"'::regclass), (4, '"legacy"."readings_2024"'::regclass), (5, '"legacy"."readings_rest"'::regclass)) as listed (partition, relation)
        join (
          select tableoid, count(*) as n from "legacy"."readings" group by tableoid
        ) as counted on counted.tableoid = listed.relation
        cross join lateral (
          select pg_relation_size(listed.relation) / current_setting('block_size')::int as blocks
        ) as size
      ) as sized
      cross join lateral generate_series(0, blocks - 1, step) as block
      union all
      select 1, 0, null, 0 where not exists (select from "legacy"."readings")
    ) as cut
  ) as numbered
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'readings', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- =================================================================================================
-- readings: "drover"."partitions" below stands for those of these queries, joined by union all, that lie between
-- the bounds of the chunk. A bound is the number of a partition, and a place in it; alone, ahead of all its rows:
--   select 1 as "drover_partition", "t"."ctid", "t"."day", "t"."sensor", "t"."value", "t"."secret", "t"."raw" from "legacy"."readings_2022" as t
--   select 2 as "drover_partition", "t"."ctid", "t"."day", "t"."sensor", "t"."value", "t"."secret", "t"."raw" from "legacy"."Readings of 2023" as t
--   select 3 as "drover_partition", "t"."ctid", "t"."day", "t"."sensor", "t"."value", "t"."secret", "t"."raw" from "legacy"."readings_2023_odd" as t
--   select 4 as "drover_partition", "t"."ctid", "t"."day", "t"."sensor", "t"."value", "t"."secret", "t"."raw" from "legacy"."readings_2024" as t
--   select 5 as "drover_partition", "t"."ctid", "t"."day", "t"."sensor", "t"."value", "t"."secret", "t"."raw" from "legacy"."readings_rest" as t
-- =================================================================================================
-- readings: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "drover"."partitions" as "r"
  where ($3::text[] is null or ("r"."drover_partition") > (($3::text[])[1]::int4) or ("r"."drover_partition") = (($3::text[])[1]::int4) and (cardinality($3::text[]) = 1 or ("r"."ctid") >= (($3::text[])[2]::tid))) and ($4::text[] is null or ("r"."drover_partition") < (($4::text[])[1]::int4) or ("r"."drover_partition") = (($4::text[])[1]::int4) and ("r"."ctid") < (($4::text[])[2]::tid))
), s as materialized (
  select
    case when "row"."step_5.v13" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_4.v9" or "row"."step_4.v10" or "row"."step_4.v11" or "row"."step_4.v12" then array[case when "row"."step_4.v9" then 1 end, case when "row"."step_4.v10" then 2 end, case when "row"."step_4.v11" then 3 end, case when "row"."step_4.v12" then 4 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."r.day")::date as "day",
    ("row"."r.sensor")::int4 as "sensor",
    ("row"."step_4.v5")::numeric as "value",
    ("row"."step_3.v8")::text as "unit",
    case when "row"."step_5.v13" then array_remove(array[case when ('en' is null and "row"."step_2.v3" is not null and (("row"."step_1.v2")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 1 end, case when (("row"."step_1.v2")::text collate "default") is not null and "row"."step_3.v4" is null and ('en' is null and "row"."step_2.v3" is not null and (("row"."step_1.v2")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 2 end, case when not (abs("row"."step_3.v4") < '99999999999999.9999995'::numeric) then 3 end, case when "row"."step_4.v5" is null then 4 end], null) end as "_reasons",
    "row"."r.drover_partition" as "_partition",
    "row"."r.ctid" as "_place",
    case when "row"."step_4.v9" or "row"."step_4.v10" or "row"."step_4.v11" or "row"."step_4.v12" then array[("row"."step_1.v2")::text, ("row"."step_1.v2")::text, ("row"."step_1.v6")::text, ("row"."step_1.v6")::text]::text[] end as "_originals"
  from (
  select
    ('en' is null and "row"."step_2.v3" is not null and (("row"."step_1.v2")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."step_1.v2")::text collate "default") is not null and "row"."step_3.v4" is null and ('en' is null and "row"."step_2.v3" is not null and (("row"."step_1.v2")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_3.v4") < '99999999999999.9999995'::numeric) or "row"."step_4.v5" is null as "step_5.v13",
    "row"."step_4.v9" as "step_4.v9",
    "row"."step_4.v10" as "step_4.v10",
    "row"."step_4.v11" as "step_4.v11",
    "row"."step_4.v12" as "step_4.v12",
    "row"."step_1.v1" as "step_1.v1",
    "row"."r.day" as "r.day",
    "row"."r.sensor" as "r.sensor",
    "row"."step_4.v5" as "step_4.v5",
    "row"."step_3.v8" as "step_3.v8",
    "row"."step_2.v3" as "step_2.v3",
    "row"."step_1.v2" as "step_1.v2",
    "row"."step_3.v4" as "step_3.v4",
    "row"."r.drover_partition" as "r.drover_partition",
    "row"."r.ctid" as "r.ctid",
    "row"."step_1.v6" as "step_1.v6"
  from (
  select
    "row"."step_2.v3" as "step_2.v3",
    "row"."step_1.v2" as "step_1.v2",
    "row"."step_3.v4" as "step_3.v4",
    case when abs("row"."step_3.v4") < '99999999999999.9999995'::numeric then round("row"."step_3.v4", 6) end as "step_4.v5",
    ("row"."step_2.v3" <> btrim((("row"."step_1.v2")::text collate "default"))) and abs("row"."step_3.v4") < '99999999999999.9999995'::numeric as "step_4.v9",
    "row"."step_3.v4" <> round("row"."step_3.v4", 6) and abs("row"."step_3.v4") < '99999999999999.9999995'::numeric as "step_4.v10",
    "row"."step_1.v6" is not null and "row"."step_3.v8" is null as "step_4.v11",
    lower("row"."step_3.v8" collate "C") <> lower(btrim(("row"."step_1.v6")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") as "step_4.v12",
    "row"."step_1.v1" as "step_1.v1",
    "row"."r.day" as "r.day",
    "row"."r.sensor" as "r.sensor",
    "row"."step_3.v8" as "step_3.v8",
    "row"."r.drover_partition" as "r.drover_partition",
    "row"."r.ctid" as "r.ctid",
    "row"."step_1.v6" as "step_1.v6"
  from (
  select
    "row"."step_2.v3" as "step_2.v3",
    "row"."step_1.v2" as "step_1.v2",
    case when ('en' is null and "row"."step_2.v3" is not null and (("row"."step_1.v2")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_2.v3"::numeric end as "step_3.v4",
    "row"."step_1.v6" as "step_1.v6",
    case "row"."step_2.v7" when 'c' then 'C' when 'f' then 'F' end as "step_3.v8",
    "row"."step_1.v1" as "step_1.v1",
    "row"."r.day" as "r.day",
    "row"."r.sensor" as "r.sensor",
    "row"."r.drover_partition" as "r.drover_partition",
    "row"."r.ctid" as "r.ctid"
  from (
  select
    case
      when (("row"."step_1.v2")::text collate "default") is null then null
      when length((("row"."step_1.v2")::text collate "default")) <= 30 and (("row"."step_1.v2")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("row"."step_1.v2")::text collate "default")
      when length((("row"."step_1.v2")::text collate "default")) <= 30 and (("row"."step_1.v2")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("row"."step_1.v2")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("row"."step_1.v2")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("row"."step_1.v2")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("row"."step_1.v2")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("row"."step_1.v2")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("row"."step_1.v2")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_2.v3",
    "row"."step_1.v2" as "step_1.v2",
    "row"."step_1.v6" as "step_1.v6",
    replace(replace(lower(btrim(("row"."step_1.v6")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C"), ' ', '_'), '-', '_') as "step_2.v7",
    "row"."step_1.v1" as "step_1.v1",
    "row"."r.day" as "r.day",
    "row"."r.sensor" as "r.sensor",
    "row"."r.drover_partition" as "r.drover_partition",
    "row"."r.ctid" as "r.ctid"
  from (
  select
    btrim(regexp_replace((("r"."value")::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "step_1.v2",
    "r"."raw" ->> 'unit' as "step_1.v6",
    case when ("r"."day") is not null and ("r"."sensor") is not null then json_build_array(("r"."day")::text, ("r"."sensor")::text)::text end as "step_1.v1",
    "r"."day" as "r.day",
    "r"."sensor" as "r.sensor",
    "r"."drover_partition" as "r.drover_partition",
    "r"."ctid" as "r.ctid"
  from (
    select "t"."drover_partition",
      "t"."ctid",
      "t"."day",
      "t"."sensor",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::text else "t"."value" end as "value",
      case when "fix"."patch" ? 'secret' then ("fix"."patch" ->> 'secret')::text else "t"."secret" end as "secret",
      case when "fix"."patch" ? 'raw' then ("fix"."patch" ->> 'raw')::json else "t"."raw" end as "raw"
    from "drover"."partitions" as t
    left join "drover"."overlay" as fix on fix.migration = 'weather'
      and fix.relation = 'legacy.readings' and fix.row_key = (case when ("t"."day") is not null and ("t"."sensor") is not null then json_build_array(("t"."day")::text, ("t"."sensor")::text)::text end) collate "C"
  ) as "r"
  where ($3::text[] is null or ("r"."drover_partition") > (($3::text[])[1]::int4) or ("r"."drover_partition") = (($3::text[])[1]::int4) and (cardinality($3::text[]) = 1 or ("r"."ctid") >= (($3::text[])[2]::tid))) and ($4::text[] is null or ("r"."drover_partition") < (($4::text[])[1]::int4) or ("r"."drover_partition") = (($4::text[])[1]::int4) and ("r"."ctid") < (($4::text[])[2]::tid))
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."readings" ("day", "sensor", "value", "unit")
  select "day", "sensor", "value", "unit"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_readings" (source_key, disposition, "day", "sensor")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."day" end, case "s"."_disposition" when 'loaded' then "s"."sensor" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'readings', "s"."_key", $2::bigint,
    (array['ambiguous-number', 'not-a-number', 'out-of-range', 'no-value'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'ambiguous-number', 'value'), (2, 'not-a-number', 'value'), (3, 'out-of-range', 'value'), (4, 'no-value', 'value')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select (select to_jsonb(kept.*) from (select "original"."day", "original"."sensor", "original"."value", "original"."raw"::text as "raw") as kept)
      from "drover"."partitions" as original
      where "original"."drover_partition" = "s"."_partition" and original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'readings', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'value'), (2, 'rounded', 'value'), (3, 'not-in-list', 'unit'), (4, 'alias', 'unit')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'readings' and number = $2::bigint;
commit;

-- readings: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("r"."drover_partition")::text, ("r"."ctid")::text] as bound, row_number() over (order by "r"."drover_partition", "r"."ctid") as position, count(*) as rows
  from "drover"."partitions" as "r"
    where ($1::text[] is null or ("r"."drover_partition") > (($1::text[])[1]::int4) or ("r"."drover_partition") = (($1::text[])[1]::int4) and (cardinality($1::text[]) = 1 or ("r"."ctid") >= (($1::text[])[2]::tid))) and ($2::text[] is null or ("r"."drover_partition") < (($2::text[])[1]::int4) or ("r"."drover_partition") = (($2::text[])[1]::int4) and ("r"."ctid") < (($2::text[])[2]::tid)) and "r"."drover_partition" is not null and "r"."ctid" is not null
  group by "r"."drover_partition", "r"."ctid"
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
  from "drover"."partitions" as "r"
  where ($3::text[] is null or ("r"."drover_partition") > (($3::text[])[1]::int4) or ("r"."drover_partition") = (($3::text[])[1]::int4) and (cardinality($3::text[]) = 1 or ("r"."ctid") >= (($3::text[])[2]::tid))) and ($4::text[] is null or ("r"."drover_partition") < (($4::text[])[1]::int4) or ("r"."drover_partition") = (($4::text[])[1]::int4) and ("r"."ctid") < (($4::text[])[2]::tid))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select (select to_jsonb(kept.*) from (select "original"."day", "original"."sensor", "original"."value", "original"."raw"::text as "raw") as kept)
      from "drover"."partitions" as original
      where "original"."drover_partition" = "r"."drover_partition" and original.ctid = "r"."ctid"
    ) as original
  from (
    select "t"."drover_partition",
      "t"."ctid",
      "t"."day",
      "t"."sensor",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::text else "t"."value" end as "value",
      case when "fix"."patch" ? 'secret' then ("fix"."patch" ->> 'secret')::text else "t"."secret" end as "secret",
      case when "fix"."patch" ? 'raw' then ("fix"."patch" ->> 'raw')::json else "t"."raw" end as "raw"
    from "drover"."partitions" as t
    left join "drover"."overlay" as fix on fix.migration = 'weather'
      and fix.relation = 'legacy.readings' and fix.row_key = (case when ("t"."day") is not null and ("t"."sensor") is not null then json_build_array(("t"."day")::text, ("t"."sensor")::text)::text end) collate "C"
  ) as "r"
  cross join lateral (
    select
      case when ("r"."day") is not null and ("r"."sensor") is not null then json_build_array(("r"."day")::text, ("r"."sensor")::text)::text end as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("r"."drover_partition") > (($3::text[])[1]::int4) or ("r"."drover_partition") = (($3::text[])[1]::int4) and (cardinality($3::text[]) = 1 or ("r"."ctid") >= (($3::text[])[2]::tid))) and ($4::text[] is null or ("r"."drover_partition") < (($4::text[])[1]::int4) or ("r"."drover_partition") = (($4::text[])[1]::int4) and ("r"."ctid") < (($4::text[])[2]::tid))
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
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
drop trigger if exists "drover_frozen" on "legacy"."readings";
drop trigger if exists "drover_frozen" on "legacy"."readings_2022";
drop trigger if exists "drover_frozen" on "legacy"."readings_2023";
drop trigger if exists "drover_frozen" on "legacy"."Readings of 2023";
drop trigger if exists "drover_frozen" on "legacy"."readings_2023_odd";
drop trigger if exists "drover_frozen" on "legacy"."readings_2024";
drop trigger if exists "drover_frozen" on "legacy"."readings_rest";
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
      "t"."day",
      "t"."sensor",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::text else "t"."value" end as "value",
      case when "fix"."patch" ? 'secret' then ("fix"."patch" ->> 'secret')::text else "t"."secret" end as "secret",
      case when "fix"."patch" ? 'raw' then ("fix"."patch" ->> 'raw')::json else "t"."raw" end as "raw",
      (select to_jsonb(kept.*) from (select "t"."day", "t"."sensor", "t"."value", "t"."raw"::text as "raw") as kept) as "_unfixed"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'weather'
      and fix.relation = 'legacy.readings' and fix.row_key = (case when ("t"."day") is not null and ("t"."sensor") is not null then json_build_array(("t"."day")::text, ("t"."sensor")::text)::text end) collate "C"
  ) as "r"
  cross join lateral (
    select
      case when ("r"."day") is not null and ("r"."sensor") is not null then json_build_array(("r"."day")::text, ("r"."sensor")::text)::text end as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_readings" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((case when ("r"."day") is not null and ("r"."sensor") is not null then json_build_array(("r"."day")::text, ("r"."sensor")::text)::text end) collate "C" in (select row_key from drover.overlay where migration = 'weather' and relation in ('legacy.readings')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "step_5"."v13" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_4"."v9" or "step_4"."v10" or "step_4"."v11" or "step_4"."v12" then array[case when "step_4"."v9" then 1 end, case when "step_4"."v10" then 2 end, case when "step_4"."v11" then 3 end, case when "step_4"."v12" then 4 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("r"."day")::date as "day",
    ("r"."sensor")::int4 as "sensor",
    ("step_4"."v5")::numeric as "value",
    ("step_3"."v8")::text as "unit",
    case when "step_5"."v13" then array_remove(array[case when ('en' is null and "step_2"."v3" is not null and (("step_1"."v2")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 1 end, case when (("step_1"."v2")::text collate "default") is not null and "step_3"."v4" is null and ('en' is null and "step_2"."v3" is not null and (("step_1"."v2")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 2 end, case when not (abs("step_3"."v4") < '99999999999999.9999995'::numeric) then 3 end, case when "step_4"."v5" is null then 4 end], null) end as "_reasons",
    case when "step_5"."v13" then "r"."_unfixed" end as "_original",
    case when "step_4"."v9" or "step_4"."v10" or "step_4"."v11" or "step_4"."v12" then array[("step_1"."v2")::text, ("step_1"."v2")::text, ("step_1"."v6")::text, ("step_1"."v6")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."day",
      "t"."sensor",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::text else "t"."value" end as "value",
      case when "fix"."patch" ? 'secret' then ("fix"."patch" ->> 'secret')::text else "t"."secret" end as "secret",
      case when "fix"."patch" ? 'raw' then ("fix"."patch" ->> 'raw')::json else "t"."raw" end as "raw",
      (select to_jsonb(kept.*) from (select "t"."day", "t"."sensor", "t"."value", "t"."raw"::text as "raw") as kept) as "_unfixed"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'weather'
      and fix.relation = 'legacy.readings' and fix.row_key = (case when ("t"."day") is not null and ("t"."sensor") is not null then json_build_array(("t"."day")::text, ("t"."sensor")::text)::text end) collate "C"
  ) as "r"
  cross join lateral (
    select
      case when ("r"."day") is not null and ("r"."sensor") is not null then json_build_array(("r"."day")::text, ("r"."sensor")::text)::text end as "v1",
      btrim(regexp_replace((("r"."value")::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v2",
      "r"."raw" ->> 'unit' as "v6"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case
      when (("step_1"."v2")::text collate "default") is null then null
      when length((("step_1"."v2")::text collate "default")) <= 30 and (("step_1"."v2")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("step_1"."v2")::text collate "default")
      when length((("step_1"."v2")::text collate "default")) <= 30 and (("step_1"."v2")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("step_1"."v2")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("step_1"."v2")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("step_1"."v2")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("step_1"."v2")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("step_1"."v2")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("step_1"."v2")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "v3",
      replace(replace(lower(btrim(("step_1"."v6")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C"), ' ', '_'), '-', '_') as "v7"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      case when ('en' is null and "step_2"."v3" is not null and (("step_1"."v2")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "step_2"."v3"::numeric end as "v4",
      case "step_2"."v7" when 'c' then 'C' when 'f' then 'F' end as "v8"
    offset '0'
  ) as "step_3"
  cross join lateral (
    select
      case when abs("step_3"."v4") < '99999999999999.9999995'::numeric then round("step_3"."v4", 6) end as "v5",
      ("step_2"."v3" <> btrim((("step_1"."v2")::text collate "default"))) and abs("step_3"."v4") < '99999999999999.9999995'::numeric as "v9",
      "step_3"."v4" <> round("step_3"."v4", 6) and abs("step_3"."v4") < '99999999999999.9999995'::numeric as "v10",
      "step_1"."v6" is not null and "step_3"."v8" is null as "v11",
      lower("step_3"."v8" collate "C") <> lower(btrim(("step_1"."v6")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") as "v12"
    offset '0'
  ) as "step_4"
  cross join lateral (
    select
      ('en' is null and "step_2"."v3" is not null and (("step_1"."v2")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("step_1"."v2")::text collate "default") is not null and "step_3"."v4" is null and ('en' is null and "step_2"."v3" is not null and (("step_1"."v2")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("step_3"."v4") < '99999999999999.9999995'::numeric) or "step_4"."v5" is null as "v13"
    offset '0'
  ) as "step_5"
  where ("r"."day", "r"."sensor") in (select (source_key::jsonb ->> 0)::date, (source_key::jsonb ->> 1)::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'readings' and purpose in ('try') and not done) as named)
  ) as made
  join "drover"."crosswalk_readings" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."readings" ("day", "sensor", "value", "unit")
  select "day", "sensor", "value", "unit"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_readings" as walked
  set disposition = "s"."_disposition", "day" = case "s"."_disposition" when 'loaded' then "s"."day" end, "sensor" = case "s"."_disposition" when 'loaded' then "s"."sensor" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'readings', "s"."_key", $2::bigint,
    (array['ambiguous-number', 'not-a-number', 'out-of-range', 'no-value'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'ambiguous-number', 'value'), (2, 'not-a-number', 'value'), (3, 'out-of-range', 'value'), (4, 'no-value', 'value')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    "s"."_original"
  from s
  where "s"."_disposition" = 'quarantined'
  on conflict (run_id, mapping, source_key) do update
  set code = excluded.code, reasons = excluded.reasons, sqlstate = null, set_aside_at = excluded.set_aside_at
  returning 1
), freed as (
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
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'readings', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'value'), (2, 'rounded', 'value'), (3, 'not-in-list', 'unit'), (4, 'alias', 'unit')) as guard (number, code, column_name) on guard.number = log.number
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
create table if not exists "drover"."before_image_readings" (like "app"."readings", "drover_version" bigint not null, primary key ("day", "sensor"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."day" as "_walked_day",
    "walked"."sensor" as "_walked_sensor"
  from (
  select
    case when "step_5"."v13" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_4"."v9" or "step_4"."v10" or "step_4"."v11" or "step_4"."v12" then array[case when "step_4"."v9" then 1 end, case when "step_4"."v10" then 2 end, case when "step_4"."v11" then 3 end, case when "step_4"."v12" then 4 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("r"."day")::date as "day",
    ("r"."sensor")::int4 as "sensor",
    ("step_4"."v5")::numeric as "value",
    ("step_3"."v8")::text as "unit",
    case when "step_5"."v13" then array_remove(array[case when ('en' is null and "step_2"."v3" is not null and (("step_1"."v2")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 1 end, case when (("step_1"."v2")::text collate "default") is not null and "step_3"."v4" is null and ('en' is null and "step_2"."v3" is not null and (("step_1"."v2")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 2 end, case when not (abs("step_3"."v4") < '99999999999999.9999995'::numeric) then 3 end, case when "step_4"."v5" is null then 4 end], null) end as "_reasons",
    case when "step_4"."v9" or "step_4"."v10" or "step_4"."v11" or "step_4"."v12" then array[("step_1"."v2")::text, ("step_1"."v2")::text, ("step_1"."v6")::text, ("step_1"."v6")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."day",
      "t"."sensor",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::text else "t"."value" end as "value",
      case when "fix"."patch" ? 'secret' then ("fix"."patch" ->> 'secret')::text else "t"."secret" end as "secret",
      case when "fix"."patch" ? 'raw' then ("fix"."patch" ->> 'raw')::json else "t"."raw" end as "raw",
      (select to_jsonb(kept.*) from (select "t"."day", "t"."sensor", "t"."value", "t"."raw"::text as "raw") as kept) as "_unfixed"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'weather'
      and fix.relation = 'legacy.readings' and fix.row_key = (case when ("t"."day") is not null and ("t"."sensor") is not null then json_build_array(("t"."day")::text, ("t"."sensor")::text)::text end) collate "C"
  ) as "r"
  cross join lateral (
    select
      case when ("r"."day") is not null and ("r"."sensor") is not null then json_build_array(("r"."day")::text, ("r"."sensor")::text)::text end as "v1",
      btrim(regexp_replace((("r"."value")::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v2",
      "r"."raw" ->> 'unit' as "v6"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case
      when (("step_1"."v2")::text collate "default") is null then null
      when length((("step_1"."v2")::text collate "default")) <= 30 and (("step_1"."v2")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("step_1"."v2")::text collate "default")
      when length((("step_1"."v2")::text collate "default")) <= 30 and (("step_1"."v2")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("step_1"."v2")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("step_1"."v2")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("step_1"."v2")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("step_1"."v2")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("step_1"."v2")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("step_1"."v2")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "v3",
      replace(replace(lower(btrim(("step_1"."v6")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C"), ' ', '_'), '-', '_') as "v7"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      case when ('en' is null and "step_2"."v3" is not null and (("step_1"."v2")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "step_2"."v3"::numeric end as "v4",
      case "step_2"."v7" when 'c' then 'C' when 'f' then 'F' end as "v8"
    offset '0'
  ) as "step_3"
  cross join lateral (
    select
      case when abs("step_3"."v4") < '99999999999999.9999995'::numeric then round("step_3"."v4", 6) end as "v5",
      ("step_2"."v3" <> btrim((("step_1"."v2")::text collate "default"))) and abs("step_3"."v4") < '99999999999999.9999995'::numeric as "v9",
      "step_3"."v4" <> round("step_3"."v4", 6) and abs("step_3"."v4") < '99999999999999.9999995'::numeric as "v10",
      "step_1"."v6" is not null and "step_3"."v8" is null as "v11",
      lower("step_3"."v8" collate "C") <> lower(btrim(("step_1"."v6")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") as "v12"
    offset '0'
  ) as "step_4"
  cross join lateral (
    select
      ('en' is null and "step_2"."v3" is not null and (("step_1"."v2")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("step_1"."v2")::text collate "default") is not null and "step_3"."v4" is null and ('en' is null and "step_2"."v3" is not null and (("step_1"."v2")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("step_3"."v4") < '99999999999999.9999995'::numeric) or "step_4"."v5" is null as "v13"
    offset '0'
  ) as "step_5"
  where ("r"."day", "r"."sensor") in (select (source_key::jsonb ->> 0)::date, (source_key::jsonb ->> 1)::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'readings' and purpose in ('change') and not done) as named)
  ) as made
  join "drover"."crosswalk_readings" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."readings" as existing
  join s on "existing"."day" = "s"."_walked_day" and "existing"."sensor" = "s"."_walked_sensor"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."value") is distinct from ("s"."value") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."unit") is distinct from ("s"."unit"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_readings" ("day", "sensor", "value", "unit", "drover_version")
  select "day", "sensor", "value", "unit", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."readings" as t
  set "value" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."value" else "t"."value" end,
    "unit" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."unit" else "t"."unit" end
  from s, locked
  where "t"."day" = "s"."_walked_day" and "t"."sensor" = "s"."_walked_sensor" and "locked"."day" = "t"."day" and "locked"."sensor" = "t"."sensor"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'readings', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('value', array['*']), ('unit', array['*'])) as each (column_name, follows)
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
  join (values (1, 'number-format', 'value'), (2, 'rounded', 'value'), (3, 'not-in-list', 'unit'), (4, 'alias', 'unit')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
