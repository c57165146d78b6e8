-- hazard merges-rows, accounts: Rows of legacy.accounts with one identity become one row of app.accounts.
-- hazard runs-javascript, accounts: A function of the migration file makes sealed, hint; the rows it needs leave the database for it.
-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.accounts (2).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."accounts" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."accounts" drop constraint "accounts_pkey";
alter table "app"."accounts" drop constraint "accounts_owner_key";
commit;

-- =================================================================================================
-- 1. accounts: legacy.accounts → app.accounts
-- =================================================================================================
-- accounts: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_accounts" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- merges and matches, decided once
create table "drover"."resolution_accounts" as
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
      false as is_matched,
      false as is_torn,
      first_value(("a"."id")::int4) over same as "id"
    from (
      select "a".*
      from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'owner' then ("fix"."patch" ->> 'owner')::text else "t"."owner" end as "owner",
      case when "fix"."patch" ? 'token' then ("fix"."patch" ->> 'token')::text else "t"."token" end as "token",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::int4 else "t"."seen" end as "seen"
    from "legacy"."accounts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.accounts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
      where "a"."ctid" = any (array(
      with repeated as materialized (
        select hash, count(*) as rows, min(place) as first_place, max(place) as last_place
        from (
          select "a"."ctid" as place, hash_record_extended(row("step_2"."v2"), 0) as hash
          from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'owner' then ("fix"."patch" ->> 'owner')::text else "t"."owner" end as "owner",
      case when "fix"."patch" ? 'token' then ("fix"."patch" ->> 'token')::text else "t"."token" end as "token",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::int4 else "t"."seen" end as "seen"
    from "legacy"."accounts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.accounts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  cross join lateral (
    select
      btrim(regexp_replace(((normalize("a"."owner", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v1"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      lower("step_1"."v1" collate "pg_catalog"."und-x-icu") as "v2"
    offset '0'
  ) as "step_2"
          
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
          select "a"."ctid" as place, hash_record_extended(row("step_2"."v2"), 0) as hash
          from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'owner' then ("fix"."patch" ->> 'owner')::text else "t"."owner" end as "owner",
      case when "fix"."patch" ? 'token' then ("fix"."patch" ->> 'token')::text else "t"."token" end as "token",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::int4 else "t"."seen" end as "seen"
    from "legacy"."accounts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.accounts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  cross join lateral (
    select
      btrim(regexp_replace(((normalize("a"."owner", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v1"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      lower("step_1"."v1" collate "pg_catalog"."und-x-icu") as "v2"
    offset '0'
  ) as "step_2"
          
        ) as made
        where hash in (select hash from repeated where rows > 2)
      ) as further
      where exists (select from repeated where rows > 2)))
      offset '0'
    ) as "a"
  cross join lateral (
    select
      ("a"."id")::text as "v1",
      btrim(regexp_replace(((normalize("a"."owner", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v2"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      lower("step_1"."v2" collate "pg_catalog"."und-x-icu") as "v3"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      "step_2"."v3" is null as "v4"
    offset '0'
  ) as "step_3"
    where ("step_3"."v4") is not true
    window same as (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'accounts') then "step_1"."v1" end, "step_2"."v3" order by "a"."seen" desc nulls last, "step_1"."v1" collate "C")
  ) as grouped
  where source_key <> survivor_key or is_matched;
alter table "drover"."resolution_accounts" add primary key (source_key);
analyze "drover"."resolution_accounts";
-- source rows
select count(*) as n from "legacy"."accounts";
-- target rows before
select count(*) as n from "app"."accounts";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."accounts" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."accounts")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'accounts', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- accounts: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- what the row function is given. $1 here: lower bound, $2: upper bound
select "step_1"."v1" as source_key,
  array[("a"."token")::text]::text[] as reads
from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'owner' then ("fix"."patch" ->> 'owner')::text else "t"."owner" end as "owner",
      case when "fix"."patch" ? 'token' then ("fix"."patch" ->> 'token')::text else "t"."token" end as "token",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::int4 else "t"."seen" end as "seen"
    from "legacy"."accounts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.accounts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  cross join lateral (
    select
      ("a"."id")::text as "v1",
      btrim(regexp_replace(((normalize("a"."owner", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v2"
    offset '0'
  ) as "step_1"
  left join "drover"."resolution_accounts" as resolution on resolution.source_key = "step_1"."v1" collate "C"
  cross join lateral (
    select
      lower("step_1"."v2" collate "pg_catalog"."und-x-icu") as "v3"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      "step_2"."v3" is null as "v4"
    offset '0'
  ) as "step_3"
where ($1::text[] is null or ("a"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("a"."id") < (($2::text[])[1]::int4)) and ("step_3"."v4") is not true and coalesce("resolution"."disposition", 'loaded') <> 'merged';
-- the chunk. $5: what the function made of the rows, as JSON
with source as (
  select count(*) as n
  from "legacy"."accounts" as "a"
  where ($3::text[] is null or ("a"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("a"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "step_3"."v4" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    "step_1"."v1" as "_key",
    ("a"."id")::int4 as "id",
    ("step_2"."v3")::text as "owner",
    ("computed"."sealed")::bytea as "token_sealed",
    ("computed"."hint")::text as "token_hint",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "step_3"."v4" then array_remove(array[case when "step_2"."v3" is null then 1 end, case when ("computed"."_refused" = 'no-token') and "computed"."source_key" is not null then 2 end, case when ("computed"."_refused" = 'short-token') and "computed"."source_key" is not null then 3 end, case when ("computed"."sealed" is null) and "computed"."source_key" is not null and "computed"."_refused" is null then 4 end, case when ("computed"."hint" is null) and "computed"."source_key" is not null and "computed"."_refused" is null then 5 end], null) end as "_reasons",
    "a"."ctid" as "_place"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'owner' then ("fix"."patch" ->> 'owner')::text else "t"."owner" end as "owner",
      case when "fix"."patch" ? 'token' then ("fix"."patch" ->> 'token')::text else "t"."token" end as "token",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::int4 else "t"."seen" end as "seen"
    from "legacy"."accounts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.accounts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  cross join lateral (
    select
      ("a"."id")::text as "v1",
      btrim(regexp_replace(((normalize("a"."owner", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v2"
    offset '0'
  ) as "step_1"
  left join "drover"."resolution_accounts" as resolution on resolution.source_key = "step_1"."v1" collate "C"
  left join jsonb_to_recordset($5::jsonb) as computed ("source_key" text, "_refused" text, "sealed" bytea, "hint" text) on computed.source_key = "step_1"."v1"
  cross join lateral (
    select
      lower("step_1"."v2" collate "pg_catalog"."und-x-icu") as "v3"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      "step_2"."v3" is null or ("computed"."_refused" = 'no-token') and "computed"."source_key" is not null or ("computed"."_refused" = 'short-token') and "computed"."source_key" is not null or ("computed"."sealed" is null) and "computed"."source_key" is not null and "computed"."_refused" is null or ("computed"."hint" is null) and "computed"."source_key" is not null and "computed"."_refused" is null as "v4"
    offset '0'
  ) as "step_3"
  where ($3::text[] is null or ("a"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("a"."id") < (($4::text[])[1]::int4))
), loaded as (
  insert into "app"."accounts" ("id", "owner", "token_sealed", "token_hint")
  select "id", "owner", "token_sealed", "token_hint"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_accounts" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'accounts', "s"."_key", $2::bigint,
    (array['no-owner', 'no-token', 'short-token', 'missing', 'missing'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-owner', 'owner'), (2, 'no-token', 'token_sealed'), (3, 'short-token', 'token_sealed'), (4, 'missing', 'token_sealed'), (5, 'missing', 'token_hint')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*) - array['token']
      from "legacy"."accounts" as original
      where original.ctid = "s"."_place"
    )
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'accounts', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
)
update drover.chunk
set state = 'done',
  read = (select n from source),
  loaded = (select count(*) from loaded),
  quarantined = (select count(*) from quarantined),
  "merged" = carried."merged",
  "matched" = 0,
  "excluded" = 0,
  finished_at = clock_timestamp()
from (
  select count(*) filter (where "s"."_disposition" = 'merged') as "merged"
  from s
) as carried
where run_id = $1::bigint and mapping = 'accounts' and number = $2::bigint;
commit;

-- accounts: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("a"."id")::text] as bound, row_number() over (order by "a"."id") as position, count(*) as rows
  from "legacy"."accounts" as "a"
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

-- accounts: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."accounts" as "a"
  where ($3::text[] is null or ("a"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("a"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*) - array['token']
      from "legacy"."accounts" as original
      where original.ctid = "a"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'owner' then ("fix"."patch" ->> 'owner')::text else "t"."owner" end as "owner",
      case when "fix"."patch" ? 'token' then ("fix"."patch" ->> 'token')::text else "t"."token" end as "token",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::int4 else "t"."seen" end as "seen"
    from "legacy"."accounts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.accounts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  cross join lateral (
    select
      ("a"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("a"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("a"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_accounts" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'accounts', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'accounts' and number = $2::bigint
returning quarantined;
commit;

-- accounts: the key of the crosswalk
begin;
alter table "drover"."crosswalk_accounts" add primary key (source_key);
analyze "drover"."crosswalk_accounts";
commit;

-- accounts: the statistics of the target
begin;
analyze "app"."accounts";
commit;

-- accounts_owner_key
begin;
CREATE UNIQUE INDEX accounts_owner_key ON app.accounts USING btree (owner);
commit;

-- accounts_owner_key: where rows of accounts break it, these are moved, and it is made again
begin;
-- $2 here: the entry that adjusts the counts
with clash as materialized (
  select "t"."owner"
  from "app"."accounts" as t
  where "t"."owner" is not null
  group by "t"."owner"
  having count(*) > 1
), ranked as (
  select walked.source_key as _source_key, "t"."id",
    row_number() over (
      partition by "t"."owner"
      order by walked.source_key is not null, walked.source_key collate "C"
    ) as _place
  from "app"."accounts" as t
  join clash on "clash"."owner" = "t"."owner"
  left join "drover"."crosswalk_accounts" as walked on "walked"."id" = "t"."id" and "walked"."disposition" = 'loaded'
  
), moved as materialized (
  select *
  from ranked
  where _place > 1 and _source_key is not null
), deleted as (
  delete from "app"."accounts" as t
  using moved
  where "t"."id" = "moved"."id"
  returning 1
), walked as (
  update "drover"."crosswalk_accounts" as walked
  set disposition = 'quarantined', "id" = null
  from moved
  where walked.source_key = moved._source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'accounts', "step_1"."v1", $2::bigint, 'error-23505', '[{"code":"error-23505","column":"owner","table":"app.accounts","constraint":"accounts_owner_key"}]'::jsonb, (
      select to_jsonb("original".*) - array['token']
      from "legacy"."accounts" as original
      where original.ctid = "a"."ctid"
    ), '23505'
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'owner' then ("fix"."patch" ->> 'owner')::text else "t"."owner" end as "owner",
      case when "fix"."patch" ? 'token' then ("fix"."patch" ->> 'token')::text else "t"."token" end as "token",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::int4 else "t"."seen" end as "seen"
    from "legacy"."accounts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.accounts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  cross join lateral (
    select
      ("a"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where "step_1"."v1" collate "C" in (select _source_key from moved)
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'accounts', $2::bigint, 'adjustment', 'done', 0, -n, 0, 0, n, 0, clock_timestamp()
from (select count(*) as n from deleted) as moved
where n > 0
returning number;
commit;

-- accounts_pkey
begin;
CREATE UNIQUE INDEX accounts_pkey ON app.accounts USING btree (id);
commit;

-- accounts: close
begin;
-- what is checked late, now
set constraints all immediate;
-- duplicates whose survivor was not loaded. Repeated until no row is left. $2 here: the entry that adjusts the counts
with lost as (
  delete from drover.merge as merge
  using "drover"."crosswalk_accounts" as survivor
  where merge.run_id = $1::bigint and merge.mapping = 'accounts'
    and survivor.source_key = merge.survivor_key and survivor.disposition not in ('loaded', 'matched')
  returning merge.source_key
), walked as (
  update "drover"."crosswalk_accounts" as walked
  set disposition = 'quarantined', "id" = null
  from lost
  where walked.source_key = lost.source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'accounts', "step_1"."v1", $2::bigint, 'survivor-quarantined',
    '[{"code": "survivor-quarantined", "column": null}]'::jsonb, (
      select to_jsonb("original".*) - array['token']
      from "legacy"."accounts" as original
      where original.ctid = "a"."ctid"
    )
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'owner' then ("fix"."patch" ->> 'owner')::text else "t"."owner" end as "owner",
      case when "fix"."patch" ? 'token' then ("fix"."patch" ->> 'token')::text else "t"."token" end as "token",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::int4 else "t"."seen" end as "seen"
    from "legacy"."accounts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.accounts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  cross join lateral (
    select
      ("a"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where "step_1"."v1" collate "C" in (select source_key from lost)
)
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, 'accounts', $2::bigint, 'adjustment', 'done', 0, 0, -n, 0, n, 0, clock_timestamp()
from (select count(*) as n from lost) as moved
where n > 0
returning number;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."accounts";
-- target rows after
select count(*) as n from "app"."accounts";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."accounts" add constraint "accounts_owner_key" unique using index "accounts_owner_key";
alter table "app"."accounts" add constraint "accounts_pkey" primary key using index "accounts_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."accounts" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- accounts: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'accounts', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'owner' then ("fix"."patch" ->> 'owner')::text else "t"."owner" end as "owner",
      case when "fix"."patch" ? 'token' then ("fix"."patch" ->> 'token')::text else "t"."token" end as "token",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::int4 else "t"."seen" end as "seen"
    from "legacy"."accounts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.accounts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  cross join lateral (
    select
      ("a"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_accounts" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("a"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'shop' and relation in ('legacy.accounts')))) as found
on conflict do nothing;
-- duplicates are told apart again
insert into "drover"."resolution_accounts"
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
      false as is_matched,
      false as is_torn,
      case when walked.disposition in ('loaded', 'matched') then "walked"."id" else first_value(case when walked.disposition in ('loaded', 'matched') then "walked"."id" else ("a"."id")::int4 end) over same end as "id",
      walked.disposition as _before,
      "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'accounts' and purpose in ('try') and not done) as _is_tried,
      bool_or("step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'accounts' and purpose in ('try', 'group') and not done)) over (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'accounts') then "step_1"."v1" end, "step_2"."v3") as _is_touched
    from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'owner' then ("fix"."patch" ->> 'owner')::text else "t"."owner" end as "owner",
      case when "fix"."patch" ? 'token' then ("fix"."patch" ->> 'token')::text else "t"."token" end as "token",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::int4 else "t"."seen" end as "seen"
    from "legacy"."accounts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.accounts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  cross join lateral (
    select
      ("a"."id")::text as "v1",
      btrim(regexp_replace(((normalize("a"."owner", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v2"
    offset '0'
  ) as "step_1"
  cross join lateral (
    select
      lower("step_1"."v2" collate "pg_catalog"."und-x-icu") as "v3"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      "step_2"."v3" is null as "v4"
    offset '0'
  ) as "step_3"
  join "drover"."crosswalk_accounts" as walked on walked.source_key = "step_1"."v1" collate "C"
    where ("step_3"."v4") is not true and (walked.disposition <> 'excluded' and not (walked.disposition = 'quarantined' and "step_1"."v1" collate "C" in (
        select source_key
        from drover.quarantine
        where run_id = $1::bigint and mapping = 'accounts' and accepted_at is not null
      )) or "step_1"."v1" collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'accounts' and purpose in ('try') and not done))
    window same as (partition by case when "step_1"."v1" in (select source_key from "drover"."apart" where migration = 'shop' and mapping = 'accounts') then "step_1"."v1" end, "step_2"."v3" order by (walked.disposition in ('loaded', 'matched')) desc, "a"."seen" desc nulls last, "step_1"."v1" collate "C")
  ) as grouped
  where _is_touched and (_is_tried or _before <> 'quarantined')
on conflict (source_key) do update set "disposition" = "excluded"."disposition", "survivor_key" = "excluded"."survivor_key", "id" = "excluded"."id";
-- what the row function is given
select "step_1"."v1" as source_key,
  array[("a"."token")::text]::text[] as reads
from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'owner' then ("fix"."patch" ->> 'owner')::text else "t"."owner" end as "owner",
      case when "fix"."patch" ? 'token' then ("fix"."patch" ->> 'token')::text else "t"."token" end as "token",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::int4 else "t"."seen" end as "seen"
    from "legacy"."accounts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.accounts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  cross join lateral (
    select
      ("a"."id")::text as "v1",
      btrim(regexp_replace(((normalize("a"."owner", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v2"
    offset '0'
  ) as "step_1"
  left join "drover"."resolution_accounts" as resolution on resolution.source_key = "step_1"."v1" collate "C"
  cross join lateral (
    select
      lower("step_1"."v2" collate "pg_catalog"."und-x-icu") as "v3"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      "step_2"."v3" is null as "v4"
    offset '0'
  ) as "step_3"
where "a"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'accounts' and purpose in ('try') and not done) as named) and ("step_3"."v4") is not true and coalesce("resolution"."disposition", 'loaded') <> 'merged';
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "step_3"."v4" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    "step_1"."v1" as "_key",
    ("a"."id")::int4 as "id",
    ("step_2"."v3")::text as "owner",
    ("computed"."sealed")::bytea as "token_sealed",
    ("computed"."hint")::text as "token_hint",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "step_3"."v4" then array_remove(array[case when "step_2"."v3" is null then 1 end, case when ("computed"."_refused" = 'no-token') and "computed"."source_key" is not null then 2 end, case when ("computed"."_refused" = 'short-token') and "computed"."source_key" is not null then 3 end, case when ("computed"."sealed" is null) and "computed"."source_key" is not null and "computed"."_refused" is null then 4 end, case when ("computed"."hint" is null) and "computed"."source_key" is not null and "computed"."_refused" is null then 5 end], null) end as "_reasons",
    "a"."ctid" as "_place"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'owner' then ("fix"."patch" ->> 'owner')::text else "t"."owner" end as "owner",
      case when "fix"."patch" ? 'token' then ("fix"."patch" ->> 'token')::text else "t"."token" end as "token",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::int4 else "t"."seen" end as "seen"
    from "legacy"."accounts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.accounts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  cross join lateral (
    select
      ("a"."id")::text as "v1",
      btrim(regexp_replace(((normalize("a"."owner", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v2"
    offset '0'
  ) as "step_1"
  left join "drover"."resolution_accounts" as resolution on resolution.source_key = "step_1"."v1" collate "C"
  left join jsonb_to_recordset($5::jsonb) as computed ("source_key" text, "_refused" text, "sealed" bytea, "hint" text) on computed.source_key = "step_1"."v1"
  cross join lateral (
    select
      lower("step_1"."v2" collate "pg_catalog"."und-x-icu") as "v3"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      "step_2"."v3" is null or ("computed"."_refused" = 'no-token') and "computed"."source_key" is not null or ("computed"."_refused" = 'short-token') and "computed"."source_key" is not null or ("computed"."sealed" is null) and "computed"."source_key" is not null and "computed"."_refused" is null or ("computed"."hint" is null) and "computed"."source_key" is not null and "computed"."_refused" is null as "v4"
    offset '0'
  ) as "step_3"
  where "a"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'accounts' and purpose in ('try') and not done) as named) and coalesce($3::text[], $4::text[]) is null
  ) as made
  join "drover"."crosswalk_accounts" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."accounts" ("id", "owner", "token_sealed", "token_hint")
  select "id", "owner", "token_sealed", "token_hint"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_accounts" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" when 'merged' then "s"."_resolved_id" when 'matched' then "s"."_resolved_id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
  select $1::bigint, 'accounts', "s"."_key", $2::bigint,
    (array['no-owner', 'no-token', 'short-token', 'missing', 'missing'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-owner', 'owner'), (2, 'no-token', 'token_sealed'), (3, 'short-token', 'token_sealed'), (4, 'missing', 'token_sealed'), (5, 'missing', 'token_hint')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*) - array['token']
      from "legacy"."accounts" as original
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
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'accounts' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), parted as (
  delete from drover.merge as m
  using s
  where "m"."run_id" = $1::bigint and "m"."mapping" = 'accounts' and "m"."source_key" = "s"."_key"
), merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, 'accounts', "s"."_key", "s"."_survivor"
  from s
  where "s"."_disposition" = 'merged'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'accounts' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'accounts' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'accounts', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'accounts', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_accounts" (like "app"."accounts", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "step_3"."v4" then 'quarantined' else coalesce("resolution"."disposition", 'loaded') end as "_disposition",
    "step_1"."v1" as "_key",
    ("step_2"."v3")::text as "owner",
    "resolution"."survivor_key" as "_survivor",
    "resolution"."id" as "_resolved_id",
    case when "step_3"."v4" then array_remove(array[case when "step_2"."v3" is null then 1 end], null) end as "_reasons"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'owner' then ("fix"."patch" ->> 'owner')::text else "t"."owner" end as "owner",
      case when "fix"."patch" ? 'token' then ("fix"."patch" ->> 'token')::text else "t"."token" end as "token",
      case when "fix"."patch" ? 'seen' then ("fix"."patch" ->> 'seen')::int4 else "t"."seen" end as "seen"
    from "legacy"."accounts" as t
    left join "drover"."overlay" as fix on fix.migration = 'shop'
      and fix.relation = 'legacy.accounts' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "a"
  cross join lateral (
    select
      ("a"."id")::text as "v1",
      btrim(regexp_replace(((normalize("a"."owner", nfkc))::text collate "default"), '[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]+', ' ', 'g')) as "v2"
    offset '0'
  ) as "step_1"
  left join "drover"."resolution_accounts" as resolution on resolution.source_key = "step_1"."v1" collate "C"
  cross join lateral (
    select
      lower("step_1"."v2" collate "pg_catalog"."und-x-icu") as "v3"
    offset '0'
  ) as "step_2"
  cross join lateral (
    select
      "step_2"."v3" is null as "v4"
    offset '0'
  ) as "step_3"
  where "a"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'accounts' and purpose in ('change') and not done) as named)
  ) as made
  join "drover"."crosswalk_accounts" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."accounts" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."owner") is distinct from ("s"."owner"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_accounts" ("id", "owner", "token_sealed", "token_hint", "checked_at", "drover_version")
  select "id", "owner", "token_sealed", "token_hint", "checked_at", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."accounts" as t
  set "owner" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."owner" else "t"."owner" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'accounts', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('owner', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'accounts' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'accounts' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;
