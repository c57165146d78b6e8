import type { DroverCall } from '../harness/program.ts'

/** A migration on a server of the bench, of which everything is measured that is done with one. */
export interface Subject {
  readonly url: string
  /** How drover is called for it. */
  readonly call: Omit<DroverCall, 'url' | 'args' | 'exits'>
  readonly migration: string
  /** The flags of the run: its hazards. */
  readonly allowed: readonly string[]
  /** Makes the target anew, and takes away what an earlier round left. */
  readonly prepare: () => Promise<void>
}
