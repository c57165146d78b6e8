import { type Html, html, type Part } from '../../report/html/markup.ts'
import { renderPage } from '../../report/html/page.ts'
import { sentence } from '../../report/html/text.ts'
import { runAddress } from '../address.ts'

/** What a page is within. */
export interface Surroundings {
  /** Host, port and name of the database. */
  readonly database: string
  /** What forms carry; null where the page only reads. */
  readonly formToken: string | null
}

/** A page of the server. */
export interface Leaf {
  readonly title: string
  /** The run that it is about. */
  readonly runId?: string
  /** The part of the run's pages in which it stands. */
  readonly part?: RunPart
  /** Where the script finds the events that change the page. */
  readonly events?: string
  readonly main: Part
}

/** The pages of a run, by the last part of their address. */
const runParts = {
  '': 'Now',
  quarantine: 'Quarantine',
  merges: 'Merges',
  findings: 'Findings',
  report: 'Report',
} as const

/** A part of a run that has a page of its own. */
export type RunPart = keyof typeof runParts

/** The whole document. */
export function renderLeaf(around: Surroundings, { title, runId, part, events, main }: Leaf): string {
  return renderPage({
    title: `${title} · drover`,
    head: html`<link rel="stylesheet" href="/page.css">
${events !== undefined && html`<script src="/page.js" defer data-events="${events}"></script>`}`,
    header: html`<p class="place"><a href="/">drover</a> <span class="soft">${sentence(around.database)}</span>${around.formToken === null && html` <span class="soft">· read-only</span>`}</p>
<h1>${sentence(title)}</h1>
${runId !== undefined && renderParts(runId, part)}`,
    main,
  })
}

function renderParts(runId: string, current: RunPart | undefined): Html {
  const entries = Object.entries(runParts) as [RunPart, string][]
  return html`<nav class="parts" aria-label="Run ${runId}"><ul>
${entries.map(([part, words]) => html`<li><a href="${runAddress(runId, part)}"${part === current && html` aria-current="page"`}>${words}</a></li>\n`)}</ul></nav>`
}
