import { renderBytes, renderCount, renderDuration, renderInstant, renderSeconds } from '../../figures.ts'
import type { DecisionGroup, Report, ReportProcess } from '../../report.ts'
import { limitWords } from '../../words.ts'
import { type Html, html, type Part } from '../markup.ts'
import { restOf } from '../rest.ts'
import type { Section } from '../section.ts'
import { type Space, shareOf } from '../space.ts'
import { type Column, renderTable } from '../table.ts'
import { name, remark } from '../text.ts'
import { renderRebuilds } from './rebuilds.ts'
import { renderServerUse } from './server-use.ts'

/** What the run took of the server and of the machines that it ran on, and what held it back. */
export const performanceSection: Section = {
  id: 'performance',
  title: 'Performance',
  bytes: 90_000,
  render(report, space) {
    const { resources } = report
    const rest = restOf(report)
    return html`${
      resources === null
        ? remark('No sample tells what the run took of the server.')
        : renderServerUse(resources, shareOf(space, 0.3), rest)
    }
${renderDecisions(report, shareOf(space, 0.3), rest)}
${renderProcesses(report, shareOf(space, 0.5), rest)}
${renderRebuilds(report, space, rest)}`
  },
}

function renderDecisions({ decisions }: Report, space: Space, rest: Html): Html {
  if (decisions.length === 0) return remark('No decision of the governor was recorded.')
  return renderTable({
    caption: 'What the governor decided, once a second in each process',
    columns: decisionColumns,
    rows: decisions,
    space,
    rest,
  })
}

const actions = {
  go: 'went on',
  wait: 'no new chunk',
  'fewer-workers': 'one worker less',
  'smaller-chunks': 'smaller chunks',
} as const

const decisionColumns: readonly Column<DecisionGroup>[] = [
  { title: 'decision', kind: 'name', cell: ({ action }) => actions[action] },
  { title: 'why', kind: 'words', cell: reasonOf },
  { title: 'times', kind: 'figure', cell: ({ samples }) => renderCount(samples) },
  { title: 'first', kind: 'instant', cell: ({ firstAt }) => renderInstant(firstAt) },
  { title: 'last', kind: 'instant', cell: ({ lastAt }) => renderInstant(lastAt) },
]

function reasonOf({ action, limit }: DecisionGroup): Part {
  if (action === 'go') return 'no limit was exceeded'
  if (limit === null) return 'the server did not tell its state'
  return html`${limitWords[limit]} (${name(limit)})`
}

function renderProcesses({ processes }: Report, space: Space, rest: Html): Html {
  if (processes.length === 0) return remark('No process left a sample.')
  return renderTable({
    caption: 'What each process took of its machine',
    columns: processColumns,
    rows: processes,
    space,
    rest,
  })
}

const processColumns: readonly Column<ReportProcess>[] = [
  { title: 'process', kind: 'name', cell: (process) => name(process.name) },
  { title: 'from', kind: 'instant', cell: ({ from }) => renderInstant(from) },
  { title: 'to', kind: 'instant', cell: ({ to }) => renderInstant(to) },
  { title: 'samples', kind: 'figure', cell: ({ samples }) => renderCount(samples) },
  { title: 'workers', kind: 'figure', cell: ({ workers }) => renderCount(workers) },
  { title: 'peak memory', kind: 'figure', cell: ({ peakMemoryBytes }) => renderBytes(peakMemoryBytes) },
  { title: 'CPU user', kind: 'figure', cell: ({ cpuUserSeconds }) => renderSeconds(cpuUserSeconds) },
  { title: 'CPU system', kind: 'figure', cell: ({ cpuSystemSeconds }) => renderSeconds(cpuSystemSeconds) },
  { title: 'event loop late', kind: 'figure', cell: ({ eventLoopPeakMs }) => renderDuration(eventLoopPeakMs) },
]
