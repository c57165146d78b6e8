-- hazard merges-rows, shops: Rows of legacy.opening_hours with one identity become one row of app.shops.
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."opening_hours" as t) as hashed;
commit;

-- =================================================================================================
-- 1. shops: legacy.opening_hours → app.shops
-- =================================================================================================
-- shops: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_shops" (
  source_key text collate "C" not null,
  disposition text not null,
  "name" text
);
-- merges and matches, decided once
create table "drover"."resolution_shops" as
  select source_key collate "C" as source_key,
    case
      when is_torn then 'torn'
      when source_key <> survivor_key then 'merged'
      when is_matched then 'matched'
      else 'loaded'
    end as disposition,
    survivor_key collate "C" as survivor_key,
    "name",
    case when source_key = survivor_key then coalesce(jsonb_agg("_entry_group_1") filter (where "_place_group_1" = 1 and "_entry_group_1" is not null) over (
      partition by survivor_key order by "_order_group_1" rows between unbounded preceding and unbounded following
    ), '[]') end as "group_1",
    "_place_group_1" > 1 as "left_out_1",
    case when source_key = survivor_key then coalesce(jsonb_agg("_entry_group_2") filter (where "_entry_group_2" is not null) over (
      partition by survivor_key order by "_order_group_2" rows between unbounded preceding and unbounded following
    ), '[]') end as "group_2"
  from (
    select "step_1"."v1" as source_key,
      first_value("step_1"."v1") over same as survivor_key,
      false as is_matched,
      false as is_torn,
      first_value(("h"."shop")::text) over same as "name",
      "step_1"."v3" as "_entry_group_1",
      row_number() over (partition by "h"."shop" order by "h"."weekday" asc nulls last, "step_1"."v1" collate "C") as "_order_group_1",
      row_number() over (partition by "h"."shop", "h"."weekday" order by "h"."changed_at" desc nulls last, "step_1"."v1" collate "C") as "_place_group_1",
      "h"."weekday" as "_entry_group_2",
      row_number() over (partition by "h"."shop" order by "h"."weekday" desc nulls last, "step_1"."v1" collate "C") as "_order_group_2"
    from "legacy"."opening_hours" as "h"
  cross join lateral (
    select
      ("h"."id")::text as "v1",
      "h"."weekday" not between 1 and 7 as "v2",
      jsonb_build_object('weekday', "h"."weekday", 'opens', "h"."opens") as "v3"
    offset 0
  ) as "step_1"
    where ("step_1"."v2") is not true
    window same as (partition by "h"."shop" order by "step_1"."v1" collate "C")
  ) as grouped
  where source_key <> survivor_key or is_matched or true;
alter table "drover"."resolution_shops" add primary key (source_key);
analyze "drover"."resolution_shops";
-- source rows
select count(*) as n from "legacy"."opening_hours";
-- target rows before
select count(*) as n from "app"."shops";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."opening_hours" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."opening_hours")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'shops', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- shops: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."opening_hours" as "h"
  where ($3::text[] is null or ("h"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("h"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    "step_1"."v1" as "_key",
    ("h"."shop")::text as "name",
    ("resolution"."group_1")::jsonb as "hours",
    ("resolution"."group_2")::jsonb as "weekdays",
    case when "step_1"."v3" then 'quarantined' else coalesce(resolution.disposition, 'loaded') end as "_disposition",
    resolution.survivor_key as "_survivor",
    "resolution"."name" as "_resolved_name",
    case when "step_1"."v3" then array_remove(array[case when "step_1"."v3" then 1 end], null) end as "_reasons",
    "h"."ctid" as "_place",
    case when "resolution"."left_out_1" then array[case when "resolution"."left_out_1" then 1 end] end as "_logged",
    case when "resolution"."left_out_1" then array[null]::text[] end as "_originals"
  from "legacy"."opening_hours" as "h"
  cross join lateral (
    select
      ("h"."id")::text as "v1",
      jsonb_build_object('weekday', "h"."weekday", 'opens', "h"."opens") as "v2",
      "h"."weekday" not between 1 and 7 as "v3"
    offset 0
  ) as "step_1"
  left join "drover"."resolution_shops" as resolution on resolution.source_key = "step_1"."v1" collate "C"
  where ($3::text[] is null or ("h"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("h"."id") < (($4::text[])[1]::int4))
), loaded as (
  insert into "app"."shops" ("name", "hours", "weekdays")
  select "name", "hours", "weekdays"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_shops" (source_key, disposition, "name")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."name" when 'merged' then "s"."_resolved_name" when 'matched' then "s"."_resolved_name" end
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'shops', "s"."_key", $2::bigint,
    (array['no-such-day'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-such-day', 'weekdays')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."opening_hours" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'shops', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
), notes as (
  insert into drover.note (run_id, mapping, source_key, code, column_name)
  select $1::bigint, 'shops', "s"."_key", guard.code, guard.column_name
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'superseded', 'hours')) as guard (number, code, column_name) on guard.number = log.number
  where ("s"."_disposition" in ('loaded') or "s"."_disposition" = 'merged' and log.number in (1)) and "s"."_logged" is not null
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
where run_id = $1::bigint and mapping = 'shops' and number = $2::bigint;
commit;

-- shops: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("h"."id")::text] as bound, row_number() over (order by "h"."id") as position, count(*) as rows
  from "legacy"."opening_hours" as "h"
    where ($1::text[] is null or ("h"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("h"."id") < (($2::text[])[1]::int4)) and "h"."id" is not null
  group by "h"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- shops: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."opening_hours" as "h"
  where ($3::text[] is null or ("h"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("h"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    to_jsonb("h".*) as original
  from "legacy"."opening_hours" as "h"
  cross join lateral (
    select
      ("h"."id")::text as "v1"
    offset 0
  ) as "step_1"
  where ($3::text[] is null or ("h"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("h"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_shops" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'shops', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'shops' and number = $2::bigint
returning quarantined;
commit;

-- shops: close
begin;
alter table "drover"."crosswalk_shops" add primary key (source_key);
analyze "drover"."crosswalk_shops";
analyze "app"."shops";
-- what is checked late, now
set constraints all immediate;
-- duplicates whose survivor was not loaded. Repeated until no row is left. $2 here: the entry that adjusts the counts
with lost as (
  delete from drover.merge as merge
  using "drover"."crosswalk_shops" as survivor
  where merge.run_id = $1::bigint and merge.mapping = 'shops'
    and survivor.source_key = merge.survivor_key and survivor.disposition not in ('loaded', 'matched')
  returning merge.source_key
), walked as (
  update "drover"."crosswalk_shops" as walked
  set disposition = 'quarantined', "name" = null
  from lost
  where walked.source_key = lost.source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'shops', lost.source_key, $2::bigint, 'survivor-quarantined',
    '[{"code": "survivor-quarantined", "column": null}]', to_jsonb("h".*)
  from lost
  left join "legacy"."opening_hours" as "h" on ("h"."id")::text collate "C" = lost.source_key
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'shops', $2::bigint, 'adjustment', 'done', 0, 0, -n, 0, n, 0, clock_timestamp()
from (select count(*) as n from lost) as moved
where n > 0
returning number;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."opening_hours";
-- target rows after
select count(*) as n from "app"."shops";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."opening_hours" as t) as hashed;
commit;
