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
