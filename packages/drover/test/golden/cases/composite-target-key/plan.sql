-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.orders (1), app.order_lines (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."order_lines" as t offset '0') as hashed;
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
alter table "app"."order_lines" drop constraint "order_lines_order_id_fkey";
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
    'loaded' as "_disposition",
    ("row"."o.id")::text as "_key",
    ("row"."step_1.v1")::uuid as "id"
  from (
  select
    "o"."id" as "o.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("o"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v1"
  from (
    select "t"."ctid",
      "t"."id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  where ($3::text[] is null or ("o"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("o"."id") < (($4::text[])[1]::text))
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."orders" ("id")
  select "id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_orders" (source_key, disposition, "id")
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
  select ("o"."id")::text as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."orders" as original
      where original.ctid = "o"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
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
-- 2. order_lines: legacy.order_lines → app.order_lines
-- begins when orders is done
-- =================================================================================================
-- order_lines: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_order_lines" (
  source_key text collate "C" not null,
  disposition text not null,
  "position" int2,
  "order_id" uuid
);
-- source rows
select count(*) as n from "legacy"."order_lines";
-- target rows before
select count(*) as n from "app"."order_lines";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."order_lines" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."order_lines")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'order_lines', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- order_lines: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."order_lines" as "l"
  where ($3::text[] is null or ("l"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("l"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_2.v3" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."ref_2.id")::uuid as "order_id",
    ("row"."l.position")::int2 as "position",
    ("row"."l.article")::text as "article",
    case when "row"."step_2.v3" then array_remove(array[case when ("row"."ref_2.source_key" is not null and "row"."ref_2.id" is null) then 1 end, case when ("row"."l.order_id")::text is not null and "row"."ref_2.source_key" is null then 2 end], null) end as "_reasons",
    "row"."l.ctid" as "_place"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."id" is null) or ("row"."l.order_id")::text is not null and "ref_2"."source_key" is null as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "ref_2"."id" as "ref_2.id",
    "row"."l.position" as "l.position",
    "row"."l.article" as "l.article",
    "ref_2"."source_key" as "ref_2.source_key",
    "row"."l.order_id" as "l.order_id",
    "row"."l.ctid" as "l.ctid"
  from (
  select
    "l"."order_id" as "l.order_id",
    ("l"."id")::text as "step_1.v1",
    "l"."position" as "l.position",
    "l"."article" as "l.article",
    "l"."ctid" as "l.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'order_id' then ("fix"."patch" ->> 'order_id')::text else "t"."order_id" end as "order_id",
      case when "fix"."patch" ? 'position' then ("fix"."patch" ->> 'position')::int4 else "t"."position" end as "position",
      case when "fix"."patch" ? 'article' then ("fix"."patch" ->> 'article')::text else "t"."article" end as "article"
    from "legacy"."order_lines" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.order_lines' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "l"
  where ($3::text[] is null or ("l"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("l"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_orders" as "ref_2" on "ref_2"."source_key" = ("row"."l.order_id")::text collate "C"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."order_lines" ("order_id", "position", "article")
  select "order_id", "position", "article"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_order_lines" (source_key, disposition, "position", "order_id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."position" end, case "s"."_disposition" when 'loaded' then "s"."order_id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'order_lines', "s"."_key", $2::bigint,
    (array['waiting', 'no-order'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'order_id'), (2, 'no-order', 'order_id')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."order_lines" as original
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
where run_id = $1::bigint and mapping = 'order_lines' and number = $2::bigint;
commit;

-- order_lines: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("l"."id")::text] as bound, row_number() over (order by "l"."id") as position, count(*) as rows
  from "legacy"."order_lines" as "l"
    where ($1::text[] is null or ("l"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("l"."id") < (($2::text[])[1]::int4)) and "l"."id" is not null
  group by "l"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- order_lines: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."order_lines" as "l"
  where ($3::text[] is null or ("l"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("l"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."order_lines" as original
      where original.ctid = "l"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'order_id' then ("fix"."patch" ->> 'order_id')::text else "t"."order_id" end as "order_id",
      case when "fix"."patch" ? 'position' then ("fix"."patch" ->> 'position')::int4 else "t"."position" end as "position",
      case when "fix"."patch" ? 'article' then ("fix"."patch" ->> 'article')::text else "t"."article" end as "article"
    from "legacy"."order_lines" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.order_lines' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "l"
  cross join lateral (
    select
      ("l"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("l"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("l"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_order_lines" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'order_lines', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'order_lines' and number = $2::bigint
returning quarantined;
commit;

-- order_lines: the key of the crosswalk
begin;
alter table "drover"."crosswalk_order_lines" add primary key (source_key);
analyze "drover"."crosswalk_order_lines";
commit;

-- order_lines: the statistics of the target
begin;
analyze "app"."order_lines";
commit;

-- order_lines: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."order_lines";
-- target rows after
select count(*) as n from "app"."order_lines";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."orders" add constraint "orders_pkey" primary key using index "orders_pkey";
commit;

-- =================================================================================================
-- Foreign keys, when every mapping is closed. Each statement is a transaction.
-- =================================================================================================
-- foreign keys
begin;
alter table "app"."order_lines" add constraint "order_lines_order_id_fkey" FOREIGN KEY (order_id) REFERENCES app.orders(id) not valid;
alter table "app"."order_lines" validate constraint "order_lines_order_id_fkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."order_lines" as t offset '0') as hashed;
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
      "t"."id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  join "drover"."crosswalk_orders" as walked on walked.source_key = ("o"."id")::text collate "C"
  where walked.disposition <> 'quarantined' and ((("o"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.orders')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    ("row"."o.id")::text as "_key",
    ("row"."step_1.v1")::uuid as "id"
  from (
  select
    "o"."id" as "o.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("o"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v1"
  from (
    select "t"."ctid",
      "t"."id"
    from "legacy"."orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.orders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "o"
  where "o"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'orders' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_orders" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."orders" ("id")
  select "id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_orders" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
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
commit;

-- order_lines: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'order_lines', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'order_id' then ("fix"."patch" ->> 'order_id')::text else "t"."order_id" end as "order_id",
      case when "fix"."patch" ? 'position' then ("fix"."patch" ->> 'position')::int4 else "t"."position" end as "position",
      case when "fix"."patch" ? 'article' then ("fix"."patch" ->> 'article')::text else "t"."article" end as "article"
    from "legacy"."order_lines" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.order_lines' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "l"
  cross join lateral (
    select
      ("l"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_order_lines" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("l"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.order_lines')))) as found
on conflict do nothing;
-- rows that refer to moved rows of orders
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'order_lines', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'order_id' then ("fix"."patch" ->> 'order_id')::text else "t"."order_id" end as "order_id",
      case when "fix"."patch" ? 'position' then ("fix"."patch" ->> 'position')::int4 else "t"."position" end as "position",
      case when "fix"."patch" ? 'article' then ("fix"."patch" ->> 'article')::text else "t"."article" end as "article"
    from "legacy"."order_lines" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.order_lines' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "l"
  cross join lateral (
    select
      ("l"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_order_lines" as walked on walked.source_key = "step_1"."v1" collate "C"
  where ((("l"."order_id")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'orders' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'order_lines' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of orders
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'order_id' then ("fix"."patch" ->> 'order_id')::text else "t"."order_id" end as "order_id",
      case when "fix"."patch" ? 'position' then ("fix"."patch" ->> 'position')::int4 else "t"."position" end as "position",
      case when "fix"."patch" ? 'article' then ("fix"."patch" ->> 'article')::text else "t"."article" end as "article"
    from "legacy"."order_lines" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.order_lines' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "l"
  cross join lateral (
    select
      ("l"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_order_lines" as walked on walked.source_key = "step_1"."v1" collate "C"
  where ((("l"."order_id")::text) collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'order_lines' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_2.v3" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."ref_2.id")::uuid as "order_id",
    ("row"."l.position")::int2 as "position",
    ("row"."l.article")::text as "article",
    case when "row"."step_2.v3" then array_remove(array[case when ("row"."ref_2.source_key" is not null and "row"."ref_2.id" is null) then 1 end, case when ("row"."l.order_id")::text is not null and "row"."ref_2.source_key" is null then 2 end], null) end as "_reasons",
    "row"."l.ctid" as "_place"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."id" is null) or ("row"."l.order_id")::text is not null and "ref_2"."source_key" is null as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "ref_2"."id" as "ref_2.id",
    "row"."l.position" as "l.position",
    "row"."l.article" as "l.article",
    "ref_2"."source_key" as "ref_2.source_key",
    "row"."l.order_id" as "l.order_id",
    "row"."l.ctid" as "l.ctid"
  from (
  select
    "l"."order_id" as "l.order_id",
    ("l"."id")::text as "step_1.v1",
    "l"."position" as "l.position",
    "l"."article" as "l.article",
    "l"."ctid" as "l.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'order_id' then ("fix"."patch" ->> 'order_id')::text else "t"."order_id" end as "order_id",
      case when "fix"."patch" ? 'position' then ("fix"."patch" ->> 'position')::int4 else "t"."position" end as "position",
      case when "fix"."patch" ? 'article' then ("fix"."patch" ->> 'article')::text else "t"."article" end as "article"
    from "legacy"."order_lines" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.order_lines' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "l"
  where "l"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'order_lines' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_orders" as "ref_2" on "ref_2"."source_key" = ("row"."l.order_id")::text collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_order_lines" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."order_lines" ("order_id", "position", "article")
  select "order_id", "position", "article"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_order_lines" as walked
  set disposition = "s"."_disposition", "position" = case "s"."_disposition" when 'loaded' then "s"."position" end, "order_id" = case "s"."_disposition" when 'loaded' then "s"."order_id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'order_lines', "s"."_key", $2::bigint,
    (array['waiting', 'no-order'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'order_id'), (2, 'no-order', 'order_id')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."order_lines" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'order_lines' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'order_lines' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'order_lines' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'order_lines', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'order_lines', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_order_lines" (like "app"."order_lines", "drover_version" bigint not null, primary key ("position", "order_id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."position" as "_walked_position",
    "walked"."order_id" as "_walked_order_id"
  from (
  select
    case when "row"."step_2.v3" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."ref_2.id")::uuid as "order_id",
    ("row"."l.position")::int2 as "position",
    ("row"."l.article")::text as "article",
    case when "row"."step_2.v3" then array_remove(array[case when ("row"."ref_2.source_key" is not null and "row"."ref_2.id" is null) then 1 end, case when ("row"."l.order_id")::text is not null and "row"."ref_2.source_key" is null then 2 end], null) end as "_reasons"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."id" is null) or ("row"."l.order_id")::text is not null and "ref_2"."source_key" is null as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "ref_2"."id" as "ref_2.id",
    "row"."l.position" as "l.position",
    "row"."l.article" as "l.article",
    "ref_2"."source_key" as "ref_2.source_key",
    "row"."l.order_id" as "l.order_id",
    "row"."l.ctid" as "l.ctid"
  from (
  select
    "l"."order_id" as "l.order_id",
    ("l"."id")::text as "step_1.v1",
    "l"."position" as "l.position",
    "l"."article" as "l.article",
    "l"."ctid" as "l.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'order_id' then ("fix"."patch" ->> 'order_id')::text else "t"."order_id" end as "order_id",
      case when "fix"."patch" ? 'position' then ("fix"."patch" ->> 'position')::int4 else "t"."position" end as "position",
      case when "fix"."patch" ? 'article' then ("fix"."patch" ->> 'article')::text else "t"."article" end as "article"
    from "legacy"."order_lines" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.order_lines' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "l"
  where "l"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'order_lines' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_orders" as "ref_2" on "ref_2"."source_key" = ("row"."l.order_id")::text collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_order_lines" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."order_lines" as existing
  join s on "existing"."position" = "s"."_walked_position" and "existing"."order_id" = "s"."_walked_order_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'orders'] and s._stands = 'loaded') and ("existing"."order_id") is distinct from ("s"."order_id") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."position") is distinct from ("s"."position") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."article") is distinct from ("s"."article"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_order_lines" ("order_id", "position", "article", "drover_version")
  select "order_id", "position", "article", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."order_lines" as t
  set "order_id" = case when ($2::text[] && array['*', 'orders'] and s._stands = 'loaded') then "s"."order_id" else "t"."order_id" end,
    "position" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."position" else "t"."position" end,
    "article" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."article" else "t"."article" end
  from s, locked
  where "t"."position" = "s"."_walked_position" and "t"."order_id" = "s"."_walked_order_id" and "locked"."position" = "t"."position" and "locked"."order_id" = "t"."order_id"
  returning "s"."_key" as source_key, "locked"."position" as "_old_position", "t"."position" as "_new_position", "locked"."order_id" as "_old_order_id", "t"."order_id" as "_new_order_id"
), walked as (
  update "drover"."crosswalk_order_lines" as entry
  set "position" = "updated"."_new_position", "order_id" = "updated"."_new_order_id"
  from updated
  where "entry"."position" = "updated"."_old_position" and "entry"."order_id" = "updated"."_old_order_id"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'order_lines', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('order_id', array['*', 'orders']), ('position', array['*']), ('article', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'order_lines' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'order_lines' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
