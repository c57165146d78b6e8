import { type Expression, sql } from 'kysely'
import { DroverError } from '../error.ts'
import { lowerTrimmed, lowerTrimmedSql } from './characters.ts'
import { once, type Parsed, parsed } from './guard.ts'
import type { text } from './sql-types.ts'

/**
 * A text that is none of the `placeholders` which the source writes for "none": `N/A`, `#DIV/0!`, `To be updated`, and
 * `''` for blanks. They are compared trimmed, and without regard to the case of ASCII letters. Fails with `placeholder`.
 * Placed before another conversion, it tells what is not there from what is wrong:
 * `decimal(meaningful(x, ['n/a', '-']).orNull()).orQuarantine()`.
 *
 * SQL: `case when lower(btrim(x, U&'\0009…') collate "C") not in ('n/a', '-') then x end`
 *
 * @throws DroverError `definition-invalid` where the list is empty.
 */
export function meaningful<X extends text | null>(x: Expression<X>, placeholders: readonly string[]): Parsed<X> {
  if (placeholders.length === 0) {
    throw new DroverError('definition-invalid', 'meaningful was given no placeholders: nothing would be refused.', {
      remedy: "List what the source writes where it has nothing, such as 'n/a'.",
    })
  }
  const input = once(x)
  const words = placeholders.map((word) => sql.lit(lowerTrimmed(word)))
  const isPlaceholder = sql`${lowerTrimmedSql(input)} in (${sql.join(words)})`
  return parsed({
    input: input.toOperationNode(),
    value: sql`case when not (${isPlaceholder}) then ${input} end`.toOperationNode(),
    failures: [{ code: 'placeholder', when: isPlaceholder.toOperationNode() }],
  })
}
