-- hazard merges-rows, contacts: Rows of legacy.contacts with one identity become one row of app.contacts.
-- hazard writes-existing-rows, contacts: Rows that app.contacts holds already get new values of phone, city, cities; each is kept as it was.
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."contacts" as t) as hashed;
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
create table "drover"."before_image_contacts" (like "app"."contacts");
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
      count(*) over (partition by "step_2"."v3") as _size,
      first_value("c"."phone") over (partition by "step_2"."v3" order by "c"."phone" is null, ("existing"."id" is not null) desc, "c"."seen" desc nulls last, "step_1"."v1" collate "C") as "group_1",
      first_value("c"."city") over (partition by "step_2"."v3" order by "c"."city" is null, ("existing"."id" is not null) desc, "c"."seen" desc nulls last, "step_1"."v1" collate "C") as "group_2",
      "c"."city" as "_entry_group_3",
      row_number() over (partition by "step_2"."v3" order by "c"."seen" desc nulls last, "step_1"."v1" collate "C") as "_order_group_3"
    from "legacy"."contacts" as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1",
      lower(btrim(normalize("c"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v2"
    offset 0
  ) as "step_1"
  cross join lateral (
    select
      ("step_1"."v2")::text as "v3"
    offset 0
  ) as "step_2"
  left join "app"."contacts" as existing on "existing"."email" = "step_2"."v3"
    
    window same as (partition by "step_2"."v3" order by ("existing"."id" is not null) desc, "c"."seen" desc nulls last, "step_1"."v1" collate "C")
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
    "step_1"."v1" as "_key",
    ("c"."id")::int4 as "id",
    ("step_1"."v4")::text as "email",
    (coalesce("resolution"."group_1", "c"."phone"))::text as "phone",
    (coalesce("resolution"."group_2", "c"."city"))::text as "city",
    ("resolution"."group_3")::jsonb as "cities",
    coalesce(resolution.disposition, 'loaded') as "_disposition",
    resolution.survivor_key as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "step_3"."v2" or "step_3"."v3" then array[case when "step_3"."v2" then 1 end, case when "step_3"."v3" then 2 end] end as "_logged",
    case when "step_3"."v2" or "step_3"."v3" then array[("c"."phone")::text, ("c"."city")::text]::text[] end as "_originals"
  from "legacy"."contacts" as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1",
      lower(btrim(normalize("c"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v4"
    offset 0
  ) as "step_1"
  left join "drover"."resolution_contacts" as resolution on resolution.source_key = "step_1"."v1" collate "C"
  cross join lateral (
    select
      ((coalesce("resolution"."group_1", "c"."phone"))::text is distinct from ("c"."phone")::text) and "resolution"."disposition" is distinct from 'merged' as "v2",
      ((coalesce("resolution"."group_2", "c"."city"))::text is distinct from ("c"."city")::text) and "resolution"."disposition" is distinct from 'merged' as "v3"
    offset 0
  ) as "step_3"
  where ($3::text[] is null or ("c"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("c"."id") < (($4::text[])[1]::int4))
), loaded as (
  insert into "app"."contacts" ("id", "email", "phone", "city", "cities")
  select "id", "email", "phone", "city", "cities"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), imaged as (
  insert into "drover"."before_image_contacts" ("id", "email", "phone", "city", "cities")
  select "existing"."id", "existing"."email", "existing"."phone", "existing"."city", "existing"."cities"
  from "app"."contacts" as existing
  join s on "existing"."id" = "s"."_resolved_id"
  where "s"."_disposition" = 'matched' and (("existing"."phone") is distinct from ("s"."phone") or ("existing"."city") is distinct from ("s"."city") or ("existing"."cities") is distinct from ("s"."cities"))
  for no key update of existing
  returning "id"
), updated as (
  update "app"."contacts" as existing
  set "phone" = "s"."phone", "city" = "s"."city", "cities" = "s"."cities"
  from s, imaged
  where "existing"."id" = "s"."_resolved_id" and "imaged"."id" = "existing"."id"
    and "s"."_disposition" = 'matched'
  returning 1
), walked as (
  insert into "drover"."crosswalk_contacts" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
  returning disposition
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
  merged = (select count(*) from walked where disposition = 'merged'),
  matched = (select count(*) from walked where disposition = 'matched'),
  quarantined = (select count(*) from quarantined),
  excluded = (select count(*) from walked where disposition = 'excluded'),
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
    to_jsonb("c".*) as original
  from "legacy"."contacts" as "c"
  cross join lateral (
    select
      ("c"."id")::text as "v1"
    offset 0
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

-- contacts: close
begin;
alter table "drover"."crosswalk_contacts" add primary key (source_key);
alter table "drover"."before_image_contacts" add primary key ("id");
analyze "drover"."crosswalk_contacts";
analyze "app"."contacts";
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
  select $1::bigint, 'contacts', lost.source_key, $2::bigint, 'survivor-quarantined',
    '[{"code": "survivor-quarantined", "column": null}]', to_jsonb("c".*)
  from lost
  left join "legacy"."contacts" as "c" on ("c"."id")::text collate "C" = lost.source_key
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
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."contacts" as t) as hashed;
commit;
