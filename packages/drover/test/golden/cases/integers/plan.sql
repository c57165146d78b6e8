-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.stock (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."stock" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."stock" drop constraint "stock_pkey";
commit;

-- =================================================================================================
-- 1. stock: legacy.stock → app.stock
-- =================================================================================================
-- stock: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_stock" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."stock";
-- target rows before
select count(*) as n from "app"."stock";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."stock" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."stock")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'stock', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- stock: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."stock" as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_3.v30" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_2.v10" or "row"."step_3.v11" or "row"."step_3.v12" or "row"."step_3.v13" or "row"."step_3.v14" or "row"."step_3.v15" or "row"."step_2.v16" or "row"."step_3.v17" or "row"."step_3.v18" or "row"."step_3.v19" or "row"."step_3.v20" or "row"."step_2.v21" or "row"."step_3.v22" or "row"."step_3.v23" or "row"."step_3.v24" or "row"."step_3.v25" then array[case when "row"."step_2.v10" then 1 end, case when "row"."step_3.v11" then 2 end, case when "row"."step_3.v12" then 3 end, case when "row"."step_3.v13" then 4 end, case when "row"."step_3.v14" then 5 end, case when "row"."step_3.v15" then 6 end, case when "row"."step_2.v16" then 7 end, case when "row"."step_3.v17" then 8 end, case when "row"."step_3.v18" then 9 end, case when "row"."step_3.v19" then 10 end, case when "row"."step_3.v20" then 11 end, case when "row"."step_2.v21" then 12 end, case when "row"."step_3.v22" then 13 end, case when "row"."step_3.v23" then 14 end, case when "row"."step_3.v24" then 15 end, case when "row"."step_3.v25" then 16 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."s.id")::int4 as "id",
    ("row"."step_3.v26")::int2 as "shelf",
    ("row"."step_3.v27")::int4 as "pieces",
    ("row"."step_3.v28")::int8 as "serial",
    ("row"."step_3.v29"::int4)::int4 as "weight",
    case when "row"."step_3.v30" then array_remove(array[case when ("row"."s.locale" is null and "row"."step_1.v4" is not null and (("row"."s.pieces")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 1 end, case when (("row"."s.pieces")::text collate "default") is not null and "row"."step_2.v5" is null and ("row"."s.locale" is null and "row"."step_1.v4" is not null and (("row"."s.pieces")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 2 end, case when not ("row"."step_2.v5" = trunc("row"."step_2.v5")) then 3 end, case when "row"."step_2.v5" = trunc("row"."step_2.v5") and not ("row"."step_2.v5" between (-2147483648) and 2147483647) then 4 end], null) end as "_reasons",
    "row"."s.ctid" as "_place",
    case when "row"."step_2.v10" or "row"."step_3.v11" or "row"."step_3.v12" or "row"."step_3.v13" or "row"."step_3.v14" or "row"."step_3.v15" or "row"."step_2.v16" or "row"."step_3.v17" or "row"."step_3.v18" or "row"."step_3.v19" or "row"."step_3.v20" or "row"."step_2.v21" or "row"."step_3.v22" or "row"."step_3.v23" or "row"."step_3.v24" or "row"."step_3.v25" then array[("row"."s.shelf")::text, ("row"."s.shelf")::text, ("row"."s.shelf")::text, ("row"."s.shelf")::text, ("row"."s.shelf")::text, ("row"."s.pieces")::text, ("row"."s.serial")::text, ("row"."s.serial")::text, ("row"."s.serial")::text, ("row"."s.serial")::text, ("row"."s.serial")::text, ("row"."s.weight")::text, ("row"."s.weight")::text, ("row"."s.weight")::text, ("row"."s.weight")::text, ("row"."s.weight")::text]::text[] end as "_originals"
  from (
  select
    ("row"."s.locale" is null and "row"."step_1.v4" is not null and (("row"."s.pieces")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."s.pieces")::text collate "default") is not null and "row"."step_2.v5" is null and ("row"."s.locale" is null and "row"."step_1.v4" is not null and (("row"."s.pieces")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not ("row"."step_2.v5" = trunc("row"."step_2.v5")) or "row"."step_2.v5" = trunc("row"."step_2.v5") and not ("row"."step_2.v5" between (-2147483648) and 2147483647) as "step_3.v30",
    "row"."step_2.v10" as "step_2.v10",
    (("row"."s.shelf")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."s.shelf")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "step_3.v11",
    not ("row"."step_2.v3" = trunc("row"."step_2.v3")) as "step_3.v12",
    "row"."step_2.v3" = trunc("row"."step_2.v3") and not ("row"."step_2.v3" between (-32768) and 32767) as "step_3.v13",
    ("row"."step_1.v2" <> btrim((("row"."s.shelf")::text collate "default"))) and "row"."step_2.v3" = trunc("row"."step_2.v3") and "row"."step_2.v3" between (-32768) and 32767 as "step_3.v14",
    ("row"."step_1.v4" <> btrim((("row"."s.pieces")::text collate "default"))) and "row"."step_2.v5" = trunc("row"."step_2.v5") and "row"."step_2.v5" between (-2147483648) and 2147483647 as "step_3.v15",
    "row"."step_2.v16" as "step_2.v16",
    (("row"."s.serial")::text collate "default") is not null and "row"."step_2.v7" is null and ('en' is null and "row"."step_1.v6" is not null and (("row"."s.serial")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "step_3.v17",
    not ("row"."step_2.v7" = trunc("row"."step_2.v7")) as "step_3.v18",
    "row"."step_2.v7" = trunc("row"."step_2.v7") and not ("row"."step_2.v7" between (-9223372036854775808) and 9223372036854775807) as "step_3.v19",
    ("row"."step_1.v6" <> btrim((("row"."s.serial")::text collate "default"))) and "row"."step_2.v7" = trunc("row"."step_2.v7") and "row"."step_2.v7" between (-9223372036854775808) and 9223372036854775807 as "step_3.v20",
    "row"."step_2.v21" as "step_2.v21",
    (("row"."s.weight")::text collate "default") is not null and "row"."step_2.v9" is null and ('en' is null and "row"."step_1.v8" is not null and (("row"."s.weight")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "step_3.v22",
    not (abs("row"."step_2.v9") < '999999999.5'::numeric) as "step_3.v23",
    ("row"."step_1.v8" <> btrim((("row"."s.weight")::text collate "default"))) and abs("row"."step_2.v9") < '999999999.5'::numeric as "step_3.v24",
    "row"."step_2.v9" <> round("row"."step_2.v9", 0) and abs("row"."step_2.v9") < '999999999.5'::numeric as "step_3.v25",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.id" as "s.id",
    case when "row"."step_2.v3" = trunc("row"."step_2.v3") and "row"."step_2.v3" between (-32768) and 32767 then "row"."step_2.v3"::int2 end as "step_3.v26",
    case when "row"."step_2.v5" = trunc("row"."step_2.v5") and "row"."step_2.v5" between (-2147483648) and 2147483647 then "row"."step_2.v5"::int4 end as "step_3.v27",
    case when "row"."step_2.v7" = trunc("row"."step_2.v7") and "row"."step_2.v7" between (-9223372036854775808) and 9223372036854775807 then "row"."step_2.v7"::int8 end as "step_3.v28",
    case when abs("row"."step_2.v9") < '999999999.5'::numeric then round("row"."step_2.v9", 0) end as "step_3.v29",
    "row"."s.locale" as "s.locale",
    "row"."step_1.v4" as "step_1.v4",
    "row"."s.pieces" as "s.pieces",
    "row"."step_2.v5" as "step_2.v5",
    "row"."s.ctid" as "s.ctid",
    "row"."s.shelf" as "s.shelf",
    "row"."s.serial" as "s.serial",
    "row"."s.weight" as "s.weight"
  from (
  select
    "row"."s.locale" as "s.locale",
    "row"."step_1.v4" as "step_1.v4",
    "row"."s.pieces" as "s.pieces",
    case when ("row"."s.locale" is null and "row"."step_1.v4" is not null and (("row"."s.pieces")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v4"::numeric end as "step_2.v5",
    ('en' is null and "row"."step_1.v2" is not null and (("row"."s.shelf")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "step_2.v10",
    "row"."s.shelf" as "s.shelf",
    case when ('en' is null and "row"."step_1.v2" is not null and (("row"."s.shelf")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v2"::numeric end as "step_2.v3",
    "row"."step_1.v2" as "step_1.v2",
    ('en' is null and "row"."step_1.v6" is not null and (("row"."s.serial")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "step_2.v16",
    "row"."s.serial" as "s.serial",
    case when ('en' is null and "row"."step_1.v6" is not null and (("row"."s.serial")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v6"::numeric end as "step_2.v7",
    "row"."step_1.v6" as "step_1.v6",
    ('en' is null and "row"."step_1.v8" is not null and (("row"."s.weight")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "step_2.v21",
    "row"."s.weight" as "s.weight",
    case when ('en' is null and "row"."step_1.v8" is not null and (("row"."s.weight")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v8"::numeric end as "step_2.v9",
    "row"."step_1.v8" as "step_1.v8",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.id" as "s.id",
    "row"."s.ctid" as "s.ctid"
  from (
  select
    "s"."locale" as "s.locale",
    case
      when (("s"."pieces")::text collate "default") is null then null
      when length((("s"."pieces")::text collate "default")) <= 30 and (("s"."pieces")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce("s"."locale", 'en') = 'en' then (("s"."pieces")::text collate "default")
      when length((("s"."pieces")::text collate "default")) <= 30 and (("s"."pieces")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce("s"."locale", 'en') = 'en' then translate((("s"."pieces")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("s"."pieces")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce("s"."locale", 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when "s"."locale" = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when "s"."locale" = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("s"."pieces")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("s"."pieces")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("s"."pieces")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("s"."pieces")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v4",
    "s"."pieces" as "s.pieces",
    case
      when (("s"."shelf")::text collate "default") is null then null
      when length((("s"."shelf")::text collate "default")) <= 30 and (("s"."shelf")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("s"."shelf")::text collate "default")
      when length((("s"."shelf")::text collate "default")) <= 30 and (("s"."shelf")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("s"."shelf")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("s"."shelf")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("s"."shelf")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("s"."shelf")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("s"."shelf")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("s"."shelf")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v2",
    "s"."shelf" as "s.shelf",
    case
      when (("s"."serial")::text collate "default") is null then null
      when length((("s"."serial")::text collate "default")) <= 30 and (("s"."serial")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("s"."serial")::text collate "default")
      when length((("s"."serial")::text collate "default")) <= 30 and (("s"."serial")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("s"."serial")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("s"."serial")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("s"."serial")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("s"."serial")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("s"."serial")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("s"."serial")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v6",
    "s"."serial" as "s.serial",
    case
      when (("s"."weight")::text collate "default") is null then null
      when length((("s"."weight")::text collate "default")) <= 30 and (("s"."weight")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("s"."weight")::text collate "default")
      when length((("s"."weight")::text collate "default")) <= 30 and (("s"."weight")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("s"."weight")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("s"."weight")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("s"."weight")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("s"."weight")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("s"."weight")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("s"."weight")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v8",
    "s"."weight" as "s.weight",
    ("s"."id")::text as "step_1.v1",
    "s"."id" as "s.id",
    "s"."ctid" as "s.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'locale' then ("fix"."patch" ->> 'locale')::text else "t"."locale" end as "locale",
      case when "fix"."patch" ? 'shelf' then ("fix"."patch" ->> 'shelf')::text else "t"."shelf" end as "shelf",
      case when "fix"."patch" ? 'pieces' then ("fix"."patch" ->> 'pieces')::text else "t"."pieces" end as "pieces",
      case when "fix"."patch" ? 'serial' then ("fix"."patch" ->> 'serial')::text else "t"."serial" end as "serial",
      case when "fix"."patch" ? 'weight' then ("fix"."patch" ->> 'weight')::text else "t"."weight" end as "weight"
    from "legacy"."stock" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.stock' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."stock" ("id", "shelf", "pieces", "serial", "weight")
  select "id", "shelf", "pieces", "serial", "weight"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_stock" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'stock', "s"."_key", $2::bigint,
    (array['ambiguous-number', 'not-a-number', 'not-an-integer', 'out-of-range'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'ambiguous-number', 'pieces'), (2, 'not-a-number', 'pieces'), (3, 'not-an-integer', 'pieces'), (4, 'out-of-range', 'pieces')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."stock" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'stock', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'ambiguous-number', 'shelf'), (2, 'no-shelf', 'shelf'), (3, 'no-shelf', 'shelf'), (4, 'no-shelf', 'shelf'), (5, 'number-format', 'shelf'), (6, 'number-format', 'pieces'), (7, 'ambiguous-number', 'serial'), (8, 'not-a-number', 'serial'), (9, 'not-an-integer', 'serial'), (10, 'out-of-range', 'serial'), (11, 'number-format', 'serial'), (12, 'ambiguous-number', 'weight'), (13, 'not-a-number', 'weight'), (14, 'out-of-range', 'weight'), (15, 'number-format', 'weight'), (16, 'rounded', 'weight')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'stock' and number = $2::bigint;
commit;

-- stock: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("s"."id")::text] as bound, row_number() over (order by "s"."id") as position, count(*) as rows
  from "legacy"."stock" as "s"
    where ($1::text[] is null or ("s"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("s"."id") < (($2::text[])[1]::int4)) and "s"."id" is not null
  group by "s"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- stock: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."stock" as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."stock" as original
      where original.ctid = "s"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'locale' then ("fix"."patch" ->> 'locale')::text else "t"."locale" end as "locale",
      case when "fix"."patch" ? 'shelf' then ("fix"."patch" ->> 'shelf')::text else "t"."shelf" end as "shelf",
      case when "fix"."patch" ? 'pieces' then ("fix"."patch" ->> 'pieces')::text else "t"."pieces" end as "pieces",
      case when "fix"."patch" ? 'serial' then ("fix"."patch" ->> 'serial')::text else "t"."serial" end as "serial",
      case when "fix"."patch" ? 'weight' then ("fix"."patch" ->> 'weight')::text else "t"."weight" end as "weight"
    from "legacy"."stock" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.stock' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_stock" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'stock', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'stock' and number = $2::bigint
returning quarantined;
commit;

-- stock: the key of the crosswalk
begin;
alter table "drover"."crosswalk_stock" add primary key (source_key);
analyze "drover"."crosswalk_stock";
commit;

-- stock: the statistics of the target
begin;
analyze "app"."stock";
commit;

-- stock_pkey
begin;
CREATE UNIQUE INDEX stock_pkey ON app.stock USING btree (id);
commit;

-- stock: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."stock";
-- target rows after
select count(*) as n from "app"."stock";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."stock" add constraint "stock_pkey" primary key using index "stock_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."stock" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- stock: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'stock', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'locale' then ("fix"."patch" ->> 'locale')::text else "t"."locale" end as "locale",
      case when "fix"."patch" ? 'shelf' then ("fix"."patch" ->> 'shelf')::text else "t"."shelf" end as "shelf",
      case when "fix"."patch" ? 'pieces' then ("fix"."patch" ->> 'pieces')::text else "t"."pieces" end as "pieces",
      case when "fix"."patch" ? 'serial' then ("fix"."patch" ->> 'serial')::text else "t"."serial" end as "serial",
      case when "fix"."patch" ? 'weight' then ("fix"."patch" ->> 'weight')::text else "t"."weight" end as "weight"
    from "legacy"."stock" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.stock' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_stock" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("s"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.stock')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_3.v30" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_2.v10" or "row"."step_3.v11" or "row"."step_3.v12" or "row"."step_3.v13" or "row"."step_3.v14" or "row"."step_3.v15" or "row"."step_2.v16" or "row"."step_3.v17" or "row"."step_3.v18" or "row"."step_3.v19" or "row"."step_3.v20" or "row"."step_2.v21" or "row"."step_3.v22" or "row"."step_3.v23" or "row"."step_3.v24" or "row"."step_3.v25" then array[case when "row"."step_2.v10" then 1 end, case when "row"."step_3.v11" then 2 end, case when "row"."step_3.v12" then 3 end, case when "row"."step_3.v13" then 4 end, case when "row"."step_3.v14" then 5 end, case when "row"."step_3.v15" then 6 end, case when "row"."step_2.v16" then 7 end, case when "row"."step_3.v17" then 8 end, case when "row"."step_3.v18" then 9 end, case when "row"."step_3.v19" then 10 end, case when "row"."step_3.v20" then 11 end, case when "row"."step_2.v21" then 12 end, case when "row"."step_3.v22" then 13 end, case when "row"."step_3.v23" then 14 end, case when "row"."step_3.v24" then 15 end, case when "row"."step_3.v25" then 16 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."s.id")::int4 as "id",
    ("row"."step_3.v26")::int2 as "shelf",
    ("row"."step_3.v27")::int4 as "pieces",
    ("row"."step_3.v28")::int8 as "serial",
    ("row"."step_3.v29"::int4)::int4 as "weight",
    case when "row"."step_3.v30" then array_remove(array[case when ("row"."s.locale" is null and "row"."step_1.v4" is not null and (("row"."s.pieces")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 1 end, case when (("row"."s.pieces")::text collate "default") is not null and "row"."step_2.v5" is null and ("row"."s.locale" is null and "row"."step_1.v4" is not null and (("row"."s.pieces")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 2 end, case when not ("row"."step_2.v5" = trunc("row"."step_2.v5")) then 3 end, case when "row"."step_2.v5" = trunc("row"."step_2.v5") and not ("row"."step_2.v5" between (-2147483648) and 2147483647) then 4 end], null) end as "_reasons",
    "row"."s.ctid" as "_place",
    case when "row"."step_2.v10" or "row"."step_3.v11" or "row"."step_3.v12" or "row"."step_3.v13" or "row"."step_3.v14" or "row"."step_3.v15" or "row"."step_2.v16" or "row"."step_3.v17" or "row"."step_3.v18" or "row"."step_3.v19" or "row"."step_3.v20" or "row"."step_2.v21" or "row"."step_3.v22" or "row"."step_3.v23" or "row"."step_3.v24" or "row"."step_3.v25" then array[("row"."s.shelf")::text, ("row"."s.shelf")::text, ("row"."s.shelf")::text, ("row"."s.shelf")::text, ("row"."s.shelf")::text, ("row"."s.pieces")::text, ("row"."s.serial")::text, ("row"."s.serial")::text, ("row"."s.serial")::text, ("row"."s.serial")::text, ("row"."s.serial")::text, ("row"."s.weight")::text, ("row"."s.weight")::text, ("row"."s.weight")::text, ("row"."s.weight")::text, ("row"."s.weight")::text]::text[] end as "_originals"
  from (
  select
    ("row"."s.locale" is null and "row"."step_1.v4" is not null and (("row"."s.pieces")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."s.pieces")::text collate "default") is not null and "row"."step_2.v5" is null and ("row"."s.locale" is null and "row"."step_1.v4" is not null and (("row"."s.pieces")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not ("row"."step_2.v5" = trunc("row"."step_2.v5")) or "row"."step_2.v5" = trunc("row"."step_2.v5") and not ("row"."step_2.v5" between (-2147483648) and 2147483647) as "step_3.v30",
    "row"."step_2.v10" as "step_2.v10",
    (("row"."s.shelf")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."s.shelf")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "step_3.v11",
    not ("row"."step_2.v3" = trunc("row"."step_2.v3")) as "step_3.v12",
    "row"."step_2.v3" = trunc("row"."step_2.v3") and not ("row"."step_2.v3" between (-32768) and 32767) as "step_3.v13",
    ("row"."step_1.v2" <> btrim((("row"."s.shelf")::text collate "default"))) and "row"."step_2.v3" = trunc("row"."step_2.v3") and "row"."step_2.v3" between (-32768) and 32767 as "step_3.v14",
    ("row"."step_1.v4" <> btrim((("row"."s.pieces")::text collate "default"))) and "row"."step_2.v5" = trunc("row"."step_2.v5") and "row"."step_2.v5" between (-2147483648) and 2147483647 as "step_3.v15",
    "row"."step_2.v16" as "step_2.v16",
    (("row"."s.serial")::text collate "default") is not null and "row"."step_2.v7" is null and ('en' is null and "row"."step_1.v6" is not null and (("row"."s.serial")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "step_3.v17",
    not ("row"."step_2.v7" = trunc("row"."step_2.v7")) as "step_3.v18",
    "row"."step_2.v7" = trunc("row"."step_2.v7") and not ("row"."step_2.v7" between (-9223372036854775808) and 9223372036854775807) as "step_3.v19",
    ("row"."step_1.v6" <> btrim((("row"."s.serial")::text collate "default"))) and "row"."step_2.v7" = trunc("row"."step_2.v7") and "row"."step_2.v7" between (-9223372036854775808) and 9223372036854775807 as "step_3.v20",
    "row"."step_2.v21" as "step_2.v21",
    (("row"."s.weight")::text collate "default") is not null and "row"."step_2.v9" is null and ('en' is null and "row"."step_1.v8" is not null and (("row"."s.weight")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "step_3.v22",
    not (abs("row"."step_2.v9") < '999999999.5'::numeric) as "step_3.v23",
    ("row"."step_1.v8" <> btrim((("row"."s.weight")::text collate "default"))) and abs("row"."step_2.v9") < '999999999.5'::numeric as "step_3.v24",
    "row"."step_2.v9" <> round("row"."step_2.v9", 0) and abs("row"."step_2.v9") < '999999999.5'::numeric as "step_3.v25",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.id" as "s.id",
    case when "row"."step_2.v3" = trunc("row"."step_2.v3") and "row"."step_2.v3" between (-32768) and 32767 then "row"."step_2.v3"::int2 end as "step_3.v26",
    case when "row"."step_2.v5" = trunc("row"."step_2.v5") and "row"."step_2.v5" between (-2147483648) and 2147483647 then "row"."step_2.v5"::int4 end as "step_3.v27",
    case when "row"."step_2.v7" = trunc("row"."step_2.v7") and "row"."step_2.v7" between (-9223372036854775808) and 9223372036854775807 then "row"."step_2.v7"::int8 end as "step_3.v28",
    case when abs("row"."step_2.v9") < '999999999.5'::numeric then round("row"."step_2.v9", 0) end as "step_3.v29",
    "row"."s.locale" as "s.locale",
    "row"."step_1.v4" as "step_1.v4",
    "row"."s.pieces" as "s.pieces",
    "row"."step_2.v5" as "step_2.v5",
    "row"."s.ctid" as "s.ctid",
    "row"."s.shelf" as "s.shelf",
    "row"."s.serial" as "s.serial",
    "row"."s.weight" as "s.weight"
  from (
  select
    "row"."s.locale" as "s.locale",
    "row"."step_1.v4" as "step_1.v4",
    "row"."s.pieces" as "s.pieces",
    case when ("row"."s.locale" is null and "row"."step_1.v4" is not null and (("row"."s.pieces")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v4"::numeric end as "step_2.v5",
    ('en' is null and "row"."step_1.v2" is not null and (("row"."s.shelf")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "step_2.v10",
    "row"."s.shelf" as "s.shelf",
    case when ('en' is null and "row"."step_1.v2" is not null and (("row"."s.shelf")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v2"::numeric end as "step_2.v3",
    "row"."step_1.v2" as "step_1.v2",
    ('en' is null and "row"."step_1.v6" is not null and (("row"."s.serial")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "step_2.v16",
    "row"."s.serial" as "s.serial",
    case when ('en' is null and "row"."step_1.v6" is not null and (("row"."s.serial")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v6"::numeric end as "step_2.v7",
    "row"."step_1.v6" as "step_1.v6",
    ('en' is null and "row"."step_1.v8" is not null and (("row"."s.weight")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "step_2.v21",
    "row"."s.weight" as "s.weight",
    case when ('en' is null and "row"."step_1.v8" is not null and (("row"."s.weight")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v8"::numeric end as "step_2.v9",
    "row"."step_1.v8" as "step_1.v8",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.id" as "s.id",
    "row"."s.ctid" as "s.ctid"
  from (
  select
    "s"."locale" as "s.locale",
    case
      when (("s"."pieces")::text collate "default") is null then null
      when length((("s"."pieces")::text collate "default")) <= 30 and (("s"."pieces")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce("s"."locale", 'en') = 'en' then (("s"."pieces")::text collate "default")
      when length((("s"."pieces")::text collate "default")) <= 30 and (("s"."pieces")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce("s"."locale", 'en') = 'en' then translate((("s"."pieces")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("s"."pieces")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce("s"."locale", 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when "s"."locale" = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when "s"."locale" = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("s"."pieces")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("s"."pieces")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("s"."pieces")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("s"."pieces")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v4",
    "s"."pieces" as "s.pieces",
    case
      when (("s"."shelf")::text collate "default") is null then null
      when length((("s"."shelf")::text collate "default")) <= 30 and (("s"."shelf")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("s"."shelf")::text collate "default")
      when length((("s"."shelf")::text collate "default")) <= 30 and (("s"."shelf")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("s"."shelf")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("s"."shelf")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("s"."shelf")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("s"."shelf")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("s"."shelf")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("s"."shelf")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v2",
    "s"."shelf" as "s.shelf",
    case
      when (("s"."serial")::text collate "default") is null then null
      when length((("s"."serial")::text collate "default")) <= 30 and (("s"."serial")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("s"."serial")::text collate "default")
      when length((("s"."serial")::text collate "default")) <= 30 and (("s"."serial")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("s"."serial")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("s"."serial")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("s"."serial")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("s"."serial")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("s"."serial")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("s"."serial")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v6",
    "s"."serial" as "s.serial",
    case
      when (("s"."weight")::text collate "default") is null then null
      when length((("s"."weight")::text collate "default")) <= 30 and (("s"."weight")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("s"."weight")::text collate "default")
      when length((("s"."weight")::text collate "default")) <= 30 and (("s"."weight")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("s"."weight")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("s"."weight")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("s"."weight")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("s"."weight")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("s"."weight")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("s"."weight")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v8",
    "s"."weight" as "s.weight",
    ("s"."id")::text as "step_1.v1",
    "s"."id" as "s.id",
    "s"."ctid" as "s.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'locale' then ("fix"."patch" ->> 'locale')::text else "t"."locale" end as "locale",
      case when "fix"."patch" ? 'shelf' then ("fix"."patch" ->> 'shelf')::text else "t"."shelf" end as "shelf",
      case when "fix"."patch" ? 'pieces' then ("fix"."patch" ->> 'pieces')::text else "t"."pieces" end as "pieces",
      case when "fix"."patch" ? 'serial' then ("fix"."patch" ->> 'serial')::text else "t"."serial" end as "serial",
      case when "fix"."patch" ? 'weight' then ("fix"."patch" ->> 'weight')::text else "t"."weight" end as "weight"
    from "legacy"."stock" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.stock' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where "s"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'stock' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_stock" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."stock" ("id", "shelf", "pieces", "serial", "weight")
  select "id", "shelf", "pieces", "serial", "weight"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_stock" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'stock', "s"."_key", $2::bigint,
    (array['ambiguous-number', 'not-a-number', 'not-an-integer', 'out-of-range'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'ambiguous-number', 'pieces'), (2, 'not-a-number', 'pieces'), (3, 'not-an-integer', 'pieces'), (4, 'out-of-range', 'pieces')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."stock" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'stock' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'stock' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'stock' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'stock', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'ambiguous-number', 'shelf'), (2, 'no-shelf', 'shelf'), (3, 'no-shelf', 'shelf'), (4, 'no-shelf', 'shelf'), (5, 'number-format', 'shelf'), (6, 'number-format', 'pieces'), (7, 'ambiguous-number', 'serial'), (8, 'not-a-number', 'serial'), (9, 'not-an-integer', 'serial'), (10, 'out-of-range', 'serial'), (11, 'number-format', 'serial'), (12, 'ambiguous-number', 'weight'), (13, 'not-a-number', 'weight'), (14, 'out-of-range', 'weight'), (15, 'number-format', 'weight'), (16, 'rounded', 'weight')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'stock', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'stock', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_stock" (like "app"."stock", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_3.v30" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_2.v10" or "row"."step_3.v11" or "row"."step_3.v12" or "row"."step_3.v13" or "row"."step_3.v14" or "row"."step_3.v15" or "row"."step_2.v16" or "row"."step_3.v17" or "row"."step_3.v18" or "row"."step_3.v19" or "row"."step_3.v20" or "row"."step_2.v21" or "row"."step_3.v22" or "row"."step_3.v23" or "row"."step_3.v24" or "row"."step_3.v25" then array[case when "row"."step_2.v10" then 1 end, case when "row"."step_3.v11" then 2 end, case when "row"."step_3.v12" then 3 end, case when "row"."step_3.v13" then 4 end, case when "row"."step_3.v14" then 5 end, case when "row"."step_3.v15" then 6 end, case when "row"."step_2.v16" then 7 end, case when "row"."step_3.v17" then 8 end, case when "row"."step_3.v18" then 9 end, case when "row"."step_3.v19" then 10 end, case when "row"."step_3.v20" then 11 end, case when "row"."step_2.v21" then 12 end, case when "row"."step_3.v22" then 13 end, case when "row"."step_3.v23" then 14 end, case when "row"."step_3.v24" then 15 end, case when "row"."step_3.v25" then 16 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."s.id")::int4 as "id",
    ("row"."step_3.v26")::int2 as "shelf",
    ("row"."step_3.v27")::int4 as "pieces",
    ("row"."step_3.v28")::int8 as "serial",
    ("row"."step_3.v29"::int4)::int4 as "weight",
    case when "row"."step_3.v30" then array_remove(array[case when ("row"."s.locale" is null and "row"."step_1.v4" is not null and (("row"."s.pieces")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 1 end, case when (("row"."s.pieces")::text collate "default") is not null and "row"."step_2.v5" is null and ("row"."s.locale" is null and "row"."step_1.v4" is not null and (("row"."s.pieces")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 2 end, case when not ("row"."step_2.v5" = trunc("row"."step_2.v5")) then 3 end, case when "row"."step_2.v5" = trunc("row"."step_2.v5") and not ("row"."step_2.v5" between (-2147483648) and 2147483647) then 4 end], null) end as "_reasons",
    case when "row"."step_2.v10" or "row"."step_3.v11" or "row"."step_3.v12" or "row"."step_3.v13" or "row"."step_3.v14" or "row"."step_3.v15" or "row"."step_2.v16" or "row"."step_3.v17" or "row"."step_3.v18" or "row"."step_3.v19" or "row"."step_3.v20" or "row"."step_2.v21" or "row"."step_3.v22" or "row"."step_3.v23" or "row"."step_3.v24" or "row"."step_3.v25" then array[("row"."s.shelf")::text, ("row"."s.shelf")::text, ("row"."s.shelf")::text, ("row"."s.shelf")::text, ("row"."s.shelf")::text, ("row"."s.pieces")::text, ("row"."s.serial")::text, ("row"."s.serial")::text, ("row"."s.serial")::text, ("row"."s.serial")::text, ("row"."s.serial")::text, ("row"."s.weight")::text, ("row"."s.weight")::text, ("row"."s.weight")::text, ("row"."s.weight")::text, ("row"."s.weight")::text]::text[] end as "_originals"
  from (
  select
    ("row"."s.locale" is null and "row"."step_1.v4" is not null and (("row"."s.pieces")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."s.pieces")::text collate "default") is not null and "row"."step_2.v5" is null and ("row"."s.locale" is null and "row"."step_1.v4" is not null and (("row"."s.pieces")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not ("row"."step_2.v5" = trunc("row"."step_2.v5")) or "row"."step_2.v5" = trunc("row"."step_2.v5") and not ("row"."step_2.v5" between (-2147483648) and 2147483647) as "step_3.v30",
    "row"."step_2.v10" as "step_2.v10",
    (("row"."s.shelf")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."s.shelf")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "step_3.v11",
    not ("row"."step_2.v3" = trunc("row"."step_2.v3")) as "step_3.v12",
    "row"."step_2.v3" = trunc("row"."step_2.v3") and not ("row"."step_2.v3" between (-32768) and 32767) as "step_3.v13",
    ("row"."step_1.v2" <> btrim((("row"."s.shelf")::text collate "default"))) and "row"."step_2.v3" = trunc("row"."step_2.v3") and "row"."step_2.v3" between (-32768) and 32767 as "step_3.v14",
    ("row"."step_1.v4" <> btrim((("row"."s.pieces")::text collate "default"))) and "row"."step_2.v5" = trunc("row"."step_2.v5") and "row"."step_2.v5" between (-2147483648) and 2147483647 as "step_3.v15",
    "row"."step_2.v16" as "step_2.v16",
    (("row"."s.serial")::text collate "default") is not null and "row"."step_2.v7" is null and ('en' is null and "row"."step_1.v6" is not null and (("row"."s.serial")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "step_3.v17",
    not ("row"."step_2.v7" = trunc("row"."step_2.v7")) as "step_3.v18",
    "row"."step_2.v7" = trunc("row"."step_2.v7") and not ("row"."step_2.v7" between (-9223372036854775808) and 9223372036854775807) as "step_3.v19",
    ("row"."step_1.v6" <> btrim((("row"."s.serial")::text collate "default"))) and "row"."step_2.v7" = trunc("row"."step_2.v7") and "row"."step_2.v7" between (-9223372036854775808) and 9223372036854775807 as "step_3.v20",
    "row"."step_2.v21" as "step_2.v21",
    (("row"."s.weight")::text collate "default") is not null and "row"."step_2.v9" is null and ('en' is null and "row"."step_1.v8" is not null and (("row"."s.weight")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "step_3.v22",
    not (abs("row"."step_2.v9") < '999999999.5'::numeric) as "step_3.v23",
    ("row"."step_1.v8" <> btrim((("row"."s.weight")::text collate "default"))) and abs("row"."step_2.v9") < '999999999.5'::numeric as "step_3.v24",
    "row"."step_2.v9" <> round("row"."step_2.v9", 0) and abs("row"."step_2.v9") < '999999999.5'::numeric as "step_3.v25",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.id" as "s.id",
    case when "row"."step_2.v3" = trunc("row"."step_2.v3") and "row"."step_2.v3" between (-32768) and 32767 then "row"."step_2.v3"::int2 end as "step_3.v26",
    case when "row"."step_2.v5" = trunc("row"."step_2.v5") and "row"."step_2.v5" between (-2147483648) and 2147483647 then "row"."step_2.v5"::int4 end as "step_3.v27",
    case when "row"."step_2.v7" = trunc("row"."step_2.v7") and "row"."step_2.v7" between (-9223372036854775808) and 9223372036854775807 then "row"."step_2.v7"::int8 end as "step_3.v28",
    case when abs("row"."step_2.v9") < '999999999.5'::numeric then round("row"."step_2.v9", 0) end as "step_3.v29",
    "row"."s.locale" as "s.locale",
    "row"."step_1.v4" as "step_1.v4",
    "row"."s.pieces" as "s.pieces",
    "row"."step_2.v5" as "step_2.v5",
    "row"."s.ctid" as "s.ctid",
    "row"."s.shelf" as "s.shelf",
    "row"."s.serial" as "s.serial",
    "row"."s.weight" as "s.weight"
  from (
  select
    "row"."s.locale" as "s.locale",
    "row"."step_1.v4" as "step_1.v4",
    "row"."s.pieces" as "s.pieces",
    case when ("row"."s.locale" is null and "row"."step_1.v4" is not null and (("row"."s.pieces")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v4"::numeric end as "step_2.v5",
    ('en' is null and "row"."step_1.v2" is not null and (("row"."s.shelf")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "step_2.v10",
    "row"."s.shelf" as "s.shelf",
    case when ('en' is null and "row"."step_1.v2" is not null and (("row"."s.shelf")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v2"::numeric end as "step_2.v3",
    "row"."step_1.v2" as "step_1.v2",
    ('en' is null and "row"."step_1.v6" is not null and (("row"."s.serial")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "step_2.v16",
    "row"."s.serial" as "s.serial",
    case when ('en' is null and "row"."step_1.v6" is not null and (("row"."s.serial")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v6"::numeric end as "step_2.v7",
    "row"."step_1.v6" as "step_1.v6",
    ('en' is null and "row"."step_1.v8" is not null and (("row"."s.weight")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "step_2.v21",
    "row"."s.weight" as "s.weight",
    case when ('en' is null and "row"."step_1.v8" is not null and (("row"."s.weight")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v8"::numeric end as "step_2.v9",
    "row"."step_1.v8" as "step_1.v8",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.id" as "s.id",
    "row"."s.ctid" as "s.ctid"
  from (
  select
    "s"."locale" as "s.locale",
    case
      when (("s"."pieces")::text collate "default") is null then null
      when length((("s"."pieces")::text collate "default")) <= 30 and (("s"."pieces")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce("s"."locale", 'en') = 'en' then (("s"."pieces")::text collate "default")
      when length((("s"."pieces")::text collate "default")) <= 30 and (("s"."pieces")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce("s"."locale", 'en') = 'en' then translate((("s"."pieces")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("s"."pieces")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce("s"."locale", 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when "s"."locale" = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when "s"."locale" = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("s"."pieces")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("s"."pieces")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("s"."pieces")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("s"."pieces")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v4",
    "s"."pieces" as "s.pieces",
    case
      when (("s"."shelf")::text collate "default") is null then null
      when length((("s"."shelf")::text collate "default")) <= 30 and (("s"."shelf")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("s"."shelf")::text collate "default")
      when length((("s"."shelf")::text collate "default")) <= 30 and (("s"."shelf")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("s"."shelf")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("s"."shelf")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("s"."shelf")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("s"."shelf")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("s"."shelf")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("s"."shelf")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v2",
    "s"."shelf" as "s.shelf",
    case
      when (("s"."serial")::text collate "default") is null then null
      when length((("s"."serial")::text collate "default")) <= 30 and (("s"."serial")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("s"."serial")::text collate "default")
      when length((("s"."serial")::text collate "default")) <= 30 and (("s"."serial")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("s"."serial")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("s"."serial")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("s"."serial")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("s"."serial")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("s"."serial")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("s"."serial")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v6",
    "s"."serial" as "s.serial",
    case
      when (("s"."weight")::text collate "default") is null then null
      when length((("s"."weight")::text collate "default")) <= 30 and (("s"."weight")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("s"."weight")::text collate "default")
      when length((("s"."weight")::text collate "default")) <= 30 and (("s"."weight")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("s"."weight")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("s"."weight")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("s"."weight")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("s"."weight")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("s"."weight")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("s"."weight")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v8",
    "s"."weight" as "s.weight",
    ("s"."id")::text as "step_1.v1",
    "s"."id" as "s.id",
    "s"."ctid" as "s.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'locale' then ("fix"."patch" ->> 'locale')::text else "t"."locale" end as "locale",
      case when "fix"."patch" ? 'shelf' then ("fix"."patch" ->> 'shelf')::text else "t"."shelf" end as "shelf",
      case when "fix"."patch" ? 'pieces' then ("fix"."patch" ->> 'pieces')::text else "t"."pieces" end as "pieces",
      case when "fix"."patch" ? 'serial' then ("fix"."patch" ->> 'serial')::text else "t"."serial" end as "serial",
      case when "fix"."patch" ? 'weight' then ("fix"."patch" ->> 'weight')::text else "t"."weight" end as "weight"
    from "legacy"."stock" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.stock' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where "s"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'stock' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_stock" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."stock" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."shelf") is distinct from ("s"."shelf") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."pieces") is distinct from ("s"."pieces") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."serial") is distinct from ("s"."serial") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."weight") is distinct from ("s"."weight"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_stock" ("id", "shelf", "pieces", "serial", "weight", "drover_version")
  select "id", "shelf", "pieces", "serial", "weight", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."stock" as t
  set "shelf" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."shelf" else "t"."shelf" end,
    "pieces" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."pieces" else "t"."pieces" end,
    "serial" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."serial" else "t"."serial" end,
    "weight" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."weight" else "t"."weight" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'stock', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('shelf', array['*']), ('pieces', array['*']), ('serial', array['*']), ('weight', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'stock' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'stock' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'stock', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'ambiguous-number', 'shelf'), (2, 'no-shelf', 'shelf'), (3, 'no-shelf', 'shelf'), (4, 'no-shelf', 'shelf'), (5, 'number-format', 'shelf'), (6, 'number-format', 'pieces'), (7, 'ambiguous-number', 'serial'), (8, 'not-a-number', 'serial'), (9, 'not-an-integer', 'serial'), (10, 'out-of-range', 'serial'), (11, 'number-format', 'serial'), (12, 'ambiguous-number', 'weight'), (13, 'not-a-number', 'weight'), (14, 'out-of-range', 'weight'), (15, 'number-format', 'weight'), (16, 'rounded', 'weight')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
