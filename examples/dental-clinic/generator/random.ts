import { createHash } from 'node:crypto'
import { floatArray, textArray } from './sql-text.ts'

/**
 * SQL expressions for the random columns of one table.
 *
 * The value of row i in column c is a hash of (seed, table, i, c) and of nothing else. Rows may therefore be made in
 * any order, in parallel or in parts, and a new table or column disturbs none of the others.
 */
export interface Draws {
  /** float8 in [0, 1). */
  uniform(column: string): string
  /** int in 0 … bound - 1; the bound may be an expression. */
  below(column: string, bound: number | string): string
  /** One text of the list, each as likely as the others. */
  pick(column: string, list: readonly string[]): string
  /** Standard normal, after Box and Muller. */
  normal(column: string): string
  /** int in 1 … weights.length, each as likely as its weight. */
  weighted(column: string, weights: readonly number[]): string
  /** Poisson distributed int. */
  poisson(column: string, mean: number): string
  /**
   * Beta(8, 2): the second largest of nine uniforms. The largest is u ** (1/9); below it, the largest of the other
   * eight is that times v ** (1/8).
   */
  beta82(column: string): string
  /** 32 hexadecimal digits. */
  hex(column: string): string
}

/** The draws of a table whose row number is the SQL expression `row` (an integer). */
export function drawsFor(seed: number, table: string, row: string): Draws {
  const hash = (column: string) => `hashint8extended(${row}, ${hashKey(seed, table, column)})`
  // The upper 53 bits of a 64-bit hash, as many as a float8 holds, over 2 ** 53.
  const uniform = (column: string) => `(((${hash(column)} >> 11) & 9007199254740991) / 9007199254740992.0::float8)`
  const below = (column: string, bound: number | string) => `floor(${uniform(column)} * (${bound}))::int`
  const weighted = (column: string, weights: readonly number[]) =>
    `(1 + width_bucket(${uniform(column)}, ${floatArray(thresholds(weights))}))`
  return {
    uniform,
    below,
    weighted,
    pick: (column, list) => `(${textArray(list)})[1 + ${below(column, list.length)}]`,
    normal: (column) =>
      `(sqrt(-2 * ln(1 - ${uniform(`${column}/radius`)})) * cos(2 * pi() * ${uniform(`${column}/angle`)}))`,
    poisson: (column, mean) => `(${weighted(column, poissonWeights(mean))} - 1)`,
    beta82: (column) => {
      const largest = `power(${uniform(`${column}/first`)}, 1 / 9.0::float8)`
      return `(${largest} * power(${uniform(`${column}/second`)}, 1 / 8.0::float8))`
    },
    hex: (column) => `md5(${hashKey(seed, table, column)} || ':' || ${row})`,
  }
}

/** Zipf weights of `count` ranks: 1 / rank ** exponent. */
export function zipfWeights(count: number, exponent: number): number[] {
  return Array.from({ length: count }, (_, index) => 1 / (index + 1) ** exponent)
}

/** A non-negative int8 that stands for (seed, table, column). */
function hashKey(seed: number, table: string, column: string): string {
  const digest = createHash('sha256').update(`${seed}:${table}:${column}`).digest()
  return (digest.readBigUInt64BE() >> 1n).toString()
}

/** Where one weighted choice ends and the next begins, in (0, 1): one threshold fewer than weights. */
function thresholds(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let running = 0
  return weights.slice(0, -1).map((weight) => {
    running += weight
    return running / total
  })
}

function poissonWeights(mean: number): number[] {
  const weights = [Math.exp(-mean)]
  while (weights.length < 4 * mean + 10) weights.push((weights.at(-1)! * mean) / weights.length)
  return weights
}
