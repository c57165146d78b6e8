import type { Throughput } from '../course.ts'
import type { Html } from '../html/markup.ts'
import { renderChart, renderNothing, renderPath, renderStretched } from './frame.ts'
import { describeRates, ratesOf } from './rates.ts'
import { stepPath } from './step-path.ts'

const height = 24

/** The throughput of one mapping, small and without axes: how even it was. A report may hold a thousand of them. */
export function renderSparkline(throughput: Throughput | null, id: string): Html {
  const rates = ratesOf(throughput)
  if (throughput === null || rates.length === 0) return renderNothing('No chunk is done yet.')
  return renderChart(
    { id, title: 'Rows a second', description: describeRates(rates, throughput.sliceMs) },
    height,
    renderStretched({ height, units: rates.length }, renderPath('fill-spark', stepPath(heightsOf(rates), height))),
  )
}

/** In whole pixels, and where there was a row at least one. */
function heightsOf(rates: readonly number[]): readonly number[] {
  const most = Math.max(...rates)
  return rates.map((rate) => (rate > 0 ? Math.max(1, Math.round((rate / most) * height)) : 0))
}
