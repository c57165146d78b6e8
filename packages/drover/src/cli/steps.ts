import type { Tally } from '../ledger/tally.ts'
import { renderCount, renderDuration } from '../report/figures.ts'
import { renderTable } from './table.ts'
import { tookMs } from './took.ts'

/** How far each mapping of a run is. */
export function renderSteps(tallies: readonly Tally[]): string {
  return renderTable({
    columns: [
      { title: 'mapping', align: 'left' },
      { title: 'state', align: 'left' },
      { title: 'rows read', align: 'right' },
      { title: 'of', align: 'right' },
      { title: 'quarantined', align: 'right' },
      { title: 'chunks', align: 'right' },
      { title: 'took', align: 'right' },
    ],
    rows: tallies.map((tally) => [
      tally.mapping,
      tally.state,
      renderCount(tally.read),
      renderCount(tally.sourceRows),
      renderCount(tally.quarantined),
      `${renderCount(tally.chunksDone)}/${renderCount(tally.chunks)}`,
      renderDuration(tookMs(tally)),
    ]),
  })
}
