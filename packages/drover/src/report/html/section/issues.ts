import { renderCount, renderInstant } from '../../figures.ts'
import type { ReportIssue } from '../../issues.ts'
import { restOf } from '../rest.ts'
import type { Section } from '../section.ts'
import { type Column, renderTable } from '../table.ts'
import { nameOrDash, remark, sentence } from '../text.ts'

/** What did not go as it might have, in order of time. */
export const issuesSection: Section = {
  id: 'issues',
  title: 'Issues in order of time',
  bytes: 60_000,
  render(report, space) {
    const { issues } = report
    if (issues.length === 0) return remark('Nothing went otherwise than it should.')
    return renderTable({
      caption: 'What was met on the way',
      columns,
      rows: issues,
      space,
      most: 250,
      rest: restOf(report),
    })
  },
}

const columns: readonly Column<ReportIssue>[] = [
  { title: 'first', kind: 'instant', cell: ({ at }) => renderInstant(at) },
  { title: 'last', kind: 'instant', cell: ({ at, until }) => (at === until ? '–' : renderInstant(until)) },
  { title: 'kind', kind: 'words', cell: ({ kind }) => kind },
  { title: 'mapping', kind: 'words', cell: ({ mapping }) => nameOrDash(mapping) },
  { title: 'times', kind: 'figure', cell: ({ times }) => renderCount(times) },
  { title: 'what', kind: 'sentence', cell: ({ what }) => sentence(what) },
]
