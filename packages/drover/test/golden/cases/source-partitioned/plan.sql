-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."readings" as t offset '0') as hashed;
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
      select partition, (position - 1) / $2::bigint as place,
        max(array["k1"::text, "k2"::text]) filter (where position > 1 and (position - 1) % $2::bigint = 0) as within, count(*) as rows
      from (
        select 1 as partition, "k"."day" as "k1", "k"."sensor" as "k2", row_number() over (order by "k"."day", "k"."sensor") as position
        from "legacy"."readings_2023" as k
        union all
        select 2 as partition, "k"."day" as "k1", "k"."sensor" as "k2", row_number() over (order by "k"."day", "k"."sensor") as position
        from "legacy"."readings_2024" as k
      ) as keys
      group by 1, 2
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
--   select 1 as "drover_partition", "t"."ctid", "t"."day", "t"."sensor", "t"."value" from "legacy"."readings_2023" as t
--   select 2 as "drover_partition", "t"."ctid", "t"."day", "t"."sensor", "t"."value" from "legacy"."readings_2024" as t
-- =================================================================================================
-- readings: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "drover"."partitions" as "r"
  where ($3::text[] is null or ("r"."drover_partition") > (($3::text[])[1]::int4) or ("r"."drover_partition") = (($3::text[])[1]::int4) and (cardinality($3::text[]) = 1 or ("r"."day", "r"."sensor") >= (($3::text[])[2]::date, ($3::text[])[3]::int4))) and ($4::text[] is null or ("r"."drover_partition") < (($4::text[])[1]::int4) or ("r"."drover_partition") = (($4::text[])[1]::int4) and ("r"."day", "r"."sensor") < (($4::text[])[2]::date, ($4::text[])[3]::int4))
), s as materialized (
  select
    case when "row"."step_3.v7" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[case when "row"."step_3.v4" then 1 end, case when "row"."step_3.v5" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."r.day")::date as "day",
    ("row"."r.sensor")::int4 as "sensor",
    ("row"."step_3.v6")::numeric as "value",
    case when "row"."step_3.v7" then array_remove(array[case when "row"."r.value" is null then 1 end, case when ('en' is null and "row"."step_1.v2" is not null and (("row"."r.value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 2 end, case when (("row"."r.value")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."r.value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 3 end, case when not (abs("row"."step_2.v3") < '99999999999999.9999995'::numeric) then 4 end], null) end as "_reasons",
    "row"."r.drover_partition" as "_partition",
    "row"."r.ctid" as "_place",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[("row"."r.value")::text, ("row"."r.value")::text]::text[] end as "_originals"
  from (
  select
    "row"."r.value" is null or ('en' is null and "row"."step_1.v2" is not null and (("row"."r.value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."r.value")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."r.value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_2.v3") < '99999999999999.9999995'::numeric) as "step_3.v7",
    ("row"."step_1.v2" <> btrim((("row"."r.value")::text collate "default"))) and abs("row"."step_2.v3") < '99999999999999.9999995'::numeric as "step_3.v4",
    "row"."step_2.v3" <> round("row"."step_2.v3", 6) and abs("row"."step_2.v3") < '99999999999999.9999995'::numeric as "step_3.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."r.day" as "r.day",
    "row"."r.sensor" as "r.sensor",
    case when abs("row"."step_2.v3") < '99999999999999.9999995'::numeric then round("row"."step_2.v3", 6) end as "step_3.v6",
    "row"."r.value" as "r.value",
    "row"."step_1.v2" as "step_1.v2",
    "row"."step_2.v3" as "step_2.v3",
    "row"."r.drover_partition" as "r.drover_partition",
    "row"."r.ctid" as "r.ctid"
  from (
  select
    "row"."r.value" as "r.value",
    "row"."step_1.v2" as "step_1.v2",
    case when ('en' is null and "row"."step_1.v2" is not null and (("row"."r.value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v2"::numeric end as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "row"."r.day" as "r.day",
    "row"."r.sensor" as "r.sensor",
    "row"."r.drover_partition" as "r.drover_partition",
    "row"."r.ctid" as "r.ctid"
  from (
  select
    "r"."value" as "r.value",
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
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::text else "t"."value" end as "value"
    from "drover"."partitions" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.readings' and fix.row_key = (case when ("t"."day") is not null and ("t"."sensor") is not null then json_build_array(("t"."day")::text, ("t"."sensor")::text)::text end) collate "C"
  ) as "r"
  where ($3::text[] is null or ("r"."drover_partition") > (($3::text[])[1]::int4) or ("r"."drover_partition") = (($3::text[])[1]::int4) and (cardinality($3::text[]) = 1 or ("r"."day", "r"."sensor") >= (($3::text[])[2]::date, ($3::text[])[3]::int4))) and ($4::text[] is null or ("r"."drover_partition") < (($4::text[])[1]::int4) or ("r"."drover_partition") = (($4::text[])[1]::int4) and ("r"."day", "r"."sensor") < (($4::text[])[2]::date, ($4::text[])[3]::int4))
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."readings" ("day", "sensor", "value")
  select "day", "sensor", "value"
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
    (array['no-value', 'ambiguous-number', 'not-a-number', 'out-of-range'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-value', 'value'), (2, 'ambiguous-number', 'value'), (3, 'not-a-number', 'value'), (4, 'out-of-range', 'value')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*) - array['drover_partition', 'ctid']
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
  join (values (1, 'number-format', 'value'), (2, 'rounded', 'value')) as guard (number, code, column_name) on guard.number = log.number
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
  select array[("r"."drover_partition")::text, ("r"."day")::text, ("r"."sensor")::text] as bound, row_number() over (order by "r"."drover_partition", "r"."day", "r"."sensor") as position, count(*) as rows
  from "drover"."partitions" as "r"
    where ($1::text[] is null or ("r"."drover_partition") > (($1::text[])[1]::int4) or ("r"."drover_partition") = (($1::text[])[1]::int4) and (cardinality($1::text[]) = 1 or ("r"."day", "r"."sensor") >= (($1::text[])[2]::date, ($1::text[])[3]::int4))) and ($2::text[] is null or ("r"."drover_partition") < (($2::text[])[1]::int4) or ("r"."drover_partition") = (($2::text[])[1]::int4) and ("r"."day", "r"."sensor") < (($2::text[])[2]::date, ($2::text[])[3]::int4)) and "r"."drover_partition" is not null and "r"."day" is not null and "r"."sensor" is not null
  group by "r"."drover_partition", "r"."day", "r"."sensor"
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
  where ($3::text[] is null or ("r"."drover_partition") > (($3::text[])[1]::int4) or ("r"."drover_partition") = (($3::text[])[1]::int4) and (cardinality($3::text[]) = 1 or ("r"."day", "r"."sensor") >= (($3::text[])[2]::date, ($3::text[])[3]::int4))) and ($4::text[] is null or ("r"."drover_partition") < (($4::text[])[1]::int4) or ("r"."drover_partition") = (($4::text[])[1]::int4) and ("r"."day", "r"."sensor") < (($4::text[])[2]::date, ($4::text[])[3]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*) - array['drover_partition', 'ctid']
      from "drover"."partitions" as original
      where "original"."drover_partition" = "r"."drover_partition" and original.ctid = "r"."ctid"
    ) as original
  from (
    select "t"."drover_partition",
      "t"."ctid",
      "t"."day",
      "t"."sensor",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::text else "t"."value" end as "value"
    from "drover"."partitions" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.readings' and fix.row_key = (case when ("t"."day") is not null and ("t"."sensor") is not null then json_build_array(("t"."day")::text, ("t"."sensor")::text)::text end) collate "C"
  ) as "r"
  cross join lateral (
    select
      case when ("r"."day") is not null and ("r"."sensor") is not null then json_build_array(("r"."day")::text, ("r"."sensor")::text)::text end as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("r"."drover_partition") > (($3::text[])[1]::int4) or ("r"."drover_partition") = (($3::text[])[1]::int4) and (cardinality($3::text[]) = 1 or ("r"."day", "r"."sensor") >= (($3::text[])[2]::date, ($3::text[])[3]::int4))) and ($4::text[] is null or ("r"."drover_partition") < (($4::text[])[1]::int4) or ("r"."drover_partition") = (($4::text[])[1]::int4) and ("r"."day", "r"."sensor") < (($4::text[])[2]::date, ($4::text[])[3]::int4))
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
      "t"."day",
      "t"."sensor",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::text else "t"."value" end as "value",
      to_jsonb("t".*) as "_unfixed"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.readings' and fix.row_key = (case when ("t"."day") is not null and ("t"."sensor") is not null then json_build_array(("t"."day")::text, ("t"."sensor")::text)::text end) collate "C"
  ) as "r"
  cross join lateral (
    select
      case when ("r"."day") is not null and ("r"."sensor") is not null then json_build_array(("r"."day")::text, ("r"."sensor")::text)::text end as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_readings" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((case when ("r"."day") is not null and ("r"."sensor") is not null then json_build_array(("r"."day")::text, ("r"."sensor")::text)::text end) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.readings')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "step_3"."v7" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_3"."v4" or "step_3"."v5" then array[case when "step_3"."v4" then 1 end, case when "step_3"."v5" then 2 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("r"."day")::date as "day",
    ("r"."sensor")::int4 as "sensor",
    ("step_3"."v6")::numeric as "value",
    case when "step_3"."v7" then array_remove(array[case when "r"."value" is null then 1 end, case when ('en' is null and "step_1"."v2" is not null and (("r"."value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 2 end, case when (("r"."value")::text collate "default") is not null and "step_2"."v3" is null and ('en' is null and "step_1"."v2" is not null and (("r"."value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 3 end, case when not (abs("step_2"."v3") < '99999999999999.9999995'::numeric) then 4 end], null) end as "_reasons",
    case when "step_3"."v7" then "r"."_unfixed" end as "_original",
    case when "step_3"."v4" or "step_3"."v5" then array[("r"."value")::text, ("r"."value")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."day",
      "t"."sensor",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::text else "t"."value" end as "value",
      to_jsonb("t".*) as "_unfixed"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.readings' and fix.row_key = (case when ("t"."day") is not null and ("t"."sensor") is not null then json_build_array(("t"."day")::text, ("t"."sensor")::text)::text end) collate "C"
  ) as "r"
  cross join lateral (
    select
      case when ("r"."day") is not null and ("r"."sensor") is not null then json_build_array(("r"."day")::text, ("r"."sensor")::text)::text end as "v1",
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
    end as "v2"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case when ('en' is null and "step_1"."v2" is not null and (("r"."value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "step_1"."v2"::numeric end as "v3"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      ("step_1"."v2" <> btrim((("r"."value")::text collate "default"))) and abs("step_2"."v3") < '99999999999999.9999995'::numeric as "v4",
      "step_2"."v3" <> round("step_2"."v3", 6) and abs("step_2"."v3") < '99999999999999.9999995'::numeric as "v5",
      case when abs("step_2"."v3") < '99999999999999.9999995'::numeric then round("step_2"."v3", 6) end as "v6",
      "r"."value" is null or ('en' is null and "step_1"."v2" is not null and (("r"."value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("r"."value")::text collate "default") is not null and "step_2"."v3" is null and ('en' is null and "step_1"."v2" is not null and (("r"."value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("step_2"."v3") < '99999999999999.9999995'::numeric) as "v7"
    offset '0'
  ) as "step_3"
  where ("r"."day", "r"."sensor") in (select (source_key::jsonb ->> 0)::date, (source_key::jsonb ->> 1)::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'readings' and purpose in ('try') and not done) as named)
  ) as made
  join "drover"."crosswalk_readings" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."readings" ("day", "sensor", "value")
  select "day", "sensor", "value"
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
    (array['no-value', 'ambiguous-number', 'not-a-number', 'out-of-range'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-value', 'value'), (2, 'ambiguous-number', 'value'), (3, 'not-a-number', 'value'), (4, 'out-of-range', 'value')) as guard (number, code, column_name)
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
  join (values (1, 'number-format', 'value'), (2, 'rounded', 'value')) as guard (number, code, column_name) on guard.number = log.number
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
    case when "step_3"."v7" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_3"."v4" or "step_3"."v5" then array[case when "step_3"."v4" then 1 end, case when "step_3"."v5" then 2 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("r"."day")::date as "day",
    ("r"."sensor")::int4 as "sensor",
    ("step_3"."v6")::numeric as "value",
    case when "step_3"."v7" then array_remove(array[case when "r"."value" is null then 1 end, case when ('en' is null and "step_1"."v2" is not null and (("r"."value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 2 end, case when (("r"."value")::text collate "default") is not null and "step_2"."v3" is null and ('en' is null and "step_1"."v2" is not null and (("r"."value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 3 end, case when not (abs("step_2"."v3") < '99999999999999.9999995'::numeric) then 4 end], null) end as "_reasons",
    case when "step_3"."v4" or "step_3"."v5" then array[("r"."value")::text, ("r"."value")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."day",
      "t"."sensor",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::text else "t"."value" end as "value",
      to_jsonb("t".*) as "_unfixed"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.readings' and fix.row_key = (case when ("t"."day") is not null and ("t"."sensor") is not null then json_build_array(("t"."day")::text, ("t"."sensor")::text)::text end) collate "C"
  ) as "r"
  cross join lateral (
    select
      case when ("r"."day") is not null and ("r"."sensor") is not null then json_build_array(("r"."day")::text, ("r"."sensor")::text)::text end as "v1",
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
    end as "v2"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case when ('en' is null and "step_1"."v2" is not null and (("r"."value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "step_1"."v2"::numeric end as "v3"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      ("step_1"."v2" <> btrim((("r"."value")::text collate "default"))) and abs("step_2"."v3") < '99999999999999.9999995'::numeric as "v4",
      "step_2"."v3" <> round("step_2"."v3", 6) and abs("step_2"."v3") < '99999999999999.9999995'::numeric as "v5",
      case when abs("step_2"."v3") < '99999999999999.9999995'::numeric then round("step_2"."v3", 6) end as "v6",
      "r"."value" is null or ('en' is null and "step_1"."v2" is not null and (("r"."value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("r"."value")::text collate "default") is not null and "step_2"."v3" is null and ('en' is null and "step_1"."v2" is not null and (("r"."value")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("step_2"."v3") < '99999999999999.9999995'::numeric) as "v7"
    offset '0'
  ) as "step_3"
  where ("r"."day", "r"."sensor") in (select (source_key::jsonb ->> 0)::date, (source_key::jsonb ->> 1)::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'readings' and purpose in ('change') and not done) as named)
  ) as made
  join "drover"."crosswalk_readings" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."readings" as existing
  join s on "existing"."day" = "s"."_walked_day" and "existing"."sensor" = "s"."_walked_sensor"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."value") is distinct from ("s"."value"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_readings" ("day", "sensor", "value", "drover_version")
  select "day", "sensor", "value", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."readings" as t
  set "value" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."value" else "t"."value" end
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
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'readings', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'value'), (2, 'rounded', 'value')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
