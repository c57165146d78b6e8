-- hazard merges-rows, customers: Rows of legacy.customers with one identity become one row of app.customers.
-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.customers (2), app.orders (2).
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
alter table "app"."orders" drop constraint "orders_customer_id_fkey";
alter table "app"."orders" drop constraint "orders_pkey";
alter table "app"."customers" drop constraint "customers_pkey";
alter table "app"."customers" drop constraint "customers_email_key";
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
  "id" int4
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
      first_value(("c"."id")::int4) over same as "id"
    from (
      select "c".*
      from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::date else "t"."created_at" end as "created_at"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
      where "c"."ctid" = any (array(
      with repeated as materialized (
        select hash, count(*) as rows, min(place) as first_place, max(place) as last_place
        from (
          select "c"."ctid" as place, hash_record_extended(row("c"."email"), 0) as hash
          from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::date else "t"."created_at" end as "created_at"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
          
        ) as made
        group by hash
        having count(*) > 1
      )
      select first_place from repeated
      union all
      select last_place from repeated
      union all
      select place
      from (
        select place
        from (
          select "c"."ctid" as place, hash_record_extended(row("c"."email"), 0) as hash
          from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::date else "t"."created_at" end as "created_at"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
          
        ) as made
        where hash in (select hash from repeated where rows > 2)
      ) as further
      where exists (select from repeated where rows > 2)))
      offset '0'
    ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1",
      "c"."state" = 'ok' as "v2",
      "c"."email" is null or "c"."name" is null as "v3"
    offset '0'
  ) as "step_1"
    where (("step_1"."v2") is not true) is not true and ("step_1"."v3") is not true
    window same as (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'customers') then "step_1"."v1" end, "c"."email" order by "c"."created_at" asc nulls last, "step_1"."v1" collate "C")
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
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when ("row"."step_1.v2") is not true then 'excluded' when "row"."step_1.v3" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."c.id")::int4 as "id",
    ("row"."c.email")::text as "email",
    ("row"."c.name")::text as "name",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "row"."step_1.v3" then array_remove(array[case when "row"."c.email" is null then 1 end, case when "row"."c.name" is null then 2 end], null) end as "_reasons",
    "row"."c.ctid" as "_place"
  from (
  select
    "c"."state" = 'ok' as "step_1.v2",
    "c"."email" is null or "c"."name" is null as "step_1.v3",
    ("c"."id")::text as "step_1.v1",
    "c"."id" as "c.id",
    "c"."email" as "c.email",
    "c"."name" as "c.name",
    "c"."ctid" as "c.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::date else "t"."created_at" end as "created_at"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."resolution_customers" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
), loaded as (
  insert into "app"."customers" ("id", "email", "name")
  select "id", "email", "name"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_customers" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'customers', "s"."_key", $2::bigint,
    (array['no-email', 'no-name'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-email', 'email'), (2, 'no-name', 'name')) as guard (number, code, column_name)
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
  quarantined = (select count(*) from quarantined),
  "merged" = carried."merged",
  "matched" = 0,
  "excluded" = carried."excluded",
  finished_at = clock_timestamp()
from (
  select count(*) filter (where "s"."_disposition" = 'merged') as "merged",
    count(*) filter (where "s"."_disposition" = 'excluded') as "excluded"
  from s
) as carried
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
    case when case when $8::boolean then ("c"."state" = 'ok') is not true end then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."customers" as original
      where original.ctid = "c"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::date else "t"."created_at" end as "created_at"
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

-- customers_email_key
begin;
CREATE UNIQUE INDEX customers_email_key ON app.customers USING btree (email);
commit;

-- customers_email_key: where rows of customers break it, these are moved, and it is made again
begin;
-- $2 here: the entry that adjusts the counts
with clash as materialized (
  select "t"."email"
  from "app"."customers" as t
  where "t"."email" is not null
  group by "t"."email"
  having count(*) > 1
), ranked as (
  select walked.source_key as _source_key, "t"."id",
    row_number() over (
      partition by "t"."email"
      order by walked.source_key is not null, walked.source_key collate "C"
    ) as _place
  from "app"."customers" as t
  join clash on "clash"."email" = "t"."email"
  left join "drover"."crosswalk_customers" as walked on "walked"."id" = "t"."id" and "walked"."disposition" = 'loaded'
  
), moved as materialized (
  select *
  from ranked
  where _place > 1 and _source_key is not null
), deleted as (
  delete from "app"."customers" as t
  using moved
  where "t"."id" = "moved"."id"
  returning 1
), walked as (
  update "drover"."crosswalk_customers" as walked
  set disposition = 'quarantined', "id" = null
  from moved
  where walked.source_key = moved._source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'customers', "step_1"."v1", $2::bigint, 'error-23505', '[{"code":"error-23505","column":"email","table":"app.customers","constraint":"customers_email_key"}]'::jsonb, (
      select to_jsonb("original".*)
      from "legacy"."customers" as original
      where original.ctid = "c"."ctid"
    ), '23505'
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::date else "t"."created_at" end as "created_at"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where "step_1"."v1" collate "C" in (select _source_key from moved)
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'customers', $2::bigint, 'adjustment', 'done', 0, -n, 0, 0, n, 0, clock_timestamp()
from (select count(*) as n from deleted) as moved
where n > 0
returning number;
commit;

-- customers_pkey
begin;
CREATE UNIQUE INDEX customers_pkey ON app.customers USING btree (id);
commit;

-- customers: close
begin;
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
  select $1::bigint, 'customers', "step_1"."v1", $2::bigint, 'survivor-quarantined',
    '[{"code": "survivor-quarantined", "column": null}]'::jsonb, (
      select to_jsonb("original".*)
      from "legacy"."customers" as original
      where original.ctid = "c"."ctid"
    )
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::date else "t"."created_at" end as "created_at"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where "step_1"."v1" collate "C" in (select source_key from lost)
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
    case when "row"."step_3.v4" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."o.id")::int4 as "id",
    ("row"."ref_3.id")::int4 as "customer_id",
    case when "row"."step_3.v4" then array_remove(array[case when ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null) then 1 end, case when "row"."step_1.v2" is not null and "row"."ref_3.source_key" is null then 2 end], null) end as "_reasons",
    "row"."o.ctid" as "_place"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "ref_3"."id" as "ref_3.id",
    "ref_3"."source_key" as "ref_3.source_key",
    "row"."step_1.v2" as "step_1.v2",
    "row"."o.ctid" as "o.ctid"
  from (
  select
    ("o"."customer_id")::text as "step_1.v2",
    ("o"."id")::text as "step_1.v1",
    "o"."id" as "o.id",
    "o"."ctid" as "o.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::int4 else "t"."customer_id" end as "customer_id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  where ($3::text[] is null or ("o"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("o"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_customers" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
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
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::int4 else "t"."customer_id" end as "customer_id"
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
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."customers" add constraint "customers_email_key" unique using index "customers_email_key";
alter table "app"."customers" add constraint "customers_pkey" primary key using index "customers_pkey";
alter table "app"."orders" add constraint "orders_pkey" primary key using index "orders_pkey";
commit;

-- =================================================================================================
-- Foreign keys, when every mapping is closed. Each statement is a transaction.
-- =================================================================================================
-- foreign keys
begin;
alter table "app"."orders" add constraint "orders_customer_id_fkey" FOREIGN KEY (customer_id) REFERENCES app.customers(id) not valid;
alter table "app"."orders" validate constraint "orders_customer_id_fkey";
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
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::date else "t"."created_at" end as "created_at"
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
-- duplicates are told apart again
insert into "drover"."resolution_customers"
  select source_key collate "C" as source_key,
    case
      when not _is_tried then _before
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
      case when walked.disposition in ('loaded', 'matched') then "walked"."id" else first_value(case when walked.disposition in ('loaded', 'matched') then "walked"."id" else ("c"."id")::int4 end) over same end as "id",
      walked.disposition as _before,
      "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('try') and not done) as _is_tried,
      bool_or("step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('try', 'group') and not done)) over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'customers') then "step_1"."v1" end, "c"."email") as _is_touched
    from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::date else "t"."created_at" end as "created_at"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1",
      "c"."state" = 'ok' as "v2",
      "c"."email" is null or "c"."name" is null as "v3"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_customers" as walked on walked.source_key = "step_1"."v1" collate "C"
    where (("step_1"."v2") is not true) is not true and ("step_1"."v3") is not true and (walked.disposition <> 'excluded' and not (walked.disposition = 'quarantined' and "step_1"."v1" collate "C" in (
        select source_key
        from drover.quarantine
        where run_id = $1::bigint and mapping = 'customers' and accepted_at is not null
      )) or "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('try') and not done))
    window same as (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'customers') then "step_1"."v1" end, "c"."email" order by (walked.disposition in ('loaded', 'matched')) desc, "c"."created_at" asc nulls last, "step_1"."v1" collate "C")
  ) as grouped
  where _is_touched and (_is_tried or _before <> 'quarantined')
on conflict (source_key) do update set "disposition" = "excluded"."disposition", "survivor_key" = "excluded"."survivor_key", "id" = "excluded"."id";
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when ("row"."step_1.v2") is not true then 'excluded' when "row"."step_1.v3" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."c.id")::int4 as "id",
    ("row"."c.email")::text as "email",
    ("row"."c.name")::text as "name",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "row"."step_1.v3" then array_remove(array[case when "row"."c.email" is null then 1 end, case when "row"."c.name" is null then 2 end], null) end as "_reasons",
    "row"."c.ctid" as "_place"
  from (
  select
    "c"."state" = 'ok' as "step_1.v2",
    "c"."email" is null or "c"."name" is null as "step_1.v3",
    ("c"."id")::text as "step_1.v1",
    "c"."id" as "c.id",
    "c"."email" as "c.email",
    "c"."name" as "c.name",
    "c"."ctid" as "c.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::date else "t"."created_at" end as "created_at"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where "c"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."resolution_customers" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
  ) as made
  join "drover"."crosswalk_customers" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."customers" ("id", "email", "name")
  select "id", "email", "name"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_customers" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'customers', "s"."_key", $2::bigint,
    (array['no-email', 'no-name'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-email', 'email'), (2, 'no-name', 'name')) as guard (number, code, column_name)
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'customers' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), parted as (
  delete from drover.merge as m
  using s
  where "m"."run_id" = $1::bigint and "m"."mapping" = 'customers' and "m"."source_key" = "s"."_key"
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'customers', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
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
    case when ("row"."step_1.v2") is not true then 'excluded' when "row"."step_1.v3" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."c.id")::int4 as "id",
    ("row"."c.email")::text as "email",
    ("row"."c.name")::text as "name",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "row"."step_1.v3" then array_remove(array[case when "row"."c.email" is null then 1 end, case when "row"."c.name" is null then 2 end], null) end as "_reasons"
  from (
  select
    "c"."state" = 'ok' as "step_1.v2",
    "c"."email" is null or "c"."name" is null as "step_1.v3",
    ("c"."id")::text as "step_1.v1",
    "c"."id" as "c.id",
    "c"."email" as "c.email",
    "c"."name" as "c.name",
    "c"."ctid" as "c.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::text else "t"."state" end as "state",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::date else "t"."created_at" end as "created_at"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where "c"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."resolution_customers" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
  ) as made
  join "drover"."crosswalk_customers" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."customers" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."email") is distinct from ("s"."email") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."name") is distinct from ("s"."name"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_customers" ("id", "email", "name", "drover_version")
  select "id", "email", "name", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."customers" as t
  set "email" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."email" else "t"."email" end,
    "name" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."name" else "t"."name" end
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
  from (values ('email', array['*']), ('name', array['*'])) as each (column_name, follows)
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
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::int4 else "t"."customer_id" end as "customer_id"
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
-- rows that refer to moved rows of customers
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'orders', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::int4 else "t"."customer_id" end as "customer_id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  cross join lateral (
    select
      ("o"."id")::text as "v1",
      ("o"."customer_id")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_orders" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'orders' and q.source_key = walked.source_key and q.accepted_at is not null
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
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::int4 else "t"."customer_id" end as "customer_id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  cross join lateral (
    select
      ("o"."id")::text as "v1",
      ("o"."customer_id")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_orders" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'orders' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_3.v4" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."o.id")::int4 as "id",
    ("row"."ref_3.id")::int4 as "customer_id",
    case when "row"."step_3.v4" then array_remove(array[case when ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null) then 1 end, case when "row"."step_1.v2" is not null and "row"."ref_3.source_key" is null then 2 end], null) end as "_reasons",
    "row"."o.ctid" as "_place"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "ref_3"."id" as "ref_3.id",
    "ref_3"."source_key" as "ref_3.source_key",
    "row"."step_1.v2" as "step_1.v2",
    "row"."o.ctid" as "o.ctid"
  from (
  select
    ("o"."customer_id")::text as "step_1.v2",
    ("o"."id")::text as "step_1.v1",
    "o"."id" as "o.id",
    "o"."ctid" as "o.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::int4 else "t"."customer_id" end as "customer_id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  where "o"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'orders' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_customers" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_orders" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."orders" ("id", "customer_id")
  select "id", "customer_id"
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
    case when "row"."step_3.v4" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."o.id")::int4 as "id",
    ("row"."ref_3.id")::int4 as "customer_id",
    case when "row"."step_3.v4" then array_remove(array[case when ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null) then 1 end, case when "row"."step_1.v2" is not null and "row"."ref_3.source_key" is null then 2 end], null) end as "_reasons"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."o.id" as "o.id",
    "ref_3"."id" as "ref_3.id",
    "ref_3"."source_key" as "ref_3.source_key",
    "row"."step_1.v2" as "step_1.v2",
    "row"."o.ctid" as "o.ctid"
  from (
  select
    ("o"."customer_id")::text as "step_1.v2",
    ("o"."id")::text as "step_1.v1",
    "o"."id" as "o.id",
    "o"."ctid" as "o.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'customer_id' then ("fix"."patch" ->> 'customer_id')::int4 else "t"."customer_id" end as "customer_id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  where "o"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'orders' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_customers" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_orders" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."orders" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'customers'] and s._stands = 'loaded') and ("existing"."customer_id") is distinct from ("s"."customer_id"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_orders" ("id", "customer_id", "drover_version")
  select "id", "customer_id", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."orders" as t
  set "customer_id" = case when ($2::text[] && array['*', 'customers'] and s._stands = 'loaded') then "s"."customer_id" else "t"."customer_id" end
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
  from (values ('customer_id', array['*', 'customers'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'orders' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'orders' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
