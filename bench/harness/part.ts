import type { Claim } from './claim.ts'
import type { Measured } from './measure.ts'
import type { Settings } from './settings.ts'

/** A part of the bench: one file in parts/, its default export. */
export interface Part {
  /** One line for the list. */
  readonly about: string
  /** Rows of the tables that grow, where nothing is said, and where it has to be quick. */
  readonly rows: { readonly usual: number; readonly quick: number }
  readonly measure: (settings: Settings) => Promise<PartResult>
}

/** What a part found. */
export interface PartResult {
  readonly conditions: Conditions
  readonly tables: readonly MeasuredTable[]
  readonly claims: readonly Claim[]
  /** What was found beside times, a line each. */
  readonly notes?: readonly string[]
  /** What could not be measured, and what to install for it. */
  readonly missing?: readonly string[]
}

/** What was measured on and against. */
export interface Conditions {
  /** Of servers and tools, by name; those of drover and Node are the same for all parts. */
  readonly versions: Readonly<Record<string, string>>
  /** Of the servers, where they differ from PostgreSQL's defaults. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface MeasuredTable {
  readonly title: string
  readonly measured: readonly Measured[]
}
