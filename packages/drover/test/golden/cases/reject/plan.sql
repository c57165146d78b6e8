-- hazard drops-indexes, all: Indexes and constraints are taken off the tables that are empty, and made again after the load; who reads or writes there meanwhile does without them: app.members (1), app.payments (1).
-- =================================================================================================
-- The source is frozen, in the transaction that makes the run.
-- =================================================================================================
-- freeze
begin;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."members" as t offset '0') as hashed;
-- what must be the same at the end
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."payments" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- Indexes and constraints of targets that are empty are taken off, in the same transaction; those of a table
-- that holds rows stay.
-- =================================================================================================
-- take off
begin;
alter table "app"."payments" drop constraint "payments_pkey";
alter table "app"."members" drop constraint "members_pkey";
commit;

-- =================================================================================================
-- 1. members: legacy.members → app.members
-- =================================================================================================
-- members: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_members" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."members";
-- target rows before
select count(*) as n from "app"."members";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."members" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."members")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'members', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- members: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."members" as "m"
  where ($3::text[] is null or ("m"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("m"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_2.v4" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."m.id")::int4 as "id",
    ("row"."m.name")::text as "name",
    ("row"."step_2.v3")::text as "email",
    case when "row"."step_2.v4" then array_remove(array[case when "row"."m.name" like 'TEST %' then 1 end, case when not ((("row"."step_1.v2")::text collate "default") ~ '^[^@ ]+@[^@ ]+$') then 2 end], null) end as "_reasons",
    "row"."m.ctid" as "_place"
  from (
  select
    "row"."m.name" like 'TEST %' or not ((("row"."step_1.v2")::text collate "default") ~ '^[^@ ]+@[^@ ]+$') as "step_2.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."m.id" as "m.id",
    "row"."m.name" as "m.name",
    case when (("row"."step_1.v2")::text collate "default") ~ '^[^@ ]+@[^@ ]+$' then "row"."step_1.v2" end as "step_2.v3",
    "row"."step_1.v2" as "step_1.v2",
    "row"."m.ctid" as "m.ctid"
  from (
  select
    "m"."name" as "m.name",
    lower(btrim(normalize("m"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "step_1.v2",
    ("m"."id")::text as "step_1.v1",
    "m"."id" as "m.id",
    "m"."ctid" as "m.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email"
    from "legacy"."members" as t
    left join "drover"."overlay" as fix on fix.migration = 'club'
      and fix.relation = 'legacy.members' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "m"
  where ($3::text[] is null or ("m"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("m"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."members" ("id", "name", "email")
  select "id", "name", "email"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_members" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, accepted_at, accepted_by, accepted_why)
  select $1::bigint, 'members', "s"."_key", $2::bigint,
    (array['made-for-tests', 'invalid-email'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'made-for-tests', 'name'), (2, 'invalid-email', 'email')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."members" as original
      where original.ctid = "s"."_place"
    ),
    case when "s"."_reasons"[1] in (1) then clock_timestamp() end,
    case when "s"."_reasons"[1] in (1) then session_user end,
    case when "s"."_reasons"[1] in (1) then 'declared by the migration' end
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
where run_id = $1::bigint and mapping = 'members' and number = $2::bigint;
commit;

-- members: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("m"."id")::text] as bound, row_number() over (order by "m"."id") as position, count(*) as rows
  from "legacy"."members" as "m"
    where ($1::text[] is null or ("m"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("m"."id") < (($2::text[])[1]::int4)) and "m"."id" is not null
  group by "m"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- members: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."members" as "m"
  where ($3::text[] is null or ("m"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("m"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."members" as original
      where original.ctid = "m"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email"
    from "legacy"."members" as t
    left join "drover"."overlay" as fix on fix.migration = 'club'
      and fix.relation = 'legacy.members' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "m"
  cross join lateral (
    select
      ("m"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("m"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("m"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_members" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'members', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'members' and number = $2::bigint
returning quarantined;
commit;

-- members: the key of the crosswalk
begin;
alter table "drover"."crosswalk_members" add primary key (source_key);
analyze "drover"."crosswalk_members";
commit;

-- members: the statistics of the target
begin;
analyze "app"."members";
commit;

-- members_pkey
begin;
CREATE UNIQUE INDEX members_pkey ON app.members USING btree (id);
commit;

-- members: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."members";
-- target rows after
select count(*) as n from "app"."members";
commit;

-- =================================================================================================
-- 2. payments: legacy.payments → app.payments
-- begins when members is done
-- =================================================================================================
-- payments: prepare
begin;
-- the crosswalk: what becomes of each source row
create table "drover"."crosswalk_payments" (
  source_key text collate "C" not null,
  disposition text not null,
  "id" int4
);
-- source rows
select count(*) as n from "legacy"."payments";
-- target rows before
select count(*) as n from "app"."payments";
-- the pieces that chunks are made of. $2 here: rows per piece
with piece as (
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array["k"."id"::text] as bound,
      row_number() over (order by "k"."id") as position
    from "legacy"."payments" as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from "legacy"."payments")
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, 'payments', number, lower, lead(lower) over (order by number), rows
from piece;
commit;

-- payments: each chunk
begin;
-- a violated constraint must show before the chunk is marked done
set constraints all immediate;
-- the chunk
with source as (
  select count(*) as n
  from "legacy"."payments" as "p"
  where ($3::text[] is null or ("p"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("p"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select
    case when "row"."step_3.v10" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_3.v7" or "row"."step_3.v8" then array[case when "row"."step_3.v7" then 1 end, case when "row"."step_3.v8" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."p.id")::int4 as "id",
    ("row"."ref_3.id")::int4 as "member_id",
    ("row"."step_3.v9")::numeric as "amount",
    ("row"."step_1.v6")::date as "paid_on",
    case when "row"."step_3.v10" then array_remove(array[case when "row"."p.member_id" is null then 1 end, case when ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null) then 2 end, case when "row"."step_1.v2" is not null and "row"."ref_3.source_key" is null then 3 end, case when ("row"."p.locale" is null and "row"."step_1.v4" is not null and (("row"."p.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 4 end, case when (("row"."p.amount")::text collate "default") is not null and "row"."step_2.v5" is null and ("row"."p.locale" is null and "row"."step_1.v4" is not null and (("row"."p.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 5 end, case when not (abs("row"."step_2.v5") < '99999999999999.9999995'::numeric) then 6 end, case when "row"."p.paid_on" is not null and "row"."step_1.v6" is null then 7 end], null) end as "_reasons",
    "row"."p.ctid" as "_place",
    case when "row"."step_3.v7" or "row"."step_3.v8" then array[("row"."p.amount")::text, ("row"."p.amount")::text]::text[] end as "_originals"
  from (
  select
    "row"."p.member_id" is null or ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "row"."step_1.v2" is not null and "ref_3"."source_key" is null or ("row"."p.locale" is null and "row"."step_1.v4" is not null and (("row"."p.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."p.amount")::text collate "default") is not null and "row"."step_2.v5" is null and ("row"."p.locale" is null and "row"."step_1.v4" is not null and (("row"."p.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_2.v5") < '99999999999999.9999995'::numeric) or "row"."p.paid_on" is not null and "row"."step_1.v6" is null as "step_3.v10",
    ("row"."step_1.v4" <> btrim((("row"."p.amount")::text collate "default"))) and abs("row"."step_2.v5") < '99999999999999.9999995'::numeric as "step_3.v7",
    "row"."step_2.v5" <> round("row"."step_2.v5", 6) and abs("row"."step_2.v5") < '99999999999999.9999995'::numeric as "step_3.v8",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "ref_3"."id" as "ref_3.id",
    case when abs("row"."step_2.v5") < '99999999999999.9999995'::numeric then round("row"."step_2.v5", 6) end as "step_3.v9",
    "row"."step_1.v6" as "step_1.v6",
    "row"."p.member_id" as "p.member_id",
    "ref_3"."source_key" as "ref_3.source_key",
    "row"."step_1.v2" as "step_1.v2",
    "row"."p.locale" as "p.locale",
    "row"."step_1.v4" as "step_1.v4",
    "row"."p.amount" as "p.amount",
    "row"."step_2.v5" as "step_2.v5",
    "row"."p.paid_on" as "p.paid_on",
    "row"."p.ctid" as "p.ctid"
  from (
  select
    "row"."p.member_id" as "p.member_id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."p.locale" as "p.locale",
    "row"."step_1.v4" as "step_1.v4",
    "row"."p.amount" as "p.amount",
    case when ("row"."p.locale" is null and "row"."step_1.v4" is not null and (("row"."p.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v4"::numeric end as "step_2.v5",
    "row"."p.paid_on" as "p.paid_on",
    "row"."step_1.v6" as "step_1.v6",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "row"."p.ctid" as "p.ctid"
  from (
  select
    "p"."member_id" as "p.member_id",
    ("p"."member_id")::text as "step_1.v2",
    "p"."locale" as "p.locale",
    case
      when (("p"."amount")::text collate "default") is null then null
      when length((("p"."amount")::text collate "default")) <= 30 and (("p"."amount")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce("p"."locale", 'en') = 'en' then (("p"."amount")::text collate "default")
      when length((("p"."amount")::text collate "default")) <= 30 and (("p"."amount")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce("p"."locale", 'en') = 'en' then translate((("p"."amount")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("p"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce("p"."locale", 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when "p"."locale" = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when "p"."locale" = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("p"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("p"."amount")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("p"."amount")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("p"."amount")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v4",
    "p"."amount" as "p.amount",
    "p"."paid_on" as "p.paid_on",
    case when (("p"."paid_on")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("p"."paid_on", 4) <> '0000' then
      case when right("p"."paid_on", 2)::integer <= 28 or right("p"."paid_on", 2)::integer <= extract(day from (left("p"."paid_on", 8) || '01')::date + interval '1 month - 1 day') then "p"."paid_on"::date end
    end as "step_1.v6",
    ("p"."id")::text as "step_1.v1",
    "p"."id" as "p.id",
    "p"."ctid" as "p.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'member_id' then ("fix"."patch" ->> 'member_id')::int4 else "t"."member_id" end as "member_id",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'locale' then ("fix"."patch" ->> 'locale')::text else "t"."locale" end as "locale",
      case when "fix"."patch" ? 'paid_on' then ("fix"."patch" ->> 'paid_on')::text else "t"."paid_on" end as "paid_on"
    from "legacy"."payments" as t
    left join "drover"."overlay" as fix on fix.migration = 'club'
      and fix.relation = 'legacy.payments' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  where ($3::text[] is null or ("p"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("p"."id") < (($4::text[])[1]::int4))
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_members" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
), loaded as (
  insert into "app"."payments" ("id", "member_id", "amount", "paid_on")
  select "id", "member_id", "amount", "paid_on"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  insert into "drover"."crosswalk_payments" (source_key, disposition, "id")
  select "s"."_key", "s"."_disposition", case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, accepted_at, accepted_by, accepted_why)
  select $1::bigint, 'payments', "s"."_key", $2::bigint,
    (array['no-member', 'waiting', 'lost-member', 'ambiguous-number', 'no-amount', 'no-amount', 'no-date'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-member', 'member_id'), (2, 'waiting', 'member_id'), (3, 'lost-member', 'member_id'), (4, 'ambiguous-number', 'amount'), (5, 'no-amount', 'amount'), (6, 'no-amount', 'amount'), (7, 'no-date', 'paid_on')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."payments" as original
      where original.ctid = "s"."_place"
    ),
    case when "s"."_reasons"[1] in (1, 3, 5, 6) then clock_timestamp() end,
    case when "s"."_reasons"[1] in (1, 3, 5, 6) then session_user end,
    case when "s"."_reasons"[1] in (1, 3, 5, 6) then 'declared by the migration' end
  from s
  where "s"."_disposition" = 'quarantined'
  returning 1
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'payments', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'amount'), (2, 'rounded', 'amount')) as guard (number, code, column_name) on guard.number = log.number
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
where run_id = $1::bigint and mapping = 'payments' and number = $2::bigint;
commit;

-- payments: a chunk that is to be cut in two
begin;
-- where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half
with place as (
  select array[("p"."id")::text] as bound, row_number() over (order by "p"."id") as position, count(*) as rows
  from "legacy"."payments" as "p"
    where ($1::text[] is null or ("p"."id") >= (($1::text[])[1]::int4)) and ($2::text[] is null or ("p"."id") < (($2::text[])[1]::int4)) and "p"."id" is not null
  group by "p"."id"
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1;
commit;

-- payments: a chunk of one row that the database refuses
begin;
-- $5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked
with source as (
  select count(*) as n
  from "legacy"."payments" as "p"
  where ($3::text[] is null or ("p"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("p"."id") < (($4::text[])[1]::int4))
), s as materialized (
  select "step_1"."v1" as source_key,
    case when $8::boolean is null then 'excluded' else 'quarantined' end as disposition,
    (
      select to_jsonb("original".*)
      from "legacy"."payments" as original
      where original.ctid = "p"."ctid"
    ) as original
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'member_id' then ("fix"."patch" ->> 'member_id')::int4 else "t"."member_id" end as "member_id",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'locale' then ("fix"."patch" ->> 'locale')::text else "t"."locale" end as "locale",
      case when "fix"."patch" ? 'paid_on' then ("fix"."patch" ->> 'paid_on')::text else "t"."paid_on" end as "paid_on"
    from "legacy"."payments" as t
    left join "drover"."overlay" as fix on fix.migration = 'club'
      and fix.relation = 'legacy.payments' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  cross join lateral (
    select
      ("p"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  where ($3::text[] is null or ("p"."id") >= (($3::text[])[1]::int4)) and ($4::text[] is null or ("p"."id") < (($4::text[])[1]::int4))
), walked as (
  insert into "drover"."crosswalk_payments" (source_key, disposition)
  select source_key, disposition
  from s
  returning disposition
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, 'payments', source_key, $2::bigint, $5::text, $6::jsonb, original, $7::text
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
where run_id = $1::bigint and mapping = 'payments' and number = $2::bigint
returning quarantined;
commit;

-- payments: the key of the crosswalk
begin;
alter table "drover"."crosswalk_payments" add primary key (source_key);
analyze "drover"."crosswalk_payments";
commit;

-- payments: the statistics of the target
begin;
analyze "app"."payments";
commit;

-- payments_pkey
begin;
CREATE UNIQUE INDEX payments_pkey ON app.payments USING btree (id);
commit;

-- payments: close
begin;
-- what is checked late, now
set constraints all immediate;
-- source rows again: the chunks must have read as many
select count(*) as n from "legacy"."payments";
-- target rows after
select count(*) as n from "app"."payments";
commit;

-- =================================================================================================
-- Indexes, as soon as the rows of their table are in. Each statement is a transaction.
-- =================================================================================================
-- indexes
begin;
alter table "app"."members" add constraint "members_pkey" primary key using index "members_pkey";
alter table "app"."payments" add constraint "payments_pkey" primary key using index "payments_pkey";
commit;

-- =================================================================================================
-- The source is let go, when every mapping is closed.
-- =================================================================================================
-- release
begin;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."members" as t offset '0') as hashed;
-- it must be what it was
select count(*) || ' ' || coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || ' ' || coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint), 0) as digest
from (select md5(row(t.*)::text) as hash from "legacy"."payments" as t offset '0') as hashed;
commit;

-- =================================================================================================
-- What `drover quarantine retry` and `drover unmerge` execute once the run is loaded: all in one transaction, each
-- part for the mappings that it concerns. The ledger names the rows, in drover.repair_key. Parameters: $1 run.
-- =================================================================================================
-- members: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'members', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email"
    from "legacy"."members" as t
    left join "drover"."overlay" as fix on fix.migration = 'club'
      and fix.relation = 'legacy.members' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "m"
  cross join lateral (
    select
      ("m"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_members" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("m"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'club' and relation in ('legacy.members')))) as found
on conflict do nothing;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_2.v4" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."m.id")::int4 as "id",
    ("row"."m.name")::text as "name",
    ("row"."step_2.v3")::text as "email",
    case when "row"."step_2.v4" then array_remove(array[case when "row"."m.name" like 'TEST %' then 1 end, case when not ((("row"."step_1.v2")::text collate "default") ~ '^[^@ ]+@[^@ ]+$') then 2 end], null) end as "_reasons",
    "row"."m.ctid" as "_place"
  from (
  select
    "row"."m.name" like 'TEST %' or not ((("row"."step_1.v2")::text collate "default") ~ '^[^@ ]+@[^@ ]+$') as "step_2.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."m.id" as "m.id",
    "row"."m.name" as "m.name",
    case when (("row"."step_1.v2")::text collate "default") ~ '^[^@ ]+@[^@ ]+$' then "row"."step_1.v2" end as "step_2.v3",
    "row"."step_1.v2" as "step_1.v2",
    "row"."m.ctid" as "m.ctid"
  from (
  select
    "m"."name" as "m.name",
    lower(btrim(normalize("m"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "step_1.v2",
    ("m"."id")::text as "step_1.v1",
    "m"."id" as "m.id",
    "m"."ctid" as "m.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email"
    from "legacy"."members" as t
    left join "drover"."overlay" as fix on fix.migration = 'club'
      and fix.relation = 'legacy.members' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "m"
  where "m"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'members' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_members" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."members" ("id", "name", "email")
  select "id", "name", "email"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_members" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, accepted_at, accepted_by, accepted_why)
  select $1::bigint, 'members', "s"."_key", $2::bigint,
    (array['made-for-tests', 'invalid-email'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'made-for-tests', 'name'), (2, 'invalid-email', 'email')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."members" as original
      where original.ctid = "s"."_place"
    ),
    case when "s"."_reasons"[1] in (1) then clock_timestamp() end,
    case when "s"."_reasons"[1] in (1) then session_user end,
    case when "s"."_reasons"[1] in (1) then 'declared by the migration' end
  from s
  where "s"."_disposition" = 'quarantined'
  on conflict (run_id, mapping, source_key) do update
  set code = excluded.code, reasons = excluded.reasons, sqlstate = null, set_aside_at = excluded.set_aside_at,
    "accepted_at" = case when quarantine.accepted_why <> 'declared by the migration' then quarantine."accepted_at" else excluded."accepted_at" end,
    "accepted_by" = case when quarantine.accepted_why <> 'declared by the migration' then quarantine."accepted_by" else excluded."accepted_by" end,
    "accepted_why" = case when quarantine.accepted_why <> 'declared by the migration' then quarantine."accepted_why" else excluded."accepted_why" end
  returning 1
), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'members' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'members' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'members' and "log"."source_key" = "s"."_key"
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'members', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'members', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_members" (like "app"."members", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_2.v4" then 'quarantined' else 'loaded' end as "_disposition",
    "row"."step_1.v1" as "_key",
    ("row"."m.id")::int4 as "id",
    ("row"."m.name")::text as "name",
    ("row"."step_2.v3")::text as "email",
    case when "row"."step_2.v4" then array_remove(array[case when "row"."m.name" like 'TEST %' then 1 end, case when not ((("row"."step_1.v2")::text collate "default") ~ '^[^@ ]+@[^@ ]+$') then 2 end], null) end as "_reasons"
  from (
  select
    "row"."m.name" like 'TEST %' or not ((("row"."step_1.v2")::text collate "default") ~ '^[^@ ]+@[^@ ]+$') as "step_2.v4",
    "row"."step_1.v1" as "step_1.v1",
    "row"."m.id" as "m.id",
    "row"."m.name" as "m.name",
    case when (("row"."step_1.v2")::text collate "default") ~ '^[^@ ]+@[^@ ]+$' then "row"."step_1.v2" end as "step_2.v3",
    "row"."step_1.v2" as "step_1.v2",
    "row"."m.ctid" as "m.ctid"
  from (
  select
    "m"."name" as "m.name",
    lower(btrim(normalize("m"."email", nfkc), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') collate "pg_catalog"."und-x-icu") as "step_1.v2",
    ("m"."id")::text as "step_1.v1",
    "m"."id" as "m.id",
    "m"."ctid" as "m.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'name' then ("fix"."patch" ->> 'name')::text else "t"."name" end as "name",
      case when "fix"."patch" ? 'email' then ("fix"."patch" ->> 'email')::text else "t"."email" end as "email"
    from "legacy"."members" as t
    left join "drover"."overlay" as fix on fix.migration = 'club'
      and fix.relation = 'legacy.members' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "m"
  where "m"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'members' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_members" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."members" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."name") is distinct from ("s"."name") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."email") is distinct from ("s"."email"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_members" ("id", "name", "email", "drover_version")
  select "id", "name", "email", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."members" as t
  set "name" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."name" else "t"."name" end,
    "email" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."email" else "t"."email" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'members', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('name', array['*']), ('email', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'members' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'members' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
)
select count(*) as changed
from updated;
commit;

-- payments: mend
begin;
set constraints all immediate;
-- rows that are made of rows of the source which have fixes
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'payments', source_key, purpose
from (
  select walked.source_key, case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'member_id' then ("fix"."patch" ->> 'member_id')::int4 else "t"."member_id" end as "member_id",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'locale' then ("fix"."patch" ->> 'locale')::text else "t"."locale" end as "locale",
      case when "fix"."patch" ? 'paid_on' then ("fix"."patch" ->> 'paid_on')::text else "t"."paid_on" end as "paid_on"
    from "legacy"."payments" as t
    left join "drover"."overlay" as fix on fix.migration = 'club'
      and fix.relation = 'legacy.payments' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  cross join lateral (
    select
      ("p"."id")::text as "v1"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_payments" as walked on walked.source_key = "step_1"."v1" collate "C"
  where walked.disposition <> 'quarantined' and ((("p"."id")::text) collate "C" in (select row_key from drover.overlay where migration = 'club' and relation in ('legacy.payments')))) as found
on conflict do nothing;
-- rows that refer to moved rows of members
insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, 'payments', source_key, purpose
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'member_id' then ("fix"."patch" ->> 'member_id')::int4 else "t"."member_id" end as "member_id",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'locale' then ("fix"."patch" ->> 'locale')::text else "t"."locale" end as "locale",
      case when "fix"."patch" ? 'paid_on' then ("fix"."patch" ->> 'paid_on')::text else "t"."paid_on" end as "paid_on"
    from "legacy"."payments" as t
    left join "drover"."overlay" as fix on fix.migration = 'club'
      and fix.relation = 'legacy.payments' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  cross join lateral (
    select
      ("p"."id")::text as "v1",
      ("p"."member_id")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_payments" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" in (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'members' and purpose in ('moved') and not done)) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'payments' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
on conflict do nothing;
-- how many refer to the row $2 of members
select disposition, count(*) as n
from (
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'member_id' then ("fix"."patch" ->> 'member_id')::int4 else "t"."member_id" end as "member_id",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'locale' then ("fix"."patch" ->> 'locale')::text else "t"."locale" end as "locale",
      case when "fix"."patch" ? 'paid_on' then ("fix"."patch" ->> 'paid_on')::text else "t"."paid_on" end as "paid_on"
    from "legacy"."payments" as t
    left join "drover"."overlay" as fix on fix.migration = 'club'
      and fix.relation = 'legacy.payments' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  cross join lateral (
    select
      ("p"."id")::text as "v1",
      ("p"."member_id")::text as "v2"
    offset '0'
  ) as "step_1"
  join "drover"."crosswalk_payments" as walked on walked.source_key = "step_1"."v1" collate "C"
  where (("step_1"."v2") collate "C" = $2::text) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = 'payments' and q.source_key = walked.source_key and q.accepted_at is not null
  )) as found
group by disposition;
-- the rows that are tried. $2 here: the entry that adjusts the counts
with s as materialized (
  select made.*, walked.disposition as _before
  from (
  select
    case when "row"."step_3.v10" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_3.v7" or "row"."step_3.v8" then array[case when "row"."step_3.v7" then 1 end, case when "row"."step_3.v8" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."p.id")::int4 as "id",
    ("row"."ref_3.id")::int4 as "member_id",
    ("row"."step_3.v9")::numeric as "amount",
    ("row"."step_1.v6")::date as "paid_on",
    case when "row"."step_3.v10" then array_remove(array[case when "row"."p.member_id" is null then 1 end, case when ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null) then 2 end, case when "row"."step_1.v2" is not null and "row"."ref_3.source_key" is null then 3 end, case when ("row"."p.locale" is null and "row"."step_1.v4" is not null and (("row"."p.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 4 end, case when (("row"."p.amount")::text collate "default") is not null and "row"."step_2.v5" is null and ("row"."p.locale" is null and "row"."step_1.v4" is not null and (("row"."p.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 5 end, case when not (abs("row"."step_2.v5") < '99999999999999.9999995'::numeric) then 6 end, case when "row"."p.paid_on" is not null and "row"."step_1.v6" is null then 7 end], null) end as "_reasons",
    "row"."p.ctid" as "_place",
    case when "row"."step_3.v7" or "row"."step_3.v8" then array[("row"."p.amount")::text, ("row"."p.amount")::text]::text[] end as "_originals"
  from (
  select
    "row"."p.member_id" is null or ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "row"."step_1.v2" is not null and "ref_3"."source_key" is null or ("row"."p.locale" is null and "row"."step_1.v4" is not null and (("row"."p.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."p.amount")::text collate "default") is not null and "row"."step_2.v5" is null and ("row"."p.locale" is null and "row"."step_1.v4" is not null and (("row"."p.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_2.v5") < '99999999999999.9999995'::numeric) or "row"."p.paid_on" is not null and "row"."step_1.v6" is null as "step_3.v10",
    ("row"."step_1.v4" <> btrim((("row"."p.amount")::text collate "default"))) and abs("row"."step_2.v5") < '99999999999999.9999995'::numeric as "step_3.v7",
    "row"."step_2.v5" <> round("row"."step_2.v5", 6) and abs("row"."step_2.v5") < '99999999999999.9999995'::numeric as "step_3.v8",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "ref_3"."id" as "ref_3.id",
    case when abs("row"."step_2.v5") < '99999999999999.9999995'::numeric then round("row"."step_2.v5", 6) end as "step_3.v9",
    "row"."step_1.v6" as "step_1.v6",
    "row"."p.member_id" as "p.member_id",
    "ref_3"."source_key" as "ref_3.source_key",
    "row"."step_1.v2" as "step_1.v2",
    "row"."p.locale" as "p.locale",
    "row"."step_1.v4" as "step_1.v4",
    "row"."p.amount" as "p.amount",
    "row"."step_2.v5" as "step_2.v5",
    "row"."p.paid_on" as "p.paid_on",
    "row"."p.ctid" as "p.ctid"
  from (
  select
    "row"."p.member_id" as "p.member_id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."p.locale" as "p.locale",
    "row"."step_1.v4" as "step_1.v4",
    "row"."p.amount" as "p.amount",
    case when ("row"."p.locale" is null and "row"."step_1.v4" is not null and (("row"."p.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v4"::numeric end as "step_2.v5",
    "row"."p.paid_on" as "p.paid_on",
    "row"."step_1.v6" as "step_1.v6",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "row"."p.ctid" as "p.ctid"
  from (
  select
    "p"."member_id" as "p.member_id",
    ("p"."member_id")::text as "step_1.v2",
    "p"."locale" as "p.locale",
    case
      when (("p"."amount")::text collate "default") is null then null
      when length((("p"."amount")::text collate "default")) <= 30 and (("p"."amount")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce("p"."locale", 'en') = 'en' then (("p"."amount")::text collate "default")
      when length((("p"."amount")::text collate "default")) <= 30 and (("p"."amount")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce("p"."locale", 'en') = 'en' then translate((("p"."amount")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("p"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce("p"."locale", 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when "p"."locale" = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when "p"."locale" = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("p"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("p"."amount")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("p"."amount")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("p"."amount")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v4",
    "p"."amount" as "p.amount",
    "p"."paid_on" as "p.paid_on",
    case when (("p"."paid_on")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("p"."paid_on", 4) <> '0000' then
      case when right("p"."paid_on", 2)::integer <= 28 or right("p"."paid_on", 2)::integer <= extract(day from (left("p"."paid_on", 8) || '01')::date + interval '1 month - 1 day') then "p"."paid_on"::date end
    end as "step_1.v6",
    ("p"."id")::text as "step_1.v1",
    "p"."id" as "p.id",
    "p"."ctid" as "p.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'member_id' then ("fix"."patch" ->> 'member_id')::int4 else "t"."member_id" end as "member_id",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'locale' then ("fix"."patch" ->> 'locale')::text else "t"."locale" end as "locale",
      case when "fix"."patch" ? 'paid_on' then ("fix"."patch" ->> 'paid_on')::text else "t"."paid_on" end as "paid_on"
    from "legacy"."payments" as t
    left join "drover"."overlay" as fix on fix.migration = 'club'
      and fix.relation = 'legacy.payments' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  where "p"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'payments' and purpose in ('try') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_members" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_payments" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition not in ('loaded', 'matched')
), loaded as (
  insert into "app"."payments" ("id", "member_id", "amount", "paid_on")
  select "id", "member_id", "amount", "paid_on"
  from s
  where "s"."_disposition" = 'loaded'
  returning 1
), walked as (
  update "drover"."crosswalk_payments" as walked
  set disposition = "s"."_disposition", "id" = case "s"."_disposition" when 'loaded' then "s"."id" end
  from s
  where walked.source_key = "s"."_key"
  returning walked.source_key, walked.disposition, s._before as before
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, accepted_at, accepted_by, accepted_why)
  select $1::bigint, 'payments', "s"."_key", $2::bigint,
    (array['no-member', 'waiting', 'lost-member', 'ambiguous-number', 'no-amount', 'no-amount', 'no-date'])["s"."_reasons"[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values (1, 'no-member', 'member_id'), (2, 'waiting', 'member_id'), (3, 'lost-member', 'member_id'), (4, 'ambiguous-number', 'amount'), (5, 'no-amount', 'amount'), (6, 'no-amount', 'amount'), (7, 'no-date', 'paid_on')) as guard (number, code, column_name)
      where guard.number = any ("s"."_reasons")
    ),
    (
      select to_jsonb("original".*)
      from "legacy"."payments" as original
      where original.ctid = "s"."_place"
    ),
    case when "s"."_reasons"[1] in (1, 3, 5, 6) then clock_timestamp() end,
    case when "s"."_reasons"[1] in (1, 3, 5, 6) then session_user end,
    case when "s"."_reasons"[1] in (1, 3, 5, 6) then 'declared by the migration' end
  from s
  where "s"."_disposition" = 'quarantined'
  on conflict (run_id, mapping, source_key) do update
  set code = excluded.code, reasons = excluded.reasons, sqlstate = null, set_aside_at = excluded.set_aside_at,
    "accepted_at" = case when quarantine.accepted_why <> 'declared by the migration' then quarantine."accepted_at" else excluded."accepted_at" end,
    "accepted_by" = case when quarantine.accepted_why <> 'declared by the migration' then quarantine."accepted_by" else excluded."accepted_by" end,
    "accepted_why" = case when quarantine.accepted_why <> 'declared by the migration' then quarantine."accepted_why" else excluded."accepted_why" end
  returning 1
), freed as (
  delete from drover.quarantine as q
  using s
  where "q"."run_id" = $1::bigint and "q"."mapping" = 'payments' and "q"."source_key" = "s"."_key" and "s"."_disposition" <> 'quarantined'
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'payments' and "log"."source_key" = "s"."_key"
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'payments' and "log"."source_key" = "s"."_key"
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'payments', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'amount'), (2, 'rounded', 'amount')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'payments', source_key, 'moved'
  from walked where disposition in ('loaded', 'merged', 'matched')
  on conflict do nothing
), adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, 'payments', $2::bigint, 'adjustment', 'done',
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
create table if not exists "drover"."before_image_payments" (like "app"."payments", "drover_version" bigint not null, primary key ("id"));
-- what follows from moved rows. $2 here: the mappings that have them
with s as materialized (
  select made.*, walked.disposition as _stands,
    "walked"."id" as "_walked_id"
  from (
  select
    case when "row"."step_3.v10" then 'quarantined' else 'loaded' end as "_disposition",
    case when "row"."step_3.v7" or "row"."step_3.v8" then array[case when "row"."step_3.v7" then 1 end, case when "row"."step_3.v8" then 2 end] end as "_logged",
    "row"."step_1.v1" as "_key",
    ("row"."p.id")::int4 as "id",
    ("row"."ref_3.id")::int4 as "member_id",
    ("row"."step_3.v9")::numeric as "amount",
    ("row"."step_1.v6")::date as "paid_on",
    case when "row"."step_3.v10" then array_remove(array[case when "row"."p.member_id" is null then 1 end, case when ("row"."ref_3.source_key" is not null and "row"."ref_3.id" is null) then 2 end, case when "row"."step_1.v2" is not null and "row"."ref_3.source_key" is null then 3 end, case when ("row"."p.locale" is null and "row"."step_1.v4" is not null and (("row"."p.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') then 4 end, case when (("row"."p.amount")::text collate "default") is not null and "row"."step_2.v5" is null and ("row"."p.locale" is null and "row"."step_1.v4" is not null and (("row"."p.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then 5 end, case when not (abs("row"."step_2.v5") < '99999999999999.9999995'::numeric) then 6 end, case when "row"."p.paid_on" is not null and "row"."step_1.v6" is null then 7 end], null) end as "_reasons",
    case when "row"."step_3.v7" or "row"."step_3.v8" then array[("row"."p.amount")::text, ("row"."p.amount")::text]::text[] end as "_originals"
  from (
  select
    "row"."p.member_id" is null or ("ref_3"."source_key" is not null and "ref_3"."id" is null) or "row"."step_1.v2" is not null and "ref_3"."source_key" is null or ("row"."p.locale" is null and "row"."step_1.v4" is not null and (("row"."p.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') or (("row"."p.amount")::text collate "default") is not null and "row"."step_2.v5" is null and ("row"."p.locale" is null and "row"."step_1.v4" is not null and (("row"."p.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true or not (abs("row"."step_2.v5") < '99999999999999.9999995'::numeric) or "row"."p.paid_on" is not null and "row"."step_1.v6" is null as "step_3.v10",
    ("row"."step_1.v4" <> btrim((("row"."p.amount")::text collate "default"))) and abs("row"."step_2.v5") < '99999999999999.9999995'::numeric as "step_3.v7",
    "row"."step_2.v5" <> round("row"."step_2.v5", 6) and abs("row"."step_2.v5") < '99999999999999.9999995'::numeric as "step_3.v8",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "ref_3"."id" as "ref_3.id",
    case when abs("row"."step_2.v5") < '99999999999999.9999995'::numeric then round("row"."step_2.v5", 6) end as "step_3.v9",
    "row"."step_1.v6" as "step_1.v6",
    "row"."p.member_id" as "p.member_id",
    "ref_3"."source_key" as "ref_3.source_key",
    "row"."step_1.v2" as "step_1.v2",
    "row"."p.locale" as "p.locale",
    "row"."step_1.v4" as "step_1.v4",
    "row"."p.amount" as "p.amount",
    "row"."step_2.v5" as "step_2.v5",
    "row"."p.paid_on" as "p.paid_on",
    "row"."p.ctid" as "p.ctid"
  from (
  select
    "row"."p.member_id" as "p.member_id",
    "row"."step_1.v2" as "step_1.v2",
    "row"."p.locale" as "p.locale",
    "row"."step_1.v4" as "step_1.v4",
    "row"."p.amount" as "p.amount",
    case when ("row"."p.locale" is null and "row"."step_1.v4" is not null and (("row"."p.amount")::text collate "default") ~ '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$') is not true then "row"."step_1.v4"::numeric end as "step_2.v5",
    "row"."p.paid_on" as "p.paid_on",
    "row"."step_1.v6" as "step_1.v6",
    "row"."step_1.v1" as "step_1.v1",
    "row"."p.id" as "p.id",
    "row"."p.ctid" as "p.ctid"
  from (
  select
    "p"."member_id" as "p.member_id",
    ("p"."member_id")::text as "step_1.v2",
    "p"."locale" as "p.locale",
    case
      when (("p"."amount")::text collate "default") is null then null
      when length((("p"."amount")::text collate "default")) <= 30 and (("p"."amount")::text collate "default") ~ '^-?[0-9]+([.][0-9]+)?$' and coalesce("p"."locale", 'en') = 'en' then (("p"."amount")::text collate "default")
      when length((("p"."amount")::text collate "default")) <= 30 and (("p"."amount")::text collate "default") ~ '^-?[$\u20ac\u00a3\u00a5]?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$' and coalesce("p"."locale", 'en') = 'en' then translate((("p"."amount")::text collate "default"), U&',$\20ac\00a3\00a5', '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim((("p"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff') then '0'
            when coalesce("p"."locale", 'en') = 'en' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}(,[0-9]{3}){1,12})([.][0-9]{1,30})?$' then replace(ltrim(decimal_2.number, '+'), ',', '')
            when "p"."locale" = 'eu' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([.][0-9]{3}){1,12})(,[0-9]{1,30})?$'
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
            when "p"."locale" = 'ch' and decimal_2.number ~ '^[+-]?([0-9]{1,39}|[1-9][0-9]{0,2}([''\u2019][0-9]{3}){1,12})([.][0-9]{1,30})?$'
              then translate(ltrim(decimal_2.number, '+'), U&'''\2019', '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate((("p"."amount")::text collate "default"), U&'\0009\000a\000b\000c\000d\0020\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\2028\2029\202f\205f\2060\3000\feff' || U&'$\20ac\00a3\00a5', '') as body) as decimal_1
          where (("p"."amount")::text collate "default") !~ '[$\u20ac\u00a3\u00a5].*[$\u20ac\u00a3\u00a5]'
            and ((("p"."amount")::text collate "default") !~ '[0-9.,''\u2019]([$\u20ac\u00a3\u00a5]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF])+[0-9.,''\u2019]' or (("p"."amount")::text collate "default") ~ '^[^0-9.,]*([1-9][0-9]{0,2}([\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF][0-9]{3}){1,12})([.,][0-9]+)?[^0-9.,]*$')
        ) as decimal_2
      )
    end as "step_1.v4",
    "p"."amount" as "p.amount",
    "p"."paid_on" as "p.paid_on",
    case when (("p"."paid_on")::text collate "default") ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left("p"."paid_on", 4) <> '0000' then
      case when right("p"."paid_on", 2)::integer <= 28 or right("p"."paid_on", 2)::integer <= extract(day from (left("p"."paid_on", 8) || '01')::date + interval '1 month - 1 day') then "p"."paid_on"::date end
    end as "step_1.v6",
    ("p"."id")::text as "step_1.v1",
    "p"."id" as "p.id",
    "p"."ctid" as "p.ctid"
  from (
    select "t"."ctid",
      "t"."id",
      case when "fix"."patch" ? 'member_id' then ("fix"."patch" ->> 'member_id')::int4 else "t"."member_id" end as "member_id",
      case when "fix"."patch" ? 'amount' then ("fix"."patch" ->> 'amount')::text else "t"."amount" end as "amount",
      case when "fix"."patch" ? 'locale' then ("fix"."patch" ->> 'locale')::text else "t"."locale" end as "locale",
      case when "fix"."patch" ? 'paid_on' then ("fix"."patch" ->> 'paid_on')::text else "t"."paid_on" end as "paid_on"
    from "legacy"."payments" as t
    left join "drover"."overlay" as fix on fix.migration = 'club'
      and fix.relation = 'legacy.payments' and fix.row_key = (("t"."id")::text) collate "C"
  ) as "p"
  where "p"."id" in (select source_key::int4 from (select source_key from drover.repair_key where run_id = $1::bigint and mapping = 'payments' and purpose in ('change') and not done) as named)
  offset '0'
  ) as "row"
  offset '0'
  ) as "row"
  left join "drover"."crosswalk_members" as "ref_3" on "ref_3"."source_key" = "row"."step_1.v2" collate "C"
  offset '0'
  ) as "row"
  ) as made
  join "drover"."crosswalk_payments" as walked on walked.source_key = "made"."_key" collate "C"
  where walked.disposition in ('loaded')
), locked as (
  select existing.*, "existing"."xmin"::text::bigint as "drover_version"
  from "app"."payments" as existing
  join s on "existing"."id" = "s"."_walked_id"
  where "s"."_disposition" in ('loaded', 'matched') and (($2::text[] && array['*', 'members'] and s._stands = 'loaded') and ("existing"."member_id") is distinct from ("s"."member_id") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."amount") is distinct from ("s"."amount") or ($2::text[] && array['*'] and s._stands = 'loaded') and ("existing"."paid_on") is distinct from ("s"."paid_on"))
  for no key update of existing
), imaged as (
  insert into "drover"."before_image_payments" ("id", "member_id", "amount", "paid_on", "drover_version")
  select "id", "member_id", "amount", "paid_on", "drover_version"
  from locked
  on conflict do nothing
), updated as (
  update "app"."payments" as t
  set "member_id" = case when ($2::text[] && array['*', 'members'] and s._stands = 'loaded') then "s"."member_id" else "t"."member_id" end,
    "amount" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."amount" else "t"."amount" end,
    "paid_on" = case when ($2::text[] && array['*'] and s._stands = 'loaded') then "s"."paid_on" else "t"."paid_on" end
  from s, locked
  where "t"."id" = "s"."_walked_id" and "locked"."id" = "t"."id"
  returning "s"."_key" as source_key
), moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, 'payments', source_key, 'moved'
  from updated
  on conflict do nothing
), asked as (
  select column_name
  from (values ('member_id', array['*', 'members']), ('amount', array['*']), ('paid_on', array['*'])) as each (column_name, follows)
  where $2::text[] && follows
), uncorrection as (
  delete from drover.correction as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'payments' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), unnote as (
  delete from drover.note as log
  using s
  where "log"."run_id" = $1::bigint and "log"."mapping" = 'payments' and "log"."source_key" = "s"."_key" and log.column_name in (select column_name from asked) and "s"."_disposition" in ('loaded', 'matched')
), corrections as (
  insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
  select $1::bigint, 'payments', "s"."_key", guard.code, guard.column_name, log.original
  from s
  cross join lateral unnest("s"."_logged", "s"."_originals") as log (number, original)
  join (values (1, 'number-format', 'amount'), (2, 'rounded', 'amount')) as guard (number, code, column_name) on guard.number = log.number
  where "s"."_disposition" in ('loaded') and "s"."_logged" is not null and guard.column_name in (select column_name from asked)
)
select count(*) as changed
from updated;
commit;
