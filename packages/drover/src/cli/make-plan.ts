import type { Database } from '../db/connection.ts'
import { buildPlan } from '../plan/build.ts'
import type { Plan } from '../plan/plan.ts'
import { loadMigration } from './load-migration.ts'
import { readSchemas } from './read-schemas.ts'
import { schemasOf } from './schemas.ts'

/**
 * The plan of a migration file against the database as it is now.
 *
 * @throws DroverError `migration-file-unreadable`, `object-missing` where a whole schema is missing, or
 * `definition-invalid`.
 */
export async function makePlan(db: Database, file: string): Promise<Plan> {
  const definition = await loadMigration(file)
  return buildPlan(definition, await readSchemas(db, schemasOf(definition)))
}
