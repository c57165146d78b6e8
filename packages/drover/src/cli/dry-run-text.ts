import type { DryRun } from '../repair/dry-run.ts'
import { reasonWords } from '../repair/row-words.ts'
import type { TriedRow } from '../repair/tried-row.ts'
import { renderRows } from '../report/figures.ts'
import { showInvisible } from '../report/invisible.ts'
import { renderRepair } from './repair-text.ts'
import { renderTable } from './table.ts'

/** Rows that are listed; of more the others are counted. */
const shownRows = 50

/** What fixes would do, for people. */
export function renderDryRun({ runId, rows, following }: DryRun): string {
  const more = rows.length - shownRows
  return [
    renderTable({
      columns: [
        { title: 'key', align: 'left' },
        { title: 'mapping', align: 'left' },
        { title: 'would be', align: 'left' },
        { title: '', align: 'left' },
      ],
      rows: rows.slice(0, shownRows).map((row) => [showInvisible(row.key), row.mapping, ...outcomeWords(row)]),
    }),
    ...(more > 0 ? [`and ${renderRows(BigInt(more), 'row')} more, in --json`] : []),
    '',
    ...(following.length === 0
      ? ['No other row would follow.']
      : ['Other rows that would follow:', '', renderRepair({ runId, mappings: following })]),
  ].join('\n')
}

function outcomeWords({ disposition, reasons, sqlstate, survivor }: TriedRow): readonly [string, string] {
  switch (disposition) {
    case 'quarantined':
      return ['still quarantined', reasons.map((reason) => reasonWords(reason, sqlstate)).join('; ')]
    case 'merged':
      return ['merged', survivor === null ? '' : `into ${showInvisible(survivor)}`]
    case 'withdrawn':
      return ['gone', 'the query of the mapping does not give it any more']
    default:
      return [disposition, '']
  }
}
