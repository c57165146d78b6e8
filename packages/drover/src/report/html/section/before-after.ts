import { renderBeforeAfter } from '../../chart/before-after.ts'
import { renderCount } from '../../figures.ts'
import type { ReportMapping } from '../../report.ts'
import { html } from '../markup.ts'
import { restOf } from '../rest.ts'
import type { Section } from '../section.ts'
import { type Column, renderTable } from '../table.ts'
import { name } from '../text.ts'

/** How many rows sources and targets held before the run, and how many after it. */
export const beforeAfterSection: Section = {
  id: 'before-after',
  title: 'Before and after',
  bytes: 90_000,
  render: (report, space) => html`${renderBeforeAfter(report.mappings, 'before-after')}
${renderTable({
  caption: 'Rows of source and target before and after',
  columns,
  rows: report.mappings,
  space,
  most: 500,
  rest: restOf(report),
})}`,
}

const columns: readonly Column<ReportMapping>[] = [
  { title: 'mapping', kind: 'name', cell: (mapping) => name(mapping.name) },
  { title: 'source before', kind: 'figure', cell: ({ sourceRowsBefore }) => renderCount(sourceRowsBefore) },
  { title: 'source after', kind: 'figure', cell: ({ sourceRows }) => renderCount(sourceRows) },
  { title: 'target', kind: 'words', cell: ({ target }) => name(target) },
  { title: 'target before', kind: 'figure', cell: ({ targetRowsBefore }) => renderCount(targetRowsBefore) },
  { title: 'target after', kind: 'figure', cell: ({ targetRowsAfter }) => renderCount(targetRowsAfter) },
  { title: 'more', kind: 'figure', cell: grownBy },
]

function grownBy({ targetRowsBefore, targetRowsAfter }: ReportMapping): string {
  if (targetRowsBefore === null || targetRowsAfter === null) return '–'
  return renderCount(BigInt(targetRowsAfter) - BigInt(targetRowsBefore))
}
