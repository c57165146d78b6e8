import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clustersOf } from '../../src/duplicates/clusters.ts'

type Pair = readonly [number, number, number]

function clustered(rows: number, pairs: readonly Pair[]) {
  const column = (i: 0 | 1 | 2) => Int32Array.from(pairs, (pair) => pair[i])
  return clustersOf({ rows, one: column(0), other: column(1), scores: column(2) }, 1000)
}

test('the weakest link is the lowest score of the best way to hold a cluster together', () => {
  // The triangle 0 1 2 holds without its pair of 60; row 3 hangs by the better one of its two.
  const { first, holding, count, rowsInClusters } = clustered(6, [
    [0, 1, 90],
    [0, 2, 60],
    [1, 2, 80],
    [1, 3, 55],
    [2, 3, 70],
    [4, 5, 95],
  ])
  expect(first).toEqual([
    { rows: [4, 5], weakest: 95 },
    { rows: [0, 1, 2, 3], weakest: 70 },
  ])
  expect([...holding]).toEqual([0, 2, 4, 5])
  expect({ count, rowsInClusters }).toEqual({ count: 2, rowsInClusters: 6 })
})

test('a row between two families does not chain them together', () => {
  // 0 1 2 and 4 5 6 are alike among themselves; 3 is alike to one row of each.
  const family = (a: number): readonly Pair[] => [
    [a, a + 1, 95],
    [a, a + 2, 95],
    [a + 1, a + 2, 95],
  ]
  const { first } = clustered(7, [...family(0), ...family(4), [2, 3, 80], [3, 4, 81]])
  expect(first.map(({ rows }) => rows)).toEqual([
    [0, 1, 2],
    [4, 5, 6],
  ])
})

test('no pairs make no clusters', () => {
  expect(clustered(0, [])).toMatchObject({ count: 0, rowsInClusters: 0, first: [] })
})

test('the holding pairs make the clusters: one fewer than rows, the lowest of them the weakest link', () => {
  const anyPairs = fc.uniqueArray(fc.tuple(fc.nat(19), fc.nat(19), fc.integer({ min: 1, max: 5 })), {
    selector: ([a, b]) => `${Math.min(a, b)} ${Math.max(a, b)}`,
    maxLength: 60,
  })
  fc.assert(
    fc.property(anyPairs, (drawn) => {
      const pairs = drawn.filter(([a, b]) => a !== b).map(([a, b, s]): Pair => [Math.min(a, b), Math.max(a, b), s])
      const { first, holding } = clustered(20, pairs)
      const held = [...holding].map((pair) => pairs[pair]!)
      for (const { rows, weakest } of first) {
        const own = held.filter(([a]) => rows.includes(a))
        expect(own).toHaveLength(rows.length - 1)
        expect(own.every(([, b]) => rows.includes(b))).toBe(true)
        expect(Math.min(...own.map(([, , score]) => score))).toBe(weakest)
        // Above the weakest link it is in pieces: the better pairs reach fewer rows from the first one.
        expect(reached(rows, pairs, weakest)).toBe(rows.length)
        expect(reached(rows, pairs, weakest + 1)).toBeLessThan(rows.length)
      }
    }),
  )
})

/** Rows of the cluster that can be reached from its first one by pairs of at least the score. */
function reached(rows: readonly number[], pairs: readonly Pair[], least: number): number {
  const seen = new Set([rows[0]!])
  let size = 0
  while (seen.size > size) {
    size = seen.size
    for (const [a, b, score] of pairs) {
      if (score < least || !rows.includes(a) || !rows.includes(b)) continue
      if (seen.has(a) || seen.has(b)) seen.add(a).add(b)
    }
  }
  return seen.size
}
