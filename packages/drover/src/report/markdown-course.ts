import type { ReportCourse, Throughput } from './course.ts'
import { renderCount, renderDuration, renderInstant } from './figures.ts'
import { left, none, renderName, renderNames, renderTable, renderText, right } from './markdown.ts'
import type { Report } from './report.ts'

/** How the chunks of each mapping went, and what went wrong with them. */
export function renderCourses({ courses, throughput }: Report): string {
  if (throughput === null && courses.every(({ failures }) => failures.length === 0)) return none
  return [
    ...(throughput === null ? [] : [renderLoad(throughput)]),
    renderTimes(courses),
    ...(courses.some(({ failures }) => failures.length > 0) ? [renderFailures(courses)] : []),
  ].join('\n\n')
}

function renderLoad({ from, sliceMs, rows }: Throughput): string {
  const span = renderDuration(sliceMs * rows.length)
  return `Source rows over ${span} from ${renderInstant(from)}, in slices of ${renderDuration(sliceMs)}: ${renderBars(rows)}`
}

function renderTimes(courses: readonly ReportCourse[]): string {
  return renderTable(
    [
      left('mapping'),
      left('first chunk'),
      left('last chunk'),
      right('at first attempt'),
      right('begun'),
      right('half took at most'),
      right('95 of 100'),
      left('slowest chunks'),
      left('rows over time'),
    ],
    courses.map((course) => [
      renderName(course.mapping),
      renderInstant(course.firstChunkAt),
      renderInstant(course.lastChunkAt),
      `${renderCount(course.atFirstAttempt)} of ${renderCount(course.chunks)}`,
      renderCount(course.begun),
      renderDuration(course.medianMs),
      renderDuration(course.p95Ms),
      course.slowest.map(({ number, ms }) => `${renderCount(number)} (${renderDuration(ms)})`).join('; ') || '–',
      course.throughput === null ? '–' : renderBars(course.throughput.rows),
    ]),
  )
}

function renderFailures(courses: readonly ReportCourse[]): string {
  return renderTable(
    [left('mapping'), left('why an attempt failed'), left('outcome'), right('attempts'), left('chunks, for example')],
    courses.flatMap(({ mapping, failures }) =>
      failures.map(({ why, outcome, attempts, sampleChunks }) => [
        renderName(mapping),
        renderText(why),
        outcome,
        renderCount(attempts),
        renderNames(sampleChunks),
      ]),
    ),
  )
}

const heights = '▁▂▃▄▅▆▇█'

/** Bars beside each other, the highest as high as a line; a blank where there was nothing. */
function renderBars(values: readonly number[]): string {
  const highest = Math.max(...values)
  const bars = values.map((value) => (value === 0 ? ' ' : heights[Math.ceil((value / highest) * heights.length) - 1]))
  return `\`${bars.join('').replace(/^ | $/g, '␠')}\``
}
