-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.addresses (2).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."addresses" as t offset '0') as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."countries" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."addresses" drop constraint "addresses_country_fkey";
alter table "app"."addresses" drop constraint "addresses_pkey";
commit;

-- =================================================================================================
-- 1. countries: legacy.countries → app.countries
-- =================================================================================================
-- countries: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_countries" (
  source_key text collate "C" not null,
  disposition text not null,
  "code" text
);
-- source rows
select count(*) as n from "legacy"."countries";
-- target rows before
select count(*) as n from "app"."countries";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."number"::text] as bound,
      row_number() over (order by "k"."number") as position
    from "legacy"."countries" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."countries")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'countries', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- countries: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."countries" as "c"
  where ($3::text[] is null or ("c"."number") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."number") < (($4::text[])[1]::int4))
), s as materialized (
  select
    'loaded' as "_disposition",
    "step_1"."v1" as "_key",
    (upper("c"."iso" collate "C"))::text as "code",
    ("c"."name")::text as "name"
  from (
    select "t"."ctid",
      "t"."number",
      case when "fix"."patch" ? 'iso' then ("fix"."patch" ->> 'iso')::text else "t"."iso" end as "iso",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."countries" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.countries' and fix.row_key = (("t"."number")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."number")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("c"."number") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."number") < (($4::text[])[1]::int4))
), loaded as (
  insert into "app"."countries" ("code", "name")
  select "code", "name"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_countries" (source_key, disposition, "code")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."code" end
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
where run_id = $1::bigint and mapping = 'countries' and number = $2::bigint;
commit;

-- countries: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("c"."number")::text] as bound, row_number() over (order by "c"."number") as position, count(*) as rows
  from "legacy"."countries" as "c"
    where ($1::text[] is null or ("c"."number") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("c"."number") < (($2::text[])[1]::int4)) and "c"."number" is not null
  group by "c"."number"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- countries: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."countries" as "c"
  where ($3::text[] is null or ("c"."number") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."number") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."countries" as original
      where original.ctid = "c"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."number",
      case when "fix"."patch" ? 'iso' then ("fix"."patch" ->> 'iso')::text else "t"."iso" end as "iso",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."countries" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.countries' and fix.row_key = (("t"."number")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."number")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("c"."number") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."number") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_countries" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'countries', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'countries' and number = $2::bigint
returning quarantined;
commit;

-- countries: the key of the crosswalk
begin;
alter table "drover"."crosswalk_countries" add primary key (source_key);
analyze "drover"."crosswalk_countries";
commit;

-- countries: the statistics of the target
begin;
analyze "app"."countries";
commit;

-- countries: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."countries";
-- target rows after
select count(*) as n from "app"."countries";
commit;

-- =================================================================================================
-- 2. addresses: legacy.addresses → app.addresses
-- begins when countries is done
-- =================================================================================================
-- addresses: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_addresses" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."addresses";
-- target rows before
select count(*) as n from "app"."addresses";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."addresses" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."addresses")
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
  from "legacy"."addresses" as "a"
  where ($3::text[] is null or ("a"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("a"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    'loaded' as "_disposition",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[case when "row"."step_3.v4" then 1 end, case when "row"."step_3.v5" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."a.id")::int4 as "id",
    ("row"."a.city")::text as "city",
    ("row"."ref_3.code")::text as "country",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[("row"."step_1.v2")::text, ("row"."step_1.v2")::text]::text[] end as "_originals"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."code" is null) as "step_3.v4",
    "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."a.id" as "a.id",
    "row"."a.city" as "a.city",
    "ref_3"."code" as "ref_3.code",
    "row"."step_1.v2" as "step_1.v2"
  from (
  select
    ("a"."country")::text as "step_1.v2",
    ("a"."id")::text as "step_1.v1",
    "a"."id" as "a.id",
    "a"."city" as "a.city"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'country' then ("fix"."patch" ->> 'country')::int4 else "t"."country" end as "country"
    from "legacy"."addresses" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.addresses' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  where ($3::text[] is null or ("a"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("a"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_countries" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."addresses" ("id", "city", "country")
  select "id", "city", "country"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_addresses" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (select where false), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'addresses', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'country'), (2, 'unknown-country', 'country')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'addresses' and number = $2::bigint;
commit;

-- addresses: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("a"."id")::text] as bound, row_number() over (order by "a"."id") as position, count(*) as rows
  from "legacy"."addresses" as "a"
    where ($1::text[] is null or ("a"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("a"."id") < (($2::text[])[1]::int4)) and "a"."id" is not null
  group by "a"."id"
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
  from "legacy"."addresses" as "a"
  where ($3::text[] is null or ("a"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("a"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."addresses" as original
      where original.ctid = "a"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'country' then ("fix"."patch" ->> 'country')::int4 else "t"."country" end as "country"
    from "legacy"."addresses" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.addresses' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  cross join lateral (
    select
      ("a"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("a"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("a"."id") < (($4::text[])[1]::int4))
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
select count(*) as n from "legacy"."addresses";
-- target rows after
select count(*) as n from "app"."addresses";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."addresses" add constraint "addresses_pkey" primary key using index "addresses_pkey";
commit;

-- =================================================================================================
-- Foreign keys, when every mapping is closed. Each statement is a transaction.
-- =================================================================================================
-- foreign keys
begin;
alter table "app"."addresses" add constraint "addresses_country_fkey" FOREIGN KEY (country) REFERENCES app.countries(code) not valid;
alter table "app"."addresses" validate constraint "addresses_country_fkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."addresses" as t offset '0') as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."countries" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- countries: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'countries', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."number",
      case when "fix"."patch" ? 'iso' then ("fix"."patch" ->> 'iso')::text else "t"."iso" end as "iso",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."countries" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.countries' and fix.row_key = (("t"."number")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."number")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_countries" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("c"."number")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.countries')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    "step_1"."v1" as "_key",
    (upper("c"."iso" collate "C"))::text as "code",
    ("c"."name")::text as "name"
  from (
    select "t"."ctid",
      "t"."number",
      case when "fix"."patch" ? 'iso' then ("fix"."patch" ->> 'iso')::text else "t"."iso" end as "iso",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."countries" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.countries' and fix.row_key = (("t"."number")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."number")::text as "v1"
    offset '0'
  ) as "step_1"
  where "c"."number" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'countries' and purpose in ('try') and not done) as named)
  ) as made
  join "drover"."crosswalk_countries" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."countries" ("code", "name")
  select "code", "name"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_countries" as walked
  set disposition = "s"."_disposition", "code" = case "s"."_disposition" when 'loaded' then "s"."code" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'countries' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'countries' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'countries' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'countries', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'countries', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_countries" (like "app"."countries", "drover_version" bigint not null, primary key ("code"));
-- both sides of the key change
alter table "app"."addresses" alter constraint "addresses_country_fkey" deferrable initially deferred;
-- both sides of the key change
set constraints "app"."addresses_country_fkey" deferred;
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."code" as "_walked_code"
  from (
  select
    'loaded' as "_disposition",
    "step_1"."v1" as "_key",
    (upper("c"."iso" collate "C"))::text as "code",
    ("c"."name")::text as "name"
  from (
    select "t"."ctid",
      "t"."number",
      case when "fix"."patch" ? 'iso' then ("fix"."patch" ->> 'iso')::text else "t"."iso" end as "iso",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."countries" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.countries' and fix.row_key = (("t"."number")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."number")::text as "v1"
    offset '0'
  ) as "step_1"
  where "c"."number" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'countries' and purpose in ('change') and not done) as named)
  ) as made
  join "drover"."crosswalk_countries" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."countries" as existing
  join s on "existing"."code" = "s"."_walked_code"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."code") is distinct from ("s"."code") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."name") is distinct from ("s"."name"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_countries" ("code", "name", "drover_version")
  select "code", "name", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."countries" as t
  set "code" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."code" else "t"."code" end,
    "name" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."name" else "t"."name" end
  from s, locked
  where "t"."code" = "s"."_walked_code" and "locked"."code" = "t"."code"
  returning "s"."_key" as source_key, "locked"."code" as "_old_code", "t"."code" as "_new_code"
), walked as (
  update "drover"."crosswalk_countries" as entry
  set "code" = "updated"."_new_code"
  from updated
  where "entry"."code" = "updated"."_old_code"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'countries', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('code', array['*']), ('name', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'countries' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'countries' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
alter table "app"."addresses" alter constraint "addresses_country_fkey" not deferrable;
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
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'country' then ("fix"."patch" ->> 'country')::int4 else "t"."country" end as "country"
    from "legacy"."addresses" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.addresses' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  cross join lateral (
    select
      ("a"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_addresses" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("a"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.addresses')))) as found
on conflict do nothing;
-- rows that refer to moved rows of countries
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'addresses', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'country' then ("fix"."patch" ->> 'country')::int4 else "t"."country" end as "country"
    from "legacy"."addresses" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.addresses' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  cross join lateral (
    select
      ("a"."id")::text as "v1",
      ("a"."country")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_addresses" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'countries' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'addresses' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of countries
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'country' then ("fix"."patch" ->> 'country')::int4 else "t"."country" end as "country"
    from "legacy"."addresses" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.addresses' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  cross join lateral (
    select
      ("a"."id")::text as "v1",
      ("a"."country")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_addresses" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'addresses' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[case when "row"."step_3.v4" then 1 end, case when "row"."step_3.v5" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."a.id")::int4 as "id",
    ("row"."a.city")::text as "city",
    ("row"."ref_3.code")::text as "country",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[("row"."step_1.v2")::text, ("row"."step_1.v2")::text]::text[] end as "_originals"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."code" is null) as "step_3.v4",
    "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."a.id" as "a.id",
    "row"."a.city" as "a.city",
    "ref_3"."code" as "ref_3.code",
    "row"."step_1.v2" as "step_1.v2"
  from (
  select
    ("a"."country")::text as "step_1.v2",
    ("a"."id")::text as "step_1.v1",
    "a"."id" as "a.id",
    "a"."city" as "a.city"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'country' then ("fix"."patch" ->> 'country')::int4 else "t"."country" end as "country"
    from "legacy"."addresses" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.addresses' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  where "a"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'addresses' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_countries" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_addresses" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."addresses" ("id", "city", "country")
  select "id", "city", "country"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_addresses" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
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
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'addresses', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'country'), (2, 'unknown-country', 'country')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
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
    'loaded' as "_disposition",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[case when "row"."step_3.v4" then 1 end, case when "row"."step_3.v5" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."a.id")::int4 as "id",
    ("row"."a.city")::text as "city",
    ("row"."ref_3.code")::text as "country",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[("row"."step_1.v2")::text, ("row"."step_1.v2")::text]::text[] end as "_originals"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."code" is null) as "step_3.v4",
    "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."a.id" as "a.id",
    "row"."a.city" as "a.city",
    "ref_3"."code" as "ref_3.code",
    "row"."step_1.v2" as "step_1.v2"
  from (
  select
    ("a"."country")::text as "step_1.v2",
    ("a"."id")::text as "step_1.v1",
    "a"."id" as "a.id",
    "a"."city" as "a.city"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'country' then ("fix"."patch" ->> 'country')::int4 else "t"."country" end as "country"
    from "legacy"."addresses" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.addresses' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  where "a"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'addresses' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_countries" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_addresses" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."addresses" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."city") is distinct from ("s"."city") or ($2::text[] && array['*', 'countries'] and s._stands = 'loaded') and ("existing"."country") is distinct from ("s"."country"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_addresses" ("id", "city", "country", "drover_version")
  select "id", "city", "country", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."addresses" as t
  set "city" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."city" else "t"."city" end,
    "country" = case when ($2::text[] && array['*', 'countries'] and s._stands = 'loaded') then "s"."country" else "t"."country" end
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
  from (values ('city', array['*']), ('country', array['*', 'countries'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'addresses' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'addresses' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'addresses', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'country'), (2, 'unknown-country', 'country')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
