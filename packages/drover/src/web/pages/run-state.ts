import type { RunSummary } from '../../ledger/run.ts'
import { type RunState, stateWords } from '../../ledger/state.ts'
import type { Tally } from '../../ledger/tally.ts'
import { renderInstant } from '../../report/figures.ts'
import { renderCommand } from '../../report/html/code.ts'
import { type Html, html } from '../../report/html/markup.ts'
import { name } from '../../report/html/text.ts'
import type { Tone } from '../../report/html/verdict-mark.ts'
import { isoInstantOrNull } from '../../report/instant.ts'

const tones: Readonly<Record<RunState, Tone>> = {
  planned: 'none',
  running: 'none',
  pausing: 'warn',
  paused: 'warn',
  cancelling: 'warn',
  cancelled: 'warn',
  failed: 'fail',
  // Whether it is right is not known before it is verified.
  loaded: 'none',
  verified: 'pass',
  repairing: 'none',
  finalized: 'pass',
  rolling_back: 'warn',
  rolled_back: 'warn',
}

/** The state of a run as a sentence that changes seldom: it is read out when it does. */
export function renderState({ id, migration, state }: RunSummary, tallies: readonly Tally[]): Html {
  const done = tallies.filter((tally) => tally.state === 'done').length
  return html`<p class="headline headline-${tones[state]}">Run ${id} of ${name(migration)} is ${stateWords(state)}: ${done} of its ${tallies.length} mappings ${done === 1 ? 'is' : 'are'} done.</p>`
}

const nextCommands: Readonly<Partial<Record<RunState, readonly [string, string]>>> = {
  loaded: ['All rows are in. Whether they are right is told by', 'drover verify'],
  cancelled: ['What it has loaded is still there. To take it back:', 'drover rollback'],
  verified: ['It can still be taken back, or be made final:', 'drover finalize'],
}

/** When it began and ended, by whom, and what there is to do next. */
export function renderRunFacts({ id, state, startedAt, finishedAt, startedBy, planHash }: RunSummary): Html {
  const next = nextCommands[state]
  return html`<p class="soft">Started ${renderInstant(isoInstantOrNull(startedAt))} by ${name(startedBy)}${finishedAt !== null && html`, stopped ${renderInstant(isoInstantOrNull(finishedAt))}`}. Plan ${name(planHash.slice(0, 12))}.</p>
${next !== undefined && html`<p>${next[0]} ${renderCommand(`${next[1]} --run ${id}`)}</p>`}`
}
