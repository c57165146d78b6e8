import type { RunSummary } from '../../ledger/run.ts'
import { isAllowed, type RunState } from '../../ledger/state.ts'
import type { Activity } from '../../monitor/activity.ts'
import { type Html, html, type Part } from '../../report/html/markup.ts'
import { runAddress } from '../address.ts'
import { renderButton, renderConfirmed, renderForm } from './form.ts'

/** States from which a process can take the run up. */
const resumable: readonly RunState[] = ['planned', 'pausing', 'paused', 'failed']

/** What can be done with a run in its state; nothing where the page only reads. */
export function renderControl(
  { id, state }: RunSummary,
  activity: Activity | null,
  token: string | null,
): Html | false {
  if (token === null) return false
  const form = (action: string, content: Part) => renderForm({ action: runAddress(id, action), token, content })
  const isDeserted = state === 'running' && activity !== null && isNobodyAtIt(activity)
  const parts = [
    isAllowed(state, 'pausing') && form('pause', renderButton('Pause')),
    resumable.includes(state) && form('resume', renderButton('Resume')),
    isDeserted && form('resume', renderButton('Start workers')),
    isAllowed(state, 'cancelling') &&
      renderConfirmed('Cancel', 'The run ends for good. What it has loaded stays.', {
        action: runAddress(id, 'cancel'),
        token,
      }),
  ]
  return parts.some((part) => part !== false) && html`<div class="control">${parts}</div>`
}

function isNobodyAtIt({ workers, processes }: Activity): boolean {
  return workers.length === 0 && processes.length === 0
}
