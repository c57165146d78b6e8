import type { LandingProof } from '../ledger/landing.ts'
import type { LandingChunk } from '../ledger/landing-chunk.ts'
import type { Part } from './parts.ts'
import type { LandingTable } from './table.ts'

/** A table that is to land, and what of it has. */
export interface TableWork {
  /** Host, port and database that it comes from. */
  readonly source: string
  readonly table: LandingTable
  readonly parts: readonly Part[]
  /** Its number in the ledger. */
  readonly landing: string
  readonly chunks: readonly LandingChunk[]
  /** Of one that has landed under an earlier snapshot: what it holds. It lands again unless that is what this one shows. */
  readonly known: (LandingProof & { readonly rows: string }) | null
}
