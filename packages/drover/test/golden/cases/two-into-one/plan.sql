-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.seats (2).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."guests" as t offset '0') as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."seats" as t offset '0') as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."staff" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."seats" drop constraint "seats_person_fkey";
alter table "app"."seats" drop constraint "seats_pkey";
commit;

-- =================================================================================================
-- 1. staff: legacy.staff → app.people
-- =================================================================================================
-- staff: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_staff" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" uuid
);
-- source rows
select count(*) as n from "legacy"."staff";
-- target rows before
select count(*) as n from "app"."people";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."staff" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."staff")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'staff', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- staff: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."staff" as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."step_1.v2")::uuid as "id",
    ('staff')::text as "kind",
    ("row"."s.name")::text as "name"
  from (
  select
    ("s"."id")::text as "step_1.v1",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to('staff:' || ("s"."id"::text), 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v2",
    "s"."name" as "s.name"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."staff" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.staff' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."people" ("id", "kind", "name")
  select "id", "kind", "name"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_staff" (source_key, disposition, "id")
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
where run_id = $1::bigint and mapping = 'staff' and number = $2::bigint;
commit;

-- staff: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("s"."id")::text] as bound, row_number() over (order by "s"."id") as position, count(*) as rows
  from "legacy"."staff" as "s"
    where ($1::text[] is null or ("s"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("s"."id") < (($2::text[])[1]::int4)) and "s"."id" is not null
  group by "s"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- staff: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."staff" as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."staff" as original
      where original.ctid = "s"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."staff" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.staff' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_staff" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'staff', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'staff' and number = $2::bigint
returning quarantined;
commit;

-- staff: the key of the crosswalk
begin;
alter table "drover"."crosswalk_staff" add primary key (source_key);
analyze "drover"."crosswalk_staff";
commit;

-- staff: the statistics of the target
begin;
analyze "app"."people";
commit;

-- staff: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."staff";
-- target rows after
select count(*) as n from "app"."people";
commit;

-- =================================================================================================
-- 2. guests: legacy.guests → app.people
-- =================================================================================================
-- guests: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_guests" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" uuid
);
-- source rows
select count(*) as n from "legacy"."guests";
-- target rows before
select count(*) as n from "app"."people";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."guests" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."guests")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'guests', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- guests: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."guests" as "g"
  where ($3::text[] is null or ("g"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("g"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."step_1.v2")::uuid as "id",
    ('guest')::text as "kind",
    ("row"."g.nick")::text as "name"
  from (
  select
    ("g"."id")::text as "step_1.v1",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to('guest:' || ("g"."id"::text), 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v2",
    "g"."nick" as "g.nick"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'nick' then ("fix"."patch" ->> 'nick')::text else "t"."nick" end as "nick"
    from "legacy"."guests" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.guests' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "g"
  where ($3::text[] is null or ("g"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("g"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."people" ("id", "kind", "name")
  select "id", "kind", "name"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_guests" (source_key, disposition, "id")
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
where run_id = $1::bigint and mapping = 'guests' and number = $2::bigint;
commit;

-- guests: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("g"."id")::text] as bound, row_number() over (order by "g"."id") as position, count(*) as rows
  from "legacy"."guests" as "g"
    where ($1::text[] is null or ("g"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("g"."id") < (($2::text[])[1]::int4)) and "g"."id" is not null
  group by "g"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- guests: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."guests" as "g"
  where ($3::text[] is null or ("g"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("g"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."guests" as original
      where original.ctid = "g"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'nick' then ("fix"."patch" ->> 'nick')::text else "t"."nick" end as "nick"
    from "legacy"."guests" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.guests' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "g"
  cross join lateral (
    select
      ("g"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("g"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("g"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_guests" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'guests', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'guests' and number = $2::bigint
returning quarantined;
commit;

-- guests: the key of the crosswalk
begin;
alter table "drover"."crosswalk_guests" add primary key (source_key);
analyze "drover"."crosswalk_guests";
commit;

-- guests: the statistics of the target
begin;
analyze "app"."people";
commit;

-- guests: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."guests";
-- target rows after
select count(*) as n from "app"."people";
commit;

-- =================================================================================================
-- 3. seats: legacy.seats → app.seats
-- begins when guests, staff is done
-- =================================================================================================
-- seats: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_seats" (
  source_key text collate "C" not null,
  disposition text not null,
  "number" int4
);
-- source rows
select count(*) as n from "legacy"."seats";
-- target rows before
select count(*) as n from "app"."seats";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."number"::text] as bound,
      row_number() over (order by "k"."number") as position
    from "legacy"."seats" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."seats")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'seats', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- seats: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."seats" as "s"
  where ($3::text[] is null or ("s"."number") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."number") < (($4::text[])[1]::int4))
), s as materialized (
  select
    'loaded' as "_disposition",
    case when "row"."step_4.v7" or "row"."step_4.v8" or "row"."step_4.v9" then array[case when "row"."step_4.v7" then 1 end, case when "row"."step_4.v8" then 2 end, case when "row"."step_4.v9" then 3 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."s.number")::int4 as "number",
    ("row"."step_3.v6")::uuid as "person",
    case when "row"."step_4.v7" or "row"."step_4.v8" or "row"."step_4.v9" then array[(coalesce("row"."step_1.v2", "row"."step_1.v4"))::text, (coalesce("row"."step_1.v2", "row"."step_1.v4"))::text, ("row"."step_1.v2")::text]::text[] end as "_originals"
  from (
  select
    "row"."step_3.v6" is null and ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null or "row"."ref_5.source_key" is not null and "row"."ref_5.id" is null) as "step_4.v7",
    "row"."step_3.v6" is null and not ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null or "row"."ref_5.source_key" is not null and "row"."ref_5.id" is null) as "step_4.v8",
    "row"."ref_3.id" is null and "row"."step_3.v6" is not null as "step_4.v9",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.number" as "s.number",
    "row"."step_3.v6" as "step_3.v6",
    "row"."step_1.v2" as "step_1.v2",
    "row"."step_1.v4" as "step_1.v4"
  from (
  select
    coalesce("ref_3"."id", "ref_5"."id") as "step_3.v6",
    "ref_3"."source_key" as "ref_3.source_key",
    "ref_3"."id" as "ref_3.id",
    "ref_5"."source_key" as "ref_5.source_key",
    "ref_5"."id" as "ref_5.id",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.number" as "s.number",
    "row"."step_1.v2" as "step_1.v2",
    "row"."step_1.v4" as "step_1.v4"
  from (
  select
    ("s"."number")::text as "step_1.v1",
    "s"."number" as "s.number",
    ("s"."staff_id")::text as "step_1.v2",
    ("s"."guest_id")::text as "step_1.v4"
  from (
    select "t"."ctid",
      "t"."number",
      case when "fix"."patch" ? 'staff_id' then ("fix"."patch" ->> 'staff_id')::int4 else "t"."staff_id" end as "staff_id",
      case when "fix"."patch" ? 'guest_id' then ("fix"."patch" ->> 'guest_id')::int4 else "t"."guest_id" end as "guest_id"
    from "legacy"."seats" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.seats' and fix.row_key = (("t"."number")::text) collate "C"
  ) as "s"
  where ($3::text[] is null or ("s"."number") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."number") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_staff" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  left join "drover"."crosswalk_guests" as "ref_5" on "ref_5"."source_key" = "row"."step_1.v4" collate "C"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."seats" ("number", "person")
  select "number", "person"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_seats" (source_key, disposition, "number")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."number" end
  from s
), quarantined as (select where false), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'seats', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'person'), (2, 'empty', 'person'), (3, 'guest', 'person')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'seats' and number = $2::bigint;
commit;

-- seats: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("s"."number")::text] as bound, row_number() over (order by "s"."number") as position, count(*) as rows
  from "legacy"."seats" as "s"
    where ($1::text[] is null or ("s"."number") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("s"."number") < (($2::text[])[1]::int4)) and "s"."number" is not null
  group by "s"."number"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- seats: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."seats" as "s"
  where ($3::text[] is null or ("s"."number") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."number") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."seats" as original
      where original.ctid = "s"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."number",
      case when "fix"."patch" ? 'staff_id' then ("fix"."patch" ->> 'staff_id')::int4 else "t"."staff_id" end as "staff_id",
      case when "fix"."patch" ? 'guest_id' then ("fix"."patch" ->> 'guest_id')::int4 else "t"."guest_id" end as "guest_id"
    from "legacy"."seats" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.seats' and fix.row_key = (("t"."number")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."number")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("s"."number") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."number") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_seats" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'seats', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'seats' and number = $2::bigint
returning quarantined;
commit;

-- seats: the key of the crosswalk
begin;
alter table "drover"."crosswalk_seats" add primary key (source_key);
analyze "drover"."crosswalk_seats";
commit;

-- seats: the statistics of the target
begin;
analyze "app"."seats";
commit;

-- seats_pkey
begin;
CREATE UNIQUE INDEX seats_pkey ON app.seats USING btree (number);
commit;

-- seats: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."seats";
-- target rows after
select count(*) as n from "app"."seats";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."seats" add constraint "seats_pkey" primary key using index "seats_pkey";
commit;

-- =================================================================================================
-- Foreign keys, when every mapping is closed. Each statement is a transaction.
-- =================================================================================================
-- foreign keys
begin;
alter table "app"."seats" add constraint "seats_person_fkey" FOREIGN KEY (person) REFERENCES app.people(id) not valid;
alter table "app"."seats" validate constraint "seats_person_fkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."guests" as t offset '0') as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."seats" as t offset '0') as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."staff" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- staff: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'staff', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."staff" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.staff' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_staff" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("s"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.staff')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."step_1.v2")::uuid as "id",
    ('staff')::text as "kind",
    ("row"."s.name")::text as "name"
  from (
  select
    ("s"."id")::text as "step_1.v1",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to('staff:' || ("s"."id"::text), 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v2",
    "s"."name" as "s.name"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."staff" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.staff' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where "s"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'staff' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_staff" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."people" ("id", "kind", "name")
  select "id", "kind", "name"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_staff" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'staff' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'staff' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'staff' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'staff', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'staff', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_staff" (like "app"."people", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."step_1.v2")::uuid as "id",
    ('staff')::text as "kind",
    ("row"."s.name")::text as "name"
  from (
  select
    ("s"."id")::text as "step_1.v1",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to('staff:' || ("s"."id"::text), 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v2",
    "s"."name" as "s.name"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."staff" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.staff' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where "s"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'staff' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_staff" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."people" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."name") is distinct from ("s"."name"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_staff" ("id", "kind", "name", "drover_version")
  select "id", "kind", "name", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."people" as t
  set "name" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."name" else "t"."name" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'staff', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('name', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'staff' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'staff' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;

-- guests: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'guests', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'nick' then ("fix"."patch" ->> 'nick')::text else "t"."nick" end as "nick"
    from "legacy"."guests" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.guests' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "g"
  cross join lateral (
    select
      ("g"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_guests" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("g"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.guests')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."step_1.v2")::uuid as "id",
    ('guest')::text as "kind",
    ("row"."g.nick")::text as "name"
  from (
  select
    ("g"."id")::text as "step_1.v1",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to('guest:' || ("g"."id"::text), 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v2",
    "g"."nick" as "g.nick"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'nick' then ("fix"."patch" ->> 'nick')::text else "t"."nick" end as "nick"
    from "legacy"."guests" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.guests' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "g"
  where "g"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'guests' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_guests" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."people" ("id", "kind", "name")
  select "id", "kind", "name"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_guests" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'guests' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'guests' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'guests' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'guests', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'guests', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_guests" (like "app"."people", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."step_1.v2")::uuid as "id",
    ('guest')::text as "kind",
    ("row"."g.nick")::text as "name"
  from (
  select
    ("g"."id")::text as "step_1.v1",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to('guest:' || ("g"."id"::text), 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v2",
    "g"."nick" as "g.nick"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'nick' then ("fix"."patch" ->> 'nick')::text else "t"."nick" end as "nick"
    from "legacy"."guests" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.guests' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "g"
  where "g"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'guests' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_guests" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."people" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."name") is distinct from ("s"."name"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_guests" ("id", "kind", "name", "drover_version")
  select "id", "kind", "name", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."people" as t
  set "name" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."name" else "t"."name" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'guests', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('name', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'guests' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'guests' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;

-- seats: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'seats', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."number",
      case when "fix"."patch" ? 'staff_id' then ("fix"."patch" ->> 'staff_id')::int4 else "t"."staff_id" end as "staff_id",
      case when "fix"."patch" ? 'guest_id' then ("fix"."patch" ->> 'guest_id')::int4 else "t"."guest_id" end as "guest_id"
    from "legacy"."seats" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.seats' and fix.row_key = (("t"."number")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."number")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_seats" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("s"."number")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.seats')))) as found
on conflict do nothing;
-- rows that refer to moved rows of guests
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'seats', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."number",
      case when "fix"."patch" ? 'staff_id' then ("fix"."patch" ->> 'staff_id')::int4 else "t"."staff_id" end as "staff_id",
      case when "fix"."patch" ? 'guest_id' then ("fix"."patch" ->> 'guest_id')::int4 else "t"."guest_id" end as "guest_id"
    from "legacy"."seats" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.seats' and fix.row_key = (("t"."number")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."number")::text as "v1",
      ("s"."guest_id")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_seats" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'guests' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'seats' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- rows that refer to moved rows of staff
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'seats', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."number",
      case when "fix"."patch" ? 'staff_id' then ("fix"."patch" ->> 'staff_id')::int4 else "t"."staff_id" end as "staff_id",
      case when "fix"."patch" ? 'guest_id' then ("fix"."patch" ->> 'guest_id')::int4 else "t"."guest_id" end as "guest_id"
    from "legacy"."seats" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.seats' and fix.row_key = (("t"."number")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."number")::text as "v1",
      ("s"."staff_id")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_seats" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'staff' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'seats' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of guests
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."number",
      case when "fix"."patch" ? 'staff_id' then ("fix"."patch" ->> 'staff_id')::int4 else "t"."staff_id" end as "staff_id",
      case when "fix"."patch" ? 'guest_id' then ("fix"."patch" ->> 'guest_id')::int4 else "t"."guest_id" end as "guest_id"
    from "legacy"."seats" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.seats' and fix.row_key = (("t"."number")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."number")::text as "v1",
      ("s"."guest_id")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_seats" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'seats' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- how many refer to the row $2 of staff
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."number",
      case when "fix"."patch" ? 'staff_id' then ("fix"."patch" ->> 'staff_id')::int4 else "t"."staff_id" end as "staff_id",
      case when "fix"."patch" ? 'guest_id' then ("fix"."patch" ->> 'guest_id')::int4 else "t"."guest_id" end as "guest_id"
    from "legacy"."seats" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.seats' and fix.row_key = (("t"."number")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."number")::text as "v1",
      ("s"."staff_id")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_seats" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'seats' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    case when "row"."step_4.v7" or "row"."step_4.v8" or "row"."step_4.v9" then array[case when "row"."step_4.v7" then 1 end, case when "row"."step_4.v8" then 2 end, case when "row"."step_4.v9" then 3 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."s.number")::int4 as "number",
    ("row"."step_3.v6")::uuid as "person",
    case when "row"."step_4.v7" or "row"."step_4.v8" or "row"."step_4.v9" then array[(coalesce("row"."step_1.v2", "row"."step_1.v4"))::text, (coalesce("row"."step_1.v2", "row"."step_1.v4"))::text, ("row"."step_1.v2")::text]::text[] end as "_originals"
  from (
  select
    "row"."step_3.v6" is null and ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null or "row"."ref_5.source_key" is not null and "row"."ref_5.id" is null) as "step_4.v7",
    "row"."step_3.v6" is null and not ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null or "row"."ref_5.source_key" is not null and "row"."ref_5.id" is null) as "step_4.v8",
    "row"."ref_3.id" is null and "row"."step_3.v6" is not null as "step_4.v9",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.number" as "s.number",
    "row"."step_3.v6" as "step_3.v6",
    "row"."step_1.v2" as "step_1.v2",
    "row"."step_1.v4" as "step_1.v4"
  from (
  select
    coalesce("ref_3"."id", "ref_5"."id") as "step_3.v6",
    "ref_3"."source_key" as "ref_3.source_key",
    "ref_3"."id" as "ref_3.id",
    "ref_5"."source_key" as "ref_5.source_key",
    "ref_5"."id" as "ref_5.id",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.number" as "s.number",
    "row"."step_1.v2" as "step_1.v2",
    "row"."step_1.v4" as "step_1.v4"
  from (
  select
    ("s"."number")::text as "step_1.v1",
    "s"."number" as "s.number",
    ("s"."staff_id")::text as "step_1.v2",
    ("s"."guest_id")::text as "step_1.v4"
  from (
    select "t"."ctid",
      "t"."number",
      case when "fix"."patch" ? 'staff_id' then ("fix"."patch" ->> 'staff_id')::int4 else "t"."staff_id" end as "staff_id",
      case when "fix"."patch" ? 'guest_id' then ("fix"."patch" ->> 'guest_id')::int4 else "t"."guest_id" end as "guest_id"
    from "legacy"."seats" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.seats' and fix.row_key = (("t"."number")::text) collate "C"
  ) as "s"
  where "s"."number" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'seats' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_staff" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  left join "drover"."crosswalk_guests" as "ref_5" on "ref_5"."source_key" = "row"."step_1.v4" collate "C"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_seats" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."seats" ("number", "person")
  select "number", "person"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_seats" as walked
  set disposition = "s"."_disposition", "number" = case "s"."_disposition" when 'loaded' then "s"."number" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'seats' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'seats' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'seats' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'seats', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'person'), (2, 'empty', 'person'), (3, 'guest', 'person')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'seats', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'seats', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_seats" (like "app"."seats", "drover_version" bigint not null, primary key ("number"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."number" as "_walked_number"
  from (
  select
    'loaded' as "_disposition",
    case when "row"."step_4.v7" or "row"."step_4.v8" or "row"."step_4.v9" then array[case when "row"."step_4.v7" then 1 end, case when "row"."step_4.v8" then 2 end, case when "row"."step_4.v9" then 3 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."s.number")::int4 as "number",
    ("row"."step_3.v6")::uuid as "person",
    case when "row"."step_4.v7" or "row"."step_4.v8" or "row"."step_4.v9" then array[(coalesce("row"."step_1.v2", "row"."step_1.v4"))::text, (coalesce("row"."step_1.v2", "row"."step_1.v4"))::text, ("row"."step_1.v2")::text]::text[] end as "_originals"
  from (
  select
    "row"."step_3.v6" is null and ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null or "row"."ref_5.source_key" is not null and "row"."ref_5.id" is null) as "step_4.v7",
    "row"."step_3.v6" is null and not ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null or "row"."ref_5.source_key" is not null and "row"."ref_5.id" is null) as "step_4.v8",
    "row"."ref_3.id" is null and "row"."step_3.v6" is not null as "step_4.v9",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.number" as "s.number",
    "row"."step_3.v6" as "step_3.v6",
    "row"."step_1.v2" as "step_1.v2",
    "row"."step_1.v4" as "step_1.v4"
  from (
  select
    coalesce("ref_3"."id", "ref_5"."id") as "step_3.v6",
    "ref_3"."source_key" as "ref_3.source_key",
    "ref_3"."id" as "ref_3.id",
    "ref_5"."source_key" as "ref_5.source_key",
    "ref_5"."id" as "ref_5.id",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.number" as "s.number",
    "row"."step_1.v2" as "step_1.v2",
    "row"."step_1.v4" as "step_1.v4"
  from (
  select
    ("s"."number")::text as "step_1.v1",
    "s"."number" as "s.number",
    ("s"."staff_id")::text as "step_1.v2",
    ("s"."guest_id")::text as "step_1.v4"
  from (
    select "t"."ctid",
      "t"."number",
      case when "fix"."patch" ? 'staff_id' then ("fix"."patch" ->> 'staff_id')::int4 else "t"."staff_id" end as "staff_id",
      case when "fix"."patch" ? 'guest_id' then ("fix"."patch" ->> 'guest_id')::int4 else "t"."guest_id" end as "guest_id"
    from "legacy"."seats" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.seats' and fix.row_key = (("t"."number")::text) collate "C"
  ) as "s"
  where "s"."number" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'seats' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_staff" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  left join "drover"."crosswalk_guests" as "ref_5" on "ref_5"."source_key" = "row"."step_1.v4" collate "C"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_seats" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."seats" as existing
  join s on "existing"."number" = "s"."_walked_number"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'guests', 'staff'] and s._stands = 'loaded') and ("existing"."person") is distinct from ("s"."person"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_seats" ("number", "person", "drover_version")
  select "number", "person", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."seats" as t
  set "person" = case when ($2::text[] && array['*', 'guests', 'staff'] and s._stands = 'loaded') then "s"."person" else "t"."person" end
  from s, locked
  where "t"."number" = "s"."_walked_number" and "locked"."number" = "t"."number"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'seats', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('person', array['*', 'guests', 'staff'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'seats' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'seats' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'seats', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'person'), (2, 'empty', 'person'), (3, 'guest', 'person')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
