-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."lines" as t) as hashed;
commit;

-- =================================================================================================
-- 1. receipts: query → app.receipts
-- =================================================================================================
-- receipts: prepare
begin;
-- the query that the mapping reads from
create table "drover"."source_receipts" as
(select "l"."receipt", array_agg("l"."article" order by "l"."id") filter (where "l"."article" is not null) as "articles", sum("l"."price") as "total" from "legacy"."lines" as "l" group by "l"."receipt");
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
    "step_1"."v1" as "_key",
    ("r"."receipt")::text as "receipt",
    ("r"."articles")::text[] as "articles",
    ("r"."total")::numeric as "total",
    case when "step_1"."v2" or "step_1"."v3" then 'quarantined' else 'loaded' end as "_disposition",
    case when "step_1"."v2" or "step_1"."v3" then array_remove(array[case when "step_1"."v2" then 1 end, case when "step_1"."v3" then 2 end], null) end as "_reasons",
    "r"."ctid" as "_place"
  from "drover"."source_receipts" as "r"
  cross join lateral (
    select
      ("r"."receipt")::text as "v1",
      "r"."articles" is null as "v2",
      "r"."total" is null as "v3"
    offset 0
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
  returning disposition
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
  merged = (select count(*) from walked where disposition = 'merged'),
  matched = (select count(*) from walked where disposition = 'matched'),
  quarantined = (select count(*) from quarantined),
  excluded = (select count(*) from walked where disposition = 'excluded'),
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
    offset 0
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

-- receipts: close
begin;
alter table "drover"."crosswalk_receipts" add primary key (source_key);
analyze "drover"."crosswalk_receipts";
analyze "app"."receipts";
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
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."lines" as t) as hashed;
commit;
