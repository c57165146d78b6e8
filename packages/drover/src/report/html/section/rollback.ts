import type { RollbackFinding } from '../../../ledger/rollback.ts'
import { renderCount, renderInstant } from '../../figures.ts'
import type { Report } from '../../report.ts'
import type { ConflictGroup, ReportRollback, ReportTakenBack } from '../../rollback.ts'
import { type Html, html } from '../markup.ts'
import { restOf } from '../rest.ts'
import type { Section } from '../section.ts'
import { fit, type Space, shareOf } from '../space.ts'
import { type Column, renderTable } from '../table.ts'
import { name, nameOrDash, names, remark, sentence } from '../text.ts'
import { toneOf, verdictMark } from '../verdict-mark.ts'

/** How the run was taken back: what came of it, by mapping; what others had written since; what differs from the start. */
export const rollbackSection: Section = {
  id: 'rollback',
  title: 'Rollback',
  bytes: 70_000,
  render(report, space) {
    const { rollback, run } = report
    if (rollback !== null) return renderTakenBack(rollback, space, report)
    return run.state === 'finalized'
      ? remark('The run was not taken back, and cannot be any more: it is finalized.')
      : remark(html`The run was not taken back. What does it: <code>drover rollback --run ${run.id}</code>.`)
  },
}

function renderTakenBack(rollback: ReportRollback, space: Space, report: Report): Html {
  const rest = restOf(report)
  const { verdict, startedAt, finishedAt, chunks, chunksDone, decisions, mappings, conflicts, discarded, findings } =
    rollback
  const until =
    finishedAt === null
      ? `not finished: ${renderCount(chunksDone)} of ${renderCount(chunks)} chunks are done`
      : `finished ${renderInstant(finishedAt)}`
  const others = findings.filter((finding) => finding.verdict !== 'pass')
  const equal = findings.filter(({ check, verdict }) => check === 'fingerprint' && verdict === 'pass')
  return html`<p>${verdict !== null && verdictMark(toneOf(verdict), verdict)} Begun ${renderInstant(startedAt)}, ${until}.</p>
${Object.keys(decisions).length > 0 && renderDecisions(decisions, shareOf(space, 0.1))}
${renderTable({ caption: 'Rows that were taken back, by mapping', columns, rows: mappings, space: shareOf(space, 0.35), rest })}
${
  conflicts.length > 0 &&
  renderTable({
    caption: 'What others had written since',
    columns: conflictColumns,
    rows: conflicts,
    space: shareOf(space, 0.35),
    rest,
  })
}
${
  discarded.length > 0 &&
  renderTable({
    caption: html`Rows that were discarded${report.purge === undefined && html`, and kept in <code>drover.discarded_row</code>`}`,
    columns: discardedColumns,
    rows: discarded,
    space: shareOf(space, 0.3),
    rest,
  })
}
${others.length > 0 && renderTable({ caption: 'Not as before the run', columns: findingColumns, rows: others, space, rest })}
${
  equal.length > 0 &&
  html`<p>As before the run, by fingerprint: ${renderCount(equal.length)}, among them
${names(equal.flatMap(({ object }) => object ?? []).slice(0, 50))}.</p>`
}`
}

/** What was decided about conflicts, by table; the star stands for all others. */
function renderDecisions(decisions: ReportRollback['decisions'], space: Space): Html {
  const items = fit(
    space,
    Object.entries(decisions),
    100,
    ([table, decision]) => html`<li>${table === '*' ? 'all other tables' : name(table)}: ${sentence(decision)}</li>`,
  )
  return html`<p>What was decided about rows that others had written:</p>
<ul>${items.shown}</ul>${items.more > 0 && remark(`${renderCount(items.more)} more.`)}`
}

const columns: readonly Column<ReportTakenBack>[] = [
  { title: 'mapping', kind: 'name', cell: ({ mapping }) => name(mapping) },
  { title: 'removed', kind: 'figure', cell: ({ removed }) => renderCount(removed) },
  { title: 'restored', kind: 'figure', cell: ({ restored }) => renderCount(restored) },
  { title: 'kept', kind: 'figure', cell: ({ kept }) => renderCount(kept) },
  { title: 'gone before', kind: 'figure', cell: ({ gone }) => renderCount(gone) },
]

const conflictColumns: readonly Column<ConflictGroup>[] = [
  { title: 'table', kind: 'name', cell: ({ table }) => name(table) },
  { title: 'kind', kind: 'words', cell: ({ kind }) => kind },
  { title: 'decision', kind: 'words', cell: ({ decision }) => decision ?? 'none yet' },
  { title: 'rows', kind: 'figure', cell: ({ rows }) => renderCount(rows) },
  { title: 'keys, for example', kind: 'words', cell: ({ sampleKeys }) => names(sampleKeys) },
]

const discardedColumns: readonly Column<ReportRollback['discarded'][number]>[] = [
  { title: 'table', kind: 'name', cell: ({ table }) => name(table) },
  { title: 'rows', kind: 'figure', cell: ({ rows }) => renderCount(rows) },
]

const findingColumns: readonly Column<RollbackFinding>[] = [
  { title: 'check', kind: 'name', cell: ({ check }) => check },
  { title: 'of', kind: 'words', cell: ({ object }) => nameOrDash(object) },
  { title: 'verdict', kind: 'words', cell: ({ verdict }) => verdictMark(toneOf(verdict), verdict) },
  { title: 'detail', kind: 'sentence', cell: ({ detail }) => sentence(detail) },
]
