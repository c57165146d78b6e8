import { DroverError } from '../error.ts'
import { stateRefused } from '../ledger/refused-state.ts'
import { type RunState, stateWords } from '../ledger/state.ts'
import { type EndedRun, waysToEnd } from './ended-runs.ts'

/** States in which somebody is at work, or was and has not said how it ended. */
const atWork: readonly RunState[] = ['running', 'pausing', 'cancelling', 'repairing', 'rolling_back']

/**
 * That the ledger is needed no more.
 *
 * @throws DroverError `state-refused` where a run is at work, or can still be taken back and `givesUp` is false.
 */
export function requireOver(runs: readonly EndedRun[], givesUp: boolean): void {
  const working = runs.find(({ state }) => atWork.includes(state))
  if (working !== undefined) throw stateRefused(working, ': the ledger is needed')
  const open = runs.filter(({ endedAt }) => endedAt === null)
  if (open.length === 0 || givesUp) return
  throw new DroverError('state-refused', 'Runs can still be taken back: without the ledger they cannot.', {
    findings: open.map(
      ({ id, migration, state }) => `run ${id} of ${migration} is ${stateWords(state)}: ${waysToEnd(id, state)}`,
    ),
    remedy: 'End them so, or add --give-up-the-way-back: what they have loaded stays for good then.',
  })
}
