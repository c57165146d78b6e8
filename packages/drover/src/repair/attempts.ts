import { reactionOf } from '../db/reaction.ts'
import { asDroverError, serverErrorOf } from '../db/server-error.ts'
import type { Mending, Refusals } from './mend.ts'

/** How the next attempt goes about it, by what those before have found out. */
export type Knowledge = Pick<Mending, 'refused' | 'searches' | 'waits'>

/** Two ways to carry the same rows through the plan. */
export interface Attempts<T> {
  /** Carries rows through the plan, all of them or none. */
  readonly attempt: (known: Knowledge) => Promise<T>
  /** The same in a transaction that is rolled back; it notes the rows that the database refuses. */
  readonly search: (known: Knowledge) => Promise<unknown>
}

/**
 * Attempts a repair until it is known which rows the database refuses, and returns what the last attempt returns.
 *
 * @throws DroverError `repair-refused` where what fails is no row that is tried.
 */
export async function attemptUntilKnown<T>({ attempt, search }: Attempts<T>): Promise<T> {
  const refused: Refusals = new Map()
  let waits = false
  for (;;) {
    try {
      return await attempt({ refused, searches: false, waits })
    } catch (thrown) {
      if (!waits && serverErrorOf(thrown)?.sqlstate === pendingTriggers) {
        waits = true
        continue
      }
      if (reactionOf(thrown) !== 'set aside') throw asDroverError(thrown, 'repair-refused', what)
      const known = count(refused)
      await search({ refused, searches: true, waits }).catch((failed) => {
        if (reactionOf(failed) !== 'set aside') throw failed
      })
      // What fails is no row that is tried, but one that follows.
      if (count(refused) === known) throw asDroverError(thrown, 'repair-refused', what)
    }
  }
}

const what = 'The database refuses what the repair would change; nothing was changed.'

/** A table that was written to in the transaction takes no change of its constraints. */
const pendingTriggers = '55006'

function count(refused: Refusals): number {
  return [...refused.values()].reduce((sum, rows) => sum + rows.size, 0)
}
