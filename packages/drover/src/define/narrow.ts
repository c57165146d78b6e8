import { type Expression, sql } from 'kysely'
import { requireWhole } from './demand.ts'
import { type NullOf, once, type Parsed, parsed } from './guard.ts'
import { type IntegerTypes, isWithin, limitOf } from './number-range.ts'
import type { float8, int4, int8, numeric } from './sql-types.ts'

/** A decimal type, as in `numeric(precision, scale)`. */
export interface NumericType {
  readonly precision: number
  readonly scale: number
}

type Narrowed<T> = T extends keyof IntegerTypes ? IntegerTypes[T] : numeric

/**
 * A number of a wider type in a narrower one: `int8` in `int4`, `double precision` in `numeric(12,2)`. Fails with
 * `out-of-range` where the type does not hold it, NaN and the infinities included, and with `not-an-integer` where a
 * whole number is wanted. Digits beyond a scale are rounded half away from zero, and a correction `rounded` says so. A
 * floating-point number is taken for the shortest decimal that names it: 0.1 is 0.1.
 *
 * SQL: `case when n = trunc(n) and n between -2147483648 and 2147483647 then n::int4 end`, or
 * `case when abs(n) < 9999999999.995 then round(n, 2) end`, with `n = x::text::numeric`
 *
 * @throws DroverError `definition-invalid` where `scale` or `precision` is none of `numeric`'s.
 */
export function narrow<
  X extends int4 | int8 | numeric | float8 | null,
  const T extends keyof IntegerTypes | NumericType,
>(x: Expression<X>, type: T): Parsed<Narrowed<T> | NullOf<X>> {
  const input = once(x)
  const exact = once(sql<numeric>`(${input})::text::numeric`)
  return typeof type === 'string' ? toInteger(input, exact, type) : toNumeric(input, exact, type)
}

function toInteger<T>(input: Expression<unknown>, exact: Expression<numeric>, type: keyof IntegerTypes): Parsed<T> {
  const isWhole = sql`${exact} = trunc(${exact})`
  const fits = isWithin(exact, type)
  return parsed({
    input: input.toOperationNode(),
    value: sql`case when ${isWhole} and ${fits} then ${exact}::${sql.raw(type)} end`.toOperationNode(),
    failures: [
      { code: 'not-an-integer', when: sql`not (${isWhole})`.toOperationNode() },
      { code: 'out-of-range', when: sql`${isWhole} and not (${fits})`.toOperationNode() },
    ],
  })
}

function toNumeric<T>(input: Expression<unknown>, exact: Expression<numeric>, type: NumericType): Parsed<T> {
  requireWhole('narrow', 'scale', type.scale, { least: 0, most: 1000 })
  requireWhole('narrow', 'precision', type.precision, { least: Math.max(type.scale, 1), most: 1000 })
  const rounded = sql`round(${exact}, ${sql.lit(type.scale)})`
  const fits = sql`abs(${exact}) < ${limitOf(type)}`
  return parsed({
    input: input.toOperationNode(),
    value: sql`case when ${fits} then ${rounded} end`.toOperationNode(),
    failures: [{ code: 'out-of-range', when: sql`not (${fits})`.toOperationNode() }],
    guards: [
      {
        code: 'rounded',
        outcome: 'correct',
        when: sql`${exact} <> ${rounded} and ${fits}`.toOperationNode(),
        original: input.toOperationNode(),
      },
    ],
  })
}
