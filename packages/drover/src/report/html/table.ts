import { renderCount } from '../figures.ts'
import { type Html, html, type Part } from './markup.ts'
import { fit, type Space } from './space.ts'

/** A column of a table, and what of a row stands in it. */
export interface Column<Row> {
  readonly title: Part
  /**
   * `name`: what names the row, read out before its other cells · `sentence`: broken where it must be · `instant`:
   * never broken · `figure`: aligned to the right · `chart`: as wide as may be.
   */
  readonly kind: 'name' | 'words' | 'sentence' | 'instant' | 'figure' | 'chart'
  readonly cell: (row: Row) => Part
}

/** A table of a page, cut where there is no space for all of it. */
export interface Table<Row> {
  /** What the table shows, in a few words. */
  readonly caption: Part
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly space: Space
  /** Rows that are shown at most, also where there is space for more. */
  readonly most?: number
  /** Where all rows are: what stands behind `12 more: `. */
  readonly rest: Part
  /** Whether a long table can be filtered: not one that is replaced while it is read. Default true. */
  readonly isFiltered?: boolean
  /** A last row that sums up, a cell for each column. */
  readonly total?: readonly Part[]
}

const mostRows = 200

/** A table of more rows than that can be filtered. */
const fewRows = 12

/** A table in a box of its own, which scrolls where the page is too narrow for it. Its rows take from the space. */
export function renderTable<Row>({
  caption,
  columns,
  rows,
  space,
  most = mostRows,
  rest,
  isFiltered = true,
  total,
}: Table<Row>): Html {
  const { shown, more } = fit(space, rows, most, (row) => renderRow(columns, row))
  return html`<div class="scroll" tabindex="0"><table${isFiltered && shown.length > fewRows && html` data-filter`}>
<caption>${caption}</caption>
<thead><tr>${columns.map(({ title, kind }) => html`<th scope="col"${classes[kind]}>${title}</th>`)}</tr></thead>
<tbody>
${shown}</tbody>${(total !== undefined || more > 0) && renderFoot(columns, total, more, rest)}
</table></div>`
}

/** What the style sheet tells a cell by. */
const classes: Readonly<Record<Column<never>['kind'], Part>> = {
  name: false,
  words: false,
  sentence: html` class="sentence"`,
  instant: html` class="instant"`,
  figure: html` class="figure"`,
  chart: html` class="chart-cell"`,
}

function renderRow<Row>(columns: readonly Column<Row>[], row: Row): Html {
  return html`<tr>${columns.map(({ kind, cell }) =>
    kind === 'name' ? html`<th scope="row">${cell(row)}</th>` : html`<td${classes[kind]}>${cell(row)}</td>`,
  )}</tr>\n`
}

function renderFoot<Row>(
  columns: readonly Column<Row>[],
  total: readonly Part[] | undefined,
  more: number,
  rest: Part,
): Html {
  return html`
<tfoot>
${
  total !== undefined &&
  html`<tr class="total">${columns.map(({ kind }, i) =>
    kind === 'name' ? html`<th scope="row">${total[i]}</th>` : html`<td${classes[kind]}>${total[i]}</td>`,
  )}</tr>\n`
}${more > 0 && html`<tr><td class="more" colspan="${columns.length}">${renderCount(more)} more: ${rest}</td></tr>\n`}</tfoot>`
}
