import { describe, expect, test } from 'vitest'
import { rowsByScale } from '../generator/scale.ts'
import { createGenerated, load } from './generated.ts'

const looseDefects = {
  V01: 400,
  V02: 300,
  V03: 200,
  V04: 80,
  V05: 40,
  V06: 60,
  V07: 50,
  V08: 20,
  V09: 70,
  V10: 6,
  V11: 90,
  V12: 40,
  V13: 30,
  V14: 120,
  V15: 30,
  V16: 15,
  V17: 40,
  V18: 10,
  V19: 12,
  V20: 12,
  V21: 12,
  V22: 12,
  V23: 25,
  V24: 20,
  V25: 70,
  V26: 20,
  'clinics/duplicate': 1,
  'users/case-duplicate': 4,
  'users/padded-email': 2,
  'users/invalid-email': 1,
  'users/blank-email': 1,
  'users/odd-role': 4,
  'users/unknown-role': 2,
  'users/system-admin': 1,
  'users/orphan-clinic': 1,
  'users/auth-match': 6,
  'providers/twin': 3,
  'data_sources/empty-token': 2,
  'data_sources/expired': 3,
  'data_sources/shared': 1,
  'data_sources/extra-sheet': 2,
  'goals/reversed': 10,
  'goals/unscoped': 6,
  'goals/unparsable': 5,
  'goals/annual': 8,
  'goals/provider-only': 4,
  'dashboards/second-default': 3,
  'dashboards/orphan': 1,
}
const orphans = ['V19', 'V20', 'V21', 'V22', 'users/orphan-clinic', 'dashboards/orphan']
const strictDefects = { ...looseDefects, ...Object.fromEntries(orphans.map((code) => [code, 0])) }

/** source, loaded, merged, matched, quarantined, excluded */
const looseOutcomes = {
  clinics: [6, 5, 1, 0, 0, 0],
  locations: [6, 5, 1, 0, 0, 0],
  auth_users: [40, 28, 4, 6, 2, 0],
  auth_identities: [40, 28, 4, 6, 2, 0],
  profiles: [40, 34, 4, 0, 2, 0],
  user_clinic_roles: [40, 34, 2, 0, 2, 2],
  providers: [24, 24, 0, 0, 0, 0],
  provider_locations: [24, 24, 0, 0, 0, 0],
  metric_definitions: [20, 20, 0, 0, 0, 0],
  google_credentials: [12, 8, 2, 0, 0, 2],
  spreadsheet_connections: [12, 10, 2, 0, 0, 0],
  connection_sheets: [12, 12, 0, 0, 0, 0],
  column_mappings: [60, 12, 48, 0, 0, 0],
  metric_values: [10_000, 9_690, 130, 0, 180, 0],
  goals: [300, 289, 0, 0, 11, 0],
  dashboards: [50, 49, 0, 0, 1, 0],
  widgets: [300, 296, 0, 0, 4, 0],
}
/** How many values were loaded shows in the numbers of their stored totals, and of providers who stand in for others. */
const synthesised = ['provider_stand_ins', 'metric_aggregations']
const strictOutcomes = {
  ...looseOutcomes,
  user_clinic_roles: [40, 35, 2, 0, 2, 1],
  metric_values: [10_000, 9_714, 130, 0, 156, 0],
  dashboards: [50, 50, 0, 0, 0, 0],
  widgets: [300, 300, 0, 0, 0, 0],
}

describe.each([
  { foreignKeys: 'loose', defects: looseDefects, outcomes: looseOutcomes },
  { foreignKeys: 'strict', defects: strictDefects, outcomes: strictOutcomes },
] as const)('scale s, $foreignKeys foreign keys', ({ foreignKeys, defects, outcomes }) => {
  const generated = createGenerated({ scale: 's', seed: 1, foreignKeys })

  test('every table has its rows', async () => {
    const { database, manifest } = await generated
    expect(manifest.tables).toEqual(rowsByScale.s)
    for (const [table, rows] of Object.entries(rowsByScale.s)) {
      expect([table, (await database.query(`select count(*)::int as n from legacy.${table}`))[0]!.n]).toEqual([
        table,
        rows,
      ])
    }
    expect((await database.query('select count(*)::int as n from auth.users'))[0]!.n).toBe(6)
    expect((await database.query('select count(*)::int as n from auth.identities'))[0]!.n).toBe(6)
  })

  test('the manifest has exactly the injected defects', async () => {
    const { manifest } = await generated
    const counts = Object.entries(manifest.defects).map(([code, { count, ids }]) => [code, count, ids.length])
    expect(counts).toEqual(Object.entries(defects).map(([code, count]) => [code, count, count]))
  })

  test('the manifest has exactly the outcomes of every mapping', async () => {
    const { manifest } = await generated
    const mappings = Object.entries(manifest.mappings).filter(([name]) => !synthesised.includes(name))
    expect(
      Object.fromEntries(
        mappings.map(([name, { source, loaded, merged, matched, quarantined, excluded }]) => [
          name,
          [source, loaded, merged, matched, quarantined, excluded],
        ]),
      ),
    ).toEqual(outcomes)
    const { provider_stand_ins: standIns, metric_aggregations: aggregations } = manifest.mappings
    expect(standIns!.source).toBe(standIns!.loaded + standIns!.matched)
    expect(standIns!.loaded).toBeGreaterThan(0)
    expect(standIns!.matched).toBeGreaterThan(0)
    expect(aggregations!.loaded).toBe(aggregations!.source)
    expect(aggregations!.loaded).toBeGreaterThan(10_000)
  })

  test('the codes of metric values add up', async () => {
    const { manifest } = await generated
    const { quarantinedBy, correctedBy, notedBy } = manifest.mappings.metric_values!
    const sizes = (lists: Readonly<Record<string, readonly string[]>>) =>
      Object.fromEntries(Object.entries(lists).map(([code, ids]) => [code, ids.length]))
    const onlyLoose = foreignKeys === 'loose' ? 12 : 0
    expect(sizes(quarantinedBy)).toEqual({
      'ambiguous-number': 20,
      'future-date': 25,
      'implausible-date': 20,
      'no-clinic': 15 + onlyLoose,
      'not-a-number': 76,
      ...(onlyLoose && { 'orphan-definition': onlyLoose }),
    })
    expect(sizes(correctedBy)).toEqual({
      'cloned-provider': 10,
      'derived-clinic': 150,
      'number-format': 1130,
      'twin-provider': 40,
      'unknown-source': 10,
      ...(onlyLoose && { 'orphan-provider': onlyLoose, 'orphan-source': onlyLoose }),
    })
    expect(sizes(notedBy)).toEqual({ 'local-month': 20 })
  })

  test('every id of the manifest exists', async () => {
    const { database, manifest } = await generated
    const existing = async (table: string) =>
      new Set((await database.query(`select id from legacy.${table}`)).map(({ id }) => id))
    const values = await existing('metric_values')
    for (const [code, { ids }] of Object.entries(manifest.defects)) {
      const rows = code.includes('/') ? await existing(code.split('/')[0]!) : values
      expect([code, ids.filter((id) => !rows.has(id))]).toEqual([code, []])
    }
    const { mergedInto } = manifest.mappings.metric_values!
    expect(
      Object.entries(mergedInto)
        .flat()
        .filter((id) => !values.has(id)),
    ).toEqual([])
  })

  test('the rows of metric value defects are disjoint', async () => {
    const { manifest } = await generated
    const ids = Object.entries(manifest.defects).flatMap(([code, defect]) => (code.includes('/') ? [] : defect.ids))
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('the generator leaves nothing of its own behind', async () => {
    const { database } = await generated
    expect(await database.query(`select nspname from pg_namespace where nspname like '%generator%'`)).toEqual([])
  })
})

test('the loose variant really has orphans', async () => {
  const { database } = await createGenerated({ scale: 's', seed: 1, foreignKeys: 'loose' })
  await expect(load(database, 'legacy-foreign-keys')).rejects.toMatchObject({ code: '23503' })
})

test('the compound rows are extra', async () => {
  const { database, manifest } = await createGenerated({ scale: 's', seed: 1, foreignKeys: 'strict', compound: true })
  const { manifest: plain } = await createGenerated({ scale: 's', seed: 1, foreignKeys: 'strict' })
  expect(manifest.compound).toHaveLength(20)
  expect(manifest.tables.metric_values).toBe(10_020)
  expect((await database.query('select count(*)::int as n from legacy.metric_values'))[0]!.n).toBe(10_020)
  expect({ ...manifest, tables: plain.tables, compound: [] }).toEqual(plain)
  const injected = new Set(Object.values(manifest.defects).flatMap(({ ids }) => ids))
  expect(manifest.compound.filter((id) => injected.has(id))).toEqual([])
})
