import { renderInstant } from '../../figures.ts'
import type { ReportStage } from '../../rehearsal.ts'
import { html } from '../markup.ts'
import { restOf } from '../rest.ts'
import type { Section } from '../section.ts'
import { fit, shareOf } from '../space.ts'
import { type Column, renderTable } from '../table.ts'
import { dash, name, remark, sentence } from '../text.ts'
import { toneOf, verdictMark } from '../verdict-mark.ts'

/** Whether the plan was seen to work, and to be taken back, before. */
export const rehearsalSection: Section = {
  id: 'rehearsal',
  title: 'Rehearsal',
  bytes: 30_000,
  render(report, space) {
    const { rehearsal } = report
    if (rehearsal === null) {
      return remark(html`No rehearsal of this plan was recorded: <code>drover rehearse migration.ts</code>.`)
    }
    const { rehearsedAt, rehearsedBy, verdict, stages, notes } = rehearsal
    const shown = fit(shareOf(space, 0.5), notes, 50, (note) => html`<li>${sentence(note)}</li>`)
    return html`<p>${verdictMark(toneOf(verdict), verdict)} on ${renderInstant(rehearsedAt)} by ${name(rehearsedBy)}.</p>
${renderTable({ caption: 'The stages of the rehearsal', columns, rows: stages, space, rest: restOf(report) })}
${notes.length > 0 && html`<ul>${shown.shown}</ul>`}${shown.more > 0 && remark(html`${shown.more} more notes: ${restOf(report)}`)}`
  },
}

const columns: readonly Column<ReportStage>[] = [
  { title: 'stage', kind: 'name', cell: ({ name }) => sentence(name) },
  { title: 'verdict', kind: 'words', cell: ({ verdict }) => verdictMark(toneOf(verdict), verdict) },
  { title: 'detail', kind: 'sentence', cell: ({ detail }) => (detail === '' ? dash : sentence(detail)) },
]
