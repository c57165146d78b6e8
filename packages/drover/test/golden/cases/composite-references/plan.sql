-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.transfers (3).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."shops" as t offset '0') as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."transfers" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."transfers" drop constraint "transfers_to_shop_fkey";
alter table "app"."transfers" drop constraint "transfers_from_shop_fkey";
alter table "app"."transfers" drop constraint "transfers_pkey";
commit;

-- =================================================================================================
-- 1. shops: legacy.shops → app.shops
-- =================================================================================================
-- shops: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_shops" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" uuid
);
-- source rows
select count(*) as n from "legacy"."shops";
-- target rows before
select count(*) as n from "app"."shops";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."country"::text, "k"."number"::text] as bound,
      row_number() over (order by "k"."country", "k"."number") as position
    from "legacy"."shops" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."shops")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'shops', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- shops: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."shops" as "s"
  where ($3::text[] is null or ("s"."country", "s"."number") >= (($3::text[])[1]::text, ($3::text[])[2]::int4)) and ($4::text[] is null or ("s"."country", "s"."number") < (($4::text[])[1]::text, ($4::text[])[2]::int4))
), s as materialized (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."step_1.v2")::uuid as "id",
    ("row"."s.name")::text as "name"
  from (
  select
    case when ("s"."country") is not null and ("s"."number") is not null then json_build_array(("s"."country")::text, ("s"."number")::text)::text end as "step_1.v1",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("s"."country" || "s"."number", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v2",
    "s"."name" as "s.name"
  from (
    select "t"."ctid",
      "t"."country",
      "t"."number",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."shops" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.shops' and fix.row_key = (case when ("t"."country") is not null and ("t"."number") is not null then json_build_array(("t"."country")::text, ("t"."number")::text)::text end) collate "C"
  ) as "s"
  where ($3::text[] is null or ("s"."country", "s"."number") >= (($3::text[])[1]::text, ($3::text[])[2]::int4)) and ($4::text[] is null or ("s"."country", "s"."number") < (($4::text[])[1]::text, ($4::text[])[2]::int4))
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."shops" ("id", "name")
  select "id", "name"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_shops" (source_key, disposition, "id")
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
where run_id = $1::bigint and mapping = 'shops' and number = $2::bigint;
commit;

-- shops: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("s"."country")::text, ("s"."number")::text] as bound, row_number() over (order by "s"."country", "s"."number") as position, count(*) as rows
  from "legacy"."shops" as "s"
    where ($1::text[] is null or ("s"."country", "s"."number") >= (($1::text[])[1]::text, ($1::text[])[2]::int4)) and ($2::text[] is null or ("s"."country", "s"."number") < (($2::text[])[1]::text, ($2::text[])[2]::int4)) and "s"."country" is not null and "s"."number" is not null
  group by "s"."country", "s"."number"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- shops: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."shops" as "s"
  where ($3::text[] is null or ("s"."country", "s"."number") >= (($3::text[])[1]::text, ($3::text[])[2]::int4)) and ($4::text[] is null or ("s"."country", "s"."number") < (($4::text[])[1]::text, ($4::text[])[2]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."shops" as original
      where original.ctid = "s"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."country",
      "t"."number",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."shops" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.shops' and fix.row_key = (case when ("t"."country") is not null and ("t"."number") is not null then json_build_array(("t"."country")::text, ("t"."number")::text)::text end) collate "C"
  ) as "s"
  cross join lateral (
    select
      case when ("s"."country") is not null and ("s"."number") is not null then json_build_array(("s"."country")::text, ("s"."number")::text)::text end as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("s"."country", "s"."number") >= (($3::text[])[1]::text, ($3::text[])[2]::int4)) and ($4::text[] is null or ("s"."country", "s"."number") < (($4::text[])[1]::text, ($4::text[])[2]::int4))
), walked as (
  insert into "drover"."crosswalk_shops" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'shops', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'shops' and number = $2::bigint
returning quarantined;
commit;

-- shops: the key of the crosswalk
begin;
alter table "drover"."crosswalk_shops" add primary key (source_key);
analyze "drover"."crosswalk_shops";
commit;

-- shops: the statistics of the target
begin;
analyze "app"."shops";
commit;

-- shops: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."shops";
-- target rows after
select count(*) as n from "app"."shops";
commit;

-- =================================================================================================
-- 2. transfers: legacy.transfers → app.transfers
-- begins when shops is done
-- =================================================================================================
-- transfers: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_transfers" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."transfers";
-- target rows before
select count(*) as n from "app"."transfers";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."transfers" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."transfers")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'transfers', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- transfers: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."transfers" as "t"
  where ($3::text[] is null or ("t"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("t"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_3.v8" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_3.v6" or "row"."step_3.v7" then array[case when "row"."step_3.v6" then 1 end, case when "row"."step_3.v7" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."t.id")::int4 as "id",
    ("row"."ref_3.id")::uuid as "from_shop",
    ("row"."ref_5.id")::uuid as "to_shop",
    case when "row"."step_3.v8" then array_remove(array[case when ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null) then 1 end, case when "row"."step_1.v2" is not null and "row"."ref_3.source_key" is null then 2 end, case when "row"."ref_3.id" is null then 3 end], null) end as "_reasons",
    "row"."t.ctid" as "_place",
    case when "row"."step_3.v6" or "row"."step_3.v7" then array[("row"."step_1.v4")::text, ("row"."step_1.v4")::text]::text[] end as "_originals"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "row"."step_1.v2" is not null and "ref_3"."source_key" is null or "ref_3"."id" is null as "step_3.v8",
    ("ref_5"."source_key" is not null and "ref_5"."id" is null) as "step_3.v6",
    "row"."step_1.v4" is not null and "ref_5"."source_key" is null as "step_3.v7",
    "row"."step_1.v1" as "step_1.v1",
    "row"."t.id" as "t.id",
    "ref_3"."id" as "ref_3.id",
    "ref_5"."id" as "ref_5.id",
    "ref_3"."source_key" as "ref_3.source_key",
    "row"."step_1.v2" as "step_1.v2",
    "row"."t.ctid" as "t.ctid",
    "row"."step_1.v4" as "step_1.v4"
  from (
  select
    case when ("t"."from_country") is not null and ("t"."from_number") is not null then json_build_array(("t"."from_country")::text, ("t"."from_number")::text)::text end as "step_1.v2",
    case when (case when "t"."kind" = 'inland' then "t"."from_country" end) is not null and ("t"."to_number") is not null then json_build_array((case when "t"."kind" = 'inland' then "t"."from_country" end)::text, ("t"."to_number")::text)::text end as "step_1.v4",
    ("t"."id")::text as "step_1.v1",
    "t"."id" as "t.id",
    "t"."ctid" as "t.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'from_country' then ("fix"."patch" ->> 'from_country')::text else "t"."from_country" end as "from_country",
      case when "fix"."patch" ? 'from_number' then ("fix"."patch" ->> 'from_number')::int4 else "t"."from_number" end as "from_number",
      case when "fix"."patch" ? 'to_number' then ("fix"."patch" ->> 'to_number')::int4 else "t"."to_number" end as "to_number",
      case when "fix"."patch" ? 'kind' then ("fix"."patch" ->> 'kind')::text else "t"."kind" end as "kind"
    from "legacy"."transfers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.transfers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  where ($3::text[] is null or ("t"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("t"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_shops" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  left join "drover"."crosswalk_shops" as "ref_5" on "ref_5"."source_key" = "row"."step_1.v4" collate "C"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."transfers" ("id", "from_shop", "to_shop")
  select "id", "from_shop", "to_shop"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_transfers" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'transfers', "s"."_key", $2::bigint,
    (array['waiting', 'no-sender', 'no-sender'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'from_shop'), (2, 'no-sender', 'from_shop'), (3, 'no-sender', 'from_shop')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."transfers" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'transfers', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'to_shop'), (2, 'no-receiver', 'to_shop')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'transfers' and number = $2::bigint;
commit;

-- transfers: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("t"."id")::text] as bound, row_number() over (order by "t"."id") as position, count(*) as rows
  from "legacy"."transfers" as "t"
    where ($1::text[] is null or ("t"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("t"."id") < (($2::text[])[1]::int4)) and "t"."id" is not null
  group by "t"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- transfers: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."transfers" as "t"
  where ($3::text[] is null or ("t"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("t"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."transfers" as original
      where original.ctid = "t"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'from_country' then ("fix"."patch" ->> 'from_country')::text else "t"."from_country" end as "from_country",
      case when "fix"."patch" ? 'from_number' then ("fix"."patch" ->> 'from_number')::int4 else "t"."from_number" end as "from_number",
      case when "fix"."patch" ? 'to_number' then ("fix"."patch" ->> 'to_number')::int4 else "t"."to_number" end as "to_number",
      case when "fix"."patch" ? 'kind' then ("fix"."patch" ->> 'kind')::text else "t"."kind" end as "kind"
    from "legacy"."transfers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.transfers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  cross join lateral (
    select
      ("t"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("t"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("t"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_transfers" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'transfers', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'transfers' and number = $2::bigint
returning quarantined;
commit;

-- transfers: the key of the crosswalk
begin;
alter table "drover"."crosswalk_transfers" add primary key (source_key);
analyze "drover"."crosswalk_transfers";
commit;

-- transfers: the statistics of the target
begin;
analyze "app"."transfers";
commit;

-- transfers_pkey
begin;
CREATE UNIQUE INDEX transfers_pkey ON app.transfers USING btree (id);
commit;

-- transfers: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."transfers";
-- target rows after
select count(*) as n from "app"."transfers";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."transfers" add constraint "transfers_pkey" primary key using index "transfers_pkey";
commit;

-- =================================================================================================
-- Foreign keys, when every mapping is closed. Each statement is a transaction.
-- =================================================================================================
-- foreign keys
begin;
alter table "app"."transfers" add constraint "transfers_from_shop_fkey" FOREIGN KEY (from_shop) REFERENCES app.shops(id) not valid;
alter table "app"."transfers" add constraint "transfers_to_shop_fkey" FOREIGN KEY (to_shop) REFERENCES app.shops(id) not valid;
alter table "app"."transfers" validate constraint "transfers_from_shop_fkey";
alter table "app"."transfers" validate constraint "transfers_to_shop_fkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."shops" as t offset '0') as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."transfers" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- shops: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'shops', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."country",
      "t"."number",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."shops" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.shops' and fix.row_key = (case when ("t"."country") is not null and ("t"."number") is not null then json_build_array(("t"."country")::text, ("t"."number")::text)::text end) collate "C"
  ) as "s"
  cross join lateral (
    select
      case when ("s"."country") is not null and ("s"."number") is not null then json_build_array(("s"."country")::text, ("s"."number")::text)::text end as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_shops" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((case when ("s"."country") is not null and ("s"."number") is not null then json_build_array(("s"."country")::text, ("s"."number")::text)::text end) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.shops')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."step_1.v2")::uuid as "id",
    ("row"."s.name")::text as "name"
  from (
  select
    case when ("s"."country") is not null and ("s"."number") is not null then json_build_array(("s"."country")::text, ("s"."number")::text)::text end as "step_1.v1",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("s"."country" || "s"."number", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v2",
    "s"."name" as "s.name"
  from (
    select "t"."ctid",
      "t"."country",
      "t"."number",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."shops" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.shops' and fix.row_key = (case when ("t"."country") is not null and ("t"."number") is not null then json_build_array(("t"."country")::text, ("t"."number")::text)::text end) collate "C"
  ) as "s"
  where ("s"."country", "s"."number") in (select (source_key::jsonb ->> 0)::text, (source_key::jsonb ->> 1)::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'shops' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_shops" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."shops" ("id", "name")
  select "id", "name"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_shops" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'shops' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'shops' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'shops' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'shops', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'shops', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_shops" (like "app"."shops", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."step_1.v2")::uuid as "id",
    ("row"."s.name")::text as "name"
  from (
  select
    case when ("s"."country") is not null and ("s"."number") is not null then json_build_array(("s"."country")::text, ("s"."number")::text)::text end as "step_1.v1",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("s"."country" || "s"."number", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v2",
    "s"."name" as "s.name"
  from (
    select "t"."ctid",
      "t"."country",
      "t"."number",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."shops" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.shops' and fix.row_key = (case when ("t"."country") is not null and ("t"."number") is not null then json_build_array(("t"."country")::text, ("t"."number")::text)::text end) collate "C"
  ) as "s"
  where ("s"."country", "s"."number") in (select (source_key::jsonb ->> 0)::text, (source_key::jsonb ->> 1)::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'shops' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_shops" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."shops" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."name") is distinct from ("s"."name"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_shops" ("id", "name", "drover_version")
  select "id", "name", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."shops" as t
  set "name" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."name" else "t"."name" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'shops', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('name', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'shops' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'shops' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;

-- transfers: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'transfers', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'from_country' then ("fix"."patch" ->> 'from_country')::text else "t"."from_country" end as "from_country",
      case when "fix"."patch" ? 'from_number' then ("fix"."patch" ->> 'from_number')::int4 else "t"."from_number" end as "from_number",
      case when "fix"."patch" ? 'to_number' then ("fix"."patch" ->> 'to_number')::int4 else "t"."to_number" end as "to_number",
      case when "fix"."patch" ? 'kind' then ("fix"."patch" ->> 'kind')::text else "t"."kind" end as "kind"
    from "legacy"."transfers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.transfers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  cross join lateral (
    select
      ("t"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_transfers" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("t"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.transfers')))) as found
on conflict do nothing;
-- rows that refer to moved rows of shops
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'transfers', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'from_country' then ("fix"."patch" ->> 'from_country')::text else "t"."from_country" end as "from_country",
      case when "fix"."patch" ? 'from_number' then ("fix"."patch" ->> 'from_number')::int4 else "t"."from_number" end as "from_number",
      case when "fix"."patch" ? 'to_number' then ("fix"."patch" ->> 'to_number')::int4 else "t"."to_number" end as "to_number",
      case when "fix"."patch" ? 'kind' then ("fix"."patch" ->> 'kind')::text else "t"."kind" end as "kind"
    from "legacy"."transfers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.transfers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  cross join lateral (
    select
      ("t"."id")::text as "v1",
      case when ("t"."from_country") is not null and ("t"."from_number") is not null then json_build_array(("t"."from_country")::text, ("t"."from_number")::text)::text end as "v2",
      case when (case when "t"."kind" = 'inland' then "t"."from_country" end) is not null and ("t"."to_number") is not null then json_build_array((case when "t"."kind" = 'inland' then "t"."from_country" end)::text, ("t"."to_number")::text)::text end as "v3"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_transfers" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'shops' and purpose in ('moved') and not done) or ("step_1"."v3") collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'shops' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'transfers' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of shops
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'from_country' then ("fix"."patch" ->> 'from_country')::text else "t"."from_country" end as "from_country",
      case when "fix"."patch" ? 'from_number' then ("fix"."patch" ->> 'from_number')::int4 else "t"."from_number" end as "from_number",
      case when "fix"."patch" ? 'to_number' then ("fix"."patch" ->> 'to_number')::int4 else "t"."to_number" end as "to_number",
      case when "fix"."patch" ? 'kind' then ("fix"."patch" ->> 'kind')::text else "t"."kind" end as "kind"
    from "legacy"."transfers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.transfers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  cross join lateral (
    select
      ("t"."id")::text as "v1",
      case when ("t"."from_country") is not null and ("t"."from_number") is not null then json_build_array(("t"."from_country")::text, ("t"."from_number")::text)::text end as "v2",
      case when (case when "t"."kind" = 'inland' then "t"."from_country" end) is not null and ("t"."to_number") is not null then json_build_array((case when "t"."kind" = 'inland' then "t"."from_country" end)::text, ("t"."to_number")::text)::text end as "v3"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_transfers" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" = $2::text or ("step_1"."v3") collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'transfers' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_3.v8" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_3.v6" or "row"."step_3.v7" then array[case when "row"."step_3.v6" then 1 end, case when "row"."step_3.v7" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."t.id")::int4 as "id",
    ("row"."ref_3.id")::uuid as "from_shop",
    ("row"."ref_5.id")::uuid as "to_shop",
    case when "row"."step_3.v8" then array_remove(array[case when ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null) then 1 end, case when "row"."step_1.v2" is not null and "row"."ref_3.source_key" is null then 2 end, case when "row"."ref_3.id" is null then 3 end], null) end as "_reasons",
    "row"."t.ctid" as "_place",
    case when "row"."step_3.v6" or "row"."step_3.v7" then array[("row"."step_1.v4")::text, ("row"."step_1.v4")::text]::text[] end as "_originals"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "row"."step_1.v2" is not null and "ref_3"."source_key" is null or "ref_3"."id" is null as "step_3.v8",
    ("ref_5"."source_key" is not null and "ref_5"."id" is null) as "step_3.v6",
    "row"."step_1.v4" is not null and "ref_5"."source_key" is null as "step_3.v7",
    "row"."step_1.v1" as "step_1.v1",
    "row"."t.id" as "t.id",
    "ref_3"."id" as "ref_3.id",
    "ref_5"."id" as "ref_5.id",
    "ref_3"."source_key" as "ref_3.source_key",
    "row"."step_1.v2" as "step_1.v2",
    "row"."t.ctid" as "t.ctid",
    "row"."step_1.v4" as "step_1.v4"
  from (
  select
    case when ("t"."from_country") is not null and ("t"."from_number") is not null then json_build_array(("t"."from_country")::text, ("t"."from_number")::text)::text end as "step_1.v2",
    case when (case when "t"."kind" = 'inland' then "t"."from_country" end) is not null and ("t"."to_number") is not null then json_build_array((case when "t"."kind" = 'inland' then "t"."from_country" end)::text, ("t"."to_number")::text)::text end as "step_1.v4",
    ("t"."id")::text as "step_1.v1",
    "t"."id" as "t.id",
    "t"."ctid" as "t.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'from_country' then ("fix"."patch" ->> 'from_country')::text else "t"."from_country" end as "from_country",
      case when "fix"."patch" ? 'from_number' then ("fix"."patch" ->> 'from_number')::int4 else "t"."from_number" end as "from_number",
      case when "fix"."patch" ? 'to_number' then ("fix"."patch" ->> 'to_number')::int4 else "t"."to_number" end as "to_number",
      case when "fix"."patch" ? 'kind' then ("fix"."patch" ->> 'kind')::text else "t"."kind" end as "kind"
    from "legacy"."transfers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.transfers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  where "t"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'transfers' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_shops" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  left join "drover"."crosswalk_shops" as "ref_5" on "ref_5"."source_key" = "row"."step_1.v4" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_transfers" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."transfers" ("id", "from_shop", "to_shop")
  select "id", "from_shop", "to_shop"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_transfers" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'transfers', "s"."_key", $2::bigint,
    (array['waiting', 'no-sender', 'no-sender'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'from_shop'), (2, 'no-sender', 'from_shop'), (3, 'no-sender', 'from_shop')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."transfers" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'transfers' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'transfers' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'transfers' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'transfers', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'to_shop'), (2, 'no-receiver', 'to_shop')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'transfers', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'transfers', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_transfers" (like "app"."transfers", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_3.v8" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_3.v6" or "row"."step_3.v7" then array[case when "row"."step_3.v6" then 1 end, case when "row"."step_3.v7" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."t.id")::int4 as "id",
    ("row"."ref_3.id")::uuid as "from_shop",
    ("row"."ref_5.id")::uuid as "to_shop",
    case when "row"."step_3.v8" then array_remove(array[case when ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null) then 1 end, case when "row"."step_1.v2" is not null and "row"."ref_3.source_key" is null then 2 end, case when "row"."ref_3.id" is null then 3 end], null) end as "_reasons",
    case when "row"."step_3.v6" or "row"."step_3.v7" then array[("row"."step_1.v4")::text, ("row"."step_1.v4")::text]::text[] end as "_originals"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "row"."step_1.v2" is not null and "ref_3"."source_key" is null or "ref_3"."id" is null as "step_3.v8",
    ("ref_5"."source_key" is not null and "ref_5"."id" is null) as "step_3.v6",
    "row"."step_1.v4" is not null and "ref_5"."source_key" is null as "step_3.v7",
    "row"."step_1.v1" as "step_1.v1",
    "row"."t.id" as "t.id",
    "ref_3"."id" as "ref_3.id",
    "ref_5"."id" as "ref_5.id",
    "ref_3"."source_key" as "ref_3.source_key",
    "row"."step_1.v2" as "step_1.v2",
    "row"."t.ctid" as "t.ctid",
    "row"."step_1.v4" as "step_1.v4"
  from (
  select
    case when ("t"."from_country") is not null and ("t"."from_number") is not null then json_build_array(("t"."from_country")::text, ("t"."from_number")::text)::text end as "step_1.v2",
    case when (case when "t"."kind" = 'inland' then "t"."from_country" end) is not null and ("t"."to_number") is not null then json_build_array((case when "t"."kind" = 'inland' then "t"."from_country" end)::text, ("t"."to_number")::text)::text end as "step_1.v4",
    ("t"."id")::text as "step_1.v1",
    "t"."id" as "t.id",
    "t"."ctid" as "t.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'from_country' then ("fix"."patch" ->> 'from_country')::text else "t"."from_country" end as "from_country",
      case when "fix"."patch" ? 'from_number' then ("fix"."patch" ->> 'from_number')::int4 else "t"."from_number" end as "from_number",
      case when "fix"."patch" ? 'to_number' then ("fix"."patch" ->> 'to_number')::int4 else "t"."to_number" end as "to_number",
      case when "fix"."patch" ? 'kind' then ("fix"."patch" ->> 'kind')::text else "t"."kind" end as "kind"
    from "legacy"."transfers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.transfers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  where "t"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'transfers' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_shops" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  left join "drover"."crosswalk_shops" as "ref_5" on "ref_5"."source_key" = "row"."step_1.v4" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_transfers" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."transfers" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'shops'] and s._stands = 'loaded') and ("existing"."from_shop") is distinct from ("s"."from_shop") or ($2::text[] && array['*', 'shops'] and s._stands = 'loaded') and ("existing"."to_shop") is distinct from ("s"."to_shop"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_transfers" ("id", "from_shop", "to_shop", "drover_version")
  select "id", "from_shop", "to_shop", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."transfers" as t
  set "from_shop" = case when ($2::text[] && array['*', 'shops'] and s._stands = 'loaded') then "s"."from_shop" else "t"."from_shop" end,
    "to_shop" = case when ($2::text[] && array['*', 'shops'] and s._stands = 'loaded') then "s"."to_shop" else "t"."to_shop" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'transfers', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('from_shop', array['*', 'shops']), ('to_shop', array['*', 'shops'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'transfers' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'transfers' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'transfers', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'to_shop'), (2, 'no-receiver', 'to_shop')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
