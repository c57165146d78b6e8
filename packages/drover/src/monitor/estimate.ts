import type { Queryable } from '../db/connection.ts'
import { type Remaining, readRecentRows, readRemaining } from '../ledger/progress.ts'

/** How fast a run is, and when its counted rows will be through. */
export interface Estimate {
  readonly rowsPerSecond: number
  /** Milliseconds from now, if it goes on as in its faster and in its slower moments. */
  readonly leastMs: number
  readonly mostMs: number
}

/** However much the speed varied, it is not taken to fall below this part of its mean. */
const slowestPart = 1 / 3

/**
 * Estimates by the rows of the last slices of time, the oldest first: the mean speed, one standard deviation up and down.
 * The slice in which the first rows ended is left out, for the run was not at it all that time. Undefined where no other
 * one is left, or nothing has ended in them.
 */
export function estimate(
  slices: readonly number[],
  { sliceMs, remainingRows }: { readonly sliceMs: number; readonly remainingRows: number },
): Estimate | undefined {
  const whole = slices.slice(slices.findIndex((rows) => rows > 0) + 1)
  const mean = whole.reduce((sum, rows) => sum + rows, 0) / whole.length
  if (!(mean > 0)) return undefined
  const deviation = Math.sqrt(whole.reduce((sum, rows) => sum + (rows - mean) ** 2, 0) / whole.length)
  const msAt = (rowsPerSlice: number) => (remainingRows / rowsPerSlice) * sliceMs
  return {
    rowsPerSecond: (mean * 1000) / sliceMs,
    leastMs: msAt(mean + deviation),
    mostMs: msAt(Math.max(mean - deviation, mean * slowestPart)),
  }
}

/** What is left of a run. */
export interface Outstanding {
  readonly remaining: Remaining
  /** Null while there is nothing to go by. */
  readonly estimate: Estimate | null
}

/** What an estimate goes by: the last minute, in slices of five seconds. */
const window = { slices: 12, sliceMs: 5_000 }

/** The same, in milliseconds. */
export const windowMs = window.slices * window.sliceMs

/** Estimates a run by its last minute, from the ledger alone. */
export async function readOutstanding(tx: Queryable, runId: string): Promise<Outstanding> {
  const remaining = await readRemaining(tx, runId)
  const slices = await readRecentRows(tx, runId, window)
  return {
    remaining,
    estimate: estimate(slices, { sliceMs: window.sliceMs, remainingRows: remaining.rows }) ?? null,
  }
}
