-- hazard merges-rows, stock: Rows of legacy.stock with one identity become one row of app.stock.
-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.stock (2).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."stock" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."stock" drop constraint "stock_pkey";
alter table "app"."stock" drop constraint "stock_serial_key";
commit;

-- =================================================================================================
-- 1. stock: legacy.stock → app.stock
-- =================================================================================================
-- stock: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_stock" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- merges and matches, decided once
create table "drover"."resolution_stock" as
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
    select "step_1"."v1" as source_key,
      first_value("step_1"."v1") over same as survivor_key,
      false as is_matched,
      false as is_torn,
      first_value(("s"."id")::int4) over same as "id"
    from (
      select "s".*
      from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'sku' then ("fix"."patch" ->> 'sku')::text else "t"."sku" end as "sku",
      case when "fix"."patch" ? 'serial' then ("fix"."patch" ->> 'serial')::text else "t"."serial" end as "serial",
      case when "fix"."patch" ? 'place' then ("fix"."patch" ->> 'place')::text else "t"."place" end as "place"
    from "legacy"."stock" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.stock' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
      where "s"."ctid" = any (array(
      with repeated as materialized (
        select hash, count(*) as rows, min(place) as first_place, max(place) as last_place
        from (
          select "s"."ctid" as place, hash_record_extended(row("step_1"."v1"), 0) as hash
          from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'sku' then ("fix"."patch" ->> 'sku')::text else "t"."sku" end as "sku",
      case when "fix"."patch" ? 'serial' then ("fix"."patch" ->> 'serial')::text else "t"."serial" end as "serial",
      case when "fix"."patch" ? 'place' then ("fix"."patch" ->> 'place')::text else "t"."place" end as "place"
    from "legacy"."stock" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.stock' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      (case when btrim("s"."serial", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C" <> '' then "s"."serial" end)::text as "v1"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      "step_1"."v1" is not null as "v2"
    offset '0'
  ) as "step_2"
          where "step_2"."v2"
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
          select "s"."ctid" as place, hash_record_extended(row("step_1"."v1"), 0) as hash
          from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'sku' then ("fix"."patch" ->> 'sku')::text else "t"."sku" end as "sku",
      case when "fix"."patch" ? 'serial' then ("fix"."patch" ->> 'serial')::text else "t"."serial" end as "serial",
      case when "fix"."patch" ? 'place' then ("fix"."patch" ->> 'place')::text else "t"."place" end as "place"
    from "legacy"."stock" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.stock' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      (case when btrim("s"."serial", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C" <> '' then "s"."serial" end)::text as "v1"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      "step_1"."v1" is not null as "v2"
    offset '0'
  ) as "step_2"
          where "step_2"."v2"
        ) as made
        where hash in (select hash from repeated where rows > 2)
      ) as further
      where exists (select from repeated where rows > 2)))
      offset '0'
    ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1",
      (case when btrim("s"."serial", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C" <> '' then "s"."serial" end)::text as "v2"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      "step_1"."v2" is not null as "v3"
    offset '0'
  ) as "step_2"
    
    window same as (partition by case when ("step_2"."v3") is not true or "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'stock') then "step_1"."v1" end, "step_1"."v2" order by "step_1"."v1" collate "C")
  ) as grouped
  where source_key <> survivor_key or is_matched;
alter table "drover"."resolution_stock" add primary key (source_key);
analyze "drover"."resolution_stock";
-- source rows
select count(*) as n from "legacy"."stock";
-- target rows before
select count(*) as n from "app"."stock";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."stock" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."stock")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'stock', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- stock: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."stock" as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    coalesce("resolution"."disposition", 'loaded') as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."s.id")::int4 as "id",
    ("row"."s.sku")::text as "sku",
    (case when btrim("row"."s.serial", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C" <> '' then "row"."s.serial" end)::text as "serial",
    ("row"."s.place")::text as "place",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id"
  from (
  select
    ("s"."id")::text as "step_1.v1",
    "s"."id" as "s.id",
    "s"."sku" as "s.sku",
    "s"."serial" as "s.serial",
    "s"."place" as "s.place"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'sku' then ("fix"."patch" ->> 'sku')::text else "t"."sku" end as "sku",
      case when "fix"."patch" ? 'serial' then ("fix"."patch" ->> 'serial')::text else "t"."serial" end as "serial",
      case when "fix"."patch" ? 'place' then ("fix"."patch" ->> 'place')::text else "t"."place" end as "place"
    from "legacy"."stock" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.stock' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."resolution_stock" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
), loaded as (
  insert into "app"."stock" ("id", "sku", "serial", "place")
  select "id", "sku", "serial", "place"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_stock" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
), quarantined as (select where false), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'stock', "s"."_key", "s"."_survivor"
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
where run_id = $1::bigint and mapping = 'stock' and number = $2::bigint;
commit;

-- stock: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("s"."id")::text] as bound, row_number() over (order by "s"."id") as position, count(*) as rows
  from "legacy"."stock" as "s"
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

-- stock: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."stock" as "s"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."stock" as original
      where original.ctid = "s"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'sku' then ("fix"."patch" ->> 'sku')::text else "t"."sku" end as "sku",
      case when "fix"."patch" ? 'serial' then ("fix"."patch" ->> 'serial')::text else "t"."serial" end as "serial",
      case when "fix"."patch" ? 'place' then ("fix"."patch" ->> 'place')::text else "t"."place" end as "place"
    from "legacy"."stock" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.stock' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("s"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("s"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_stock" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'stock', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'stock' and number = $2::bigint
returning quarantined;
commit;

-- stock: the key of the crosswalk
begin;
alter table "drover"."crosswalk_stock" add primary key (source_key);
analyze "drover"."crosswalk_stock";
commit;

-- stock: the statistics of the target
begin;
analyze "app"."stock";
commit;

-- stock_serial_key
begin;
CREATE UNIQUE INDEX stock_serial_key ON app.stock USING btree (serial);
commit;

-- stock_serial_key: where rows of stock break it, these are moved, and it is made again
begin;
-- $2 here: the entry that adjusts the counts
with clash as materialized (
  select "t"."serial"
  from "app"."stock" as t
  where "t"."serial" is not null
  group by "t"."serial"
  having count(*) > 1
), ranked as (
  select walked.source_key as _source_key, "t"."id",
    row_number() over (
      partition by "t"."serial"
      order by walked.source_key is not null, walked.source_key collate "C"
    ) as _place
  from "app"."stock" as t
  join clash on "clash"."serial" = "t"."serial"
  left join "drover"."crosswalk_stock" as walked on "walked"."id" = "t"."id" and "walked"."disposition" = 'loaded'
  
), moved as materialized (
  select *
  from ranked
  where _place > 1 and _source_key is not null
), deleted as (
  delete from "app"."stock" as t
  using moved
  where "t"."id" = "moved"."id"
  returning 1
), walked as (
  update "drover"."crosswalk_stock" as walked
  set disposition = 'quarantined', "id" = null
  from moved
  where walked.source_key = moved._source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'stock', "step_1"."v1", $2::bigint, 'error-23505', '[{"code":"error-23505","column":"serial","table":"app.stock","constraint":"stock_serial_key"}]'::jsonb, (
      select to_jsonb("original".*)
      from "legacy"."stock" as original
      where original.ctid = "s"."ctid"
    ), '23505'
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'sku' then ("fix"."patch" ->> 'sku')::text else "t"."sku" end as "sku",
      case when "fix"."patch" ? 'serial' then ("fix"."patch" ->> 'serial')::text else "t"."serial" end as "serial",
      case when "fix"."patch" ? 'place' then ("fix"."patch" ->> 'place')::text else "t"."place" end as "place"
    from "legacy"."stock" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.stock' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where "step_1"."v1" collate "C" in (select _source_key from moved)
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'stock', $2::bigint, 'adjustment', 'done', 0, -n, 0, 0, n, 0, clock_timestamp()
from (select count(*) as n from deleted) as moved
where n > 0
returning number;
commit;

-- stock_pkey
begin;
CREATE UNIQUE INDEX stock_pkey ON app.stock USING btree (id);
commit;

-- stock: close
begin;
-- what is checked late, now
set constraints all immediate;
-- duplicates whose survivor was not loaded. Repeated until no row is left. $2 here: the entry that adjusts the counts
with lost as (
  delete from drover.merge as merge
  using "drover"."crosswalk_stock" as survivor
  where merge.run_id = $1::bigint and merge.mapping = 'stock'
    and survivor.source_key = merge.survivor_key and survivor.disposition not in ('loaded', 'matched')
  returning merge.source_key
), walked as (
  update "drover"."crosswalk_stock" as walked
  set disposition = 'quarantined', "id" = null
  from lost
  where walked.source_key = lost.source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'stock', "step_1"."v1", $2::bigint, 'survivor-quarantined',
    '[{"code": "survivor-quarantined", "column": null}]'::jsonb, (
      select to_jsonb("original".*)
      from "legacy"."stock" as original
      where original.ctid = "s"."ctid"
    )
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'sku' then ("fix"."patch" ->> 'sku')::text else "t"."sku" end as "sku",
      case when "fix"."patch" ? 'serial' then ("fix"."patch" ->> 'serial')::text else "t"."serial" end as "serial",
      case when "fix"."patch" ? 'place' then ("fix"."patch" ->> 'place')::text else "t"."place" end as "place"
    from "legacy"."stock" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.stock' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where "step_1"."v1" collate "C" in (select source_key from lost)
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'stock', $2::bigint, 'adjustment', 'done', 0, 0, -n, 0, n, 0, clock_timestamp()
from (select count(*) as n from lost) as moved
where n > 0
returning number;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."stock";
-- target rows after
select count(*) as n from "app"."stock";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."stock" add constraint "stock_serial_key" unique using index "stock_serial_key";
alter table "app"."stock" add constraint "stock_pkey" primary key using index "stock_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."stock" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- stock: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'stock', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'sku' then ("fix"."patch" ->> 'sku')::text else "t"."sku" end as "sku",
      case when "fix"."patch" ? 'serial' then ("fix"."patch" ->> 'serial')::text else "t"."serial" end as "serial",
      case when "fix"."patch" ? 'place' then ("fix"."patch" ->> 'place')::text else "t"."place" end as "place"
    from "legacy"."stock" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.stock' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_stock" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("s"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.stock')))) as found
on conflict do nothing;
-- duplicates are told apart again
insert into "drover"."resolution_stock"
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
    select "step_1"."v1" as source_key,
      first_value("step_1"."v1") over same as survivor_key,
      false as is_matched,
      false as is_torn,
      case when walked.disposition in ('loaded', 'matched') then "walked"."id" else first_value(case when walked.disposition in ('loaded', 'matched') then "walked"."id" else ("s"."id")::int4 end) over same end as "id",
      walked.disposition as _before,
      "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'stock' and purpose in ('try') and not done) as _is_tried,
      bool_or("step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'stock' and purpose in ('try', 'group') and not done)) over (partition by case when ("step_2"."v3") is not true or "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'stock') then "step_1"."v1" end, "step_1"."v2") as _is_touched
    from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'sku' then ("fix"."patch" ->> 'sku')::text else "t"."sku" end as "sku",
      case when "fix"."patch" ? 'serial' then ("fix"."patch" ->> 'serial')::text else "t"."serial" end as "serial",
      case when "fix"."patch" ? 'place' then ("fix"."patch" ->> 'place')::text else "t"."place" end as "place"
    from "legacy"."stock" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.stock' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  cross join lateral (
    select
      ("s"."id")::text as "v1",
      (case when btrim("s"."serial", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C" <> '' then "s"."serial" end)::text as "v2"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      "step_1"."v2" is not null as "v3"
    offset '0'
  ) as "step_2"
  join "drover"."crosswalk_stock" as walked on walked.source_key = "step_1"."v1" collate "C"
    where (walked.disposition <> 'excluded' and not (walked.disposition = 'quarantined' and "step_1"."v1" collate "C" in (
        select source_key
        from drover.quarantine
        where run_id = $1::bigint and mapping = 'stock' and accepted_at is not null
      )) or "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'stock' and purpose in ('try') and not done))
    window same as (partition by case when ("step_2"."v3") is not true or "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'stock') then "step_1"."v1" end, "step_1"."v2" order by (walked.disposition in ('loaded', 'matched')) desc, "step_1"."v1" collate "C")
  ) as grouped
  where _is_touched and (_is_tried or _before <> 'quarantined')
on conflict (source_key) do update set "disposition" = "excluded"."disposition", "survivor_key" = "excluded"."survivor_key", "id" = "excluded"."id";
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    coalesce("resolution"."disposition", 'loaded') as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."s.id")::int4 as "id",
    ("row"."s.sku")::text as "sku",
    (case when btrim("row"."s.serial", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C" <> '' then "row"."s.serial" end)::text as "serial",
    ("row"."s.place")::text as "place",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id"
  from (
  select
    ("s"."id")::text as "step_1.v1",
    "s"."id" as "s.id",
    "s"."sku" as "s.sku",
    "s"."serial" as "s.serial",
    "s"."place" as "s.place"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'sku' then ("fix"."patch" ->> 'sku')::text else "t"."sku" end as "sku",
      case when "fix"."patch" ? 'serial' then ("fix"."patch" ->> 'serial')::text else "t"."serial" end as "serial",
      case when "fix"."patch" ? 'place' then ("fix"."patch" ->> 'place')::text else "t"."place" end as "place"
    from "legacy"."stock" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.stock' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where "s"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'stock' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."resolution_stock" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
  ) as made
  join "drover"."crosswalk_stock" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."stock" ("id", "sku", "serial", "place")
  select "id", "sku", "serial", "place"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_stock" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'stock' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), parted as (
  delete from drover.merge as m
  using s
  where "m"."run_id" = $1::bigint and "m"."mapping" = 'stock' and "m"."source_key" = "s"."_key"
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'stock', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'stock' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'stock' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'stock', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'stock', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_stock" (like "app"."stock", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    coalesce("resolution"."disposition", 'loaded') as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."s.id")::int4 as "id",
    ("row"."s.sku")::text as "sku",
    (case when btrim("row"."s.serial", U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "C" <> '' then "row"."s.serial" end)::text as "serial",
    ("row"."s.place")::text as "place",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id"
  from (
  select
    ("s"."id")::text as "step_1.v1",
    "s"."id" as "s.id",
    "s"."sku" as "s.sku",
    "s"."serial" as "s.serial",
    "s"."place" as "s.place"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'sku' then ("fix"."patch" ->> 'sku')::text else "t"."sku" end as "sku",
      case when "fix"."patch" ? 'serial' then ("fix"."patch" ->> 'serial')::text else "t"."serial" end as "serial",
      case when "fix"."patch" ? 'place' then ("fix"."patch" ->> 'place')::text else "t"."place" end as "place"
    from "legacy"."stock" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.stock' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "s"
  where "s"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'stock' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."resolution_stock" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
  ) as made
  join "drover"."crosswalk_stock" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."stock" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."sku") is distinct from ("s"."sku") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."serial") is distinct from ("s"."serial") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."place") is distinct from ("s"."place"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_stock" ("id", "sku", "serial", "place", "drover_version")
  select "id", "sku", "serial", "place", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."stock" as t
  set "sku" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."sku" else "t"."sku" end,
    "serial" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."serial" else "t"."serial" end,
    "place" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."place" else "t"."place" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'stock', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('sku', array['*']), ('serial', array['*']), ('place', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'stock' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'stock' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
