import { stateWords } from '../ledger/state.ts'
import { renderInstant } from './figures.ts'
import { html } from './html/markup.ts'
import { filePolicy, renderPage } from './html/page.ts'
import { renderHeadline } from './html/section/verdict.ts'
import { renderSections } from './html/sections.ts'
import { name, sentence } from './html/text.ts'
import { showInvisible } from './invisible.ts'
import type { Report } from './report.ts'

/**
 * The report as one HTML page of less than 2 MB, whatever the run: nothing is loaded, nothing is sent, and no script is
 * needed to read it. Pure.
 */
export function renderHtml(report: Report): string {
  const { run, evidence } = report
  const shown = renderSections(report)
  return renderPage({
    title: showInvisible(`Run ${run.id} of ${run.migration}`)
      .slice(0, 200)
      .replace(/[\uD800-\uDBFF]$/, ''),
    head: html`<meta http-equiv="Content-Security-Policy" content="${filePolicy}">`,
    header: html`<h1>Run ${sentence(run.id)} of ${name(run.migration)}</h1>
${renderHeadline(report)}
<p class="soft">State: ${stateWords(run.state)}. Started ${renderInstant(run.startedAt)} by ${name(run.startedBy)}, with drover
${name(run.drover)} on PostgreSQL ${name(run.server)}.</p>`,
    contents: shown.map(({ id, title }) => ({ id, title })),
    main: shown.map(
      ({ id, title, content }) => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${content}
</section>
`,
    ),
    footer: html`<p>Made by drover ${name(run.drover)} from the ledger as it was at ${renderInstant(evidence.readAt)}. It holds keys and
counts; values are shown by their shape alone.</p>`,
  })
}
