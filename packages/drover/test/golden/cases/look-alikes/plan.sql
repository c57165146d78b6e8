-- hazard merges-rows, bookings: Rows of legacy.bookings with one identity become one row of app.bookings.
-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.bookings (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."bookings" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."bookings" drop constraint "bookings_pkey";
commit;

-- =================================================================================================
-- 1. bookings: legacy.bookings → app.bookings
-- =================================================================================================
-- bookings: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_bookings" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- merges and matches, decided once
create table "drover"."resolution_bookings" as
  select source_key collate "C" as source_key,
    case
      when is_torn then 'torn'
      when source_key <> survivor_key then 'merged'
      when is_matched then 'matched'
      else 'loaded'
    end as disposition,
    survivor_key collate "C" as survivor_key,
    "id",
    "group_1",
    "group_2"
  from (
    select "step_1"."v1" as source_key,
      first_value("step_1"."v1") over same as survivor_key,
      false as is_matched,
      false as is_torn,
      first_value(("b"."id")::int4) over same as "id",
      count(*) over (partition by case when ("step_1"."v9") is not true then "step_1"."v1" end, "b"."branch", "b"."day", "step_3"."v8") > 1 as "group_1",
      coalesce(min(("b"."branch")::text collate "C") over (partition by case when ("step_1"."v10") is not true then "step_1"."v1" end, "b"."sheet") <> max(("b"."branch")::text collate "C") over (partition by case when ("step_1"."v10") is not true then "step_1"."v1" end, "b"."sheet"), false) as "group_2"
    from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'branch' then ("fix"."patch" ->> 'branch')::text else "t"."branch" end as "branch",
      case when "fix"."patch" ? 'day' then ("fix"."patch" ->> 'day')::date else "t"."day" end as "day",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'receipt' then ("fix"."patch" ->> 'receipt')::text else "t"."receipt" end as "receipt",
      case when "fix"."patch" ? 'sheet' then ("fix"."patch" ->> 'sheet')::text else "t"."sheet" end as "sheet",
      case when "fix"."patch" ? 'changed' then ("fix"."patch" ->> 'changed')::timestamp else "t"."changed" end as "changed"
    from "legacy"."bookings" as t
    left join "drover"."overlay" as fix on fix.migration = 'books'
      and fix.relation = 'legacy.bookings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  cross join lateral (
    select
      ("b"."id")::text as "v1",
      case
      when (("b"."amount")::text collate "default") is null then null
      when length((("b"."amount")::text collate "default")) <= 30 and (("b"."amount")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("b"."amount")::text collate "default")
      when length((("b"."amount")::text collate "default")) <= 30 and (("b"."amount")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("b"."amount")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("b"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("b"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("b"."amount")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("b"."amount")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("b"."amount")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "v2",
      "b"."receipt" is not null as "v7",
      "b"."receipt" is null as "v9",
      "b"."sheet" is not null as "v10"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case when ('en' is null and "step_1"."v2" is not null and (("b"."amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "step_1"."v2"::numeric end as "v3"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      ("step_1"."v2" <> btrim((("b"."amount")::text collate "default"))) and abs("step_2"."v3") < '99999999999999.995'::numeric as "v4",
      "step_2"."v3" <> round("step_2"."v3", 2) and abs("step_2"."v3") < '99999999999999.995'::numeric as "v5",
      ('en' is null and "step_1"."v2" is not null and (("b"."amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("b"."amount")::text collate "default") is not null and "step_2"."v3" is null and ('en' is null and "step_1"."v2" is not null and (("b"."amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("step_2"."v3") < '99999999999999.995'::numeric) as "v6",
      case when abs("step_2"."v3") < '99999999999999.995'::numeric then round("step_2"."v3", 2) end as "v8"
    offset '0'
  ) as "step_3"
    where ("step_3"."v6") is not true
    window same as (partition by case when ("step_1"."v7") is not true or "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'books' and mapping = 'bookings') then "step_1"."v1" end, "b"."receipt" order by "b"."changed" desc nulls last, "step_1"."v1" collate "C")
  ) as grouped
  where source_key <> survivor_key or is_matched or "group_1" or "group_2";
alter table "drover"."resolution_bookings" add primary key (source_key);
analyze "drover"."resolution_bookings";
-- source rows
select count(*) as n from "legacy"."bookings";
-- target rows before
select count(*) as n from "app"."bookings";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."bookings" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."bookings")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'bookings', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- bookings: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."bookings" as "b"
  where ($3::text[] is null or ("b"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("b"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_3.v9" then 'quarantined' else coalesce("row"."resolution.disposition", 'loaded') end as "_disposition",
    case when "row"."step_3.v5" or "row"."step_3.v6" or "row"."step_3.v7" or "row"."step_3.v8" then array[case when "row"."step_3.v5" then 1 end, case when "row"."step_3.v6" then 2 end, case when "row"."step_3.v7" then 3 end, case when "row"."step_3.v8" then 4 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."b.id")::int4 as "id",
    ("row"."b.branch")::text as "branch",
    ("row"."b.day")::date as "day",
    ("row"."step_3.v4")::numeric as "amount",
    ("row"."b.receipt")::text as "receipt",
    ("row"."b.sheet")::text as "sheet",
    "row"."resolution.survivor_key" as "_survivor",
    "row"."resolution.id" as "_resolved_id",
    case when "row"."step_3.v9" then array_remove(array[case when ('en' is null and "row"."step_1.v2" is not null and (("row"."b.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 1 end, case when (("row"."b.amount")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."b.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 2 end, case when not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) then 3 end], null) end as "_reasons",
    "row"."b.ctid" as "_place",
    case when "row"."step_3.v5" or "row"."step_3.v6" or "row"."step_3.v7" or "row"."step_3.v8" then array[("row"."b.amount")::text, ("row"."b.amount")::text, null, null]::text[] end as "_originals"
  from (
  select
    ('en' is null and "row"."step_1.v2" is not null and (("row"."b.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."b.amount")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."b.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) as "step_3.v9",
    "resolution"."disposition" as "resolution.disposition",
    ("row"."step_1.v2" <> btrim((("row"."b.amount")::text collate "default"))) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v5",
    "row"."step_2.v3" <> round("row"."step_2.v3", 2) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v6",
    (coalesce("resolution"."group_1", false)) and "resolution"."disposition" is distinct from 'merged' as "step_3.v7",
    (coalesce("resolution"."group_2", false)) and "resolution"."disposition" is distinct from 'merged' as "step_3.v8",
    "row"."step_1.v1" as "step_1.v1",
    "row"."b.id" as "b.id",
    "row"."b.branch" as "b.branch",
    "row"."b.day" as "b.day",
    case when abs("row"."step_2.v3") < '99999999999999.995'::numeric then round("row"."step_2.v3", 2) end as "step_3.v4",
    "row"."b.receipt" as "b.receipt",
    "row"."b.sheet" as "b.sheet",
    "resolution"."survivor_key" as "resolution.survivor_key",
    "resolution"."id" as "resolution.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."b.amount" as "b.amount",
    "row"."step_2.v3" as "step_2.v3",
    "row"."b.ctid" as "b.ctid"
  from (
  select
    "row"."step_1.v2" as "step_1.v2",
    "row"."b.amount" as "b.amount",
    case when ('en' is null and "row"."step_1.v2" is not null and (("row"."b.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v2"::numeric end as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "row"."b.id" as "b.id",
    "row"."b.branch" as "b.branch",
    "row"."b.day" as "b.day",
    "row"."b.receipt" as "b.receipt",
    "row"."b.sheet" as "b.sheet",
    "row"."b.ctid" as "b.ctid"
  from (
  select
    case
      when (("b"."amount")::text collate "default") is null then null
      when length((("b"."amount")::text collate "default")) <= 30 and (("b"."amount")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("b"."amount")::text collate "default")
      when length((("b"."amount")::text collate "default")) <= 30 and (("b"."amount")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("b"."amount")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("b"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("b"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("b"."amount")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("b"."amount")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("b"."amount")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v2",
    "b"."amount" as "b.amount",
    ("b"."id")::text as "step_1.v1",
    "b"."id" as "b.id",
    "b"."branch" as "b.branch",
    "b"."day" as "b.day",
    "b"."receipt" as "b.receipt",
    "b"."sheet" as "b.sheet",
    "b"."ctid" as "b.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'branch' then ("fix"."patch" ->> 'branch')::text else "t"."branch" end as "branch",
      case when "fix"."patch" ? 'day' then ("fix"."patch" ->> 'day')::date else "t"."day" end as "day",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'receipt' then ("fix"."patch" ->> 'receipt')::text else "t"."receipt" end as "receipt",
      case when "fix"."patch" ? 'sheet' then ("fix"."patch" ->> 'sheet')::text else "t"."sheet" end as "sheet",
      case when "fix"."patch" ? 'changed' then ("fix"."patch" ->> 'changed')::timestamp else "t"."changed" end as "changed"
    from "legacy"."bookings" as t
    left join "drover"."overlay" as fix on fix.migration = 'books'
      and fix.relation = 'legacy.bookings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  where ($3::text[] is null or ("b"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("b"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  left join "drover"."resolution_bookings" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."bookings" ("id", "branch", "day", "amount", "receipt", "sheet")
  select "id", "branch", "day", "amount", "receipt", "sheet"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_bookings" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'bookings', "s"."_key", $2::bigint,
    (array['ambiguous-number', 'not-a-number', 'out-of-range'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'ambiguous-number', 'amount'), (2, 'not-a-number', 'amount'), (3, 'out-of-range', 'amount')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."bookings" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'bookings', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'bookings', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'amount'), (2, 'rounded', 'amount')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), notes as (
  insert into drover.note (run_id, mapping, source_key, code, column_name)
  select $1::bigint, 'bookings', "s"."_key", guard.code, guard.column_name
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (3, 'look-alike', 'amount'), (4, 'shared-sheet', 'sheet')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'bookings' and number = $2::bigint;
commit;

-- bookings: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("b"."id")::text] as bound, row_number() over (order by "b"."id") as position, count(*) as rows
  from "legacy"."bookings" as "b"
    where ($1::text[] is null or ("b"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("b"."id") < (($2::text[])[1]::int4)) and "b"."id" is not null
  group by "b"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- bookings: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."bookings" as "b"
  where ($3::text[] is null or ("b"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("b"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."bookings" as original
      where original.ctid = "b"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'branch' then ("fix"."patch" ->> 'branch')::text else "t"."branch" end as "branch",
      case when "fix"."patch" ? 'day' then ("fix"."patch" ->> 'day')::date else "t"."day" end as "day",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'receipt' then ("fix"."patch" ->> 'receipt')::text else "t"."receipt" end as "receipt",
      case when "fix"."patch" ? 'sheet' then ("fix"."patch" ->> 'sheet')::text else "t"."sheet" end as "sheet",
      case when "fix"."patch" ? 'changed' then ("fix"."patch" ->> 'changed')::timestamp else "t"."changed" end as "changed"
    from "legacy"."bookings" as t
    left join "drover"."overlay" as fix on fix.migration = 'books'
      and fix.relation = 'legacy.bookings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  cross join lateral (
    select
      ("b"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("b"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("b"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_bookings" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'bookings', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'bookings' and number = $2::bigint
returning quarantined;
commit;

-- bookings: the key of the crosswalk
begin;
alter table "drover"."crosswalk_bookings" add primary key (source_key);
analyze "drover"."crosswalk_bookings";
commit;

-- bookings: the statistics of the target
begin;
analyze "app"."bookings";
commit;

-- bookings_pkey
begin;
CREATE UNIQUE INDEX bookings_pkey ON app.bookings USING btree (id);
commit;

-- bookings: close
begin;
-- what is checked late, now
set constraints all immediate;
-- duplicates whose survivor was not loaded. Repeated until no row is left. $2 here: the entry that adjusts the counts
with lost as (
  delete from drover.merge as merge
  using "drover"."crosswalk_bookings" as survivor
  where merge.run_id = $1::bigint and merge.mapping = 'bookings'
    and survivor.source_key = merge.survivor_key and survivor.disposition not in ('loaded', 'matched')
  returning merge.source_key
), walked as (
  update "drover"."crosswalk_bookings" as walked
  set disposition = 'quarantined', "id" = null
  from lost
  where walked.source_key = lost.source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'bookings', "step_1"."v1", $2::bigint, 'survivor-quarantined',
    '[{"code": "survivor-quarantined", "column": null}]'::jsonb, (
      select to_jsonb("original".*)
      from "legacy"."bookings" as original
      where original.ctid = "b"."ctid"
    )
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'branch' then ("fix"."patch" ->> 'branch')::text else "t"."branch" end as "branch",
      case when "fix"."patch" ? 'day' then ("fix"."patch" ->> 'day')::date else "t"."day" end as "day",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'receipt' then ("fix"."patch" ->> 'receipt')::text else "t"."receipt" end as "receipt",
      case when "fix"."patch" ? 'sheet' then ("fix"."patch" ->> 'sheet')::text else "t"."sheet" end as "sheet",
      case when "fix"."patch" ? 'changed' then ("fix"."patch" ->> 'changed')::timestamp else "t"."changed" end as "changed"
    from "legacy"."bookings" as t
    left join "drover"."overlay" as fix on fix.migration = 'books'
      and fix.relation = 'legacy.bookings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  cross join lateral (
    select
      ("b"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where "step_1"."v1" collate "C" in (select source_key from lost)
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'bookings', $2::bigint, 'adjustment', 'done', 0, 0, -n, 0, n, 0, clock_timestamp()
from (select count(*) as n from lost) as moved
where n > 0
returning number;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."bookings";
-- target rows after
select count(*) as n from "app"."bookings";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."bookings" add constraint "bookings_pkey" primary key using index "bookings_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."bookings" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- bookings: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'bookings', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'branch' then ("fix"."patch" ->> 'branch')::text else "t"."branch" end as "branch",
      case when "fix"."patch" ? 'day' then ("fix"."patch" ->> 'day')::date else "t"."day" end as "day",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'receipt' then ("fix"."patch" ->> 'receipt')::text else "t"."receipt" end as "receipt",
      case when "fix"."patch" ? 'sheet' then ("fix"."patch" ->> 'sheet')::text else "t"."sheet" end as "sheet",
      case when "fix"."patch" ? 'changed' then ("fix"."patch" ->> 'changed')::timestamp else "t"."changed" end as "changed"
    from "legacy"."bookings" as t
    left join "drover"."overlay" as fix on fix.migration = 'books'
      and fix.relation = 'legacy.bookings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  cross join lateral (
    select
      ("b"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_bookings" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("b"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'books' and relation in ('legacy.bookings')))) as found
on conflict do nothing;
-- duplicates are told apart again
insert into "drover"."resolution_bookings"
  select source_key collate "C" as source_key,
    case
      when not _is_tried then _before
      when is_torn then 'torn'
      when source_key <> survivor_key then 'merged'
      when is_matched then 'matched'
      else 'loaded'
    end as disposition,
    survivor_key collate "C" as survivor_key,
    "id",
    "group_1",
    "group_2"
  from (
    select "step_1"."v1" as source_key,
      first_value("step_1"."v1") over same as survivor_key,
      false as is_matched,
      false as is_torn,
      case when walked.disposition in ('loaded', 'matched') then "walked"."id" else first_value(case when walked.disposition in ('loaded', 'matched') then "walked"."id" else ("b"."id")::int4 end) over same end as "id",
      count(*) over (partition by case when ("step_1"."v9") is not true then "step_1"."v1" end, "b"."branch", "b"."day", "step_3"."v8") > 1 as "group_1",
      coalesce(min(("b"."branch")::text collate "C") over (partition by case when ("step_1"."v10") is not true then "step_1"."v1" end, "b"."sheet") <> max(("b"."branch")::text collate "C") over (partition by case when ("step_1"."v10") is not true then "step_1"."v1" end, "b"."sheet"), false) as "group_2",
      walked.disposition as _before,
      "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'bookings' and purpose in ('try') and not done) as _is_tried,
      bool_or("step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'bookings' and purpose in ('try', 'group') and not done)) over (partition by case when ("step_1"."v7") is not true or "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'books' and mapping = 'bookings') then "step_1"."v1" end, "b"."receipt") as _is_touched
    from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'branch' then ("fix"."patch" ->> 'branch')::text else "t"."branch" end as "branch",
      case when "fix"."patch" ? 'day' then ("fix"."patch" ->> 'day')::date else "t"."day" end as "day",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'receipt' then ("fix"."patch" ->> 'receipt')::text else "t"."receipt" end as "receipt",
      case when "fix"."patch" ? 'sheet' then ("fix"."patch" ->> 'sheet')::text else "t"."sheet" end as "sheet",
      case when "fix"."patch" ? 'changed' then ("fix"."patch" ->> 'changed')::timestamp else "t"."changed" end as "changed"
    from "legacy"."bookings" as t
    left join "drover"."overlay" as fix on fix.migration = 'books'
      and fix.relation = 'legacy.bookings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  cross join lateral (
    select
      ("b"."id")::text as "v1",
      case
      when (("b"."amount")::text collate "default") is null then null
      when length((("b"."amount")::text collate "default")) <= 30 and (("b"."amount")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("b"."amount")::text collate "default")
      when length((("b"."amount")::text collate "default")) <= 30 and (("b"."amount")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("b"."amount")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("b"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("b"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("b"."amount")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("b"."amount")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("b"."amount")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "v2",
      "b"."receipt" is not null as "v7",
      "b"."receipt" is null as "v9",
      "b"."sheet" is not null as "v10"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case when ('en' is null and "step_1"."v2" is not null and (("b"."amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "step_1"."v2"::numeric end as "v3"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      ("step_1"."v2" <> btrim((("b"."amount")::text collate "default"))) and abs("step_2"."v3") < '99999999999999.995'::numeric as "v4",
      "step_2"."v3" <> round("step_2"."v3", 2) and abs("step_2"."v3") < '99999999999999.995'::numeric as "v5",
      ('en' is null and "step_1"."v2" is not null and (("b"."amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("b"."amount")::text collate "default") is not null and "step_2"."v3" is null and ('en' is null and "step_1"."v2" is not null and (("b"."amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("step_2"."v3") < '99999999999999.995'::numeric) as "v6",
      case when abs("step_2"."v3") < '99999999999999.995'::numeric then round("step_2"."v3", 2) end as "v8"
    offset '0'
  ) as "step_3"
  join "drover"."crosswalk_bookings" as walked on walked.source_key = "step_1"."v1" collate "C"
    where ("step_3"."v6") is not true and (walked.disposition <> 'excluded' and not (walked.disposition = 'quarantined' and "step_1"."v1" collate "C" in (
        select source_key
        from drover.quarantine
        where run_id = $1::bigint and mapping = 'bookings' and accepted_at is not null
      )) or "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'bookings' and purpose in ('try') and not done))
    window same as (partition by case when ("step_1"."v7") is not true or "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'books' and mapping = 'bookings') then "step_1"."v1" end, "b"."receipt" order by (walked.disposition in ('loaded', 'matched')) desc, "b"."changed" desc nulls last, "step_1"."v1" collate "C")
  ) as grouped
  where _is_touched and (_is_tried or _before <> 'quarantined')
on conflict (source_key) do update set "disposition" = "excluded"."disposition", "survivor_key" = "excluded"."survivor_key", "id" = "excluded"."id", "group_1" = "excluded"."group_1", "group_2" = "excluded"."group_2";
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_3.v9" then 'quarantined' else coalesce("row"."resolution.disposition", 'loaded') end as "_disposition",
    case when "row"."step_3.v5" or "row"."step_3.v6" or "row"."step_3.v7" or "row"."step_3.v8" then array[case when "row"."step_3.v5" then 1 end, case when "row"."step_3.v6" then 2 end, case when "row"."step_3.v7" then 3 end, case when "row"."step_3.v8" then 4 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."b.id")::int4 as "id",
    ("row"."b.branch")::text as "branch",
    ("row"."b.day")::date as "day",
    ("row"."step_3.v4")::numeric as "amount",
    ("row"."b.receipt")::text as "receipt",
    ("row"."b.sheet")::text as "sheet",
    "row"."resolution.survivor_key" as "_survivor",
    "row"."resolution.id" as "_resolved_id",
    case when "row"."step_3.v9" then array_remove(array[case when ('en' is null and "row"."step_1.v2" is not null and (("row"."b.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 1 end, case when (("row"."b.amount")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."b.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 2 end, case when not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) then 3 end], null) end as "_reasons",
    "row"."b.ctid" as "_place",
    case when "row"."step_3.v5" or "row"."step_3.v6" or "row"."step_3.v7" or "row"."step_3.v8" then array[("row"."b.amount")::text, ("row"."b.amount")::text, null, null]::text[] end as "_originals"
  from (
  select
    ('en' is null and "row"."step_1.v2" is not null and (("row"."b.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."b.amount")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."b.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) as "step_3.v9",
    "resolution"."disposition" as "resolution.disposition",
    ("row"."step_1.v2" <> btrim((("row"."b.amount")::text collate "default"))) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v5",
    "row"."step_2.v3" <> round("row"."step_2.v3", 2) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v6",
    (coalesce("resolution"."group_1", false)) and "resolution"."disposition" is distinct from 'merged' as "step_3.v7",
    (coalesce("resolution"."group_2", false)) and "resolution"."disposition" is distinct from 'merged' as "step_3.v8",
    "row"."step_1.v1" as "step_1.v1",
    "row"."b.id" as "b.id",
    "row"."b.branch" as "b.branch",
    "row"."b.day" as "b.day",
    case when abs("row"."step_2.v3") < '99999999999999.995'::numeric then round("row"."step_2.v3", 2) end as "step_3.v4",
    "row"."b.receipt" as "b.receipt",
    "row"."b.sheet" as "b.sheet",
    "resolution"."survivor_key" as "resolution.survivor_key",
    "resolution"."id" as "resolution.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."b.amount" as "b.amount",
    "row"."step_2.v3" as "step_2.v3",
    "row"."b.ctid" as "b.ctid"
  from (
  select
    "row"."step_1.v2" as "step_1.v2",
    "row"."b.amount" as "b.amount",
    case when ('en' is null and "row"."step_1.v2" is not null and (("row"."b.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v2"::numeric end as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "row"."b.id" as "b.id",
    "row"."b.branch" as "b.branch",
    "row"."b.day" as "b.day",
    "row"."b.receipt" as "b.receipt",
    "row"."b.sheet" as "b.sheet",
    "row"."b.ctid" as "b.ctid"
  from (
  select
    case
      when (("b"."amount")::text collate "default") is null then null
      when length((("b"."amount")::text collate "default")) <= 30 and (("b"."amount")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("b"."amount")::text collate "default")
      when length((("b"."amount")::text collate "default")) <= 30 and (("b"."amount")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("b"."amount")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("b"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("b"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("b"."amount")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("b"."amount")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("b"."amount")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v2",
    "b"."amount" as "b.amount",
    ("b"."id")::text as "step_1.v1",
    "b"."id" as "b.id",
    "b"."branch" as "b.branch",
    "b"."day" as "b.day",
    "b"."receipt" as "b.receipt",
    "b"."sheet" as "b.sheet",
    "b"."ctid" as "b.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'branch' then ("fix"."patch" ->> 'branch')::text else "t"."branch" end as "branch",
      case when "fix"."patch" ? 'day' then ("fix"."patch" ->> 'day')::date else "t"."day" end as "day",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'receipt' then ("fix"."patch" ->> 'receipt')::text else "t"."receipt" end as "receipt",
      case when "fix"."patch" ? 'sheet' then ("fix"."patch" ->> 'sheet')::text else "t"."sheet" end as "sheet",
      case when "fix"."patch" ? 'changed' then ("fix"."patch" ->> 'changed')::timestamp else "t"."changed" end as "changed"
    from "legacy"."bookings" as t
    left join "drover"."overlay" as fix on fix.migration = 'books'
      and fix.relation = 'legacy.bookings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  where "b"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'bookings' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  left join "drover"."resolution_bookings" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_bookings" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."bookings" ("id", "branch", "day", "amount", "receipt", "sheet")
  select "id", "branch", "day", "amount", "receipt", "sheet"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_bookings" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'bookings', "s"."_key", $2::bigint,
    (array['ambiguous-number', 'not-a-number', 'out-of-range'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'ambiguous-number', 'amount'), (2, 'not-a-number', 'amount'), (3, 'out-of-range', 'amount')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."bookings" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'bookings' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), parted as (
  delete from drover.merge as m
  using s
  where "m"."run_id" = $1::bigint and "m"."mapping" = 'bookings' and "m"."source_key" = "s"."_key"
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'bookings', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'bookings' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'bookings' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'bookings', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'amount'), (2, 'rounded', 'amount')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), notes as (
  insert into drover.note (run_id, mapping, source_key, code, column_name)
  select $1::bigint, 'bookings', "s"."_key", guard.code, guard.column_name
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (3, 'look-alike', 'amount'), (4, 'shared-sheet', 'sheet')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'bookings', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'bookings', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_bookings" (like "app"."bookings", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_3.v9" then 'quarantined' else coalesce("row"."resolution.disposition", 'loaded') end as "_disposition",
    case when "row"."step_3.v5" or "row"."step_3.v6" or "row"."step_3.v7" or "row"."step_3.v8" then array[case when "row"."step_3.v5" then 1 end, case when "row"."step_3.v6" then 2 end, case when "row"."step_3.v7" then 3 end, case when "row"."step_3.v8" then 4 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."b.id")::int4 as "id",
    ("row"."b.branch")::text as "branch",
    ("row"."b.day")::date as "day",
    ("row"."step_3.v4")::numeric as "amount",
    ("row"."b.receipt")::text as "receipt",
    ("row"."b.sheet")::text as "sheet",
    "row"."resolution.survivor_key" as "_survivor",
    "row"."resolution.id" as "_resolved_id",
    case when "row"."step_3.v9" then array_remove(array[case when ('en' is null and "row"."step_1.v2" is not null and (("row"."b.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 1 end, case when (("row"."b.amount")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."b.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 2 end, case when not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) then 3 end], null) end as "_reasons",
    case when "row"."step_3.v5" or "row"."step_3.v6" or "row"."step_3.v7" or "row"."step_3.v8" then array[("row"."b.amount")::text, ("row"."b.amount")::text, null, null]::text[] end as "_originals"
  from (
  select
    ('en' is null and "row"."step_1.v2" is not null and (("row"."b.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."b.amount")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."b.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) as "step_3.v9",
    "resolution"."disposition" as "resolution.disposition",
    ("row"."step_1.v2" <> btrim((("row"."b.amount")::text collate "default"))) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v5",
    "row"."step_2.v3" <> round("row"."step_2.v3", 2) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v6",
    (coalesce("resolution"."group_1", false)) and "resolution"."disposition" is distinct from 'merged' as "step_3.v7",
    (coalesce("resolution"."group_2", false)) and "resolution"."disposition" is distinct from 'merged' as "step_3.v8",
    "row"."step_1.v1" as "step_1.v1",
    "row"."b.id" as "b.id",
    "row"."b.branch" as "b.branch",
    "row"."b.day" as "b.day",
    case when abs("row"."step_2.v3") < '99999999999999.995'::numeric then round("row"."step_2.v3", 2) end as "step_3.v4",
    "row"."b.receipt" as "b.receipt",
    "row"."b.sheet" as "b.sheet",
    "resolution"."survivor_key" as "resolution.survivor_key",
    "resolution"."id" as "resolution.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."b.amount" as "b.amount",
    "row"."step_2.v3" as "step_2.v3",
    "row"."b.ctid" as "b.ctid"
  from (
  select
    "row"."step_1.v2" as "step_1.v2",
    "row"."b.amount" as "b.amount",
    case when ('en' is null and "row"."step_1.v2" is not null and (("row"."b.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v2"::numeric end as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "row"."b.id" as "b.id",
    "row"."b.branch" as "b.branch",
    "row"."b.day" as "b.day",
    "row"."b.receipt" as "b.receipt",
    "row"."b.sheet" as "b.sheet",
    "row"."b.ctid" as "b.ctid"
  from (
  select
    case
      when (("b"."amount")::text collate "default") is null then null
      when length((("b"."amount")::text collate "default")) <= 30 and (("b"."amount")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("b"."amount")::text collate "default")
      when length((("b"."amount")::text collate "default")) <= 30 and (("b"."amount")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("b"."amount")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("b"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("b"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("b"."amount")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("b"."amount")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("b"."amount")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v2",
    "b"."amount" as "b.amount",
    ("b"."id")::text as "step_1.v1",
    "b"."id" as "b.id",
    "b"."branch" as "b.branch",
    "b"."day" as "b.day",
    "b"."receipt" as "b.receipt",
    "b"."sheet" as "b.sheet",
    "b"."ctid" as "b.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'branch' then ("fix"."patch" ->> 'branch')::text else "t"."branch" end as "branch",
      case when "fix"."patch" ? 'day' then ("fix"."patch" ->> 'day')::date else "t"."day" end as "day",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'receipt' then ("fix"."patch" ->> 'receipt')::text else "t"."receipt" end as "receipt",
      case when "fix"."patch" ? 'sheet' then ("fix"."patch" ->> 'sheet')::text else "t"."sheet" end as "sheet",
      case when "fix"."patch" ? 'changed' then ("fix"."patch" ->> 'changed')::timestamp else "t"."changed" end as "changed"
    from "legacy"."bookings" as t
    left join "drover"."overlay" as fix on fix.migration = 'books'
      and fix.relation = 'legacy.bookings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  where "b"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'bookings' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  left join "drover"."resolution_bookings" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_bookings" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."bookings" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."branch") is distinct from ("s"."branch") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."day") is distinct from ("s"."day") or ($2::text[] && array['*', 'bookings'] and s._stands = 'loaded') and ("existing"."amount") is distinct from ("s"."amount") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."receipt") is distinct from ("s"."receipt") or ($2::text[] && array['*', 'bookings'] and s._stands = 'loaded') and ("existing"."sheet") is distinct from ("s"."sheet"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_bookings" ("id", "branch", "day", "amount", "receipt", "sheet", "drover_version")
  select "id", "branch", "day", "amount", "receipt", "sheet", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."bookings" as t
  set "branch" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."branch" else "t"."branch" end,
    "day" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."day" else "t"."day" end,
    "amount" = case when ($2::text[] && array['*', 'bookings'] and s._stands = 'loaded') then "s"."amount" else "t"."amount" end,
    "receipt" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."receipt" else "t"."receipt" end,
    "sheet" = case when ($2::text[] && array['*', 'bookings'] and s._stands = 'loaded') then "s"."sheet" else "t"."sheet" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'bookings', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('branch', array['*']), ('day', array['*']), ('amount', array['*', 'bookings']), ('receipt', array['*']), ('sheet', array['*', 'bookings'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'bookings' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'bookings' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'bookings', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'amount'), (2, 'rounded', 'amount')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
), notes as (
  insert into drover.note (run_id, mapping, source_key, code, column_name)
  select $1::bigint, 'bookings', "s"."_key", guard.code, guard.column_name
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (3, 'look-alike', 'amount'), (4, 'shared-sheet', 'sheet')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
