import type { Database } from '../db/connection.ts'
import { requireLedger } from '../ledger/install.ts'
import { findRun } from '../ledger/run.ts'

/**
 * The number of the run that `--run` names, or of the newest.
 *
 * @throws DroverError `ledger-missing` or `run-missing`.
 */
export async function findNamedRun(db: Database, flags: { readonly run?: string }): Promise<string> {
  return db.transaction(
    async (tx) => {
      await requireLedger(tx)
      return (await findRun(tx, flags.run)).id
    },
    { readOnly: true },
  )
}
