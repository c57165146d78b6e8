import { renderStrip, renderStripLegend } from '../../report/chart/strip.ts'
import { renderThroughput } from '../../report/chart/throughput.ts'
import type { ReportCourse, Throughput } from '../../report/course.ts'
import { renderDuration } from '../../report/figures.ts'
import { type Html, html } from '../../report/html/markup.ts'
import { newSpace } from '../../report/html/space.ts'
import { renderTable } from '../../report/html/table.ts'
import { name } from '../../report/html/text.ts'
import type { ReportRebuild } from '../../report/rebuilds.ts'
import { pageBytes } from './space.ts'

/** How fast rows went over the time of the load. */
export function renderSpeed(throughput: Throughput | null): Html {
  return html`<h2>Speed</h2>
<figure>${renderThroughput(throughput, 'speed')}</figure>`
}

/** What the strips that follow show. */
export function renderStripsHead(): Html {
  return html`<h2>Chunks</h2>
${renderStripLegend()}`
}

/** What stands there as long as nobody knows. */
export function renderUnknownCourse(): Html {
  return html`<h2>Chunks</h2>
<p class="soft">They are many, and are being added up. The page shows them once that is done.</p>`
}

/** The chunks of one mapping. */
export function renderCourse(course: ReportCourse, position: number): Html {
  return html`<h3>${name(course.mapping)}</h3>
<figure>${renderStrip(course, `strip-${position}`)}</figure>`
}

const rebuildStates: Readonly<Record<ReportRebuild['state'], string>> = {
  kept: 'left in place',
  off: 'not there yet',
  built: 'built, not in force yet',
  done: 'done',
}

/** What is made again after the load; what was left in place is told by the report. */
export function renderRebuilds(runId: string, rebuilds: readonly ReportRebuild[]): Html | false {
  const made = rebuilds.filter(({ state }) => state !== 'kept')
  if (made.length === 0) return false
  const done = made.filter(({ state }) => state === 'done').length
  const rank = { off: 1, built: 0, done: 2, kept: 3 }
  return html`<h2>Indexes and constraints</h2>
${renderTable({
  caption: `${done} of ${made.length} are made`,
  isFiltered: false,
  columns: [
    { title: 'name', kind: 'name', cell: (rebuild) => name(rebuild.name) },
    { title: 'kind', kind: 'words', cell: ({ kind }) => kind },
    { title: 'table', kind: 'words', cell: ({ table }) => name(table) },
    { title: 'state', kind: 'words', cell: ({ state }) => rebuildStates[state] },
    { title: 'took', kind: 'figure', cell: ({ seconds }) => (seconds === 0 ? '–' : renderDuration(seconds * 1000)) },
  ],
  rows: made.toSorted((a, b) => rank[a.state] - rank[b.state]),
  space: newSpace(pageBytes),
  most: 60,
  rest: `the report lists all of them: drover report --run ${runId}`,
})}`
}
