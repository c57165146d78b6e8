-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.teams (1), app.people (2), app.team_sizes (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."people" as t offset '0') as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."teams" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."people" drop constraint "people_team_id_fkey";
alter table "app"."team_sizes" drop constraint "team_sizes_pkey";
alter table "app"."people" drop constraint "people_pkey";
alter table "app"."teams" drop constraint "teams_pkey";
commit;

-- =================================================================================================
-- 1. teams: legacy.teams → app.teams
-- =================================================================================================
-- teams: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_teams" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" uuid
);
-- source rows
select count(*) as n from "legacy"."teams";
-- target rows before
select count(*) as n from "app"."teams";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."teams" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."teams")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'teams', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- teams: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."teams" as "t"
  where ($3::text[] is null or ("t"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("t"."id") < (($4::text[])[1]::text))
), s as materialized (
  select
    case when "row"."step_1.v2" then 'quarantined' else 'loaded' end as "_disposition",
    ("row"."t.id")::text as "_key",
    ("row"."step_1.v1")::uuid as "id",
    ("row"."t.name")::text as "name",
    case when "row"."step_1.v2" then array_remove(array[case when "row"."t.name" is null then 1 end], null) end as "_reasons",
    "row"."t.ctid" as "_place"
  from (
  select
    "t"."name" is null as "step_1.v2",
    "t"."id" as "t.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("t"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v1",
    "t"."name" as "t.name",
    "t"."ctid" as "t.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."teams" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.teams' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  where ($3::text[] is null or ("t"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("t"."id") < (($4::text[])[1]::text))
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."teams" ("id", "name")
  select "id", "name"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_teams" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'teams', "s"."_key", $2::bigint,
    (array['no-name'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-name', 'name')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."teams" as original
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
where run_id = $1::bigint and mapping = 'teams' and number = $2::bigint;
commit;

-- teams: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("t"."id")::text] as bound, row_number() over (order by "t"."id") as position, count(*) as rows
  from "legacy"."teams" as "t"
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

-- teams: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."teams" as "t"
  where ($3::text[] is null or ("t"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("t"."id") < (($4::text[])[1]::text))
), s as materialized (
  select ("t"."id")::text as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."teams" as original
      where original.ctid = "t"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."teams" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.teams' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  where ($3::text[] is null or ("t"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("t"."id") < (($4::text[])[1]::text))
), walked as (
  insert into "drover"."crosswalk_teams" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'teams', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'teams' and number = $2::bigint
returning quarantined;
commit;

-- teams: the key of the crosswalk
begin;
alter table "drover"."crosswalk_teams" add primary key (source_key);
analyze "drover"."crosswalk_teams";
commit;

-- teams: the statistics of the target
begin;
analyze "app"."teams";
commit;

-- teams_pkey
begin;
CREATE UNIQUE INDEX teams_pkey ON app.teams USING btree (id);
commit;

-- teams: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."teams";
-- target rows after
select count(*) as n from "app"."teams";
commit;

-- =================================================================================================
-- 2. people: legacy.people → app.people
-- begins when teams is done
-- =================================================================================================
-- people: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_people" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."people";
-- target rows before
select count(*) as n from "app"."people";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."people" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."people")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'people', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- people: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."people" as "p"
  where ($3::text[] is null or ("p"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("p"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    'loaded' as "_disposition",
    case when "row"."step_2.v3" or "row"."step_2.v4" then array[case when "row"."step_2.v3" then 1 end, case when "row"."step_2.v4" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."p.id")::int4 as "id",
    ("row"."ref_2.id")::uuid as "team_id",
    ("row"."p.name")::text as "name",
    case when "row"."step_2.v3" or "row"."step_2.v4" then array[(("row"."p.team")::text)::text, (("row"."p.team")::text)::text]::text[] end as "_originals"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."id" is null) as "step_2.v3",
    ("row"."p.team")::text is not null and "ref_2"."source_key" is null as "step_2.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "ref_2"."id" as "ref_2.id",
    "row"."p.name" as "p.name",
    "row"."p.team" as "p.team"
  from (
  select
    "p"."team" as "p.team",
    ("p"."id")::text as "step_1.v1",
    "p"."id" as "p.id",
    "p"."name" as "p.name"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'team' then ("fix"."patch" ->> 'team')::text else "t"."team" end as "team",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."people" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.people' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  where ($3::text[] is null or ("p"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("p"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_teams" as "ref_2" on "ref_2"."source_key" = ("row"."p.team")::text collate "C"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."people" ("id", "team_id", "name")
  select "id", "team_id", "name"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_people" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (select where false), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'people', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'team_id'), (2, 'orphan', 'team_id')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'people' and number = $2::bigint;
commit;

-- people: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("p"."id")::text] as bound, row_number() over (order by "p"."id") as position, count(*) as rows
  from "legacy"."people" as "p"
    where ($1::text[] is null or ("p"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("p"."id") < (($2::text[])[1]::int4)) and "p"."id" is not null
  group by "p"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- people: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."people" as "p"
  where ($3::text[] is null or ("p"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("p"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."people" as original
      where original.ctid = "p"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'team' then ("fix"."patch" ->> 'team')::text else "t"."team" end as "team",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."people" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.people' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  cross join lateral (
    select
      ("p"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("p"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("p"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_people" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'people', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'people' and number = $2::bigint
returning quarantined;
commit;

-- people: the key of the crosswalk
begin;
alter table "drover"."crosswalk_people" add primary key (source_key);
analyze "drover"."crosswalk_people";
commit;

-- people: the statistics of the target
begin;
analyze "app"."people";
commit;

-- people_pkey
begin;
CREATE UNIQUE INDEX people_pkey ON app.people USING btree (id);
commit;

-- people: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."people";
-- target rows after
select count(*) as n from "app"."people";
commit;

-- =================================================================================================
-- 3. team_sizes: app.teams → app.team_sizes
-- begins when people, teams is done
-- =================================================================================================
-- team_sizes: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_team_sizes" (
  source_key text collate "C" not null,
  disposition text not null,
  "team_id" uuid
);
-- source rows
select count(*) as n from "app"."teams";
-- target rows before
select count(*) as n from "app"."team_sizes";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "app"."teams" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "app"."teams")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'team_sizes', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- team_sizes: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "app"."teams" as "t"
  where ($3::text[] is null or ("t"."id") >= (($3::text[])[1]::uuid)) and ($4::text[] is null or ("t"."id") < (($4::text[])[1]::uuid))
), s as materialized (
  select
    'loaded' as "_disposition",
    case when "step_1"."v2" then array[case when "step_1"."v2" then 1 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("t"."id")::uuid as "team_id",
    ("t"."name")::text as "name",
    (case when ("s"."people" is null) then '0' else "s"."people" end)::int8 as "people",
    case when "step_1"."v2" then array[("s"."people")::text]::text[] end as "_originals"
  from "app"."teams" as "t"
  left join (select "p"."team_id", count(*) as "people" from "app"."people" as "p" group by "p"."team_id") as "s" on "s"."team_id" = "t"."id"
  cross join lateral (
    select
      ("t"."id")::text as "v1",
      "s"."people" is null as "v2"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("t"."id") >= (($3::text[])[1]::uuid)) and ($4::text[] is null or ("t"."id") < (($4::text[])[1]::uuid))
), loaded as (
  insert into "app"."team_sizes" ("team_id", "name", "people")
  select "team_id", "name", "people"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_team_sizes" (source_key, disposition, "team_id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."team_id" end
  from s
), quarantined as (select where false), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'team_sizes', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'nobody', 'people')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'team_sizes' and number = $2::bigint;
commit;

-- team_sizes: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("t"."id")::text] as bound, row_number() over (order by "t"."id") as position, count(*) as rows
  from "app"."teams" as "t"
    where ($1::text[] is null or ("t"."id") >= (($1::text[])[1]::uuid)) and ($2::text[] is null or ("t"."id") < (($2::text[])[1]::uuid)) and "t"."id" is not null
  group by "t"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- team_sizes: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "app"."teams" as "t"
  where ($3::text[] is null or ("t"."id") >= (($3::text[])[1]::uuid)) and ($4::text[] is null or ("t"."id") < (($4::text[])[1]::uuid))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    to_jsonb("t".*) as original
  from "app"."teams" as "t"
  left join (select "p"."team_id", count(*) as "people" from "app"."people" as "p" group by "p"."team_id") as "s" on "s"."team_id" = "t"."id"
  cross join lateral (
    select
      ("t"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("t"."id") >= (($3::text[])[1]::uuid)) and ($4::text[] is null or ("t"."id") < (($4::text[])[1]::uuid))
), walked as (
  insert into "drover"."crosswalk_team_sizes" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'team_sizes', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'team_sizes' and number = $2::bigint
returning quarantined;
commit;

-- team_sizes: the key of the crosswalk
begin;
alter table "drover"."crosswalk_team_sizes" add primary key (source_key);
analyze "drover"."crosswalk_team_sizes";
commit;

-- team_sizes: the statistics of the target
begin;
analyze "app"."team_sizes";
commit;

-- team_sizes_pkey
begin;
CREATE UNIQUE INDEX team_sizes_pkey ON app.team_sizes USING btree (team_id);
commit;

-- team_sizes: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "app"."teams";
-- target rows after
select count(*) as n from "app"."team_sizes";
commit;

-- =================================================================================================
-- 4. size_classes: query → app.size_classes
-- begins when team_sizes is done
-- =================================================================================================
-- size_classes: prepare
begin;
-- the query that the mapping reads from
create table "drover"."source_size_classes" as
(select "s"."people", count(*) as "teams" from "app"."team_sizes" as "s" group by "s"."people");
analyze "drover"."source_size_classes";
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_size_classes" (
  source_key text collate "C" not null,
  disposition text not null,
  "people" int8
);
-- source rows
select count(*) as n from "drover"."source_size_classes";
-- target rows before
select count(*) as n from "app"."size_classes";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select row_number() over (order by block) as number,
    case when block > 0 then array['(' || block || ',0)'] end as lower,
    step * n / greatest(blocks, 1) as rows
  from (
    select blocks, n, greatest(1, blocks * $2::bigint / greatest(n, 1)) as step
    from (
      select pg_relation_size('"drover"."source_size_classes"'::regclass) / current_setting('block_size')::int as blocks,
        (select count(*) from "drover"."source_size_classes") as n
    ) as size
  ) as cut
  cross join lateral generate_series(0, greatest(blocks - 1, 0), step) as block
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'size_classes', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- size_classes: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "drover"."source_size_classes" as "c"
  where ($3::text[] is null or ("c"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("c"."ctid") < (($4::text[])[1]::tid))
), s as materialized (
  select
    'loaded' as "_disposition",
    "step_1"."v1" as "_key",
    ("c"."people")::int8 as "people",
    ("c"."teams")::int8 as "teams"
  from "drover"."source_size_classes" as "c"
  cross join lateral (
    select
      ("c"."people")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("c"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("c"."ctid") < (($4::text[])[1]::tid))
), loaded as (
  insert into "app"."size_classes" ("people", "teams")
  select "people", "teams"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_size_classes" (source_key, disposition, "people")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."people" end
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
where run_id = $1::bigint and mapping = 'size_classes' and number = $2::bigint;
commit;

-- size_classes: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("c"."ctid")::text] as bound, row_number() over (order by "c"."ctid") as position, count(*) as rows
  from "drover"."source_size_classes" as "c"
    where ($1::text[] is null or ("c"."ctid") >= (($1::text[])[1]::tid)) and ($2::text[] is null or ("c"."ctid") < (($2::text[])[1]::tid)) and "c"."ctid" is not null
  group by "c"."ctid"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- size_classes: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "drover"."source_size_classes" as "c"
  where ($3::text[] is null or ("c"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("c"."ctid") < (($4::text[])[1]::tid))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    to_jsonb("c".*) as original
  from "drover"."source_size_classes" as "c"
  cross join lateral (
    select
      ("c"."people")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("c"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("c"."ctid") < (($4::text[])[1]::tid))
), walked as (
  insert into "drover"."crosswalk_size_classes" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'size_classes', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'size_classes' and number = $2::bigint
returning quarantined;
commit;

-- size_classes: the key of the crosswalk
begin;
alter table "drover"."crosswalk_size_classes" add primary key (source_key);
analyze "drover"."crosswalk_size_classes";
commit;

-- size_classes: the statistics of the target
begin;
analyze "app"."size_classes";
commit;

-- size_classes: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "drover"."source_size_classes";
-- target rows after
select count(*) as n from "app"."size_classes";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."teams" add constraint "teams_pkey" primary key using index "teams_pkey";
alter table "app"."people" add constraint "people_pkey" primary key using index "people_pkey";
alter table "app"."team_sizes" add constraint "team_sizes_pkey" primary key using index "team_sizes_pkey";
commit;

-- =================================================================================================
-- Foreign keys, when every mapping is closed. Each statement is a transaction.
-- =================================================================================================
-- foreign keys
begin;
alter table "app"."people" add constraint "people_team_id_fkey" FOREIGN KEY (team_id) REFERENCES app.teams(id) not valid;
alter table "app"."people" validate constraint "people_team_id_fkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."people" as t offset '0') as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."teams" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- teams: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'teams', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."teams" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.teams' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  join "drover"."crosswalk_teams" as walked on walked.source_key = ("t"."id")::text collate "C"
  where walked.disposition <> 'quarantined' and ((("t"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.teams')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_1.v2" then 'quarantined' else 'loaded' end as "_disposition",
    ("row"."t.id")::text as "_key",
    ("row"."step_1.v1")::uuid as "id",
    ("row"."t.name")::text as "name",
    case when "row"."step_1.v2" then array_remove(array[case when "row"."t.name" is null then 1 end], null) end as "_reasons",
    "row"."t.ctid" as "_place"
  from (
  select
    "t"."name" is null as "step_1.v2",
    "t"."id" as "t.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("t"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v1",
    "t"."name" as "t.name",
    "t"."ctid" as "t.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."teams" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.teams' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  where "t"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'teams' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_teams" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."teams" ("id", "name")
  select "id", "name"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_teams" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'teams', "s"."_key", $2::bigint,
    (array['no-name'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-name', 'name')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."teams" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'teams' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'teams' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'teams' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'teams', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'teams', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_teams" (like "app"."teams", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_1.v2" then 'quarantined' else 'loaded' end as "_disposition",
    ("row"."t.id")::text as "_key",
    ("row"."step_1.v1")::uuid as "id",
    ("row"."t.name")::text as "name",
    case when "row"."step_1.v2" then array_remove(array[case when "row"."t.name" is null then 1 end], null) end as "_reasons"
  from (
  select
    "t"."name" is null as "step_1.v2",
    "t"."id" as "t.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("t"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v1",
    "t"."name" as "t.name",
    "t"."ctid" as "t.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."teams" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.teams' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "t"
  where "t"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'teams' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_teams" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."teams" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."name") is distinct from ("s"."name"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_teams" ("id", "name", "drover_version")
  select "id", "name", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."teams" as t
  set "name" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."name" else "t"."name" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'teams', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('name', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'teams' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'teams' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;

-- people: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'people', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'team' then ("fix"."patch" ->> 'team')::text else "t"."team" end as "team",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."people" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.people' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  cross join lateral (
    select
      ("p"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_people" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("p"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.people')))) as found
on conflict do nothing;
-- rows that refer to moved rows of teams
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'people', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'team' then ("fix"."patch" ->> 'team')::text else "t"."team" end as "team",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."people" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.people' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  cross join lateral (
    select
      ("p"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_people" as walked on walked.source_key = "step_1"."v1" collate "C"
  where ((("p"."team")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'teams' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'people' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of teams
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'team' then ("fix"."patch" ->> 'team')::text else "t"."team" end as "team",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."people" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.people' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  cross join lateral (
    select
      ("p"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_people" as walked on walked.source_key = "step_1"."v1" collate "C"
  where ((("p"."team")::text) collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'people' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    case when "row"."step_2.v3" or "row"."step_2.v4" then array[case when "row"."step_2.v3" then 1 end, case when "row"."step_2.v4" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."p.id")::int4 as "id",
    ("row"."ref_2.id")::uuid as "team_id",
    ("row"."p.name")::text as "name",
    case when "row"."step_2.v3" or "row"."step_2.v4" then array[(("row"."p.team")::text)::text, (("row"."p.team")::text)::text]::text[] end as "_originals"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."id" is null) as "step_2.v3",
    ("row"."p.team")::text is not null and "ref_2"."source_key" is null as "step_2.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "ref_2"."id" as "ref_2.id",
    "row"."p.name" as "p.name",
    "row"."p.team" as "p.team"
  from (
  select
    "p"."team" as "p.team",
    ("p"."id")::text as "step_1.v1",
    "p"."id" as "p.id",
    "p"."name" as "p.name"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'team' then ("fix"."patch" ->> 'team')::text else "t"."team" end as "team",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."people" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.people' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  where "p"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'people' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_teams" as "ref_2" on "ref_2"."source_key" = ("row"."p.team")::text collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_people" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."people" ("id", "team_id", "name")
  select "id", "team_id", "name"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_people" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'people' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'people' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'people' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'people', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'team_id'), (2, 'orphan', 'team_id')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'people', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'people', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_people" (like "app"."people", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    'loaded' as "_disposition",
    case when "row"."step_2.v3" or "row"."step_2.v4" then array[case when "row"."step_2.v3" then 1 end, case when "row"."step_2.v4" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."p.id")::int4 as "id",
    ("row"."ref_2.id")::uuid as "team_id",
    ("row"."p.name")::text as "name",
    case when "row"."step_2.v3" or "row"."step_2.v4" then array[(("row"."p.team")::text)::text, (("row"."p.team")::text)::text]::text[] end as "_originals"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."id" is null) as "step_2.v3",
    ("row"."p.team")::text is not null and "ref_2"."source_key" is null as "step_2.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "ref_2"."id" as "ref_2.id",
    "row"."p.name" as "p.name",
    "row"."p.team" as "p.team"
  from (
  select
    "p"."team" as "p.team",
    ("p"."id")::text as "step_1.v1",
    "p"."id" as "p.id",
    "p"."name" as "p.name"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'team' then ("fix"."patch" ->> 'team')::text else "t"."team" end as "team",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."people" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.people' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  where "p"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'people' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_teams" as "ref_2" on "ref_2"."source_key" = ("row"."p.team")::text collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_people" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."people" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'teams'] and s._stands = 'loaded') and ("existing"."team_id") is distinct from ("s"."team_id") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."name") is distinct from ("s"."name"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_people" ("id", "team_id", "name", "drover_version")
  select "id", "team_id", "name", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."people" as t
  set "team_id" = case when ($2::text[] && array['*', 'teams'] and s._stands = 'loaded') then "s"."team_id" else "t"."team_id" end,
    "name" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."name" else "t"."name" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'people', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('team_id', array['*', 'teams']), ('name', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'people' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'people' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'people', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'team_id'), (2, 'orphan', 'team_id')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;

-- team_sizes: mend
begin;
set constraints all immediate;
-- rows that refer to moved rows of people
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'team_sizes', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from "app"."teams" as "t"
  left join (select "p"."team_id", count(*) as "people" from "app"."people" as "p" group by "p"."team_id") as "s" on "s"."team_id" = "t"."id"
  cross join lateral (
    select
      ("t"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_team_sizes" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (walked.disposition in ('loaded', 'matched')) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'team_sizes' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of people
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from "app"."teams" as "t"
  left join (select "p"."team_id", count(*) as "people" from "app"."people" as "p" group by "p"."team_id") as "s" on "s"."team_id" = "t"."id"
  cross join lateral (
    select
      ("t"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_team_sizes" as walked on walked.source_key = "step_1"."v1" collate "C"
  where ($2::text is null) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'team_sizes' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    case when "step_1"."v2" then array[case when "step_1"."v2" then 1 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("t"."id")::uuid as "team_id",
    ("t"."name")::text as "name",
    (case when ("s"."people" is null) then '0' else "s"."people" end)::int8 as "people",
    case when "step_1"."v2" then array[("s"."people")::text]::text[] end as "_originals"
  from "app"."teams" as "t"
  left join (select "p"."team_id", count(*) as "people" from "app"."people" as "p" group by "p"."team_id") as "s" on "s"."team_id" = "t"."id"
  cross join lateral (
    select
      ("t"."id")::text as "v1",
      "s"."people" is null as "v2"
    offset '0'
  ) as "step_1"
  where "t"."id" in (select source_key::uuid from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'team_sizes' and purpose in ('try') and not done) as named)
  ) as made
  join "drover"."crosswalk_team_sizes" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."team_sizes" ("team_id", "name", "people")
  select "team_id", "name", "people"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_team_sizes" as walked
  set disposition = "s"."_disposition", "team_id" = case "s"."_disposition" when 'loaded' then "s"."team_id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'team_sizes' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'team_sizes' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'team_sizes' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'team_sizes', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'nobody', 'people')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'team_sizes', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'team_sizes', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_team_sizes" (like "app"."team_sizes", "drover_version" bigint not null, primary key ("team_id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."team_id" as "_walked_team_id"
  from (
  select
    'loaded' as "_disposition",
    case when "step_1"."v2" then array[case when "step_1"."v2" then 1 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("t"."id")::uuid as "team_id",
    ("t"."name")::text as "name",
    (case when ("s"."people" is null) then '0' else "s"."people" end)::int8 as "people",
    case when "step_1"."v2" then array[("s"."people")::text]::text[] end as "_originals"
  from "app"."teams" as "t"
  left join (select "p"."team_id", count(*) as "people" from "app"."people" as "p" group by "p"."team_id") as "s" on "s"."team_id" = "t"."id"
  cross join lateral (
    select
      ("t"."id")::text as "v1",
      "s"."people" is null as "v2"
    offset '0'
  ) as "step_1"
  where "t"."id" in (select source_key::uuid from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'team_sizes' and purpose in ('change') and not done) as named)
  ) as made
  join "drover"."crosswalk_team_sizes" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."team_sizes" as existing
  join s on "existing"."team_id" = "s"."_walked_team_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."name") is distinct from ("s"."name") or ($2::text[] && array['*', 'people'] and s._stands = 'loaded') and ("existing"."people") is distinct from ("s"."people"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_team_sizes" ("team_id", "name", "people", "drover_version")
  select "team_id", "name", "people", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."team_sizes" as t
  set "name" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."name" else "t"."name" end,
    "people" = case when ($2::text[] && array['*', 'people'] and s._stands = 'loaded') then "s"."people" else "t"."people" end
  from s, locked
  where "t"."team_id" = "s"."_walked_team_id" and "locked"."team_id" = "t"."team_id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'team_sizes', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('name', array['*']), ('people', array['*', 'people'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'team_sizes' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'team_sizes' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'team_sizes', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'nobody', 'people')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;

-- size_classes: mend
begin;
set constraints all immediate;
-- whether the query reads such rows
select from drover.overlay where migration = 'shop' and false limit 1;
-- the query that the mapping reads from, asked again
create table "drover"."restored_size_classes" as
(select "s"."people", count(*) as "teams" from "app"."team_sizes" as "s" group by "s"."people");
-- rows by which the answer differs. $2 here: whether of all rows
with before as materialized (
  select (("c"."people")::text) collate "C" as source_key, to_jsonb("c".*) as row from "drover"."source_size_classes" as "c"
), after as materialized (
  select (("c"."people")::text) collate "C" as source_key, to_jsonb("c".*) as row from "drover"."restored_size_classes" as "c"
), differing as (
  select coalesce(after.source_key, before.source_key) as source_key, before.source_key is null as is_new, after.source_key is null as is_gone
  from before
  full join after on after.source_key = before.source_key
  where before.row is distinct from after.row
    and ($2::boolean or coalesce(after.source_key, before.source_key) in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'size_classes' and purpose in ('try') and not done))
), entered as (
  insert into "drover"."crosswalk_size_classes" (source_key, disposition)
  select source_key, 'new'
  from differing
  where is_new
)
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'size_classes', source_key, purpose
from (
  select differing.source_key,
    case when is_new then 'try' when is_gone then 'withdraw' when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from differing
  left join "drover"."crosswalk_size_classes" as walked on walked.source_key = differing.source_key) as found
on conflict do nothing;
delete from "drover"."source_size_classes" as "c" where (("c"."people")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'size_classes' and purpose in ('try', 'change', 'withdraw') and not done);
insert into "drover"."source_size_classes" select "c".* from "drover"."restored_size_classes" as "c" where (("c"."people")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'size_classes' and purpose in ('try', 'change', 'withdraw') and not done);
drop table "drover"."restored_size_classes";
-- rows that are gone. $2 here: the entry that adjusts the counts
with gone as (
  delete from "drover"."crosswalk_size_classes"
  where source_key in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'size_classes' and purpose in ('withdraw') and not done)
  returning *
), deleted as (
  delete from "app"."size_classes" as t
  using gone
  where gone.disposition = 'loaded' and "t"."people" = "gone"."people"
  returning t.*, "t"."xmin"::text::bigint as "drover_version"
), imaged as (
  insert into "drover"."before_image_size_classes" ("people", "teams", "drover_version")
  select "people", "teams", "drover_version"
  from deleted
  on conflict do nothing
), of_quarantine as (
  delete from drover.quarantine as account
  using gone
  where account.run_id = $1::bigint and account.mapping = 'size_classes' and account.source_key = gone.source_key
), of_merge as (
  delete from drover.merge as account
  using gone
  where account.run_id = $1::bigint and account.mapping = 'size_classes' and account.source_key = gone.source_key
), of_correction as (
  delete from drover.correction as account
  using gone
  where account.run_id = $1::bigint and account.mapping = 'size_classes' and account.source_key = gone.source_key
), of_note as (
  delete from drover.note as account
  using gone
  where account.run_id = $1::bigint and account.mapping = 'size_classes' and account.source_key = gone.source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'size_classes', source_key, 'moved'
  from gone
  on conflict do nothing
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'size_classes', $2::bigint, 'adjustment', 'done', -count(*), -count(*) filter (where disposition = 'loaded'), -count(*) filter (where disposition = 'merged'), -count(*) filter (where disposition = 'matched'), -count(*) filter (where disposition = 'quarantined'), -count(*) filter (where disposition = 'excluded'), clock_timestamp()
from gone
having count(*) > 0
returning read;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    "step_1"."v1" as "_key",
    ("c"."people")::int8 as "people",
    ("c"."teams")::int8 as "teams"
  from "drover"."source_size_classes" as "c"
  cross join lateral (
    select
      ("c"."people")::text as "v1"
    offset '0'
  ) as "step_1"
  where (("c"."people")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'size_classes' and purpose in ('try') and not done)
  ) as made
  join "drover"."crosswalk_size_classes" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."size_classes" ("people", "teams")
  select "people", "teams"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_size_classes" as walked
  set disposition = "s"."_disposition", "people" = case "s"."_disposition" when 'loaded' then "s"."people" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'size_classes' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'size_classes' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'size_classes' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'size_classes', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'size_classes', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_size_classes" (like "app"."size_classes", "drover_version" bigint not null, primary key ("people"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."people" as "_walked_people"
  from (
  select
    'loaded' as "_disposition",
    "step_1"."v1" as "_key",
    ("c"."people")::int8 as "people",
    ("c"."teams")::int8 as "teams"
  from "drover"."source_size_classes" as "c"
  cross join lateral (
    select
      ("c"."people")::text as "v1"
    offset '0'
  ) as "step_1"
  where (("c"."people")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'size_classes' and purpose in ('change') and not done)
  ) as made
  join "drover"."crosswalk_size_classes" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."size_classes" as existing
  join s on "existing"."people" = "s"."_walked_people"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."teams") is distinct from ("s"."teams"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_size_classes" ("people", "teams", "drover_version")
  select "people", "teams", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."size_classes" as t
  set "teams" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."teams" else "t"."teams" end
  from s, locked
  where "t"."people" = "s"."_walked_people" and "locked"."people" = "t"."people"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'size_classes', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('teams', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'size_classes' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'size_classes' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
