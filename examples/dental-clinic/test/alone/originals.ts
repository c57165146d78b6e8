import type { TestDatabase } from '../../../../packages/drover/test/support/connect.ts'

/** The legacy table of each mapping that reads one. */
const tables: Readonly<Record<string, string>> = {
  clinics: 'clinics',
  locations: 'clinics',
  auth_users: 'users',
  auth_identities: 'users',
  profiles: 'users',
  user_clinic_roles: 'users',
  providers: 'providers',
  provider_locations: 'providers',
  metric_definitions: 'metric_definitions',
  google_credentials: 'data_sources',
  spreadsheet_connections: 'data_sources',
  connection_sheets: 'data_sources',
  column_mappings: 'column_mappings',
  metric_values: 'metric_values',
  goals: 'goals',
  dashboards: 'dashboards',
  widgets: 'widgets',
}

/** What a corrected column comes from, over the source row `s`. */
const origins: Readonly<Record<string, string>> = {
  'auth_users.encrypted_password': '(select hash from migration_input.password where legacy_id = s.id)',
  'profiles.default_clinic_id': 's.clinic_id',
  'user_clinic_roles.role': 's.role',
  'spreadsheet_connections.status': 's.connection_status',
  'metric_values.clinic_id': 's.clinic_id',
  'metric_values.provider_id': 's.provider_id',
  'metric_values.sheet_id': 's.data_source_id',
  'metric_values.source': 's.source_type',
  'metric_values.value': 's.value',
  'goals.clinic_id': 's.clinic_id',
  'goals.period': 's.time_period',
  'goals.starts_on': 's.start_date',
  'goals.ends_on': 's.end_date',
  'dashboards.is_default': 's.is_default',
}

/** Columns that the ledger must not hold. */
const secrets = ['access_token', 'refresh_token']

/**
 * Every entry of the ledger from which the source's own words cannot be had, a sentence each: corrections and
 * quarantined rows whose original is another, merges and notes that do not lead to rows which are there.
 */
export async function findLostOriginals(database: TestDatabase): Promise<readonly string[]> {
  return [
    ...(await lostCorrections(database)),
    ...(await lostRows(database)),
    ...(await lostMerges(database)),
    ...(await lostNotes(database)),
  ]
}

async function lostCorrections(database: TestDatabase): Promise<readonly string[]> {
  const lost: string[] = []
  const corrected = await database.query<{ mapping: string; column_name: string }>(
    'select distinct mapping, column_name from drover.correction where source_key is not null',
  )
  for (const { mapping, column_name: column } of corrected) {
    const origin = origins[`${mapping}.${column}`]
    if (origin === undefined) {
      lost.push(`${mapping}.${column} is corrected, and nothing says where it comes from`)
      continue
    }
    const rows = await database.query(
      `select c.source_key
      from drover.correction as c
      left join legacy.${tables[mapping]} as s on s.id = c.source_key
      where c.mapping = $1 and c.column_name = $2 and (s.id is null or c.original is distinct from (${origin})::text)`,
      [mapping, column],
    )
    lost.push(...rows.map((row) => `${mapping} ${row.source_key}: the original of ${column} is another`))
  }
  return lost
}

/** Where a mapping reads a query over its table, the columns that this adds are left out. */
async function lostRows(database: TestDatabase): Promise<readonly string[]> {
  const lost = await eachMapping(database, 'quarantine', (table) => ({
    text: `select q.source_key
      from drover.quarantine as q
      left join legacy.${table} as s on s.id = q.source_key
      where q.mapping = $1
        and (
          s.id is null
          or q.original ?| $2
          or to_jsonb(s) - $2::text[] is distinct from (
            select jsonb_object_agg(key, value) from jsonb_each(q.original) where to_jsonb(s) ? key
          )
        )`,
    values: [secrets],
  }))
  return lost.map(({ mapping, key }) => `${mapping} ${key}: the original of the quarantined row is another`)
}

async function lostMerges(database: TestDatabase): Promise<readonly string[]> {
  const lost = await eachMapping(database, 'merge', (table, mapping) => ({
    text: `select m.source_key
      from drover.merge as m
      left join legacy.${table} as loser on loser.id = m.source_key
      left join legacy.${table} as survivor on survivor.id = m.survivor_key
      left join drover.crosswalk_${mapping} as from_loser on from_loser.source_key = m.source_key
      left join drover.crosswalk_${mapping} as from_survivor on from_survivor.source_key = m.survivor_key
      where m.mapping = $1
        and (
          loser.id is null
          or survivor.id is null
          or from_loser.disposition <> 'merged'
          or from_survivor.disposition not in ('loaded', 'matched')
          or from_loser.id is distinct from from_survivor.id
        )`,
    values: [],
  }))
  return lost.map(({ mapping, key }) => `${mapping} ${key}: its merge does not lead to the survivor`)
}

async function lostNotes(database: TestDatabase): Promise<readonly string[]> {
  const lost = await eachMapping(database, 'note', (table) => ({
    text: `select n.source_key
      from drover.note as n
      left join legacy.${table} as s on s.id = n.source_key
      where n.mapping = $1 and n.source_key is not null and s.id is null`,
    values: [],
  }))
  return lost.map(({ mapping, key }) => `${mapping} ${key}: a note is of a row that is not there`)
}

/** Asks the same of every mapping that has entries in a log; the mapping is the first parameter. */
async function eachMapping(
  database: TestDatabase,
  log: 'quarantine' | 'merge' | 'note',
  ask: (table: string, mapping: string) => { readonly text: string; readonly values: readonly unknown[] },
): Promise<readonly { readonly mapping: string; readonly key: string }[]> {
  const logged = await database.query<{ mapping: string }>(
    `select distinct mapping from drover.${log} where source_key is not null order by mapping`,
  )
  const found: { mapping: string; key: string }[] = []
  for (const { mapping } of logged) {
    const { text, values } = ask(tables[mapping]!, mapping)
    const rows = await database.query(text, [mapping, ...values])
    found.push(...rows.map((row) => ({ mapping, key: String(row.source_key) })))
  }
  return found
}
