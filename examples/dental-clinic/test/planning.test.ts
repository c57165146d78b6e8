import { expect, test } from 'vitest'
import { createGenerated } from './generated.ts'

const generated = createGenerated({ scale: 's', seed: 1, foreignKeys: 'loose' })

test('no two goals have the same clinic, provider, definition and span', async () => {
  const { database, manifest } = await generated
  const rows = await database.query(
    `select count(*)
    from legacy.goals as goal
    left join legacy.providers as provider on provider.id = goal.provider_id
    cross join lateral (
      select coalesce(goal.clinic_id, provider.clinic_id) as own
    ) as given
    cross join lateral (select coalesce(($1::jsonb) ->> own, own) as clinic) as merged
    where clinic is not null
    group by clinic, goal.provider_id, goal.metric_definition_id, replace(goal.time_period, 'annual', 'yearly'),
      least(goal.start_date, goal.end_date), greatest(goal.start_date, goal.end_date)
    having count(*) > 1`,
    [JSON.stringify(manifest.mappings.clinics!.mergedInto)],
  )
  expect(rows).toEqual([])
})

test('goals are reversed, unscoped and so on exactly where the manifest says', async () => {
  const { database, manifest } = await generated
  const ids = async (condition: string) =>
    (await database.query(`select id from legacy.goals where ${condition} order by id collate "C"`)).map(({ id }) => id)
  expect(await ids('end_date < start_date')).toEqual(manifest.defects['goals/reversed']!.ids)
  expect(await ids('num_nonnulls(clinic_id, provider_id) = 0')).toEqual(manifest.defects['goals/unscoped']!.ids)
  expect(await ids('clinic_id is null and provider_id is not null')).toEqual(
    manifest.defects['goals/provider-only']!.ids,
  )
  expect(await ids(`target_value !~ '^\\d+(\\.\\d{1,2})?$'`)).toEqual(manifest.defects['goals/unparsable']!.ids)
  expect(await ids(`time_period = 'annual'`)).toEqual(manifest.defects['goals/annual']!.ids)
})

test('of two default dashboards the older is corrected', async () => {
  const { database, manifest } = await generated
  const rows = await database.query(
    `select id, row_number() over (partition by user_id order by created_at desc) as age
    from legacy.dashboards where is_default`,
  )
  const older = rows.filter(({ age }) => Number(age) > 1).map(({ id }) => id)
  expect(older.sort()).toEqual(manifest.mappings.dashboards!.correctedBy['second-default'])
  expect(older).toHaveLength(3)
})

test('the widgets of the orphan dashboard wait, and no other parent of dashboards is bad', async () => {
  const { database, manifest } = await generated
  const widgets = await database.query(
    `select id from legacy.widgets
    where dashboard_id in (select id from legacy.dashboards where user_id not in (select id from legacy.users))
    order by id collate "C"`,
  )
  expect(widgets.map(({ id }) => id)).toEqual(manifest.mappings.widgets!.quarantinedBy.waiting)
  const badParents = ['invalid-email', 'blank-email', 'system-admin', 'orphan-clinic'].flatMap(
    (defect) => manifest.defects[`users/${defect}`]!.ids,
  )
  expect(await database.query('select id from legacy.dashboards where user_id = any ($1)', [badParents])).toEqual([])
})

test('sources of one spreadsheet in one clinic are one connection and one credential', async () => {
  const { database, manifest } = await generated
  const clinics = JSON.stringify(manifest.mappings.clinics!.mergedInto)
  const groups = async (key: string, order: string, condition: string) => {
    const rows = await database.query(
      `select id, first_value(id) over (
        partition by coalesce(($1::jsonb) ->> clinic_id, clinic_id), ${key}
        order by ${order}, id collate "C"
      ) as survivor
      from legacy.data_sources where ${condition}`,
      [clinics],
    )
    return Object.fromEntries(
      rows.filter(({ id, survivor }) => id !== survivor).map(({ id, survivor }) => [id, survivor]),
    )
  }
  const { spreadsheet_connections: connections, google_credentials: credentials } = manifest.mappings
  expect(await groups('btrim(spreadsheet_id)', 'created_at desc', 'true')).toEqual(connections!.mergedInto)
  expect(await groups('coalesce(refresh_token, access_token)', 'expiry_date desc', `access_token <> ''`)).toEqual(
    credentials!.mergedInto,
  )
  const [shared] = await database.query(
    `select count(*)::int as n
    from (
      select from legacy.data_sources group by btrim(spreadsheet_id) having count(distinct clinic_id) > 1
    ) as shared`,
  )
  expect(shared!.n).toBe(1)
})
