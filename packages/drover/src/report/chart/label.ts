import { type Html, html } from '../html/markup.ts'
import { showInvisible } from '../invisible.ts'
import { percent, round } from './frame.ts'

/** Characters of a name that a chart shows, and those that it shows under the pointer. */
const most = { shown: 60, hint: 200 }

/** A name for a chart: nothing in it is unseen, and what is too long ends in an ellipsis. */
export function renderName(name: string): string {
  return shorten(name, most.shown)
}

/** Where the name of a line stands: its top in pixels, and its width as a percentage of the chart's. */
export interface NamePlace {
  readonly y: number
  readonly width: number
}

/**
 * A name in a place that depends on how wide the chart is. SVG cannot end a text that does not fit with an ellipsis, HTML
 * can. Under the pointer stands `hint`, then the name again, as far as anybody would read it.
 */
export function renderNameIn({ y, width }: NamePlace, name: string, hint: string): Html {
  return html`<foreignObject y="${round(y)}" width="${percent(width)}" height="18"><div class="chart-name" title="${hint}: ${shorten(name, most.hint)}">${renderName(name)}</div></foreignObject>`
}

function shorten(name: string, characters: number): string {
  // Names of any length come from databases. A character is at most two units: no more is looked at than can be shown.
  const all = [...showInvisible(name.slice(0, 2 * (characters + 1)))]
  return all.length > characters ? `${all.slice(0, characters - 1).join('')}…` : all.join('')
}
