-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.shops (1), app.sales (2).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."sales" as t offset '0') as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."shops" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."sales" drop constraint "sales_shop_id_fkey";
alter table "app"."sales" drop constraint "sales_pkey";
alter table "app"."shops" drop constraint "shops_pkey";
commit;

-- =================================================================================================
-- 1. shops: legacy.shops → app.shops
-- =================================================================================================
-- shops: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_shops" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" uuid
);
-- source rows
select count(*) as n from "legacy"."shops";
-- target rows before
select count(*) as n from "app"."shops";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."shops" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."shops")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'shops', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- shops: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."shops" as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::text))
), s as materialized (
  select
    'loaded' as "_disposition",
    ("row"."s.id")::text as "_key",
    ("row"."step_1.v1")::uuid as "id",
    ("row"."s.city")::text as "city"
  from (
  select
    "s"."id" as "s.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("s"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v1",
    "s"."city" as "s.city"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city"
    from "legacy"."shops" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.shops' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::text))
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."shops" ("id", "city")
  select "id", "city"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_shops" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (select where false)
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = (select count(*) from loaded),
  quarantined = (select count(*) from quarantined),
  "merged" = 0,
  "matched" = 0,
  "excluded" = 0,
  finished_at = clock_timestamp()
where run_id = $1::bigint and mapping = 'shops' and number = $2::bigint;
commit;

-- shops: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("s"."id")::text] as bound, row_number() over (order by "s"."id") as position, count(*) as rows
  from "legacy"."shops" as "s"
    where ($1::text[] is null or ("s"."id") >= (($1::text[])[1]::text)) and ($2::text[] is null or ("s"."id") < (($2::text[])[1]::text)) and "s"."id" is not null
  group by "s"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- shops: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."shops" as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::text))
), s as materialized (
  select ("s"."id")::text as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."shops" as original
      where original.ctid = "s"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city"
    from "legacy"."shops" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.shops' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::text))
), walked as (
  insert into "drover"."crosswalk_shops" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'shops', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'shops' and number = $2::bigint
returning quarantined;
commit;

-- shops: the key of the crosswalk
begin;
alter table "drover"."crosswalk_shops" add primary key (source_key);
analyze "drover"."crosswalk_shops";
commit;

-- shops: the statistics of the target
begin;
analyze "app"."shops";
commit;

-- shops_pkey
begin;
CREATE UNIQUE INDEX shops_pkey ON app.shops USING btree (id);
commit;

-- shops: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."shops";
-- target rows after
select count(*) as n from "app"."shops";
commit;

-- =================================================================================================
-- 2. sales: legacy.sales → app.sales
-- begins when shops is done
-- =================================================================================================
-- sales: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_sales" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" uuid
);
-- source rows
select count(*) as n from "legacy"."sales";
-- target rows before
select count(*) as n from "app"."sales";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."sales" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."sales")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'sales', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- sales: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."sales" as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::text))
), s as materialized (
  select
    case when "row"."step_4.v8" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_3.v5" or "row"."step_3.v6" then array[case when "row"."step_3.v5" then 1 end, case when "row"."step_3.v6" then 2 end] end as "_logged",
    ("row"."s.id")::text as "_key",
    ("row"."step_1.v7")::uuid as "id",
    ("row"."ref_1.id")::uuid as "shop_id",
    ("row"."step_3.v4")::numeric as "amount",
    ("row"."s.sold_on")::date as "sold_on",
    case when "row"."step_4.v8" then array_remove(array[case when ("row"."ref_1.source_key" is not null and "row"."ref_1.id" is null) then 1 end, case when ("row"."s.shop")::text is not null and "row"."ref_1.source_key" is null then 2 end, case when "row"."ref_1.id" is null then 3 end, case when ('en' is null and "row"."step_1.v2" is not null and (("row"."s.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 4 end, case when (("row"."s.amount")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."s.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 5 end, case when not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) then 6 end, case when "row"."step_3.v4" is null then 7 end], null) end as "_reasons",
    "row"."s.ctid" as "_place",
    case when "row"."step_3.v5" or "row"."step_3.v6" then array[("row"."s.amount")::text, ("row"."s.amount")::text]::text[] end as "_originals"
  from (
  select
    ("row"."ref_1.source_key" is not null and "row"."ref_1.id" is null) or ("row"."s.shop")::text is not null and "row"."ref_1.source_key" is null or "row"."ref_1.id" is null or ('en' is null and "row"."step_1.v2" is not null and (("row"."s.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."s.amount")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."s.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) or "row"."step_3.v4" is null as "step_4.v8",
    "row"."step_3.v5" as "step_3.v5",
    "row"."step_3.v6" as "step_3.v6",
    "row"."s.id" as "s.id",
    "row"."step_1.v7" as "step_1.v7",
    "row"."ref_1.id" as "ref_1.id",
    "row"."step_3.v4" as "step_3.v4",
    "row"."s.sold_on" as "s.sold_on",
    "row"."ref_1.source_key" as "ref_1.source_key",
    "row"."s.shop" as "s.shop",
    "row"."step_1.v2" as "step_1.v2",
    "row"."s.amount" as "s.amount",
    "row"."step_2.v3" as "step_2.v3",
    "row"."s.ctid" as "s.ctid"
  from (
  select
    "row"."ref_1.source_key" as "ref_1.source_key",
    "row"."ref_1.id" as "ref_1.id",
    "row"."s.shop" as "s.shop",
    "row"."step_1.v2" as "step_1.v2",
    "row"."s.amount" as "s.amount",
    "row"."step_2.v3" as "step_2.v3",
    case when abs("row"."step_2.v3") < '99999999999999.995'::numeric then round("row"."step_2.v3", 2) end as "step_3.v4",
    ("row"."step_1.v2" <> btrim((("row"."s.amount")::text collate "default"))) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v5",
    "row"."step_2.v3" <> round("row"."step_2.v3", 2) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v6",
    "row"."s.id" as "s.id",
    "row"."step_1.v7" as "step_1.v7",
    "row"."s.sold_on" as "s.sold_on",
    "row"."s.ctid" as "s.ctid"
  from (
  select
    "ref_1"."source_key" as "ref_1.source_key",
    "ref_1"."id" as "ref_1.id",
    "row"."s.shop" as "s.shop",
    "row"."step_1.v2" as "step_1.v2",
    "row"."s.amount" as "s.amount",
    case when ('en' is null and "row"."step_1.v2" is not null and (("row"."s.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v2"::numeric end as "step_2.v3",
    "row"."s.id" as "s.id",
    "row"."step_1.v7" as "step_1.v7",
    "row"."s.sold_on" as "s.sold_on",
    "row"."s.ctid" as "s.ctid"
  from (
  select
    "s"."shop" as "s.shop",
    case
      when (("s"."amount")::text collate "default") is null then null
      when length((("s"."amount")::text collate "default")) <= 30 and (("s"."amount")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("s"."amount")::text collate "default")
      when length((("s"."amount")::text collate "default")) <= 30 and (("s"."amount")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("s"."amount")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("s"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("s"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("s"."amount")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("s"."amount")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("s"."amount")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v2",
    "s"."amount" as "s.amount",
    "s"."id" as "s.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("s"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v7",
    "s"."sold_on" as "s.sold_on",
    "s"."ctid" as "s.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'shop' then ("fix"."patch" ->> 'shop')::text else "t"."shop" end as "shop",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'sold_on' then ("fix"."patch" ->> 'sold_on')::date else "t"."sold_on" end as "sold_on"
    from "legacy"."sales" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.sales' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::text))
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_shops" as "ref_1" on "ref_1"."source_key" = ("row"."s.shop")::text collate "C"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."sales" ("id", "shop_id", "amount", "sold_on")
  select "id", "shop_id", "amount", "sold_on"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_sales" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'sales', "s"."_key", $2::bigint,
    (array['waiting', 'orphan', 'no-shop', 'ambiguous-number', 'not-an-amount', 'not-an-amount', 'no-amount'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'shop_id'), (2, 'orphan', 'shop_id'), (3, 'no-shop', 'shop_id'), (4, 'ambiguous-number', 'amount'), (5, 'not-an-amount', 'amount'), (6, 'not-an-amount', 'amount'), (7, 'no-amount', 'amount')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."sales" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'sales', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'amount'), (2, 'rounded', 'amount')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'sales' and number = $2::bigint;
commit;

-- sales: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("s"."id")::text] as bound, row_number() over (order by "s"."id") as position, count(*) as rows
  from "legacy"."sales" as "s"
    where ($1::text[] is null or ("s"."id") >= (($1::text[])[1]::text)) and ($2::text[] is null or ("s"."id") < (($2::text[])[1]::text)) and "s"."id" is not null
  group by "s"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- sales: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."sales" as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::text))
), s as materialized (
  select ("s"."id")::text as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."sales" as original
      where original.ctid = "s"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'shop' then ("fix"."patch" ->> 'shop')::text else "t"."shop" end as "shop",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'sold_on' then ("fix"."patch" ->> 'sold_on')::date else "t"."sold_on" end as "sold_on"
    from "legacy"."sales" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.sales' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::text))
), walked as (
  insert into "drover"."crosswalk_sales" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'sales', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'sales' and number = $2::bigint
returning quarantined;
commit;

-- sales: the key of the crosswalk
begin;
alter table "drover"."crosswalk_sales" add primary key (source_key);
analyze "drover"."crosswalk_sales";
commit;

-- sales: the statistics of the target
begin;
analyze "app"."sales";
commit;

-- sales_pkey
begin;
CREATE UNIQUE INDEX sales_pkey ON app.sales USING btree (id);
commit;

-- sales: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."sales";
-- target rows after
select count(*) as n from "app"."sales";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."shops" add constraint "shops_pkey" primary key using index "shops_pkey";
alter table "app"."sales" add constraint "sales_pkey" primary key using index "sales_pkey";
commit;

-- =================================================================================================
-- Foreign keys, when every mapping is closed. Each statement is a transaction.
-- =================================================================================================
-- foreign keys
begin;
alter table "app"."sales" add constraint "sales_shop_id_fkey" FOREIGN KEY (shop_id) REFERENCES app.shops(id) not valid;
alter table "app"."sales" validate constraint "sales_shop_id_fkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."sales" as t offset '0') as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."shops" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- shops: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'shops', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city"
    from "legacy"."shops" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.shops' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  join "drover"."crosswalk_shops" as walked on walked.source_key = ("s"."id")::text collate "C"
  where walked.disposition <> 'quarantined' and ((("s"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.shops')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    ("row"."s.id")::text as "_key",
    ("row"."step_1.v1")::uuid as "id",
    ("row"."s.city")::text as "city"
  from (
  select
    "s"."id" as "s.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("s"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v1",
    "s"."city" as "s.city"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city"
    from "legacy"."shops" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.shops' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where "s"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'shops' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_shops" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."shops" ("id", "city")
  select "id", "city"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_shops" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'shops' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'shops' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'shops' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'shops', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'shops', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_shops" (like "app"."shops", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    'loaded' as "_disposition",
    ("row"."s.id")::text as "_key",
    ("row"."step_1.v1")::uuid as "id",
    ("row"."s.city")::text as "city"
  from (
  select
    "s"."id" as "s.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("s"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v1",
    "s"."city" as "s.city"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city"
    from "legacy"."shops" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.shops' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where "s"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'shops' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_shops" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."shops" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."city") is distinct from ("s"."city"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_shops" ("id", "city", "drover_version")
  select "id", "city", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."shops" as t
  set "city" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."city" else "t"."city" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'shops', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('city', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'shops' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'shops' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;

-- sales: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'sales', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'shop' then ("fix"."patch" ->> 'shop')::text else "t"."shop" end as "shop",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'sold_on' then ("fix"."patch" ->> 'sold_on')::date else "t"."sold_on" end as "sold_on"
    from "legacy"."sales" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.sales' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  join "drover"."crosswalk_sales" as walked on walked.source_key = ("s"."id")::text collate "C"
  where walked.disposition <> 'quarantined' and ((("s"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.sales')))) as found
on conflict do nothing;
-- rows that refer to moved rows of shops
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'sales', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'shop' then ("fix"."patch" ->> 'shop')::text else "t"."shop" end as "shop",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'sold_on' then ("fix"."patch" ->> 'sold_on')::date else "t"."sold_on" end as "sold_on"
    from "legacy"."sales" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.sales' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  join "drover"."crosswalk_sales" as walked on walked.source_key = ("s"."id")::text collate "C"
  where ((("s"."shop")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'shops' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'sales' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of shops
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'shop' then ("fix"."patch" ->> 'shop')::text else "t"."shop" end as "shop",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'sold_on' then ("fix"."patch" ->> 'sold_on')::date else "t"."sold_on" end as "sold_on"
    from "legacy"."sales" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.sales' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  join "drover"."crosswalk_sales" as walked on walked.source_key = ("s"."id")::text collate "C"
  where ((("s"."shop")::text) collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'sales' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_4.v8" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_3.v5" or "row"."step_3.v6" then array[case when "row"."step_3.v5" then 1 end, case when "row"."step_3.v6" then 2 end] end as "_logged",
    ("row"."s.id")::text as "_key",
    ("row"."step_1.v7")::uuid as "id",
    ("row"."ref_1.id")::uuid as "shop_id",
    ("row"."step_3.v4")::numeric as "amount",
    ("row"."s.sold_on")::date as "sold_on",
    case when "row"."step_4.v8" then array_remove(array[case when ("row"."ref_1.source_key" is not null and "row"."ref_1.id" is null) then 1 end, case when ("row"."s.shop")::text is not null and "row"."ref_1.source_key" is null then 2 end, case when "row"."ref_1.id" is null then 3 end, case when ('en' is null and "row"."step_1.v2" is not null and (("row"."s.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 4 end, case when (("row"."s.amount")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."s.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 5 end, case when not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) then 6 end, case when "row"."step_3.v4" is null then 7 end], null) end as "_reasons",
    "row"."s.ctid" as "_place",
    case when "row"."step_3.v5" or "row"."step_3.v6" then array[("row"."s.amount")::text, ("row"."s.amount")::text]::text[] end as "_originals"
  from (
  select
    ("row"."ref_1.source_key" is not null and "row"."ref_1.id" is null) or ("row"."s.shop")::text is not null and "row"."ref_1.source_key" is null or "row"."ref_1.id" is null or ('en' is null and "row"."step_1.v2" is not null and (("row"."s.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."s.amount")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."s.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) or "row"."step_3.v4" is null as "step_4.v8",
    "row"."step_3.v5" as "step_3.v5",
    "row"."step_3.v6" as "step_3.v6",
    "row"."s.id" as "s.id",
    "row"."step_1.v7" as "step_1.v7",
    "row"."ref_1.id" as "ref_1.id",
    "row"."step_3.v4" as "step_3.v4",
    "row"."s.sold_on" as "s.sold_on",
    "row"."ref_1.source_key" as "ref_1.source_key",
    "row"."s.shop" as "s.shop",
    "row"."step_1.v2" as "step_1.v2",
    "row"."s.amount" as "s.amount",
    "row"."step_2.v3" as "step_2.v3",
    "row"."s.ctid" as "s.ctid"
  from (
  select
    "row"."ref_1.source_key" as "ref_1.source_key",
    "row"."ref_1.id" as "ref_1.id",
    "row"."s.shop" as "s.shop",
    "row"."step_1.v2" as "step_1.v2",
    "row"."s.amount" as "s.amount",
    "row"."step_2.v3" as "step_2.v3",
    case when abs("row"."step_2.v3") < '99999999999999.995'::numeric then round("row"."step_2.v3", 2) end as "step_3.v4",
    ("row"."step_1.v2" <> btrim((("row"."s.amount")::text collate "default"))) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v5",
    "row"."step_2.v3" <> round("row"."step_2.v3", 2) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v6",
    "row"."s.id" as "s.id",
    "row"."step_1.v7" as "step_1.v7",
    "row"."s.sold_on" as "s.sold_on",
    "row"."s.ctid" as "s.ctid"
  from (
  select
    "ref_1"."source_key" as "ref_1.source_key",
    "ref_1"."id" as "ref_1.id",
    "row"."s.shop" as "s.shop",
    "row"."step_1.v2" as "step_1.v2",
    "row"."s.amount" as "s.amount",
    case when ('en' is null and "row"."step_1.v2" is not null and (("row"."s.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v2"::numeric end as "step_2.v3",
    "row"."s.id" as "s.id",
    "row"."step_1.v7" as "step_1.v7",
    "row"."s.sold_on" as "s.sold_on",
    "row"."s.ctid" as "s.ctid"
  from (
  select
    "s"."shop" as "s.shop",
    case
      when (("s"."amount")::text collate "default") is null then null
      when length((("s"."amount")::text collate "default")) <= 30 and (("s"."amount")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("s"."amount")::text collate "default")
      when length((("s"."amount")::text collate "default")) <= 30 and (("s"."amount")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("s"."amount")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("s"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("s"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("s"."amount")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("s"."amount")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("s"."amount")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v2",
    "s"."amount" as "s.amount",
    "s"."id" as "s.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("s"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v7",
    "s"."sold_on" as "s.sold_on",
    "s"."ctid" as "s.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'shop' then ("fix"."patch" ->> 'shop')::text else "t"."shop" end as "shop",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'sold_on' then ("fix"."patch" ->> 'sold_on')::date else "t"."sold_on" end as "sold_on"
    from "legacy"."sales" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.sales' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where "s"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'sales' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_shops" as "ref_1" on "ref_1"."source_key" = ("row"."s.shop")::text collate "C"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_sales" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."sales" ("id", "shop_id", "amount", "sold_on")
  select "id", "shop_id", "amount", "sold_on"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_sales" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'sales', "s"."_key", $2::bigint,
    (array['waiting', 'orphan', 'no-shop', 'ambiguous-number', 'not-an-amount', 'not-an-amount', 'no-amount'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'shop_id'), (2, 'orphan', 'shop_id'), (3, 'no-shop', 'shop_id'), (4, 'ambiguous-number', 'amount'), (5, 'not-an-amount', 'amount'), (6, 'not-an-amount', 'amount'), (7, 'no-amount', 'amount')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."sales" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'sales' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'sales' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'sales' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'sales', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'amount'), (2, 'rounded', 'amount')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'sales', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'sales', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_sales" (like "app"."sales", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_4.v8" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_3.v5" or "row"."step_3.v6" then array[case when "row"."step_3.v5" then 1 end, case when "row"."step_3.v6" then 2 end] end as "_logged",
    ("row"."s.id")::text as "_key",
    ("row"."step_1.v7")::uuid as "id",
    ("row"."ref_1.id")::uuid as "shop_id",
    ("row"."step_3.v4")::numeric as "amount",
    ("row"."s.sold_on")::date as "sold_on",
    case when "row"."step_4.v8" then array_remove(array[case when ("row"."ref_1.source_key" is not null and "row"."ref_1.id" is null) then 1 end, case when ("row"."s.shop")::text is not null and "row"."ref_1.source_key" is null then 2 end, case when "row"."ref_1.id" is null then 3 end, case when ('en' is null and "row"."step_1.v2" is not null and (("row"."s.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 4 end, case when (("row"."s.amount")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."s.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 5 end, case when not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) then 6 end, case when "row"."step_3.v4" is null then 7 end], null) end as "_reasons",
    case when "row"."step_3.v5" or "row"."step_3.v6" then array[("row"."s.amount")::text, ("row"."s.amount")::text]::text[] end as "_originals"
  from (
  select
    ("row"."ref_1.source_key" is not null and "row"."ref_1.id" is null) or ("row"."s.shop")::text is not null and "row"."ref_1.source_key" is null or "row"."ref_1.id" is null or ('en' is null and "row"."step_1.v2" is not null and (("row"."s.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."s.amount")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."s.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) or "row"."step_3.v4" is null as "step_4.v8",
    "row"."step_3.v5" as "step_3.v5",
    "row"."step_3.v6" as "step_3.v6",
    "row"."s.id" as "s.id",
    "row"."step_1.v7" as "step_1.v7",
    "row"."ref_1.id" as "ref_1.id",
    "row"."step_3.v4" as "step_3.v4",
    "row"."s.sold_on" as "s.sold_on",
    "row"."ref_1.source_key" as "ref_1.source_key",
    "row"."s.shop" as "s.shop",
    "row"."step_1.v2" as "step_1.v2",
    "row"."s.amount" as "s.amount",
    "row"."step_2.v3" as "step_2.v3",
    "row"."s.ctid" as "s.ctid"
  from (
  select
    "row"."ref_1.source_key" as "ref_1.source_key",
    "row"."ref_1.id" as "ref_1.id",
    "row"."s.shop" as "s.shop",
    "row"."step_1.v2" as "step_1.v2",
    "row"."s.amount" as "s.amount",
    "row"."step_2.v3" as "step_2.v3",
    case when abs("row"."step_2.v3") < '99999999999999.995'::numeric then round("row"."step_2.v3", 2) end as "step_3.v4",
    ("row"."step_1.v2" <> btrim((("row"."s.amount")::text collate "default"))) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v5",
    "row"."step_2.v3" <> round("row"."step_2.v3", 2) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v6",
    "row"."s.id" as "s.id",
    "row"."step_1.v7" as "step_1.v7",
    "row"."s.sold_on" as "s.sold_on",
    "row"."s.ctid" as "s.ctid"
  from (
  select
    "ref_1"."source_key" as "ref_1.source_key",
    "ref_1"."id" as "ref_1.id",
    "row"."s.shop" as "s.shop",
    "row"."step_1.v2" as "step_1.v2",
    "row"."s.amount" as "s.amount",
    case when ('en' is null and "row"."step_1.v2" is not null and (("row"."s.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v2"::numeric end as "step_2.v3",
    "row"."s.id" as "s.id",
    "row"."step_1.v7" as "step_1.v7",
    "row"."s.sold_on" as "s.sold_on",
    "row"."s.ctid" as "s.ctid"
  from (
  select
    "s"."shop" as "s.shop",
    case
      when (("s"."amount")::text collate "default") is null then null
      when length((("s"."amount")::text collate "default")) <= 30 and (("s"."amount")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("s"."amount")::text collate "default")
      when length((("s"."amount")::text collate "default")) <= 30 and (("s"."amount")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("s"."amount")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("s"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("s"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("s"."amount")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("s"."amount")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("s"."amount")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v2",
    "s"."amount" as "s.amount",
    "s"."id" as "s.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("s"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v7",
    "s"."sold_on" as "s.sold_on",
    "s"."ctid" as "s.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'shop' then ("fix"."patch" ->> 'shop')::text else "t"."shop" end as "shop",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'sold_on' then ("fix"."patch" ->> 'sold_on')::date else "t"."sold_on" end as "sold_on"
    from "legacy"."sales" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.sales' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where "s"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'sales' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_shops" as "ref_1" on "ref_1"."source_key" = ("row"."s.shop")::text collate "C"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_sales" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."sales" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'shops'] and s._stands = 'loaded') and ("existing"."shop_id") is distinct from ("s"."shop_id") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."amount") is distinct from ("s"."amount") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."sold_on") is distinct from ("s"."sold_on"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_sales" ("id", "shop_id", "amount", "sold_on", "drover_version")
  select "id", "shop_id", "amount", "sold_on", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."sales" as t
  set "shop_id" = case when ($2::text[] && array['*', 'shops'] and s._stands = 'loaded') then "s"."shop_id" else "t"."shop_id" end,
    "amount" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."amount" else "t"."amount" end,
    "sold_on" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."sold_on" else "t"."sold_on" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'sales', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('shop_id', array['*', 'shops']), ('amount', array['*']), ('sold_on', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'sales' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'sales' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'sales', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'amount'), (2, 'rounded', 'amount')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;

-- =================================================================================================
-- What the migration declares, and `drover verify` asks of the loaded run besides its own checks: read-only, each in
-- a transaction with the run in the setting drover.run.
-- =================================================================================================
-- verify: assertion every sale is paid for
begin;
-- the rows that break the rule
select count(*) over () as n,
  json_object(array['id']::text[], array["found"."id"::text]::text[]) as key,
  json_object(array['amount']::text[], array[regexp_replace(regexp_replace(left(("found"."amount")::text collate "C", 40), '[0-9]', '9', 'g'), '[A-Za-z]|[^ -~]', 'a', 'g')]::text[]) as masked
from (select "s"."id", "s"."amount" from "app"."sales" as "s" where "s"."amount" <= 0) as found
order by "found"."id"::text collate "C"
limit 5;
commit;

-- verify: assertion hardly any amount is set aside, and none is corrected
begin;
-- the rows that break the rule
select count(*) over () as n,
  json_object(array['sale']::text[], array["found"."sale"::text]::text[]) as key,
  json_object(array['code']::text[], array[regexp_replace(regexp_replace(left(("found"."code")::text collate "C", 40), '[0-9]', '9', 'g'), '[A-Za-z]|[^ -~]', 'a', 'g')]::text[]) as masked
from (select "q"."source_key" as "sale", "q"."code" from (
    select "source_key", "code", accepted_at is not null as accepted
    from "drover"."quarantine"
    where run_id = pg_catalog.current_setting('drover.run')::pg_catalog.int8 and mapping = 'sales'
  ) as "q" where "q"."code" <> 'not-an-amount' union all select "c"."source_key" as "sale", "c"."code" from (
    select "source_key", "column_name", "code", "original"
    from "drover"."correction"
    where run_id = pg_catalog.current_setting('drover.run')::pg_catalog.int8 and mapping = 'sales'
  ) as "c") as found
order by "found"."sale"::text collate "C"
limit 5;
-- the rows that a percentage is taken of
select count(*) as n
from (select "s"."id" from (
    select "t"."id",
      case when "fix"."patch" ? 'shop' then ("fix"."patch" ->> 'shop')::text else "t"."shop" end as "shop",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'sold_on' then ("fix"."patch" ->> 'sold_on')::date else "t"."sold_on" end as "sold_on"
    from "legacy"."sales" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.sales' and fix.row_key = ((("t"."id")::text)) collate "C"
  ) as "s") as counted;
commit;

-- verify: parity what each shop takes each month
begin;
-- the rows that differ
with answer as (
  select 1 as side, "source"."shop" as "k1", "source"."month" as "k2", "source"."taken" as "v1"
  from (select "x"."id" as "shop", date_trunc('month', s.sold_on) as "month", sum(s.amount::numeric) as "taken" from (
    select "t"."id",
      case when "fix"."patch" ? 'shop' then ("fix"."patch" ->> 'shop')::text else "t"."shop" end as "shop",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'sold_on' then ("fix"."patch" ->> 'sold_on')::date else "t"."sold_on" end as "sold_on"
    from "legacy"."sales" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.sales' and fix.row_key = ((("t"."id")::text)) collate "C"
  ) as "s" inner join (select source_key, disposition, "id" as id from "drover"."crosswalk_shops") as "x" on "x"."source_key" = "s"."shop" where "s"."amount" <> 'unknown' group by "x"."id", date_trunc('month', s.sold_on)) as source
  union all
  select 2, "target"."shop", "target"."month", "target"."taken"
  from (select "s"."shop_id" as "shop", date_trunc('month', s.sold_on) as "month", sum(s.amount) as "taken" from "app"."sales" as "s" group by "s"."shop_id", date_trunc('month', s.sold_on)) as target
), paired as (
  select "k1", "k2", "v1",
    lead("v1") over in_order as "w1",
    row_number() over in_order as place,
    count(*) filter (where side = 1) over of_key as source_rows,
    count(*) filter (where side = 2) over of_key as target_rows,
    min(side) filter (where side > 2) over of_key - 2 as explained
  from answer
  window of_key as (partition by "k1", "k2"), in_order as (partition by "k1", "k2" order by side)
), judged as (
  select *,
    case
      when source_rows > 1 then 'twice in the source'
      when target_rows > 1 then 'twice in the target'
      when target_rows = 0 then 'only in the source'
      when source_rows = 0 then 'only in the target'
    end as fault,
    case when source_rows = 1 and target_rows = 1 then array_remove(array[
      case when "v1" is distinct from "w1" then case when coalesce(abs("v1" - "w1") > 0.01, true) then 'taken' end end
    ]::text[], null) else '{}' end as columns
  from paired
  where place = 1 and source_rows + target_rows > 0
), total as (
  select coalesce(sum(source_rows), 0)::int8 as source_rows,
    coalesce(sum(target_rows), 0)::int8 as target_rows,
    count(*) filter (where (fault is not null or cardinality(columns) > 0) and explained is null) as n,
    array[]::text[] as explained
  from judged
), lowest as (
  select row_number() over (order by "k1"::text collate "C", "k2"::text collate "C") as place,
    json_object(array['shop', 'month']::text[], array["k1"::text, "k2"::text]::text[]) as key,
    case when source_rows > 0 then json_object(array['taken']::text[], array[regexp_replace(regexp_replace(left(("v1")::text collate "C", 40), '[0-9]', '9', 'g'), '[A-Za-z]|[^ -~]', 'a', 'g')]::text[]) end as source,
    case when source_rows = 0 then json_object(array['taken']::text[], array[regexp_replace(regexp_replace(left(("v1")::text collate "C", 40), '[0-9]', '9', 'g'), '[A-Za-z]|[^ -~]', 'a', 'g')]::text[]) when source_rows = 1 and target_rows > 0 then json_object(array['taken']::text[], array[regexp_replace(regexp_replace(left(("w1")::text collate "C", 40), '[0-9]', '9', 'g'), '[A-Za-z]|[^ -~]', 'a', 'g')]::text[]) end as target,
    fault,
    columns
  from judged
  where (fault is not null or cardinality(columns) > 0) and explained is null
  order by place
  limit 5
)
select total.source_rows, total.target_rows, total.n, total.explained,
  lowest.key, lowest.source, lowest.target, lowest.fault, lowest.columns
from total
left join lowest on true
order by lowest.place;
commit;

-- verify: parity the cities
begin;
-- the rows that differ
with answer as (
  select 1 as side, "source"."city" as "c1"
  from (select "s"."city" from (
    select "t"."id",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city"
    from "legacy"."shops" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.shops' and fix.row_key = ((("t"."id")::text)) collate "C"
  ) as "s") as source
  union all
  select 2, "target"."city"
  from (select "s"."city" from "app"."shops" as "s") as target
), counted as (
  select "c1",
    count(*) filter (where side = 1) as source_rows,
    count(*) filter (where side = 2) as target_rows
  from answer
  group by "c1"
), total as (
  select coalesce(sum(source_rows), 0)::int8 as source_rows,
    coalesce(sum(target_rows), 0)::int8 as target_rows,
    coalesce(sum(abs(source_rows - target_rows)), 0)::int8 as n
  from counted
), lowest as (
  select row_number() over (order by "c1"::text collate "C") as place,
    case
      when target_rows = 0 then 'only in the source'
      when source_rows = 0 then 'only in the target'
      else source_rows || ' in the source, ' || target_rows || ' in the target'
    end as fault,
    case when source_rows > 0 then json_object(array['city']::text[], array[regexp_replace(regexp_replace(left(("c1")::text collate "C", 40), '[0-9]', '9', 'g'), '[A-Za-z]|[^ -~]', 'a', 'g')]::text[]) end as source,
    case when target_rows > 0 then json_object(array['city']::text[], array[regexp_replace(regexp_replace(left(("c1")::text collate "C", 40), '[0-9]', '9', 'g'), '[A-Za-z]|[^ -~]', 'a', 'g')]::text[]) end as target
  from counted
  where source_rows <> target_rows
  order by place
  limit 5
)
select total.source_rows, total.target_rows, total.n, '{}'::text[] as explained,
  '{}'::json as key, lowest.source, lowest.target, lowest.fault, '{}'::text[] as columns
from total
left join lowest on true
order by lowest.place;
commit;
