import type { Database, Transaction } from '../db/connection.ts'
import { requireLedger } from '../ledger/install.ts'
import { requireUnpurged } from '../ledger/purge.ts'
import { findRun, type Run } from '../ledger/run.ts'
import { type DatabaseFlags, openNamed } from './database.ts'
import type { Io } from './io.ts'

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

/** The flags of commands that are about one run. */
export interface RunFlags extends DatabaseFlags {
  readonly run?: string
}

/** Opens the database for as long as the work takes. */
export async function withDatabase<T>(flags: DatabaseFlags, io: Io, work: (db: Database) => Promise<T>): Promise<T> {
  const db = await openNamed(flags, io)
  try {
    return await work(db)
  } finally {
    await db.close()
  }
}

/**
 * Reads of the run that `--run` names, or of the newest, in one read-only transaction and one snapshot.
 *
 * @throws DroverError `ledger-missing` or `run-missing`.
 */
export function readOfAnyRun<T>(
  db: Database,
  flags: RunFlags,
  read: (tx: Transaction, run: Run) => Promise<T>,
  options: { readonly statementTimeoutMs?: number } = {},
): Promise<T> {
  return db.transaction(
    async (tx) => {
      await requireLedger(tx)
      return read(tx, await findRun(tx, flags.run))
    },
    { ...options, readOnly: true, settings: { transaction_isolation: 'repeatable read' } },
  )
}

/** The same of a run whose rows the ledger still knows. @throws DroverError `run-purged`, and as {@link readOfAnyRun}. */
export function readOfRun<T>(
  db: Database,
  flags: RunFlags,
  read: (tx: Transaction, run: Run) => Promise<T>,
  options: { readonly statementTimeoutMs?: number } = {},
): Promise<T> {
  const readRows = async (tx: Transaction, run: Run) => {
    await requireUnpurged(tx, run.id)
    return read(tx, run)
  }
  return readOfAnyRun(db, flags, readRows, options)
}
