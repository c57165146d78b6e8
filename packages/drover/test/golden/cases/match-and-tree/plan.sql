-- hazard merges-rows, folders: Rows of legacy.folders with one identity become one row of app.folders.
-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.files (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."files" as t offset '0') as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."folders" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."files" drop constraint "files_pkey";
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
  "id" uuid
);
-- merges and matches, decided once
create table "drover"."resolution_folders" as
  select source_key collate "C" as source_key,
    case
      when is_torn then 'torn'
      when source_key <> survivor_key then 'merged'
      when is_matched then 'matched'
      else 'loaded'
    end as disposition,
    survivor_key collate "C" as survivor_key,
    "id"
  from (
    select "step_1"."v1" as source_key,
      first_value("step_1"."v1") over same as survivor_key,
      first_value("existing"."id" is not null) over same as is_matched,
      "existing"."id" is not null and ("existing"."id") is distinct from (first_value("existing"."id") over same) as is_torn,
      first_value(coalesce("existing"."id", ("step_1"."v2")::uuid)) over same as "id"
    from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::int4 else "t"."parent_id" end as "parent_id"
    from "legacy"."folders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.folders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  cross join lateral (
    select
      ("f"."id")::text as "v1",
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("f"."id"::text, 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v2",
      btrim(regexp_replace(((normalize("f"."name", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v3",
      ("f"."name")::text as "v5"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      lower("step_1"."v3" collate "pg_catalog"."und-x-icu") as "v4"
    offset '0'
  ) as "step_2"
  left join "app"."folders" as existing on "existing"."name" = "step_1"."v5"
    
    window same as (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'folders') then "step_1"."v1" end, "step_2"."v4" order by ("existing"."id" is not null) desc, "f"."id" asc nulls last, "step_1"."v1" collate "C")
  ) as grouped
  where source_key <> survivor_key or is_matched;
-- a row here means that a match is not one to one, and stops the run
select min(source_key) as one, max(source_key) as other
from "drover"."resolution_folders"
where disposition = 'matched'
group by "id"
having count(*) > 1
union all
select survivor_key, source_key
from "drover"."resolution_folders"
where disposition = 'torn'
limit 5;
alter table "drover"."resolution_folders" add primary key (source_key);
analyze "drover"."resolution_folders";
-- source rows
select count(*) as n from "legacy"."folders";
-- target rows before
select count(*) as n from "app"."folders";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."folders" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."folders")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'folders', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- folders: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."folders" as "f"
  where ($3::text[] is null or ("f"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("f"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    coalesce("resolution"."disposition", 'loaded') as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."step_1.v2")::uuid as "id",
    ("row"."f.name")::text as "name",
    null::uuid as "parent_id",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id"
  from (
  select
    ("f"."id")::text as "step_1.v1",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("f"."id"::text, 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v2",
    "f"."name" as "f.name"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::int4 else "t"."parent_id" end as "parent_id"
    from "legacy"."folders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.folders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  where ($3::text[] is null or ("f"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("f"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."resolution_folders" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
), loaded as (
  insert into "app"."folders" ("id", "name", "parent_id")
  select "id", "name", "parent_id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_folders" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
), quarantined as (select where false), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'folders', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
)
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = (select count(*) from loaded),
  quarantined = (select count(*) from quarantined),
  "merged" = carried."merged",
  "matched" = carried."matched",
  "excluded" = 0,
  finished_at = clock_timestamp()
from (
  select count(*) filter (where "s"."_disposition" = 'merged') as "merged",
    count(*) filter (where "s"."_disposition" = 'matched') as "matched"
  from s
) as carried
where run_id = $1::bigint and mapping = 'folders' and number = $2::bigint;
commit;

-- folders: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("f"."id")::text] as bound, row_number() over (order by "f"."id") as position, count(*) as rows
  from "legacy"."folders" as "f"
    where ($1::text[] is null or ("f"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("f"."id") < (($2::text[])[1]::int4)) and "f"."id" is not null
  group by "f"."id"
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
  where ($3::text[] is null or ("f"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("f"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."folders" as original
      where original.ctid = "f"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::int4 else "t"."parent_id" end as "parent_id"
    from "legacy"."folders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.folders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  cross join lateral (
    select
      ("f"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("f"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("f"."id") < (($4::text[])[1]::int4))
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

-- folders: close
begin;
-- what is checked late, now
set constraints all immediate;
-- rows whose reference leads nowhere. Repeated until no row is left. $2 here: the entry that adjusts the counts
with s as materialized (
  select
    case when "step_3"."v4" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    "step_1"."v1" as "_key",
    ("ref_3"."id")::uuid as "parent_id",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "step_3"."v4" then array_remove(array[case when ("ref_3"."source_key" is not null and "ref_3"."id" is null) then 1 end, case when "step_1"."v2" is not null and "ref_3"."source_key" is null then 2 end], null) end as "_reasons",
    "f"."ctid" as "_place",
    "walked"."id" as "_walked_id"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::int4 else "t"."parent_id" end as "parent_id"
    from "legacy"."folders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.folders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  cross join lateral (
    select
      ("f"."id")::text as "v1",
      ("f"."parent_id")::text as "v2"
    offset '0'
  ) as "step_1"
  left join "drover"."resolution_folders" as resolution on resolution.source_key = "step_1"."v1" collate "C"
  left join "drover"."crosswalk_folders" as "ref_3" on "ref_3"."source_key" = "step_1"."v2" collate "C"
  cross join lateral (
    select
      ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "step_1"."v2" is not null and "ref_3"."source_key" is null as "v4"
    offset '0'
  ) as "step_3"
  join "drover"."crosswalk_folders" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition = 'loaded'
), deleted as (
  delete from "app"."folders" as t
  using s
  where "s"."_disposition" = 'quarantined' and "t"."id" = "s"."_walked_id"
), walked as (
  update "drover"."crosswalk_folders" as walked
  set disposition = 'quarantined', "id" = null
  from s
  where "s"."_disposition" = 'quarantined' and walked.source_key = "s"."_key"
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'folders', "s"."_key", $2::bigint,
    (array['waiting', 'no-parent'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'parent_id'), (2, 'no-parent', 'parent_id')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."folders" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'folders', $2::bigint, 'adjustment', 'done', 0, -n, 0, 0, n, 0, clock_timestamp()
from (select count(*) as n from quarantined) as moved
where n > 0
returning number;
-- duplicates whose survivor was not loaded. Repeated until no row is left. $2 here: the entry that adjusts the counts
with lost as (
  delete from drover.merge as merge
  using "drover"."crosswalk_folders" as survivor
  where merge.run_id = $1::bigint and merge.mapping = 'folders'
    and survivor.source_key = merge.survivor_key and survivor.disposition not in ('loaded', 'matched')
  returning merge.source_key
), walked as (
  update "drover"."crosswalk_folders" as walked
  set disposition = 'quarantined', "id" = null
  from lost
  where walked.source_key = lost.source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'folders', "step_1"."v1", $2::bigint, 'survivor-quarantined',
    '[{"code": "survivor-quarantined", "column": null}]'::jsonb, (
      select to_jsonb("original".*)
      from "legacy"."folders" as original
      where original.ctid = "f"."ctid"
    )
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::int4 else "t"."parent_id" end as "parent_id"
    from "legacy"."folders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.folders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  cross join lateral (
    select
      ("f"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where "step_1"."v1" collate "C" in (select source_key from lost)
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'folders', $2::bigint, 'adjustment', 'done', 0, 0, -n, 0, n, 0, clock_timestamp()
from (select count(*) as n from lost) as moved
where n > 0
returning number;
-- references of folders that close a circle
with s as materialized (
  select
    case when "step_3"."v4" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    "step_1"."v1" as "_key",
    ("ref_3"."id")::uuid as "parent_id",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "step_3"."v4" then array_remove(array[case when ("ref_3"."source_key" is not null and "ref_3"."id" is null) then 1 end, case when "step_1"."v2" is not null and "ref_3"."source_key" is null then 2 end], null) end as "_reasons",
    "f"."ctid" as "_place",
    "walked"."id" as "_walked_id"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::int4 else "t"."parent_id" end as "parent_id"
    from "legacy"."folders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.folders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  cross join lateral (
    select
      ("f"."id")::text as "v1",
      ("f"."parent_id")::text as "v2"
    offset '0'
  ) as "step_1"
  left join "drover"."resolution_folders" as resolution on resolution.source_key = "step_1"."v1" collate "C"
  left join "drover"."crosswalk_folders" as "ref_3" on "ref_3"."source_key" = "step_1"."v2" collate "C"
  cross join lateral (
    select
      ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "step_1"."v2" is not null and "ref_3"."source_key" is null as "v4"
    offset '0'
  ) as "step_3"
  join "drover"."crosswalk_folders" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition = 'loaded'
)
update "app"."folders" as t
set "parent_id" = "s"."parent_id"
from s
where ("s"."parent_id" is not null) and "t"."id" = "s"."_walked_id"
  and exists (select from drover.run where id = $1::bigint);
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."folders";
-- target rows after
select count(*) as n from "app"."folders";
commit;

-- =================================================================================================
-- 2. files: legacy.files → app.files
-- begins when folders is done
-- =================================================================================================
-- files: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_files" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."files";
-- target rows before
select count(*) as n from "app"."files";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."files" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."files")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'files', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- files: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."files" as "f"
  where ($3::text[] is null or ("f"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("f"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_4.v6" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."f.id")::int4 as "id",
    ("row"."ref_4.name")::text as "folder",
    ("ref_5"."name")::text as "parent",
    ("row"."f.name")::text as "name",
    case when "row"."step_4.v6" then array_remove(array[case when ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null) then 1 end, case when "row"."step_1.v2" is not null and "row"."ref_3.source_key" is null then 2 end, case when "row"."ref_4.name" is null then 3 end], null) end as "_reasons",
    "row"."f.ctid" as "_place"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "row"."step_1.v2" is not null and "ref_3"."source_key" is null or "ref_4"."name" is null as "step_4.v6",
    "row"."step_1.v1" as "step_1.v1",
    "row"."f.id" as "f.id",
    "ref_4"."name" as "ref_4.name",
    "row"."f.name" as "f.name",
    "ref_3"."source_key" as "ref_3.source_key",
    "ref_3"."id" as "ref_3.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."f.ctid" as "f.ctid",
    "ref_4"."parent_id" as "ref_4.parent_id"
  from (
  select
    ("f"."folder_id")::text as "step_1.v2",
    ("f"."id")::text as "step_1.v1",
    "f"."id" as "f.id",
    "f"."name" as "f.name",
    "f"."ctid" as "f.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'folder_id' then ("fix"."patch" ->> 'folder_id')::int4 else "t"."folder_id" end as "folder_id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."files" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.files' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  where ($3::text[] is null or ("f"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("f"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_folders" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  left join "app"."folders" as "ref_4" on "ref_4"."id" = "ref_3"."id"
  offset '0'
  ) as "row"
  left join "app"."folders" as "ref_5" on "ref_5"."id" = "row"."ref_4.parent_id"
), loaded as (
  insert into "app"."files" ("id", "folder", "parent", "name")
  select "id", "folder", "parent", "name"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_files" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'files', "s"."_key", $2::bigint,
    (array['waiting', 'orphan', 'nowhere'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'folder'), (2, 'orphan', 'folder'), (3, 'nowhere', 'folder')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."files" as original
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
where run_id = $1::bigint and mapping = 'files' and number = $2::bigint;
commit;

-- files: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("f"."id")::text] as bound, row_number() over (order by "f"."id") as position, count(*) as rows
  from "legacy"."files" as "f"
    where ($1::text[] is null or ("f"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("f"."id") < (($2::text[])[1]::int4)) and "f"."id" is not null
  group by "f"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- files: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."files" as "f"
  where ($3::text[] is null or ("f"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("f"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."files" as original
      where original.ctid = "f"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'folder_id' then ("fix"."patch" ->> 'folder_id')::int4 else "t"."folder_id" end as "folder_id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."files" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.files' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  cross join lateral (
    select
      ("f"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("f"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("f"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_files" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'files', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'files' and number = $2::bigint
returning quarantined;
commit;

-- files: the key of the crosswalk
begin;
alter table "drover"."crosswalk_files" add primary key (source_key);
analyze "drover"."crosswalk_files";
commit;

-- files: the statistics of the target
begin;
analyze "app"."files";
commit;

-- files_pkey
begin;
CREATE UNIQUE INDEX files_pkey ON app.files USING btree (id);
commit;

-- files: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."files";
-- target rows after
select count(*) as n from "app"."files";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."files" add constraint "files_pkey" primary key using index "files_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."files" as t offset '0') as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."folders" as t offset '0') as hashed;
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
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::int4 else "t"."parent_id" end as "parent_id"
    from "legacy"."folders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.folders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  cross join lateral (
    select
      ("f"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_folders" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("f"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.folders')))) as found
on conflict do nothing;
-- rows that refer to moved rows of folders
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'folders', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::int4 else "t"."parent_id" end as "parent_id"
    from "legacy"."folders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.folders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  cross join lateral (
    select
      ("f"."id")::text as "v1",
      ("f"."parent_id")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_folders" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'folders' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'folders' and q.source_key = walked.source_key and q.accepted_at is not null
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
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::int4 else "t"."parent_id" end as "parent_id"
    from "legacy"."folders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.folders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  cross join lateral (
    select
      ("f"."id")::text as "v1",
      ("f"."parent_id")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_folders" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'folders' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- duplicates are told apart again
insert into "drover"."resolution_folders"
  select source_key collate "C" as source_key,
    case
      when not _is_tried then _before
      when is_torn then 'torn'
      when source_key <> survivor_key then 'merged'
      when is_matched then 'matched'
      else 'loaded'
    end as disposition,
    survivor_key collate "C" as survivor_key,
    "id"
  from (
    select "step_1"."v1" as source_key,
      first_value("step_1"."v1") over same as survivor_key,
      first_value(case when "own_1"."source_key" is null then "existing"."id" end is not null) over same as is_matched,
      case when "own_1"."source_key" is null then "existing"."id" end is not null and (case when "own_1"."source_key" is null then "existing"."id" end) is distinct from (first_value(case when "own_1"."source_key" is null then "existing"."id" end) over same) as is_torn,
      case when walked.disposition in ('loaded', 'matched') then "walked"."id" else first_value(case when walked.disposition in ('loaded', 'matched') then "walked"."id" else coalesce(case when "own_1"."source_key" is null then "existing"."id" end, ("step_1"."v2")::uuid) end) over same end as "id",
      walked.disposition as _before,
      "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'folders' and purpose in ('try') and not done) as _is_tried,
      bool_or("step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'folders' and purpose in ('try', 'group') and not done)) over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'folders') then "step_1"."v1" end, "step_2"."v4") as _is_touched
    from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::int4 else "t"."parent_id" end as "parent_id"
    from "legacy"."folders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.folders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  cross join lateral (
    select
      ("f"."id")::text as "v1",
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("f"."id"::text, 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v2",
      btrim(regexp_replace(((normalize("f"."name", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v3",
      ("f"."name")::text as "v5"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      lower("step_1"."v3" collate "pg_catalog"."und-x-icu") as "v4"
    offset '0'
  ) as "step_2"
  left join "app"."folders" as existing on "existing"."name" = "step_1"."v5"
  left join "drover"."crosswalk_folders" as "own_1" on "own_1".disposition = 'loaded' and "own_1"."id" = "existing"."id"
  join "drover"."crosswalk_folders" as walked on walked.source_key = "step_1"."v1" collate "C"
    where (walked.disposition <> 'excluded' and not (walked.disposition = 'quarantined' and "step_1"."v1" collate "C" in (
        select source_key
        from drover.quarantine
        where run_id = $1::bigint and mapping = 'folders' and accepted_at is not null
      )) or "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'folders' and purpose in ('try') and not done))
    window same as (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'folders') then "step_1"."v1" end, "step_2"."v4" order by (walked.disposition in ('loaded', 'matched')) desc, (case when "own_1"."source_key" is null then "existing"."id" end is not null) desc, "f"."id" asc nulls last, "step_1"."v1" collate "C")
  ) as grouped
  where _is_touched and (_is_tried or _before <> 'quarantined')
on conflict (source_key) do update set "disposition" = "excluded"."disposition", "survivor_key" = "excluded"."survivor_key", "id" = "excluded"."id";
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    coalesce("resolution"."disposition", 'loaded') as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."step_1.v2")::uuid as "id",
    ("row"."f.name")::text as "name",
    null::uuid as "parent_id",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id"
  from (
  select
    ("f"."id")::text as "step_1.v1",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("f"."id"::text, 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v2",
    "f"."name" as "f.name"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::int4 else "t"."parent_id" end as "parent_id"
    from "legacy"."folders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.folders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  where "f"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'folders' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."resolution_folders" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
  ) as made
  join "drover"."crosswalk_folders" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."folders" ("id", "name", "parent_id")
  select "id", "name", "parent_id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_folders" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'folders' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), parted as (
  delete from drover.merge as m
  using s
  where "m"."run_id" = $1::bigint and "m"."mapping" = 'folders' and "m"."source_key" = "s"."_key"
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'folders', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
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
create table if not exists "drover"."before_image_folders" (like "app"."folders", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_3.v4" then 'quarantined' else coalesce("row"."resolution.disposition", 'loaded') end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."f.name")::text as "name",
    ("row"."ref_3.id")::uuid as "parent_id",
    "row"."resolution.survivor_key" as "_survivor",
    "row"."resolution.id" as "_resolved_id",
    case when "row"."step_3.v4" then array_remove(array[case when ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null) then 1 end, case when "row"."step_1.v2" is not null and "row"."ref_3.source_key" is null then 2 end], null) end as "_reasons"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v4",
    "resolution"."disposition" as "resolution.disposition",
    "row"."step_1.v1" as "step_1.v1",
    "row"."f.name" as "f.name",
    "ref_3"."id" as "ref_3.id",
    "resolution"."survivor_key" as "resolution.survivor_key",
    "resolution"."id" as "resolution.id",
    "ref_3"."source_key" as "ref_3.source_key",
    "row"."step_1.v2" as "step_1.v2",
    "row"."f.ctid" as "f.ctid"
  from (
  select
    ("f"."parent_id")::text as "step_1.v2",
    ("f"."id")::text as "step_1.v1",
    "f"."name" as "f.name",
    "f"."ctid" as "f.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::int4 else "t"."parent_id" end as "parent_id"
    from "legacy"."folders" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.folders' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  where "f"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'folders' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."resolution_folders" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
  left join "drover"."crosswalk_folders" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_folders" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."folders" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."name") is distinct from ("s"."name") or ($2::text[] && array['*', 'folders'] and s._stands = 'loaded') and ("existing"."parent_id") is distinct from ("s"."parent_id"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_folders" ("id", "name", "parent_id", "drover_version")
  select "id", "name", "parent_id", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."folders" as t
  set "name" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."name" else "t"."name" end,
    "parent_id" = case when ($2::text[] && array['*', 'folders'] and s._stands = 'loaded') then "s"."parent_id" else "t"."parent_id" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'folders', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('name', array['*']), ('parent_id', array['*', 'folders'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'folders' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'folders' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;

-- files: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'files', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'folder_id' then ("fix"."patch" ->> 'folder_id')::int4 else "t"."folder_id" end as "folder_id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."files" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.files' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  cross join lateral (
    select
      ("f"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_files" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("f"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.files')))) as found
on conflict do nothing;
-- rows that refer to moved rows of folders
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'files', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'folder_id' then ("fix"."patch" ->> 'folder_id')::int4 else "t"."folder_id" end as "folder_id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."files" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.files' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  cross join lateral (
    select
      ("f"."id")::text as "v1",
      ("f"."folder_id")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_files" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'folders' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'files' and q.source_key = walked.source_key and q.accepted_at is not null
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
      case when "fix"."patch" ? 'folder_id' then ("fix"."patch" ->> 'folder_id')::int4 else "t"."folder_id" end as "folder_id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."files" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.files' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  cross join lateral (
    select
      ("f"."id")::text as "v1",
      ("f"."folder_id")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_files" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'files' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_4.v6" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."f.id")::int4 as "id",
    ("row"."ref_4.name")::text as "folder",
    ("ref_5"."name")::text as "parent",
    ("row"."f.name")::text as "name",
    case when "row"."step_4.v6" then array_remove(array[case when ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null) then 1 end, case when "row"."step_1.v2" is not null and "row"."ref_3.source_key" is null then 2 end, case when "row"."ref_4.name" is null then 3 end], null) end as "_reasons",
    "row"."f.ctid" as "_place"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "row"."step_1.v2" is not null and "ref_3"."source_key" is null or "ref_4"."name" is null as "step_4.v6",
    "row"."step_1.v1" as "step_1.v1",
    "row"."f.id" as "f.id",
    "ref_4"."name" as "ref_4.name",
    "row"."f.name" as "f.name",
    "ref_3"."source_key" as "ref_3.source_key",
    "ref_3"."id" as "ref_3.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."f.ctid" as "f.ctid",
    "ref_4"."parent_id" as "ref_4.parent_id"
  from (
  select
    ("f"."folder_id")::text as "step_1.v2",
    ("f"."id")::text as "step_1.v1",
    "f"."id" as "f.id",
    "f"."name" as "f.name",
    "f"."ctid" as "f.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'folder_id' then ("fix"."patch" ->> 'folder_id')::int4 else "t"."folder_id" end as "folder_id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."files" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.files' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  where "f"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'files' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_folders" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  left join "app"."folders" as "ref_4" on "ref_4"."id" = "ref_3"."id"
  offset '0'
  ) as "row"
  left join "app"."folders" as "ref_5" on "ref_5"."id" = "row"."ref_4.parent_id"
  ) as made
  join "drover"."crosswalk_files" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."files" ("id", "folder", "parent", "name")
  select "id", "folder", "parent", "name"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_files" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'files', "s"."_key", $2::bigint,
    (array['waiting', 'orphan', 'nowhere'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'folder'), (2, 'orphan', 'folder'), (3, 'nowhere', 'folder')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."files" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'files' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'files' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'files' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'files', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'files', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_files" (like "app"."files", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_4.v6" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."f.id")::int4 as "id",
    ("row"."ref_4.name")::text as "folder",
    ("ref_5"."name")::text as "parent",
    ("row"."f.name")::text as "name",
    case when "row"."step_4.v6" then array_remove(array[case when ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null) then 1 end, case when "row"."step_1.v2" is not null and "row"."ref_3.source_key" is null then 2 end, case when "row"."ref_4.name" is null then 3 end], null) end as "_reasons"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "row"."step_1.v2" is not null and "ref_3"."source_key" is null or "ref_4"."name" is null as "step_4.v6",
    "row"."step_1.v1" as "step_1.v1",
    "row"."f.id" as "f.id",
    "ref_4"."name" as "ref_4.name",
    "row"."f.name" as "f.name",
    "ref_3"."source_key" as "ref_3.source_key",
    "ref_3"."id" as "ref_3.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."f.ctid" as "f.ctid",
    "ref_4"."parent_id" as "ref_4.parent_id"
  from (
  select
    ("f"."folder_id")::text as "step_1.v2",
    ("f"."id")::text as "step_1.v1",
    "f"."id" as "f.id",
    "f"."name" as "f.name",
    "f"."ctid" as "f.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'folder_id' then ("fix"."patch" ->> 'folder_id')::int4 else "t"."folder_id" end as "folder_id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."files" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.files' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  where "f"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'files' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_folders" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  left join "app"."folders" as "ref_4" on "ref_4"."id" = "ref_3"."id"
  offset '0'
  ) as "row"
  left join "app"."folders" as "ref_5" on "ref_5"."id" = "row"."ref_4.parent_id"
  ) as made
  join "drover"."crosswalk_files" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."files" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'folders'] and s._stands = 'loaded') and ("existing"."folder") is distinct from ("s"."folder") or ($2::text[] && array['*', 'folders'] and s._stands = 'loaded') and ("existing"."parent") is distinct from ("s"."parent") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."name") is distinct from ("s"."name"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_files" ("id", "folder", "parent", "name", "drover_version")
  select "id", "folder", "parent", "name", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."files" as t
  set "folder" = case when ($2::text[] && array['*', 'folders'] and s._stands = 'loaded') then "s"."folder" else "t"."folder" end,
    "parent" = case when ($2::text[] && array['*', 'folders'] and s._stands = 'loaded') then "s"."parent" else "t"."parent" end,
    "name" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."name" else "t"."name" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'files', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('folder', array['*', 'folders']), ('parent', array['*', 'folders']), ('name', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'files' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'files' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
