-- hazard merges-rows, customers: Rows of legacy.customers with one identity become one row of app.customers.
-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.customers (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."customers" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."customers" drop constraint "customers_pkey";
commit;

-- =================================================================================================
-- 1. customers: legacy.customers → app.customers
-- =================================================================================================
-- customers: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_customers" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- merges and matches, decided once
create table "drover"."resolution_customers" as
  select source_key collate "C" as source_key,
    case
      when is_torn then 'torn'
      when source_key <> survivor_key then 'merged'
      when is_matched then 'matched'
      else 'loaded'
    end as disposition,
    survivor_key collate "C" as survivor_key,
    "id",
    case when source_key = survivor_key then "group_1" end as "group_1",
    case when source_key = survivor_key then "group_2" end as "group_2",
    case when source_key = survivor_key then "group_3" end as "group_3"
  from (
    select "step_1"."v1" as source_key,
      first_value("step_1"."v1") over same as survivor_key,
      false as is_matched,
      false as is_torn,
      first_value(("c"."id")::int4) over same as "id",
      count(*) over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'customers') then "step_1"."v1" end, "step_1"."v2") as _size,
      first_value("c"."name") over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'customers') then "step_1"."v1" end, "step_1"."v2" order by "c"."name" is null, "c"."seen" asc nulls last, "step_1"."v1" collate "C") as "group_1",
      first_value("c"."phone") over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'customers') then "step_1"."v1" end, "step_1"."v2" order by "c"."phone" is null, "c"."seen" asc nulls last, "step_1"."v1" collate "C") as "group_2",
      first_value("c"."note") over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'customers') then "step_1"."v1" end, "step_1"."v2" order by "c"."note" is null, "c"."seen" desc nulls last, "step_1"."v1" collate "C") as "group_3"
    from (
      select "c".*
      from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'phone' then ("fix"."patch" ->> 'phone')::text else "t"."phone" end as "phone",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::date else "t"."seen" end as "seen"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
      where "c"."ctid" = any (array(
      with repeated as materialized (
        select hash, count(*) as rows, min(place) as first_place, max(place) as last_place
        from (
          select "c"."ctid" as place, hash_record_extended(row("step_1"."v1"), 0) as hash
          from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'phone' then ("fix"."patch" ->> 'phone')::text else "t"."phone" end as "phone",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::date else "t"."seen" end as "seen"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      lower(btrim(normalize("c"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v1"
    offset '0'
  ) as "step_1"
          
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
          select "c"."ctid" as place, hash_record_extended(row("step_1"."v1"), 0) as hash
          from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'phone' then ("fix"."patch" ->> 'phone')::text else "t"."phone" end as "phone",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::date else "t"."seen" end as "seen"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      lower(btrim(normalize("c"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v1"
    offset '0'
  ) as "step_1"
          
        ) as made
        where hash in (select hash from repeated where rows > 2)
      ) as further
      where exists (select from repeated where rows > 2)))
      offset '0'
    ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1",
      lower(btrim(normalize("c"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v2"
    offset '0'
  ) as "step_1"
    
    window same as (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'customers') then "step_1"."v1" end, "step_1"."v2" order by "c"."seen" asc nulls last, "step_1"."v1" collate "C")
  ) as grouped
  where source_key <> survivor_key or is_matched or _size > 1;
alter table "drover"."resolution_customers" add primary key (source_key);
analyze "drover"."resolution_customers";
-- source rows
select count(*) as n from "legacy"."customers";
-- target rows before
select count(*) as n from "app"."customers";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."customers" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."customers")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'customers', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- customers: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."customers" as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "step_4"."v6" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    case when "step_3"."v3" or "step_3"."v4" or "step_3"."v5" then array[case when "step_3"."v3" then 1 end, case when "step_3"."v4" then 2 end, case when "step_3"."v5" then 3 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("c"."id")::int4 as "id",
    ("step_3"."v2")::text as "name",
    (coalesce("resolution"."group_2", "c"."phone"))::text as "phone",
    (coalesce("resolution"."group_3", "c"."note"))::text as "last_note",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "step_4"."v6" then array_remove(array[case when ("step_3"."v2" is null) and "resolution"."disposition" is distinct from 'merged' then 1 end], null) end as "_reasons",
    "c"."ctid" as "_place",
    case when "step_3"."v3" or "step_3"."v4" or "step_3"."v5" then array[("c"."name")::text, ("c"."phone")::text, ("c"."note")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'phone' then ("fix"."patch" ->> 'phone')::text else "t"."phone" end as "phone",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::date else "t"."seen" end as "seen"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  left join "drover"."resolution_customers" as resolution on resolution.source_key = "step_1"."v1" collate "C"
  cross join lateral (
    select
      coalesce("resolution"."group_1", "c"."name") as "v2",
      ((coalesce("resolution"."group_1", "c"."name"))::text collate "C" is distinct from ("c"."name")::text collate "C") and "resolution"."disposition" is distinct from 'merged' as "v3",
      ((coalesce("resolution"."group_2", "c"."phone"))::text collate "C" is distinct from ("c"."phone")::text collate "C") and "resolution"."disposition" is distinct from 'merged' as "v4",
      ((coalesce("resolution"."group_3", "c"."note"))::text collate "C" is distinct from ("c"."note")::text collate "C") and "resolution"."disposition" is distinct from 'merged' as "v5"
    offset '0'
  ) as "step_3"
  cross join lateral (
    select
      ("step_3"."v2" is null) and "resolution"."disposition" is distinct from 'merged' as "v6"
    offset '0'
  ) as "step_4"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::int4))
), loaded as (
  insert into "app"."customers" ("id", "name", "phone", "last_note")
  select "id", "name", "phone", "last_note"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_customers" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'customers', "s"."_key", $2::bigint,
    (array['no-name'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-name', 'name')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."customers" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'customers', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'customers', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'filled', 'name'), (2, 'filled', 'phone'), (3, 'filled', 'last_note')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
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
where run_id = $1::bigint and mapping = 'customers' and number = $2::bigint;
commit;

-- customers: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("c"."id")::text] as bound, row_number() over (order by "c"."id") as position, count(*) as rows
  from "legacy"."customers" as "c"
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

-- customers: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."customers" as "c"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."customers" as original
      where original.ctid = "c"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'phone' then ("fix"."patch" ->> 'phone')::text else "t"."phone" end as "phone",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::date else "t"."seen" end as "seen"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_customers" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'customers', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'customers' and number = $2::bigint
returning quarantined;
commit;

-- customers: the key of the crosswalk
begin;
alter table "drover"."crosswalk_customers" add primary key (source_key);
analyze "drover"."crosswalk_customers";
commit;

-- customers: the statistics of the target
begin;
analyze "app"."customers";
commit;

-- customers_pkey
begin;
CREATE UNIQUE INDEX customers_pkey ON app.customers USING btree (id);
commit;

-- customers: close
begin;
-- what is checked late, now
set constraints all immediate;
-- duplicates whose survivor was not loaded. Repeated until no row is left. $2 here: the entry that adjusts the counts
with lost as (
  delete from drover.merge as merge
  using "drover"."crosswalk_customers" as survivor
  where merge.run_id = $1::bigint and merge.mapping = 'customers'
    and survivor.source_key = merge.survivor_key and survivor.disposition not in ('loaded', 'matched')
  returning merge.source_key
), walked as (
  update "drover"."crosswalk_customers" as walked
  set disposition = 'quarantined', "id" = null
  from lost
  where walked.source_key = lost.source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'customers', "step_1"."v1", $2::bigint, 'survivor-quarantined',
    '[{"code": "survivor-quarantined", "column": null}]'::jsonb, (
      select to_jsonb("original".*)
      from "legacy"."customers" as original
      where original.ctid = "c"."ctid"
    )
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'phone' then ("fix"."patch" ->> 'phone')::text else "t"."phone" end as "phone",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::date else "t"."seen" end as "seen"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where "step_1"."v1" collate "C" in (select source_key from lost)
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'customers', $2::bigint, 'adjustment', 'done', 0, 0, -n, 0, n, 0, clock_timestamp()
from (select count(*) as n from lost) as moved
where n > 0
returning number;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."customers";
-- target rows after
select count(*) as n from "app"."customers";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."customers" add constraint "customers_pkey" primary key using index "customers_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."customers" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- customers: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'customers', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'phone' then ("fix"."patch" ->> 'phone')::text else "t"."phone" end as "phone",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::date else "t"."seen" end as "seen"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_customers" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("c"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.customers')))) as found
on conflict do nothing;
-- duplicates are told apart again
insert into "drover"."resolution_customers"
  select source_key collate "C" as source_key,
    case
      when not _is_tried then _before
      when is_torn then 'torn'
      when source_key <> survivor_key then 'merged'
      when is_matched then 'matched'
      else 'loaded'
    end as disposition,
    survivor_key collate "C" as survivor_key,
    "id",
    case when source_key = survivor_key then "group_1" end as "group_1",
    case when source_key = survivor_key then "group_2" end as "group_2",
    case when source_key = survivor_key then "group_3" end as "group_3"
  from (
    select "step_1"."v1" as source_key,
      first_value("step_1"."v1") over same as survivor_key,
      false as is_matched,
      false as is_torn,
      case when walked.disposition in ('loaded', 'matched') then "walked"."id" else first_value(case when walked.disposition in ('loaded', 'matched') then "walked"."id" else ("c"."id")::int4 end) over same end as "id",
      count(*) over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'customers') then "step_1"."v1" end, "step_1"."v2") as _size,
      first_value("c"."name") over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'customers') then "step_1"."v1" end, "step_1"."v2" order by "c"."name" is null, (walked.disposition in ('loaded', 'matched')) desc, "c"."seen" asc nulls last, "step_1"."v1" collate "C") as "group_1",
      first_value("c"."phone") over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'customers') then "step_1"."v1" end, "step_1"."v2" order by "c"."phone" is null, (walked.disposition in ('loaded', 'matched')) desc, "c"."seen" asc nulls last, "step_1"."v1" collate "C") as "group_2",
      first_value("c"."note") over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'customers') then "step_1"."v1" end, "step_1"."v2" order by "c"."note" is null, "c"."seen" desc nulls last, "step_1"."v1" collate "C") as "group_3",
      walked.disposition as _before,
      "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('try') and not done) as _is_tried,
      bool_or("step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('try', 'group') and not done)) over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'customers') then "step_1"."v1" end, "step_1"."v2") as _is_touched
    from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'phone' then ("fix"."patch" ->> 'phone')::text else "t"."phone" end as "phone",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::date else "t"."seen" end as "seen"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1",
      lower(btrim(normalize("c"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_customers" as walked on walked.source_key = "step_1"."v1" collate "C"
    where (walked.disposition <> 'excluded' and not (walked.disposition = 'quarantined' and "step_1"."v1" collate "C" in (
        select source_key
        from drover.quarantine
        where run_id = $1::bigint and mapping = 'customers' and accepted_at is not null
      )) or "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('try') and not done))
    window same as (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'customers') then "step_1"."v1" end, "step_1"."v2" order by (walked.disposition in ('loaded', 'matched')) desc, "c"."seen" asc nulls last, "step_1"."v1" collate "C")
  ) as grouped
  where _is_touched and (_is_tried or _before <> 'quarantined')
on conflict (source_key) do update set "disposition" = "excluded"."disposition", "survivor_key" = "excluded"."survivor_key", "id" = "excluded"."id", "group_1" = "excluded"."group_1", "group_2" = "excluded"."group_2", "group_3" = "excluded"."group_3";
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "step_4"."v6" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    case when "step_3"."v3" or "step_3"."v4" or "step_3"."v5" then array[case when "step_3"."v3" then 1 end, case when "step_3"."v4" then 2 end, case when "step_3"."v5" then 3 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("c"."id")::int4 as "id",
    ("step_3"."v2")::text as "name",
    (coalesce("resolution"."group_2", "c"."phone"))::text as "phone",
    (coalesce("resolution"."group_3", "c"."note"))::text as "last_note",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "step_4"."v6" then array_remove(array[case when ("step_3"."v2" is null) and "resolution"."disposition" is distinct from 'merged' then 1 end], null) end as "_reasons",
    "c"."ctid" as "_place",
    case when "step_3"."v3" or "step_3"."v4" or "step_3"."v5" then array[("c"."name")::text, ("c"."phone")::text, ("c"."note")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'phone' then ("fix"."patch" ->> 'phone')::text else "t"."phone" end as "phone",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::date else "t"."seen" end as "seen"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  left join "drover"."resolution_customers" as resolution on resolution.source_key = "step_1"."v1" collate "C"
  cross join lateral (
    select
      coalesce("resolution"."group_1", "c"."name") as "v2",
      ((coalesce("resolution"."group_1", "c"."name"))::text collate "C" is distinct from ("c"."name")::text collate "C") and "resolution"."disposition" is distinct from 'merged' as "v3",
      ((coalesce("resolution"."group_2", "c"."phone"))::text collate "C" is distinct from ("c"."phone")::text collate "C") and "resolution"."disposition" is distinct from 'merged' as "v4",
      ((coalesce("resolution"."group_3", "c"."note"))::text collate "C" is distinct from ("c"."note")::text collate "C") and "resolution"."disposition" is distinct from 'merged' as "v5"
    offset '0'
  ) as "step_3"
  cross join lateral (
    select
      ("step_3"."v2" is null) and "resolution"."disposition" is distinct from 'merged' as "v6"
    offset '0'
  ) as "step_4"
  where "c"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('try') and not done) as named)
  ) as made
  join "drover"."crosswalk_customers" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."customers" ("id", "name", "phone", "last_note")
  select "id", "name", "phone", "last_note"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_customers" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'customers', "s"."_key", $2::bigint,
    (array['no-name'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-name', 'name')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."customers" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'customers' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), parted as (
  delete from drover.merge as m
  using s
  where "m"."run_id" = $1::bigint and "m"."mapping" = 'customers' and "m"."source_key" = "s"."_key"
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'customers', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'customers' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'customers' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'customers', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'filled', 'name'), (2, 'filled', 'phone'), (3, 'filled', 'last_note')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'customers', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'customers', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_customers" (like "app"."customers", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "step_4"."v6" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    case when "step_3"."v3" or "step_3"."v4" or "step_3"."v5" then array[case when "step_3"."v3" then 1 end, case when "step_3"."v4" then 2 end, case when "step_3"."v5" then 3 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("c"."id")::int4 as "id",
    ("step_3"."v2")::text as "name",
    (coalesce("resolution"."group_2", "c"."phone"))::text as "phone",
    (coalesce("resolution"."group_3", "c"."note"))::text as "last_note",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "step_4"."v6" then array_remove(array[case when ("step_3"."v2" is null) and "resolution"."disposition" is distinct from 'merged' then 1 end], null) end as "_reasons",
    case when "step_3"."v3" or "step_3"."v4" or "step_3"."v5" then array[("c"."name")::text, ("c"."phone")::text, ("c"."note")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'phone' then ("fix"."patch" ->> 'phone')::text else "t"."phone" end as "phone",
      case when "fix"."patch" ? 'note' then ("fix"."patch" ->> 'note')::text else "t"."note" end as "note",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::date else "t"."seen" end as "seen"
    from "legacy"."customers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.customers' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  left join "drover"."resolution_customers" as resolution on resolution.source_key = "step_1"."v1" collate "C"
  cross join lateral (
    select
      coalesce("resolution"."group_1", "c"."name") as "v2",
      ((coalesce("resolution"."group_1", "c"."name"))::text collate "C" is distinct from ("c"."name")::text collate "C") and "resolution"."disposition" is distinct from 'merged' as "v3",
      ((coalesce("resolution"."group_2", "c"."phone"))::text collate "C" is distinct from ("c"."phone")::text collate "C") and "resolution"."disposition" is distinct from 'merged' as "v4",
      ((coalesce("resolution"."group_3", "c"."note"))::text collate "C" is distinct from ("c"."note")::text collate "C") and "resolution"."disposition" is distinct from 'merged' as "v5"
    offset '0'
  ) as "step_3"
  cross join lateral (
    select
      ("step_3"."v2" is null) and "resolution"."disposition" is distinct from 'merged' as "v6"
    offset '0'
  ) as "step_4"
  where "c"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'customers' and purpose in ('change') and not done) as named)
  ) as made
  join "drover"."crosswalk_customers" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."customers" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'customers'] and s._stands = 'loaded') and ("existing"."name") is distinct from ("s"."name") or ($2::text[] && array['*', 'customers'] and s._stands = 'loaded') and ("existing"."phone") is distinct from ("s"."phone") or ($2::text[] && array['*', 'customers'] and s._stands = 'loaded') and ("existing"."last_note") is distinct from ("s"."last_note"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_customers" ("id", "name", "phone", "last_note", "drover_version")
  select "id", "name", "phone", "last_note", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."customers" as t
  set "name" = case when ($2::text[] && array['*', 'customers'] and s._stands = 'loaded') then "s"."name" else "t"."name" end,
    "phone" = case when ($2::text[] && array['*', 'customers'] and s._stands = 'loaded') then "s"."phone" else "t"."phone" end,
    "last_note" = case when ($2::text[] && array['*', 'customers'] and s._stands = 'loaded') then "s"."last_note" else "t"."last_note" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'customers', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('name', array['*', 'customers']), ('phone', array['*', 'customers']), ('last_note', array['*', 'customers'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'customers' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'customers' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'customers', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'filled', 'name'), (2, 'filled', 'phone'), (3, 'filled', 'last_note')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
