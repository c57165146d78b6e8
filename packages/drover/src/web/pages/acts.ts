import { renderInstant } from '../../report/figures.ts'
import { type Html, html } from '../../report/html/markup.ts'
import { sentence } from '../../report/html/text.ts'
import { verdictMark } from '../../report/html/verdict-mark.ts'
import type { Act } from '../acts.ts'
import { renderError } from './message.ts'

/** Acts that are told of at most. */
const mostActs = 5

/** What was asked for from the page, and what came of it, the newest first. */
export function renderActs(acts: readonly Act[]): Html | false {
  if (acts.length === 0) return false
  return html`<h2>Asked for from this page</h2>
<ul class="acts">${acts
    .slice(-mostActs)
    .toReversed()
    .map((act) => html`<li>${renderAct(act)}</li>\n`)}</ul>`
}

/** One of them. */
export function renderAct({ what, startedAt, outcome }: Act): Html {
  const head = html`<span class="soft">${renderInstant(startedAt.toISOString())}</span> ${sentence(what)}`
  if (outcome === null) return html`${head} ${verdictMark('none', 'under way')}`
  if ('told' in outcome) return html`${head} ${sentence(outcome.told)}`
  return html`${head} ${verdictMark('fail', 'not done')}
${renderError(outcome.error)}`
}
