import { renderCount, renderRows } from '../../figures.ts'
import type { ReportMapping } from '../../report.ts'
import { type Html, html } from '../markup.ts'
import { restOf } from '../rest.ts'
import type { Section } from '../section.ts'
import { boundless, fit } from '../space.ts'
import { type Column, renderTable } from '../table.ts'
import { name, names, remark } from '../text.ts'

/** What each target column was made from; folded, for it is as long as the schemas. */
export const lineageSection: Section = {
  id: 'lineage',
  title: 'Lineage',
  bytes: 80_000,
  render(report, space) {
    const mappings = report.mappings.filter(({ lineage }) => lineage.length > 0)
    if (mappings.length === 0) return remark('The plan names no columns.')
    const rest = restOf(report)
    const { shown, more } = fit(space, mappings, mappings.length, (mapping) => renderColumns(mapping, rest))
    return html`<p>What each column of the target was made from.</p>
${shown}${more > 0 && remark(html`The columns of ${renderCount(more)} more mappings: ${rest}`)}`
  },
}

function renderColumns({ name: mapping, target, lineage }: ReportMapping, rest: Html): Html {
  return html`<details class="item long"><summary>${name(mapping)}: ${renderRows(BigInt(lineage.length), 'column')}</summary>
<div>${renderTable({ caption: html`Columns of ${name(target)}`, columns, rows: lineage, space: boundless(), rest })}</div>
</details>\n`
}

const columns: readonly Column<ReportMapping['lineage'][number]>[] = [
  { title: 'target column', kind: 'name', cell: ({ column }) => name(column) },
  {
    title: 'made from',
    kind: 'words',
    cell: ({ reads }) => (reads.length === 0 ? 'one value for all rows' : names(reads)),
  },
]
