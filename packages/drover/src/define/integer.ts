import { type Expression, sql } from 'kysely'
import { type NullOf, type Parsed, parsed } from './guard.ts'
import { type IntegerTypes, isWithin } from './number-range.ts'
import { type NumberTextOptions, readNumber } from './number-text.ts'
import type { text } from './sql-types.ts'

/** How whole numbers stand in the text, and what must hold them. */
export interface IntegerOptions<T extends keyof IntegerTypes> extends Pick<NumberTextOptions, 'locale'> {
  /** The type that must hold the number. Default `int4`. */
  readonly type?: T
}

/**
 * A whole number written as a text: what {@link decimal} reads, without a fraction. `1.0` is 1; `1.5` fails with
 * `not-an-integer`, a number beyond the type with `out-of-range`, any other text with `not-a-number` or
 * `ambiguous-number`. Where the text had to be cleaned, a correction `number-format` keeps the original. To round
 * instead, use {@link decimal} with scale 0 and a precision that the type holds (4, 9, 18), and cast.
 *
 * SQL: `case when n = trunc(n) and n between -2147483648 and 2147483647 then n::int4 end`, with `n` as decimal makes it
 */
export function integer<X extends text | null, const T extends keyof IntegerTypes = 'int4'>(
  x: Expression<X>,
  options: IntegerOptions<T> = {},
): Parsed<IntegerTypes[T] | NullOf<X>> {
  const type = options.type ?? 'int4'
  const { input, exact, failures, cleaned } = readNumber(x, options)
  const isWhole = sql`${exact} = trunc(${exact})`
  const fits = isWithin(exact, type)
  return parsed({
    input: input.toOperationNode(),
    value: sql`case when ${isWhole} and ${fits} then ${exact}::${sql.raw(type)} end`.toOperationNode(),
    failures: [
      ...failures,
      { code: 'not-an-integer', when: sql`not (${isWhole})`.toOperationNode() },
      { code: 'out-of-range', when: sql`${isWhole} and not (${fits})`.toOperationNode() },
    ],
    guards: [cleaned(sql`${isWhole} and ${fits}`)],
  })
}
