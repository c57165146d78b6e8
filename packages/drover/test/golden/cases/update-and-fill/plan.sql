-- hazard merges-rows, contacts: Rows of legacy.contacts with one identity become one row of app.contacts.
-- hazard writes-existing-rows, contacts: Rows that app.contacts holds already get new values of phone, city, cities; each is kept as it was.
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
-- rows of the target as they were before they were updated
create table "drover"."before_image_contacts" (like "app"."contacts", "drover_version" bigint not null);
-- merges and matches, decided once
create table "drover"."resolution_contacts" as
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
    case when source_key = survivor_key then coalesce(jsonb_agg("_entry_group_3") filter (where "_entry_group_3" is not null) over (
      partition by survivor_key order by "_order_group_3" rows between unbounded preceding and unbounded following
    ), '[]') end as "group_3"
  from (
    select "step_1"."v1" as source_key,
      first_value("step_1"."v1") over same as survivor_key,
      first_value("existing"."id" is not null) over same as is_matched,
      "existing"."id" is not null and ("existing"."id") is distinct from (first_value("existing"."id") over same) as is_torn,
      first_value(coalesce("existing"."id", ("c"."id")::int4)) over same as "id",
      count(*) over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'contacts') then "step_1"."v1" end, "step_2"."v3") as _size,
      first_value("c"."phone") over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'contacts') then "step_1"."v1" end, "step_2"."v3" order by "c"."phone" is null, ("existing"."id" is not null) desc, "c"."seen" desc nulls last, "step_1"."v1" collate "C") as "group_1",
      first_value("c"."city") over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'contacts') then "step_1"."v1" end, "step_2"."v3" order by "c"."city" is null, ("existing"."id" is not null) desc, "c"."seen" desc nulls last, "step_1"."v1" collate "C") as "group_2",
      "c"."city" as "_entry_group_3",
      row_number() over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'contacts') then "step_1"."v1" end, "step_2"."v3" order by "c"."seen" desc nulls last, "step_1"."v1" collate "C") as "_order_group_3"
    from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'phone' then ("fix"."patch" ->> 'phone')::text else "t"."phone" end as "phone",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::date else "t"."seen" end as "seen"
    from "legacy"."contacts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.contacts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1",
      lower(btrim(normalize("c"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v2"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      ("step_1"."v2")::text as "v3"
    offset '0'
  ) as "step_2"
  left join "app"."contacts" as existing on "existing"."email" = "step_2"."v3"
    
    window same as (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'contacts') then "step_1"."v1" end, "step_2"."v3" order by ("existing"."id" is not null) desc, "c"."seen" desc nulls last, "step_1"."v1" collate "C")
  ) as grouped
  where source_key <> survivor_key or is_matched or true;
-- a row here means that a match is not one to one, and stops the run
select min(source_key) as one, max(source_key) as other
from "drover"."resolution_contacts"
where disposition = 'matched'
group by "id"
having count(*) > 1
union all
select survivor_key, source_key
from "drover"."resolution_contacts"
where disposition = 'torn'
limit 5;
alter table "drover"."resolution_contacts" add primary key (source_key);
analyze "drover"."resolution_contacts";
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
    coalesce("resolution"."disposition", 'loaded') as "_disposition",
    case when "step_3"."v2" or "step_3"."v3" then array[case when "step_3"."v2" then 1 end, case when "step_3"."v3" then 2 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("c"."id")::int4 as "id",
    ("step_1"."v4")::text as "email",
    (coalesce("resolution"."group_1", "c"."phone"))::text as "phone",
    (coalesce("resolution"."group_2", "c"."city"))::text as "city",
    ("resolution"."group_3")::jsonb as "cities",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "step_3"."v2" or "step_3"."v3" then array[("c"."phone")::text, ("c"."city")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'phone' then ("fix"."patch" ->> 'phone')::text else "t"."phone" end as "phone",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::date else "t"."seen" end as "seen"
    from "legacy"."contacts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.contacts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1",
      lower(btrim(normalize("c"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v4"
    offset '0'
  ) as "step_1"
  left join "drover"."resolution_contacts" as resolution on resolution.source_key = "step_1"."v1" collate "C"
  cross join lateral (
    select
      ((coalesce("resolution"."group_1", "c"."phone"))::text collate "C" is distinct from ("c"."phone")::text collate "C") and "resolution"."disposition" is distinct from 'merged' as "v2",
      ((coalesce("resolution"."group_2", "c"."city"))::text collate "C" is distinct from ("c"."city")::text collate "C") and "resolution"."disposition" is distinct from 'merged' as "v3"
    offset '0'
  ) as "step_3"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::int4))
), loaded as (
  insert into "app"."contacts" ("id", "email", "phone", "city", "cities")
  select "id", "email", "phone", "city", "cities"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), updated as (
  update "app"."contacts" as existing
  set "phone" = "s"."phone", "city" = "s"."city", "cities" = "s"."cities"
  from s
  where "existing"."id" = "s"."_resolved_id" and "s"."_disposition" = 'matched' and (("existing"."phone") is distinct from ("s"."phone") or ("existing"."city") is distinct from ("s"."city") or ("existing"."cities") is distinct from ("s"."cities"))
  returning "old"."id" as "id", "old"."email" as "email", "old"."phone" as "phone", "old"."city" as "city", "old"."cities" as "cities", "old"."xmin"::text::bigint as "drover_version"
), imaged as (
  insert into "drover"."before_image_contacts" ("id", "email", "phone", "city", "cities", "drover_version")
  select "id", "email", "phone", "city", "cities", "drover_version"
  from updated
), walked as (
  insert into "drover"."crosswalk_contacts" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
), quarantined as (select where false), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'contacts', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'contacts', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'filled', 'phone'), (2, 'filled', 'city')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded', 'matched') and "s"."_logged" is not null
)
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = (select count(*) from loaded),
  quarantined = (select count(*) from quarantined),
  "merged" = carried."merged",
  "matched" = carried."matched",
  "excluded" = 0,
  finished_at = clock_timestamp()
from (
  select count(*) filter (where "s"."_disposition" = 'merged') as "merged",
    count(*) filter (where "s"."_disposition" = 'matched') as "matched"
  from s
) as carried
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
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'phone' then ("fix"."patch" ->> 'phone')::text else "t"."phone" end as "phone",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::date else "t"."seen" end as "seen"
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

-- contacts: close
begin;
alter table "drover"."before_image_contacts" add primary key ("id");
-- what is checked late, now
set constraints all immediate;
-- duplicates whose survivor was not loaded. Repeated until no row is left. $2 here: the entry that adjusts the counts
with lost as (
  delete from drover.merge as merge
  using "drover"."crosswalk_contacts" as survivor
  where merge.run_id = $1::bigint and merge.mapping = 'contacts'
    and survivor.source_key = merge.survivor_key and survivor.disposition not in ('loaded', 'matched')
  returning merge.source_key
), walked as (
  update "drover"."crosswalk_contacts" as walked
  set disposition = 'quarantined', "id" = null
  from lost
  where walked.source_key = lost.source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'contacts', "step_1"."v1", $2::bigint, 'survivor-quarantined',
    '[{"code": "survivor-quarantined", "column": null}]'::jsonb, (
      select to_jsonb("original".*)
      from "legacy"."contacts" as original
      where original.ctid = "c"."ctid"
    )
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'phone' then ("fix"."patch" ->> 'phone')::text else "t"."phone" end as "phone",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::date else "t"."seen" end as "seen"
    from "legacy"."contacts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.contacts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where "step_1"."v1" collate "C" in (select source_key from lost)
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'contacts', $2::bigint, 'adjustment', 'done', 0, 0, -n, 0, n, 0, clock_timestamp()
from (select count(*) as n from lost) as moved
where n > 0
returning number;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."contacts";
-- target rows after
select count(*) as n from "app"."contacts";
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
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'phone' then ("fix"."patch" ->> 'phone')::text else "t"."phone" end as "phone",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::date else "t"."seen" end as "seen"
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
-- duplicates are told apart again
insert into "drover"."resolution_contacts"
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
    case when source_key = survivor_key then coalesce(jsonb_agg("_entry_group_3") filter (where "_entry_group_3" is not null) over (
      partition by survivor_key order by "_order_group_3" rows between unbounded preceding and unbounded following
    ), '[]') end as "group_3"
  from (
    select "step_1"."v1" as source_key,
      first_value("step_1"."v1") over same as survivor_key,
      first_value(case when "own_1"."source_key" is null then "existing"."id" end is not null) over same as is_matched,
      case when "own_1"."source_key" is null then "existing"."id" end is not null and (case when "own_1"."source_key" is null then "existing"."id" end) is distinct from (first_value(case when "own_1"."source_key" is null then "existing"."id" end) over same) as is_torn,
      case when walked.disposition in ('loaded', 'matched') then "walked"."id" else first_value(case when walked.disposition in ('loaded', 'matched') then "walked"."id" else coalesce(case when "own_1"."source_key" is null then "existing"."id" end, ("c"."id")::int4) end) over same end as "id",
      count(*) over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'contacts') then "step_1"."v1" end, "step_2"."v3") as _size,
      first_value("c"."phone") over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'contacts') then "step_1"."v1" end, "step_2"."v3" order by "c"."phone" is null, (walked.disposition in ('loaded', 'matched')) desc, (case when "own_1"."source_key" is null then "existing"."id" end is not null) desc, "c"."seen" desc nulls last, "step_1"."v1" collate "C") as "group_1",
      first_value("c"."city") over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'contacts') then "step_1"."v1" end, "step_2"."v3" order by "c"."city" is null, (walked.disposition in ('loaded', 'matched')) desc, (case when "own_1"."source_key" is null then "existing"."id" end is not null) desc, "c"."seen" desc nulls last, "step_1"."v1" collate "C") as "group_2",
      "c"."city" as "_entry_group_3",
      row_number() over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'contacts') then "step_1"."v1" end, "step_2"."v3" order by "c"."seen" desc nulls last, "step_1"."v1" collate "C") as "_order_group_3",
      walked.disposition as _before,
      "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'contacts' and purpose in ('try') and not done) as _is_tried,
      bool_or("step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'contacts' and purpose in ('try', 'group') and not done)) over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'contacts') then "step_1"."v1" end, "step_2"."v3") as _is_touched
    from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'phone' then ("fix"."patch" ->> 'phone')::text else "t"."phone" end as "phone",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::date else "t"."seen" end as "seen"
    from "legacy"."contacts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.contacts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1",
      lower(btrim(normalize("c"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v2"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      ("step_1"."v2")::text as "v3"
    offset '0'
  ) as "step_2"
  left join "app"."contacts" as existing on "existing"."email" = "step_2"."v3"
  left join "drover"."crosswalk_contacts" as "own_1" on "own_1".disposition = 'loaded' and "own_1"."id" = "existing"."id"
  join "drover"."crosswalk_contacts" as walked on walked.source_key = "step_1"."v1" collate "C"
    where (walked.disposition <> 'excluded' and not (walked.disposition = 'quarantined' and "step_1"."v1" collate "C" in (
        select source_key
        from drover.quarantine
        where run_id = $1::bigint and mapping = 'contacts' and accepted_at is not null
      )) or "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'contacts' and purpose in ('try') and not done))
    window same as (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'contacts') then "step_1"."v1" end, "step_2"."v3" order by (walked.disposition in ('loaded', 'matched')) desc, (case when "own_1"."source_key" is null then "existing"."id" end is not null) desc, "c"."seen" desc nulls last, "step_1"."v1" collate "C")
  ) as grouped
  where _is_touched and (_is_tried or _before <> 'quarantined')
on conflict (source_key) do update set "disposition" = "excluded"."disposition", "survivor_key" = "excluded"."survivor_key", "id" = "excluded"."id", "group_1" = "excluded"."group_1", "group_2" = "excluded"."group_2", "group_3" = "excluded"."group_3";
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    coalesce("resolution"."disposition", 'loaded') as "_disposition",
    case when "step_3"."v2" or "step_3"."v3" then array[case when "step_3"."v2" then 1 end, case when "step_3"."v3" then 2 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("c"."id")::int4 as "id",
    ("step_1"."v4")::text as "email",
    (coalesce("resolution"."group_1", "c"."phone"))::text as "phone",
    (coalesce("resolution"."group_2", "c"."city"))::text as "city",
    ("resolution"."group_3")::jsonb as "cities",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "step_3"."v2" or "step_3"."v3" then array[("c"."phone")::text, ("c"."city")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'phone' then ("fix"."patch" ->> 'phone')::text else "t"."phone" end as "phone",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::date else "t"."seen" end as "seen"
    from "legacy"."contacts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.contacts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1",
      lower(btrim(normalize("c"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v4"
    offset '0'
  ) as "step_1"
  left join "drover"."resolution_contacts" as resolution on resolution.source_key = "step_1"."v1" collate "C"
  cross join lateral (
    select
      ((coalesce("resolution"."group_1", "c"."phone"))::text collate "C" is distinct from ("c"."phone")::text collate "C") and "resolution"."disposition" is distinct from 'merged' as "v2",
      ((coalesce("resolution"."group_2", "c"."city"))::text collate "C" is distinct from ("c"."city")::text collate "C") and "resolution"."disposition" is distinct from 'merged' as "v3"
    offset '0'
  ) as "step_3"
  where "c"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'contacts' and purpose in ('try') and not done) as named)
  ) as made
  join "drover"."crosswalk_contacts" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."contacts" ("id", "email", "phone", "city", "cities")
  select "id", "email", "phone", "city", "cities"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), updated as (
  update "app"."contacts" as existing
  set "phone" = "s"."phone", "city" = "s"."city", "cities" = "s"."cities"
  from s
  where "existing"."id" = "s"."_resolved_id" and "s"."_disposition" = 'matched' and (("existing"."phone") is distinct from ("s"."phone") or ("existing"."city") is distinct from ("s"."city") or ("existing"."cities") is distinct from ("s"."cities"))
  returning "old"."id" as "id", "old"."email" as "email", "old"."phone" as "phone", "old"."city" as "city", "old"."cities" as "cities", "old"."xmin"::text::bigint as "drover_version"
), imaged as (
  insert into "drover"."before_image_contacts" ("id", "email", "phone", "city", "cities", "drover_version")
  select "id", "email", "phone", "city", "cities", "drover_version"
  from updated
), walked as (
  update "drover"."crosswalk_contacts" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'contacts' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), parted as (
  delete from drover.merge as m
  using s
  where "m"."run_id" = $1::bigint and "m"."mapping" = 'contacts' and "m"."source_key" = "s"."_key"
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'contacts', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
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
  join (values (1, 'filled', 'phone'), (2, 'filled', 'city')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded', 'matched') and "s"."_logged" is not null
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
    coalesce("resolution"."disposition", 'loaded') as "_disposition",
    case when "step_3"."v2" or "step_3"."v3" then array[case when "step_3"."v2" then 1 end, case when "step_3"."v3" then 2 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("c"."id")::int4 as "id",
    ("step_1"."v4")::text as "email",
    (coalesce("resolution"."group_1", "c"."phone"))::text as "phone",
    (coalesce("resolution"."group_2", "c"."city"))::text as "city",
    ("resolution"."group_3")::jsonb as "cities",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "step_3"."v2" or "step_3"."v3" then array[("c"."phone")::text, ("c"."city")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email",
      case when "fix"."patch" ? 'phone' then ("fix"."patch" ->> 'phone')::text else "t"."phone" end as "phone",
      case when "fix"."patch" ? 'city' then ("fix"."patch" ->> 'city')::text else "t"."city" end as "city",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::date else "t"."seen" end as "seen"
    from "legacy"."contacts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.contacts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1",
      lower(btrim(normalize("c"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v4"
    offset '0'
  ) as "step_1"
  left join "drover"."resolution_contacts" as resolution on resolution.source_key = "step_1"."v1" collate "C"
  cross join lateral (
    select
      ((coalesce("resolution"."group_1", "c"."phone"))::text collate "C" is distinct from ("c"."phone")::text collate "C") and "resolution"."disposition" is distinct from 'merged' as "v2",
      ((coalesce("resolution"."group_2", "c"."city"))::text collate "C" is distinct from ("c"."city")::text collate "C") and "resolution"."disposition" is distinct from 'merged' as "v3"
    offset '0'
  ) as "step_3"
  where "c"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'contacts' and purpose in ('change') and not done) as named)
  ) as made
  join "drover"."crosswalk_contacts" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded', 'matched')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."contacts" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."email") is distinct from ("s"."email") or $2::text[] && array['*', 'contacts'] and ("existing"."phone") is distinct from ("s"."phone") or $2::text[] && array['*', 'contacts'] and ("existing"."city") is distinct from ("s"."city") or $2::text[] && array['*', 'contacts'] and ("existing"."cities") is distinct from ("s"."cities"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_contacts" ("id", "email", "phone", "city", "cities", "drover_version")
  select "id", "email", "phone", "city", "cities", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."contacts" as t
  set "email" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."email" else "t"."email" end,
    "phone" = case when $2::text[] && array['*', 'contacts'] then "s"."phone" else "t"."phone" end,
    "city" = case when $2::text[] && array['*', 'contacts'] then "s"."city" else "t"."city" end,
    "cities" = case when $2::text[] && array['*', 'contacts'] then "s"."cities" else "t"."cities" end
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
  from (values ('email', array['*']), ('phone', array['*', 'contacts']), ('city', array['*', 'contacts']), ('cities', array['*', 'contacts'])) as each (column_name, follows)
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
  join (values (1, 'filled', 'phone'), (2, 'filled', 'city')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded', 'matched') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
