import { capabilitiesOf } from '../catalog/capabilities.ts'
import { findTable, qualifiedName, type Table } from '../catalog/catalog.ts'
import type { Queryable } from '../db/connection.ts'
import { serverErrorOf } from '../db/server-error.ts'
import { DroverError } from '../error.ts'
import { noteRestored } from '../ledger/altered-object.ts'
import { holdMapping } from '../ledger/chunk.ts'
import { type DueRebuild, endRebuild, lockRebuild } from '../ledger/rebuild.ts'
import { readRefused } from '../ledger/refused.ts'
import { holdRun, readSettings } from '../ledger/run.ts'
import { nextChunkNumber } from '../ledger/step.ts'
import { recordTransaction } from '../ledger/transaction.ts'
import type { RebuildPlan, RebuiltObject } from '../plan/rebuild-plan.ts'
import { isOverLimit, quarantineLimitError } from './quarantine-limit.ts'
import { inTransaction, mappingOf, type TaskOutcome, type Worker } from './worker.ts'

/** SQLSTATE of what is not unique. */
const violation = '23505'

/**
 * Makes the next part of something that is off, in one transaction with its mark in the ledger: killed half-way, it is
 * still off, and made again. What is unique is tried first; only where that fails are the rows sought that break it.
 */
export async function carryOutRebuild(worker: Worker, due: DueRebuild): Promise<TaskOutcome> {
  try {
    return await inTransaction(worker, 'rebuild', (tx) => rebuild(tx, worker, due))
  } catch (thrown) {
    if (serverErrorOf(thrown)?.sqlstate !== violation) throw thrown
    if (due.kind === 'unique') return inTransaction(worker, 'rebuild', (tx) => moveViolators(tx, worker, due, thrown))
    throw due.kind === 'crosswalk' ? twoSourceKeys(worker, due, thrown) : thrown
  }
}

async function rebuild(tx: Queryable, worker: Worker, due: DueRebuild): Promise<TaskOutcome> {
  if (!(await isOurs(tx, worker, due))) return 'taken'
  const { runId } = worker
  if (due.kind === 'crosswalk' || due.kind === 'statistics') {
    const { keyCrosswalk, analyzeTarget } = mappingOf(worker, due.name).statements
    for (const statement of due.kind === 'crosswalk' ? keyCrosswalk : [analyzeTarget]) await tx.query(statement)
    await endRebuild(tx, runId, due, { state: 'done', isMeasured: false })
    return 'done'
  }
  const object = objectOf(worker, due)
  const isLast = due.state === 'built' || isDoneAtOnce(object)
  const statements =
    due.state === 'off'
      ? [object.build, ...(isLast || object.kind === 'foreign key' ? object.attach : [])]
      : object.kind === 'foreign key'
        ? [object.validate!]
        : object.attach
  for (const statement of statements) await tx.query(statement)
  // Of an index whose parts lie on other nodes this server holds an empty one.
  const isMeasured = capabilitiesOf(targetOf(worker, due)).hasPlaces
  await endRebuild(tx, runId, due, { state: isLast ? 'done' : 'built', isMeasured })
  if (isLast) await noteRestored(tx, runId, due)
  return 'done'
}

/** A foreign key that was not valid before, and an index without a constraint, have one part. */
function isDoneAtOnce({ kind, attach, validate }: RebuiltObject): boolean {
  if (kind === 'foreign key') return validate === null
  return kind === 'index' || attach.length === 0
}

async function isOurs(tx: Queryable, { runId }: Worker, due: DueRebuild): Promise<boolean> {
  return (await holdRun(tx, runId)) === 'running' && (await lockRebuild(tx, runId, due))
}

/**
 * Sets the rows aside that what is unique would refuse.
 *
 * @throws what the server said where no row of the run is to blame; DroverError `quarantine-limit`.
 */
async function moveViolators(tx: Queryable, worker: Worker, due: DueRebuild, thrown: unknown): Promise<TaskOutcome> {
  if (!(await isOurs(tx, worker, due))) return 'taken'
  const { runId } = worker
  await recordTransaction(tx, runId)
  const { mappings, objects } = rebuildOf(worker, due)
  for (const mapping of mappings) await holdMapping(tx, runId, mapping)
  const moved = new Set<string>()
  // In the plan's order, whoever was first to notice: a row that one of them moves breaks no other.
  for (const { mapping, statement } of objects.flatMap(({ violators }) => violators)) {
    const adjusted = await tx.query(statement, [runId, await nextChunkNumber(tx, runId, mapping)])
    if (adjusted.length > 0) moved.add(mapping)
  }
  // Another worker has moved them, or they are no rows of the run: then the server says so again.
  if (moved.size === 0) return rebuild(tx, worker, due)
  const { maxQuarantined } = await readSettings(tx, runId)
  for (const mapping of moved) {
    const refused = await readRefused(tx, runId, mapping)
    if (!isOverLimit(refused.rows, maxQuarantined, refused)) continue
    throw quarantineLimitError(mapping, maxQuarantined, {
      where: `mapping ${mapping}, ${due.schema}.${due.table}, ${due.name}`,
      why: `SQLSTATE ${violation}: of ${refused.rows} rows another one has what must be unique in ${due.name}`,
      cause: thrown,
    })
  }
  return 'done'
}

function rebuildOf({ plan }: Worker, { schema, table }: DueRebuild): RebuildPlan {
  return plan.rebuilds.find((each) => each.table === `${schema}.${table}`)!
}

function targetOf({ plan }: Worker, due: DueRebuild): Table {
  return findTable(plan.catalog, qualifiedName({ schema: due.schema, name: due.table }))!
}

function objectOf(worker: Worker, due: DueRebuild): RebuiltObject {
  return rebuildOf(worker, due).objects.find(({ name }) => name === due.name)!
}

function twoSourceKeys(worker: Worker, due: DueRebuild, cause: unknown): DroverError {
  const { name, key } = mappingOf(worker, due.name)
  return new DroverError('conservation-broken', `Source keys of mapping ${name} occur more than once.`, {
    where: `mapping ${name}, key ${key.join(', ')}`,
    why: 'the key is not unique, or the source changed while it was read',
    remedy: 'Cancel the run, take back what it has loaded, and run again with a key that is unique in the source.',
    cause,
  })
}
