-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.customers (1), app.addresses (2), app.subscriptions (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."customers" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."subscriptions" drop constraint "subscriptions_customer_id_fkey";
alter table "app"."addresses" drop constraint "addresses_customer_id_fkey";
alter table "app"."addresses" drop constraint "addresses_pkey";
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
    ("row"."step_1.v1")::uuid as "id",
    ("row"."c.name")::text as "name"
  from (
  select
    "c"."id" as "c.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("c"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v1",
    "c"."name" as "c.name"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'street' then ("fix"."patch" ->> 'street')::text else "t"."street" end as "street",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'newsletter' then ("fix"."patch" ->> 'newsletter')::bool else "t"."newsletter" end as "newsletter"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::text))
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."customers" ("id", "name")
  select "id", "name"
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
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'street' then ("fix"."patch" ->> 'street')::text else "t"."street" end as "street",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'newsletter' then ("fix"."patch" ->> 'newsletter')::bool else "t"."newsletter" end as "newsletter"
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
-- 2. addresses: legacy.customers → app.addresses
-- begins when customers is done
-- =================================================================================================
-- addresses: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_addresses" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" uuid
);
-- source rows
select count(*) as n from "legacy"."customers";
-- target rows before
select count(*) as n from "app"."addresses";
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
select $1::bigint, 'addresses', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- addresses: each chunk
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
    case when ("step_1"."v4") is not true then 'excluded' when "step_2"."v5" then 'quarantined' else 'loaded' end as "_disposition",
    ("c"."id")::text as "_key",
    ("step_1"."v3")::uuid as "id",
    ("ref_1"."id")::uuid as "customer_id",
    ("c"."street")::text as "street",
    ("step_1"."v2")::text as "city",
    case when "step_2"."v5" then array_remove(array[case when ("ref_1"."source_key" is not null and "ref_1"."id" is null) then 1 end, case when ("c"."id")::text is not null and "ref_1"."source_key" is null then 2 end, case when "step_1"."v2" is null then 3 end], null) end as "_reasons",
    "c"."ctid" as "_place"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'street' then ("fix"."patch" ->> 'street')::text else "t"."street" end as "street",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'newsletter' then ("fix"."patch" ->> 'newsletter')::bool else "t"."newsletter" end as "newsletter"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  left join "drover"."crosswalk_customers" as "ref_1" on "ref_1"."source_key" = ("c"."id")::text collate "C"
  cross join lateral (
    select
      case when btrim("c"."city", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C" <> '' then "c"."city" end as "v2",
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to('address:' || ("c"."id"), 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v3",
      coalesce("c"."street", "c"."city") is not null as "v4"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      ("ref_1"."source_key" is not null and "ref_1"."id" is null) or ("c"."id")::text is not null and "ref_1"."source_key" is null or "step_1"."v2" is null as "v5"
    offset '0'
  ) as "step_2"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::text))
), loaded as (
  insert into "app"."addresses" ("id", "customer_id", "street", "city")
  select "id", "customer_id", "street", "city"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_addresses" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'addresses', "s"."_key", $2::bigint,
    (array['waiting', 'orphan', 'no-city'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'customer_id'), (2, 'orphan', 'customer_id'), (3, 'no-city', 'city')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."customers" as original
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
  "excluded" = carried."excluded",
  finished_at = clock_timestamp()
from (
  select count(*) filter (where "s"."_disposition" = 'excluded') as "excluded"
  from s
) as carried
where run_id = $1::bigint and mapping = 'addresses' and number = $2::bigint;
commit;

-- addresses: a chunk that is to be cut in two
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

-- addresses: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."customers" as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::text))
), s as materialized (
  select ("c"."id")::text as source_key,
    case when case when $8::boolean then (coalesce("c"."street", "c"."city") is not null) is not true end then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."customers" as original
      where original.ctid = "c"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'street' then ("fix"."patch" ->> 'street')::text else "t"."street" end as "street",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'newsletter' then ("fix"."patch" ->> 'newsletter')::bool else "t"."newsletter" end as "newsletter"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::text))
), walked as (
  insert into "drover"."crosswalk_addresses" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'addresses', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'addresses' and number = $2::bigint
returning quarantined;
commit;

-- addresses: the key of the crosswalk
begin;
alter table "drover"."crosswalk_addresses" add primary key (source_key);
analyze "drover"."crosswalk_addresses";
commit;

-- addresses: the statistics of the target
begin;
analyze "app"."addresses";
commit;

-- addresses_pkey
begin;
CREATE UNIQUE INDEX addresses_pkey ON app.addresses USING btree (id);
commit;

-- addresses: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."customers";
-- target rows after
select count(*) as n from "app"."addresses";
commit;

-- =================================================================================================
-- 3. subscriptions: legacy.customers → app.subscriptions
-- begins when customers is done
-- =================================================================================================
-- subscriptions: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_subscriptions" (
  source_key text collate "C" not null,
  disposition text not null,
  "customer_id" uuid
);
-- source rows
select count(*) as n from "legacy"."customers";
-- target rows before
select count(*) as n from "app"."subscriptions";
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
select $1::bigint, 'subscriptions', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- subscriptions: each chunk
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
    case when ("row"."c.newsletter") is not true then 'excluded' when "row"."step_2.v2" then 'quarantined' else 'loaded' end as "_disposition",
    ("row"."c.id")::text as "_key",
    ("row"."ref_1.id")::uuid as "customer_id",
    ('news')::text as "topic",
    case when "row"."step_2.v2" then array_remove(array[case when ("row"."ref_1.source_key" is not null and "row"."ref_1.id" is null) then 1 end, case when ("row"."c.id")::text is not null and "row"."ref_1.source_key" is null then 2 end], null) end as "_reasons",
    "row"."c.ctid" as "_place"
  from (
  select
    "c"."newsletter" as "c.newsletter",
    ("ref_1"."source_key" is not null and "ref_1"."id" is null) or ("c"."id")::text is not null and "ref_1"."source_key" is null as "step_2.v2",
    "c"."id" as "c.id",
    "ref_1"."id" as "ref_1.id",
    "ref_1"."source_key" as "ref_1.source_key",
    "c"."ctid" as "c.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'street' then ("fix"."patch" ->> 'street')::text else "t"."street" end as "street",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'newsletter' then ("fix"."patch" ->> 'newsletter')::bool else "t"."newsletter" end as "newsletter"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  left join "drover"."crosswalk_customers" as "ref_1" on "ref_1"."source_key" = ("c"."id")::text collate "C"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::text))
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."subscriptions" ("customer_id", "topic")
  select "customer_id", "topic"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_subscriptions" (source_key, disposition, "customer_id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."customer_id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'subscriptions', "s"."_key", $2::bigint,
    (array['waiting', 'orphan'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'customer_id'), (2, 'orphan', 'customer_id')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."customers" as original
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
  "excluded" = carried."excluded",
  finished_at = clock_timestamp()
from (
  select count(*) filter (where "s"."_disposition" = 'excluded') as "excluded"
  from s
) as carried
where run_id = $1::bigint and mapping = 'subscriptions' and number = $2::bigint;
commit;

-- subscriptions: a chunk that is to be cut in two
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

-- subscriptions: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."customers" as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::text))
), s as materialized (
  select ("c"."id")::text as source_key,
    case when case when $8::boolean then ("c"."newsletter") is not true end then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."customers" as original
      where original.ctid = "c"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'street' then ("fix"."patch" ->> 'street')::text else "t"."street" end as "street",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'newsletter' then ("fix"."patch" ->> 'newsletter')::bool else "t"."newsletter" end as "newsletter"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::text))
), walked as (
  insert into "drover"."crosswalk_subscriptions" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'subscriptions', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'subscriptions' and number = $2::bigint
returning quarantined;
commit;

-- subscriptions: the key of the crosswalk
begin;
alter table "drover"."crosswalk_subscriptions" add primary key (source_key);
analyze "drover"."crosswalk_subscriptions";
commit;

-- subscriptions: the statistics of the target
begin;
analyze "app"."subscriptions";
commit;

-- subscriptions: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."customers";
-- target rows after
select count(*) as n from "app"."subscriptions";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."customers" add constraint "customers_pkey" primary key using index "customers_pkey";
alter table "app"."addresses" add constraint "addresses_pkey" primary key using index "addresses_pkey";
commit;

-- =================================================================================================
-- Foreign keys, when every mapping is closed. Each statement is a transaction.
-- =================================================================================================
-- foreign keys
begin;
alter table "app"."addresses" add constraint "addresses_customer_id_fkey" FOREIGN KEY (customer_id) REFERENCES app.customers(id) not valid;
alter table "app"."subscriptions" add constraint "subscriptions_customer_id_fkey" FOREIGN KEY (customer_id) REFERENCES app.customers(id) not valid;
alter table "app"."addresses" validate constraint "addresses_customer_id_fkey";
alter table "app"."subscriptions" validate constraint "subscriptions_customer_id_fkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."customers" as t offset '0') as hashed;
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
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'street' then ("fix"."patch" ->> 'street')::text else "t"."street" end as "street",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'newsletter' then ("fix"."patch" ->> 'newsletter')::bool else "t"."newsletter" end as "newsletter"
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
    ("row"."step_1.v1")::uuid as "id",
    ("row"."c.name")::text as "name"
  from (
  select
    "c"."id" as "c.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("c"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v1",
    "c"."name" as "c.name"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'street' then ("fix"."patch" ->> 'street')::text else "t"."street" end as "street",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'newsletter' then ("fix"."patch" ->> 'newsletter')::bool else "t"."newsletter" end as "newsletter"
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
  insert into "app"."customers" ("id", "name")
  select "id", "name"
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
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    'loaded' as "_disposition",
    ("row"."c.id")::text as "_key",
    ("row"."step_1.v1")::uuid as "id",
    ("row"."c.name")::text as "name"
  from (
  select
    "c"."id" as "c.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("c"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v1",
    "c"."name" as "c.name"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'street' then ("fix"."patch" ->> 'street')::text else "t"."street" end as "street",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'newsletter' then ("fix"."patch" ->> 'newsletter')::bool else "t"."newsletter" end as "newsletter"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where "c"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_customers" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."customers" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."name") is distinct from ("s"."name"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_customers" ("id", "name", "drover_version")
  select "id", "name", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."customers" as t
  set "name" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."name" else "t"."name" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'customers', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('name', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'customers' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'customers' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;

-- addresses: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'addresses', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'street' then ("fix"."patch" ->> 'street')::text else "t"."street" end as "street",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'newsletter' then ("fix"."patch" ->> 'newsletter')::bool else "t"."newsletter" end as "newsletter"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  join "drover"."crosswalk_addresses" as walked on walked.source_key = ("c"."id")::text collate "C"
  where walked.disposition <> 'quarantined' and ((("c"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.customers')))) as found
on conflict do nothing;
-- rows that refer to moved rows of customers
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'addresses', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'street' then ("fix"."patch" ->> 'street')::text else "t"."street" end as "street",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'newsletter' then ("fix"."patch" ->> 'newsletter')::bool else "t"."newsletter" end as "newsletter"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  join "drover"."crosswalk_addresses" as walked on walked.source_key = ("c"."id")::text collate "C"
  where ((("c"."id")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'addresses' and q.source_key = walked.source_key and q.accepted_at is not null
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
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'street' then ("fix"."patch" ->> 'street')::text else "t"."street" end as "street",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'newsletter' then ("fix"."patch" ->> 'newsletter')::bool else "t"."newsletter" end as "newsletter"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  join "drover"."crosswalk_addresses" as walked on walked.source_key = ("c"."id")::text collate "C"
  where ((("c"."id")::text) collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'addresses' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when ("step_1"."v4") is not true then 'excluded' when "step_2"."v5" then 'quarantined' else 'loaded' end as "_disposition",
    ("c"."id")::text as "_key",
    ("step_1"."v3")::uuid as "id",
    ("ref_1"."id")::uuid as "customer_id",
    ("c"."street")::text as "street",
    ("step_1"."v2")::text as "city",
    case when "step_2"."v5" then array_remove(array[case when ("ref_1"."source_key" is not null and "ref_1"."id" is null) then 1 end, case when ("c"."id")::text is not null and "ref_1"."source_key" is null then 2 end, case when "step_1"."v2" is null then 3 end], null) end as "_reasons",
    "c"."ctid" as "_place"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'street' then ("fix"."patch" ->> 'street')::text else "t"."street" end as "street",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'newsletter' then ("fix"."patch" ->> 'newsletter')::bool else "t"."newsletter" end as "newsletter"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  left join "drover"."crosswalk_customers" as "ref_1" on "ref_1"."source_key" = ("c"."id")::text collate "C"
  cross join lateral (
    select
      case when btrim("c"."city", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C" <> '' then "c"."city" end as "v2",
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to('address:' || ("c"."id"), 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v3",
      coalesce("c"."street", "c"."city") is not null as "v4"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      ("ref_1"."source_key" is not null and "ref_1"."id" is null) or ("c"."id")::text is not null and "ref_1"."source_key" is null or "step_1"."v2" is null as "v5"
    offset '0'
  ) as "step_2"
  where "c"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'addresses' and purpose in ('try') and not done) as named)
  ) as made
  join "drover"."crosswalk_addresses" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."addresses" ("id", "customer_id", "street", "city")
  select "id", "customer_id", "street", "city"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_addresses" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'addresses', "s"."_key", $2::bigint,
    (array['waiting', 'orphan', 'no-city'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'customer_id'), (2, 'orphan', 'customer_id'), (3, 'no-city', 'city')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."customers" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'addresses' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'addresses' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'addresses' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'addresses', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'addresses', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_addresses" (like "app"."addresses", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when ("step_1"."v4") is not true then 'excluded' when "step_2"."v5" then 'quarantined' else 'loaded' end as "_disposition",
    ("c"."id")::text as "_key",
    ("step_1"."v3")::uuid as "id",
    ("ref_1"."id")::uuid as "customer_id",
    ("c"."street")::text as "street",
    ("step_1"."v2")::text as "city",
    case when "step_2"."v5" then array_remove(array[case when ("ref_1"."source_key" is not null and "ref_1"."id" is null) then 1 end, case when ("c"."id")::text is not null and "ref_1"."source_key" is null then 2 end, case when "step_1"."v2" is null then 3 end], null) end as "_reasons"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'street' then ("fix"."patch" ->> 'street')::text else "t"."street" end as "street",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'newsletter' then ("fix"."patch" ->> 'newsletter')::bool else "t"."newsletter" end as "newsletter"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  left join "drover"."crosswalk_customers" as "ref_1" on "ref_1"."source_key" = ("c"."id")::text collate "C"
  cross join lateral (
    select
      case when btrim("c"."city", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C" <> '' then "c"."city" end as "v2",
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to('address:' || ("c"."id"), 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v3",
      coalesce("c"."street", "c"."city") is not null as "v4"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      ("ref_1"."source_key" is not null and "ref_1"."id" is null) or ("c"."id")::text is not null and "ref_1"."source_key" is null or "step_1"."v2" is null as "v5"
    offset '0'
  ) as "step_2"
  where "c"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'addresses' and purpose in ('change') and not done) as named)
  ) as made
  join "drover"."crosswalk_addresses" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."addresses" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'customers'] and s._stands = 'loaded') and ("existing"."customer_id") is distinct from ("s"."customer_id") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."street") is distinct from ("s"."street") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."city") is distinct from ("s"."city"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_addresses" ("id", "customer_id", "street", "city", "drover_version")
  select "id", "customer_id", "street", "city", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."addresses" as t
  set "customer_id" = case when ($2::text[] && array['*', 'customers'] and s._stands = 'loaded') then "s"."customer_id" else "t"."customer_id" end,
    "street" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."street" else "t"."street" end,
    "city" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."city" else "t"."city" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'addresses', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('customer_id', array['*', 'customers']), ('street', array['*']), ('city', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'addresses' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'addresses' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;

-- subscriptions: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'subscriptions', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'street' then ("fix"."patch" ->> 'street')::text else "t"."street" end as "street",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'newsletter' then ("fix"."patch" ->> 'newsletter')::bool else "t"."newsletter" end as "newsletter"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  join "drover"."crosswalk_subscriptions" as walked on walked.source_key = ("c"."id")::text collate "C"
  where walked.disposition <> 'quarantined' and ((("c"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.customers')))) as found
on conflict do nothing;
-- rows that refer to moved rows of customers
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'subscriptions', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'street' then ("fix"."patch" ->> 'street')::text else "t"."street" end as "street",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'newsletter' then ("fix"."patch" ->> 'newsletter')::bool else "t"."newsletter" end as "newsletter"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  join "drover"."crosswalk_subscriptions" as walked on walked.source_key = ("c"."id")::text collate "C"
  where ((("c"."id")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'subscriptions' and q.source_key = walked.source_key and q.accepted_at is not null
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
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'street' then ("fix"."patch" ->> 'street')::text else "t"."street" end as "street",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'newsletter' then ("fix"."patch" ->> 'newsletter')::bool else "t"."newsletter" end as "newsletter"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  join "drover"."crosswalk_subscriptions" as walked on walked.source_key = ("c"."id")::text collate "C"
  where ((("c"."id")::text) collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'subscriptions' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when ("row"."c.newsletter") is not true then 'excluded' when "row"."step_2.v2" then 'quarantined' else 'loaded' end as "_disposition",
    ("row"."c.id")::text as "_key",
    ("row"."ref_1.id")::uuid as "customer_id",
    ('news')::text as "topic",
    case when "row"."step_2.v2" then array_remove(array[case when ("row"."ref_1.source_key" is not null and "row"."ref_1.id" is null) then 1 end, case when ("row"."c.id")::text is not null and "row"."ref_1.source_key" is null then 2 end], null) end as "_reasons",
    "row"."c.ctid" as "_place"
  from (
  select
    "c"."newsletter" as "c.newsletter",
    ("ref_1"."source_key" is not null and "ref_1"."id" is null) or ("c"."id")::text is not null and "ref_1"."source_key" is null as "step_2.v2",
    "c"."id" as "c.id",
    "ref_1"."id" as "ref_1.id",
    "ref_1"."source_key" as "ref_1.source_key",
    "c"."ctid" as "c.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'street' then ("fix"."patch" ->> 'street')::text else "t"."street" end as "street",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'newsletter' then ("fix"."patch" ->> 'newsletter')::bool else "t"."newsletter" end as "newsletter"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  left join "drover"."crosswalk_customers" as "ref_1" on "ref_1"."source_key" = ("c"."id")::text collate "C"
  where "c"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'subscriptions' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_subscriptions" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."subscriptions" ("customer_id", "topic")
  select "customer_id", "topic"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_subscriptions" as walked
  set disposition = "s"."_disposition", "customer_id" = case "s"."_disposition" when 'loaded' then "s"."customer_id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'subscriptions', "s"."_key", $2::bigint,
    (array['waiting', 'orphan'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'customer_id'), (2, 'orphan', 'customer_id')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."customers" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'subscriptions' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'subscriptions' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'subscriptions' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'subscriptions', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'subscriptions', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_subscriptions" (like "app"."subscriptions", "drover_version" bigint not null, primary key ("customer_id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."customer_id" as "_walked_customer_id"
  from (
  select
    case when ("row"."c.newsletter") is not true then 'excluded' when "row"."step_2.v2" then 'quarantined' else 'loaded' end as "_disposition",
    ("row"."c.id")::text as "_key",
    ("row"."ref_1.id")::uuid as "customer_id",
    ('news')::text as "topic",
    case when "row"."step_2.v2" then array_remove(array[case when ("row"."ref_1.source_key" is not null and "row"."ref_1.id" is null) then 1 end, case when ("row"."c.id")::text is not null and "row"."ref_1.source_key" is null then 2 end], null) end as "_reasons"
  from (
  select
    "c"."newsletter" as "c.newsletter",
    ("ref_1"."source_key" is not null and "ref_1"."id" is null) or ("c"."id")::text is not null and "ref_1"."source_key" is null as "step_2.v2",
    "c"."id" as "c.id",
    "ref_1"."id" as "ref_1.id",
    "ref_1"."source_key" as "ref_1.source_key",
    "c"."ctid" as "c.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'street' then ("fix"."patch" ->> 'street')::text else "t"."street" end as "street",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'newsletter' then ("fix"."patch" ->> 'newsletter')::bool else "t"."newsletter" end as "newsletter"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  left join "drover"."crosswalk_customers" as "ref_1" on "ref_1"."source_key" = ("c"."id")::text collate "C"
  where "c"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'subscriptions' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_subscriptions" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."subscriptions" as existing
  join s on "existing"."customer_id" = "s"."_walked_customer_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'customers'] and s._stands = 'loaded') and ("existing"."customer_id") is distinct from ("s"."customer_id"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_subscriptions" ("customer_id", "topic", "drover_version")
  select "customer_id", "topic", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."subscriptions" as t
  set "customer_id" = case when ($2::text[] && array['*', 'customers'] and s._stands = 'loaded') then "s"."customer_id" else "t"."customer_id" end
  from s, locked
  where "t"."customer_id" = "s"."_walked_customer_id" and "locked"."customer_id" = "t"."customer_id"
  returning "s"."_key" as source_key, "locked"."customer_id" as "_old_customer_id", "t"."customer_id" as "_new_customer_id"
), walked as (
  update "drover"."crosswalk_subscriptions" as entry
  set "customer_id" = "updated"."_new_customer_id"
  from updated
  where "entry"."customer_id" = "updated"."_old_customer_id"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'subscriptions', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('customer_id', array['*', 'customers'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'subscriptions' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'subscriptions' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
