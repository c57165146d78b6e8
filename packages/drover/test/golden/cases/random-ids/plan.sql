-- hazard random-ids, shares: app.shares: id, link, token is random and differs from run to run.
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."shares" as t) as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."views" as t) as hashed;
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
    "step_1"."v1" as "_key",
    ("step_3"."v4")::uuid as "id",
    ('/shares/' || "step_3"."v4")::text as "link",
    ("step_3"."v5")::uuid as "token",
    ("s"."title")::text as "title",
    case when "step_1"."v2" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_1"."v2" then array_remove(array[case when "step_1"."v2" then 1 end], null) end as "_reasons",
    "s"."ctid" as "_place"
  from "legacy"."shares" as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1",
      "s"."title" is null as "v2"
    offset 0
  ) as "step_1"
  cross join lateral (
    select
      "step_1"."v1" as "v3"
    offset 0
  ) as "step_2"
  cross join lateral (
    select
      case when "step_2"."v3" is not null then gen_random_uuid() end as "v4",
      case when "step_2"."v3" is not null then gen_random_uuid() end as "v5"
    offset 0
  ) as "step_3"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
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
  returning disposition
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
  merged = (select count(*) from walked where disposition = 'merged'),
  matched = (select count(*) from walked where disposition = 'matched'),
  quarantined = (select count(*) from quarantined),
  excluded = (select count(*) from walked where disposition = 'excluded'),
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
    to_jsonb("s".*) as original
  from "legacy"."shares" as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1"
    offset 0
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

-- shares: close
begin;
alter table "drover"."crosswalk_shares" add primary key (source_key);
analyze "drover"."crosswalk_shares";
analyze "app"."shares";
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
    "step_1"."v1" as "_key",
    ("v"."id")::int4 as "id",
    ("ref_3"."id")::uuid as "share_id",
    'loaded' as "_disposition",
    case when "step_3"."v4" or "step_3"."v5" then array[case when "step_3"."v4" then 1 end, case when "step_3"."v5" then 2 end] end as "_logged",
    case when "step_3"."v4" or "step_3"."v5" then array[("step_1"."v2")::text, ("step_1"."v2")::text]::text[] end as "_originals"
  from "legacy"."views" as "v"
  cross join lateral (
    select
      ("v"."id")::text as "v1",
      ("v"."share_id")::text as "v2"
    offset 0
  ) as "step_1"
  left join "drover"."crosswalk_shares" as "ref_3" on "ref_3"."source_key" = "step_1"."v2" collate "C"
  cross join lateral (
    select
      ("ref_3"."source_key" is not null and "ref_3"."id" is null) as "v4",
      "step_1"."v2" is not null and "ref_3"."source_key" is null as "v5"
    offset 0
  ) as "step_3"
  where ($3::text[] is null or ("v"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("v"."id") < (($4::text[])[1]::int4))
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
  returning disposition
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
  merged = (select count(*) from walked where disposition = 'merged'),
  matched = (select count(*) from walked where disposition = 'matched'),
  quarantined = (select count(*) from quarantined),
  excluded = (select count(*) from walked where disposition = 'excluded'),
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
    to_jsonb("v".*) as original
  from "legacy"."views" as "v"
  cross join lateral (
    select
      ("v"."id")::text as "v1"
    offset 0
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

-- views: close
begin;
alter table "drover"."crosswalk_views" add primary key (source_key);
analyze "drover"."crosswalk_views";
analyze "app"."views";
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."views";
-- target rows after
select count(*) as n from "app"."views";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."shares" as t) as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."views" as t) as hashed;
commit;
