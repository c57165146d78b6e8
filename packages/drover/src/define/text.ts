import { type AliasableExpression, type Expression, type RawBuilder, sql } from 'kysely'
import { type NullOf, once, type Parsed, parsed } from './guard.ts'
import type { text } from './sql-types.ts'

/**
 * Unicode's White_Space property, code point by code point, and the invisible characters that mean the same in practice:
 * zero-width space, word joiner, byte order mark. Listed because `\s` depends on the server's locale.
 * Source: Unicode 16, PropList.txt.
 */
const spaceCodePoints = [
  '0009-000D',
  '0020',
  '0085',
  '00A0',
  '1680',
  '2000-200B',
  '2028',
  '2029',
  '202F',
  '205F',
  '2060',
  '3000',
  'FEFF',
] as const

/** A bracket expression for PostgreSQL's regular expressions that matches one blank of {@link spaceCodePoints}. */
export const spacePattern: string = `[${spaceCodePoints
  .map((range) =>
    range
      .split('-')
      .map((point) => `\\u${point}`)
      .join('-'),
  )
  .join('')}]`

/** The same blanks as a `U&''` literal, for `btrim` and `translate`. */
export const spaceLiteral: RawBuilder<text> = sql.raw(
  `U&'${spaceCodePoints
    .flatMap((range) => {
      const [first, last = first] = range.split('-').map((point) => Number.parseInt(point, 16)) as [number, number?]
      return Array.from({ length: last - first + 1 }, (_, i) => `\\${(first + i).toString(16).padStart(4, '0')}`)
    })
    .join('')}'`,
)

/** Regular expressions refuse a column whose collation is not deterministic. */
export function inDefaultCollation(x: Expression<unknown>): RawBuilder<text> {
  return sql<text>`(${x} collate "default")`
}

/**
 * Blanks at the ends removed, runs of blanks inside made one space. No-break and zero-width spaces are blanks.
 *
 * SQL: `btrim(regexp_replace(x, '[\u0009-\u000D\u0020…]+', ' ', 'g'))`
 */
export function squish<X extends text | null>(x: Expression<X>): AliasableExpression<X> {
  return once(sql<X>`btrim(regexp_replace(${inDefaultCollation(x)}, ${sql.lit(`${spacePattern}+`)}, ' ', 'g'))`)
}

/**
 * Blanks at the ends removed; nothing else changes.
 *
 * SQL: `btrim(x, U&'\0009…')`
 */
export function trim<X extends text | null>(x: Expression<X>): AliasableExpression<X> {
  return sql<X>`btrim(${x}, ${spaceLiteral})`
}

/**
 * The text in the form in which two spellings of one name compare equal: squished, compatibility-normalised (NFKC) and
 * in lower case by Unicode's rules. For identities and look-ups, not for display.
 *
 * SQL: `lower(normalize(squish(x), nfkc) collate "und-x-icu")`
 */
export function fold<X extends text | null>(x: Expression<X>): AliasableExpression<X> {
  return once(sql<X>`lower(normalize(${squish(x)}, nfkc) collate "pg_catalog"."und-x-icu")`)
}

/**
 * Trimmed, compatibility-normalised (NFKC), lower case: e-mail addresses and other keys that people type.
 *
 * SQL: `lower(btrim(normalize(x, nfkc), U&'\0009…') collate "und-x-icu")`
 */
export function lowerTrim<X extends text | null>(x: Expression<X>): AliasableExpression<X> {
  return once(sql<X>`lower(btrim(normalize(${x}, nfkc), ${spaceLiteral}) collate "pg_catalog"."und-x-icu")`)
}

/**
 * Null where nothing but blanks stands.
 *
 * SQL: `nullif(btrim(x, U&'\0009…'), '')`, and `x` itself otherwise
 */
export function blankToNull<X extends text | null>(x: Expression<X>): AliasableExpression<X | null> {
  return sql<X | null>`case when btrim(${x}, ${spaceLiteral}) <> '' then ${x} end`
}

/**
 * A text that must match a regular expression of PostgreSQL. Fails with `malformed`.
 *
 * SQL: `case when x ~ pattern then x end`
 */
export function matching<X extends text | null>(x: Expression<X>, pattern: string): Parsed<text | NullOf<X>> {
  const input = once(x)
  const ok = sql`${inDefaultCollation(input)} ~ ${sql.lit(pattern)}`
  return parsed({
    input: input.toOperationNode(),
    value: sql`case when ${ok} then ${input} end`.toOperationNode(),
    failures: [{ code: 'malformed', when: sql`not (${ok})`.toOperationNode() }],
  })
}
