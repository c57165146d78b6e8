import type { Queryable, Row } from '../db/connection.ts'
import type { Comparison } from './statement.ts'
import { comparisonStatement } from './statement.ts'

/** What the comparison found, by numbers: a row is its place in `keys`, which are in order. */
export interface AlikePairs {
  readonly rows: number
  readonly compared: number
  /** The keys of the rows that are alike to some other, in order of UTF-16 code units. */
  readonly keys: readonly string[]
  readonly one: Int32Array
  readonly other: Int32Array
  /** In steps of `scoreSteps`. */
  readonly scores: Int32Array
  /** Bit by bit, the columns that agree. */
  readonly agreeing: Int32Array
  /** By number of the blocking key. */
  readonly left: readonly LeftBlocks[]
}

/** The blocks of one key that were not compared. */
export interface LeftBlocks {
  readonly key: number
  readonly blocks: number
  readonly pairs: number
  readonly largest: number
  /** The key of a row of the largest. */
  readonly example: string
}

/** Carries the comparison out. In the client there is nothing but the pairs that are alike, as numbers, and their keys. */
export async function readAlikePairs(tx: Queryable, comparison: Comparison): Promise<AlikePairs> {
  const answer = await tx.query(comparisonStatement(comparison))
  const parts = (part: string) => answer.filter((row) => row.part === part)
  const [rows, compared, most] = numbersOf(parts('counts')[0]!, 'a') as [number, number, number]
  const { keys, places } = readKeys(parts('rows'))
  const pairs = parts('pairs')
  const size = pairs.reduce((sum, row) => sum + numbersOf(row, 'a').length, 0)
  const [one, other] = [new Int32Array(size), new Int32Array(size)]
  const [scores, agreeing] = [new Int32Array(size), new Int32Array(size)]
  let at = 0
  for (const row of pairs) {
    const [as, bs] = [numbersOf(row, 'a'), numbersOf(row, 'b')]
    scores.set(numbersOf(row, 'c'), at)
    agreeing.set(numbersOf(row, 'd'), at)
    for (let i = 0; i < as.length; i += 1, at += 1) {
      const [a, b] = [places.get(as[i]!)!, places.get(bs[i]!)!]
      one[at] = Math.min(a, b)
      other[at] = Math.max(a, b)
    }
  }
  return { rows, compared, keys, one, other, scores, agreeing, left: readLeft(parts('blocks'), parts('largest'), most) }
}

function readKeys(rows: readonly Row[]) {
  const found = rows.flatMap((row) => {
    const keys = row.keys as readonly string[]
    return numbersOf(row, 'a').map((number, i) => ({ number, key: keys[i]! }))
  })
  found.sort((a, b) => (a.key < b.key ? -1 : 1))
  return { keys: found.map(({ key }) => key), places: new Map(found.map(({ number }, i) => [number, i])) }
}

function readLeft(blocks: readonly Row[], largest: readonly Row[], most: number): readonly LeftBlocks[] {
  const [keys, rows, counts] = ['a', 'b', 'c'].map((name) => numbersOf(blocks[0]!, name)) as [
    number[],
    number[],
    number[],
  ]
  return largest
    .map((row) => {
      const key = numbersOf(row, 'a')[0]!
      let [blockCount, pairs] = [0, 0]
      keys.forEach((each, i) => {
        if (each !== key || rows[i]! <= most) return
        blockCount += counts[i]!
        pairs += (counts[i]! * rows[i]! * (rows[i]! - 1)) / 2
      })
      return { key, blocks: blockCount, pairs, largest: numbersOf(row, 'b')[0]!, example: (row.keys as string[])[0]! }
    })
    .sort((a, b) => a.key - b.key)
}

/** An array of the answer; it is null where there was nothing to put into it. */
function numbersOf(row: Row, name: string): readonly number[] {
  return (row[name] as readonly number[] | null) ?? []
}
