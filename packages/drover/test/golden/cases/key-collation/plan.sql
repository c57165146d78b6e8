-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.words (1), app.quotes (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."quotes" as t offset '0') as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."words" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."quotes" drop constraint "quotes_word_fkey";
alter table "app"."words" drop constraint "words_pkey";
commit;

-- =================================================================================================
-- 1. words: legacy.words → app.words
-- =================================================================================================
-- words: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_words" (
  source_key text collate "C" not null,
  disposition text not null,
  "word" text
);
-- source rows
select count(*) as n from "legacy"."words";
-- target rows before
select count(*) as n from "app"."words";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."word"::text] as bound,
      row_number() over (order by "k"."word") as position
    from "legacy"."words" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."words")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'words', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- words: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."words" as "w"
  where ($3::text[] is null or ("w"."word") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("w"."word") < (($4::text[])[1]::text))
), s as materialized (
  select
    'loaded' as "_disposition",
    ("w"."word")::text as "_key",
    ("w"."word")::text as "word"
  from (
    select "t"."ctid",
      "t"."word"
    from "legacy"."words" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.words' and fix.row_key = (("t"."word")::text) collate "C"
  ) as "w"
  where ($3::text[] is null or ("w"."word") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("w"."word") < (($4::text[])[1]::text))
), loaded as (
  insert into "app"."words" ("word")
  select "word"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_words" (source_key, disposition, "word")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."word" end
  from s
), quarantined as (select where false)
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = (select count(*) from loaded),
  quarantined = (select count(*) from quarantined),
  "merged" = 0,
  "matched" = 0,
  "excluded" = 0,
  finished_at = clock_timestamp()
where run_id = $1::bigint and mapping = 'words' and number = $2::bigint;
commit;

-- words: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("w"."word")::text] as bound, row_number() over (order by "w"."word") as position, count(*) as rows
  from "legacy"."words" as "w"
    where ($1::text[] is null or ("w"."word") >= (($1::text[])[1]::text)) and ($2::text[] is null or ("w"."word") < (($2::text[])[1]::text)) and "w"."word" is not null
  group by "w"."word"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- words: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."words" as "w"
  where ($3::text[] is null or ("w"."word") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("w"."word") < (($4::text[])[1]::text))
), s as materialized (
  select ("w"."word")::text as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."words" as original
      where original.ctid = "w"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."word"
    from "legacy"."words" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.words' and fix.row_key = (("t"."word")::text) collate "C"
  ) as "w"
  where ($3::text[] is null or ("w"."word") >= (($3::text[])[1]::text)) and ($4::text[] is null or ("w"."word") < (($4::text[])[1]::text))
), walked as (
  insert into "drover"."crosswalk_words" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'words', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'words' and number = $2::bigint
returning quarantined;
commit;

-- words: the key of the crosswalk
begin;
alter table "drover"."crosswalk_words" add primary key (source_key);
analyze "drover"."crosswalk_words";
commit;

-- words: the statistics of the target
begin;
analyze "app"."words";
commit;

-- words_pkey
begin;
CREATE UNIQUE INDEX words_pkey ON app.words USING btree (word);
commit;

-- words: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."words";
-- target rows after
select count(*) as n from "app"."words";
commit;

-- =================================================================================================
-- 2. quotes: legacy.quotes → app.quotes
-- begins when words is done
-- =================================================================================================
-- quotes: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_quotes" (
  source_key text collate "C" not null,
  disposition text not null,
  "line" text
);
-- source rows
select count(*) as n from "legacy"."quotes";
-- target rows before
select count(*) as n from "app"."quotes";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."word"::text, "k"."line"::text] as bound,
      row_number() over (order by "k"."word", "k"."line") as position
    from "legacy"."quotes" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."quotes")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'quotes', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- quotes: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."quotes" as "q"
  where ($3::text[] is null or ("q"."word", "q"."line") >= (($3::text[])[1]::text, ($3::text[])[2]::text)) and ($4::text[] is null or ("q"."word", "q"."line") < (($4::text[])[1]::text, ($4::text[])[2]::text))
), s as materialized (
  select
    case when "row"."step_2.v3" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."q.line")::text as "line",
    ("row"."ref_2.word")::text as "word",
    case when "row"."step_2.v3" then array_remove(array[case when ("row"."ref_2.source_key" is not null and "row"."ref_2.word" is null) then 1 end, case when ("row"."q.word")::text is not null and "row"."ref_2.source_key" is null then 2 end], null) end as "_reasons",
    "row"."q.ctid" as "_place"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."word" is null) or ("row"."q.word")::text is not null and "ref_2"."source_key" is null as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "row"."q.line" as "q.line",
    "ref_2"."word" as "ref_2.word",
    "ref_2"."source_key" as "ref_2.source_key",
    "row"."q.word" as "q.word",
    "row"."q.ctid" as "q.ctid"
  from (
  select
    "q"."word" as "q.word",
    case when ("q"."word") is not null and ("q"."line") is not null then json_build_array(("q"."word")::text, ("q"."line")::text)::text end as "step_1.v1",
    "q"."line" as "q.line",
    "q"."ctid" as "q.ctid"
  from (
    select "t"."ctid",
      "t"."word",
      "t"."line"
    from "legacy"."quotes" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.quotes' and fix.row_key = (case when ("t"."word") is not null and ("t"."line") is not null then json_build_array(("t"."word")::text, ("t"."line")::text)::text end) collate "C"
  ) as "q"
  where ($3::text[] is null or ("q"."word", "q"."line") >= (($3::text[])[1]::text, ($3::text[])[2]::text)) and ($4::text[] is null or ("q"."word", "q"."line") < (($4::text[])[1]::text, ($4::text[])[2]::text))
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_words" as "ref_2" on "ref_2"."source_key" = ("row"."q.word")::text collate "C"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."quotes" ("line", "word")
  select "line", "word"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_quotes" (source_key, disposition, "line")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."line" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'quotes', "s"."_key", $2::bigint,
    (array['waiting', 'orphan'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'word'), (2, 'orphan', 'word')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."quotes" as original
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
where run_id = $1::bigint and mapping = 'quotes' and number = $2::bigint;
commit;

-- quotes: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("q"."word")::text, ("q"."line")::text] as bound, row_number() over (order by "q"."word", "q"."line") as position, count(*) as rows
  from "legacy"."quotes" as "q"
    where ($1::text[] is null or ("q"."word", "q"."line") >= (($1::text[])[1]::text, ($1::text[])[2]::text)) and ($2::text[] is null or ("q"."word", "q"."line") < (($2::text[])[1]::text, ($2::text[])[2]::text)) and "q"."word" is not null and "q"."line" is not null
  group by "q"."word", "q"."line"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- quotes: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."quotes" as "q"
  where ($3::text[] is null or ("q"."word", "q"."line") >= (($3::text[])[1]::text, ($3::text[])[2]::text)) and ($4::text[] is null or ("q"."word", "q"."line") < (($4::text[])[1]::text, ($4::text[])[2]::text))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."quotes" as original
      where original.ctid = "q"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."word",
      "t"."line"
    from "legacy"."quotes" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.quotes' and fix.row_key = (case when ("t"."word") is not null and ("t"."line") is not null then json_build_array(("t"."word")::text, ("t"."line")::text)::text end) collate "C"
  ) as "q"
  cross join lateral (
    select
      case when ("q"."word") is not null and ("q"."line") is not null then json_build_array(("q"."word")::text, ("q"."line")::text)::text end as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("q"."word", "q"."line") >= (($3::text[])[1]::text, ($3::text[])[2]::text)) and ($4::text[] is null or ("q"."word", "q"."line") < (($4::text[])[1]::text, ($4::text[])[2]::text))
), walked as (
  insert into "drover"."crosswalk_quotes" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'quotes', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'quotes' and number = $2::bigint
returning quarantined;
commit;

-- quotes: the key of the crosswalk
begin;
alter table "drover"."crosswalk_quotes" add primary key (source_key);
analyze "drover"."crosswalk_quotes";
commit;

-- quotes: the statistics of the target
begin;
analyze "app"."quotes";
commit;

-- quotes: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."quotes";
-- target rows after
select count(*) as n from "app"."quotes";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."words" add constraint "words_pkey" primary key using index "words_pkey";
commit;

-- =================================================================================================
-- Foreign keys, when every mapping is closed. Each statement is a transaction.
-- =================================================================================================
-- foreign keys
begin;
alter table "app"."quotes" add constraint "quotes_word_fkey" FOREIGN KEY (word) REFERENCES app.words(word) not valid;
alter table "app"."quotes" validate constraint "quotes_word_fkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."quotes" as t offset '0') as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."words" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- words: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'words', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."word"
    from "legacy"."words" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.words' and fix.row_key = (("t"."word")::text) collate "C"
  ) as "w"
  join "drover"."crosswalk_words" as walked on walked.source_key = ("w"."word")::text collate "C"
  where walked.disposition <> 'quarantined' and ((("w"."word")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.words')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    'loaded' as "_disposition",
    ("w"."word")::text as "_key",
    ("w"."word")::text as "word"
  from (
    select "t"."ctid",
      "t"."word"
    from "legacy"."words" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.words' and fix.row_key = (("t"."word")::text) collate "C"
  ) as "w"
  where "w"."word" in (select source_key::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'words' and purpose in ('try') and not done) as named)
  ) as made
  join "drover"."crosswalk_words" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."words" ("word")
  select "word"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_words" as walked
  set disposition = "s"."_disposition", "word" = case "s"."_disposition" when 'loaded' then "s"."word" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (select where false), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'words' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'words' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'words' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'words', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'words', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_words" (like "app"."words", "drover_version" bigint not null, primary key ("word"));
commit;

-- quotes: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'quotes', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."word",
      "t"."line"
    from "legacy"."quotes" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.quotes' and fix.row_key = (case when ("t"."word") is not null and ("t"."line") is not null then json_build_array(("t"."word")::text, ("t"."line")::text)::text end) collate "C"
  ) as "q"
  cross join lateral (
    select
      case when ("q"."word") is not null and ("q"."line") is not null then json_build_array(("q"."word")::text, ("q"."line")::text)::text end as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_quotes" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((case when ("q"."word") is not null and ("q"."line") is not null then json_build_array(("q"."word")::text, ("q"."line")::text)::text end) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.quotes')))) as found
on conflict do nothing;
-- rows that refer to moved rows of words
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'quotes', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."word",
      "t"."line"
    from "legacy"."quotes" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.quotes' and fix.row_key = (case when ("t"."word") is not null and ("t"."line") is not null then json_build_array(("t"."word")::text, ("t"."line")::text)::text end) collate "C"
  ) as "q"
  cross join lateral (
    select
      case when ("q"."word") is not null and ("q"."line") is not null then json_build_array(("q"."word")::text, ("q"."line")::text)::text end as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_quotes" as walked on walked.source_key = "step_1"."v1" collate "C"
  where ((("q"."word")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'words' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'quotes' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of words
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."word",
      "t"."line"
    from "legacy"."quotes" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.quotes' and fix.row_key = (case when ("t"."word") is not null and ("t"."line") is not null then json_build_array(("t"."word")::text, ("t"."line")::text)::text end) collate "C"
  ) as "q"
  cross join lateral (
    select
      case when ("q"."word") is not null and ("q"."line") is not null then json_build_array(("q"."word")::text, ("q"."line")::text)::text end as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_quotes" as walked on walked.source_key = "step_1"."v1" collate "C"
  where ((("q"."word")::text) collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'quotes' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_2.v3" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."q.line")::text as "line",
    ("row"."ref_2.word")::text as "word",
    case when "row"."step_2.v3" then array_remove(array[case when ("row"."ref_2.source_key" is not null and "row"."ref_2.word" is null) then 1 end, case when ("row"."q.word")::text is not null and "row"."ref_2.source_key" is null then 2 end], null) end as "_reasons",
    "row"."q.ctid" as "_place"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."word" is null) or ("row"."q.word")::text is not null and "ref_2"."source_key" is null as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "row"."q.line" as "q.line",
    "ref_2"."word" as "ref_2.word",
    "ref_2"."source_key" as "ref_2.source_key",
    "row"."q.word" as "q.word",
    "row"."q.ctid" as "q.ctid"
  from (
  select
    "q"."word" as "q.word",
    case when ("q"."word") is not null and ("q"."line") is not null then json_build_array(("q"."word")::text, ("q"."line")::text)::text end as "step_1.v1",
    "q"."line" as "q.line",
    "q"."ctid" as "q.ctid"
  from (
    select "t"."ctid",
      "t"."word",
      "t"."line"
    from "legacy"."quotes" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.quotes' and fix.row_key = (case when ("t"."word") is not null and ("t"."line") is not null then json_build_array(("t"."word")::text, ("t"."line")::text)::text end) collate "C"
  ) as "q"
  where ("q"."word", "q"."line") in (select (source_key::jsonb ->> 0)::text, (source_key::jsonb ->> 1)::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'quotes' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_words" as "ref_2" on "ref_2"."source_key" = ("row"."q.word")::text collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_quotes" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."quotes" ("line", "word")
  select "line", "word"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_quotes" as walked
  set disposition = "s"."_disposition", "line" = case "s"."_disposition" when 'loaded' then "s"."line" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'quotes', "s"."_key", $2::bigint,
    (array['waiting', 'orphan'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'waiting', 'word'), (2, 'orphan', 'word')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."quotes" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'quotes' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'quotes' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'quotes' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'quotes', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'quotes', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_quotes" (like "app"."quotes", "drover_version" bigint not null, primary key ("line"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."line" as "_walked_line"
  from (
  select
    case when "row"."step_2.v3" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."q.line")::text as "line",
    ("row"."ref_2.word")::text as "word",
    case when "row"."step_2.v3" then array_remove(array[case when ("row"."ref_2.source_key" is not null and "row"."ref_2.word" is null) then 1 end, case when ("row"."q.word")::text is not null and "row"."ref_2.source_key" is null then 2 end], null) end as "_reasons"
  from (
  select
    ("ref_2"."source_key" is not null and "ref_2"."word" is null) or ("row"."q.word")::text is not null and "ref_2"."source_key" is null as "step_2.v3",
    "row"."step_1.v1" as "step_1.v1",
    "row"."q.line" as "q.line",
    "ref_2"."word" as "ref_2.word",
    "ref_2"."source_key" as "ref_2.source_key",
    "row"."q.word" as "q.word",
    "row"."q.ctid" as "q.ctid"
  from (
  select
    "q"."word" as "q.word",
    case when ("q"."word") is not null and ("q"."line") is not null then json_build_array(("q"."word")::text, ("q"."line")::text)::text end as "step_1.v1",
    "q"."line" as "q.line",
    "q"."ctid" as "q.ctid"
  from (
    select "t"."ctid",
      "t"."word",
      "t"."line"
    from "legacy"."quotes" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.quotes' and fix.row_key = (case when ("t"."word") is not null and ("t"."line") is not null then json_build_array(("t"."word")::text, ("t"."line")::text)::text end) collate "C"
  ) as "q"
  where ("q"."word", "q"."line") in (select (source_key::jsonb ->> 0)::text, (source_key::jsonb ->> 1)::text from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'quotes' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_words" as "ref_2" on "ref_2"."source_key" = ("row"."q.word")::text collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_quotes" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."quotes" as existing
  join s on "existing"."line" = "s"."_walked_line"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'words'] and s._stands = 'loaded') and ("existing"."word") is distinct from ("s"."word"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_quotes" ("line", "word", "drover_version")
  select "line", "word", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."quotes" as t
  set "word" = case when ($2::text[] && array['*', 'words'] and s._stands = 'loaded') then "s"."word" else "t"."word" end
  from s, locked
  where "t"."line" = "s"."_walked_line" and "locked"."line" = "t"."line"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'quotes', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('word', array['*', 'words'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'quotes' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'quotes' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
