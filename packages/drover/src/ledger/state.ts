/** The states of a run. The ledger's CHECK constraint lists the same; a test compares them. */
export const runStates = [
  'planned',
  'running',
  'pausing',
  'paused',
  'cancelling',
  'cancelled',
  'failed',
  'loaded',
  'verified',
  'repairing',
  'finalized',
  'rolling_back',
  'rolled_back',
] as const

/** A state of a run. */
export type RunState = (typeof runStates)[number]

/** A state as people read it: `rolling back`. */
export function stateWords(state: RunState): string {
  return state.replaceAll('_', ' ')
}

/** The states in which a run is over: another run of the migration may begin. */
export const endStates: readonly RunState[] = ['cancelled', 'finalized', 'rolled_back']

/** A change of state that can happen. */
export interface Transition {
  readonly from: RunState
  readonly to: RunState
  /** What brings it about. */
  readonly cause: string
}

/** Every change of state that is allowed, each with its cause. What is not here is refused. */
export const transitions: readonly Transition[] = [
  { from: 'planned', to: 'running', cause: 'the first worker starts' },
  { from: 'planned', to: 'cancelled', cause: 'cancelled before any worker started' },
  { from: 'running', to: 'pausing', cause: 'a pause is asked for' },
  { from: 'pausing', to: 'paused', cause: 'the last worker has finished its chunk' },
  { from: 'pausing', to: 'running', cause: 'resumed before the pause was complete' },
  { from: 'pausing', to: 'cancelling', cause: 'a cancel is asked for during a pause' },
  { from: 'pausing', to: 'loaded', cause: 'the last chunk ended before the pause took effect' },
  { from: 'pausing', to: 'failed', cause: 'a chunk or step failed during the pause' },
  { from: 'paused', to: 'running', cause: 'resumed' },
  { from: 'paused', to: 'cancelling', cause: 'a cancel is asked for' },
  { from: 'running', to: 'cancelling', cause: 'a cancel is asked for' },
  { from: 'cancelling', to: 'cancelled', cause: 'the last worker has stopped' },
  { from: 'running', to: 'failed', cause: 'a chunk or step failed' },
  { from: 'failed', to: 'running', cause: 'resumed' },
  { from: 'failed', to: 'cancelling', cause: 'a cancel is asked for' },
  { from: 'running', to: 'loaded', cause: 'every mapping is closed' },
  { from: 'loaded', to: 'verified', cause: 'verification passed' },
  { from: 'loaded', to: 'repairing', cause: 'a quarantined row is mended, or a merge undone' },
  { from: 'verified', to: 'repairing', cause: 'a quarantined row is mended, or a merge undone' },
  { from: 'repairing', to: 'loaded', cause: 'the repair is complete; the verdict is void' },
  { from: 'verified', to: 'loaded', cause: 'verification was repeated and did not pass' },
  { from: 'verified', to: 'finalized', cause: 'reversibility is given up' },
  { from: 'loaded', to: 'finalized', cause: 'reversibility is given up, and that it is not verified was allowed' },
  ...(
    [
      'planned',
      'running',
      'pausing',
      'paused',
      'cancelling',
      'cancelled',
      'failed',
      'loaded',
      'verified',
      'repairing',
    ] as const
  ).map((from) => ({ from, to: 'rolling_back', cause: 'a rollback is asked for' }) as const),
  { from: 'rolling_back', to: 'rolled_back', cause: 'what the run wrote is taken back' },
]

/** Whether a run may go from one state to another. */
export function isAllowed(from: RunState, to: RunState): boolean {
  return transitions.some((transition) => transition.from === from && transition.to === to)
}

/** The states from which `to` may be reached. */
export function statesBefore(to: RunState): readonly RunState[] {
  return transitions.filter((transition) => transition.to === to).map((transition) => transition.from)
}
