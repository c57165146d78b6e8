import type { Queryable } from '../db/connection.ts'
import { type ServerError, serverErrorOf } from '../db/server-error.ts'
import { reactionTo } from '../db/sqlstate.ts'

/** What came of work that the server may refuse. */
export type Tried<T> = { readonly did: T } | { readonly refused: ServerError }

/**
 * Does work in a savepoint, and takes back all that it wrote, set or broke. Nothing else may use the transaction meanwhile.
 *
 * @throws whatever says nothing of the work: a connection that is lost, a cancelled statement, a deadlock.
 */
export async function tried<T>(tx: Queryable, work: () => Promise<T>): Promise<Tried<T>> {
  await tx.query('savepoint tried')
  const outcome = await work().then(
    (did): Tried<T> => ({ did }),
    (thrown): Tried<T> => {
      const refused = serverErrorOf(thrown)
      if (refused === undefined || !isAnswer(refused)) throw thrown
      return { refused }
    },
  )
  await tx.query('rollback to savepoint tried')
  await tx.query('release savepoint tried')
  return outcome
}

/** Whether the same work would meet the same error again. */
function isAnswer({ sqlstate }: ServerError): boolean {
  // Here it is what was asked that writes, in a transaction that may not.
  return sqlstate === '25006' || ['stop', 'set aside'].includes(reactionTo(sqlstate))
}
