import { buildPlan } from '../../src/plan/build.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { run } from '../../src/run/run.ts'
import { catalogOf, databaseWith } from '../plan/planned.ts'
import { practice, schema } from '../rollback/practice.ts'
import { withDatabase } from '../run/fixture.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { makeCatalogue } from './catalogue.ts'

const targets = ['clinics', 'doctors', 'visits', 'rooms']

/**
 * The practice of the rollback's tests, run with targets that the catalogue calls reference tables: all that drover
 * does to rows on the nodes of a cluster it does to them, on one server. So the statements are tried, and not the
 * cluster. A template for others.
 */
export async function createClusterPractice(): Promise<TestDatabase> {
  const database = await databaseWith(schema)
  await makeCatalogue(
    database,
    targets.map((name) => ({
      table: `new.${name}`,
      partkey: null,
      repmodel: 't',
      partmethod: 'n',
      colocation: 2,
      shards: 1,
    })),
  )
  const plan = buildPlan(practice, await catalogOf(database))
  await withDatabase(database.url, (db) => run(db, plan, { allowed: hazardNames, rowsPerChunk: 2, workers: 1 }))
  await database.disconnect()
  return database
}
