-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.folders (1), app.documents (2).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
create trigger "drover_frozen"
before insert or update or delete or truncate on "legacy"."documents"
for each statement execute function drover.refuse_write();
alter table "legacy"."documents" enable always trigger "drover_frozen";
create trigger "drover_frozen"
before insert or update or delete or truncate on "legacy"."folders"
for each statement execute function drover.refuse_write();
alter table "legacy"."folders" enable always trigger "drover_frozen";
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."documents" drop constraint "documents_folder_fkey";
alter table "app"."documents" drop constraint "documents_pkey";
alter table "app"."folders" drop constraint "folders_pkey";
commit;

-- =================================================================================================
-- 1. folders: legacy.folders → app.folders
-- =================================================================================================
-- folders: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_folders" (
  source_key text collate "C" not null,
  disposition text not null,
  "name" text
);
-- source rows
select count(*) as n from "legacy"."folders";
-- target rows before
select count(*) as n from "app"."folders";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select row_number() over (order by block) as number,
    case when block > 0 then array['(' || block || ',0)'] end as lower,
    step * n / greatest(blocks, 1) as rows
  from (
    select blocks, n, greatest(1, blocks * $2::bigint / greatest(n, 1)) as step
    from (
      select pg_relation_size('"legacy"."folders"'::regclass) / current_setting('block_size')::int as blocks,
        (select count(*) from "legacy"."folders") as n
    ) as size
  ) as cut
  cross join lateral generate_series(0, greatest(blocks - 1, 0), step) as block
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'folders', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- folders: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the table must not be rewritten meanwhile
lock table "legacy"."folders" in access share mode;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."folders" as "f"
  where ($3::text[] is null or ("f"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("f"."ctid") < (($4::text[])[1]::tid))
), s as materialized (
  select
    'loaded' as "_disposition",
    ("f"."name")::text as "_key",
    ("f"."name")::text as "name"
  from (
    select "t"."ctid",
      "t"."name",
      case when "fix"."patch" ? 'parent' then ("fix"."patch" ->> 'parent')::text else "t"."parent" end as "parent"
    from "legacy"."folders" as t
    left join "drover"."overlay" as fix on fix.migration = 'archive'
      and fix.relation = 'legacy.folders' and fix.row_key = (("t"."name")::text) collate "C"
  ) as "f"
  where ($3::text[] is null or ("f"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("f"."ctid") < (($4::text[])[1]::tid))
), loaded as (
  insert into "app"."folders" ("name")
  select "name"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_folders" (source_key, disposition, "name")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."name" end
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
where run_id = $1::bigint and mapping = 'folders' and number = $2::bigint;
commit;

-- folders: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("f"."ctid")::text] as bound, row_number() over (order by "f"."ctid") as position, count(*) as rows
  from "legacy"."folders" as "f"
    where ($1::text[] is null or ("f"."ctid") >= (($1::text[])[1]::tid)) and ($2::text[] is null or ("f"."ctid") < (($2::text[])[1]::tid)) and "f"."ctid" is not null
  group by "f"."ctid"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- folders: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."folders" as "f"
  where ($3::text[] is null or ("f"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("f"."ctid") < (($4::text[])[1]::tid))
), s as materialized (
  select ("f"."name")::text as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."folders" as original
      where original.ctid = "f"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."name",
      case when "fix"."patch" ? 'parent' then ("fix"."patch" ->> 'parent')::text else "t"."parent" end as "parent"
    from "legacy"."folders" as t
    left join "drover"."overlay" as fix on fix.migration = 'archive'
      and fix.relation = 'legacy.folders' and fix.row_key = (("t"."name")::text) collate "C"
  ) as "f"
  where ($3::text[] is null or ("f"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("f"."ctid") < (($4::text[])[1]::tid))
), walked as (
  insert into "drover"."crosswalk_folders" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'folders', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'folders' and number = $2::bigint
returning quarantined;
commit;

-- folders: the key of the crosswalk
begin;
alter table "drover"."crosswalk_folders" add primary key (source_key);
analyze "drover"."crosswalk_folders";
commit;

-- folders: the statistics of the target
begin;
analyze "app"."folders";
commit;

-- folders_pkey
begin;
CREATE UNIQUE INDEX folders_pkey ON app.folders USING btree (name);
commit;

-- folders: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."folders";
-- target rows after
select count(*) as n from "app"."folders";
commit;

-- =================================================================================================
-- 2. documents: legacy.documents → app.documents
-- begins when folders is done
-- =================================================================================================
-- documents: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_documents" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" text
);
-- source rows
select count(*) as n from "legacy"."documents";
-- target rows before
select count(*) as n from "app"."documents";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select row_number() over (order by block) as number,
    case when block > 0 then array['(' || block || ',0)'] end as lower,
    step * n / greatest(blocks, 1) as rows
  from (
    select blocks, n, greatest(1, blocks * $2::bigint / greatest(n, 1)) as step
    from (
      select pg_relation_size('"legacy"."documents"'::regclass) / current_setting('block_size')::int as blocks,
        (select count(*) from "legacy"."documents") as n
    ) as size
  ) as cut
  cross join lateral generate_series(0, greatest(blocks - 1, 0), step) as block
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'documents', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- documents: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the table must not be rewritten meanwhile
lock table "legacy"."documents" in access share mode;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."documents" as "d"
  where ($3::text[] is null or ("d"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("d"."ctid") < (($4::text[])[1]::tid))
), s as materialized (
  select
    case when "row"."step_2.v2" then 'quarantined' else 'loaded' end as "_disposition",
    ("row"."d.id")::text as "_key",
    ("row"."d.id")::text as "id",
    ("row"."ref_1.name")::text as "folder",
    (length("row"."d.body"))::int4 as "length",
    case when "row"."step_2.v2" then array_remove(array[case when "row"."d.folder" is null then 1 end, case when ("row"."ref_1.source_key" is not null and "row"."ref_1.name" is null) then 2 end, case when ("row"."d.folder")::text is not null and "row"."ref_1.source_key" is null then 3 end], null) end as "_reasons",
    "row"."d.ctid" as "_place"
  from (
  select
    "d"."folder" is null or ("ref_1"."source_key" is not null and "ref_1"."name" is null) or ("d"."folder")::text is not null and "ref_1"."source_key" is null as "step_2.v2",
    "d"."id" as "d.id",
    "ref_1"."name" as "ref_1.name",
    "d"."body" as "d.body",
    "d"."folder" as "d.folder",
    "ref_1"."source_key" as "ref_1.source_key",
    "d"."ctid" as "d.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'folder' then ("fix"."patch" ->> 'folder')::text else "t"."folder" end as "folder",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::text else "t"."body" end as "body"
    from "legacy"."documents" as t
    left join "drover"."overlay" as fix on fix.migration = 'archive'
      and fix.relation = 'legacy.documents' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "d"
  left join "drover"."crosswalk_folders" as "ref_1" on "ref_1"."source_key" = ("d"."folder")::text collate "C"
  where ($3::text[] is null or ("d"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("d"."ctid") < (($4::text[])[1]::tid))
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."documents" ("id", "folder", "length")
  select "id", "folder", "length"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_documents" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'documents', "s"."_key", $2::bigint,
    (array['no-folder', 'waiting', 'orphan'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-folder', 'folder'), (2, 'waiting', 'folder'), (3, 'orphan', 'folder')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*) - array['body']
      from "legacy"."documents" as original
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
where run_id = $1::bigint and mapping = 'documents' and number = $2::bigint;
commit;

-- documents: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("d"."ctid")::text] as bound, row_number() over (order by "d"."ctid") as position, count(*) as rows
  from "legacy"."documents" as "d"
    where ($1::text[] is null or ("d"."ctid") >= (($1::text[])[1]::tid)) and ($2::text[] is null or ("d"."ctid") < (($2::text[])[1]::tid)) and "d"."ctid" is not null
  group by "d"."ctid"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- documents: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."documents" as "d"
  where ($3::text[] is null or ("d"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("d"."ctid") < (($4::text[])[1]::tid))
), s as materialized (
  select ("d"."id")::text as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*) - array['body']
      from "legacy"."documents" as original
      where original.ctid = "d"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'folder' then ("fix"."patch" ->> 'folder')::text else "t"."folder" end as "folder",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::text else "t"."body" end as "body"
    from "legacy"."documents" as t
    left join "drover"."overlay" as fix on fix.migration = 'archive'
      and fix.relation = 'legacy.documents' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "d"
  where ($3::text[] is null or ("d"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("d"."ctid") < (($4::text[])[1]::tid))
), walked as (
  insert into "drover"."crosswalk_documents" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'documents', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'documents' and number = $2::bigint
returning quarantined;
commit;

-- documents: the key of the crosswalk
begin;
alter table "drover"."crosswalk_documents" add primary key (source_key);
analyze "drover"."crosswalk_documents";
commit;

-- documents: the statistics of the target
begin;
analyze "app"."documents";
commit;

-- documents_pkey
begin;
CREATE UNIQUE INDEX documents_pkey ON app.documents USING btree (id);
commit;

-- documents: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."documents";
-- target rows after
select count(*) as n from "app"."documents";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."folders" add constraint "folders_pkey" primary key using index "folders_pkey";
alter table "app"."documents" add constraint "documents_pkey" primary key using index "documents_pkey";
commit;

-- =================================================================================================
-- Foreign keys, when every mapping is closed. Each statement is a transaction.
-- =================================================================================================
-- foreign keys
begin;
alter table "app"."documents" add constraint "documents_folder_fkey" FOREIGN KEY (folder) REFERENCES app.folders(name) not valid;
alter table "app"."documents" validate constraint "documents_folder_fkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
drop trigger if exists "drover_frozen" on "legacy"."documents";
drop trigger if exists "drover_frozen" on "legacy"."folders";
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- folders: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'folders', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."name",
      case when "fix"."patch" ? 'parent' then ("fix"."patch" ->> 'parent')::text else "t"."parent" end as "parent"
    from "legacy"."folders" as t
    left join "drover"."overlay" as fix on fix.migration = 'archive'
      and fix.relation = 'legacy.folders' and fix.row_key = (("t"."name")::text) collate "C"
  ) as "f"
  join "drover"."crosswalk_folders" as walked on walked.source_key = ("f"."name")::text collate "C"
  where walked.disposition <> 'quarantined' and ((("f"."name")::text) collate "C" in (select row_key from drover.overlay where migration = 'archive' and relation in ('legacy.folders')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    ("f"."name")::text as "_key",
    ("f"."name")::text as "name"
  from (
    select "t"."ctid",
      "t"."name",
      case when "fix"."patch" ? 'parent' then ("fix"."patch" ->> 'parent')::text else "t"."parent" end as "parent"
    from "legacy"."folders" as t
    left join "drover"."overlay" as fix on fix.migration = 'archive'
      and fix.relation = 'legacy.folders' and fix.row_key = (("t"."name")::text) collate "C"
  ) as "f"
  where "f"."name" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'folders' and purpose in ('try') and not done) as named)
  ) as made
  join "drover"."crosswalk_folders" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."folders" ("name")
  select "name"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_folders" as walked
  set disposition = "s"."_disposition", "name" = case "s"."_disposition" when 'loaded' then "s"."name" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'folders' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'folders' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'folders' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'folders', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'folders', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_folders" (like "app"."folders", "drover_version" bigint not null, primary key ("name"));
commit;

-- documents: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'documents', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'folder' then ("fix"."patch" ->> 'folder')::text else "t"."folder" end as "folder",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::text else "t"."body" end as "body"
    from "legacy"."documents" as t
    left join "drover"."overlay" as fix on fix.migration = 'archive'
      and fix.relation = 'legacy.documents' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "d"
  join "drover"."crosswalk_documents" as walked on walked.source_key = ("d"."id")::text collate "C"
  where walked.disposition <> 'quarantined' and ((("d"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'archive' and relation in ('legacy.documents')))) as found
on conflict do nothing;
-- rows that refer to moved rows of folders
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'documents', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'folder' then ("fix"."patch" ->> 'folder')::text else "t"."folder" end as "folder",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::text else "t"."body" end as "body"
    from "legacy"."documents" as t
    left join "drover"."overlay" as fix on fix.migration = 'archive'
      and fix.relation = 'legacy.documents' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "d"
  join "drover"."crosswalk_documents" as walked on walked.source_key = ("d"."id")::text collate "C"
  where ((("d"."folder")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'folders' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'documents' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of folders
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'folder' then ("fix"."patch" ->> 'folder')::text else "t"."folder" end as "folder",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::text else "t"."body" end as "body"
    from "legacy"."documents" as t
    left join "drover"."overlay" as fix on fix.migration = 'archive'
      and fix.relation = 'legacy.documents' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "d"
  join "drover"."crosswalk_documents" as walked on walked.source_key = ("d"."id")::text collate "C"
  where ((("d"."folder")::text) collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'documents' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_2.v2" then 'quarantined' else 'loaded' end as "_disposition",
    ("row"."d.id")::text as "_key",
    ("row"."d.id")::text as "id",
    ("row"."ref_1.name")::text as "folder",
    (length("row"."d.body"))::int4 as "length",
    case when "row"."step_2.v2" then array_remove(array[case when "row"."d.folder" is null then 1 end, case when ("row"."ref_1.source_key" is not null and "row"."ref_1.name" is null) then 2 end, case when ("row"."d.folder")::text is not null and "row"."ref_1.source_key" is null then 3 end], null) end as "_reasons",
    "row"."d.ctid" as "_place"
  from (
  select
    "d"."folder" is null or ("ref_1"."source_key" is not null and "ref_1"."name" is null) or ("d"."folder")::text is not null and "ref_1"."source_key" is null as "step_2.v2",
    "d"."id" as "d.id",
    "ref_1"."name" as "ref_1.name",
    "d"."body" as "d.body",
    "d"."folder" as "d.folder",
    "ref_1"."source_key" as "ref_1.source_key",
    "d"."ctid" as "d.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'folder' then ("fix"."patch" ->> 'folder')::text else "t"."folder" end as "folder",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::text else "t"."body" end as "body"
    from "legacy"."documents" as t
    left join "drover"."overlay" as fix on fix.migration = 'archive'
      and fix.relation = 'legacy.documents' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "d"
  left join "drover"."crosswalk_folders" as "ref_1" on "ref_1"."source_key" = ("d"."folder")::text collate "C"
  where "d"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'documents' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_documents" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."documents" ("id", "folder", "length")
  select "id", "folder", "length"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_documents" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'documents', "s"."_key", $2::bigint,
    (array['no-folder', 'waiting', 'orphan'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-folder', 'folder'), (2, 'waiting', 'folder'), (3, 'orphan', 'folder')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*) - array['body']
      from "legacy"."documents" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'documents' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'documents' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'documents' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'documents', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'documents', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_documents" (like "app"."documents", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_2.v2" then 'quarantined' else 'loaded' end as "_disposition",
    ("row"."d.id")::text as "_key",
    ("row"."d.id")::text as "id",
    ("row"."ref_1.name")::text as "folder",
    (length("row"."d.body"))::int4 as "length",
    case when "row"."step_2.v2" then array_remove(array[case when "row"."d.folder" is null then 1 end, case when ("row"."ref_1.source_key" is not null and "row"."ref_1.name" is null) then 2 end, case when ("row"."d.folder")::text is not null and "row"."ref_1.source_key" is null then 3 end], null) end as "_reasons"
  from (
  select
    "d"."folder" is null or ("ref_1"."source_key" is not null and "ref_1"."name" is null) or ("d"."folder")::text is not null and "ref_1"."source_key" is null as "step_2.v2",
    "d"."id" as "d.id",
    "ref_1"."name" as "ref_1.name",
    "d"."body" as "d.body",
    "d"."folder" as "d.folder",
    "ref_1"."source_key" as "ref_1.source_key",
    "d"."ctid" as "d.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'folder' then ("fix"."patch" ->> 'folder')::text else "t"."folder" end as "folder",
      case when "fix"."patch" ? 'body' then ("fix"."patch" ->> 'body')::text else "t"."body" end as "body"
    from "legacy"."documents" as t
    left join "drover"."overlay" as fix on fix.migration = 'archive'
      and fix.relation = 'legacy.documents' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "d"
  left join "drover"."crosswalk_folders" as "ref_1" on "ref_1"."source_key" = ("d"."folder")::text collate "C"
  where "d"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'documents' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_documents" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."documents" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'folders'] and s._stands = 'loaded') and ("existing"."folder") is distinct from ("s"."folder") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."length") is distinct from ("s"."length"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_documents" ("id", "folder", "length", "drover_version")
  select "id", "folder", "length", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."documents" as t
  set "folder" = case when ($2::text[] && array['*', 'folders'] and s._stands = 'loaded') then "s"."folder" else "t"."folder" end,
    "length" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."length" else "t"."length" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'documents', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('folder', array['*', 'folders']), ('length', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'documents' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'documents' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
