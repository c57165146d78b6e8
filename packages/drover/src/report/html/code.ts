import { renderCount } from '../figures.ts'
import { showInvisible } from '../invisible.ts'
import { type Html, html, type Part } from './markup.ts'

/** Characters of a query that are shown; part of one would be of no use. */
const longestQuery = 20_000

/** Commands, one a line, that can be copied. */
export function renderCommands(commands: readonly string[]): Html {
  return html`<pre data-copy="command"><code>${commands.map((command) => html`${showLines(command)}\n`)}</code></pre>`
}

/** A command inside a sentence. */
export function renderCommand(command: string): Html {
  return html`<code>${showInvisible(command)}</code>`
}

/** A query that opens at a click: it may be longer than all the rest. */
export function renderQuery(summary: string, query: string): Html {
  if (query.length > longestQuery) {
    return html`<p class="soft">${summary}: a query of ${renderCount(query.length)} characters, in the report as JSON.</p>`
  }
  return html`<details class="long query"><summary>${summary}</summary>
<pre data-copy="query"><code>${showLines(query)}</code></pre>
</details>`
}

/** One of a list, which opens at a click. On paper it is open. */
export function renderItem(summary: Part, content: Part): Html {
  return html`<details class="item"><summary>${summary}</summary>
<div>${content}</div>
</details>\n`
}

/** A text of several lines: its ends of line stay, all else that is not seen is shown. */
function showLines(text: string): string {
  return text.split('\n').map(showInvisible).join('\n')
}
