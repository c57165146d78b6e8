-- hazard volatile-defaults, invoices: app.invoices: entered, touched_at is left to a default that differs from run to run.
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."invoices" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- 1. invoices: legacy.invoices → app.invoices
-- =================================================================================================
-- invoices: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_invoices" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int8
);
-- source rows
select count(*) as n from "legacy"."invoices";
-- target rows before
select count(*) as n from "app"."invoices";
-- where sequence app.invoices_entered_seq stands
insert into drover.moved_sequence (run_id, sequence_schema, sequence_name, was_value, was_called, was_furthest)
select $1::bigint, 'app', 'invoices_entered_seq', s.last_value, s.is_called, f.furthest
from "app"."invoices_entered_seq" as s
cross join (select greatest((select trunc(max("entered")::numeric) from "app"."invoices")) as furthest) as f
on conflict (run_id, sequence_schema, sequence_name) do nothing;
-- where sequence app.invoices_id_seq stands
insert into drover.moved_sequence (run_id, sequence_schema, sequence_name, was_value, was_called, was_furthest)
select $1::bigint, 'app', 'invoices_id_seq', s.last_value, s.is_called, f.furthest
from "app"."invoices_id_seq" as s
cross join (select greatest((select trunc(max("id")::numeric) from "app"."invoices")) as furthest) as f
on conflict (run_id, sequence_schema, sequence_name) do nothing;
-- where sequence app.invoices_number_seq stands
insert into drover.moved_sequence (run_id, sequence_schema, sequence_name, was_value, was_called, was_furthest)
select $1::bigint, 'app', 'invoices_number_seq', s.last_value, s.is_called, f.furthest
from "app"."invoices_number_seq" as s
cross join (select greatest((select trunc(max("number")::numeric) from "app"."invoices")) as furthest) as f
on conflict (run_id, sequence_schema, sequence_name) do nothing;
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."invoices" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."invoices")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'invoices', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- invoices: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."invoices" as "i"
  where ($3::text[] is null or ("i"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("i"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."i.id")::int8 as "id",
    (1000 + "row"."i.id")::int8 as "number",
    ("row"."i.net")::numeric as "net",
    ("row"."i.tax")::numeric as "tax"
  from (
  select
    ("i"."id")::text as "step_1.v1",
    "i"."id" as "i.id",
    "i"."net" as "i.net",
    "i"."tax" as "i.tax"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'net' then ("fix"."patch" ->> 'net')::numeric else "t"."net" end as "net",
      case when "fix"."patch" ? 'tax' then ("fix"."patch" ->> 'tax')::numeric else "t"."tax" end as "tax"
    from "legacy"."invoices" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.invoices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "i"
  where ($3::text[] is null or ("i"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("i"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."invoices" ("id", "number", "net", "tax") overriding system value
  select "id", "number", "net", "tax"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_invoices" (source_key, disposition, "id")
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
where run_id = $1::bigint and mapping = 'invoices' and number = $2::bigint;
commit;

-- invoices: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("i"."id")::text] as bound, row_number() over (order by "i"."id") as position, count(*) as rows
  from "legacy"."invoices" as "i"
    where ($1::text[] is null or ("i"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("i"."id") < (($2::text[])[1]::int4)) and "i"."id" is not null
  group by "i"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- invoices: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."invoices" as "i"
  where ($3::text[] is null or ("i"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("i"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."invoices" as original
      where original.ctid = "i"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'net' then ("fix"."patch" ->> 'net')::numeric else "t"."net" end as "net",
      case when "fix"."patch" ? 'tax' then ("fix"."patch" ->> 'tax')::numeric else "t"."tax" end as "tax"
    from "legacy"."invoices" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.invoices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "i"
  cross join lateral (
    select
      ("i"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("i"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("i"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_invoices" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'invoices', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'invoices' and number = $2::bigint
returning quarantined;
commit;

-- invoices: the key of the crosswalk
begin;
alter table "drover"."crosswalk_invoices" add primary key (source_key);
analyze "drover"."crosswalk_invoices";
commit;

-- invoices: the statistics of the target
begin;
analyze "app"."invoices";
commit;

-- invoices: close
begin;
-- what is checked late, now
set constraints all immediate;
-- sequence app.invoices_id_seq ahead of the keys
select pg_catalog.setval('"app"."invoices_id_seq"', f.furthest::bigint)
from "app"."invoices_id_seq" as s
cross join (select greatest((select trunc(max("id")::numeric) from "app"."invoices")) as furthest) as f
where f.furthest >= s.last_value + case when s.is_called then 1 else 0 end;
-- sequence app.invoices_number_seq ahead of the keys
select pg_catalog.setval('"app"."invoices_number_seq"', f.furthest::bigint)
from "app"."invoices_number_seq" as s
cross join (select greatest((select trunc(max("number")::numeric) from "app"."invoices")) as furthest) as f
where f.furthest >= s.last_value + case when s.is_called then 1 else 0 end;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."invoices";
-- target rows after
select count(*) as n from "app"."invoices";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."invoices" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- invoices: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'invoices', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'net' then ("fix"."patch" ->> 'net')::numeric else "t"."net" end as "net",
      case when "fix"."patch" ? 'tax' then ("fix"."patch" ->> 'tax')::numeric else "t"."tax" end as "tax"
    from "legacy"."invoices" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.invoices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "i"
  cross join lateral (
    select
      ("i"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_invoices" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("i"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.invoices')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."i.id")::int8 as "id",
    (1000 + "row"."i.id")::int8 as "number",
    ("row"."i.net")::numeric as "net",
    ("row"."i.tax")::numeric as "tax"
  from (
  select
    ("i"."id")::text as "step_1.v1",
    "i"."id" as "i.id",
    "i"."net" as "i.net",
    "i"."tax" as "i.tax"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'net' then ("fix"."patch" ->> 'net')::numeric else "t"."net" end as "net",
      case when "fix"."patch" ? 'tax' then ("fix"."patch" ->> 'tax')::numeric else "t"."tax" end as "tax"
    from "legacy"."invoices" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.invoices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "i"
  where "i"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'invoices' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_invoices" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."invoices" ("id", "number", "net", "tax") overriding system value
  select "id", "number", "net", "tax"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_invoices" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'invoices' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'invoices' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'invoices' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'invoices', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'invoices', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_invoices" (like "app"."invoices", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."i.id")::int8 as "id",
    (1000 + "row"."i.id")::int8 as "number",
    ("row"."i.net")::numeric as "net",
    ("row"."i.tax")::numeric as "tax"
  from (
  select
    ("i"."id")::text as "step_1.v1",
    "i"."id" as "i.id",
    "i"."net" as "i.net",
    "i"."tax" as "i.tax"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'net' then ("fix"."patch" ->> 'net')::numeric else "t"."net" end as "net",
      case when "fix"."patch" ? 'tax' then ("fix"."patch" ->> 'tax')::numeric else "t"."tax" end as "tax"
    from "legacy"."invoices" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.invoices' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "i"
  where "i"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'invoices' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_invoices" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."invoices" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."net") is distinct from ("s"."net") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."tax") is distinct from ("s"."tax"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_invoices" ("id", "number", "net", "tax", "entered", "touched_at", "drover_version")
  select "id", "number", "net", "tax", "entered", "touched_at", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."invoices" as t
  set "net" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."net" else "t"."net" end,
    "tax" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."tax" else "t"."tax" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'invoices', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('net', array['*']), ('tax', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'invoices' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'invoices' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
