import { type Expression, sql } from 'kysely'
import { DroverError } from '../error.ts'
import type { Guard } from '../sql/annotation.ts'
import { lowerTrimmed, lowerTrimmedSql } from './characters.ts'
import { type NullOf, once, operand, type Parsed, parsed } from './guard.ts'
import type { bool, int4, int8, text, uuid } from './sql-types.ts'

/**
 * One of a list of words, from a text or an enum. Text and words are compared in a normal form: trimmed, lower case,
 * underscores for spaces and hyphens. `aliases` translate further spellings into words of the list. Fails with
 * `not-in-list`. Where the word differs from the trimmed text in more than case, a correction `alias` keeps the
 * original.
 *
 * SQL: `case n when 'office_manager' then 'clinic_admin' … when 'viewer' then 'viewer' end`, with
 * `n = replace(replace(lower(btrim(x, U&'\0009…') collate "C"), ' ', '_'), '-', '_')`
 *
 * @throws DroverError `definition-invalid` where there is no word, or where one normal form stands for two.
 */
export function oneOf<X extends text | null, const V extends string>(
  x: Expression<X>,
  words: readonly V[],
  options: { readonly aliases?: Readonly<Record<string, V>> } = {},
): Parsed<V | NullOf<X>> {
  requireAny('oneOf', words)
  const input = once(x)
  const trimmed = lowerTrimmedSql(input)
  const normal = once(sql<text>`replace(replace(${trimmed}, ' ', '_'), '-', '_')`)
  const branches = [...wordsByNormalForm(words, options.aliases ?? {})].map(
    ([from, to]) => sql`when ${sql.lit(from)} then ${sql.lit(to)}`,
  )
  const value = once(sql<V>`case ${normal} ${sql.join(branches, sql` `)} end`)
  const alias: Guard = {
    code: 'alias',
    outcome: 'correct',
    when: sql`lower(${value} collate "C") <> ${trimmed}`.toOperationNode(),
    original: input.toOperationNode(),
  }
  return parsed({
    input: input.toOperationNode(),
    value: value.toOperationNode(),
    failures: [{ code: 'not-in-list', when: sql`${input} is not null and ${value} is null`.toOperationNode() }],
    guards: [alias],
  })
}

/**
 * Another value for each of a list of values: `mapValues(c.kind, { '1': 'clinic', '2': 'laboratory' })`. Values are
 * compared as texts, byte for byte; what stands for them can be of any type, a literal, an expression or null. Fails with
 * `unknown-value`; a null is no failure, it stays null. Nothing is logged for a value of the list: the plan holds the list.
 *
 * SQL: `case x::text collate "C" when '1' then 'clinic' when '2' then 'laboratory' end`
 *
 * @throws DroverError `definition-invalid` where the list is empty.
 */
export function mapValues<
  X extends text | int4 | int8 | bool | uuid | null,
  const V extends string | number | boolean | null | Expression<unknown>,
>(x: Expression<X>, values: Readonly<Record<string, V>>): Parsed<MappedValue<V> | NullOf<X>> {
  requireAny('mapValues', Object.keys(values))
  const input = once(x)
  const compared = sql`(${input})::text collate "C"`
  const known = Object.entries(values)
  const branches = known.map(([from, to]) => sql`when ${sql.lit(from)} then ${operand(to)}`)
  const isUnknown = sql`${compared} not in (${sql.join(known.map(([from]) => sql.lit(from)))})`
  return parsed({
    input: input.toOperationNode(),
    value: sql`case ${compared} ${sql.join(branches, sql` `)} end`.toOperationNode(),
    failures: [{ code: 'unknown-value', when: isUnknown.toOperationNode() }],
  })
}

type MappedValue<V> = V extends Expression<infer T> ? T : V

function requireAny(helper: string, values: readonly string[]): void {
  if (values.length > 0) return
  throw new DroverError('definition-invalid', `${helper} was given an empty list: every value would be refused.`, {
    remedy: 'List the values that the source may hold.',
  })
}

function wordsByNormalForm<V extends string>(
  words: readonly V[],
  aliases: Readonly<Record<string, V>>,
): ReadonlyMap<string, V> {
  const byForm = new Map<string, V>()
  for (const [spelling, word] of [...words.map((word) => [word, word] as const), ...Object.entries(aliases)]) {
    const form = normalForm(spelling)
    const known = byForm.get(form)
    if (known !== undefined && known !== word) {
      throw new DroverError('definition-invalid', `oneOf cannot tell '${known}' from '${word}'.`, {
        why: `'${spelling}' is compared as '${form}'`,
        remedy: 'Leave one of them out, or write the rule as an sql`case …` of your own.',
      })
    }
    byForm.set(form, word)
  }
  return byForm
}

function normalForm(text: string): string {
  return lowerTrimmed(text).replaceAll(/[ -]/g, '_')
}
