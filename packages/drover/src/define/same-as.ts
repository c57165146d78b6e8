import { type Expression, sql } from 'kysely'
import { DroverError } from '../error.ts'
import { disjointSets } from './disjoint-sets.ts'
import { once } from './guard.ts'
import { sourceKey } from './reference.ts'
import type { text } from './sql-types.ts'

/**
 * The key of the group to which a row belongs by a list of pairs that somebody looked at: rows that are joined by pairs,
 * directly or not, have the lowest of their keys in common; every other row has its own. For
 * `identity: ({ c }) => [sameAs(c.id, pairs)]`. Keys are compared as text, byte for byte; give a key of several columns
 * as a list, in the order of `key`. `drover duplicates suggest … --out-pairs pairs.json` writes such a list.
 *
 * SQL: `coalesce('{"c2": "c1", …}'::jsonb ->> key, key)`
 *
 * @throws DroverError `definition-invalid` where an entry of the list is no pair of texts.
 */
export function sameAs(
  key: Expression<unknown> | readonly Expression<unknown>[],
  pairs: readonly (readonly string[])[],
): Expression<text> {
  const own = once(sql<text>`(${sourceKey(Array.isArray(key) ? key : [key as Expression<unknown>])})`)
  const groups = JSON.stringify(Object.fromEntries(representatives(pairs)))
  return once(sql<text>`coalesce(${sql.lit(groups)}::jsonb ->> ${own}, ${own})`)
}

/** For each key that is not the lowest of its group, in order, the lowest one. Order is that of UTF-16 code units. */
function representatives(pairs: readonly (readonly string[])[]): readonly (readonly [string, string])[] {
  pairs.forEach(requirePair)
  const keys = [...new Set(pairs.flat())].sort()
  const numbers = new Map(keys.map((key, i) => [key, i]))
  const groups = disjointSets(keys.length)
  for (const [a, b] of pairs) groups.join(numbers.get(a!)!, numbers.get(b!)!)
  return keys.flatMap((key, i) => (groups.find(i) === i ? [] : [[key, keys[groups.find(i)]!] as const]))
}

function requirePair(pair: readonly string[], position: number): void {
  if (Array.isArray(pair) && pair.length === 2 && pair.every((key) => typeof key === 'string')) return
  throw new DroverError('definition-invalid', 'sameAs was given a list with an entry that is no pair of keys.', {
    where: `entry ${position + 1} of the list`,
    remedy: "Write each pair as ['one key', 'another key'], both as text.",
  })
}
