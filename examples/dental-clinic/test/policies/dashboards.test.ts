import { beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../../../../packages/drover/test/support/postgres.ts'
import { targetId } from '../../generator/target-id.ts'
import { migratedWorld, outcomesOf, targetsOf } from './small-world.ts'

const users = {
  // One person in two clinics.
  ann: { last_login: '2025-01-01' },
  'ann-too': { email: 'ANN@example.org', clinic_id: 'south' },
  above: { role: 'System Admin' },
  homeless: { clinic_id: 'gone' },
  nobody: { email: 'nobody' },
}

const documents = {
  none: { layout_config: null },
  list: { layout_config: ['a', 1] },
  pins: { layout_config: { pinned: ['gross', 'no shows', 'gone'], columns: [{ pinned: 'gross', id: 'gross' }] } },
  filter: { layout_config: { filter: { clinicId: 'north', userId: 'chief', providerId: null } } },
  waiting: { layout_config: { userId: 'nobody' } },
}

const made = (day: string) => ({ created_at: day, updated_at: day, is_default: true })

const dashboards = {
  nameless: { name: ' ' },
  orphan: { user_id: 'gone' },
  waits: { user_id: 'nobody' },
  'of an admin': { user_id: 'above' },
  'of the homeless': { user_id: 'homeless' },
  older: { user_id: 'ann', ...made('2024-01-01') },
  newer: { user_id: 'ann', ...made('2024-01-02') },
  newest: { user_id: 'ann', ...made('2024-01-03'), is_default: false },
  'in the south': { user_id: 'ann-too', ...made('2024-01-01') },
}

const widgets = {
  unknown: { widget_type: 'gauge' },
  'odd case': { widget_type: ' Chart', chart_type: 'BAR' },
  untyped: { chart_type: null },
  'typed oddly': { chart_type: 'radar' },
  'typed in vain': { widget_type: 'counter' },
  counter: { widget_type: 'counter', chart_type: ' ' },
  misplaced: { position_x: -1, position_y: -2, width: 0, height: -3 },
  'no dashboard': { dashboard_id: 'gone' },
  'dashboard waits': { dashboard_id: 'waits' },
  'no definition': { metric_definition_id: 'gone' },
  free: { metric_definition_id: null },
  written: { config: 'a title' },
  aimed: { config: { metricDefinitionId: 'gross', title: 'gross' } },
}

let database: TestDatabase

beforeAll(async () => {
  database = await migratedWorld({ users, dashboards: { ...dashboards, ...documents }, widgets })
}, 120_000)

test('each dashboard has its outcome, and one of an owner and clinic is the default', async () => {
  expect(await outcomesOf(database, 'dashboards', dashboards)).toEqual({
    nameless: 'loaded name:no-name',
    orphan: 'quarantined orphan-user',
    waits: 'quarantined waiting',
    'of an admin': 'loaded',
    'of the homeless': 'loaded',
    older: 'loaded is_default:second-default',
    newer: 'loaded',
    newest: 'loaded',
    'in the south': 'loaded',
  })
  const columns = [
    't.name',
    't.visibility',
    `(select name from public.clinics where id = t.clinic_id)`,
    't.is_default',
    `(select split_part(email, '@', 1) from public.profiles where id = t.owner_id)`,
  ]
  expect(await targetsOf(database, 'dashboards', 'public.dashboards', columns)).toEqual({
    board: 'board clinic north false chief',
    nameless: 'Dashboard clinic north false chief',
    'of an admin': 'of an admin private - false above',
    'of the homeless': 'of the homeless private - false homeless',
    older: 'older clinic north false ann',
    newer: 'newer clinic north true ann',
    newest: 'newest clinic north false ann',
    'in the south': 'in the south clinic south true ann',
    none: 'none clinic north false chief',
    list: 'list clinic north false chief',
    pins: 'pins clinic north false chief',
    filter: 'filter clinic north false chief',
    waiting: 'waiting clinic north false chief',
  })
})

test('each widget has its outcome: charts have a type, others none, and places are on the board', async () => {
  expect(await outcomesOf(database, 'widgets', widgets)).toEqual({
    unknown: 'quarantined unknown-widget-type',
    'odd case': 'loaded',
    untyped: 'loaded chart_type:no-chart-type',
    'typed oddly': 'loaded chart_type:unknown-chart-type',
    'typed in vain': 'loaded chart_type:no-chart',
    counter: 'loaded',
    misplaced: 'loaded height:no-size position_x:negative-position position_y:negative-position width:no-size',
    'no dashboard': 'quarantined orphan-dashboard',
    'dashboard waits': 'quarantined waiting',
    'no definition': 'loaded metric_definition_id:orphan-definition',
    free: 'loaded',
    written: 'loaded config:not-an-object',
    aimed: 'loaded',
  })
  const columns = [
    't.widget_type',
    't.chart_type',
    't.position_x',
    't.position_y',
    't.width',
    't.height',
    't.metric_definition_id',
  ]
  const gross = targetId('metric_definitions', 'gross')
  expect(await targetsOf(database, 'widgets', 'public.widgets', columns)).toEqual({
    'odd case': `chart bar 1 2 4 3 ${gross}`,
    untyped: `chart line 1 2 4 3 ${gross}`,
    'typed oddly': `chart line 1 2 4 3 ${gross}`,
    'typed in vain': `counter - 1 2 4 3 ${gross}`,
    counter: `counter - 1 2 4 3 ${gross}`,
    misplaced: `chart bar 0 0 1 1 ${gross}`,
    'no definition': 'chart bar 1 2 4 3 -',
    free: 'chart bar 1 2 4 3 -',
    written: `chart bar 1 2 4 3 ${gross}`,
    aimed: `chart bar 1 2 4 3 ${gross}`,
  })
})

test('a document is an object, and the ids in it are the new ones', async () => {
  expect(await outcomesOf(database, 'dashboards', documents)).toEqual({
    none: 'loaded',
    list: 'loaded layout:not-an-object',
    pins: 'loaded layout:orphan-id',
    filter: 'loaded',
    waiting: 'loaded layout:waiting',
  })
  const [gross, noShows] = ['gross', 'no shows'].map((id) => targetId('metric_definitions', id))
  const layouts = await targetsOf(database, 'dashboards', 'public.dashboards', ['t.layout'])
  expect(JSON.parse(layouts.none!)).toEqual({})
  expect(JSON.parse(layouts.list!)).toEqual({ value: ['a', 1] })
  expect(JSON.parse(layouts.pins!)).toEqual({
    pinned: [gross, noShows, 'gone'],
    columns: [{ pinned: gross, id: 'gross' }],
  })
  expect(JSON.parse(layouts.filter!)).toEqual({
    filter: { clinicId: targetId('clinics', 'north'), userId: targetId('users', 'chief'), providerId: null },
  })
  expect(JSON.parse(layouts.waiting!)).toEqual({ userId: 'nobody' })
  const { written, aimed } = await targetsOf(database, 'widgets', 'public.widgets', ['t.config'])
  expect([written, aimed].map((config) => JSON.parse(config!))).toEqual([
    { value: 'a title' },
    { metricDefinitionId: gross, title: 'gross' },
  ])
})
