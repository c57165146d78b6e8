-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."comments" as t) as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."customers" as t) as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."products" as t) as hashed;
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
    "step_1"."v1" as "_key",
    ("p"."id")::int4 as "id",
    'loaded' as "_disposition"
  from "legacy"."products" as "p"
  cross join lateral (
    select
      ("p"."id")::text as "v1"
    offset 0
  ) as "step_1"
  where ($3::text[] is null or ("p"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("p"."id") < (($4::text[])[1]::int4))
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
  returning disposition
), quarantined as (select where false)
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = (select count(*) from loaded),
  merged = (select count(*) from walked where disposition = 'merged'),
  matched = (select count(*) from walked where disposition = 'matched'),
  quarantined = (select count(*) from quarantined),
  excluded = (select count(*) from walked where disposition = 'excluded'),
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
    to_jsonb("p".*) as original
  from "legacy"."products" as "p"
  cross join lateral (
    select
      ("p"."id")::text as "v1"
    offset 0
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

-- products: close
begin;
alter table "drover"."crosswalk_products" add primary key (source_key);
analyze "drover"."crosswalk_products";
analyze "app"."products";
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
    "step_1"."v1" as "_key",
    ("c"."id")::int4 as "id",
    'loaded' as "_disposition"
  from "legacy"."customers" as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1"
    offset 0
  ) as "step_1"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::int4))
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
  returning disposition
), quarantined as (select where false)
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = (select count(*) from loaded),
  merged = (select count(*) from walked where disposition = 'merged'),
  matched = (select count(*) from walked where disposition = 'matched'),
  quarantined = (select count(*) from quarantined),
  excluded = (select count(*) from walked where disposition = 'excluded'),
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
    to_jsonb("c".*) as original
  from "legacy"."customers" as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1"
    offset 0
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

-- customers: close
begin;
alter table "drover"."crosswalk_customers" add primary key (source_key);
analyze "drover"."crosswalk_customers";
analyze "app"."customers";
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
    "step_1"."v1" as "_key",
    ("c"."id")::int4 as "id",
    ("ref_3"."id")::int4 as "product_id",
    ("ref_5"."id")::int4 as "customer_id",
    ("c"."body")::text as "body",
    case when "step_3"."v6" or "step_3"."v7" or "step_3"."v8" or "step_3"."v9" or "step_1"."v10" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_3"."v6" or "step_3"."v7" or "step_3"."v8" or "step_3"."v9" or "step_1"."v10" then array_remove(array[case when "step_3"."v6" then 1 end, case when "step_3"."v7" then 2 end, case when "step_3"."v8" then 3 end, case when "step_3"."v9" then 4 end, case when "step_1"."v10" then 5 end], null) end as "_reasons",
    "c"."ctid" as "_place"
  from "legacy"."comments" as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1",
      (case when "c"."about" = 'product' then "c"."about_id" end)::text as "v2",
      (case when "c"."about" = 'customer' then "c"."about_id" end)::text as "v4",
      "c"."about" not in ('product', 'customer') or "c"."about_id" is null as "v10"
    offset 0
  ) as "step_1"
  left join "drover"."crosswalk_products" as "ref_3" on "ref_3"."source_key" = "step_1"."v2" collate "C"
  left join "drover"."crosswalk_customers" as "ref_5" on "ref_5"."source_key" = "step_1"."v4" collate "C"
  cross join lateral (
    select
      ("ref_3"."source_key" is not null and "ref_3"."id" is null) as "v6",
      "step_1"."v2" is not null and "ref_3"."source_key" is null as "v7",
      ("ref_5"."source_key" is not null and "ref_5"."id" is null) as "v8",
      "step_1"."v4" is not null and "ref_5"."source_key" is null as "v9"
    offset 0
  ) as "step_3"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::int4))
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
  returning disposition
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
  merged = (select count(*) from walked where disposition = 'merged'),
  matched = (select count(*) from walked where disposition = 'matched'),
  quarantined = (select count(*) from quarantined),
  excluded = (select count(*) from walked where disposition = 'excluded'),
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
    to_jsonb("c".*) as original
  from "legacy"."comments" as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1"
    offset 0
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

-- comments: close
begin;
alter table "drover"."crosswalk_comments" add primary key (source_key);
analyze "drover"."crosswalk_comments";
analyze "app"."comments";
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."comments";
-- target rows after
select count(*) as n from "app"."comments";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."comments" as t) as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."customers" as t) as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."products" as t) as hashed;
commit;
