import type { Database } from '../db/connection.ts'
import { mayRead } from '../ledger/readable.ts'
import { endStates, type RunState } from '../ledger/state.ts'

/** A run that is not over: what it wrote stands in the target, and is seen by a check. */
export interface EarlierRun {
  /** An int8, as text. */
  readonly id: string
  readonly migration: string
  readonly state: RunState
}

/**
 * The run of this migration that is not over, or undefined: there is none, no ledger, or none that this role may read.
 * Locks nothing.
 */
export async function findEarlierRun(db: Database, migration: string): Promise<EarlierRun | undefined> {
  return db.transaction(
    async (tx) => {
      if (!(await mayRead(tx, ['run']))) return undefined
      const [row] = await tx.query(
        `select id, state
from drover.run
where migration = $1 and state <> all ($2)
order by id desc
limit 1`,
        [migration, endStates],
      )
      return row && { id: row.id as string, migration, state: row.state as RunState }
    },
    { name: 'check', readOnly: true },
  )
}
