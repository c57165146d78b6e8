import type { Catalog } from '../catalog/catalog.ts'
import { readExecutions } from '../check/execution.ts'
import { readFacts } from '../check/facts.ts'
import { findCheckRefusals, findRefusals } from '../check/refusal.ts'
import type { Database } from '../db/connection.ts'
import { type MigrationDefinition, rowFunctionsOf } from '../define/migration.ts'
import { requireLanded } from '../landing/require-landed.ts'
import { buildPlan, buildProbes, invalid } from '../plan/build.ts'
import { buildCheck, type CheckFacts, type CheckPlan } from '../plan/check.ts'
import { buildCheckProbes } from '../plan/check-probes.ts'
import { executionProbes } from '../plan/execution-probe.ts'
import type { Plan } from '../plan/plan.ts'
import type { RowFunctions } from '../run/compute.ts'
import { loadMigration } from './load-migration.ts'
import { readSchemas } from './read-schemas.ts'
import { schemasOf, tablesOf } from './schemas.ts'

/**
 * The plan of a migration file against the database as it is now, with what a cluster says of how it would be carried out.
 *
 * @throws DroverError `migration-file-unreadable`, `object-missing` where a whole schema is missing, or
 * `definition-invalid`, also where the server refuses the mappings' expressions.
 */
export async function makePlan(db: Database, file: string): Promise<Plan> {
  const { definition, catalog, plan } = await readMigration(db, file)
  const executions = await readExecutions(db, executionProbes(definition, catalog))
  return executions.length === 0 ? plan : { ...plan, executions }
}

/** What a check of a migration file asks, and the plan of the run that it foresees. Throws as {@link makePlan}. */
export async function makeCheck(
  db: Database,
  file: string,
  { showsValues }: Pick<CheckFacts, 'showsValues'>,
): Promise<{ readonly plan: Plan; readonly check: CheckPlan }> {
  const definition = await loadMigration(file)
  await requireLanded(db, tablesOf(definition))
  const schemas = schemasOf(definition)
  const catalog = await readSchemas(db, schemas)
  const facts = await readFacts(db, schemas)
  const plan = buildPlan(definition, catalog)
  const check = buildCheck(definition, catalog, { ...facts, showsValues })
  await requireAccepted(db, definition, catalog)
  return { plan, check }
}

/** As {@link makePlan}, with the functions that the plan calls. */
export async function makeRunnablePlan(
  db: Database,
  file: string,
): Promise<{ readonly plan: Plan; readonly functions: RowFunctions }> {
  const { definition, plan } = await readMigration(db, file)
  return { plan, functions: rowFunctionsOf(definition) }
}

async function readMigration(db: Database, file: string) {
  const definition = await loadMigration(file)
  return { definition, ...(await planDefinition(db, definition)) }
}

/**
 * The plan of a definition against the database as it is now, and the catalog it was made of. Throws as
 * {@link makePlan}.
 */
export async function planDefinition(
  db: Database,
  definition: MigrationDefinition,
): Promise<{ readonly catalog: Catalog; readonly plan: Plan }> {
  await requireLanded(db, tablesOf(definition))
  const catalog = await readSchemas(db, schemasOf(definition))
  const plan = buildPlan(definition, catalog)
  await requireAccepted(db, definition, catalog)
  return { catalog, plan }
}

/** Asks the server, once nothing else is wrong, whether it can plan the expressions, and the queries of checks. */
async function requireAccepted(db: Database, definition: MigrationDefinition, catalog: Catalog): Promise<void> {
  const refusals = [
    ...(await findRefusals(db, buildProbes(definition, catalog))),
    ...(await findCheckRefusals(db, buildCheckProbes(definition, catalog))),
  ]
  if (refusals.length > 0) throw invalid(definition, refusals)
}
