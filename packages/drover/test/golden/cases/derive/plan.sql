-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.orders (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."orders" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."orders" drop constraint "orders_pkey";
commit;

-- =================================================================================================
-- 1. orders: legacy.orders → app.orders
-- =================================================================================================
-- orders: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_orders" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."orders";
-- target rows before
select count(*) as n from "app"."orders";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."orders" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."orders")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'orders', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- orders: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."orders" as "o"
  where ($3::text[] is null or ("o"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("o"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_3.v9" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_3.v5" or "row"."step_3.v6" then array[case when "row"."step_3.v5" then 1 end, case when "row"."step_3.v6" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."o.id")::int4 as "id",
    ("row"."o.customer")::text as "customer",
    ("row"."step_2.v7")::date as "day",
    ("row"."step_3.v8")::numeric as "total",
    case when "row"."step_3.v9" then array_remove(array[case when not "row"."step_1.v2" and not isfinite("row"."o.ordered_at") then 1 end, case when not "row"."step_1.v2" and isfinite("row"."o.ordered_at") then 2 end, case when ('en' is null and "row"."step_1.v3" is not null and (("row"."o.total")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 3 end, case when (("row"."o.total")::text collate "default") is not null and "row"."step_2.v4" is null and ('en' is null and "row"."step_1.v3" is not null and (("row"."o.total")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 4 end, case when not (abs("row"."step_2.v4") < '99999999999999.995'::numeric) then 5 end], null) end as "_reasons",
    "row"."o.ctid" as "_place",
    case when "row"."step_3.v5" or "row"."step_3.v6" then array[("row"."o.total")::text, ("row"."o.total")::text]::text[] end as "_originals"
  from (
  select
    not "row"."step_1.v2" and not isfinite("row"."o.ordered_at") or not "row"."step_1.v2" and isfinite("row"."o.ordered_at") or ('en' is null and "row"."step_1.v3" is not null and (("row"."o.total")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."o.total")::text collate "default") is not null and "row"."step_2.v4" is null and ('en' is null and "row"."step_1.v3" is not null and (("row"."o.total")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_2.v4") < '99999999999999.995'::numeric) as "step_3.v9",
    ("row"."step_1.v3" <> btrim((("row"."o.total")::text collate "default"))) and abs("row"."step_2.v4") < '99999999999999.995'::numeric as "step_3.v5",
    "row"."step_2.v4" <> round("row"."step_2.v4", 2) and abs("row"."step_2.v4") < '99999999999999.995'::numeric as "step_3.v6",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "row"."o.customer" as "o.customer",
    "row"."step_2.v7" as "step_2.v7",
    case when abs("row"."step_2.v4") < '99999999999999.995'::numeric then round("row"."step_2.v4", 2) end as "step_3.v8",
    "row"."step_1.v2" as "step_1.v2",
    "row"."o.ordered_at" as "o.ordered_at",
    "row"."step_1.v3" as "step_1.v3",
    "row"."o.total" as "o.total",
    "row"."step_2.v4" as "step_2.v4",
    "row"."o.ctid" as "o.ctid"
  from (
  select
    "row"."step_1.v2" as "step_1.v2",
    "row"."o.ordered_at" as "o.ordered_at",
    "row"."step_1.v3" as "step_1.v3",
    "row"."o.total" as "o.total",
    case when ('en' is null and "row"."step_1.v3" is not null and (("row"."o.total")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v3"::numeric end as "step_2.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "row"."o.customer" as "o.customer",
    case
      when not ("row"."step_1.v2") then null
      when "row"."o.ordered_at"::time = time '00:00' then "row"."o.ordered_at"::date
      else ("row"."o.ordered_at" at time zone 'UTC' at time zone ('Europe/Vienna'))::date
    end as "step_2.v7",
    "row"."o.ctid" as "o.ctid"
  from (
  select
    "o"."ordered_at" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "step_1.v2",
    "o"."ordered_at" as "o.ordered_at",
    case
      when (("o"."total")::text collate "default") is null then null
      when length((("o"."total")::text collate "default")) <= 30 and (("o"."total")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("o"."total")::text collate "default")
      when length((("o"."total")::text collate "default")) <= 30 and (("o"."total")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("o"."total")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("o"."total")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("o"."total")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("o"."total")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("o"."total")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("o"."total")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v3",
    "o"."total" as "o.total",
    ("o"."id")::text as "step_1.v1",
    "o"."id" as "o.id",
    "o"."customer" as "o.customer",
    "o"."ctid" as "o.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer' then ("fix"."patch" ->> 'customer')::text else "t"."customer" end as "customer",
      case when "fix"."patch" ? 'ordered_at' then ("fix"."patch" ->> 'ordered_at')::timestamp else "t"."ordered_at" end as "ordered_at",
      case when "fix"."patch" ? 'total' then ("fix"."patch" ->> 'total')::text else "t"."total" end as "total"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  where ($3::text[] is null or ("o"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("o"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."orders" ("id", "customer", "day", "total")
  select "id", "customer", "day", "total"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_orders" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'orders', "s"."_key", $2::bigint,
    (array['not-finite', 'out-of-range', 'ambiguous-number', 'no-total', 'no-total'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'not-finite', 'day'), (2, 'out-of-range', 'day'), (3, 'ambiguous-number', 'total'), (4, 'no-total', 'total'), (5, 'no-total', 'total')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."orders" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'orders', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'total'), (2, 'rounded', 'total')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'orders' and number = $2::bigint;
commit;

-- orders: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("o"."id")::text] as bound, row_number() over (order by "o"."id") as position, count(*) as rows
  from "legacy"."orders" as "o"
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

-- orders: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."orders" as "o"
  where ($3::text[] is null or ("o"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("o"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."orders" as original
      where original.ctid = "o"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer' then ("fix"."patch" ->> 'customer')::text else "t"."customer" end as "customer",
      case when "fix"."patch" ? 'ordered_at' then ("fix"."patch" ->> 'ordered_at')::timestamp else "t"."ordered_at" end as "ordered_at",
      case when "fix"."patch" ? 'total' then ("fix"."patch" ->> 'total')::text else "t"."total" end as "total"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  cross join lateral (
    select
      ("o"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("o"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("o"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_orders" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'orders', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'orders' and number = $2::bigint
returning quarantined;
commit;

-- orders: the key of the crosswalk
begin;
alter table "drover"."crosswalk_orders" add primary key (source_key);
analyze "drover"."crosswalk_orders";
commit;

-- orders: the statistics of the target
begin;
analyze "app"."orders";
commit;

-- orders_pkey
begin;
CREATE UNIQUE INDEX orders_pkey ON app.orders USING btree (id);
commit;

-- orders: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."orders";
-- target rows after
select count(*) as n from "app"."orders";
commit;

-- =================================================================================================
-- 2. daily_totals: query → app.daily_totals
-- begins when orders is done
-- =================================================================================================
-- daily_totals: prepare
begin;
-- the query that the mapping reads from
create table "drover"."source_daily_totals" as
(select "o"."day", count(*) as "orders", sum("o"."total") as "total" from "app"."orders" as "o" group by "o"."day");
analyze "drover"."source_daily_totals";
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_daily_totals" (
  source_key text collate "C" not null,
  disposition text not null,
  "day" date
);
-- source rows
select count(*) as n from "drover"."source_daily_totals";
-- target rows before
select count(*) as n from "app"."daily_totals";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select row_number() over (order by block) as number,
    case when block > 0 then array['(' || block || ',0)'] end as lower,
    step * n / greatest(blocks, 1) as rows
  from (
    select blocks, n, greatest(1, blocks * $2::bigint / greatest(n, 1)) as step
    from (
      select pg_relation_size('"drover"."source_daily_totals"'::regclass) / current_setting('block_size')::int as blocks,
        (select count(*) from "drover"."source_daily_totals") as n
    ) as size
  ) as cut
  cross join lateral generate_series(0, greatest(blocks - 1, 0), step) as block
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'daily_totals', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- daily_totals: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "drover"."source_daily_totals" as "d"
  where ($3::text[] is null or ("d"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("d"."ctid") < (($4::text[])[1]::tid))
), s as materialized (
  select
    'loaded' as "_disposition",
    "step_1"."v1" as "_key",
    ("d"."day")::date as "day",
    ("d"."orders")::int8 as "orders",
    ("d"."total")::numeric as "total"
  from "drover"."source_daily_totals" as "d"
  cross join lateral (
    select
      ("d"."day")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("d"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("d"."ctid") < (($4::text[])[1]::tid))
), loaded as (
  insert into "app"."daily_totals" ("day", "orders", "total")
  select "day", "orders", "total"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_daily_totals" (source_key, disposition, "day")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."day" end
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
where run_id = $1::bigint and mapping = 'daily_totals' and number = $2::bigint;
commit;

-- daily_totals: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("d"."ctid")::text] as bound, row_number() over (order by "d"."ctid") as position, count(*) as rows
  from "drover"."source_daily_totals" as "d"
    where ($1::text[] is null or ("d"."ctid") >= (($1::text[])[1]::tid)) and ($2::text[] is null or ("d"."ctid") < (($2::text[])[1]::tid)) and "d"."ctid" is not null
  group by "d"."ctid"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- daily_totals: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "drover"."source_daily_totals" as "d"
  where ($3::text[] is null or ("d"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("d"."ctid") < (($4::text[])[1]::tid))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    to_jsonb("d".*) as original
  from "drover"."source_daily_totals" as "d"
  cross join lateral (
    select
      ("d"."day")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("d"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("d"."ctid") < (($4::text[])[1]::tid))
), walked as (
  insert into "drover"."crosswalk_daily_totals" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'daily_totals', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'daily_totals' and number = $2::bigint
returning quarantined;
commit;

-- daily_totals: the key of the crosswalk
begin;
alter table "drover"."crosswalk_daily_totals" add primary key (source_key);
analyze "drover"."crosswalk_daily_totals";
commit;

-- daily_totals: the statistics of the target
begin;
analyze "app"."daily_totals";
commit;

-- daily_totals: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "drover"."source_daily_totals";
-- target rows after
select count(*) as n from "app"."daily_totals";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."orders" add constraint "orders_pkey" primary key using index "orders_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."orders" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- orders: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'orders', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer' then ("fix"."patch" ->> 'customer')::text else "t"."customer" end as "customer",
      case when "fix"."patch" ? 'ordered_at' then ("fix"."patch" ->> 'ordered_at')::timestamp else "t"."ordered_at" end as "ordered_at",
      case when "fix"."patch" ? 'total' then ("fix"."patch" ->> 'total')::text else "t"."total" end as "total"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  cross join lateral (
    select
      ("o"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_orders" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("o"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.orders')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_3.v9" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_3.v5" or "row"."step_3.v6" then array[case when "row"."step_3.v5" then 1 end, case when "row"."step_3.v6" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."o.id")::int4 as "id",
    ("row"."o.customer")::text as "customer",
    ("row"."step_2.v7")::date as "day",
    ("row"."step_3.v8")::numeric as "total",
    case when "row"."step_3.v9" then array_remove(array[case when not "row"."step_1.v2" and not isfinite("row"."o.ordered_at") then 1 end, case when not "row"."step_1.v2" and isfinite("row"."o.ordered_at") then 2 end, case when ('en' is null and "row"."step_1.v3" is not null and (("row"."o.total")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 3 end, case when (("row"."o.total")::text collate "default") is not null and "row"."step_2.v4" is null and ('en' is null and "row"."step_1.v3" is not null and (("row"."o.total")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 4 end, case when not (abs("row"."step_2.v4") < '99999999999999.995'::numeric) then 5 end], null) end as "_reasons",
    "row"."o.ctid" as "_place",
    case when "row"."step_3.v5" or "row"."step_3.v6" then array[("row"."o.total")::text, ("row"."o.total")::text]::text[] end as "_originals"
  from (
  select
    not "row"."step_1.v2" and not isfinite("row"."o.ordered_at") or not "row"."step_1.v2" and isfinite("row"."o.ordered_at") or ('en' is null and "row"."step_1.v3" is not null and (("row"."o.total")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."o.total")::text collate "default") is not null and "row"."step_2.v4" is null and ('en' is null and "row"."step_1.v3" is not null and (("row"."o.total")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_2.v4") < '99999999999999.995'::numeric) as "step_3.v9",
    ("row"."step_1.v3" <> btrim((("row"."o.total")::text collate "default"))) and abs("row"."step_2.v4") < '99999999999999.995'::numeric as "step_3.v5",
    "row"."step_2.v4" <> round("row"."step_2.v4", 2) and abs("row"."step_2.v4") < '99999999999999.995'::numeric as "step_3.v6",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "row"."o.customer" as "o.customer",
    "row"."step_2.v7" as "step_2.v7",
    case when abs("row"."step_2.v4") < '99999999999999.995'::numeric then round("row"."step_2.v4", 2) end as "step_3.v8",
    "row"."step_1.v2" as "step_1.v2",
    "row"."o.ordered_at" as "o.ordered_at",
    "row"."step_1.v3" as "step_1.v3",
    "row"."o.total" as "o.total",
    "row"."step_2.v4" as "step_2.v4",
    "row"."o.ctid" as "o.ctid"
  from (
  select
    "row"."step_1.v2" as "step_1.v2",
    "row"."o.ordered_at" as "o.ordered_at",
    "row"."step_1.v3" as "step_1.v3",
    "row"."o.total" as "o.total",
    case when ('en' is null and "row"."step_1.v3" is not null and (("row"."o.total")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v3"::numeric end as "step_2.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "row"."o.customer" as "o.customer",
    case
      when not ("row"."step_1.v2") then null
      when "row"."o.ordered_at"::time = time '00:00' then "row"."o.ordered_at"::date
      else ("row"."o.ordered_at" at time zone 'UTC' at time zone ('Europe/Vienna'))::date
    end as "step_2.v7",
    "row"."o.ctid" as "o.ctid"
  from (
  select
    "o"."ordered_at" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "step_1.v2",
    "o"."ordered_at" as "o.ordered_at",
    case
      when (("o"."total")::text collate "default") is null then null
      when length((("o"."total")::text collate "default")) <= 30 and (("o"."total")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("o"."total")::text collate "default")
      when length((("o"."total")::text collate "default")) <= 30 and (("o"."total")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("o"."total")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("o"."total")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("o"."total")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("o"."total")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("o"."total")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("o"."total")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v3",
    "o"."total" as "o.total",
    ("o"."id")::text as "step_1.v1",
    "o"."id" as "o.id",
    "o"."customer" as "o.customer",
    "o"."ctid" as "o.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer' then ("fix"."patch" ->> 'customer')::text else "t"."customer" end as "customer",
      case when "fix"."patch" ? 'ordered_at' then ("fix"."patch" ->> 'ordered_at')::timestamp else "t"."ordered_at" end as "ordered_at",
      case when "fix"."patch" ? 'total' then ("fix"."patch" ->> 'total')::text else "t"."total" end as "total"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  where "o"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'orders' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_orders" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."orders" ("id", "customer", "day", "total")
  select "id", "customer", "day", "total"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_orders" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'orders', "s"."_key", $2::bigint,
    (array['not-finite', 'out-of-range', 'ambiguous-number', 'no-total', 'no-total'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'not-finite', 'day'), (2, 'out-of-range', 'day'), (3, 'ambiguous-number', 'total'), (4, 'no-total', 'total'), (5, 'no-total', 'total')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."orders" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'orders' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'orders' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'orders' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'orders', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'total'), (2, 'rounded', 'total')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'orders', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'orders', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_orders" (like "app"."orders", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_3.v9" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_3.v5" or "row"."step_3.v6" then array[case when "row"."step_3.v5" then 1 end, case when "row"."step_3.v6" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."o.id")::int4 as "id",
    ("row"."o.customer")::text as "customer",
    ("row"."step_2.v7")::date as "day",
    ("row"."step_3.v8")::numeric as "total",
    case when "row"."step_3.v9" then array_remove(array[case when not "row"."step_1.v2" and not isfinite("row"."o.ordered_at") then 1 end, case when not "row"."step_1.v2" and isfinite("row"."o.ordered_at") then 2 end, case when ('en' is null and "row"."step_1.v3" is not null and (("row"."o.total")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 3 end, case when (("row"."o.total")::text collate "default") is not null and "row"."step_2.v4" is null and ('en' is null and "row"."step_1.v3" is not null and (("row"."o.total")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 4 end, case when not (abs("row"."step_2.v4") < '99999999999999.995'::numeric) then 5 end], null) end as "_reasons",
    case when "row"."step_3.v5" or "row"."step_3.v6" then array[("row"."o.total")::text, ("row"."o.total")::text]::text[] end as "_originals"
  from (
  select
    not "row"."step_1.v2" and not isfinite("row"."o.ordered_at") or not "row"."step_1.v2" and isfinite("row"."o.ordered_at") or ('en' is null and "row"."step_1.v3" is not null and (("row"."o.total")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."o.total")::text collate "default") is not null and "row"."step_2.v4" is null and ('en' is null and "row"."step_1.v3" is not null and (("row"."o.total")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_2.v4") < '99999999999999.995'::numeric) as "step_3.v9",
    ("row"."step_1.v3" <> btrim((("row"."o.total")::text collate "default"))) and abs("row"."step_2.v4") < '99999999999999.995'::numeric as "step_3.v5",
    "row"."step_2.v4" <> round("row"."step_2.v4", 2) and abs("row"."step_2.v4") < '99999999999999.995'::numeric as "step_3.v6",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "row"."o.customer" as "o.customer",
    "row"."step_2.v7" as "step_2.v7",
    case when abs("row"."step_2.v4") < '99999999999999.995'::numeric then round("row"."step_2.v4", 2) end as "step_3.v8",
    "row"."step_1.v2" as "step_1.v2",
    "row"."o.ordered_at" as "o.ordered_at",
    "row"."step_1.v3" as "step_1.v3",
    "row"."o.total" as "o.total",
    "row"."step_2.v4" as "step_2.v4",
    "row"."o.ctid" as "o.ctid"
  from (
  select
    "row"."step_1.v2" as "step_1.v2",
    "row"."o.ordered_at" as "o.ordered_at",
    "row"."step_1.v3" as "step_1.v3",
    "row"."o.total" as "o.total",
    case when ('en' is null and "row"."step_1.v3" is not null and (("row"."o.total")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v3"::numeric end as "step_2.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "row"."o.customer" as "o.customer",
    case
      when not ("row"."step_1.v2") then null
      when "row"."o.ordered_at"::time = time '00:00' then "row"."o.ordered_at"::date
      else ("row"."o.ordered_at" at time zone 'UTC' at time zone ('Europe/Vienna'))::date
    end as "step_2.v7",
    "row"."o.ctid" as "o.ctid"
  from (
  select
    "o"."ordered_at" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "step_1.v2",
    "o"."ordered_at" as "o.ordered_at",
    case
      when (("o"."total")::text collate "default") is null then null
      when length((("o"."total")::text collate "default")) <= 30 and (("o"."total")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("o"."total")::text collate "default")
      when length((("o"."total")::text collate "default")) <= 30 and (("o"."total")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("o"."total")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("o"."total")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("o"."total")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("o"."total")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("o"."total")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("o"."total")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v3",
    "o"."total" as "o.total",
    ("o"."id")::text as "step_1.v1",
    "o"."id" as "o.id",
    "o"."customer" as "o.customer",
    "o"."ctid" as "o.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer' then ("fix"."patch" ->> 'customer')::text else "t"."customer" end as "customer",
      case when "fix"."patch" ? 'ordered_at' then ("fix"."patch" ->> 'ordered_at')::timestamp else "t"."ordered_at" end as "ordered_at",
      case when "fix"."patch" ? 'total' then ("fix"."patch" ->> 'total')::text else "t"."total" end as "total"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  where "o"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'orders' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_orders" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."orders" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."customer") is distinct from ("s"."customer") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."day") is distinct from ("s"."day") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."total") is distinct from ("s"."total"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_orders" ("id", "customer", "day", "total", "drover_version")
  select "id", "customer", "day", "total", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."orders" as t
  set "customer" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."customer" else "t"."customer" end,
    "day" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."day" else "t"."day" end,
    "total" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."total" else "t"."total" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'orders', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('customer', array['*']), ('day', array['*']), ('total', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'orders' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'orders' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'orders', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'total'), (2, 'rounded', 'total')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;

-- daily_totals: mend
begin;
set constraints all immediate;
-- whether the query reads such rows
select from drover.overlay where migration = 'shop' and false limit 1;
-- the query that the mapping reads from, asked again
create table "drover"."restored_daily_totals" as
(select "o"."day", count(*) as "orders", sum("o"."total") as "total" from "app"."orders" as "o" group by "o"."day");
-- rows by which the answer differs. $2 here: whether of all rows
with before as materialized (
  select (("d"."day")::text) collate "C" as source_key, to_jsonb("d".*) as row from "drover"."source_daily_totals" as "d"
), after as materialized (
  select (("d"."day")::text) collate "C" as source_key, to_jsonb("d".*) as row from "drover"."restored_daily_totals" as "d"
), differing as (
  select coalesce(after.source_key, before.source_key) as source_key, before.source_key is null as is_new, after.source_key is null as is_gone
  from before
  full join after on after.source_key = before.source_key
  where before.row is distinct from after.row
    and ($2::boolean or coalesce(after.source_key, before.source_key) in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'daily_totals' and purpose in ('try') and not done))
), entered as (
  insert into "drover"."crosswalk_daily_totals" (source_key, disposition)
  select source_key, 'new'
  from differing
  where is_new
)
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'daily_totals', source_key, purpose
from (
  select differing.source_key,
    case when is_new then 'try' when is_gone then 'withdraw' when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from differing
  left join "drover"."crosswalk_daily_totals" as walked on walked.source_key = differing.source_key) as found
on conflict do nothing;
delete from "drover"."source_daily_totals" as "d" where (("d"."day")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'daily_totals' and purpose in ('try', 'change', 'withdraw') and not done);
insert into "drover"."source_daily_totals" select "d".* from "drover"."restored_daily_totals" as "d" where (("d"."day")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'daily_totals' and purpose in ('try', 'change', 'withdraw') and not done);
drop table "drover"."restored_daily_totals";
-- rows that are gone. $2 here: the entry that adjusts the counts
with gone as (
  delete from "drover"."crosswalk_daily_totals"
  where source_key in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'daily_totals' and purpose in ('withdraw') and not done)
  returning *
), deleted as (
  delete from "app"."daily_totals" as t
  using gone
  where gone.disposition = 'loaded' and "t"."day" = "gone"."day"
  returning t.*, "t"."xmin"::text::bigint as "drover_version"
), imaged as (
  insert into "drover"."before_image_daily_totals" ("day", "orders", "total", "drover_version")
  select "day", "orders", "total", "drover_version"
  from deleted
  on conflict do nothing
), of_quarantine as (
  delete from drover.quarantine as account
  using gone
  where account.run_id = $1::bigint and account.mapping = 'daily_totals' and account.source_key = gone.source_key
), of_merge as (
  delete from drover.merge as account
  using gone
  where account.run_id = $1::bigint and account.mapping = 'daily_totals' and account.source_key = gone.source_key
), of_correction as (
  delete from drover.correction as account
  using gone
  where account.run_id = $1::bigint and account.mapping = 'daily_totals' and account.source_key = gone.source_key
), of_note as (
  delete from drover.note as account
  using gone
  where account.run_id = $1::bigint and account.mapping = 'daily_totals' and account.source_key = gone.source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'daily_totals', source_key, 'moved'
  from gone
  on conflict do nothing
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'daily_totals', $2::bigint, 'adjustment', 'done', -count(*), -count(*) filter (where disposition = 'loaded'), -count(*) filter (where disposition = 'merged'), -count(*) filter (where disposition = 'matched'), -count(*) filter (where disposition = 'quarantined'), -count(*) filter (where disposition = 'excluded'), clock_timestamp()
from gone
having count(*) > 0
returning read;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    "step_1"."v1" as "_key",
    ("d"."day")::date as "day",
    ("d"."orders")::int8 as "orders",
    ("d"."total")::numeric as "total"
  from "drover"."source_daily_totals" as "d"
  cross join lateral (
    select
      ("d"."day")::text as "v1"
    offset '0'
  ) as "step_1"
  where (("d"."day")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'daily_totals' and purpose in ('try') and not done)
  ) as made
  join "drover"."crosswalk_daily_totals" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."daily_totals" ("day", "orders", "total")
  select "day", "orders", "total"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_daily_totals" as walked
  set disposition = "s"."_disposition", "day" = case "s"."_disposition" when 'loaded' then "s"."day" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'daily_totals' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'daily_totals' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'daily_totals' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'daily_totals', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'daily_totals', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_daily_totals" (like "app"."daily_totals", "drover_version" bigint not null, primary key ("day"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."day" as "_walked_day"
  from (
  select
    'loaded' as "_disposition",
    "step_1"."v1" as "_key",
    ("d"."day")::date as "day",
    ("d"."orders")::int8 as "orders",
    ("d"."total")::numeric as "total"
  from "drover"."source_daily_totals" as "d"
  cross join lateral (
    select
      ("d"."day")::text as "v1"
    offset '0'
  ) as "step_1"
  where (("d"."day")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'daily_totals' and purpose in ('change') and not done)
  ) as made
  join "drover"."crosswalk_daily_totals" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."daily_totals" as existing
  join s on "existing"."day" = "s"."_walked_day"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."orders") is distinct from ("s"."orders") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."total") is distinct from ("s"."total"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_daily_totals" ("day", "orders", "total", "drover_version")
  select "day", "orders", "total", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."daily_totals" as t
  set "orders" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."orders" else "t"."orders" end,
    "total" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."total" else "t"."total" end
  from s, locked
  where "t"."day" = "s"."_walked_day" and "locked"."day" = "t"."day"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'daily_totals', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('orders', array['*']), ('total', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'daily_totals' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'daily_totals' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
