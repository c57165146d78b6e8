import type { RunState } from '../ledger/state.ts'

/**
 * Whether rows of a run in this state are fixed and taken up again. Before the load is over, merges are decided from values
 * that a fix would change.
 */
export function isRepairable(state: RunState): boolean {
  return state === 'loaded' || state === 'verified'
}
