-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.sessions (1), app.continuations (2).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."sessions" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."continuations" drop constraint "continuations_previous_fkey";
alter table "app"."continuations" drop constraint "continuations_id_fkey";
alter table "app"."sessions" drop constraint "sessions_pkey";
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
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."s.id")::uuid as "id",
    ("row"."s.agent")::text as "agent"
  from (
  select
    ("s"."id")::text as "step_1.v1",
    "s"."id" as "s.id",
    "s"."agent" as "s.agent"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'previous' then ("fix"."patch" ->> 'previous')::uuid else "t"."previous" end as "previous",
      case when "fix"."patch" ? 'agent' then ("fix"."patch" ->> 'agent')::text else "t"."agent" end as "agent"
    from "legacy"."sessions" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.sessions' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::uuid)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::uuid))
  offset '0'
  ) as "row"
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
    (
      select to_jsonb("original".*)
      from "legacy"."sessions" as original
      where original.ctid = "s"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'previous' then ("fix"."patch" ->> 'previous')::uuid else "t"."previous" end as "previous",
      case when "fix"."patch" ? 'agent' then ("fix"."patch" ->> 'agent')::text else "t"."agent" end as "agent"
    from "legacy"."sessions" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.sessions' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1"
    offset '0'
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

-- sessions: the key of the crosswalk
begin;
alter table "drover"."crosswalk_sessions" add primary key (source_key);
analyze "drover"."crosswalk_sessions";
commit;

-- sessions: the statistics of the target
begin;
analyze "app"."sessions";
commit;

-- sessions_pkey
begin;
CREATE UNIQUE INDEX sessions_pkey ON app.sessions USING btree (id);
commit;

-- sessions: close
begin;
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
    case when "row"."step_3.v5" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."ref_2.id")::uuid as "id",
    ("row"."ref_4.id")::uuid as "previous",
    case when "row"."step_3.v5" then array_remove(array[case when ("row"."ref_2.source_key" is not null and "row"."ref_2.id" is null) then 1 end, case when "row"."step_1.v1" is not null and "row"."ref_2.source_key" is null then 2 end, case when ("row"."ref_4.source_key" is not null and "row"."ref_4.id" is null) then 3 end, case when "row"."step_1.v3" is not null and "row"."ref_4.source_key" is null then 4 end, case when "row"."ref_4.id" is null then 5 end], null) end as "_reasons",
    "row"."s.ctid" as "_place"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."id" is null) or "row"."step_1.v1" is not null and "ref_2"."source_key" is null or ("ref_4"."source_key" is not null and "ref_4"."id" is null) or "row"."step_1.v3" is not null and "ref_4"."source_key" is null or "ref_4"."id" is null as "step_3.v5",
    "row"."step_1.v1" as "step_1.v1",
    "ref_2"."id" as "ref_2.id",
    "ref_4"."id" as "ref_4.id",
    "ref_2"."source_key" as "ref_2.source_key",
    "ref_4"."source_key" as "ref_4.source_key",
    "row"."step_1.v3" as "step_1.v3",
    "row"."s.ctid" as "s.ctid"
  from (
  select
    ("s"."id")::text as "step_1.v1",
    ("s"."previous")::text as "step_1.v3",
    "s"."ctid" as "s.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'previous' then ("fix"."patch" ->> 'previous')::uuid else "t"."previous" end as "previous",
      case when "fix"."patch" ? 'agent' then ("fix"."patch" ->> 'agent')::text else "t"."agent" end as "agent"
    from "legacy"."sessions" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.sessions' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::uuid)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::uuid))
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_sessions" as "ref_2" on "ref_2"."source_key" = "row"."step_1.v1" collate "C"
  left join "drover"."crosswalk_sessions" as "ref_4" on "ref_4"."source_key" = "row"."step_1.v3" collate "C"
  offset '0'
  ) as "row"
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
  quarantined = (select count(*) from quarantined),
  "merged" = 0,
  "matched" = 0,
  "excluded" = 0,
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
    (
      select to_jsonb("original".*)
      from "legacy"."sessions" as original
      where original.ctid = "s"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'previous' then ("fix"."patch" ->> 'previous')::uuid else "t"."previous" end as "previous",
      case when "fix"."patch" ? 'agent' then ("fix"."patch" ->> 'agent')::text else "t"."agent" end as "agent"
    from "legacy"."sessions" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.sessions' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1"
    offset '0'
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

-- continuations: the key of the crosswalk
begin;
alter table "drover"."crosswalk_continuations" add primary key (source_key);
analyze "drover"."crosswalk_continuations";
commit;

-- continuations: the statistics of the target
begin;
analyze "app"."continuations";
commit;

-- continuations: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."sessions";
-- target rows after
select count(*) as n from "app"."continuations";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."sessions" add constraint "sessions_pkey" primary key using index "sessions_pkey";
commit;

-- =================================================================================================
-- Foreign keys, when every mapping is closed. Each statement is a transaction.
-- =================================================================================================
-- foreign keys
begin;
alter table "app"."continuations" add constraint "continuations_id_fkey" FOREIGN KEY (id) REFERENCES app.sessions(id) not valid;
alter table "app"."continuations" add constraint "continuations_previous_fkey" FOREIGN KEY (previous) REFERENCES app.sessions(id) not valid;
alter table "app"."continuations" validate constraint "continuations_id_fkey";
alter table "app"."continuations" validate constraint "continuations_previous_fkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."sessions" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- sessions: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'sessions', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'previous' then ("fix"."patch" ->> 'previous')::uuid else "t"."previous" end as "previous",
      case when "fix"."patch" ? 'agent' then ("fix"."patch" ->> 'agent')::text else "t"."agent" end as "agent"
    from "legacy"."sessions" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.sessions' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_sessions" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("s"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.sessions')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."s.id")::uuid as "id",
    ("row"."s.agent")::text as "agent"
  from (
  select
    ("s"."id")::text as "step_1.v1",
    "s"."id" as "s.id",
    "s"."agent" as "s.agent"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'previous' then ("fix"."patch" ->> 'previous')::uuid else "t"."previous" end as "previous",
      case when "fix"."patch" ? 'agent' then ("fix"."patch" ->> 'agent')::text else "t"."agent" end as "agent"
    from "legacy"."sessions" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.sessions' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where "s"."id" in (select source_key::uuid from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'sessions' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_sessions" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."sessions" ("id", "agent")
  select "id", "agent"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_sessions" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'sessions' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'sessions' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'sessions' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'sessions', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'sessions', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_sessions" (like "app"."sessions", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."s.id")::uuid as "id",
    ("row"."s.agent")::text as "agent"
  from (
  select
    ("s"."id")::text as "step_1.v1",
    "s"."id" as "s.id",
    "s"."agent" as "s.agent"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'previous' then ("fix"."patch" ->> 'previous')::uuid else "t"."previous" end as "previous",
      case when "fix"."patch" ? 'agent' then ("fix"."patch" ->> 'agent')::text else "t"."agent" end as "agent"
    from "legacy"."sessions" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.sessions' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where "s"."id" in (select source_key::uuid from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'sessions' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_sessions" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."sessions" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."agent") is distinct from ("s"."agent"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_sessions" ("id", "agent", "drover_version")
  select "id", "agent", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."sessions" as t
  set "agent" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."agent" else "t"."agent" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'sessions', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('agent', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'sessions' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'sessions' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;

-- continuations: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'continuations', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'previous' then ("fix"."patch" ->> 'previous')::uuid else "t"."previous" end as "previous",
      case when "fix"."patch" ? 'agent' then ("fix"."patch" ->> 'agent')::text else "t"."agent" end as "agent"
    from "legacy"."sessions" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.sessions' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_continuations" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("s"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.sessions')))) as found
on conflict do nothing;
-- rows that refer to moved rows of sessions
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'continuations', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'previous' then ("fix"."patch" ->> 'previous')::uuid else "t"."previous" end as "previous",
      case when "fix"."patch" ? 'agent' then ("fix"."patch" ->> 'agent')::text else "t"."agent" end as "agent"
    from "legacy"."sessions" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.sessions' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1",
      ("s"."previous")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_continuations" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v1") collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'sessions' and purpose in ('moved') and not done) or ("step_1"."v2") collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'sessions' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'continuations' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of sessions
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'previous' then ("fix"."patch" ->> 'previous')::uuid else "t"."previous" end as "previous",
      case when "fix"."patch" ? 'agent' then ("fix"."patch" ->> 'agent')::text else "t"."agent" end as "agent"
    from "legacy"."sessions" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.sessions' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1",
      ("s"."previous")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_continuations" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v1") collate "C" = $2::text or ("step_1"."v2") collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'continuations' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_3.v5" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."ref_2.id")::uuid as "id",
    ("row"."ref_4.id")::uuid as "previous",
    case when "row"."step_3.v5" then array_remove(array[case when ("row"."ref_2.source_key" is not null and "row"."ref_2.id" is null) then 1 end, case when "row"."step_1.v1" is not null and "row"."ref_2.source_key" is null then 2 end, case when ("row"."ref_4.source_key" is not null and "row"."ref_4.id" is null) then 3 end, case when "row"."step_1.v3" is not null and "row"."ref_4.source_key" is null then 4 end, case when "row"."ref_4.id" is null then 5 end], null) end as "_reasons",
    "row"."s.ctid" as "_place"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."id" is null) or "row"."step_1.v1" is not null and "ref_2"."source_key" is null or ("ref_4"."source_key" is not null and "ref_4"."id" is null) or "row"."step_1.v3" is not null and "ref_4"."source_key" is null or "ref_4"."id" is null as "step_3.v5",
    "row"."step_1.v1" as "step_1.v1",
    "ref_2"."id" as "ref_2.id",
    "ref_4"."id" as "ref_4.id",
    "ref_2"."source_key" as "ref_2.source_key",
    "ref_4"."source_key" as "ref_4.source_key",
    "row"."step_1.v3" as "step_1.v3",
    "row"."s.ctid" as "s.ctid"
  from (
  select
    ("s"."id")::text as "step_1.v1",
    ("s"."previous")::text as "step_1.v3",
    "s"."ctid" as "s.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'previous' then ("fix"."patch" ->> 'previous')::uuid else "t"."previous" end as "previous",
      case when "fix"."patch" ? 'agent' then ("fix"."patch" ->> 'agent')::text else "t"."agent" end as "agent"
    from "legacy"."sessions" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.sessions' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where "s"."id" in (select source_key::uuid from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'continuations' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_sessions" as "ref_2" on "ref_2"."source_key" = "row"."step_1.v1" collate "C"
  left join "drover"."crosswalk_sessions" as "ref_4" on "ref_4"."source_key" = "row"."step_1.v3" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_continuations" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."continuations" ("id", "previous")
  select "id", "previous"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_continuations" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
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
  on conflict (run_id, mapping, source_key) do update
  set code = excluded.code, reasons = excluded.reasons, sqlstate = null, set_aside_at = excluded.set_aside_at
  returning 1
), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'continuations' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'continuations' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'continuations' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'continuations', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'continuations', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_continuations" (like "app"."continuations", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_3.v5" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."ref_2.id")::uuid as "id",
    ("row"."ref_4.id")::uuid as "previous",
    case when "row"."step_3.v5" then array_remove(array[case when ("row"."ref_2.source_key" is not null and "row"."ref_2.id" is null) then 1 end, case when "row"."step_1.v1" is not null and "row"."ref_2.source_key" is null then 2 end, case when ("row"."ref_4.source_key" is not null and "row"."ref_4.id" is null) then 3 end, case when "row"."step_1.v3" is not null and "row"."ref_4.source_key" is null then 4 end, case when "row"."ref_4.id" is null then 5 end], null) end as "_reasons"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."id" is null) or "row"."step_1.v1" is not null and "ref_2"."source_key" is null or ("ref_4"."source_key" is not null and "ref_4"."id" is null) or "row"."step_1.v3" is not null and "ref_4"."source_key" is null or "ref_4"."id" is null as "step_3.v5",
    "row"."step_1.v1" as "step_1.v1",
    "ref_2"."id" as "ref_2.id",
    "ref_4"."id" as "ref_4.id",
    "ref_2"."source_key" as "ref_2.source_key",
    "ref_4"."source_key" as "ref_4.source_key",
    "row"."step_1.v3" as "step_1.v3",
    "row"."s.ctid" as "s.ctid"
  from (
  select
    ("s"."id")::text as "step_1.v1",
    ("s"."previous")::text as "step_1.v3",
    "s"."ctid" as "s.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'previous' then ("fix"."patch" ->> 'previous')::uuid else "t"."previous" end as "previous",
      case when "fix"."patch" ? 'agent' then ("fix"."patch" ->> 'agent')::text else "t"."agent" end as "agent"
    from "legacy"."sessions" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.sessions' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where "s"."id" in (select source_key::uuid from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'continuations' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_sessions" as "ref_2" on "ref_2"."source_key" = "row"."step_1.v1" collate "C"
  left join "drover"."crosswalk_sessions" as "ref_4" on "ref_4"."source_key" = "row"."step_1.v3" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_continuations" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."continuations" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'sessions'] and s._stands = 'loaded') and ("existing"."id") is distinct from ("s"."id") or ($2::text[] && array['*', 'sessions'] and s._stands = 'loaded') and ("existing"."previous") is distinct from ("s"."previous"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_continuations" ("id", "previous", "drover_version")
  select "id", "previous", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."continuations" as t
  set "id" = case when ($2::text[] && array['*', 'sessions'] and s._stands = 'loaded') then "s"."id" else "t"."id" end,
    "previous" = case when ($2::text[] && array['*', 'sessions'] and s._stands = 'loaded') then "s"."previous" else "t"."previous" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key, "locked"."id" as "_old_id", "t"."id" as "_new_id"
), walked as (
  update "drover"."crosswalk_continuations" as entry
  set "id" = "updated"."_new_id"
  from updated
  where "entry"."id" = "updated"."_old_id"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'continuations', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('id', array['*', 'sessions']), ('previous', array['*', 'sessions'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'continuations' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'continuations' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
