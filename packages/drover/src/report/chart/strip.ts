import type { StripCell } from '../course.ts'
import { renderCount, renderRows } from '../figures.ts'
import type { Html } from '../html/markup.ts'
import { rectangle, renderChart, renderNothing, renderPath, renderStretched } from './frame.ts'
import { renderName } from './label.ts'
import { renderLegend } from './legend.ts'
import { stepPath } from './step-path.ts'
import { buildRuns, quarantineStep, type StripRun, type StripState } from './strip-state.ts'

/** In pixels: rows that were set aside stand above the chunks, and chunks that failed hang out below the others. */
const sizes = { quarantined: 8, top: 10, height: 16, below: 5 }
const height = sizes.top + sizes.height + sizes.below

const order: readonly StripState[] = ['open', 'done', 'retried', 'begun', 'failed']

/** The chunks of a mapping from the first to the last: what is done, and where something went wrong. */
export function renderStrip(
  { mapping, strip }: { readonly mapping: string; readonly strip: readonly StripCell[] },
  id: string,
): Html {
  if (strip.length === 0) return renderNothing('No chunk yet.')
  const runs = buildRuns(strip)
  const shapes = order.map((state) =>
    renderPath(
      `fill-${state}`,
      runs
        .filter((run) => run.state === state)
        .map((run) => runPath(run))
        .join(''),
    ),
  )
  const aside = strip.map((cell) => quarantineStep(cell) * 2)
  const asidePath = aside.some((high) => high > 0) ? stepPath(aside, sizes.quarantined) : ''
  return renderChart(
    { id, title: `Chunks of ${renderName(mapping)}`, description: describe(strip) },
    height,
    renderStretched({ height, units: strip.length }, renderPath('fill-quarantined', asidePath), shapes),
  )
}

/** What the shapes of {@link renderStrip} stand for. */
export function renderStripLegend(): Html {
  const entry = (state: StripState, quarters: number, name: string) => ({
    name,
    shapes: renderPath(`fill-${state}`, runPath({ state, quarters, from: 0, cells: 16 }, -sizes.top - 2)),
  })
  return renderLegend([
    entry('done', 4, 'done'),
    entry('done', 2, 'done in part'),
    entry('retried', 4, 'done after failed attempts'),
    entry('begun', 4, 'begun'),
    entry('failed', 4, 'failed'),
    entry('open', 4, 'open'),
    {
      name: 'above: rows set aside, up to 0.1 %, 1 %, 10 %, more',
      shapes: renderPath(
        'fill-quarantined',
        [1, 2, 3, 4].map((step) => rectangle((step - 1) * 4, 10 - step * 2, 4, step * 2)).join(''),
      ),
    },
  ])
}

/** Each state has a form of its own, which stretching leaves as it is. */
function runPath({ state, quarters, from, cells }: StripRun, shift = 0): string {
  const top = sizes.top + shift
  const bar = (y: number, high: number) => rectangle(from, y, cells, high)
  switch (state) {
    case 'done':
      return bar(top + sizes.height * (1 - quarters / 4), sizes.height * (quarters / 4))
    case 'retried':
      return bar(top, 5) + bar(top + 8, 8)
    case 'begun':
      return bar(top, 2) + bar(top + 4, 2) + bar(top + 8, 2) + bar(top + 12, 4)
    case 'failed':
      return bar(top - 1, sizes.height + 1 + sizes.below)
    case 'open':
      return bar(top + sizes.height - 2, 2)
  }
}

function describe(strip: readonly StripCell[]): string {
  const sum = (count: (cell: StripCell) => number) => strip.reduce((all, cell) => all + count(cell), 0)
  const chunks = sum((cell) => cell.chunks)
  const [done, retried, begun, failed] = [
    sum((cell) => cell.done),
    sum((cell) => cell.retried),
    sum((cell) => cell.begun),
    sum((cell) => cell.failed),
  ]
  const worst = strip.findIndex((cell) => cell.failed > 0)
  const rows = sum((cell) => cell.quarantined)
  return [
    `${renderCount(done)} of ${renderCount(chunks)} chunks are done${retried > 0 ? `, ${renderCount(retried)} of them after failed attempts` : ''}.`,
    ...(begun > 0 ? [`${renderCount(begun)} are begun.`] : []),
    ...(failed > 0 ? [`${renderCount(failed)} failed, the first in part ${worst + 1} of ${strip.length}.`] : []),
    ...(rows > 0 ? [`${renderRows(BigInt(Math.round(rows)), 'row')} set aside.`] : []),
  ].join(' ')
}
