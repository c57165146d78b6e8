import { beforeAll, describe, expect, test } from 'vitest'
import { createDatabase } from '../../../../packages/drover/test/support/postgres.ts'
import { accessChecks } from '../../checks/access.ts'
import { brokenObjects } from './broken-objects.ts'
import { holes } from './holes.ts'
import { ask, migratedTemplate } from './world.ts'
import { wrongRows } from './wrong-rows.ts'

const faults = { ...holes, ...brokenObjects, ...wrongRows }

let migrated: string

beforeAll(async () => {
  migrated = await migratedTemplate()
}, 120_000)

test('every rule holds of the migrated example, and has somebody to ask', async () => {
  const findings = await ask(await createDatabase(migrated))
  expect(findings.map(({ rule }) => rule).sort()).toEqual(accessChecks.map(({ name }) => name).sort())
  expect(findings.filter(({ verdict }) => verdict !== 'pass')).toEqual([])
})

describe.each(Object.entries(faults))('%s', (_, { plant, fails }) => {
  test('is found', async () => {
    const database = await createDatabase(migrated)
    const places = new Map<string, string>()
    for (const [rule, says] of Object.entries(fails)) {
      const isText = typeof says === 'string'
      places.set(rule, isText ? says : (await database.query<{ id: string }>(`select ${says.of}::text as id`))[0]!.id)
    }
    await database.query(plant)
    const findings = await ask(database, Object.keys(fails))
    expect(findings.map(({ rule, verdict }) => [rule, verdict]).sort()).toEqual(
      Object.keys(fails)
        .map((rule) => [rule, 'fail'])
        .sort(),
    )
    for (const { rule, detail, sample } of findings) {
      expect(`${rule}: ${detail} ${JSON.stringify(sample)}`).toContain(places.get(rule!))
    }
    await database.drop()
  })
})

test('a clinic whose members all work elsewhere too is told of', async () => {
  const database = await createDatabase(migrated)
  await database.query(`
    insert into public.user_clinic_roles (id, user_id, clinic_id, role)
    select gen_random_uuid(), user_id, (select max(id::text)::uuid from public.clinics), 'viewer'
    from public.user_clinic_roles
    where clinic_id = (select min(id::text)::uuid from public.clinics)
    on conflict do nothing`)
  const rule = 'Each clinic has a member of it alone, who can be asked about the others'
  const [clinic] = await database.query('select min(id::text) as id from public.clinics')
  const findings = await ask(database, [rule])
  expect(findings).toMatchObject([{ rule, verdict: 'warn', sample: [{ key: { id: clinic!.id } }] }])
})

test('every rule is seen to fail', () => {
  const seen = new Set(Object.values(faults).flatMap(({ fails }) => Object.keys(fails)))
  expect(accessChecks.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual([
    'Each clinic has a member of it alone, who can be asked about the others',
  ])
})
