/** A chunk that was carried out. */
export interface ChunkTime {
  readonly rows: number
  readonly ms: number
}

/** What chunks aim at. */
export interface Pace {
  /** How long a chunk should take, in milliseconds. */
  readonly ms: number
  readonly firstRows: number
  readonly leastRows: number
  readonly mostRows: number
  /** The most of the source that a chunk takes, in bytes: what one transaction writes is of that order. */
  readonly mostBytes: number
}

/** One second a chunk: short enough to pause, to repeat and to hold no lock for long; long enough to cost nothing. */
export const defaultPace: Pace = {
  ms: 1_000,
  firstRows: 1_000,
  leastRows: 10,
  mostRows: 100_000,
  mostBytes: 256 * 1024 ** 2,
}

/** How many chunks are remembered, and how much each counts for against the one after it. */
const remembered = 8
const fading = 0.6

/** A chunk that took this many times the aim is answered at once. */
const farOver = 2

/** The next chunk has at most this many times the rows of the largest before it; more where that was far under the aim. */
const growth = 2
const growthFarUnder = 4
/** Even four times as many rows take half the aim at most. */
const farUnder = 1 / 8

/**
 * How many rows the next chunk should take: as many as the moving average of the speed makes of the aim, at most twice
 * as many as the largest of the last chunks had, or four times where that took next to nothing. After a chunk that took far
 * too long that one alone decides. Never more than fit into the bytes of the pace, where it is known how many bytes a source
 * row takes.
 */
export function nextChunkRows(history: readonly ChunkTime[], pace: Pace, rowBytes: number | null = null): number {
  const fitting = rowBytes === null ? pace.mostRows : Math.max(1, Math.floor(pace.mostBytes / rowBytes))
  return Math.min(fitting, rowsInTime(history, pace))
}

function rowsInTime(history: readonly ChunkTime[], pace: Pace): number {
  const last = history.at(-1)
  if (last === undefined) return pace.firstRows
  const bounded = (rows: number) => Math.round(Math.min(pace.mostRows, Math.max(pace.leastRows, rows)))
  if (last.ms > farOver * pace.ms) return bounded((last.rows * pace.ms) / last.ms)
  const recent = history.slice(-remembered).toReversed()
  const sum = (of: (chunk: ChunkTime) => number) =>
    recent.reduce((total, chunk, i) => total + of(chunk) * fading ** i, 0)
  const rowsPerMs =
    sum(({ rows }) => rows) /
    Math.max(
      sum(({ ms }) => ms),
      1,
    )
  // What lies between chunks of others may be a small one: the next is not small for that.
  const largest = recent.reduce((most, chunk) => (chunk.rows > most.rows ? chunk : most))
  const grown = largest.rows * (largest.ms < farUnder * pace.ms ? growthFarUnder : growth)
  return bounded(Math.min(rowsPerMs * pace.ms, grown))
}

/**
 * How large the chunks of each mapping are to be: of one size, or as large as the workers of this process have found
 * out.
 */
export interface ChunkSizes {
  /** The rows that the next chunk of the mapping should take; `rowBytes` of its source each, null where unknown. */
  rowsFor(mapping: string, rowBytes: number | null): number
  /** Told of every chunk that was carried out. */
  note(mapping: string, chunk: ChunkTime): void
}

/** Sizes that follow the pace. */
export function pacedSizes(pace: Pace): ChunkSizes {
  const histories = new Map<string, readonly ChunkTime[]>()
  const historyOf = (mapping: string) => histories.get(mapping) ?? []
  return {
    rowsFor: (mapping, rowBytes) => nextChunkRows(historyOf(mapping), pace, rowBytes),
    note: (mapping, chunk) => histories.set(mapping, [...historyOf(mapping), chunk].slice(-remembered)),
  }
}

/** One size for all chunks. */
export function fixedSizes(rows: number): ChunkSizes {
  return { rowsFor: () => rows, note: () => {} }
}

/** Sizes of which the governor allows a share. */
export function throttledSizes(sizes: ChunkSizes, gate: { chunkShare(): number }): ChunkSizes {
  return {
    ...sizes,
    rowsFor: (mapping, rowBytes) => Math.max(1, Math.round(sizes.rowsFor(mapping, rowBytes) * gate.chunkShare())),
  }
}
