-- hazard merges-rows, shops: Rows of legacy.opening_hours with one identity become one row of app.shops.
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."opening_hours" as t offset '0') as hashed;
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
      row_number() over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'shops') then "step_1"."v1" end, "h"."shop" order by "h"."weekday" asc nulls last, "step_1"."v1" collate "C") as "_order_group_1",
      row_number() over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'shops') then "step_1"."v1" end, "h"."shop", "h"."weekday" order by "h"."changed_at" desc nulls last, "step_1"."v1" collate "C") as "_place_group_1",
      "h"."weekday" as "_entry_group_2",
      row_number() over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'shops') then "step_1"."v1" end, "h"."shop" order by "h"."weekday" desc nulls last, "step_1"."v1" collate "C") as "_order_group_2"
    from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'shop' then ("fix"."patch" ->> 'shop')::text else "t"."shop" end as "shop",
      case when "fix"."patch" ? 'weekday' then ("fix"."patch" ->> 'weekday')::int4 else "t"."weekday" end as "weekday",
      case when "fix"."patch" ? 'opens' then ("fix"."patch" ->> 'opens')::text else "t"."opens" end as "opens",
      case when "fix"."patch" ? 'changed_at' then ("fix"."patch" ->> 'changed_at')::timestamp else "t"."changed_at" end as "changed_at"
    from "legacy"."opening_hours" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.opening_hours' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "h"
  cross join lateral (
    select
      ("h"."id")::text as "v1",
      "h"."weekday" not between 1 and 7 as "v2",
      jsonb_build_object('weekday', "h"."weekday", 'opens', "h"."opens") as "v3"
    offset '0'
  ) as "step_1"
    where ("step_1"."v2") is not true
    window same as (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'shops') then "step_1"."v1" end, "h"."shop" order by "step_1"."v1" collate "C")
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
    case when "row"."step_1.v3" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    case when "resolution"."left_out_1" then array[case when "resolution"."left_out_1" then 1 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."h.shop")::text as "name",
    ("resolution"."group_1")::jsonb as "hours",
    ("resolution"."group_2")::jsonb as "weekdays",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."name" as "_resolved_name",
    case when "row"."step_1.v3" then array_remove(array[case when "row"."h.weekday" not between 1 and 7 then 1 end], null) end as "_reasons",
    "row"."h.ctid" as "_place",
    case when "resolution"."left_out_1" then array[null]::text[] end as "_originals"
  from (
  select
    "h"."weekday" not between 1 and 7 as "step_1.v3",
    ("h"."id")::text as "step_1.v1",
    "h"."shop" as "h.shop",
    "h"."weekday" as "h.weekday",
    "h"."ctid" as "h.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'shop' then ("fix"."patch" ->> 'shop')::text else "t"."shop" end as "shop",
      case when "fix"."patch" ? 'weekday' then ("fix"."patch" ->> 'weekday')::int4 else "t"."weekday" end as "weekday",
      case when "fix"."patch" ? 'opens' then ("fix"."patch" ->> 'opens')::text else "t"."opens" end as "opens",
      case when "fix"."patch" ? 'changed_at' then ("fix"."patch" ->> 'changed_at')::timestamp else "t"."changed_at" end as "changed_at"
    from "legacy"."opening_hours" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.opening_hours' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "h"
  where ($3::text[] is null or ("h"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("h"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."resolution_shops" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
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
  quarantined = (select count(*) from quarantined),
  "merged" = carried."merged",
  "matched" = 0,
  "excluded" = 0,
  finished_at = clock_timestamp()
from (
  select count(*) filter (where "s"."_disposition" = 'merged') as "merged"
  from s
) as carried
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
    (
      select to_jsonb("original".*)
      from "legacy"."opening_hours" as original
      where original.ctid = "h"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'shop' then ("fix"."patch" ->> 'shop')::text else "t"."shop" end as "shop",
      case when "fix"."patch" ? 'weekday' then ("fix"."patch" ->> 'weekday')::int4 else "t"."weekday" end as "weekday",
      case when "fix"."patch" ? 'opens' then ("fix"."patch" ->> 'opens')::text else "t"."opens" end as "opens",
      case when "fix"."patch" ? 'changed_at' then ("fix"."patch" ->> 'changed_at')::timestamp else "t"."changed_at" end as "changed_at"
    from "legacy"."opening_hours" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.opening_hours' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "h"
  cross join lateral (
    select
      ("h"."id")::text as "v1"
    offset '0'
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

-- shops: the key of the crosswalk
begin;
alter table "drover"."crosswalk_shops" add primary key (source_key);
analyze "drover"."crosswalk_shops";
commit;

-- shops: the statistics of the target
begin;
analyze "app"."shops";
commit;

-- shops: close
begin;
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
  select $1::bigint, 'shops', "step_1"."v1", $2::bigint, 'survivor-quarantined',
    '[{"code": "survivor-quarantined", "column": null}]'::jsonb, (
      select to_jsonb("original".*)
      from "legacy"."opening_hours" as original
      where original.ctid = "h"."ctid"
    )
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'shop' then ("fix"."patch" ->> 'shop')::text else "t"."shop" end as "shop",
      case when "fix"."patch" ? 'weekday' then ("fix"."patch" ->> 'weekday')::int4 else "t"."weekday" end as "weekday",
      case when "fix"."patch" ? 'opens' then ("fix"."patch" ->> 'opens')::text else "t"."opens" end as "opens",
      case when "fix"."patch" ? 'changed_at' then ("fix"."patch" ->> 'changed_at')::timestamp else "t"."changed_at" end as "changed_at"
    from "legacy"."opening_hours" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.opening_hours' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "h"
  cross join lateral (
    select
      ("h"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where "step_1"."v1" collate "C" in (select source_key from lost)
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
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."opening_hours" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- shops: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'shops', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'shop' then ("fix"."patch" ->> 'shop')::text else "t"."shop" end as "shop",
      case when "fix"."patch" ? 'weekday' then ("fix"."patch" ->> 'weekday')::int4 else "t"."weekday" end as "weekday",
      case when "fix"."patch" ? 'opens' then ("fix"."patch" ->> 'opens')::text else "t"."opens" end as "opens",
      case when "fix"."patch" ? 'changed_at' then ("fix"."patch" ->> 'changed_at')::timestamp else "t"."changed_at" end as "changed_at"
    from "legacy"."opening_hours" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.opening_hours' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "h"
  cross join lateral (
    select
      ("h"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_shops" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("h"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.opening_hours')))) as found
on conflict do nothing;
-- duplicates are told apart again
insert into "drover"."resolution_shops"
  select source_key collate "C" as source_key,
    case
      when not _is_tried then _before
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
      case when walked.disposition in ('loaded', 'matched') then "walked"."name" else first_value(case when walked.disposition in ('loaded', 'matched') then "walked"."name" else ("h"."shop")::text end) over same end as "name",
      "step_1"."v3" as "_entry_group_1",
      row_number() over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'shops') then "step_1"."v1" end, "h"."shop" order by "h"."weekday" asc nulls last, "step_1"."v1" collate "C") as "_order_group_1",
      row_number() over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'shops') then "step_1"."v1" end, "h"."shop", "h"."weekday" order by "h"."changed_at" desc nulls last, "step_1"."v1" collate "C") as "_place_group_1",
      "h"."weekday" as "_entry_group_2",
      row_number() over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'shops') then "step_1"."v1" end, "h"."shop" order by "h"."weekday" desc nulls last, "step_1"."v1" collate "C") as "_order_group_2",
      walked.disposition as _before,
      "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'shops' and purpose in ('try') and not done) as _is_tried,
      bool_or("step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'shops' and purpose in ('try', 'group') and not done)) over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'shops') then "step_1"."v1" end, "h"."shop") as _is_touched
    from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'shop' then ("fix"."patch" ->> 'shop')::text else "t"."shop" end as "shop",
      case when "fix"."patch" ? 'weekday' then ("fix"."patch" ->> 'weekday')::int4 else "t"."weekday" end as "weekday",
      case when "fix"."patch" ? 'opens' then ("fix"."patch" ->> 'opens')::text else "t"."opens" end as "opens",
      case when "fix"."patch" ? 'changed_at' then ("fix"."patch" ->> 'changed_at')::timestamp else "t"."changed_at" end as "changed_at"
    from "legacy"."opening_hours" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.opening_hours' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "h"
  cross join lateral (
    select
      ("h"."id")::text as "v1",
      "h"."weekday" not between 1 and 7 as "v2",
      jsonb_build_object('weekday', "h"."weekday", 'opens', "h"."opens") as "v3"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_shops" as walked on walked.source_key = "step_1"."v1" collate "C"
    where ("step_1"."v2") is not true and (walked.disposition <> 'excluded' and not (walked.disposition = 'quarantined' and "step_1"."v1" collate "C" in (
        select source_key
        from drover.quarantine
        where run_id = $1::bigint and mapping = 'shops' and accepted_at is not null
      )) or "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'shops' and purpose in ('try') and not done))
    window same as (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'shops') then "step_1"."v1" end, "h"."shop" order by (walked.disposition in ('loaded', 'matched')) desc, "step_1"."v1" collate "C")
  ) as grouped
  where _is_touched and (_is_tried or _before <> 'quarantined')
on conflict (source_key) do update set "disposition" = "excluded"."disposition", "survivor_key" = "excluded"."survivor_key", "name" = "excluded"."name", "group_1" = "excluded"."group_1", "left_out_1" = "excluded"."left_out_1", "group_2" = "excluded"."group_2";
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_1.v3" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    case when "resolution"."left_out_1" then array[case when "resolution"."left_out_1" then 1 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."h.shop")::text as "name",
    ("resolution"."group_1")::jsonb as "hours",
    ("resolution"."group_2")::jsonb as "weekdays",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."name" as "_resolved_name",
    case when "row"."step_1.v3" then array_remove(array[case when "row"."h.weekday" not between 1 and 7 then 1 end], null) end as "_reasons",
    "row"."h.ctid" as "_place",
    case when "resolution"."left_out_1" then array[null]::text[] end as "_originals"
  from (
  select
    "h"."weekday" not between 1 and 7 as "step_1.v3",
    ("h"."id")::text as "step_1.v1",
    "h"."shop" as "h.shop",
    "h"."weekday" as "h.weekday",
    "h"."ctid" as "h.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'shop' then ("fix"."patch" ->> 'shop')::text else "t"."shop" end as "shop",
      case when "fix"."patch" ? 'weekday' then ("fix"."patch" ->> 'weekday')::int4 else "t"."weekday" end as "weekday",
      case when "fix"."patch" ? 'opens' then ("fix"."patch" ->> 'opens')::text else "t"."opens" end as "opens",
      case when "fix"."patch" ? 'changed_at' then ("fix"."patch" ->> 'changed_at')::timestamp else "t"."changed_at" end as "changed_at"
    from "legacy"."opening_hours" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.opening_hours' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "h"
  where "h"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'shops' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."resolution_shops" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
  ) as made
  join "drover"."crosswalk_shops" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."shops" ("name", "hours", "weekdays")
  select "name", "hours", "weekdays"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_shops" as walked
  set disposition = "s"."_disposition", "name" = case "s"."_disposition" when 'loaded' then "s"."name" when 'merged' then "s"."_resolved_name" when 'matched' then "s"."_resolved_name" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
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
  on conflict (run_id, mapping, source_key) do update
  set code = excluded.code, reasons = excluded.reasons, sqlstate = null, set_aside_at = excluded.set_aside_at
  returning 1
), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'shops' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), parted as (
  delete from drover.merge as m
  using s
  where "m"."run_id" = $1::bigint and "m"."mapping" = 'shops' and "m"."source_key" = "s"."_key"
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'shops', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'shops' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'shops' and "log"."source_key" = "s"."_key"
), notes as (
  insert into drover.note (run_id, mapping, source_key, code, column_name)
  select $1::bigint, 'shops', "s"."_key", guard.code, guard.column_name
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'superseded', 'hours')) as guard (number, code, column_name) on guard.number = log.number
  where ("s"."_disposition" in ('loaded') or "s"."_disposition" = 'merged' and log.number in (1)) and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'shops', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'shops', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_shops" (like "app"."shops", "drover_version" bigint not null, primary key ("name"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."name" as "_walked_name"
  from (
  select
    case when "row"."step_1.v3" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    case when "resolution"."left_out_1" then array[case when "resolution"."left_out_1" then 1 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."h.shop")::text as "name",
    ("resolution"."group_1")::jsonb as "hours",
    ("resolution"."group_2")::jsonb as "weekdays",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."name" as "_resolved_name",
    case when "row"."step_1.v3" then array_remove(array[case when "row"."h.weekday" not between 1 and 7 then 1 end], null) end as "_reasons",
    case when "resolution"."left_out_1" then array[null]::text[] end as "_originals"
  from (
  select
    "h"."weekday" not between 1 and 7 as "step_1.v3",
    ("h"."id")::text as "step_1.v1",
    "h"."shop" as "h.shop",
    "h"."weekday" as "h.weekday",
    "h"."ctid" as "h.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'shop' then ("fix"."patch" ->> 'shop')::text else "t"."shop" end as "shop",
      case when "fix"."patch" ? 'weekday' then ("fix"."patch" ->> 'weekday')::int4 else "t"."weekday" end as "weekday",
      case when "fix"."patch" ? 'opens' then ("fix"."patch" ->> 'opens')::text else "t"."opens" end as "opens",
      case when "fix"."patch" ? 'changed_at' then ("fix"."patch" ->> 'changed_at')::timestamp else "t"."changed_at" end as "changed_at"
    from "legacy"."opening_hours" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.opening_hours' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "h"
  where "h"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'shops' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."resolution_shops" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
  ) as made
  join "drover"."crosswalk_shops" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."shops" as existing
  join s on "existing"."name" = "s"."_walked_name"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."name") is distinct from ("s"."name") or ($2::text[] && array['*', 'shops'] and s._stands = 'loaded') and ("existing"."hours") is distinct from ("s"."hours") or ($2::text[] && array['*', 'shops'] and s._stands = 'loaded') and ("existing"."weekdays") is distinct from ("s"."weekdays"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_shops" ("name", "hours", "weekdays", "drover_version")
  select "name", "hours", "weekdays", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."shops" as t
  set "name" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."name" else "t"."name" end,
    "hours" = case when ($2::text[] && array['*', 'shops'] and s._stands = 'loaded') then "s"."hours" else "t"."hours" end,
    "weekdays" = case when ($2::text[] && array['*', 'shops'] and s._stands = 'loaded') then "s"."weekdays" else "t"."weekdays" end
  from s, locked
  where "t"."name" = "s"."_walked_name" and "locked"."name" = "t"."name"
  returning "s"."_key" as source_key, "locked"."name" as "_old_name", "t"."name" as "_new_name"
), walked as (
  update "drover"."crosswalk_shops" as entry
  set "name" = "updated"."_new_name"
  from updated
  where "entry"."name" = "updated"."_old_name"
), resolved as (
  update "drover"."resolution_shops" as entry
  set "name" = "updated"."_new_name"
  from updated
  where "entry"."name" = "updated"."_old_name"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'shops', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('name', array['*']), ('hours', array['*', 'shops']), ('weekdays', array['*', 'shops'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'shops' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'shops' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), notes as (
  insert into drover.note (run_id, mapping, source_key, code, column_name)
  select $1::bigint, 'shops', "s"."_key", guard.code, guard.column_name
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'superseded', 'hours')) as guard (number, code, column_name) on guard.number = log.number
  where ("s"."_disposition" in ('loaded') or "s"."_disposition" = 'merged' and log.number in (1)) and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
