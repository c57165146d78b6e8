import { type AliasableExpression, type Expression, sql } from 'kysely'
import { inDefaultCollation, invisiblePattern, spaceLiteral, spacePattern } from './characters.ts'
import { requireWhole } from './demand.ts'
import { type NullOf, once, type Parsed, parsed } from './guard.ts'
import type { text } from './sql-types.ts'

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
 * The text in the form in which two spellings of one name compare equal: compatibility-normalised (NFKC), squished and
 * in lower case by Unicode's rules. For identities and look-ups, not for display.
 *
 * SQL: `lower(squish(normalize(x, nfkc)) collate "und-x-icu")`
 */
export function fold<X extends text | null>(x: Expression<X>): AliasableExpression<X> {
  // In this order: the normal form of some signs, e.g. of a lone accent, begins with a space.
  return once(sql<X>`lower(${squish(sql<X>`normalize(${x}, nfkc)`)} collate "pg_catalog"."und-x-icu")`)
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
 * The text in one of Unicode's normal forms. `NFC` makes one spelling of each letter with marks and changes nothing that
 * can be seen; `NFKC` also takes full-width letters, ligatures, circled digits and the like for what they stand for.
 *
 * SQL: `normalize(x, nfc)`
 */
export function normalized<X extends text | null>(x: Expression<X>, form: 'NFC' | 'NFKC'): AliasableExpression<X> {
  return once(sql<X>`normalize(${x}, ${form === 'NFC' ? sql`nfc` : sql`nfkc`})`)
}

/**
 * The text without characters that cannot be seen: control characters (tab and line ends stay, they are blanks),
 * zero-width characters, marks that steer the direction of writing, soft hyphens, variation selectors. What two texts
 * hold after it can be told apart by eye. It takes joiners away too, which part some emoji and matter in Persian and in
 * scripts of India: use it for keys, not for prose.
 *
 * SQL: `regexp_replace(x, '[\u0001-\u0008…\u200B-\u200F\u202A-\u202E…]+', '', 'g')`
 */
export function stripInvisible<X extends text | null>(x: Expression<X>): AliasableExpression<X> {
  return once(sql<X>`regexp_replace(${inDefaultCollation(x)}, ${sql.lit(`${invisiblePattern}+`)}, '', 'g')`)
}

/**
 * Null where nothing but blanks stands.
 *
 * SQL: `nullif(btrim(x, U&'\0009…'), '')`, and `x` itself otherwise
 */
export function blankToNull<X extends text | null>(x: Expression<X>): AliasableExpression<X | null> {
  // Under a collation that is not deterministic, a text of invisible characters may equal the empty one.
  return sql<X | null>`case when btrim(${x}, ${spaceLiteral}) collate "C" <> '' then ${x} end`
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

/**
 * A text of at most `length` characters, counted as `varchar(length)` counts them. Fails with `too-long`. To keep the
 * beginning of a longer one: `.orElse(sql<text>`left(${x}, 40)`, 'cut-off')`, which logs the whole text as a correction.
 *
 * SQL: `case when char_length(x) <= length then x end`
 *
 * @throws DroverError `definition-invalid` where `length` is not a whole number of at least 1.
 */
export function atMost<X extends text | null>(x: Expression<X>, length: number): Parsed<X> {
  requireWhole('atMost', 'length', length, { least: 1, most: 10_485_760 })
  const input = once(x)
  const ok = sql`char_length(${input}) <= ${sql.lit(length)}`
  return parsed({
    input: input.toOperationNode(),
    value: sql`case when ${ok} then ${input} end`.toOperationNode(),
    failures: [{ code: 'too-long', when: sql`not (${ok})`.toOperationNode() }],
  })
}
