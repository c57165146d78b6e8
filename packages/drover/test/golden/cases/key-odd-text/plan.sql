-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.things (3).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."things" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."things" drop constraint "things_next_fkey";
alter table "app"."things" drop constraint "things_pkey";
alter table "app"."things" drop constraint "things_name_key";
commit;

-- =================================================================================================
-- 1. things: legacy.things → app.things
-- =================================================================================================
-- things: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_things" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" uuid
);
-- source rows
select count(*) as n from "legacy"."things";
-- target rows before
select count(*) as n from "app"."things";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."things" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."things")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'things', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- things: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."things" as "t"
  where ($3::text[] is null or ("t"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("t"."id") < (($4::text[])[1]::text))
), s as materialized (
  select
    'loaded' as "_disposition",
    ("row"."t.id")::text as "_key",
    ("row"."step_1.v1")::uuid as "id",
    ("row"."t.id")::text as "name",
    null::uuid as "next"
  from (
  select
    "t"."id" as "t.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("t"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v1"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'next' then ("fix"."patch" ->> 'next')::text else "t"."next" end as "next"
    from "legacy"."things" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.things' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  where ($3::text[] is null or ("t"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("t"."id") < (($4::text[])[1]::text))
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."things" ("id", "name", "next")
  select "id", "name", "next"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_things" (source_key, disposition, "id")
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
where run_id = $1::bigint and mapping = 'things' and number = $2::bigint;
commit;

-- things: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("t"."id")::text] as bound, row_number() over (order by "t"."id") as position, count(*) as rows
  from "legacy"."things" as "t"
    where ($1::text[] is null or ("t"."id") >= (($1::text[])[1]::text)) and ($2::text[] is null or ("t"."id") < (($2::text[])[1]::text)) and "t"."id" is not null
  group by "t"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- things: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."things" as "t"
  where ($3::text[] is null or ("t"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("t"."id") < (($4::text[])[1]::text))
), s as materialized (
  select ("t"."id")::text as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."things" as original
      where original.ctid = "t"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'next' then ("fix"."patch" ->> 'next')::text else "t"."next" end as "next"
    from "legacy"."things" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.things' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  where ($3::text[] is null or ("t"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("t"."id") < (($4::text[])[1]::text))
), walked as (
  insert into "drover"."crosswalk_things" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'things', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'things' and number = $2::bigint
returning quarantined;
commit;

-- things: the key of the crosswalk
begin;
alter table "drover"."crosswalk_things" add primary key (source_key);
analyze "drover"."crosswalk_things";
commit;

-- things: the statistics of the target
begin;
analyze "app"."things";
commit;

-- things_name_key
begin;
CREATE UNIQUE INDEX things_name_key ON app.things USING btree (name);
commit;

-- things_name_key: where rows of things break it, these are moved, and it is made again
begin;
-- $2 here: the entry that adjusts the counts
with clash as materialized (
  select "t"."name"
  from "app"."things" as t
  where "t"."name" is not null
  group by "t"."name"
  having count(*) > 1
), ranked as (
  select walked.source_key as _source_key, "t"."id",
    row_number() over (
      partition by "t"."name"
      order by walked.source_key is not null, walked.source_key collate "C"
    ) as _place
  from "app"."things" as t
  join clash on "clash"."name" = "t"."name"
  left join "drover"."crosswalk_things" as walked on "walked"."id" = "t"."id" and "walked"."disposition" = 'loaded'
  
), moved as materialized (
  select *
  from ranked
  where _place > 1 and _source_key is not null
), deleted as (
  delete from "app"."things" as t
  using moved
  where "t"."id" = "moved"."id"
  returning 1
), walked as (
  update "drover"."crosswalk_things" as walked
  set disposition = 'quarantined', "id" = null
  from moved
  where walked.source_key = moved._source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'things', ("t"."id")::text, $2::bigint, 'error-23505', '[{"code":"error-23505","column":"name","table":"app.things","constraint":"things_name_key"}]'::jsonb, (
      select to_jsonb("original".*)
      from "legacy"."things" as original
      where original.ctid = "t"."ctid"
    ), '23505'
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'next' then ("fix"."patch" ->> 'next')::text else "t"."next" end as "next"
    from "legacy"."things" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.things' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  where ("t"."id")::text collate "C" in (select _source_key from moved)
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'things', $2::bigint, 'adjustment', 'done', 0, -n, 0, 0, n, 0, clock_timestamp()
from (select count(*) as n from deleted) as moved
where n > 0
returning number;
commit;

-- things_pkey
begin;
CREATE UNIQUE INDEX things_pkey ON app.things USING btree (id);
commit;

-- things: close
begin;
-- what is checked late, now
set constraints all immediate;
-- rows whose reference leads nowhere. Repeated until no row is left. $2 here: the entry that adjusts the counts
with s as materialized (
  select
    case when "step_2"."v2" then 'quarantined' else 'loaded' end as "_disposition",
    ("t"."id")::text as "_key",
    ("ref_1"."id")::uuid as "next",
    case when "step_2"."v2" then array_remove(array[case when ("ref_1"."source_key" is not null and "ref_1"."id" is null) then 1 end, case when ("t"."next")::text is not null and "ref_1"."source_key" is null then 2 end], null) end as "_reasons",
    "t"."ctid" as "_place",
    "walked"."id" as "_walked_id"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'next' then ("fix"."patch" ->> 'next')::text else "t"."next" end as "next"
    from "legacy"."things" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.things' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  left join "drover"."crosswalk_things" as "ref_1" on "ref_1"."source_key" = ("t"."next")::text collate "C"
  cross join lateral (
    select
      ("ref_1"."source_key" is not null and "ref_1"."id" is null) or ("t"."next")::text is not null and "ref_1"."source_key" is null as "v2"
    offset '0'
  ) as "step_2"
  join "drover"."crosswalk_things" as walked on walked.source_key = ("t"."id")::text collate "C"
  where walked.disposition = 'loaded'
), deleted as (
  delete from "app"."things" as t
  using s
  where "s"."_disposition" = 'quarantined' and "t"."id" = "s"."_walked_id"
), walked as (
  update "drover"."crosswalk_things" as walked
  set disposition = 'quarantined', "id" = null
  from s
  where "s"."_disposition" = 'quarantined' and walked.source_key = "s"."_key"
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'things', "s"."_key", $2::bigint,
    (array['waiting', 'orphan'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'next'), (2, 'orphan', 'next')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."things" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'things', $2::bigint, 'adjustment', 'done', 0, -n, 0, 0, n, 0, clock_timestamp()
from (select count(*) as n from quarantined) as moved
where n > 0
returning number;
-- references of things that close a circle
with s as materialized (
  select
    case when "step_2"."v2" then 'quarantined' else 'loaded' end as "_disposition",
    ("t"."id")::text as "_key",
    ("ref_1"."id")::uuid as "next",
    case when "step_2"."v2" then array_remove(array[case when ("ref_1"."source_key" is not null and "ref_1"."id" is null) then 1 end, case when ("t"."next")::text is not null and "ref_1"."source_key" is null then 2 end], null) end as "_reasons",
    "t"."ctid" as "_place",
    "walked"."id" as "_walked_id"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'next' then ("fix"."patch" ->> 'next')::text else "t"."next" end as "next"
    from "legacy"."things" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.things' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  left join "drover"."crosswalk_things" as "ref_1" on "ref_1"."source_key" = ("t"."next")::text collate "C"
  cross join lateral (
    select
      ("ref_1"."source_key" is not null and "ref_1"."id" is null) or ("t"."next")::text is not null and "ref_1"."source_key" is null as "v2"
    offset '0'
  ) as "step_2"
  join "drover"."crosswalk_things" as walked on walked.source_key = ("t"."id")::text collate "C"
  where walked.disposition = 'loaded'
)
update "app"."things" as t
set "next" = "s"."next"
from s
where ("s"."next" is not null) and "t"."id" = "s"."_walked_id"
  and exists (select from drover.run where id = $1::bigint);
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."things";
-- target rows after
select count(*) as n from "app"."things";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."things" add constraint "things_name_key" unique using index "things_name_key";
alter table "app"."things" add constraint "things_pkey" primary key using index "things_pkey";
commit;

-- =================================================================================================
-- Foreign keys, when every mapping is closed. Each statement is a transaction.
-- =================================================================================================
-- foreign keys
begin;
alter table "app"."things" add constraint "things_next_fkey" FOREIGN KEY (next) REFERENCES app.things(id) not valid;
alter table "app"."things" validate constraint "things_next_fkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."things" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- things: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'things', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'next' then ("fix"."patch" ->> 'next')::text else "t"."next" end as "next"
    from "legacy"."things" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.things' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  join "drover"."crosswalk_things" as walked on walked.source_key = ("t"."id")::text collate "C"
  where walked.disposition <> 'quarantined' and ((("t"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.things')))) as found
on conflict do nothing;
-- rows that refer to moved rows of things
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'things', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'next' then ("fix"."patch" ->> 'next')::text else "t"."next" end as "next"
    from "legacy"."things" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.things' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  join "drover"."crosswalk_things" as walked on walked.source_key = ("t"."id")::text collate "C"
  where ((("t"."next")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'things' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'things' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of things
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'next' then ("fix"."patch" ->> 'next')::text else "t"."next" end as "next"
    from "legacy"."things" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.things' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  join "drover"."crosswalk_things" as walked on walked.source_key = ("t"."id")::text collate "C"
  where ((("t"."next")::text) collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'things' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    ("row"."t.id")::text as "_key",
    ("row"."step_1.v1")::uuid as "id",
    ("row"."t.id")::text as "name",
    null::uuid as "next"
  from (
  select
    "t"."id" as "t.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("t"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v1"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'next' then ("fix"."patch" ->> 'next')::text else "t"."next" end as "next"
    from "legacy"."things" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.things' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  where "t"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'things' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_things" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."things" ("id", "name", "next")
  select "id", "name", "next"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_things" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'things' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'things' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'things' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'things', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'things', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_things" (like "app"."things", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_2.v2" then 'quarantined' else 'loaded' end as "_disposition",
    ("row"."t.id")::text as "_key",
    ("row"."ref_1.id")::uuid as "next",
    case when "row"."step_2.v2" then array_remove(array[case when ("row"."ref_1.source_key" is not null and "row"."ref_1.id" is null) then 1 end, case when ("row"."t.next")::text is not null and "row"."ref_1.source_key" is null then 2 end], null) end as "_reasons"
  from (
  select
    ("ref_1"."source_key" is not null and "ref_1"."id" is null) or ("t"."next")::text is not null and "ref_1"."source_key" is null as "step_2.v2",
    "t"."id" as "t.id",
    "ref_1"."id" as "ref_1.id",
    "ref_1"."source_key" as "ref_1.source_key",
    "t"."next" as "t.next",
    "t"."ctid" as "t.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'next' then ("fix"."patch" ->> 'next')::text else "t"."next" end as "next"
    from "legacy"."things" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.things' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  left join "drover"."crosswalk_things" as "ref_1" on "ref_1"."source_key" = ("t"."next")::text collate "C"
  where "t"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'things' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_things" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."things" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'things'] and s._stands = 'loaded') and ("existing"."next") is distinct from ("s"."next"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_things" ("id", "name", "next", "drover_version")
  select "id", "name", "next", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."things" as t
  set "next" = case when ($2::text[] && array['*', 'things'] and s._stands = 'loaded') then "s"."next" else "t"."next" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'things', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('next', array['*', 'things'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'things' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'things' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
