import { disjointSets } from '../define/disjoint-sets.ts'
import { linkedGroups } from './linkage.ts'

/** Pairs of rows by number, each with a score. */
export interface ScoredPairs {
  /** Rows are numbered from 0 up to but without this. */
  readonly rows: number
  readonly one: Int32Array
  readonly other: Int32Array
  readonly scores: Int32Array
}

/** Rows that hang together by pairs. */
export interface RowCluster {
  /** In order of their numbers. */
  readonly rows: readonly number[]
  /** The lowest score that holds it together: above it, it falls apart. */
  readonly weakest: number
}

/** Rows that hang together by pairs. */
export interface Clusters {
  /** How many there are. */
  readonly count: number
  readonly rowsInClusters: number
  /** The pairs that hold them together, by position: a maximum spanning tree of each cluster. In order of the rows. */
  readonly holding: Int32Array
  /** The surest first, equals by their first row; as many as were asked for. */
  readonly first: readonly RowCluster[]
}

/**
 * Clusters of rows, and what holds them together. Within a cluster pairs are joined best score first (Kruskal 1956): those
 * that join something make a maximum spanning tree, whose lowest score is the weakest link and the last to be joined.
 * Memory: about thirty bytes a pair and as many a row.
 */
export function clustersOf(pairs: ScoredPairs, limit: number): Clusters {
  const { rows, one, other, scores } = pairs
  const bestFirst = Uint32Array.from(scores, (_, i) => i).sort(
    (a, b) => scores[b]! - scores[a]! || one[a]! - one[b]! || other[a]! - other[b]!,
  )
  const groups = linkedGroups(pairs, bestFirst)
  const trees = disjointSets(rows)
  const weakest = new Int32Array(rows)
  const holding = new Int32Array(rows)
  let held = 0
  for (const pair of bestFirst) {
    const group = groups.find(one[pair]!)
    if (group !== groups.find(other[pair]!) || !trees.join(one[pair]!, other[pair]!)) continue
    holding[held] = pair
    held += 1
    weakest[group] = scores[pair]!
  }
  const sizes = new Int32Array(rows)
  for (let row = 0; row < rows; row += 1) sizes[groups.find(row)]! += 1
  const roots = Int32Array.from(sizes, (_, row) => row).filter((row) => sizes[row]! > 1)
  const shown = [...roots.toSorted((a, b) => weakest[b]! - weakest[a]! || a - b).slice(0, limit)]
  const members = new Map<number, number[]>(shown.map((root) => [root, []]))
  for (let row = 0; row < rows; row += 1) members.get(groups.find(row))?.push(row)
  return {
    count: roots.length,
    rowsInClusters: roots.reduce((sum, root) => sum + sizes[root]!, 0),
    holding: holding.slice(0, held).sort((a, b) => one[a]! - one[b]! || other[a]! - other[b]!),
    first: shown.map((root) => ({ rows: members.get(root)!, weakest: weakest[root]! })),
  }
}
