-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.products (1), app.customers (1), app.comments (3).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."comments" as t offset '0') as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."customers" as t offset '0') as hashed;
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
alter table "app"."comments" drop constraint "comments_product_id_fkey";
alter table "app"."comments" drop constraint "comments_customer_id_fkey";
alter table "app"."comments" drop constraint "comments_pkey";
alter table "app"."customers" drop constraint "customers_pkey";
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
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."p.id")::int4 as "id"
  from (
  select
    ("p"."id")::text as "step_1.v1",
    "p"."id" as "p.id"
  from (
    select "t"."ctid",
      "t"."id"
    from "legacy"."products" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.products' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  where ($3::text[] is null or ("p"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("p"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."products" ("id")
  select "id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_products" (source_key, disposition, "id")
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
      "t"."id"
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
-- 2. customers: legacy.customers → app.customers
-- =================================================================================================
-- customers: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_customers" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
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
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."c.id")::int4 as "id"
  from (
  select
    ("c"."id")::text as "step_1.v1",
    "c"."id" as "c.id"
  from (
    select "t"."ctid",
      "t"."id"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::int4))
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
    where ($1::text[] is null or ("c"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("c"."id") < (($2::text[])[1]::int4)) and "c"."id" is not null
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
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
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
  cross join lateral (
    select
      ("c"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::int4))
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
-- 3. comments: legacy.comments → app.comments
-- begins when customers, products is done
-- =================================================================================================
-- comments: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_comments" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."comments";
-- target rows before
select count(*) as n from "app"."comments";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."comments" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."comments")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'comments', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- comments: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."comments" as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_3.v6" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."c.id")::int4 as "id",
    ("row"."ref_3.id")::int4 as "product_id",
    ("row"."ref_5.id")::int4 as "customer_id",
    ("row"."c.body")::text as "body",
    case when "row"."step_3.v6" then array_remove(array[case when ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null) then 1 end, case when "row"."step_1.v2" is not null and "row"."ref_3.source_key" is null then 2 end, case when ("row"."ref_5.source_key" is not null and "row"."ref_5.id" is null) then 3 end, case when "row"."step_1.v4" is not null and "row"."ref_5.source_key" is null then 4 end, case when "row"."c.about" not in ('product', 'customer') or "row"."c.about_id" is null then 5 end], null) end as "_reasons",
    "row"."c.ctid" as "_place"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "row"."step_1.v2" is not null and "ref_3"."source_key" is null or ("ref_5"."source_key" is not null and "ref_5"."id" is null) or "row"."step_1.v4" is not null and "ref_5"."source_key" is null or "row"."c.about" not in ('product', 'customer') or "row"."c.about_id" is null as "step_3.v6",
    "row"."step_1.v1" as "step_1.v1",
    "row"."c.id" as "c.id",
    "ref_3"."id" as "ref_3.id",
    "ref_5"."id" as "ref_5.id",
    "row"."c.body" as "c.body",
    "ref_3"."source_key" as "ref_3.source_key",
    "row"."step_1.v2" as "step_1.v2",
    "ref_5"."source_key" as "ref_5.source_key",
    "row"."step_1.v4" as "step_1.v4",
    "row"."c.about" as "c.about",
    "row"."c.about_id" as "c.about_id",
    "row"."c.ctid" as "c.ctid"
  from (
  select
    (case when "c"."about" = 'product' then "c"."about_id" end)::text as "step_1.v2",
    (case when "c"."about" = 'customer' then "c"."about_id" end)::text as "step_1.v4",
    "c"."about" as "c.about",
    "c"."about_id" as "c.about_id",
    ("c"."id")::text as "step_1.v1",
    "c"."id" as "c.id",
    "c"."body" as "c.body",
    "c"."ctid" as "c.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'about' then ("fix"."patch" ->> 'about')::text else "t"."about" end as "about",
      case when "fix"."patch" ? 'about_id' then ("fix"."patch" ->> 'about_id')::int4 else "t"."about_id" end as "about_id",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::text else "t"."body" end as "body"
    from "legacy"."comments" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.comments' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_products" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  left join "drover"."crosswalk_customers" as "ref_5" on "ref_5"."source_key" = "row"."step_1.v4" collate "C"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."comments" ("id", "product_id", "customer_id", "body")
  select "id", "product_id", "customer_id", "body"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_comments" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'comments', "s"."_key", $2::bigint,
    (array['waiting', 'orphan', 'waiting', 'orphan', 'about-nothing'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'product_id'), (2, 'orphan', 'product_id'), (3, 'waiting', 'customer_id'), (4, 'orphan', 'customer_id'), (5, 'about-nothing', 'body')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."comments" as original
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
where run_id = $1::bigint and mapping = 'comments' and number = $2::bigint;
commit;

-- comments: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("c"."id")::text] as bound, row_number() over (order by "c"."id") as position, count(*) as rows
  from "legacy"."comments" as "c"
    where ($1::text[] is null or ("c"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("c"."id") < (($2::text[])[1]::int4)) and "c"."id" is not null
  group by "c"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- comments: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."comments" as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."comments" as original
      where original.ctid = "c"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'about' then ("fix"."patch" ->> 'about')::text else "t"."about" end as "about",
      case when "fix"."patch" ? 'about_id' then ("fix"."patch" ->> 'about_id')::int4 else "t"."about_id" end as "about_id",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::text else "t"."body" end as "body"
    from "legacy"."comments" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.comments' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_comments" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'comments', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'comments' and number = $2::bigint
returning quarantined;
commit;

-- comments: the key of the crosswalk
begin;
alter table "drover"."crosswalk_comments" add primary key (source_key);
analyze "drover"."crosswalk_comments";
commit;

-- comments: the statistics of the target
begin;
analyze "app"."comments";
commit;

-- comments_pkey
begin;
CREATE UNIQUE INDEX comments_pkey ON app.comments USING btree (id);
commit;

-- comments: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."comments";
-- target rows after
select count(*) as n from "app"."comments";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."products" add constraint "products_pkey" primary key using index "products_pkey";
alter table "app"."customers" add constraint "customers_pkey" primary key using index "customers_pkey";
alter table "app"."comments" add constraint "comments_pkey" primary key using index "comments_pkey";
commit;

-- =================================================================================================
-- Foreign keys, when every mapping is closed. Each statement is a transaction.
-- =================================================================================================
-- foreign keys
begin;
alter table "app"."comments" add constraint "comments_customer_id_fkey" FOREIGN KEY (customer_id) REFERENCES app.customers(id) not valid;
alter table "app"."comments" add constraint "comments_product_id_fkey" FOREIGN KEY (product_id) REFERENCES app.products(id) not valid;
alter table "app"."comments" validate constraint "comments_customer_id_fkey";
alter table "app"."comments" validate constraint "comments_product_id_fkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."comments" as t offset '0') as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."customers" as t offset '0') as hashed;
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
      "t"."id"
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
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."p.id")::int4 as "id"
  from (
  select
    ("p"."id")::text as "step_1.v1",
    "p"."id" as "p.id"
  from (
    select "t"."ctid",
      "t"."id"
    from "legacy"."products" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.products' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  where "p"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'products' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_products" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."products" ("id")
  select "id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_products" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
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
commit;

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
  cross join lateral (
    select
      ("c"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_customers" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("c"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.customers')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."c.id")::int4 as "id"
  from (
  select
    ("c"."id")::text as "step_1.v1",
    "c"."id" as "c.id"
  from (
    select "t"."ctid",
      "t"."id"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where "c"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('try') and not done) as named)
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

-- comments: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'comments', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'about' then ("fix"."patch" ->> 'about')::text else "t"."about" end as "about",
      case when "fix"."patch" ? 'about_id' then ("fix"."patch" ->> 'about_id')::int4 else "t"."about_id" end as "about_id",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::text else "t"."body" end as "body"
    from "legacy"."comments" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.comments' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_comments" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("c"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.comments')))) as found
on conflict do nothing;
-- rows that refer to moved rows of customers
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'comments', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'about' then ("fix"."patch" ->> 'about')::text else "t"."about" end as "about",
      case when "fix"."patch" ? 'about_id' then ("fix"."patch" ->> 'about_id')::int4 else "t"."about_id" end as "about_id",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::text else "t"."body" end as "body"
    from "legacy"."comments" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.comments' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1",
      (case when "c"."about" = 'customer' then "c"."about_id" end)::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_comments" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'comments' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- rows that refer to moved rows of products
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'comments', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'about' then ("fix"."patch" ->> 'about')::text else "t"."about" end as "about",
      case when "fix"."patch" ? 'about_id' then ("fix"."patch" ->> 'about_id')::int4 else "t"."about_id" end as "about_id",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::text else "t"."body" end as "body"
    from "legacy"."comments" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.comments' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1",
      (case when "c"."about" = 'product' then "c"."about_id" end)::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_comments" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'products' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'comments' and q.source_key = walked.source_key and q.accepted_at is not null
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
      case when "fix"."patch" ? 'about' then ("fix"."patch" ->> 'about')::text else "t"."about" end as "about",
      case when "fix"."patch" ? 'about_id' then ("fix"."patch" ->> 'about_id')::int4 else "t"."about_id" end as "about_id",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::text else "t"."body" end as "body"
    from "legacy"."comments" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.comments' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1",
      (case when "c"."about" = 'customer' then "c"."about_id" end)::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_comments" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'comments' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- how many refer to the row $2 of products
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'about' then ("fix"."patch" ->> 'about')::text else "t"."about" end as "about",
      case when "fix"."patch" ? 'about_id' then ("fix"."patch" ->> 'about_id')::int4 else "t"."about_id" end as "about_id",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::text else "t"."body" end as "body"
    from "legacy"."comments" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.comments' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1",
      (case when "c"."about" = 'product' then "c"."about_id" end)::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_comments" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'comments' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_3.v6" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."c.id")::int4 as "id",
    ("row"."ref_3.id")::int4 as "product_id",
    ("row"."ref_5.id")::int4 as "customer_id",
    ("row"."c.body")::text as "body",
    case when "row"."step_3.v6" then array_remove(array[case when ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null) then 1 end, case when "row"."step_1.v2" is not null and "row"."ref_3.source_key" is null then 2 end, case when ("row"."ref_5.source_key" is not null and "row"."ref_5.id" is null) then 3 end, case when "row"."step_1.v4" is not null and "row"."ref_5.source_key" is null then 4 end, case when "row"."c.about" not in ('product', 'customer') or "row"."c.about_id" is null then 5 end], null) end as "_reasons",
    "row"."c.ctid" as "_place"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "row"."step_1.v2" is not null and "ref_3"."source_key" is null or ("ref_5"."source_key" is not null and "ref_5"."id" is null) or "row"."step_1.v4" is not null and "ref_5"."source_key" is null or "row"."c.about" not in ('product', 'customer') or "row"."c.about_id" is null as "step_3.v6",
    "row"."step_1.v1" as "step_1.v1",
    "row"."c.id" as "c.id",
    "ref_3"."id" as "ref_3.id",
    "ref_5"."id" as "ref_5.id",
    "row"."c.body" as "c.body",
    "ref_3"."source_key" as "ref_3.source_key",
    "row"."step_1.v2" as "step_1.v2",
    "ref_5"."source_key" as "ref_5.source_key",
    "row"."step_1.v4" as "step_1.v4",
    "row"."c.about" as "c.about",
    "row"."c.about_id" as "c.about_id",
    "row"."c.ctid" as "c.ctid"
  from (
  select
    (case when "c"."about" = 'product' then "c"."about_id" end)::text as "step_1.v2",
    (case when "c"."about" = 'customer' then "c"."about_id" end)::text as "step_1.v4",
    "c"."about" as "c.about",
    "c"."about_id" as "c.about_id",
    ("c"."id")::text as "step_1.v1",
    "c"."id" as "c.id",
    "c"."body" as "c.body",
    "c"."ctid" as "c.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'about' then ("fix"."patch" ->> 'about')::text else "t"."about" end as "about",
      case when "fix"."patch" ? 'about_id' then ("fix"."patch" ->> 'about_id')::int4 else "t"."about_id" end as "about_id",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::text else "t"."body" end as "body"
    from "legacy"."comments" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.comments' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where "c"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'comments' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_products" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  left join "drover"."crosswalk_customers" as "ref_5" on "ref_5"."source_key" = "row"."step_1.v4" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_comments" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."comments" ("id", "product_id", "customer_id", "body")
  select "id", "product_id", "customer_id", "body"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_comments" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'comments', "s"."_key", $2::bigint,
    (array['waiting', 'orphan', 'waiting', 'orphan', 'about-nothing'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'product_id'), (2, 'orphan', 'product_id'), (3, 'waiting', 'customer_id'), (4, 'orphan', 'customer_id'), (5, 'about-nothing', 'body')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."comments" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'comments' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'comments' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'comments' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'comments', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'comments', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_comments" (like "app"."comments", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_3.v6" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."c.id")::int4 as "id",
    ("row"."ref_3.id")::int4 as "product_id",
    ("row"."ref_5.id")::int4 as "customer_id",
    ("row"."c.body")::text as "body",
    case when "row"."step_3.v6" then array_remove(array[case when ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null) then 1 end, case when "row"."step_1.v2" is not null and "row"."ref_3.source_key" is null then 2 end, case when ("row"."ref_5.source_key" is not null and "row"."ref_5.id" is null) then 3 end, case when "row"."step_1.v4" is not null and "row"."ref_5.source_key" is null then 4 end, case when "row"."c.about" not in ('product', 'customer') or "row"."c.about_id" is null then 5 end], null) end as "_reasons"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "row"."step_1.v2" is not null and "ref_3"."source_key" is null or ("ref_5"."source_key" is not null and "ref_5"."id" is null) or "row"."step_1.v4" is not null and "ref_5"."source_key" is null or "row"."c.about" not in ('product', 'customer') or "row"."c.about_id" is null as "step_3.v6",
    "row"."step_1.v1" as "step_1.v1",
    "row"."c.id" as "c.id",
    "ref_3"."id" as "ref_3.id",
    "ref_5"."id" as "ref_5.id",
    "row"."c.body" as "c.body",
    "ref_3"."source_key" as "ref_3.source_key",
    "row"."step_1.v2" as "step_1.v2",
    "ref_5"."source_key" as "ref_5.source_key",
    "row"."step_1.v4" as "step_1.v4",
    "row"."c.about" as "c.about",
    "row"."c.about_id" as "c.about_id",
    "row"."c.ctid" as "c.ctid"
  from (
  select
    (case when "c"."about" = 'product' then "c"."about_id" end)::text as "step_1.v2",
    (case when "c"."about" = 'customer' then "c"."about_id" end)::text as "step_1.v4",
    "c"."about" as "c.about",
    "c"."about_id" as "c.about_id",
    ("c"."id")::text as "step_1.v1",
    "c"."id" as "c.id",
    "c"."body" as "c.body",
    "c"."ctid" as "c.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'about' then ("fix"."patch" ->> 'about')::text else "t"."about" end as "about",
      case when "fix"."patch" ? 'about_id' then ("fix"."patch" ->> 'about_id')::int4 else "t"."about_id" end as "about_id",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::text else "t"."body" end as "body"
    from "legacy"."comments" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.comments' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where "c"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'comments' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_products" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  left join "drover"."crosswalk_customers" as "ref_5" on "ref_5"."source_key" = "row"."step_1.v4" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_comments" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."comments" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'products'] and s._stands = 'loaded') and ("existing"."product_id") is distinct from ("s"."product_id") or ($2::text[] && array['*', 'customers'] and s._stands = 'loaded') and ("existing"."customer_id") is distinct from ("s"."customer_id") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."body") is distinct from ("s"."body"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_comments" ("id", "product_id", "customer_id", "body", "drover_version")
  select "id", "product_id", "customer_id", "body", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."comments" as t
  set "product_id" = case when ($2::text[] && array['*', 'products'] and s._stands = 'loaded') then "s"."product_id" else "t"."product_id" end,
    "customer_id" = case when ($2::text[] && array['*', 'customers'] and s._stands = 'loaded') then "s"."customer_id" else "t"."customer_id" end,
    "body" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."body" else "t"."body" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'comments', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('product_id', array['*', 'products']), ('customer_id', array['*', 'customers']), ('body', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'comments' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'comments' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
