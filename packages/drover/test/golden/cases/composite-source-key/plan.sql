-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.shipments (2).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."order_lines" as t offset '0') as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."shipments" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."shipments" drop constraint "shipments_order_line_id_fkey";
alter table "app"."shipments" drop constraint "shipments_pkey";
commit;

-- =================================================================================================
-- 1. order_lines: legacy.order_lines → app.order_lines
-- =================================================================================================
-- order_lines: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_order_lines" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" uuid
);
-- source rows
select count(*) as n from "legacy"."order_lines";
-- target rows before
select count(*) as n from "app"."order_lines";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."order_no"::text, "k"."line_no"::text] as bound,
      row_number() over (order by "k"."order_no", "k"."line_no") as position
    from "legacy"."order_lines" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."order_lines")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'order_lines', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- order_lines: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."order_lines" as "l"
  where ($3::text[] is null or ("l"."order_no", "l"."line_no") >= (($3::text[])[1]::int4, ($3::text[])[2]::int4)) and ($4::text[] is null or ("l"."order_no", "l"."line_no") < (($4::text[])[1]::int4, ($4::text[])[2]::int4))
), s as materialized (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."step_1.v2")::uuid as "id",
    ("row"."l.article")::text as "article"
  from (
  select
    case when ("l"."order_no") is not null and ("l"."line_no") is not null then json_build_array(("l"."order_no")::text, ("l"."line_no")::text)::text end as "step_1.v1",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to('order_lines:' || ("l"."order_no" || '/' || "l"."line_no"), 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v2",
    "l"."article" as "l.article"
  from (
    select "t"."ctid",
      "t"."order_no",
      "t"."line_no",
      case when "fix"."patch" ? 'article' then ("fix"."patch" ->> 'article')::text else "t"."article" end as "article"
    from "legacy"."order_lines" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.order_lines' and fix.row_key = (case when ("t"."order_no") is not null and ("t"."line_no") is not null then json_build_array(("t"."order_no")::text, ("t"."line_no")::text)::text end) collate "C"
  ) as "l"
  where ($3::text[] is null or ("l"."order_no", "l"."line_no") >= (($3::text[])[1]::int4, ($3::text[])[2]::int4)) and ($4::text[] is null or ("l"."order_no", "l"."line_no") < (($4::text[])[1]::int4, ($4::text[])[2]::int4))
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."order_lines" ("id", "article")
  select "id", "article"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_order_lines" (source_key, disposition, "id")
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
where run_id = $1::bigint and mapping = 'order_lines' and number = $2::bigint;
commit;

-- order_lines: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("l"."order_no")::text, ("l"."line_no")::text] as bound, row_number() over (order by "l"."order_no", "l"."line_no") as position, count(*) as rows
  from "legacy"."order_lines" as "l"
    where ($1::text[] is null or ("l"."order_no", "l"."line_no") >= (($1::text[])[1]::int4, ($1::text[])[2]::int4)) and ($2::text[] is null or ("l"."order_no", "l"."line_no") < (($2::text[])[1]::int4, ($2::text[])[2]::int4)) and "l"."order_no" is not null and "l"."line_no" is not null
  group by "l"."order_no", "l"."line_no"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- order_lines: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."order_lines" as "l"
  where ($3::text[] is null or ("l"."order_no", "l"."line_no") >= (($3::text[])[1]::int4, ($3::text[])[2]::int4)) and ($4::text[] is null or ("l"."order_no", "l"."line_no") < (($4::text[])[1]::int4, ($4::text[])[2]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."order_lines" as original
      where original.ctid = "l"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."order_no",
      "t"."line_no",
      case when "fix"."patch" ? 'article' then ("fix"."patch" ->> 'article')::text else "t"."article" end as "article"
    from "legacy"."order_lines" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.order_lines' and fix.row_key = (case when ("t"."order_no") is not null and ("t"."line_no") is not null then json_build_array(("t"."order_no")::text, ("t"."line_no")::text)::text end) collate "C"
  ) as "l"
  cross join lateral (
    select
      case when ("l"."order_no") is not null and ("l"."line_no") is not null then json_build_array(("l"."order_no")::text, ("l"."line_no")::text)::text end as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("l"."order_no", "l"."line_no") >= (($3::text[])[1]::int4, ($3::text[])[2]::int4)) and ($4::text[] is null or ("l"."order_no", "l"."line_no") < (($4::text[])[1]::int4, ($4::text[])[2]::int4))
), walked as (
  insert into "drover"."crosswalk_order_lines" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'order_lines', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'order_lines' and number = $2::bigint
returning quarantined;
commit;

-- order_lines: the key of the crosswalk
begin;
alter table "drover"."crosswalk_order_lines" add primary key (source_key);
analyze "drover"."crosswalk_order_lines";
commit;

-- order_lines: the statistics of the target
begin;
analyze "app"."order_lines";
commit;

-- order_lines: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."order_lines";
-- target rows after
select count(*) as n from "app"."order_lines";
commit;

-- =================================================================================================
-- 2. shipments: legacy.shipments → app.shipments
-- begins when order_lines is done
-- =================================================================================================
-- shipments: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_shipments" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."shipments";
-- target rows before
select count(*) as n from "app"."shipments";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."shipments" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."shipments")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'shipments', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- shipments: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."shipments" as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    'loaded' as "_disposition",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[case when "row"."step_3.v4" then 1 end, case when "row"."step_3.v5" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."s.id")::int4 as "id",
    ("row"."ref_3.id")::uuid as "order_line_id",
    ("row"."s.sent_on")::date as "sent_on",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[("row"."step_1.v2")::text, ("row"."step_1.v2")::text]::text[] end as "_originals"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) as "step_3.v4",
    "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.id" as "s.id",
    "ref_3"."id" as "ref_3.id",
    "row"."s.sent_on" as "s.sent_on",
    "row"."step_1.v2" as "step_1.v2"
  from (
  select
    case when ("s"."order_no") is not null and ("s"."line_no") is not null then json_build_array(("s"."order_no")::text, ("s"."line_no")::text)::text end as "step_1.v2",
    ("s"."id")::text as "step_1.v1",
    "s"."id" as "s.id",
    "s"."sent_on" as "s.sent_on"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'order_no' then ("fix"."patch" ->> 'order_no')::int4 else "t"."order_no" end as "order_no",
      case when "fix"."patch" ? 'line_no' then ("fix"."patch" ->> 'line_no')::int4 else "t"."line_no" end as "line_no",
      case when "fix"."patch" ? 'sent_on' then ("fix"."patch" ->> 'sent_on')::date else "t"."sent_on" end as "sent_on"
    from "legacy"."shipments" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.shipments' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_order_lines" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."shipments" ("id", "order_line_id", "sent_on")
  select "id", "order_line_id", "sent_on"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_shipments" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (select where false), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'shipments', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'order_line_id'), (2, 'no-line', 'order_line_id')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'shipments' and number = $2::bigint;
commit;

-- shipments: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("s"."id")::text] as bound, row_number() over (order by "s"."id") as position, count(*) as rows
  from "legacy"."shipments" as "s"
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

-- shipments: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."shipments" as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."shipments" as original
      where original.ctid = "s"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'order_no' then ("fix"."patch" ->> 'order_no')::int4 else "t"."order_no" end as "order_no",
      case when "fix"."patch" ? 'line_no' then ("fix"."patch" ->> 'line_no')::int4 else "t"."line_no" end as "line_no",
      case when "fix"."patch" ? 'sent_on' then ("fix"."patch" ->> 'sent_on')::date else "t"."sent_on" end as "sent_on"
    from "legacy"."shipments" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.shipments' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_shipments" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'shipments', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'shipments' and number = $2::bigint
returning quarantined;
commit;

-- shipments: the key of the crosswalk
begin;
alter table "drover"."crosswalk_shipments" add primary key (source_key);
analyze "drover"."crosswalk_shipments";
commit;

-- shipments: the statistics of the target
begin;
analyze "app"."shipments";
commit;

-- shipments_pkey
begin;
CREATE UNIQUE INDEX shipments_pkey ON app.shipments USING btree (id);
commit;

-- shipments: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."shipments";
-- target rows after
select count(*) as n from "app"."shipments";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."shipments" add constraint "shipments_pkey" primary key using index "shipments_pkey";
commit;

-- =================================================================================================
-- Foreign keys, when every mapping is closed. Each statement is a transaction.
-- =================================================================================================
-- foreign keys
begin;
alter table "app"."shipments" add constraint "shipments_order_line_id_fkey" FOREIGN KEY (order_line_id) REFERENCES app.order_lines(id) not valid;
alter table "app"."shipments" validate constraint "shipments_order_line_id_fkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."order_lines" as t offset '0') as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."shipments" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- order_lines: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'order_lines', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."order_no",
      "t"."line_no",
      case when "fix"."patch" ? 'article' then ("fix"."patch" ->> 'article')::text else "t"."article" end as "article"
    from "legacy"."order_lines" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.order_lines' and fix.row_key = (case when ("t"."order_no") is not null and ("t"."line_no") is not null then json_build_array(("t"."order_no")::text, ("t"."line_no")::text)::text end) collate "C"
  ) as "l"
  cross join lateral (
    select
      case when ("l"."order_no") is not null and ("l"."line_no") is not null then json_build_array(("l"."order_no")::text, ("l"."line_no")::text)::text end as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_order_lines" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((case when ("l"."order_no") is not null and ("l"."line_no") is not null then json_build_array(("l"."order_no")::text, ("l"."line_no")::text)::text end) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.order_lines')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."step_1.v2")::uuid as "id",
    ("row"."l.article")::text as "article"
  from (
  select
    case when ("l"."order_no") is not null and ("l"."line_no") is not null then json_build_array(("l"."order_no")::text, ("l"."line_no")::text)::text end as "step_1.v1",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to('order_lines:' || ("l"."order_no" || '/' || "l"."line_no"), 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v2",
    "l"."article" as "l.article"
  from (
    select "t"."ctid",
      "t"."order_no",
      "t"."line_no",
      case when "fix"."patch" ? 'article' then ("fix"."patch" ->> 'article')::text else "t"."article" end as "article"
    from "legacy"."order_lines" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.order_lines' and fix.row_key = (case when ("t"."order_no") is not null and ("t"."line_no") is not null then json_build_array(("t"."order_no")::text, ("t"."line_no")::text)::text end) collate "C"
  ) as "l"
  where ("l"."order_no", "l"."line_no") in (select (source_key::jsonb ->> 0)::int4, (source_key::jsonb ->> 1)::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'order_lines' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_order_lines" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."order_lines" ("id", "article")
  select "id", "article"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_order_lines" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'order_lines' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'order_lines' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'order_lines' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'order_lines', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'order_lines', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_order_lines" (like "app"."order_lines", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    'loaded' as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."step_1.v2")::uuid as "id",
    ("row"."l.article")::text as "article"
  from (
  select
    case when ("l"."order_no") is not null and ("l"."line_no") is not null then json_build_array(("l"."order_no")::text, ("l"."line_no")::text)::text end as "step_1.v1",
    encode(set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(substring(sha256(convert_to('order_lines:' || ("l"."order_no" || '/' || "l"."line_no"), 'UTF8')) from 1 for 16), 55, 1), 54, 0), 53, 0), 52, 0), 71, 1), 70, 0), 'hex')::uuid as "step_1.v2",
    "l"."article" as "l.article"
  from (
    select "t"."ctid",
      "t"."order_no",
      "t"."line_no",
      case when "fix"."patch" ? 'article' then ("fix"."patch" ->> 'article')::text else "t"."article" end as "article"
    from "legacy"."order_lines" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.order_lines' and fix.row_key = (case when ("t"."order_no") is not null and ("t"."line_no") is not null then json_build_array(("t"."order_no")::text, ("t"."line_no")::text)::text end) collate "C"
  ) as "l"
  where ("l"."order_no", "l"."line_no") in (select (source_key::jsonb ->> 0)::int4, (source_key::jsonb ->> 1)::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'order_lines' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_order_lines" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."order_lines" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."article") is distinct from ("s"."article"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_order_lines" ("id", "article", "drover_version")
  select "id", "article", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."order_lines" as t
  set "article" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."article" else "t"."article" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'order_lines', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('article', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'order_lines' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'order_lines' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;

-- shipments: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'shipments', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'order_no' then ("fix"."patch" ->> 'order_no')::int4 else "t"."order_no" end as "order_no",
      case when "fix"."patch" ? 'line_no' then ("fix"."patch" ->> 'line_no')::int4 else "t"."line_no" end as "line_no",
      case when "fix"."patch" ? 'sent_on' then ("fix"."patch" ->> 'sent_on')::date else "t"."sent_on" end as "sent_on"
    from "legacy"."shipments" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.shipments' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_shipments" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("s"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.shipments')))) as found
on conflict do nothing;
-- rows that refer to moved rows of order_lines
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'shipments', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'order_no' then ("fix"."patch" ->> 'order_no')::int4 else "t"."order_no" end as "order_no",
      case when "fix"."patch" ? 'line_no' then ("fix"."patch" ->> 'line_no')::int4 else "t"."line_no" end as "line_no",
      case when "fix"."patch" ? 'sent_on' then ("fix"."patch" ->> 'sent_on')::date else "t"."sent_on" end as "sent_on"
    from "legacy"."shipments" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.shipments' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1",
      case when ("s"."order_no") is not null and ("s"."line_no") is not null then json_build_array(("s"."order_no")::text, ("s"."line_no")::text)::text end as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_shipments" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'order_lines' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'shipments' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of order_lines
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'order_no' then ("fix"."patch" ->> 'order_no')::int4 else "t"."order_no" end as "order_no",
      case when "fix"."patch" ? 'line_no' then ("fix"."patch" ->> 'line_no')::int4 else "t"."line_no" end as "line_no",
      case when "fix"."patch" ? 'sent_on' then ("fix"."patch" ->> 'sent_on')::date else "t"."sent_on" end as "sent_on"
    from "legacy"."shipments" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.shipments' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1",
      case when ("s"."order_no") is not null and ("s"."line_no") is not null then json_build_array(("s"."order_no")::text, ("s"."line_no")::text)::text end as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_shipments" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'shipments' and q.source_key = walked.source_key and q.accepted_at is not null
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
    ("row"."s.id")::int4 as "id",
    ("row"."ref_3.id")::uuid as "order_line_id",
    ("row"."s.sent_on")::date as "sent_on",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[("row"."step_1.v2")::text, ("row"."step_1.v2")::text]::text[] end as "_originals"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) as "step_3.v4",
    "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.id" as "s.id",
    "ref_3"."id" as "ref_3.id",
    "row"."s.sent_on" as "s.sent_on",
    "row"."step_1.v2" as "step_1.v2"
  from (
  select
    case when ("s"."order_no") is not null and ("s"."line_no") is not null then json_build_array(("s"."order_no")::text, ("s"."line_no")::text)::text end as "step_1.v2",
    ("s"."id")::text as "step_1.v1",
    "s"."id" as "s.id",
    "s"."sent_on" as "s.sent_on"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'order_no' then ("fix"."patch" ->> 'order_no')::int4 else "t"."order_no" end as "order_no",
      case when "fix"."patch" ? 'line_no' then ("fix"."patch" ->> 'line_no')::int4 else "t"."line_no" end as "line_no",
      case when "fix"."patch" ? 'sent_on' then ("fix"."patch" ->> 'sent_on')::date else "t"."sent_on" end as "sent_on"
    from "legacy"."shipments" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.shipments' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where "s"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'shipments' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_order_lines" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_shipments" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."shipments" ("id", "order_line_id", "sent_on")
  select "id", "order_line_id", "sent_on"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_shipments" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'shipments' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'shipments' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'shipments' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'shipments', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'order_line_id'), (2, 'no-line', 'order_line_id')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'shipments', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'shipments', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_shipments" (like "app"."shipments", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    'loaded' as "_disposition",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[case when "row"."step_3.v4" then 1 end, case when "row"."step_3.v5" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."s.id")::int4 as "id",
    ("row"."ref_3.id")::uuid as "order_line_id",
    ("row"."s.sent_on")::date as "sent_on",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[("row"."step_1.v2")::text, ("row"."step_1.v2")::text]::text[] end as "_originals"
  from (
  select
    ("ref_3"."source_key" is not null and "ref_3"."id" is null) as "step_3.v4",
    "row"."step_1.v2" is not null and "ref_3"."source_key" is null as "step_3.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."s.id" as "s.id",
    "ref_3"."id" as "ref_3.id",
    "row"."s.sent_on" as "s.sent_on",
    "row"."step_1.v2" as "step_1.v2"
  from (
  select
    case when ("s"."order_no") is not null and ("s"."line_no") is not null then json_build_array(("s"."order_no")::text, ("s"."line_no")::text)::text end as "step_1.v2",
    ("s"."id")::text as "step_1.v1",
    "s"."id" as "s.id",
    "s"."sent_on" as "s.sent_on"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'order_no' then ("fix"."patch" ->> 'order_no')::int4 else "t"."order_no" end as "order_no",
      case when "fix"."patch" ? 'line_no' then ("fix"."patch" ->> 'line_no')::int4 else "t"."line_no" end as "line_no",
      case when "fix"."patch" ? 'sent_on' then ("fix"."patch" ->> 'sent_on')::date else "t"."sent_on" end as "sent_on"
    from "legacy"."shipments" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.shipments' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where "s"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'shipments' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_order_lines" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_shipments" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."shipments" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'order_lines'] and s._stands = 'loaded') and ("existing"."order_line_id") is distinct from ("s"."order_line_id") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."sent_on") is distinct from ("s"."sent_on"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_shipments" ("id", "order_line_id", "sent_on", "drover_version")
  select "id", "order_line_id", "sent_on", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."shipments" as t
  set "order_line_id" = case when ($2::text[] && array['*', 'order_lines'] and s._stands = 'loaded') then "s"."order_line_id" else "t"."order_line_id" end,
    "sent_on" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."sent_on" else "t"."sent_on" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'shipments', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('order_line_id', array['*', 'order_lines']), ('sent_on', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'shipments' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'shipments' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'shipments', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'waiting', 'order_line_id'), (2, 'no-line', 'order_line_id')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
