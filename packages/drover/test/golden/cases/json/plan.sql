-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.users (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."users" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."users" drop constraint "users_pkey";
commit;

-- =================================================================================================
-- 1. users: legacy.users → app.users
-- =================================================================================================
-- users: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_users" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."users";
-- target rows before
select count(*) as n from "app"."users";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."users" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."users")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'users', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- users: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."users" as "u"
  where ($3::text[] is null or ("u"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("u"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    'loaded' as "_disposition",
    case when "step_2"."v6" or "step_3"."v7" or "step_3"."v8" or "step_3"."v9" or "step_3"."v10" or "step_2"."v11" or "step_2"."v12" or "step_1"."v13" then array[case when "step_2"."v6" then 1 end, case when "step_3"."v7" then 2 end, case when "step_3"."v8" then 3 end, case when "step_3"."v9" then 4 end, case when "step_3"."v10" then 5 end, case when "step_2"."v11" then 6 end, case when "step_2"."v12" then 7 end, case when "step_1"."v13" then 8 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("u"."id")::int4 as "id",
    (jsonb_build_object('theme'::text, "u"."theme", 'rowsPerPage'::text, "step_3"."v14", 'since'::text, "u"."since", 'tags'::text, jsonb_build_array("u"."tag_1", "u"."tag_2")))::jsonb as "settings",
    (case when (not "step_1"."v4") then to_jsonb(("u"."filter")::text) else "step_2"."v15" end)::jsonb as "filter",
    ("step_2"."v16")::jsonb as "state",
    ("step_1"."v17")::jsonb as "layout",
    case when "step_2"."v6" or "step_3"."v7" or "step_3"."v8" or "step_3"."v9" or "step_3"."v10" or "step_2"."v11" or "step_2"."v12" or "step_1"."v13" then array[("u"."rows_per_page")::text, ("u"."rows_per_page")::text, ("u"."rows_per_page")::text, ("u"."rows_per_page")::text, ("u"."rows_per_page")::text, ("u"."filter")::text, ("u"."state")::text, ("u"."layout")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'theme' then ("fix"."patch" ->> 'theme')::text else "t"."theme" end as "theme",
      case when "fix"."patch" ? 'rows_per_page' then ("fix"."patch" ->> 'rows_per_page')::text else "t"."rows_per_page" end as "rows_per_page",
      case when "fix"."patch" ? 'since' then ("fix"."patch" ->> 'since')::date else "t"."since" end as "since",
      case when "fix"."patch" ? 'tag_1' then ("fix"."patch" ->> 'tag_1')::text else "t"."tag_1" end as "tag_1",
      case when "fix"."patch" ? 'tag_2' then ("fix"."patch" ->> 'tag_2')::text else "t"."tag_2" end as "tag_2",
      case when "fix"."patch" ? 'filter' then ("fix"."patch" ->> 'filter')::text else "t"."filter" end as "filter",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::json else "t"."state" end as "state",
      case when "fix"."patch" ? 'layout' then ("fix"."patch" ->> 'layout')::jsonb else "t"."layout" end as "layout"
    from "legacy"."users" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.users' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  cross join lateral (
    select
      ("u"."id")::text as "v1",
      case
      when (("u"."rows_per_page")::text collate "default") is null then null
      when length((("u"."rows_per_page")::text collate "default")) <= 30 and (("u"."rows_per_page")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("u"."rows_per_page")::text collate "default")
      when length((("u"."rows_per_page")::text collate "default")) <= 30 and (("u"."rows_per_page")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("u"."rows_per_page")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("u"."rows_per_page")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("u"."rows_per_page")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("u"."rows_per_page")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("u"."rows_per_page")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("u"."rows_per_page")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "v2",
      case
      when octet_length(("u"."filter")::text) <= 16777216 then case when case
        when length(("u"."filter")::text) - length(translate(("u"."filter")::text, '[{', '')) <= 512 then true
        else (
          select coalesce(max(depth), 0) <= 512
          from (
            select sum(case when sign in ('[', '{') then 1 else -1 end) over (order by position) as depth
            from unnest(string_to_array(regexp_replace(regexp_replace(((("u"."filter")::text)::text collate "default"), '"(?:[^"\\]|\\.)*"', '', 'g'), '[^][{}]+', '', 'g'), null)) with ordinality as bracket (sign, position)
          ) as nested
        )
      end then pg_input_is_valid(("u"."filter")::text, 'pg_catalog.jsonb') else false end
      when "u"."filter" is not null then false
    end as "v4",
      case
      when octet_length(("u"."state")::text) <= 16777216 then case when case
        when length(("u"."state")::text) - length(translate(("u"."state")::text, '[{', '')) <= 512 then true
        else (
          select coalesce(max(depth), 0) <= 512
          from (
            select sum(case when sign in ('[', '{') then 1 else -1 end) over (order by position) as depth
            from unnest(string_to_array(regexp_replace(regexp_replace(((("u"."state")::text)::text collate "default"), '"(?:[^"\\]|\\.)*"', '', 'g'), '[^][{}]+', '', 'g'), null)) with ordinality as bracket (sign, position)
          ) as nested
        )
      end then pg_input_is_valid(("u"."state")::text, 'pg_catalog.jsonb') else false end
      when "u"."state" is not null then false
    end as "v5",
      coalesce(jsonb_typeof("u"."layout"), 'null') not in ('object', 'null') as "v13",
      case coalesce(jsonb_typeof("u"."layout"), 'null')
      when 'object' then "u"."layout"
      when 'null' then jsonb '{}'
      else jsonb_build_object('widgets'::text, "u"."layout")
    end as "v17"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case when ('en' is null and "step_1"."v2" is not null and (("u"."rows_per_page")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "step_1"."v2"::numeric end as "v3",
      ('en' is null and "step_1"."v2" is not null and (("u"."rows_per_page")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "v6",
      not "step_1"."v4" as "v11",
      not "step_1"."v5" as "v12",
      case when "step_1"."v4" then ("u"."filter")::text::jsonb end as "v15",
      case when "step_1"."v5" then ("u"."state")::text::jsonb end as "v16"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      (("u"."rows_per_page")::text collate "default") is not null and "step_2"."v3" is null and ('en' is null and "step_1"."v2" is not null and (("u"."rows_per_page")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "v7",
      not ("step_2"."v3" = trunc("step_2"."v3")) as "v8",
      "step_2"."v3" = trunc("step_2"."v3") and not ("step_2"."v3" between (-2147483648) and 2147483647) as "v9",
      ("step_1"."v2" <> btrim((("u"."rows_per_page")::text collate "default"))) and "step_2"."v3" = trunc("step_2"."v3") and "step_2"."v3" between (-2147483648) and 2147483647 as "v10",
      case when "step_2"."v3" = trunc("step_2"."v3") and "step_2"."v3" between (-2147483648) and 2147483647 then "step_2"."v3"::int4 end as "v14"
    offset '0'
  ) as "step_3"
  where ($3::text[] is null or ("u"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("u"."id") < (($4::text[])[1]::int4))
), loaded as (
  insert into "app"."users" ("id", "settings", "filter", "state", "layout")
  select "id", "settings", "filter", "state", "layout"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_users" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (select where false), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'users', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'ambiguous-number', 'settings'), (2, 'no-number', 'settings'), (3, 'no-number', 'settings'), (4, 'no-number', 'settings'), (5, 'number-format', 'settings'), (6, 'wrapped', 'filter'), (7, 'not-json', 'state'), (8, 'not-an-object', 'layout')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'users' and number = $2::bigint;
commit;

-- users: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("u"."id")::text] as bound, row_number() over (order by "u"."id") as position, count(*) as rows
  from "legacy"."users" as "u"
    where ($1::text[] is null or ("u"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("u"."id") < (($2::text[])[1]::int4)) and "u"."id" is not null
  group by "u"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- users: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."users" as "u"
  where ($3::text[] is null or ("u"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("u"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select (select to_jsonb(kept.*) from (select "original"."id", "original"."theme", "original"."rows_per_page", "original"."since", "original"."tag_1", "original"."tag_2", "original"."filter", "original"."state"::text as "state", "original"."layout") as kept)
      from "legacy"."users" as original
      where original.ctid = "u"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'theme' then ("fix"."patch" ->> 'theme')::text else "t"."theme" end as "theme",
      case when "fix"."patch" ? 'rows_per_page' then ("fix"."patch" ->> 'rows_per_page')::text else "t"."rows_per_page" end as "rows_per_page",
      case when "fix"."patch" ? 'since' then ("fix"."patch" ->> 'since')::date else "t"."since" end as "since",
      case when "fix"."patch" ? 'tag_1' then ("fix"."patch" ->> 'tag_1')::text else "t"."tag_1" end as "tag_1",
      case when "fix"."patch" ? 'tag_2' then ("fix"."patch" ->> 'tag_2')::text else "t"."tag_2" end as "tag_2",
      case when "fix"."patch" ? 'filter' then ("fix"."patch" ->> 'filter')::text else "t"."filter" end as "filter",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::json else "t"."state" end as "state",
      case when "fix"."patch" ? 'layout' then ("fix"."patch" ->> 'layout')::jsonb else "t"."layout" end as "layout"
    from "legacy"."users" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.users' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  cross join lateral (
    select
      ("u"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("u"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("u"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_users" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'users', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'users' and number = $2::bigint
returning quarantined;
commit;

-- users: the key of the crosswalk
begin;
alter table "drover"."crosswalk_users" add primary key (source_key);
analyze "drover"."crosswalk_users";
commit;

-- users: the statistics of the target
begin;
analyze "app"."users";
commit;

-- users_pkey
begin;
CREATE UNIQUE INDEX users_pkey ON app.users USING btree (id);
commit;

-- users: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."users";
-- target rows after
select count(*) as n from "app"."users";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."users" add constraint "users_pkey" primary key using index "users_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."users" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- users: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'users', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'theme' then ("fix"."patch" ->> 'theme')::text else "t"."theme" end as "theme",
      case when "fix"."patch" ? 'rows_per_page' then ("fix"."patch" ->> 'rows_per_page')::text else "t"."rows_per_page" end as "rows_per_page",
      case when "fix"."patch" ? 'since' then ("fix"."patch" ->> 'since')::date else "t"."since" end as "since",
      case when "fix"."patch" ? 'tag_1' then ("fix"."patch" ->> 'tag_1')::text else "t"."tag_1" end as "tag_1",
      case when "fix"."patch" ? 'tag_2' then ("fix"."patch" ->> 'tag_2')::text else "t"."tag_2" end as "tag_2",
      case when "fix"."patch" ? 'filter' then ("fix"."patch" ->> 'filter')::text else "t"."filter" end as "filter",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::json else "t"."state" end as "state",
      case when "fix"."patch" ? 'layout' then ("fix"."patch" ->> 'layout')::jsonb else "t"."layout" end as "layout"
    from "legacy"."users" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.users' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  cross join lateral (
    select
      ("u"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_users" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("u"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.users')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    case when "step_2"."v6" or "step_3"."v7" or "step_3"."v8" or "step_3"."v9" or "step_3"."v10" or "step_2"."v11" or "step_2"."v12" or "step_1"."v13" then array[case when "step_2"."v6" then 1 end, case when "step_3"."v7" then 2 end, case when "step_3"."v8" then 3 end, case when "step_3"."v9" then 4 end, case when "step_3"."v10" then 5 end, case when "step_2"."v11" then 6 end, case when "step_2"."v12" then 7 end, case when "step_1"."v13" then 8 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("u"."id")::int4 as "id",
    (jsonb_build_object('theme'::text, "u"."theme", 'rowsPerPage'::text, "step_3"."v14", 'since'::text, "u"."since", 'tags'::text, jsonb_build_array("u"."tag_1", "u"."tag_2")))::jsonb as "settings",
    (case when (not "step_1"."v4") then to_jsonb(("u"."filter")::text) else "step_2"."v15" end)::jsonb as "filter",
    ("step_2"."v16")::jsonb as "state",
    ("step_1"."v17")::jsonb as "layout",
    case when "step_2"."v6" or "step_3"."v7" or "step_3"."v8" or "step_3"."v9" or "step_3"."v10" or "step_2"."v11" or "step_2"."v12" or "step_1"."v13" then array[("u"."rows_per_page")::text, ("u"."rows_per_page")::text, ("u"."rows_per_page")::text, ("u"."rows_per_page")::text, ("u"."rows_per_page")::text, ("u"."filter")::text, ("u"."state")::text, ("u"."layout")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'theme' then ("fix"."patch" ->> 'theme')::text else "t"."theme" end as "theme",
      case when "fix"."patch" ? 'rows_per_page' then ("fix"."patch" ->> 'rows_per_page')::text else "t"."rows_per_page" end as "rows_per_page",
      case when "fix"."patch" ? 'since' then ("fix"."patch" ->> 'since')::date else "t"."since" end as "since",
      case when "fix"."patch" ? 'tag_1' then ("fix"."patch" ->> 'tag_1')::text else "t"."tag_1" end as "tag_1",
      case when "fix"."patch" ? 'tag_2' then ("fix"."patch" ->> 'tag_2')::text else "t"."tag_2" end as "tag_2",
      case when "fix"."patch" ? 'filter' then ("fix"."patch" ->> 'filter')::text else "t"."filter" end as "filter",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::json else "t"."state" end as "state",
      case when "fix"."patch" ? 'layout' then ("fix"."patch" ->> 'layout')::jsonb else "t"."layout" end as "layout"
    from "legacy"."users" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.users' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  cross join lateral (
    select
      ("u"."id")::text as "v1",
      case
      when (("u"."rows_per_page")::text collate "default") is null then null
      when length((("u"."rows_per_page")::text collate "default")) <= 30 and (("u"."rows_per_page")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("u"."rows_per_page")::text collate "default")
      when length((("u"."rows_per_page")::text collate "default")) <= 30 and (("u"."rows_per_page")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("u"."rows_per_page")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("u"."rows_per_page")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("u"."rows_per_page")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("u"."rows_per_page")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("u"."rows_per_page")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("u"."rows_per_page")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "v2",
      case
      when octet_length(("u"."filter")::text) <= 16777216 then case when case
        when length(("u"."filter")::text) - length(translate(("u"."filter")::text, '[{', '')) <= 512 then true
        else (
          select coalesce(max(depth), 0) <= 512
          from (
            select sum(case when sign in ('[', '{') then 1 else -1 end) over (order by position) as depth
            from unnest(string_to_array(regexp_replace(regexp_replace(((("u"."filter")::text)::text collate "default"), '"(?:[^"\\]|\\.)*"', '', 'g'), '[^][{}]+', '', 'g'), null)) with ordinality as bracket (sign, position)
          ) as nested
        )
      end then pg_input_is_valid(("u"."filter")::text, 'pg_catalog.jsonb') else false end
      when "u"."filter" is not null then false
    end as "v4",
      case
      when octet_length(("u"."state")::text) <= 16777216 then case when case
        when length(("u"."state")::text) - length(translate(("u"."state")::text, '[{', '')) <= 512 then true
        else (
          select coalesce(max(depth), 0) <= 512
          from (
            select sum(case when sign in ('[', '{') then 1 else -1 end) over (order by position) as depth
            from unnest(string_to_array(regexp_replace(regexp_replace(((("u"."state")::text)::text collate "default"), '"(?:[^"\\]|\\.)*"', '', 'g'), '[^][{}]+', '', 'g'), null)) with ordinality as bracket (sign, position)
          ) as nested
        )
      end then pg_input_is_valid(("u"."state")::text, 'pg_catalog.jsonb') else false end
      when "u"."state" is not null then false
    end as "v5",
      coalesce(jsonb_typeof("u"."layout"), 'null') not in ('object', 'null') as "v13",
      case coalesce(jsonb_typeof("u"."layout"), 'null')
      when 'object' then "u"."layout"
      when 'null' then jsonb '{}'
      else jsonb_build_object('widgets'::text, "u"."layout")
    end as "v17"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case when ('en' is null and "step_1"."v2" is not null and (("u"."rows_per_page")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "step_1"."v2"::numeric end as "v3",
      ('en' is null and "step_1"."v2" is not null and (("u"."rows_per_page")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "v6",
      not "step_1"."v4" as "v11",
      not "step_1"."v5" as "v12",
      case when "step_1"."v4" then ("u"."filter")::text::jsonb end as "v15",
      case when "step_1"."v5" then ("u"."state")::text::jsonb end as "v16"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      (("u"."rows_per_page")::text collate "default") is not null and "step_2"."v3" is null and ('en' is null and "step_1"."v2" is not null and (("u"."rows_per_page")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "v7",
      not ("step_2"."v3" = trunc("step_2"."v3")) as "v8",
      "step_2"."v3" = trunc("step_2"."v3") and not ("step_2"."v3" between (-2147483648) and 2147483647) as "v9",
      ("step_1"."v2" <> btrim((("u"."rows_per_page")::text collate "default"))) and "step_2"."v3" = trunc("step_2"."v3") and "step_2"."v3" between (-2147483648) and 2147483647 as "v10",
      case when "step_2"."v3" = trunc("step_2"."v3") and "step_2"."v3" between (-2147483648) and 2147483647 then "step_2"."v3"::int4 end as "v14"
    offset '0'
  ) as "step_3"
  where "u"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'users' and purpose in ('try') and not done) as named)
  ) as made
  join "drover"."crosswalk_users" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."users" ("id", "settings", "filter", "state", "layout")
  select "id", "settings", "filter", "state", "layout"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_users" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'users' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'users' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'users' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'users', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'ambiguous-number', 'settings'), (2, 'no-number', 'settings'), (3, 'no-number', 'settings'), (4, 'no-number', 'settings'), (5, 'number-format', 'settings'), (6, 'wrapped', 'filter'), (7, 'not-json', 'state'), (8, 'not-an-object', 'layout')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'users', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'users', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_users" (like "app"."users", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    'loaded' as "_disposition",
    case when "step_2"."v6" or "step_3"."v7" or "step_3"."v8" or "step_3"."v9" or "step_3"."v10" or "step_2"."v11" or "step_2"."v12" or "step_1"."v13" then array[case when "step_2"."v6" then 1 end, case when "step_3"."v7" then 2 end, case when "step_3"."v8" then 3 end, case when "step_3"."v9" then 4 end, case when "step_3"."v10" then 5 end, case when "step_2"."v11" then 6 end, case when "step_2"."v12" then 7 end, case when "step_1"."v13" then 8 end] end as "_logged",
    "step_1"."v1" as "_key",
    ("u"."id")::int4 as "id",
    (jsonb_build_object('theme'::text, "u"."theme", 'rowsPerPage'::text, "step_3"."v14", 'since'::text, "u"."since", 'tags'::text, jsonb_build_array("u"."tag_1", "u"."tag_2")))::jsonb as "settings",
    (case when (not "step_1"."v4") then to_jsonb(("u"."filter")::text) else "step_2"."v15" end)::jsonb as "filter",
    ("step_2"."v16")::jsonb as "state",
    ("step_1"."v17")::jsonb as "layout",
    case when "step_2"."v6" or "step_3"."v7" or "step_3"."v8" or "step_3"."v9" or "step_3"."v10" or "step_2"."v11" or "step_2"."v12" or "step_1"."v13" then array[("u"."rows_per_page")::text, ("u"."rows_per_page")::text, ("u"."rows_per_page")::text, ("u"."rows_per_page")::text, ("u"."rows_per_page")::text, ("u"."filter")::text, ("u"."state")::text, ("u"."layout")::text]::text[] end as "_originals"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'theme' then ("fix"."patch" ->> 'theme')::text else "t"."theme" end as "theme",
      case when "fix"."patch" ? 'rows_per_page' then ("fix"."patch" ->> 'rows_per_page')::text else "t"."rows_per_page" end as "rows_per_page",
      case when "fix"."patch" ? 'since' then ("fix"."patch" ->> 'since')::date else "t"."since" end as "since",
      case when "fix"."patch" ? 'tag_1' then ("fix"."patch" ->> 'tag_1')::text else "t"."tag_1" end as "tag_1",
      case when "fix"."patch" ? 'tag_2' then ("fix"."patch" ->> 'tag_2')::text else "t"."tag_2" end as "tag_2",
      case when "fix"."patch" ? 'filter' then ("fix"."patch" ->> 'filter')::text else "t"."filter" end as "filter",
      case when "fix"."patch" ? 'state' then ("fix"."patch" ->> 'state')::json else "t"."state" end as "state",
      case when "fix"."patch" ? 'layout' then ("fix"."patch" ->> 'layout')::jsonb else "t"."layout" end as "layout"
    from "legacy"."users" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.users' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "u"
  cross join lateral (
    select
      ("u"."id")::text as "v1",
      case
      when (("u"."rows_per_page")::text collate "default") is null then null
      when length((("u"."rows_per_page")::text collate "default")) <= 30 and (("u"."rows_per_page")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then (("u"."rows_per_page")::text collate "default")
      when length((("u"."rows_per_page")::text collate "default")) <= 30 and (("u"."rows_per_page")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce('en', 'en') = 'en' then translate((("u"."rows_per_page")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("u"."rows_per_page")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce('en', 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when 'en' = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when 'en' = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("u"."rows_per_page")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("u"."rows_per_page")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("u"."rows_per_page")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("u"."rows_per_page")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "v2",
      case
      when octet_length(("u"."filter")::text) <= 16777216 then case when case
        when length(("u"."filter")::text) - length(translate(("u"."filter")::text, '[{', '')) <= 512 then true
        else (
          select coalesce(max(depth), 0) <= 512
          from (
            select sum(case when sign in ('[', '{') then 1 else -1 end) over (order by position) as depth
            from unnest(string_to_array(regexp_replace(regexp_replace(((("u"."filter")::text)::text collate "default"), '"(?:[^"\\]|\\.)*"', '', 'g'), '[^][{}]+', '', 'g'), null)) with ordinality as bracket (sign, position)
          ) as nested
        )
      end then pg_input_is_valid(("u"."filter")::text, 'pg_catalog.jsonb') else false end
      when "u"."filter" is not null then false
    end as "v4",
      case
      when octet_length(("u"."state")::text) <= 16777216 then case when case
        when length(("u"."state")::text) - length(translate(("u"."state")::text, '[{', '')) <= 512 then true
        else (
          select coalesce(max(depth), 0) <= 512
          from (
            select sum(case when sign in ('[', '{') then 1 else -1 end) over (order by position) as depth
            from unnest(string_to_array(regexp_replace(regexp_replace(((("u"."state")::text)::text collate "default"), '"(?:[^"\\]|\\.)*"', '', 'g'), '[^][{}]+', '', 'g'), null)) with ordinality as bracket (sign, position)
          ) as nested
        )
      end then pg_input_is_valid(("u"."state")::text, 'pg_catalog.jsonb') else false end
      when "u"."state" is not null then false
    end as "v5",
      coalesce(jsonb_typeof("u"."layout"), 'null') not in ('object', 'null') as "v13",
      case coalesce(jsonb_typeof("u"."layout"), 'null')
      when 'object' then "u"."layout"
      when 'null' then jsonb '{}'
      else jsonb_build_object('widgets'::text, "u"."layout")
    end as "v17"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      case when ('en' is null and "step_1"."v2" is not null and (("u"."rows_per_page")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "step_1"."v2"::numeric end as "v3",
      ('en' is null and "step_1"."v2" is not null and (("u"."rows_per_page")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') as "v6",
      not "step_1"."v4" as "v11",
      not "step_1"."v5" as "v12",
      case when "step_1"."v4" then ("u"."filter")::text::jsonb end as "v15",
      case when "step_1"."v5" then ("u"."state")::text::jsonb end as "v16"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      (("u"."rows_per_page")::text collate "default") is not null and "step_2"."v3" is null and ('en' is null and "step_1"."v2" is not null and (("u"."rows_per_page")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true as "v7",
      not ("step_2"."v3" = trunc("step_2"."v3")) as "v8",
      "step_2"."v3" = trunc("step_2"."v3") and not ("step_2"."v3" between (-2147483648) and 2147483647) as "v9",
      ("step_1"."v2" <> btrim((("u"."rows_per_page")::text collate "default"))) and "step_2"."v3" = trunc("step_2"."v3") and "step_2"."v3" between (-2147483648) and 2147483647 as "v10",
      case when "step_2"."v3" = trunc("step_2"."v3") and "step_2"."v3" between (-2147483648) and 2147483647 then "step_2"."v3"::int4 end as "v14"
    offset '0'
  ) as "step_3"
  where "u"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'users' and purpose in ('change') and not done) as named)
  ) as made
  join "drover"."crosswalk_users" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."users" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."settings") is distinct from ("s"."settings") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."filter") is distinct from ("s"."filter") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."state") is distinct from ("s"."state") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."layout") is distinct from ("s"."layout"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_users" ("id", "settings", "filter", "state", "layout", "drover_version")
  select "id", "settings", "filter", "state", "layout", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."users" as t
  set "settings" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."settings" else "t"."settings" end,
    "filter" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."filter" else "t"."filter" end,
    "state" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."state" else "t"."state" end,
    "layout" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."layout" else "t"."layout" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'users', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('settings', array['*']), ('filter', array['*']), ('state', array['*']), ('layout', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'users' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'users' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'users', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'ambiguous-number', 'settings'), (2, 'no-number', 'settings'), (3, 'no-number', 'settings'), (4, 'no-number', 'settings'), (5, 'number-format', 'settings'), (6, 'wrapped', 'filter'), (7, 'not-json', 'state'), (8, 'not-an-object', 'layout')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
