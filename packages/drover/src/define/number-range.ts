import { type Expression, sql } from 'kysely'
import type { int2, int4, int8, numeric } from './sql-types.ts'

/** The types of whole numbers, by name. */
export interface IntegerTypes {
  int2: int2
  int4: int4
  int8: int8
}

const bits = { int2: 15n, int4: 31n, int8: 63n }

/** Whether a numeric is a value of the type: NaN and the infinities are not. */
export function isWithin(x: Expression<unknown>, type: keyof IntegerTypes): Expression<boolean> {
  const end = 2n ** bits[type]
  return sql<boolean>`${x} between ${sql.lit(-end)} and ${sql.lit(end - 1n)}`
}

/** The least positive number that `numeric(precision, scale)` does not hold, because it rounds to one digit more. */
export function limitOf(type: { readonly precision: number; readonly scale: number }): Expression<numeric> {
  const whole = '9'.repeat(type.precision - type.scale) || '0'
  return sql<numeric>`${sql.lit(`${whole}.${'9'.repeat(type.scale)}5`)}::numeric`
}
