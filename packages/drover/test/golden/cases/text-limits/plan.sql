-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.articles (1).
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
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."articles" drop constraint "articles_pkey";
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
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."articles";
-- target rows before
select count(*) as n from "app"."articles";
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
    case when "row"."step_3.v10" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_2.v5" or "row"."step_1.v6" then array[case when "row"."step_2.v5" then 1 end, case when "row"."step_1.v6" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."a.id")::int4 as "id",
    (case when (not (char_length("row"."step_1.v2") <= 12)) then left("row"."step_1.v2", 12) else "row"."step_2.v7" end)::varchar as "title",
    ("row"."step_3.v8")::varchar as "code",
    ("row"."step_1.v9")::varchar as "remark",
    case when "row"."step_3.v10" then array_remove(array[case when not (char_length("row"."step_2.v4") <= 6) then 1 end], null) end as "_reasons",
    "row"."a.ctid" as "_place",
    case when "row"."step_2.v5" or "row"."step_1.v6" then array[("row"."step_1.v2")::text, ("row"."a.remark")::text]::text[] end as "_originals"
  from (
  select
    not (char_length("row"."step_2.v4") <= 6) as "step_3.v10",
    "row"."step_2.v5" as "step_2.v5",
    "row"."step_1.v6" as "step_1.v6",
    "row"."step_1.v1" as "step_1.v1",
    "row"."a.id" as "a.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."step_2.v7" as "step_2.v7",
    case when char_length("row"."step_2.v4") <= 6 then "row"."step_2.v4" end as "step_3.v8",
    "row"."step_1.v9" as "step_1.v9",
    "row"."step_2.v4" as "step_2.v4",
    "row"."a.ctid" as "a.ctid",
    "row"."a.remark" as "a.remark"
  from (
  select
    regexp_replace((("row"."step_1.v3")::text collate "default"), '[\u0001-\u0008\u000E-\u001F\u007F-\u0084\u0086-\u009F\u00AD\u034F\u061C\u115F-\u1160\u17B4-\u17B5\u180B-\u180F\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFF8\U0001BCA0-\U0001BCA3\U0001D173-\U0001D17A\U000E0000-\U000E0FFF]+', '', 'g') as "step_2.v4",
    not (char_length("row"."step_1.v2") <= 12) as "step_2.v5",
    "row"."step_1.v6" as "step_1.v6",
    "row"."step_1.v1" as "step_1.v1",
    "row"."a.id" as "a.id",
    "row"."step_1.v2" as "step_1.v2",
    case when char_length("row"."step_1.v2") <= 12 then "row"."step_1.v2" end as "step_2.v7",
    "row"."step_1.v9" as "step_1.v9",
    "row"."a.ctid" as "a.ctid",
    "row"."a.remark" as "a.remark"
  from (
  select
    normalize("a"."code", nfkc) as "step_1.v3",
    normalize("a"."title", nfc) as "step_1.v2",
    not (char_length("a"."remark") <= 3) as "step_1.v6",
    ("a"."id")::text as "step_1.v1",
    "a"."id" as "a.id",
    case when char_length("a"."remark") <= 3 then "a"."remark" end as "step_1.v9",
    "a"."ctid" as "a.ctid",
    "a"."remark" as "a.remark"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'title' then ("fix"."patch" ->> 'title')::text else "t"."title" end as "title",
      case when "fix"."patch" ? 'code' then ("fix"."patch" ->> 'code')::text else "t"."code" end as "code",
      case when "fix"."patch" ? 'remark' then ("fix"."patch" ->> 'remark')::text else "t"."remark" end as "remark"
    from "legacy"."articles" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.articles' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  where ($3::text[] is null or ("a"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("a"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."articles" ("id", "title", "code", "remark")
  select "id", "title", "code", "remark"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_articles" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'articles', "s"."_key", $2::bigint,
    (array['too-long'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'too-long', 'code')) as guard (number, code, column_name)
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
  join (values (1, 'cut-off', 'title'), (2, 'too-long', 'remark')) as guard (number, code, column_name) on guard.number = log.number
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
      case when "fix"."patch" ? 'title' then ("fix"."patch" ->> 'title')::text else "t"."title" end as "title",
      case when "fix"."patch" ? 'code' then ("fix"."patch" ->> 'code')::text else "t"."code" end as "code",
      case when "fix"."patch" ? 'remark' then ("fix"."patch" ->> 'remark')::text else "t"."remark" end as "remark"
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

-- articles_pkey
begin;
CREATE UNIQUE INDEX articles_pkey ON app.articles USING btree (id);
commit;

-- articles: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."articles";
-- target rows after
select count(*) as n from "app"."articles";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."articles" add constraint "articles_pkey" primary key using index "articles_pkey";
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
      case when "fix"."patch" ? 'title' then ("fix"."patch" ->> 'title')::text else "t"."title" end as "title",
      case when "fix"."patch" ? 'code' then ("fix"."patch" ->> 'code')::text else "t"."code" end as "code",
      case when "fix"."patch" ? 'remark' then ("fix"."patch" ->> 'remark')::text else "t"."remark" end as "remark"
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
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_3.v10" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_2.v5" or "row"."step_1.v6" then array[case when "row"."step_2.v5" then 1 end, case when "row"."step_1.v6" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."a.id")::int4 as "id",
    (case when (not (char_length("row"."step_1.v2") <= 12)) then left("row"."step_1.v2", 12) else "row"."step_2.v7" end)::varchar as "title",
    ("row"."step_3.v8")::varchar as "code",
    ("row"."step_1.v9")::varchar as "remark",
    case when "row"."step_3.v10" then array_remove(array[case when not (char_length("row"."step_2.v4") <= 6) then 1 end], null) end as "_reasons",
    "row"."a.ctid" as "_place",
    case when "row"."step_2.v5" or "row"."step_1.v6" then array[("row"."step_1.v2")::text, ("row"."a.remark")::text]::text[] end as "_originals"
  from (
  select
    not (char_length("row"."step_2.v4") <= 6) as "step_3.v10",
    "row"."step_2.v5" as "step_2.v5",
    "row"."step_1.v6" as "step_1.v6",
    "row"."step_1.v1" as "step_1.v1",
    "row"."a.id" as "a.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."step_2.v7" as "step_2.v7",
    case when char_length("row"."step_2.v4") <= 6 then "row"."step_2.v4" end as "step_3.v8",
    "row"."step_1.v9" as "step_1.v9",
    "row"."step_2.v4" as "step_2.v4",
    "row"."a.ctid" as "a.ctid",
    "row"."a.remark" as "a.remark"
  from (
  select
    regexp_replace((("row"."step_1.v3")::text collate "default"), '[\u0001-\u0008\u000E-\u001F\u007F-\u0084\u0086-\u009F\u00AD\u034F\u061C\u115F-\u1160\u17B4-\u17B5\u180B-\u180F\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFF8\U0001BCA0-\U0001BCA3\U0001D173-\U0001D17A\U000E0000-\U000E0FFF]+', '', 'g') as "step_2.v4",
    not (char_length("row"."step_1.v2") <= 12) as "step_2.v5",
    "row"."step_1.v6" as "step_1.v6",
    "row"."step_1.v1" as "step_1.v1",
    "row"."a.id" as "a.id",
    "row"."step_1.v2" as "step_1.v2",
    case when char_length("row"."step_1.v2") <= 12 then "row"."step_1.v2" end as "step_2.v7",
    "row"."step_1.v9" as "step_1.v9",
    "row"."a.ctid" as "a.ctid",
    "row"."a.remark" as "a.remark"
  from (
  select
    normalize("a"."code", nfkc) as "step_1.v3",
    normalize("a"."title", nfc) as "step_1.v2",
    not (char_length("a"."remark") <= 3) as "step_1.v6",
    ("a"."id")::text as "step_1.v1",
    "a"."id" as "a.id",
    case when char_length("a"."remark") <= 3 then "a"."remark" end as "step_1.v9",
    "a"."ctid" as "a.ctid",
    "a"."remark" as "a.remark"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'title' then ("fix"."patch" ->> 'title')::text else "t"."title" end as "title",
      case when "fix"."patch" ? 'code' then ("fix"."patch" ->> 'code')::text else "t"."code" end as "code",
      case when "fix"."patch" ? 'remark' then ("fix"."patch" ->> 'remark')::text else "t"."remark" end as "remark"
    from "legacy"."articles" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.articles' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  where "a"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'articles' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_articles" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."articles" ("id", "title", "code", "remark")
  select "id", "title", "code", "remark"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_articles" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'articles', "s"."_key", $2::bigint,
    (array['too-long'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'too-long', 'code')) as guard (number, code, column_name)
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
  join (values (1, 'cut-off', 'title'), (2, 'too-long', 'remark')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
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
    case when "row"."step_3.v10" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_2.v5" or "row"."step_1.v6" then array[case when "row"."step_2.v5" then 1 end, case when "row"."step_1.v6" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."a.id")::int4 as "id",
    (case when (not (char_length("row"."step_1.v2") <= 12)) then left("row"."step_1.v2", 12) else "row"."step_2.v7" end)::varchar as "title",
    ("row"."step_3.v8")::varchar as "code",
    ("row"."step_1.v9")::varchar as "remark",
    case when "row"."step_3.v10" then array_remove(array[case when not (char_length("row"."step_2.v4") <= 6) then 1 end], null) end as "_reasons",
    case when "row"."step_2.v5" or "row"."step_1.v6" then array[("row"."step_1.v2")::text, ("row"."a.remark")::text]::text[] end as "_originals"
  from (
  select
    not (char_length("row"."step_2.v4") <= 6) as "step_3.v10",
    "row"."step_2.v5" as "step_2.v5",
    "row"."step_1.v6" as "step_1.v6",
    "row"."step_1.v1" as "step_1.v1",
    "row"."a.id" as "a.id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."step_2.v7" as "step_2.v7",
    case when char_length("row"."step_2.v4") <= 6 then "row"."step_2.v4" end as "step_3.v8",
    "row"."step_1.v9" as "step_1.v9",
    "row"."step_2.v4" as "step_2.v4",
    "row"."a.ctid" as "a.ctid",
    "row"."a.remark" as "a.remark"
  from (
  select
    regexp_replace((("row"."step_1.v3")::text collate "default"), '[\u0001-\u0008\u000E-\u001F\u007F-\u0084\u0086-\u009F\u00AD\u034F\u061C\u115F-\u1160\u17B4-\u17B5\u180B-\u180F\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFF8\U0001BCA0-\U0001BCA3\U0001D173-\U0001D17A\U000E0000-\U000E0FFF]+', '', 'g') as "step_2.v4",
    not (char_length("row"."step_1.v2") <= 12) as "step_2.v5",
    "row"."step_1.v6" as "step_1.v6",
    "row"."step_1.v1" as "step_1.v1",
    "row"."a.id" as "a.id",
    "row"."step_1.v2" as "step_1.v2",
    case when char_length("row"."step_1.v2") <= 12 then "row"."step_1.v2" end as "step_2.v7",
    "row"."step_1.v9" as "step_1.v9",
    "row"."a.ctid" as "a.ctid",
    "row"."a.remark" as "a.remark"
  from (
  select
    normalize("a"."code", nfkc) as "step_1.v3",
    normalize("a"."title", nfc) as "step_1.v2",
    not (char_length("a"."remark") <= 3) as "step_1.v6",
    ("a"."id")::text as "step_1.v1",
    "a"."id" as "a.id",
    case when char_length("a"."remark") <= 3 then "a"."remark" end as "step_1.v9",
    "a"."ctid" as "a.ctid",
    "a"."remark" as "a.remark"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'title' then ("fix"."patch" ->> 'title')::text else "t"."title" end as "title",
      case when "fix"."patch" ? 'code' then ("fix"."patch" ->> 'code')::text else "t"."code" end as "code",
      case when "fix"."patch" ? 'remark' then ("fix"."patch" ->> 'remark')::text else "t"."remark" end as "remark"
    from "legacy"."articles" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.articles' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  where "a"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'articles' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_articles" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."articles" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."title") is distinct from ("s"."title") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."code") is distinct from ("s"."code") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."remark") is distinct from ("s"."remark"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_articles" ("id", "title", "code", "remark", "drover_version")
  select "id", "title", "code", "remark", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."articles" as t
  set "title" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."title" else "t"."title" end,
    "code" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."code" else "t"."code" end,
    "remark" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."remark" else "t"."remark" end
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
  from (values ('title', array['*']), ('code', array['*']), ('remark', array['*'])) as each (column_name, follows)
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
  join (values (1, 'cut-off', 'title'), (2, 'too-long', 'remark')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
