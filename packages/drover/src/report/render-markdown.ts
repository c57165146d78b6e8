import { renderCount, renderDuration, renderInstant } from './figures.ts'
import { type MarkdownColumn, renderName, renderNames, renderTable, renderText } from './markdown.ts'
import type { ColumnGroup, Report, ReportEvent, ReportMapping, ReportRun } from './report.ts'

/** The report as GitHub's Markdown, for a pull request. Pure. */
export function renderMarkdown(report: Report): string {
  const { run } = report
  const sections: readonly (readonly [title: string, content: string])[] = [
    ['Verdict', report.verdict.sentences.map((sentence) => `- ${renderText(sentence)}`).join('\n')],
    ['Run', renderRun(run)],
    ['Where every row went', renderBalance(report.mappings)],
    ['Time', renderTime(report.mappings)],
    ['Quarantine', renderQuarantine(report)],
    ['Corrections', renderColumnGroups(report.corrections)],
    ['Notes', renderColumnGroups(report.notes)],
    ['Merges', renderMerges(report)],
    ['Findings', renderFindings(report)],
    ['Hazards allowed', renderHazards(report)],
    ['Events', renderEvents(report.events)],
    ['Not checked', renderList(report.notChecked)],
    ['How to reproduce', `\`\`\`sh\n${report.reproduce.join('\n')}\n\`\`\``],
  ]
  const title = `# Run ${renderText(run.id)} of ${renderText(run.migration)}`
  return `${[title, ...sections.map(([heading, content]) => `## ${heading}\n\n${content}`)].join('\n\n')}\n`
}

const none = 'None.'

const left = (title: string): MarkdownColumn => ({ title, align: 'left' })
const right = (title: string): MarkdownColumn => ({ title, align: 'right' })

/** A table, or a word where it would have no rows. */
function tableOf(columns: readonly MarkdownColumn[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? none : renderTable(columns, rows)
}

function renderList(sentences: readonly string[]): string {
  return sentences.length === 0 ? none : sentences.map((sentence) => `- ${renderText(sentence)}`).join('\n')
}

function renderRun({ settings, ...run }: ReportRun): string {
  return renderTable(
    [left('what'), left('value')],
    [
      ['state', run.state],
      ['plan', renderName(run.planHash)],
      ['drover', renderName(run.drover)],
      ['PostgreSQL', renderName(run.server)],
      ['started by', renderName(run.startedBy)],
      ['started', renderInstant(run.startedAt)],
      ['finished', renderInstant(run.finishedAt)],
      ['duration', renderDuration(run.durationMs)],
      ['workers', settings.workers === null ? 'not recorded' : renderCount(settings.workers)],
      ['rows per chunk', renderCount(settings.rowsPerChunk)],
      ['cutover', renderName(settings.cutover)],
      ['hazards allowed', renderNames(settings.allowed)],
    ],
  )
}

const dispositions = ['loaded', 'merged', 'matched', 'quarantined', 'excluded'] as const

function renderBalance(mappings: readonly ReportMapping[]): string {
  const total = (name: (typeof dispositions)[number] | 'sourceRows') =>
    mappings.reduce((sum, mapping) => sum + BigInt(mapping[name] ?? 0), 0n)
  const rows = mappings.map((mapping) => [
    renderName(mapping.name),
    renderName(mapping.source),
    renderName(mapping.target),
    renderCount(mapping.sourceRows),
    ...dispositions.map((name) => renderCount(mapping[name])),
    mapping.state === 'done' ? (mapping.balances ? 'yes' : '**no**') : mapping.state,
    renderCount(mapping.targetRowsBefore),
    renderCount(mapping.targetRowsAfter),
  ])
  const totals = [
    '**total**',
    '',
    '',
    renderCount(total('sourceRows')),
    ...dispositions.map((name) => renderCount(total(name))),
  ]
  return tableOf(
    [
      left('mapping'),
      left('source'),
      left('target'),
      right('source rows'),
      ...dispositions.map(right),
      left('balances'),
      right('target before'),
      right('target after'),
    ],
    mappings.length > 1 ? [...rows, totals] : rows,
  )
}

function renderTime(mappings: readonly ReportMapping[]): string {
  return tableOf(
    [left('mapping'), right('chunks done'), right('chunks'), right('duration'), right('rows/s')],
    mappings.map((mapping) => [
      renderName(mapping.name),
      renderCount(mapping.chunksDone),
      renderCount(mapping.chunks),
      renderDuration(mapping.durationMs),
      renderCount(mapping.rowsPerSecond),
    ]),
  )
}

function renderQuarantine({ quarantine }: Report): string {
  return tableOf(
    [left('mapping'), left('code'), left('columns'), right('rows'), left('keys, for example')],
    quarantine.map((group) => [
      renderName(group.mapping),
      renderName(group.code),
      renderNames(group.columns),
      renderCount(group.rows),
      renderNames(group.sampleKeys),
    ]),
  )
}

function renderColumnGroups(groups: readonly ColumnGroup[]): string {
  return tableOf(
    [left('mapping'), left('column'), left('code'), right('rows'), left('keys, for example')],
    groups.map((group) => [
      renderName(group.mapping),
      renderName(group.column),
      renderName(group.code),
      group.rows === null ? 'all' : renderCount(group.rows),
      renderNames(group.sampleKeys),
    ]),
  )
}

function renderMerges({ merges }: Report): string {
  return tableOf(
    [left('mapping'), right('rows merged'), left('row → survivor, for example')],
    merges.map((group) => [
      renderName(group.mapping),
      renderCount(group.rows),
      group.samplePairs.map(({ key, survivor }) => `${renderName(key)} → ${renderName(survivor)}`).join(', '),
    ]),
  )
}

function renderFindings({ findings }: Report): string {
  // What failed first; the sort is stable, so each verdict keeps the order of the checks.
  const order = ['fail', 'warn', 'pass']
  const sorted = [...findings].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict))
  return tableOf(
    [left('verdict'), left('check'), left('mapping'), left('expected'), left('found'), left('detail')],
    sorted.map(({ verdict, check, mapping, expected, actual, detail }) => [
      verdict === 'fail' ? '**fail**' : verdict,
      check,
      mapping === null ? '–' : renderName(mapping),
      renderFigure(expected),
      renderFigure(actual),
      renderText(detail),
    ]),
  )
}

/** A count gets its separators, any other account stands as it is. */
function renderFigure(account: string | null): string {
  if (account === null) return '–'
  return /^\d+$/.test(account) ? renderCount(account) : renderText(account)
}

function renderHazards({ hazards }: Report): string {
  return tableOf(
    [left('hazard'), left('mapping'), left('why')],
    hazards.map(({ name, mapping, why }) => [
      renderName(name),
      mapping === null ? '–' : renderName(mapping),
      renderText(why),
    ]),
  )
}

function renderEvents(events: readonly ReportEvent[]): string {
  return tableOf(
    [left('at'), left('who'), left('what'), left('detail')],
    events.map(({ at, actor, what, detail }) => [
      renderInstant(at),
      renderName(actor),
      renderText(what),
      renderText(Object.entries(detail).map(renderEntry).join(', ')),
    ]),
  )
}

function renderEntry([name, value]: [string, unknown]): string {
  return `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`
}
