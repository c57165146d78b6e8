import type { Tally } from '../ledger/tally.ts'
import { elapsedMs, renderCount, renderDuration } from './figures.ts'
import { renderTable } from './table.ts'

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
      took(tally),
    ]),
  })
}

function took(tally: Tally): string {
  const ms = elapsedMs(tally.startedAt, tally.finishedAt)
  return ms === undefined ? '–' : renderDuration(ms)
}
