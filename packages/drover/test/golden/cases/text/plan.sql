-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.contacts (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."contacts" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."contacts" drop constraint "contacts_pkey";
commit;

-- =================================================================================================
-- 1. contacts: legacy.contacts → app.contacts
-- =================================================================================================
-- contacts: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_contacts" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."contacts";
-- target rows before
select count(*) as n from "app"."contacts";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."contacts" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."contacts")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'contacts', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- contacts: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."contacts" as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "step_3"."v11" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_2"."v6" then array[case when "step_2"."v6" then 1 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("c"."id")::int4 as "id",
    ("step_2"."v3")::text as "name",
    ("step_4"."v8")::text as "compared",
    ("step_2"."v9")::text as "email",
    ("step_2"."v10")::text as "zip",
    (case when btrim("c"."remark", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C" <> '' then "c"."remark" end)::text as "remark",
    case when "step_3"."v11" then array_remove(array[case when "step_2"."v3" is null then 1 end, case when not ((("step_1"."v5")::text collate "default") ~ '^[0-9]{4}$') then 2 end], null) end as "_reasons",
    "c"."ctid" as "_place",
    case when "step_2"."v6" then array[("step_1"."v4")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'zip' then ("fix"."patch" ->> 'zip')::text else "t"."zip" end as "zip",
      case when "fix"."patch" ? 'remark' then ("fix"."patch" ->> 'remark')::text else "t"."remark" end as "remark"
    from "legacy"."contacts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.contacts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1",
      btrim(regexp_replace((("c"."name")::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v2",
      lower(btrim(normalize("c"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v4",
      btrim("c"."zip", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') as "v5"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case when btrim("step_1"."v2", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C" <> '' then "step_1"."v2" end as "v3",
      not ((("step_1"."v4")::text collate "default") ~ '^[^@ ]+@[^@ ]+[.][^@ ]+$') as "v6",
      case when (("step_1"."v4")::text collate "default") ~ '^[^@ ]+@[^@ ]+[.][^@ ]+$' then "step_1"."v4" end as "v9",
      case when (("step_1"."v5")::text collate "default") ~ '^[0-9]{4}$' then "step_1"."v5" end as "v10"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      btrim(regexp_replace(((normalize("step_2"."v3", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v7",
      "step_2"."v3" is null or not ((("step_1"."v5")::text collate "default") ~ '^[0-9]{4}$') as "v11"
    offset '0'
  ) as "step_3"
  cross join lateral (
    select
      lower("step_3"."v7" collate "pg_catalog"."und-x-icu") as "v8"
    offset '0'
  ) as "step_4"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::int4))
), loaded as (
  insert into "app"."contacts" ("id", "name", "compared", "email", "zip", "remark")
  select "id", "name", "compared", "email", "zip", "remark"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_contacts" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'contacts', "s"."_key", $2::bigint,
    (array['no-name', 'invalid-zip'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-name', 'name'), (2, 'invalid-zip', 'zip')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."contacts" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'contacts', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'invalid-email', 'email')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'contacts' and number = $2::bigint;
commit;

-- contacts: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("c"."id")::text] as bound, row_number() over (order by "c"."id") as position, count(*) as rows
  from "legacy"."contacts" as "c"
    where ($1::text[] is null or ("c"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("c"."id") < (($2::text[])[1]::int4)) and "c"."id" is not null
  group by "c"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- contacts: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."contacts" as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."contacts" as original
      where original.ctid = "c"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'zip' then ("fix"."patch" ->> 'zip')::text else "t"."zip" end as "zip",
      case when "fix"."patch" ? 'remark' then ("fix"."patch" ->> 'remark')::text else "t"."remark" end as "remark"
    from "legacy"."contacts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.contacts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_contacts" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'contacts', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'contacts' and number = $2::bigint
returning quarantined;
commit;

-- contacts: the key of the crosswalk
begin;
alter table "drover"."crosswalk_contacts" add primary key (source_key);
analyze "drover"."crosswalk_contacts";
commit;

-- contacts: the statistics of the target
begin;
analyze "app"."contacts";
commit;

-- contacts_pkey
begin;
CREATE UNIQUE INDEX contacts_pkey ON app.contacts USING btree (id);
commit;

-- contacts: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."contacts";
-- target rows after
select count(*) as n from "app"."contacts";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."contacts" add constraint "contacts_pkey" primary key using index "contacts_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."contacts" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- contacts: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'contacts', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'zip' then ("fix"."patch" ->> 'zip')::text else "t"."zip" end as "zip",
      case when "fix"."patch" ? 'remark' then ("fix"."patch" ->> 'remark')::text else "t"."remark" end as "remark"
    from "legacy"."contacts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.contacts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_contacts" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("c"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.contacts')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "step_3"."v11" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_2"."v6" then array[case when "step_2"."v6" then 1 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("c"."id")::int4 as "id",
    ("step_2"."v3")::text as "name",
    ("step_4"."v8")::text as "compared",
    ("step_2"."v9")::text as "email",
    ("step_2"."v10")::text as "zip",
    (case when btrim("c"."remark", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C" <> '' then "c"."remark" end)::text as "remark",
    case when "step_3"."v11" then array_remove(array[case when "step_2"."v3" is null then 1 end, case when not ((("step_1"."v5")::text collate "default") ~ '^[0-9]{4}$') then 2 end], null) end as "_reasons",
    "c"."ctid" as "_place",
    case when "step_2"."v6" then array[("step_1"."v4")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'zip' then ("fix"."patch" ->> 'zip')::text else "t"."zip" end as "zip",
      case when "fix"."patch" ? 'remark' then ("fix"."patch" ->> 'remark')::text else "t"."remark" end as "remark"
    from "legacy"."contacts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.contacts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1",
      btrim(regexp_replace((("c"."name")::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v2",
      lower(btrim(normalize("c"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v4",
      btrim("c"."zip", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') as "v5"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case when btrim("step_1"."v2", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C" <> '' then "step_1"."v2" end as "v3",
      not ((("step_1"."v4")::text collate "default") ~ '^[^@ ]+@[^@ ]+[.][^@ ]+$') as "v6",
      case when (("step_1"."v4")::text collate "default") ~ '^[^@ ]+@[^@ ]+[.][^@ ]+$' then "step_1"."v4" end as "v9",
      case when (("step_1"."v5")::text collate "default") ~ '^[0-9]{4}$' then "step_1"."v5" end as "v10"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      btrim(regexp_replace(((normalize("step_2"."v3", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v7",
      "step_2"."v3" is null or not ((("step_1"."v5")::text collate "default") ~ '^[0-9]{4}$') as "v11"
    offset '0'
  ) as "step_3"
  cross join lateral (
    select
      lower("step_3"."v7" collate "pg_catalog"."und-x-icu") as "v8"
    offset '0'
  ) as "step_4"
  where "c"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'contacts' and purpose in ('try') and not done) as named)
  ) as made
  join "drover"."crosswalk_contacts" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."contacts" ("id", "name", "compared", "email", "zip", "remark")
  select "id", "name", "compared", "email", "zip", "remark"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_contacts" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'contacts', "s"."_key", $2::bigint,
    (array['no-name', 'invalid-zip'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-name', 'name'), (2, 'invalid-zip', 'zip')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."contacts" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'contacts' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'contacts' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'contacts' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'contacts', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'invalid-email', 'email')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'contacts', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'contacts', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_contacts" (like "app"."contacts", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "step_3"."v11" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_2"."v6" then array[case when "step_2"."v6" then 1 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("c"."id")::int4 as "id",
    ("step_2"."v3")::text as "name",
    ("step_4"."v8")::text as "compared",
    ("step_2"."v9")::text as "email",
    ("step_2"."v10")::text as "zip",
    (case when btrim("c"."remark", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C" <> '' then "c"."remark" end)::text as "remark",
    case when "step_3"."v11" then array_remove(array[case when "step_2"."v3" is null then 1 end, case when not ((("step_1"."v5")::text collate "default") ~ '^[0-9]{4}$') then 2 end], null) end as "_reasons",
    case when "step_2"."v6" then array[("step_1"."v4")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'zip' then ("fix"."patch" ->> 'zip')::text else "t"."zip" end as "zip",
      case when "fix"."patch" ? 'remark' then ("fix"."patch" ->> 'remark')::text else "t"."remark" end as "remark"
    from "legacy"."contacts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.contacts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1",
      btrim(regexp_replace((("c"."name")::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v2",
      lower(btrim(normalize("c"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v4",
      btrim("c"."zip", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') as "v5"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case when btrim("step_1"."v2", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C" <> '' then "step_1"."v2" end as "v3",
      not ((("step_1"."v4")::text collate "default") ~ '^[^@ ]+@[^@ ]+[.][^@ ]+$') as "v6",
      case when (("step_1"."v4")::text collate "default") ~ '^[^@ ]+@[^@ ]+[.][^@ ]+$' then "step_1"."v4" end as "v9",
      case when (("step_1"."v5")::text collate "default") ~ '^[0-9]{4}$' then "step_1"."v5" end as "v10"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      btrim(regexp_replace(((normalize("step_2"."v3", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v7",
      "step_2"."v3" is null or not ((("step_1"."v5")::text collate "default") ~ '^[0-9]{4}$') as "v11"
    offset '0'
  ) as "step_3"
  cross join lateral (
    select
      lower("step_3"."v7" collate "pg_catalog"."und-x-icu") as "v8"
    offset '0'
  ) as "step_4"
  where "c"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'contacts' and purpose in ('change') and not done) as named)
  ) as made
  join "drover"."crosswalk_contacts" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."contacts" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."name") is distinct from ("s"."name") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."compared") is distinct from ("s"."compared") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."email") is distinct from ("s"."email") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."zip") is distinct from ("s"."zip") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."remark") is distinct from ("s"."remark"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_contacts" ("id", "name", "compared", "email", "zip", "remark", "drover_version")
  select "id", "name", "compared", "email", "zip", "remark", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."contacts" as t
  set "name" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."name" else "t"."name" end,
    "compared" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."compared" else "t"."compared" end,
    "email" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."email" else "t"."email" end,
    "zip" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."zip" else "t"."zip" end,
    "remark" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."remark" else "t"."remark" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'contacts', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('name', array['*']), ('compared', array['*']), ('email', array['*']), ('zip', array['*']), ('remark', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'contacts' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'contacts' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'contacts', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'invalid-email', 'email')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
