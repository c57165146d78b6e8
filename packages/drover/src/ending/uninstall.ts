import { qualifiedName } from '../catalog/catalog.ts'
import type { Database, Queryable } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { landingBusy } from '../landing/busy.ts'
import { dropFreeObjects } from '../landing/drop.ts'
import { dropTable } from '../landing/statements.ts'
import { type OpenObject, readAltered, restoreAltered } from '../ledger/altered-object.ts'
import { lockLedger, requireLedger } from '../ledger/install.ts'
import { type Landing, readLandingsIfAny } from '../ledger/landing.ts'
import { takeLandingLease } from '../ledger/landing-generation.ts'
import { readDependants } from './dependants.ts'
import { readEndedRuns } from './ended-runs.ts'
import { longestCountMs } from './limits.ts'
import { requireOver } from './over.ts'

/** What has to be said before the ledger goes. */
export interface UninstallOptions {
  /** The name of the database, as a word that this one is meant; default nothing is done, and what would go is told. */
  readonly confirm?: string | undefined
  /** Whether runs may lose their way back. Default false. */
  readonly givesUpWayBack?: boolean
}

/** What went, or would go. Sizes in bytes. */
export interface Uninstalled {
  readonly isDone: boolean
  readonly database: string
  readonly runs: number
  /** Tables of drover's schema. */
  readonly tables: number
  readonly bytes: bigint
  /** Tables that had landed, as `schema.name`: all that they held is gone. */
  readonly landed: readonly string[]
  /** What runs had left altered outside of the schema, and is as it was: triggers, indexes, constraints. */
  readonly restored: readonly string[]
}

/**
 * Drops all that drover has made in a database, in one transaction: its schema, tables that have landed, and what runs
 * that were not ended left altered is made again. What runs have loaded stays.
 *
 * @throws DroverError `state-refused` where a run is at work, or can still be taken back and that is not given up ·
 * `ledger-needed` where views or functions of others need something of the schema · `usage-invalid` where another database
 * is confirmed · `landing-busy`, `ledger-missing`.
 */
export function uninstall(db: Database, { confirm, givesUpWayBack = false }: UninstallOptions): Promise<Uninstalled> {
  return db.transaction(
    async (tx) => {
      await requireLedger(tx)
      const [{ name } = {}] = await tx.query('select current_database()::text as name')
      const isDone = confirm !== undefined
      if (isDone) requireMeant(name as string, confirm)
      // Nobody starts a run, or lands a table, from here on.
      if (isDone) await lockLedger(tx)
      if (isDone && !(await takeLandingLease(tx))) throw landingBusy(db.label)
      const runs = await readEndedRuns(tx, 0)
      requireOver(runs, givesUpWayBack || !isDone)
      const altered = await readAllAltered(
        tx,
        runs.map(({ id }) => id),
      )
      const landed = (await readLandingsIfAny(tx)).filter(({ isThere }) => isThere)
      const size = await readSize(tx)
      if (isDone) await drop(tx, altered, landed)
      return {
        isDone,
        database: name as string,
        runs: runs.length,
        ...size,
        landed: landed.map(qualifiedName),
        restored: altered.map(({ kind, schema, table, name: object }) => `${kind} ${object} of ${schema}.${table}`),
      }
    },
    { name: 'uninstall', readOnly: confirm === undefined, statementTimeoutMs: longestCountMs },
  )
}

function requireMeant(database: string, confirm: string): void {
  if (database === confirm) return
  throw new DroverError('usage-invalid', `This database is ${database}, and ${confirm} was confirmed.`, {
    remedy: 'Check --database-url, then name the database that is meant.',
  })
}

async function readAllAltered(tx: Queryable, runs: readonly string[]): Promise<readonly OpenObject[]> {
  const altered: OpenObject[] = []
  // The newest first: it found things as the ones before had left them.
  for (const id of runs.toReversed()) altered.push(...(await readAltered(tx, id)))
  return altered
}

async function readSize(tx: Queryable): Promise<{ readonly tables: number; readonly bytes: bigint }> {
  const [row] =
    await tx.query(`select count(*)::integer as tables, coalesce(sum(pg_total_relation_size(oid)), 0)::bigint as bytes
from pg_class
where relnamespace = 'drover'::regnamespace and relkind = 'r'`)
  return { tables: row!.tables as number, bytes: BigInt(row!.bytes as string) }
}

async function drop(tx: Queryable, altered: readonly OpenObject[], landed: readonly Landing[]): Promise<void> {
  for (const object of altered) await restoreAltered(tx, object)
  for (const landing of landed) await tx.query(dropTable(landing))
  await dropFreeObjects(tx)
  await requireUnneeded(tx)
  await tx.query('drop schema drover cascade')
  // Of a scratch database: which rows a rehearsal had drawn.
  await tx.query('drop schema if exists drover_sample cascade')
}

async function requireUnneeded(tx: Queryable): Promise<void> {
  const dependants = await readDependants(tx)
  if (dependants.length === 0) return
  throw new DroverError('ledger-needed', "Others need something in drover's schema.", {
    findings: dependants,
    remedy: 'Drop these first, or let them stand on something else. Nothing was changed.',
  })
}
