import type { Client } from 'pg'

/** Rows of the tables that a value refers to: small beside it, as they are in such applications. */
const parents = { clinics: 200, providers: 5_000, definitions: 100, sources: 400 } as const

const tables = `
create schema legacy;
create table legacy.clinics (id text primary key, name text not null);
create table legacy.providers (id text primary key, name text not null, clinic_id text not null);
create table legacy.metric_definitions (id text primary key, name text not null);
create table legacy.data_sources (id text primary key, name text not null);
create table legacy.metric_values (
  id text not null,
  date timestamp(3) not null,
  value text not null,
  metric_definition_id text not null,
  provider_id text not null,
  clinic_id text,
  data_source_id text not null,
  external_id text not null,
  source_type text not null,
  created_at timestamp(3) not null,
  updated_at timestamp(3) not null
);

-- As cuid makes them: 25 letters and digits that sort by time.
create function legacy.cuid(kind text, number bigint) returns text
language sql immutable
return 'c' || lpad(to_hex(1600000000000 + number * 1000), 11, '0') || left(md5(kind || number), 13);

-- A whole number below a limit that looks random; $2 tells questions about one row apart.
create function legacy.dice(number bigint, question bigint, below bigint) returns bigint
language sql immutable
return (hashint8extended(number, question) & 9007199254740991) % below;
`

const rows = `
insert into legacy.clinics
select legacy.cuid('clinic', i), 'Clinic ' || i from generate_series(1, ${parents.clinics}) as i;
insert into legacy.providers
select legacy.cuid('provider', i), 'Provider ' || i, legacy.cuid('clinic', 1 + i % ${parents.clinics})
from generate_series(1, ${parents.providers}) as i;
insert into legacy.metric_definitions
select legacy.cuid('definition', i), 'Definition ' || i from generate_series(1, ${parents.definitions}) as i;
insert into legacy.data_sources
select legacy.cuid('source', i), 'Source ' || i from generate_series(1, ${parents.sources}) as i;
`

/**
 * The values, in the order of their ids. Of a thousand: four are no numbers, three lead to a parent that does not exist,
 * two repeat the source and external id of an earlier one, thirty have signs and separators to be taken off, eighty say
 * nothing of their clinic, which is their provider's.
 */
const values = `
insert into legacy.metric_values
select legacy.cuid('value', i),
  timestamp '2020-01-01' + (i / 50) * interval '1 hour',
  case
    when defect < 4 then (array['N/A', '#REF!', '12..5', 'pending', ''])[1 + i % 5]
    when defect < 34 then to_char(amount, 'FM$9,999,990.00')
    else amount::text
  end,
  legacy.cuid('definition', case when defect = 500 then 900000 else 1 + legacy.dice(i, 2, ${parents.definitions}) end),
  legacy.cuid('provider', case when defect in (501, 502) then 900000 else provider end),
  case when legacy.dice(i, 5, 100) >= 8 then legacy.cuid('clinic', 1 + provider % ${parents.clinics}) end,
  legacy.cuid('source', 1 + legacy.dice(original, 6, ${parents.sources})),
  'row-' || original,
  (array['spreadsheet', 'form', 'manual'])[1 + legacy.dice(i, 7, 3)],
  timestamp '2024-01-01' + i * interval '1 second',
  timestamp '2024-01-01' + (i + legacy.dice(i, 8, 86400)) * interval '1 second'
from (
  select i, legacy.dice(i, 1, 1000) as defect, (legacy.dice(i, 3, 1000000000) / 10000.0)::numeric(18, 4) as amount,
    1 + legacy.dice(i, 4, ${parents.providers}) as provider,
    case when i % 500 = 0 then i - 250 else i end as original
  from generate_series(1, $rows::bigint) as i
) as made;
alter table legacy.metric_values add primary key (id);
`

/** Makes schema `legacy` without rows. */
export async function makeLegacyTables(client: Client): Promise<void> {
  await client.query(tables)
}

/** Makes schema `legacy` with that many values and what they refer to. The same for the same number. */
export async function makeLegacyValues(client: Client, count: number): Promise<void> {
  await makeLegacyTables(client)
  await client.query(rows)
  await client.query(values.replace('$rows', String(count)))
  // Hint bits and statistics are there before anybody is measured.
  for (const table of ['clinics', 'providers', 'metric_definitions', 'data_sources', 'metric_values']) {
    await client.query(`vacuum (freeze, analyze) legacy.${table}`)
  }
}

/** Gives the values the indexes of the target, for tools that copy a table as it is, and times that all of them know. */
export async function indexLikeTarget(client: Client): Promise<void> {
  await client.query(`
    alter table legacy.metric_values
      alter date type timestamp, alter created_at type timestamp, alter updated_at type timestamp;
    create index on legacy.metric_values (clinic_id, date);
    create index on legacy.metric_values (metric_definition_id, date);
    create index on legacy.metric_values (data_source_id, external_id);`)
  await client.query('vacuum (freeze, analyze) legacy.metric_values')
}
