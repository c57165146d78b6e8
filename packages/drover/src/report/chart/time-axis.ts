import { scaleLinear } from 'd3-scale'
import { type Html, html } from '../html/markup.ts'
import { fullWidth, percent, renderPath, round } from './frame.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const units = [
  { name: 'ms', ms: 1, below: second },
  { name: 's', ms: second, below: 2 * minute },
  { name: 'min', ms: minute, below: 2 * hour },
  { name: 'h', ms: hour, below: Number.POSITIVE_INFINITY },
]

/** A place on the axis: milliseconds since its beginning, and what is written there. */
export interface TimeTick {
  readonly ms: number
  readonly label: string
}

/** About four places from 0 to `ms`, at whole numbers of one unit, which is named at the last: `0`, `20`, `40 s`. */
export function timeTicks(ms: number): readonly TimeTick[] {
  const unit = units.find(({ below }) => ms < below)!
  const values = scaleLinear([0, ms / unit.ms], [0, 1])
    .ticks(4)
    .filter(Number.isInteger)
  return values.map((value, i) => ({
    ms: value * unit.ms,
    label: i === values.length - 1 ? `${value} ${unit.name}` : String(value),
  }))
}

/** Where the axis stands: percentages of the chart's width, and the pixel of its height where the text stands. */
export interface AxisPlace {
  readonly x: number
  readonly width: number
  readonly y: number
}

/** What is written along a time of `ms`. */
export function renderTimeLabels(ms: number, { x, width, y }: AxisPlace): readonly Html[] {
  return timeTicks(ms).map(({ ms: at, label }) => {
    const part = at / Math.max(ms, 1)
    // At either end of the chart half of a label would be outside of it.
    const anchor = x + part * width < 2 ? '' : x + part * width > 96 ? ' text-end' : ' text-middle'
    return html`<text class="text-dim${anchor}" x="${percent(x + part * width)}" y="${round(y)}">${label}</text>`
  })
}

/** Lines across the chart at the places of the axis, in stretched units. */
export function renderTimeGrid(ms: number, height: number): Html | '' {
  const lines = timeTicks(ms).map(({ ms: at }) => `M${round((at / Math.max(ms, 1)) * fullWidth)} 0v${round(height)}`)
  return renderPath('line-grid', lines.join(''))
}
