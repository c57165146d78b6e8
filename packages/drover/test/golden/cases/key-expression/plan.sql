-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.links (2).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."links" as t offset '0') as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."pages" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."links" drop constraint "links_path_fkey";
alter table "app"."links" drop constraint "links_pkey";
commit;

-- =================================================================================================
-- 1. pages: legacy.pages → app.pages
-- =================================================================================================
-- pages: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_pages" (
  source_key text collate "C" not null,
  disposition text not null,
  "path" text
);
-- source rows
select count(*) as n from "legacy"."pages";
-- target rows before
select count(*) as n from "app"."pages";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select row_number() over (order by block) as number,
    case when block > 0 then array['(' || block || ',0)'] end as lower,
    step * n / greatest(blocks, 1) as rows
  from (
    select blocks, n, greatest(1, blocks * $2::bigint / greatest(n, 1)) as step
    from (
      select pg_relation_size('"legacy"."pages"'::regclass) / current_setting('block_size')::int as blocks,
        (select count(*) from "legacy"."pages") as n
    ) as size
  ) as cut
  cross join lateral generate_series(0, greatest(blocks - 1, 0), step) as block
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'pages', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- pages: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."pages" as "p"
  where ($3::text[] is null or ("p"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("p"."ctid") < (($4::text[])[1]::tid))
), s as materialized (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    (lower("row"."p.path" collate "C"))::text as "path",
    ("row"."p.visits")::int4 as "visits"
  from (
  select
    (lower("p"."path" collate "C"))::text as "step_1.v1",
    "p"."path" as "p.path",
    "p"."visits" as "p.visits"
  from "legacy"."pages" as "p"
  where ($3::text[] is null or ("p"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("p"."ctid") < (($4::text[])[1]::tid))
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."pages" ("path", "visits")
  select "path", "visits"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_pages" (source_key, disposition, "path")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."path" end
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
where run_id = $1::bigint and mapping = 'pages' and number = $2::bigint;
commit;

-- pages: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("p"."ctid")::text] as bound, row_number() over (order by "p"."ctid") as position, count(*) as rows
  from "legacy"."pages" as "p"
    where ($1::text[] is null or ("p"."ctid") >= (($1::text[])[1]::tid)) and ($2::text[] is null or ("p"."ctid") < (($2::text[])[1]::tid)) and "p"."ctid" is not null
  group by "p"."ctid"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- pages: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."pages" as "p"
  where ($3::text[] is null or ("p"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("p"."ctid") < (($4::text[])[1]::tid))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    to_jsonb("p".*) as original
  from "legacy"."pages" as "p"
  cross join lateral (
    select
      (lower("p"."path" collate "C"))::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("p"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("p"."ctid") < (($4::text[])[1]::tid))
), walked as (
  insert into "drover"."crosswalk_pages" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'pages', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'pages' and number = $2::bigint
returning quarantined;
commit;

-- pages: the key of the crosswalk
begin;
alter table "drover"."crosswalk_pages" add primary key (source_key);
analyze "drover"."crosswalk_pages";
commit;

-- pages: the statistics of the target
begin;
analyze "app"."pages";
commit;

-- pages: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."pages";
-- target rows after
select count(*) as n from "app"."pages";
commit;

-- =================================================================================================
-- 2. links: legacy.links → app.links
-- begins when pages is done
-- =================================================================================================
-- links: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_links" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."links";
-- target rows before
select count(*) as n from "app"."links";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."links" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."links")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'links', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- links: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."links" as "l"
  where ($3::text[] is null or ("l"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("l"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    'loaded' as "_disposition",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[case when "row"."step_3.v4" then 1 end, case when "row"."step_3.v5" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."l.id")::int4 as "id",
    ("row"."ref_3.path")::text as "path",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[("row"."step_1.v2")::text, ("row"."step_1.v2")::text]::text[] end as "_originals"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."path" is null) as "step_3.v4",
    "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."l.id" as "l.id",
    "ref_3"."path" as "ref_3.path",
    "row"."step_1.v2" as "step_1.v2"
  from (
  select
    (lower("l"."path" collate "C"))::text as "step_1.v2",
    ("l"."id")::text as "step_1.v1",
    "l"."id" as "l.id"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'path' then ("fix"."patch" ->> 'path')::text else "t"."path" end as "path"
    from "legacy"."links" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.links' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "l"
  where ($3::text[] is null or ("l"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("l"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_pages" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."links" ("id", "path")
  select "id", "path"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_links" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (select where false), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'links', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'path'), (2, 'dead-link', 'path')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'links' and number = $2::bigint;
commit;

-- links: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("l"."id")::text] as bound, row_number() over (order by "l"."id") as position, count(*) as rows
  from "legacy"."links" as "l"
    where ($1::text[] is null or ("l"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("l"."id") < (($2::text[])[1]::int4)) and "l"."id" is not null
  group by "l"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- links: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."links" as "l"
  where ($3::text[] is null or ("l"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("l"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."links" as original
      where original.ctid = "l"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'path' then ("fix"."patch" ->> 'path')::text else "t"."path" end as "path"
    from "legacy"."links" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.links' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "l"
  cross join lateral (
    select
      ("l"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("l"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("l"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_links" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'links', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'links' and number = $2::bigint
returning quarantined;
commit;

-- links: the key of the crosswalk
begin;
alter table "drover"."crosswalk_links" add primary key (source_key);
analyze "drover"."crosswalk_links";
commit;

-- links: the statistics of the target
begin;
analyze "app"."links";
commit;

-- links_pkey
begin;
CREATE UNIQUE INDEX links_pkey ON app.links USING btree (id);
commit;

-- links: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."links";
-- target rows after
select count(*) as n from "app"."links";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."links" add constraint "links_pkey" primary key using index "links_pkey";
commit;

-- =================================================================================================
-- Foreign keys, when every mapping is closed. Each statement is a transaction.
-- =================================================================================================
-- foreign keys
begin;
alter table "app"."links" add constraint "links_path_fkey" FOREIGN KEY (path) REFERENCES app.pages(path) not valid;
alter table "app"."links" validate constraint "links_path_fkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."links" as t offset '0') as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."pages" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- pages: mend
begin;
set constraints all immediate;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    (lower("row"."p.path" collate "C"))::text as "path",
    ("row"."p.visits")::int4 as "visits"
  from (
  select
    (lower("p"."path" collate "C"))::text as "step_1.v1",
    "p"."path" as "p.path",
    "p"."visits" as "p.visits"
  from "legacy"."pages" as "p"
  where ((lower("p"."path" collate "C"))::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'pages' and purpose in ('try') and not done)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_pages" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."pages" ("path", "visits")
  select "path", "visits"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_pages" as walked
  set disposition = "s"."_disposition", "path" = case "s"."_disposition" when 'loaded' then "s"."path" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'pages' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'pages' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'pages' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'pages', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'pages', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_pages" (like "app"."pages", "drover_version" bigint not null, primary key ("path"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."path" as "_walked_path"
  from (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    (lower("row"."p.path" collate "C"))::text as "path",
    ("row"."p.visits")::int4 as "visits"
  from (
  select
    (lower("p"."path" collate "C"))::text as "step_1.v1",
    "p"."path" as "p.path",
    "p"."visits" as "p.visits"
  from "legacy"."pages" as "p"
  where ((lower("p"."path" collate "C"))::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'pages' and purpose in ('change') and not done)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_pages" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."pages" as existing
  join s on "existing"."path" = "s"."_walked_path"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."visits") is distinct from ("s"."visits"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_pages" ("path", "visits", "drover_version")
  select "path", "visits", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."pages" as t
  set "visits" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."visits" else "t"."visits" end
  from s, locked
  where "t"."path" = "s"."_walked_path" and "locked"."path" = "t"."path"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'pages', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('visits', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'pages' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'pages' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;

-- links: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'links', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'path' then ("fix"."patch" ->> 'path')::text else "t"."path" end as "path"
    from "legacy"."links" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.links' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "l"
  cross join lateral (
    select
      ("l"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_links" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("l"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.links')))) as found
on conflict do nothing;
-- rows that refer to moved rows of pages
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'links', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'path' then ("fix"."patch" ->> 'path')::text else "t"."path" end as "path"
    from "legacy"."links" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.links' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "l"
  cross join lateral (
    select
      ("l"."id")::text as "v1",
      (lower("l"."path" collate "C"))::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_links" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'pages' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'links' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of pages
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'path' then ("fix"."patch" ->> 'path')::text else "t"."path" end as "path"
    from "legacy"."links" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.links' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "l"
  cross join lateral (
    select
      ("l"."id")::text as "v1",
      (lower("l"."path" collate "C"))::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_links" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'links' and q.source_key = walked.source_key and q.accepted_at is not null
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
    ("row"."l.id")::int4 as "id",
    ("row"."ref_3.path")::text as "path",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[("row"."step_1.v2")::text, ("row"."step_1.v2")::text]::text[] end as "_originals"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."path" is null) as "step_3.v4",
    "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."l.id" as "l.id",
    "ref_3"."path" as "ref_3.path",
    "row"."step_1.v2" as "step_1.v2"
  from (
  select
    (lower("l"."path" collate "C"))::text as "step_1.v2",
    ("l"."id")::text as "step_1.v1",
    "l"."id" as "l.id"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'path' then ("fix"."patch" ->> 'path')::text else "t"."path" end as "path"
    from "legacy"."links" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.links' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "l"
  where "l"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'links' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_pages" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_links" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."links" ("id", "path")
  select "id", "path"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_links" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'links' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'links' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'links' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'links', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'path'), (2, 'dead-link', 'path')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'links', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'links', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_links" (like "app"."links", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    'loaded' as "_disposition",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[case when "row"."step_3.v4" then 1 end, case when "row"."step_3.v5" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."l.id")::int4 as "id",
    ("row"."ref_3.path")::text as "path",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[("row"."step_1.v2")::text, ("row"."step_1.v2")::text]::text[] end as "_originals"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."path" is null) as "step_3.v4",
    "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."l.id" as "l.id",
    "ref_3"."path" as "ref_3.path",
    "row"."step_1.v2" as "step_1.v2"
  from (
  select
    (lower("l"."path" collate "C"))::text as "step_1.v2",
    ("l"."id")::text as "step_1.v1",
    "l"."id" as "l.id"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'path' then ("fix"."patch" ->> 'path')::text else "t"."path" end as "path"
    from "legacy"."links" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.links' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "l"
  where "l"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'links' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_pages" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_links" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."links" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'pages'] and s._stands = 'loaded') and ("existing"."path") is distinct from ("s"."path"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_links" ("id", "path", "drover_version")
  select "id", "path", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."links" as t
  set "path" = case when ($2::text[] && array['*', 'pages'] and s._stands = 'loaded') then "s"."path" else "t"."path" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'links', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('path', array['*', 'pages'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'links' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'links' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'links', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'path'), (2, 'dead-link', 'path')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
