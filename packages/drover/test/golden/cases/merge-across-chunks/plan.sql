-- hazard merges-rows, tags: Rows of legacy.tags with one identity become one row of app.tags.
-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.tags (2), app.uses (2).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."tags" as t offset '0') as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."uses" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."uses" drop constraint "uses_tag_id_fkey";
alter table "app"."uses" drop constraint "uses_pkey";
alter table "app"."tags" drop constraint "tags_pkey";
alter table "app"."tags" drop constraint "tags_label_key";
commit;

-- =================================================================================================
-- 1. tags: legacy.tags → app.tags
-- =================================================================================================
-- tags: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_tags" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- merges and matches, decided once
create table "drover"."resolution_tags" as
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
      false as is_matched,
      false as is_torn,
      first_value(("t"."id")::int4) over same as "id"
    from (
      select "t".*
      from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'label' then ("fix"."patch" ->> 'label')::text else "t"."label" end as "label",
      case when "fix"."patch" ? 'used' then ("fix"."patch" ->> 'used')::int4 else "t"."used" end as "used"
    from "legacy"."tags" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.tags' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
      where "t"."ctid" = any (array(
      with repeated as materialized (
        select hash, count(*) as rows, min(place) as first_place, max(place) as last_place
        from (
          select "t"."ctid" as place, hash_record_extended(row("step_1"."v1"), 0) as hash
          from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'label' then ("fix"."patch" ->> 'label')::text else "t"."label" end as "label",
      case when "fix"."patch" ? 'used' then ("fix"."patch" ->> 'used')::int4 else "t"."used" end as "used"
    from "legacy"."tags" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.tags' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  cross join lateral (
    select
      btrim(regexp_replace((("t"."label")::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v1"
    offset '0'
  ) as "step_1"
          
        ) as made
        group by hash
        having count(*) > 1
      )
      select first_place from repeated
      union all
      select last_place from repeated
      union all
      select place
      from (
        select place
        from (
          select "t"."ctid" as place, hash_record_extended(row("step_1"."v1"), 0) as hash
          from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'label' then ("fix"."patch" ->> 'label')::text else "t"."label" end as "label",
      case when "fix"."patch" ? 'used' then ("fix"."patch" ->> 'used')::int4 else "t"."used" end as "used"
    from "legacy"."tags" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.tags' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  cross join lateral (
    select
      btrim(regexp_replace((("t"."label")::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v1"
    offset '0'
  ) as "step_1"
          
        ) as made
        where hash in (select hash from repeated where rows > 2)
      ) as further
      where exists (select from repeated where rows > 2)))
      offset '0'
    ) as "t"
  cross join lateral (
    select
      ("t"."id")::text as "v1",
      btrim(regexp_replace((("t"."label")::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v2"
    offset '0'
  ) as "step_1"
    
    window same as (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'tags') then "step_1"."v1" end, "step_1"."v2" order by "t"."used" desc nulls last, "step_1"."v1" collate "C")
  ) as grouped
  where source_key <> survivor_key or is_matched;
alter table "drover"."resolution_tags" add primary key (source_key);
analyze "drover"."resolution_tags";
-- source rows
select count(*) as n from "legacy"."tags";
-- target rows before
select count(*) as n from "app"."tags";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."tags" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."tags")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'tags', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- tags: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."tags" as "t"
  where ($3::text[] is null or ("t"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("t"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    coalesce("resolution"."disposition", 'loaded') as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."t.id")::int4 as "id",
    ("row"."step_1.v2")::text as "label",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id"
  from (
  select
    ("t"."id")::text as "step_1.v1",
    "t"."id" as "t.id",
    btrim(regexp_replace((("t"."label")::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "step_1.v2"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'label' then ("fix"."patch" ->> 'label')::text else "t"."label" end as "label",
      case when "fix"."patch" ? 'used' then ("fix"."patch" ->> 'used')::int4 else "t"."used" end as "used"
    from "legacy"."tags" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.tags' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  where ($3::text[] is null or ("t"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("t"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."resolution_tags" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
), loaded as (
  insert into "app"."tags" ("id", "label")
  select "id", "label"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_tags" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
), quarantined as (select where false), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'tags', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
)
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = (select count(*) from loaded),
  quarantined = (select count(*) from quarantined),
  "merged" = carried."merged",
  "matched" = 0,
  "excluded" = 0,
  finished_at = clock_timestamp()
from (
  select count(*) filter (where "s"."_disposition" = 'merged') as "merged"
  from s
) as carried
where run_id = $1::bigint and mapping = 'tags' and number = $2::bigint;
commit;

-- tags: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("t"."id")::text] as bound, row_number() over (order by "t"."id") as position, count(*) as rows
  from "legacy"."tags" as "t"
    where ($1::text[] is null or ("t"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("t"."id") < (($2::text[])[1]::int4)) and "t"."id" is not null
  group by "t"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- tags: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."tags" as "t"
  where ($3::text[] is null or ("t"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("t"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."tags" as original
      where original.ctid = "t"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'label' then ("fix"."patch" ->> 'label')::text else "t"."label" end as "label",
      case when "fix"."patch" ? 'used' then ("fix"."patch" ->> 'used')::int4 else "t"."used" end as "used"
    from "legacy"."tags" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.tags' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  cross join lateral (
    select
      ("t"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("t"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("t"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_tags" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'tags', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'tags' and number = $2::bigint
returning quarantined;
commit;

-- tags: the key of the crosswalk
begin;
alter table "drover"."crosswalk_tags" add primary key (source_key);
analyze "drover"."crosswalk_tags";
commit;

-- tags: the statistics of the target
begin;
analyze "app"."tags";
commit;

-- tags_label_key
begin;
CREATE UNIQUE INDEX tags_label_key ON app.tags USING btree (label);
commit;

-- tags_label_key: where rows of tags break it, these are moved, and it is made again
begin;
-- $2 here: the entry that adjusts the counts
with clash as materialized (
  select "t"."label"
  from "app"."tags" as t
  where "t"."label" is not null
  group by "t"."label"
  having count(*) > 1
), ranked as (
  select walked.source_key as _source_key, "t"."id",
    row_number() over (
      partition by "t"."label"
      order by walked.source_key is not null, walked.source_key collate "C"
    ) as _place
  from "app"."tags" as t
  join clash on "clash"."label" = "t"."label"
  left join "drover"."crosswalk_tags" as walked on "walked"."id" = "t"."id" and "walked"."disposition" = 'loaded'
  
), moved as materialized (
  select *
  from ranked
  where _place > 1 and _source_key is not null
), deleted as (
  delete from "app"."tags" as t
  using moved
  where "t"."id" = "moved"."id"
  returning 1
), walked as (
  update "drover"."crosswalk_tags" as walked
  set disposition = 'quarantined', "id" = null
  from moved
  where walked.source_key = moved._source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'tags', "step_1"."v1", $2::bigint, 'error-23505', '[{"code":"error-23505","column":"label","table":"app.tags","constraint":"tags_label_key"}]'::jsonb, (
      select to_jsonb("original".*)
      from "legacy"."tags" as original
      where original.ctid = "t"."ctid"
    ), '23505'
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'label' then ("fix"."patch" ->> 'label')::text else "t"."label" end as "label",
      case when "fix"."patch" ? 'used' then ("fix"."patch" ->> 'used')::int4 else "t"."used" end as "used"
    from "legacy"."tags" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.tags' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  cross join lateral (
    select
      ("t"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where "step_1"."v1" collate "C" in (select _source_key from moved)
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'tags', $2::bigint, 'adjustment', 'done', 0, -n, 0, 0, n, 0, clock_timestamp()
from (select count(*) as n from deleted) as moved
where n > 0
returning number;
commit;

-- tags_pkey
begin;
CREATE UNIQUE INDEX tags_pkey ON app.tags USING btree (id);
commit;

-- tags: close
begin;
-- what is checked late, now
set constraints all immediate;
-- duplicates whose survivor was not loaded. Repeated until no row is left. $2 here: the entry that adjusts the counts
with lost as (
  delete from drover.merge as merge
  using "drover"."crosswalk_tags" as survivor
  where merge.run_id = $1::bigint and merge.mapping = 'tags'
    and survivor.source_key = merge.survivor_key and survivor.disposition not in ('loaded', 'matched')
  returning merge.source_key
), walked as (
  update "drover"."crosswalk_tags" as walked
  set disposition = 'quarantined', "id" = null
  from lost
  where walked.source_key = lost.source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'tags', "step_1"."v1", $2::bigint, 'survivor-quarantined',
    '[{"code": "survivor-quarantined", "column": null}]'::jsonb, (
      select to_jsonb("original".*)
      from "legacy"."tags" as original
      where original.ctid = "t"."ctid"
    )
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'label' then ("fix"."patch" ->> 'label')::text else "t"."label" end as "label",
      case when "fix"."patch" ? 'used' then ("fix"."patch" ->> 'used')::int4 else "t"."used" end as "used"
    from "legacy"."tags" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.tags' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  cross join lateral (
    select
      ("t"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where "step_1"."v1" collate "C" in (select source_key from lost)
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'tags', $2::bigint, 'adjustment', 'done', 0, 0, -n, 0, n, 0, clock_timestamp()
from (select count(*) as n from lost) as moved
where n > 0
returning number;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."tags";
-- target rows after
select count(*) as n from "app"."tags";
commit;

-- =================================================================================================
-- 2. uses: legacy.uses → app.uses
-- begins when tags is done
-- =================================================================================================
-- uses: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_uses" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."uses";
-- target rows before
select count(*) as n from "app"."uses";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."uses" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."uses")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'uses', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- uses: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."uses" as "u"
  where ($3::text[] is null or ("u"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("u"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_3.v4" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."u.id")::int4 as "id",
    ("row"."ref_3.id")::int4 as "tag_id",
    case when "row"."step_3.v4" then array_remove(array[case when ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null) then 1 end, case when "row"."step_1.v2" is not null and "row"."ref_3.source_key" is null then 2 end], null) end as "_reasons",
    "row"."u.ctid" as "_place"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."u.id" as "u.id",
    "ref_3"."id" as "ref_3.id",
    "ref_3"."source_key" as "ref_3.source_key",
    "row"."step_1.v2" as "step_1.v2",
    "row"."u.ctid" as "u.ctid"
  from (
  select
    ("u"."tag_id")::text as "step_1.v2",
    ("u"."id")::text as "step_1.v1",
    "u"."id" as "u.id",
    "u"."ctid" as "u.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'tag_id' then ("fix"."patch" ->> 'tag_id')::int4 else "t"."tag_id" end as "tag_id"
    from "legacy"."uses" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.uses' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  where ($3::text[] is null or ("u"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("u"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_tags" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."uses" ("id", "tag_id")
  select "id", "tag_id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_uses" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'uses', "s"."_key", $2::bigint,
    (array['waiting', 'orphan'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'tag_id'), (2, 'orphan', 'tag_id')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."uses" as original
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
where run_id = $1::bigint and mapping = 'uses' and number = $2::bigint;
commit;

-- uses: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("u"."id")::text] as bound, row_number() over (order by "u"."id") as position, count(*) as rows
  from "legacy"."uses" as "u"
    where ($1::text[] is null or ("u"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("u"."id") < (($2::text[])[1]::int4)) and "u"."id" is not null
  group by "u"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- uses: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."uses" as "u"
  where ($3::text[] is null or ("u"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("u"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."uses" as original
      where original.ctid = "u"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'tag_id' then ("fix"."patch" ->> 'tag_id')::int4 else "t"."tag_id" end as "tag_id"
    from "legacy"."uses" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.uses' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  cross join lateral (
    select
      ("u"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("u"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("u"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_uses" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'uses', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'uses' and number = $2::bigint
returning quarantined;
commit;

-- uses: the key of the crosswalk
begin;
alter table "drover"."crosswalk_uses" add primary key (source_key);
analyze "drover"."crosswalk_uses";
commit;

-- uses: the statistics of the target
begin;
analyze "app"."uses";
commit;

-- uses_pkey
begin;
CREATE UNIQUE INDEX uses_pkey ON app.uses USING btree (id);
commit;

-- uses: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."uses";
-- target rows after
select count(*) as n from "app"."uses";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."tags" add constraint "tags_label_key" unique using index "tags_label_key";
alter table "app"."tags" add constraint "tags_pkey" primary key using index "tags_pkey";
alter table "app"."uses" add constraint "uses_pkey" primary key using index "uses_pkey";
commit;

-- =================================================================================================
-- Foreign keys, when every mapping is closed. Each statement is a transaction.
-- =================================================================================================
-- foreign keys
begin;
alter table "app"."uses" add constraint "uses_tag_id_fkey" FOREIGN KEY (tag_id) REFERENCES app.tags(id) not valid;
alter table "app"."uses" validate constraint "uses_tag_id_fkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."tags" as t offset '0') as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."uses" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- tags: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'tags', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'label' then ("fix"."patch" ->> 'label')::text else "t"."label" end as "label",
      case when "fix"."patch" ? 'used' then ("fix"."patch" ->> 'used')::int4 else "t"."used" end as "used"
    from "legacy"."tags" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.tags' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  cross join lateral (
    select
      ("t"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_tags" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("t"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.tags')))) as found
on conflict do nothing;
-- duplicates are told apart again
insert into "drover"."resolution_tags"
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
      false as is_matched,
      false as is_torn,
      case when walked.disposition in ('loaded', 'matched') then "walked"."id" else first_value(case when walked.disposition in ('loaded', 'matched') then "walked"."id" else ("t"."id")::int4 end) over same end as "id",
      walked.disposition as _before,
      "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'tags' and purpose in ('try') and not done) as _is_tried,
      bool_or("step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'tags' and purpose in ('try', 'group') and not done)) over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'tags') then "step_1"."v1" end, "step_1"."v2") as _is_touched
    from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'label' then ("fix"."patch" ->> 'label')::text else "t"."label" end as "label",
      case when "fix"."patch" ? 'used' then ("fix"."patch" ->> 'used')::int4 else "t"."used" end as "used"
    from "legacy"."tags" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.tags' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  cross join lateral (
    select
      ("t"."id")::text as "v1",
      btrim(regexp_replace((("t"."label")::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_tags" as walked on walked.source_key = "step_1"."v1" collate "C"
    where (walked.disposition <> 'excluded' and not (walked.disposition = 'quarantined' and "step_1"."v1" collate "C" in (
        select source_key
        from drover.quarantine
        where run_id = $1::bigint and mapping = 'tags' and accepted_at is not null
      )) or "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'tags' and purpose in ('try') and not done))
    window same as (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'tags') then "step_1"."v1" end, "step_1"."v2" order by (walked.disposition in ('loaded', 'matched')) desc, "t"."used" desc nulls last, "step_1"."v1" collate "C")
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
    ("row"."t.id")::int4 as "id",
    ("row"."step_1.v2")::text as "label",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id"
  from (
  select
    ("t"."id")::text as "step_1.v1",
    "t"."id" as "t.id",
    btrim(regexp_replace((("t"."label")::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "step_1.v2"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'label' then ("fix"."patch" ->> 'label')::text else "t"."label" end as "label",
      case when "fix"."patch" ? 'used' then ("fix"."patch" ->> 'used')::int4 else "t"."used" end as "used"
    from "legacy"."tags" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.tags' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  where "t"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'tags' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."resolution_tags" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
  ) as made
  join "drover"."crosswalk_tags" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."tags" ("id", "label")
  select "id", "label"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_tags" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'tags' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), parted as (
  delete from drover.merge as m
  using s
  where "m"."run_id" = $1::bigint and "m"."mapping" = 'tags' and "m"."source_key" = "s"."_key"
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'tags', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'tags' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'tags' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'tags', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'tags', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_tags" (like "app"."tags", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    coalesce("resolution"."disposition", 'loaded') as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."t.id")::int4 as "id",
    ("row"."step_1.v2")::text as "label",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id"
  from (
  select
    ("t"."id")::text as "step_1.v1",
    "t"."id" as "t.id",
    btrim(regexp_replace((("t"."label")::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "step_1.v2"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'label' then ("fix"."patch" ->> 'label')::text else "t"."label" end as "label",
      case when "fix"."patch" ? 'used' then ("fix"."patch" ->> 'used')::int4 else "t"."used" end as "used"
    from "legacy"."tags" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.tags' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  where "t"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'tags' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."resolution_tags" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
  ) as made
  join "drover"."crosswalk_tags" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."tags" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."label") is distinct from ("s"."label"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_tags" ("id", "label", "drover_version")
  select "id", "label", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."tags" as t
  set "label" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."label" else "t"."label" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'tags', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('label', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'tags' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'tags' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;

-- uses: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'uses', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'tag_id' then ("fix"."patch" ->> 'tag_id')::int4 else "t"."tag_id" end as "tag_id"
    from "legacy"."uses" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.uses' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  cross join lateral (
    select
      ("u"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_uses" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("u"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.uses')))) as found
on conflict do nothing;
-- rows that refer to moved rows of tags
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'uses', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'tag_id' then ("fix"."patch" ->> 'tag_id')::int4 else "t"."tag_id" end as "tag_id"
    from "legacy"."uses" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.uses' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  cross join lateral (
    select
      ("u"."id")::text as "v1",
      ("u"."tag_id")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_uses" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'tags' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'uses' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of tags
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'tag_id' then ("fix"."patch" ->> 'tag_id')::int4 else "t"."tag_id" end as "tag_id"
    from "legacy"."uses" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.uses' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  cross join lateral (
    select
      ("u"."id")::text as "v1",
      ("u"."tag_id")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_uses" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'uses' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_3.v4" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."u.id")::int4 as "id",
    ("row"."ref_3.id")::int4 as "tag_id",
    case when "row"."step_3.v4" then array_remove(array[case when ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null) then 1 end, case when "row"."step_1.v2" is not null and "row"."ref_3.source_key" is null then 2 end], null) end as "_reasons",
    "row"."u.ctid" as "_place"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."u.id" as "u.id",
    "ref_3"."id" as "ref_3.id",
    "ref_3"."source_key" as "ref_3.source_key",
    "row"."step_1.v2" as "step_1.v2",
    "row"."u.ctid" as "u.ctid"
  from (
  select
    ("u"."tag_id")::text as "step_1.v2",
    ("u"."id")::text as "step_1.v1",
    "u"."id" as "u.id",
    "u"."ctid" as "u.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'tag_id' then ("fix"."patch" ->> 'tag_id')::int4 else "t"."tag_id" end as "tag_id"
    from "legacy"."uses" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.uses' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  where "u"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'uses' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_tags" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_uses" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."uses" ("id", "tag_id")
  select "id", "tag_id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_uses" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'uses', "s"."_key", $2::bigint,
    (array['waiting', 'orphan'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'tag_id'), (2, 'orphan', 'tag_id')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."uses" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'uses' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'uses' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'uses' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'uses', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'uses', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_uses" (like "app"."uses", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_3.v4" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."u.id")::int4 as "id",
    ("row"."ref_3.id")::int4 as "tag_id",
    case when "row"."step_3.v4" then array_remove(array[case when ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null) then 1 end, case when "row"."step_1.v2" is not null and "row"."ref_3.source_key" is null then 2 end], null) end as "_reasons"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."u.id" as "u.id",
    "ref_3"."id" as "ref_3.id",
    "ref_3"."source_key" as "ref_3.source_key",
    "row"."step_1.v2" as "step_1.v2",
    "row"."u.ctid" as "u.ctid"
  from (
  select
    ("u"."tag_id")::text as "step_1.v2",
    ("u"."id")::text as "step_1.v1",
    "u"."id" as "u.id",
    "u"."ctid" as "u.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'tag_id' then ("fix"."patch" ->> 'tag_id')::int4 else "t"."tag_id" end as "tag_id"
    from "legacy"."uses" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.uses' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  where "u"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'uses' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_tags" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_uses" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."uses" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'tags'] and s._stands = 'loaded') and ("existing"."tag_id") is distinct from ("s"."tag_id"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_uses" ("id", "tag_id", "drover_version")
  select "id", "tag_id", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."uses" as t
  set "tag_id" = case when ($2::text[] && array['*', 'tags'] and s._stands = 'loaded') then "s"."tag_id" else "t"."tag_id" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'uses', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('tag_id', array['*', 'tags'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'uses' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'uses' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
