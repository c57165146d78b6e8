-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.events (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."events" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."events" drop constraint "events_pkey";
commit;

-- =================================================================================================
-- 1. events: legacy.events → app.events
-- =================================================================================================
-- events: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_events" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."events";
-- target rows before
select count(*) as n from "app"."events";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."events" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."events")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'events', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- events: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."events" as "e"
  where ($3::text[] is null or ("e"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("e"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_2.v4" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."e.id")::int4 as "id",
    ("row"."e.kind")::text as "kind",
    ("row"."step_2.v3")::jsonb as "body",
    case when "row"."step_2.v4" then array_remove(array[case when "row"."e.kind" is null then 1 end, case when not "row"."step_1.v2" then 2 end], null) end as "_reasons",
    "row"."e.ctid" as "_place"
  from (
  select
    "row"."e.kind" is null or not "row"."step_1.v2" as "step_2.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."e.id" as "e.id",
    "row"."e.kind" as "e.kind",
    case when "row"."step_1.v2" then ("row"."e.body")::text::jsonb end as "step_2.v3",
    "row"."step_1.v2" as "step_1.v2",
    "row"."e.ctid" as "e.ctid"
  from (
  select
    "e"."kind" as "e.kind",
    case
      when octet_length(("e"."body")::text) <= 16777216 then case when case
        when length(("e"."body")::text) - length(translate(("e"."body")::text, '[{', '')) <= 512 then true
        else (
          select coalesce(max(depth), 0) <= 512
          from (
            select sum(case when sign in ('[', '{') then 1 else -1 end) over (order by position) as depth
            from unnest(string_to_array(regexp_replace(regexp_replace(((("e"."body")::text)::text collate "default"), '"(?:[^"\\]|\\.)*"', '', 'g'), '[^][{}]+', '', 'g'), null)) with ordinality as bracket (sign, position)
          ) as nested
        )
      end then pg_input_is_valid(("e"."body")::text, 'pg_catalog.jsonb') else false end
      when "e"."body" is not null then false
    end as "step_1.v2",
    ("e"."id")::text as "step_1.v1",
    "e"."id" as "e.id",
    "e"."body" as "e.body",
    "e"."ctid" as "e.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'kind' then ("fix"."patch" ->> 'kind')::text else "t"."kind" end as "kind",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::json else "t"."body" end as "body",
      case when "fix"."patch" ? 'parts' then ("fix"."patch" ->> 'parts')::json[] else "t"."parts" end as "parts",
      case when "fix"."patch" ? 'token' then ("fix"."patch" ->> 'token')::text else "t"."token" end as "token"
    from "legacy"."events" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.events' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "e"
  where ($3::text[] is null or ("e"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("e"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."events" ("id", "kind", "body")
  select "id", "kind", "body"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_events" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'events', "s"."_key", $2::bigint,
    (array['no-kind', 'not-json'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-kind', 'kind'), (2, 'not-json', 'body')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select (select to_jsonb(kept.*) from (select "original"."id", "original"."kind", "original"."body"::text as "body", "original"."parts"::text as "parts") as kept)
      from "legacy"."events" as original
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
where run_id = $1::bigint and mapping = 'events' and number = $2::bigint;
commit;

-- events: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("e"."id")::text] as bound, row_number() over (order by "e"."id") as position, count(*) as rows
  from "legacy"."events" as "e"
    where ($1::text[] is null or ("e"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("e"."id") < (($2::text[])[1]::int4)) and "e"."id" is not null
  group by "e"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- events: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."events" as "e"
  where ($3::text[] is null or ("e"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("e"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select (select to_jsonb(kept.*) from (select "original"."id", "original"."kind", "original"."body"::text as "body", "original"."parts"::text as "parts") as kept)
      from "legacy"."events" as original
      where original.ctid = "e"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'kind' then ("fix"."patch" ->> 'kind')::text else "t"."kind" end as "kind",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::json else "t"."body" end as "body",
      case when "fix"."patch" ? 'parts' then ("fix"."patch" ->> 'parts')::json[] else "t"."parts" end as "parts",
      case when "fix"."patch" ? 'token' then ("fix"."patch" ->> 'token')::text else "t"."token" end as "token"
    from "legacy"."events" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.events' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "e"
  cross join lateral (
    select
      ("e"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("e"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("e"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_events" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'events', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'events' and number = $2::bigint
returning quarantined;
commit;

-- events: the key of the crosswalk
begin;
alter table "drover"."crosswalk_events" add primary key (source_key);
analyze "drover"."crosswalk_events";
commit;

-- events: the statistics of the target
begin;
analyze "app"."events";
commit;

-- events_pkey
begin;
CREATE UNIQUE INDEX events_pkey ON app.events USING btree (id);
commit;

-- events: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."events";
-- target rows after
select count(*) as n from "app"."events";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."events" add constraint "events_pkey" primary key using index "events_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."events" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- events: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'events', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'kind' then ("fix"."patch" ->> 'kind')::text else "t"."kind" end as "kind",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::json else "t"."body" end as "body",
      case when "fix"."patch" ? 'parts' then ("fix"."patch" ->> 'parts')::json[] else "t"."parts" end as "parts",
      case when "fix"."patch" ? 'token' then ("fix"."patch" ->> 'token')::text else "t"."token" end as "token"
    from "legacy"."events" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.events' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "e"
  cross join lateral (
    select
      ("e"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_events" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("e"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.events')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_2.v4" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."e.id")::int4 as "id",
    ("row"."e.kind")::text as "kind",
    ("row"."step_2.v3")::jsonb as "body",
    case when "row"."step_2.v4" then array_remove(array[case when "row"."e.kind" is null then 1 end, case when not "row"."step_1.v2" then 2 end], null) end as "_reasons",
    "row"."e.ctid" as "_place"
  from (
  select
    "row"."e.kind" is null or not "row"."step_1.v2" as "step_2.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."e.id" as "e.id",
    "row"."e.kind" as "e.kind",
    case when "row"."step_1.v2" then ("row"."e.body")::text::jsonb end as "step_2.v3",
    "row"."step_1.v2" as "step_1.v2",
    "row"."e.ctid" as "e.ctid"
  from (
  select
    "e"."kind" as "e.kind",
    case
      when octet_length(("e"."body")::text) <= 16777216 then case when case
        when length(("e"."body")::text) - length(translate(("e"."body")::text, '[{', '')) <= 512 then true
        else (
          select coalesce(max(depth), 0) <= 512
          from (
            select sum(case when sign in ('[', '{') then 1 else -1 end) over (order by position) as depth
            from unnest(string_to_array(regexp_replace(regexp_replace(((("e"."body")::text)::text collate "default"), '"(?:[^"\\]|\\.)*"', '', 'g'), '[^][{}]+', '', 'g'), null)) with ordinality as bracket (sign, position)
          ) as nested
        )
      end then pg_input_is_valid(("e"."body")::text, 'pg_catalog.jsonb') else false end
      when "e"."body" is not null then false
    end as "step_1.v2",
    ("e"."id")::text as "step_1.v1",
    "e"."id" as "e.id",
    "e"."body" as "e.body",
    "e"."ctid" as "e.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'kind' then ("fix"."patch" ->> 'kind')::text else "t"."kind" end as "kind",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::json else "t"."body" end as "body",
      case when "fix"."patch" ? 'parts' then ("fix"."patch" ->> 'parts')::json[] else "t"."parts" end as "parts",
      case when "fix"."patch" ? 'token' then ("fix"."patch" ->> 'token')::text else "t"."token" end as "token"
    from "legacy"."events" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.events' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "e"
  where "e"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'events' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_events" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."events" ("id", "kind", "body")
  select "id", "kind", "body"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_events" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'events', "s"."_key", $2::bigint,
    (array['no-kind', 'not-json'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-kind', 'kind'), (2, 'not-json', 'body')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select (select to_jsonb(kept.*) from (select "original"."id", "original"."kind", "original"."body"::text as "body", "original"."parts"::text as "parts") as kept)
      from "legacy"."events" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'events' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'events' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'events' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'events', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'events', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_events" (like "app"."events", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_2.v4" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."e.id")::int4 as "id",
    ("row"."e.kind")::text as "kind",
    ("row"."step_2.v3")::jsonb as "body",
    case when "row"."step_2.v4" then array_remove(array[case when "row"."e.kind" is null then 1 end, case when not "row"."step_1.v2" then 2 end], null) end as "_reasons"
  from (
  select
    "row"."e.kind" is null or not "row"."step_1.v2" as "step_2.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."e.id" as "e.id",
    "row"."e.kind" as "e.kind",
    case when "row"."step_1.v2" then ("row"."e.body")::text::jsonb end as "step_2.v3",
    "row"."step_1.v2" as "step_1.v2",
    "row"."e.ctid" as "e.ctid"
  from (
  select
    "e"."kind" as "e.kind",
    case
      when octet_length(("e"."body")::text) <= 16777216 then case when case
        when length(("e"."body")::text) - length(translate(("e"."body")::text, '[{', '')) <= 512 then true
        else (
          select coalesce(max(depth), 0) <= 512
          from (
            select sum(case when sign in ('[', '{') then 1 else -1 end) over (order by position) as depth
            from unnest(string_to_array(regexp_replace(regexp_replace(((("e"."body")::text)::text collate "default"), '"(?:[^"\\]|\\.)*"', '', 'g'), '[^][{}]+', '', 'g'), null)) with ordinality as bracket (sign, position)
          ) as nested
        )
      end then pg_input_is_valid(("e"."body")::text, 'pg_catalog.jsonb') else false end
      when "e"."body" is not null then false
    end as "step_1.v2",
    ("e"."id")::text as "step_1.v1",
    "e"."id" as "e.id",
    "e"."body" as "e.body",
    "e"."ctid" as "e.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'kind' then ("fix"."patch" ->> 'kind')::text else "t"."kind" end as "kind",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::json else "t"."body" end as "body",
      case when "fix"."patch" ? 'parts' then ("fix"."patch" ->> 'parts')::json[] else "t"."parts" end as "parts",
      case when "fix"."patch" ? 'token' then ("fix"."patch" ->> 'token')::text else "t"."token" end as "token"
    from "legacy"."events" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.events' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "e"
  where "e"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'events' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_events" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."events" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."kind") is distinct from ("s"."kind") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."body") is distinct from ("s"."body"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_events" ("id", "kind", "body", "drover_version")
  select "id", "kind", "body", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."events" as t
  set "kind" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."kind" else "t"."kind" end,
    "body" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."body" else "t"."body" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'events', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('kind', array['*']), ('body', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'events' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'events' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
