-- hazard merges-rows, invoices: Rows of legacy.invoices with one identity become one row of app.invoices.
-- hazard writes-existing-rows, clinics: Rows that app.clinics holds already get new values of amount, invoices; each is kept as it was.
-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.invoices (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."invoices" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."invoices" drop constraint "invoices_pkey";
commit;

-- =================================================================================================
-- 1. invoices: legacy.invoices → app.invoices
-- =================================================================================================
-- invoices: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_invoices" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- merges and matches, decided once
create table "drover"."resolution_invoices" as
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
    select "step_1"."v1" as source_key,
      first_value("step_1"."v1") over same as survivor_key,
      false as is_matched,
      false as is_torn,
      first_value(("i"."id")::int4) over same as "id"
    from (
      select "i".*
      from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'number' then ("fix"."patch" ->> 'number')::text else "t"."number" end as "number",
      case when "fix"."patch" ? 'clinic' then ("fix"."patch" ->> 'clinic')::text else "t"."clinic" end as "clinic",
      case when "fix"."patch" ? 'day' then ("fix"."patch" ->> 'day')::date else "t"."day" end as "day",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount"
    from "legacy"."invoices" as t
    left join "drover"."overlay" as fix on fix.migration = 'billing'
      and fix.relation = 'legacy.invoices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "i"
      where "i"."ctid" = any (array(
      with repeated as materialized (
        select hash, count(*) as rows, min(place) as first_place, max(place) as last_place
        from (
          select "i"."ctid" as place, hash_record_extended(row("i"."number"), 0) as hash
          from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'number' then ("fix"."patch" ->> 'number')::text else "t"."number" end as "number",
      case when "fix"."patch" ? 'clinic' then ("fix"."patch" ->> 'clinic')::text else "t"."clinic" end as "clinic",
      case when "fix"."patch" ? 'day' then ("fix"."patch" ->> 'day')::date else "t"."day" end as "day",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount"
    from "legacy"."invoices" as t
    left join "drover"."overlay" as fix on fix.migration = 'billing'
      and fix.relation = 'legacy.invoices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "i"
          
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
          select "i"."ctid" as place, hash_record_extended(row("i"."number"), 0) as hash
          from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'number' then ("fix"."patch" ->> 'number')::text else "t"."number" end as "number",
      case when "fix"."patch" ? 'clinic' then ("fix"."patch" ->> 'clinic')::text else "t"."clinic" end as "clinic",
      case when "fix"."patch" ? 'day' then ("fix"."patch" ->> 'day')::date else "t"."day" end as "day",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount"
    from "legacy"."invoices" as t
    left join "drover"."overlay" as fix on fix.migration = 'billing'
      and fix.relation = 'legacy.invoices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "i"
          
        ) as made
        where hash in (select hash from repeated where rows > 2)
      ) as further
      where exists (select from repeated where rows > 2)))
      offset '0'
    ) as "i"
  cross join lateral (
    select
      ("i"."id")::text as "v1",
      case
      when (("i"."amount")::text collate "default") is null then null
      when length((("i"."amount")::text collate "default")) <= 30 and (("i"."amount")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("i"."amount")::text collate "default")
      when length((("i"."amount")::text collate "default")) <= 30 and (("i"."amount")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("i"."amount")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("i"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("i"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("i"."amount")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("i"."amount")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("i"."amount")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "v2",
      "i"."state" <> 'draft' as "v9",
      "i"."day" is null as "v10"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case when ('en' is null and "step_1"."v2" is not null and (("i"."amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "step_1"."v2"::numeric end as "v3",
      ('en' is null and "step_1"."v2" is not null and (("i"."amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "v4"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      (("i"."amount")::text collate "default") is not null and "step_2"."v3" is null and ('en' is null and "step_1"."v2" is not null and (("i"."amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "v5",
      not (abs("step_2"."v3") < '99999999999999.9999995'::numeric) as "v6",
      ("step_1"."v2" <> btrim((("i"."amount")::text collate "default"))) and abs("step_2"."v3") < '99999999999999.9999995'::numeric as "v7",
      "step_2"."v3" <> round("step_2"."v3", 6) and abs("step_2"."v3") < '99999999999999.9999995'::numeric as "v8"
    offset '0'
  ) as "step_3"
    where (("step_1"."v9") is not true) is not true and ("step_1"."v10") is not true
    window same as (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'billing' and mapping = 'invoices') then "step_1"."v1" end, "i"."number" order by "step_1"."v1" collate "C")
  ) as grouped
  where source_key <> survivor_key or is_matched;
alter table "drover"."resolution_invoices" add primary key (source_key);
analyze "drover"."resolution_invoices";
-- source rows
select count(*) as n from "legacy"."invoices";
-- target rows before
select count(*) as n from "app"."invoices";
-- control totals of the source
with s as (
  select "step_1"."v1" as "_key", ("step_3"."v4")::numeric as "source_1", (1)::numeric as "source_2"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'number' then ("fix"."patch" ->> 'number')::text else "t"."number" end as "number",
      case when "fix"."patch" ? 'clinic' then ("fix"."patch" ->> 'clinic')::text else "t"."clinic" end as "clinic",
      case when "fix"."patch" ? 'day' then ("fix"."patch" ->> 'day')::date else "t"."day" end as "day",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount"
    from "legacy"."invoices" as t
    left join "drover"."overlay" as fix on fix.migration = 'billing'
      and fix.relation = 'legacy.invoices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "i"
  cross join lateral (
    select
      ("i"."id")::text as "v1",
      case
      when (("i"."amount")::text collate "default") is null then null
      when length((("i"."amount")::text collate "default")) <= 30 and (("i"."amount")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("i"."amount")::text collate "default")
      when length((("i"."amount")::text collate "default")) <= 30 and (("i"."amount")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("i"."amount")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("i"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("i"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("i"."amount")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("i"."amount")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("i"."amount")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "v2"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case when ('en' is null and "step_1"."v2" is not null and (("i"."amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "step_1"."v2"::numeric end as "v3"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      case when abs("step_2"."v3") < '99999999999999.9999995'::numeric then round("step_2"."v3", 6) end as "v4"
    offset '0'
  ) as "step_3"
), sums as (
  select count(*) as rows, trim_scale(coalesce(sum("source_1"), 0)) as "source_1", trim_scale(coalesce(sum("source_2"), 0)) as "source_2"
  from s
), removed as (
  delete from drover.control_total
  where run_id = $1::bigint and mapping = 'invoices' and stage = 'before'
)
insert into drover.control_total (run_id, mapping, name, stage, rows, source_sum)
select $1::bigint, 'invoices', total.name, 'before', sums.rows, total.source_sum
from sums
cross join lateral (values ('amount', "source_1"), ('invoices', "source_2")) as total (name, source_sum);
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."invoices" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."invoices")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'invoices', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- invoices: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."invoices" as "i"
  where ($3::text[] is null or ("i"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("i"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when ("step_1"."v10") is not true then 'excluded' when "step_1"."v11" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    case when "step_2"."v4" or "step_3"."v5" or "step_3"."v6" or "step_3"."v7" or "step_3"."v8" then array[case when "step_2"."v4" then 1 end, case when "step_3"."v5" then 2 end, case when "step_3"."v6" then 3 end, case when "step_3"."v7" then 4 end, case when "step_3"."v8" then 5 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("i"."id")::int4 as "id",
    ("i"."clinic")::text as "clinic",
    ("i"."day")::date as "day",
    ("step_3"."v9")::numeric as "amount",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "step_1"."v11" then array_remove(array[case when "i"."day" is null then 1 end], null) end as "_reasons",
    "i"."ctid" as "_place",
    case when "step_2"."v4" or "step_3"."v5" or "step_3"."v6" or "step_3"."v7" or "step_3"."v8" then array[("i"."amount")::text, ("i"."amount")::text, ("i"."amount")::text, ("i"."amount")::text, ("i"."amount")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'number' then ("fix"."patch" ->> 'number')::text else "t"."number" end as "number",
      case when "fix"."patch" ? 'clinic' then ("fix"."patch" ->> 'clinic')::text else "t"."clinic" end as "clinic",
      case when "fix"."patch" ? 'day' then ("fix"."patch" ->> 'day')::date else "t"."day" end as "day",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount"
    from "legacy"."invoices" as t
    left join "drover"."overlay" as fix on fix.migration = 'billing'
      and fix.relation = 'legacy.invoices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "i"
  cross join lateral (
    select
      ("i"."id")::text as "v1",
      case
      when (("i"."amount")::text collate "default") is null then null
      when length((("i"."amount")::text collate "default")) <= 30 and (("i"."amount")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("i"."amount")::text collate "default")
      when length((("i"."amount")::text collate "default")) <= 30 and (("i"."amount")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("i"."amount")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("i"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("i"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("i"."amount")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("i"."amount")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("i"."amount")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "v2",
      "i"."state" <> 'draft' as "v10",
      "i"."day" is null as "v11"
    offset '0'
  ) as "step_1"
  left join "drover"."resolution_invoices" as resolution on resolution.source_key = "step_1"."v1" collate "C"
  cross join lateral (
    select
      case when ('en' is null and "step_1"."v2" is not null and (("i"."amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "step_1"."v2"::numeric end as "v3",
      ('en' is null and "step_1"."v2" is not null and (("i"."amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "v4"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      (("i"."amount")::text collate "default") is not null and "step_2"."v3" is null and ('en' is null and "step_1"."v2" is not null and (("i"."amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "v5",
      not (abs("step_2"."v3") < '99999999999999.9999995'::numeric) as "v6",
      ("step_1"."v2" <> btrim((("i"."amount")::text collate "default"))) and abs("step_2"."v3") < '99999999999999.9999995'::numeric as "v7",
      "step_2"."v3" <> round("step_2"."v3", 6) and abs("step_2"."v3") < '99999999999999.9999995'::numeric as "v8",
      case when abs("step_2"."v3") < '99999999999999.9999995'::numeric then round("step_2"."v3", 6) end as "v9"
    offset '0'
  ) as "step_3"
  where ($3::text[] is null or ("i"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("i"."id") < (($4::text[])[1]::int4))
), loaded as (
  insert into "app"."invoices" ("id", "clinic", "day", "amount")
  select "id", "clinic", "day", "amount"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_invoices" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'invoices', "s"."_key", $2::bigint,
    (array['no-day'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-day', 'day')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."invoices" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'invoices', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'invoices', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'ambiguous-number', 'amount'), (2, 'not-a-number', 'amount'), (3, 'not-a-number', 'amount'), (4, 'number-format', 'amount'), (5, 'rounded', 'amount')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
)
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = (select count(*) from loaded),
  quarantined = (select count(*) from quarantined),
  "merged" = carried."merged",
  "matched" = 0,
  "excluded" = carried."excluded",
  finished_at = clock_timestamp()
from (
  select count(*) filter (where "s"."_disposition" = 'merged') as "merged",
    count(*) filter (where "s"."_disposition" = 'excluded') as "excluded"
  from s
) as carried
where run_id = $1::bigint and mapping = 'invoices' and number = $2::bigint;
commit;

-- invoices: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("i"."id")::text] as bound, row_number() over (order by "i"."id") as position, count(*) as rows
  from "legacy"."invoices" as "i"
    where ($1::text[] is null or ("i"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("i"."id") < (($2::text[])[1]::int4)) and "i"."id" is not null
  group by "i"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- invoices: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."invoices" as "i"
  where ($3::text[] is null or ("i"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("i"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when case when $8::boolean then ("i"."state" <> 'draft') is not true end then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."invoices" as original
      where original.ctid = "i"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'number' then ("fix"."patch" ->> 'number')::text else "t"."number" end as "number",
      case when "fix"."patch" ? 'clinic' then ("fix"."patch" ->> 'clinic')::text else "t"."clinic" end as "clinic",
      case when "fix"."patch" ? 'day' then ("fix"."patch" ->> 'day')::date else "t"."day" end as "day",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount"
    from "legacy"."invoices" as t
    left join "drover"."overlay" as fix on fix.migration = 'billing'
      and fix.relation = 'legacy.invoices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "i"
  cross join lateral (
    select
      ("i"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("i"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("i"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_invoices" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'invoices', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'invoices' and number = $2::bigint
returning quarantined;
commit;

-- invoices: the key of the crosswalk
begin;
alter table "drover"."crosswalk_invoices" add primary key (source_key);
analyze "drover"."crosswalk_invoices";
commit;

-- invoices: the statistics of the target
begin;
analyze "app"."invoices";
commit;

-- invoices_pkey
begin;
CREATE UNIQUE INDEX invoices_pkey ON app.invoices USING btree (id);
commit;

-- invoices: close
begin;
-- what is checked late, now
set constraints all immediate;
-- duplicates whose survivor was not loaded. Repeated until no row is left. $2 here: the entry that adjusts the counts
with lost as (
  delete from drover.merge as merge
  using "drover"."crosswalk_invoices" as survivor
  where merge.run_id = $1::bigint and merge.mapping = 'invoices'
    and survivor.source_key = merge.survivor_key and survivor.disposition not in ('loaded', 'matched')
  returning merge.source_key
), walked as (
  update "drover"."crosswalk_invoices" as walked
  set disposition = 'quarantined', "id" = null
  from lost
  where walked.source_key = lost.source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'invoices', "step_1"."v1", $2::bigint, 'survivor-quarantined',
    '[{"code": "survivor-quarantined", "column": null}]'::jsonb, (
      select to_jsonb("original".*)
      from "legacy"."invoices" as original
      where original.ctid = "i"."ctid"
    )
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'number' then ("fix"."patch" ->> 'number')::text else "t"."number" end as "number",
      case when "fix"."patch" ? 'clinic' then ("fix"."patch" ->> 'clinic')::text else "t"."clinic" end as "clinic",
      case when "fix"."patch" ? 'day' then ("fix"."patch" ->> 'day')::date else "t"."day" end as "day",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount"
    from "legacy"."invoices" as t
    left join "drover"."overlay" as fix on fix.migration = 'billing'
      and fix.relation = 'legacy.invoices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "i"
  cross join lateral (
    select
      ("i"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where "step_1"."v1" collate "C" in (select source_key from lost)
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'invoices', $2::bigint, 'adjustment', 'done', 0, 0, -n, 0, n, 0, clock_timestamp()
from (select count(*) as n from lost) as moved
where n > 0
returning number;
-- control totals of source and target
with s as (
  select "step_1"."v1" as "_key", ("step_3"."v4")::numeric as "source_1", (1)::numeric as "source_2"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'number' then ("fix"."patch" ->> 'number')::text else "t"."number" end as "number",
      case when "fix"."patch" ? 'clinic' then ("fix"."patch" ->> 'clinic')::text else "t"."clinic" end as "clinic",
      case when "fix"."patch" ? 'day' then ("fix"."patch" ->> 'day')::date else "t"."day" end as "day",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount"
    from "legacy"."invoices" as t
    left join "drover"."overlay" as fix on fix.migration = 'billing'
      and fix.relation = 'legacy.invoices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "i"
  cross join lateral (
    select
      ("i"."id")::text as "v1",
      case
      when (("i"."amount")::text collate "default") is null then null
      when length((("i"."amount")::text collate "default")) <= 30 and (("i"."amount")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("i"."amount")::text collate "default")
      when length((("i"."amount")::text collate "default")) <= 30 and (("i"."amount")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("i"."amount")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("i"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("i"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("i"."amount")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("i"."amount")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("i"."amount")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "v2"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case when ('en' is null and "step_1"."v2" is not null and (("i"."amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "step_1"."v2"::numeric end as "v3"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      case when abs("step_2"."v3") < '99999999999999.9999995'::numeric then round("step_2"."v3", 6) end as "v4"
    offset '0'
  ) as "step_3"
), taken as (
  select walked.disposition,
    "existing"."id" is not null as is_there,
    "s"."source_1",
    case when "existing"."id" is not null then ("existing"."amount")::numeric end as "target_1",
    array[("existing"."clinic")::text, (date_trunc('month', "existing"."day"::timestamp)::date)::text]::text[] as "group_1",
    "s"."source_2",
    case when "existing"."id" is not null then (1)::numeric end as "target_2",
    array[]::text[] as "group_2"
  from s
  full join "drover"."crosswalk_invoices" as walked
    on walked.source_key = "s"."_key" collate "C"
  left join "app"."invoices" as existing
    on walked.disposition in ('loaded') and "existing"."id" = "walked"."id"
), sums as (
  select 'amount' as name, disposition, case when is_there then "group_1" end as group_key,
    count(*) as rows,
    trim_scale(coalesce(sum("source_1"), 0)) as source_sum, trim_scale(sum("target_1")) as target_sum
  from taken
  group by disposition, is_there, "group_1"
  union all
  select 'invoices' as name, disposition, case when is_there then "group_2" end as group_key,
    count(*) as rows,
    trim_scale(coalesce(sum("source_2"), 0)) as source_sum, trim_scale(sum("target_2")) as target_sum
  from taken
  group by disposition, is_there, "group_2"
), removed as (
  delete from drover.control_total
  where run_id = $1::bigint and mapping = 'invoices' and stage = 'loaded'
)
insert into drover.control_total (run_id, mapping, name, stage, disposition, group_key, rows, source_sum, target_sum)
select $1::bigint, 'invoices', name, 'loaded', disposition, group_key, rows, source_sum, target_sum
from sums;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."invoices";
-- target rows after
select count(*) as n from "app"."invoices";
commit;

-- =================================================================================================
-- 2. clinics: query → app.clinics
-- =================================================================================================
-- clinics: prepare
begin;
-- the query that the mapping reads from
create table "drover"."source_clinics" as
(select "i"."clinic", sum(i.amount::numeric) as "amount", count(*) as "invoices" from (
    select "t"."id",
      case when "fix"."patch" ? 'number' then ("fix"."patch" ->> 'number')::text else "t"."number" end as "number",
      case when "fix"."patch" ? 'clinic' then ("fix"."patch" ->> 'clinic')::text else "t"."clinic" end as "clinic",
      case when "fix"."patch" ? 'day' then ("fix"."patch" ->> 'day')::date else "t"."day" end as "day",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount"
    from "legacy"."invoices" as t
    left join "drover"."overlay" as fix on fix.migration = 'billing'
      and fix.relation = 'legacy.invoices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "i" where "i"."state" <> 'draft' and "i"."amount" ~ '^[0-9.-]+$' group by "i"."clinic");
analyze "drover"."source_clinics";
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_clinics" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" text
);
-- rows of the target as they were before they were updated
create table "drover"."before_image_clinics" (like "app"."clinics", "drover_version" bigint not null);
-- merges and matches, decided once
create table "drover"."resolution_clinics" as
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
    select "step_1"."v1" as source_key,
      first_value("step_1"."v1") over same as survivor_key,
      first_value("existing"."id" is not null) over same as is_matched,
      "existing"."id" is not null and ("existing"."id") is distinct from (first_value("existing"."id") over same) as is_torn,
      first_value(coalesce("existing"."id", ("c"."clinic")::text)) over same as "id"
    from "drover"."source_clinics" as "c"
  cross join lateral (
    select
      ("c"."clinic")::text as "v1"
    offset '0'
  ) as "step_1"
  left join "app"."clinics" as existing on "existing"."id" = "step_1"."v1"
    
    window same as (partition by "step_1"."v1" order by ("existing"."id" is not null) desc, "step_1"."v1" collate "C")
  ) as grouped
  where source_key <> survivor_key or is_matched;
-- a row here means that a match is not one to one, and stops the run
select min(source_key) as one, max(source_key) as other
from "drover"."resolution_clinics"
where disposition = 'matched'
group by "id"
having count(*) > 1
union all
select survivor_key, source_key
from "drover"."resolution_clinics"
where disposition = 'torn'
limit 5;
alter table "drover"."resolution_clinics" add primary key (source_key);
analyze "drover"."resolution_clinics";
-- source rows
select count(*) as n from "drover"."source_clinics";
-- target rows before
select count(*) as n from "app"."clinics";
-- control totals of the source
with s as (
  select "step_1"."v1" as "_key", ("c"."amount")::numeric as "source_1"
  from "drover"."source_clinics" as "c"
  cross join lateral (
    select
      ("c"."clinic")::text as "v1"
    offset '0'
  ) as "step_1"
), sums as (
  select count(*) as rows, trim_scale(coalesce(sum("source_1"), 0)) as "source_1"
  from s
), removed as (
  delete from drover.control_total
  where run_id = $1::bigint and mapping = 'clinics' and stage = 'before'
)
insert into drover.control_total (run_id, mapping, name, stage, rows, source_sum)
select $1::bigint, 'clinics', total.name, 'before', sums.rows, total.source_sum
from sums
cross join lateral (values ('amount', "source_1")) as total (name, source_sum);
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select row_number() over (order by block) as number,
    case when block > 0 then array['(' || block || ',0)'] end as lower,
    step * n / greatest(blocks, 1) as rows
  from (
    select blocks, n, greatest(1, blocks * $2::bigint / greatest(n, 1)) as step
    from (
      select pg_relation_size('"drover"."source_clinics"'::regclass) / current_setting('block_size')::int as blocks,
        (select count(*) from "drover"."source_clinics") as n
    ) as size
  ) as cut
  cross join lateral generate_series(0, greatest(blocks - 1, 0), step) as block
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'clinics', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- clinics: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "drover"."source_clinics" as "c"
  where ($3::text[] is null or ("c"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("c"."ctid") < (($4::text[])[1]::tid))
), s as materialized (
  select
    coalesce("resolution"."disposition", 'loaded') as "_disposition",
    "step_1"."v1" as "_key",
    ("c"."clinic")::text as "id",
    ("c"."amount")::numeric as "amount",
    ("c"."invoices")::int8 as "invoices",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id"
  from "drover"."source_clinics" as "c"
  cross join lateral (
    select
      ("c"."clinic")::text as "v1"
    offset '0'
  ) as "step_1"
  left join "drover"."resolution_clinics" as resolution on resolution.source_key = "step_1"."v1" collate "C"
  where ($3::text[] is null or ("c"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("c"."ctid") < (($4::text[])[1]::tid))
), loaded as (
  insert into "app"."clinics" ("id", "amount", "invoices")
  select "id", "amount", "invoices"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), updated as (
  update "app"."clinics" as existing
  set "amount" = "s"."amount", "invoices" = "s"."invoices"
  from s
  where "existing"."id" = "s"."_resolved_id" and "s"."_disposition" = 'matched' and (("existing"."amount") is distinct from ("s"."amount") or ("existing"."invoices") is distinct from ("s"."invoices"))
  returning "old"."id" as "id", "old"."owner" as "owner", "old"."amount" as "amount", "old"."invoices" as "invoices", "old"."xmin"::text::bigint as "drover_version"
), imaged as (
  insert into "drover"."before_image_clinics" ("id", "owner", "amount", "invoices", "drover_version")
  select "id", "owner", "amount", "invoices", "drover_version"
  from updated
), walked as (
  insert into "drover"."crosswalk_clinics" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
), quarantined as (select where false)
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = (select count(*) from loaded),
  quarantined = (select count(*) from quarantined),
  "merged" = 0,
  "matched" = carried."matched",
  "excluded" = 0,
  finished_at = clock_timestamp()
from (
  select count(*) filter (where "s"."_disposition" = 'matched') as "matched"
  from s
) as carried
where run_id = $1::bigint and mapping = 'clinics' and number = $2::bigint;
commit;

-- clinics: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("c"."ctid")::text] as bound, row_number() over (order by "c"."ctid") as position, count(*) as rows
  from "drover"."source_clinics" as "c"
    where ($1::text[] is null or ("c"."ctid") >= (($1::text[])[1]::tid)) and ($2::text[] is null or ("c"."ctid") < (($2::text[])[1]::tid)) and "c"."ctid" is not null
  group by "c"."ctid"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- clinics: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "drover"."source_clinics" as "c"
  where ($3::text[] is null or ("c"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("c"."ctid") < (($4::text[])[1]::tid))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    to_jsonb("c".*) as original
  from "drover"."source_clinics" as "c"
  cross join lateral (
    select
      ("c"."clinic")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("c"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("c"."ctid") < (($4::text[])[1]::tid))
), walked as (
  insert into "drover"."crosswalk_clinics" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'clinics', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'clinics' and number = $2::bigint
returning quarantined;
commit;

-- clinics: the key of the crosswalk
begin;
alter table "drover"."crosswalk_clinics" add primary key (source_key);
analyze "drover"."crosswalk_clinics";
commit;

-- clinics: the statistics of the target
begin;
analyze "app"."clinics";
commit;

-- clinics: close
begin;
alter table "drover"."before_image_clinics" add primary key ("id");
-- what is checked late, now
set constraints all immediate;
-- control totals of source and target
with s as (
  select "step_1"."v1" as "_key", ("c"."amount")::numeric as "source_1"
  from "drover"."source_clinics" as "c"
  cross join lateral (
    select
      ("c"."clinic")::text as "v1"
    offset '0'
  ) as "step_1"
), taken as (
  select walked.disposition,
    "existing"."id" is not null as is_there,
    "s"."source_1",
    case when "existing"."id" is not null then ("existing"."amount")::numeric end as "target_1",
    array[("existing"."id")::text, ("existing"."owner")::text]::text[] as "group_1"
  from s
  full join "drover"."crosswalk_clinics" as walked
    on walked.source_key = "s"."_key" collate "C"
  left join "app"."clinics" as existing
    on walked.disposition in ('loaded', 'matched') and "existing"."id" = "walked"."id"
), sums as (
  select 'amount' as name, disposition, case when is_there then "group_1" end as group_key,
    count(*) as rows,
    trim_scale(coalesce(sum("source_1"), 0)) as source_sum, trim_scale(sum("target_1")) as target_sum
  from taken
  group by disposition, is_there, "group_1"
), removed as (
  delete from drover.control_total
  where run_id = $1::bigint and mapping = 'clinics' and stage = 'loaded'
)
insert into drover.control_total (run_id, mapping, name, stage, disposition, group_key, rows, source_sum, target_sum)
select $1::bigint, 'clinics', name, 'loaded', disposition, group_key, rows, source_sum, target_sum
from sums;
-- source rows again: the chunks must have read as many
select count(*) as n from "drover"."source_clinics";
-- target rows after
select count(*) as n from "app"."clinics";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."invoices" add constraint "invoices_pkey" primary key using index "invoices_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."invoices" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- invoices: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'invoices', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'number' then ("fix"."patch" ->> 'number')::text else "t"."number" end as "number",
      case when "fix"."patch" ? 'clinic' then ("fix"."patch" ->> 'clinic')::text else "t"."clinic" end as "clinic",
      case when "fix"."patch" ? 'day' then ("fix"."patch" ->> 'day')::date else "t"."day" end as "day",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount"
    from "legacy"."invoices" as t
    left join "drover"."overlay" as fix on fix.migration = 'billing'
      and fix.relation = 'legacy.invoices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "i"
  cross join lateral (
    select
      ("i"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_invoices" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("i"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'billing' and relation in ('legacy.invoices')))) as found
on conflict do nothing;
-- duplicates are told apart again
insert into "drover"."resolution_invoices"
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
    select "step_1"."v1" as source_key,
      first_value("step_1"."v1") over same as survivor_key,
      false as is_matched,
      false as is_torn,
      case when walked.disposition in ('loaded', 'matched') then "walked"."id" else first_value(case when walked.disposition in ('loaded', 'matched') then "walked"."id" else ("i"."id")::int4 end) over same end as "id",
      walked.disposition as _before,
      "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'invoices' and purpose in ('try') and not done) as _is_tried,
      bool_or("step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'invoices' and purpose in ('try', 'group') and not done)) over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'billing' and mapping = 'invoices') then "step_1"."v1" end, "i"."number") as _is_touched
    from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'number' then ("fix"."patch" ->> 'number')::text else "t"."number" end as "number",
      case when "fix"."patch" ? 'clinic' then ("fix"."patch" ->> 'clinic')::text else "t"."clinic" end as "clinic",
      case when "fix"."patch" ? 'day' then ("fix"."patch" ->> 'day')::date else "t"."day" end as "day",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount"
    from "legacy"."invoices" as t
    left join "drover"."overlay" as fix on fix.migration = 'billing'
      and fix.relation = 'legacy.invoices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "i"
  cross join lateral (
    select
      ("i"."id")::text as "v1",
      case
      when (("i"."amount")::text collate "default") is null then null
      when length((("i"."amount")::text collate "default")) <= 30 and (("i"."amount")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("i"."amount")::text collate "default")
      when length((("i"."amount")::text collate "default")) <= 30 and (("i"."amount")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("i"."amount")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("i"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("i"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("i"."amount")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("i"."amount")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("i"."amount")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "v2",
      "i"."state" <> 'draft' as "v9",
      "i"."day" is null as "v10"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case when ('en' is null and "step_1"."v2" is not null and (("i"."amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "step_1"."v2"::numeric end as "v3",
      ('en' is null and "step_1"."v2" is not null and (("i"."amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "v4"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      (("i"."amount")::text collate "default") is not null and "step_2"."v3" is null and ('en' is null and "step_1"."v2" is not null and (("i"."amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "v5",
      not (abs("step_2"."v3") < '99999999999999.9999995'::numeric) as "v6",
      ("step_1"."v2" <> btrim((("i"."amount")::text collate "default"))) and abs("step_2"."v3") < '99999999999999.9999995'::numeric as "v7",
      "step_2"."v3" <> round("step_2"."v3", 6) and abs("step_2"."v3") < '99999999999999.9999995'::numeric as "v8"
    offset '0'
  ) as "step_3"
  join "drover"."crosswalk_invoices" as walked on walked.source_key = "step_1"."v1" collate "C"
    where (("step_1"."v9") is not true) is not true and ("step_1"."v10") is not true and (walked.disposition <> 'excluded' and not (walked.disposition = 'quarantined' and "step_1"."v1" collate "C" in (
        select source_key
        from drover.quarantine
        where run_id = $1::bigint and mapping = 'invoices' and accepted_at is not null
      )) or "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'invoices' and purpose in ('try') and not done))
    window same as (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'billing' and mapping = 'invoices') then "step_1"."v1" end, "i"."number" order by (walked.disposition in ('loaded', 'matched')) desc, "step_1"."v1" collate "C")
  ) as grouped
  where _is_touched and (_is_tried or _before <> 'quarantined')
on conflict (source_key) do update set "disposition" = "excluded"."disposition", "survivor_key" = "excluded"."survivor_key", "id" = "excluded"."id";
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when ("step_1"."v10") is not true then 'excluded' when "step_1"."v11" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    case when "step_2"."v4" or "step_3"."v5" or "step_3"."v6" or "step_3"."v7" or "step_3"."v8" then array[case when "step_2"."v4" then 1 end, case when "step_3"."v5" then 2 end, case when "step_3"."v6" then 3 end, case when "step_3"."v7" then 4 end, case when "step_3"."v8" then 5 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("i"."id")::int4 as "id",
    ("i"."clinic")::text as "clinic",
    ("i"."day")::date as "day",
    ("step_3"."v9")::numeric as "amount",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "step_1"."v11" then array_remove(array[case when "i"."day" is null then 1 end], null) end as "_reasons",
    "i"."ctid" as "_place",
    case when "step_2"."v4" or "step_3"."v5" or "step_3"."v6" or "step_3"."v7" or "step_3"."v8" then array[("i"."amount")::text, ("i"."amount")::text, ("i"."amount")::text, ("i"."amount")::text, ("i"."amount")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'number' then ("fix"."patch" ->> 'number')::text else "t"."number" end as "number",
      case when "fix"."patch" ? 'clinic' then ("fix"."patch" ->> 'clinic')::text else "t"."clinic" end as "clinic",
      case when "fix"."patch" ? 'day' then ("fix"."patch" ->> 'day')::date else "t"."day" end as "day",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount"
    from "legacy"."invoices" as t
    left join "drover"."overlay" as fix on fix.migration = 'billing'
      and fix.relation = 'legacy.invoices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "i"
  cross join lateral (
    select
      ("i"."id")::text as "v1",
      case
      when (("i"."amount")::text collate "default") is null then null
      when length((("i"."amount")::text collate "default")) <= 30 and (("i"."amount")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("i"."amount")::text collate "default")
      when length((("i"."amount")::text collate "default")) <= 30 and (("i"."amount")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("i"."amount")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("i"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("i"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("i"."amount")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("i"."amount")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("i"."amount")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "v2",
      "i"."state" <> 'draft' as "v10",
      "i"."day" is null as "v11"
    offset '0'
  ) as "step_1"
  left join "drover"."resolution_invoices" as resolution on resolution.source_key = "step_1"."v1" collate "C"
  cross join lateral (
    select
      case when ('en' is null and "step_1"."v2" is not null and (("i"."amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "step_1"."v2"::numeric end as "v3",
      ('en' is null and "step_1"."v2" is not null and (("i"."amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "v4"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      (("i"."amount")::text collate "default") is not null and "step_2"."v3" is null and ('en' is null and "step_1"."v2" is not null and (("i"."amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "v5",
      not (abs("step_2"."v3") < '99999999999999.9999995'::numeric) as "v6",
      ("step_1"."v2" <> btrim((("i"."amount")::text collate "default"))) and abs("step_2"."v3") < '99999999999999.9999995'::numeric as "v7",
      "step_2"."v3" <> round("step_2"."v3", 6) and abs("step_2"."v3") < '99999999999999.9999995'::numeric as "v8",
      case when abs("step_2"."v3") < '99999999999999.9999995'::numeric then round("step_2"."v3", 6) end as "v9"
    offset '0'
  ) as "step_3"
  where "i"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'invoices' and purpose in ('try') and not done) as named)
  ) as made
  join "drover"."crosswalk_invoices" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."invoices" ("id", "clinic", "day", "amount")
  select "id", "clinic", "day", "amount"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_invoices" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'invoices', "s"."_key", $2::bigint,
    (array['no-day'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-day', 'day')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."invoices" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'invoices' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), parted as (
  delete from drover.merge as m
  using s
  where "m"."run_id" = $1::bigint and "m"."mapping" = 'invoices' and "m"."source_key" = "s"."_key"
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'invoices', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'invoices' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'invoices' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'invoices', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'ambiguous-number', 'amount'), (2, 'not-a-number', 'amount'), (3, 'not-a-number', 'amount'), (4, 'number-format', 'amount'), (5, 'rounded', 'amount')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'invoices', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'invoices', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_invoices" (like "app"."invoices", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when ("step_1"."v10") is not true then 'excluded' when "step_1"."v11" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    case when "step_2"."v4" or "step_3"."v5" or "step_3"."v6" or "step_3"."v7" or "step_3"."v8" then array[case when "step_2"."v4" then 1 end, case when "step_3"."v5" then 2 end, case when "step_3"."v6" then 3 end, case when "step_3"."v7" then 4 end, case when "step_3"."v8" then 5 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("i"."id")::int4 as "id",
    ("i"."clinic")::text as "clinic",
    ("i"."day")::date as "day",
    ("step_3"."v9")::numeric as "amount",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "step_1"."v11" then array_remove(array[case when "i"."day" is null then 1 end], null) end as "_reasons",
    case when "step_2"."v4" or "step_3"."v5" or "step_3"."v6" or "step_3"."v7" or "step_3"."v8" then array[("i"."amount")::text, ("i"."amount")::text, ("i"."amount")::text, ("i"."amount")::text, ("i"."amount")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'number' then ("fix"."patch" ->> 'number')::text else "t"."number" end as "number",
      case when "fix"."patch" ? 'clinic' then ("fix"."patch" ->> 'clinic')::text else "t"."clinic" end as "clinic",
      case when "fix"."patch" ? 'day' then ("fix"."patch" ->> 'day')::date else "t"."day" end as "day",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount"
    from "legacy"."invoices" as t
    left join "drover"."overlay" as fix on fix.migration = 'billing'
      and fix.relation = 'legacy.invoices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "i"
  cross join lateral (
    select
      ("i"."id")::text as "v1",
      case
      when (("i"."amount")::text collate "default") is null then null
      when length((("i"."amount")::text collate "default")) <= 30 and (("i"."amount")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("i"."amount")::text collate "default")
      when length((("i"."amount")::text collate "default")) <= 30 and (("i"."amount")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("i"."amount")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("i"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("i"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("i"."amount")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("i"."amount")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("i"."amount")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "v2",
      "i"."state" <> 'draft' as "v10",
      "i"."day" is null as "v11"
    offset '0'
  ) as "step_1"
  left join "drover"."resolution_invoices" as resolution on resolution.source_key = "step_1"."v1" collate "C"
  cross join lateral (
    select
      case when ('en' is null and "step_1"."v2" is not null and (("i"."amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "step_1"."v2"::numeric end as "v3",
      ('en' is null and "step_1"."v2" is not null and (("i"."amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "v4"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      (("i"."amount")::text collate "default") is not null and "step_2"."v3" is null and ('en' is null and "step_1"."v2" is not null and (("i"."amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "v5",
      not (abs("step_2"."v3") < '99999999999999.9999995'::numeric) as "v6",
      ("step_1"."v2" <> btrim((("i"."amount")::text collate "default"))) and abs("step_2"."v3") < '99999999999999.9999995'::numeric as "v7",
      "step_2"."v3" <> round("step_2"."v3", 6) and abs("step_2"."v3") < '99999999999999.9999995'::numeric as "v8",
      case when abs("step_2"."v3") < '99999999999999.9999995'::numeric then round("step_2"."v3", 6) end as "v9"
    offset '0'
  ) as "step_3"
  where "i"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'invoices' and purpose in ('change') and not done) as named)
  ) as made
  join "drover"."crosswalk_invoices" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."invoices" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."clinic") is distinct from ("s"."clinic") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."day") is distinct from ("s"."day") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."amount") is distinct from ("s"."amount"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_invoices" ("id", "clinic", "day", "amount", "drover_version")
  select "id", "clinic", "day", "amount", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."invoices" as t
  set "clinic" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."clinic" else "t"."clinic" end,
    "day" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."day" else "t"."day" end,
    "amount" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."amount" else "t"."amount" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'invoices', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('clinic', array['*']), ('day', array['*']), ('amount', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'invoices' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'invoices' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'invoices', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'ambiguous-number', 'amount'), (2, 'not-a-number', 'amount'), (3, 'not-a-number', 'amount'), (4, 'number-format', 'amount'), (5, 'rounded', 'amount')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;

-- clinics: mend
begin;
set constraints all immediate;
-- whether the query reads such rows
select from drover.overlay where migration = 'billing' and relation in ('legacy.invoices') limit 1;
-- the query that the mapping reads from, asked again
create table "drover"."restored_clinics" as
(select "i"."clinic", sum(i.amount::numeric) as "amount", count(*) as "invoices" from (
    select "t"."id",
      case when "fix"."patch" ? 'number' then ("fix"."patch" ->> 'number')::text else "t"."number" end as "number",
      case when "fix"."patch" ? 'clinic' then ("fix"."patch" ->> 'clinic')::text else "t"."clinic" end as "clinic",
      case when "fix"."patch" ? 'day' then ("fix"."patch" ->> 'day')::date else "t"."day" end as "day",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount"
    from "legacy"."invoices" as t
    left join "drover"."overlay" as fix on fix.migration = 'billing'
      and fix.relation = 'legacy.invoices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "i" where "i"."state" <> 'draft' and "i"."amount" ~ '^[0-9.-]+$' group by "i"."clinic");
-- rows by which the answer differs. $2 here: whether of all rows
with before as materialized (
  select (("c"."clinic")::text) collate "C" as source_key, to_jsonb("c".*) as row from "drover"."source_clinics" as "c"
), after as materialized (
  select (("c"."clinic")::text) collate "C" as source_key, to_jsonb("c".*) as row from "drover"."restored_clinics" as "c"
), differing as (
  select coalesce(after.source_key, before.source_key) as source_key, before.source_key is null as is_new, after.source_key is null as is_gone
  from before
  full join after on after.source_key = before.source_key
  where before.row is distinct from after.row
    and ($2::boolean or coalesce(after.source_key, before.source_key) in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'clinics' and purpose in ('try') and not done))
), entered as (
  insert into "drover"."crosswalk_clinics" (source_key, disposition)
  select source_key, 'new'
  from differing
  where is_new
)
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'clinics', source_key, purpose
from (
  select differing.source_key,
    case when is_new then 'try' when is_gone then 'withdraw' when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from differing
  left join "drover"."crosswalk_clinics" as walked on walked.source_key = differing.source_key) as found
on conflict do nothing;
delete from "drover"."source_clinics" as "c" where (("c"."clinic")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'clinics' and purpose in ('try', 'change', 'withdraw') and not done);
insert into "drover"."source_clinics" select "c".* from "drover"."restored_clinics" as "c" where (("c"."clinic")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'clinics' and purpose in ('try', 'change', 'withdraw') and not done);
drop table "drover"."restored_clinics";
-- rows that are gone. $2 here: the entry that adjusts the counts
with gone as (
  delete from "drover"."crosswalk_clinics"
  where source_key in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'clinics' and purpose in ('withdraw') and not done)
  returning *
), deleted as (
  delete from "app"."clinics" as t
  using gone
  where gone.disposition = 'loaded' and "t"."id" = "gone"."id"
  returning t.*, "t"."xmin"::text::bigint as "drover_version"
), imaged as (
  insert into "drover"."before_image_clinics" ("id", "owner", "amount", "invoices", "drover_version")
  select "id", "owner", "amount", "invoices", "drover_version"
  from deleted
  on conflict do nothing
), of_quarantine as (
  delete from drover.quarantine as account
  using gone
  where account.run_id = $1::bigint and account.mapping = 'clinics' and account.source_key = gone.source_key
), of_merge as (
  delete from drover.merge as account
  using gone
  where account.run_id = $1::bigint and account.mapping = 'clinics' and account.source_key = gone.source_key
), of_correction as (
  delete from drover.correction as account
  using gone
  where account.run_id = $1::bigint and account.mapping = 'clinics' and account.source_key = gone.source_key
), of_note as (
  delete from drover.note as account
  using gone
  where account.run_id = $1::bigint and account.mapping = 'clinics' and account.source_key = gone.source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'clinics', source_key, 'moved'
  from gone
  on conflict do nothing
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'clinics', $2::bigint, 'adjustment', 'done', -count(*), -count(*) filter (where disposition = 'loaded'), -count(*) filter (where disposition = 'merged'), -count(*) filter (where disposition = 'matched'), -count(*) filter (where disposition = 'quarantined'), -count(*) filter (where disposition = 'excluded'), clock_timestamp()
from gone
having count(*) > 0
returning read;
-- duplicates are told apart again
insert into "drover"."resolution_clinics"
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
    select "step_1"."v1" as source_key,
      first_value("step_1"."v1") over same as survivor_key,
      first_value(case when "own_1"."source_key" is null then "existing"."id" end is not null) over same as is_matched,
      case when "own_1"."source_key" is null then "existing"."id" end is not null and (case when "own_1"."source_key" is null then "existing"."id" end) is distinct from (first_value(case when "own_1"."source_key" is null then "existing"."id" end) over same) as is_torn,
      case when walked.disposition in ('loaded', 'matched') then "walked"."id" else first_value(case when walked.disposition in ('loaded', 'matched') then "walked"."id" else coalesce(case when "own_1"."source_key" is null then "existing"."id" end, ("c"."clinic")::text) end) over same end as "id",
      walked.disposition as _before,
      "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'clinics' and purpose in ('try') and not done) as _is_tried,
      bool_or("step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'clinics' and purpose in ('try', 'group') and not done)) over (partition by "step_1"."v1") as _is_touched
    from "drover"."source_clinics" as "c"
  cross join lateral (
    select
      ("c"."clinic")::text as "v1"
    offset '0'
  ) as "step_1"
  left join "app"."clinics" as existing on "existing"."id" = "step_1"."v1"
  left join "drover"."crosswalk_clinics" as "own_1" on "own_1".disposition = 'loaded' and "own_1"."id" = "existing"."id"
  join "drover"."crosswalk_clinics" as walked on walked.source_key = "step_1"."v1" collate "C"
    where (walked.disposition <> 'excluded' and not (walked.disposition = 'quarantined' and "step_1"."v1" collate "C" in (
        select source_key
        from drover.quarantine
        where run_id = $1::bigint and mapping = 'clinics' and accepted_at is not null
      )) or "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'clinics' and purpose in ('try') and not done))
    window same as (partition by "step_1"."v1" order by (walked.disposition in ('loaded', 'matched')) desc, (case when "own_1"."source_key" is null then "existing"."id" end is not null) desc, "step_1"."v1" collate "C")
  ) as grouped
  where _is_touched and (_is_tried or _before <> 'quarantined')
on conflict (source_key) do update set "disposition" = "excluded"."disposition", "survivor_key" = "excluded"."survivor_key", "id" = "excluded"."id";
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    coalesce("resolution"."disposition", 'loaded') as "_disposition",
    "step_1"."v1" as "_key",
    ("c"."clinic")::text as "id",
    ("c"."amount")::numeric as "amount",
    ("c"."invoices")::int8 as "invoices",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id"
  from "drover"."source_clinics" as "c"
  cross join lateral (
    select
      ("c"."clinic")::text as "v1"
    offset '0'
  ) as "step_1"
  left join "drover"."resolution_clinics" as resolution on resolution.source_key = "step_1"."v1" collate "C"
  where (("c"."clinic")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'clinics' and purpose in ('try') and not done)
  ) as made
  join "drover"."crosswalk_clinics" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."clinics" ("id", "amount", "invoices")
  select "id", "amount", "invoices"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), updated as (
  update "app"."clinics" as existing
  set "amount" = "s"."amount", "invoices" = "s"."invoices"
  from s
  where "existing"."id" = "s"."_resolved_id" and "s"."_disposition" = 'matched' and (("existing"."amount") is distinct from ("s"."amount") or ("existing"."invoices") is distinct from ("s"."invoices"))
  returning "old"."id" as "id", "old"."owner" as "owner", "old"."amount" as "amount", "old"."invoices" as "invoices", "old"."xmin"::text::bigint as "drover_version"
), imaged as (
  insert into "drover"."before_image_clinics" ("id", "owner", "amount", "invoices", "drover_version")
  select "id", "owner", "amount", "invoices", "drover_version"
  from updated
), walked as (
  update "drover"."crosswalk_clinics" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'clinics' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'clinics' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'clinics' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'clinics', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'clinics', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_clinics" (like "app"."clinics", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    coalesce("resolution"."disposition", 'loaded') as "_disposition",
    "step_1"."v1" as "_key",
    ("c"."clinic")::text as "id",
    ("c"."amount")::numeric as "amount",
    ("c"."invoices")::int8 as "invoices",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id"
  from "drover"."source_clinics" as "c"
  cross join lateral (
    select
      ("c"."clinic")::text as "v1"
    offset '0'
  ) as "step_1"
  left join "drover"."resolution_clinics" as resolution on resolution.source_key = "step_1"."v1" collate "C"
  where (("c"."clinic")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'clinics' and purpose in ('change') and not done)
  ) as made
  join "drover"."crosswalk_clinics" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded', 'matched')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."clinics" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and ($2::text[] && array['*'] and ("existing"."amount") is distinct from ("s"."amount") or $2::text[] && array['*'] and ("existing"."invoices") is distinct from ("s"."invoices"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_clinics" ("id", "owner", "amount", "invoices", "drover_version")
  select "id", "owner", "amount", "invoices", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."clinics" as t
  set "amount" = case when $2::text[] && array['*'] then "s"."amount" else "t"."amount" end,
    "invoices" = case when $2::text[] && array['*'] then "s"."invoices" else "t"."invoices" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'clinics', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('amount', array['*']), ('invoices', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'clinics' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'clinics' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
