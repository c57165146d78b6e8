import { renderCount, renderInstant } from './figures.ts'
import { left, renderName, renderNames, renderTable, renderText, right } from './markdown.ts'
import type { ReportPurge } from './purge.ts'
import type { ReportRehearsal } from './rehearsal.ts'
import type { ConflictGroup, ReportRollback } from './rollback.ts'

/** How a run was taken back: what came of it, by mapping; what others had written since; what differs from the start. */
export function renderRollback(
  { verdict, startedAt, finishedAt, chunks, chunksDone, mappings, conflicts, discarded, findings }: ReportRollback,
  purge: ReportPurge | undefined,
): string {
  const when = `begun ${renderInstant(startedAt)}, ${finishedAt === null ? `not finished: ${renderCount(chunksDone)} of ${renderCount(chunks)} chunks are done` : `finished ${renderInstant(finishedAt)}`}`
  const others = findings.filter((finding) => finding.verdict !== 'pass')
  const equal = findings.filter(({ check, verdict }) => check === 'fingerprint' && verdict === 'pass')
  return [
    verdict === null ? `It was ${when}.` : `**${verdict}**, ${when}.`,
    renderTable(
      [left('mapping'), right('removed'), right('restored'), right('kept'), right('gone before')],
      mappings.map(({ mapping, removed, restored, kept, gone }) => [
        renderName(mapping),
        ...[removed, restored, kept, gone].map(renderCount),
      ]),
    ),
    ...(conflicts.length === 0 ? [] : [`What others had written since:`, renderConflicts(conflicts)]),
    ...(discarded.length === 0
      ? []
      : [
          `Discarded${purge === undefined ? ', and kept in `drover.discarded_row`' : ''}: ${discarded
            .map(({ table, rows }) => `${renderCount(rows)} of ${renderName(table)}`)
            .join(', ')}.`,
        ]),
    ...(equal.length === 0
      ? []
      : [`As before the run, by fingerprint: ${renderNames(equal.flatMap(({ object }) => object ?? []))}.`]),
    ...(others.length === 0
      ? []
      : [
          'Not as before the run:',
          renderTable(
            [left('check'), left('of'), left('verdict'), left('detail')],
            others.map(({ check, object, verdict, detail }) => [
              check,
              object === null ? '–' : renderName(object),
              verdict,
              renderText(detail),
            ]),
          ),
        ]),
  ].join('\n\n')
}

function renderConflicts(conflicts: readonly ConflictGroup[]): string {
  return renderTable(
    [left('table'), left('kind'), left('decision'), right('rows'), left('keys, for example')],
    conflicts.map(({ table, kind, decision, rows, sampleKeys }) => [
      renderName(table),
      kind,
      decision ?? 'none yet',
      renderCount(rows),
      renderNames(sampleKeys),
    ]),
  )
}

/** Whether the plan was seen to work, and to be taken back, before. */
export function renderRehearsal(rehearsal: ReportRehearsal | null): string {
  if (rehearsal === null) return 'No rehearsal of this plan was recorded: `drover rehearse migration.ts`.'
  const { rehearsedAt, rehearsedBy, verdict, stages, notes } = rehearsal
  return [
    `**${verdict}**, on ${renderInstant(rehearsedAt)} by ${renderName(rehearsedBy)}.`,
    renderTable(
      [left('stage'), left('verdict'), left('detail')],
      stages.map(({ name, verdict, detail }) => [name, verdict, detail === '' ? '–' : renderText(detail)]),
    ),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${renderText(note)}`).join('\n')]),
  ].join('\n\n')
}
