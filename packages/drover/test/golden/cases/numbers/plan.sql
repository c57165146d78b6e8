-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.figures (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."figures" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."figures" drop constraint "figures_pkey";
commit;

-- =================================================================================================
-- 1. figures: legacy.figures → app.figures
-- =================================================================================================
-- figures: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_figures" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."figures";
-- target rows before
select count(*) as n from "app"."figures";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."figures" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."figures")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'figures', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- figures: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."figures" as "f"
  where ($3::text[] is null or ("f"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("f"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_3.v15" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_3.v6" or "row"."step_3.v7" or "row"."step_2.v8" or "row"."step_3.v9" or "row"."step_3.v10" or "row"."step_3.v11" or "row"."step_3.v12" then array[case when "row"."step_3.v6" then 1 end, case when "row"."step_3.v7" then 2 end, case when "row"."step_2.v8" then 3 end, case when "row"."step_3.v9" then 4 end, case when "row"."step_3.v10" then 5 end, case when "row"."step_3.v11" then 6 end, case when "row"."step_3.v12" then 7 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."f.id")::int4 as "id",
    ("row"."step_3.v13")::numeric as "amount",
    ("row"."step_3.v14")::numeric as "rate",
    case when "row"."step_3.v15" then array_remove(array[case when ("row"."f.locale" is null and "row"."step_1.v2" is not null and (("row"."f.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 1 end, case when (("row"."f.amount")::text collate "default") is not null and "row"."step_2.v3" is null and ("row"."f.locale" is null and "row"."step_1.v2" is not null and (("row"."f.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 2 end, case when not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) then 3 end], null) end as "_reasons",
    "row"."f.ctid" as "_place",
    case when "row"."step_3.v6" or "row"."step_3.v7" or "row"."step_2.v8" or "row"."step_3.v9" or "row"."step_3.v10" or "row"."step_3.v11" or "row"."step_3.v12" then array[("row"."f.amount")::text, ("row"."f.amount")::text, ("row"."f.rate")::text, ("row"."f.rate")::text, ("row"."f.rate")::text, ("row"."f.rate")::text, ("row"."f.rate")::text]::text[] end as "_originals"
  from (
  select
    ("row"."f.locale" is null and "row"."step_1.v2" is not null and (("row"."f.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."f.amount")::text collate "default") is not null and "row"."step_2.v3" is null and ("row"."f.locale" is null and "row"."step_1.v2" is not null and (("row"."f.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) as "step_3.v15",
    ("row"."step_1.v2" <> btrim((("row"."f.amount")::text collate "default"))) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v6",
    "row"."step_2.v3" <> round("row"."step_2.v3", 2) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v7",
    "row"."step_2.v8" as "step_2.v8",
    (("row"."f.rate")::text collate "default") is not null and "row"."step_2.v5" is null and ('en' is null and "row"."step_1.v4" is not null and (("row"."f.rate")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "step_3.v9",
    not (abs("row"."step_2.v5") < '99999999999999.99995'::numeric) as "step_3.v10",
    ("row"."step_1.v4" <> btrim((("row"."f.rate")::text collate "default")) or "row"."step_2.v5" <> "row"."step_1.v4"::numeric) and abs("row"."step_2.v5") < '99999999999999.99995'::numeric as "step_3.v11",
    "row"."step_2.v5" <> round("row"."step_2.v5", 4) and abs("row"."step_2.v5") < '99999999999999.99995'::numeric as "step_3.v12",
    "row"."step_1.v1" as "step_1.v1",
    "row"."f.id" as "f.id",
    case when abs("row"."step_2.v3") < '99999999999999.995'::numeric then round("row"."step_2.v3", 2) end as "step_3.v13",
    case when abs("row"."step_2.v5") < '99999999999999.99995'::numeric then round("row"."step_2.v5", 4) end as "step_3.v14",
    "row"."f.locale" as "f.locale",
    "row"."step_1.v2" as "step_1.v2",
    "row"."f.amount" as "f.amount",
    "row"."step_2.v3" as "step_2.v3",
    "row"."f.ctid" as "f.ctid",
    "row"."f.rate" as "f.rate"
  from (
  select
    "row"."f.locale" as "f.locale",
    "row"."step_1.v2" as "step_1.v2",
    "row"."f.amount" as "f.amount",
    case when ("row"."f.locale" is null and "row"."step_1.v2" is not null and (("row"."f.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v2"::numeric end as "step_2.v3",
    ('en' is null and "row"."step_1.v4" is not null and (("row"."f.rate")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "step_2.v8",
    "row"."f.rate" as "f.rate",
    case when ('en' is null and "row"."step_1.v4" is not null and (("row"."f.rate")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v4"::numeric * case when position('%' in (("row"."f.rate")::text collate "default")) > 0 then 1 else (100)::numeric end end as "step_2.v5",
    "row"."step_1.v4" as "step_1.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."f.id" as "f.id",
    "row"."f.ctid" as "f.ctid"
  from (
  select
    "f"."locale" as "f.locale",
    case
      when (("f"."amount")::text collate "default") is null then null
      when length((("f"."amount")::text collate "default")) <= 30 and (("f"."amount")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce("f"."locale", 'en') = 'en' then (("f"."amount")::text collate "default")
      when length((("f"."amount")::text collate "default")) <= 30 and (("f"."amount")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce("f"."locale", 'en') = 'en' then translate((("f"."amount")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("f"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce("f"."locale", 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when "f"."locale" = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when "f"."locale" = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("f"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("f"."amount")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("f"."amount")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("f"."amount")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v2",
    "f"."amount" as "f.amount",
    case
      when (("f"."rate")::text collate "default") is null then null
      when length((("f"."rate")::text collate "default")) <= 30 and (("f"."rate")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("f"."rate")::text collate "default")
      when length((("f"."rate")::text collate "default")) <= 30 and (("f"."rate")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("f"."rate")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("f"."rate")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("f"."rate")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("f"."rate")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("f"."rate")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("f"."rate")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v4",
    "f"."rate" as "f.rate",
    ("f"."id")::text as "step_1.v1",
    "f"."id" as "f.id",
    "f"."ctid" as "f.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'locale' then ("fix"."patch" ->> 'locale')::text else "t"."locale" end as "locale",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'rate' then ("fix"."patch" ->> 'rate')::text else "t"."rate" end as "rate"
    from "legacy"."figures" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.figures' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  where ($3::text[] is null or ("f"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("f"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."figures" ("id", "amount", "rate")
  select "id", "amount", "rate"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_figures" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'figures', "s"."_key", $2::bigint,
    (array['ambiguous-number', 'no-amount', 'no-amount'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'ambiguous-number', 'amount'), (2, 'no-amount', 'amount'), (3, 'no-amount', 'amount')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."figures" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'figures', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'amount'), (2, 'rounded', 'amount'), (3, 'ambiguous-number', 'rate'), (4, 'not-a-number', 'rate'), (5, 'out-of-range', 'rate'), (6, 'number-format', 'rate'), (7, 'rounded', 'rate')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'figures' and number = $2::bigint;
commit;

-- figures: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("f"."id")::text] as bound, row_number() over (order by "f"."id") as position, count(*) as rows
  from "legacy"."figures" as "f"
    where ($1::text[] is null or ("f"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("f"."id") < (($2::text[])[1]::int4)) and "f"."id" is not null
  group by "f"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- figures: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."figures" as "f"
  where ($3::text[] is null or ("f"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("f"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."figures" as original
      where original.ctid = "f"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'locale' then ("fix"."patch" ->> 'locale')::text else "t"."locale" end as "locale",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'rate' then ("fix"."patch" ->> 'rate')::text else "t"."rate" end as "rate"
    from "legacy"."figures" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.figures' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  cross join lateral (
    select
      ("f"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("f"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("f"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_figures" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'figures', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'figures' and number = $2::bigint
returning quarantined;
commit;

-- figures: the key of the crosswalk
begin;
alter table "drover"."crosswalk_figures" add primary key (source_key);
analyze "drover"."crosswalk_figures";
commit;

-- figures: the statistics of the target
begin;
analyze "app"."figures";
commit;

-- figures_pkey
begin;
CREATE UNIQUE INDEX figures_pkey ON app.figures USING btree (id);
commit;

-- figures: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."figures";
-- target rows after
select count(*) as n from "app"."figures";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."figures" add constraint "figures_pkey" primary key using index "figures_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."figures" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- figures: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'figures', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'locale' then ("fix"."patch" ->> 'locale')::text else "t"."locale" end as "locale",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'rate' then ("fix"."patch" ->> 'rate')::text else "t"."rate" end as "rate"
    from "legacy"."figures" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.figures' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  cross join lateral (
    select
      ("f"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_figures" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("f"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.figures')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_3.v15" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_3.v6" or "row"."step_3.v7" or "row"."step_2.v8" or "row"."step_3.v9" or "row"."step_3.v10" or "row"."step_3.v11" or "row"."step_3.v12" then array[case when "row"."step_3.v6" then 1 end, case when "row"."step_3.v7" then 2 end, case when "row"."step_2.v8" then 3 end, case when "row"."step_3.v9" then 4 end, case when "row"."step_3.v10" then 5 end, case when "row"."step_3.v11" then 6 end, case when "row"."step_3.v12" then 7 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."f.id")::int4 as "id",
    ("row"."step_3.v13")::numeric as "amount",
    ("row"."step_3.v14")::numeric as "rate",
    case when "row"."step_3.v15" then array_remove(array[case when ("row"."f.locale" is null and "row"."step_1.v2" is not null and (("row"."f.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 1 end, case when (("row"."f.amount")::text collate "default") is not null and "row"."step_2.v3" is null and ("row"."f.locale" is null and "row"."step_1.v2" is not null and (("row"."f.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 2 end, case when not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) then 3 end], null) end as "_reasons",
    "row"."f.ctid" as "_place",
    case when "row"."step_3.v6" or "row"."step_3.v7" or "row"."step_2.v8" or "row"."step_3.v9" or "row"."step_3.v10" or "row"."step_3.v11" or "row"."step_3.v12" then array[("row"."f.amount")::text, ("row"."f.amount")::text, ("row"."f.rate")::text, ("row"."f.rate")::text, ("row"."f.rate")::text, ("row"."f.rate")::text, ("row"."f.rate")::text]::text[] end as "_originals"
  from (
  select
    ("row"."f.locale" is null and "row"."step_1.v2" is not null and (("row"."f.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."f.amount")::text collate "default") is not null and "row"."step_2.v3" is null and ("row"."f.locale" is null and "row"."step_1.v2" is not null and (("row"."f.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) as "step_3.v15",
    ("row"."step_1.v2" <> btrim((("row"."f.amount")::text collate "default"))) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v6",
    "row"."step_2.v3" <> round("row"."step_2.v3", 2) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v7",
    "row"."step_2.v8" as "step_2.v8",
    (("row"."f.rate")::text collate "default") is not null and "row"."step_2.v5" is null and ('en' is null and "row"."step_1.v4" is not null and (("row"."f.rate")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "step_3.v9",
    not (abs("row"."step_2.v5") < '99999999999999.99995'::numeric) as "step_3.v10",
    ("row"."step_1.v4" <> btrim((("row"."f.rate")::text collate "default")) or "row"."step_2.v5" <> "row"."step_1.v4"::numeric) and abs("row"."step_2.v5") < '99999999999999.99995'::numeric as "step_3.v11",
    "row"."step_2.v5" <> round("row"."step_2.v5", 4) and abs("row"."step_2.v5") < '99999999999999.99995'::numeric as "step_3.v12",
    "row"."step_1.v1" as "step_1.v1",
    "row"."f.id" as "f.id",
    case when abs("row"."step_2.v3") < '99999999999999.995'::numeric then round("row"."step_2.v3", 2) end as "step_3.v13",
    case when abs("row"."step_2.v5") < '99999999999999.99995'::numeric then round("row"."step_2.v5", 4) end as "step_3.v14",
    "row"."f.locale" as "f.locale",
    "row"."step_1.v2" as "step_1.v2",
    "row"."f.amount" as "f.amount",
    "row"."step_2.v3" as "step_2.v3",
    "row"."f.ctid" as "f.ctid",
    "row"."f.rate" as "f.rate"
  from (
  select
    "row"."f.locale" as "f.locale",
    "row"."step_1.v2" as "step_1.v2",
    "row"."f.amount" as "f.amount",
    case when ("row"."f.locale" is null and "row"."step_1.v2" is not null and (("row"."f.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v2"::numeric end as "step_2.v3",
    ('en' is null and "row"."step_1.v4" is not null and (("row"."f.rate")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "step_2.v8",
    "row"."f.rate" as "f.rate",
    case when ('en' is null and "row"."step_1.v4" is not null and (("row"."f.rate")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v4"::numeric * case when position('%' in (("row"."f.rate")::text collate "default")) > 0 then 1 else (100)::numeric end end as "step_2.v5",
    "row"."step_1.v4" as "step_1.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."f.id" as "f.id",
    "row"."f.ctid" as "f.ctid"
  from (
  select
    "f"."locale" as "f.locale",
    case
      when (("f"."amount")::text collate "default") is null then null
      when length((("f"."amount")::text collate "default")) <= 30 and (("f"."amount")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce("f"."locale", 'en') = 'en' then (("f"."amount")::text collate "default")
      when length((("f"."amount")::text collate "default")) <= 30 and (("f"."amount")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce("f"."locale", 'en') = 'en' then translate((("f"."amount")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("f"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce("f"."locale", 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when "f"."locale" = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when "f"."locale" = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("f"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("f"."amount")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("f"."amount")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("f"."amount")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v2",
    "f"."amount" as "f.amount",
    case
      when (("f"."rate")::text collate "default") is null then null
      when length((("f"."rate")::text collate "default")) <= 30 and (("f"."rate")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("f"."rate")::text collate "default")
      when length((("f"."rate")::text collate "default")) <= 30 and (("f"."rate")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("f"."rate")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("f"."rate")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("f"."rate")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("f"."rate")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("f"."rate")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("f"."rate")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v4",
    "f"."rate" as "f.rate",
    ("f"."id")::text as "step_1.v1",
    "f"."id" as "f.id",
    "f"."ctid" as "f.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'locale' then ("fix"."patch" ->> 'locale')::text else "t"."locale" end as "locale",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'rate' then ("fix"."patch" ->> 'rate')::text else "t"."rate" end as "rate"
    from "legacy"."figures" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.figures' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  where "f"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'figures' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_figures" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."figures" ("id", "amount", "rate")
  select "id", "amount", "rate"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_figures" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'figures', "s"."_key", $2::bigint,
    (array['ambiguous-number', 'no-amount', 'no-amount'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'ambiguous-number', 'amount'), (2, 'no-amount', 'amount'), (3, 'no-amount', 'amount')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."figures" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'figures' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'figures' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'figures' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'figures', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'amount'), (2, 'rounded', 'amount'), (3, 'ambiguous-number', 'rate'), (4, 'not-a-number', 'rate'), (5, 'out-of-range', 'rate'), (6, 'number-format', 'rate'), (7, 'rounded', 'rate')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'figures', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'figures', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_figures" (like "app"."figures", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_3.v15" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_3.v6" or "row"."step_3.v7" or "row"."step_2.v8" or "row"."step_3.v9" or "row"."step_3.v10" or "row"."step_3.v11" or "row"."step_3.v12" then array[case when "row"."step_3.v6" then 1 end, case when "row"."step_3.v7" then 2 end, case when "row"."step_2.v8" then 3 end, case when "row"."step_3.v9" then 4 end, case when "row"."step_3.v10" then 5 end, case when "row"."step_3.v11" then 6 end, case when "row"."step_3.v12" then 7 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."f.id")::int4 as "id",
    ("row"."step_3.v13")::numeric as "amount",
    ("row"."step_3.v14")::numeric as "rate",
    case when "row"."step_3.v15" then array_remove(array[case when ("row"."f.locale" is null and "row"."step_1.v2" is not null and (("row"."f.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 1 end, case when (("row"."f.amount")::text collate "default") is not null and "row"."step_2.v3" is null and ("row"."f.locale" is null and "row"."step_1.v2" is not null and (("row"."f.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 2 end, case when not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) then 3 end], null) end as "_reasons",
    case when "row"."step_3.v6" or "row"."step_3.v7" or "row"."step_2.v8" or "row"."step_3.v9" or "row"."step_3.v10" or "row"."step_3.v11" or "row"."step_3.v12" then array[("row"."f.amount")::text, ("row"."f.amount")::text, ("row"."f.rate")::text, ("row"."f.rate")::text, ("row"."f.rate")::text, ("row"."f.rate")::text, ("row"."f.rate")::text]::text[] end as "_originals"
  from (
  select
    ("row"."f.locale" is null and "row"."step_1.v2" is not null and (("row"."f.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."f.amount")::text collate "default") is not null and "row"."step_2.v3" is null and ("row"."f.locale" is null and "row"."step_1.v2" is not null and (("row"."f.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) as "step_3.v15",
    ("row"."step_1.v2" <> btrim((("row"."f.amount")::text collate "default"))) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v6",
    "row"."step_2.v3" <> round("row"."step_2.v3", 2) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v7",
    "row"."step_2.v8" as "step_2.v8",
    (("row"."f.rate")::text collate "default") is not null and "row"."step_2.v5" is null and ('en' is null and "row"."step_1.v4" is not null and (("row"."f.rate")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "step_3.v9",
    not (abs("row"."step_2.v5") < '99999999999999.99995'::numeric) as "step_3.v10",
    ("row"."step_1.v4" <> btrim((("row"."f.rate")::text collate "default")) or "row"."step_2.v5" <> "row"."step_1.v4"::numeric) and abs("row"."step_2.v5") < '99999999999999.99995'::numeric as "step_3.v11",
    "row"."step_2.v5" <> round("row"."step_2.v5", 4) and abs("row"."step_2.v5") < '99999999999999.99995'::numeric as "step_3.v12",
    "row"."step_1.v1" as "step_1.v1",
    "row"."f.id" as "f.id",
    case when abs("row"."step_2.v3") < '99999999999999.995'::numeric then round("row"."step_2.v3", 2) end as "step_3.v13",
    case when abs("row"."step_2.v5") < '99999999999999.99995'::numeric then round("row"."step_2.v5", 4) end as "step_3.v14",
    "row"."f.locale" as "f.locale",
    "row"."step_1.v2" as "step_1.v2",
    "row"."f.amount" as "f.amount",
    "row"."step_2.v3" as "step_2.v3",
    "row"."f.ctid" as "f.ctid",
    "row"."f.rate" as "f.rate"
  from (
  select
    "row"."f.locale" as "f.locale",
    "row"."step_1.v2" as "step_1.v2",
    "row"."f.amount" as "f.amount",
    case when ("row"."f.locale" is null and "row"."step_1.v2" is not null and (("row"."f.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v2"::numeric end as "step_2.v3",
    ('en' is null and "row"."step_1.v4" is not null and (("row"."f.rate")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "step_2.v8",
    "row"."f.rate" as "f.rate",
    case when ('en' is null and "row"."step_1.v4" is not null and (("row"."f.rate")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v4"::numeric * case when position('%' in (("row"."f.rate")::text collate "default")) > 0 then 1 else (100)::numeric end end as "step_2.v5",
    "row"."step_1.v4" as "step_1.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."f.id" as "f.id",
    "row"."f.ctid" as "f.ctid"
  from (
  select
    "f"."locale" as "f.locale",
    case
      when (("f"."amount")::text collate "default") is null then null
      when length((("f"."amount")::text collate "default")) <= 30 and (("f"."amount")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce("f"."locale", 'en') = 'en' then (("f"."amount")::text collate "default")
      when length((("f"."amount")::text collate "default")) <= 30 and (("f"."amount")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce("f"."locale", 'en') = 'en' then translate((("f"."amount")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("f"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce("f"."locale", 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when "f"."locale" = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when "f"."locale" = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("f"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("f"."amount")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("f"."amount")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("f"."amount")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v2",
    "f"."amount" as "f.amount",
    case
      when (("f"."rate")::text collate "default") is null then null
      when length((("f"."rate")::text collate "default")) <= 30 and (("f"."rate")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("f"."rate")::text collate "default")
      when length((("f"."rate")::text collate "default")) <= 30 and (("f"."rate")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("f"."rate")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("f"."rate")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("f"."rate")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("f"."rate")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("f"."rate")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("f"."rate")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v4",
    "f"."rate" as "f.rate",
    ("f"."id")::text as "step_1.v1",
    "f"."id" as "f.id",
    "f"."ctid" as "f.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'locale' then ("fix"."patch" ->> 'locale')::text else "t"."locale" end as "locale",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'rate' then ("fix"."patch" ->> 'rate')::text else "t"."rate" end as "rate"
    from "legacy"."figures" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.figures' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "f"
  where "f"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'figures' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_figures" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."figures" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."amount") is distinct from ("s"."amount") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."rate") is distinct from ("s"."rate"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_figures" ("id", "amount", "rate", "drover_version")
  select "id", "amount", "rate", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."figures" as t
  set "amount" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."amount" else "t"."amount" end,
    "rate" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."rate" else "t"."rate" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'figures', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('amount', array['*']), ('rate', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'figures' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'figures' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'figures', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'amount'), (2, 'rounded', 'amount'), (3, 'ambiguous-number', 'rate'), (4, 'not-a-number', 'rate'), (5, 'out-of-range', 'rate'), (6, 'number-format', 'rate'), (7, 'rounded', 'rate')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
