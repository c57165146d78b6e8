import type { Disposition } from '../plan/disposition.ts'
import type { Outcome } from '../sql/annotation.ts'

/** What the ledger of a scratch database says of the run there. */
export interface RehearsedRun {
  readonly runId: string
  readonly planHash: string
  /** From its start until the last mapping was closed, in seconds. */
  readonly seconds: number
  readonly workers: number
  /** Write-ahead log of the scratch server during the run, in bytes; null where nobody measured it. */
  readonly walBytes: bigint | null
  readonly mappings: readonly RehearsedMapping[]
  /** The targets, each once. */
  readonly targets: readonly RelationSize[]
  /** Tables of the ledger that all mappings share. */
  readonly ledger: readonly RelationSize[]
}

/** The size of a table with its indexes and what is stored beside it. */
export interface RelationSize {
  readonly name: string
  readonly rows: bigint
  readonly bytes: bigint
  /** Pages that would be there without rows, about: each index and table begins with one. */
  readonly emptyBytes: bigint
}

/** What the rehearsed run of a mapping was like. */
export interface RehearsedMapping {
  readonly mapping: string
  readonly target: string
  /** All that the run read, what the sample holds beyond the draw included. */
  readonly read: bigint
  /** Of its chunks alone, one after the other; and from its beginning to its close. In seconds. */
  readonly chunkSeconds: number
  readonly seconds: number
  /** Its crosswalk, before-images and stored query. */
  readonly ledgerBytes: bigint
  /** Dispositions of the rows that stand for others: the drawn ones, all of a table that is taken whole. */
  readonly dispositions: readonly Counted<Disposition>[]
  /** The codes that they came under, the plan's that none came under included. */
  readonly codes: readonly CodeCount[]
}

/** Rows of the draw that share something. */
export interface Counted<What> {
  readonly what: What
  readonly rows: bigint
  /** The design effect: 1 where no two of the rows were drawn together, see count-range.ts. */
  readonly spread: number
}

/** Rows of the draw that one code concerns. */
export interface CodeCount extends Counted<string> {
  readonly outcome: Outcome
  /** Null for a quarantine: a row is set aside once, for whatever column. */
  readonly column: string | null
}
