-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."lines" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- 1. receipts: query → app.receipts
-- =================================================================================================
-- receipts: prepare
begin;
-- the query that the mapping reads from
create table "drover"."source_receipts" as
(select "l"."receipt", array_agg("l"."article" order by "l"."id") filter (where "l"."article" is not null) as "articles", sum("l"."price") as "total" from (
    select "t"."id",
      case when "fix"."patch" ? 'receipt' then ("fix"."patch" ->> 'receipt')::text else "t"."receipt" end as "receipt",
      case when "fix"."patch" ? 'article' then ("fix"."patch" ->> 'article')::text else "t"."article" end as "article",
      case when "fix"."patch" ? 'price' then ("fix"."patch" ->> 'price')::numeric else "t"."price" end as "price"
    from "legacy"."lines" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.lines' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "l" group by "l"."receipt");
analyze "drover"."source_receipts";
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_receipts" (
  source_key text collate "C" not null,
  disposition text not null,
  "receipt" text
);
-- source rows
select count(*) as n from "drover"."source_receipts";
-- target rows before
select count(*) as n from "app"."receipts";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select row_number() over (order by block) as number,
    case when block > 0 then array['(' || block || ',0)'] end as lower,
    step * n / greatest(blocks, 1) as rows
  from (
    select blocks, n, greatest(1, blocks * $2::bigint / greatest(n, 1)) as step
    from (
      select pg_relation_size('"drover"."source_receipts"'::regclass) / current_setting('block_size')::int as blocks,
        (select count(*) from "drover"."source_receipts") as n
    ) as size
  ) as cut
  cross join lateral generate_series(0, greatest(blocks - 1, 0), step) as block
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'receipts', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- receipts: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "drover"."source_receipts" as "r"
  where ($3::text[] is null or ("r"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("r"."ctid") < (($4::text[])[1]::tid))
), s as materialized (
  select
    case when "step_1"."v2" then 'quarantined' else 'loaded' end as "_disposition",
    "step_1"."v1" as "_key",
    ("r"."receipt")::text as "receipt",
    ("r"."articles")::text[] as "articles",
    ("r"."total")::numeric as "total",
    case when "step_1"."v2" then array_remove(array[case when "r"."articles" is null then 1 end, case when "r"."total" is null then 2 end], null) end as "_reasons",
    "r"."ctid" as "_place"
  from "drover"."source_receipts" as "r"
  cross join lateral (
    select
      ("r"."receipt")::text as "v1",
      "r"."articles" is null or "r"."total" is null as "v2"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("r"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("r"."ctid") < (($4::text[])[1]::tid))
), loaded as (
  insert into "app"."receipts" ("receipt", "articles", "total")
  select "receipt", "articles", "total"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_receipts" (source_key, disposition, "receipt")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."receipt" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'receipts', "s"."_key", $2::bigint,
    (array['no-articles', 'no-total'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-articles', 'articles'), (2, 'no-total', 'total')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "drover"."source_receipts" as original
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
where run_id = $1::bigint and mapping = 'receipts' and number = $2::bigint;
commit;

-- receipts: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("r"."ctid")::text] as bound, row_number() over (order by "r"."ctid") as position, count(*) as rows
  from "drover"."source_receipts" as "r"
    where ($1::text[] is null or ("r"."ctid") >= (($1::text[])[1]::tid)) and ($2::text[] is null or ("r"."ctid") < (($2::text[])[1]::tid)) and "r"."ctid" is not null
  group by "r"."ctid"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- receipts: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "drover"."source_receipts" as "r"
  where ($3::text[] is null or ("r"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("r"."ctid") < (($4::text[])[1]::tid))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    to_jsonb("r".*) as original
  from "drover"."source_receipts" as "r"
  cross join lateral (
    select
      ("r"."receipt")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("r"."ctid") >= (($3::text[])[1]::tid)) and ($4::text[] is null or ("r"."ctid") < (($4::text[])[1]::tid))
), walked as (
  insert into "drover"."crosswalk_receipts" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'receipts', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'receipts' and number = $2::bigint
returning quarantined;
commit;

-- receipts: the key of the crosswalk
begin;
alter table "drover"."crosswalk_receipts" add primary key (source_key);
analyze "drover"."crosswalk_receipts";
commit;

-- receipts: the statistics of the target
begin;
analyze "app"."receipts";
commit;

-- receipts: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "drover"."source_receipts";
-- target rows after
select count(*) as n from "app"."receipts";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."lines" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- receipts: mend
begin;
set constraints all immediate;
-- whether the query reads such rows
select from drover.overlay where migration = 'shop' and relation in ('legacy.lines') limit 1;
-- the query that the mapping reads from, asked again
create table "drover"."restored_receipts" as
(select "l"."receipt", array_agg("l"."article" order by "l"."id") filter (where "l"."article" is not null) as "articles", sum("l"."price") as "total" from (
    select "t"."id",
      case when "fix"."patch" ? 'receipt' then ("fix"."patch" ->> 'receipt')::text else "t"."receipt" end as "receipt",
      case when "fix"."patch" ? 'article' then ("fix"."patch" ->> 'article')::text else "t"."article" end as "article",
      case when "fix"."patch" ? 'price' then ("fix"."patch" ->> 'price')::numeric else "t"."price" end as "price"
    from "legacy"."lines" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.lines' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "l" group by "l"."receipt");
-- rows by which the answer differs. $2 here: whether of all rows
with before as materialized (
  select (("r"."receipt")::text) collate "C" as source_key, to_jsonb("r".*) as row from "drover"."source_receipts" as "r"
), after as materialized (
  select (("r"."receipt")::text) collate "C" as source_key, to_jsonb("r".*) as row from "drover"."restored_receipts" as "r"
), differing as (
  select coalesce(after.source_key, before.source_key) as source_key, before.source_key is null as is_new, after.source_key is null as is_gone
  from before
  full join after on after.source_key = before.source_key
  where before.row is distinct from after.row
    and ($2::boolean or coalesce(after.source_key, before.source_key) in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'receipts' and purpose in ('try') and not done))
), entered as (
  insert into "drover"."crosswalk_receipts" (source_key, disposition)
  select source_key, 'new'
  from differing
  where is_new
)
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'receipts', source_key, purpose
from (
  select differing.source_key,
    case when is_new then 'try' when is_gone then 'withdraw' when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from differing
  left join "drover"."crosswalk_receipts" as walked on walked.source_key = differing.source_key) as found
on conflict do nothing;
delete from "drover"."source_receipts" as "r" where (("r"."receipt")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'receipts' and purpose in ('try', 'change', 'withdraw') and not done);
insert into "drover"."source_receipts" select "r".* from "drover"."restored_receipts" as "r" where (("r"."receipt")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'receipts' and purpose in ('try', 'change', 'withdraw') and not done);
drop table "drover"."restored_receipts";
-- rows that are gone. $2 here: the entry that adjusts the counts
with gone as (
  delete from "drover"."crosswalk_receipts"
  where source_key in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'receipts' and purpose in ('withdraw') and not done)
  returning *
), deleted as (
  delete from "app"."receipts" as t
  using gone
  where gone.disposition = 'loaded' and "t"."receipt" = "gone"."receipt"
  returning t.*, "t"."xmin"::text::bigint as "drover_version"
), imaged as (
  insert into "drover"."before_image_receipts" ("receipt", "articles", "total", "drover_version")
  select "receipt", "articles", "total", "drover_version"
  from deleted
  on conflict do nothing
), of_quarantine as (
  delete from drover.quarantine as account
  using gone
  where account.run_id = $1::bigint and account.mapping = 'receipts' and account.source_key = gone.source_key
), of_merge as (
  delete from drover.merge as account
  using gone
  where account.run_id = $1::bigint and account.mapping = 'receipts' and account.source_key = gone.source_key
), of_correction as (
  delete from drover.correction as account
  using gone
  where account.run_id = $1::bigint and account.mapping = 'receipts' and account.source_key = gone.source_key
), of_note as (
  delete from drover.note as account
  using gone
  where account.run_id = $1::bigint and account.mapping = 'receipts' and account.source_key = gone.source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'receipts', source_key, 'moved'
  from gone
  on conflict do nothing
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'receipts', $2::bigint, 'adjustment', 'done', -count(*), -count(*) filter (where disposition = 'loaded'), -count(*) filter (where disposition = 'merged'), -count(*) filter (where disposition = 'matched'), -count(*) filter (where disposition = 'quarantined'), -count(*) filter (where disposition = 'excluded'), clock_timestamp()
from gone
having count(*) > 0
returning read;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "step_1"."v2" then 'quarantined' else 'loaded' end as "_disposition",
    "step_1"."v1" as "_key",
    ("r"."receipt")::text as "receipt",
    ("r"."articles")::text[] as "articles",
    ("r"."total")::numeric as "total",
    case when "step_1"."v2" then array_remove(array[case when "r"."articles" is null then 1 end, case when "r"."total" is null then 2 end], null) end as "_reasons",
    "r"."ctid" as "_place"
  from "drover"."source_receipts" as "r"
  cross join lateral (
    select
      ("r"."receipt")::text as "v1",
      "r"."articles" is null or "r"."total" is null as "v2"
    offset '0'
  ) as "step_1"
  where (("r"."receipt")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'receipts' and purpose in ('try') and not done)
  ) as made
  join "drover"."crosswalk_receipts" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."receipts" ("receipt", "articles", "total")
  select "receipt", "articles", "total"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_receipts" as walked
  set disposition = "s"."_disposition", "receipt" = case "s"."_disposition" when 'loaded' then "s"."receipt" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'receipts', "s"."_key", $2::bigint,
    (array['no-articles', 'no-total'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-articles', 'articles'), (2, 'no-total', 'total')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "drover"."source_receipts" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'receipts' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'receipts' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'receipts' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'receipts', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'receipts', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_receipts" (like "app"."receipts", "drover_version" bigint not null, primary key ("receipt"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."receipt" as "_walked_receipt"
  from (
  select
    case when "step_1"."v2" then 'quarantined' else 'loaded' end as "_disposition",
    "step_1"."v1" as "_key",
    ("r"."receipt")::text as "receipt",
    ("r"."articles")::text[] as "articles",
    ("r"."total")::numeric as "total",
    case when "step_1"."v2" then array_remove(array[case when "r"."articles" is null then 1 end, case when "r"."total" is null then 2 end], null) end as "_reasons"
  from "drover"."source_receipts" as "r"
  cross join lateral (
    select
      ("r"."receipt")::text as "v1",
      "r"."articles" is null or "r"."total" is null as "v2"
    offset '0'
  ) as "step_1"
  where (("r"."receipt")::text) collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'receipts' and purpose in ('change') and not done)
  ) as made
  join "drover"."crosswalk_receipts" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."receipts" as existing
  join s on "existing"."receipt" = "s"."_walked_receipt"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."articles") is distinct from ("s"."articles") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."total") is distinct from ("s"."total"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_receipts" ("receipt", "articles", "total", "drover_version")
  select "receipt", "articles", "total", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."receipts" as t
  set "articles" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."articles" else "t"."articles" end,
    "total" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."total" else "t"."total" end
  from s, locked
  where "t"."receipt" = "s"."_walked_receipt" and "locked"."receipt" = "t"."receipt"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'receipts', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('articles', array['*']), ('total', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'receipts' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'receipts' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
