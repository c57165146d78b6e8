import type { Database } from '../db/connection.ts'
import type { PatienceLimits } from '../db/patience.ts'

/** Both sides of a landing, for as long as one snapshot lives. */
export interface Ends {
  readonly source: Database
  readonly target: Database
  /** By its name at the source. */
  readonly snapshot: string
  /** The same in the ledger. */
  readonly generation: string
  readonly limits: PatienceLimits
}
