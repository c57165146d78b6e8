import { scaleLinear } from 'd3-scale'
import { renderCount } from '../figures.ts'
import { type Html, html } from '../html/markup.ts'
import { type ChartWords, fullWidth, rectangle, renderChart, renderPath, renderStretched } from './frame.ts'
import { renderNameIn } from './label.ts'
import { renderLegend } from './legend.ts'

/** What is counted twice: before and after, foreseen and found. Null where it was not counted. */
export interface BarPair {
  readonly name: string
  readonly first: bigint | null
  readonly second: bigint | null
}

/** In pixels of the line of a pair: the line of text, then a thin bar and a thick one. */
const sizes = { line: 38, text: 18, first: 4, gap: 1, second: 8 }
/** In stretched units: a single row shows. */
const leastWidth = 2
const namePart = 55

/** Bars on one scale, two for each name, with both figures in words. */
export function renderBars(words: ChartWords, pairs: readonly BarPair[]): Html {
  const most = pairs.reduce((all, { first, second }) => larger(larger(all, first ?? 0n), second ?? 0n), 0n)
  const x = scaleLinear([0, Number(most)], [0, fullWidth])
  const path = (count: (pair: BarPair) => bigint | null, top: number, height: number) =>
    pairs
      .map((pair, i) => {
        const rows = count(pair) ?? 0n
        return rows === 0n ? '' : rectangle(0, i * sizes.line + top, Math.max(leastWidth, x(Number(rows))), height)
      })
      .join('')
  const height = pairs.length * sizes.line
  const texts = pairs.map((pair, i) => {
    const figures = `${renderCount(pair.first)} → ${renderCount(pair.second)}`
    return [
      renderNameIn({ y: i * sizes.line, width: namePart }, pair.name, figures),
      html`<text class="text-end" x="100%" y="${i * sizes.line + 13}">${figures}</text>`,
    ]
  })
  return renderChart(
    words,
    height,
    renderStretched(
      { height },
      renderPath('fill-track', pairs.map((_, i) => rectangle(0, i * sizes.line + sizes.text, fullWidth, 13)).join('')),
      renderPath(
        'fill-before',
        path(({ first }) => first, sizes.text, sizes.first),
      ),
      renderPath(
        'fill-after',
        path(({ second }) => second, sizes.text + sizes.first + sizes.gap, sizes.second),
      ),
    ),
    texts,
  )
}

/** What the two bars of a pair stand for. */
export function renderBarsLegend(first: string, second: string): Html {
  return renderLegend([
    { name: first, shapes: renderPath('fill-before', rectangle(0, 4, 16, sizes.first)) },
    { name: second, shapes: renderPath('fill-after', rectangle(0, 2, 16, sizes.second)) },
  ])
}

/** The pairs with the most rows, in their order; how many are left out. */
export function largest(
  pairs: readonly BarPair[],
  most: number,
): { readonly pairs: readonly BarPair[]; readonly left: number } {
  if (pairs.length <= most) return { pairs, left: 0 }
  const size = ({ first, second }: BarPair) => larger(first ?? 0n, second ?? 0n)
  const kept = new Set([...pairs].sort((a, b) => Number(size(b) - size(a))).slice(0, most))
  return { pairs: pairs.filter((pair) => kept.has(pair)), left: pairs.length - most }
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
