import type { DroverError } from '../../error.ts'
import type { DryRun } from '../../repair/dry-run.ts'
import type { QuarantinedRow } from '../../repair/row.ts'
import type { TriedRow } from '../../repair/tried-row.ts'

/** What the page of a quarantined row shows. */
export interface RowView {
  readonly runId: string
  readonly row: QuarantinedRow
  /** Columns that a fix can be of; or why rows of the mapping cannot be fixed. */
  readonly fixable: readonly string[] | { readonly why: string }
  /** What forms carry; null where rows cannot be mended now, or not from here. */
  readonly formToken: string | null
  /** What was filled in, where that was only tried. */
  readonly entries: readonly Entry[]
  /** Why it was not even tried; null where it was, or nothing was asked for. */
  readonly refused: DroverError | null
  /** What came of the trial. */
  readonly tried: (TriedRow & Pick<DryRun, 'following'>) | null
}

/** What is filled in for a column. */
export interface Entry {
  readonly column: string
  /** Null for null. */
  readonly value: string | null
}
