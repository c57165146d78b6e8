import { renderCount } from '../../figures.ts'
import type { ColumnGroup } from '../../report.ts'
import { renderQuery } from '../code.ts'
import { html } from '../markup.ts'
import { restOf } from '../rest.ts'
import type { Section } from '../section.ts'
import { shareOf } from '../space.ts'
import { type Column, renderTable } from '../table.ts'
import { name, names, remark } from '../text.ts'

/** Values that a rule changed, and values that were counted and not changed, by cause. */
export const correctionsSection: Section = {
  id: 'corrections',
  title: 'Corrections and notes',
  bytes: 90_000,
  render(report, space) {
    const { corrections, notes, purge } = report
    const rest = restOf(report)
    return html`${
      corrections.length === 0
        ? remark('No value was corrected.')
        : renderTable({
            caption: `Values that a rule changed${purge === undefined ? ', the originals kept' : ''}`,
            columns,
            rows: corrections,
            space: shareOf(space, 0.5),
            rest,
          })
    }
${
  notes.length === 0
    ? remark('Nothing was noted.')
    : renderTable({ caption: 'Values that were counted and not changed', columns, rows: notes, space, rest })
}`
  },
}

const columns: readonly Column<ColumnGroup>[] = [
  { title: 'cause', kind: 'name', cell: ({ code }) => name(code) },
  { title: 'mapping', kind: 'words', cell: ({ mapping }) => name(mapping) },
  { title: 'column', kind: 'words', cell: ({ column }) => name(column) },
  { title: 'rows', kind: 'figure', cell: ({ rows }) => (rows === null ? 'all' : renderCount(rows)) },
  { title: 'keys, for example', kind: 'words', cell: ({ sampleKeys }) => names(sampleKeys) },
  { title: 'all of them', kind: 'words', cell: ({ query }) => renderQuery('query', query) },
]
