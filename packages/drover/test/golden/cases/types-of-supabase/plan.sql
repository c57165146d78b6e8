-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.notes (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."notes" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."notes" drop constraint "notes_pkey";
commit;

-- =================================================================================================
-- 1. notes: legacy.notes → app.notes
-- =================================================================================================
-- notes: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_notes" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" uuid
);
-- source rows
select count(*) as n from "legacy"."notes";
-- target rows before
select count(*) as n from "app"."notes";
-- where sequence app.notes_number_seq stands
insert into drover.moved_sequence (run_id, sequence_schema, sequence_name, was_value, was_called, was_furthest)
select $1::bigint, 'app', 'notes_number_seq', s.last_value, s.is_called, f.furthest
from "app"."notes_number_seq" as s
cross join (select greatest((select trunc(max("number")::numeric) from "app"."notes")) as furthest) as f
on conflict (run_id, sequence_schema, sequence_name) do nothing;
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."notes" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."notes")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'notes', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- notes: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."notes" as "n"
  where ($3::text[] is null or ("n"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("n"."id") < (($4::text[])[1]::text))
), s as materialized (
  select
    case when "row"."step_2.v4" then 'quarantined' else 'loaded' end as "_disposition",
    ("row"."n.id")::text as "_key",
    ("row"."step_1.v2")::uuid as "id",
    ("row"."n.number")::int8 as "number",
    ("row"."n.author")::text as "author",
    ("row"."n.body")::text as "body",
    (case when "row"."n.stars" < 3 then 'sad' else 'glad' end)::"app"."mood" as "mood",
    ("row"."step_2.v3")::timestamptz as "written_at",
    case when "row"."step_2.v4" then array_remove(array[case when "row"."n.author" is null then 1 end, case when not "row"."step_1.v1" and not isfinite("row"."n.written") then 2 end, case when not "row"."step_1.v1" and isfinite("row"."n.written") then 3 end], null) end as "_reasons",
    "row"."n.ctid" as "_place"
  from (
  select
    "row"."n.author" is null or not "row"."step_1.v1" and not isfinite("row"."n.written") or not "row"."step_1.v1" and isfinite("row"."n.written") as "step_2.v4",
    "row"."n.id" as "n.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."n.number" as "n.number",
    "row"."n.author" as "n.author",
    "row"."n.body" as "n.body",
    "row"."n.stars" as "n.stars",
    case when "row"."step_1.v1" then ("row"."n.written") at time zone interval '0' end as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "row"."n.written" as "n.written",
    "row"."n.ctid" as "n.ctid"
  from (
  select
    "n"."author" as "n.author",
    "n"."written" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "step_1.v1",
    "n"."written" as "n.written",
    "n"."id" as "n.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to('notes:' || ("n"."id"), 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v2",
    "n"."number" as "n.number",
    "n"."body" as "n.body",
    "n"."stars" as "n.stars",
    "n"."ctid" as "n.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'author' then ("fix"."patch" ->> 'author')::text else "t"."author" end as "author",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::text else "t"."body" end as "body",
      case when "fix"."patch" ? 'written' then ("fix"."patch" ->> 'written')::timestamp else "t"."written" end as "written",
      case when "fix"."patch" ? 'number' then ("fix"."patch" ->> 'number')::int4 else "t"."number" end as "number",
      case when "fix"."patch" ? 'stars' then ("fix"."patch" ->> 'stars')::int4 else "t"."stars" end as "stars"
    from "legacy"."notes" as t
    left join "drover"."overlay" as fix on fix.migration = 'notes'
      and fix.relation = 'legacy.notes' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "n"
  where ($3::text[] is null or ("n"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("n"."id") < (($4::text[])[1]::text))
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."notes" ("id", "number", "author", "body", "mood", "written_at") overriding system value
  select "id", "number", "author", "body", "mood", "written_at"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_notes" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'notes', "s"."_key", $2::bigint,
    (array['no-author', 'not-finite', 'out-of-range'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-author', 'author'), (2, 'not-finite', 'written_at'), (3, 'out-of-range', 'written_at')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."notes" as original
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
where run_id = $1::bigint and mapping = 'notes' and number = $2::bigint;
commit;

-- notes: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("n"."id")::text] as bound, row_number() over (order by "n"."id") as position, count(*) as rows
  from "legacy"."notes" as "n"
    where ($1::text[] is null or ("n"."id") >= (($1::text[])[1]::text)) and ($2::text[] is null or ("n"."id") < (($2::text[])[1]::text)) and "n"."id" is not null
  group by "n"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- notes: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."notes" as "n"
  where ($3::text[] is null or ("n"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("n"."id") < (($4::text[])[1]::text))
), s as materialized (
  select ("n"."id")::text as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."notes" as original
      where original.ctid = "n"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'author' then ("fix"."patch" ->> 'author')::text else "t"."author" end as "author",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::text else "t"."body" end as "body",
      case when "fix"."patch" ? 'written' then ("fix"."patch" ->> 'written')::timestamp else "t"."written" end as "written",
      case when "fix"."patch" ? 'number' then ("fix"."patch" ->> 'number')::int4 else "t"."number" end as "number",
      case when "fix"."patch" ? 'stars' then ("fix"."patch" ->> 'stars')::int4 else "t"."stars" end as "stars"
    from "legacy"."notes" as t
    left join "drover"."overlay" as fix on fix.migration = 'notes'
      and fix.relation = 'legacy.notes' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "n"
  where ($3::text[] is null or ("n"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("n"."id") < (($4::text[])[1]::text))
), walked as (
  insert into "drover"."crosswalk_notes" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'notes', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'notes' and number = $2::bigint
returning quarantined;
commit;

-- notes: the key of the crosswalk
begin;
alter table "drover"."crosswalk_notes" add primary key (source_key);
analyze "drover"."crosswalk_notes";
commit;

-- notes: the statistics of the target
begin;
analyze "app"."notes";
commit;

-- notes_pkey
begin;
CREATE UNIQUE INDEX notes_pkey ON app.notes USING btree (id);
commit;

-- notes: close
begin;
-- what is checked late, now
set constraints all immediate;
-- sequence app.notes_number_seq ahead of the keys
select pg_catalog.setval('"app"."notes_number_seq"', f.furthest::bigint)
from "app"."notes_number_seq" as s
cross join (select greatest((select trunc(max("number")::numeric) from "app"."notes")) as furthest) as f
where f.furthest >= s.last_value + case when s.is_called then 1 else 0 end;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."notes";
-- target rows after
select count(*) as n from "app"."notes";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."notes" add constraint "notes_pkey" primary key using index "notes_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."notes" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- notes: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'notes', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'author' then ("fix"."patch" ->> 'author')::text else "t"."author" end as "author",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::text else "t"."body" end as "body",
      case when "fix"."patch" ? 'written' then ("fix"."patch" ->> 'written')::timestamp else "t"."written" end as "written",
      case when "fix"."patch" ? 'number' then ("fix"."patch" ->> 'number')::int4 else "t"."number" end as "number",
      case when "fix"."patch" ? 'stars' then ("fix"."patch" ->> 'stars')::int4 else "t"."stars" end as "stars"
    from "legacy"."notes" as t
    left join "drover"."overlay" as fix on fix.migration = 'notes'
      and fix.relation = 'legacy.notes' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "n"
  join "drover"."crosswalk_notes" as walked on walked.source_key = ("n"."id")::text collate "C"
  where walked.disposition <> 'quarantined' and ((("n"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'notes' and relation in ('legacy.notes')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_2.v4" then 'quarantined' else 'loaded' end as "_disposition",
    ("row"."n.id")::text as "_key",
    ("row"."step_1.v2")::uuid as "id",
    ("row"."n.number")::int8 as "number",
    ("row"."n.author")::text as "author",
    ("row"."n.body")::text as "body",
    (case when "row"."n.stars" < 3 then 'sad' else 'glad' end)::"app"."mood" as "mood",
    ("row"."step_2.v3")::timestamptz as "written_at",
    case when "row"."step_2.v4" then array_remove(array[case when "row"."n.author" is null then 1 end, case when not "row"."step_1.v1" and not isfinite("row"."n.written") then 2 end, case when not "row"."step_1.v1" and isfinite("row"."n.written") then 3 end], null) end as "_reasons",
    "row"."n.ctid" as "_place"
  from (
  select
    "row"."n.author" is null or not "row"."step_1.v1" and not isfinite("row"."n.written") or not "row"."step_1.v1" and isfinite("row"."n.written") as "step_2.v4",
    "row"."n.id" as "n.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."n.number" as "n.number",
    "row"."n.author" as "n.author",
    "row"."n.body" as "n.body",
    "row"."n.stars" as "n.stars",
    case when "row"."step_1.v1" then ("row"."n.written") at time zone interval '0' end as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "row"."n.written" as "n.written",
    "row"."n.ctid" as "n.ctid"
  from (
  select
    "n"."author" as "n.author",
    "n"."written" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "step_1.v1",
    "n"."written" as "n.written",
    "n"."id" as "n.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to('notes:' || ("n"."id"), 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v2",
    "n"."number" as "n.number",
    "n"."body" as "n.body",
    "n"."stars" as "n.stars",
    "n"."ctid" as "n.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'author' then ("fix"."patch" ->> 'author')::text else "t"."author" end as "author",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::text else "t"."body" end as "body",
      case when "fix"."patch" ? 'written' then ("fix"."patch" ->> 'written')::timestamp else "t"."written" end as "written",
      case when "fix"."patch" ? 'number' then ("fix"."patch" ->> 'number')::int4 else "t"."number" end as "number",
      case when "fix"."patch" ? 'stars' then ("fix"."patch" ->> 'stars')::int4 else "t"."stars" end as "stars"
    from "legacy"."notes" as t
    left join "drover"."overlay" as fix on fix.migration = 'notes'
      and fix.relation = 'legacy.notes' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "n"
  where "n"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'notes' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_notes" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."notes" ("id", "number", "author", "body", "mood", "written_at") overriding system value
  select "id", "number", "author", "body", "mood", "written_at"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_notes" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'notes', "s"."_key", $2::bigint,
    (array['no-author', 'not-finite', 'out-of-range'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-author', 'author'), (2, 'not-finite', 'written_at'), (3, 'out-of-range', 'written_at')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."notes" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'notes' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'notes' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'notes' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'notes', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'notes', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_notes" (like "app"."notes", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_2.v4" then 'quarantined' else 'loaded' end as "_disposition",
    ("row"."n.id")::text as "_key",
    ("row"."step_1.v2")::uuid as "id",
    ("row"."n.number")::int8 as "number",
    ("row"."n.author")::text as "author",
    ("row"."n.body")::text as "body",
    (case when "row"."n.stars" < 3 then 'sad' else 'glad' end)::"app"."mood" as "mood",
    ("row"."step_2.v3")::timestamptz as "written_at",
    case when "row"."step_2.v4" then array_remove(array[case when "row"."n.author" is null then 1 end, case when not "row"."step_1.v1" and not isfinite("row"."n.written") then 2 end, case when not "row"."step_1.v1" and isfinite("row"."n.written") then 3 end], null) end as "_reasons"
  from (
  select
    "row"."n.author" is null or not "row"."step_1.v1" and not isfinite("row"."n.written") or not "row"."step_1.v1" and isfinite("row"."n.written") as "step_2.v4",
    "row"."n.id" as "n.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."n.number" as "n.number",
    "row"."n.author" as "n.author",
    "row"."n.body" as "n.body",
    "row"."n.stars" as "n.stars",
    case when "row"."step_1.v1" then ("row"."n.written") at time zone interval '0' end as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "row"."n.written" as "n.written",
    "row"."n.ctid" as "n.ctid"
  from (
  select
    "n"."author" as "n.author",
    "n"."written" between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00' as "step_1.v1",
    "n"."written" as "n.written",
    "n"."id" as "n.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to('notes:' || ("n"."id"), 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v2",
    "n"."number" as "n.number",
    "n"."body" as "n.body",
    "n"."stars" as "n.stars",
    "n"."ctid" as "n.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'author' then ("fix"."patch" ->> 'author')::text else "t"."author" end as "author",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::text else "t"."body" end as "body",
      case when "fix"."patch" ? 'written' then ("fix"."patch" ->> 'written')::timestamp else "t"."written" end as "written",
      case when "fix"."patch" ? 'number' then ("fix"."patch" ->> 'number')::int4 else "t"."number" end as "number",
      case when "fix"."patch" ? 'stars' then ("fix"."patch" ->> 'stars')::int4 else "t"."stars" end as "stars"
    from "legacy"."notes" as t
    left join "drover"."overlay" as fix on fix.migration = 'notes'
      and fix.relation = 'legacy.notes' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "n"
  where "n"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'notes' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_notes" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."notes" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."number") is distinct from ("s"."number") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."author") is distinct from ("s"."author") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."body") is distinct from ("s"."body") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."mood") is distinct from ("s"."mood") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."written_at") is distinct from ("s"."written_at"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_notes" ("id", "number", "author", "body", "mood", "written_at", "drover_version")
  select "id", "number", "author", "body", "mood", "written_at", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."notes" as t
  set "number" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."number" else "t"."number" end,
    "author" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."author" else "t"."author" end,
    "body" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."body" else "t"."body" end,
    "mood" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."mood" else "t"."mood" end,
    "written_at" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."written_at" else "t"."written_at" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'notes', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('number', array['*']), ('author', array['*']), ('body', array['*']), ('mood', array['*']), ('written_at', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'notes' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'notes' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
