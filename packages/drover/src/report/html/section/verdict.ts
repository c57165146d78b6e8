import { renderShare } from '../../chart/share.ts'
import { renderCount, renderDuration } from '../../figures.ts'
import type { Coverage, Criterion, NextStep, Report } from '../../report.ts'
import { renderCommands } from '../code.ts'
import { headlineOf } from '../headline.ts'
import { type Html, html } from '../markup.ts'
import type { Section } from '../section.ts'
import { fit, type Space } from '../space.ts'
import { sentence } from '../text.ts'
import { signs, verdictMark } from '../verdict-mark.ts'

/** Did it work, which rows are missing and why, how are they mended, how does one go back. */
export const verdictSection: Section = {
  id: 'verdict',
  title: 'Verdict',
  bytes: 60_000,
  render: (report, space) => html`${renderFigures(report)}
${renderSentences(report.verdict.sentences, space)}
<div class="columns">
<div>
<h3>What now</h3>
${renderNext(report.verdict.next, space)}
</div>
<div>
<h3>What it is judged by</h3>
${renderCriteria(report.verdict.criteria, space)}
${renderCoverage(report.verdict.coverage)}
</div>
</div>`,
}

/** The verdict in one line, for the head of the page. */
export function renderHeadline(report: Report): Html {
  const { tone, words } = headlineOf(report)
  return html`<p class="headline headline-${tone}"><span class="sign" aria-hidden="true">${signs[tone]}</span> ${words}</p>`
}

/** A figure of the first screen, and where the reasons for it stand. */
interface Figure {
  readonly title: string
  readonly figure: string
  readonly share?: string
  readonly why?: string
}

function renderFigures(report: Report): Html {
  return html`<dl class="figures">${figuresOf(report).map(
    ({ title, figure, share, why }) =>
      html`<div><dt>${title}</dt><dd>${figure}${
        share !== undefined && html` <small class="soft">${share}</small>`
      }${why !== undefined && html` <small class="why"><a href="#${why}">why</a></small>`}</dd></div>`,
  )}</dl>`
}

function figuresOf({ verdict, run, mappings }: Report): readonly Figure[] {
  const source = BigInt(verdict.sourceRows)
  const inTarget = BigInt(verdict.rowsInTarget)
  const sum = (of: 'quarantined' | 'excluded') => mappings.reduce((all, mapping) => all + BigInt(mapping[of]), 0n)
  const of = (title: string, rows: bigint, why?: string): Figure => ({
    title,
    figure: renderCount(rows),
    ...(rows > 0n && { share: renderShare(rows, source) }),
    ...(rows > 0n && why !== undefined && { why }),
  })
  const unread = source - inTarget - BigInt(verdict.rowsLeftOut)
  return [
    { title: 'source rows', figure: renderCount(source) },
    of('have their row in the target', inTarget),
    of('set aside in quarantine', sum('quarantined'), 'quarantine'),
    of('excluded by the migration', sum('excluded')),
    ...(unread > 0n ? [of('not carried yet', unread)] : []),
    { title: 'duration of the load', figure: renderDuration(run.durationMs) },
  ]
}

function renderSentences(sentences: readonly string[], space: Space): Html {
  return html`<ul>${fit(space, sentences, 20, (text) => html`<li>${sentence(text)}</li>`).shown}</ul>`
}

function renderNext(next: readonly NextStep[], space: Space): Html {
  const answers = fit(
    space,
    next,
    12,
    ({ question, answer, command }) =>
      html`<dt>${sentence(question)}</dt><dd>${sentence(answer)}${command !== null && renderCommands([command])}</dd>`,
  )
  return html`<dl class="answers">${answers.shown}</dl>`
}

const marks = { yes: ['pass', 'yes'], no: ['fail', 'no'], unknown: ['none', 'unknown'] } as const

function renderCriteria(criteria: readonly Criterion[], space: Space): Html {
  const items = fit(space, criteria, 20, ({ name, holds, detail }) => {
    const [tone, word] = marks[holds]
    return html`<li>${verdictMark(tone, word)} <b>${sentence(name)}</b>: <span class="soft">${sentence(detail)}</span></li>`
  })
  return html`<ul class="criteria">${items.shown}</ul>`
}

function renderCoverage({ passed, warned, failed, notRun, comparedMappings, mappings }: Coverage): Html {
  if (passed + warned + failed + notRun === 0) return html`<p>Coverage: nothing was verified.</p>`
  return html`<p>Coverage: ${renderCount(passed)} checks passed, ${renderCount(warned)} warned, ${renderCount(failed)} failed,
${notRun === 0 ? '0' : html`<a href="#not-checked">${renderCount(notRun)}</a>`} not run. Of ${renderCount(comparedMappings)} of ${renderCount(mappings)} mappings every row was compared with what it was made from.</p>`
}
