import { type Html, html, type Part } from '../html/markup.ts'

/** What a chart is to whoever does not see it. */
export interface ChartWords {
  /** Unique on the page, and without spaces: ids in the chart begin with it. */
  readonly id: string
  /** What is shown. */
  readonly title: string
  /** What there is to see in it, in sentences. */
  readonly description: string
}

/** How wide {@link renderStretched} counts its parts, in units: the whole width. */
export const fullWidth = 1000

/**
 * A chart that is as wide as its place, and `height` CSS pixels high. Nothing scales it: text keeps its size on a telephone
 * and on paper. Places along its width are percentages, or stand in {@link renderStretched}.
 */
export function renderChart({ id, title, description }: ChartWords, height: number, ...parts: readonly Part[]): Html {
  return html`<svg class="chart" width="100%" height="${round(height)}" role="img" aria-labelledby="${id}-t ${id}-d"><title id="${id}-t">${title}</title><desc id="${id}-d">${description}</desc>${parts}</svg>`
}

/**
 * Where a stretched part lies, from the left upper corner if nothing else is said: percentages of the chart's width,
 * pixels of its height.
 */
export interface Place {
  readonly x?: number
  readonly y?: number
  readonly width?: number
  readonly height: number
  /** How many units the width is, where it is not {@link fullWidth}. */
  readonly units?: number
}

/** Shapes that are stretched along the width, and not along the height. No text: it would be stretched too. */
export function renderStretched(
  { x = 0, y = 0, width = 100, height, units = fullWidth }: Place,
  ...parts: readonly Part[]
): Html {
  const left = x !== 0 && html` x="${percent(x)}"`
  const top = y !== 0 && html` y="${round(y)}"`
  return html`<svg${left}${top} width="${percent(width)}" height="${round(height)}" viewBox="0 0 ${units} ${round(height)}" preserveAspectRatio="none">${parts}</svg>`
}

/** A shape, by its class and its path; nothing where the path is empty. */
export function renderPath(name: string, path: string): Html | '' {
  return path === '' ? '' : html`<path class="${name}" d="${path}"/>`
}

/** The path of a rectangle. */
export function rectangle(x: number, y: number, width: number, height: number): string {
  return `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}z`
}

/** To one decimal: less than anybody sees, in any unit of a chart. */
export function round(coordinate: number): number {
  return Math.round(coordinate * 10) / 10 + 0
}

/** A place along the width of a chart: `12.5%`. */
export function percent(part: number): string {
  return `${round(part)}%`
}

/** What stands in the place of a chart that has nothing to show. */
export function renderNothing(sentence: string): Html {
  return html`<p class="chart-nothing">${sentence}</p>`
}
