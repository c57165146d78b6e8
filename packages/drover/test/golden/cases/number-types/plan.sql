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
  "id" int4
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
  where ($3::text[] is null or ("r"."id") >= (($3::text[])[1]::int8)) and ($4::text[] is null or ("r"."id") < (($4::text[])[1]::int8))
), s as materialized (
  select
    case when "row"."step_2.v24" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_2.v8" or "row"."step_2.v9" or "row"."step_2.v10" or "row"."step_2.v11" or "row"."step_2.v12" or "row"."step_2.v13" or "row"."step_2.v14" or "row"."step_3.v15" or "row"."step_3.v16" or "row"."step_3.v17" or "row"."step_3.v18" then array[case when "row"."step_2.v8" then 1 end, case when "row"."step_2.v9" then 2 end, case when "row"."step_2.v10" then 3 end, case when "row"."step_2.v11" then 4 end, case when "row"."step_2.v12" then 5 end, case when "row"."step_2.v13" then 6 end, case when "row"."step_2.v14" then 7 end, case when "row"."step_3.v15" then 8 end, case when "row"."step_3.v16" then 9 end, case when "row"."step_3.v17" then 10 end, case when "row"."step_3.v18" then 11 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."step_2.v19")::int4 as "id",
    ("row"."step_2.v20")::numeric as "value",
    (case when (not ("row"."step_1.v4" = trunc("row"."step_1.v4"))) or ("row"."step_1.v4" = trunc("row"."step_1.v4") and not ("row"."step_1.v4" between (-32768) and 32767)) then (-1) else "row"."step_2.v21" end)::int2 as "pulses",
    ("row"."step_2.v22")::int8 as "total",
    ("row"."step_3.v23")::numeric as "price",
    case when "row"."step_2.v24" then array_remove(array[case when not ("row"."step_1.v2" = trunc("row"."step_1.v2")) then 1 end, case when "row"."step_1.v2" = trunc("row"."step_1.v2") and not ("row"."step_1.v2" between (-2147483648) and 2147483647) then 2 end], null) end as "_reasons",
    "row"."r.ctid" as "_place",
    case when "row"."step_2.v8" or "row"."step_2.v9" or "row"."step_2.v10" or "row"."step_2.v11" or "row"."step_2.v12" or "row"."step_2.v13" or "row"."step_2.v14" or "row"."step_3.v15" or "row"."step_3.v16" or "row"."step_3.v17" or "row"."step_3.v18" then array[("row"."r.value")::text, ("row"."r.value")::text, ("row"."r.pulses")::text, ("row"."r.pulses")::text, ("row"."r.total")::text, ("row"."r.total")::text, ("row"."r.price")::text, ("row"."r.price")::text, ("row"."r.price")::text, ("row"."r.price")::text, ("row"."r.price")::text]::text[] end as "_originals"
  from (
  select
    "row"."step_2.v24" as "step_2.v24",
    "row"."step_2.v8" as "step_2.v8",
    "row"."step_2.v9" as "step_2.v9",
    "row"."step_2.v10" as "step_2.v10",
    "row"."step_2.v11" as "step_2.v11",
    "row"."step_2.v12" as "step_2.v12",
    "row"."step_2.v13" as "step_2.v13",
    "row"."step_2.v14" as "step_2.v14",
    (("row"."r.price")::text collate "default") is not null and "row"."step_2.v7" is null and ('en' is null and "row"."step_1.v6" is not null and (("row"."r.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "step_3.v15",
    not (abs("row"."step_2.v7") < '999999.995'::numeric) as "step_3.v16",
    ("row"."step_1.v6" <> btrim((("row"."r.price")::text collate "default"))) and abs("row"."step_2.v7") < '999999.995'::numeric as "step_3.v17",
    "row"."step_2.v7" <> round("row"."step_2.v7", 2) and abs("row"."step_2.v7") < '999999.995'::numeric as "step_3.v18",
    "row"."step_1.v1" as "step_1.v1",
    "row"."step_2.v19" as "step_2.v19",
    "row"."step_2.v20" as "step_2.v20",
    "row"."step_1.v4" as "step_1.v4",
    "row"."step_2.v21" as "step_2.v21",
    "row"."step_2.v22" as "step_2.v22",
    case when abs("row"."step_2.v7") < '999999.995'::numeric then round("row"."step_2.v7", 2) end as "step_3.v23",
    "row"."step_1.v2" as "step_1.v2",
    "row"."r.ctid" as "r.ctid",
    "row"."r.value" as "r.value",
    "row"."r.pulses" as "r.pulses",
    "row"."r.total" as "r.total",
    "row"."r.price" as "r.price"
  from (
  select
    not ("row"."step_1.v2" = trunc("row"."step_1.v2")) or "row"."step_1.v2" = trunc("row"."step_1.v2") and not ("row"."step_1.v2" between (-2147483648) and 2147483647) as "step_2.v24",
    not (abs("row"."step_1.v3") < '999999.995'::numeric) as "step_2.v8",
    "row"."step_1.v3" <> round("row"."step_1.v3", 2) and abs("row"."step_1.v3") < '999999.995'::numeric as "step_2.v9",
    not ("row"."step_1.v4" = trunc("row"."step_1.v4")) as "step_2.v10",
    "row"."step_1.v4" = trunc("row"."step_1.v4") and not ("row"."step_1.v4" between (-32768) and 32767) as "step_2.v11",
    not ("row"."step_1.v5" = trunc("row"."step_1.v5")) as "step_2.v12",
    "row"."step_1.v5" = trunc("row"."step_1.v5") and not ("row"."step_1.v5" between (-9223372036854775808) and 9223372036854775807) as "step_2.v13",
    ('en' is null and "row"."step_1.v6" is not null and (("row"."r.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "step_2.v14",
    "row"."r.price" as "r.price",
    case when ('en' is null and "row"."step_1.v6" is not null and (("row"."r.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v6"::numeric end as "step_2.v7",
    "row"."step_1.v6" as "step_1.v6",
    "row"."step_1.v1" as "step_1.v1",
    case when "row"."step_1.v2" = trunc("row"."step_1.v2") and "row"."step_1.v2" between (-2147483648) and 2147483647 then "row"."step_1.v2"::int4 end as "step_2.v19",
    case when abs("row"."step_1.v3") < '999999.995'::numeric then round("row"."step_1.v3", 2) end as "step_2.v20",
    "row"."step_1.v4" as "step_1.v4",
    case when "row"."step_1.v4" = trunc("row"."step_1.v4") and "row"."step_1.v4" between (-32768) and 32767 then "row"."step_1.v4"::int2 end as "step_2.v21",
    case when "row"."step_1.v5" = trunc("row"."step_1.v5") and "row"."step_1.v5" between (-9223372036854775808) and 9223372036854775807 then "row"."step_1.v5"::int8 end as "step_2.v22",
    "row"."step_1.v2" as "step_1.v2",
    "row"."r.ctid" as "r.ctid",
    "row"."r.value" as "r.value",
    "row"."r.pulses" as "r.pulses",
    "row"."r.total" as "r.total"
  from (
  select
    ("r"."id")::text::numeric as "step_1.v2",
    ("r"."value")::text::numeric as "step_1.v3",
    ("r"."pulses")::text::numeric as "step_1.v4",
    ("r"."total")::text::numeric as "step_1.v5",
    case
      when (("r"."price")::text collate "default") is null then null
      when length((("r"."price")::text collate "default")) <= 30 and (("r"."price")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("r"."price")::text collate "default")
      when length((("r"."price")::text collate "default")) <= 30 and (("r"."price")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("r"."price")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("r"."price")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("r"."price")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("r"."price")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("r"."price")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("r"."price")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v6",
    "r"."price" as "r.price",
    ("r"."id")::text as "step_1.v1",
    "r"."ctid" as "r.ctid",
    "r"."value" as "r.value",
    "r"."pulses" as "r.pulses",
    "r"."total" as "r.total"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::float8 else "t"."value" end as "value",
      case when "fix"."patch" ? 'pulses' then ("fix"."patch" ->> 'pulses')::int8 else "t"."pulses" end as "pulses",
      case when "fix"."patch" ? 'total' then ("fix"."patch" ->> 'total')::numeric else "t"."total" end as "total",
      case when "fix"."patch" ? 'price' then ("fix"."patch" ->> 'price')::text else "t"."price" end as "price"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'meters'
      and fix.relation = 'legacy.readings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  where ($3::text[] is null or ("r"."id") >= (($3::text[])[1]::int8)) and ($4::text[] is null or ("r"."id") < (($4::text[])[1]::int8))
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."readings" ("id", "value", "pulses", "total", "price")
  select "id", "value", "pulses", "total", "price"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_readings" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'readings', "s"."_key", $2::bigint,
    (array['id-too-large', 'id-too-large'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'id-too-large', 'id'), (2, 'id-too-large', 'id')) as guard (number, code, column_name)
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
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'readings', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'no-value', 'value'), (2, 'rounded', 'value'), (3, 'not-an-integer', 'pulses'), (4, 'out-of-range', 'pulses'), (5, 'not-an-integer', 'total'), (6, 'out-of-range', 'total'), (7, 'ambiguous-number', 'price'), (8, 'no-price', 'price'), (9, 'no-price', 'price'), (10, 'number-format', 'price'), (11, 'rounded', 'price')) as guard (number, code, column_name) on guard.number = log.number
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
  select array[("r"."id")::text] as bound, row_number() over (order by "r"."id") as position, count(*) as rows
  from "legacy"."readings" as "r"
    where ($1::text[] is null or ("r"."id") >= (($1::text[])[1]::int8)) and ($2::text[] is null or ("r"."id") < (($2::text[])[1]::int8)) and "r"."id" is not null
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
  where ($3::text[] is null or ("r"."id") >= (($3::text[])[1]::int8)) and ($4::text[] is null or ("r"."id") < (($4::text[])[1]::int8))
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
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::float8 else "t"."value" end as "value",
      case when "fix"."patch" ? 'pulses' then ("fix"."patch" ->> 'pulses')::int8 else "t"."pulses" end as "pulses",
      case when "fix"."patch" ? 'total' then ("fix"."patch" ->> 'total')::numeric else "t"."total" end as "total",
      case when "fix"."patch" ? 'price' then ("fix"."patch" ->> 'price')::text else "t"."price" end as "price"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'meters'
      and fix.relation = 'legacy.readings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  cross join lateral (
    select
      ("r"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("r"."id") >= (($3::text[])[1]::int8)) and ($4::text[] is null or ("r"."id") < (($4::text[])[1]::int8))
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
      "t"."id",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::float8 else "t"."value" end as "value",
      case when "fix"."patch" ? 'pulses' then ("fix"."patch" ->> 'pulses')::int8 else "t"."pulses" end as "pulses",
      case when "fix"."patch" ? 'total' then ("fix"."patch" ->> 'total')::numeric else "t"."total" end as "total",
      case when "fix"."patch" ? 'price' then ("fix"."patch" ->> 'price')::text else "t"."price" end as "price"
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
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_2.v24" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_2.v8" or "row"."step_2.v9" or "row"."step_2.v10" or "row"."step_2.v11" or "row"."step_2.v12" or "row"."step_2.v13" or "row"."step_2.v14" or "row"."step_3.v15" or "row"."step_3.v16" or "row"."step_3.v17" or "row"."step_3.v18" then array[case when "row"."step_2.v8" then 1 end, case when "row"."step_2.v9" then 2 end, case when "row"."step_2.v10" then 3 end, case when "row"."step_2.v11" then 4 end, case when "row"."step_2.v12" then 5 end, case when "row"."step_2.v13" then 6 end, case when "row"."step_2.v14" then 7 end, case when "row"."step_3.v15" then 8 end, case when "row"."step_3.v16" then 9 end, case when "row"."step_3.v17" then 10 end, case when "row"."step_3.v18" then 11 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."step_2.v19")::int4 as "id",
    ("row"."step_2.v20")::numeric as "value",
    (case when (not ("row"."step_1.v4" = trunc("row"."step_1.v4"))) or ("row"."step_1.v4" = trunc("row"."step_1.v4") and not ("row"."step_1.v4" between (-32768) and 32767)) then (-1) else "row"."step_2.v21" end)::int2 as "pulses",
    ("row"."step_2.v22")::int8 as "total",
    ("row"."step_3.v23")::numeric as "price",
    case when "row"."step_2.v24" then array_remove(array[case when not ("row"."step_1.v2" = trunc("row"."step_1.v2")) then 1 end, case when "row"."step_1.v2" = trunc("row"."step_1.v2") and not ("row"."step_1.v2" between (-2147483648) and 2147483647) then 2 end], null) end as "_reasons",
    "row"."r.ctid" as "_place",
    case when "row"."step_2.v8" or "row"."step_2.v9" or "row"."step_2.v10" or "row"."step_2.v11" or "row"."step_2.v12" or "row"."step_2.v13" or "row"."step_2.v14" or "row"."step_3.v15" or "row"."step_3.v16" or "row"."step_3.v17" or "row"."step_3.v18" then array[("row"."r.value")::text, ("row"."r.value")::text, ("row"."r.pulses")::text, ("row"."r.pulses")::text, ("row"."r.total")::text, ("row"."r.total")::text, ("row"."r.price")::text, ("row"."r.price")::text, ("row"."r.price")::text, ("row"."r.price")::text, ("row"."r.price")::text]::text[] end as "_originals"
  from (
  select
    "row"."step_2.v24" as "step_2.v24",
    "row"."step_2.v8" as "step_2.v8",
    "row"."step_2.v9" as "step_2.v9",
    "row"."step_2.v10" as "step_2.v10",
    "row"."step_2.v11" as "step_2.v11",
    "row"."step_2.v12" as "step_2.v12",
    "row"."step_2.v13" as "step_2.v13",
    "row"."step_2.v14" as "step_2.v14",
    (("row"."r.price")::text collate "default") is not null and "row"."step_2.v7" is null and ('en' is null and "row"."step_1.v6" is not null and (("row"."r.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "step_3.v15",
    not (abs("row"."step_2.v7") < '999999.995'::numeric) as "step_3.v16",
    ("row"."step_1.v6" <> btrim((("row"."r.price")::text collate "default"))) and abs("row"."step_2.v7") < '999999.995'::numeric as "step_3.v17",
    "row"."step_2.v7" <> round("row"."step_2.v7", 2) and abs("row"."step_2.v7") < '999999.995'::numeric as "step_3.v18",
    "row"."step_1.v1" as "step_1.v1",
    "row"."step_2.v19" as "step_2.v19",
    "row"."step_2.v20" as "step_2.v20",
    "row"."step_1.v4" as "step_1.v4",
    "row"."step_2.v21" as "step_2.v21",
    "row"."step_2.v22" as "step_2.v22",
    case when abs("row"."step_2.v7") < '999999.995'::numeric then round("row"."step_2.v7", 2) end as "step_3.v23",
    "row"."step_1.v2" as "step_1.v2",
    "row"."r.ctid" as "r.ctid",
    "row"."r.value" as "r.value",
    "row"."r.pulses" as "r.pulses",
    "row"."r.total" as "r.total",
    "row"."r.price" as "r.price"
  from (
  select
    not ("row"."step_1.v2" = trunc("row"."step_1.v2")) or "row"."step_1.v2" = trunc("row"."step_1.v2") and not ("row"."step_1.v2" between (-2147483648) and 2147483647) as "step_2.v24",
    not (abs("row"."step_1.v3") < '999999.995'::numeric) as "step_2.v8",
    "row"."step_1.v3" <> round("row"."step_1.v3", 2) and abs("row"."step_1.v3") < '999999.995'::numeric as "step_2.v9",
    not ("row"."step_1.v4" = trunc("row"."step_1.v4")) as "step_2.v10",
    "row"."step_1.v4" = trunc("row"."step_1.v4") and not ("row"."step_1.v4" between (-32768) and 32767) as "step_2.v11",
    not ("row"."step_1.v5" = trunc("row"."step_1.v5")) as "step_2.v12",
    "row"."step_1.v5" = trunc("row"."step_1.v5") and not ("row"."step_1.v5" between (-9223372036854775808) and 9223372036854775807) as "step_2.v13",
    ('en' is null and "row"."step_1.v6" is not null and (("row"."r.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "step_2.v14",
    "row"."r.price" as "r.price",
    case when ('en' is null and "row"."step_1.v6" is not null and (("row"."r.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v6"::numeric end as "step_2.v7",
    "row"."step_1.v6" as "step_1.v6",
    "row"."step_1.v1" as "step_1.v1",
    case when "row"."step_1.v2" = trunc("row"."step_1.v2") and "row"."step_1.v2" between (-2147483648) and 2147483647 then "row"."step_1.v2"::int4 end as "step_2.v19",
    case when abs("row"."step_1.v3") < '999999.995'::numeric then round("row"."step_1.v3", 2) end as "step_2.v20",
    "row"."step_1.v4" as "step_1.v4",
    case when "row"."step_1.v4" = trunc("row"."step_1.v4") and "row"."step_1.v4" between (-32768) and 32767 then "row"."step_1.v4"::int2 end as "step_2.v21",
    case when "row"."step_1.v5" = trunc("row"."step_1.v5") and "row"."step_1.v5" between (-9223372036854775808) and 9223372036854775807 then "row"."step_1.v5"::int8 end as "step_2.v22",
    "row"."step_1.v2" as "step_1.v2",
    "row"."r.ctid" as "r.ctid",
    "row"."r.value" as "r.value",
    "row"."r.pulses" as "r.pulses",
    "row"."r.total" as "r.total"
  from (
  select
    ("r"."id")::text::numeric as "step_1.v2",
    ("r"."value")::text::numeric as "step_1.v3",
    ("r"."pulses")::text::numeric as "step_1.v4",
    ("r"."total")::text::numeric as "step_1.v5",
    case
      when (("r"."price")::text collate "default") is null then null
      when length((("r"."price")::text collate "default")) <= 30 and (("r"."price")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("r"."price")::text collate "default")
      when length((("r"."price")::text collate "default")) <= 30 and (("r"."price")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("r"."price")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("r"."price")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("r"."price")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("r"."price")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("r"."price")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("r"."price")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v6",
    "r"."price" as "r.price",
    ("r"."id")::text as "step_1.v1",
    "r"."ctid" as "r.ctid",
    "r"."value" as "r.value",
    "r"."pulses" as "r.pulses",
    "r"."total" as "r.total"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::float8 else "t"."value" end as "value",
      case when "fix"."patch" ? 'pulses' then ("fix"."patch" ->> 'pulses')::int8 else "t"."pulses" end as "pulses",
      case when "fix"."patch" ? 'total' then ("fix"."patch" ->> 'total')::numeric else "t"."total" end as "total",
      case when "fix"."patch" ? 'price' then ("fix"."patch" ->> 'price')::text else "t"."price" end as "price"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'meters'
      and fix.relation = 'legacy.readings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  where "r"."id" in (select source_key::int8 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'readings' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_readings" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."readings" ("id", "value", "pulses", "total", "price")
  select "id", "value", "pulses", "total", "price"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_readings" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'readings', "s"."_key", $2::bigint,
    (array['id-too-large', 'id-too-large'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'id-too-large', 'id'), (2, 'id-too-large', 'id')) as guard (number, code, column_name)
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
  join (values (1, 'no-value', 'value'), (2, 'rounded', 'value'), (3, 'not-an-integer', 'pulses'), (4, 'out-of-range', 'pulses'), (5, 'not-an-integer', 'total'), (6, 'out-of-range', 'total'), (7, 'ambiguous-number', 'price'), (8, 'no-price', 'price'), (9, 'no-price', 'price'), (10, 'number-format', 'price'), (11, 'rounded', 'price')) as guard (number, code, column_name) on guard.number = log.number
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
    case when "row"."step_2.v24" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_2.v8" or "row"."step_2.v9" or "row"."step_2.v10" or "row"."step_2.v11" or "row"."step_2.v12" or "row"."step_2.v13" or "row"."step_2.v14" or "row"."step_3.v15" or "row"."step_3.v16" or "row"."step_3.v17" or "row"."step_3.v18" then array[case when "row"."step_2.v8" then 1 end, case when "row"."step_2.v9" then 2 end, case when "row"."step_2.v10" then 3 end, case when "row"."step_2.v11" then 4 end, case when "row"."step_2.v12" then 5 end, case when "row"."step_2.v13" then 6 end, case when "row"."step_2.v14" then 7 end, case when "row"."step_3.v15" then 8 end, case when "row"."step_3.v16" then 9 end, case when "row"."step_3.v17" then 10 end, case when "row"."step_3.v18" then 11 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."step_2.v19")::int4 as "id",
    ("row"."step_2.v20")::numeric as "value",
    (case when (not ("row"."step_1.v4" = trunc("row"."step_1.v4"))) or ("row"."step_1.v4" = trunc("row"."step_1.v4") and not ("row"."step_1.v4" between (-32768) and 32767)) then (-1) else "row"."step_2.v21" end)::int2 as "pulses",
    ("row"."step_2.v22")::int8 as "total",
    ("row"."step_3.v23")::numeric as "price",
    case when "row"."step_2.v24" then array_remove(array[case when not ("row"."step_1.v2" = trunc("row"."step_1.v2")) then 1 end, case when "row"."step_1.v2" = trunc("row"."step_1.v2") and not ("row"."step_1.v2" between (-2147483648) and 2147483647) then 2 end], null) end as "_reasons",
    case when "row"."step_2.v8" or "row"."step_2.v9" or "row"."step_2.v10" or "row"."step_2.v11" or "row"."step_2.v12" or "row"."step_2.v13" or "row"."step_2.v14" or "row"."step_3.v15" or "row"."step_3.v16" or "row"."step_3.v17" or "row"."step_3.v18" then array[("row"."r.value")::text, ("row"."r.value")::text, ("row"."r.pulses")::text, ("row"."r.pulses")::text, ("row"."r.total")::text, ("row"."r.total")::text, ("row"."r.price")::text, ("row"."r.price")::text, ("row"."r.price")::text, ("row"."r.price")::text, ("row"."r.price")::text]::text[] end as "_originals"
  from (
  select
    "row"."step_2.v24" as "step_2.v24",
    "row"."step_2.v8" as "step_2.v8",
    "row"."step_2.v9" as "step_2.v9",
    "row"."step_2.v10" as "step_2.v10",
    "row"."step_2.v11" as "step_2.v11",
    "row"."step_2.v12" as "step_2.v12",
    "row"."step_2.v13" as "step_2.v13",
    "row"."step_2.v14" as "step_2.v14",
    (("row"."r.price")::text collate "default") is not null and "row"."step_2.v7" is null and ('en' is null and "row"."step_1.v6" is not null and (("row"."r.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "step_3.v15",
    not (abs("row"."step_2.v7") < '999999.995'::numeric) as "step_3.v16",
    ("row"."step_1.v6" <> btrim((("row"."r.price")::text collate "default"))) and abs("row"."step_2.v7") < '999999.995'::numeric as "step_3.v17",
    "row"."step_2.v7" <> round("row"."step_2.v7", 2) and abs("row"."step_2.v7") < '999999.995'::numeric as "step_3.v18",
    "row"."step_1.v1" as "step_1.v1",
    "row"."step_2.v19" as "step_2.v19",
    "row"."step_2.v20" as "step_2.v20",
    "row"."step_1.v4" as "step_1.v4",
    "row"."step_2.v21" as "step_2.v21",
    "row"."step_2.v22" as "step_2.v22",
    case when abs("row"."step_2.v7") < '999999.995'::numeric then round("row"."step_2.v7", 2) end as "step_3.v23",
    "row"."step_1.v2" as "step_1.v2",
    "row"."r.ctid" as "r.ctid",
    "row"."r.value" as "r.value",
    "row"."r.pulses" as "r.pulses",
    "row"."r.total" as "r.total",
    "row"."r.price" as "r.price"
  from (
  select
    not ("row"."step_1.v2" = trunc("row"."step_1.v2")) or "row"."step_1.v2" = trunc("row"."step_1.v2") and not ("row"."step_1.v2" between (-2147483648) and 2147483647) as "step_2.v24",
    not (abs("row"."step_1.v3") < '999999.995'::numeric) as "step_2.v8",
    "row"."step_1.v3" <> round("row"."step_1.v3", 2) and abs("row"."step_1.v3") < '999999.995'::numeric as "step_2.v9",
    not ("row"."step_1.v4" = trunc("row"."step_1.v4")) as "step_2.v10",
    "row"."step_1.v4" = trunc("row"."step_1.v4") and not ("row"."step_1.v4" between (-32768) and 32767) as "step_2.v11",
    not ("row"."step_1.v5" = trunc("row"."step_1.v5")) as "step_2.v12",
    "row"."step_1.v5" = trunc("row"."step_1.v5") and not ("row"."step_1.v5" between (-9223372036854775808) and 9223372036854775807) as "step_2.v13",
    ('en' is null and "row"."step_1.v6" is not null and (("row"."r.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "step_2.v14",
    "row"."r.price" as "r.price",
    case when ('en' is null and "row"."step_1.v6" is not null and (("row"."r.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v6"::numeric end as "step_2.v7",
    "row"."step_1.v6" as "step_1.v6",
    "row"."step_1.v1" as "step_1.v1",
    case when "row"."step_1.v2" = trunc("row"."step_1.v2") and "row"."step_1.v2" between (-2147483648) and 2147483647 then "row"."step_1.v2"::int4 end as "step_2.v19",
    case when abs("row"."step_1.v3") < '999999.995'::numeric then round("row"."step_1.v3", 2) end as "step_2.v20",
    "row"."step_1.v4" as "step_1.v4",
    case when "row"."step_1.v4" = trunc("row"."step_1.v4") and "row"."step_1.v4" between (-32768) and 32767 then "row"."step_1.v4"::int2 end as "step_2.v21",
    case when "row"."step_1.v5" = trunc("row"."step_1.v5") and "row"."step_1.v5" between (-9223372036854775808) and 9223372036854775807 then "row"."step_1.v5"::int8 end as "step_2.v22",
    "row"."step_1.v2" as "step_1.v2",
    "row"."r.ctid" as "r.ctid",
    "row"."r.value" as "r.value",
    "row"."r.pulses" as "r.pulses",
    "row"."r.total" as "r.total"
  from (
  select
    ("r"."id")::text::numeric as "step_1.v2",
    ("r"."value")::text::numeric as "step_1.v3",
    ("r"."pulses")::text::numeric as "step_1.v4",
    ("r"."total")::text::numeric as "step_1.v5",
    case
      when (("r"."price")::text collate "default") is null then null
      when length((("r"."price")::text collate "default")) <= 30 and (("r"."price")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("r"."price")::text collate "default")
      when length((("r"."price")::text collate "default")) <= 30 and (("r"."price")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("r"."price")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("r"."price")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("r"."price")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("r"."price")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("r"."price")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("r"."price")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v6",
    "r"."price" as "r.price",
    ("r"."id")::text as "step_1.v1",
    "r"."ctid" as "r.ctid",
    "r"."value" as "r.value",
    "r"."pulses" as "r.pulses",
    "r"."total" as "r.total"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'value' then ("fix"."patch" ->> 'value')::float8 else "t"."value" end as "value",
      case when "fix"."patch" ? 'pulses' then ("fix"."patch" ->> 'pulses')::int8 else "t"."pulses" end as "pulses",
      case when "fix"."patch" ? 'total' then ("fix"."patch" ->> 'total')::numeric else "t"."total" end as "total",
      case when "fix"."patch" ? 'price' then ("fix"."patch" ->> 'price')::text else "t"."price" end as "price"
    from "legacy"."readings" as t
    left join "drover"."overlay" as fix on fix.migration = 'meters'
      and fix.relation = 'legacy.readings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  where "r"."id" in (select source_key::int8 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'readings' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_readings" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."readings" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."value") is distinct from ("s"."value") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."pulses") is distinct from ("s"."pulses") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."total") is distinct from ("s"."total") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."price") is distinct from ("s"."price"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_readings" ("id", "value", "pulses", "total", "price", "drover_version")
  select "id", "value", "pulses", "total", "price", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."readings" as t
  set "value" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."value" else "t"."value" end,
    "pulses" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."pulses" else "t"."pulses" end,
    "total" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."total" else "t"."total" end,
    "price" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."price" else "t"."price" end
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
  from (values ('value', array['*']), ('pulses', array['*']), ('total', array['*']), ('price', array['*'])) as each (column_name, follows)
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
  join (values (1, 'no-value', 'value'), (2, 'rounded', 'value'), (3, 'not-an-integer', 'pulses'), (4, 'out-of-range', 'pulses'), (5, 'not-an-integer', 'total'), (6, 'out-of-range', 'total'), (7, 'ambiguous-number', 'price'), (8, 'no-price', 'price'), (9, 'no-price', 'price'), (10, 'number-format', 'price'), (11, 'rounded', 'price')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
