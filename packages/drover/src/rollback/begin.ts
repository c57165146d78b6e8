import { capabilitiesOf } from '../catalog/capabilities.ts'
import type { Queryable } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { readAltered, restoreAltered } from '../ledger/altered-object.ts'
import { installLedger } from '../ledger/install.ts'
import { stateRefused } from '../ledger/refused-state.ts'
import { changeDecisions, createRollback, type Decisions, readRollback, type TriggerMode } from '../ledger/rollback.ts'
import { cutRollback } from '../ledger/rollback-chunk.ts'
import { changeState, findLiveRun, type Run, recordEvent } from '../ledger/run.ts'
import { stateWords } from '../ledger/state.ts'
import { readTargetsBefore } from '../ledger/target-before.ts'
import { recordTransaction } from '../ledger/transaction.ts'
import { droverVersion } from '../plan/version.ts'
import { decide } from './conflicts/decide.ts'
import { findConflicts } from './conflicts/find.ts'
import { type ConflictSummary, readUndecided } from './conflicts/summary.ts'
import { requirePrivileges } from './privileges.ts'
import { planTriggers, switchOff } from './triggers.ts'
import { goesAtOnce, unlinkStatement } from './unlink.ts'
import { readWay, type Way } from './way.ts'

/** What beginning came to: a way back, or rows about which nothing is decided. */
export type Begun =
  | { readonly kind: 'begun' | 'resumed'; readonly way: Way; readonly triggers: TriggerMode }
  | { readonly kind: 'undecided'; readonly conflicts: readonly ConflictSummary[] }

/** What was decided before a rollback begins. */
export interface BeginOptions {
  readonly onConflict: Decisions
  readonly allowed: readonly string[]
  /** Whether the role may act as a replica. */
  readonly replicates: boolean
  readonly blocksPerChunk: number
}

/**
 * Looks for conflicts and, where all are decided, begins the rollback or goes on with it: all in the caller's transaction,
 * which holds the run. Where something is undecided, nothing but the list of conflicts is written.
 */
export async function begin(tx: Queryable, run: Run, options: BeginOptions): Promise<Begun> {
  await installLedger(tx, droverVersion)
  await requireOwnRun(tx, run)
  await requireNewest(tx, run)
  const stored = await readRollback(tx, run.id)
  const way = await readWay(tx, run)
  await requirePrivileges(tx, way)
  if (stored === undefined) await restoreKeys(tx, run)
  const decisions = { ...stored?.onConflict, ...options.onConflict }
  await findConflicts(tx, way)
  await decide(tx, way, decisions)
  const conflicts = await readUndecided(tx, run.id)
  if (conflicts.length > 0) return { kind: 'undecided', conflicts }
  await recordTransaction(tx, run.id)
  if (stored !== undefined) {
    await changeDecisions(tx, run.id, options.onConflict)
    return { kind: 'resumed', way, triggers: stored.triggers }
  }
  const targets = [...new Set(way.steps.map(({ target }) => target))]
  const replicates = options.replicates && targets.every((target) => capabilitiesOf(target).followsSession)
  const { mode, off } = await planTriggers(tx, targets, { ...options, replicates })
  await createRollback(tx, run.id, { onConflict: decisions, triggers: mode })
  await switchOff(tx, run.id, off)
  await markSequences(tx, way)
  await cut(tx, way, mode, options.blocksPerChunk)
  if (!(await changeState(tx, run.id, 'rolling_back', 'a rollback is asked for'))) {
    throw stateRefused(run, ' and cannot be taken back')
  }
  await recordEvent(tx, run.id, 'rollback began', { onConflict: decisions, triggers: mode })
  return { kind: 'begun', way, triggers: mode }
}

/** The rows of a run that did not come to its end are found by the primary keys that it has taken off. */
async function restoreKeys(tx: Queryable, { id, plan }: Run): Promise<void> {
  for (const object of await readAltered(tx, id)) {
    const rebuild = plan.rebuilds?.find(({ table }) => table === `${object.schema}.${object.table}`)
    const isKey = rebuild?.objects.some(({ kind, name }) => kind === 'primary key' && name === object.name)
    if (isKey) await restoreAltered(tx, object)
  }
}

/** A run begins by taking fingerprints, without which nothing could tell whether everything is as it was. */
async function requireOwnRun(tx: Queryable, { id, state }: Run): Promise<void> {
  if (state === 'planned' || (await readTargetsBefore(tx, id)).length > 0) return
  throw new DroverError(
    'state-refused',
    `Run ${id} was begun by an older drover, which did not prepare its way back.`,
    {
      remedy:
        'Take it back by hand: delete the target rows whose keys drover.crosswalk_<mapping> holds as loaded, dependants first, and put back those of drover.before_image_<mapping>.',
    },
  )
}

/** Of a migration one run at a time is not over, and what is taken back is not over until that is done. */
async function requireNewest(tx: Queryable, { id, migration }: Run): Promise<void> {
  const newer = await findLiveRun(tx, migration)
  if (newer === undefined || newer.id === id) return
  const state = stateWords(newer.state)
  throw new DroverError(
    'state-refused',
    `Run ${id} cannot be taken back while a newer one, run ${newer.id}, is ${state}.`,
    {
      remedy: `Take the newer one back first, with drover rollback --run ${newer.id}.`,
    },
  )
}

/** A mapping that was not closed has not kept where it left its sequences. */
async function markSequences(tx: Queryable, { runId, steps }: Way): Promise<void> {
  for (const { mapping } of steps.filter(({ isDone }) => !isDone)) {
    for (const { mark } of mapping.sequences) await tx.query(mark, [runId])
  }
}

/** Cuts the ranges in which the rows are taken back. */
async function cut(tx: Queryable, way: Way, mode: TriggerMode, blocksPerChunk: number): Promise<void> {
  for (const step of way.steps) {
    const { mapping, crosswalkBlocks, imageBlocks } = step
    const own = { mapping: mapping.name, blocksPerChunk }
    if (imageBlocks !== null) await cutRollback(tx, way.runId, { ...own, kind: 'restore', blocks: imageBlocks })
    if (crosswalkBlocks === null || mapping.kind === 'evolve') continue
    const enforces = mode !== 'replica role'
    if (enforces && unlinkStatement(way, step) !== null) {
      await cutRollback(tx, way.runId, { ...own, kind: 'unlink', blocks: crosswalkBlocks })
    }
    const isWhole = enforces && goesAtOnce(way, step)
    await cutRollback(tx, way.runId, {
      mapping: mapping.name,
      kind: 'remove',
      blocks: crosswalkBlocks,
      blocksPerChunk: isWhole ? Math.max(1, crosswalkBlocks) : blocksPerChunk,
    })
  }
}
