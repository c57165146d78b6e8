import type { Catalog } from '../catalog/catalog.ts'
import { findRefusals } from '../check/refusal.ts'
import type { Database } from '../db/connection.ts'
import { type MigrationDefinition, rowFunctionsOf } from '../define/migration.ts'
import { buildForesight, buildPlan, buildProbes, invalid } from '../plan/build.ts'
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
 * `definition-invalid`, also where the server refuses the mappings' expressions.
 */
export async function makePlan(db: Database, file: string): Promise<Plan> {
  return (await makeRunnablePlan(db, file)).plan
}

/** What a run of a migration file would do with the rows, as statements. Throws as {@link makePlan}. */
export async function makeForesight(
  db: Database,
  file: string,
): Promise<{ readonly migration: string; readonly foresights: readonly Foresight[] }> {
  const definition = await loadMigration(file)
  const catalog = await readSchemas(db, schemasOf(definition))
  const foresights = buildForesight(definition, catalog)
  await requireAccepted(db, definition, catalog)
  return { migration: definition.name, foresights }
}

/** As {@link makePlan}, with the functions that the plan calls. */
export async function makeRunnablePlan(
  db: Database,
  file: string,
): Promise<{ readonly plan: Plan; readonly functions: RowFunctions }> {
  const definition = await loadMigration(file)
  const catalog = await readSchemas(db, schemasOf(definition))
  const plan = buildPlan(definition, catalog)
  await requireAccepted(db, definition, catalog)
  return { plan, functions: rowFunctionsOf(definition) }
}

/** Asks the server, once nothing else is wrong, whether it can plan the expressions. */
async function requireAccepted(db: Database, definition: MigrationDefinition, catalog: Catalog): Promise<void> {
  const refusals = await findRefusals(db, buildProbes(definition, catalog))
  if (refusals.length > 0) throw invalid(definition, refusals)
}
