import type { LandingProof } from '../ledger/landing.ts'
import type { QualifiedName } from '../sql/nodes.ts'

/** What happens while tables land, for those who watch. Rows are those of the table that have landed so far. */
export type LandingEvent =
  /** A snapshot was taken. `chunksDone`: those that an earlier landing has left, of `chunks`. */
  | {
      readonly kind: 'begun'
      readonly tables: number
      readonly chunks: number
      readonly chunksDone: number
      readonly bytes: number
    }
  /** Something that people should know. */
  | { readonly kind: 'note'; readonly text: string }
  | {
      readonly kind: 'chunk'
      readonly table: QualifiedName
      readonly rows: number
      readonly chunks: number
      readonly chunksDone: number
    }
  /** It had landed, and holds what the new snapshot shows. */
  | { readonly kind: 'kept'; readonly table: QualifiedName }
  | {
      readonly kind: 'landed'
      readonly table: QualifiedName
      readonly rows: string
      readonly proof: LandingProof | null
    }

/** Told what happens while tables land. */
export type OnLandingEvent = (event: LandingEvent) => void
