import type { Catalog } from '../../src/catalog/catalog.ts'
import type { DroverError } from '../../src/error.ts'
import { defineMigration, type MigrationDefinition } from '../../src/index.ts'
import { readWholeCatalog } from '../../src/ledger/whole-catalog.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { hazardNames, type Plan } from '../../src/plan/plan.ts'
import { run } from '../../src/run/run.ts'
import { withDatabase } from '../run/fixture.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

/** Tables of any columns of any types: these tests are about the planner. */
// biome-ignore lint/suspicious/noExplicitAny: whatever the compiler would refuse, the planner must meet.
export type Anything = Record<string, Record<string, any>>

export const migrationOf = (name = 'planned', cutover = '2025-06-01T00:00:00Z') =>
  defineMigration<Anything, Anything>({ name, cutover })

/** A database with schemas `old` and `new` and what the statements add to them. */
export async function databaseWith(statements: string): Promise<TestDatabase> {
  const database = await createDatabase()
  await database.query(`create schema old; create schema new; ${statements}`)
  return database
}

export async function catalogOf(database: TestDatabase): Promise<Catalog> {
  return withDatabase(database.url, (db) => db.transaction((tx) => readWholeCatalog(tx, ['old', 'new'])))
}

/** What the planner complains of; nothing where it makes a plan. */
export function findingsOf(migration: MigrationDefinition, catalog: Catalog): readonly string[] {
  try {
    buildPlan(migration, catalog)
    return []
  } catch (error) {
    return (error as DroverError).findings
  }
}

/** Plans and runs the migration in chunks of three rows. */
export async function carryOut(database: TestDatabase, migration: MigrationDefinition): Promise<Plan> {
  const plan = buildPlan(migration, await catalogOf(database))
  await withDatabase(database.url, (db) => run(db, plan, { allowed: hazardNames, rowsPerChunk: 3, workers: 1 }))
  return plan
}
