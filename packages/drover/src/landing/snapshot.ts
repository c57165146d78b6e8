import type { Database, Transaction, TransactionOptions } from '../db/connection.ts'
import { serverErrorOf } from '../db/server-error.ts'

/** What every transaction of a landing sets beyond drover's own, so that both sides print and read amounts alike. */
export const landingSettings = { lc_monetary: 'C' }

/**
 * Exports a snapshot of the source, which lives as long as `work` takes and the session lives. `first` runs ahead of the
 * snapshot: what it locks cannot change between the two.
 */
export function withSnapshot<T>(
  source: Database,
  first: (tx: Transaction) => Promise<void>,
  work: (tx: Transaction, snapshot: string) => Promise<T>,
): Promise<T> {
  return heldOpen(
    source,
    async (tx) => {
      await first(tx)
      const [row] = await tx.query('select pg_export_snapshot() as name')
      return work(tx, String(row!.name))
    },
    {
      name: 'land snapshot',
      readOnly: true,
      settings: { ...landingSettings, transaction_isolation: 'repeatable read' },
    },
  )
}

/**
 * A transaction that stays open while `work` takes place elsewhere. What becomes of its session once the work is done is
 * of no matter.
 */
export async function heldOpen<T>(
  db: Database,
  work: (tx: Transaction) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  let done: { readonly value: T } | undefined
  try {
    await db.transaction(
      async (tx) => {
        done = { value: await work(tx) }
      },
      { statementTimeoutMs: 0, idleTimeoutMs: 0, ...options },
    )
  } catch (thrown) {
    if (done === undefined) throw thrown
  }
  return done!.value
}

/** The session that exported a snapshot is gone, and with it the snapshot. */
export const snapshotLost = Symbol('snapshot lost')

/** Reads the source under an exported snapshot, in a transaction of its own. */
export async function underSnapshot<T>(
  source: Database,
  snapshot: string,
  work: (tx: Transaction) => Promise<T>,
): Promise<T | typeof snapshotLost> {
  let isLost = false
  try {
    return await source.transaction(
      async (tx) => {
        await tx.query(`set transaction snapshot '${snapshot.replaceAll("'", "''")}'`).catch((thrown: unknown) => {
          isLost = isNoSnapshot(thrown)
          throw thrown
        })
        return work(tx)
      },
      {
        name: 'land',
        readOnly: true,
        statementTimeoutMs: 0,
        settings: { ...landingSettings, transaction_isolation: 'repeatable read' },
      },
    )
  } catch (thrown) {
    if (isLost) return snapshotLost
    throw thrown
  }
}

/** The server has no file of that name (22023, from PostgreSQL 18 on 42704), or its session has just ended (55000). */
function isNoSnapshot(thrown: unknown): boolean {
  return ['22023', '42704', '55000'].includes(serverErrorOf(thrown)?.sqlstate ?? '')
}
