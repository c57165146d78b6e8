import { stateWords } from '../ledger/state.ts'
import type { Finding } from '../verify/verification.ts'
import { renderCount, renderDuration, renderInstant } from './figures.ts'
import {
  left,
  none,
  renderCells,
  renderCode,
  renderFolded,
  renderName,
  renderNames,
  renderTable,
  renderText,
} from './markdown.ts'
import { renderComparison } from './markdown-comparison.ts'
import { renderCourses } from './markdown-course.ts'
import { renderDataQuality } from './markdown-data-quality.ts'
import { renderEvidence } from './markdown-evidence.ts'
import { renderIssues } from './markdown-issues.ts'
import { renderColumnGroups, renderQuarantine } from './markdown-quarantine.ts'
import { renderRebuilds } from './markdown-rebuilds.ts'
import { renderResources } from './markdown-resources.ts'
import { renderRehearsal, renderRollback } from './markdown-rollback.ts'
import {
  renderBalance,
  renderDecisions,
  renderLineage,
  renderMerges,
  renderProcesses,
  renderTime,
} from './markdown-rows.ts'
import { renderControlTotals } from './markdown-totals.ts'
import { renderVerdict } from './markdown-verdict.ts'
import type { Report, ReportEvent, ReportRun } from './report.ts'
import { renderDetail } from './words.ts'
import { renderWorkingSettings } from './working-settings.ts'

/** The report as GitHub's Markdown, for a pull request. Pure. */
export function renderMarkdown(report: Report): string {
  const { run } = report
  const sections: readonly (readonly [title: string, content: string])[] = [
    ['Verdict', renderVerdict(report.verdict)],
    ['Run', renderRun(run)],
    ['Where every row went', renderBalance(report.mappings)],
    ['Control totals', renderControlTotals(report.controlTotals)],
    ['Time', renderTime(report.mappings)],
    ['Chunks', renderCourses(report)],
    ['Made after the load', renderRebuilds(report.rebuilds)],
    ['Resources', renderResources(report)],
    ['Processes', renderProcesses(report)],
    ['Governor decisions', renderDecisions(report)],
    ['Quarantine', renderQuarantine(report)],
    ['Corrections', renderColumnGroups(report.corrections)],
    ['Notes', renderColumnGroups(report.notes)],
    ['Merges', renderMerges(report)],
    ['Data quality', renderDataQuality(report.dataQuality)],
    ['Rehearsal', renderRehearsal(report.rehearsal)],
    ['Compared with before', renderComparison(report.comparison)],
    ...(report.rollback === null ? [] : [['Rollback', renderRollback(report.rollback, report.purge)] as const]),
    ['Findings', renderFindings(report)],
    ['Issues', renderIssues(report.issues)],
    ['Hazards allowed', renderHazards(report)],
    ['Events', renderEvents(report.events)],
    ['Lineage', renderLineage(report.mappings)],
    ['Not checked', renderList(report.notChecked)],
    ['How to reproduce', renderCode(report.reproduce.join('\n'), 'sh')],
    ['Evidence', renderEvidence(report.evidence)],
  ]
  const title = `# Run ${renderText(run.id)} of ${renderText(run.migration)}`
  return `${[title, ...sections.map(([heading, content]) => `## ${heading}\n\n${content}`)].join('\n\n')}\n`
}

function renderList(sentences: readonly string[]): string {
  return sentences.length === 0 ? none : sentences.map((sentence) => `- ${renderText(sentence)}`).join('\n')
}

function renderRun({ settings, ...run }: ReportRun): string {
  return renderTable(
    [left('what'), left('value')],
    [
      ['state', stateWords(run.state)],
      ['plan', renderName(run.planHash)],
      ['drover', renderName(run.drover)],
      ['PostgreSQL', renderName(run.server)],
      ['started by', renderName(run.startedBy)],
      ['started', renderInstant(run.startedAt)],
      ['finished', renderInstant(run.finishedAt)],
      ['duration', renderDuration(run.durationMs)],
      ['rows per chunk', settings.rowsPerChunk === null ? 'as time allows' : renderCount(settings.rowsPerChunk)],
      ...renderWorkingSettings(settings.working),
      ['cutover', renderName(settings.cutover)],
      ['hazards allowed', renderNames(settings.allowed)],
    ],
  )
}

/** What did not pass as a table; what did by the names of checks and mappings alone. */
function renderFindings({ findings }: Report): string {
  const passed = findings.filter(({ verdict }) => verdict === 'pass')
  const lines = [...new Set(passed.map(({ check }) => check))].map((check) => {
    const about = passed
      .filter((finding) => finding.check === check)
      .flatMap(({ rule, mapping }) => rule ?? mapping ?? [])
    return `- ${check}: ${about.length === 0 ? 'passed' : renderNames([...new Set(about)])}`
  })
  const complaints = findings.filter(({ verdict }) => verdict !== 'pass')
  return [
    ...(complaints.length > 0 || passed.length === 0 ? [renderComplaints(complaints)] : []),
    ...complaints.flatMap(renderShown),
    ...(passed.length > 0 ? [`Passed, ${renderCount(passed.length)} in all:\n\n${lines.join('\n')}`] : []),
  ].join('\n\n')
}

function renderComplaints(findings: readonly Finding[]): string {
  // The sort is stable: failures come first, and both kinds keep the order of the checks.
  const sorted = [...findings].sort((a, b) => Number(b.verdict === 'fail') - Number(a.verdict === 'fail'))
  return renderTable(
    [left('verdict'), left('check'), left('about'), left('expected'), left('found'), left('detail')],
    sorted.map(({ verdict, check, mapping, rule, expected, actual, detail }) => [
      verdict === 'fail' ? '**fail**' : verdict,
      check,
      renderAbout(rule ?? mapping),
      renderFigure(expected),
      renderFigure(actual),
      renderText(detail),
    ]),
  )
}

function renderAbout(name: string | null): string {
  return name === null ? '–' : renderName(name)
}

/** The rows that show a complaint, and the query that shows them all. */
function renderShown({ check, mapping, rule, sample = [], query }: Finding): readonly string[] {
  if (sample.length === 0 && query === undefined) return []
  const columns = [left('row'), left('what'), left('source'), left('target')]
  const rows = sample.map(({ key, fault, source, target }) => [
    renderCells(key),
    fault === undefined ? '–' : renderText(fault),
    source === undefined ? '–' : source === null ? 'no row' : renderCells(source),
    target === undefined ? '–' : target === null ? 'no row' : renderCells(target),
  ])
  return [
    `### ${[check, rule ?? mapping ?? ''].filter(Boolean).map(renderText).join(': ')}`,
    ...(rows.length === 0 ? [] : [renderTable(columns, rows)]),
    ...(query === undefined ? [] : [renderFolded('All of them, with their values', renderCode(query, 'sql'))]),
  ]
}

/** A count gets its separators, any other account stands as it is. */
function renderFigure(account: string | null): string {
  if (account === null) return '–'
  return /^\d+$/.test(account) ? renderCount(account) : renderText(account)
}

function renderHazards({ hazards }: Report): string {
  return renderTable(
    [left('hazard'), left('mapping'), left('why')],
    hazards.map(({ name, mapping, why }) => [
      renderName(name),
      mapping === null ? '–' : renderName(mapping),
      renderText(why),
    ]),
  )
}

function renderEvents(events: readonly ReportEvent[]): string {
  return renderTable(
    [left('at'), left('who'), left('what'), left('detail')],
    events.map(({ at, actor, what, detail }) => [
      renderInstant(at),
      renderName(actor),
      renderText(what),
      renderText(renderDetail(detail)),
    ]),
  )
}
