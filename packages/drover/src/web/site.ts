import type { Database } from '../db/connection.ts'
import type { Run } from '../ledger/run.ts'
import type { RowFunctions } from '../run/compute.ts'

/** What the page shows, and what may be done from it. */
export interface Site {
  readonly db: Database
  /** Whoever knows it may open the page. */
  readonly token: string
  /** Whether runs are paused and rows are mended from the page; without, it only reads. */
  readonly allowsControl: boolean
  /** Whether values are shown as they are: all but those of personal and secret columns. */
  readonly showsValues: boolean
  /**
   * Starts workers for a run that has none, in a process that outlives the page, and says so in a sentence. Rejects
   * where they fail at once.
   */
  readonly start: (runId: string) => Promise<string>
  /** The row functions that the plan of a run calls. */
  readonly functionsOf: (run: Run) => Promise<RowFunctions>
  /** Told of mistakes of the program: the page says no more than that there was one. */
  readonly onBug: (thrown: unknown) => void
}
