import pg from 'pg'
import { createDatabase, type TestDatabase } from '../../../../packages/drover/test/support/postgres.ts'
import { createSchemas } from '../../database.ts'
import { allow, drover } from '../command.ts'

type Row = Readonly<Record<string, unknown>>
/** Rows by legacy table and id. */
export type Rows = Readonly<Record<string, Readonly<Record<string, Row>>>>

/** A well-formed row of each legacy table; the tests say only what is odd. */
const wellFormed: Readonly<Record<string, (id: string) => Row>> = {
  clinics: (id) => ({ name: id, location: 'Albany', status: 'active' }),
  users: (id) => ({ name: id, email: `${id}@example.org`, role: 'front_desk', clinic_id: 'north' }),
  providers: (id) => ({ name: id, provider_type: 'dentist', status: 'active', clinic_id: 'north' }),
  metric_definitions: (id) => ({
    name: id,
    description: '',
    data_type: 'currency',
    category: 'financial',
    is_composite: false,
  }),
  data_sources: (id) => ({
    name: id,
    spreadsheet_id: `spreadsheet-${id}`,
    sheet_name: 'Daily',
    sync_frequency: 'daily',
    connection_status: 'active',
    access_token: `access-${id}`,
    refresh_token: `refresh-${id}`,
    expiry_date: '2025-07-01',
    clinic_id: 'north',
  }),
  column_mappings: (id) => ({ column_name: id, data_source_id: 'source', metric_definition_id: 'gross' }),
  metric_values: () => ({
    date: '2025-03-03',
    value: '12.5',
    source_type: 'form',
    metric_definition_id: 'gross',
    clinic_id: 'north',
  }),
  goals: () => ({
    time_period: 'monthly',
    start_date: '2025-03-01',
    end_date: '2025-03-31',
    target_value: '100',
    metric_definition_id: 'gross',
    clinic_id: 'north',
  }),
  dashboards: (id) => ({ name: id, is_default: false, user_id: 'chief' }),
  widgets: () => ({
    widget_type: 'chart',
    chart_type: 'bar',
    position_x: 1,
    position_y: 2,
    width: 4,
    height: 3,
    dashboard_id: 'board',
    metric_definition_id: 'gross',
  }),
}

/** What most rows belong to. */
const world: Rows = {
  clinics: { north: {}, south: {} },
  users: { chief: { role: 'office_manager' } },
  metric_definitions: { gross: {}, 'no shows': { data_type: 'integer' } },
  data_sources: { source: {} },
  dashboards: { board: {} },
}

/** A database with the small world and some odd rows in it, migrated. `before` is run ahead of the migration. */
export async function migratedWorld(odd: Rows, before = ''): Promise<TestDatabase> {
  const database = await createDatabase()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await createSchemas(client)
  for (const rows of [world, odd]) {
    for (const [table, entries] of Object.entries(rows)) {
      for (const [id, changes] of Object.entries(entries)) await insert(client, table, id, changes)
    }
  }
  await client.query(before)
  await client.end()
  const { code, stderr } = await drover(database, 'run', 'migration.ts', ...allow)
  if (code !== 0 && code !== 3) throw new Error(`drover run ended with ${code}: ${stderr}`)
  return database
}

async function insert(client: pg.Client, table: string, id: string, changes: Row): Promise<void> {
  const times = { created_at: '2024-01-01T08:00', updated_at: '2024-01-02T08:00' }
  await client.query(
    `insert into legacy.${table} select * from jsonb_populate_record(null::legacy.${table}, $1::jsonb)`,
    [JSON.stringify({ id, ...times, ...wellFormed[table]!(id), ...changes })],
  )
}

/** What became of each row: its disposition, the codes of its quarantine, and every `column:code` that is logged. */
export async function outcomesOf(
  database: TestDatabase,
  mapping: string,
  rows: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, string>>> {
  const outcomes = await database.query<{ id: string; outcome: string }>(
    `select w.source_key as id, concat_ws(' ', w.disposition,
      (select string_agg(r ->> 'code', ' ' order by r ->> 'code')
        from drover.quarantine as q, jsonb_array_elements(q.reasons) as r
        where q.mapping = $1 and q.source_key = w.source_key),
      (select string_agg(log.column_name || ':' || log.code, ' ' order by log.column_name, log.code)
        from (select mapping, source_key, column_name, code from drover.correction
          union all select mapping, source_key, column_name, code from drover.note) as log
        where log.mapping = $1 and log.source_key = w.source_key)) as outcome
    from drover.crosswalk_${mapping} as w
    where w.source_key = any ($2)`,
    [mapping, Object.keys(rows)],
  )
  return Object.fromEntries(outcomes.map(({ id, outcome }) => [id, outcome]))
}

/** Some columns of the target rows that stand for source rows, each row as one line, by source key. */
export async function targetsOf(
  database: TestDatabase,
  mapping: string,
  table: string,
  columns: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const rows = await database.query<{ id: string; line: string }>(
    `select w.source_key as id, array_to_string(array[${columns.map((column) => `(${column})::text`).join(', ')}], ' ', '-') as line
    from drover.crosswalk_${mapping} as w join ${table} as t on t.id = w.id`,
  )
  return Object.fromEntries(rows.map(({ id, line }) => [id, line]))
}
