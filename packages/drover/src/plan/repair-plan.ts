/**
 * The SQL with which a repair takes up single rows of a loaded mapping: those that `drover.repair_key` names, each with
 * its purpose. `$1` is the run in all of them.
 */
export interface RepairStatements {
  /** The mappings that this one refers to, each with what finds its rows. */
  readonly dependents: readonly DependentsPlan[]
  /** Names the rows that are made of rows of the source which have fixes, but for those in quarantine; or null. */
  readonly readers: string | null
  /** For a mapping that reads from a stored query; null for others. */
  readonly restore: RestoreStatements | null
  /** Tells the duplicates of rows apart again; null where none are looked for. */
  readonly regroup: string | null
  /** Reads what the function in JavaScript is given of the rows that are tried, as the compute statement does; or null. */
  readonly compute: string | null
  /**
   * Carries rows that were set aside, excluded or merged once more: the chunk's statement for a list of keys. `$2` number of
   * the entry that adjusts the counts, with a row function `$5` its results. Returns `n`.
   */
  readonly again: string
  /**
   * Writes the columns of loaded rows that follow from other rows, where they differ now; the rows as they were are
   * kept (I4). `$2` the mappings whose rows have moved, as text[]; `*` for all columns. Returns `changed`. Null where
   * no column does.
   */
  readonly follow: string | null
  /** Ahead of that: keeps others from writing to the table; absent where the rows are locked. */
  readonly holdTarget?: string
  /** Makes the table of before-images, where there is none yet. */
  readonly createImages: string
  /** Lets foreign keys wait that refer to columns which follow from other rows, and undoes that. */
  readonly waitingKeys: readonly WaitingKey[]
}

/** How the rows of a mapping are found that refer to repaired ones. */
export interface DependentsPlan {
  readonly mapping: string
  /** Names the rows that refer to one that has moved: set aside to be tried, loaded to be changed. */
  readonly find: string
  /** Returns how many rows refer to the source key `$2`: `disposition`, `n`. */
  readonly count: string
}

/** A stored query that is asked again. */
export interface RestoreStatements {
  /** Returns a row where the query reads a table that has fixes. */
  readonly isFixed: string
  /** Stores the answer beside the first one. */
  readonly store: string
  /** Names the rows that are new, gone, or others. `$2`: whether of all rows, or only of those that are tried. */
  readonly compare: string
  /** Takes them over, and drops the second answer. */
  readonly takeOver: readonly string[]
  /**
   * Takes the rows back that are gone. `$2` number of the entry that adjusts the counts; returns `read`, that many
   * below 0.
   */
  readonly withdraw: string
}

/** A foreign key that waits for the end of a repair's transaction, where it can. */
export interface WaitingKey {
  readonly wait: readonly string[]
  readonly enforce: string
}
