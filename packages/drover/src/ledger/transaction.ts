import type { Queryable } from '../db/connection.ts'

/**
 * Notes that the transaction is one of the run's. Every transaction that writes to the targets says so, once and outside
 * of any savepoint: its rows bear its number as their xmin, by which they are told from what others wrote since.
 */
export async function recordTransaction(tx: Queryable, runId: string): Promise<void> {
  await tx.query(transactionStatement, [runId])
}

/** Does that. `$1` run. */
export const transactionStatement = 'insert into drover.transaction (run_id) values ($1) on conflict do nothing'
