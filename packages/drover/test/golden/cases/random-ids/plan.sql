-- hazard random-ids, shares: app.shares: id, link, token is random and differs from run to run.
-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.views (2).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."shares" as t offset '0') as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."views" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."views" drop constraint "views_share_id_fkey";
alter table "app"."views" drop constraint "views_pkey";
commit;

-- =================================================================================================
-- 1. shares: legacy.shares → app.shares
-- =================================================================================================
-- shares: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_shares" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" uuid
);
-- source rows
select count(*) as n from "legacy"."shares";
-- target rows before
select count(*) as n from "app"."shares";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."shares" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."shares")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'shares', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- shares: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."shares" as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_1.v5" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."step_3.v3")::uuid as "id",
    ('/shares/' || "row"."step_3.v3")::text as "link",
    ("row"."step_3.v4")::uuid as "token",
    ("row"."s.title")::text as "title",
    case when "row"."step_1.v5" then array_remove(array[case when "row"."s.title" is null then 1 end], null) end as "_reasons",
    "row"."s.ctid" as "_place"
  from (
  select
    "row"."step_1.v5" as "step_1.v5",
    "row"."step_1.v1" as "step_1.v1",
    case when "row"."step_2.v2" is not null then gen_random_uuid() end as "step_3.v3",
    case when "row"."step_2.v2" is not null then gen_random_uuid() end as "step_3.v4",
    "row"."s.title" as "s.title",
    "row"."s.ctid" as "s.ctid"
  from (
  select
    "row"."step_1.v5" as "step_1.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."step_1.v1" as "step_2.v2",
    "row"."s.title" as "s.title",
    "row"."s.ctid" as "s.ctid"
  from (
  select
    "s"."title" is null as "step_1.v5",
    ("s"."id")::text as "step_1.v1",
    "s"."title" as "s.title",
    "s"."ctid" as "s.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'title' then ("fix"."patch" ->> 'title')::text else "t"."title" end as "title"
    from "legacy"."shares" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.shares' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."shares" ("id", "link", "token", "title")
  select "id", "link", "token", "title"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_shares" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'shares', "s"."_key", $2::bigint,
    (array['no-title'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-title', 'title')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."shares" as original
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
where run_id = $1::bigint and mapping = 'shares' and number = $2::bigint;
commit;

-- shares: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("s"."id")::text] as bound, row_number() over (order by "s"."id") as position, count(*) as rows
  from "legacy"."shares" as "s"
    where ($1::text[] is null or ("s"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("s"."id") < (($2::text[])[1]::int4)) and "s"."id" is not null
  group by "s"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- shares: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."shares" as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."shares" as original
      where original.ctid = "s"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'title' then ("fix"."patch" ->> 'title')::text else "t"."title" end as "title"
    from "legacy"."shares" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.shares' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_shares" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'shares', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'shares' and number = $2::bigint
returning quarantined;
commit;

-- shares: the key of the crosswalk
begin;
alter table "drover"."crosswalk_shares" add primary key (source_key);
analyze "drover"."crosswalk_shares";
commit;

-- shares: the statistics of the target
begin;
analyze "app"."shares";
commit;

-- shares: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."shares";
-- target rows after
select count(*) as n from "app"."shares";
commit;

-- =================================================================================================
-- 2. views: legacy.views → app.views
-- begins when shares is done
-- =================================================================================================
-- views: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_views" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."views";
-- target rows before
select count(*) as n from "app"."views";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."views" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."views")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'views', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- views: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."views" as "v"
  where ($3::text[] is null or ("v"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("v"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    'loaded' as "_disposition",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[case when "row"."step_3.v4" then 1 end, case when "row"."step_3.v5" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."v.id")::int4 as "id",
    ("row"."ref_3.id")::uuid as "share_id",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[("row"."step_1.v2")::text, ("row"."step_1.v2")::text]::text[] end as "_originals"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) as "step_3.v4",
    "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."v.id" as "v.id",
    "ref_3"."id" as "ref_3.id",
    "row"."step_1.v2" as "step_1.v2"
  from (
  select
    ("v"."share_id")::text as "step_1.v2",
    ("v"."id")::text as "step_1.v1",
    "v"."id" as "v.id"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'share_id' then ("fix"."patch" ->> 'share_id')::int4 else "t"."share_id" end as "share_id"
    from "legacy"."views" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.views' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "v"
  where ($3::text[] is null or ("v"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("v"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_shares" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."views" ("id", "share_id")
  select "id", "share_id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_views" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (select where false), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'views', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'share_id'), (2, 'orphan', 'share_id')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'views' and number = $2::bigint;
commit;

-- views: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("v"."id")::text] as bound, row_number() over (order by "v"."id") as position, count(*) as rows
  from "legacy"."views" as "v"
    where ($1::text[] is null or ("v"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("v"."id") < (($2::text[])[1]::int4)) and "v"."id" is not null
  group by "v"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- views: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."views" as "v"
  where ($3::text[] is null or ("v"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("v"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."views" as original
      where original.ctid = "v"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'share_id' then ("fix"."patch" ->> 'share_id')::int4 else "t"."share_id" end as "share_id"
    from "legacy"."views" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.views' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "v"
  cross join lateral (
    select
      ("v"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("v"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("v"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_views" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'views', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'views' and number = $2::bigint
returning quarantined;
commit;

-- views: the key of the crosswalk
begin;
alter table "drover"."crosswalk_views" add primary key (source_key);
analyze "drover"."crosswalk_views";
commit;

-- views: the statistics of the target
begin;
analyze "app"."views";
commit;

-- views_pkey
begin;
CREATE UNIQUE INDEX views_pkey ON app.views USING btree (id);
commit;

-- views: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."views";
-- target rows after
select count(*) as n from "app"."views";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."views" add constraint "views_pkey" primary key using index "views_pkey";
commit;

-- =================================================================================================
-- Foreign keys, when every mapping is closed. Each statement is a transaction.
-- =================================================================================================
-- foreign keys
begin;
alter table "app"."views" add constraint "views_share_id_fkey" FOREIGN KEY (share_id) REFERENCES app.shares(id) not valid;
alter table "app"."views" validate constraint "views_share_id_fkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."shares" as t offset '0') as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."views" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- shares: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'shares', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'title' then ("fix"."patch" ->> 'title')::text else "t"."title" end as "title"
    from "legacy"."shares" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.shares' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_shares" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("s"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.shares')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_1.v5" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."step_3.v3")::uuid as "id",
    ('/shares/' || "row"."step_3.v3")::text as "link",
    ("row"."step_3.v4")::uuid as "token",
    ("row"."s.title")::text as "title",
    case when "row"."step_1.v5" then array_remove(array[case when "row"."s.title" is null then 1 end], null) end as "_reasons",
    "row"."s.ctid" as "_place"
  from (
  select
    "row"."step_1.v5" as "step_1.v5",
    "row"."step_1.v1" as "step_1.v1",
    case when "row"."step_2.v2" is not null then gen_random_uuid() end as "step_3.v3",
    case when "row"."step_2.v2" is not null then gen_random_uuid() end as "step_3.v4",
    "row"."s.title" as "s.title",
    "row"."s.ctid" as "s.ctid"
  from (
  select
    "row"."step_1.v5" as "step_1.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."step_1.v1" as "step_2.v2",
    "row"."s.title" as "s.title",
    "row"."s.ctid" as "s.ctid"
  from (
  select
    "s"."title" is null as "step_1.v5",
    ("s"."id")::text as "step_1.v1",
    "s"."title" as "s.title",
    "s"."ctid" as "s.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'title' then ("fix"."patch" ->> 'title')::text else "t"."title" end as "title"
    from "legacy"."shares" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.shares' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where "s"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'shares' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_shares" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."shares" ("id", "link", "token", "title")
  select "id", "link", "token", "title"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_shares" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'shares', "s"."_key", $2::bigint,
    (array['no-title'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-title', 'title')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."shares" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'shares' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'shares' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'shares' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'shares', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'shares', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_shares" (like "app"."shares", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_1.v2" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."s.title")::text as "title",
    case when "row"."step_1.v2" then array_remove(array[case when "row"."s.title" is null then 1 end], null) end as "_reasons"
  from (
  select
    "s"."title" is null as "step_1.v2",
    ("s"."id")::text as "step_1.v1",
    "s"."title" as "s.title",
    "s"."ctid" as "s.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'title' then ("fix"."patch" ->> 'title')::text else "t"."title" end as "title"
    from "legacy"."shares" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.shares' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where "s"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'shares' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_shares" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."shares" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."title") is distinct from ("s"."title"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_shares" ("id", "link", "token", "title", "drover_version")
  select "id", "link", "token", "title", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."shares" as t
  set "title" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."title" else "t"."title" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'shares', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('title', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'shares' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'shares' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;

-- views: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'views', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'share_id' then ("fix"."patch" ->> 'share_id')::int4 else "t"."share_id" end as "share_id"
    from "legacy"."views" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.views' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "v"
  cross join lateral (
    select
      ("v"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_views" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("v"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.views')))) as found
on conflict do nothing;
-- rows that refer to moved rows of shares
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'views', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'share_id' then ("fix"."patch" ->> 'share_id')::int4 else "t"."share_id" end as "share_id"
    from "legacy"."views" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.views' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "v"
  cross join lateral (
    select
      ("v"."id")::text as "v1",
      ("v"."share_id")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_views" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'shares' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'views' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of shares
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'share_id' then ("fix"."patch" ->> 'share_id')::int4 else "t"."share_id" end as "share_id"
    from "legacy"."views" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.views' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "v"
  cross join lateral (
    select
      ("v"."id")::text as "v1",
      ("v"."share_id")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_views" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'views' and q.source_key = walked.source_key and q.accepted_at is not null
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
    ("row"."v.id")::int4 as "id",
    ("row"."ref_3.id")::uuid as "share_id",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[("row"."step_1.v2")::text, ("row"."step_1.v2")::text]::text[] end as "_originals"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) as "step_3.v4",
    "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."v.id" as "v.id",
    "ref_3"."id" as "ref_3.id",
    "row"."step_1.v2" as "step_1.v2"
  from (
  select
    ("v"."share_id")::text as "step_1.v2",
    ("v"."id")::text as "step_1.v1",
    "v"."id" as "v.id"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'share_id' then ("fix"."patch" ->> 'share_id')::int4 else "t"."share_id" end as "share_id"
    from "legacy"."views" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.views' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "v"
  where "v"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'views' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_shares" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_views" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."views" ("id", "share_id")
  select "id", "share_id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_views" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'views' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'views' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'views' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'views', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'share_id'), (2, 'orphan', 'share_id')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'views', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'views', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_views" (like "app"."views", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    'loaded' as "_disposition",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[case when "row"."step_3.v4" then 1 end, case when "row"."step_3.v5" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."v.id")::int4 as "id",
    ("row"."ref_3.id")::uuid as "share_id",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[("row"."step_1.v2")::text, ("row"."step_1.v2")::text]::text[] end as "_originals"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) as "step_3.v4",
    "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."v.id" as "v.id",
    "ref_3"."id" as "ref_3.id",
    "row"."step_1.v2" as "step_1.v2"
  from (
  select
    ("v"."share_id")::text as "step_1.v2",
    ("v"."id")::text as "step_1.v1",
    "v"."id" as "v.id"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'share_id' then ("fix"."patch" ->> 'share_id')::int4 else "t"."share_id" end as "share_id"
    from "legacy"."views" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.views' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "v"
  where "v"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'views' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_shares" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_views" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."views" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'shares'] and s._stands = 'loaded') and ("existing"."share_id") is distinct from ("s"."share_id"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_views" ("id", "share_id", "drover_version")
  select "id", "share_id", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."views" as t
  set "share_id" = case when ($2::text[] && array['*', 'shares'] and s._stands = 'loaded') then "s"."share_id" else "t"."share_id" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'views', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('share_id', array['*', 'shares'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'views' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'views' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'views', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'share_id'), (2, 'orphan', 'share_id')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
