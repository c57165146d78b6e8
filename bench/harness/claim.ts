import type { Measured } from './measure.ts'
import { medianOf } from './median.ts'

/** A ratio that is measured, and what it must be. */
export interface Claim {
  readonly says: string
  readonly value: number
  /** Only one of them; none where nothing is claimed. */
  readonly atLeast?: number
  readonly atMost?: number
  /** Where `value` and the limit have another unit than a plain number, e.g. ` ms`. */
  readonly unit?: string
}

/**
 * The median, over the rounds, of how many times as long `one` took as `other`, for a row where both tell their rows. Not
 * a number where one of them was not measured.
 */
export function timesAsLong(measured: readonly Measured[], one: string, other: string): number {
  const [a, b] = [one, other].map((name) => measured.find((each) => each.name === name))
  if (a === undefined || b === undefined) return Number.NaN
  const rows = (b.rows ?? 1) / (a.rows ?? 1)
  return medianOf(a.seconds.map((seconds, round) => (seconds / b.seconds[round]!) * rows))
}

/** Undefined where nothing is claimed, or where a variant was left out. */
export function holds({ value, atLeast, atMost }: Claim): boolean | undefined {
  if (Number.isNaN(value)) return undefined
  if (atLeast !== undefined) return value >= atLeast
  if (atMost !== undefined) return value <= atMost
  return undefined
}
