import { balances, type Tally } from '../ledger/tally.ts'
import { renderCount } from '../report/figures.ts'
import { renderTable, type TableColumn } from './table.ts'

const dispositions = ['loaded', 'merged', 'matched', 'quarantined', 'excluded'] as const

/**
 * Where every source row went: source = loaded + merged + matched + quarantined + excluded, a row for each mapping and
 * one for all. ✓ where both sides are equal (I2), ✗ where they are not, … where the mapping is not done.
 */
export function renderBalance(tallies: readonly Tally[]): string {
  const columns: TableColumn[] = [
    { title: 'mapping', align: 'left' },
    { title: 'source', align: 'right' },
    ...dispositions.flatMap((title, i): TableColumn[] => [
      { title: i === 0 ? '=' : '+', align: 'left' },
      { title, align: 'right' },
    ]),
    { title: '', align: 'left' },
  ]
  const renderSide = (counts: Counts) =>
    dispositions.flatMap((disposition, i) => [i === 0 ? '=' : '+', renderCount(counts[disposition])])
  return renderTable({
    columns,
    rows: tallies.map((tally) => [tally.mapping, renderCount(tally.sourceRows), ...renderSide(tally), markOf(tally)]),
    footer: [
      'total',
      renderCount(tallies.reduce((sum, tally) => sum + (tally.sourceRows ?? 0n), 0n)),
      ...renderSide(totalsOf(tallies)),
      markOfAll(tallies.map(markOf)),
    ],
    gap: ' ',
  })
}

type Counts = Readonly<Record<(typeof dispositions)[number], bigint>>

/** The sum over all mappings, for each disposition. */
export function totalsOf(tallies: readonly Tally[]): Counts {
  const sum = (disposition: (typeof dispositions)[number]) =>
    tallies.reduce((total, tally) => total + tally[disposition], 0n)
  return {
    loaded: sum('loaded'),
    merged: sum('merged'),
    matched: sum('matched'),
    quarantined: sum('quarantined'),
    excluded: sum('excluded'),
  }
}

function markOf(tally: Tally): string {
  if (tally.state !== 'done') return '…'
  return balances(tally) ? '✓' : '✗'
}

function markOfAll(marks: readonly string[]): string {
  if (marks.includes('✗')) return '✗'
  return marks.includes('…') ? '…' : '✓'
}
