-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."addresses" as t) as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."countries" as t) as hashed;
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
    "step_1"."v1" as "_key",
    (upper("c"."iso" collate "C"))::text as "code",
    ("c"."name")::text as "name",
    'loaded' as "_disposition"
  from "legacy"."countries" as "c"
  cross join lateral (
    select
      ("c"."number")::text as "v1"
    offset 0
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
    to_jsonb("c".*) as original
  from "legacy"."countries" as "c"
  cross join lateral (
    select
      ("c"."number")::text as "v1"
    offset 0
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

-- countries: close
begin;
alter table "drover"."crosswalk_countries" add primary key (source_key);
analyze "drover"."crosswalk_countries";
analyze "app"."countries";
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
    "step_1"."v1" as "_key",
    ("a"."id")::int4 as "id",
    ("a"."city")::text as "city",
    ("ref_3"."code")::text as "country",
    'loaded' as "_disposition",
    case when "step_3"."v4" or "step_3"."v5" then array[case when "step_3"."v4" then 1 end, case when "step_3"."v5" then 2 end] end as "_logged",
    case when "step_3"."v4" or "step_3"."v5" then array[("step_1"."v2")::text, ("step_1"."v2")::text]::text[] end as "_originals"
  from "legacy"."addresses" as "a"
  cross join lateral (
    select
      ("a"."id")::text as "v1",
      ("a"."country")::text as "v2"
    offset 0
  ) as "step_1"
  left join "drover"."crosswalk_countries" as "ref_3" on "ref_3"."source_key" = "step_1"."v2" collate "C"
  cross join lateral (
    select
      ("ref_3"."source_key" is not null and "ref_3"."code" is null) as "v4",
      "step_1"."v2" is not null and "ref_3"."source_key" is null as "v5"
    offset 0
  ) as "step_3"
  where ($3::text[] is null or ("a"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("a"."id") < (($4::text[])[1]::int4))
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
  returning disposition
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
    to_jsonb("a".*) as original
  from "legacy"."addresses" as "a"
  cross join lateral (
    select
      ("a"."id")::text as "v1"
    offset 0
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

-- addresses: close
begin;
alter table "drover"."crosswalk_addresses" add primary key (source_key);
analyze "drover"."crosswalk_addresses";
analyze "app"."addresses";
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."addresses";
-- target rows after
select count(*) as n from "app"."addresses";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."addresses" as t) as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."countries" as t) as hashed;
commit;
