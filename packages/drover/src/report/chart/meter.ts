import { renderCount } from '../figures.ts'
import { type Html, html } from '../html/markup.ts'
import { fullWidth, rectangle, renderChart, renderPath, renderStretched } from './frame.ts'
import { renderName } from './label.ts'
import { renderShare, share } from './share.ts'

/** How far something is. Counts are int8 as text. */
export interface Meter {
  /** What is counted, for whoever does not see it: a mapping. */
  readonly name: string
  /** In the plural: `rows`. */
  readonly noun: string
  readonly done: string
  /** Of those that are done: set aside. */
  readonly quarantined: string
  /** Null where nobody has counted yet. */
  readonly all: string | null
}

const barTop = 18
const barHeight = 10

/** A bar with its figures above: `24.0 % · 1,200 of 5,000 rows`. What was set aside ends the bar, and is less high. */
export function renderMeter({ name, noun, done, quarantined, all }: Meter, id: string): Html {
  const [rows, aside, total] = [BigInt(done), BigInt(quarantined), all === null ? null : BigInt(all)]
  const end = total === null ? 0 : Math.min(1, share(rows, total)) * fullWidth
  const own = rows === 0n ? 0 : Math.max(aside > 0n ? 4 : 0, share(aside, rows) * end)
  const width = Math.min(own, end)
  const figures =
    total === null ? `${renderCount(rows)} ${noun}` : `${renderCount(rows)} of ${renderCount(total)} ${noun}`
  const part = total === null ? '' : total === 0n ? '100 %' : renderShare(rows, total)
  const description = [figures, part, aside > 0n && `${renderCount(aside)} quarantined`].filter(Boolean).join(', ')
  return renderChart(
    { id, title: `Progress of ${renderName(name)}`, description: `${description}.` },
    barTop + barHeight,
    html`<text y="12">${part !== '' && html`<tspan class="text-strong">${part}</tspan> · `}${figures}</text>`,
    renderStretched(
      { y: barTop, height: barHeight },
      renderPath('fill-track', rectangle(0, 0, fullWidth, barHeight)),
      renderPath('fill-done', end - width > 0 ? rectangle(0, 0, end - width, barHeight) : ''),
      renderPath('fill-quarantined', width > 0 ? rectangle(end - width, 3, width, barHeight - 3) : ''),
    ),
  )
}
