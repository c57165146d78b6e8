import { renderInstant } from '../../figures.ts'
import type { ReportEvent } from '../../report.ts'
import { renderDetail } from '../../words.ts'
import { restOf } from '../rest.ts'
import type { Section } from '../section.ts'
import { type Column, renderTable } from '../table.ts'
import { name, remark, sentence } from '../text.ts'

/** Who did what to the run, and when. */
export const eventsSection: Section = {
  id: 'events',
  title: 'Events',
  bytes: 60_000,
  render(report, space) {
    const { events } = report
    if (events.length === 0) return remark('The ledger holds no event.')
    return renderTable({ caption: 'Who did what to the run', columns, rows: events, space, rest: restOf(report) })
  },
}

const columns: readonly Column<ReportEvent>[] = [
  { title: 'at', kind: 'instant', cell: ({ at }) => renderInstant(at) },
  { title: 'who', kind: 'words', cell: ({ actor }) => name(actor) },
  { title: 'what', kind: 'name', cell: ({ what }) => sentence(what) },
  {
    title: 'detail',
    kind: 'words',
    cell: ({ detail }) => sentence(renderDetail(detail)),
  },
]
