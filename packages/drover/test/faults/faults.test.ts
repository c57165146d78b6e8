import { beforeAll, expect, test } from 'vitest'
import { createDatabase } from '../support/postgres.ts'
import { carryOut, complaintOf, resultOf, runChild, runTrial } from './carry-out.ts'
import { combinations, points } from './points.ts'
import { schema } from './subject.ts'

// A sample of the matrix; `npm run test:faults` is all of it.

/** Every so many combinations. The number shares no factor with those of faults, so that all faults are in the sample. */
const every = 53

/** The server of the tests is shared: nobody may restart it. */
const sample = combinations.filter(({ fault }) => fault !== 'restart').filter((_, i) => i % every === 3)

let undisturbed: unknown

beforeAll(async () => {
  const database = await createDatabase()
  await database.query(schema)
  expect(await carryOut(runChild, database.url)).toMatchObject({ exit: 0 })
  undisturbed = await resultOf(database)
})

test('the matrix has at least 150 combinations, each once', () => {
  expect(combinations.length).toBeGreaterThanOrEqual(150)
  expect(new Set(points.map(({ name }) => name)).size).toBe(points.length)
  expect(new Set(sample.map(({ fault }) => fault)).size).toBeGreaterThanOrEqual(6)
})

test.for(sample.map((combination) => [combination.point.name, combination.fault, combination] as const))(
  '%s × %s',
  async ([, , combination]) => {
    const database = await createDatabase()
    await database.query(schema)
    expect(await complaintOf(runTrial(undisturbed), database, combination)).toBeUndefined()
    await database.drop()
  },
)
