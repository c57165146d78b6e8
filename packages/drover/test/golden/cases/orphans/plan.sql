-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.customers (1), app.strict_orders (2), app.loose_orders (2), app.default_orders (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."customers" as t offset '0') as hashed;
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
alter table "app"."loose_orders" drop constraint "loose_orders_customer_id_fkey";
alter table "app"."strict_orders" drop constraint "strict_orders_customer_id_fkey";
alter table "app"."default_orders" drop constraint "default_orders_pkey";
alter table "app"."loose_orders" drop constraint "loose_orders_pkey";
alter table "app"."strict_orders" drop constraint "strict_orders_pkey";
alter table "app"."customers" drop constraint "customers_pkey";
commit;

-- =================================================================================================
-- 1. customers: legacy.customers → app.customers
-- =================================================================================================
-- customers: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_customers" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" uuid
);
-- source rows
select count(*) as n from "legacy"."customers";
-- target rows before
select count(*) as n from "app"."customers";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."customers" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."customers")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'customers', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- customers: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."customers" as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::text))
), s as materialized (
  select
    'loaded' as "_disposition",
    ("row"."c.id")::text as "_key",
    ("row"."step_1.v1")::uuid as "id"
  from (
  select
    "c"."id" as "c.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("c"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v1"
  from (
    select "t"."ctid",
      "t"."id"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::text))
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."customers" ("id")
  select "id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_customers" (source_key, disposition, "id")
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
where run_id = $1::bigint and mapping = 'customers' and number = $2::bigint;
commit;

-- customers: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("c"."id")::text] as bound, row_number() over (order by "c"."id") as position, count(*) as rows
  from "legacy"."customers" as "c"
    where ($1::text[] is null or ("c"."id") >= (($1::text[])[1]::text)) and ($2::text[] is null or ("c"."id") < (($2::text[])[1]::text)) and "c"."id" is not null
  group by "c"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- customers: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."customers" as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::text))
), s as materialized (
  select ("c"."id")::text as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."customers" as original
      where original.ctid = "c"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::text))
), walked as (
  insert into "drover"."crosswalk_customers" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'customers', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'customers' and number = $2::bigint
returning quarantined;
commit;

-- customers: the key of the crosswalk
begin;
alter table "drover"."crosswalk_customers" add primary key (source_key);
analyze "drover"."crosswalk_customers";
commit;

-- customers: the statistics of the target
begin;
analyze "app"."customers";
commit;

-- customers_pkey
begin;
CREATE UNIQUE INDEX customers_pkey ON app.customers USING btree (id);
commit;

-- customers: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."customers";
-- target rows after
select count(*) as n from "app"."customers";
commit;

-- =================================================================================================
-- 2. strict_orders: legacy.orders → app.strict_orders
-- begins when customers is done
-- =================================================================================================
-- strict_orders: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_strict_orders" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."orders";
-- target rows before
select count(*) as n from "app"."strict_orders";
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
select $1::bigint, 'strict_orders', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- strict_orders: each chunk
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
    case when "row"."step_2.v3" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."o.id")::int4 as "id",
    ("row"."ref_2.id")::uuid as "customer_id",
    case when "row"."step_2.v3" then array_remove(array[case when ("row"."ref_2.source_key" is not null and "row"."ref_2.id" is null) then 1 end, case when ("row"."o.customer_id")::text is not null and "row"."ref_2.source_key" is null then 2 end], null) end as "_reasons",
    "row"."o.ctid" as "_place"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."id" is null) or ("row"."o.customer_id")::text is not null and "ref_2"."source_key" is null as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "ref_2"."id" as "ref_2.id",
    "ref_2"."source_key" as "ref_2.source_key",
    "row"."o.customer_id" as "o.customer_id",
    "row"."o.ctid" as "o.ctid"
  from (
  select
    "o"."customer_id" as "o.customer_id",
    ("o"."id")::text as "step_1.v1",
    "o"."id" as "o.id",
    "o"."ctid" as "o.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::text else "t"."customer_id" end as "customer_id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  where ($3::text[] is null or ("o"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("o"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_customers" as "ref_2" on "ref_2"."source_key" = ("row"."o.customer_id")::text collate "C"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."strict_orders" ("id", "customer_id")
  select "id", "customer_id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_strict_orders" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'strict_orders', "s"."_key", $2::bigint,
    (array['waiting', 'no-customer'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'customer_id'), (2, 'no-customer', 'customer_id')) as guard (number, code, column_name)
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
where run_id = $1::bigint and mapping = 'strict_orders' and number = $2::bigint;
commit;

-- strict_orders: a chunk that is to be cut in two
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

-- strict_orders: a chunk of one row that the database refuses
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
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::text else "t"."customer_id" end as "customer_id"
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
  insert into "drover"."crosswalk_strict_orders" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'strict_orders', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'strict_orders' and number = $2::bigint
returning quarantined;
commit;

-- strict_orders: the key of the crosswalk
begin;
alter table "drover"."crosswalk_strict_orders" add primary key (source_key);
analyze "drover"."crosswalk_strict_orders";
commit;

-- strict_orders: the statistics of the target
begin;
analyze "app"."strict_orders";
commit;

-- strict_orders_pkey
begin;
CREATE UNIQUE INDEX strict_orders_pkey ON app.strict_orders USING btree (id);
commit;

-- strict_orders: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."orders";
-- target rows after
select count(*) as n from "app"."strict_orders";
commit;

-- =================================================================================================
-- 3. loose_orders: legacy.orders → app.loose_orders
-- begins when customers is done
-- =================================================================================================
-- loose_orders: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_loose_orders" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."orders";
-- target rows before
select count(*) as n from "app"."loose_orders";
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
select $1::bigint, 'loose_orders', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- loose_orders: each chunk
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
    'loaded' as "_disposition",
    case when "row"."step_2.v3" or "row"."step_2.v4" then array[case when "row"."step_2.v3" then 1 end, case when "row"."step_2.v4" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."o.id")::int4 as "id",
    ("row"."ref_2.id")::uuid as "customer_id",
    case when "row"."step_2.v3" or "row"."step_2.v4" then array[(("row"."o.customer_id")::text)::text, (("row"."o.customer_id")::text)::text]::text[] end as "_originals"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."id" is null) as "step_2.v3",
    ("row"."o.customer_id")::text is not null and "ref_2"."source_key" is null as "step_2.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "ref_2"."id" as "ref_2.id",
    "row"."o.customer_id" as "o.customer_id"
  from (
  select
    "o"."customer_id" as "o.customer_id",
    ("o"."id")::text as "step_1.v1",
    "o"."id" as "o.id"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::text else "t"."customer_id" end as "customer_id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  where ($3::text[] is null or ("o"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("o"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_customers" as "ref_2" on "ref_2"."source_key" = ("row"."o.customer_id")::text collate "C"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."loose_orders" ("id", "customer_id")
  select "id", "customer_id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_loose_orders" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (select where false), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'loose_orders', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'customer_id'), (2, 'orphan', 'customer_id')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'loose_orders' and number = $2::bigint;
commit;

-- loose_orders: a chunk that is to be cut in two
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

-- loose_orders: a chunk of one row that the database refuses
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
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::text else "t"."customer_id" end as "customer_id"
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
  insert into "drover"."crosswalk_loose_orders" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'loose_orders', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'loose_orders' and number = $2::bigint
returning quarantined;
commit;

-- loose_orders: the key of the crosswalk
begin;
alter table "drover"."crosswalk_loose_orders" add primary key (source_key);
analyze "drover"."crosswalk_loose_orders";
commit;

-- loose_orders: the statistics of the target
begin;
analyze "app"."loose_orders";
commit;

-- loose_orders_pkey
begin;
CREATE UNIQUE INDEX loose_orders_pkey ON app.loose_orders USING btree (id);
commit;

-- loose_orders: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."orders";
-- target rows after
select count(*) as n from "app"."loose_orders";
commit;

-- =================================================================================================
-- 4. default_orders: legacy.orders → app.default_orders
-- begins when customers is done
-- =================================================================================================
-- default_orders: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_default_orders" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."orders";
-- target rows before
select count(*) as n from "app"."default_orders";
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
select $1::bigint, 'default_orders', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- default_orders: each chunk
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
    case when "row"."step_1.v6" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_2.v3" or "row"."step_2.v4" then array[case when "row"."step_2.v3" then 1 end, case when "row"."step_2.v4" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."o.id")::int4 as "id",
    (case when (("row"."ref_2.source_key" is not null and "row"."ref_2.id" is null)) or (("row"."o.customer_id")::text is not null and "row"."ref_2.source_key" is null) then "row"."step_1.v5" else "row"."ref_2.id" end)::uuid as "customer_id",
    case when "row"."step_1.v6" then array_remove(array[case when "row"."o.customer_id" is null then 1 end], null) end as "_reasons",
    "row"."o.ctid" as "_place",
    case when "row"."step_2.v3" or "row"."step_2.v4" then array[(("row"."o.customer_id")::text)::text, (("row"."o.customer_id")::text)::text]::text[] end as "_originals"
  from (
  select
    "row"."step_1.v6" as "step_1.v6",
    ("ref_2"."source_key" is not null and "ref_2"."id" is null) as "step_2.v3",
    ("row"."o.customer_id")::text is not null and "ref_2"."source_key" is null as "step_2.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "ref_2"."source_key" as "ref_2.source_key",
    "ref_2"."id" as "ref_2.id",
    "row"."o.customer_id" as "o.customer_id",
    "row"."step_1.v5" as "step_1.v5",
    "row"."o.ctid" as "o.ctid"
  from (
  select
    "o"."customer_id" is null as "step_1.v6",
    "o"."customer_id" as "o.customer_id",
    ("o"."id")::text as "step_1.v1",
    "o"."id" as "o.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to('unknown', 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v5",
    "o"."ctid" as "o.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::text else "t"."customer_id" end as "customer_id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  where ($3::text[] is null or ("o"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("o"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_customers" as "ref_2" on "ref_2"."source_key" = ("row"."o.customer_id")::text collate "C"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."default_orders" ("id", "customer_id")
  select "id", "customer_id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_default_orders" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'default_orders', "s"."_key", $2::bigint,
    (array['no-customer'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-customer', 'customer_id')) as guard (number, code, column_name)
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
  select $1::bigint, 'default_orders', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'customer_id'), (2, 'unknown-customer', 'customer_id')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'default_orders' and number = $2::bigint;
commit;

-- default_orders: a chunk that is to be cut in two
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

-- default_orders: a chunk of one row that the database refuses
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
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::text else "t"."customer_id" end as "customer_id"
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
  insert into "drover"."crosswalk_default_orders" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'default_orders', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'default_orders' and number = $2::bigint
returning quarantined;
commit;

-- default_orders: the key of the crosswalk
begin;
alter table "drover"."crosswalk_default_orders" add primary key (source_key);
analyze "drover"."crosswalk_default_orders";
commit;

-- default_orders: the statistics of the target
begin;
analyze "app"."default_orders";
commit;

-- default_orders_pkey
begin;
CREATE UNIQUE INDEX default_orders_pkey ON app.default_orders USING btree (id);
commit;

-- default_orders: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."orders";
-- target rows after
select count(*) as n from "app"."default_orders";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."customers" add constraint "customers_pkey" primary key using index "customers_pkey";
alter table "app"."strict_orders" add constraint "strict_orders_pkey" primary key using index "strict_orders_pkey";
alter table "app"."loose_orders" add constraint "loose_orders_pkey" primary key using index "loose_orders_pkey";
alter table "app"."default_orders" add constraint "default_orders_pkey" primary key using index "default_orders_pkey";
commit;

-- =================================================================================================
-- Foreign keys, when every mapping is closed. Each statement is a transaction.
-- =================================================================================================
-- foreign keys
begin;
alter table "app"."strict_orders" add constraint "strict_orders_customer_id_fkey" FOREIGN KEY (customer_id) REFERENCES app.customers(id) not valid;
alter table "app"."loose_orders" add constraint "loose_orders_customer_id_fkey" FOREIGN KEY (customer_id) REFERENCES app.customers(id) not valid;
alter table "app"."strict_orders" validate constraint "strict_orders_customer_id_fkey";
alter table "app"."loose_orders" validate constraint "loose_orders_customer_id_fkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."customers" as t offset '0') as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."orders" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- customers: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'customers', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  join "drover"."crosswalk_customers" as walked on walked.source_key = ("c"."id")::text collate "C"
  where walked.disposition <> 'quarantined' and ((("c"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.customers')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    ("row"."c.id")::text as "_key",
    ("row"."step_1.v1")::uuid as "id"
  from (
  select
    "c"."id" as "c.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("c"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v1"
  from (
    select "t"."ctid",
      "t"."id"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where "c"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_customers" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."customers" ("id")
  select "id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_customers" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'customers' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'customers' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'customers' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'customers', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'customers', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_customers" (like "app"."customers", "drover_version" bigint not null, primary key ("id"));
commit;

-- strict_orders: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'strict_orders', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::text else "t"."customer_id" end as "customer_id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  cross join lateral (
    select
      ("o"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_strict_orders" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("o"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.orders')))) as found
on conflict do nothing;
-- rows that refer to moved rows of customers
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'strict_orders', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::text else "t"."customer_id" end as "customer_id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  cross join lateral (
    select
      ("o"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_strict_orders" as walked on walked.source_key = "step_1"."v1" collate "C"
  where ((("o"."customer_id")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'strict_orders' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of customers
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::text else "t"."customer_id" end as "customer_id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  cross join lateral (
    select
      ("o"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_strict_orders" as walked on walked.source_key = "step_1"."v1" collate "C"
  where ((("o"."customer_id")::text) collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'strict_orders' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_2.v3" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."o.id")::int4 as "id",
    ("row"."ref_2.id")::uuid as "customer_id",
    case when "row"."step_2.v3" then array_remove(array[case when ("row"."ref_2.source_key" is not null and "row"."ref_2.id" is null) then 1 end, case when ("row"."o.customer_id")::text is not null and "row"."ref_2.source_key" is null then 2 end], null) end as "_reasons",
    "row"."o.ctid" as "_place"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."id" is null) or ("row"."o.customer_id")::text is not null and "ref_2"."source_key" is null as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "ref_2"."id" as "ref_2.id",
    "ref_2"."source_key" as "ref_2.source_key",
    "row"."o.customer_id" as "o.customer_id",
    "row"."o.ctid" as "o.ctid"
  from (
  select
    "o"."customer_id" as "o.customer_id",
    ("o"."id")::text as "step_1.v1",
    "o"."id" as "o.id",
    "o"."ctid" as "o.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::text else "t"."customer_id" end as "customer_id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  where "o"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'strict_orders' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_customers" as "ref_2" on "ref_2"."source_key" = ("row"."o.customer_id")::text collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_strict_orders" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."strict_orders" ("id", "customer_id")
  select "id", "customer_id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_strict_orders" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'strict_orders', "s"."_key", $2::bigint,
    (array['waiting', 'no-customer'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'customer_id'), (2, 'no-customer', 'customer_id')) as guard (number, code, column_name)
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'strict_orders' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'strict_orders' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'strict_orders' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'strict_orders', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'strict_orders', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_strict_orders" (like "app"."strict_orders", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_2.v3" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."o.id")::int4 as "id",
    ("row"."ref_2.id")::uuid as "customer_id",
    case when "row"."step_2.v3" then array_remove(array[case when ("row"."ref_2.source_key" is not null and "row"."ref_2.id" is null) then 1 end, case when ("row"."o.customer_id")::text is not null and "row"."ref_2.source_key" is null then 2 end], null) end as "_reasons"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."id" is null) or ("row"."o.customer_id")::text is not null and "ref_2"."source_key" is null as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "ref_2"."id" as "ref_2.id",
    "ref_2"."source_key" as "ref_2.source_key",
    "row"."o.customer_id" as "o.customer_id",
    "row"."o.ctid" as "o.ctid"
  from (
  select
    "o"."customer_id" as "o.customer_id",
    ("o"."id")::text as "step_1.v1",
    "o"."id" as "o.id",
    "o"."ctid" as "o.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::text else "t"."customer_id" end as "customer_id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  where "o"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'strict_orders' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_customers" as "ref_2" on "ref_2"."source_key" = ("row"."o.customer_id")::text collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_strict_orders" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."strict_orders" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'customers'] and s._stands = 'loaded') and ("existing"."customer_id") is distinct from ("s"."customer_id"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_strict_orders" ("id", "customer_id", "drover_version")
  select "id", "customer_id", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."strict_orders" as t
  set "customer_id" = case when ($2::text[] && array['*', 'customers'] and s._stands = 'loaded') then "s"."customer_id" else "t"."customer_id" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'strict_orders', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('customer_id', array['*', 'customers'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'strict_orders' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'strict_orders' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;

-- loose_orders: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'loose_orders', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::text else "t"."customer_id" end as "customer_id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  cross join lateral (
    select
      ("o"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_loose_orders" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("o"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.orders')))) as found
on conflict do nothing;
-- rows that refer to moved rows of customers
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'loose_orders', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::text else "t"."customer_id" end as "customer_id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  cross join lateral (
    select
      ("o"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_loose_orders" as walked on walked.source_key = "step_1"."v1" collate "C"
  where ((("o"."customer_id")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'loose_orders' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of customers
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::text else "t"."customer_id" end as "customer_id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  cross join lateral (
    select
      ("o"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_loose_orders" as walked on walked.source_key = "step_1"."v1" collate "C"
  where ((("o"."customer_id")::text) collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'loose_orders' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    case when "row"."step_2.v3" or "row"."step_2.v4" then array[case when "row"."step_2.v3" then 1 end, case when "row"."step_2.v4" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."o.id")::int4 as "id",
    ("row"."ref_2.id")::uuid as "customer_id",
    case when "row"."step_2.v3" or "row"."step_2.v4" then array[(("row"."o.customer_id")::text)::text, (("row"."o.customer_id")::text)::text]::text[] end as "_originals"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."id" is null) as "step_2.v3",
    ("row"."o.customer_id")::text is not null and "ref_2"."source_key" is null as "step_2.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "ref_2"."id" as "ref_2.id",
    "row"."o.customer_id" as "o.customer_id"
  from (
  select
    "o"."customer_id" as "o.customer_id",
    ("o"."id")::text as "step_1.v1",
    "o"."id" as "o.id"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::text else "t"."customer_id" end as "customer_id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  where "o"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'loose_orders' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_customers" as "ref_2" on "ref_2"."source_key" = ("row"."o.customer_id")::text collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_loose_orders" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."loose_orders" ("id", "customer_id")
  select "id", "customer_id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_loose_orders" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'loose_orders' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'loose_orders' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'loose_orders' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'loose_orders', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'customer_id'), (2, 'orphan', 'customer_id')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'loose_orders', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'loose_orders', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_loose_orders" (like "app"."loose_orders", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    'loaded' as "_disposition",
    case when "row"."step_2.v3" or "row"."step_2.v4" then array[case when "row"."step_2.v3" then 1 end, case when "row"."step_2.v4" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."o.id")::int4 as "id",
    ("row"."ref_2.id")::uuid as "customer_id",
    case when "row"."step_2.v3" or "row"."step_2.v4" then array[(("row"."o.customer_id")::text)::text, (("row"."o.customer_id")::text)::text]::text[] end as "_originals"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."id" is null) as "step_2.v3",
    ("row"."o.customer_id")::text is not null and "ref_2"."source_key" is null as "step_2.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "ref_2"."id" as "ref_2.id",
    "row"."o.customer_id" as "o.customer_id"
  from (
  select
    "o"."customer_id" as "o.customer_id",
    ("o"."id")::text as "step_1.v1",
    "o"."id" as "o.id"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::text else "t"."customer_id" end as "customer_id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  where "o"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'loose_orders' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_customers" as "ref_2" on "ref_2"."source_key" = ("row"."o.customer_id")::text collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_loose_orders" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."loose_orders" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'customers'] and s._stands = 'loaded') and ("existing"."customer_id") is distinct from ("s"."customer_id"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_loose_orders" ("id", "customer_id", "drover_version")
  select "id", "customer_id", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."loose_orders" as t
  set "customer_id" = case when ($2::text[] && array['*', 'customers'] and s._stands = 'loaded') then "s"."customer_id" else "t"."customer_id" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'loose_orders', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('customer_id', array['*', 'customers'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'loose_orders' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'loose_orders' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'loose_orders', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'customer_id'), (2, 'orphan', 'customer_id')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;

-- default_orders: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'default_orders', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::text else "t"."customer_id" end as "customer_id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  cross join lateral (
    select
      ("o"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_default_orders" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("o"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.orders')))) as found
on conflict do nothing;
-- rows that refer to moved rows of customers
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'default_orders', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::text else "t"."customer_id" end as "customer_id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  cross join lateral (
    select
      ("o"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_default_orders" as walked on walked.source_key = "step_1"."v1" collate "C"
  where ((("o"."customer_id")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'default_orders' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of customers
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::text else "t"."customer_id" end as "customer_id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  cross join lateral (
    select
      ("o"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_default_orders" as walked on walked.source_key = "step_1"."v1" collate "C"
  where ((("o"."customer_id")::text) collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'default_orders' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_1.v6" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_2.v3" or "row"."step_2.v4" then array[case when "row"."step_2.v3" then 1 end, case when "row"."step_2.v4" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."o.id")::int4 as "id",
    (case when (("row"."ref_2.source_key" is not null and "row"."ref_2.id" is null)) or (("row"."o.customer_id")::text is not null and "row"."ref_2.source_key" is null) then "row"."step_1.v5" else "row"."ref_2.id" end)::uuid as "customer_id",
    case when "row"."step_1.v6" then array_remove(array[case when "row"."o.customer_id" is null then 1 end], null) end as "_reasons",
    "row"."o.ctid" as "_place",
    case when "row"."step_2.v3" or "row"."step_2.v4" then array[(("row"."o.customer_id")::text)::text, (("row"."o.customer_id")::text)::text]::text[] end as "_originals"
  from (
  select
    "row"."step_1.v6" as "step_1.v6",
    ("ref_2"."source_key" is not null and "ref_2"."id" is null) as "step_2.v3",
    ("row"."o.customer_id")::text is not null and "ref_2"."source_key" is null as "step_2.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "ref_2"."source_key" as "ref_2.source_key",
    "ref_2"."id" as "ref_2.id",
    "row"."o.customer_id" as "o.customer_id",
    "row"."step_1.v5" as "step_1.v5",
    "row"."o.ctid" as "o.ctid"
  from (
  select
    "o"."customer_id" is null as "step_1.v6",
    "o"."customer_id" as "o.customer_id",
    ("o"."id")::text as "step_1.v1",
    "o"."id" as "o.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to('unknown', 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v5",
    "o"."ctid" as "o.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::text else "t"."customer_id" end as "customer_id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  where "o"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'default_orders' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_customers" as "ref_2" on "ref_2"."source_key" = ("row"."o.customer_id")::text collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_default_orders" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."default_orders" ("id", "customer_id")
  select "id", "customer_id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_default_orders" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'default_orders', "s"."_key", $2::bigint,
    (array['no-customer'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-customer', 'customer_id')) as guard (number, code, column_name)
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'default_orders' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'default_orders' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'default_orders' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'default_orders', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'customer_id'), (2, 'unknown-customer', 'customer_id')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'default_orders', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'default_orders', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_default_orders" (like "app"."default_orders", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_1.v6" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_2.v3" or "row"."step_2.v4" then array[case when "row"."step_2.v3" then 1 end, case when "row"."step_2.v4" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."o.id")::int4 as "id",
    (case when (("row"."ref_2.source_key" is not null and "row"."ref_2.id" is null)) or (("row"."o.customer_id")::text is not null and "row"."ref_2.source_key" is null) then "row"."step_1.v5" else "row"."ref_2.id" end)::uuid as "customer_id",
    case when "row"."step_1.v6" then array_remove(array[case when "row"."o.customer_id" is null then 1 end], null) end as "_reasons",
    case when "row"."step_2.v3" or "row"."step_2.v4" then array[(("row"."o.customer_id")::text)::text, (("row"."o.customer_id")::text)::text]::text[] end as "_originals"
  from (
  select
    "row"."step_1.v6" as "step_1.v6",
    ("ref_2"."source_key" is not null and "ref_2"."id" is null) as "step_2.v3",
    ("row"."o.customer_id")::text is not null and "ref_2"."source_key" is null as "step_2.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "ref_2"."source_key" as "ref_2.source_key",
    "ref_2"."id" as "ref_2.id",
    "row"."o.customer_id" as "o.customer_id",
    "row"."step_1.v5" as "step_1.v5",
    "row"."o.ctid" as "o.ctid"
  from (
  select
    "o"."customer_id" is null as "step_1.v6",
    "o"."customer_id" as "o.customer_id",
    ("o"."id")::text as "step_1.v1",
    "o"."id" as "o.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to('unknown', 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v5",
    "o"."ctid" as "o.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::text else "t"."customer_id" end as "customer_id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  where "o"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'default_orders' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_customers" as "ref_2" on "ref_2"."source_key" = ("row"."o.customer_id")::text collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_default_orders" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."default_orders" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'customers'] and s._stands = 'loaded') and ("existing"."customer_id") is distinct from ("s"."customer_id"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_default_orders" ("id", "customer_id", "drover_version")
  select "id", "customer_id", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."default_orders" as t
  set "customer_id" = case when ($2::text[] && array['*', 'customers'] and s._stands = 'loaded') then "s"."customer_id" else "t"."customer_id" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'default_orders', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('customer_id', array['*', 'customers'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'default_orders' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'default_orders' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'default_orders', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'customer_id'), (2, 'unknown-customer', 'customer_id')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
