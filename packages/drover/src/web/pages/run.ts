import { html } from '../../report/html/markup.ts'
import { runAddress } from '../address.ts'
import type { Moment } from '../live.ts'
import type { RunView } from '../run-view.ts'
import type { Leaf } from './frame.ts'

/** The page of a run, as it is at this moment; the script keeps it so. */
export function runLeaf({ run }: RunView, { fragments }: Moment): Leaf {
  return {
    title: `Run ${run.id} of ${run.migration}`,
    runId: run.id,
    part: '',
    events: runAddress(run.id, 'events'),
    main: html`<p class="soft" id="connection">As of when the page was opened. <a href="${runAddress(run.id)}">Look again</a></p>
${fragments.map(
  ({ id, version, markup }) =>
    html`<div id="${id}" data-version="${version}"${id === 'live-state' && html` aria-live="polite"`}>${markup}</div>\n`,
)}`,
  }
}
