import type { Cell } from '../repair/cells.ts'
import type { QuarantinedRow } from '../repair/row.ts'
import { reasonWords } from '../repair/row-words.ts'
import { renderCount, renderInstant } from '../report/figures.ts'
import { isoInstant } from '../report/instant.ts'
import { showInvisible } from '../report/invisible.ts'
import { renderTable } from './table.ts'

/** A quarantined row for people. */
export function renderRow(row: QuarantinedRow): string {
  const { fix, acceptance } = row
  return [
    `${showInvisible(row.key)} of ${row.mapping}: ${row.code}`,
    '',
    `Set aside ${renderTime(row.setAsideAt)} in chunk ${row.chunk}, because of:`,
    ...row.reasons.map((reason, i) => `  ${i + 1}. ${reasonWords(reason, row.sqlstate)}`),
    '',
    ...(row.original === null
      ? ['Its original is not in the ledger: the row was gone.']
      : ['Its original:', renderCells(row.original, row.secret)]),
    ...(fix === null
      ? []
      : [
          '',
          `Fixed ${renderTime(fix.at)} by ${fix.by}, ${fix.waits ? 'not tried yet' : 'and tried'}:`,
          renderCells(fix.values),
        ]),
    ...(acceptance === null
      ? []
      : ['', `Accepted ${renderTime(acceptance.at)} by ${acceptance.by}: ${showInvisible(acceptance.why)}`]),
    '',
    ...(row.dependents.length === 0
      ? ['No row waits for it, and none was loaded without it.']
      : ['What refers to it:', renderDependents(row.dependents)]),
  ].join('\n')
}

/** Values as JSON texts, so that no control character reaches the terminal; shapes as they are. */
export function renderValue({ value, isMasked }: Pick<Cell, 'value' | 'isMasked'>): string {
  if (value === null) return 'null'
  return isMasked ? value : showInvisible(JSON.stringify(value))
}

function renderCells(cells: readonly Cell[], secret: readonly string[] = []): string {
  const rows = [
    ...cells.map((cell) => [cell.column, renderValue(cell), cell.isMasked && cell.value !== null ? 'masked' : '']),
    ...secret.map((column) => [column, '–', 'secret, not in the ledger']),
  ]
  return renderTable({
    columns: [
      { title: '  column', align: 'left' },
      { title: 'value', align: 'left' },
      { title: '', align: 'left' },
    ],
    rows: rows.map(([column, ...others]) => [`  ${column}`, ...others]),
  })
}

function renderDependents(dependents: QuarantinedRow['dependents']): string {
  return renderTable({
    columns: [
      { title: '  mapping', align: 'left' },
      { title: 'waiting', align: 'right' },
      { title: 'loaded without it', align: 'right' },
    ],
    rows: dependents.map(({ mapping, waiting, loaded }) => [`  ${mapping}`, renderCount(waiting), renderCount(loaded)]),
  })
}

function renderTime(text: string): string {
  return renderInstant(isoInstant(text))
}
