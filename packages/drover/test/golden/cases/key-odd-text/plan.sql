-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."things" as t) as hashed;
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
    "step_1"."v1" as "_key",
    ("step_1"."v2")::uuid as "id",
    ("t"."id")::text as "name",
    null::uuid as "next",
    'loaded' as "_disposition"
  from "legacy"."things" as "t"
  cross join lateral (
    select
      ("t"."id")::text as "v1",
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("t"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v2"
    offset 0
  ) as "step_1"
  where ($3::text[] is null or ("t"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("t"."id") < (($4::text[])[1]::text))
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
  returning disposition
), quarantined as (select where false)
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = (select count(*) from loaded),
  merged = (select count(*) from walked where disposition = 'merged'),
  matched = (select count(*) from walked where disposition = 'matched'),
  quarantined = (select count(*) from quarantined),
  excluded = (select count(*) from walked where disposition = 'excluded'),
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
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    to_jsonb("t".*) as original
  from "legacy"."things" as "t"
  cross join lateral (
    select
      ("t"."id")::text as "v1"
    offset 0
  ) as "step_1"
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

-- things: close
begin;
alter table "drover"."crosswalk_things" add primary key (source_key);
analyze "drover"."crosswalk_things";
analyze "app"."things";
-- what is checked late, now
set constraints all immediate;
-- rows whose reference leads nowhere. Repeated until no row is left. $2 here: the entry that adjusts the counts
with s as materialized (
  select
    "step_1"."v1" as "_key",
    ("ref_3"."id")::uuid as "next",
    case when "step_3"."v4" or "step_3"."v5" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_3"."v4" or "step_3"."v5" then array_remove(array[case when "step_3"."v4" then 1 end, case when "step_3"."v5" then 2 end], null) end as "_reasons",
    "t"."ctid" as "_place",
    "walked"."id" as "_walked_id"
  from "legacy"."things" as "t"
  cross join lateral (
    select
      ("t"."id")::text as "v1",
      ("t"."next")::text as "v2"
    offset 0
  ) as "step_1"
  left join "drover"."crosswalk_things" as "ref_3" on "ref_3"."source_key" = "step_1"."v2" collate "C"
  cross join lateral (
    select
      ("ref_3"."source_key" is not null and "ref_3"."id" is null) as "v4",
      "step_1"."v2" is not null and "ref_3"."source_key" is null as "v5"
    offset 0
  ) as "step_3"
  join "drover"."crosswalk_things" as walked on walked.source_key = "step_1"."v1" collate "C"
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
    "step_1"."v1" as "_key",
    ("ref_3"."id")::uuid as "next",
    case when "step_3"."v4" or "step_3"."v5" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_3"."v4" or "step_3"."v5" then array_remove(array[case when "step_3"."v4" then 1 end, case when "step_3"."v5" then 2 end], null) end as "_reasons",
    "t"."ctid" as "_place",
    "walked"."id" as "_walked_id"
  from "legacy"."things" as "t"
  cross join lateral (
    select
      ("t"."id")::text as "v1",
      ("t"."next")::text as "v2"
    offset 0
  ) as "step_1"
  left join "drover"."crosswalk_things" as "ref_3" on "ref_3"."source_key" = "step_1"."v2" collate "C"
  cross join lateral (
    select
      ("ref_3"."source_key" is not null and "ref_3"."id" is null) as "v4",
      "step_1"."v2" is not null and "ref_3"."source_key" is null as "v5"
    offset 0
  ) as "step_3"
  join "drover"."crosswalk_things" as walked on walked.source_key = "step_1"."v1" collate "C"
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
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."things" as t) as hashed;
commit;
