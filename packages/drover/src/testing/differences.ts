import type { KeyedOutcome, MappingOutcome } from './outcome.ts'

/**
 * What a test expects of the rows of a mapping. Each row has one disposition: those that are not named must have no row.
 * Corrections and notes are looked at where they are named.
 */
export interface ExpectedOutcome {
  readonly loaded?: number
  readonly merged?: number
  readonly matched?: number
  readonly excluded?: number
  /** All of them, or by code; a code that is not named must have none. */
  readonly quarantined?: number | Readonly<Record<string, number>>
  readonly corrected?: number | Readonly<Record<string, number>>
  readonly noted?: number | Readonly<Record<string, number>>
}

/** In what an outcome is another than expected, a line each: `quarantined no-email: expected 2, found 3: 4, 7, 9`. */
export function differencesOf(expected: ExpectedOutcome, found: KeyedOutcome): readonly string[] {
  const single = (['loaded', 'merged', 'matched', 'excluded'] as const).flatMap((what) =>
    difference(what, expected[what] ?? 0, found[what], found),
  )
  const byCode = (['quarantined', 'corrected', 'noted'] as const).flatMap((what) => {
    const wanted = expected[what] ?? (what === 'quarantined' ? {} : undefined)
    return wanted === undefined ? [] : codeDifferences(what, wanted, found)
  })
  return [...single, ...byCode]
}

/** The same with everything named, so that it holds for one outcome alone. */
export function expectationOf({ keys, ...outcome }: KeyedOutcome): MappingOutcome {
  return outcome
}

function codeDifferences(
  what: 'quarantined' | 'corrected' | 'noted',
  wanted: number | Readonly<Record<string, number>>,
  found: KeyedOutcome,
): readonly string[] {
  const counts = found[what]
  if (typeof wanted === 'number') {
    const sum = Object.values(counts).reduce((all, n) => all + n, 0)
    if (sum === wanted) return []
    const each = Object.entries(counts).map(
      ([code, n]) => `\n  ${what} ${code}: ${n}${keysOf(`${what} ${code}`, found)}`,
    )
    return [`${what}: expected ${wanted}, found ${sum}${each.join('')}`]
  }
  const codes = [...new Set([...Object.keys(wanted), ...Object.keys(counts)])]
  return codes.flatMap((code) => difference(`${what} ${code}`, wanted[code] ?? 0, counts[code] ?? 0, found))
}

function difference(words: string, wanted: number, count: number, found: KeyedOutcome): readonly string[] {
  return wanted === count ? [] : [`${words}: expected ${wanted}, found ${count}${keysOf(words, found)}`]
}

function keysOf(words: string, { keys }: KeyedOutcome): string {
  const some = keys[words] ?? []
  return some.length === 0 ? '' : `: ${some.join(', ')}${some.length === 5 ? ', …' : ''}`
}
