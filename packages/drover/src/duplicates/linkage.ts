import { type DisjointSets, disjointSets } from '../define/disjoint-sets.ts'
import type { ScoredPairs } from './clusters.ts'

/**
 * The groups that pairs make, best score first: two groups become one where at least half of the pairs between them are
 * alike. Without that condition (connected components, or single linkage) a row between two others chains whole families
 * together: among the generated people of `bench/duplicates` most pairs in one cluster would be wrong.
 *
 * Flat memory: the neighbours of a row lie side by side in one array, the rows of a group are a linked list in another.
 */
export function linkedGroups({ rows, one, other }: ScoredPairs, bestFirst: Uint32Array): DisjointSets {
  const groups = disjointSets(rows)
  const { neighbours, begins } = neighboursOf({ rows, one, other })
  const sizes = new Int32Array(rows).fill(1)
  const next = new Int32Array(rows).fill(-1)
  const last = Int32Array.from({ length: rows }, (_, row) => row)

  const pairsBetween = (small: number, large: number) => {
    let count = 0
    for (let row = small; row >= 0; row = next[row]!) {
      for (let at = begins[row]!; at < begins[row + 1]!; at += 1) {
        if (groups.find(neighbours[at]!) === large) count += 1
      }
    }
    return count
  }

  for (const pair of bestFirst) {
    const [a, b] = [groups.find(one[pair]!), groups.find(other[pair]!)]
    if (a === b) continue
    const [small, large] = sizes[a]! < sizes[b]! ? [a, b] : [b, a]
    if (pairsBetween(small, large) * 2 < sizes[a]! * sizes[b]!) continue
    // The lower number stands for both; its list begins with itself.
    const [root, joined] = a < b ? [a, b] : [b, a]
    groups.join(a, b)
    sizes[root] = sizes[a]! + sizes[b]!
    next[last[root]!] = joined
    last[root] = last[joined]!
  }
  return groups
}

/** The neighbours of row `i` stand from `begins[i]` up to but without `begins[i + 1]`. */
function neighboursOf({ rows, one, other }: Pick<ScoredPairs, 'rows' | 'one' | 'other'>) {
  const begins = new Int32Array(rows + 1)
  for (const row of one) begins[row + 1]! += 1
  for (const row of other) begins[row + 1]! += 1
  for (let row = 0; row < rows; row += 1) begins[row + 1]! += begins[row]!
  const free = begins.slice()
  const neighbours = new Int32Array(one.length * 2)
  const add = (row: number, neighbour: number) => {
    neighbours[free[row]!] = neighbour
    free[row]! += 1
  }
  one.forEach((row, pair) => {
    add(row, other[pair]!)
    add(other[pair]!, row)
  })
  return { neighbours, begins }
}
