import { dispositions } from '../../../plan/disposition.ts'
import { renderFlow } from '../../chart/flow.ts'
import { renderCount } from '../../figures.ts'
import type { ReportMapping } from '../../report.ts'
import { html, type Part } from '../markup.ts'
import { restOf } from '../rest.ts'
import type { Section } from '../section.ts'
import { type Column, renderTable } from '../table.ts'
import { name } from '../text.ts'
import { verdictMark } from '../verdict-mark.ts'

/** Where every row of every source went, as a picture and as a table that balances. */
export const balanceSection: Section = {
  id: 'rows',
  title: 'Where every row went',
  bytes: 150_000,
  render(report, space) {
    const { mappings } = report
    const sum = (of: (typeof dispositions)[number] | 'sourceRows') =>
      renderCount(mappings.reduce((all, mapping) => all + BigInt(mapping[of] ?? 0), 0n))
    const totals: readonly Part[] = ['all', '', '', sum('sourceRows'), ...dispositions.map(sum), '']
    return html`${renderFlow(mappings, 'flow')}
${renderTable({
  caption: 'Source rows by mapping, and what became of them',
  columns,
  rows: mappings,
  space,
  most: 1_500,
  rest: restOf(report),
  ...(mappings.length > 1 && { total: totals }),
})}`
  },
}

const columns: readonly Column<ReportMapping>[] = [
  { title: 'mapping', kind: 'name', cell: (mapping) => name(mapping.name) },
  { title: 'source', kind: 'words', cell: ({ source }) => name(source) },
  { title: 'target', kind: 'words', cell: ({ target }) => name(target) },
  { title: 'source rows', kind: 'figure', cell: ({ sourceRows }) => renderCount(sourceRows) },
  ...dispositions.map(
    (disposition): Column<ReportMapping> => ({
      title: disposition,
      kind: 'figure',
      cell: (mapping) => renderCount(mapping[disposition]),
    }),
  ),
  { title: 'balances', kind: 'words', cell: balanceOf },
]

function balanceOf({ state, balances }: ReportMapping): Part {
  if (state !== 'done') return state
  return balances ? verdictMark('pass', 'yes') : verdictMark('fail', 'no')
}
