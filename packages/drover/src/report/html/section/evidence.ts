import { stateWords } from '../../../ledger/state.ts'
import { renderCount, renderDuration, renderInstant } from '../../figures.ts'
import type { Report, ReportRun } from '../../report.ts'
import { renderWorkingSettings } from '../../working-settings.ts'
import { renderCommand } from '../code.ts'
import { type Fact, renderFacts } from '../facts.ts'
import { html } from '../markup.ts'
import type { Section } from '../section.ts'
import { name, nameOrDash, names } from '../text.ts'

/** What names the run and its plan, and what proves that the report was not changed. */
export const evidenceSection: Section = {
  id: 'evidence',
  title: 'Evidence',
  bytes: 30_000,
  render(report) {
    const { evidence, run } = report
    const chunks = evidence.segments.reduce((sum, segment) => sum + BigInt(segment.chunks), 0n)
    return html`<p>The chain goes over the sums of ${renderCount(chunks)} chunks. They stand in the report as JSON, from which it can be
recomputed without a database. ${renderCommand(`drover report --run ${run.id} --out report.html --out report.json`)} writes both with one
seal; ${renderCommand('drover report --check report.json')} checks it. Keep the seal where whoever may change the file cannot.</p>
${renderFacts('The run, its plan and its evidence', [
  ...evidenceFacts(report),
  ...runFacts(run),
  ...renderWorkingSettings(run.settings.working),
])}`
  },
}

function evidenceFacts({ evidence }: Report): readonly Fact[] {
  return [
    ['seal', name(evidence.seal)],
    ['chain', name(evidence.chain)],
    ['read', renderInstant(evidence.readAt)],
    ['read by', name(evidence.readBy)],
    ['snapshot', name(evidence.snapshot)],
    ['position of the log', nameOrDash(evidence.walPosition)],
  ]
}

function runFacts({ settings, ...run }: ReportRun): readonly Fact[] {
  return [
    ['run', name(run.id)],
    ['migration', name(run.migration)],
    ['state', stateWords(run.state)],
    ['plan', name(run.planHash)],
    ['drover', name(run.drover)],
    ['PostgreSQL', name(run.server)],
    ['started by', name(run.startedBy)],
    ['created', renderInstant(run.createdAt)],
    ['started', renderInstant(run.startedAt)],
    ['finished', renderInstant(run.finishedAt)],
    ['duration', renderDuration(run.durationMs)],
    ['cutover', name(settings.cutover)],
    ['hazards allowed', names(settings.allowed)],
    ['rows per chunk', settings.rowsPerChunk === null ? 'as time allows' : renderCount(settings.rowsPerChunk)],
  ]
}
