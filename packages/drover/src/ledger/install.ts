import { readdir, readFile } from 'node:fs/promises'
import type { Queryable } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { hasTable } from './readable.ts'

const directory = new URL('./sql/', import.meta.url)

/** Serialises installation: an arbitrary constant, the ASCII codes of "drov". */
const installationLock = 0x64726f76

/** Keeps the ledger from being installed, and runs from being started, until the transaction ends. */
export async function lockLedger(tx: Queryable): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1)', [installationLock])
}

/**
 * Brings the ledger to this program's version, inside the caller's transaction. The SQL files are numbered and never
 * change once published.
 *
 * @throws DroverError `ledger-newer` where a newer program has been here.
 */
export async function installLedger(tx: Queryable, drover: string): Promise<void> {
  await lockLedger(tx)
  const installed = await ledgerVersion(tx)
  const versions = await readLedgerVersions()
  const newest = versions.at(-1)!.version
  requireKnown(installed, newest)
  for (const { version, sql } of versions.filter(({ version }) => version > installed)) {
    await tx.query(sql)
    await tx.query('insert into drover.ledger_version (version, drover) values ($1, $2)', [version, drover])
  }
}

function requireKnown(installed: number, newest: number): void {
  if (installed <= newest) return
  throw new DroverError('ledger-newer', `The ledger has version ${installed}; this drover knows up to ${newest}.`, {
    where: 'schema drover',
    remedy: 'Use the drover that wrote it, or a later one.',
  })
}

/** The SQL that makes each version of the ledger, in order. */
export async function readLedgerVersions(): Promise<readonly { readonly version: number; readonly sql: string }[]> {
  const files = await listFiles()
  return Promise.all(
    files.map(async (file) => ({
      version: Number.parseInt(file, 10),
      sql: await readFile(new URL(file, directory), 'utf8'),
    })),
  )
}

/** The version of the ledger in this database, 0 where there is none. */
export async function ledgerVersion(tx: Queryable): Promise<number> {
  if (!(await hasTable(tx, 'ledger_version'))) return 0
  const [row] = await tx.query('select max(version) as version from drover.ledger_version')
  return Number(row?.version ?? 0)
}

async function listFiles(): Promise<readonly string[]> {
  return (await readdir(directory)).filter((file) => file.endsWith('.sql')).sort()
}

/**
 * @throws DroverError `ledger-missing` where no run was ever started in this database, `ledger-newer` where a newer program
 * has been here: it may mean something else by what it has written.
 */
export async function requireLedger(tx: Queryable): Promise<void> {
  const installed = await ledgerVersion(tx)
  if (installed > 0) return requireKnown(installed, Number.parseInt((await listFiles()).at(-1)!, 10))
  throw new DroverError('ledger-missing', 'This database has no ledger of drover.', {
    remedy: 'Start a run with drover run, or check that --database-url leads to the target database.',
  })
}
