import { renderSparkline } from '../../chart/sparkline.ts'
import { renderStrip, renderStripLegend } from '../../chart/strip.ts'
import { renderThroughput } from '../../chart/throughput.ts'
import { renderTimeline, renderTimelineLegend } from '../../chart/timeline.ts'
import type { ReportCourse } from '../../course.ts'
import { renderCount, renderDuration } from '../../figures.ts'
import type { Report } from '../../report.ts'
import { html, type Part } from '../markup.ts'
import { restOf } from '../rest.ts'
import type { Section } from '../section.ts'
import { fit, shareOf } from '../space.ts'
import { type Column, renderTable } from '../table.ts'
import { dash, name, remark } from '../text.ts'
import { hasChunksToTell, renderChunks } from './chunks.ts'

/** Mappings of which single chunks are told. */
const mostDetailed = 100

/** A run of more mappings shows their speed in figures, so that each has its strip. */
const mostSparklines = 200

/** How the load went: over time, and for each mapping down to its chunks. */
export const coursesSection: Section = {
  id: 'load',
  title: 'How the load went',
  bytes: 250_000,
  render(report, space) {
    const { courses, rebuilds, throughput } = report
    const rest = restOf(report)
    const told = courses.filter(hasChunksToTell)
    const detailed = fit(shareOf(space, 0.1), told, mostDetailed, (course, i) =>
      renderChunks(course, `throughput-${i}`, rest),
    )
    return html`<h3>Time line</h3>
${renderTimelineLegend()}
${renderTimeline({ courses, rebuilds }, 'timeline')}
<h3>Source rows a second</h3>
${renderThroughput(throughput, 'throughput')}
<h3>Chunks of each mapping</h3>
${renderStripLegend()}
${renderTable({
  caption: 'Each strip shows the chunks of a mapping from the first to the last',
  columns: columnsOf(report),
  rows: courses.map((course, index) => ({ course, index })),
  space,
  most: 1_500,
  rest,
})}
${detailed.shown.length > 0 && html`<h3>Each mapping over time</h3>`}
${detailed.shown}${detailed.more > 0 && remark(html`${renderCount(detailed.more)} more mappings: ${rest}`)}`
  },
}

interface Row {
  readonly course: ReportCourse
  /** Its place among all, which makes the ids of its chart. */
  readonly index: number
}

function columnsOf({ mappings }: Report): readonly Column<Row>[] {
  const speeds = new Map(mappings.map((mapping) => [mapping.name, mapping]))
  const speed: Column<Row> = {
    title: 'speed over time',
    kind: 'chart',
    cell: ({ course, index }) => speedOf(course, index),
  }
  return [
    { title: 'mapping', kind: 'name', cell: ({ course }) => name(course.mapping) },
    { title: 'chunks', kind: 'chart', cell: ({ course, index }) => renderStrip(course, `strip-${index}`) },
    ...(mappings.length <= mostSparklines ? [speed] : []),
    { title: 'done', kind: 'figure', cell: ({ course }) => progressOf(course) },
    { title: 'at first attempt', kind: 'figure', cell: ({ course }) => renderCount(course.atFirstAttempt) },
    { title: 'half took up to', kind: 'figure', cell: ({ course }) => renderDuration(course.medianMs) },
    { title: '95 % up to', kind: 'figure', cell: ({ course }) => renderDuration(course.p95Ms) },
    {
      title: 'duration',
      kind: 'figure',
      cell: ({ course }) => renderDuration(speeds.get(course.mapping)?.durationMs ?? null),
    },
    {
      title: 'rows a second',
      kind: 'figure',
      cell: ({ course }) => renderCount(speeds.get(course.mapping)?.rowsPerSecond ?? null),
    },
  ]
}

/** One slice alone tells nothing of how even it was. */
function speedOf({ throughput }: ReportCourse, index: number): Part {
  return throughput === null || throughput.rows.length < 2 ? dash : renderSparkline(throughput, `speed-${index}`)
}

function progressOf({ chunks, chunksDone }: ReportCourse): Part {
  return chunks === chunksDone ? renderCount(chunks) : `${renderCount(chunksDone)} of ${renderCount(chunks)}`
}
