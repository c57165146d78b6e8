-- hazard merges-rows, customers: Rows of legacy.customers with one identity become one row of app.customers.
-- hazard merges-rows, visits: Rows of legacy.visits with one identity become one row of app.visits.
-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.customers (1).
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
from (select md5(row(t.*)::text) as hash from "legacy"."visits" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
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
    select ("c"."id")::text as source_key,
      first_value(("c"."id")::text) over same as survivor_key,
      false as is_matched,
      false as is_torn,
      first_value(("step_1"."v1")::uuid) over same as "id"
    from (
      select "c".*
      from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::timestamp else "t"."created_at" end as "created_at"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
      where "c"."ctid" = any (array(
      with repeated as materialized (
        select hash, count(*) as rows, min(place) as first_place, max(place) as last_place
        from (
          select "c"."ctid" as place, hash_record_extended(row("step_2"."v2"), 0) as hash
          from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::timestamp else "t"."created_at" end as "created_at"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      (("c"."id")::text) as "v1"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      coalesce('{"c2":"c1","c3":"c1","c6 \\ \"six\"":"c5","c9":"c4"}'::jsonb ->> "step_1"."v1", "step_1"."v1") as "v2"
    offset '0'
  ) as "step_2"
          
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
          select "c"."ctid" as place, hash_record_extended(row("step_2"."v2"), 0) as hash
          from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::timestamp else "t"."created_at" end as "created_at"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      (("c"."id")::text) as "v1"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      coalesce('{"c2":"c1","c3":"c1","c6 \\ \"six\"":"c5","c9":"c4"}'::jsonb ->> "step_1"."v1", "step_1"."v1") as "v2"
    offset '0'
  ) as "step_2"
          
        ) as made
        where hash in (select hash from repeated where rows > 2)
      ) as further
      where exists (select from repeated where rows > 2)))
      offset '0'
    ) as "c"
  cross join lateral (
    select
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("c"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v1",
      (("c"."id")::text) as "v2"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      coalesce('{"c2":"c1","c3":"c1","c6 \\ \"six\"":"c5","c9":"c4"}'::jsonb ->> "step_1"."v2", "step_1"."v2") as "v3"
    offset '0'
  ) as "step_2"
    
    window same as (partition by case when ("c"."id")::text in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'customers') then ("c"."id")::text end, "step_2"."v3" order by "c"."created_at" asc nulls last, ("c"."id")::text collate "C")
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
    coalesce("resolution"."disposition", 'loaded') as "_disposition",
    ("row"."c.id")::text as "_key",
    ("row"."step_1.v1")::uuid as "id",
    ("row"."c.name")::text as "name",
    ("row"."c.city")::text as "city",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id"
  from (
  select
    "c"."id" as "c.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("c"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v1",
    "c"."name" as "c.name",
    "c"."city" as "c.city"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::timestamp else "t"."created_at" end as "created_at"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::text))
  offset '0'
  ) as "row"
  left join "drover"."resolution_customers" as resolution on resolution.source_key = ("row"."c.id")::text collate "C"
), loaded as (
  insert into "app"."customers" ("id", "name", "city")
  select "id", "name", "city"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_customers" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
), quarantined as (select where false), merged as (
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
  "excluded" = 0,
  finished_at = clock_timestamp()
from (
  select count(*) filter (where "s"."_disposition" = 'merged') as "merged"
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
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::timestamp else "t"."created_at" end as "created_at"
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
  select $1::bigint, 'customers', ("c"."id")::text, $2::bigint, 'survivor-quarantined',
    '[{"code": "survivor-quarantined", "column": null}]'::jsonb, (
      select to_jsonb("original".*)
      from "legacy"."customers" as original
      where original.ctid = "c"."ctid"
    )
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::timestamp else "t"."created_at" end as "created_at"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where ("c"."id")::text collate "C" in (select source_key from lost)
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
-- 2. visits: legacy.visits → app.visits
-- =================================================================================================
-- visits: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_visits" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" uuid
);
-- merges and matches, decided once
create table "drover"."resolution_visits" as
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
      first_value(("step_1"."v2")::uuid) over same as "id"
    from (
      select "v".*
      from (
    select "t"."ctid",
      "t"."clinic",
      "t"."day",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note"
    from "legacy"."visits" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.visits' and fix.row_key = (case when ("t"."clinic") is not null and ("t"."day") is not null then json_build_array(("t"."clinic")::text, ("t"."day")::text)::text end) collate "C"
  ) as "v"
      where "v"."ctid" = any (array(
      with repeated as materialized (
        select hash, count(*) as rows, min(place) as first_place, max(place) as last_place
        from (
          select "v"."ctid" as place, hash_record_extended(row("step_3"."v3"), 0) as hash
          from (
    select "t"."ctid",
      "t"."clinic",
      "t"."day",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note"
    from "legacy"."visits" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.visits' and fix.row_key = (case when ("t"."clinic") is not null and ("t"."day") is not null then json_build_array(("t"."clinic")::text, ("t"."day")::text)::text end) collate "C"
  ) as "v"
  cross join lateral (
    select
      case when ("v"."clinic") is not null and ("v"."day") is not null then json_build_array(("v"."clinic")::text, ("v"."day")::text)::text end as "v1"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      ("step_1"."v1") as "v2"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      coalesce('{"[\"a\", \"2024-01-02\"]":"[\"a\", \"2024-01-01\"]"}'::jsonb ->> "step_2"."v2", "step_2"."v2") as "v3"
    offset '0'
  ) as "step_3"
          
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
          select "v"."ctid" as place, hash_record_extended(row("step_3"."v3"), 0) as hash
          from (
    select "t"."ctid",
      "t"."clinic",
      "t"."day",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note"
    from "legacy"."visits" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.visits' and fix.row_key = (case when ("t"."clinic") is not null and ("t"."day") is not null then json_build_array(("t"."clinic")::text, ("t"."day")::text)::text end) collate "C"
  ) as "v"
  cross join lateral (
    select
      case when ("v"."clinic") is not null and ("v"."day") is not null then json_build_array(("v"."clinic")::text, ("v"."day")::text)::text end as "v1"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      ("step_1"."v1") as "v2"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      coalesce('{"[\"a\", \"2024-01-02\"]":"[\"a\", \"2024-01-01\"]"}'::jsonb ->> "step_2"."v2", "step_2"."v2") as "v3"
    offset '0'
  ) as "step_3"
          
        ) as made
        where hash in (select hash from repeated where rows > 2)
      ) as further
      where exists (select from repeated where rows > 2)))
      offset '0'
    ) as "v"
  cross join lateral (
    select
      case when ("v"."clinic") is not null and ("v"."day") is not null then json_build_array(("v"."clinic")::text, ("v"."day")::text)::text end as "v1",
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("v"."clinic" || "v"."day"::text, 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v2"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      ("step_1"."v1") as "v3"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      coalesce('{"[\"a\", \"2024-01-02\"]":"[\"a\", \"2024-01-01\"]"}'::jsonb ->> "step_2"."v3", "step_2"."v3") as "v4"
    offset '0'
  ) as "step_3"
    
    window same as (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'visits') then "step_1"."v1" end, "step_3"."v4" order by "step_1"."v1" collate "C")
  ) as grouped
  where source_key <> survivor_key or is_matched;
alter table "drover"."resolution_visits" add primary key (source_key);
analyze "drover"."resolution_visits";
-- source rows
select count(*) as n from "legacy"."visits";
-- target rows before
select count(*) as n from "app"."visits";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."clinic"::text, "k"."day"::text] as bound,
      row_number() over (order by "k"."clinic", "k"."day") as position
    from "legacy"."visits" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."visits")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'visits', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- visits: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."visits" as "v"
  where ($3::text[] is null or ("v"."clinic", "v"."day") >= (($3::text[])[1]::text, ($3::text[])[2]::date)) and ($4::text[] is null or ("v"."clinic", "v"."day") < (($4::text[])[1]::text, ($4::text[])[2]::date))
), s as materialized (
  select
    coalesce("resolution"."disposition", 'loaded') as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."step_1.v2")::uuid as "id",
    ("row"."v.note")::text as "note",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id"
  from (
  select
    case when ("v"."clinic") is not null and ("v"."day") is not null then json_build_array(("v"."clinic")::text, ("v"."day")::text)::text end as "step_1.v1",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("v"."clinic" || "v"."day"::text, 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v2",
    "v"."note" as "v.note"
  from (
    select "t"."ctid",
      "t"."clinic",
      "t"."day",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note"
    from "legacy"."visits" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.visits' and fix.row_key = (case when ("t"."clinic") is not null and ("t"."day") is not null then json_build_array(("t"."clinic")::text, ("t"."day")::text)::text end) collate "C"
  ) as "v"
  where ($3::text[] is null or ("v"."clinic", "v"."day") >= (($3::text[])[1]::text, ($3::text[])[2]::date)) and ($4::text[] is null or ("v"."clinic", "v"."day") < (($4::text[])[1]::text, ($4::text[])[2]::date))
  offset '0'
  ) as "row"
  left join "drover"."resolution_visits" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
), loaded as (
  insert into "app"."visits" ("id", "note")
  select "id", "note"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_visits" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
), quarantined as (select where false), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'visits', "s"."_key", "s"."_survivor"
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
  "excluded" = 0,
  finished_at = clock_timestamp()
from (
  select count(*) filter (where "s"."_disposition" = 'merged') as "merged"
  from s
) as carried
where run_id = $1::bigint and mapping = 'visits' and number = $2::bigint;
commit;

-- visits: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("v"."clinic")::text, ("v"."day")::text] as bound, row_number() over (order by "v"."clinic", "v"."day") as position, count(*) as rows
  from "legacy"."visits" as "v"
    where ($1::text[] is null or ("v"."clinic", "v"."day") >= (($1::text[])[1]::text, ($1::text[])[2]::date)) and ($2::text[] is null or ("v"."clinic", "v"."day") < (($2::text[])[1]::text, ($2::text[])[2]::date)) and "v"."clinic" is not null and "v"."day" is not null
  group by "v"."clinic", "v"."day"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- visits: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."visits" as "v"
  where ($3::text[] is null or ("v"."clinic", "v"."day") >= (($3::text[])[1]::text, ($3::text[])[2]::date)) and ($4::text[] is null or ("v"."clinic", "v"."day") < (($4::text[])[1]::text, ($4::text[])[2]::date))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."visits" as original
      where original.ctid = "v"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."clinic",
      "t"."day",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note"
    from "legacy"."visits" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.visits' and fix.row_key = (case when ("t"."clinic") is not null and ("t"."day") is not null then json_build_array(("t"."clinic")::text, ("t"."day")::text)::text end) collate "C"
  ) as "v"
  cross join lateral (
    select
      case when ("v"."clinic") is not null and ("v"."day") is not null then json_build_array(("v"."clinic")::text, ("v"."day")::text)::text end as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("v"."clinic", "v"."day") >= (($3::text[])[1]::text, ($3::text[])[2]::date)) and ($4::text[] is null or ("v"."clinic", "v"."day") < (($4::text[])[1]::text, ($4::text[])[2]::date))
), walked as (
  insert into "drover"."crosswalk_visits" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'visits', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'visits' and number = $2::bigint
returning quarantined;
commit;

-- visits: the key of the crosswalk
begin;
alter table "drover"."crosswalk_visits" add primary key (source_key);
analyze "drover"."crosswalk_visits";
commit;

-- visits: the statistics of the target
begin;
analyze "app"."visits";
commit;

-- visits: close
begin;
-- what is checked late, now
set constraints all immediate;
-- duplicates whose survivor was not loaded. Repeated until no row is left. $2 here: the entry that adjusts the counts
with lost as (
  delete from drover.merge as merge
  using "drover"."crosswalk_visits" as survivor
  where merge.run_id = $1::bigint and merge.mapping = 'visits'
    and survivor.source_key = merge.survivor_key and survivor.disposition not in ('loaded', 'matched')
  returning merge.source_key
), walked as (
  update "drover"."crosswalk_visits" as walked
  set disposition = 'quarantined', "id" = null
  from lost
  where walked.source_key = lost.source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'visits', "step_1"."v1", $2::bigint, 'survivor-quarantined',
    '[{"code": "survivor-quarantined", "column": null}]'::jsonb, (
      select to_jsonb("original".*)
      from "legacy"."visits" as original
      where original.ctid = "v"."ctid"
    )
  from (
    select "t"."ctid",
      "t"."clinic",
      "t"."day",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note"
    from "legacy"."visits" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.visits' and fix.row_key = (case when ("t"."clinic") is not null and ("t"."day") is not null then json_build_array(("t"."clinic")::text, ("t"."day")::text)::text end) collate "C"
  ) as "v"
  cross join lateral (
    select
      case when ("v"."clinic") is not null and ("v"."day") is not null then json_build_array(("v"."clinic")::text, ("v"."day")::text)::text end as "v1"
    offset '0'
  ) as "step_1"
  where "step_1"."v1" collate "C" in (select source_key from lost)
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'visits', $2::bigint, 'adjustment', 'done', 0, 0, -n, 0, n, 0, clock_timestamp()
from (select count(*) as n from lost) as moved
where n > 0
returning number;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."visits";
-- target rows after
select count(*) as n from "app"."visits";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."customers" add constraint "customers_pkey" primary key using index "customers_pkey";
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
from (select md5(row(t.*)::text) as hash from "legacy"."visits" as t offset '0') as hashed;
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
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::timestamp else "t"."created_at" end as "created_at"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  join "drover"."crosswalk_customers" as walked on walked.source_key = ("c"."id")::text collate "C"
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
    select ("c"."id")::text as source_key,
      first_value(("c"."id")::text) over same as survivor_key,
      false as is_matched,
      false as is_torn,
      case when walked.disposition in ('loaded', 'matched') then "walked"."id" else first_value(case when walked.disposition in ('loaded', 'matched') then "walked"."id" else ("step_1"."v1")::uuid end) over same end as "id",
      walked.disposition as _before,
      ("c"."id")::text collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('try') and not done) as _is_tried,
      bool_or(("c"."id")::text collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('try', 'group') and not done)) over (partition by case when ("c"."id")::text in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'customers') then ("c"."id")::text end, "step_2"."v3") as _is_touched
    from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::timestamp else "t"."created_at" end as "created_at"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("c"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v1",
      (("c"."id")::text) as "v2"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      coalesce('{"c2":"c1","c3":"c1","c6 \\ \"six\"":"c5","c9":"c4"}'::jsonb ->> "step_1"."v2", "step_1"."v2") as "v3"
    offset '0'
  ) as "step_2"
  join "drover"."crosswalk_customers" as walked on walked.source_key = ("c"."id")::text collate "C"
    where (walked.disposition <> 'excluded' and not (walked.disposition = 'quarantined' and ("c"."id")::text collate "C" in (
        select source_key
        from drover.quarantine
        where run_id = $1::bigint and mapping = 'customers' and accepted_at is not null
      )) or ("c"."id")::text collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('try') and not done))
    window same as (partition by case when ("c"."id")::text in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'customers') then ("c"."id")::text end, "step_2"."v3" order by (walked.disposition in ('loaded', 'matched')) desc, "c"."created_at" asc nulls last, ("c"."id")::text collate "C")
  ) as grouped
  where _is_touched and (_is_tried or _before <> 'quarantined')
on conflict (source_key) do update set "disposition" = "excluded"."disposition", "survivor_key" = "excluded"."survivor_key", "id" = "excluded"."id";
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    coalesce("resolution"."disposition", 'loaded') as "_disposition",
    ("row"."c.id")::text as "_key",
    ("row"."step_1.v1")::uuid as "id",
    ("row"."c.name")::text as "name",
    ("row"."c.city")::text as "city",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id"
  from (
  select
    "c"."id" as "c.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("c"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v1",
    "c"."name" as "c.name",
    "c"."city" as "c.city"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::timestamp else "t"."created_at" end as "created_at"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where "c"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."resolution_customers" as resolution on resolution.source_key = ("row"."c.id")::text collate "C"
  ) as made
  join "drover"."crosswalk_customers" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."customers" ("id", "name", "city")
  select "id", "name", "city"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_customers" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
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
    coalesce("resolution"."disposition", 'loaded') as "_disposition",
    ("row"."c.id")::text as "_key",
    ("row"."step_1.v1")::uuid as "id",
    ("row"."c.name")::text as "name",
    ("row"."c.city")::text as "city",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id"
  from (
  select
    "c"."id" as "c.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("c"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v1",
    "c"."name" as "c.name",
    "c"."city" as "c.city"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'created_at' then ("fix"."patch" ->> 'created_at')::timestamp else "t"."created_at" end as "created_at"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where "c"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."resolution_customers" as resolution on resolution.source_key = ("row"."c.id")::text collate "C"
  ) as made
  join "drover"."crosswalk_customers" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."customers" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."name") is distinct from ("s"."name") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."city") is distinct from ("s"."city"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_customers" ("id", "name", "city", "drover_version")
  select "id", "name", "city", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."customers" as t
  set "name" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."name" else "t"."name" end,
    "city" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."city" else "t"."city" end
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
  from (values ('name', array['*']), ('city', array['*'])) as each (column_name, follows)
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

-- visits: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'visits', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."clinic",
      "t"."day",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note"
    from "legacy"."visits" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.visits' and fix.row_key = (case when ("t"."clinic") is not null and ("t"."day") is not null then json_build_array(("t"."clinic")::text, ("t"."day")::text)::text end) collate "C"
  ) as "v"
  cross join lateral (
    select
      case when ("v"."clinic") is not null and ("v"."day") is not null then json_build_array(("v"."clinic")::text, ("v"."day")::text)::text end as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_visits" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((case when ("v"."clinic") is not null and ("v"."day") is not null then json_build_array(("v"."clinic")::text, ("v"."day")::text)::text end) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.visits')))) as found
on conflict do nothing;
-- duplicates are told apart again
insert into "drover"."resolution_visits"
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
      case when walked.disposition in ('loaded', 'matched') then "walked"."id" else first_value(case when walked.disposition in ('loaded', 'matched') then "walked"."id" else ("step_1"."v2")::uuid end) over same end as "id",
      walked.disposition as _before,
      "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'visits' and purpose in ('try') and not done) as _is_tried,
      bool_or("step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'visits' and purpose in ('try', 'group') and not done)) over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'visits') then "step_1"."v1" end, "step_3"."v4") as _is_touched
    from (
    select "t"."ctid",
      "t"."clinic",
      "t"."day",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note"
    from "legacy"."visits" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.visits' and fix.row_key = (case when ("t"."clinic") is not null and ("t"."day") is not null then json_build_array(("t"."clinic")::text, ("t"."day")::text)::text end) collate "C"
  ) as "v"
  cross join lateral (
    select
      case when ("v"."clinic") is not null and ("v"."day") is not null then json_build_array(("v"."clinic")::text, ("v"."day")::text)::text end as "v1",
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("v"."clinic" || "v"."day"::text, 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v2"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      ("step_1"."v1") as "v3"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      coalesce('{"[\"a\", \"2024-01-02\"]":"[\"a\", \"2024-01-01\"]"}'::jsonb ->> "step_2"."v3", "step_2"."v3") as "v4"
    offset '0'
  ) as "step_3"
  join "drover"."crosswalk_visits" as walked on walked.source_key = "step_1"."v1" collate "C"
    where (walked.disposition <> 'excluded' and not (walked.disposition = 'quarantined' and "step_1"."v1" collate "C" in (
        select source_key
        from drover.quarantine
        where run_id = $1::bigint and mapping = 'visits' and accepted_at is not null
      )) or "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'visits' and purpose in ('try') and not done))
    window same as (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'visits') then "step_1"."v1" end, "step_3"."v4" order by (walked.disposition in ('loaded', 'matched')) desc, "step_1"."v1" collate "C")
  ) as grouped
  where _is_touched and (_is_tried or _before <> 'quarantined')
on conflict (source_key) do update set "disposition" = "excluded"."disposition", "survivor_key" = "excluded"."survivor_key", "id" = "excluded"."id";
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    coalesce("resolution"."disposition", 'loaded') as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."step_1.v2")::uuid as "id",
    ("row"."v.note")::text as "note",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id"
  from (
  select
    case when ("v"."clinic") is not null and ("v"."day") is not null then json_build_array(("v"."clinic")::text, ("v"."day")::text)::text end as "step_1.v1",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("v"."clinic" || "v"."day"::text, 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v2",
    "v"."note" as "v.note"
  from (
    select "t"."ctid",
      "t"."clinic",
      "t"."day",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note"
    from "legacy"."visits" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.visits' and fix.row_key = (case when ("t"."clinic") is not null and ("t"."day") is not null then json_build_array(("t"."clinic")::text, ("t"."day")::text)::text end) collate "C"
  ) as "v"
  where ("v"."clinic", "v"."day") in (select (source_key::jsonb ->> 0)::text, (source_key::jsonb ->> 1)::date from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'visits' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."resolution_visits" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
  ) as made
  join "drover"."crosswalk_visits" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."visits" ("id", "note")
  select "id", "note"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_visits" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'visits' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), parted as (
  delete from drover.merge as m
  using s
  where "m"."run_id" = $1::bigint and "m"."mapping" = 'visits' and "m"."source_key" = "s"."_key"
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'visits', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'visits' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'visits' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'visits', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'visits', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_visits" (like "app"."visits", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    coalesce("resolution"."disposition", 'loaded') as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."step_1.v2")::uuid as "id",
    ("row"."v.note")::text as "note",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id"
  from (
  select
    case when ("v"."clinic") is not null and ("v"."day") is not null then json_build_array(("v"."clinic")::text, ("v"."day")::text)::text end as "step_1.v1",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("v"."clinic" || "v"."day"::text, 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v2",
    "v"."note" as "v.note"
  from (
    select "t"."ctid",
      "t"."clinic",
      "t"."day",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note"
    from "legacy"."visits" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.visits' and fix.row_key = (case when ("t"."clinic") is not null and ("t"."day") is not null then json_build_array(("t"."clinic")::text, ("t"."day")::text)::text end) collate "C"
  ) as "v"
  where ("v"."clinic", "v"."day") in (select (source_key::jsonb ->> 0)::text, (source_key::jsonb ->> 1)::date from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'visits' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."resolution_visits" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
  ) as made
  join "drover"."crosswalk_visits" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."visits" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."note") is distinct from ("s"."note"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_visits" ("id", "note", "drover_version")
  select "id", "note", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."visits" as t
  set "note" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."note" else "t"."note" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'visits', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('note', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'visits' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'visits' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
