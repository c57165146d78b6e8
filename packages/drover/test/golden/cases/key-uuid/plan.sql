-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."sessions" as t) as hashed;
commit;

-- =================================================================================================
-- 1. sessions: legacy.sessions → app.sessions
-- =================================================================================================
-- sessions: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_sessions" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" uuid
);
-- source rows
select count(*) as n from "legacy"."sessions";
-- target rows before
select count(*) as n from "app"."sessions";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."sessions" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."sessions")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'sessions', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- sessions: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."sessions" as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::uuid)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::uuid))
), s as materialized (
  select
    "step_1"."v1" as "_key",
    ("s"."id")::uuid as "id",
    ("s"."agent")::text as "agent",
    'loaded' as "_disposition"
  from "legacy"."sessions" as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1"
    offset 0
  ) as "step_1"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::uuid)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::uuid))
), loaded as (
  insert into "app"."sessions" ("id", "agent")
  select "id", "agent"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_sessions" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
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
where run_id = $1::bigint and mapping = 'sessions' and number = $2::bigint;
commit;

-- sessions: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("s"."id")::text] as bound, row_number() over (order by "s"."id") as position, count(*) as rows
  from "legacy"."sessions" as "s"
    where ($1::text[] is null or ("s"."id") >= (($1::text[])[1]::uuid)) and ($2::text[] is null or ("s"."id") < (($2::text[])[1]::uuid)) and "s"."id" is not null
  group by "s"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- sessions: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."sessions" as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::uuid)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::uuid))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    to_jsonb("s".*) as original
  from "legacy"."sessions" as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1"
    offset 0
  ) as "step_1"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::uuid)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::uuid))
), walked as (
  insert into "drover"."crosswalk_sessions" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'sessions', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'sessions' and number = $2::bigint
returning quarantined;
commit;

-- sessions: close
begin;
alter table "drover"."crosswalk_sessions" add primary key (source_key);
analyze "drover"."crosswalk_sessions";
analyze "app"."sessions";
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."sessions";
-- target rows after
select count(*) as n from "app"."sessions";
commit;

-- =================================================================================================
-- 2. continuations: legacy.sessions → app.continuations
-- begins when sessions is done
-- =================================================================================================
-- continuations: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_continuations" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" uuid
);
-- source rows
select count(*) as n from "legacy"."sessions";
-- target rows before
select count(*) as n from "app"."continuations";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."sessions" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."sessions")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'continuations', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- continuations: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."sessions" as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::uuid)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::uuid))
), s as materialized (
  select
    "step_1"."v1" as "_key",
    ("ref_2"."id")::uuid as "id",
    ("ref_4"."id")::uuid as "previous",
    case when "step_3"."v5" or "step_3"."v6" or "step_3"."v7" or "step_3"."v8" or "step_3"."v9" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_3"."v5" or "step_3"."v6" or "step_3"."v7" or "step_3"."v8" or "step_3"."v9" then array_remove(array[case when "step_3"."v5" then 1 end, case when "step_3"."v6" then 2 end, case when "step_3"."v7" then 3 end, case when "step_3"."v8" then 4 end, case when "step_3"."v9" then 5 end], null) end as "_reasons",
    "s"."ctid" as "_place"
  from "legacy"."sessions" as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1",
      ("s"."previous")::text as "v3"
    offset 0
  ) as "step_1"
  left join "drover"."crosswalk_sessions" as "ref_2" on "ref_2"."source_key" = "step_1"."v1" collate "C"
  left join "drover"."crosswalk_sessions" as "ref_4" on "ref_4"."source_key" = "step_1"."v3" collate "C"
  cross join lateral (
    select
      ("ref_2"."source_key" is not null and "ref_2"."id" is null) as "v5",
      "step_1"."v1" is not null and "ref_2"."source_key" is null as "v6",
      ("ref_4"."source_key" is not null and "ref_4"."id" is null) as "v7",
      "step_1"."v3" is not null and "ref_4"."source_key" is null as "v8",
      "ref_4"."id" is null as "v9"
    offset 0
  ) as "step_3"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::uuid)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::uuid))
), loaded as (
  insert into "app"."continuations" ("id", "previous")
  select "id", "previous"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_continuations" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'continuations', "s"."_key", $2::bigint,
    (array['waiting', 'orphan', 'waiting', 'orphan', 'first'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'id'), (2, 'orphan', 'id'), (3, 'waiting', 'previous'), (4, 'orphan', 'previous'), (5, 'first', 'previous')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."sessions" as original
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
  merged = (select count(*) from walked where disposition = 'merged'),
  matched = (select count(*) from walked where disposition = 'matched'),
  quarantined = (select count(*) from quarantined),
  excluded = (select count(*) from walked where disposition = 'excluded'),
  finished_at = clock_timestamp()
where run_id = $1::bigint and mapping = 'continuations' and number = $2::bigint;
commit;

-- continuations: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("s"."id")::text] as bound, row_number() over (order by "s"."id") as position, count(*) as rows
  from "legacy"."sessions" as "s"
    where ($1::text[] is null or ("s"."id") >= (($1::text[])[1]::uuid)) and ($2::text[] is null or ("s"."id") < (($2::text[])[1]::uuid)) and "s"."id" is not null
  group by "s"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- continuations: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."sessions" as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::uuid)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::uuid))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    to_jsonb("s".*) as original
  from "legacy"."sessions" as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1"
    offset 0
  ) as "step_1"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::uuid)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::uuid))
), walked as (
  insert into "drover"."crosswalk_continuations" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'continuations', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'continuations' and number = $2::bigint
returning quarantined;
commit;

-- continuations: close
begin;
alter table "drover"."crosswalk_continuations" add primary key (source_key);
analyze "drover"."crosswalk_continuations";
analyze "app"."continuations";
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."sessions";
-- target rows after
select count(*) as n from "app"."continuations";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."sessions" as t) as hashed;
commit;
