-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.products (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."products" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."products" drop constraint "products_pkey";
commit;

-- =================================================================================================
-- 1. products: legacy.products → app.products
-- =================================================================================================
-- products: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_products" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."products";
-- target rows before
select count(*) as n from "app"."products";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."products" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."products")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'products', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- products: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."products" as "p"
  where ($3::text[] is null or ("p"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("p"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_2.v25" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_1.v10" or "row"."step_1.v11" or "row"."step_1.v12" or "row"."step_3.v13" or "row"."step_3.v14" or "row"."step_4.v15" or "row"."step_2.v16" or "row"."step_3.v17" or "row"."step_3.v18" or "row"."step_3.v19" or "row"."step_3.v20" or "row"."step_3.v21" or "row"."step_1.v22" then array[case when "row"."step_1.v10" then 1 end, case when "row"."step_1.v11" then 2 end, case when "row"."step_1.v12" then 3 end, case when "row"."step_3.v13" then 4 end, case when "row"."step_3.v14" then 5 end, case when "row"."step_4.v15" then 6 end, case when "row"."step_2.v16" then 7 end, case when "row"."step_3.v17" then 8 end, case when "row"."step_3.v18" then 9 end, case when "row"."step_3.v19" then 10 end, case when "row"."step_3.v20" then 11 end, case when "row"."step_3.v21" then 12 end, case when "row"."step_1.v22" then 13 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."p.id")::int4 as "id",
    (initcap("row"."p.title"))::text as "title",
    (abs(coalesce("row"."p.price", '0')))::numeric as "price",
    (coalesce("row"."step_3.v4", 'EUR'))::text as "currency",
    ("row"."step_3.v23")::numeric as "weight",
    ('legacy')::text as "origin",
    ("row"."step_2.v24")::timestamptz as "created_at",
    (case when "row"."step_2.v9" > timestamp with time zone '2025-06-01T00:00:00.000Z' then timestamp with time zone '2025-06-01T00:00:00.000Z' else "row"."step_2.v9" end)::timestamptz as "updated_at",
    case when "row"."step_2.v25" then array_remove(array[case when not "row"."step_1.v7" and not isfinite("row"."p.created_at") then 1 end, case when not "row"."step_1.v7" and isfinite("row"."p.created_at") then 2 end, case when not "row"."step_1.v8" and not isfinite("row"."p.updated_at") then 3 end, case when not "row"."step_1.v8" and isfinite("row"."p.updated_at") then 4 end], null) end as "_reasons",
    "row"."p.ctid" as "_place",
    case when "row"."step_1.v10" or "row"."step_1.v11" or "row"."step_1.v12" or "row"."step_3.v13" or "row"."step_3.v14" or "row"."step_4.v15" or "row"."step_2.v16" or "row"."step_3.v17" or "row"."step_3.v18" or "row"."step_3.v19" or "row"."step_3.v20" or "row"."step_3.v21" or "row"."step_1.v22" then array[("row"."p.title")::text, ("row"."p.price")::text, (coalesce("row"."p.price", '0'))::text, ("row"."p.currency")::text, ("row"."p.currency")::text, ("row"."step_3.v4")::text, ("row"."p.weight")::text, ("row"."p.weight")::text, ("row"."p.weight")::text, ("row"."p.weight")::text, ("row"."p.weight")::text, ("row"."step_2.v9")::text, null]::text[] end as "_originals"
  from (
  select
    "row"."step_2.v25" as "step_2.v25",
    "row"."step_1.v10" as "step_1.v10",
    "row"."step_1.v11" as "step_1.v11",
    "row"."step_1.v12" as "step_1.v12",
    "row"."step_3.v13" as "step_3.v13",
    "row"."step_3.v14" as "step_3.v14",
    "row"."step_3.v4" is null as "step_4.v15",
    "row"."step_2.v16" as "step_2.v16",
    "row"."step_3.v17" as "step_3.v17",
    "row"."step_3.v18" as "step_3.v18",
    "row"."step_3.v19" as "step_3.v19",
    "row"."step_3.v20" as "step_3.v20",
    "row"."step_3.v21" as "step_3.v21",
    "row"."step_1.v22" as "step_1.v22",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "row"."p.title" as "p.title",
    "row"."p.price" as "p.price",
    "row"."step_3.v4" as "step_3.v4",
    "row"."step_3.v23" as "step_3.v23",
    "row"."step_2.v24" as "step_2.v24",
    "row"."step_2.v9" as "step_2.v9",
    "row"."step_1.v7" as "step_1.v7",
    "row"."p.created_at" as "p.created_at",
    "row"."step_1.v8" as "step_1.v8",
    "row"."p.updated_at" as "p.updated_at",
    "row"."p.ctid" as "p.ctid",
    "row"."p.currency" as "p.currency",
    "row"."p.weight" as "p.weight"
  from (
  select
    "row"."step_2.v25" as "step_2.v25",
    "row"."step_1.v10" as "step_1.v10",
    "row"."step_1.v11" as "step_1.v11",
    "row"."step_1.v12" as "step_1.v12",
    "row"."p.currency" is not null and "row"."step_2.v3" is null as "step_3.v13",
    lower("row"."step_2.v3" collate "C") <> lower(btrim(("row"."p.currency")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") as "step_3.v14",
    case when ("row"."p.currency" is not null and "row"."step_2.v3" is null) then 'EUR' else "row"."step_2.v3" end as "step_3.v4",
    "row"."step_2.v16" as "step_2.v16",
    (("row"."p.weight")::text collate "default") is not null and "row"."step_2.v6" is null and ('en' is null and "row"."step_1.v5" is not null and (("row"."p.weight")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "step_3.v17",
    not (abs("row"."step_2.v6") < '99999999999999.9995'::numeric) as "step_3.v18",
    ("row"."step_1.v5" <> btrim((("row"."p.weight")::text collate "default"))) and abs("row"."step_2.v6") < '99999999999999.9995'::numeric as "step_3.v19",
    "row"."step_2.v6" <> round("row"."step_2.v6", 3) and abs("row"."step_2.v6") < '99999999999999.9995'::numeric as "step_3.v20",
    "row"."step_2.v9" > timestamp with time zone '2025-06-01T00:00:00.000Z' as "step_3.v21",
    "row"."step_1.v22" as "step_1.v22",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "row"."p.title" as "p.title",
    "row"."p.price" as "p.price",
    case when abs("row"."step_2.v6") < '99999999999999.9995'::numeric then round("row"."step_2.v6", 3) end as "step_3.v23",
    "row"."step_2.v24" as "step_2.v24",
    "row"."step_2.v9" as "step_2.v9",
    "row"."step_1.v7" as "step_1.v7",
    "row"."p.created_at" as "p.created_at",
    "row"."step_1.v8" as "step_1.v8",
    "row"."p.updated_at" as "p.updated_at",
    "row"."p.ctid" as "p.ctid",
    "row"."p.currency" as "p.currency",
    "row"."p.weight" as "p.weight"
  from (
  select
    not "row"."step_1.v7" and not isfinite("row"."p.created_at") or not "row"."step_1.v7" and isfinite("row"."p.created_at") or not "row"."step_1.v8" and not isfinite("row"."p.updated_at") or not "row"."step_1.v8" and isfinite("row"."p.updated_at") as "step_2.v25",
    "row"."step_1.v10" as "step_1.v10",
    "row"."step_1.v11" as "step_1.v11",
    "row"."step_1.v12" as "step_1.v12",
    "row"."p.currency" as "p.currency",
    case "row"."step_1.v2" when 'eur' then 'EUR' when 'usd' then 'USD' end as "step_2.v3",
    ('en' is null and "row"."step_1.v5" is not null and (("row"."p.weight")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "step_2.v16",
    "row"."p.weight" as "p.weight",
    case when ('en' is null and "row"."step_1.v5" is not null and (("row"."p.weight")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v5"::numeric end as "step_2.v6",
    "row"."step_1.v5" as "step_1.v5",
    case when "row"."step_1.v8" then ("row"."p.updated_at") at time zone interval '0' end as "step_2.v9",
    "row"."step_1.v22" as "step_1.v22",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "row"."p.title" as "p.title",
    "row"."p.price" as "p.price",
    case when "row"."step_1.v7" then ("row"."p.created_at") at time zone interval '0' end as "step_2.v24",
    "row"."step_1.v7" as "step_1.v7",
    "row"."p.created_at" as "p.created_at",
    "row"."step_1.v8" as "step_1.v8",
    "row"."p.updated_at" as "p.updated_at",
    "row"."p.ctid" as "p.ctid"
  from (
  select
    "p"."created_at" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "step_1.v7",
    "p"."created_at" as "p.created_at",
    "p"."updated_at" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "step_1.v8",
    "p"."updated_at" as "p.updated_at",
    "p"."title" = upper("p"."title") as "step_1.v10",
    "p"."price" is null as "step_1.v11",
    coalesce("p"."price", '0') < 0 as "step_1.v12",
    "p"."currency" as "p.currency",
    replace(replace(lower(btrim(("p"."currency")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C"), ' ', '_'), '-', '_') as "step_1.v2",
    case
      when (("p"."weight")::text collate "default") is null then null
      when length((("p"."weight")::text collate "default")) <= 30 and (("p"."weight")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("p"."weight")::text collate "default")
      when length((("p"."weight")::text collate "default")) <= 30 and (("p"."weight")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("p"."weight")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("p"."weight")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("p"."weight")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("p"."weight")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("p"."weight")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("p"."weight")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v5",
    "p"."weight" as "p.weight",
    "p"."created_at" > "p"."updated_at" as "step_1.v22",
    ("p"."id")::text as "step_1.v1",
    "p"."id" as "p.id",
    "p"."title" as "p.title",
    "p"."price" as "p.price",
    "p"."ctid" as "p.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'title' then ("fix"."patch" ->> 'title')::text else "t"."title" end as "title",
      case when "fix"."patch" ? 'price' then ("fix"."patch" ->> 'price')::numeric else "t"."price" end as "price",
      case when "fix"."patch" ? 'currency' then ("fix"."patch" ->> 'currency')::text else "t"."currency" end as "currency",
      case when "fix"."patch" ? 'weight' then ("fix"."patch" ->> 'weight')::text else "t"."weight" end as "weight",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::timestamp else "t"."created_at" end as "created_at",
      case when "fix"."patch" ? 'updated_at' then ("fix"."patch" ->> 'updated_at')::timestamp else "t"."updated_at" end as "updated_at"
    from "legacy"."products" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.products' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  where ($3::text[] is null or ("p"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("p"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."products" ("id", "title", "price", "currency", "weight", "origin", "created_at", "updated_at")
  select "id", "title", "price", "currency", "weight", "origin", "created_at", "updated_at"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_products" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'products', "s"."_key", $2::bigint,
    (array['not-finite', 'out-of-range', 'not-finite', 'out-of-range'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'not-finite', 'created_at'), (2, 'out-of-range', 'created_at'), (3, 'not-finite', 'updated_at'), (4, 'out-of-range', 'updated_at')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."products" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'products', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'shouting', 'title'), (2, 'no-price', 'price'), (3, 'negative', 'price'), (4, 'unknown-currency', 'currency'), (5, 'alias', 'currency'), (6, 'no-currency', 'currency'), (7, 'ambiguous-number', 'weight'), (8, 'no-weight', 'weight'), (9, 'no-weight', 'weight'), (10, 'number-format', 'weight'), (11, 'rounded', 'weight'), (12, 'future-timestamp', 'updated_at')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), notes as (
  insert into drover.note (run_id, mapping, source_key, code, column_name)
  select $1::bigint, 'products', "s"."_key", guard.code, guard.column_name
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (13, 'created-after-updated', 'updated_at')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'products' and number = $2::bigint;
commit;

-- products: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("p"."id")::text] as bound, row_number() over (order by "p"."id") as position, count(*) as rows
  from "legacy"."products" as "p"
    where ($1::text[] is null or ("p"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("p"."id") < (($2::text[])[1]::int4)) and "p"."id" is not null
  group by "p"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- products: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."products" as "p"
  where ($3::text[] is null or ("p"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("p"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."products" as original
      where original.ctid = "p"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'title' then ("fix"."patch" ->> 'title')::text else "t"."title" end as "title",
      case when "fix"."patch" ? 'price' then ("fix"."patch" ->> 'price')::numeric else "t"."price" end as "price",
      case when "fix"."patch" ? 'currency' then ("fix"."patch" ->> 'currency')::text else "t"."currency" end as "currency",
      case when "fix"."patch" ? 'weight' then ("fix"."patch" ->> 'weight')::text else "t"."weight" end as "weight",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::timestamp else "t"."created_at" end as "created_at",
      case when "fix"."patch" ? 'updated_at' then ("fix"."patch" ->> 'updated_at')::timestamp else "t"."updated_at" end as "updated_at"
    from "legacy"."products" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.products' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  cross join lateral (
    select
      ("p"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("p"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("p"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_products" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'products', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'products' and number = $2::bigint
returning quarantined;
commit;

-- products: the key of the crosswalk
begin;
alter table "drover"."crosswalk_products" add primary key (source_key);
analyze "drover"."crosswalk_products";
commit;

-- products: the statistics of the target
begin;
analyze "app"."products";
commit;

-- products_pkey
begin;
CREATE UNIQUE INDEX products_pkey ON app.products USING btree (id);
commit;

-- products: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."products";
-- target rows after
select count(*) as n from "app"."products";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."products" add constraint "products_pkey" primary key using index "products_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."products" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- products: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'products', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'title' then ("fix"."patch" ->> 'title')::text else "t"."title" end as "title",
      case when "fix"."patch" ? 'price' then ("fix"."patch" ->> 'price')::numeric else "t"."price" end as "price",
      case when "fix"."patch" ? 'currency' then ("fix"."patch" ->> 'currency')::text else "t"."currency" end as "currency",
      case when "fix"."patch" ? 'weight' then ("fix"."patch" ->> 'weight')::text else "t"."weight" end as "weight",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::timestamp else "t"."created_at" end as "created_at",
      case when "fix"."patch" ? 'updated_at' then ("fix"."patch" ->> 'updated_at')::timestamp else "t"."updated_at" end as "updated_at"
    from "legacy"."products" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.products' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  cross join lateral (
    select
      ("p"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_products" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("p"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.products')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_2.v25" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_1.v10" or "row"."step_1.v11" or "row"."step_1.v12" or "row"."step_3.v13" or "row"."step_3.v14" or "row"."step_4.v15" or "row"."step_2.v16" or "row"."step_3.v17" or "row"."step_3.v18" or "row"."step_3.v19" or "row"."step_3.v20" or "row"."step_3.v21" or "row"."step_1.v22" then array[case when "row"."step_1.v10" then 1 end, case when "row"."step_1.v11" then 2 end, case when "row"."step_1.v12" then 3 end, case when "row"."step_3.v13" then 4 end, case when "row"."step_3.v14" then 5 end, case when "row"."step_4.v15" then 6 end, case when "row"."step_2.v16" then 7 end, case when "row"."step_3.v17" then 8 end, case when "row"."step_3.v18" then 9 end, case when "row"."step_3.v19" then 10 end, case when "row"."step_3.v20" then 11 end, case when "row"."step_3.v21" then 12 end, case when "row"."step_1.v22" then 13 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."p.id")::int4 as "id",
    (initcap("row"."p.title"))::text as "title",
    (abs(coalesce("row"."p.price", '0')))::numeric as "price",
    (coalesce("row"."step_3.v4", 'EUR'))::text as "currency",
    ("row"."step_3.v23")::numeric as "weight",
    ('legacy')::text as "origin",
    ("row"."step_2.v24")::timestamptz as "created_at",
    (case when "row"."step_2.v9" > timestamp with time zone '2025-06-01T00:00:00.000Z' then timestamp with time zone '2025-06-01T00:00:00.000Z' else "row"."step_2.v9" end)::timestamptz as "updated_at",
    case when "row"."step_2.v25" then array_remove(array[case when not "row"."step_1.v7" and not isfinite("row"."p.created_at") then 1 end, case when not "row"."step_1.v7" and isfinite("row"."p.created_at") then 2 end, case when not "row"."step_1.v8" and not isfinite("row"."p.updated_at") then 3 end, case when not "row"."step_1.v8" and isfinite("row"."p.updated_at") then 4 end], null) end as "_reasons",
    "row"."p.ctid" as "_place",
    case when "row"."step_1.v10" or "row"."step_1.v11" or "row"."step_1.v12" or "row"."step_3.v13" or "row"."step_3.v14" or "row"."step_4.v15" or "row"."step_2.v16" or "row"."step_3.v17" or "row"."step_3.v18" or "row"."step_3.v19" or "row"."step_3.v20" or "row"."step_3.v21" or "row"."step_1.v22" then array[("row"."p.title")::text, ("row"."p.price")::text, (coalesce("row"."p.price", '0'))::text, ("row"."p.currency")::text, ("row"."p.currency")::text, ("row"."step_3.v4")::text, ("row"."p.weight")::text, ("row"."p.weight")::text, ("row"."p.weight")::text, ("row"."p.weight")::text, ("row"."p.weight")::text, ("row"."step_2.v9")::text, null]::text[] end as "_originals"
  from (
  select
    "row"."step_2.v25" as "step_2.v25",
    "row"."step_1.v10" as "step_1.v10",
    "row"."step_1.v11" as "step_1.v11",
    "row"."step_1.v12" as "step_1.v12",
    "row"."step_3.v13" as "step_3.v13",
    "row"."step_3.v14" as "step_3.v14",
    "row"."step_3.v4" is null as "step_4.v15",
    "row"."step_2.v16" as "step_2.v16",
    "row"."step_3.v17" as "step_3.v17",
    "row"."step_3.v18" as "step_3.v18",
    "row"."step_3.v19" as "step_3.v19",
    "row"."step_3.v20" as "step_3.v20",
    "row"."step_3.v21" as "step_3.v21",
    "row"."step_1.v22" as "step_1.v22",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "row"."p.title" as "p.title",
    "row"."p.price" as "p.price",
    "row"."step_3.v4" as "step_3.v4",
    "row"."step_3.v23" as "step_3.v23",
    "row"."step_2.v24" as "step_2.v24",
    "row"."step_2.v9" as "step_2.v9",
    "row"."step_1.v7" as "step_1.v7",
    "row"."p.created_at" as "p.created_at",
    "row"."step_1.v8" as "step_1.v8",
    "row"."p.updated_at" as "p.updated_at",
    "row"."p.ctid" as "p.ctid",
    "row"."p.currency" as "p.currency",
    "row"."p.weight" as "p.weight"
  from (
  select
    "row"."step_2.v25" as "step_2.v25",
    "row"."step_1.v10" as "step_1.v10",
    "row"."step_1.v11" as "step_1.v11",
    "row"."step_1.v12" as "step_1.v12",
    "row"."p.currency" is not null and "row"."step_2.v3" is null as "step_3.v13",
    lower("row"."step_2.v3" collate "C") <> lower(btrim(("row"."p.currency")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") as "step_3.v14",
    case when ("row"."p.currency" is not null and "row"."step_2.v3" is null) then 'EUR' else "row"."step_2.v3" end as "step_3.v4",
    "row"."step_2.v16" as "step_2.v16",
    (("row"."p.weight")::text collate "default") is not null and "row"."step_2.v6" is null and ('en' is null and "row"."step_1.v5" is not null and (("row"."p.weight")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "step_3.v17",
    not (abs("row"."step_2.v6") < '99999999999999.9995'::numeric) as "step_3.v18",
    ("row"."step_1.v5" <> btrim((("row"."p.weight")::text collate "default"))) and abs("row"."step_2.v6") < '99999999999999.9995'::numeric as "step_3.v19",
    "row"."step_2.v6" <> round("row"."step_2.v6", 3) and abs("row"."step_2.v6") < '99999999999999.9995'::numeric as "step_3.v20",
    "row"."step_2.v9" > timestamp with time zone '2025-06-01T00:00:00.000Z' as "step_3.v21",
    "row"."step_1.v22" as "step_1.v22",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "row"."p.title" as "p.title",
    "row"."p.price" as "p.price",
    case when abs("row"."step_2.v6") < '99999999999999.9995'::numeric then round("row"."step_2.v6", 3) end as "step_3.v23",
    "row"."step_2.v24" as "step_2.v24",
    "row"."step_2.v9" as "step_2.v9",
    "row"."step_1.v7" as "step_1.v7",
    "row"."p.created_at" as "p.created_at",
    "row"."step_1.v8" as "step_1.v8",
    "row"."p.updated_at" as "p.updated_at",
    "row"."p.ctid" as "p.ctid",
    "row"."p.currency" as "p.currency",
    "row"."p.weight" as "p.weight"
  from (
  select
    not "row"."step_1.v7" and not isfinite("row"."p.created_at") or not "row"."step_1.v7" and isfinite("row"."p.created_at") or not "row"."step_1.v8" and not isfinite("row"."p.updated_at") or not "row"."step_1.v8" and isfinite("row"."p.updated_at") as "step_2.v25",
    "row"."step_1.v10" as "step_1.v10",
    "row"."step_1.v11" as "step_1.v11",
    "row"."step_1.v12" as "step_1.v12",
    "row"."p.currency" as "p.currency",
    case "row"."step_1.v2" when 'eur' then 'EUR' when 'usd' then 'USD' end as "step_2.v3",
    ('en' is null and "row"."step_1.v5" is not null and (("row"."p.weight")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "step_2.v16",
    "row"."p.weight" as "p.weight",
    case when ('en' is null and "row"."step_1.v5" is not null and (("row"."p.weight")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v5"::numeric end as "step_2.v6",
    "row"."step_1.v5" as "step_1.v5",
    case when "row"."step_1.v8" then ("row"."p.updated_at") at time zone interval '0' end as "step_2.v9",
    "row"."step_1.v22" as "step_1.v22",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "row"."p.title" as "p.title",
    "row"."p.price" as "p.price",
    case when "row"."step_1.v7" then ("row"."p.created_at") at time zone interval '0' end as "step_2.v24",
    "row"."step_1.v7" as "step_1.v7",
    "row"."p.created_at" as "p.created_at",
    "row"."step_1.v8" as "step_1.v8",
    "row"."p.updated_at" as "p.updated_at",
    "row"."p.ctid" as "p.ctid"
  from (
  select
    "p"."created_at" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "step_1.v7",
    "p"."created_at" as "p.created_at",
    "p"."updated_at" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "step_1.v8",
    "p"."updated_at" as "p.updated_at",
    "p"."title" = upper("p"."title") as "step_1.v10",
    "p"."price" is null as "step_1.v11",
    coalesce("p"."price", '0') < 0 as "step_1.v12",
    "p"."currency" as "p.currency",
    replace(replace(lower(btrim(("p"."currency")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C"), ' ', '_'), '-', '_') as "step_1.v2",
    case
      when (("p"."weight")::text collate "default") is null then null
      when length((("p"."weight")::text collate "default")) <= 30 and (("p"."weight")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("p"."weight")::text collate "default")
      when length((("p"."weight")::text collate "default")) <= 30 and (("p"."weight")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("p"."weight")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("p"."weight")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("p"."weight")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("p"."weight")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("p"."weight")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("p"."weight")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v5",
    "p"."weight" as "p.weight",
    "p"."created_at" > "p"."updated_at" as "step_1.v22",
    ("p"."id")::text as "step_1.v1",
    "p"."id" as "p.id",
    "p"."title" as "p.title",
    "p"."price" as "p.price",
    "p"."ctid" as "p.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'title' then ("fix"."patch" ->> 'title')::text else "t"."title" end as "title",
      case when "fix"."patch" ? 'price' then ("fix"."patch" ->> 'price')::numeric else "t"."price" end as "price",
      case when "fix"."patch" ? 'currency' then ("fix"."patch" ->> 'currency')::text else "t"."currency" end as "currency",
      case when "fix"."patch" ? 'weight' then ("fix"."patch" ->> 'weight')::text else "t"."weight" end as "weight",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::timestamp else "t"."created_at" end as "created_at",
      case when "fix"."patch" ? 'updated_at' then ("fix"."patch" ->> 'updated_at')::timestamp else "t"."updated_at" end as "updated_at"
    from "legacy"."products" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.products' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  where "p"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'products' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_products" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."products" ("id", "title", "price", "currency", "weight", "origin", "created_at", "updated_at")
  select "id", "title", "price", "currency", "weight", "origin", "created_at", "updated_at"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_products" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'products', "s"."_key", $2::bigint,
    (array['not-finite', 'out-of-range', 'not-finite', 'out-of-range'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'not-finite', 'created_at'), (2, 'out-of-range', 'created_at'), (3, 'not-finite', 'updated_at'), (4, 'out-of-range', 'updated_at')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."products" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'products' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'products' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'products' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'products', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'shouting', 'title'), (2, 'no-price', 'price'), (3, 'negative', 'price'), (4, 'unknown-currency', 'currency'), (5, 'alias', 'currency'), (6, 'no-currency', 'currency'), (7, 'ambiguous-number', 'weight'), (8, 'no-weight', 'weight'), (9, 'no-weight', 'weight'), (10, 'number-format', 'weight'), (11, 'rounded', 'weight'), (12, 'future-timestamp', 'updated_at')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), notes as (
  insert into drover.note (run_id, mapping, source_key, code, column_name)
  select $1::bigint, 'products', "s"."_key", guard.code, guard.column_name
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (13, 'created-after-updated', 'updated_at')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'products', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'products', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_products" (like "app"."products", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_2.v25" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_1.v10" or "row"."step_1.v11" or "row"."step_1.v12" or "row"."step_3.v13" or "row"."step_3.v14" or "row"."step_4.v15" or "row"."step_2.v16" or "row"."step_3.v17" or "row"."step_3.v18" or "row"."step_3.v19" or "row"."step_3.v20" or "row"."step_3.v21" or "row"."step_1.v22" then array[case when "row"."step_1.v10" then 1 end, case when "row"."step_1.v11" then 2 end, case when "row"."step_1.v12" then 3 end, case when "row"."step_3.v13" then 4 end, case when "row"."step_3.v14" then 5 end, case when "row"."step_4.v15" then 6 end, case when "row"."step_2.v16" then 7 end, case when "row"."step_3.v17" then 8 end, case when "row"."step_3.v18" then 9 end, case when "row"."step_3.v19" then 10 end, case when "row"."step_3.v20" then 11 end, case when "row"."step_3.v21" then 12 end, case when "row"."step_1.v22" then 13 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."p.id")::int4 as "id",
    (initcap("row"."p.title"))::text as "title",
    (abs(coalesce("row"."p.price", '0')))::numeric as "price",
    (coalesce("row"."step_3.v4", 'EUR'))::text as "currency",
    ("row"."step_3.v23")::numeric as "weight",
    ('legacy')::text as "origin",
    ("row"."step_2.v24")::timestamptz as "created_at",
    (case when "row"."step_2.v9" > timestamp with time zone '2025-06-01T00:00:00.000Z' then timestamp with time zone '2025-06-01T00:00:00.000Z' else "row"."step_2.v9" end)::timestamptz as "updated_at",
    case when "row"."step_2.v25" then array_remove(array[case when not "row"."step_1.v7" and not isfinite("row"."p.created_at") then 1 end, case when not "row"."step_1.v7" and isfinite("row"."p.created_at") then 2 end, case when not "row"."step_1.v8" and not isfinite("row"."p.updated_at") then 3 end, case when not "row"."step_1.v8" and isfinite("row"."p.updated_at") then 4 end], null) end as "_reasons",
    case when "row"."step_1.v10" or "row"."step_1.v11" or "row"."step_1.v12" or "row"."step_3.v13" or "row"."step_3.v14" or "row"."step_4.v15" or "row"."step_2.v16" or "row"."step_3.v17" or "row"."step_3.v18" or "row"."step_3.v19" or "row"."step_3.v20" or "row"."step_3.v21" or "row"."step_1.v22" then array[("row"."p.title")::text, ("row"."p.price")::text, (coalesce("row"."p.price", '0'))::text, ("row"."p.currency")::text, ("row"."p.currency")::text, ("row"."step_3.v4")::text, ("row"."p.weight")::text, ("row"."p.weight")::text, ("row"."p.weight")::text, ("row"."p.weight")::text, ("row"."p.weight")::text, ("row"."step_2.v9")::text, null]::text[] end as "_originals"
  from (
  select
    "row"."step_2.v25" as "step_2.v25",
    "row"."step_1.v10" as "step_1.v10",
    "row"."step_1.v11" as "step_1.v11",
    "row"."step_1.v12" as "step_1.v12",
    "row"."step_3.v13" as "step_3.v13",
    "row"."step_3.v14" as "step_3.v14",
    "row"."step_3.v4" is null as "step_4.v15",
    "row"."step_2.v16" as "step_2.v16",
    "row"."step_3.v17" as "step_3.v17",
    "row"."step_3.v18" as "step_3.v18",
    "row"."step_3.v19" as "step_3.v19",
    "row"."step_3.v20" as "step_3.v20",
    "row"."step_3.v21" as "step_3.v21",
    "row"."step_1.v22" as "step_1.v22",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "row"."p.title" as "p.title",
    "row"."p.price" as "p.price",
    "row"."step_3.v4" as "step_3.v4",
    "row"."step_3.v23" as "step_3.v23",
    "row"."step_2.v24" as "step_2.v24",
    "row"."step_2.v9" as "step_2.v9",
    "row"."step_1.v7" as "step_1.v7",
    "row"."p.created_at" as "p.created_at",
    "row"."step_1.v8" as "step_1.v8",
    "row"."p.updated_at" as "p.updated_at",
    "row"."p.ctid" as "p.ctid",
    "row"."p.currency" as "p.currency",
    "row"."p.weight" as "p.weight"
  from (
  select
    "row"."step_2.v25" as "step_2.v25",
    "row"."step_1.v10" as "step_1.v10",
    "row"."step_1.v11" as "step_1.v11",
    "row"."step_1.v12" as "step_1.v12",
    "row"."p.currency" is not null and "row"."step_2.v3" is null as "step_3.v13",
    lower("row"."step_2.v3" collate "C") <> lower(btrim(("row"."p.currency")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C") as "step_3.v14",
    case when ("row"."p.currency" is not null and "row"."step_2.v3" is null) then 'EUR' else "row"."step_2.v3" end as "step_3.v4",
    "row"."step_2.v16" as "step_2.v16",
    (("row"."p.weight")::text collate "default") is not null and "row"."step_2.v6" is null and ('en' is null and "row"."step_1.v5" is not null and (("row"."p.weight")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "step_3.v17",
    not (abs("row"."step_2.v6") < '99999999999999.9995'::numeric) as "step_3.v18",
    ("row"."step_1.v5" <> btrim((("row"."p.weight")::text collate "default"))) and abs("row"."step_2.v6") < '99999999999999.9995'::numeric as "step_3.v19",
    "row"."step_2.v6" <> round("row"."step_2.v6", 3) and abs("row"."step_2.v6") < '99999999999999.9995'::numeric as "step_3.v20",
    "row"."step_2.v9" > timestamp with time zone '2025-06-01T00:00:00.000Z' as "step_3.v21",
    "row"."step_1.v22" as "step_1.v22",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "row"."p.title" as "p.title",
    "row"."p.price" as "p.price",
    case when abs("row"."step_2.v6") < '99999999999999.9995'::numeric then round("row"."step_2.v6", 3) end as "step_3.v23",
    "row"."step_2.v24" as "step_2.v24",
    "row"."step_2.v9" as "step_2.v9",
    "row"."step_1.v7" as "step_1.v7",
    "row"."p.created_at" as "p.created_at",
    "row"."step_1.v8" as "step_1.v8",
    "row"."p.updated_at" as "p.updated_at",
    "row"."p.ctid" as "p.ctid",
    "row"."p.currency" as "p.currency",
    "row"."p.weight" as "p.weight"
  from (
  select
    not "row"."step_1.v7" and not isfinite("row"."p.created_at") or not "row"."step_1.v7" and isfinite("row"."p.created_at") or not "row"."step_1.v8" and not isfinite("row"."p.updated_at") or not "row"."step_1.v8" and isfinite("row"."p.updated_at") as "step_2.v25",
    "row"."step_1.v10" as "step_1.v10",
    "row"."step_1.v11" as "step_1.v11",
    "row"."step_1.v12" as "step_1.v12",
    "row"."p.currency" as "p.currency",
    case "row"."step_1.v2" when 'eur' then 'EUR' when 'usd' then 'USD' end as "step_2.v3",
    ('en' is null and "row"."step_1.v5" is not null and (("row"."p.weight")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "step_2.v16",
    "row"."p.weight" as "p.weight",
    case when ('en' is null and "row"."step_1.v5" is not null and (("row"."p.weight")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v5"::numeric end as "step_2.v6",
    "row"."step_1.v5" as "step_1.v5",
    case when "row"."step_1.v8" then ("row"."p.updated_at") at time zone interval '0' end as "step_2.v9",
    "row"."step_1.v22" as "step_1.v22",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "row"."p.title" as "p.title",
    "row"."p.price" as "p.price",
    case when "row"."step_1.v7" then ("row"."p.created_at") at time zone interval '0' end as "step_2.v24",
    "row"."step_1.v7" as "step_1.v7",
    "row"."p.created_at" as "p.created_at",
    "row"."step_1.v8" as "step_1.v8",
    "row"."p.updated_at" as "p.updated_at",
    "row"."p.ctid" as "p.ctid"
  from (
  select
    "p"."created_at" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "step_1.v7",
    "p"."created_at" as "p.created_at",
    "p"."updated_at" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "step_1.v8",
    "p"."updated_at" as "p.updated_at",
    "p"."title" = upper("p"."title") as "step_1.v10",
    "p"."price" is null as "step_1.v11",
    coalesce("p"."price", '0') < 0 as "step_1.v12",
    "p"."currency" as "p.currency",
    replace(replace(lower(btrim(("p"."currency")::text, U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C"), ' ', '_'), '-', '_') as "step_1.v2",
    case
      when (("p"."weight")::text collate "default") is null then null
      when length((("p"."weight")::text collate "default")) <= 30 and (("p"."weight")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("p"."weight")::text collate "default")
      when length((("p"."weight")::text collate "default")) <= 30 and (("p"."weight")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("p"."weight")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("p"."weight")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("p"."weight")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("p"."weight")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("p"."weight")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("p"."weight")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v5",
    "p"."weight" as "p.weight",
    "p"."created_at" > "p"."updated_at" as "step_1.v22",
    ("p"."id")::text as "step_1.v1",
    "p"."id" as "p.id",
    "p"."title" as "p.title",
    "p"."price" as "p.price",
    "p"."ctid" as "p.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'title' then ("fix"."patch" ->> 'title')::text else "t"."title" end as "title",
      case when "fix"."patch" ? 'price' then ("fix"."patch" ->> 'price')::numeric else "t"."price" end as "price",
      case when "fix"."patch" ? 'currency' then ("fix"."patch" ->> 'currency')::text else "t"."currency" end as "currency",
      case when "fix"."patch" ? 'weight' then ("fix"."patch" ->> 'weight')::text else "t"."weight" end as "weight",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::timestamp else "t"."created_at" end as "created_at",
      case when "fix"."patch" ? 'updated_at' then ("fix"."patch" ->> 'updated_at')::timestamp else "t"."updated_at" end as "updated_at"
    from "legacy"."products" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.products' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  where "p"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'products' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_products" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."products" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."title") is distinct from ("s"."title") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."price") is distinct from ("s"."price") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."currency") is distinct from ("s"."currency") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."weight") is distinct from ("s"."weight") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."created_at") is distinct from ("s"."created_at") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."updated_at") is distinct from ("s"."updated_at"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_products" ("id", "title", "price", "currency", "weight", "origin", "created_at", "updated_at", "drover_version")
  select "id", "title", "price", "currency", "weight", "origin", "created_at", "updated_at", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."products" as t
  set "title" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."title" else "t"."title" end,
    "price" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."price" else "t"."price" end,
    "currency" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."currency" else "t"."currency" end,
    "weight" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."weight" else "t"."weight" end,
    "created_at" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."created_at" else "t"."created_at" end,
    "updated_at" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."updated_at" else "t"."updated_at" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'products', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('title', array['*']), ('price', array['*']), ('currency', array['*']), ('weight', array['*']), ('created_at', array['*']), ('updated_at', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'products' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'products' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'products', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'shouting', 'title'), (2, 'no-price', 'price'), (3, 'negative', 'price'), (4, 'unknown-currency', 'currency'), (5, 'alias', 'currency'), (6, 'no-currency', 'currency'), (7, 'ambiguous-number', 'weight'), (8, 'no-weight', 'weight'), (9, 'no-weight', 'weight'), (10, 'number-format', 'weight'), (11, 'rounded', 'weight'), (12, 'future-timestamp', 'updated_at')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
), notes as (
  insert into drover.note (run_id, mapping, source_key, code, column_name)
  select $1::bigint, 'products', "s"."_key", guard.code, guard.column_name
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (13, 'created-after-updated', 'updated_at')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
