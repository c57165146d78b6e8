import type { Database } from '../db/connection.ts'
import { rowFunctionsOf } from '../define/migration.ts'
import { buildForesight, buildPlan } from '../plan/build.ts'
import type { Foresight } from '../plan/foresee.ts'
import type { Plan } from '../plan/plan.ts'
import type { RowFunctions } from '../run/compute.ts'
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
  return (await makeRunnablePlan(db, file)).plan
}

/** What a run of a migration file would do with the rows, as statements. Throws as {@link makePlan}. */
export async function makeForesight(db: Database, file: string): Promise<readonly Foresight[]> {
  const definition = await loadMigration(file)
  return buildForesight(definition, await readSchemas(db, schemasOf(definition)))
}

/** As {@link makePlan}, with the functions that the plan calls. */
export async function makeRunnablePlan(
  db: Database,
  file: string,
): Promise<{ readonly plan: Plan; readonly functions: RowFunctions }> {
  const definition = await loadMigration(file)
  const plan = buildPlan(definition, await readSchemas(db, schemasOf(definition)))
  return { plan, functions: rowFunctionsOf(definition) }
}
