/** A sample of values: how many there are, how many it holds, how many different ones, and how many of those once. */
export interface DistinctSample {
  readonly values: bigint
  readonly sampled: bigint
  readonly found: bigint
  readonly once: bigint
}

/**
 * How many different values there are, from a random sample: Duj1 of Haas and Stokes, n·d / (n − f1 + f1·n/N), "Estimating
 * the number of classes in a finite population" (JASA 93, 1998), as ANALYZE uses it. Where the sample repeats no value all
 * are taken to differ, where it holds every value more than once all have been seen.
 */
export function estimateDistinct({ values, sampled, found, once }: DistinctSample): bigint {
  if (sampled >= values || once === 0n) return found
  if (once === sampled) return values
  const [n, d, f1, all] = [sampled, found, once, values].map(Number) as [number, number, number, number]
  const estimate = BigInt(Math.round((n * d) / (n - f1 + (f1 * n) / all)))
  return estimate < found ? found : estimate > values ? values : estimate
}
