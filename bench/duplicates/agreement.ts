import { disjointSets } from '../../packages/drover/src/define/disjoint-sets.ts'
import { generatePeople } from './people.ts'

/** How clusters agree with the truth, counted in pairs of rows: two rows in one cluster, two rows of one person. */
export interface Agreement {
  /** Share of the pairs in a cluster that are one person. */
  readonly precision: number
  /** Share of the pairs of one person that are in a cluster. */
  readonly recall: number
}

/** Compares clusters, given by pairs that hold them together, with the people of the generated set. */
export function agreementWithTruth(
  pairs: readonly (readonly [string, string])[],
  rows: number,
  seed: number,
): Agreement {
  const places = new Map<string, number>()
  const people = new Int32Array(rows)
  for (const { id, person } of generatePeople(rows, seed)) {
    people[places.size] = person
    places.set(id, places.size)
  }
  const clusters = disjointSets(rows)
  for (const [a, b] of pairs) clusters.join(places.get(a)!, places.get(b)!)
  const roots = Int32Array.from(people, (_, i) => clusters.find(i))
  const inBoth = pairsWithin(Float64Array.from(people, (person, i) => person * rows + roots[i]!))
  return { precision: inBoth / pairsWithin(roots), recall: inBoth / pairsWithin(people) }
}

/** Pairs of equal numbers. */
function pairsWithin(numbers: Int32Array | Float64Array): number {
  const sorted = numbers.toSorted()
  let [pairs, run] = [0, 0]
  for (let i = 1; i < sorted.length; i += 1) {
    run = sorted[i] === sorted[i - 1] ? run + 1 : 0
    pairs += run
  }
  return pairs
}
