-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.redemptions (2).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."redemptions" as t offset '0') as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."vouchers" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."redemptions" drop constraint "redemptions_code_fkey";
alter table "app"."redemptions" drop constraint "redemptions_pkey";
commit;

-- =================================================================================================
-- 1. vouchers: legacy.vouchers → app.vouchers
-- =================================================================================================
-- vouchers: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_vouchers" (
  source_key text collate "C" not null,
  disposition text not null,
  "code" text
);
-- merges and matches, decided once
create table "drover"."resolution_vouchers" as
  select source_key collate "C" as source_key,
    case
      when is_torn then 'torn'
      when source_key <> survivor_key then 'duplicate'
      when is_matched then 'matched'
      else 'loaded'
    end as disposition,
    survivor_key collate "C" as survivor_key,
    "code"
  from (
    select ("v"."code")::text as source_key,
      first_value(("v"."code")::text) over same as survivor_key,
      false as is_matched,
      false as is_torn,
      first_value(("step_1"."v1")::text) over same as "code"
    from (
      select "v".*
      from (
    select "t"."ctid",
      "t"."code",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::numeric else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'issued' then ("fix"."patch" ->> 'issued')::date else "t"."issued" end as "issued"
    from "legacy"."vouchers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.vouchers' and fix.row_key = (("t"."code")::text) collate "C"
  ) as "v"
      where "v"."ctid" = any (array(
      with repeated as materialized (
        select hash, count(*) as rows, min(place) as first_place, max(place) as last_place
        from (
          select "v"."ctid" as place, hash_record_extended(row("step_1"."v1"), 0) as hash
          from (
    select "t"."ctid",
      "t"."code",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::numeric else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'issued' then ("fix"."patch" ->> 'issued')::date else "t"."issued" end as "issued"
    from "legacy"."vouchers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.vouchers' and fix.row_key = (("t"."code")::text) collate "C"
  ) as "v"
  cross join lateral (
    select
      lower(btrim(normalize("v"."code", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v1"
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
          select "v"."ctid" as place, hash_record_extended(row("step_1"."v1"), 0) as hash
          from (
    select "t"."ctid",
      "t"."code",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::numeric else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'issued' then ("fix"."patch" ->> 'issued')::date else "t"."issued" end as "issued"
    from "legacy"."vouchers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.vouchers' and fix.row_key = (("t"."code")::text) collate "C"
  ) as "v"
  cross join lateral (
    select
      lower(btrim(normalize("v"."code", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v1"
    offset '0'
  ) as "step_1"
          
        ) as made
        where hash in (select hash from repeated where rows > 2)
      ) as further
      where exists (select from repeated where rows > 2)))
      offset '0'
    ) as "v"
  cross join lateral (
    select
      lower(btrim(normalize("v"."code", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v1",
      "v"."amount" < 0 as "v2"
    offset '0'
  ) as "step_1"
    where ("step_1"."v2") is not true
    window same as (partition by case when ("v"."code")::text in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'vouchers') then ("v"."code")::text end, "step_1"."v1" order by "v"."issued" asc nulls last, ("v"."code")::text collate "C")
  ) as grouped
  where source_key <> survivor_key or is_matched;
alter table "drover"."resolution_vouchers" add primary key (source_key);
analyze "drover"."resolution_vouchers";
-- source rows
select count(*) as n from "legacy"."vouchers";
-- target rows before
select count(*) as n from "app"."vouchers";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."code"::text] as bound,
      row_number() over (order by "k"."code") as position
    from "legacy"."vouchers" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."vouchers")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'vouchers', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- vouchers: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."vouchers" as "v"
  where ($3::text[] is null or ("v"."code") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("v"."code") < (($4::text[])[1]::text))
), s as materialized (
  select
    case when "row"."step_2.v2" then 'quarantined' else coalesce("row"."resolution.disposition", 'loaded') end as "_disposition",
    ("row"."v.code")::text as "_key",
    ("row"."step_1.v1")::text as "code",
    ("row"."v.amount")::numeric as "amount",
    "row"."resolution.survivor_key" as "_survivor",
    "row"."resolution.code" as "_resolved_code",
    case when "row"."step_2.v2" then array_remove(array[case when "row"."v.amount" < 0 then 1 end, case when "row"."resolution.disposition" is not distinct from 'duplicate' then 2 end], null) end as "_reasons",
    "row"."v.ctid" as "_place"
  from (
  select
    "row"."v.amount" < 0 or "resolution"."disposition" is not distinct from 'duplicate' as "step_2.v2",
    "resolution"."disposition" as "resolution.disposition",
    "row"."v.code" as "v.code",
    "row"."step_1.v1" as "step_1.v1",
    "row"."v.amount" as "v.amount",
    "resolution"."survivor_key" as "resolution.survivor_key",
    "resolution"."code" as "resolution.code",
    "row"."v.ctid" as "v.ctid"
  from (
  select
    "v"."amount" as "v.amount",
    "v"."code" as "v.code",
    lower(btrim(normalize("v"."code", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "step_1.v1",
    "v"."ctid" as "v.ctid"
  from (
    select "t"."ctid",
      "t"."code",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::numeric else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'issued' then ("fix"."patch" ->> 'issued')::date else "t"."issued" end as "issued"
    from "legacy"."vouchers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.vouchers' and fix.row_key = (("t"."code")::text) collate "C"
  ) as "v"
  where ($3::text[] is null or ("v"."code") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("v"."code") < (($4::text[])[1]::text))
  offset '0'
  ) as "row"
  left join "drover"."resolution_vouchers" as resolution on resolution.source_key = ("row"."v.code")::text collate "C"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."vouchers" ("code", "amount")
  select "code", "amount"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_vouchers" (source_key, disposition, "code")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."code" when 'merged' then "s"."_resolved_code" when 'matched' then "s"."_resolved_code" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'vouchers', "s"."_key", $2::bigint,
    (array['negative', 'same-code'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'negative', 'amount'), (2, 'same-code', 'code')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."vouchers" as original
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
where run_id = $1::bigint and mapping = 'vouchers' and number = $2::bigint;
commit;

-- vouchers: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("v"."code")::text] as bound, row_number() over (order by "v"."code") as position, count(*) as rows
  from "legacy"."vouchers" as "v"
    where ($1::text[] is null or ("v"."code") >= (($1::text[])[1]::text)) and ($2::text[] is null or ("v"."code") < (($2::text[])[1]::text)) and "v"."code" is not null
  group by "v"."code"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- vouchers: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."vouchers" as "v"
  where ($3::text[] is null or ("v"."code") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("v"."code") < (($4::text[])[1]::text))
), s as materialized (
  select ("v"."code")::text as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."vouchers" as original
      where original.ctid = "v"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."code",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::numeric else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'issued' then ("fix"."patch" ->> 'issued')::date else "t"."issued" end as "issued"
    from "legacy"."vouchers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.vouchers' and fix.row_key = (("t"."code")::text) collate "C"
  ) as "v"
  where ($3::text[] is null or ("v"."code") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("v"."code") < (($4::text[])[1]::text))
), walked as (
  insert into "drover"."crosswalk_vouchers" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'vouchers', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'vouchers' and number = $2::bigint
returning quarantined;
commit;

-- vouchers: the key of the crosswalk
begin;
alter table "drover"."crosswalk_vouchers" add primary key (source_key);
analyze "drover"."crosswalk_vouchers";
commit;

-- vouchers: the statistics of the target
begin;
analyze "app"."vouchers";
commit;

-- vouchers: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."vouchers";
-- target rows after
select count(*) as n from "app"."vouchers";
commit;

-- =================================================================================================
-- 2. redemptions: legacy.redemptions → app.redemptions
-- begins when vouchers is done
-- =================================================================================================
-- redemptions: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_redemptions" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."redemptions";
-- target rows before
select count(*) as n from "app"."redemptions";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."redemptions" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."redemptions")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'redemptions', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- redemptions: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."redemptions" as "r"
  where ($3::text[] is null or ("r"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("r"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_2.v3" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."r.id")::int4 as "id",
    ("row"."ref_2.code")::text as "code",
    case when "row"."step_2.v3" then array_remove(array[case when ("row"."ref_2.source_key" is not null and "row"."ref_2.code" is null) then 1 end, case when ("row"."r.code")::text is not null and "row"."ref_2.source_key" is null then 2 end], null) end as "_reasons",
    "row"."r.ctid" as "_place"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."code" is null) or ("row"."r.code")::text is not null and "ref_2"."source_key" is null as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "row"."r.id" as "r.id",
    "ref_2"."code" as "ref_2.code",
    "ref_2"."source_key" as "ref_2.source_key",
    "row"."r.code" as "r.code",
    "row"."r.ctid" as "r.ctid"
  from (
  select
    "r"."code" as "r.code",
    ("r"."id")::text as "step_1.v1",
    "r"."id" as "r.id",
    "r"."ctid" as "r.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'code' then ("fix"."patch" ->> 'code')::text else "t"."code" end as "code"
    from "legacy"."redemptions" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.redemptions' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  where ($3::text[] is null or ("r"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("r"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_vouchers" as "ref_2" on "ref_2"."source_key" = ("row"."r.code")::text collate "C"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."redemptions" ("id", "code")
  select "id", "code"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_redemptions" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'redemptions', "s"."_key", $2::bigint,
    (array['waiting', 'orphan'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'code'), (2, 'orphan', 'code')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."redemptions" as original
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
where run_id = $1::bigint and mapping = 'redemptions' and number = $2::bigint;
commit;

-- redemptions: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("r"."id")::text] as bound, row_number() over (order by "r"."id") as position, count(*) as rows
  from "legacy"."redemptions" as "r"
    where ($1::text[] is null or ("r"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("r"."id") < (($2::text[])[1]::int4)) and "r"."id" is not null
  group by "r"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- redemptions: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."redemptions" as "r"
  where ($3::text[] is null or ("r"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("r"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."redemptions" as original
      where original.ctid = "r"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'code' then ("fix"."patch" ->> 'code')::text else "t"."code" end as "code"
    from "legacy"."redemptions" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.redemptions' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  cross join lateral (
    select
      ("r"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("r"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("r"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_redemptions" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'redemptions', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'redemptions' and number = $2::bigint
returning quarantined;
commit;

-- redemptions: the key of the crosswalk
begin;
alter table "drover"."crosswalk_redemptions" add primary key (source_key);
analyze "drover"."crosswalk_redemptions";
commit;

-- redemptions: the statistics of the target
begin;
analyze "app"."redemptions";
commit;

-- redemptions_pkey
begin;
CREATE UNIQUE INDEX redemptions_pkey ON app.redemptions USING btree (id);
commit;

-- redemptions: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."redemptions";
-- target rows after
select count(*) as n from "app"."redemptions";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."redemptions" add constraint "redemptions_pkey" primary key using index "redemptions_pkey";
commit;

-- =================================================================================================
-- Foreign keys, when every mapping is closed. Each statement is a transaction.
-- =================================================================================================
-- foreign keys
begin;
alter table "app"."redemptions" add constraint "redemptions_code_fkey" FOREIGN KEY (code) REFERENCES app.vouchers(code) not valid;
alter table "app"."redemptions" validate constraint "redemptions_code_fkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."redemptions" as t offset '0') as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."vouchers" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- vouchers: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'vouchers', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."code",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::numeric else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'issued' then ("fix"."patch" ->> 'issued')::date else "t"."issued" end as "issued"
    from "legacy"."vouchers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.vouchers' and fix.row_key = (("t"."code")::text) collate "C"
  ) as "v"
  join "drover"."crosswalk_vouchers" as walked on walked.source_key = ("v"."code")::text collate "C"
  where walked.disposition <> 'quarantined' and ((("v"."code")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.vouchers')))) as found
on conflict do nothing;
-- duplicates are told apart again
insert into "drover"."resolution_vouchers"
  select source_key collate "C" as source_key,
    case
      when not _is_tried then _before
      when is_torn then 'torn'
      when source_key <> survivor_key then 'duplicate'
      when is_matched then 'matched'
      else 'loaded'
    end as disposition,
    survivor_key collate "C" as survivor_key,
    "code"
  from (
    select ("v"."code")::text as source_key,
      first_value(("v"."code")::text) over same as survivor_key,
      false as is_matched,
      false as is_torn,
      case when walked.disposition in ('loaded', 'matched') then "walked"."code" else first_value(case when walked.disposition in ('loaded', 'matched') then "walked"."code" else ("step_1"."v1")::text end) over same end as "code",
      walked.disposition as _before,
      ("v"."code")::text collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'vouchers' and purpose in ('try') and not done) as _is_tried,
      bool_or(("v"."code")::text collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'vouchers' and purpose in ('try', 'group') and not done)) over (partition by case when ("v"."code")::text in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'vouchers') then ("v"."code")::text end, "step_1"."v1") as _is_touched
    from (
    select "t"."ctid",
      "t"."code",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::numeric else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'issued' then ("fix"."patch" ->> 'issued')::date else "t"."issued" end as "issued"
    from "legacy"."vouchers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.vouchers' and fix.row_key = (("t"."code")::text) collate "C"
  ) as "v"
  cross join lateral (
    select
      lower(btrim(normalize("v"."code", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v1",
      "v"."amount" < 0 as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_vouchers" as walked on walked.source_key = ("v"."code")::text collate "C"
    where ("step_1"."v2") is not true and (walked.disposition <> 'excluded' and not (walked.disposition = 'quarantined' and ("v"."code")::text collate "C" in (
        select source_key
        from drover.quarantine
        where run_id = $1::bigint and mapping = 'vouchers' and accepted_at is not null
      )) or ("v"."code")::text collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'vouchers' and purpose in ('try') and not done))
    window same as (partition by case when ("v"."code")::text in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'vouchers') then ("v"."code")::text end, "step_1"."v1" order by (walked.disposition in ('loaded', 'matched')) desc, "v"."issued" asc nulls last, ("v"."code")::text collate "C")
  ) as grouped
  where _is_touched and (_is_tried or _before <> 'quarantined')
on conflict (source_key) do update set "disposition" = "excluded"."disposition", "survivor_key" = "excluded"."survivor_key", "code" = "excluded"."code";
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_2.v2" then 'quarantined' else coalesce("row"."resolution.disposition", 'loaded') end as "_disposition",
    ("row"."v.code")::text as "_key",
    ("row"."step_1.v1")::text as "code",
    ("row"."v.amount")::numeric as "amount",
    "row"."resolution.survivor_key" as "_survivor",
    "row"."resolution.code" as "_resolved_code",
    case when "row"."step_2.v2" then array_remove(array[case when "row"."v.amount" < 0 then 1 end, case when "row"."resolution.disposition" is not distinct from 'duplicate' then 2 end], null) end as "_reasons",
    "row"."v.ctid" as "_place"
  from (
  select
    "row"."v.amount" < 0 or "resolution"."disposition" is not distinct from 'duplicate' as "step_2.v2",
    "resolution"."disposition" as "resolution.disposition",
    "row"."v.code" as "v.code",
    "row"."step_1.v1" as "step_1.v1",
    "row"."v.amount" as "v.amount",
    "resolution"."survivor_key" as "resolution.survivor_key",
    "resolution"."code" as "resolution.code",
    "row"."v.ctid" as "v.ctid"
  from (
  select
    "v"."amount" as "v.amount",
    "v"."code" as "v.code",
    lower(btrim(normalize("v"."code", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "step_1.v1",
    "v"."ctid" as "v.ctid"
  from (
    select "t"."ctid",
      "t"."code",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::numeric else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'issued' then ("fix"."patch" ->> 'issued')::date else "t"."issued" end as "issued"
    from "legacy"."vouchers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.vouchers' and fix.row_key = (("t"."code")::text) collate "C"
  ) as "v"
  where "v"."code" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'vouchers' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."resolution_vouchers" as resolution on resolution.source_key = ("row"."v.code")::text collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_vouchers" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."vouchers" ("code", "amount")
  select "code", "amount"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_vouchers" as walked
  set disposition = "s"."_disposition", "code" = case "s"."_disposition" when 'loaded' then "s"."code" when 'merged' then "s"."_resolved_code" when 'matched' then "s"."_resolved_code" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'vouchers', "s"."_key", $2::bigint,
    (array['negative', 'same-code'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'negative', 'amount'), (2, 'same-code', 'code')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."vouchers" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'vouchers' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), parted as (
  delete from drover.merge as m
  using s
  where "m"."run_id" = $1::bigint and "m"."mapping" = 'vouchers' and "m"."source_key" = "s"."_key"
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'vouchers', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'vouchers' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'vouchers' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'vouchers', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'vouchers', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_vouchers" (like "app"."vouchers", "drover_version" bigint not null, primary key ("code"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."code" as "_walked_code"
  from (
  select
    case when "row"."step_2.v2" then 'quarantined' else coalesce("row"."resolution.disposition", 'loaded') end as "_disposition",
    ("row"."v.code")::text as "_key",
    ("row"."step_1.v1")::text as "code",
    ("row"."v.amount")::numeric as "amount",
    "row"."resolution.survivor_key" as "_survivor",
    "row"."resolution.code" as "_resolved_code",
    case when "row"."step_2.v2" then array_remove(array[case when "row"."v.amount" < 0 then 1 end, case when "row"."resolution.disposition" is not distinct from 'duplicate' then 2 end], null) end as "_reasons"
  from (
  select
    "row"."v.amount" < 0 or "resolution"."disposition" is not distinct from 'duplicate' as "step_2.v2",
    "resolution"."disposition" as "resolution.disposition",
    "row"."v.code" as "v.code",
    "row"."step_1.v1" as "step_1.v1",
    "row"."v.amount" as "v.amount",
    "resolution"."survivor_key" as "resolution.survivor_key",
    "resolution"."code" as "resolution.code",
    "row"."v.ctid" as "v.ctid"
  from (
  select
    "v"."amount" as "v.amount",
    "v"."code" as "v.code",
    lower(btrim(normalize("v"."code", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "step_1.v1",
    "v"."ctid" as "v.ctid"
  from (
    select "t"."ctid",
      "t"."code",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::numeric else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'issued' then ("fix"."patch" ->> 'issued')::date else "t"."issued" end as "issued"
    from "legacy"."vouchers" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.vouchers' and fix.row_key = (("t"."code")::text) collate "C"
  ) as "v"
  where "v"."code" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'vouchers' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."resolution_vouchers" as resolution on resolution.source_key = ("row"."v.code")::text collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_vouchers" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."vouchers" as existing
  join s on "existing"."code" = "s"."_walked_code"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."amount") is distinct from ("s"."amount"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_vouchers" ("code", "amount", "drover_version")
  select "code", "amount", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."vouchers" as t
  set "amount" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."amount" else "t"."amount" end
  from s, locked
  where "t"."code" = "s"."_walked_code" and "locked"."code" = "t"."code"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'vouchers', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('amount', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'vouchers' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'vouchers' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;

-- redemptions: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'redemptions', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'code' then ("fix"."patch" ->> 'code')::text else "t"."code" end as "code"
    from "legacy"."redemptions" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.redemptions' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  cross join lateral (
    select
      ("r"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_redemptions" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("r"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.redemptions')))) as found
on conflict do nothing;
-- rows that refer to moved rows of vouchers
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'redemptions', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'code' then ("fix"."patch" ->> 'code')::text else "t"."code" end as "code"
    from "legacy"."redemptions" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.redemptions' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  cross join lateral (
    select
      ("r"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_redemptions" as walked on walked.source_key = "step_1"."v1" collate "C"
  where ((("r"."code")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'vouchers' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'redemptions' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of vouchers
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'code' then ("fix"."patch" ->> 'code')::text else "t"."code" end as "code"
    from "legacy"."redemptions" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.redemptions' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  cross join lateral (
    select
      ("r"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_redemptions" as walked on walked.source_key = "step_1"."v1" collate "C"
  where ((("r"."code")::text) collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'redemptions' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_2.v3" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."r.id")::int4 as "id",
    ("row"."ref_2.code")::text as "code",
    case when "row"."step_2.v3" then array_remove(array[case when ("row"."ref_2.source_key" is not null and "row"."ref_2.code" is null) then 1 end, case when ("row"."r.code")::text is not null and "row"."ref_2.source_key" is null then 2 end], null) end as "_reasons",
    "row"."r.ctid" as "_place"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."code" is null) or ("row"."r.code")::text is not null and "ref_2"."source_key" is null as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "row"."r.id" as "r.id",
    "ref_2"."code" as "ref_2.code",
    "ref_2"."source_key" as "ref_2.source_key",
    "row"."r.code" as "r.code",
    "row"."r.ctid" as "r.ctid"
  from (
  select
    "r"."code" as "r.code",
    ("r"."id")::text as "step_1.v1",
    "r"."id" as "r.id",
    "r"."ctid" as "r.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'code' then ("fix"."patch" ->> 'code')::text else "t"."code" end as "code"
    from "legacy"."redemptions" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.redemptions' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  where "r"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'redemptions' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_vouchers" as "ref_2" on "ref_2"."source_key" = ("row"."r.code")::text collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_redemptions" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."redemptions" ("id", "code")
  select "id", "code"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_redemptions" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'redemptions', "s"."_key", $2::bigint,
    (array['waiting', 'orphan'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'code'), (2, 'orphan', 'code')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."redemptions" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'redemptions' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'redemptions' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'redemptions' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'redemptions', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'redemptions', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_redemptions" (like "app"."redemptions", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_2.v3" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."r.id")::int4 as "id",
    ("row"."ref_2.code")::text as "code",
    case when "row"."step_2.v3" then array_remove(array[case when ("row"."ref_2.source_key" is not null and "row"."ref_2.code" is null) then 1 end, case when ("row"."r.code")::text is not null and "row"."ref_2.source_key" is null then 2 end], null) end as "_reasons"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."code" is null) or ("row"."r.code")::text is not null and "ref_2"."source_key" is null as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "row"."r.id" as "r.id",
    "ref_2"."code" as "ref_2.code",
    "ref_2"."source_key" as "ref_2.source_key",
    "row"."r.code" as "r.code",
    "row"."r.ctid" as "r.ctid"
  from (
  select
    "r"."code" as "r.code",
    ("r"."id")::text as "step_1.v1",
    "r"."id" as "r.id",
    "r"."ctid" as "r.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'code' then ("fix"."patch" ->> 'code')::text else "t"."code" end as "code"
    from "legacy"."redemptions" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.redemptions' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "r"
  where "r"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'redemptions' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_vouchers" as "ref_2" on "ref_2"."source_key" = ("row"."r.code")::text collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_redemptions" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."redemptions" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'vouchers'] and s._stands = 'loaded') and ("existing"."code") is distinct from ("s"."code"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_redemptions" ("id", "code", "drover_version")
  select "id", "code", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."redemptions" as t
  set "code" = case when ($2::text[] && array['*', 'vouchers'] and s._stands = 'loaded') then "s"."code" else "t"."code" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'redemptions', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('code', array['*', 'vouchers'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'redemptions' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'redemptions' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
