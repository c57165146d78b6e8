import { renderCount } from '../../figures.ts'
import type { MergeGroup } from '../../report.ts'
import { renderCommand } from '../code.ts'
import { html } from '../markup.ts'
import { restOf } from '../rest.ts'
import type { Section } from '../section.ts'
import { type Column, renderTable } from '../table.ts'
import { name, remark } from '../text.ts'

/** Duplicates: the rows that another row stands for. */
export const mergesSection: Section = {
  id: 'merges',
  title: 'Merges',
  bytes: 30_000,
  render(report, space) {
    const { merges, run, purge } = report
    if (merges.length === 0) return remark('No row was merged into another.')
    const list = purge === undefined ? renderCommand(`drover merges list --run ${run.id}`) : restOf(report)
    return html`<p>Rows that are the same thing became one row of the target; the survivor stands for all of them.
All of them: ${list}.</p>
${renderTable({ caption: 'Rows that another row stands for', columns, rows: merges, space, rest: list })}`
  },
}

const columns: readonly Column<MergeGroup>[] = [
  { title: 'mapping', kind: 'name', cell: ({ mapping }) => name(mapping) },
  { title: 'rows merged', kind: 'figure', cell: ({ rows }) => renderCount(rows) },
  {
    title: 'row → survivor, for example',
    kind: 'words',
    cell: ({ samplePairs }) =>
      samplePairs.map(({ key, survivor }, i) => html`${i > 0 && html`<br>`}${name(key)} → ${name(survivor)}`),
  },
]
