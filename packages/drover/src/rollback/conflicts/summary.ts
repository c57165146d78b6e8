import type { ConflictKind } from '../../ledger/conflict.ts'

/** Conflicts of one table and kind: how many, and the lowest keys. */
export interface ConflictSummary {
  /** As `schema.name`. */
  readonly table: string
  readonly kind: ConflictKind
  readonly rows: bigint
  readonly keys: readonly string[]
}
