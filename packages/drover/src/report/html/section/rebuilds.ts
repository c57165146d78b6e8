import { renderBytes, renderDuration, renderInstant } from '../../figures.ts'
import type { ReportRebuild } from '../../rebuilds.ts'
import type { Report } from '../../report.ts'
import { type Html, html, type Part } from '../markup.ts'
import type { Space } from '../space.ts'
import { type Column, renderTable } from '../table.ts'
import { name, remark, sentence } from '../text.ts'
import { verdictMark } from '../verdict-mark.ts'

/** What was taken off the targets and made again after the load, what it took, and what stayed and why. */
export function renderRebuilds({ rebuilds }: Report, space: Space, rest: Html): Html {
  if (rebuilds.length === 0) return remark('Nothing was taken off the targets.')
  return renderTable({
    caption: 'Indexes and constraints that were made after the load',
    columns,
    rows: rebuilds,
    space,
    rest,
  })
}

const columns: readonly Column<ReportRebuild>[] = [
  { title: 'table', kind: 'words', cell: ({ table }) => name(table) },
  { title: 'name', kind: 'name', cell: (rebuild) => name(rebuild.name) },
  { title: 'kind', kind: 'words', cell: ({ kind }) => kind },
  { title: 'state', kind: 'sentence', cell: stateOf },
  {
    title: 'took',
    kind: 'figure',
    cell: ({ seconds, startedAt }) => (startedAt === null ? '–' : renderDuration(seconds * 1000)),
  },
  { title: 'size', kind: 'figure', cell: ({ bytes }) => (bytes === null ? '–' : renderBytes(bytes)) },
  { title: 'finished', kind: 'instant', cell: ({ finishedAt }) => renderInstant(finishedAt) },
]

const words = { done: 'made again', kept: 'stayed in place', built: 'not proven yet', off: 'missing' } as const

function stateOf({ state, why }: ReportRebuild): Part {
  if (state === 'kept') return html`${words.kept}${why !== null && html`: ${sentence(why)}`}`
  return state === 'done' ? verdictMark('pass', words.done) : html`${verdictMark('warn', words[state])}`
}
