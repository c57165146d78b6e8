import type { DroverError } from '../../error.ts'
import { type Html, html } from '../../report/html/markup.ts'
import { sentence } from '../../report/html/text.ts'
import type { Leaf } from './frame.ts'

/** What happened, where, why and what helps. Keys, never values (I8): whoever throws holds to that. */
export function renderError({ what, findings, where, why, remedy }: DroverError): Html {
  return html`<p class="headline headline-fail">${sentence(what)}</p>
${findings.length > 0 && html`<ul>${findings.map((finding) => html`<li>${sentence(finding)}</li>\n`)}</ul>`}
${(where ?? why ?? remedy) !== undefined && html`<dl class="facts">${renderFact('where', where)}${renderFact('why', why)}${renderFact('what helps', remedy)}</dl>`}`
}

function renderFact(name: string, text: string | undefined): Html | false {
  return text !== undefined && html`<dt>${name}</dt><dd>${sentence(text)}</dd>\n`
}

/** A page that says why there is no other. */
export function errorLeaf(error: DroverError, runId?: string): Leaf {
  return { title: 'This was not done', ...(runId === undefined ? {} : { runId }), main: renderError(error) }
}

/** A page that there is not. */
export function notFoundLeaf(): Leaf {
  return { title: 'There is no such page', main: html`<p>See the <a href="/">list of runs</a>.</p>` }
}
