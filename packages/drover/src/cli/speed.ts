/** How far back the average of a speed reaches, in milliseconds. */
const windowMs = 5_000

/**
 * A moving average: takes how many rows there are at a time, and returns rows a second over the last five seconds, or
 * undefined while there is nothing to compare with.
 */
export function movingSpeed(): (rows: bigint, atMs: number) => number | undefined {
  let seen: readonly { readonly rows: bigint; readonly atMs: number }[] = []
  return (rows, atMs) => {
    const isOld = (i: number) => (seen[i + 1]?.atMs ?? Number.POSITIVE_INFINITY) <= atMs - windowMs
    // One sample older than the window stays: chunks that take longer than it still have a speed.
    seen = [...seen.filter((_, i) => !isOld(i)), { rows, atMs }]
    const first = seen[0]!
    return atMs === first.atMs ? undefined : (Number(rows - first.rows) * 1000) / (atMs - first.atMs)
  }
}
