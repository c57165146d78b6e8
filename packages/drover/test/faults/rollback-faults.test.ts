import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, onServer, type TestDatabase } from '../support/postgres.ts'
import { complaintOf } from './carry-out.ts'
import { nameOf, rollbackCombinations, rollbackPoints, worlds } from './rollback-points.ts'
import { prepareRollback } from './rollback-trial.ts'
import type { Trial } from './trial.ts'

// A sample of what strikes a rollback; `npm run test:faults rollback` is all of it.

/** Every so many combinations. The number shares no factor with those of faults, so that all faults are in the sample. */
const every = 67

const all = worlds.flatMap((world) => rollbackCombinations(world).map((combination) => ({ world, combination })))
/** The server of the tests is shared: nobody may restart it. */
const sample = all.filter(({ combination }) => combination.fault !== 'restart').filter((_, i) => i % every === 5)

const owner = { name: `owner_${randomBytes(6).toString('hex')}`, password: 'secret' }
const prepared = new Map<unknown, { readonly template: TestDatabase; readonly trial: Trial }>()

beforeAll(async () => {
  await onServer((server) => server.query(`create role ${owner.name} login password '${owner.password}'`))
  for (const world of worlds.filter((each) => sample.some((chosen) => chosen.world === each))) {
    const template = await createDatabase()
    prepared.set(world, { template, trial: await prepareRollback(template, world, owner) })
  }
})

afterAll(async () => {
  for (const { template } of prepared.values()) await template.drop()
  await onServer((server) => server.query(`drop role ${owner.name}`))
})

test('the matrix has at least 400 combinations; the sample has every world and most faults', () => {
  expect(all.length).toBeGreaterThanOrEqual(400)
  expect(new Set(rollbackPoints.map(({ name }) => name)).size).toBe(rollbackPoints.length)
  expect(new Set(sample.map(({ world }) => world)).size).toBeGreaterThanOrEqual(3)
  expect(new Set(sample.map(({ combination }) => combination.fault)).size).toBeGreaterThanOrEqual(6)
})

test.for(
  sample.map((each) => [nameOf(each.world), each.combination.point.name, each.combination.fault, each] as const),
)('%s: %s × %s', async ([, , , { world, combination }]) => {
  const { template, trial } = prepared.get(world)!
  const database = await createDatabase(template.name)
  expect(await complaintOf(trial, database, combination)).toBeUndefined()
  await database.drop()
})
