-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."customers" as t) as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."orders" as t) as hashed;
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
    "step_1"."v1" as "_key",
    ("step_1"."v2")::uuid as "id",
    'loaded' as "_disposition"
  from "legacy"."customers" as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1",
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("c"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v2"
    offset 0
  ) as "step_1"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::text))
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
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    to_jsonb("c".*) as original
  from "legacy"."customers" as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1"
    offset 0
  ) as "step_1"
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
    "step_1"."v1" as "_key",
    ("o"."id")::int4 as "id",
    ("ref_3"."id")::uuid as "customer_id",
    case when "step_3"."v4" or "step_3"."v5" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_3"."v4" or "step_3"."v5" then array_remove(array[case when "step_3"."v4" then 1 end, case when "step_3"."v5" then 2 end], null) end as "_reasons",
    "o"."ctid" as "_place"
  from "legacy"."orders" as "o"
  cross join lateral (
    select
      ("o"."id")::text as "v1",
      ("o"."customer_id")::text as "v2"
    offset 0
  ) as "step_1"
  left join "drover"."crosswalk_customers" as "ref_3" on "ref_3"."source_key" = "step_1"."v2" collate "C"
  cross join lateral (
    select
      ("ref_3"."source_key" is not null and "ref_3"."id" is null) as "v4",
      "step_1"."v2" is not null and "ref_3"."source_key" is null as "v5"
    offset 0
  ) as "step_3"
  where ($3::text[] is null or ("o"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("o"."id") < (($4::text[])[1]::int4))
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
  returning disposition
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
  merged = (select count(*) from walked where disposition = 'merged'),
  matched = (select count(*) from walked where disposition = 'matched'),
  quarantined = (select count(*) from quarantined),
  excluded = (select count(*) from walked where disposition = 'excluded'),
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
    to_jsonb("o".*) as original
  from "legacy"."orders" as "o"
  cross join lateral (
    select
      ("o"."id")::text as "v1"
    offset 0
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

-- strict_orders: close
begin;
alter table "drover"."crosswalk_strict_orders" add primary key (source_key);
analyze "drover"."crosswalk_strict_orders";
analyze "app"."strict_orders";
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
    "step_1"."v1" as "_key",
    ("o"."id")::int4 as "id",
    ("ref_3"."id")::uuid as "customer_id",
    'loaded' as "_disposition",
    case when "step_3"."v4" or "step_3"."v5" then array[case when "step_3"."v4" then 1 end, case when "step_3"."v5" then 2 end] end as "_logged",
    case when "step_3"."v4" or "step_3"."v5" then array[("step_1"."v2")::text, ("step_1"."v2")::text]::text[] end as "_originals"
  from "legacy"."orders" as "o"
  cross join lateral (
    select
      ("o"."id")::text as "v1",
      ("o"."customer_id")::text as "v2"
    offset 0
  ) as "step_1"
  left join "drover"."crosswalk_customers" as "ref_3" on "ref_3"."source_key" = "step_1"."v2" collate "C"
  cross join lateral (
    select
      ("ref_3"."source_key" is not null and "ref_3"."id" is null) as "v4",
      "step_1"."v2" is not null and "ref_3"."source_key" is null as "v5"
    offset 0
  ) as "step_3"
  where ($3::text[] is null or ("o"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("o"."id") < (($4::text[])[1]::int4))
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
  returning disposition
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
  merged = (select count(*) from walked where disposition = 'merged'),
  matched = (select count(*) from walked where disposition = 'matched'),
  quarantined = (select count(*) from quarantined),
  excluded = (select count(*) from walked where disposition = 'excluded'),
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
    to_jsonb("o".*) as original
  from "legacy"."orders" as "o"
  cross join lateral (
    select
      ("o"."id")::text as "v1"
    offset 0
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

-- loose_orders: close
begin;
alter table "drover"."crosswalk_loose_orders" add primary key (source_key);
analyze "drover"."crosswalk_loose_orders";
analyze "app"."loose_orders";
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
    "step_1"."v1" as "_key",
    ("o"."id")::int4 as "id",
    (case when (("ref_3"."source_key" is not null and "ref_3"."id" is null)) or ("step_1"."v2" is not null and "ref_3"."source_key" is null) then "step_1"."v7" else "ref_3"."id" end)::uuid as "customer_id",
    case when "step_1"."v4" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_1"."v4" then array_remove(array[case when "step_1"."v4" then 1 end], null) end as "_reasons",
    "o"."ctid" as "_place",
    case when "step_3"."v5" or "step_3"."v6" then array[case when "step_3"."v5" then 1 end, case when "step_3"."v6" then 2 end] end as "_logged",
    case when "step_3"."v5" or "step_3"."v6" then array[("step_1"."v2")::text, ("step_1"."v2")::text]::text[] end as "_originals"
  from "legacy"."orders" as "o"
  cross join lateral (
    select
      ("o"."id")::text as "v1",
      ("o"."customer_id")::text as "v2",
      "o"."customer_id" is null as "v4",
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to('unknown', 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v7"
    offset 0
  ) as "step_1"
  left join "drover"."crosswalk_customers" as "ref_3" on "ref_3"."source_key" = "step_1"."v2" collate "C"
  cross join lateral (
    select
      ("ref_3"."source_key" is not null and "ref_3"."id" is null) as "v5",
      "step_1"."v2" is not null and "ref_3"."source_key" is null as "v6"
    offset 0
  ) as "step_3"
  where ($3::text[] is null or ("o"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("o"."id") < (($4::text[])[1]::int4))
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
  returning disposition
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
  merged = (select count(*) from walked where disposition = 'merged'),
  matched = (select count(*) from walked where disposition = 'matched'),
  quarantined = (select count(*) from quarantined),
  excluded = (select count(*) from walked where disposition = 'excluded'),
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
    to_jsonb("o".*) as original
  from "legacy"."orders" as "o"
  cross join lateral (
    select
      ("o"."id")::text as "v1"
    offset 0
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

-- default_orders: close
begin;
alter table "drover"."crosswalk_default_orders" add primary key (source_key);
analyze "drover"."crosswalk_default_orders";
analyze "app"."default_orders";
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."orders";
-- target rows after
select count(*) as n from "app"."default_orders";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."customers" as t) as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."orders" as t) as hashed;
commit;
