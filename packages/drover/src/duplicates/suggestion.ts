import type { BlockingKind } from './blocking.ts'
import type { ComparedColumn } from './measure.ts'

/** What is compared, and what counts as alike. */
export interface SuggestOptions {
  /** The columns to compare. Default: the up to four texts that tell most. */
  readonly columns?: readonly string[]
  /** How rows are brought together. Default: every way. */
  readonly keys?: readonly BlockingKind[]
  /** The least score of a pair, from 0 to 1. Default {@link defaultThreshold}. */
  readonly threshold?: number
  /** Pairs that are compared at most. Default {@link defaultMaxPairs}. */
  readonly maxPairs?: number
  /** Clusters that are listed. Default 20. */
  readonly limit?: number
  /** Values as they are, but those of hidden columns. Default: their shapes. */
  readonly showsValues?: boolean
  /** Whether an identity is looked for that covers the clusters. Default false: it takes time. */
  readonly findsIdentity?: boolean
  /** Told what comes next, a sentence each. */
  readonly onProgress?: (sentence: string) => void
}

/**
 * Measured on a million generated people of `bench/duplicates`: precision 0.976 and recall 0.937 with bigrams, 0.990 and
 * 0.883 with pg_trgm.
 */
export const defaultThreshold = 0.8

/** Pairs that are compared at most, unless it is said otherwise. */
export const defaultMaxPairs = 5_000_000

/** Rows that may be one and the same thing. All counts are of rows and pairs as they are now. */
export interface Suggestion {
  /** Qualified. */
  readonly table: string
  readonly columns: readonly ComparedColumn[]
  /** What the texts were compared with. */
  readonly scorer: 'pg_trgm' | 'bigrams'
  readonly threshold: number
  readonly rows: number
  readonly pairs: {
    readonly compared: number
    /** With a score of the threshold or above. */
    readonly found: number
  }
  /** What the limit on pairs left out, by blocking key. */
  readonly notCompared: readonly NotCompared[]
  readonly clusterCount: number
  /** Rows in clusters. */
  readonly rowsInClusters: number
  /** The surest first, as many as were asked for. */
  readonly clusters: readonly Cluster[]
  /** For each cluster the pairs that hold it together, in order of their keys: without one of them it falls apart. */
  readonly holdingPairs: readonly (readonly [string, string])[]
  /** Undefined where it was not asked for, null where none covers the clusters well. */
  readonly identity: SuggestedIdentity | null | undefined
}

/** Blocks of one key that hold too many rows. Two rows in one of them may still have met under another key. */
export interface NotCompared {
  /** E.g. `words(city)`. */
  readonly key: string
  readonly blocks: number
  readonly pairs: number
  /** Rows of the largest one. */
  readonly largest: number
  /** A row of it. */
  readonly example: ShownRow
}

/** Rows that may be one and the same thing. */
export interface Cluster {
  /** The lowest score that holds it together. */
  readonly weakestLink: number
  readonly size: number
  /** In order of their keys, at most {@link shownRowsPerCluster}. */
  readonly rows: readonly ShownRow[]
}

/** Rows of a cluster that are shown at most. */
export const shownRowsPerCluster = 20

/** A row of a cluster as it may be shown. */
export interface ShownRow {
  readonly key: string
  /** The compared columns, in order: values, or shapes of them. */
  readonly cells: readonly { readonly column: string; readonly value: string | null; readonly isMasked: boolean }[]
}

/** Columns whose exact identity brings the rows of the clusters together. */
export interface SuggestedIdentity {
  readonly columns: readonly string[]
  /** TypeScript for the mapping. */
  readonly text: string
  /** Share of the pairs found that it would merge. */
  readonly covered: number
  /** Share of the pairs that it would merge which were found. */
  readonly confirmed: number
}
