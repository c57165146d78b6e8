import type { ReportHazard } from '../../report.ts'
import { restOf } from '../rest.ts'
import type { Section } from '../section.ts'
import { type Column, renderTable } from '../table.ts'
import { name, nameOrDash, remark, sentence } from '../text.ts'

/** What was allowed by name before the run. */
export const hazardsSection: Section = {
  id: 'hazards',
  title: 'Hazards allowed',
  bytes: 30_000,
  render(report, space) {
    const { hazards } = report
    if (hazards.length === 0) return remark('None had to be allowed.')
    return renderTable({
      caption: 'What was allowed by name before the run',
      columns,
      rows: hazards,
      space,
      rest: restOf(report),
    })
  },
}

const columns: readonly Column<ReportHazard>[] = [
  { title: 'hazard', kind: 'name', cell: (hazard) => name(hazard.name) },
  { title: 'mapping', kind: 'words', cell: ({ mapping }) => nameOrDash(mapping) },
  { title: 'why', kind: 'sentence', cell: ({ why }) => sentence(why) },
]
