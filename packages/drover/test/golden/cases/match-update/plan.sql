-- hazard writes-existing-rows, articles: Rows that app.articles holds already get new values of title, price, tags; each is kept as it was.
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."articles" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- 1. articles: legacy.articles → app.articles
-- =================================================================================================
-- articles: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_articles" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int8
);
-- rows of the target as they were before they were updated
create table "drover"."before_image_articles" (like "app"."articles", "drover_version" bigint not null);
-- merges and matches, decided once
create table "drover"."resolution_articles" as
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
      first_value("existing"."id" is not null) over same as is_matched,
      "existing"."id" is not null and ("existing"."id") is distinct from (first_value("existing"."id") over same) as is_torn,
      first_value(coalesce("existing"."id", ("a"."id")::int8)) over same as "id"
    from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'sku' then ("fix"."patch" ->> 'sku')::text else "t"."sku" end as "sku",
      case when "fix"."patch" ? 'title' then ("fix"."patch" ->> 'title')::text else "t"."title" end as "title",
      case when "fix"."patch" ? 'price' then ("fix"."patch" ->> 'price')::text else "t"."price" end as "price",
      case when "fix"."patch" ? 'tags' then ("fix"."patch" ->> 'tags')::text else "t"."tags" end as "tags"
    from "legacy"."articles" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.articles' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  cross join lateral (
    select
      ("a"."id")::text as "v1",
      case
      when (("a"."price")::text collate "default") is null then null
      when length((("a"."price")::text collate "default")) <= 30 and (("a"."price")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("a"."price")::text collate "default")
      when length((("a"."price")::text collate "default")) <= 30 and (("a"."price")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("a"."price")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("a"."price")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("a"."price")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("a"."price")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("a"."price")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("a"."price")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "v2",
      lower(btrim(normalize("a"."sku", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v7"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case when ('en' is null and "step_1"."v2" is not null and (("a"."price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "step_1"."v2"::numeric end as "v3",
      ("step_1"."v7")::text as "v8"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      ("step_1"."v2" <> btrim((("a"."price")::text collate "default"))) and abs("step_2"."v3") < '99999999999999.995'::numeric as "v4",
      "step_2"."v3" <> round("step_2"."v3", 2) and abs("step_2"."v3") < '99999999999999.995'::numeric as "v5",
      ('en' is null and "step_1"."v2" is not null and (("a"."price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("a"."price")::text collate "default") is not null and "step_2"."v3" is null and ('en' is null and "step_1"."v2" is not null and (("a"."price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("step_2"."v3") < '99999999999999.995'::numeric) as "v6"
    offset '0'
  ) as "step_3"
  left join "app"."articles" as existing on "existing"."sku" = "step_2"."v8"
    where ("step_3"."v6") is not true
    window same as (partition by "step_1"."v1" order by ("existing"."id" is not null) desc, "step_1"."v1" collate "C")
  ) as grouped
  where source_key <> survivor_key or is_matched;
-- a row here means that a match is not one to one, and stops the run
select min(source_key) as one, max(source_key) as other
from "drover"."resolution_articles"
where disposition = 'matched'
group by "id"
having count(*) > 1
union all
select survivor_key, source_key
from "drover"."resolution_articles"
where disposition = 'torn'
limit 5;
alter table "drover"."resolution_articles" add primary key (source_key);
analyze "drover"."resolution_articles";
-- source rows
select count(*) as n from "legacy"."articles";
-- target rows before
select count(*) as n from "app"."articles";
-- where sequence app.articles_id_seq stands
insert into drover.moved_sequence (run_id, sequence_schema, sequence_name, was_value, was_called, was_furthest)
select $1::bigint, 'app', 'articles_id_seq', s.last_value, s.is_called, f.furthest
from "app"."articles_id_seq" as s
cross join (select greatest((select trunc(max("id")::numeric) from "app"."articles")) as furthest) as f
on conflict (run_id, sequence_schema, sequence_name) do nothing;
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."articles" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."articles")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'articles', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- articles: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."articles" as "a"
  where ($3::text[] is null or ("a"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("a"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_3.v8" then 'quarantined' else coalesce("row"."resolution.disposition", 'loaded') end as "_disposition",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[case when "row"."step_3.v4" then 1 end, case when "row"."step_3.v5" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."a.id")::int8 as "id",
    ("row"."step_1.v6")::text as "sku",
    ("row"."a.title")::text as "title",
    ("row"."step_3.v7")::numeric as "price",
    ("row"."a.tags"::json)::json as "tags",
    ('legacy')::text as "origin",
    "row"."resolution.survivor_key" as "_survivor",
    "row"."resolution.id" as "_resolved_id",
    case when "row"."step_3.v8" then array_remove(array[case when ('en' is null and "row"."step_1.v2" is not null and (("row"."a.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 1 end, case when (("row"."a.price")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."a.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 2 end, case when not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) then 3 end], null) end as "_reasons",
    "row"."a.ctid" as "_place",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[("row"."a.price")::text, ("row"."a.price")::text]::text[] end as "_originals"
  from (
  select
    ('en' is null and "row"."step_1.v2" is not null and (("row"."a.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."a.price")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."a.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) as "step_3.v8",
    "resolution"."disposition" as "resolution.disposition",
    ("row"."step_1.v2" <> btrim((("row"."a.price")::text collate "default"))) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v4",
    "row"."step_2.v3" <> round("row"."step_2.v3", 2) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."a.id" as "a.id",
    "row"."step_1.v6" as "step_1.v6",
    "row"."a.title" as "a.title",
    case when abs("row"."step_2.v3") < '99999999999999.995'::numeric then round("row"."step_2.v3", 2) end as "step_3.v7",
    "row"."a.tags" as "a.tags",
    "resolution"."survivor_key" as "resolution.survivor_key",
    "resolution"."id" as "resolution.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."a.price" as "a.price",
    "row"."step_2.v3" as "step_2.v3",
    "row"."a.ctid" as "a.ctid"
  from (
  select
    "row"."step_1.v2" as "step_1.v2",
    "row"."a.price" as "a.price",
    case when ('en' is null and "row"."step_1.v2" is not null and (("row"."a.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v2"::numeric end as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "row"."a.id" as "a.id",
    "row"."step_1.v6" as "step_1.v6",
    "row"."a.title" as "a.title",
    "row"."a.tags" as "a.tags",
    "row"."a.ctid" as "a.ctid"
  from (
  select
    case
      when (("a"."price")::text collate "default") is null then null
      when length((("a"."price")::text collate "default")) <= 30 and (("a"."price")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("a"."price")::text collate "default")
      when length((("a"."price")::text collate "default")) <= 30 and (("a"."price")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("a"."price")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("a"."price")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("a"."price")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("a"."price")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("a"."price")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("a"."price")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v2",
    "a"."price" as "a.price",
    ("a"."id")::text as "step_1.v1",
    "a"."id" as "a.id",
    lower(btrim(normalize("a"."sku", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "step_1.v6",
    "a"."title" as "a.title",
    "a"."tags" as "a.tags",
    "a"."ctid" as "a.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'sku' then ("fix"."patch" ->> 'sku')::text else "t"."sku" end as "sku",
      case when "fix"."patch" ? 'title' then ("fix"."patch" ->> 'title')::text else "t"."title" end as "title",
      case when "fix"."patch" ? 'price' then ("fix"."patch" ->> 'price')::text else "t"."price" end as "price",
      case when "fix"."patch" ? 'tags' then ("fix"."patch" ->> 'tags')::text else "t"."tags" end as "tags"
    from "legacy"."articles" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.articles' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  where ($3::text[] is null or ("a"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("a"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  left join "drover"."resolution_articles" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."articles" ("id", "sku", "title", "price", "tags", "origin") overriding system value
  select "id", "sku", "title", "price", "tags", "origin"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), updated as (
  update "app"."articles" as existing
  set "title" = "s"."title", "price" = "s"."price", "tags" = "s"."tags"
  from s
  where "existing"."id" = "s"."_resolved_id" and "s"."_disposition" = 'matched' and (("existing"."title") is distinct from ("s"."title") or ("existing"."price") is distinct from ("s"."price") or ("existing"."tags")::text is distinct from ("s"."tags")::text)
  returning "old"."id" as "id", "old"."sku" as "sku", "old"."title" as "title", "old"."price" as "price", "old"."tags" as "tags", "old"."origin" as "origin", "old"."label" as "label", "old"."xmin"::text::bigint as "drover_version"
), imaged as (
  insert into "drover"."before_image_articles" ("id", "sku", "title", "price", "tags", "origin", "label", "drover_version")
  select "id", "sku", "title", "price", "tags", "origin", "label", "drover_version"
  from updated
), walked as (
  insert into "drover"."crosswalk_articles" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'articles', "s"."_key", $2::bigint,
    (array['ambiguous-number', 'no-price', 'no-price'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'ambiguous-number', 'price'), (2, 'no-price', 'price'), (3, 'no-price', 'price')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."articles" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'articles', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'price'), (2, 'rounded', 'price')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded', 'matched') and "s"."_logged" is not null
)
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = (select count(*) from loaded),
  quarantined = (select count(*) from quarantined),
  "merged" = 0,
  "matched" = carried."matched",
  "excluded" = 0,
  finished_at = clock_timestamp()
from (
  select count(*) filter (where "s"."_disposition" = 'matched') as "matched"
  from s
) as carried
where run_id = $1::bigint and mapping = 'articles' and number = $2::bigint;
commit;

-- articles: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("a"."id")::text] as bound, row_number() over (order by "a"."id") as position, count(*) as rows
  from "legacy"."articles" as "a"
    where ($1::text[] is null or ("a"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("a"."id") < (($2::text[])[1]::int4)) and "a"."id" is not null
  group by "a"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- articles: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."articles" as "a"
  where ($3::text[] is null or ("a"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("a"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."articles" as original
      where original.ctid = "a"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'sku' then ("fix"."patch" ->> 'sku')::text else "t"."sku" end as "sku",
      case when "fix"."patch" ? 'title' then ("fix"."patch" ->> 'title')::text else "t"."title" end as "title",
      case when "fix"."patch" ? 'price' then ("fix"."patch" ->> 'price')::text else "t"."price" end as "price",
      case when "fix"."patch" ? 'tags' then ("fix"."patch" ->> 'tags')::text else "t"."tags" end as "tags"
    from "legacy"."articles" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.articles' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  cross join lateral (
    select
      ("a"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("a"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("a"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_articles" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'articles', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'articles' and number = $2::bigint
returning quarantined;
commit;

-- articles: the key of the crosswalk
begin;
alter table "drover"."crosswalk_articles" add primary key (source_key);
analyze "drover"."crosswalk_articles";
commit;

-- articles: the statistics of the target
begin;
analyze "app"."articles";
commit;

-- articles: close
begin;
alter table "drover"."before_image_articles" add primary key ("id");
-- what is checked late, now
set constraints all immediate;
-- sequence app.articles_id_seq ahead of the keys
select pg_catalog.setval('"app"."articles_id_seq"', f.furthest::bigint)
from "app"."articles_id_seq" as s
cross join (select greatest((select trunc(max("id")::numeric) from "app"."articles")) as furthest) as f
where f.furthest >= s.last_value + case when s.is_called then 1 else 0 end;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."articles";
-- target rows after
select count(*) as n from "app"."articles";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."articles" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- articles: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'articles', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'sku' then ("fix"."patch" ->> 'sku')::text else "t"."sku" end as "sku",
      case when "fix"."patch" ? 'title' then ("fix"."patch" ->> 'title')::text else "t"."title" end as "title",
      case when "fix"."patch" ? 'price' then ("fix"."patch" ->> 'price')::text else "t"."price" end as "price",
      case when "fix"."patch" ? 'tags' then ("fix"."patch" ->> 'tags')::text else "t"."tags" end as "tags"
    from "legacy"."articles" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.articles' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  cross join lateral (
    select
      ("a"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_articles" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("a"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.articles')))) as found
on conflict do nothing;
-- duplicates are told apart again
insert into "drover"."resolution_articles"
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
      first_value(case when "own_1"."source_key" is null then "existing"."id" end is not null) over same as is_matched,
      case when "own_1"."source_key" is null then "existing"."id" end is not null and (case when "own_1"."source_key" is null then "existing"."id" end) is distinct from (first_value(case when "own_1"."source_key" is null then "existing"."id" end) over same) as is_torn,
      case when walked.disposition in ('loaded', 'matched') then "walked"."id" else first_value(case when walked.disposition in ('loaded', 'matched') then "walked"."id" else coalesce(case when "own_1"."source_key" is null then "existing"."id" end, ("a"."id")::int8) end) over same end as "id",
      walked.disposition as _before,
      "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'articles' and purpose in ('try') and not done) as _is_tried,
      bool_or("step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'articles' and purpose in ('try', 'group') and not done)) over (partition by "step_1"."v1") as _is_touched
    from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'sku' then ("fix"."patch" ->> 'sku')::text else "t"."sku" end as "sku",
      case when "fix"."patch" ? 'title' then ("fix"."patch" ->> 'title')::text else "t"."title" end as "title",
      case when "fix"."patch" ? 'price' then ("fix"."patch" ->> 'price')::text else "t"."price" end as "price",
      case when "fix"."patch" ? 'tags' then ("fix"."patch" ->> 'tags')::text else "t"."tags" end as "tags"
    from "legacy"."articles" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.articles' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  cross join lateral (
    select
      ("a"."id")::text as "v1",
      case
      when (("a"."price")::text collate "default") is null then null
      when length((("a"."price")::text collate "default")) <= 30 and (("a"."price")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("a"."price")::text collate "default")
      when length((("a"."price")::text collate "default")) <= 30 and (("a"."price")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("a"."price")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("a"."price")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("a"."price")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("a"."price")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("a"."price")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("a"."price")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "v2",
      lower(btrim(normalize("a"."sku", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "v7"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case when ('en' is null and "step_1"."v2" is not null and (("a"."price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "step_1"."v2"::numeric end as "v3",
      ("step_1"."v7")::text as "v8"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      ("step_1"."v2" <> btrim((("a"."price")::text collate "default"))) and abs("step_2"."v3") < '99999999999999.995'::numeric as "v4",
      "step_2"."v3" <> round("step_2"."v3", 2) and abs("step_2"."v3") < '99999999999999.995'::numeric as "v5",
      ('en' is null and "step_1"."v2" is not null and (("a"."price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("a"."price")::text collate "default") is not null and "step_2"."v3" is null and ('en' is null and "step_1"."v2" is not null and (("a"."price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("step_2"."v3") < '99999999999999.995'::numeric) as "v6"
    offset '0'
  ) as "step_3"
  left join "app"."articles" as existing on "existing"."sku" = "step_2"."v8"
  left join "drover"."crosswalk_articles" as "own_1" on "own_1".disposition = 'loaded' and "own_1"."id" = "existing"."id"
  join "drover"."crosswalk_articles" as walked on walked.source_key = "step_1"."v1" collate "C"
    where ("step_3"."v6") is not true and (walked.disposition <> 'excluded' and not (walked.disposition = 'quarantined' and "step_1"."v1" collate "C" in (
        select source_key
        from drover.quarantine
        where run_id = $1::bigint and mapping = 'articles' and accepted_at is not null
      )) or "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'articles' and purpose in ('try') and not done))
    window same as (partition by "step_1"."v1" order by (walked.disposition in ('loaded', 'matched')) desc, (case when "own_1"."source_key" is null then "existing"."id" end is not null) desc, "step_1"."v1" collate "C")
  ) as grouped
  where _is_touched and (_is_tried or _before <> 'quarantined')
on conflict (source_key) do update set "disposition" = "excluded"."disposition", "survivor_key" = "excluded"."survivor_key", "id" = "excluded"."id";
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_3.v8" then 'quarantined' else coalesce("row"."resolution.disposition", 'loaded') end as "_disposition",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[case when "row"."step_3.v4" then 1 end, case when "row"."step_3.v5" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."a.id")::int8 as "id",
    ("row"."step_1.v6")::text as "sku",
    ("row"."a.title")::text as "title",
    ("row"."step_3.v7")::numeric as "price",
    ("row"."a.tags"::json)::json as "tags",
    ('legacy')::text as "origin",
    "row"."resolution.survivor_key" as "_survivor",
    "row"."resolution.id" as "_resolved_id",
    case when "row"."step_3.v8" then array_remove(array[case when ('en' is null and "row"."step_1.v2" is not null and (("row"."a.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 1 end, case when (("row"."a.price")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."a.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 2 end, case when not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) then 3 end], null) end as "_reasons",
    "row"."a.ctid" as "_place",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[("row"."a.price")::text, ("row"."a.price")::text]::text[] end as "_originals"
  from (
  select
    ('en' is null and "row"."step_1.v2" is not null and (("row"."a.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."a.price")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."a.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) as "step_3.v8",
    "resolution"."disposition" as "resolution.disposition",
    ("row"."step_1.v2" <> btrim((("row"."a.price")::text collate "default"))) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v4",
    "row"."step_2.v3" <> round("row"."step_2.v3", 2) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."a.id" as "a.id",
    "row"."step_1.v6" as "step_1.v6",
    "row"."a.title" as "a.title",
    case when abs("row"."step_2.v3") < '99999999999999.995'::numeric then round("row"."step_2.v3", 2) end as "step_3.v7",
    "row"."a.tags" as "a.tags",
    "resolution"."survivor_key" as "resolution.survivor_key",
    "resolution"."id" as "resolution.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."a.price" as "a.price",
    "row"."step_2.v3" as "step_2.v3",
    "row"."a.ctid" as "a.ctid"
  from (
  select
    "row"."step_1.v2" as "step_1.v2",
    "row"."a.price" as "a.price",
    case when ('en' is null and "row"."step_1.v2" is not null and (("row"."a.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v2"::numeric end as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "row"."a.id" as "a.id",
    "row"."step_1.v6" as "step_1.v6",
    "row"."a.title" as "a.title",
    "row"."a.tags" as "a.tags",
    "row"."a.ctid" as "a.ctid"
  from (
  select
    case
      when (("a"."price")::text collate "default") is null then null
      when length((("a"."price")::text collate "default")) <= 30 and (("a"."price")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("a"."price")::text collate "default")
      when length((("a"."price")::text collate "default")) <= 30 and (("a"."price")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("a"."price")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("a"."price")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("a"."price")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("a"."price")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("a"."price")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("a"."price")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v2",
    "a"."price" as "a.price",
    ("a"."id")::text as "step_1.v1",
    "a"."id" as "a.id",
    lower(btrim(normalize("a"."sku", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "step_1.v6",
    "a"."title" as "a.title",
    "a"."tags" as "a.tags",
    "a"."ctid" as "a.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'sku' then ("fix"."patch" ->> 'sku')::text else "t"."sku" end as "sku",
      case when "fix"."patch" ? 'title' then ("fix"."patch" ->> 'title')::text else "t"."title" end as "title",
      case when "fix"."patch" ? 'price' then ("fix"."patch" ->> 'price')::text else "t"."price" end as "price",
      case when "fix"."patch" ? 'tags' then ("fix"."patch" ->> 'tags')::text else "t"."tags" end as "tags"
    from "legacy"."articles" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.articles' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  where "a"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'articles' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  left join "drover"."resolution_articles" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_articles" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."articles" ("id", "sku", "title", "price", "tags", "origin") overriding system value
  select "id", "sku", "title", "price", "tags", "origin"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), updated as (
  update "app"."articles" as existing
  set "title" = "s"."title", "price" = "s"."price", "tags" = "s"."tags"
  from s
  where "existing"."id" = "s"."_resolved_id" and "s"."_disposition" = 'matched' and (("existing"."title") is distinct from ("s"."title") or ("existing"."price") is distinct from ("s"."price") or ("existing"."tags")::text is distinct from ("s"."tags")::text)
  returning "old"."id" as "id", "old"."sku" as "sku", "old"."title" as "title", "old"."price" as "price", "old"."tags" as "tags", "old"."origin" as "origin", "old"."label" as "label", "old"."xmin"::text::bigint as "drover_version"
), imaged as (
  insert into "drover"."before_image_articles" ("id", "sku", "title", "price", "tags", "origin", "label", "drover_version")
  select "id", "sku", "title", "price", "tags", "origin", "label", "drover_version"
  from updated
), walked as (
  update "drover"."crosswalk_articles" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'articles', "s"."_key", $2::bigint,
    (array['ambiguous-number', 'no-price', 'no-price'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'ambiguous-number', 'price'), (2, 'no-price', 'price'), (3, 'no-price', 'price')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."articles" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'articles' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'articles' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'articles' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'articles', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'price'), (2, 'rounded', 'price')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded', 'matched') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'articles', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'articles', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_articles" (like "app"."articles", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_3.v8" then 'quarantined' else coalesce("row"."resolution.disposition", 'loaded') end as "_disposition",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[case when "row"."step_3.v4" then 1 end, case when "row"."step_3.v5" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."a.id")::int8 as "id",
    ("row"."step_1.v6")::text as "sku",
    ("row"."a.title")::text as "title",
    ("row"."step_3.v7")::numeric as "price",
    ("row"."a.tags"::json)::json as "tags",
    ('legacy')::text as "origin",
    "row"."resolution.survivor_key" as "_survivor",
    "row"."resolution.id" as "_resolved_id",
    case when "row"."step_3.v8" then array_remove(array[case when ('en' is null and "row"."step_1.v2" is not null and (("row"."a.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 1 end, case when (("row"."a.price")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."a.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 2 end, case when not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) then 3 end], null) end as "_reasons",
    case when "row"."step_3.v4" or "row"."step_3.v5" then array[("row"."a.price")::text, ("row"."a.price")::text]::text[] end as "_originals"
  from (
  select
    ('en' is null and "row"."step_1.v2" is not null and (("row"."a.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."a.price")::text collate "default") is not null and "row"."step_2.v3" is null and ('en' is null and "row"."step_1.v2" is not null and (("row"."a.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_2.v3") < '99999999999999.995'::numeric) as "step_3.v8",
    "resolution"."disposition" as "resolution.disposition",
    ("row"."step_1.v2" <> btrim((("row"."a.price")::text collate "default"))) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v4",
    "row"."step_2.v3" <> round("row"."step_2.v3", 2) and abs("row"."step_2.v3") < '99999999999999.995'::numeric as "step_3.v5",
    "row"."step_1.v1" as "step_1.v1",
    "row"."a.id" as "a.id",
    "row"."step_1.v6" as "step_1.v6",
    "row"."a.title" as "a.title",
    case when abs("row"."step_2.v3") < '99999999999999.995'::numeric then round("row"."step_2.v3", 2) end as "step_3.v7",
    "row"."a.tags" as "a.tags",
    "resolution"."survivor_key" as "resolution.survivor_key",
    "resolution"."id" as "resolution.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."a.price" as "a.price",
    "row"."step_2.v3" as "step_2.v3",
    "row"."a.ctid" as "a.ctid"
  from (
  select
    "row"."step_1.v2" as "step_1.v2",
    "row"."a.price" as "a.price",
    case when ('en' is null and "row"."step_1.v2" is not null and (("row"."a.price")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v2"::numeric end as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "row"."a.id" as "a.id",
    "row"."step_1.v6" as "step_1.v6",
    "row"."a.title" as "a.title",
    "row"."a.tags" as "a.tags",
    "row"."a.ctid" as "a.ctid"
  from (
  select
    case
      when (("a"."price")::text collate "default") is null then null
      when length((("a"."price")::text collate "default")) <= 30 and (("a"."price")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("a"."price")::text collate "default")
      when length((("a"."price")::text collate "default")) <= 30 and (("a"."price")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("a"."price")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("a"."price")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("a"."price")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("a"."price")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("a"."price")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("a"."price")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v2",
    "a"."price" as "a.price",
    ("a"."id")::text as "step_1.v1",
    "a"."id" as "a.id",
    lower(btrim(normalize("a"."sku", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "step_1.v6",
    "a"."title" as "a.title",
    "a"."tags" as "a.tags",
    "a"."ctid" as "a.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'sku' then ("fix"."patch" ->> 'sku')::text else "t"."sku" end as "sku",
      case when "fix"."patch" ? 'title' then ("fix"."patch" ->> 'title')::text else "t"."title" end as "title",
      case when "fix"."patch" ? 'price' then ("fix"."patch" ->> 'price')::text else "t"."price" end as "price",
      case when "fix"."patch" ? 'tags' then ("fix"."patch" ->> 'tags')::text else "t"."tags" end as "tags"
    from "legacy"."articles" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.articles' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  where "a"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'articles' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  left join "drover"."resolution_articles" as resolution on resolution.source_key = "row"."step_1.v1" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_articles" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded', 'matched')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."articles" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."sku") is distinct from ("s"."sku") or $2::text[] && array['*'] and ("existing"."title") is distinct from ("s"."title") or $2::text[] && array['*'] and ("existing"."price") is distinct from ("s"."price") or $2::text[] && array['*'] and ("existing"."tags")::text is distinct from ("s"."tags")::text)
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_articles" ("id", "sku", "title", "price", "tags", "origin", "drover_version")
  select "id", "sku", "title", "price", "tags", "origin", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."articles" as t
  set "sku" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."sku" else "t"."sku" end,
    "title" = case when $2::text[] && array['*'] then "s"."title" else "t"."title" end,
    "price" = case when $2::text[] && array['*'] then "s"."price" else "t"."price" end,
    "tags" = case when $2::text[] && array['*'] then "s"."tags" else "t"."tags" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'articles', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('sku', array['*']), ('title', array['*']), ('price', array['*']), ('tags', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'articles' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'articles' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'articles', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'price'), (2, 'rounded', 'price')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded', 'matched') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
