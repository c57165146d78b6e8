-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.offices (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."offices" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."offices" drop constraint "offices_pkey";
commit;

-- =================================================================================================
-- 1. offices: legacy.offices → app.offices
-- =================================================================================================
-- offices: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_offices" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."offices";
-- target rows before
select count(*) as n from "app"."offices";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."offices" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."offices")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'offices', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- offices: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."offices" as "o"
  where ($3::text[] is null or ("o"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("o"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_4.v19" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_1.v10" or "row"."step_1.v11" or "row"."step_4.v12" or "row"."step_4.v13" or "row"."step_4.v14" or "row"."step_1.v15" then array[case when "row"."step_1.v10" then 1 end, case when "row"."step_1.v11" then 2 end, case when "row"."step_4.v12" then 3 end, case when "row"."step_4.v13" then 4 end, case when "row"."step_4.v14" then 5 end, case when "row"."step_1.v15" then 6 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."o.id")::int4 as "id",
    ("row"."step_2.v3")::text as "town",
    ("row"."step_4.v16")::numeric as "rent",
    ("row"."step_4.v17")::int4 as "staff",
    ("row"."step_1.v18")::text as "phone",
    case when "row"."step_4.v19" then array_remove(array[case when "row"."step_2.v3" is null then 1 end, case when ('en' is null and "row"."step_2.v5" is not null and (("row"."step_1.v4")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 2 end, case when (("row"."step_1.v4")::text collate "default") is not null and "row"."step_3.v6" is null and ('en' is null and "row"."step_2.v5" is not null and (("row"."step_1.v4")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 3 end, case when not (abs("row"."step_3.v6") < '99999999999999.995'::numeric) then 4 end, case when lower(btrim(("row"."o.staff")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('n/a') then 5 end, case when ('en' is null and "row"."step_2.v8" is not null and (("row"."step_1.v7")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 6 end, case when (("row"."step_1.v7")::text collate "default") is not null and "row"."step_3.v9" is null and ('en' is null and "row"."step_2.v8" is not null and (("row"."step_1.v7")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 7 end, case when not ("row"."step_3.v9" = trunc("row"."step_3.v9")) then 8 end, case when "row"."step_3.v9" = trunc("row"."step_3.v9") and not ("row"."step_3.v9" between (-2147483648) and 2147483647) then 9 end], null) end as "_reasons",
    "row"."o.ctid" as "_place",
    case when "row"."step_1.v10" or "row"."step_1.v11" or "row"."step_4.v12" or "row"."step_4.v13" or "row"."step_4.v14" or "row"."step_1.v15" then array[("row"."o.town")::text, ("row"."o.rent")::text, ("row"."step_1.v4")::text, ("row"."step_1.v4")::text, ("row"."step_1.v7")::text, ("row"."o.phone")::text]::text[] end as "_originals"
  from (
  select
    "row"."step_2.v3" is null or ('en' is null and "row"."step_2.v5" is not null and (("row"."step_1.v4")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."step_1.v4")::text collate "default") is not null and "row"."step_3.v6" is null and ('en' is null and "row"."step_2.v5" is not null and (("row"."step_1.v4")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_3.v6") < '99999999999999.995'::numeric) or lower(btrim(("row"."o.staff")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('n/a') or ('en' is null and "row"."step_2.v8" is not null and (("row"."step_1.v7")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."step_1.v7")::text collate "default") is not null and "row"."step_3.v9" is null and ('en' is null and "row"."step_2.v8" is not null and (("row"."step_1.v7")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not ("row"."step_3.v9" = trunc("row"."step_3.v9")) or "row"."step_3.v9" = trunc("row"."step_3.v9") and not ("row"."step_3.v9" between (-2147483648) and 2147483647) as "step_4.v19",
    "row"."step_1.v10" as "step_1.v10",
    "row"."step_1.v11" as "step_1.v11",
    ("row"."step_2.v5" <> btrim((("row"."step_1.v4")::text collate "default"))) and abs("row"."step_3.v6") < '99999999999999.995'::numeric as "step_4.v12",
    "row"."step_3.v6" <> round("row"."step_3.v6", 2) and abs("row"."step_3.v6") < '99999999999999.995'::numeric as "step_4.v13",
    ("row"."step_2.v8" <> btrim((("row"."step_1.v7")::text collate "default"))) and "row"."step_3.v9" = trunc("row"."step_3.v9") and "row"."step_3.v9" between (-2147483648) and 2147483647 as "step_4.v14",
    "row"."step_1.v15" as "step_1.v15",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "row"."step_2.v3" as "step_2.v3",
    case when abs("row"."step_3.v6") < '99999999999999.995'::numeric then round("row"."step_3.v6", 2) end as "step_4.v16",
    case when "row"."step_3.v9" = trunc("row"."step_3.v9") and "row"."step_3.v9" between (-2147483648) and 2147483647 then "row"."step_3.v9"::int4 end as "step_4.v17",
    "row"."step_1.v18" as "step_1.v18",
    "row"."step_2.v5" as "step_2.v5",
    "row"."step_1.v4" as "step_1.v4",
    "row"."step_3.v6" as "step_3.v6",
    "row"."o.staff" as "o.staff",
    "row"."step_2.v8" as "step_2.v8",
    "row"."step_1.v7" as "step_1.v7",
    "row"."step_3.v9" as "step_3.v9",
    "row"."o.ctid" as "o.ctid",
    "row"."o.town" as "o.town",
    "row"."o.rent" as "o.rent",
    "row"."o.phone" as "o.phone"
  from (
  select
    "row"."step_2.v3" as "step_2.v3",
    "row"."step_2.v5" as "step_2.v5",
    "row"."step_1.v4" as "step_1.v4",
    case when ('en' is null and "row"."step_2.v5" is not null and (("row"."step_1.v4")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_2.v5"::numeric end as "step_3.v6",
    "row"."o.staff" as "o.staff",
    "row"."step_2.v8" as "step_2.v8",
    "row"."step_1.v7" as "step_1.v7",
    case when ('en' is null and "row"."step_2.v8" is not null and (("row"."step_1.v7")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_2.v8"::numeric end as "step_3.v9",
    "row"."step_1.v10" as "step_1.v10",
    "row"."step_1.v11" as "step_1.v11",
    "row"."step_1.v15" as "step_1.v15",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "row"."step_1.v18" as "step_1.v18",
    "row"."o.ctid" as "o.ctid",
    "row"."o.town" as "o.town",
    "row"."o.rent" as "o.rent",
    "row"."o.phone" as "o.phone"
  from (
  select
    case when (lower(btrim(("row"."o.town")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('to be updated')) then 'Unknown' else "row"."step_1.v2" end as "step_2.v3",
    case
      when (("row"."step_1.v4")::text collate "default") is null then null
      when length((("row"."step_1.v4")::text collate "default")) <= 30 and (("row"."step_1.v4")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("row"."step_1.v4")::text collate "default")
      when length((("row"."step_1.v4")::text collate "default")) <= 30 and (("row"."step_1.v4")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("row"."step_1.v4")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("row"."step_1.v4")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("row"."step_1.v4")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("row"."step_1.v4")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("row"."step_1.v4")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("row"."step_1.v4")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_2.v5",
    "row"."step_1.v4" as "step_1.v4",
    "row"."o.staff" as "o.staff",
    case
      when (("row"."step_1.v7")::text collate "default") is null then null
      when length((("row"."step_1.v7")::text collate "default")) <= 30 and (("row"."step_1.v7")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("row"."step_1.v7")::text collate "default")
      when length((("row"."step_1.v7")::text collate "default")) <= 30 and (("row"."step_1.v7")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("row"."step_1.v7")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("row"."step_1.v7")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("row"."step_1.v7")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("row"."step_1.v7")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("row"."step_1.v7")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("row"."step_1.v7")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_2.v8",
    "row"."step_1.v7" as "step_1.v7",
    "row"."step_1.v10" as "step_1.v10",
    "row"."step_1.v11" as "step_1.v11",
    "row"."step_1.v15" as "step_1.v15",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "row"."step_1.v18" as "step_1.v18",
    "row"."o.ctid" as "o.ctid",
    "row"."o.town" as "o.town",
    "row"."o.rent" as "o.rent",
    "row"."o.phone" as "o.phone"
  from (
  select
    "o"."town" as "o.town",
    case when not (lower(btrim(("o"."town")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('to be updated')) then "o"."town" end as "step_1.v2",
    case when not (lower(btrim(("o"."rent")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('n/a', '#div/0!', '-', '')) then "o"."rent" end as "step_1.v4",
    "o"."staff" as "o.staff",
    case when not (lower(btrim(("o"."staff")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('n/a')) then "o"."staff" end as "step_1.v7",
    lower(btrim(("o"."town")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('to be updated') as "step_1.v10",
    lower(btrim(("o"."rent")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('n/a', '#div/0!', '-', '') as "step_1.v11",
    lower(btrim(("o"."phone")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('none') as "step_1.v15",
    ("o"."id")::text as "step_1.v1",
    "o"."id" as "o.id",
    case when not (lower(btrim(("o"."phone")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('none')) then "o"."phone" end as "step_1.v18",
    "o"."ctid" as "o.ctid",
    "o"."rent" as "o.rent",
    "o"."phone" as "o.phone"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'town' then ("fix"."patch" ->> 'town')::text else "t"."town" end as "town",
      case when "fix"."patch" ? 'rent' then ("fix"."patch" ->> 'rent')::text else "t"."rent" end as "rent",
      case when "fix"."patch" ? 'staff' then ("fix"."patch" ->> 'staff')::text else "t"."staff" end as "staff",
      case when "fix"."patch" ? 'phone' then ("fix"."patch" ->> 'phone')::text else "t"."phone" end as "phone"
    from "legacy"."offices" as t
    left join "drover"."overlay" as fix on fix.migration = 'offices'
      and fix.relation = 'legacy.offices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  where ($3::text[] is null or ("o"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("o"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."offices" ("id", "town", "rent", "staff", "phone")
  select "id", "town", "rent", "staff", "phone"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_offices" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, accepted_at, accepted_by, accepted_why)
  select $1::bigint, 'offices', "s"."_key", $2::bigint,
    (array['no-town', 'ambiguous-number', 'not-a-number', 'out-of-range', 'no-office', 'ambiguous-number', 'not-a-number', 'not-an-integer', 'out-of-range'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-town', 'town'), (2, 'ambiguous-number', 'rent'), (3, 'not-a-number', 'rent'), (4, 'out-of-range', 'rent'), (5, 'no-office', 'staff'), (6, 'ambiguous-number', 'staff'), (7, 'not-a-number', 'staff'), (8, 'not-an-integer', 'staff'), (9, 'out-of-range', 'staff')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."offices" as original
      where original.ctid = "s"."_place"
    ),
    case when "s"."_reasons"[1] in (5) then clock_timestamp() end,
    case when "s"."_reasons"[1] in (5) then session_user end,
    case when "s"."_reasons"[1] in (5) then 'declared by the migration' end
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'offices', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'no-town', 'town'), (2, 'no-rent', 'rent'), (3, 'number-format', 'rent'), (4, 'rounded', 'rent'), (5, 'number-format', 'staff'), (6, 'placeholder', 'phone')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'offices' and number = $2::bigint;
commit;

-- offices: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("o"."id")::text] as bound, row_number() over (order by "o"."id") as position, count(*) as rows
  from "legacy"."offices" as "o"
    where ($1::text[] is null or ("o"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("o"."id") < (($2::text[])[1]::int4)) and "o"."id" is not null
  group by "o"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- offices: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."offices" as "o"
  where ($3::text[] is null or ("o"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("o"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."offices" as original
      where original.ctid = "o"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'town' then ("fix"."patch" ->> 'town')::text else "t"."town" end as "town",
      case when "fix"."patch" ? 'rent' then ("fix"."patch" ->> 'rent')::text else "t"."rent" end as "rent",
      case when "fix"."patch" ? 'staff' then ("fix"."patch" ->> 'staff')::text else "t"."staff" end as "staff",
      case when "fix"."patch" ? 'phone' then ("fix"."patch" ->> 'phone')::text else "t"."phone" end as "phone"
    from "legacy"."offices" as t
    left join "drover"."overlay" as fix on fix.migration = 'offices'
      and fix.relation = 'legacy.offices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  cross join lateral (
    select
      ("o"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("o"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("o"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_offices" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'offices', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'offices' and number = $2::bigint
returning quarantined;
commit;

-- offices: the key of the crosswalk
begin;
alter table "drover"."crosswalk_offices" add primary key (source_key);
analyze "drover"."crosswalk_offices";
commit;

-- offices: the statistics of the target
begin;
analyze "app"."offices";
commit;

-- offices_pkey
begin;
CREATE UNIQUE INDEX offices_pkey ON app.offices USING btree (id);
commit;

-- offices: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."offices";
-- target rows after
select count(*) as n from "app"."offices";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."offices" add constraint "offices_pkey" primary key using index "offices_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."offices" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- offices: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'offices', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'town' then ("fix"."patch" ->> 'town')::text else "t"."town" end as "town",
      case when "fix"."patch" ? 'rent' then ("fix"."patch" ->> 'rent')::text else "t"."rent" end as "rent",
      case when "fix"."patch" ? 'staff' then ("fix"."patch" ->> 'staff')::text else "t"."staff" end as "staff",
      case when "fix"."patch" ? 'phone' then ("fix"."patch" ->> 'phone')::text else "t"."phone" end as "phone"
    from "legacy"."offices" as t
    left join "drover"."overlay" as fix on fix.migration = 'offices'
      and fix.relation = 'legacy.offices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  cross join lateral (
    select
      ("o"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_offices" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("o"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'offices' and relation in ('legacy.offices')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_4.v19" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_1.v10" or "row"."step_1.v11" or "row"."step_4.v12" or "row"."step_4.v13" or "row"."step_4.v14" or "row"."step_1.v15" then array[case when "row"."step_1.v10" then 1 end, case when "row"."step_1.v11" then 2 end, case when "row"."step_4.v12" then 3 end, case when "row"."step_4.v13" then 4 end, case when "row"."step_4.v14" then 5 end, case when "row"."step_1.v15" then 6 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."o.id")::int4 as "id",
    ("row"."step_2.v3")::text as "town",
    ("row"."step_4.v16")::numeric as "rent",
    ("row"."step_4.v17")::int4 as "staff",
    ("row"."step_1.v18")::text as "phone",
    case when "row"."step_4.v19" then array_remove(array[case when "row"."step_2.v3" is null then 1 end, case when ('en' is null and "row"."step_2.v5" is not null and (("row"."step_1.v4")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 2 end, case when (("row"."step_1.v4")::text collate "default") is not null and "row"."step_3.v6" is null and ('en' is null and "row"."step_2.v5" is not null and (("row"."step_1.v4")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 3 end, case when not (abs("row"."step_3.v6") < '99999999999999.995'::numeric) then 4 end, case when lower(btrim(("row"."o.staff")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('n/a') then 5 end, case when ('en' is null and "row"."step_2.v8" is not null and (("row"."step_1.v7")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 6 end, case when (("row"."step_1.v7")::text collate "default") is not null and "row"."step_3.v9" is null and ('en' is null and "row"."step_2.v8" is not null and (("row"."step_1.v7")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 7 end, case when not ("row"."step_3.v9" = trunc("row"."step_3.v9")) then 8 end, case when "row"."step_3.v9" = trunc("row"."step_3.v9") and not ("row"."step_3.v9" between (-2147483648) and 2147483647) then 9 end], null) end as "_reasons",
    "row"."o.ctid" as "_place",
    case when "row"."step_1.v10" or "row"."step_1.v11" or "row"."step_4.v12" or "row"."step_4.v13" or "row"."step_4.v14" or "row"."step_1.v15" then array[("row"."o.town")::text, ("row"."o.rent")::text, ("row"."step_1.v4")::text, ("row"."step_1.v4")::text, ("row"."step_1.v7")::text, ("row"."o.phone")::text]::text[] end as "_originals"
  from (
  select
    "row"."step_2.v3" is null or ('en' is null and "row"."step_2.v5" is not null and (("row"."step_1.v4")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."step_1.v4")::text collate "default") is not null and "row"."step_3.v6" is null and ('en' is null and "row"."step_2.v5" is not null and (("row"."step_1.v4")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_3.v6") < '99999999999999.995'::numeric) or lower(btrim(("row"."o.staff")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('n/a') or ('en' is null and "row"."step_2.v8" is not null and (("row"."step_1.v7")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."step_1.v7")::text collate "default") is not null and "row"."step_3.v9" is null and ('en' is null and "row"."step_2.v8" is not null and (("row"."step_1.v7")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not ("row"."step_3.v9" = trunc("row"."step_3.v9")) or "row"."step_3.v9" = trunc("row"."step_3.v9") and not ("row"."step_3.v9" between (-2147483648) and 2147483647) as "step_4.v19",
    "row"."step_1.v10" as "step_1.v10",
    "row"."step_1.v11" as "step_1.v11",
    ("row"."step_2.v5" <> btrim((("row"."step_1.v4")::text collate "default"))) and abs("row"."step_3.v6") < '99999999999999.995'::numeric as "step_4.v12",
    "row"."step_3.v6" <> round("row"."step_3.v6", 2) and abs("row"."step_3.v6") < '99999999999999.995'::numeric as "step_4.v13",
    ("row"."step_2.v8" <> btrim((("row"."step_1.v7")::text collate "default"))) and "row"."step_3.v9" = trunc("row"."step_3.v9") and "row"."step_3.v9" between (-2147483648) and 2147483647 as "step_4.v14",
    "row"."step_1.v15" as "step_1.v15",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "row"."step_2.v3" as "step_2.v3",
    case when abs("row"."step_3.v6") < '99999999999999.995'::numeric then round("row"."step_3.v6", 2) end as "step_4.v16",
    case when "row"."step_3.v9" = trunc("row"."step_3.v9") and "row"."step_3.v9" between (-2147483648) and 2147483647 then "row"."step_3.v9"::int4 end as "step_4.v17",
    "row"."step_1.v18" as "step_1.v18",
    "row"."step_2.v5" as "step_2.v5",
    "row"."step_1.v4" as "step_1.v4",
    "row"."step_3.v6" as "step_3.v6",
    "row"."o.staff" as "o.staff",
    "row"."step_2.v8" as "step_2.v8",
    "row"."step_1.v7" as "step_1.v7",
    "row"."step_3.v9" as "step_3.v9",
    "row"."o.ctid" as "o.ctid",
    "row"."o.town" as "o.town",
    "row"."o.rent" as "o.rent",
    "row"."o.phone" as "o.phone"
  from (
  select
    "row"."step_2.v3" as "step_2.v3",
    "row"."step_2.v5" as "step_2.v5",
    "row"."step_1.v4" as "step_1.v4",
    case when ('en' is null and "row"."step_2.v5" is not null and (("row"."step_1.v4")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_2.v5"::numeric end as "step_3.v6",
    "row"."o.staff" as "o.staff",
    "row"."step_2.v8" as "step_2.v8",
    "row"."step_1.v7" as "step_1.v7",
    case when ('en' is null and "row"."step_2.v8" is not null and (("row"."step_1.v7")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_2.v8"::numeric end as "step_3.v9",
    "row"."step_1.v10" as "step_1.v10",
    "row"."step_1.v11" as "step_1.v11",
    "row"."step_1.v15" as "step_1.v15",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "row"."step_1.v18" as "step_1.v18",
    "row"."o.ctid" as "o.ctid",
    "row"."o.town" as "o.town",
    "row"."o.rent" as "o.rent",
    "row"."o.phone" as "o.phone"
  from (
  select
    case when (lower(btrim(("row"."o.town")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('to be updated')) then 'Unknown' else "row"."step_1.v2" end as "step_2.v3",
    case
      when (("row"."step_1.v4")::text collate "default") is null then null
      when length((("row"."step_1.v4")::text collate "default")) <= 30 and (("row"."step_1.v4")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("row"."step_1.v4")::text collate "default")
      when length((("row"."step_1.v4")::text collate "default")) <= 30 and (("row"."step_1.v4")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("row"."step_1.v4")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("row"."step_1.v4")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("row"."step_1.v4")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("row"."step_1.v4")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("row"."step_1.v4")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("row"."step_1.v4")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_2.v5",
    "row"."step_1.v4" as "step_1.v4",
    "row"."o.staff" as "o.staff",
    case
      when (("row"."step_1.v7")::text collate "default") is null then null
      when length((("row"."step_1.v7")::text collate "default")) <= 30 and (("row"."step_1.v7")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("row"."step_1.v7")::text collate "default")
      when length((("row"."step_1.v7")::text collate "default")) <= 30 and (("row"."step_1.v7")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("row"."step_1.v7")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("row"."step_1.v7")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("row"."step_1.v7")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("row"."step_1.v7")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("row"."step_1.v7")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("row"."step_1.v7")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_2.v8",
    "row"."step_1.v7" as "step_1.v7",
    "row"."step_1.v10" as "step_1.v10",
    "row"."step_1.v11" as "step_1.v11",
    "row"."step_1.v15" as "step_1.v15",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "row"."step_1.v18" as "step_1.v18",
    "row"."o.ctid" as "o.ctid",
    "row"."o.town" as "o.town",
    "row"."o.rent" as "o.rent",
    "row"."o.phone" as "o.phone"
  from (
  select
    "o"."town" as "o.town",
    case when not (lower(btrim(("o"."town")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('to be updated')) then "o"."town" end as "step_1.v2",
    case when not (lower(btrim(("o"."rent")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('n/a', '#div/0!', '-', '')) then "o"."rent" end as "step_1.v4",
    "o"."staff" as "o.staff",
    case when not (lower(btrim(("o"."staff")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('n/a')) then "o"."staff" end as "step_1.v7",
    lower(btrim(("o"."town")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('to be updated') as "step_1.v10",
    lower(btrim(("o"."rent")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('n/a', '#div/0!', '-', '') as "step_1.v11",
    lower(btrim(("o"."phone")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('none') as "step_1.v15",
    ("o"."id")::text as "step_1.v1",
    "o"."id" as "o.id",
    case when not (lower(btrim(("o"."phone")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('none')) then "o"."phone" end as "step_1.v18",
    "o"."ctid" as "o.ctid",
    "o"."rent" as "o.rent",
    "o"."phone" as "o.phone"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'town' then ("fix"."patch" ->> 'town')::text else "t"."town" end as "town",
      case when "fix"."patch" ? 'rent' then ("fix"."patch" ->> 'rent')::text else "t"."rent" end as "rent",
      case when "fix"."patch" ? 'staff' then ("fix"."patch" ->> 'staff')::text else "t"."staff" end as "staff",
      case when "fix"."patch" ? 'phone' then ("fix"."patch" ->> 'phone')::text else "t"."phone" end as "phone"
    from "legacy"."offices" as t
    left join "drover"."overlay" as fix on fix.migration = 'offices'
      and fix.relation = 'legacy.offices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  where "o"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'offices' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_offices" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."offices" ("id", "town", "rent", "staff", "phone")
  select "id", "town", "rent", "staff", "phone"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_offices" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, accepted_at, accepted_by, accepted_why)
  select $1::bigint, 'offices', "s"."_key", $2::bigint,
    (array['no-town', 'ambiguous-number', 'not-a-number', 'out-of-range', 'no-office', 'ambiguous-number', 'not-a-number', 'not-an-integer', 'out-of-range'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-town', 'town'), (2, 'ambiguous-number', 'rent'), (3, 'not-a-number', 'rent'), (4, 'out-of-range', 'rent'), (5, 'no-office', 'staff'), (6, 'ambiguous-number', 'staff'), (7, 'not-a-number', 'staff'), (8, 'not-an-integer', 'staff'), (9, 'out-of-range', 'staff')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."offices" as original
      where original.ctid = "s"."_place"
    ),
    case when "s"."_reasons"[1] in (5) then clock_timestamp() end,
    case when "s"."_reasons"[1] in (5) then session_user end,
    case when "s"."_reasons"[1] in (5) then 'declared by the migration' end
  from s
  where "s"."_disposition" = 'quarantined'
  on conflict (run_id, mapping, source_key) do update
  set code = excluded.code, reasons = excluded.reasons, sqlstate = null, set_aside_at = excluded.set_aside_at,
    "accepted_at" = case when quarantine.accepted_why <> 'declared by the migration' then quarantine."accepted_at" else excluded."accepted_at" end,
    "accepted_by" = case when quarantine.accepted_why <> 'declared by the migration' then quarantine."accepted_by" else excluded."accepted_by" end,
    "accepted_why" = case when quarantine.accepted_why <> 'declared by the migration' then quarantine."accepted_why" else excluded."accepted_why" end
  returning 1
), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'offices' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'offices' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'offices' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'offices', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'no-town', 'town'), (2, 'no-rent', 'rent'), (3, 'number-format', 'rent'), (4, 'rounded', 'rent'), (5, 'number-format', 'staff'), (6, 'placeholder', 'phone')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'offices', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'offices', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_offices" (like "app"."offices", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_4.v19" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_1.v10" or "row"."step_1.v11" or "row"."step_4.v12" or "row"."step_4.v13" or "row"."step_4.v14" or "row"."step_1.v15" then array[case when "row"."step_1.v10" then 1 end, case when "row"."step_1.v11" then 2 end, case when "row"."step_4.v12" then 3 end, case when "row"."step_4.v13" then 4 end, case when "row"."step_4.v14" then 5 end, case when "row"."step_1.v15" then 6 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."o.id")::int4 as "id",
    ("row"."step_2.v3")::text as "town",
    ("row"."step_4.v16")::numeric as "rent",
    ("row"."step_4.v17")::int4 as "staff",
    ("row"."step_1.v18")::text as "phone",
    case when "row"."step_4.v19" then array_remove(array[case when "row"."step_2.v3" is null then 1 end, case when ('en' is null and "row"."step_2.v5" is not null and (("row"."step_1.v4")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 2 end, case when (("row"."step_1.v4")::text collate "default") is not null and "row"."step_3.v6" is null and ('en' is null and "row"."step_2.v5" is not null and (("row"."step_1.v4")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 3 end, case when not (abs("row"."step_3.v6") < '99999999999999.995'::numeric) then 4 end, case when lower(btrim(("row"."o.staff")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('n/a') then 5 end, case when ('en' is null and "row"."step_2.v8" is not null and (("row"."step_1.v7")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 6 end, case when (("row"."step_1.v7")::text collate "default") is not null and "row"."step_3.v9" is null and ('en' is null and "row"."step_2.v8" is not null and (("row"."step_1.v7")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 7 end, case when not ("row"."step_3.v9" = trunc("row"."step_3.v9")) then 8 end, case when "row"."step_3.v9" = trunc("row"."step_3.v9") and not ("row"."step_3.v9" between (-2147483648) and 2147483647) then 9 end], null) end as "_reasons",
    case when "row"."step_1.v10" or "row"."step_1.v11" or "row"."step_4.v12" or "row"."step_4.v13" or "row"."step_4.v14" or "row"."step_1.v15" then array[("row"."o.town")::text, ("row"."o.rent")::text, ("row"."step_1.v4")::text, ("row"."step_1.v4")::text, ("row"."step_1.v7")::text, ("row"."o.phone")::text]::text[] end as "_originals"
  from (
  select
    "row"."step_2.v3" is null or ('en' is null and "row"."step_2.v5" is not null and (("row"."step_1.v4")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."step_1.v4")::text collate "default") is not null and "row"."step_3.v6" is null and ('en' is null and "row"."step_2.v5" is not null and (("row"."step_1.v4")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_3.v6") < '99999999999999.995'::numeric) or lower(btrim(("row"."o.staff")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('n/a') or ('en' is null and "row"."step_2.v8" is not null and (("row"."step_1.v7")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."step_1.v7")::text collate "default") is not null and "row"."step_3.v9" is null and ('en' is null and "row"."step_2.v8" is not null and (("row"."step_1.v7")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not ("row"."step_3.v9" = trunc("row"."step_3.v9")) or "row"."step_3.v9" = trunc("row"."step_3.v9") and not ("row"."step_3.v9" between (-2147483648) and 2147483647) as "step_4.v19",
    "row"."step_1.v10" as "step_1.v10",
    "row"."step_1.v11" as "step_1.v11",
    ("row"."step_2.v5" <> btrim((("row"."step_1.v4")::text collate "default"))) and abs("row"."step_3.v6") < '99999999999999.995'::numeric as "step_4.v12",
    "row"."step_3.v6" <> round("row"."step_3.v6", 2) and abs("row"."step_3.v6") < '99999999999999.995'::numeric as "step_4.v13",
    ("row"."step_2.v8" <> btrim((("row"."step_1.v7")::text collate "default"))) and "row"."step_3.v9" = trunc("row"."step_3.v9") and "row"."step_3.v9" between (-2147483648) and 2147483647 as "step_4.v14",
    "row"."step_1.v15" as "step_1.v15",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "row"."step_2.v3" as "step_2.v3",
    case when abs("row"."step_3.v6") < '99999999999999.995'::numeric then round("row"."step_3.v6", 2) end as "step_4.v16",
    case when "row"."step_3.v9" = trunc("row"."step_3.v9") and "row"."step_3.v9" between (-2147483648) and 2147483647 then "row"."step_3.v9"::int4 end as "step_4.v17",
    "row"."step_1.v18" as "step_1.v18",
    "row"."step_2.v5" as "step_2.v5",
    "row"."step_1.v4" as "step_1.v4",
    "row"."step_3.v6" as "step_3.v6",
    "row"."o.staff" as "o.staff",
    "row"."step_2.v8" as "step_2.v8",
    "row"."step_1.v7" as "step_1.v7",
    "row"."step_3.v9" as "step_3.v9",
    "row"."o.ctid" as "o.ctid",
    "row"."o.town" as "o.town",
    "row"."o.rent" as "o.rent",
    "row"."o.phone" as "o.phone"
  from (
  select
    "row"."step_2.v3" as "step_2.v3",
    "row"."step_2.v5" as "step_2.v5",
    "row"."step_1.v4" as "step_1.v4",
    case when ('en' is null and "row"."step_2.v5" is not null and (("row"."step_1.v4")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_2.v5"::numeric end as "step_3.v6",
    "row"."o.staff" as "o.staff",
    "row"."step_2.v8" as "step_2.v8",
    "row"."step_1.v7" as "step_1.v7",
    case when ('en' is null and "row"."step_2.v8" is not null and (("row"."step_1.v7")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_2.v8"::numeric end as "step_3.v9",
    "row"."step_1.v10" as "step_1.v10",
    "row"."step_1.v11" as "step_1.v11",
    "row"."step_1.v15" as "step_1.v15",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "row"."step_1.v18" as "step_1.v18",
    "row"."o.ctid" as "o.ctid",
    "row"."o.town" as "o.town",
    "row"."o.rent" as "o.rent",
    "row"."o.phone" as "o.phone"
  from (
  select
    case when (lower(btrim(("row"."o.town")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('to be updated')) then 'Unknown' else "row"."step_1.v2" end as "step_2.v3",
    case
      when (("row"."step_1.v4")::text collate "default") is null then null
      when length((("row"."step_1.v4")::text collate "default")) <= 30 and (("row"."step_1.v4")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("row"."step_1.v4")::text collate "default")
      when length((("row"."step_1.v4")::text collate "default")) <= 30 and (("row"."step_1.v4")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("row"."step_1.v4")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("row"."step_1.v4")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("row"."step_1.v4")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("row"."step_1.v4")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("row"."step_1.v4")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("row"."step_1.v4")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_2.v5",
    "row"."step_1.v4" as "step_1.v4",
    "row"."o.staff" as "o.staff",
    case
      when (("row"."step_1.v7")::text collate "default") is null then null
      when length((("row"."step_1.v7")::text collate "default")) <= 30 and (("row"."step_1.v7")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("row"."step_1.v7")::text collate "default")
      when length((("row"."step_1.v7")::text collate "default")) <= 30 and (("row"."step_1.v7")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("row"."step_1.v7")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("row"."step_1.v7")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("row"."step_1.v7")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("row"."step_1.v7")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("row"."step_1.v7")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("row"."step_1.v7")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_2.v8",
    "row"."step_1.v7" as "step_1.v7",
    "row"."step_1.v10" as "step_1.v10",
    "row"."step_1.v11" as "step_1.v11",
    "row"."step_1.v15" as "step_1.v15",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "row"."step_1.v18" as "step_1.v18",
    "row"."o.ctid" as "o.ctid",
    "row"."o.town" as "o.town",
    "row"."o.rent" as "o.rent",
    "row"."o.phone" as "o.phone"
  from (
  select
    "o"."town" as "o.town",
    case when not (lower(btrim(("o"."town")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('to be updated')) then "o"."town" end as "step_1.v2",
    case when not (lower(btrim(("o"."rent")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('n/a', '#div/0!', '-', '')) then "o"."rent" end as "step_1.v4",
    "o"."staff" as "o.staff",
    case when not (lower(btrim(("o"."staff")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('n/a')) then "o"."staff" end as "step_1.v7",
    lower(btrim(("o"."town")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('to be updated') as "step_1.v10",
    lower(btrim(("o"."rent")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('n/a', '#div/0!', '-', '') as "step_1.v11",
    lower(btrim(("o"."phone")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('none') as "step_1.v15",
    ("o"."id")::text as "step_1.v1",
    "o"."id" as "o.id",
    case when not (lower(btrim(("o"."phone")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") in ('none')) then "o"."phone" end as "step_1.v18",
    "o"."ctid" as "o.ctid",
    "o"."rent" as "o.rent",
    "o"."phone" as "o.phone"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'town' then ("fix"."patch" ->> 'town')::text else "t"."town" end as "town",
      case when "fix"."patch" ? 'rent' then ("fix"."patch" ->> 'rent')::text else "t"."rent" end as "rent",
      case when "fix"."patch" ? 'staff' then ("fix"."patch" ->> 'staff')::text else "t"."staff" end as "staff",
      case when "fix"."patch" ? 'phone' then ("fix"."patch" ->> 'phone')::text else "t"."phone" end as "phone"
    from "legacy"."offices" as t
    left join "drover"."overlay" as fix on fix.migration = 'offices'
      and fix.relation = 'legacy.offices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  where "o"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'offices' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_offices" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."offices" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."town") is distinct from ("s"."town") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."rent") is distinct from ("s"."rent") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."staff") is distinct from ("s"."staff") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."phone") is distinct from ("s"."phone"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_offices" ("id", "town", "rent", "staff", "phone", "drover_version")
  select "id", "town", "rent", "staff", "phone", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."offices" as t
  set "town" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."town" else "t"."town" end,
    "rent" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."rent" else "t"."rent" end,
    "staff" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."staff" else "t"."staff" end,
    "phone" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."phone" else "t"."phone" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'offices', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('town', array['*']), ('rent', array['*']), ('staff', array['*']), ('phone', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'offices' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'offices' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'offices', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'no-town', 'town'), (2, 'no-rent', 'rent'), (3, 'number-format', 'rent'), (4, 'rounded', 'rent'), (5, 'number-format', 'staff'), (6, 'placeholder', 'phone')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
