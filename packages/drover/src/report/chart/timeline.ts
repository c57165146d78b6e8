import { scaleLinear } from 'd3-scale'
import type { ReportCourse } from '../course.ts'
import { renderCount, renderDuration } from '../figures.ts'
import { type Html, html } from '../html/markup.ts'
import type { ReportRebuild } from '../rebuilds.ts'
import { fullWidth, rectangle, renderChart, renderNothing, renderPath, renderStretched } from './frame.ts'
import { renderName, renderNameIn } from './label.ts'
import { renderLegend } from './legend.ts'
import { renderTimeGrid, renderTimeLabels } from './time-axis.ts'
import { buildLines, type SegmentKind, shortenLines, type TimeLine } from './timeline-lines.ts'

const mostLines = 60
const lineHeight = 18
/** Percentages of the width: names, bars; what is left holds how long each took. */
const columns = { name: 29, bars: 52 }
/** In stretched units: what took less still shows. */
const leastWidth = 5

/** Of each kind the top and the height in its line, in pixels: what follows on each other differs in form. */
const forms: Readonly<Record<SegmentKind, { readonly top: number; readonly height: number }>> = {
  prepare: { top: 10, height: 5 },
  load: { top: 3, height: 12 },
  close: { top: 3, height: 5 },
  index: { top: 5, height: 8 },
  'foreign-key': { top: 7, height: 4 },
  statistics: { top: 8, height: 2 },
}

/** When each mapping was prepared, loaded and closed, and when each index and constraint was made: a line for each. */
export function renderTimeline(
  { courses, rebuilds }: { readonly courses: readonly ReportCourse[]; readonly rebuilds: readonly ReportRebuild[] },
  id: string,
): Html {
  const all = buildLines(courses, rebuilds)
  if (all.length === 0) return renderNothing('Nothing was begun yet.')
  const lines = shortenLines(all, mostLines)
  const segments = lines.flatMap((line) => line.segments)
  const from = Math.min(...segments.map((segment) => segment.from))
  const ms = Math.max(1, Math.max(...segments.map((segment) => segment.to)) - from)
  const height = lines.length * lineHeight
  const names = lines.map((line, i) =>
    renderNameIn({ y: i * lineHeight, width: columns.name - 1 }, line.name, line.hint),
  )
  const durations = lines.map(
    (line, i) => html`<text class="text-dim text-end" x="100%" y="${i * lineHeight + 13}">${durationOf(line)}</text>`,
  )
  return renderChart(
    { id, title: 'What was done when', description: describe(all, ms) },
    height + 18,
    renderStretched(
      { x: columns.name, width: columns.bars, height },
      renderTimeGrid(ms, height),
      renderBars(lines, from, ms),
    ),
    names,
    durations,
    renderTimeLabels(ms, { x: columns.name, width: columns.bars, y: height + 14 }),
  )
}

/** What the bars of {@link renderTimeline} stand for. */
export function renderTimelineLegend(): Html {
  const entry = (kind: SegmentKind, name: string) => ({
    name,
    shapes: renderPath(`fill-${kind}`, rectangle(0, forms[kind].top - 3, 16, forms[kind].height)),
  })
  return renderLegend([
    entry('prepare', 'preparing'),
    entry('load', 'loading'),
    entry('close', 'closing'),
    entry('index', 'index, key'),
    entry('foreign-key', 'foreign key'),
    entry('statistics', 'statistics'),
  ])
}

/** One path for each kind: 60 lines of three bars are six shapes. */
function renderBars(lines: readonly TimeLine[], from: number, ms: number): readonly (Html | '')[] {
  const x = scaleLinear([0, ms], [0, fullWidth])
  const paths = new Map<SegmentKind, string>()
  for (const [i, { segments }] of lines.entries()) {
    for (const segment of segments) {
      const { top, height } = forms[segment.kind]
      const width = Math.max(leastWidth, x(segment.to - segment.from))
      const left = Math.min(x(segment.from - from), fullWidth - width)
      const path = rectangle(left, i * lineHeight + top, width, height)
      paths.set(segment.kind, (paths.get(segment.kind) ?? '') + path)
    }
  }
  return [...paths].map(([kind, path]) => renderPath(`fill-${kind}`, path))
}

function durationOf({ ms }: TimeLine): string {
  return ms === null ? 'not done' : renderDuration(ms)
}

function describe(lines: readonly TimeLine[], ms: number): string {
  const open = lines.filter((line) => line.ms === null).length
  const longest = lines.reduce((most, line) => ((line.ms ?? 0) > (most.ms ?? 0) ? line : most))
  return [
    `${renderCount(lines.length)} ${lines.length === 1 ? 'line' : 'lines'} over ${renderDuration(ms)}.`,
    ...(open > 0 ? [`${renderCount(open)} not done.`] : []),
    ...(longest.ms === null ? [] : [`What took longest (${renderDuration(longest.ms)}): ${renderName(longest.name)}.`]),
  ].join(' ')
}
