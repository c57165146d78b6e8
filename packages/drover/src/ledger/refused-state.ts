import { DroverError } from '../error.ts'
import type { Run } from './run.ts'
import { type RunState, stateWords } from './state.ts'

/**
 * The error that a run is in a state that does not allow something, with the command that leads on from there.
 *
 * @param what what comes after the state: ` and cannot be paused`
 */
export function stateRefused({ id, state }: Pick<Run, 'id' | 'state'>, what: string): DroverError {
  return new DroverError('state-refused', `Run ${id} is ${stateWords(state)}${what}.`, { remedy: wayOn(id, state) })
}

/** What there is to do with a run in this state, as a sentence. */
function wayOn(id: string, state: RunState): string {
  switch (state) {
    case 'planned':
    case 'paused':
    case 'failed':
      return `Take it up with drover resume --run ${id}.`
    case 'repairing':
      return `Wait for drover quarantine retry --run ${id}, or give it again where it was killed.`
    case 'cancelled':
      return `It is over; drover rollback --run ${id} takes back what it loaded. See the runs with drover status.`
    case 'rolling_back':
      return `It is being taken back; go on with drover rollback --run ${id}.`
    case 'rolled_back':
      return `It is over; drover report --run ${id} tells what became of its rows. Begin anew with drover run.`
    case 'finalized':
      return `It is over for good; drover report --run ${id} tells what became of its rows.`
    default:
      return `See drover status --run ${id}.`
  }
}
