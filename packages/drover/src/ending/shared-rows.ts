import type { Database, Queryable, Row } from '../db/connection.ts'
import { retrying } from '../db/retry.ts'
import { serverErrorOf } from '../db/server-error.ts'
import { endStates } from '../ledger/state.ts'
import { ledgerSchema } from '../plan/plan.ts'
import { inBlockRanges } from './block-ranges.ts'
import { longestCountMs } from './limits.ts'
import {
  deleteStatement,
  emptyStatements,
  measureStatement,
  type Originals,
  originals,
  othersStatement,
  unboundStatement,
} from './originals.ts'
import type { Gone } from './purged.ts'

/** How long the wait for a table that is to be emptied may be, in milliseconds: whoever reads it then waits behind it. */
const emptyLockMs = 2_000

/** The run's rows in tables that runs share. */
export async function measureSharedRows(tx: Queryable, runId: string): Promise<readonly Gone[]> {
  const gone: Gone[] = []
  for (const rows of originals) gone.push(...(await measure(tx, runId, rows)))
  return gone
}

/** Takes them away, and the keys that bound the run's chunks. */
export async function deleteSharedRows(db: Database, runId: string): Promise<readonly Gone[]> {
  const gone: Gone[] = []
  for (const rows of originals)
    gone.push(...((await emptyIfAlone(db, runId, rows)) ?? (await deleteRows(db, runId, rows))))
  await inBlockRanges(db, { table: 'chunk', name: `run ${runId} purge` }, async (tx, { from, to }) => {
    await tx.query(unboundStatement, [runId, from, to])
  })
  return gone
}

async function measure(tx: Queryable, runId: string, rows: Originals): Promise<readonly Gone[]> {
  const [row] = await tx.query(measureStatement(rows), [runId])
  return goneOf(rows, row!)
}

function goneOf({ table }: Originals, row: Row): readonly Gone[] {
  const rows = BigInt(row.rows as string)
  return rows === 0n ? [] : [{ table: `${ledgerSchema}.${table}`, rows, bytes: BigInt(row.bytes as string) }]
}

/**
 * A table that holds rows of this run alone is emptied: that gives its space back at once. Not while another run is live,
 * which would wait. Undefined where it was not done.
 */
async function emptyIfAlone(db: Database, runId: string, rows: Originals): Promise<readonly Gone[] | undefined> {
  const isAlone = async (tx: Queryable) => {
    const live = await tx.query('select from drover.run where state <> all ($1) limit 1', [endStates])
    if (live.length > 0) return false
    const [row] = await tx.query(othersStatement(rows), [runId])
    return row!.others === false
  }
  const options = { name: `run ${runId} purge`, statementTimeoutMs: longestCountMs }
  // Looked at without the lock first: it is taken where it will be of use.
  if (!(await retrying(() => db.transaction(isAlone, { ...options, readOnly: true })))) return undefined
  const { lock, empty } = emptyStatements(rows)
  try {
    return await db.transaction(
      async (tx) => {
        await tx.query(lock)
        if (!(await isAlone(tx))) return undefined
        const gone = await measure(tx, runId, rows)
        await tx.query(empty)
        return gone
      },
      { ...options, lockTimeoutMs: emptyLockMs },
    )
  } catch (thrown) {
    // Somebody reads it, or the role may delete and not truncate.
    if (['55P03', '42501'].includes(serverErrorOf(thrown)?.sqlstate ?? '')) return undefined
    throw thrown
  }
}

async function deleteRows(db: Database, runId: string, rows: Originals): Promise<readonly Gone[]> {
  const statement = deleteStatement(rows)
  const gone: Gone[] = []
  await inBlockRanges(db, { table: rows.table, name: `run ${runId} purge` }, async (tx, { from, to }) => {
    const [row] = await tx.query(statement, [runId, from, to])
    gone.push(...goneOf(rows, row!))
  })
  if (gone.length === 0) return []
  return [
    {
      table: gone[0]!.table,
      rows: gone.reduce((sum, each) => sum + each.rows, 0n),
      bytes: gone.reduce((sum, each) => sum + each.bytes, 0n),
    },
  ]
}
