-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.patients (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."patients" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."patients" drop constraint "patients_pkey";
commit;

-- =================================================================================================
-- 1. patients: legacy.patients → app.patients
-- =================================================================================================
-- patients: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_patients" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."patients";
-- target rows before
select count(*) as n from "app"."patients";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."patients" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."patients")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'patients', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- patients: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."patients" as "p"
  where ($3::text[] is null or ("p"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("p"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_2.v7" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_2.v4" or "row"."step_1.v5" then array[case when "row"."step_2.v4" then 1 end, case when "row"."step_1.v5" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."p.id")::int4 as "id",
    ("row"."step_1.v2")::text as "name",
    ("row"."step_1.v3")::date as "born",
    ("row"."step_1.v6")::text as "insurance",
    case when "row"."step_2.v7" then array_remove(array[case when "row"."step_1.v2" is null then 1 end], null) end as "_reasons",
    "row"."p.ctid" as "_place",
    case when "row"."step_2.v4" or "row"."step_1.v5" then array[("row"."p.born")::text, ("row"."p.insurance")::text]::text[] end as "_originals"
  from (
  select
    "row"."step_1.v2" is null as "step_2.v7",
    "row"."p.born" is not null and "row"."step_1.v3" is null as "step_2.v4",
    "row"."step_1.v5" as "step_1.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."step_1.v3" as "step_1.v3",
    "row"."step_1.v6" as "step_1.v6",
    "row"."p.ctid" as "p.ctid",
    "row"."p.born" as "p.born",
    "row"."p.insurance" as "p.insurance"
  from (
  select
    case when btrim("p"."name", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C" <> '' then "p"."name" end as "step_1.v2",
    "p"."born" as "p.born",
    case when (("p"."born")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("p"."born", 4) <> '0000' then
      case when right("p"."born", 2)::integer <= 28 or right("p"."born", 2)::integer <= extract(day from (left("p"."born", 8) || '01')::date + interval '1 month - 1 day') then "p"."born"::date end
    end as "step_1.v3",
    not ((("p"."insurance")::text collate "default") ~ '^[A-Z]{2}-[0-9]+$') as "step_1.v5",
    ("p"."id")::text as "step_1.v1",
    "p"."id" as "p.id",
    case when (("p"."insurance")::text collate "default") ~ '^[A-Z]{2}-[0-9]+$' then "p"."insurance" end as "step_1.v6",
    "p"."ctid" as "p.ctid",
    "p"."insurance" as "p.insurance"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'born' then ("fix"."patch" ->> 'born')::text else "t"."born" end as "born",
      case when "fix"."patch" ? 'insurance' then ("fix"."patch" ->> 'insurance')::text else "t"."insurance" end as "insurance",
      case when "fix"."patch" ? 'pin' then ("fix"."patch" ->> 'pin')::text else "t"."pin" end as "pin"
    from "legacy"."patients" as t
    left join "drover"."overlay" as fix on fix.migration = 'practice'
      and fix.relation = 'legacy.patients' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  where ($3::text[] is null or ("p"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("p"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."patients" ("id", "name", "born", "insurance")
  select "id", "name", "born", "insurance"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_patients" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'patients', "s"."_key", $2::bigint,
    (array['no-name'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-name', 'name')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*) - array['pin']
      from "legacy"."patients" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'patients', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'no-birthday', 'born'), (2, 'no-insurance', 'insurance')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'patients' and number = $2::bigint;
commit;

-- patients: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("p"."id")::text] as bound, row_number() over (order by "p"."id") as position, count(*) as rows
  from "legacy"."patients" as "p"
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

-- patients: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."patients" as "p"
  where ($3::text[] is null or ("p"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("p"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*) - array['pin']
      from "legacy"."patients" as original
      where original.ctid = "p"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'born' then ("fix"."patch" ->> 'born')::text else "t"."born" end as "born",
      case when "fix"."patch" ? 'insurance' then ("fix"."patch" ->> 'insurance')::text else "t"."insurance" end as "insurance",
      case when "fix"."patch" ? 'pin' then ("fix"."patch" ->> 'pin')::text else "t"."pin" end as "pin"
    from "legacy"."patients" as t
    left join "drover"."overlay" as fix on fix.migration = 'practice'
      and fix.relation = 'legacy.patients' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  cross join lateral (
    select
      ("p"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("p"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("p"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_patients" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'patients', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'patients' and number = $2::bigint
returning quarantined;
commit;

-- patients: the key of the crosswalk
begin;
alter table "drover"."crosswalk_patients" add primary key (source_key);
analyze "drover"."crosswalk_patients";
commit;

-- patients: the statistics of the target
begin;
analyze "app"."patients";
commit;

-- patients_pkey
begin;
CREATE UNIQUE INDEX patients_pkey ON app.patients USING btree (id);
commit;

-- patients: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."patients";
-- target rows after
select count(*) as n from "app"."patients";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."patients" add constraint "patients_pkey" primary key using index "patients_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."patients" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- patients: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'patients', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'born' then ("fix"."patch" ->> 'born')::text else "t"."born" end as "born",
      case when "fix"."patch" ? 'insurance' then ("fix"."patch" ->> 'insurance')::text else "t"."insurance" end as "insurance",
      case when "fix"."patch" ? 'pin' then ("fix"."patch" ->> 'pin')::text else "t"."pin" end as "pin"
    from "legacy"."patients" as t
    left join "drover"."overlay" as fix on fix.migration = 'practice'
      and fix.relation = 'legacy.patients' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  cross join lateral (
    select
      ("p"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_patients" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("p"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'practice' and relation in ('legacy.patients')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_2.v7" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_2.v4" or "row"."step_1.v5" then array[case when "row"."step_2.v4" then 1 end, case when "row"."step_1.v5" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."p.id")::int4 as "id",
    ("row"."step_1.v2")::text as "name",
    ("row"."step_1.v3")::date as "born",
    ("row"."step_1.v6")::text as "insurance",
    case when "row"."step_2.v7" then array_remove(array[case when "row"."step_1.v2" is null then 1 end], null) end as "_reasons",
    "row"."p.ctid" as "_place",
    case when "row"."step_2.v4" or "row"."step_1.v5" then array[("row"."p.born")::text, ("row"."p.insurance")::text]::text[] end as "_originals"
  from (
  select
    "row"."step_1.v2" is null as "step_2.v7",
    "row"."p.born" is not null and "row"."step_1.v3" is null as "step_2.v4",
    "row"."step_1.v5" as "step_1.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."step_1.v3" as "step_1.v3",
    "row"."step_1.v6" as "step_1.v6",
    "row"."p.ctid" as "p.ctid",
    "row"."p.born" as "p.born",
    "row"."p.insurance" as "p.insurance"
  from (
  select
    case when btrim("p"."name", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C" <> '' then "p"."name" end as "step_1.v2",
    "p"."born" as "p.born",
    case when (("p"."born")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("p"."born", 4) <> '0000' then
      case when right("p"."born", 2)::integer <= 28 or right("p"."born", 2)::integer <= extract(day from (left("p"."born", 8) || '01')::date + interval '1 month - 1 day') then "p"."born"::date end
    end as "step_1.v3",
    not ((("p"."insurance")::text collate "default") ~ '^[A-Z]{2}-[0-9]+$') as "step_1.v5",
    ("p"."id")::text as "step_1.v1",
    "p"."id" as "p.id",
    case when (("p"."insurance")::text collate "default") ~ '^[A-Z]{2}-[0-9]+$' then "p"."insurance" end as "step_1.v6",
    "p"."ctid" as "p.ctid",
    "p"."insurance" as "p.insurance"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'born' then ("fix"."patch" ->> 'born')::text else "t"."born" end as "born",
      case when "fix"."patch" ? 'insurance' then ("fix"."patch" ->> 'insurance')::text else "t"."insurance" end as "insurance",
      case when "fix"."patch" ? 'pin' then ("fix"."patch" ->> 'pin')::text else "t"."pin" end as "pin"
    from "legacy"."patients" as t
    left join "drover"."overlay" as fix on fix.migration = 'practice'
      and fix.relation = 'legacy.patients' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  where "p"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'patients' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_patients" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."patients" ("id", "name", "born", "insurance")
  select "id", "name", "born", "insurance"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_patients" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'patients', "s"."_key", $2::bigint,
    (array['no-name'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-name', 'name')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*) - array['pin']
      from "legacy"."patients" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'patients' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'patients' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'patients' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'patients', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'no-birthday', 'born'), (2, 'no-insurance', 'insurance')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'patients', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'patients', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_patients" (like "app"."patients", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_2.v7" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_2.v4" or "row"."step_1.v5" then array[case when "row"."step_2.v4" then 1 end, case when "row"."step_1.v5" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."p.id")::int4 as "id",
    ("row"."step_1.v2")::text as "name",
    ("row"."step_1.v3")::date as "born",
    ("row"."step_1.v6")::text as "insurance",
    case when "row"."step_2.v7" then array_remove(array[case when "row"."step_1.v2" is null then 1 end], null) end as "_reasons",
    case when "row"."step_2.v4" or "row"."step_1.v5" then array[("row"."p.born")::text, ("row"."p.insurance")::text]::text[] end as "_originals"
  from (
  select
    "row"."step_1.v2" is null as "step_2.v7",
    "row"."p.born" is not null and "row"."step_1.v3" is null as "step_2.v4",
    "row"."step_1.v5" as "step_1.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."step_1.v3" as "step_1.v3",
    "row"."step_1.v6" as "step_1.v6",
    "row"."p.ctid" as "p.ctid",
    "row"."p.born" as "p.born",
    "row"."p.insurance" as "p.insurance"
  from (
  select
    case when btrim("p"."name", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C" <> '' then "p"."name" end as "step_1.v2",
    "p"."born" as "p.born",
    case when (("p"."born")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("p"."born", 4) <> '0000' then
      case when right("p"."born", 2)::integer <= 28 or right("p"."born", 2)::integer <= extract(day from (left("p"."born", 8) || '01')::date + interval '1 month - 1 day') then "p"."born"::date end
    end as "step_1.v3",
    not ((("p"."insurance")::text collate "default") ~ '^[A-Z]{2}-[0-9]+$') as "step_1.v5",
    ("p"."id")::text as "step_1.v1",
    "p"."id" as "p.id",
    case when (("p"."insurance")::text collate "default") ~ '^[A-Z]{2}-[0-9]+$' then "p"."insurance" end as "step_1.v6",
    "p"."ctid" as "p.ctid",
    "p"."insurance" as "p.insurance"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'born' then ("fix"."patch" ->> 'born')::text else "t"."born" end as "born",
      case when "fix"."patch" ? 'insurance' then ("fix"."patch" ->> 'insurance')::text else "t"."insurance" end as "insurance",
      case when "fix"."patch" ? 'pin' then ("fix"."patch" ->> 'pin')::text else "t"."pin" end as "pin"
    from "legacy"."patients" as t
    left join "drover"."overlay" as fix on fix.migration = 'practice'
      and fix.relation = 'legacy.patients' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  where "p"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'patients' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_patients" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."patients" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."name") is distinct from ("s"."name") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."born") is distinct from ("s"."born") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."insurance") is distinct from ("s"."insurance"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_patients" ("id", "name", "born", "insurance", "drover_version")
  select "id", "name", "born", "insurance", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."patients" as t
  set "name" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."name" else "t"."name" end,
    "born" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."born" else "t"."born" end,
    "insurance" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."insurance" else "t"."insurance" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'patients', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('name', array['*']), ('born', array['*']), ('insurance', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'patients' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'patients' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'patients', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'no-birthday', 'born'), (2, 'no-insurance', 'insurance')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
