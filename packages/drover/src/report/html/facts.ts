import { type Html, html, type Part } from './markup.ts'

/** What is told of one thing: a name, and its value. */
export type Fact = readonly [what: string, value: Part]

/** Facts under each other, without a head: there is nothing to sort out in them. */
export function renderFacts(caption: Part, facts: readonly Fact[]): Html {
  return html`<div class="scroll" tabindex="0"><table>
<caption>${caption}</caption>
<tbody>
${facts.map(([what, value]) => html`<tr><th scope="row">${what}</th><td>${value}</td></tr>\n`)}</tbody>
</table></div>`
}
