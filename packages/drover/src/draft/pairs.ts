/** A pair that was matched, and how sure that is, from 0 to 1. */
export interface Match<S, T> {
  readonly source: S
  readonly target: T
  readonly confidence: number
}

/**
 * Each source with at most one target, and the other way round: the surest pair first, of equal ones that of the earlier
 * target. Pairs of no more than `least` are none.
 */
export function matchOneToOne<S, T>(
  sources: readonly S[],
  targets: readonly T[],
  confidenceOf: (source: S, target: T) => number,
  least: number,
): readonly Match<S, T>[] {
  const all = targets
    .flatMap((target) => sources.map((source) => ({ source, target, confidence: confidenceOf(source, target) })))
    .filter(({ confidence }) => confidence > least)
    .sort((a, b) => b.confidence - a.confidence)
  const takenSources = new Set<S>()
  const takenTargets = new Set<T>()
  return all.filter(({ source, target }) => {
    if (takenSources.has(source) || takenTargets.has(target)) return false
    takenSources.add(source)
    takenTargets.add(target)
    return true
  })
}
