import type { Database } from '../db/connection.ts'
import { type RebuildTally, readRebuildTally } from '../ledger/rebuild.ts'
import { readThrottling, type Throttling } from '../ledger/sample.ts'
import { readTallies, type Tally } from '../ledger/tally.ts'
import { type Outstanding, readOutstanding } from '../monitor/estimate.ts'

/** What the ledger says of a run at one moment. */
export interface Reading {
  readonly tallies: readonly Tally[]
  /** What is left, and for how long; at most two seconds old. */
  readonly outstanding: Outstanding
  /** The processes that hold back now, and why. Throttled is not stalled. */
  readonly throttling: readonly Throttling[]
  readonly rebuilds: RebuildTally
}

/** How often it is estimated, in milliseconds: an estimate adds up every chunk of the run once more. */
const estimateMs = 2_000

/** Reads a run again and again, each time in one transaction. */
export function progressReader(db: Database, runId: string): () => Promise<Reading> {
  let outstanding: Outstanding | undefined
  let estimatedAtMs = 0
  return () =>
    db.transaction(
      async (tx) => {
        const tallies = await readTallies(tx, runId)
        const throttling = await readThrottling(tx, runId)
        const rebuilds = await readRebuildTally(tx, runId)
        if (outstanding === undefined || performance.now() - estimatedAtMs >= estimateMs) {
          outstanding = await readOutstanding(tx, runId)
          estimatedAtMs = performance.now()
        }
        return { tallies, outstanding, throttling, rebuilds }
      },
      { readOnly: true, statementTimeoutMs: 5_000, lockTimeoutMs: 1_000 },
    )
}
