import { balances, type Tally } from '../ledger/tally.ts'
import { type Disposition, dispositions } from '../plan/disposition.ts'
import { renderCount } from '../report/figures.ts'
import { renderTable, type TableColumn } from './table.ts'

/**
 * Where every source row went: source = loaded + merged + matched + quarantined + excluded, a row for each mapping and
 * one for all. ✓ where both sides are equal (I2), ✗ where they are not, … where the mapping is not done.
 */
export function renderBalance(tallies: readonly Tally[]): string {
  return renderCounts(tallies.map((tally) => ({ ...tally, source: tally.sourceRows, mark: markOf(tally) })))
}

/** Where the rows of a mapping went, or would go. */
export interface Counts extends Dispositions {
  readonly mapping: string
  /** Null where it is not known yet. */
  readonly source: bigint | null
  readonly mark: string
}

/** A row for each mapping and one for all. */
export function renderCounts(all: readonly Counts[]): string {
  const columns: TableColumn[] = [
    { title: 'mapping', align: 'left' },
    { title: 'source', align: 'right' },
    ...dispositions.flatMap((title, i): TableColumn[] => [
      { title: i === 0 ? '=' : '+', align: 'left' },
      { title, align: 'right' },
    ]),
    { title: '', align: 'left' },
  ]
  const renderSide = (counts: Dispositions) =>
    dispositions.flatMap((disposition, i) => [i === 0 ? '=' : '+', renderCount(counts[disposition])])
  return renderTable({
    columns,
    rows: all.map((counts) => [counts.mapping, renderCount(counts.source), ...renderSide(counts), counts.mark]),
    footer: [
      'total',
      renderCount(all.reduce((sum, { source }) => sum + (source ?? 0n), 0n)),
      ...renderSide(totalsOf(all)),
      markOfAll(all.map(({ mark }) => mark)),
    ],
    gap: ' ',
  })
}

type Dispositions = Readonly<Record<Disposition, bigint>>

/** The sum over all mappings, for each disposition. */
export function totalsOf(all: readonly Dispositions[]): Dispositions {
  const sum = (disposition: Disposition) => all.reduce((total, counts) => total + counts[disposition], 0n)
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
  if (marks.every((mark) => mark === '')) return ''
  return marks.includes('…') ? '…' : '✓'
}
