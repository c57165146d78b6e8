import type { Database, Transaction, TransactionOptions } from './connection.ts'

/** Thrown to roll back. */
const enough = Symbol('enough')

/** Does work in a transaction that is rolled back whatever comes of it, and returns what the work found out. */
export async function rolledBack<T>(
  db: Database,
  work: (tx: Transaction) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  const found: T[] = []
  await db
    .transaction(async (tx) => {
      found.push(await work(tx))
      throw enough
    }, options)
    .catch((thrown) => {
      if (thrown !== enough) throw thrown
    })
  return found[0]!
}
