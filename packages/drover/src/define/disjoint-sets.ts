/** Groups of the numbers from 0 on, at first each its own: the connected components of the pairs that were joined. */
export interface DisjointSets {
  /** The number that stands for the group. */
  find(number: number): number
  /** Makes two groups one. Whether they were two; the lower of their numbers stands for both. */
  join(a: number, b: number): boolean
}

/** Four bytes a number. Source: union-find with path halving, Tarjan and van Leeuwen 1984. */
export function disjointSets(size: number): DisjointSets {
  const parents = Int32Array.from({ length: size }, (_, i) => i)
  const find = (number: number) => {
    let at = number
    while (parents[at] !== at) {
      parents[at] = parents[parents[at]!]!
      at = parents[at]!
    }
    return at
  }
  const join = (a: number, b: number) => {
    const [one, other] = [find(a), find(b)]
    if (one === other) return false
    parents[Math.max(one, other)] = Math.min(one, other)
    return true
  }
  return { find, join }
}
