import type { Database, Queryable } from '../db/connection.ts'
import { retrying } from '../db/retry.ts'
import { beginPurge, endPurge, readPurge, readPurgedRuns } from '../ledger/purge.ts'
import { findRun, recordEvent } from '../ledger/run.ts'
import { countParts } from '../report/kept.ts'
import { type EndedRun, requireFinal } from './ended-runs.ts'
import { longestCountMs } from './limits.ts'
import { deleteMigrationRows, measureMigrationRows, stripOutlooks } from './migration-rows.ts'
import { dropOwnTables, measureOwnTables } from './own-tables.ts'
import type { Gone } from './purged.ts'
import { scrub } from './scrub.ts'
import { deleteSharedRows, measureSharedRows } from './shared-rows.ts'

/** What a purge of the run would take, where those in `others` are purged ahead of it. */
export async function measureRun(tx: Queryable, run: EndedRun, others: readonly string[]): Promise<readonly Gone[]> {
  return [
    ...(await measureOwnTables(tx, run)),
    ...(await measureSharedRows(tx, run.id)),
    ...(await measureMigrationRows(tx, run.migration, [...others, run.id])),
  ]
}

/**
 * Takes the keys and originals of a run out of the ledger, in bounded transactions. The first one keeps what a report
 * counts of them, so that a report says the same from then on; the last one ends it. What was killed in between goes on by
 * the same call.
 */
export async function purgeRun(db: Database, run: EndedRun): Promise<readonly Gone[]> {
  const transaction = <T>(work: (tx: Queryable) => Promise<T>) =>
    retrying(() => db.transaction(work, { name: `run ${run.id} purge`, statementTimeoutMs: longestCountMs }))
  await transaction((tx) => begin(tx, run.id))
  const gone = [...(await dropOwnTables(db, run)), ...(await deleteSharedRows(db, run.id))]
  return [...gone, ...(await transaction((tx) => end(tx, run, gone)))]
}

async function begin(tx: Queryable, runId: string): Promise<void> {
  await tx.query('select from drover.run where id = $1 for update', [runId])
  if ((await readPurge(tx, runId)) !== undefined) return
  const run = await findRun(tx, runId)
  requireFinal(run)
  await beginPurge(tx, runId, await countParts(tx, run))
  await recordEvent(tx, runId, 'purge began')
}

async function end(
  tx: Queryable,
  { id, migration, endedAt }: EndedRun,
  before: readonly Gone[],
): Promise<readonly Gone[]> {
  await scrub(tx, id)
  if (!(await endPurge(tx, id))) return []
  const purged = [...(await readPurgedRuns(tx))]
  const gone = await deleteMigrationRows(tx, migration, purged)
  await stripOutlooks(tx, { name: migration, until: endedAt!, gone: purged })
  await recordEvent(tx, id, 'run purged', {
    gone: [...before, ...gone].map(({ table, rows, bytes }) => ({ table, rows: String(rows), bytes: String(bytes) })),
  })
  return gone
}
