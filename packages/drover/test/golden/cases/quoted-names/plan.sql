-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.Orders (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."Customer Orders" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."Orders" drop constraint "Orders_pkey";
commit;

-- =================================================================================================
-- 1. orders: legacy.Customer Orders → app.Orders
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
select count(*) as n from "legacy"."Customer Orders";
-- target rows before
select count(*) as n from "app"."Orders";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."Order"::text] as bound,
      row_number() over (order by "k"."Order") as position
    from "legacy"."Customer Orders" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."Customer Orders")
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
  from "legacy"."Customer Orders" as "The Order"
  where ($3::text[] is null or ("The Order"."Order") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("The Order"."Order") < (($4::text[])[1]::text))
), s as materialized (
  select
    case when "row"."step_2.v4" then 'quarantined' else 'loaded' end as "_disposition",
    ("row"."The Order.Order")::text as "_key",
    ("row"."step_1.v2")::uuid as "id",
    ("row"."The Order.select")::int4 as "from",
    ("row"."step_1.v1")::text as "say ""hi""",
    ("row"."The Order.Größe")::text as "Größe",
    ("row"."step_1.v3")::uuid as "parentId",
    case when "row"."step_2.v4" then array_remove(array[case when "row"."step_1.v1" is null then 1 end], null) end as "_reasons",
    "row"."The Order.ctid" as "_place"
  from (
  select
    "row"."step_1.v1" is null as "step_2.v4",
    "row"."The Order.Order" as "The Order.Order",
    "row"."step_1.v2" as "step_1.v2",
    "row"."The Order.select" as "The Order.select",
    "row"."step_1.v1" as "step_1.v1",
    "row"."The Order.Größe" as "The Order.Größe",
    "row"."step_1.v3" as "step_1.v3",
    "row"."The Order.ctid" as "The Order.ctid"
  from (
  select
    btrim(regexp_replace((("The Order"."say ""hi""")::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "step_1.v1",
    "The Order"."Order" as "The Order.Order",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("The Order"."Order", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v2",
    "The Order"."select" as "The Order.select",
    "The Order"."Größe" as "The Order.Größe",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("The Order"."Parent Order", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v3",
    "The Order"."ctid" as "The Order.ctid"
  from (
    select "t"."ctid",
      "t"."Order",
      case when "fix"."patch" ? 'select' then ("fix"."patch" ->> 'select')::int4 else "t"."select" end as "select",
      case when "fix"."patch" ? 'say "hi"' then ("fix"."patch" ->> 'say "hi"')::text else "t"."say ""hi""" end as "say ""hi""",
      case when "fix"."patch" ? 'Größe' then ("fix"."patch" ->> 'Größe')::text else "t"."Größe" end as "Größe",
      case when "fix"."patch" ? 'Parent Order' then ("fix"."patch" ->> 'Parent Order')::text else "t"."Parent Order" end as "Parent Order"
    from "legacy"."Customer Orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.Customer Orders' and fix.row_key = (("t"."Order")::text) collate "C"
  ) as "The Order"
  where ($3::text[] is null or ("The Order"."Order") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("The Order"."Order") < (($4::text[])[1]::text))
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."Orders" ("id", "from", "say ""hi""", "Größe", "parentId")
  select "id", "from", "say ""hi""", "Größe", "parentId"
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
    (array['not "polite"'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'not "polite"', 'say "hi"')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."Customer Orders" as original
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
  select array[("The Order"."Order")::text] as bound, row_number() over (order by "The Order"."Order") as position, count(*) as rows
  from "legacy"."Customer Orders" as "The Order"
    where ($1::text[] is null or ("The Order"."Order") >= (($1::text[])[1]::text)) and ($2::text[] is null or ("The Order"."Order") < (($2::text[])[1]::text)) and "The Order"."Order" is not null
  group by "The Order"."Order"
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
  from "legacy"."Customer Orders" as "The Order"
  where ($3::text[] is null or ("The Order"."Order") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("The Order"."Order") < (($4::text[])[1]::text))
), s as materialized (
  select ("The Order"."Order")::text as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."Customer Orders" as original
      where original.ctid = "The Order"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."Order",
      case when "fix"."patch" ? 'select' then ("fix"."patch" ->> 'select')::int4 else "t"."select" end as "select",
      case when "fix"."patch" ? 'say "hi"' then ("fix"."patch" ->> 'say "hi"')::text else "t"."say ""hi""" end as "say ""hi""",
      case when "fix"."patch" ? 'Größe' then ("fix"."patch" ->> 'Größe')::text else "t"."Größe" end as "Größe",
      case when "fix"."patch" ? 'Parent Order' then ("fix"."patch" ->> 'Parent Order')::text else "t"."Parent Order" end as "Parent Order"
    from "legacy"."Customer Orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.Customer Orders' and fix.row_key = (("t"."Order")::text) collate "C"
  ) as "The Order"
  where ($3::text[] is null or ("The Order"."Order") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("The Order"."Order") < (($4::text[])[1]::text))
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
analyze "app"."Orders";
commit;

-- Orders_pkey
begin;
CREATE UNIQUE INDEX "Orders_pkey" ON app."Orders" USING btree (id);
commit;

-- orders: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."Customer Orders";
-- target rows after
select count(*) as n from "app"."Orders";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."Orders" add constraint "Orders_pkey" primary key using index "Orders_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."Customer Orders" as t offset '0') as hashed;
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
      "t"."Order",
      case when "fix"."patch" ? 'select' then ("fix"."patch" ->> 'select')::int4 else "t"."select" end as "select",
      case when "fix"."patch" ? 'say "hi"' then ("fix"."patch" ->> 'say "hi"')::text else "t"."say ""hi""" end as "say ""hi""",
      case when "fix"."patch" ? 'Größe' then ("fix"."patch" ->> 'Größe')::text else "t"."Größe" end as "Größe",
      case when "fix"."patch" ? 'Parent Order' then ("fix"."patch" ->> 'Parent Order')::text else "t"."Parent Order" end as "Parent Order"
    from "legacy"."Customer Orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.Customer Orders' and fix.row_key = (("t"."Order")::text) collate "C"
  ) as "The Order"
  join "drover"."crosswalk_orders" as walked on walked.source_key = ("The Order"."Order")::text collate "C"
  where walked.disposition <> 'quarantined' and ((("The Order"."Order")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.Customer Orders')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_2.v4" then 'quarantined' else 'loaded' end as "_disposition",
    ("row"."The Order.Order")::text as "_key",
    ("row"."step_1.v2")::uuid as "id",
    ("row"."The Order.select")::int4 as "from",
    ("row"."step_1.v1")::text as "say ""hi""",
    ("row"."The Order.Größe")::text as "Größe",
    ("row"."step_1.v3")::uuid as "parentId",
    case when "row"."step_2.v4" then array_remove(array[case when "row"."step_1.v1" is null then 1 end], null) end as "_reasons",
    "row"."The Order.ctid" as "_place"
  from (
  select
    "row"."step_1.v1" is null as "step_2.v4",
    "row"."The Order.Order" as "The Order.Order",
    "row"."step_1.v2" as "step_1.v2",
    "row"."The Order.select" as "The Order.select",
    "row"."step_1.v1" as "step_1.v1",
    "row"."The Order.Größe" as "The Order.Größe",
    "row"."step_1.v3" as "step_1.v3",
    "row"."The Order.ctid" as "The Order.ctid"
  from (
  select
    btrim(regexp_replace((("The Order"."say ""hi""")::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "step_1.v1",
    "The Order"."Order" as "The Order.Order",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("The Order"."Order", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v2",
    "The Order"."select" as "The Order.select",
    "The Order"."Größe" as "The Order.Größe",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("The Order"."Parent Order", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v3",
    "The Order"."ctid" as "The Order.ctid"
  from (
    select "t"."ctid",
      "t"."Order",
      case when "fix"."patch" ? 'select' then ("fix"."patch" ->> 'select')::int4 else "t"."select" end as "select",
      case when "fix"."patch" ? 'say "hi"' then ("fix"."patch" ->> 'say "hi"')::text else "t"."say ""hi""" end as "say ""hi""",
      case when "fix"."patch" ? 'Größe' then ("fix"."patch" ->> 'Größe')::text else "t"."Größe" end as "Größe",
      case when "fix"."patch" ? 'Parent Order' then ("fix"."patch" ->> 'Parent Order')::text else "t"."Parent Order" end as "Parent Order"
    from "legacy"."Customer Orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.Customer Orders' and fix.row_key = (("t"."Order")::text) collate "C"
  ) as "The Order"
  where "The Order"."Order" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'orders' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_orders" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."Orders" ("id", "from", "say ""hi""", "Größe", "parentId")
  select "id", "from", "say ""hi""", "Größe", "parentId"
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
    (array['not "polite"'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'not "polite"', 'say "hi"')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."Customer Orders" as original
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
create table if not exists "drover"."before_image_orders" (like "app"."Orders", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_2.v4" then 'quarantined' else 'loaded' end as "_disposition",
    ("row"."The Order.Order")::text as "_key",
    ("row"."step_1.v2")::uuid as "id",
    ("row"."The Order.select")::int4 as "from",
    ("row"."step_1.v1")::text as "say ""hi""",
    ("row"."The Order.Größe")::text as "Größe",
    ("row"."step_1.v3")::uuid as "parentId",
    case when "row"."step_2.v4" then array_remove(array[case when "row"."step_1.v1" is null then 1 end], null) end as "_reasons"
  from (
  select
    "row"."step_1.v1" is null as "step_2.v4",
    "row"."The Order.Order" as "The Order.Order",
    "row"."step_1.v2" as "step_1.v2",
    "row"."The Order.select" as "The Order.select",
    "row"."step_1.v1" as "step_1.v1",
    "row"."The Order.Größe" as "The Order.Größe",
    "row"."step_1.v3" as "step_1.v3",
    "row"."The Order.ctid" as "The Order.ctid"
  from (
  select
    btrim(regexp_replace((("The Order"."say ""hi""")::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "step_1.v1",
    "The Order"."Order" as "The Order.Order",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("The Order"."Order", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v2",
    "The Order"."select" as "The Order.select",
    "The Order"."Größe" as "The Order.Größe",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("The Order"."Parent Order", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v3",
    "The Order"."ctid" as "The Order.ctid"
  from (
    select "t"."ctid",
      "t"."Order",
      case when "fix"."patch" ? 'select' then ("fix"."patch" ->> 'select')::int4 else "t"."select" end as "select",
      case when "fix"."patch" ? 'say "hi"' then ("fix"."patch" ->> 'say "hi"')::text else "t"."say ""hi""" end as "say ""hi""",
      case when "fix"."patch" ? 'Größe' then ("fix"."patch" ->> 'Größe')::text else "t"."Größe" end as "Größe",
      case when "fix"."patch" ? 'Parent Order' then ("fix"."patch" ->> 'Parent Order')::text else "t"."Parent Order" end as "Parent Order"
    from "legacy"."Customer Orders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.Customer Orders' and fix.row_key = (("t"."Order")::text) collate "C"
  ) as "The Order"
  where "The Order"."Order" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'orders' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_orders" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."Orders" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."from") is distinct from ("s"."from") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."say ""hi""") is distinct from ("s"."say ""hi""") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."Größe") is distinct from ("s"."Größe") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."parentId") is distinct from ("s"."parentId"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_orders" ("id", "from", "say ""hi""", "Größe", "parentId", "drover_version")
  select "id", "from", "say ""hi""", "Größe", "parentId", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."Orders" as t
  set "from" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."from" else "t"."from" end,
    "say ""hi""" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."say ""hi""" else "t"."say ""hi""" end,
    "Größe" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."Größe" else "t"."Größe" end,
    "parentId" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."parentId" else "t"."parentId" end
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
  from (values ('from', array['*']), ('say "hi"', array['*']), ('Größe', array['*']), ('parentId', array['*'])) as each (column_name, follows)
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
