import { type Check, readCheck } from '../../src/check/check.ts'
import { readFacts } from '../../src/check/facts.ts'
import type { Database } from '../../src/db/connection.ts'
import type { MigrationDefinition } from '../../src/define/migration.ts'
import { buildCheck, type CheckFacts } from '../../src/plan/check.ts'
import { catalogOf } from '../plan/planned.ts'
import type { TestDatabase } from '../support/postgres.ts'

/** What `drover check` finds of schemas `old` and `new`. */
export async function checkOf(
  db: Database,
  database: TestDatabase,
  migration: MigrationDefinition,
  facts: Partial<CheckFacts> = {},
): Promise<Check> {
  const known = await readFacts(db, ['old', 'new'])
  return readCheck(db, buildCheck(migration, await catalogOf(database), { ...known, showsValues: false, ...facts }))
}
