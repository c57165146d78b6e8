import { beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../../../packages/drover/test/support/postgres.ts'
import type { Manifest } from '../generator/manifest.ts'
import { migratedDatabase } from './dental.ts'

let database: TestDatabase
let manifest: Manifest

beforeAll(async () => {
  ;({ database, manifest } = await migratedDatabase())
}, 120_000)

/** Target rows of a mapping and the legacy times that they must bear, to the millisecond. */
const times: readonly {
  readonly mapping: string
  readonly from: string
  readonly to: string
  readonly also?: readonly string[]
}[] = [
  { mapping: 'clinics', from: 'clinics', to: 'public.clinics' },
  { mapping: 'auth_users', from: 'users', to: 'auth.users', also: ['last_login', 'last_sign_in_at'] },
  { mapping: 'auth_identities', from: 'users', to: 'auth.identities', also: ['last_login', 'last_sign_in_at'] },
  { mapping: 'profiles', from: 'users', to: 'public.profiles', also: ['last_login', 'last_login_at'] },
  { mapping: 'user_clinic_roles', from: 'users', to: 'public.user_clinic_roles' },
  { mapping: 'providers', from: 'providers', to: 'public.providers' },
  { mapping: 'metric_definitions', from: 'metric_definitions', to: 'public.metric_definitions' },
  {
    mapping: 'google_credentials',
    from: 'data_sources',
    to: 'public.google_credentials',
    also: ['expiry_date', 'expires_at'],
  },
  { mapping: 'spreadsheet_connections', from: 'data_sources', to: 'public.spreadsheet_connections' },
  { mapping: 'column_mappings', from: 'column_mappings', to: 'public.column_mappings' },
  { mapping: 'metric_values', from: 'metric_values', to: 'public.metric_values', also: ['date', 'observed_at'] },
  { mapping: 'goals', from: 'goals', to: 'public.goals' },
  { mapping: 'dashboards', from: 'dashboards', to: 'public.dashboards' },
  { mapping: 'widgets', from: 'widgets', to: 'public.widgets' },
]

test.each(times)('times of $mapping are the legacy ones', async ({ mapping, from, to, also }) => {
  const pairs = [['created_at', 'created_at'], ['updated_at', 'updated_at'], ...(also ? [also] : [])]
  const differs = pairs.map(([old, kept]) => `(s.${old} at time zone 'UTC') is distinct from t.${kept}`).join(' or ')
  const [row] = await database.query(`
    select count(*)::int as n, (count(*) filter (where ${differs}))::int as different
    from drover.crosswalk_${mapping} as w
    join legacy.${from} as s on s.id = w.source_key
    join ${to} as t on t.id = w.id
    where w.disposition = 'loaded'`)
  expect(row).toEqual({ n: manifest.mappings[mapping]!.loaded, different: 0 })
})

test('a sheet was last synchronised when its source was', async () => {
  const [row] = await database.query(`
    select count(*)::int as n, (count(*) filter (where d.last_synced_at at time zone 'UTC' is distinct from s.last_synced_at))::int as different
    from drover.crosswalk_connection_sheets as w
    join legacy.data_sources as d on d.id = w.source_key
    join public.connection_sheets as s on s.id = w.id
    where w.disposition = 'loaded'`)
  expect(row).toEqual({ n: 12, different: 0 })
})

test('each goal asks for what it asked for, and is open at the cutover if it was', async () => {
  const [row] = await database.query(`
    select count(*)::int as n,
      (count(*) filter (where g.target_value <> l.target_value::numeric))::int as other_target,
      (count(*) filter (where (g.starts_on, g.ends_on) <> (least(l.start_date, l.end_date)::date, greatest(l.start_date, l.end_date)::date)))::int as other_span,
      (count(*) filter (where (g.status = 'active') <> (greatest(l.start_date, l.end_date) >= timestamp '2025-06-01')))::int as other_status,
      (count(*) filter (where g.period::text <> replace(l.time_period, 'annual', 'yearly')))::int as other_period,
      (count(*) filter (where g.name <> d.name || ' – ' || g.starts_on))::int as other_name,
      (count(*) filter (where g.direction = 'at_most'))::int as at_most,
      (count(*) filter (where g.status = 'active'))::int as open,
      (count(*) filter (where g.owner_id = p.user_id))::int as owned_by_provider,
      (count(*) filter (where g.owner_id is null))::int as ownerless
    from drover.crosswalk_goals as w
    join legacy.goals as l on l.id = w.source_key
    join public.goals as g on g.id = w.id
    join public.metric_definitions as d on d.id = g.metric_definition_id
    left join public.providers as p on p.id = g.provider_id`)
  const same = { other_target: 0, other_span: 0, other_status: 0, other_period: 0, other_name: 0 }
  expect(row).toMatchObject({ n: 289, ...same, ownerless: manifest.mappings.goals!.notedBy['no-owner']!.length })
  for (const count of ['at_most', 'open', 'owned_by_provider']) expect(row![count]).toBeGreaterThan(5)
})

test('every user has his dashboards with their widgets where they were, and one default in a clinic', async () => {
  const [row] = await database.query(`
    select count(*)::int as n,
      (count(*) filter (where b.owner_id <> owner.id))::int as of_others,
      (count(*) filter (where b.clinic_id is distinct from clinic.id))::int as elsewhere,
      (count(*) filter (where (select count(*) from legacy.widgets as x where x.dashboard_id = d.id)
        <> (select count(*) from public.widgets as x where x.dashboard_id = b.id)))::int as other_widgets,
      (count(*) filter (where b.is_default))::int as defaults,
      count(distinct (b.owner_id, b.clinic_id)) filter (where b.is_default)::int as places_with_default
    from drover.crosswalk_dashboards as w
    join legacy.dashboards as d on d.id = w.source_key
    join legacy.users as u on u.id = d.user_id
    join public.dashboards as b on b.id = w.id
    join drover.crosswalk_profiles as owner on owner.source_key = u.id
    join drover.crosswalk_clinics as clinic on clinic.source_key = u.clinic_id`)
  expect(row).toMatchObject({ n: 49, of_others: 0, elsewhere: 0, other_widgets: 0 })
  expect(row!.defaults).toBe(row!.places_with_default)
  const [moved] = await database.query(`
    select count(*)::int as n, (count(*) filter (where
      (l.position_x, l.position_y, l.width, l.height) <> (t.position_x, t.position_y, t.width, t.height)
      or l.widget_type <> t.widget_type::text or l.chart_type is distinct from t.chart_type::text))::int as different
    from drover.crosswalk_widgets as w
    join legacy.widgets as l on l.id = w.source_key
    join public.widgets as t on t.id = w.id`)
  expect(moved).toEqual({ n: 296, different: 0 })
})

test.each([
  { table: 'dashboards', column: 'layout', ids: '$.pinned[*]' },
  { table: 'widgets', column: 'config', ids: '$.metricDefinitionId' },
] as const)('every $column of $table names its definitions by their new ids', async ({ table, column, ids }) => {
  const rows = await database.query<{ id: string; document: unknown }>(`
    select w.source_key as id, t.${column} as document
    from drover.crosswalk_${table} as w join public.${table} as t on t.id = w.id`)
  expect(Object.fromEntries(rows.map(({ id, document }) => [id, document]))).toEqual(manifest.documents[table])
  const [known] = await database.query(
    `select count(*)::int as n from public.${table} as t
    cross join jsonb_path_query(t.${column}, '${ids}') as mentioned
    join public.metric_definitions as d on d.id = (mentioned #>> '{}')::uuid`,
  )
  expect(known!.n).toBeGreaterThan(40)
})
