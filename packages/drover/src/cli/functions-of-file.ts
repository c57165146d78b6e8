import { type MigrationDefinition, probesOf, rowFunctionsOf } from '../define/migration.ts'
import type { ProbeFunction } from '../define/probe.ts'
import { DroverError } from '../error.ts'
import type { Run } from '../ledger/run.ts'
import { buildPlan } from '../plan/build.ts'
import type { Plan } from '../plan/plan.ts'
import { droverVersion } from '../plan/version.ts'
import type { RowFunctions } from '../run/compute.ts'
import { loadMigration } from './load-migration.ts'

/** A plan that is stored with a run or in a file, as messages name it. */
export interface StoredPlan {
  readonly plan: Plan
  /** The sentence that is told where the file is another's. */
  readonly mismatch: string
  /** As in `the run's plan`. */
  readonly owner: string
  readonly remedy: string
}

/**
 * The row functions of a migration file, if it is the one that the plan was made of: its plan against the catalog of the
 * stored plan is that plan.
 *
 * @throws DroverError `plan-mismatch` where it is another one, `version-differs` where another drover has made the plan, and
 * what {@link loadMigration} throws.
 */
export async function functionsOfFile(file: string, stored: StoredPlan): Promise<RowFunctions> {
  return rowFunctionsOf(await definitionOfFile(file, stored))
}

/** The row functions for the plan of a run; none where no file is given. */
export async function functionsOfRun(run: Run, file: string | undefined): Promise<RowFunctions> {
  return file === undefined ? new Map() : functionsOfFile(file, storedPlanOf(run))
}

/** The probes for the plan of a run; none where no file is given. */
export async function probesOfRun(run: Run, file: string | undefined): Promise<ReadonlyMap<string, ProbeFunction>> {
  return file === undefined ? new Map() : probesOf(await definitionOfFile(file, storedPlanOf(run)))
}

function storedPlanOf({ id, plan }: Run): StoredPlan {
  return {
    plan,
    mismatch: `The migration file is not the one that run ${id} follows.`,
    owner: 'the run',
    remedy: 'Give the file as it was when the run was started.',
  }
}

async function definitionOfFile(file: string, stored: StoredPlan): Promise<MigrationDefinition> {
  const { drover } = stored.plan
  if (drover !== droverVersion) {
    // The version is a part of the plan: those of another differ, whatever the file says.
    throw new DroverError(
      'version-differs',
      `The plan was made by drover ${drover}; this is drover ${droverVersion}.`,
      { where: file, remedy: `Use drover ${drover}: only that can tell whether the file is the one of the plan.` },
    )
  }
  const definition = await loadMigration(file)
  const why = differenceOf(definition, stored)
  if (why === undefined) return definition
  throw new DroverError('plan-mismatch', stored.mismatch, { where: file, why, remedy: stored.remedy })
}

function differenceOf(definition: MigrationDefinition, { plan, owner }: StoredPlan): string | undefined {
  if (definition.name !== plan.migration) {
    return `${owner}'s migration is ${plan.migration}, that of the file ${definition.name}`
  }
  const { hash } = buildPlan(definition, plan.catalog)
  if (hash === plan.hash) return undefined
  return `${owner}'s plan is ${plan.hash.slice(0, 12)}, that of the file ${hash.slice(0, 12)}`
}
