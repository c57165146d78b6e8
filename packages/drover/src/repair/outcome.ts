/** What a repair did, mapping by mapping in the order of the plan; a mapping that it did not touch is left out. */
export interface RepairOutcome {
  /** An int8, as text. */
  readonly runId: string
  readonly mappings: readonly MappingRepair[]
}

/** Counts of rows, as bigint. */
export interface MappingRepair {
  readonly mapping: string
  /** Rows that were tried again: those that were named, or that waited for one of them. */
  readonly tried: bigint
  /** What became of those. They add up to `tried` (I2). */
  readonly loaded: bigint
  readonly merged: bigint
  readonly matched: bigint
  readonly excluded: bigint
  readonly quarantined: bigint
  /** Rows that were loaded already, and now hold another value: the row that they refer to is in. */
  readonly changed: bigint
  /** Rows of a stored query that are there no more, and were taken back. */
  readonly withdrawn: bigint
}
