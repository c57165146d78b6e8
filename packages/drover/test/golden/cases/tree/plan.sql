-- hazard merges-rows, categories: Rows of legacy.categories with one identity become one row of app.categories.
-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.categories (2).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."categories" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."categories" drop constraint "categories_parent_id_fkey";
alter table "app"."categories" drop constraint "categories_pkey";
commit;

-- =================================================================================================
-- 1. categories: legacy.categories → app.categories
-- =================================================================================================
-- categories: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_categories" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" uuid
);
-- merges and matches, decided once
create table "drover"."resolution_categories" as
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
    select ("c"."id")::text as source_key,
      first_value(("c"."id")::text) over same as survivor_key,
      false as is_matched,
      false as is_torn,
      first_value(("step_1"."v1")::uuid) over same as "id"
    from (
      select "c".*
      from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::text else "t"."parent_id" end as "parent_id"
    from "legacy"."categories" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.categories' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
      where "c"."ctid" = any (array(
      with repeated as materialized (
        select hash, count(*) as rows, min(place) as first_place, max(place) as last_place
        from (
          select "c"."ctid" as place, hash_record_extended(row("step_2"."v2"), 0) as hash
          from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::text else "t"."parent_id" end as "parent_id"
    from "legacy"."categories" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.categories' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      btrim(regexp_replace(((normalize("c"."name", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v1"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      lower("step_1"."v1" collate "pg_catalog"."und-x-icu") as "v2"
    offset '0'
  ) as "step_2"
          
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
          select "c"."ctid" as place, hash_record_extended(row("step_2"."v2"), 0) as hash
          from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::text else "t"."parent_id" end as "parent_id"
    from "legacy"."categories" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.categories' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      btrim(regexp_replace(((normalize("c"."name", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v1"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      lower("step_1"."v1" collate "pg_catalog"."und-x-icu") as "v2"
    offset '0'
  ) as "step_2"
          
        ) as made
        where hash in (select hash from repeated where rows > 2)
      ) as further
      where exists (select from repeated where rows > 2)))
      offset '0'
    ) as "c"
  cross join lateral (
    select
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("c"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v1",
      btrim(regexp_replace(((normalize("c"."name", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v2"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      lower("step_1"."v2" collate "pg_catalog"."und-x-icu") as "v3"
    offset '0'
  ) as "step_2"
    
    window same as (partition by case when ("c"."id")::text in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'categories') then ("c"."id")::text end, "step_2"."v3" order by ("c"."id")::text collate "C")
  ) as grouped
  where source_key <> survivor_key or is_matched;
alter table "drover"."resolution_categories" add primary key (source_key);
analyze "drover"."resolution_categories";
-- source rows
select count(*) as n from "legacy"."categories";
-- target rows before
select count(*) as n from "app"."categories";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."categories" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."categories")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'categories', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- categories: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."categories" as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::text))
), s as materialized (
  select
    coalesce("resolution"."disposition", 'loaded') as "_disposition",
    ("row"."c.id")::text as "_key",
    ("row"."step_1.v1")::uuid as "id",
    ("row"."c.name")::text as "name",
    null::uuid as "parent_id",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id"
  from (
  select
    "c"."id" as "c.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("c"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v1",
    "c"."name" as "c.name"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::text else "t"."parent_id" end as "parent_id"
    from "legacy"."categories" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.categories' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::text))
  offset '0'
  ) as "row"
  left join "drover"."resolution_categories" as resolution on resolution.source_key = ("row"."c.id")::text collate "C"
), loaded as (
  insert into "app"."categories" ("id", "name", "parent_id")
  select "id", "name", "parent_id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_categories" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
), quarantined as (select where false), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'categories', "s"."_key", "s"."_survivor"
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
where run_id = $1::bigint and mapping = 'categories' and number = $2::bigint;
commit;

-- categories: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("c"."id")::text] as bound, row_number() over (order by "c"."id") as position, count(*) as rows
  from "legacy"."categories" as "c"
    where ($1::text[] is null or ("c"."id") >= (($1::text[])[1]::text)) and ($2::text[] is null or ("c"."id") < (($2::text[])[1]::text)) and "c"."id" is not null
  group by "c"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- categories: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."categories" as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::text))
), s as materialized (
  select ("c"."id")::text as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."categories" as original
      where original.ctid = "c"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::text else "t"."parent_id" end as "parent_id"
    from "legacy"."categories" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.categories' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::text))
), walked as (
  insert into "drover"."crosswalk_categories" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'categories', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'categories' and number = $2::bigint
returning quarantined;
commit;

-- categories: the key of the crosswalk
begin;
alter table "drover"."crosswalk_categories" add primary key (source_key);
analyze "drover"."crosswalk_categories";
commit;

-- categories: the statistics of the target
begin;
analyze "app"."categories";
commit;

-- categories_pkey
begin;
CREATE UNIQUE INDEX categories_pkey ON app.categories USING btree (id);
commit;

-- categories: close
begin;
-- what is checked late, now
set constraints all immediate;
-- rows whose reference leads nowhere. Repeated until no row is left. $2 here: the entry that adjusts the counts
with s as materialized (
  select
    case when "step_2"."v2" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    ("c"."id")::text as "_key",
    ("ref_1"."id")::uuid as "parent_id",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "step_2"."v2" then array_remove(array[case when ("ref_1"."source_key" is not null and "ref_1"."id" is null) then 1 end, case when ("c"."parent_id")::text is not null and "ref_1"."source_key" is null then 2 end], null) end as "_reasons",
    "c"."ctid" as "_place",
    "walked"."id" as "_walked_id"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::text else "t"."parent_id" end as "parent_id"
    from "legacy"."categories" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.categories' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  left join "drover"."resolution_categories" as resolution on resolution.source_key = ("c"."id")::text collate "C"
  left join "drover"."crosswalk_categories" as "ref_1" on "ref_1"."source_key" = ("c"."parent_id")::text collate "C"
  cross join lateral (
    select
      ("ref_1"."source_key" is not null and "ref_1"."id" is null) or ("c"."parent_id")::text is not null and "ref_1"."source_key" is null as "v2"
    offset '0'
  ) as "step_2"
  join "drover"."crosswalk_categories" as walked on walked.source_key = ("c"."id")::text collate "C"
  where walked.disposition = 'loaded'
), deleted as (
  delete from "app"."categories" as t
  using s
  where "s"."_disposition" = 'quarantined' and "t"."id" = "s"."_walked_id"
), walked as (
  update "drover"."crosswalk_categories" as walked
  set disposition = 'quarantined', "id" = null
  from s
  where "s"."_disposition" = 'quarantined' and walked.source_key = "s"."_key"
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'categories', "s"."_key", $2::bigint,
    (array['waiting', 'no-parent'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'parent_id'), (2, 'no-parent', 'parent_id')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."categories" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'categories', $2::bigint, 'adjustment', 'done', 0, -n, 0, 0, n, 0, clock_timestamp()
from (select count(*) as n from quarantined) as moved
where n > 0
returning number;
-- duplicates whose survivor was not loaded. Repeated until no row is left. $2 here: the entry that adjusts the counts
with lost as (
  delete from drover.merge as merge
  using "drover"."crosswalk_categories" as survivor
  where merge.run_id = $1::bigint and merge.mapping = 'categories'
    and survivor.source_key = merge.survivor_key and survivor.disposition not in ('loaded', 'matched')
  returning merge.source_key
), walked as (
  update "drover"."crosswalk_categories" as walked
  set disposition = 'quarantined', "id" = null
  from lost
  where walked.source_key = lost.source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'categories', ("c"."id")::text, $2::bigint, 'survivor-quarantined',
    '[{"code": "survivor-quarantined", "column": null}]'::jsonb, (
      select to_jsonb("original".*)
      from "legacy"."categories" as original
      where original.ctid = "c"."ctid"
    )
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::text else "t"."parent_id" end as "parent_id"
    from "legacy"."categories" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.categories' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where ("c"."id")::text collate "C" in (select source_key from lost)
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'categories', $2::bigint, 'adjustment', 'done', 0, 0, -n, 0, n, 0, clock_timestamp()
from (select count(*) as n from lost) as moved
where n > 0
returning number;
-- references of categories that close a circle
with s as materialized (
  select
    case when "step_2"."v2" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    ("c"."id")::text as "_key",
    ("ref_1"."id")::uuid as "parent_id",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "step_2"."v2" then array_remove(array[case when ("ref_1"."source_key" is not null and "ref_1"."id" is null) then 1 end, case when ("c"."parent_id")::text is not null and "ref_1"."source_key" is null then 2 end], null) end as "_reasons",
    "c"."ctid" as "_place",
    "walked"."id" as "_walked_id"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::text else "t"."parent_id" end as "parent_id"
    from "legacy"."categories" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.categories' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  left join "drover"."resolution_categories" as resolution on resolution.source_key = ("c"."id")::text collate "C"
  left join "drover"."crosswalk_categories" as "ref_1" on "ref_1"."source_key" = ("c"."parent_id")::text collate "C"
  cross join lateral (
    select
      ("ref_1"."source_key" is not null and "ref_1"."id" is null) or ("c"."parent_id")::text is not null and "ref_1"."source_key" is null as "v2"
    offset '0'
  ) as "step_2"
  join "drover"."crosswalk_categories" as walked on walked.source_key = ("c"."id")::text collate "C"
  where walked.disposition = 'loaded'
)
update "app"."categories" as t
set "parent_id" = "s"."parent_id"
from s
where ("s"."parent_id" is not null) and "t"."id" = "s"."_walked_id"
  and exists (select from drover.run where id = $1::bigint);
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."categories";
-- target rows after
select count(*) as n from "app"."categories";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."categories" add constraint "categories_pkey" primary key using index "categories_pkey";
commit;

-- =================================================================================================
-- Foreign keys, when every mapping is closed. Each statement is a transaction.
-- =================================================================================================
-- foreign keys
begin;
alter table "app"."categories" add constraint "categories_parent_id_fkey" FOREIGN KEY (parent_id) REFERENCES app.categories(id) not valid;
alter table "app"."categories" validate constraint "categories_parent_id_fkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."categories" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- categories: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'categories', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::text else "t"."parent_id" end as "parent_id"
    from "legacy"."categories" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.categories' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  join "drover"."crosswalk_categories" as walked on walked.source_key = ("c"."id")::text collate "C"
  where walked.disposition <> 'quarantined' and ((("c"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.categories')))) as found
on conflict do nothing;
-- rows that refer to moved rows of categories
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'categories', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::text else "t"."parent_id" end as "parent_id"
    from "legacy"."categories" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.categories' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  join "drover"."crosswalk_categories" as walked on walked.source_key = ("c"."id")::text collate "C"
  where ((("c"."parent_id")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'categories' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'categories' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of categories
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::text else "t"."parent_id" end as "parent_id"
    from "legacy"."categories" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.categories' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  join "drover"."crosswalk_categories" as walked on walked.source_key = ("c"."id")::text collate "C"
  where ((("c"."parent_id")::text) collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'categories' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- duplicates are told apart again
insert into "drover"."resolution_categories"
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
    select ("c"."id")::text as source_key,
      first_value(("c"."id")::text) over same as survivor_key,
      false as is_matched,
      false as is_torn,
      case when walked.disposition in ('loaded', 'matched') then "walked"."id" else first_value(case when walked.disposition in ('loaded', 'matched') then "walked"."id" else ("step_1"."v1")::uuid end) over same end as "id",
      walked.disposition as _before,
      ("c"."id")::text collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'categories' and purpose in ('try') and not done) as _is_tried,
      bool_or(("c"."id")::text collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'categories' and purpose in ('try', 'group') and not done)) over (partition by case when ("c"."id")::text in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'categories') then ("c"."id")::text end, "step_2"."v3") as _is_touched
    from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::text else "t"."parent_id" end as "parent_id"
    from "legacy"."categories" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.categories' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("c"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v1",
      btrim(regexp_replace(((normalize("c"."name", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v2"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      lower("step_1"."v2" collate "pg_catalog"."und-x-icu") as "v3"
    offset '0'
  ) as "step_2"
  join "drover"."crosswalk_categories" as walked on walked.source_key = ("c"."id")::text collate "C"
    where (walked.disposition <> 'excluded' and not (walked.disposition = 'quarantined' and ("c"."id")::text collate "C" in (
        select source_key
        from drover.quarantine
        where run_id = $1::bigint and mapping = 'categories' and accepted_at is not null
      )) or ("c"."id")::text collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'categories' and purpose in ('try') and not done))
    window same as (partition by case when ("c"."id")::text in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'categories') then ("c"."id")::text end, "step_2"."v3" order by (walked.disposition in ('loaded', 'matched')) desc, ("c"."id")::text collate "C")
  ) as grouped
  where _is_touched and (_is_tried or _before <> 'quarantined')
on conflict (source_key) do update set "disposition" = "excluded"."disposition", "survivor_key" = "excluded"."survivor_key", "id" = "excluded"."id";
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    coalesce("resolution"."disposition", 'loaded') as "_disposition",
    ("row"."c.id")::text as "_key",
    ("row"."step_1.v1")::uuid as "id",
    ("row"."c.name")::text as "name",
    null::uuid as "parent_id",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id"
  from (
  select
    "c"."id" as "c.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("c"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v1",
    "c"."name" as "c.name"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::text else "t"."parent_id" end as "parent_id"
    from "legacy"."categories" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.categories' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where "c"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'categories' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."resolution_categories" as resolution on resolution.source_key = ("row"."c.id")::text collate "C"
  ) as made
  join "drover"."crosswalk_categories" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."categories" ("id", "name", "parent_id")
  select "id", "name", "parent_id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_categories" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'categories' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), parted as (
  delete from drover.merge as m
  using s
  where "m"."run_id" = $1::bigint and "m"."mapping" = 'categories' and "m"."source_key" = "s"."_key"
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'categories', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'categories' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'categories' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'categories', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'categories', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_categories" (like "app"."categories", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_2.v2" then 'quarantined' else coalesce("row"."resolution.disposition", 'loaded') end as "_disposition",
    ("row"."c.id")::text as "_key",
    ("row"."c.name")::text as "name",
    ("row"."ref_1.id")::uuid as "parent_id",
    "row"."resolution.survivor_key" as "_survivor",
    "row"."resolution.id" as "_resolved_id",
    case when "row"."step_2.v2" then array_remove(array[case when ("row"."ref_1.source_key" is not null and "row"."ref_1.id" is null) then 1 end, case when ("row"."c.parent_id")::text is not null and "row"."ref_1.source_key" is null then 2 end], null) end as "_reasons"
  from (
  select
    ("ref_1"."source_key" is not null and "ref_1"."id" is null) or ("c"."parent_id")::text is not null and "ref_1"."source_key" is null as "step_2.v2",
    "resolution"."disposition" as "resolution.disposition",
    "c"."id" as "c.id",
    "c"."name" as "c.name",
    "ref_1"."id" as "ref_1.id",
    "resolution"."survivor_key" as "resolution.survivor_key",
    "resolution"."id" as "resolution.id",
    "ref_1"."source_key" as "ref_1.source_key",
    "c"."parent_id" as "c.parent_id",
    "c"."ctid" as "c.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'parent_id' then ("fix"."patch" ->> 'parent_id')::text else "t"."parent_id" end as "parent_id"
    from "legacy"."categories" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.categories' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  left join "drover"."resolution_categories" as resolution on resolution.source_key = ("c"."id")::text collate "C"
  left join "drover"."crosswalk_categories" as "ref_1" on "ref_1"."source_key" = ("c"."parent_id")::text collate "C"
  where "c"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'categories' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_categories" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."categories" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."name") is distinct from ("s"."name") or ($2::text[] && array['*', 'categories'] and s._stands = 'loaded') and ("existing"."parent_id") is distinct from ("s"."parent_id"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_categories" ("id", "name", "parent_id", "drover_version")
  select "id", "name", "parent_id", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."categories" as t
  set "name" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."name" else "t"."name" end,
    "parent_id" = case when ($2::text[] && array['*', 'categories'] and s._stands = 'loaded') then "s"."parent_id" else "t"."parent_id" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'categories', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('name', array['*']), ('parent_id', array['*', 'categories'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'categories' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'categories' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
