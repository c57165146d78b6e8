import type { ReportEvidence } from './evidence.ts'
import { renderCount, renderInstant } from './figures.ts'
import { left, renderName, renderTable } from './markdown.ts'

/** What makes the report worth keeping, and how it is checked. */
export function renderEvidence({
  readAt,
  readBy,
  snapshot,
  walPosition,
  segments,
  chain,
  seal,
}: ReportEvidence): string {
  return [
    renderTable(
      [left('what'), left('value')],
      [
        ['read', `${renderInstant(readAt)} by ${renderName(readBy)}`],
        ['snapshot', renderName(snapshot)],
        ['position in the log', walPosition === null ? 'not told' : renderName(walPosition)],
        ['segments of chunks', renderCount(segments.length)],
        ['chain over them', renderName(chain)],
        ['seal', renderName(`sha256:${seal}`)],
      ],
    ),
    'A report in JSON that the same command has written (`drover report --out report.md --out report.json`) bears this seal, and `drover report --check report.json` recomputes it. Kept apart from the file, the seal shows later whether the file is still the same.',
  ].join('\n\n')
}
