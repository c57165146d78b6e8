import { type Expression, type RawBuilder, sql } from 'kysely'

/** Characters of a value that a mask shows at most. */
const maskedCharacters = 40

/**
 * The shape of a value as text, made in the database, so that the value itself never leaves it (I8): every digit is 9,
 * every letter a, and whatever lies outside ASCII a as well; the first 40 characters. Null stays null.
 */
export function mask(value: Expression<unknown>): RawBuilder<string | null> {
  // Regular expressions refuse a collation that is not deterministic.
  const start = sql`left((${value})::text collate "C", ${sql.lit(maskedCharacters)})`
  return sql<string | null>`regexp_replace(regexp_replace(${start}, '[0-9]', '9', 'g'), '[A-Za-z]|[^ -~]', 'a', 'g')`
}
