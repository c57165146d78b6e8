import type { RunState } from '../ledger/state.ts'

/** Rows that go, or would go. */
export interface Gone {
  /** As `schema.name`. */
  readonly table: string
  readonly rows: bigint
  /** Of a table that is dropped, what it takes on the disk; of rows of one that runs share, what they hold. */
  readonly bytes: bigint
}

/** A run whose values and keys are gone, or would go. */
export interface PurgedRun {
  readonly runId: string
  readonly migration: string
  readonly state: RunState
  readonly endedAt: string
  /** By table; none where the run left nothing. Of a purge that was interrupted, what it had left. */
  readonly gone: readonly Gone[]
}

/** A run that keeps everything, and why. */
export interface SparedRun {
  readonly runId: string
  readonly migration: string
  readonly state: RunState
  /** Null of one that can still be taken back. */
  readonly endedAt: string | null
}

/** What a purge has done, or would do. */
export interface PurgeOutcome {
  readonly dryRun: boolean
  readonly purged: readonly PurgedRun[]
  readonly spared: readonly SparedRun[]
}
