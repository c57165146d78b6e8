import { beforeAll, expect, test } from 'vitest'
import { createDatabase } from '../../../../packages/drover/test/support/postgres.ts'
import { dataChecks } from '../../checks/data.ts'
import { faults } from './faults.ts'
import { findingsOf, migratedTemplate } from './world.ts'

let migrated: string

beforeAll(async () => {
  migrated = await migratedTemplate()
}, 120_000)

test('every rule holds of the migrated example', async () => {
  const findings = await findingsOf(await createDatabase(migrated))
  expect(findings.map(({ rule }) => rule).sort()).toEqual(dataChecks.map(({ name }) => name).sort())
  expect(findings.filter(({ verdict }) => verdict !== 'pass')).toEqual([])
})

test.each(Object.entries(faults))('%s', async (_, { row, open, plant, names = '$1', fails }) => {
  const database = await createDatabase(migrated)
  const [found] = await database.query<{ key: string; named?: string }>(row)
  const { key, named = key } = found!
  if (open !== undefined) await database.query(open)
  await database.query(plant, [key])
  const failed = (await findingsOf(database)).filter(({ verdict }) => verdict !== 'pass')
  expect(failed.map(({ rule }) => rule).sort()).toEqual([...fails].sort())
  const [meant] = failed.filter(({ rule }) => rule === fails[0])
  expect(meant!.detail).toContain(names.replace('$1', named))
  await database.drop()
})

test('every rule is seen to fail', () => {
  const meant = new Set(Object.values(faults).map(({ fails: [first] }) => first))
  expect(dataChecks.map(({ name }) => name).filter((name) => !meant.has(name))).toEqual([])
})
