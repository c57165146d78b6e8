-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."customers" as t) as hashed;
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
    ("c"."name")::text as "name",
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
  insert into "app"."customers" ("id", "name")
  select "id", "name"
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
    "step_1"."v1" as "_key",
    ("step_1"."v7")::uuid as "id",
    ("ref_2"."id")::uuid as "customer_id",
    ("c"."street")::text as "street",
    ("step_1"."v3")::text as "city",
    case when ("step_1"."v8") is not true then 'excluded' when "step_3"."v4" or "step_3"."v5" or "step_2"."v6" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_3"."v4" or "step_3"."v5" or "step_2"."v6" then array_remove(array[case when "step_3"."v4" then 1 end, case when "step_3"."v5" then 2 end, case when "step_2"."v6" then 3 end], null) end as "_reasons",
    "c"."ctid" as "_place"
  from "legacy"."customers" as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1",
      case when btrim("c"."city", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C" <> '' then "c"."city" end as "v3",
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to('address:' || ("c"."id"), 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v7",
      coalesce("c"."street", "c"."city") is not null as "v8"
    offset 0
  ) as "step_1"
  left join "drover"."crosswalk_customers" as "ref_2" on "ref_2"."source_key" = "step_1"."v1" collate "C"
  cross join lateral (
    select
      "step_1"."v3" is null as "v6"
    offset 0
  ) as "step_2"
  cross join lateral (
    select
      ("ref_2"."source_key" is not null and "ref_2"."id" is null) as "v4",
      "step_1"."v1" is not null and "ref_2"."source_key" is null as "v5"
    offset 0
  ) as "step_3"
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
  returning disposition
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
  merged = (select count(*) from walked where disposition = 'merged'),
  matched = (select count(*) from walked where disposition = 'matched'),
  quarantined = (select count(*) from quarantined),
  excluded = (select count(*) from walked where disposition = 'excluded'),
  finished_at = clock_timestamp()
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
  select "step_1"."v1" as source_key,
    case when case when $8::boolean then (coalesce("c"."street", "c"."city") is not null) is not true end then 'excluded' else 'quarantined' end as disposition,
    to_jsonb("c".*) as original
  from "legacy"."customers" as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1"
    offset 0
  ) as "step_1"
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

-- addresses: close
begin;
alter table "drover"."crosswalk_addresses" add primary key (source_key);
analyze "drover"."crosswalk_addresses";
analyze "app"."addresses";
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
    "step_1"."v1" as "_key",
    ("ref_2"."id")::uuid as "customer_id",
    ('news')::text as "topic",
    case when ("c"."newsletter") is not true then 'excluded' when "step_3"."v3" or "step_3"."v4" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_3"."v3" or "step_3"."v4" then array_remove(array[case when "step_3"."v3" then 1 end, case when "step_3"."v4" then 2 end], null) end as "_reasons",
    "c"."ctid" as "_place"
  from "legacy"."customers" as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1"
    offset 0
  ) as "step_1"
  left join "drover"."crosswalk_customers" as "ref_2" on "ref_2"."source_key" = "step_1"."v1" collate "C"
  cross join lateral (
    select
      ("ref_2"."source_key" is not null and "ref_2"."id" is null) as "v3",
      "step_1"."v1" is not null and "ref_2"."source_key" is null as "v4"
    offset 0
  ) as "step_3"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::text))
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
  returning disposition
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
  merged = (select count(*) from walked where disposition = 'merged'),
  matched = (select count(*) from walked where disposition = 'matched'),
  quarantined = (select count(*) from quarantined),
  excluded = (select count(*) from walked where disposition = 'excluded'),
  finished_at = clock_timestamp()
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
  select "step_1"."v1" as source_key,
    case when case when $8::boolean then ("c"."newsletter") is not true end then 'excluded' else 'quarantined' end as disposition,
    to_jsonb("c".*) as original
  from "legacy"."customers" as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1"
    offset 0
  ) as "step_1"
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

-- subscriptions: close
begin;
alter table "drover"."crosswalk_subscriptions" add primary key (source_key);
analyze "drover"."crosswalk_subscriptions";
analyze "app"."subscriptions";
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."customers";
-- target rows after
select count(*) as n from "app"."subscriptions";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."customers" as t) as hashed;
commit;
