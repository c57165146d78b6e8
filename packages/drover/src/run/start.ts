import { qualifiedName } from '../catalog/catalog.ts'
import { catalogDifferences } from '../catalog/differences.ts'
import { type CatalogQuery, readCatalog } from '../catalog/read.ts'
import type { Database, Queryable } from '../db/connection.ts'
import { asDroverError } from '../db/server-error.ts'
import { DroverError } from '../error.ts'
import { installLedger } from '../ledger/install.ts'
import { changeState, createRun, findLiveRun, type Run, type RunSettings } from '../ledger/run.ts'
import type { Plan } from '../plan/plan.ts'
import { freezeSource } from './freeze.ts'

/** The longest that one statement may take, in milliseconds: a digest reads a whole table. */
const longestFreezeMs = 6 * 3_600_000

/** What starting came to: work to do, or a run that has done it all. */
export interface StartedRun {
  readonly run: Run
  readonly outcome: 'started' | 'resumed' | 'already-loaded'
}

/**
 * Starts a run of the plan, or takes up the one that this plan has begun: what was allowed then need not be allowed
 * again. Nothing is written where it refuses.
 *
 * @throws DroverError `plan-stale`, `plan-mismatch`, `hazard-not-allowed`, `ledger-newer`, `source-busy` or
 * `privilege-missing`.
 */
export async function startRun(db: Database, plan: Plan, settings: RunSettings): Promise<StartedRun> {
  return db
    .transaction((tx) => findOrCreate(tx, plan, settings), { statementTimeoutMs: longestFreezeMs })
    .catch((thrown) => {
      throw asDroverError(thrown, 'statement-failed', 'The run could not be started; nothing was written.', db.label)
    })
}

async function findOrCreate(tx: Queryable, plan: Plan, settings: RunSettings): Promise<StartedRun> {
  await requireSameCatalog(plan, (text, values) => tx.query(text, values))
  await installLedger(tx, plan.drover)
  const live = await findLiveRun(tx, plan.migration)
  if (live === undefined) {
    requireAllowed(plan, settings.allowed)
    const run = await createRun(tx, plan, settings)
    await freezeSource(tx, run.id, plan.freeze)
    await changeState(tx, run.id, 'running', 'started')
    return { run, outcome: 'started' }
  }
  if (live.planHash !== plan.hash) {
    throw new DroverError(
      'plan-mismatch',
      `Run ${live.id} of ${plan.migration} is ${live.state} and follows another plan.`,
      {
        why: `its plan is ${live.planHash.slice(0, 12)}, this one ${plan.hash.slice(0, 12)}`,
        remedy: 'Finish that run with the migration it was started with, or roll it back, before another plan runs.',
      },
    )
  }
  if (live.state === 'loaded' || live.state === 'verified') return { run: live, outcome: 'already-loaded' }
  if (live.state !== 'running' && !(await changeState(tx, live.id, 'running', 'resumed'))) {
    throw new DroverError('state-refused', `Run ${live.id} is ${live.state} and cannot be resumed from there.`, {
      remedy: `See drover status --run ${live.id}.`,
    })
  }
  return { run: live, outcome: 'resumed' }
}

/** @throws DroverError `hazard-not-allowed` naming each hazard and the flag that allows it. */
export function requireAllowed(plan: Plan, allowed: readonly string[]): void {
  const refused = plan.hazards.filter((hazard) => !allowed.includes(hazard.name))
  if (refused.length === 0) return
  const names = [...new Set(refused.map((hazard) => hazard.name))]
  throw new DroverError('hazard-not-allowed', 'The plan holds hazards that were not allowed.', {
    findings: refused.map((hazard) => `${hazard.name}: ${hazard.why}`),
    remedy: `Read them, then add ${names.map((name) => `--allow ${name}`).join(' ')}.`,
  })
}

/** @throws DroverError `plan-stale` with the differences. */
async function requireSameCatalog(plan: Plan, query: CatalogQuery): Promise<void> {
  const now = await readCatalog(query, plan.catalog.schemas)
  const tables = plan.catalog.tables.map(qualifiedName)
  const differences = catalogDifferences(plan.catalog, now, tables)
  if (differences.length === 0) return
  throw new DroverError('plan-stale', 'The schema is not the one that the plan was made for.', {
    findings: differences,
    remedy: 'Make the plan again with drover plan, read it, and run that.',
  })
}
