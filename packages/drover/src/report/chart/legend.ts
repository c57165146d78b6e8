import { type Html, html, type Part } from '../html/markup.ts'

/** What a mark of a chart means. */
export interface LegendEntry {
  readonly name: string
  /** Shapes of 16 by 12 pixels. */
  readonly shapes: Part
}

/** What shapes of a chart stand for: a list that breaks into lines where it must. */
export function renderLegend(entries: readonly LegendEntry[]): Html {
  return html`<ul class="chart-legend">${entries.map(
    ({ name, shapes }) => html`<li><svg width="16" height="12" aria-hidden="true">${shapes}</svg>${name}</li>`,
  )}</ul>`
}
