import { findTable, qualifiedName } from '../catalog/catalog.ts'
import { catalogDifferences } from '../catalog/differences.ts'
import type { Database, Queryable } from '../db/connection.ts'
import { retrying } from '../db/retry.ts'
import { asDroverError } from '../db/server-error.ts'
import { DroverError } from '../error.ts'
import { forgetAttempts } from '../ledger/attempt.ts'
import { installLedger } from '../ledger/install.ts'
import { recoverPrepared } from '../ledger/prepared.ts'
import { stateRefused } from '../ledger/refused-state.ts'
import { readRehearsal } from '../ledger/rehearsal.ts'
import { changeSettings, changeState, createRun, findLiveRun, type Run, type RunSettings } from '../ledger/run.ts'
import { stateWords } from '../ledger/state.ts'
import { chooseAlgorithm, takeFingerprint } from '../ledger/take-fingerprint.ts'
import { readTallies, type Tally } from '../ledger/tally.ts'
import { recordTargetBefore } from '../ledger/target-before.ts'
import { recordTransaction } from '../ledger/transaction.ts'
import { readWholeCatalog } from '../ledger/whole-catalog.ts'
import { findWorkers } from '../monitor/session.ts'
import { heldPartitions } from '../plan/freeze.ts'
import type { Hazard, Plan } from '../plan/plan.ts'
import { parseName } from '../sql/nodes.ts'
import { freezeSource } from './freeze.ts'
import { makeRoom, wayOut } from './room.ts'
import { takeOff } from './take-off.ts'
import { requireNoOtherVersion } from './version.ts'

/** The longest that one statement may take, in milliseconds: a digest reads a whole table. */
const longestFreezeMs = 6 * 3_600_000

/** What starting came to: work to do, or a run that has done it all. */
export interface StartedRun {
  readonly run: Run
  /** `joined`: other processes are working on it. */
  readonly outcome: 'started' | 'resumed' | 'joined' | 'already-loaded'
  /** The workers that were at it already. */
  readonly workers: readonly string[]
  /** How far it was. */
  readonly before: readonly Tally[]
}

/** What a run goes by unless it is told otherwise. */
export const defaultSettings: RunSettings = { chunkRows: null, maxQuarantined: { rows: 100 }, allowed: [] }

/**
 * Starts a run of the plan, or takes up the one that this plan has begun: what was allowed then need not be allowed
 * again, other settings that are given hold from now on. Nothing is written where it refuses.
 *
 * @throws DroverError `plan-stale`, `plan-mismatch`, `hazard-not-allowed`, `mapping-taken`, `state-refused`,
 * `version-differs`, `ledger-newer`, `source-busy` or `privilege-missing`.
 */
export async function startRun(db: Database, plan: Plan, settings: Partial<RunSettings>): Promise<StartedRun> {
  const options = { name: 'start', statementTimeoutMs: longestFreezeMs }
  await retrying(() => recoverPrepared(db, plan))
  const start = () => db.transaction((tx) => findOrCreate(tx, plan, settings), options)
  const { run, outcome, before } = await retrying(start).catch((thrown) => {
    throw asDroverError(thrown, 'statement-failed', 'The run could not be started; nothing was written.', db.label)
  })
  const workers = outcome === 'running' ? await retrying(() => findWorkers(db, run.id)) : []
  if (outcome !== 'running') return { run, outcome, workers, before }
  // A run whose last process was killed looks like one that is running.
  return { run, outcome: workers.length > 0 ? 'joined' : 'resumed', workers, before }
}

interface Found {
  readonly run: Run
  readonly before: readonly Tally[]
  readonly outcome: Exclude<StartedRun['outcome'], 'joined'> | 'running'
}

async function findOrCreate(tx: Queryable, plan: Plan, given: Partial<RunSettings>): Promise<Found> {
  await requireSameCatalog(plan, tx)
  await requireNoOtherVersion(tx, plan.migration)
  await installLedger(tx, plan.drover)
  const live = await findLiveRun(tx, plan.migration)
  if (live === undefined) {
    const settings = { ...defaultSettings, ...given }
    requireAllowed(plan, settings.allowed, await rehearsalHazard(tx, plan))
    await makeRoom(tx, plan)
    const run = await createRun(tx, plan, settings)
    await recordTransaction(tx, run.id)
    await freezeSource(tx, run.id, plan.freeze)
    await recordTargets(tx, run)
    await takeOff(tx, run)
    await changeState(tx, run.id, 'running', 'started')
    return { run, outcome: 'started', before: [] }
  }
  if (live.planHash !== plan.hash) {
    throw new DroverError(
      'plan-mismatch',
      `Run ${live.id} of ${plan.migration} is ${stateWords(live.state)} and follows another plan.`,
      {
        why: `its plan is ${live.planHash.slice(0, 12)}, this one ${plan.hash.slice(0, 12)}`,
        remedy: await wayOut(tx, live),
      },
    )
  }
  if (live.state === 'loaded' || live.state === 'verified') return { run: live, outcome: 'already-loaded', before: [] }
  const before = await readTallies(tx, live.id)
  const { allowed: _, ...changed } = given
  await changeSettings(tx, live.id, changed)
  if (live.state === 'running') return { run: live, outcome: 'running', before }
  if (!(await changeState(tx, live.id, 'running', 'resumed'))) {
    throw stateRefused(live, ' and cannot be resumed')
  }
  await forgetAttempts(tx, live.id)
  return { run: live, outcome: 'resumed', before }
}

/** Keeps what the targets hold before the run writes to them: a rollback ends by comparing. */
async function recordTargets(tx: Queryable, { id, plan }: Run): Promise<void> {
  const algorithm = await chooseAlgorithm(tx)
  for (const name of new Set(plan.mappings.map(({ target }) => qualifiedName(parseName(target))))) {
    const table = findTable(plan.catalog, name)!
    const taken = await takeFingerprint(tx, table, algorithm, `/* drover run ${id} fingerprint of ${name} */`)
    await recordTargetBefore(tx, id, taken)
  }
}

/** That nobody has seen the plan work, and being taken back: of the history, so no part of the plan. */
async function rehearsalHazard(tx: Queryable, { hash }: Plan): Promise<readonly Hazard[]> {
  const rehearsal = await readRehearsal(tx, hash)
  if (rehearsal?.verdict === 'pass') return []
  const why =
    rehearsal === undefined
      ? 'Nobody has seen this plan carried out and taken back: it was never rehearsed.'
      : 'The last rehearsal of this plan has failed.'
  return [{ name: 'unrehearsed', mapping: null, why }]
}

/** @throws DroverError `hazard-not-allowed` naming each hazard and the flag that allows it. */
function requireAllowed(plan: Plan, allowed: readonly string[], further: readonly Hazard[]): void {
  const refused = [...plan.hazards, ...further].filter((hazard) => !allowed.includes(hazard.name))
  if (refused.length === 0) return
  const names = [...new Set(refused.map((hazard) => hazard.name))]
  throw new DroverError('hazard-not-allowed', 'The plan holds hazards that were not allowed.', {
    findings: refused.map((hazard) => `${hazard.name}: ${hazard.why}`),
    remedy: `${names.includes('unrehearsed') ? 'Rehearse the plan with drover rehearse. ' : ''}Read them, then add ${names.map((name) => `--allow ${name}`).join(' ')}.`,
  })
}

/** Net of what the run itself has taken off. @throws DroverError `plan-stale` with the differences. */
async function requireSameCatalog(plan: Plan, tx: Queryable): Promise<void> {
  const now = await readWholeCatalog(tx, plan.catalog.schemas)
  // A partition that has come since the plan was made would not be held, or not be read.
  const tables = new Set([...plan.catalog.tables, ...heldPartitions(plan, now)].map(qualifiedName))
  const differences = catalogDifferences(plan.catalog, now, [...tables])
  if (differences.length === 0) return
  throw new DroverError('plan-stale', 'The schema is not the one that the plan was made for.', {
    findings: differences,
    remedy: 'Make the plan again with drover plan, read it, and run that.',
  })
}
