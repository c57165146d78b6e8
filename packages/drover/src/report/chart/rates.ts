import type { Throughput } from '../course.ts'
import { renderCount, renderDuration } from '../figures.ts'

/** Rows a second in each slice; none where the slices have no length. */
export function ratesOf(throughput: Throughput | null): readonly number[] {
  if (throughput === null || !(throughput.sliceMs > 0)) return []
  return throughput.rows.map((rows) => (rows * 1000) / throughput.sliceMs)
}

/** Of all slices, which are equally long. */
export function meanOf(rates: readonly number[]): number {
  return rates.reduce((sum, rate) => sum + rate, 0) / rates.length
}

/** What a curve of rates tells, in a sentence. */
export function describeRates(rates: readonly number[], sliceMs: number): string {
  const most = Math.max(...rates)
  return [
    `${renderCount(Math.round(meanOf(rates)))} rows a second on average over ${renderDuration(sliceMs * rates.length)},`,
    `at most ${renderCount(Math.round(most))} (after ${renderDuration(sliceMs * rates.indexOf(most))}),`,
    `at least ${renderCount(Math.round(Math.min(...rates)))}.`,
  ].join(' ')
}
