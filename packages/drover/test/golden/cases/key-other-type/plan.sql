-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.bookings (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."accounts" as t offset '0') as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."bookings" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."bookings" drop constraint "bookings_pkey";
commit;

-- =================================================================================================
-- 1. accounts: legacy.accounts → app.accounts
-- =================================================================================================
-- accounts: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_accounts" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."accounts";
-- target rows before
select count(*) as n from "app"."accounts";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."number"::text] as bound,
      row_number() over (order by "k"."number") as position
    from "legacy"."accounts" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."accounts")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'accounts', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- accounts: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."accounts" as "a"
  where ($3::text[] is null or ("a"."number") >= (($3::text[])[1]::numeric)) and ($4::text[] is null or ("a"."number") < (($4::text[])[1]::numeric))
), s as materialized (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    (("row"."a.number" * 100)::integer)::int4 as "id"
  from (
  select
    ("a"."number")::text as "step_1.v1",
    "a"."number" as "a.number"
  from (
    select "t"."ctid",
      "t"."number"
    from "legacy"."accounts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.accounts' and fix.row_key = (("t"."number")::text) collate "C"
  ) as "a"
  where ($3::text[] is null or ("a"."number") >= (($3::text[])[1]::numeric)) and ($4::text[] is null or ("a"."number") < (($4::text[])[1]::numeric))
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."accounts" ("id")
  select "id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_accounts" (source_key, disposition, "id")
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
where run_id = $1::bigint and mapping = 'accounts' and number = $2::bigint;
commit;

-- accounts: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("a"."number")::text] as bound, row_number() over (order by "a"."number") as position, count(*) as rows
  from "legacy"."accounts" as "a"
    where ($1::text[] is null or ("a"."number") >= (($1::text[])[1]::numeric)) and ($2::text[] is null or ("a"."number") < (($2::text[])[1]::numeric)) and "a"."number" is not null
  group by "a"."number"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- accounts: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."accounts" as "a"
  where ($3::text[] is null or ("a"."number") >= (($3::text[])[1]::numeric)) and ($4::text[] is null or ("a"."number") < (($4::text[])[1]::numeric))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."accounts" as original
      where original.ctid = "a"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."number"
    from "legacy"."accounts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.accounts' and fix.row_key = (("t"."number")::text) collate "C"
  ) as "a"
  cross join lateral (
    select
      ("a"."number")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("a"."number") >= (($3::text[])[1]::numeric)) and ($4::text[] is null or ("a"."number") < (($4::text[])[1]::numeric))
), walked as (
  insert into "drover"."crosswalk_accounts" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'accounts', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'accounts' and number = $2::bigint
returning quarantined;
commit;

-- accounts: the key of the crosswalk
begin;
alter table "drover"."crosswalk_accounts" add primary key (source_key);
analyze "drover"."crosswalk_accounts";
commit;

-- accounts: the statistics of the target
begin;
analyze "app"."accounts";
commit;

-- accounts: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."accounts";
-- target rows after
select count(*) as n from "app"."accounts";
commit;

-- =================================================================================================
-- 2. bookings: legacy.bookings → app.bookings
-- begins when accounts is done
-- =================================================================================================
-- bookings: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_bookings" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."bookings";
-- target rows before
select count(*) as n from "app"."bookings";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."bookings" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."bookings")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'bookings', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- bookings: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."bookings" as "b"
  where ($3::text[] is null or ("b"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("b"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    'loaded' as "_disposition",
    case when "row"."step_3.v6" or "row"."step_3.v7" or "row"."step_3.v8" or "row"."step_3.v9" then array[case when "row"."step_3.v6" then 1 end, case when "row"."step_3.v7" then 2 end, case when "row"."step_3.v8" then 3 end, case when "row"."step_3.v9" then 4 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."b.id")::int4 as "id",
    ("row"."ref_3.id")::int4 as "account",
    ("row"."ref_5.id")::int4 as "by_whole",
    case when "row"."step_3.v6" or "row"."step_3.v7" or "row"."step_3.v8" or "row"."step_3.v9" then array[("row"."step_1.v2")::text, ("row"."step_1.v2")::text, ("row"."step_1.v4")::text, ("row"."step_1.v4")::text]::text[] end as "_originals"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) as "step_3.v6",
    "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v7",
    ("ref_5"."source_key" is not null and "ref_5"."id" is null) as "step_3.v8",
    "row"."step_1.v4" is not null and "ref_5"."source_key" is null as "step_3.v9",
    "row"."step_1.v1" as "step_1.v1",
    "row"."b.id" as "b.id",
    "ref_3"."id" as "ref_3.id",
    "ref_5"."id" as "ref_5.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."step_1.v4" as "step_1.v4"
  from (
  select
    ("b"."account"::numeric(10, 2))::text as "step_1.v2",
    ("b"."whole")::text as "step_1.v4",
    ("b"."id")::text as "step_1.v1",
    "b"."id" as "b.id"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'account' then ("fix"."patch" ->> 'account')::numeric else "t"."account" end as "account",
      case when "fix"."patch" ? 'whole' then ("fix"."patch" ->> 'whole')::int4 else "t"."whole" end as "whole"
    from "legacy"."bookings" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.bookings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  where ($3::text[] is null or ("b"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("b"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_accounts" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  left join "drover"."crosswalk_accounts" as "ref_5" on "ref_5"."source_key" = "row"."step_1.v4" collate "C"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."bookings" ("id", "account", "by_whole")
  select "id", "account", "by_whole"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_bookings" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (select where false), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'bookings', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'account'), (2, 'orphan', 'account'), (3, 'waiting', 'by_whole'), (4, 'not-as-written', 'by_whole')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'bookings' and number = $2::bigint;
commit;

-- bookings: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("b"."id")::text] as bound, row_number() over (order by "b"."id") as position, count(*) as rows
  from "legacy"."bookings" as "b"
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

-- bookings: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."bookings" as "b"
  where ($3::text[] is null or ("b"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("b"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."bookings" as original
      where original.ctid = "b"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'account' then ("fix"."patch" ->> 'account')::numeric else "t"."account" end as "account",
      case when "fix"."patch" ? 'whole' then ("fix"."patch" ->> 'whole')::int4 else "t"."whole" end as "whole"
    from "legacy"."bookings" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.bookings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  cross join lateral (
    select
      ("b"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("b"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("b"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_bookings" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'bookings', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'bookings' and number = $2::bigint
returning quarantined;
commit;

-- bookings: the key of the crosswalk
begin;
alter table "drover"."crosswalk_bookings" add primary key (source_key);
analyze "drover"."crosswalk_bookings";
commit;

-- bookings: the statistics of the target
begin;
analyze "app"."bookings";
commit;

-- bookings_pkey
begin;
CREATE UNIQUE INDEX bookings_pkey ON app.bookings USING btree (id);
commit;

-- bookings: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."bookings";
-- target rows after
select count(*) as n from "app"."bookings";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."bookings" add constraint "bookings_pkey" primary key using index "bookings_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."accounts" as t offset '0') as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."bookings" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- accounts: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'accounts', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."number"
    from "legacy"."accounts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.accounts' and fix.row_key = (("t"."number")::text) collate "C"
  ) as "a"
  cross join lateral (
    select
      ("a"."number")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_accounts" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("a"."number")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.accounts')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    (("row"."a.number" * 100)::integer)::int4 as "id"
  from (
  select
    ("a"."number")::text as "step_1.v1",
    "a"."number" as "a.number"
  from (
    select "t"."ctid",
      "t"."number"
    from "legacy"."accounts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.accounts' and fix.row_key = (("t"."number")::text) collate "C"
  ) as "a"
  where "a"."number" in (select source_key::numeric from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'accounts' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_accounts" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."accounts" ("id")
  select "id"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_accounts" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'accounts' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'accounts' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'accounts' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'accounts', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'accounts', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_accounts" (like "app"."accounts", "drover_version" bigint not null, primary key ("id"));
commit;

-- bookings: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'bookings', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'account' then ("fix"."patch" ->> 'account')::numeric else "t"."account" end as "account",
      case when "fix"."patch" ? 'whole' then ("fix"."patch" ->> 'whole')::int4 else "t"."whole" end as "whole"
    from "legacy"."bookings" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.bookings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  cross join lateral (
    select
      ("b"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_bookings" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("b"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.bookings')))) as found
on conflict do nothing;
-- rows that refer to moved rows of accounts
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'bookings', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'account' then ("fix"."patch" ->> 'account')::numeric else "t"."account" end as "account",
      case when "fix"."patch" ? 'whole' then ("fix"."patch" ->> 'whole')::int4 else "t"."whole" end as "whole"
    from "legacy"."bookings" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.bookings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  cross join lateral (
    select
      ("b"."id")::text as "v1",
      ("b"."account"::numeric(10, 2))::text as "v2",
      ("b"."whole")::text as "v3"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_bookings" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'accounts' and purpose in ('moved') and not done) or ("step_1"."v3") collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'accounts' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'bookings' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of accounts
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'account' then ("fix"."patch" ->> 'account')::numeric else "t"."account" end as "account",
      case when "fix"."patch" ? 'whole' then ("fix"."patch" ->> 'whole')::int4 else "t"."whole" end as "whole"
    from "legacy"."bookings" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.bookings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  cross join lateral (
    select
      ("b"."id")::text as "v1",
      ("b"."account"::numeric(10, 2))::text as "v2",
      ("b"."whole")::text as "v3"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_bookings" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" = $2::text or ("step_1"."v3") collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'bookings' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    case when "row"."step_3.v6" or "row"."step_3.v7" or "row"."step_3.v8" or "row"."step_3.v9" then array[case when "row"."step_3.v6" then 1 end, case when "row"."step_3.v7" then 2 end, case when "row"."step_3.v8" then 3 end, case when "row"."step_3.v9" then 4 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."b.id")::int4 as "id",
    ("row"."ref_3.id")::int4 as "account",
    ("row"."ref_5.id")::int4 as "by_whole",
    case when "row"."step_3.v6" or "row"."step_3.v7" or "row"."step_3.v8" or "row"."step_3.v9" then array[("row"."step_1.v2")::text, ("row"."step_1.v2")::text, ("row"."step_1.v4")::text, ("row"."step_1.v4")::text]::text[] end as "_originals"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) as "step_3.v6",
    "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v7",
    ("ref_5"."source_key" is not null and "ref_5"."id" is null) as "step_3.v8",
    "row"."step_1.v4" is not null and "ref_5"."source_key" is null as "step_3.v9",
    "row"."step_1.v1" as "step_1.v1",
    "row"."b.id" as "b.id",
    "ref_3"."id" as "ref_3.id",
    "ref_5"."id" as "ref_5.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."step_1.v4" as "step_1.v4"
  from (
  select
    ("b"."account"::numeric(10, 2))::text as "step_1.v2",
    ("b"."whole")::text as "step_1.v4",
    ("b"."id")::text as "step_1.v1",
    "b"."id" as "b.id"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'account' then ("fix"."patch" ->> 'account')::numeric else "t"."account" end as "account",
      case when "fix"."patch" ? 'whole' then ("fix"."patch" ->> 'whole')::int4 else "t"."whole" end as "whole"
    from "legacy"."bookings" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.bookings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  where "b"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'bookings' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_accounts" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  left join "drover"."crosswalk_accounts" as "ref_5" on "ref_5"."source_key" = "row"."step_1.v4" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_bookings" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."bookings" ("id", "account", "by_whole")
  select "id", "account", "by_whole"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_bookings" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'bookings' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'bookings' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'bookings' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'bookings', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'account'), (2, 'orphan', 'account'), (3, 'waiting', 'by_whole'), (4, 'not-as-written', 'by_whole')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'bookings', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'bookings', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_bookings" (like "app"."bookings", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    'loaded' as "_disposition",
    case when "row"."step_3.v6" or "row"."step_3.v7" or "row"."step_3.v8" or "row"."step_3.v9" then array[case when "row"."step_3.v6" then 1 end, case when "row"."step_3.v7" then 2 end, case when "row"."step_3.v8" then 3 end, case when "row"."step_3.v9" then 4 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."b.id")::int4 as "id",
    ("row"."ref_3.id")::int4 as "account",
    ("row"."ref_5.id")::int4 as "by_whole",
    case when "row"."step_3.v6" or "row"."step_3.v7" or "row"."step_3.v8" or "row"."step_3.v9" then array[("row"."step_1.v2")::text, ("row"."step_1.v2")::text, ("row"."step_1.v4")::text, ("row"."step_1.v4")::text]::text[] end as "_originals"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) as "step_3.v6",
    "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v7",
    ("ref_5"."source_key" is not null and "ref_5"."id" is null) as "step_3.v8",
    "row"."step_1.v4" is not null and "ref_5"."source_key" is null as "step_3.v9",
    "row"."step_1.v1" as "step_1.v1",
    "row"."b.id" as "b.id",
    "ref_3"."id" as "ref_3.id",
    "ref_5"."id" as "ref_5.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."step_1.v4" as "step_1.v4"
  from (
  select
    ("b"."account"::numeric(10, 2))::text as "step_1.v2",
    ("b"."whole")::text as "step_1.v4",
    ("b"."id")::text as "step_1.v1",
    "b"."id" as "b.id"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'account' then ("fix"."patch" ->> 'account')::numeric else "t"."account" end as "account",
      case when "fix"."patch" ? 'whole' then ("fix"."patch" ->> 'whole')::int4 else "t"."whole" end as "whole"
    from "legacy"."bookings" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.bookings' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "b"
  where "b"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'bookings' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_accounts" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  left join "drover"."crosswalk_accounts" as "ref_5" on "ref_5"."source_key" = "row"."step_1.v4" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_bookings" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."bookings" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'accounts'] and s._stands = 'loaded') and ("existing"."account") is distinct from ("s"."account") or ($2::text[] && array['*', 'accounts'] and s._stands = 'loaded') and ("existing"."by_whole") is distinct from ("s"."by_whole"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_bookings" ("id", "account", "by_whole", "drover_version")
  select "id", "account", "by_whole", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."bookings" as t
  set "account" = case when ($2::text[] && array['*', 'accounts'] and s._stands = 'loaded') then "s"."account" else "t"."account" end,
    "by_whole" = case when ($2::text[] && array['*', 'accounts'] and s._stands = 'loaded') then "s"."by_whole" else "t"."by_whole" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'bookings', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('account', array['*', 'accounts']), ('by_whole', array['*', 'accounts'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'bookings' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'bookings' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'bookings', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'account'), (2, 'orphan', 'account'), (3, 'waiting', 'by_whole'), (4, 'not-as-written', 'by_whole')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
