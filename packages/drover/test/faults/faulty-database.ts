import type { Database, Queryable, Transaction, TransactionOptions } from '../../src/db/connection.ts'
import type { FaultPoint } from './points.ts'

/** Lets a fault strike; `tx` where a transaction is open. */
export type Strike = (tx: Queryable | undefined) => Promise<void>

/**
 * A database on which a fault strikes once, at a point. The runner knows nothing of it: it sees the port that it is
 * given.
 */
export function faultyDatabase(db: Database, point: FaultPoint, strike: Strike): Database {
  const { moment, statement = '', nth = 1 } = point
  let reached = 0
  const arrive = async (tx: Queryable | undefined) => {
    if (++reached === nth) await strike(tx)
  }
  const transaction = async <T>(work: (tx: Transaction) => Promise<T>, options: TransactionOptions = {}) => {
    // The runner names its transactions `run 7 chunk`, `start`.
    if (options.name?.replace(/^run \d+ /, '') !== point.transaction) return db.transaction(work, options)
    let isMeant = statement === ''
    const result = await db.transaction(async (tx) => {
      const watched: Transaction = {
        ...tx,
        query: async (text, values) => {
          const isHere = text.includes(statement) && statement !== ''
          isMeant ||= isHere
          if (isHere && moment === 'before') await arrive(tx)
          const rows = await tx.query(text, values)
          if (isHere && moment === 'after') await arrive(tx)
          return rows
        },
      }
      const value = await work(watched)
      if (isMeant && moment === 'commit') await arrive(tx)
      return value
    }, options)
    if (isMeant && moment === 'committed') await arrive(undefined)
    return result
  }
  return { ...db, transaction }
}
