/**
 * Indexes and constraints of a target that are taken off where the table is empty when the run starts, and made again
 * after the load: to load a bare table and build its indexes then is several times faster than to keep them up row by row.
 */
export interface RebuildPlan {
  /** The target, as `schema.name`. */
  readonly table: string
  /** The mappings that load it, in the plan's order. */
  readonly mappings: readonly string[]
  /** Mappings with whose end rows of the table are still updated: until then its indexes wait. */
  readonly settledAfter: readonly string[]
  /** In the order in which they are made again; they are taken off in the opposite one. */
  readonly objects: readonly RebuiltObject[]
  /** What stays in place, whatever the run finds. */
  readonly kept: readonly KeptObject[]
}

/** What is taken off for the load and made again after it. */
export type RebuildKind = 'primary key' | 'unique' | 'index' | 'foreign key'

/** An index or constraint that is taken off for the load, with the statements that do it. */
export interface RebuiltObject {
  readonly kind: RebuildKind
  readonly name: string
  /** Objects that depend on it, as `schema.table name`: it can only be taken off with all of them. */
  readonly requiredBy: readonly string[]
  /** Of a foreign key: the table that it leads to, as `schema.name`. */
  readonly references: string | null
  readonly drop: string
  /** Makes it again: the index, or the foreign key without a look at the rows. */
  readonly build: string
  /** After that, in a transaction of its own: makes the constraint of the index, and says what was said about both. */
  readonly attach: readonly string[]
  /** Of a foreign key: looks at the rows; null where it was not valid before either. */
  readonly validate: string | null
  /** Makes all of that at once, and does nothing where it is there: for a run that is taken back. */
  readonly restore: string
  /** Of what is unique: what sets the rows aside that would break it, by mapping. */
  readonly violators: readonly ViolatorStatement[]
}

/**
 * Rows of a mapping that have what another row has, but for the one of the lowest source key, are moved from the target
 * to quarantine. `$1` run, `$2` the number of the entry that adjusts the counts; returns a row where there were some.
 */
export interface ViolatorStatement {
  readonly mapping: string
  readonly statement: string
}

/** An index or constraint that stays where it is. */
export interface KeptObject {
  readonly kind: RebuildKind
  readonly name: string
  /** Why, without a full stop. */
  readonly why: string
}
