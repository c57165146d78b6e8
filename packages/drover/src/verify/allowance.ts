import type { Allowance } from '../define/check.ts'

/**
 * Whether `count` rows may break a rule: up to so many it warns, beyond it fails. A percentage is of `of` rows; of no
 * rows none may. Without an allowance none may either.
 */
export function withinAllowance(allowance: Allowance | null | undefined, count: bigint, of: bigint): boolean {
  if (count === 0n) return true
  if (allowance === null || allowance === undefined) return false
  if ('rows' in allowance) return count <= BigInt(allowance.rows)
  return of > 0n && (Number(count) * 100) / Number(of) <= allowance.percent
}
