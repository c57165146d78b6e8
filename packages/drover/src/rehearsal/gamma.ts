/** Terms after which a sum has long converged for any count that a table can have. */
const mostTerms = 100_000_000

/**
 * The quantile of the gamma distribution with scale 1: the x for which `probability` of the distribution lies below.
 * `shape` above 0. By bisection of {@link regularisedGamma}, to about 12 digits.
 */
export function gammaQuantile(probability: number, shape: number): number {
  let low = 0
  let high = shape + 10 * Math.sqrt(shape) + 20
  while (regularisedGamma(shape, high) < probability) high *= 2
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (regularisedGamma(shape, middle) < probability) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/**
 * The regularised lower incomplete gamma function P(a, x): a power series below the mean (NIST DLMF 8.11.4), a continued
 * fraction above it (DLMF 8.9.2, evaluated by the method of Lentz).
 */
export function regularisedGamma(a: number, x: number): number {
  if (x <= 0) return 0
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a))
  if (x < a + 1) {
    let term = 1 / a
    let sum = term
    for (let n = 1; n < mostTerms && term > sum * 1e-16; n++) {
      term *= x / (a + n)
      sum += term
    }
    return sum * scale
  }
  let b = x + 1 - a
  let c = 1e300
  let d = 1 / b
  let fraction = d
  for (let n = 1; n < mostTerms; n++) {
    const numerator = -n * (n - a)
    b += 2
    d = 1 / nonZero(numerator * d + b)
    c = nonZero(b + numerator / c)
    const step = d * c
    fraction *= step
    if (Math.abs(step - 1) < 1e-16) break
  }
  return 1 - fraction * scale
}

function nonZero(value: number): number {
  return Math.abs(value) < 1e-300 ? 1e-300 : value
}

/** ln Γ(x) for x above 0: Stirling's series (DLMF 5.11.1), from 10 on; smaller arguments are raised (DLMF 5.5.1). */
export function logGamma(x: number): number {
  let shift = 0
  let z = x
  for (; z < 10; z++) shift += Math.log(z)
  const inverse = 1 / (z * z)
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / z
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift
}
