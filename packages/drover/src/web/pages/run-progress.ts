import { balances, type Tally } from '../../ledger/tally.ts'
import type { Disposition } from '../../plan/disposition.ts'
import { renderMeter } from '../../report/chart/meter.ts'
import { renderCount } from '../../report/figures.ts'
import { type Html, html } from '../../report/html/markup.ts'
import { newSpace } from '../../report/html/space.ts'
import { renderTable } from '../../report/html/table.ts'
import { name } from '../../report/html/text.ts'
import { runAddress, withQuery } from '../address.ts'
import { pageBytes } from './space.ts'

/** Mappings that one page shows. */
const mostMappings = 100

/** How far each mapping is, and what became of its rows. */
export function renderProgress(runId: string, tallies: readonly Tally[]): Html {
  const sum = (of: 'read' | Disposition) => renderCount(tallies.reduce((all, tally) => all + tally[of], 0n))
  const figure = (title: Disposition) => ({
    title,
    kind: 'figure' as const,
    cell: (tally: Tally) => renderCount(tally[title]),
  })
  return renderTable({
    caption: 'Where the rows of each mapping are',
    isFiltered: false,
    columns: [
      { title: 'mapping', kind: 'name', cell: ({ mapping }) => name(mapping) },
      { title: 'state', kind: 'words', cell: stateOf },
      { title: 'rows read', kind: 'words', cell: (tally) => renderRead(tally, tallies.indexOf(tally)) },
      figure('loaded'),
      figure('merged'),
      figure('matched'),
      { title: 'quarantined', kind: 'figure', cell: (tally) => renderQuarantined(runId, tally) },
      figure('excluded'),
      { title: 'chunks', kind: 'figure', cell: chunksOf },
    ],
    rows: unfinishedFirst(tallies),
    space: newSpace(pageBytes),
    most: mostMappings,
    rest: `drover status --run ${runId} shows all of them`,
    total: [
      'total',
      '',
      `${sum('read')} rows`,
      sum('loaded'),
      sum('merged'),
      sum('matched'),
      sum('quarantined'),
      sum('excluded'),
      '',
    ],
  })
}

/** In the plan's order, unless there are too many: then those that are done come last. */
export function unfinishedFirst(tallies: readonly Tally[]): readonly Tally[] {
  if (tallies.length <= mostMappings) return tallies
  const rank = { loading: 0, waiting: 1, done: 2 }
  return tallies.toSorted((a, b) => rank[a.state] - rank[b.state])
}

function stateOf(tally: Tally): string {
  // I2: until the mapping is closed, the sum is not due yet.
  return tally.state === 'done' && !balances(tally) ? 'done, does not balance' : tally.state
}

function renderRead({ mapping, read, quarantined, sourceRows, sourceRowsBefore }: Tally, position: number): Html {
  const all = sourceRows ?? sourceRowsBefore
  const meter = { name: mapping, noun: 'rows', done: String(read), quarantined: String(quarantined) }
  return html`<div class="meter">${renderMeter({ ...meter, all: all === null ? null : String(all) }, `meter-${position}`)}</div>`
}

function renderQuarantined(runId: string, { mapping, quarantined }: Tally): Html | string {
  if (quarantined === 0n) return '0'
  return html`<a href="${withQuery(runAddress(runId, 'quarantine'), { mapping })}">${renderCount(quarantined)}</a>`
}

function chunksOf({ chunks, chunksDone, state }: Tally): string {
  return state === 'waiting' ? '–' : `${renderCount(chunksDone)} of ${renderCount(chunks)}`
}
