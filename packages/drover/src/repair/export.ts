import { type RawBuilder, sql } from 'kysely'
import type { Queryable, Transaction } from '../db/connection.ts'
import type { Run } from '../ledger/run.ts'
import { sourceColumns } from '../plan/source-columns.ts'
import { mask } from '../sql/mask.ts'
import { causeOfRow } from './cause.ts'
import { isMasked, type Sight, sightOf } from './cells.ts'
import { exportColumns, maskedColumn, valueColumn } from './export-columns.ts'
import { fixOfRow } from './fix-of-row.ts'
import { isSelected, repairStatement } from './selected.ts'
import type { Selection } from './selection.ts'

/**
 * Writes quarantined rows as CSV, in the order of mapping and key: the server's own, so that any number of rows passes
 * through without being held. With `values`, of one mapping, the columns of the source follow, masked or as a retry would
 * read them: with the values of the fix.
 */
export async function exportQuarantine(
  tx: Transaction,
  run: Run,
  selection: Selection,
  values: 'none' | 'masked' | 'shown',
  to: NodeJS.WritableStream,
): Promise<void> {
  const { mapping } = selection
  const sight = mapping === undefined || values === 'none' ? undefined : sightOf(run.plan, mapping, values === 'shown')
  const columns = sight === undefined ? [] : await originalColumns(tx, run, mapping!)
  const header = [...exportColumns, ...columns.map((column) => headerOf(column, sight!))]
  to.write(`${header.map(csvCell).join(',')}\n`)
  const query = sql`copy (
  select quarantine.mapping, quarantine.source_key, quarantine.code, cause.columns, quarantine.sqlstate, cause.constraint_name,
    to_char(quarantine.set_aside_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    quarantine.accepted_at is not null${sql.join(
      columns.map((column) => sql`, ${shownValue(column, sight!)}`),
      sql``,
    )}
  from drover.quarantine
  ${causeOfRow}
  ${fixOfRow(run)}
  where ${isSelected(run.id, selection)}
  order by quarantine.mapping collate "C", quarantine.source_key
) to stdout with (format csv)`
  await tx.copyOut(repairStatement(run.id, 'quarantine export', query), to)
}

/** The columns that originals of a mapping have. Rows of one source have the same ones. */
async function originalColumns(tx: Queryable, run: Run, mapping: string): Promise<readonly string[]> {
  const query = sql`select array(select jsonb_object_keys(quarantine.original)) as columns
from drover.quarantine
where ${isSelected(run.id, { mapping })} and quarantine.original is not null
limit 1`
  const [row] = await tx.query(repairStatement(run.id, 'quarantine export', query))
  const columns = (row?.columns ?? []) as readonly string[]
  const known = sourceColumns(run.plan, mapping)
  return [...known.filter((column) => columns.includes(column)), ...columns.filter((column) => !known.includes(column))]
}

function headerOf(column: string, sight: Sight): string {
  return isMasked(column, sight) ? maskedColumn(column) : valueColumn(column)
}

function shownValue(column: string, sight: Sight): RawBuilder<unknown> {
  const name = sql.lit(column)
  const value = sql`case when fix.patch ? ${name} then fix.patch ->> ${name} else quarantine.original ->> ${name} end`
  return isMasked(column, sight) ? mask(value) : value
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
