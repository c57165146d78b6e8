-- hazard merges-rows, clinics: Rows of legacy.clinics with one identity become one row of app.clinics.
-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.clinics (2), app.boards (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."boards" as t offset '0') as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."clinics" as t offset '0') as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."metrics" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."boards" drop constraint "boards_pkey";
alter table "app"."clinics" drop constraint "clinics_pkey";
alter table "app"."clinics" drop constraint "clinics_email_key";
commit;

-- =================================================================================================
-- 1. clinics: legacy.clinics → app.clinics
-- =================================================================================================
-- clinics: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_clinics" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" uuid
);
-- merges and matches, decided once
create table "drover"."resolution_clinics" as
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
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email"
    from "legacy"."clinics" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.clinics' and fix.row_key = (("t"."id")::text) collate "C"
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
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email"
    from "legacy"."clinics" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.clinics' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      lower(btrim(normalize("c"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v1"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      ("step_1"."v1")::text as "v2"
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
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email"
    from "legacy"."clinics" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.clinics' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      lower(btrim(normalize("c"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v1"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      ("step_1"."v1")::text as "v2"
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
      "c"."name" is null as "v2",
      lower(btrim(normalize("c"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v3"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      ("step_1"."v3")::text as "v4"
    offset '0'
  ) as "step_2"
    where ("step_1"."v2") is not true
    window same as (partition by case when ("c"."id")::text in (select source_key from "drover"."apart" where migration = 'clinic' and mapping = 'clinics') then ("c"."id")::text end, "step_2"."v4" order by ("c"."id")::text collate "C")
  ) as grouped
  where source_key <> survivor_key or is_matched;
alter table "drover"."resolution_clinics" add primary key (source_key);
analyze "drover"."resolution_clinics";
-- source rows
select count(*) as n from "legacy"."clinics";
-- target rows before
select count(*) as n from "app"."clinics";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."clinics" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."clinics")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'clinics', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- clinics: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."clinics" as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::text))
), s as materialized (
  select
    case when "row"."step_1.v3" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    ("row"."c.id")::text as "_key",
    ("row"."step_1.v1")::uuid as "id",
    ("row"."c.name")::text as "name",
    ("row"."step_1.v2")::text as "email",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "row"."step_1.v3" then array_remove(array[case when "row"."c.name" is null then 1 end], null) end as "_reasons",
    "row"."c.ctid" as "_place"
  from (
  select
    "c"."name" is null as "step_1.v3",
    "c"."id" as "c.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("c"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v1",
    "c"."name" as "c.name",
    lower(btrim(normalize("c"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "step_1.v2",
    "c"."ctid" as "c.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email"
    from "legacy"."clinics" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.clinics' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::text))
  offset '0'
  ) as "row"
  left join "drover"."resolution_clinics" as resolution on resolution.source_key = ("row"."c.id")::text collate "C"
), loaded as (
  insert into "app"."clinics" ("id", "name", "email")
  select "id", "name", "email"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_clinics" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'clinics', "s"."_key", $2::bigint,
    (array['no-name'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-name', 'name')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."clinics" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'clinics', "s"."_key", "s"."_survivor"
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
where run_id = $1::bigint and mapping = 'clinics' and number = $2::bigint;
commit;

-- clinics: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("c"."id")::text] as bound, row_number() over (order by "c"."id") as position, count(*) as rows
  from "legacy"."clinics" as "c"
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

-- clinics: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."clinics" as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::text))
), s as materialized (
  select ("c"."id")::text as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."clinics" as original
      where original.ctid = "c"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email"
    from "legacy"."clinics" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.clinics' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::text))
), walked as (
  insert into "drover"."crosswalk_clinics" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'clinics', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'clinics' and number = $2::bigint
returning quarantined;
commit;

-- clinics: the key of the crosswalk
begin;
alter table "drover"."crosswalk_clinics" add primary key (source_key);
analyze "drover"."crosswalk_clinics";
commit;

-- clinics: the statistics of the target
begin;
analyze "app"."clinics";
commit;

-- clinics_email_key
begin;
CREATE UNIQUE INDEX clinics_email_key ON app.clinics USING btree (email);
commit;

-- clinics_email_key: where rows of clinics break it, these are moved, and it is made again
begin;
-- $2 here: the entry that adjusts the counts
with clash as materialized (
  select "t"."email"
  from "app"."clinics" as t
  where "t"."email" is not null
  group by "t"."email"
  having count(*) > 1
), ranked as (
  select walked.source_key as _source_key, "t"."id",
    row_number() over (
      partition by "t"."email"
      order by walked.source_key is not null, walked.source_key collate "C"
    ) as _place
  from "app"."clinics" as t
  join clash on "clash"."email" = "t"."email"
  left join "drover"."crosswalk_clinics" as walked on "walked"."id" = "t"."id" and "walked"."disposition" = 'loaded'
  
), moved as materialized (
  select *
  from ranked
  where _place > 1 and _source_key is not null
), deleted as (
  delete from "app"."clinics" as t
  using moved
  where "t"."id" = "moved"."id"
  returning 1
), walked as (
  update "drover"."crosswalk_clinics" as walked
  set disposition = 'quarantined', "id" = null
  from moved
  where walked.source_key = moved._source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'clinics', ("c"."id")::text, $2::bigint, 'error-23505', '[{"code":"error-23505","column":"email","table":"app.clinics","constraint":"clinics_email_key"}]'::jsonb, (
      select to_jsonb("original".*)
      from "legacy"."clinics" as original
      where original.ctid = "c"."ctid"
    ), '23505'
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email"
    from "legacy"."clinics" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.clinics' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where ("c"."id")::text collate "C" in (select _source_key from moved)
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'clinics', $2::bigint, 'adjustment', 'done', 0, -n, 0, 0, n, 0, clock_timestamp()
from (select count(*) as n from deleted) as moved
where n > 0
returning number;
commit;

-- clinics_pkey
begin;
CREATE UNIQUE INDEX clinics_pkey ON app.clinics USING btree (id);
commit;

-- clinics: close
begin;
-- what is checked late, now
set constraints all immediate;
-- duplicates whose survivor was not loaded. Repeated until no row is left. $2 here: the entry that adjusts the counts
with lost as (
  delete from drover.merge as merge
  using "drover"."crosswalk_clinics" as survivor
  where merge.run_id = $1::bigint and merge.mapping = 'clinics'
    and survivor.source_key = merge.survivor_key and survivor.disposition not in ('loaded', 'matched')
  returning merge.source_key
), walked as (
  update "drover"."crosswalk_clinics" as walked
  set disposition = 'quarantined', "id" = null
  from lost
  where walked.source_key = lost.source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'clinics', ("c"."id")::text, $2::bigint, 'survivor-quarantined',
    '[{"code": "survivor-quarantined", "column": null}]'::jsonb, (
      select to_jsonb("original".*)
      from "legacy"."clinics" as original
      where original.ctid = "c"."ctid"
    )
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email"
    from "legacy"."clinics" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.clinics' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where ("c"."id")::text collate "C" in (select source_key from lost)
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'clinics', $2::bigint, 'adjustment', 'done', 0, 0, -n, 0, n, 0, clock_timestamp()
from (select count(*) as n from lost) as moved
where n > 0
returning number;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."clinics";
-- target rows after
select count(*) as n from "app"."clinics";
commit;

-- =================================================================================================
-- 2. metrics: legacy.metrics → app.metrics
-- =================================================================================================
-- metrics: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_metrics" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int8
);
-- source rows
select count(*) as n from "legacy"."metrics";
-- target rows before
select count(*) as n from "app"."metrics";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."metrics" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."metrics")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'metrics', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- metrics: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."metrics" as "m"
  where ($3::text[] is null or ("m"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("m"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_1.v2" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."m.id" + 100)::int8 as "id",
    ("row"."m.name")::text as "name",
    case when "row"."step_1.v2" then array_remove(array[case when "row"."m.name" is null then 1 end], null) end as "_reasons",
    "row"."m.ctid" as "_place"
  from (
  select
    "m"."name" is null as "step_1.v2",
    ("m"."id")::text as "step_1.v1",
    "m"."id" as "m.id",
    "m"."name" as "m.name",
    "m"."ctid" as "m.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."metrics" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.metrics' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "m"
  where ($3::text[] is null or ("m"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("m"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."metrics" ("id", "name")
  select "id", "name"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_metrics" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'metrics', "s"."_key", $2::bigint,
    (array['no-name'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-name', 'name')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."metrics" as original
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
where run_id = $1::bigint and mapping = 'metrics' and number = $2::bigint;
commit;

-- metrics: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("m"."id")::text] as bound, row_number() over (order by "m"."id") as position, count(*) as rows
  from "legacy"."metrics" as "m"
    where ($1::text[] is null or ("m"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("m"."id") < (($2::text[])[1]::int4)) and "m"."id" is not null
  group by "m"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- metrics: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."metrics" as "m"
  where ($3::text[] is null or ("m"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("m"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."metrics" as original
      where original.ctid = "m"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."metrics" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.metrics' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "m"
  cross join lateral (
    select
      ("m"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("m"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("m"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_metrics" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'metrics', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'metrics' and number = $2::bigint
returning quarantined;
commit;

-- metrics: the key of the crosswalk
begin;
alter table "drover"."crosswalk_metrics" add primary key (source_key);
analyze "drover"."crosswalk_metrics";
commit;

-- metrics: the statistics of the target
begin;
analyze "app"."metrics";
commit;

-- metrics: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."metrics";
-- target rows after
select count(*) as n from "app"."metrics";
commit;

-- =================================================================================================
-- 3. boards: legacy.boards → app.boards
-- begins when clinics, metrics is done
-- =================================================================================================
-- boards: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_boards" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."boards";
-- target rows before
select count(*) as n from "app"."boards";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."boards" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."boards")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'boards', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- boards: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."boards" as "b"
  where ($3::text[] is null or ("b"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("b"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_2.v9" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_2.v4" or "row"."step_2.v5" then array[case when "row"."step_2.v4" then 1 end, case when "row"."step_2.v5" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."b.id")::int4 as "id",
    ("row"."step_2.v6")::jsonb as "layout",
    ("row"."step_3.v8")::jsonb as "filter",
    case when "row"."step_2.v9" then array_remove(array[case when coalesce(("row"."step_1.v3" ->> 'waiting')::boolean, false) then 1 end, case when coalesce(("row"."step_1.v3" ->> 'orphan')::boolean, false) then 2 end], null) end as "_reasons",
    "row"."b.ctid" as "_place",
    case when "row"."step_2.v4" or "row"."step_2.v5" then array[null, null]::text[] end as "_originals"
  from (
  select
    "row"."step_2.v9" as "step_2.v9",
    "row"."step_2.v4" as "step_2.v4",
    "row"."step_2.v5" as "step_2.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."b.id" as "b.id",
    "row"."step_2.v6" as "step_2.v6",
    case when not (coalesce(("row"."step_1.v3" ->> 'waiting')::boolean, false) or coalesce(("row"."step_1.v3" ->> 'orphan')::boolean, false)) then "row"."step_2.v7" end as "step_3.v8",
    "row"."step_1.v3" as "step_1.v3",
    "row"."b.ctid" as "b.ctid"
  from (
  select
    coalesce(("row"."step_1.v3" ->> 'waiting')::boolean, false) or coalesce(("row"."step_1.v3" ->> 'orphan')::boolean, false) as "step_2.v9",
    coalesce(("row"."step_1.v2" ->> 'waiting')::boolean, false) as "step_2.v4",
    coalesce(("row"."step_1.v2" ->> 'orphan')::boolean, false) as "step_2.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."b.id" as "b.id",
    coalesce("row"."step_1.v2" -> 'value', "row"."b.layout") as "step_2.v6",
    "row"."step_1.v3" as "step_1.v3",
    coalesce("row"."step_1.v3" -> 'value', "row"."b.filter") as "step_2.v7",
    "row"."b.ctid" as "b.ctid"
  from (
  select
    case when strpos(("b"."filter")::text, to_jsonb('clinicId'::text)::text) > 0 then (
        select jsonb_build_object(
          'value', string_agg(
            case when found is null or found = '[null]' then content else (found -> 0)::text end, '' order by position, place
          )::jsonb,
          'waiting', bool_or(is_id and coalesce(found = '[null]', false)),
          'orphan', bool_or(is_id and found is null)
        )
        from (
          select piece.position, token.place, token.content, token.is_id, case when token.is_id then case piece.part[2]
            when to_jsonb('clinicId'::text)::text then (
              select jsonb_build_array(walked.id)
              from (select source_key, disposition, "id" as id from "drover"."crosswalk_clinics") as walked
              where walked.source_key = (token.content::jsonb #>> '{}') collate "C"
            )
            end end as found
          from regexp_matches(("b"."filter")::text, '(("(?:[^"\\]|\\.)*")(?:: ("(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*|\[(?:"(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*)(?:, (?:"(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*))*\]))?|[^"]+)', 'g') with ordinality as piece (part, position)
          cross join lateral (
            select 0 as place, case when piece.part[3] is not null and piece.part[2] in (to_jsonb('clinicId'::text)::text) then piece.part[2] || ': ' else piece.part[1] end as content, false as is_id
            union all
            select entry.place, entry.part[1], entry.part[1] ~ '^["0-9-]'
            from regexp_matches(case when piece.part[3] is not null and piece.part[2] in (to_jsonb('clinicId'::text)::text) then piece.part[3] end, '("(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*|[^"0-9-]+)', 'g')
              with ordinality as entry (part, place)
          ) as token
        ) as rewritten
      ) end as "step_1.v3",
    case when strpos(("b"."layout")::text, to_jsonb('clinicId'::text)::text) > 0 or strpos(("b"."layout")::text, to_jsonb('metricIds'::text)::text) > 0 then (
        select jsonb_build_object(
          'value', string_agg(
            case when found is null or found = '[null]' then content else (found -> 0)::text end, '' order by position, place
          )::jsonb,
          'waiting', bool_or(is_id and coalesce(found = '[null]', false)),
          'orphan', bool_or(is_id and found is null)
        )
        from (
          select piece.position, token.place, token.content, token.is_id, case when token.is_id then case piece.part[2]
            when to_jsonb('clinicId'::text)::text then (
              select jsonb_build_array(walked.id)
              from (select source_key, disposition, "id" as id from "drover"."crosswalk_clinics") as walked
              where walked.source_key = (token.content::jsonb #>> '{}') collate "C"
            )
            when to_jsonb('metricIds'::text)::text then (
              select jsonb_build_array(walked.id)
              from (select source_key, disposition, "id" as id from "drover"."crosswalk_metrics") as walked
              where walked.source_key = (token.content::jsonb #>> '{}') collate "C"
            )
            end end as found
          from regexp_matches(("b"."layout")::text, '(("(?:[^"\\]|\\.)*")(?:: ("(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*|\[(?:"(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*)(?:, (?:"(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*))*\]))?|[^"]+)', 'g') with ordinality as piece (part, position)
          cross join lateral (
            select 0 as place, case when piece.part[3] is not null and piece.part[2] in (to_jsonb('clinicId'::text)::text, to_jsonb('metricIds'::text)::text) then piece.part[2] || ': ' else piece.part[1] end as content, false as is_id
            union all
            select entry.place, entry.part[1], entry.part[1] ~ '^["0-9-]'
            from regexp_matches(case when piece.part[3] is not null and piece.part[2] in (to_jsonb('clinicId'::text)::text, to_jsonb('metricIds'::text)::text) then piece.part[3] end, '("(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*|[^"0-9-]+)', 'g')
              with ordinality as entry (part, place)
          ) as token
        ) as rewritten
      ) end as "step_1.v2",
    ("b"."id")::text as "step_1.v1",
    "b"."id" as "b.id",
    "b"."layout" as "b.layout",
    "b"."filter" as "b.filter",
    "b"."ctid" as "b.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'layout' then ("fix"."patch" ->> 'layout')::jsonb else "t"."layout" end as "layout",
      case when "fix"."patch" ? 'filter' then ("fix"."patch" ->> 'filter')::jsonb else "t"."filter" end as "filter"
    from "legacy"."boards" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.boards' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  where ($3::text[] is null or ("b"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("b"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."boards" ("id", "layout", "filter")
  select "id", "layout", "filter"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_boards" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'boards', "s"."_key", $2::bigint,
    (array['waiting', 'no-clinic'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'filter'), (2, 'no-clinic', 'filter')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."boards" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), notes as (
  insert into drover.note (run_id, mapping, source_key, code, column_name)
  select $1::bigint, 'boards', "s"."_key", guard.code, guard.column_name
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'layout'), (2, 'lost-id', 'layout')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'boards' and number = $2::bigint;
commit;

-- boards: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("b"."id")::text] as bound, row_number() over (order by "b"."id") as position, count(*) as rows
  from "legacy"."boards" as "b"
    where ($1::text[] is null or ("b"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("b"."id") < (($2::text[])[1]::int4)) and "b"."id" is not null
  group by "b"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- boards: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."boards" as "b"
  where ($3::text[] is null or ("b"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("b"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."boards" as original
      where original.ctid = "b"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'layout' then ("fix"."patch" ->> 'layout')::jsonb else "t"."layout" end as "layout",
      case when "fix"."patch" ? 'filter' then ("fix"."patch" ->> 'filter')::jsonb else "t"."filter" end as "filter"
    from "legacy"."boards" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.boards' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  cross join lateral (
    select
      ("b"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("b"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("b"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_boards" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'boards', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'boards' and number = $2::bigint
returning quarantined;
commit;

-- boards: the key of the crosswalk
begin;
alter table "drover"."crosswalk_boards" add primary key (source_key);
analyze "drover"."crosswalk_boards";
commit;

-- boards: the statistics of the target
begin;
analyze "app"."boards";
commit;

-- boards_pkey
begin;
CREATE UNIQUE INDEX boards_pkey ON app.boards USING btree (id);
commit;

-- boards: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."boards";
-- target rows after
select count(*) as n from "app"."boards";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."clinics" add constraint "clinics_email_key" unique using index "clinics_email_key";
alter table "app"."clinics" add constraint "clinics_pkey" primary key using index "clinics_pkey";
alter table "app"."boards" add constraint "boards_pkey" primary key using index "boards_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."boards" as t offset '0') as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."clinics" as t offset '0') as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."metrics" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- clinics: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'clinics', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email"
    from "legacy"."clinics" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.clinics' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  join "drover"."crosswalk_clinics" as walked on walked.source_key = ("c"."id")::text collate "C"
  where walked.disposition <> 'quarantined' and ((("c"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'clinic' and relation in ('legacy.clinics')))) as found
on conflict do nothing;
-- duplicates are told apart again
insert into "drover"."resolution_clinics"
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
      ("c"."id")::text collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'clinics' and purpose in ('try') and not done) as _is_tried,
      bool_or(("c"."id")::text collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'clinics' and purpose in ('try', 'group') and not done)) over (partition by case when ("c"."id")::text in (select source_key from "drover"."apart" where migration = 'clinic' and mapping = 'clinics') then ("c"."id")::text end, "step_2"."v4") as _is_touched
    from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email"
    from "legacy"."clinics" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.clinics' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("c"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "v1",
      "c"."name" is null as "v2",
      lower(btrim(normalize("c"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v3"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      ("step_1"."v3")::text as "v4"
    offset '0'
  ) as "step_2"
  join "drover"."crosswalk_clinics" as walked on walked.source_key = ("c"."id")::text collate "C"
    where ("step_1"."v2") is not true and (walked.disposition <> 'excluded' and not (walked.disposition = 'quarantined' and ("c"."id")::text collate "C" in (
        select source_key
        from drover.quarantine
        where run_id = $1::bigint and mapping = 'clinics' and accepted_at is not null
      )) or ("c"."id")::text collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'clinics' and purpose in ('try') and not done))
    window same as (partition by case when ("c"."id")::text in (select source_key from "drover"."apart" where migration = 'clinic' and mapping = 'clinics') then ("c"."id")::text end, "step_2"."v4" order by (walked.disposition in ('loaded', 'matched')) desc, ("c"."id")::text collate "C")
  ) as grouped
  where _is_touched and (_is_tried or _before <> 'quarantined')
on conflict (source_key) do update set "disposition" = "excluded"."disposition", "survivor_key" = "excluded"."survivor_key", "id" = "excluded"."id";
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_1.v3" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    ("row"."c.id")::text as "_key",
    ("row"."step_1.v1")::uuid as "id",
    ("row"."c.name")::text as "name",
    ("row"."step_1.v2")::text as "email",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "row"."step_1.v3" then array_remove(array[case when "row"."c.name" is null then 1 end], null) end as "_reasons",
    "row"."c.ctid" as "_place"
  from (
  select
    "c"."name" is null as "step_1.v3",
    "c"."id" as "c.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("c"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v1",
    "c"."name" as "c.name",
    lower(btrim(normalize("c"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "step_1.v2",
    "c"."ctid" as "c.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email"
    from "legacy"."clinics" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.clinics' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where "c"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'clinics' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."resolution_clinics" as resolution on resolution.source_key = ("row"."c.id")::text collate "C"
  ) as made
  join "drover"."crosswalk_clinics" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."clinics" ("id", "name", "email")
  select "id", "name", "email"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_clinics" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'clinics', "s"."_key", $2::bigint,
    (array['no-name'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-name', 'name')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."clinics" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'clinics' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), parted as (
  delete from drover.merge as m
  using s
  where "m"."run_id" = $1::bigint and "m"."mapping" = 'clinics' and "m"."source_key" = "s"."_key"
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'clinics', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'clinics' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'clinics' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'clinics', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'clinics', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_clinics" (like "app"."clinics", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_1.v3" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    ("row"."c.id")::text as "_key",
    ("row"."step_1.v1")::uuid as "id",
    ("row"."c.name")::text as "name",
    ("row"."step_1.v2")::text as "email",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "row"."step_1.v3" then array_remove(array[case when "row"."c.name" is null then 1 end], null) end as "_reasons"
  from (
  select
    "c"."name" is null as "step_1.v3",
    "c"."id" as "c.id",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to("c"."id", 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v1",
    "c"."name" as "c.name",
    lower(btrim(normalize("c"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "step_1.v2",
    "c"."ctid" as "c.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email"
    from "legacy"."clinics" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.clinics' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  where "c"."id" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'clinics' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."resolution_clinics" as resolution on resolution.source_key = ("row"."c.id")::text collate "C"
  ) as made
  join "drover"."crosswalk_clinics" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."clinics" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."name") is distinct from ("s"."name") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."email") is distinct from ("s"."email"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_clinics" ("id", "name", "email", "drover_version")
  select "id", "name", "email", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."clinics" as t
  set "name" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."name" else "t"."name" end,
    "email" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."email" else "t"."email" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'clinics', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('name', array['*']), ('email', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'clinics' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'clinics' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;

-- metrics: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'metrics', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."metrics" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.metrics' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "m"
  cross join lateral (
    select
      ("m"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_metrics" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("m"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'clinic' and relation in ('legacy.metrics')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_1.v2" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."m.id" + 100)::int8 as "id",
    ("row"."m.name")::text as "name",
    case when "row"."step_1.v2" then array_remove(array[case when "row"."m.name" is null then 1 end], null) end as "_reasons",
    "row"."m.ctid" as "_place"
  from (
  select
    "m"."name" is null as "step_1.v2",
    ("m"."id")::text as "step_1.v1",
    "m"."id" as "m.id",
    "m"."name" as "m.name",
    "m"."ctid" as "m.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."metrics" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.metrics' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "m"
  where "m"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'metrics' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_metrics" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."metrics" ("id", "name")
  select "id", "name"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_metrics" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'metrics', "s"."_key", $2::bigint,
    (array['no-name'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-name', 'name')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."metrics" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'metrics' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'metrics' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'metrics' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'metrics', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'metrics', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_metrics" (like "app"."metrics", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_1.v2" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."m.id" + 100)::int8 as "id",
    ("row"."m.name")::text as "name",
    case when "row"."step_1.v2" then array_remove(array[case when "row"."m.name" is null then 1 end], null) end as "_reasons"
  from (
  select
    "m"."name" is null as "step_1.v2",
    ("m"."id")::text as "step_1.v1",
    "m"."id" as "m.id",
    "m"."name" as "m.name",
    "m"."ctid" as "m.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name"
    from "legacy"."metrics" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.metrics' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "m"
  where "m"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'metrics' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_metrics" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."metrics" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."name") is distinct from ("s"."name"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_metrics" ("id", "name", "drover_version")
  select "id", "name", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."metrics" as t
  set "name" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."name" else "t"."name" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'metrics', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('name', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'metrics' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'metrics' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;

-- boards: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'boards', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'layout' then ("fix"."patch" ->> 'layout')::jsonb else "t"."layout" end as "layout",
      case when "fix"."patch" ? 'filter' then ("fix"."patch" ->> 'filter')::jsonb else "t"."filter" end as "filter"
    from "legacy"."boards" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.boards' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  cross join lateral (
    select
      ("b"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_boards" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("b"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'clinic' and relation in ('legacy.boards')))) as found
on conflict do nothing;
-- rows that refer to moved rows of clinics
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'boards', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'layout' then ("fix"."patch" ->> 'layout')::jsonb else "t"."layout" end as "layout",
      case when "fix"."patch" ? 'filter' then ("fix"."patch" ->> 'filter')::jsonb else "t"."filter" end as "filter"
    from "legacy"."boards" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.boards' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  cross join lateral (
    select
      ("b"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_boards" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (exists (select from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'clinics' and purpose in ('moved') and not done) as moved where strpos(("b"."layout")::text, case when moved.source_key ~ '^-?[0-9][0-9.]*$' then moved.source_key else to_jsonb(moved.source_key)::text end) > 0) or exists (select from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'clinics' and purpose in ('moved') and not done) as moved where strpos(("b"."filter")::text, case when moved.source_key ~ '^-?[0-9][0-9.]*$' then moved.source_key else to_jsonb(moved.source_key)::text end) > 0)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'boards' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- rows that refer to moved rows of metrics
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'boards', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'layout' then ("fix"."patch" ->> 'layout')::jsonb else "t"."layout" end as "layout",
      case when "fix"."patch" ? 'filter' then ("fix"."patch" ->> 'filter')::jsonb else "t"."filter" end as "filter"
    from "legacy"."boards" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.boards' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  cross join lateral (
    select
      ("b"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_boards" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (exists (select from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'metrics' and purpose in ('moved') and not done) as moved where strpos(("b"."layout")::text, case when moved.source_key ~ '^-?[0-9][0-9.]*$' then moved.source_key else to_jsonb(moved.source_key)::text end) > 0)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'boards' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of clinics
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'layout' then ("fix"."patch" ->> 'layout')::jsonb else "t"."layout" end as "layout",
      case when "fix"."patch" ? 'filter' then ("fix"."patch" ->> 'filter')::jsonb else "t"."filter" end as "filter"
    from "legacy"."boards" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.boards' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  cross join lateral (
    select
      ("b"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_boards" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (strpos(("b"."layout")::text, case when $2::text ~ '^-?[0-9][0-9.]*$' then $2::text else to_jsonb($2::text)::text end) > 0 or strpos(("b"."filter")::text, case when $2::text ~ '^-?[0-9][0-9.]*$' then $2::text else to_jsonb($2::text)::text end) > 0) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'boards' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- how many refer to the row $2 of metrics
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'layout' then ("fix"."patch" ->> 'layout')::jsonb else "t"."layout" end as "layout",
      case when "fix"."patch" ? 'filter' then ("fix"."patch" ->> 'filter')::jsonb else "t"."filter" end as "filter"
    from "legacy"."boards" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.boards' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  cross join lateral (
    select
      ("b"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_boards" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (strpos(("b"."layout")::text, case when $2::text ~ '^-?[0-9][0-9.]*$' then $2::text else to_jsonb($2::text)::text end) > 0) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'boards' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_2.v9" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_2.v4" or "row"."step_2.v5" then array[case when "row"."step_2.v4" then 1 end, case when "row"."step_2.v5" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."b.id")::int4 as "id",
    ("row"."step_2.v6")::jsonb as "layout",
    ("row"."step_3.v8")::jsonb as "filter",
    case when "row"."step_2.v9" then array_remove(array[case when coalesce(("row"."step_1.v3" ->> 'waiting')::boolean, false) then 1 end, case when coalesce(("row"."step_1.v3" ->> 'orphan')::boolean, false) then 2 end], null) end as "_reasons",
    "row"."b.ctid" as "_place",
    case when "row"."step_2.v4" or "row"."step_2.v5" then array[null, null]::text[] end as "_originals"
  from (
  select
    "row"."step_2.v9" as "step_2.v9",
    "row"."step_2.v4" as "step_2.v4",
    "row"."step_2.v5" as "step_2.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."b.id" as "b.id",
    "row"."step_2.v6" as "step_2.v6",
    case when not (coalesce(("row"."step_1.v3" ->> 'waiting')::boolean, false) or coalesce(("row"."step_1.v3" ->> 'orphan')::boolean, false)) then "row"."step_2.v7" end as "step_3.v8",
    "row"."step_1.v3" as "step_1.v3",
    "row"."b.ctid" as "b.ctid"
  from (
  select
    coalesce(("row"."step_1.v3" ->> 'waiting')::boolean, false) or coalesce(("row"."step_1.v3" ->> 'orphan')::boolean, false) as "step_2.v9",
    coalesce(("row"."step_1.v2" ->> 'waiting')::boolean, false) as "step_2.v4",
    coalesce(("row"."step_1.v2" ->> 'orphan')::boolean, false) as "step_2.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."b.id" as "b.id",
    coalesce("row"."step_1.v2" -> 'value', "row"."b.layout") as "step_2.v6",
    "row"."step_1.v3" as "step_1.v3",
    coalesce("row"."step_1.v3" -> 'value', "row"."b.filter") as "step_2.v7",
    "row"."b.ctid" as "b.ctid"
  from (
  select
    case when strpos(("b"."filter")::text, to_jsonb('clinicId'::text)::text) > 0 then (
        select jsonb_build_object(
          'value', string_agg(
            case when found is null or found = '[null]' then content else (found -> 0)::text end, '' order by position, place
          )::jsonb,
          'waiting', bool_or(is_id and coalesce(found = '[null]', false)),
          'orphan', bool_or(is_id and found is null)
        )
        from (
          select piece.position, token.place, token.content, token.is_id, case when token.is_id then case piece.part[2]
            when to_jsonb('clinicId'::text)::text then (
              select jsonb_build_array(walked.id)
              from (select source_key, disposition, "id" as id from "drover"."crosswalk_clinics") as walked
              where walked.source_key = (token.content::jsonb #>> '{}') collate "C"
            )
            end end as found
          from regexp_matches(("b"."filter")::text, '(("(?:[^"\\]|\\.)*")(?:: ("(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*|\[(?:"(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*)(?:, (?:"(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*))*\]))?|[^"]+)', 'g') with ordinality as piece (part, position)
          cross join lateral (
            select 0 as place, case when piece.part[3] is not null and piece.part[2] in (to_jsonb('clinicId'::text)::text) then piece.part[2] || ': ' else piece.part[1] end as content, false as is_id
            union all
            select entry.place, entry.part[1], entry.part[1] ~ '^["0-9-]'
            from regexp_matches(case when piece.part[3] is not null and piece.part[2] in (to_jsonb('clinicId'::text)::text) then piece.part[3] end, '("(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*|[^"0-9-]+)', 'g')
              with ordinality as entry (part, place)
          ) as token
        ) as rewritten
      ) end as "step_1.v3",
    case when strpos(("b"."layout")::text, to_jsonb('clinicId'::text)::text) > 0 or strpos(("b"."layout")::text, to_jsonb('metricIds'::text)::text) > 0 then (
        select jsonb_build_object(
          'value', string_agg(
            case when found is null or found = '[null]' then content else (found -> 0)::text end, '' order by position, place
          )::jsonb,
          'waiting', bool_or(is_id and coalesce(found = '[null]', false)),
          'orphan', bool_or(is_id and found is null)
        )
        from (
          select piece.position, token.place, token.content, token.is_id, case when token.is_id then case piece.part[2]
            when to_jsonb('clinicId'::text)::text then (
              select jsonb_build_array(walked.id)
              from (select source_key, disposition, "id" as id from "drover"."crosswalk_clinics") as walked
              where walked.source_key = (token.content::jsonb #>> '{}') collate "C"
            )
            when to_jsonb('metricIds'::text)::text then (
              select jsonb_build_array(walked.id)
              from (select source_key, disposition, "id" as id from "drover"."crosswalk_metrics") as walked
              where walked.source_key = (token.content::jsonb #>> '{}') collate "C"
            )
            end end as found
          from regexp_matches(("b"."layout")::text, '(("(?:[^"\\]|\\.)*")(?:: ("(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*|\[(?:"(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*)(?:, (?:"(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*))*\]))?|[^"]+)', 'g') with ordinality as piece (part, position)
          cross join lateral (
            select 0 as place, case when piece.part[3] is not null and piece.part[2] in (to_jsonb('clinicId'::text)::text, to_jsonb('metricIds'::text)::text) then piece.part[2] || ': ' else piece.part[1] end as content, false as is_id
            union all
            select entry.place, entry.part[1], entry.part[1] ~ '^["0-9-]'
            from regexp_matches(case when piece.part[3] is not null and piece.part[2] in (to_jsonb('clinicId'::text)::text, to_jsonb('metricIds'::text)::text) then piece.part[3] end, '("(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*|[^"0-9-]+)', 'g')
              with ordinality as entry (part, place)
          ) as token
        ) as rewritten
      ) end as "step_1.v2",
    ("b"."id")::text as "step_1.v1",
    "b"."id" as "b.id",
    "b"."layout" as "b.layout",
    "b"."filter" as "b.filter",
    "b"."ctid" as "b.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'layout' then ("fix"."patch" ->> 'layout')::jsonb else "t"."layout" end as "layout",
      case when "fix"."patch" ? 'filter' then ("fix"."patch" ->> 'filter')::jsonb else "t"."filter" end as "filter"
    from "legacy"."boards" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.boards' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  where "b"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'boards' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_boards" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."boards" ("id", "layout", "filter")
  select "id", "layout", "filter"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_boards" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'boards', "s"."_key", $2::bigint,
    (array['waiting', 'no-clinic'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'filter'), (2, 'no-clinic', 'filter')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."boards" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'boards' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'boards' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'boards' and "log"."source_key" = "s"."_key"
), notes as (
  insert into drover.note (run_id, mapping, source_key, code, column_name)
  select $1::bigint, 'boards', "s"."_key", guard.code, guard.column_name
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'layout'), (2, 'lost-id', 'layout')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'boards', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'boards', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_boards" (like "app"."boards", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_2.v9" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_2.v4" or "row"."step_2.v5" then array[case when "row"."step_2.v4" then 1 end, case when "row"."step_2.v5" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."b.id")::int4 as "id",
    ("row"."step_2.v6")::jsonb as "layout",
    ("row"."step_3.v8")::jsonb as "filter",
    case when "row"."step_2.v9" then array_remove(array[case when coalesce(("row"."step_1.v3" ->> 'waiting')::boolean, false) then 1 end, case when coalesce(("row"."step_1.v3" ->> 'orphan')::boolean, false) then 2 end], null) end as "_reasons",
    case when "row"."step_2.v4" or "row"."step_2.v5" then array[null, null]::text[] end as "_originals"
  from (
  select
    "row"."step_2.v9" as "step_2.v9",
    "row"."step_2.v4" as "step_2.v4",
    "row"."step_2.v5" as "step_2.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."b.id" as "b.id",
    "row"."step_2.v6" as "step_2.v6",
    case when not (coalesce(("row"."step_1.v3" ->> 'waiting')::boolean, false) or coalesce(("row"."step_1.v3" ->> 'orphan')::boolean, false)) then "row"."step_2.v7" end as "step_3.v8",
    "row"."step_1.v3" as "step_1.v3",
    "row"."b.ctid" as "b.ctid"
  from (
  select
    coalesce(("row"."step_1.v3" ->> 'waiting')::boolean, false) or coalesce(("row"."step_1.v3" ->> 'orphan')::boolean, false) as "step_2.v9",
    coalesce(("row"."step_1.v2" ->> 'waiting')::boolean, false) as "step_2.v4",
    coalesce(("row"."step_1.v2" ->> 'orphan')::boolean, false) as "step_2.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."b.id" as "b.id",
    coalesce("row"."step_1.v2" -> 'value', "row"."b.layout") as "step_2.v6",
    "row"."step_1.v3" as "step_1.v3",
    coalesce("row"."step_1.v3" -> 'value', "row"."b.filter") as "step_2.v7",
    "row"."b.ctid" as "b.ctid"
  from (
  select
    case when strpos(("b"."filter")::text, to_jsonb('clinicId'::text)::text) > 0 then (
        select jsonb_build_object(
          'value', string_agg(
            case when found is null or found = '[null]' then content else (found -> 0)::text end, '' order by position, place
          )::jsonb,
          'waiting', bool_or(is_id and coalesce(found = '[null]', false)),
          'orphan', bool_or(is_id and found is null)
        )
        from (
          select piece.position, token.place, token.content, token.is_id, case when token.is_id then case piece.part[2]
            when to_jsonb('clinicId'::text)::text then (
              select jsonb_build_array(walked.id)
              from (select source_key, disposition, "id" as id from "drover"."crosswalk_clinics") as walked
              where walked.source_key = (token.content::jsonb #>> '{}') collate "C"
            )
            end end as found
          from regexp_matches(("b"."filter")::text, '(("(?:[^"\\]|\\.)*")(?:: ("(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*|\[(?:"(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*)(?:, (?:"(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*))*\]))?|[^"]+)', 'g') with ordinality as piece (part, position)
          cross join lateral (
            select 0 as place, case when piece.part[3] is not null and piece.part[2] in (to_jsonb('clinicId'::text)::text) then piece.part[2] || ': ' else piece.part[1] end as content, false as is_id
            union all
            select entry.place, entry.part[1], entry.part[1] ~ '^["0-9-]'
            from regexp_matches(case when piece.part[3] is not null and piece.part[2] in (to_jsonb('clinicId'::text)::text) then piece.part[3] end, '("(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*|[^"0-9-]+)', 'g')
              with ordinality as entry (part, place)
          ) as token
        ) as rewritten
      ) end as "step_1.v3",
    case when strpos(("b"."layout")::text, to_jsonb('clinicId'::text)::text) > 0 or strpos(("b"."layout")::text, to_jsonb('metricIds'::text)::text) > 0 then (
        select jsonb_build_object(
          'value', string_agg(
            case when found is null or found = '[null]' then content else (found -> 0)::text end, '' order by position, place
          )::jsonb,
          'waiting', bool_or(is_id and coalesce(found = '[null]', false)),
          'orphan', bool_or(is_id and found is null)
        )
        from (
          select piece.position, token.place, token.content, token.is_id, case when token.is_id then case piece.part[2]
            when to_jsonb('clinicId'::text)::text then (
              select jsonb_build_array(walked.id)
              from (select source_key, disposition, "id" as id from "drover"."crosswalk_clinics") as walked
              where walked.source_key = (token.content::jsonb #>> '{}') collate "C"
            )
            when to_jsonb('metricIds'::text)::text then (
              select jsonb_build_array(walked.id)
              from (select source_key, disposition, "id" as id from "drover"."crosswalk_metrics") as walked
              where walked.source_key = (token.content::jsonb #>> '{}') collate "C"
            )
            end end as found
          from regexp_matches(("b"."layout")::text, '(("(?:[^"\\]|\\.)*")(?:: ("(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*|\[(?:"(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*)(?:, (?:"(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*))*\]))?|[^"]+)', 'g') with ordinality as piece (part, position)
          cross join lateral (
            select 0 as place, case when piece.part[3] is not null and piece.part[2] in (to_jsonb('clinicId'::text)::text, to_jsonb('metricIds'::text)::text) then piece.part[2] || ': ' else piece.part[1] end as content, false as is_id
            union all
            select entry.place, entry.part[1], entry.part[1] ~ '^["0-9-]'
            from regexp_matches(case when piece.part[3] is not null and piece.part[2] in (to_jsonb('clinicId'::text)::text, to_jsonb('metricIds'::text)::text) then piece.part[3] end, '("(?:[^"\\]|\\.)*"|-?[0-9][0-9.]*|[^"0-9-]+)', 'g')
              with ordinality as entry (part, place)
          ) as token
        ) as rewritten
      ) end as "step_1.v2",
    ("b"."id")::text as "step_1.v1",
    "b"."id" as "b.id",
    "b"."layout" as "b.layout",
    "b"."filter" as "b.filter",
    "b"."ctid" as "b.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'layout' then ("fix"."patch" ->> 'layout')::jsonb else "t"."layout" end as "layout",
      case when "fix"."patch" ? 'filter' then ("fix"."patch" ->> 'filter')::jsonb else "t"."filter" end as "filter"
    from "legacy"."boards" as t
    left join "drover"."overlay" as fix on fix.migration = 'clinic'
      and fix.relation = 'legacy.boards' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  where "b"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'boards' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_boards" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."boards" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'clinics', 'metrics'] and s._stands = 'loaded') and ("existing"."layout") is distinct from ("s"."layout") or ($2::text[] && array['*', 'clinics'] and s._stands = 'loaded') and ("existing"."filter") is distinct from ("s"."filter"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_boards" ("id", "layout", "filter", "drover_version")
  select "id", "layout", "filter", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."boards" as t
  set "layout" = case when ($2::text[] && array['*', 'clinics', 'metrics'] and s._stands = 'loaded') then "s"."layout" else "t"."layout" end,
    "filter" = case when ($2::text[] && array['*', 'clinics'] and s._stands = 'loaded') then "s"."filter" else "t"."filter" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'boards', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('layout', array['*', 'clinics', 'metrics']), ('filter', array['*', 'clinics'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'boards' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'boards' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), notes as (
  insert into drover.note (run_id, mapping, source_key, code, column_name)
  select $1::bigint, 'boards', "s"."_key", guard.code, guard.column_name
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'layout'), (2, 'lost-id', 'layout')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
