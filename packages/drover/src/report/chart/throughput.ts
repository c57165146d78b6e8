import { scaleLinear } from 'd3-scale'
import type { Throughput } from '../course.ts'
import { renderCount } from '../figures.ts'
import { type Html, html } from '../html/markup.ts'
import { fullWidth, percent, renderChart, renderNothing, renderPath, renderStretched, round } from './frame.ts'
import { describeRates, meanOf, ratesOf } from './rates.ts'
import { stepPath } from './step-path.ts'
import { renderTimeGrid, renderTimeLabels } from './time-axis.ts'

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

/** In pixels. */
const sizes = { head: 20, plot: 120, foot: 18 }
/** Where the plot is, right of the figures of its axis. */
const place = { x: 11, width: 89, y: sizes.head, height: sizes.plot }

/** Rows a second over the time of a load. */
export function renderThroughput(throughput: Throughput | null, id: string): Html {
  const rates = ratesOf(throughput)
  if (throughput === null || rates.length === 0) return renderNothing('No chunk is done yet.')
  const ms = throughput.sliceMs * rates.length
  const y = scaleLinear([0, Math.max(1, ...rates)], [sizes.plot, 0]).nice(3)
  const ticks = y.ticks(3)
  const mean = meanOf(rates)
  const labels = ticks.map(
    (tick) =>
      html`<text class="text-dim text-end" x="${percent(place.x - 1)}" y="${round(sizes.head + y(tick) + 4)}">${compact.format(tick)}</text>`,
  )
  return renderChart(
    { id, title: 'Rows a second', description: describeRates(rates, throughput.sliceMs) },
    sizes.head + sizes.plot + sizes.foot,
    html`<text y="10">rows a second <tspan class="text-dim">· dashed: ${renderCount(Math.round(mean))} on average</tspan></text>`,
    renderStretched(
      place,
      renderTimeGrid(ms, sizes.plot),
      renderPath('line-grid', ticks.map((tick) => `M0 ${round(y(tick))}h${fullWidth}`).join('')),
      renderPath('line-mean', `M0 ${round(y(mean))}h${fullWidth}`),
    ),
    renderStretched(
      { ...place, units: rates.length },
      renderPath(
        'fill-rate',
        stepPath(
          rates.map((rate) => sizes.plot - y(rate)),
          sizes.plot,
        ),
      ),
    ),
    labels,
    renderTimeLabels(ms, { ...place, y: sizes.head + sizes.plot + 14 }),
  )
}
