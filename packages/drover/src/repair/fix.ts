import { findTable } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import type { Database, Transaction } from '../db/connection.ts'
import { serverErrorOf } from '../db/server-error.ts'
import { describeSqlstate } from '../db/sqlstate.ts'
import { DroverError } from '../error.ts'
import { stateRefused } from '../ledger/refused-state.ts'
import { findRun, type Run, recordEvent } from '../ledger/run.ts'
import { whyUnfixable } from './fixable.ts'
import { repairHead } from './head.ts'
import { findMendable, type NamedRow } from './named-rows.ts'
import { type PlacedRow, placeRow } from './placed-row.ts'
import { isRepairable } from './repairable.ts'

/** Values that stand in for those of a source row from now on, by column, as the server reads them from text. */
export interface Fix extends NamedRow {
  readonly values: Readonly<Record<string, string | null>>
}

/**
 * Stores fixes of quarantined rows, and of merged ones ahead of an unmerge: every mapping that reads the same rows of the
 * source reads them with these values. The source is not written (I5), and nothing is tried again. All fixes are stored, or
 * none.
 *
 * @throws DroverError `row-missing`, or `fix-refused` naming mapping, key and column: rows that are of no one table, a
 * column that the table does not have, one of its key, a secret or generated one, or a text that its type does not take.
 */
export async function fixRows(db: Database, runId: string, fixes: readonly Fix[]): Promise<void> {
  await db.transaction(
    async (tx) => {
      await tx.query('select from drover.run where id = $1 for no key update', [runId])
      const run = await findRun(tx, runId)
      if (!isRepairable(run.state)) throw stateRefused(run, ': its rows cannot be fixed now')
      for (const fix of fixes) {
        const { mapping, key, values } = fix
        const { relation } = await storeFix(tx, run, fix)
        await recordEvent(tx, runId, 'row fixed', { mapping, key, relation, columns: Object.keys(values) })
      }
    },
    { name: `run ${runId} quarantine fix` },
  )
}

/** Stores one fix and returns whose it is. Throws as {@link fixRows}. */
export async function storeFix(tx: Transaction, run: Run, fix: Fix): Promise<PlacedRow> {
  await findMendable(tx, run, { mapping: fix.mapping, keys: [fix.key] })
  const place = await placeRow(tx, run, fix)
  const table = findTable(run.plan.catalog, place.relation)!
  for (const [column, value] of Object.entries(fix.values)) {
    requireFixable(run, fix, table, column)
    if (value !== null) await requireReadable(tx, run, fix, { table, column, value })
  }
  await writeFix(tx, run, place, fix)
  return place
}

function requireFixable({ plan }: Run, fix: Fix, table: Table, name: string): void {
  const why = whyUnfixable(plan, table, name)
  if (why !== undefined) throw refused(fix, name, why)
}

/** Asks the server whether the type takes the text. */
async function requireReadable(
  tx: Transaction,
  run: Run,
  fix: Fix,
  { table, column: name, value }: { readonly table: Table; readonly column: string; readonly value: string },
): Promise<void> {
  const { type } = table.columns.find((candidate) => candidate.name === name)!
  await tx.query(`${repairHead(run.id, fix.mapping)}select ($1::text)::${type}`, [value]).catch((thrown) => {
    const sqlstate = serverErrorOf(thrown)?.sqlstate
    // Of a domain, its own condition.
    if (sqlstate !== '23514' && sqlstate?.startsWith('22') !== true) throw thrown
    throw refused(fix, name, `its type ${type} does not take the value: ${describeSqlstate(sqlstate)}`)
  })
}

async function writeFix(tx: Transaction, run: Run, { relation, rowKey }: PlacedRow, fix: Fix): Promise<void> {
  await tx.query(
    `insert into drover.overlay as fix (migration, relation, row_key, patch)
values ($1, $2, $3, $4::jsonb)
on conflict (migration, relation, row_key) do update
set patch = fix.patch || excluded.patch, fixed_at = clock_timestamp(), fixed_by = session_user`,
    [run.migration, relation, rowKey, JSON.stringify(fix.values)],
  )
}

function refused({ mapping, key }: NamedRow, column: string, why: string): DroverError {
  return new DroverError('fix-refused', `Column ${column} of row ${key} cannot be fixed so.`, {
    where: `mapping ${mapping}, source key ${key}, column ${column}`,
    why,
    remedy: 'No fix was stored. Correct this one and give all of them again.',
  })
}
