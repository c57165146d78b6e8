-- hazard merges-rows, customers: Rows of legacy.customers with one identity become one row of app.customers.
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
-- merges and matches, decided once
create table "drover"."resolution_customers" as
  select source_key collate "C" as source_key,
    case
      when is_torn then 'torn'
      when source_key <> survivor_key then 'merged'
      when is_matched then 'matched'
      else 'loaded'
    end as disposition,
    survivor_key collate "C" as survivor_key,
    "id"
  from (
    select "step_1"."v1" as source_key,
      first_value("step_1"."v1") over same as survivor_key,
      false as is_matched,
      false as is_torn,
      first_value(("step_1"."v3")::uuid) over same as "id"
    from "legacy"."customers" as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1",
      "c"."name" is null as "v2",
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("c"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v3",
      btrim(regexp_replace(((normalize("c"."name", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v4"
    offset 0
  ) as "step_1"
  cross join lateral (
    select
      lower("step_1"."v4" collate "pg_catalog"."und-x-icu") as "v5"
    offset 0
  ) as "step_2"
    where ("step_1"."v2") is not true
    window same as (partition by "step_2"."v5" order by "step_1"."v1" collate "C")
  ) as grouped
  where source_key <> survivor_key or is_matched;
alter table "drover"."resolution_customers" add primary key (source_key);
analyze "drover"."resolution_customers";
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
    ("step_1"."v3")::uuid as "id",
    ("c"."name")::text as "name",
    case when "step_1"."v2" then 'quarantined' else coalesce(resolution.disposition, 'loaded') end as "_disposition",
    resolution.survivor_key as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "step_1"."v2" then array_remove(array[case when "step_1"."v2" then 1 end], null) end as "_reasons",
    "c"."ctid" as "_place"
  from "legacy"."customers" as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1",
      "c"."name" is null as "v2",
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("c"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v3"
    offset 0
  ) as "step_1"
  left join "drover"."resolution_customers" as resolution on resolution.source_key = "step_1"."v1" collate "C"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::text))
), loaded as (
  insert into "app"."customers" ("id", "name")
  select "id", "name"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_customers" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'customers', "s"."_key", $2::bigint,
    (array['missing'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'missing', 'name')) as guard (number, code, column_name)
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
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'customers', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
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
-- duplicates whose survivor was not loaded. Repeated until no row is left. $2 here: the entry that adjusts the counts
with lost as (
  delete from drover.merge as merge
  using "drover"."crosswalk_customers" as survivor
  where merge.run_id = $1::bigint and merge.mapping = 'customers'
    and survivor.source_key = merge.survivor_key and survivor.disposition not in ('loaded', 'matched')
  returning merge.source_key
), walked as (
  update "drover"."crosswalk_customers" as walked
  set disposition = 'quarantined', "id" = null
  from lost
  where walked.source_key = lost.source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'customers', lost.source_key, $2::bigint, 'survivor-quarantined',
    '[{"code": "survivor-quarantined", "column": null}]', to_jsonb("c".*)
  from lost
  left join "legacy"."customers" as "c" on ("c"."id")::text collate "C" = lost.source_key
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'customers', $2::bigint, 'adjustment', 'done', 0, 0, -n, 0, n, 0, clock_timestamp()
from (select count(*) as n from lost) as moved
where n > 0
returning number;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."customers";
-- target rows after
select count(*) as n from "app"."customers";
commit;

-- =================================================================================================
-- 2. orders: legacy.orders → app.orders
-- begins when customers is done
-- =================================================================================================
-- orders: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_orders" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" uuid
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
  where ($3::text[] is null or ("o"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("o"."id") < (($4::text[])[1]::text))
), s as materialized (
  select
    "step_1"."v1" as "_key",
    ("step_1"."v6")::uuid as "id",
    ("ref_3"."id")::uuid as "customer_id",
    case when "step_3"."v4" or "step_3"."v5" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_3"."v4" or "step_3"."v5" then array_remove(array[case when "step_3"."v4" then 1 end, case when "step_3"."v5" then 2 end], null) end as "_reasons",
    "o"."ctid" as "_place"
  from "legacy"."orders" as "o"
  cross join lateral (
    select
      ("o"."id")::text as "v1",
      ("o"."customer_id")::text as "v2",
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("o"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v6"
    offset 0
  ) as "step_1"
  left join "drover"."crosswalk_customers" as "ref_3" on "ref_3"."source_key" = "step_1"."v2" collate "C"
  cross join lateral (
    select
      ("ref_3"."source_key" is not null and "ref_3"."id" is null) as "v4",
      "step_1"."v2" is not null and "ref_3"."source_key" is null as "v5"
    offset 0
  ) as "step_3"
  where ($3::text[] is null or ("o"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("o"."id") < (($4::text[])[1]::text))
), loaded as (
  insert into "app"."orders" ("id", "customer_id")
  select "id", "customer_id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_orders" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'orders', "s"."_key", $2::bigint,
    (array['waiting', 'orphan'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'customer_id'), (2, 'orphan', 'customer_id')) as guard (number, code, column_name)
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
where run_id = $1::bigint and mapping = 'orders' and number = $2::bigint;
commit;

-- orders: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("o"."id")::text] as bound, row_number() over (order by "o"."id") as position, count(*) as rows
  from "legacy"."orders" as "o"
    where ($1::text[] is null or ("o"."id") >= (($1::text[])[1]::text)) and ($2::text[] is null or ("o"."id") < (($2::text[])[1]::text)) and "o"."id" is not null
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
  where ($3::text[] is null or ("o"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("o"."id") < (($4::text[])[1]::text))
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
  where ($3::text[] is null or ("o"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("o"."id") < (($4::text[])[1]::text))
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

-- orders: close
begin;
alter table "drover"."crosswalk_orders" add primary key (source_key);
analyze "drover"."crosswalk_orders";
analyze "app"."orders";
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."orders";
-- target rows after
select count(*) as n from "app"."orders";
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
