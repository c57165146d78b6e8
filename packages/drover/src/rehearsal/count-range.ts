import { gammaQuantile } from './gamma.ts'

/** What lies outside of a range, on each side: together one in a thousand. */
const tail = 0.0005

/** A number with the range in which it lies. */
export interface Range {
  readonly least: number
  readonly most: number
}

/**
 * The mean of a Poisson distribution of which `count` was seen, at 99.9 %: the exact interval of F. Garwood, Fiducial
 * limits for the Poisson distribution, Biometrika 28 (1936), 437–442, by quantiles of the gamma distribution.
 *
 * Rows that are drawn in groups vary more. `spread` is the design effect: by how much the variance exceeds that of rows
 * drawn one by one; the count is taken for that of count / spread independent ones (E. L. Korn and B. I. Graubard,
 * Confidence intervals for proportions with small expected number of positive counts, Survey Methodology 24 (1998),
 * 193–201). 1 for rows drawn one by one.
 */
export function poissonRange(count: number, spread = 1): Range {
  const effective = count / spread
  return {
    least: count === 0 ? 0 : gammaQuantile(tail, effective) * spread,
    most: gammaQuantile(1 - tail, effective + 1) * spread,
  }
}
