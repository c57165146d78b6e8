import { type RawBuilder, sql } from 'kysely'
import { columnOf } from '../sql/nodes.ts'
import type { ComparedColumn } from './measure.ts'

/**
 * What brings two rows together. `words`: the same words in any order · `sound`: words that sound the same · `starts`,
 * `ends`: words of two columns that begin, or end, with the same four letters.
 */
export type BlockingKind = 'words' | 'sound' | 'starts' | 'ends'

/** Every way in which rows can be brought together. */
export const blockingKinds: readonly BlockingKind[] = ['words', 'sound', 'starts', 'ends']

/** A key: rows for which it is equal are one block. */
export interface BlockingKey {
  /** E.g. `starts(name, city)`. */
  readonly name: string
  readonly kind: BlockingKind
  /** Positions in the list of compared columns. */
  readonly columns: readonly number[]
}

/** Bits of a block's number that tell the key: the number of a key is below 2 to that power. */
const keyBits = 6

/** Selects the number of its key out of the number of a block. */
export const keyMask = 2 ** keyBits - 1

/**
 * The keys for some columns: one column alone tells enough where it is nearly the same; two columns together where both
 * only begin or end alike. A single column has to do with its beginnings and ends.
 */
export function blockingKeys(
  columns: readonly ComparedColumn[],
  kinds: readonly BlockingKind[] = blockingKinds,
): readonly BlockingKey[] {
  const alone = columns.flatMap(({ form }, i) => [
    { kind: 'words' as const, columns: [i] },
    ...(form === 'digits' ? [] : [{ kind: 'sound' as const, columns: [i] }]),
    ...(columns.length === 1 ? sides([i]) : []),
  ])
  const pairs = columns.flatMap((_, i) => columns.slice(i + 1).flatMap((_, j) => sides([i, i + 1 + j])))
  return [...alone, ...pairs]
    .filter(({ kind }) => kinds.includes(kind))
    .map((key) => ({ ...key, name: `${key.kind}(${key.columns.map((i) => columns[i]!.name).join(', ')})` }))
}

function sides(columns: readonly number[]) {
  return [
    { kind: 'starts' as const, columns },
    { kind: 'ends' as const, columns },
  ]
}

/** The numbers of the blocks that a row lies in, as an array: a hash of each key, with the key's own number in it. */
export function blockNumbers(keys: readonly BlockingKey[]): RawBuilder<unknown> {
  const numbers = keys.map(({ kind, columns }, number) => {
    const text = sql.join(
      columns.map((i) => columnOf(partsAlias(i), kind)),
      sql` || '|' || `,
    )
    return sql`((hashtextextended((${text}) collate "C", 0) & ${sql.lit(~keyMask)}) | ${sql.lit(number)})`
  })
  return sql`array_remove(array[${sql.join(numbers, sql.raw(',\n      '))}], null)`
}

/** The lateral subquery with the parts of a column. */
export function partsAlias(column: number): string {
  return `parts_${column}`
}
