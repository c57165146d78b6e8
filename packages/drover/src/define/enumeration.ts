import { type Expression, sql } from 'kysely'
import { DroverError } from '../error.ts'
import type { Guard } from '../sql/annotation.ts'
import { type NullOf, once, type Parsed, parsed } from './guard.ts'
import type { text } from './sql-types.ts'
import { spaceLiteral } from './text.ts'

/**
 * One of a list of words. Text and words are compared in a normal form: trimmed, lower case, underscores for spaces and
 * hyphens. `aliases` translate further spellings into words of the list. Fails with `not-in-list`.
 * Where the word differs from the trimmed text in more than case, a correction `alias` keeps the original.
 *
 * SQL: `case n when 'office_manager' then 'clinic_admin' … when 'viewer' then 'viewer' end`, with
 * `n = replace(replace(lower(btrim(x, U&'\0009…') collate "C"), ' ', '_'), '-', '_')`
 *
 * @throws DroverError `definition-invalid` where one normal form stands for two words.
 */
export function oneOf<X extends text | null, const V extends string>(
  x: Expression<X>,
  words: readonly V[],
  options: { readonly aliases?: Readonly<Record<string, V>> } = {},
): Parsed<V | NullOf<X>> {
  const input = once(x)
  const trimmed = sql<text>`btrim(${input}, ${spaceLiteral})`
  const normal = once(sql<text>`replace(replace(lower(${trimmed} collate "C"), ' ', '_'), '-', '_')`)
  const branches = [...wordsByNormalForm(words, options.aliases ?? {})].map(
    ([from, to]) => sql`when ${sql.lit(from)} then ${sql.lit(to)}`,
  )
  const value = once(sql<V>`case ${normal} ${sql.join(branches, sql` `)} end`)
  const alias: Guard = {
    code: 'alias',
    outcome: 'correct',
    when: sql`lower(${value} collate "C") <> lower(${trimmed} collate "C")`.toOperationNode(),
    original: input.toOperationNode(),
  }
  return parsed({
    input: input.toOperationNode(),
    value: value.toOperationNode(),
    failures: [{ code: 'not-in-list', when: sql`${input} is not null and ${value} is null`.toOperationNode() }],
    guards: [alias],
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

/** As the server computes it: only ASCII letters have a lower case in the collation C. */
function normalForm(text: string): string {
  return text
    .trim()
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    .replaceAll(/[ -]/g, '_')
}
