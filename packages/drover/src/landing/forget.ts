import type { Queryable } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { findReaders, forgetLanding, type Landing } from '../ledger/landing.ts'
import { dropTable } from './statements.ts'

/**
 * Drops a table that has landed, and what the ledger knows of it.
 *
 * @throws DroverError `landing-refused` where a run that is not over reads it.
 */
export async function forget(tx: Queryable, landing: Landing): Promise<void> {
  const [reader] = await findReaders(tx, [landing])
  if (reader !== undefined) {
    throw new DroverError('landing-refused', `Run ${reader.run} of ${reader.migration} reads ${reader.table}.`, {
      why: 'the table would have to go, to land again',
      remedy: `End the run first (drover cancel, rollback or finalize). If nothing has written to the source since, --frozen keeps what has landed.`,
    })
  }
  if (landing.isThere) await tx.query(dropTable(landing))
  await forgetLanding(tx, landing.id)
}
