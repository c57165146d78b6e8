-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.people (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."people" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."people" drop constraint "people_pkey";
commit;

-- =================================================================================================
-- 1. people: legacy.people → app.people
-- =================================================================================================
-- people: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_people" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."people";
-- target rows before
select count(*) as n from "app"."people";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."people" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."people")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'people', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- people: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."people" as "p"
  where ($3::text[] is null or ("p"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("p"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_3.v21" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_3.v9" or "row"."step_3.v10" or "row"."step_3.v11" or "row"."step_3.v12" or "row"."step_3.v13" or "row"."step_1.v14" or "row"."step_1.v15" or "row"."step_2.v16" or "row"."step_2.v17" then array[case when "row"."step_3.v9" then 1 end, case when "row"."step_3.v10" then 2 end, case when "row"."step_3.v11" then 3 end, case when "row"."step_3.v12" then 4 end, case when "row"."step_3.v13" then 5 end, case when "row"."step_1.v14" then 6 end, case when "row"."step_1.v15" then 7 end, case when "row"."step_2.v16" then 8 end, case when "row"."step_2.v17" then 9 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."p.id")::int4 as "id",
    ("row"."step_3.v18")::date as "born",
    ("row"."step_2.v5")::date as "hired",
    ("row"."step_2.v7")::date as "paid",
    ("row"."step_1.v19")::timestamp as "seen",
    ("row"."step_2.v20")::date as "closed",
    case when "row"."step_3.v21" then array_remove(array[case when "row"."p.paid" is not null and "row"."step_2.v7" is null then 1 end], null) end as "_reasons",
    "row"."p.ctid" as "_place",
    case when "row"."step_3.v9" or "row"."step_3.v10" or "row"."step_3.v11" or "row"."step_3.v12" or "row"."step_3.v13" or "row"."step_1.v14" or "row"."step_1.v15" or "row"."step_2.v16" or "row"."step_2.v17" then array[("row"."p.born")::text, ("row"."step_2.v3")::text, ("row"."step_2.v3")::text, ("row"."step_2.v3")::text, ("row"."p.hired")::text, ("row"."p.seen")::text, ("row"."p.seen")::text, ("row"."p.closed")::text, ("row"."p.closed")::text]::text[] end as "_originals"
  from (
  select
    "row"."p.paid" is not null and "row"."step_2.v7" is null as "step_3.v21",
    "row"."p.born" is not null and "row"."step_2.v3" is null as "step_3.v9",
    "row"."step_2.v3" in ('1970-01-01') as "step_3.v10",
    "row"."step_2.v3" < '1900-01-01' as "step_3.v11",
    "row"."step_2.v3" > (timestamp with time zone '2025-06-01T00:00:00.000Z' at time zone 'UTC')::date as "step_3.v12",
    "row"."p.hired" is not null and "row"."step_2.v5" is null as "step_3.v13",
    "row"."step_1.v14" as "step_1.v14",
    "row"."step_1.v15" as "step_1.v15",
    "row"."step_2.v16" as "step_2.v16",
    "row"."step_2.v17" as "step_2.v17",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    case when (("row"."step_2.v3" in ('1970-01-01')) or ("row"."step_2.v3" < '1900-01-01') or ("row"."step_2.v3" > (timestamp with time zone '2025-06-01T00:00:00.000Z' at time zone 'UTC')::date)) is not true then "row"."step_2.v3" end as "step_3.v18",
    "row"."step_2.v5" as "step_2.v5",
    "row"."step_2.v7" as "step_2.v7",
    "row"."step_1.v19" as "step_1.v19",
    "row"."step_2.v20" as "step_2.v20",
    "row"."p.paid" as "p.paid",
    "row"."p.ctid" as "p.ctid",
    "row"."p.born" as "p.born",
    "row"."step_2.v3" as "step_2.v3",
    "row"."p.hired" as "p.hired",
    "row"."p.seen" as "p.seen",
    "row"."p.closed" as "p.closed"
  from (
  select
    "row"."p.paid" as "p.paid",
    case when (("row"."step_1.v6")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("row"."step_1.v6", 4) <> '0000' then
      case when right("row"."step_1.v6", 2)::integer <= 28 or right("row"."step_1.v6", 2)::integer <= extract(day from (left("row"."step_1.v6", 8) || '01')::date + interval '1 month - 1 day') then "row"."step_1.v6"::date end
    end as "step_2.v7",
    "row"."p.born" as "p.born",
    case when (("row"."step_1.v2")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("row"."step_1.v2", 4) <> '0000' then
      case when right("row"."step_1.v2", 2)::integer <= 28 or right("row"."step_1.v2", 2)::integer <= extract(day from (left("row"."step_1.v2", 8) || '01')::date + interval '1 month - 1 day') then "row"."step_1.v2"::date end
    end as "step_2.v3",
    "row"."p.hired" as "p.hired",
    case when (("row"."step_1.v4")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("row"."step_1.v4", 4) <> '0000' then
      case when right("row"."step_1.v4", 2)::integer <= 28 or right("row"."step_1.v4", 2)::integer <= extract(day from (left("row"."step_1.v4", 8) || '01')::date + interval '1 month - 1 day') then "row"."step_1.v4"::date end
    end as "step_2.v5",
    "row"."step_1.v14" as "step_1.v14",
    "row"."step_1.v15" as "step_1.v15",
    not "row"."step_1.v8" and not isfinite("row"."p.closed") as "step_2.v16",
    not "row"."step_1.v8" and isfinite("row"."p.closed") as "step_2.v17",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "row"."step_1.v19" as "step_1.v19",
    case
      when not ("row"."step_1.v8") then null
      when "row"."p.closed"::time = time '00:00' then "row"."p.closed"::date
      else ("row"."p.closed" at time zone 'UTC' at time zone ('America/Chicago'))::date
    end as "step_2.v20",
    "row"."p.ctid" as "p.ctid",
    "row"."p.seen" as "p.seen",
    "row"."p.closed" as "p.closed"
  from (
  select
    "p"."paid" as "p.paid",
    case when (("p"."paid")::text collate "default") ~ '^(?:[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}|[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}|[0-9]{1,2}-[0-9]{1,2}-[0-9]{4})$' then split_part(translate((("p"."paid")::text collate "default"), '/.', '--'), '-', 3) || '-' || lpad(split_part(translate((("p"."paid")::text collate "default"), '/.', '--'), '-', 2), 2, '0') || '-' || lpad(split_part(translate((("p"."paid")::text collate "default"), '/.', '--'), '-', 1), 2, '0') end as "step_1.v6",
    "p"."born" as "p.born",
    case when (("p"."born")::text collate "default") ~ '^(?:[0-9]{1,2}/[0-9]{1,2}/(?:[0-9]{4}|[0-9]{2})|[0-9]{1,2}[.][0-9]{1,2}[.](?:[0-9]{4}|[0-9]{2})|[0-9]{1,2}-[0-9]{1,2}-(?:[0-9]{4}|[0-9]{2}))$' then case when length(split_part(translate((("p"."born")::text collate "default"), '/.', '--'), '-', 3)) = 2 then lpad((1930 + (split_part(translate((("p"."born")::text collate "default"), '/.', '--'), '-', 3)::integer + 70) % 100)::text, 4, '0') else split_part(translate((("p"."born")::text collate "default"), '/.', '--'), '-', 3) end || '-' || lpad(split_part(translate((("p"."born")::text collate "default"), '/.', '--'), '-', 1), 2, '0') || '-' || lpad(split_part(translate((("p"."born")::text collate "default"), '/.', '--'), '-', 2), 2, '0') end as "step_1.v2",
    "p"."hired" as "p.hired",
    case when (("p"."hired")::text collate "default") ~ '^(?:[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}|[0-9]{4}[.][0-9]{1,2}[.][0-9]{1,2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})$' then split_part(translate((("p"."hired")::text collate "default"), '/.', '--'), '-', 1) || '-' || lpad(split_part(translate((("p"."hired")::text collate "default"), '/.', '--'), '-', 2), 2, '0') || '-' || lpad(split_part(translate((("p"."hired")::text collate "default"), '/.', '--'), '-', 3), 2, '0') when (("p"."hired")::text collate "default") ~ '^[0-9]{8}$' then left((("p"."hired")::text collate "default"), 4) || '-' || substr((("p"."hired")::text collate "default"), 5, 2) || '-' || right((("p"."hired")::text collate "default"), 2) end as "step_1.v4",
    "p"."seen" < '2015-01-01' as "step_1.v14",
    "p"."seen" > '2025-06-01' as "step_1.v15",
    "p"."closed" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "step_1.v8",
    "p"."closed" as "p.closed",
    ("p"."id")::text as "step_1.v1",
    "p"."id" as "p.id",
    case when (("p"."seen" < '2015-01-01') or ("p"."seen" > '2025-06-01')) is not true then "p"."seen" end as "step_1.v19",
    "p"."ctid" as "p.ctid",
    "p"."seen" as "p.seen"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'born' then ("fix"."patch" ->> 'born')::text else "t"."born" end as "born",
      case when "fix"."patch" ? 'hired' then ("fix"."patch" ->> 'hired')::text else "t"."hired" end as "hired",
      case when "fix"."patch" ? 'paid' then ("fix"."patch" ->> 'paid')::text else "t"."paid" end as "paid",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::timestamp else "t"."seen" end as "seen",
      case when "fix"."patch" ? 'closed' then ("fix"."patch" ->> 'closed')::timestamp else "t"."closed" end as "closed"
    from "legacy"."people" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.people' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  where ($3::text[] is null or ("p"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("p"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."people" ("id", "born", "hired", "paid", "seen", "closed")
  select "id", "born", "hired", "paid", "seen", "closed"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_people" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'people', "s"."_key", $2::bigint,
    (array['no-payday'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-payday', 'paid')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."people" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'people', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'no-birthday', 'born'), (2, 'sentinel', 'born'), (3, 'too-early', 'born'), (4, 'too-late', 'born'), (5, 'not-a-date', 'hired'), (6, 'never-seen', 'seen'), (7, 'never-seen', 'seen'), (8, 'not-finite', 'closed'), (9, 'out-of-range', 'closed')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'people' and number = $2::bigint;
commit;

-- people: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("p"."id")::text] as bound, row_number() over (order by "p"."id") as position, count(*) as rows
  from "legacy"."people" as "p"
    where ($1::text[] is null or ("p"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("p"."id") < (($2::text[])[1]::int4)) and "p"."id" is not null
  group by "p"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- people: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."people" as "p"
  where ($3::text[] is null or ("p"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("p"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."people" as original
      where original.ctid = "p"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'born' then ("fix"."patch" ->> 'born')::text else "t"."born" end as "born",
      case when "fix"."patch" ? 'hired' then ("fix"."patch" ->> 'hired')::text else "t"."hired" end as "hired",
      case when "fix"."patch" ? 'paid' then ("fix"."patch" ->> 'paid')::text else "t"."paid" end as "paid",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::timestamp else "t"."seen" end as "seen",
      case when "fix"."patch" ? 'closed' then ("fix"."patch" ->> 'closed')::timestamp else "t"."closed" end as "closed"
    from "legacy"."people" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.people' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  cross join lateral (
    select
      ("p"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("p"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("p"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_people" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'people', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'people' and number = $2::bigint
returning quarantined;
commit;

-- people: the key of the crosswalk
begin;
alter table "drover"."crosswalk_people" add primary key (source_key);
analyze "drover"."crosswalk_people";
commit;

-- people: the statistics of the target
begin;
analyze "app"."people";
commit;

-- people_pkey
begin;
CREATE UNIQUE INDEX people_pkey ON app.people USING btree (id);
commit;

-- people: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."people";
-- target rows after
select count(*) as n from "app"."people";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."people" add constraint "people_pkey" primary key using index "people_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."people" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- people: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'people', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'born' then ("fix"."patch" ->> 'born')::text else "t"."born" end as "born",
      case when "fix"."patch" ? 'hired' then ("fix"."patch" ->> 'hired')::text else "t"."hired" end as "hired",
      case when "fix"."patch" ? 'paid' then ("fix"."patch" ->> 'paid')::text else "t"."paid" end as "paid",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::timestamp else "t"."seen" end as "seen",
      case when "fix"."patch" ? 'closed' then ("fix"."patch" ->> 'closed')::timestamp else "t"."closed" end as "closed"
    from "legacy"."people" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.people' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  cross join lateral (
    select
      ("p"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_people" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("p"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'clinic' and relation in ('legacy.people')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_3.v21" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_3.v9" or "row"."step_3.v10" or "row"."step_3.v11" or "row"."step_3.v12" or "row"."step_3.v13" or "row"."step_1.v14" or "row"."step_1.v15" or "row"."step_2.v16" or "row"."step_2.v17" then array[case when "row"."step_3.v9" then 1 end, case when "row"."step_3.v10" then 2 end, case when "row"."step_3.v11" then 3 end, case when "row"."step_3.v12" then 4 end, case when "row"."step_3.v13" then 5 end, case when "row"."step_1.v14" then 6 end, case when "row"."step_1.v15" then 7 end, case when "row"."step_2.v16" then 8 end, case when "row"."step_2.v17" then 9 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."p.id")::int4 as "id",
    ("row"."step_3.v18")::date as "born",
    ("row"."step_2.v5")::date as "hired",
    ("row"."step_2.v7")::date as "paid",
    ("row"."step_1.v19")::timestamp as "seen",
    ("row"."step_2.v20")::date as "closed",
    case when "row"."step_3.v21" then array_remove(array[case when "row"."p.paid" is not null and "row"."step_2.v7" is null then 1 end], null) end as "_reasons",
    "row"."p.ctid" as "_place",
    case when "row"."step_3.v9" or "row"."step_3.v10" or "row"."step_3.v11" or "row"."step_3.v12" or "row"."step_3.v13" or "row"."step_1.v14" or "row"."step_1.v15" or "row"."step_2.v16" or "row"."step_2.v17" then array[("row"."p.born")::text, ("row"."step_2.v3")::text, ("row"."step_2.v3")::text, ("row"."step_2.v3")::text, ("row"."p.hired")::text, ("row"."p.seen")::text, ("row"."p.seen")::text, ("row"."p.closed")::text, ("row"."p.closed")::text]::text[] end as "_originals"
  from (
  select
    "row"."p.paid" is not null and "row"."step_2.v7" is null as "step_3.v21",
    "row"."p.born" is not null and "row"."step_2.v3" is null as "step_3.v9",
    "row"."step_2.v3" in ('1970-01-01') as "step_3.v10",
    "row"."step_2.v3" < '1900-01-01' as "step_3.v11",
    "row"."step_2.v3" > (timestamp with time zone '2025-06-01T00:00:00.000Z' at time zone 'UTC')::date as "step_3.v12",
    "row"."p.hired" is not null and "row"."step_2.v5" is null as "step_3.v13",
    "row"."step_1.v14" as "step_1.v14",
    "row"."step_1.v15" as "step_1.v15",
    "row"."step_2.v16" as "step_2.v16",
    "row"."step_2.v17" as "step_2.v17",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    case when (("row"."step_2.v3" in ('1970-01-01')) or ("row"."step_2.v3" < '1900-01-01') or ("row"."step_2.v3" > (timestamp with time zone '2025-06-01T00:00:00.000Z' at time zone 'UTC')::date)) is not true then "row"."step_2.v3" end as "step_3.v18",
    "row"."step_2.v5" as "step_2.v5",
    "row"."step_2.v7" as "step_2.v7",
    "row"."step_1.v19" as "step_1.v19",
    "row"."step_2.v20" as "step_2.v20",
    "row"."p.paid" as "p.paid",
    "row"."p.ctid" as "p.ctid",
    "row"."p.born" as "p.born",
    "row"."step_2.v3" as "step_2.v3",
    "row"."p.hired" as "p.hired",
    "row"."p.seen" as "p.seen",
    "row"."p.closed" as "p.closed"
  from (
  select
    "row"."p.paid" as "p.paid",
    case when (("row"."step_1.v6")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("row"."step_1.v6", 4) <> '0000' then
      case when right("row"."step_1.v6", 2)::integer <= 28 or right("row"."step_1.v6", 2)::integer <= extract(day from (left("row"."step_1.v6", 8) || '01')::date + interval '1 month - 1 day') then "row"."step_1.v6"::date end
    end as "step_2.v7",
    "row"."p.born" as "p.born",
    case when (("row"."step_1.v2")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("row"."step_1.v2", 4) <> '0000' then
      case when right("row"."step_1.v2", 2)::integer <= 28 or right("row"."step_1.v2", 2)::integer <= extract(day from (left("row"."step_1.v2", 8) || '01')::date + interval '1 month - 1 day') then "row"."step_1.v2"::date end
    end as "step_2.v3",
    "row"."p.hired" as "p.hired",
    case when (("row"."step_1.v4")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("row"."step_1.v4", 4) <> '0000' then
      case when right("row"."step_1.v4", 2)::integer <= 28 or right("row"."step_1.v4", 2)::integer <= extract(day from (left("row"."step_1.v4", 8) || '01')::date + interval '1 month - 1 day') then "row"."step_1.v4"::date end
    end as "step_2.v5",
    "row"."step_1.v14" as "step_1.v14",
    "row"."step_1.v15" as "step_1.v15",
    not "row"."step_1.v8" and not isfinite("row"."p.closed") as "step_2.v16",
    not "row"."step_1.v8" and isfinite("row"."p.closed") as "step_2.v17",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "row"."step_1.v19" as "step_1.v19",
    case
      when not ("row"."step_1.v8") then null
      when "row"."p.closed"::time = time '00:00' then "row"."p.closed"::date
      else ("row"."p.closed" at time zone 'UTC' at time zone ('America/Chicago'))::date
    end as "step_2.v20",
    "row"."p.ctid" as "p.ctid",
    "row"."p.seen" as "p.seen",
    "row"."p.closed" as "p.closed"
  from (
  select
    "p"."paid" as "p.paid",
    case when (("p"."paid")::text collate "default") ~ '^(?:[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}|[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}|[0-9]{1,2}-[0-9]{1,2}-[0-9]{4})$' then split_part(translate((("p"."paid")::text collate "default"), '/.', '--'), '-', 3) || '-' || lpad(split_part(translate((("p"."paid")::text collate "default"), '/.', '--'), '-', 2), 2, '0') || '-' || lpad(split_part(translate((("p"."paid")::text collate "default"), '/.', '--'), '-', 1), 2, '0') end as "step_1.v6",
    "p"."born" as "p.born",
    case when (("p"."born")::text collate "default") ~ '^(?:[0-9]{1,2}/[0-9]{1,2}/(?:[0-9]{4}|[0-9]{2})|[0-9]{1,2}[.][0-9]{1,2}[.](?:[0-9]{4}|[0-9]{2})|[0-9]{1,2}-[0-9]{1,2}-(?:[0-9]{4}|[0-9]{2}))$' then case when length(split_part(translate((("p"."born")::text collate "default"), '/.', '--'), '-', 3)) = 2 then lpad((1930 + (split_part(translate((("p"."born")::text collate "default"), '/.', '--'), '-', 3)::integer + 70) % 100)::text, 4, '0') else split_part(translate((("p"."born")::text collate "default"), '/.', '--'), '-', 3) end || '-' || lpad(split_part(translate((("p"."born")::text collate "default"), '/.', '--'), '-', 1), 2, '0') || '-' || lpad(split_part(translate((("p"."born")::text collate "default"), '/.', '--'), '-', 2), 2, '0') end as "step_1.v2",
    "p"."hired" as "p.hired",
    case when (("p"."hired")::text collate "default") ~ '^(?:[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}|[0-9]{4}[.][0-9]{1,2}[.][0-9]{1,2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})$' then split_part(translate((("p"."hired")::text collate "default"), '/.', '--'), '-', 1) || '-' || lpad(split_part(translate((("p"."hired")::text collate "default"), '/.', '--'), '-', 2), 2, '0') || '-' || lpad(split_part(translate((("p"."hired")::text collate "default"), '/.', '--'), '-', 3), 2, '0') when (("p"."hired")::text collate "default") ~ '^[0-9]{8}$' then left((("p"."hired")::text collate "default"), 4) || '-' || substr((("p"."hired")::text collate "default"), 5, 2) || '-' || right((("p"."hired")::text collate "default"), 2) end as "step_1.v4",
    "p"."seen" < '2015-01-01' as "step_1.v14",
    "p"."seen" > '2025-06-01' as "step_1.v15",
    "p"."closed" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "step_1.v8",
    "p"."closed" as "p.closed",
    ("p"."id")::text as "step_1.v1",
    "p"."id" as "p.id",
    case when (("p"."seen" < '2015-01-01') or ("p"."seen" > '2025-06-01')) is not true then "p"."seen" end as "step_1.v19",
    "p"."ctid" as "p.ctid",
    "p"."seen" as "p.seen"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'born' then ("fix"."patch" ->> 'born')::text else "t"."born" end as "born",
      case when "fix"."patch" ? 'hired' then ("fix"."patch" ->> 'hired')::text else "t"."hired" end as "hired",
      case when "fix"."patch" ? 'paid' then ("fix"."patch" ->> 'paid')::text else "t"."paid" end as "paid",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::timestamp else "t"."seen" end as "seen",
      case when "fix"."patch" ? 'closed' then ("fix"."patch" ->> 'closed')::timestamp else "t"."closed" end as "closed"
    from "legacy"."people" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.people' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  where "p"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'people' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_people" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."people" ("id", "born", "hired", "paid", "seen", "closed")
  select "id", "born", "hired", "paid", "seen", "closed"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_people" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'people', "s"."_key", $2::bigint,
    (array['no-payday'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-payday', 'paid')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."people" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'people' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'people' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'people' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'people', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'no-birthday', 'born'), (2, 'sentinel', 'born'), (3, 'too-early', 'born'), (4, 'too-late', 'born'), (5, 'not-a-date', 'hired'), (6, 'never-seen', 'seen'), (7, 'never-seen', 'seen'), (8, 'not-finite', 'closed'), (9, 'out-of-range', 'closed')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'people', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'people', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_people" (like "app"."people", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_3.v21" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_3.v9" or "row"."step_3.v10" or "row"."step_3.v11" or "row"."step_3.v12" or "row"."step_3.v13" or "row"."step_1.v14" or "row"."step_1.v15" or "row"."step_2.v16" or "row"."step_2.v17" then array[case when "row"."step_3.v9" then 1 end, case when "row"."step_3.v10" then 2 end, case when "row"."step_3.v11" then 3 end, case when "row"."step_3.v12" then 4 end, case when "row"."step_3.v13" then 5 end, case when "row"."step_1.v14" then 6 end, case when "row"."step_1.v15" then 7 end, case when "row"."step_2.v16" then 8 end, case when "row"."step_2.v17" then 9 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."p.id")::int4 as "id",
    ("row"."step_3.v18")::date as "born",
    ("row"."step_2.v5")::date as "hired",
    ("row"."step_2.v7")::date as "paid",
    ("row"."step_1.v19")::timestamp as "seen",
    ("row"."step_2.v20")::date as "closed",
    case when "row"."step_3.v21" then array_remove(array[case when "row"."p.paid" is not null and "row"."step_2.v7" is null then 1 end], null) end as "_reasons",
    case when "row"."step_3.v9" or "row"."step_3.v10" or "row"."step_3.v11" or "row"."step_3.v12" or "row"."step_3.v13" or "row"."step_1.v14" or "row"."step_1.v15" or "row"."step_2.v16" or "row"."step_2.v17" then array[("row"."p.born")::text, ("row"."step_2.v3")::text, ("row"."step_2.v3")::text, ("row"."step_2.v3")::text, ("row"."p.hired")::text, ("row"."p.seen")::text, ("row"."p.seen")::text, ("row"."p.closed")::text, ("row"."p.closed")::text]::text[] end as "_originals"
  from (
  select
    "row"."p.paid" is not null and "row"."step_2.v7" is null as "step_3.v21",
    "row"."p.born" is not null and "row"."step_2.v3" is null as "step_3.v9",
    "row"."step_2.v3" in ('1970-01-01') as "step_3.v10",
    "row"."step_2.v3" < '1900-01-01' as "step_3.v11",
    "row"."step_2.v3" > (timestamp with time zone '2025-06-01T00:00:00.000Z' at time zone 'UTC')::date as "step_3.v12",
    "row"."p.hired" is not null and "row"."step_2.v5" is null as "step_3.v13",
    "row"."step_1.v14" as "step_1.v14",
    "row"."step_1.v15" as "step_1.v15",
    "row"."step_2.v16" as "step_2.v16",
    "row"."step_2.v17" as "step_2.v17",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    case when (("row"."step_2.v3" in ('1970-01-01')) or ("row"."step_2.v3" < '1900-01-01') or ("row"."step_2.v3" > (timestamp with time zone '2025-06-01T00:00:00.000Z' at time zone 'UTC')::date)) is not true then "row"."step_2.v3" end as "step_3.v18",
    "row"."step_2.v5" as "step_2.v5",
    "row"."step_2.v7" as "step_2.v7",
    "row"."step_1.v19" as "step_1.v19",
    "row"."step_2.v20" as "step_2.v20",
    "row"."p.paid" as "p.paid",
    "row"."p.ctid" as "p.ctid",
    "row"."p.born" as "p.born",
    "row"."step_2.v3" as "step_2.v3",
    "row"."p.hired" as "p.hired",
    "row"."p.seen" as "p.seen",
    "row"."p.closed" as "p.closed"
  from (
  select
    "row"."p.paid" as "p.paid",
    case when (("row"."step_1.v6")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("row"."step_1.v6", 4) <> '0000' then
      case when right("row"."step_1.v6", 2)::integer <= 28 or right("row"."step_1.v6", 2)::integer <= extract(day from (left("row"."step_1.v6", 8) || '01')::date + interval '1 month - 1 day') then "row"."step_1.v6"::date end
    end as "step_2.v7",
    "row"."p.born" as "p.born",
    case when (("row"."step_1.v2")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("row"."step_1.v2", 4) <> '0000' then
      case when right("row"."step_1.v2", 2)::integer <= 28 or right("row"."step_1.v2", 2)::integer <= extract(day from (left("row"."step_1.v2", 8) || '01')::date + interval '1 month - 1 day') then "row"."step_1.v2"::date end
    end as "step_2.v3",
    "row"."p.hired" as "p.hired",
    case when (("row"."step_1.v4")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("row"."step_1.v4", 4) <> '0000' then
      case when right("row"."step_1.v4", 2)::integer <= 28 or right("row"."step_1.v4", 2)::integer <= extract(day from (left("row"."step_1.v4", 8) || '01')::date + interval '1 month - 1 day') then "row"."step_1.v4"::date end
    end as "step_2.v5",
    "row"."step_1.v14" as "step_1.v14",
    "row"."step_1.v15" as "step_1.v15",
    not "row"."step_1.v8" and not isfinite("row"."p.closed") as "step_2.v16",
    not "row"."step_1.v8" and isfinite("row"."p.closed") as "step_2.v17",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "row"."step_1.v19" as "step_1.v19",
    case
      when not ("row"."step_1.v8") then null
      when "row"."p.closed"::time = time '00:00' then "row"."p.closed"::date
      else ("row"."p.closed" at time zone 'UTC' at time zone ('America/Chicago'))::date
    end as "step_2.v20",
    "row"."p.ctid" as "p.ctid",
    "row"."p.seen" as "p.seen",
    "row"."p.closed" as "p.closed"
  from (
  select
    "p"."paid" as "p.paid",
    case when (("p"."paid")::text collate "default") ~ '^(?:[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}|[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}|[0-9]{1,2}-[0-9]{1,2}-[0-9]{4})$' then split_part(translate((("p"."paid")::text collate "default"), '/.', '--'), '-', 3) || '-' || lpad(split_part(translate((("p"."paid")::text collate "default"), '/.', '--'), '-', 2), 2, '0') || '-' || lpad(split_part(translate((("p"."paid")::text collate "default"), '/.', '--'), '-', 1), 2, '0') end as "step_1.v6",
    "p"."born" as "p.born",
    case when (("p"."born")::text collate "default") ~ '^(?:[0-9]{1,2}/[0-9]{1,2}/(?:[0-9]{4}|[0-9]{2})|[0-9]{1,2}[.][0-9]{1,2}[.](?:[0-9]{4}|[0-9]{2})|[0-9]{1,2}-[0-9]{1,2}-(?:[0-9]{4}|[0-9]{2}))$' then case when length(split_part(translate((("p"."born")::text collate "default"), '/.', '--'), '-', 3)) = 2 then lpad((1930 + (split_part(translate((("p"."born")::text collate "default"), '/.', '--'), '-', 3)::integer + 70) % 100)::text, 4, '0') else split_part(translate((("p"."born")::text collate "default"), '/.', '--'), '-', 3) end || '-' || lpad(split_part(translate((("p"."born")::text collate "default"), '/.', '--'), '-', 1), 2, '0') || '-' || lpad(split_part(translate((("p"."born")::text collate "default"), '/.', '--'), '-', 2), 2, '0') end as "step_1.v2",
    "p"."hired" as "p.hired",
    case when (("p"."hired")::text collate "default") ~ '^(?:[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}|[0-9]{4}[.][0-9]{1,2}[.][0-9]{1,2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})$' then split_part(translate((("p"."hired")::text collate "default"), '/.', '--'), '-', 1) || '-' || lpad(split_part(translate((("p"."hired")::text collate "default"), '/.', '--'), '-', 2), 2, '0') || '-' || lpad(split_part(translate((("p"."hired")::text collate "default"), '/.', '--'), '-', 3), 2, '0') when (("p"."hired")::text collate "default") ~ '^[0-9]{8}$' then left((("p"."hired")::text collate "default"), 4) || '-' || substr((("p"."hired")::text collate "default"), 5, 2) || '-' || right((("p"."hired")::text collate "default"), 2) end as "step_1.v4",
    "p"."seen" < '2015-01-01' as "step_1.v14",
    "p"."seen" > '2025-06-01' as "step_1.v15",
    "p"."closed" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "step_1.v8",
    "p"."closed" as "p.closed",
    ("p"."id")::text as "step_1.v1",
    "p"."id" as "p.id",
    case when (("p"."seen" < '2015-01-01') or ("p"."seen" > '2025-06-01')) is not true then "p"."seen" end as "step_1.v19",
    "p"."ctid" as "p.ctid",
    "p"."seen" as "p.seen"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'born' then ("fix"."patch" ->> 'born')::text else "t"."born" end as "born",
      case when "fix"."patch" ? 'hired' then ("fix"."patch" ->> 'hired')::text else "t"."hired" end as "hired",
      case when "fix"."patch" ? 'paid' then ("fix"."patch" ->> 'paid')::text else "t"."paid" end as "paid",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::timestamp else "t"."seen" end as "seen",
      case when "fix"."patch" ? 'closed' then ("fix"."patch" ->> 'closed')::timestamp else "t"."closed" end as "closed"
    from "legacy"."people" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.people' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  where "p"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'people' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_people" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."people" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."born") is distinct from ("s"."born") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."hired") is distinct from ("s"."hired") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."paid") is distinct from ("s"."paid") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."seen") is distinct from ("s"."seen") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."closed") is distinct from ("s"."closed"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_people" ("id", "born", "hired", "paid", "seen", "closed", "drover_version")
  select "id", "born", "hired", "paid", "seen", "closed", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."people" as t
  set "born" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."born" else "t"."born" end,
    "hired" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."hired" else "t"."hired" end,
    "paid" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."paid" else "t"."paid" end,
    "seen" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."seen" else "t"."seen" end,
    "closed" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."closed" else "t"."closed" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'people', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('born', array['*']), ('hired', array['*']), ('paid', array['*']), ('seen', array['*']), ('closed', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'people' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'people' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'people', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'no-birthday', 'born'), (2, 'sentinel', 'born'), (3, 'too-early', 'born'), (4, 'too-late', 'born'), (5, 'not-a-date', 'hired'), (6, 'never-seen', 'seen'), (7, 'never-seen', 'seen'), (8, 'not-finite', 'closed'), (9, 'out-of-range', 'closed')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
