/** As commander judges flags and commands: no more edits than this, and more alike than this. */
const mostEdits = 3
const leastAlike = 0.4

/** A name that may have been meant, and the ways in which people write it. */
export interface Candidate {
  readonly name: string
  readonly written: readonly string[]
}

/** The candidate that was meant by a word, if one is near; of several, the first. Upper and lower case are the same. */
export function nearest(word: string, candidates: readonly Candidate[]): string | undefined {
  const near = candidates
    .map(({ name, written }) => ({ name, edits: Math.min(...written.map((form) => editsBetween(word, form))) }))
    .filter(({ edits }) => edits <= mostEdits)
  return near.toSorted((a, b) => a.edits - b.edits)[0]?.name
}

/** Infinite where the two are not alike. */
function editsBetween(word: string, form: string): number {
  const edits = editDistance(word.toLowerCase(), form.toLowerCase())
  const length = Math.max(word.length, form.length)
  return (length - edits) / length > leastAlike ? edits : Number.POSITIVE_INFINITY
}

/**
 * Letters that are added, left out, replaced or swapped with their neighbour: the optimal string alignment distance
 * (L. Boytsov, "Indexing methods for approximate dictionary searching", 2011, section 2.2).
 */
function editDistance(a: string, b: string): number {
  let before: readonly number[] = []
  let above: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swaps = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(Math.min(row[j - 1]! + 1, above[j]! + 1, replaced, swaps ? before[j - 2]! + 1 : replaced))
    }
    before = above
    above = row
  }
  return above[b.length]!
}
