import { type Expression, sql } from 'kysely'
import type { Guard } from '../sql/annotation.ts'
import { type NullOf, once, type Parsed, parsed } from './guard.ts'
import type { text } from './sql-types.ts'
import { spaceLiteral } from './text.ts'

/**
 * One of a list of words. The text is trimmed, taken to lower case, and its spaces and hyphens become underscores;
 * `aliases` translate further spellings (given in that normal form) into words of the list. Fails with `not-in-list`.
 * Where the word differs from the trimmed, lower-cased text, a correction `alias` keeps the original.
 *
 * SQL: `case n when 'office_manager' then 'clinic_admin' … when 'viewer' then 'viewer' end`, with
 * `n = replace(replace(lower(btrim(x, U&'\0009…') collate "C"), ' ', '_'), '-', '_')`
 */
export function oneOf<X extends text | null, const V extends string>(
  x: Expression<X>,
  words: readonly V[],
  options: { readonly aliases?: Readonly<Record<string, V>> } = {},
): Parsed<V | NullOf<X>> {
  const input = once(x)
  const lower = sql<text>`lower(btrim(${input}, ${spaceLiteral}) collate "C")`
  const normal = once(sql<text>`replace(replace(${lower}, ' ', '_'), '-', '_')`)
  const pairs = [...words.map((word) => [word, word] as const), ...Object.entries(options.aliases ?? {})]
  const branches = pairs.map(([from, to]) => sql`when ${sql.lit(from)} then ${sql.lit(to)}`)
  const value = once(sql<V>`case ${normal} ${sql.join(branches, sql` `)} end`)
  const alias: Guard = {
    code: 'alias',
    outcome: 'correct',
    when: sql`${value} <> ${lower}`.toOperationNode(),
    original: input.toOperationNode(),
  }
  return parsed({
    input: input.toOperationNode(),
    value: value.toOperationNode(),
    failures: [{ code: 'not-in-list', when: sql`${input} is not null and ${value} is null`.toOperationNode() }],
    guards: [alias],
  })
}
