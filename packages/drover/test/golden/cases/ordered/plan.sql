-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.stays (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."stays" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."stays" drop constraint "stays_pkey";
commit;

-- =================================================================================================
-- 1. stays: legacy.stays → app.stays
-- =================================================================================================
-- stays: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_stays" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."stays";
-- target rows before
select count(*) as n from "app"."stays";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."stays" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."stays")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'stays', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- stays: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."stays" as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_2.v18" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_3.v14" or "row"."step_3.v15" or "row"."step_3.v6" or "row"."step_3.v6" or "row"."step_3.v11" or "row"."step_3.v11" then array[case when "row"."step_3.v14" then 1 end, case when "row"."step_3.v15" then 2 end, case when "row"."step_3.v6" then 3 end, case when "row"."step_3.v6" then 4 end, case when "row"."step_3.v11" then 5 end, case when "row"."step_3.v11" then 6 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."s.id")::int4 as "id",
    ("row"."step_4.v16")::date as "arrived",
    ("row"."step_4.v17")::date as "departed",
    (case when "row"."step_3.v11" is not true then "row"."step_2.v9" end)::timestamptz as "booked",
    (case when "row"."step_3.v11" is not true then "row"."step_2.v10" end)::timestamptz as "paid",
    ("row"."s.valid_from")::date as "valid_from",
    ("row"."s.valid_until")::date as "valid_until",
    ("row"."s.open_from")::timestamp as "open_from",
    ("row"."s.open_until")::timestamp as "open_until",
    case when "row"."step_2.v18" then array_remove(array[case when not "row"."step_1.v7" and not isfinite("row"."s.booked") then 1 end, case when not "row"."step_1.v7" and isfinite("row"."s.booked") then 2 end, case when not "row"."step_1.v8" and not isfinite("row"."s.paid") then 3 end, case when not "row"."step_1.v8" and isfinite("row"."s.paid") then 4 end, case when "row"."step_1.v12" then 5 end, case when "row"."step_1.v13" then 6 end], null) end as "_reasons",
    "row"."s.ctid" as "_place",
    case when "row"."step_3.v14" or "row"."step_3.v15" or "row"."step_3.v6" or "row"."step_3.v6" or "row"."step_3.v11" or "row"."step_3.v11" then array[("row"."s.arrived")::text, ("row"."s.departed")::text, ("row"."s.arrived")::text, ("row"."s.departed")::text, ("row"."step_2.v9")::text, ("row"."step_2.v10")::text]::text[] end as "_originals"
  from (
  select
    "row"."step_2.v18" as "step_2.v18",
    "row"."step_3.v14" as "step_3.v14",
    "row"."step_3.v15" as "step_3.v15",
    "row"."step_3.v6" as "step_3.v6",
    "row"."step_3.v11" as "step_3.v11",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.id" as "s.id",
    case when "row"."step_3.v6" then "row"."step_2.v5" else "row"."step_2.v3" end as "step_4.v16",
    case when "row"."step_3.v6" then "row"."step_2.v3" else "row"."step_2.v5" end as "step_4.v17",
    "row"."step_2.v9" as "step_2.v9",
    "row"."step_2.v10" as "step_2.v10",
    "row"."s.valid_from" as "s.valid_from",
    "row"."s.valid_until" as "s.valid_until",
    "row"."s.open_from" as "s.open_from",
    "row"."s.open_until" as "s.open_until",
    "row"."step_1.v7" as "step_1.v7",
    "row"."s.booked" as "s.booked",
    "row"."step_1.v8" as "step_1.v8",
    "row"."s.paid" as "s.paid",
    "row"."step_1.v12" as "step_1.v12",
    "row"."step_1.v13" as "step_1.v13",
    "row"."s.ctid" as "s.ctid",
    "row"."s.arrived" as "s.arrived",
    "row"."s.departed" as "s.departed"
  from (
  select
    "row"."step_2.v18" as "step_2.v18",
    "row"."s.arrived" is not null and "row"."step_2.v3" is null as "step_3.v14",
    "row"."s.departed" is not null and "row"."step_2.v5" is null as "step_3.v15",
    "row"."step_2.v3" > "row"."step_2.v5" as "step_3.v6",
    "row"."step_2.v9" > "row"."step_2.v10" as "step_3.v11",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.id" as "s.id",
    "row"."step_2.v5" as "step_2.v5",
    "row"."step_2.v3" as "step_2.v3",
    "row"."step_2.v9" as "step_2.v9",
    "row"."step_2.v10" as "step_2.v10",
    "row"."s.valid_from" as "s.valid_from",
    "row"."s.valid_until" as "s.valid_until",
    "row"."s.open_from" as "s.open_from",
    "row"."s.open_until" as "s.open_until",
    "row"."step_1.v7" as "step_1.v7",
    "row"."s.booked" as "s.booked",
    "row"."step_1.v8" as "step_1.v8",
    "row"."s.paid" as "s.paid",
    "row"."step_1.v12" as "step_1.v12",
    "row"."step_1.v13" as "step_1.v13",
    "row"."s.ctid" as "s.ctid",
    "row"."s.arrived" as "s.arrived",
    "row"."s.departed" as "s.departed"
  from (
  select
    not "row"."step_1.v7" and not isfinite("row"."s.booked") or not "row"."step_1.v7" and isfinite("row"."s.booked") or not "row"."step_1.v8" and not isfinite("row"."s.paid") or not "row"."step_1.v8" and isfinite("row"."s.paid") or "row"."step_1.v12" or "row"."step_1.v13" as "step_2.v18",
    "row"."s.arrived" as "s.arrived",
    case when (("row"."step_1.v2")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("row"."step_1.v2", 4) <> '0000' then
      case when right("row"."step_1.v2", 2)::integer <= 28 or right("row"."step_1.v2", 2)::integer <= extract(day from (left("row"."step_1.v2", 8) || '01')::date + interval '1 month - 1 day') then "row"."step_1.v2"::date end
    end as "step_2.v3",
    "row"."s.departed" as "s.departed",
    case when (("row"."step_1.v4")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("row"."step_1.v4", 4) <> '0000' then
      case when right("row"."step_1.v4", 2)::integer <= 28 or right("row"."step_1.v4", 2)::integer <= extract(day from (left("row"."step_1.v4", 8) || '01')::date + interval '1 month - 1 day') then "row"."step_1.v4"::date end
    end as "step_2.v5",
    case when "row"."step_1.v7" then ("row"."s.booked") at time zone interval '0' end as "step_2.v9",
    case when "row"."step_1.v8" then ("row"."s.paid") at time zone interval '0' end as "step_2.v10",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.id" as "s.id",
    "row"."s.valid_from" as "s.valid_from",
    "row"."s.valid_until" as "s.valid_until",
    "row"."s.open_from" as "s.open_from",
    "row"."s.open_until" as "s.open_until",
    "row"."step_1.v7" as "step_1.v7",
    "row"."s.booked" as "s.booked",
    "row"."step_1.v8" as "step_1.v8",
    "row"."s.paid" as "s.paid",
    "row"."step_1.v12" as "step_1.v12",
    "row"."step_1.v13" as "step_1.v13",
    "row"."s.ctid" as "s.ctid"
  from (
  select
    "s"."booked" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "step_1.v7",
    "s"."booked" as "s.booked",
    "s"."paid" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "step_1.v8",
    "s"."paid" as "s.paid",
    "s"."valid_from" > "s"."valid_until" as "step_1.v12",
    "s"."open_from" > "s"."open_until" as "step_1.v13",
    "s"."arrived" as "s.arrived",
    case when (("s"."arrived")::text collate "default") ~ '^(?:[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}|[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}|[0-9]{1,2}-[0-9]{1,2}-[0-9]{4})$' then split_part(translate((("s"."arrived")::text collate "default"), '/.', '--'), '-', 3) || '-' || lpad(split_part(translate((("s"."arrived")::text collate "default"), '/.', '--'), '-', 1), 2, '0') || '-' || lpad(split_part(translate((("s"."arrived")::text collate "default"), '/.', '--'), '-', 2), 2, '0') end as "step_1.v2",
    "s"."departed" as "s.departed",
    case when (("s"."departed")::text collate "default") ~ '^(?:[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}|[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}|[0-9]{1,2}-[0-9]{1,2}-[0-9]{4})$' then split_part(translate((("s"."departed")::text collate "default"), '/.', '--'), '-', 3) || '-' || lpad(split_part(translate((("s"."departed")::text collate "default"), '/.', '--'), '-', 1), 2, '0') || '-' || lpad(split_part(translate((("s"."departed")::text collate "default"), '/.', '--'), '-', 2), 2, '0') end as "step_1.v4",
    ("s"."id")::text as "step_1.v1",
    "s"."id" as "s.id",
    "s"."valid_from" as "s.valid_from",
    "s"."valid_until" as "s.valid_until",
    "s"."open_from" as "s.open_from",
    "s"."open_until" as "s.open_until",
    "s"."ctid" as "s.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'arrived' then ("fix"."patch" ->> 'arrived')::text else "t"."arrived" end as "arrived",
      case when "fix"."patch" ? 'departed' then ("fix"."patch" ->> 'departed')::text else "t"."departed" end as "departed",
      case when "fix"."patch" ? 'booked' then ("fix"."patch" ->> 'booked')::timestamp else "t"."booked" end as "booked",
      case when "fix"."patch" ? 'paid' then ("fix"."patch" ->> 'paid')::timestamp else "t"."paid" end as "paid",
      case when "fix"."patch" ? 'valid_from' then ("fix"."patch" ->> 'valid_from')::date else "t"."valid_from" end as "valid_from",
      case when "fix"."patch" ? 'valid_until' then ("fix"."patch" ->> 'valid_until')::date else "t"."valid_until" end as "valid_until",
      case when "fix"."patch" ? 'open_from' then ("fix"."patch" ->> 'open_from')::timestamp else "t"."open_from" end as "open_from",
      case when "fix"."patch" ? 'open_until' then ("fix"."patch" ->> 'open_until')::timestamp else "t"."open_until" end as "open_until"
    from "legacy"."stays" as t
    left join "drover"."overlay" as fix on fix.migration = 'guesthouse'
      and fix.relation = 'legacy.stays' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."stays" ("id", "arrived", "departed", "booked", "paid", "valid_from", "valid_until", "open_from", "open_until")
  select "id", "arrived", "departed", "booked", "paid", "valid_from", "valid_until", "open_from", "open_until"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_stays" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, accepted_at, accepted_by, accepted_why)
  select $1::bigint, 'stays', "s"."_key", $2::bigint,
    (array['not-finite', 'out-of-range', 'not-finite', 'out-of-range', 'reversed-range', 'never-open'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'not-finite', 'booked'), (2, 'out-of-range', 'booked'), (3, 'not-finite', 'booked'), (4, 'out-of-range', 'booked'), (5, 'reversed-range', 'valid_from'), (6, 'never-open', 'open_from')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."stays" as original
      where original.ctid = "s"."_place"
    ),
    case when "s"."_reasons"[1] in (6) then clock_timestamp() end,
    case when "s"."_reasons"[1] in (6) then session_user end,
    case when "s"."_reasons"[1] in (6) then 'declared by the migration' end
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'stays', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'no-date', 'arrived'), (2, 'no-date', 'arrived'), (3, 'reversed-range', 'arrived'), (4, 'reversed-range', 'departed'), (5, 'paid-before-booked', 'booked'), (6, 'paid-before-booked', 'paid')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'stays' and number = $2::bigint;
commit;

-- stays: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("s"."id")::text] as bound, row_number() over (order by "s"."id") as position, count(*) as rows
  from "legacy"."stays" as "s"
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

-- stays: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."stays" as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."stays" as original
      where original.ctid = "s"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'arrived' then ("fix"."patch" ->> 'arrived')::text else "t"."arrived" end as "arrived",
      case when "fix"."patch" ? 'departed' then ("fix"."patch" ->> 'departed')::text else "t"."departed" end as "departed",
      case when "fix"."patch" ? 'booked' then ("fix"."patch" ->> 'booked')::timestamp else "t"."booked" end as "booked",
      case when "fix"."patch" ? 'paid' then ("fix"."patch" ->> 'paid')::timestamp else "t"."paid" end as "paid",
      case when "fix"."patch" ? 'valid_from' then ("fix"."patch" ->> 'valid_from')::date else "t"."valid_from" end as "valid_from",
      case when "fix"."patch" ? 'valid_until' then ("fix"."patch" ->> 'valid_until')::date else "t"."valid_until" end as "valid_until",
      case when "fix"."patch" ? 'open_from' then ("fix"."patch" ->> 'open_from')::timestamp else "t"."open_from" end as "open_from",
      case when "fix"."patch" ? 'open_until' then ("fix"."patch" ->> 'open_until')::timestamp else "t"."open_until" end as "open_until"
    from "legacy"."stays" as t
    left join "drover"."overlay" as fix on fix.migration = 'guesthouse'
      and fix.relation = 'legacy.stays' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_stays" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'stays', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'stays' and number = $2::bigint
returning quarantined;
commit;

-- stays: the key of the crosswalk
begin;
alter table "drover"."crosswalk_stays" add primary key (source_key);
analyze "drover"."crosswalk_stays";
commit;

-- stays: the statistics of the target
begin;
analyze "app"."stays";
commit;

-- stays_pkey
begin;
CREATE UNIQUE INDEX stays_pkey ON app.stays USING btree (id);
commit;

-- stays: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."stays";
-- target rows after
select count(*) as n from "app"."stays";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."stays" add constraint "stays_pkey" primary key using index "stays_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."stays" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- stays: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'stays', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'arrived' then ("fix"."patch" ->> 'arrived')::text else "t"."arrived" end as "arrived",
      case when "fix"."patch" ? 'departed' then ("fix"."patch" ->> 'departed')::text else "t"."departed" end as "departed",
      case when "fix"."patch" ? 'booked' then ("fix"."patch" ->> 'booked')::timestamp else "t"."booked" end as "booked",
      case when "fix"."patch" ? 'paid' then ("fix"."patch" ->> 'paid')::timestamp else "t"."paid" end as "paid",
      case when "fix"."patch" ? 'valid_from' then ("fix"."patch" ->> 'valid_from')::date else "t"."valid_from" end as "valid_from",
      case when "fix"."patch" ? 'valid_until' then ("fix"."patch" ->> 'valid_until')::date else "t"."valid_until" end as "valid_until",
      case when "fix"."patch" ? 'open_from' then ("fix"."patch" ->> 'open_from')::timestamp else "t"."open_from" end as "open_from",
      case when "fix"."patch" ? 'open_until' then ("fix"."patch" ->> 'open_until')::timestamp else "t"."open_until" end as "open_until"
    from "legacy"."stays" as t
    left join "drover"."overlay" as fix on fix.migration = 'guesthouse'
      and fix.relation = 'legacy.stays' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_stays" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("s"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'guesthouse' and relation in ('legacy.stays')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_2.v18" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_3.v14" or "row"."step_3.v15" or "row"."step_3.v6" or "row"."step_3.v6" or "row"."step_3.v11" or "row"."step_3.v11" then array[case when "row"."step_3.v14" then 1 end, case when "row"."step_3.v15" then 2 end, case when "row"."step_3.v6" then 3 end, case when "row"."step_3.v6" then 4 end, case when "row"."step_3.v11" then 5 end, case when "row"."step_3.v11" then 6 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."s.id")::int4 as "id",
    ("row"."step_4.v16")::date as "arrived",
    ("row"."step_4.v17")::date as "departed",
    (case when "row"."step_3.v11" is not true then "row"."step_2.v9" end)::timestamptz as "booked",
    (case when "row"."step_3.v11" is not true then "row"."step_2.v10" end)::timestamptz as "paid",
    ("row"."s.valid_from")::date as "valid_from",
    ("row"."s.valid_until")::date as "valid_until",
    ("row"."s.open_from")::timestamp as "open_from",
    ("row"."s.open_until")::timestamp as "open_until",
    case when "row"."step_2.v18" then array_remove(array[case when not "row"."step_1.v7" and not isfinite("row"."s.booked") then 1 end, case when not "row"."step_1.v7" and isfinite("row"."s.booked") then 2 end, case when not "row"."step_1.v8" and not isfinite("row"."s.paid") then 3 end, case when not "row"."step_1.v8" and isfinite("row"."s.paid") then 4 end, case when "row"."step_1.v12" then 5 end, case when "row"."step_1.v13" then 6 end], null) end as "_reasons",
    "row"."s.ctid" as "_place",
    case when "row"."step_3.v14" or "row"."step_3.v15" or "row"."step_3.v6" or "row"."step_3.v6" or "row"."step_3.v11" or "row"."step_3.v11" then array[("row"."s.arrived")::text, ("row"."s.departed")::text, ("row"."s.arrived")::text, ("row"."s.departed")::text, ("row"."step_2.v9")::text, ("row"."step_2.v10")::text]::text[] end as "_originals"
  from (
  select
    "row"."step_2.v18" as "step_2.v18",
    "row"."step_3.v14" as "step_3.v14",
    "row"."step_3.v15" as "step_3.v15",
    "row"."step_3.v6" as "step_3.v6",
    "row"."step_3.v11" as "step_3.v11",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.id" as "s.id",
    case when "row"."step_3.v6" then "row"."step_2.v5" else "row"."step_2.v3" end as "step_4.v16",
    case when "row"."step_3.v6" then "row"."step_2.v3" else "row"."step_2.v5" end as "step_4.v17",
    "row"."step_2.v9" as "step_2.v9",
    "row"."step_2.v10" as "step_2.v10",
    "row"."s.valid_from" as "s.valid_from",
    "row"."s.valid_until" as "s.valid_until",
    "row"."s.open_from" as "s.open_from",
    "row"."s.open_until" as "s.open_until",
    "row"."step_1.v7" as "step_1.v7",
    "row"."s.booked" as "s.booked",
    "row"."step_1.v8" as "step_1.v8",
    "row"."s.paid" as "s.paid",
    "row"."step_1.v12" as "step_1.v12",
    "row"."step_1.v13" as "step_1.v13",
    "row"."s.ctid" as "s.ctid",
    "row"."s.arrived" as "s.arrived",
    "row"."s.departed" as "s.departed"
  from (
  select
    "row"."step_2.v18" as "step_2.v18",
    "row"."s.arrived" is not null and "row"."step_2.v3" is null as "step_3.v14",
    "row"."s.departed" is not null and "row"."step_2.v5" is null as "step_3.v15",
    "row"."step_2.v3" > "row"."step_2.v5" as "step_3.v6",
    "row"."step_2.v9" > "row"."step_2.v10" as "step_3.v11",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.id" as "s.id",
    "row"."step_2.v5" as "step_2.v5",
    "row"."step_2.v3" as "step_2.v3",
    "row"."step_2.v9" as "step_2.v9",
    "row"."step_2.v10" as "step_2.v10",
    "row"."s.valid_from" as "s.valid_from",
    "row"."s.valid_until" as "s.valid_until",
    "row"."s.open_from" as "s.open_from",
    "row"."s.open_until" as "s.open_until",
    "row"."step_1.v7" as "step_1.v7",
    "row"."s.booked" as "s.booked",
    "row"."step_1.v8" as "step_1.v8",
    "row"."s.paid" as "s.paid",
    "row"."step_1.v12" as "step_1.v12",
    "row"."step_1.v13" as "step_1.v13",
    "row"."s.ctid" as "s.ctid",
    "row"."s.arrived" as "s.arrived",
    "row"."s.departed" as "s.departed"
  from (
  select
    not "row"."step_1.v7" and not isfinite("row"."s.booked") or not "row"."step_1.v7" and isfinite("row"."s.booked") or not "row"."step_1.v8" and not isfinite("row"."s.paid") or not "row"."step_1.v8" and isfinite("row"."s.paid") or "row"."step_1.v12" or "row"."step_1.v13" as "step_2.v18",
    "row"."s.arrived" as "s.arrived",
    case when (("row"."step_1.v2")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("row"."step_1.v2", 4) <> '0000' then
      case when right("row"."step_1.v2", 2)::integer <= 28 or right("row"."step_1.v2", 2)::integer <= extract(day from (left("row"."step_1.v2", 8) || '01')::date + interval '1 month - 1 day') then "row"."step_1.v2"::date end
    end as "step_2.v3",
    "row"."s.departed" as "s.departed",
    case when (("row"."step_1.v4")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("row"."step_1.v4", 4) <> '0000' then
      case when right("row"."step_1.v4", 2)::integer <= 28 or right("row"."step_1.v4", 2)::integer <= extract(day from (left("row"."step_1.v4", 8) || '01')::date + interval '1 month - 1 day') then "row"."step_1.v4"::date end
    end as "step_2.v5",
    case when "row"."step_1.v7" then ("row"."s.booked") at time zone interval '0' end as "step_2.v9",
    case when "row"."step_1.v8" then ("row"."s.paid") at time zone interval '0' end as "step_2.v10",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.id" as "s.id",
    "row"."s.valid_from" as "s.valid_from",
    "row"."s.valid_until" as "s.valid_until",
    "row"."s.open_from" as "s.open_from",
    "row"."s.open_until" as "s.open_until",
    "row"."step_1.v7" as "step_1.v7",
    "row"."s.booked" as "s.booked",
    "row"."step_1.v8" as "step_1.v8",
    "row"."s.paid" as "s.paid",
    "row"."step_1.v12" as "step_1.v12",
    "row"."step_1.v13" as "step_1.v13",
    "row"."s.ctid" as "s.ctid"
  from (
  select
    "s"."booked" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "step_1.v7",
    "s"."booked" as "s.booked",
    "s"."paid" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "step_1.v8",
    "s"."paid" as "s.paid",
    "s"."valid_from" > "s"."valid_until" as "step_1.v12",
    "s"."open_from" > "s"."open_until" as "step_1.v13",
    "s"."arrived" as "s.arrived",
    case when (("s"."arrived")::text collate "default") ~ '^(?:[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}|[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}|[0-9]{1,2}-[0-9]{1,2}-[0-9]{4})$' then split_part(translate((("s"."arrived")::text collate "default"), '/.', '--'), '-', 3) || '-' || lpad(split_part(translate((("s"."arrived")::text collate "default"), '/.', '--'), '-', 1), 2, '0') || '-' || lpad(split_part(translate((("s"."arrived")::text collate "default"), '/.', '--'), '-', 2), 2, '0') end as "step_1.v2",
    "s"."departed" as "s.departed",
    case when (("s"."departed")::text collate "default") ~ '^(?:[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}|[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}|[0-9]{1,2}-[0-9]{1,2}-[0-9]{4})$' then split_part(translate((("s"."departed")::text collate "default"), '/.', '--'), '-', 3) || '-' || lpad(split_part(translate((("s"."departed")::text collate "default"), '/.', '--'), '-', 1), 2, '0') || '-' || lpad(split_part(translate((("s"."departed")::text collate "default"), '/.', '--'), '-', 2), 2, '0') end as "step_1.v4",
    ("s"."id")::text as "step_1.v1",
    "s"."id" as "s.id",
    "s"."valid_from" as "s.valid_from",
    "s"."valid_until" as "s.valid_until",
    "s"."open_from" as "s.open_from",
    "s"."open_until" as "s.open_until",
    "s"."ctid" as "s.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'arrived' then ("fix"."patch" ->> 'arrived')::text else "t"."arrived" end as "arrived",
      case when "fix"."patch" ? 'departed' then ("fix"."patch" ->> 'departed')::text else "t"."departed" end as "departed",
      case when "fix"."patch" ? 'booked' then ("fix"."patch" ->> 'booked')::timestamp else "t"."booked" end as "booked",
      case when "fix"."patch" ? 'paid' then ("fix"."patch" ->> 'paid')::timestamp else "t"."paid" end as "paid",
      case when "fix"."patch" ? 'valid_from' then ("fix"."patch" ->> 'valid_from')::date else "t"."valid_from" end as "valid_from",
      case when "fix"."patch" ? 'valid_until' then ("fix"."patch" ->> 'valid_until')::date else "t"."valid_until" end as "valid_until",
      case when "fix"."patch" ? 'open_from' then ("fix"."patch" ->> 'open_from')::timestamp else "t"."open_from" end as "open_from",
      case when "fix"."patch" ? 'open_until' then ("fix"."patch" ->> 'open_until')::timestamp else "t"."open_until" end as "open_until"
    from "legacy"."stays" as t
    left join "drover"."overlay" as fix on fix.migration = 'guesthouse'
      and fix.relation = 'legacy.stays' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where "s"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'stays' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_stays" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."stays" ("id", "arrived", "departed", "booked", "paid", "valid_from", "valid_until", "open_from", "open_until")
  select "id", "arrived", "departed", "booked", "paid", "valid_from", "valid_until", "open_from", "open_until"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_stays" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, accepted_at, accepted_by, accepted_why)
  select $1::bigint, 'stays', "s"."_key", $2::bigint,
    (array['not-finite', 'out-of-range', 'not-finite', 'out-of-range', 'reversed-range', 'never-open'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'not-finite', 'booked'), (2, 'out-of-range', 'booked'), (3, 'not-finite', 'booked'), (4, 'out-of-range', 'booked'), (5, 'reversed-range', 'valid_from'), (6, 'never-open', 'open_from')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."stays" as original
      where original.ctid = "s"."_place"
    ),
    case when "s"."_reasons"[1] in (6) then clock_timestamp() end,
    case when "s"."_reasons"[1] in (6) then session_user end,
    case when "s"."_reasons"[1] in (6) then 'declared by the migration' end
  from s
  where "s"."_disposition" = 'quarantined'
  on conflict (run_id, mapping, source_key) do update
  set code = excluded.code, reasons = excluded.reasons, sqlstate = null, set_aside_at = excluded.set_aside_at,
    "accepted_at" = case when quarantine.accepted_why <> 'declared by the migration' then quarantine."accepted_at" else excluded."accepted_at" end,
    "accepted_by" = case when quarantine.accepted_why <> 'declared by the migration' then quarantine."accepted_by" else excluded."accepted_by" end,
    "accepted_why" = case when quarantine.accepted_why <> 'declared by the migration' then quarantine."accepted_why" else excluded."accepted_why" end
  returning 1
), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'stays' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'stays' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'stays' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'stays', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'no-date', 'arrived'), (2, 'no-date', 'arrived'), (3, 'reversed-range', 'arrived'), (4, 'reversed-range', 'departed'), (5, 'paid-before-booked', 'booked'), (6, 'paid-before-booked', 'paid')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'stays', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'stays', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_stays" (like "app"."stays", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_2.v18" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_3.v14" or "row"."step_3.v15" or "row"."step_3.v6" or "row"."step_3.v6" or "row"."step_3.v11" or "row"."step_3.v11" then array[case when "row"."step_3.v14" then 1 end, case when "row"."step_3.v15" then 2 end, case when "row"."step_3.v6" then 3 end, case when "row"."step_3.v6" then 4 end, case when "row"."step_3.v11" then 5 end, case when "row"."step_3.v11" then 6 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."s.id")::int4 as "id",
    ("row"."step_4.v16")::date as "arrived",
    ("row"."step_4.v17")::date as "departed",
    (case when "row"."step_3.v11" is not true then "row"."step_2.v9" end)::timestamptz as "booked",
    (case when "row"."step_3.v11" is not true then "row"."step_2.v10" end)::timestamptz as "paid",
    ("row"."s.valid_from")::date as "valid_from",
    ("row"."s.valid_until")::date as "valid_until",
    ("row"."s.open_from")::timestamp as "open_from",
    ("row"."s.open_until")::timestamp as "open_until",
    case when "row"."step_2.v18" then array_remove(array[case when not "row"."step_1.v7" and not isfinite("row"."s.booked") then 1 end, case when not "row"."step_1.v7" and isfinite("row"."s.booked") then 2 end, case when not "row"."step_1.v8" and not isfinite("row"."s.paid") then 3 end, case when not "row"."step_1.v8" and isfinite("row"."s.paid") then 4 end, case when "row"."step_1.v12" then 5 end, case when "row"."step_1.v13" then 6 end], null) end as "_reasons",
    case when "row"."step_3.v14" or "row"."step_3.v15" or "row"."step_3.v6" or "row"."step_3.v6" or "row"."step_3.v11" or "row"."step_3.v11" then array[("row"."s.arrived")::text, ("row"."s.departed")::text, ("row"."s.arrived")::text, ("row"."s.departed")::text, ("row"."step_2.v9")::text, ("row"."step_2.v10")::text]::text[] end as "_originals"
  from (
  select
    "row"."step_2.v18" as "step_2.v18",
    "row"."step_3.v14" as "step_3.v14",
    "row"."step_3.v15" as "step_3.v15",
    "row"."step_3.v6" as "step_3.v6",
    "row"."step_3.v11" as "step_3.v11",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.id" as "s.id",
    case when "row"."step_3.v6" then "row"."step_2.v5" else "row"."step_2.v3" end as "step_4.v16",
    case when "row"."step_3.v6" then "row"."step_2.v3" else "row"."step_2.v5" end as "step_4.v17",
    "row"."step_2.v9" as "step_2.v9",
    "row"."step_2.v10" as "step_2.v10",
    "row"."s.valid_from" as "s.valid_from",
    "row"."s.valid_until" as "s.valid_until",
    "row"."s.open_from" as "s.open_from",
    "row"."s.open_until" as "s.open_until",
    "row"."step_1.v7" as "step_1.v7",
    "row"."s.booked" as "s.booked",
    "row"."step_1.v8" as "step_1.v8",
    "row"."s.paid" as "s.paid",
    "row"."step_1.v12" as "step_1.v12",
    "row"."step_1.v13" as "step_1.v13",
    "row"."s.ctid" as "s.ctid",
    "row"."s.arrived" as "s.arrived",
    "row"."s.departed" as "s.departed"
  from (
  select
    "row"."step_2.v18" as "step_2.v18",
    "row"."s.arrived" is not null and "row"."step_2.v3" is null as "step_3.v14",
    "row"."s.departed" is not null and "row"."step_2.v5" is null as "step_3.v15",
    "row"."step_2.v3" > "row"."step_2.v5" as "step_3.v6",
    "row"."step_2.v9" > "row"."step_2.v10" as "step_3.v11",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.id" as "s.id",
    "row"."step_2.v5" as "step_2.v5",
    "row"."step_2.v3" as "step_2.v3",
    "row"."step_2.v9" as "step_2.v9",
    "row"."step_2.v10" as "step_2.v10",
    "row"."s.valid_from" as "s.valid_from",
    "row"."s.valid_until" as "s.valid_until",
    "row"."s.open_from" as "s.open_from",
    "row"."s.open_until" as "s.open_until",
    "row"."step_1.v7" as "step_1.v7",
    "row"."s.booked" as "s.booked",
    "row"."step_1.v8" as "step_1.v8",
    "row"."s.paid" as "s.paid",
    "row"."step_1.v12" as "step_1.v12",
    "row"."step_1.v13" as "step_1.v13",
    "row"."s.ctid" as "s.ctid",
    "row"."s.arrived" as "s.arrived",
    "row"."s.departed" as "s.departed"
  from (
  select
    not "row"."step_1.v7" and not isfinite("row"."s.booked") or not "row"."step_1.v7" and isfinite("row"."s.booked") or not "row"."step_1.v8" and not isfinite("row"."s.paid") or not "row"."step_1.v8" and isfinite("row"."s.paid") or "row"."step_1.v12" or "row"."step_1.v13" as "step_2.v18",
    "row"."s.arrived" as "s.arrived",
    case when (("row"."step_1.v2")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("row"."step_1.v2", 4) <> '0000' then
      case when right("row"."step_1.v2", 2)::integer <= 28 or right("row"."step_1.v2", 2)::integer <= extract(day from (left("row"."step_1.v2", 8) || '01')::date + interval '1 month - 1 day') then "row"."step_1.v2"::date end
    end as "step_2.v3",
    "row"."s.departed" as "s.departed",
    case when (("row"."step_1.v4")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("row"."step_1.v4", 4) <> '0000' then
      case when right("row"."step_1.v4", 2)::integer <= 28 or right("row"."step_1.v4", 2)::integer <= extract(day from (left("row"."step_1.v4", 8) || '01')::date + interval '1 month - 1 day') then "row"."step_1.v4"::date end
    end as "step_2.v5",
    case when "row"."step_1.v7" then ("row"."s.booked") at time zone interval '0' end as "step_2.v9",
    case when "row"."step_1.v8" then ("row"."s.paid") at time zone interval '0' end as "step_2.v10",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.id" as "s.id",
    "row"."s.valid_from" as "s.valid_from",
    "row"."s.valid_until" as "s.valid_until",
    "row"."s.open_from" as "s.open_from",
    "row"."s.open_until" as "s.open_until",
    "row"."step_1.v7" as "step_1.v7",
    "row"."s.booked" as "s.booked",
    "row"."step_1.v8" as "step_1.v8",
    "row"."s.paid" as "s.paid",
    "row"."step_1.v12" as "step_1.v12",
    "row"."step_1.v13" as "step_1.v13",
    "row"."s.ctid" as "s.ctid"
  from (
  select
    "s"."booked" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "step_1.v7",
    "s"."booked" as "s.booked",
    "s"."paid" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "step_1.v8",
    "s"."paid" as "s.paid",
    "s"."valid_from" > "s"."valid_until" as "step_1.v12",
    "s"."open_from" > "s"."open_until" as "step_1.v13",
    "s"."arrived" as "s.arrived",
    case when (("s"."arrived")::text collate "default") ~ '^(?:[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}|[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}|[0-9]{1,2}-[0-9]{1,2}-[0-9]{4})$' then split_part(translate((("s"."arrived")::text collate "default"), '/.', '--'), '-', 3) || '-' || lpad(split_part(translate((("s"."arrived")::text collate "default"), '/.', '--'), '-', 1), 2, '0') || '-' || lpad(split_part(translate((("s"."arrived")::text collate "default"), '/.', '--'), '-', 2), 2, '0') end as "step_1.v2",
    "s"."departed" as "s.departed",
    case when (("s"."departed")::text collate "default") ~ '^(?:[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}|[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}|[0-9]{1,2}-[0-9]{1,2}-[0-9]{4})$' then split_part(translate((("s"."departed")::text collate "default"), '/.', '--'), '-', 3) || '-' || lpad(split_part(translate((("s"."departed")::text collate "default"), '/.', '--'), '-', 1), 2, '0') || '-' || lpad(split_part(translate((("s"."departed")::text collate "default"), '/.', '--'), '-', 2), 2, '0') end as "step_1.v4",
    ("s"."id")::text as "step_1.v1",
    "s"."id" as "s.id",
    "s"."valid_from" as "s.valid_from",
    "s"."valid_until" as "s.valid_until",
    "s"."open_from" as "s.open_from",
    "s"."open_until" as "s.open_until",
    "s"."ctid" as "s.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'arrived' then ("fix"."patch" ->> 'arrived')::text else "t"."arrived" end as "arrived",
      case when "fix"."patch" ? 'departed' then ("fix"."patch" ->> 'departed')::text else "t"."departed" end as "departed",
      case when "fix"."patch" ? 'booked' then ("fix"."patch" ->> 'booked')::timestamp else "t"."booked" end as "booked",
      case when "fix"."patch" ? 'paid' then ("fix"."patch" ->> 'paid')::timestamp else "t"."paid" end as "paid",
      case when "fix"."patch" ? 'valid_from' then ("fix"."patch" ->> 'valid_from')::date else "t"."valid_from" end as "valid_from",
      case when "fix"."patch" ? 'valid_until' then ("fix"."patch" ->> 'valid_until')::date else "t"."valid_until" end as "valid_until",
      case when "fix"."patch" ? 'open_from' then ("fix"."patch" ->> 'open_from')::timestamp else "t"."open_from" end as "open_from",
      case when "fix"."patch" ? 'open_until' then ("fix"."patch" ->> 'open_until')::timestamp else "t"."open_until" end as "open_until"
    from "legacy"."stays" as t
    left join "drover"."overlay" as fix on fix.migration = 'guesthouse'
      and fix.relation = 'legacy.stays' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where "s"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'stays' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_stays" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."stays" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."arrived") is distinct from ("s"."arrived") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."departed") is distinct from ("s"."departed") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."booked") is distinct from ("s"."booked") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."paid") is distinct from ("s"."paid") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."valid_from") is distinct from ("s"."valid_from") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."valid_until") is distinct from ("s"."valid_until") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."open_from") is distinct from ("s"."open_from") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."open_until") is distinct from ("s"."open_until"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_stays" ("id", "arrived", "departed", "booked", "paid", "valid_from", "valid_until", "open_from", "open_until", "drover_version")
  select "id", "arrived", "departed", "booked", "paid", "valid_from", "valid_until", "open_from", "open_until", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."stays" as t
  set "arrived" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."arrived" else "t"."arrived" end,
    "departed" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."departed" else "t"."departed" end,
    "booked" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."booked" else "t"."booked" end,
    "paid" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."paid" else "t"."paid" end,
    "valid_from" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."valid_from" else "t"."valid_from" end,
    "valid_until" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."valid_until" else "t"."valid_until" end,
    "open_from" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."open_from" else "t"."open_from" end,
    "open_until" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."open_until" else "t"."open_until" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'stays', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('arrived', array['*']), ('departed', array['*']), ('booked', array['*']), ('paid', array['*']), ('valid_from', array['*']), ('valid_until', array['*']), ('open_from', array['*']), ('open_until', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'stays' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'stays' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'stays', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'no-date', 'arrived'), (2, 'no-date', 'arrived'), (3, 'reversed-range', 'arrived'), (4, 'reversed-range', 'departed'), (5, 'paid-before-booked', 'booked'), (6, 'paid-before-booked', 'paid')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
