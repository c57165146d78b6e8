import { dispositions } from '../plan/disposition.ts'
import type { Outcome } from '../sql/annotation.ts'
import type { Finding } from '../verify/verification.ts'
import type { ComparedCount, ComparedFinding } from './comparison.ts'

/** Rows of a mapping under a disposition, or under the code of a cause. */
export interface CountedRows {
  readonly mapping: string
  readonly what: string
  /** Null of a disposition. */
  readonly outcome: Outcome | null
  readonly column: string | null
  /** Of what was counted both are the count. Null where it was said once of the whole mapping: there is nothing to count. */
  readonly rows: { readonly least: bigint; readonly most: bigint } | null
}

/** What a run did, or will do. */
export interface Measured {
  /** In the plan's order. The counts of a mapping that is not done are no measure of anything. */
  readonly mappings: readonly { readonly name: string; readonly isDone: boolean }[]
  readonly counts: readonly CountedRows[]
}

const order: readonly (Outcome | null)[] = [null, 'quarantine', 'correct', 'note']

/** What differs between what a run did and what another did before, or was foreseen. Pure. */
export function compareCounts(
  now: Measured,
  before: Measured,
): { readonly counts: readonly ComparedCount[]; readonly sameCounts: number; readonly notCompared: readonly string[] } {
  const names = [...new Set([...now.mappings, ...before.mappings].map(({ name }) => name))]
  const unfinished = new Set(
    [...now.mappings, ...before.mappings].filter(({ isDone }) => !isDone).map(({ name }) => name),
  )
  const [here, there] = [byName(now.counts), byName(before.counts)]
  let sameCounts = 0
  const counts: ComparedCount[] = []
  for (const [name, { mapping, what, outcome, column }] of new Map([...there, ...here])) {
    const [is, was] = [here.get(name), there.get(name)]
    if (unfinished.has(mapping) || is?.rows === null || was?.rows === null) continue
    const rows = is?.rows.least ?? 0n
    const range = was === undefined || was.rows.most === 0n ? null : was.rows
    if (range === null ? rows === 0n : range.least <= rows && rows <= range.most) {
      // What neither has is nothing to tell of.
      if (range !== null) sameCounts += 1
      continue
    }
    counts.push({
      mapping,
      what,
      outcome,
      column,
      now: rows === 0n ? null : String(rows),
      before: range && { least: String(range.least), most: String(range.most) },
      change: range === null ? 'new' : rows === 0n ? 'gone' : rows > range.most ? 'more' : 'fewer',
    })
  }
  counts.sort(
    (a, b) =>
      names.indexOf(a.mapping) - names.indexOf(b.mapping) ||
      order.indexOf(a.outcome) - order.indexOf(b.outcome) ||
      rank(a.what, a.outcome) - rank(b.what, b.outcome) ||
      compareTexts(a.what, b.what) ||
      compareTexts(a.column ?? '', b.column ?? ''),
  )
  return { counts, sameCounts, notCompared: names.filter((name) => unfinished.has(name)) }
}

function byName(counts: readonly CountedRows[]): ReadonlyMap<string, CountedRows> {
  return new Map(
    counts.map((count) => [JSON.stringify([count.mapping, count.outcome, count.what, count.column]), count]),
  )
}

function rank(what: string, outcome: Outcome | null): number {
  return outcome === null ? (dispositions as readonly string[]).indexOf(what) : 0
}

/** The order of two texts by their UTF-16 code units: the same on every machine. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * What did not pass in one of two verifications or in both, in the order of the one now; then what is gone. None where
 * one of them was not held: what nobody looked at is neither new nor gone. Pure.
 */
export function compareFindings(now: readonly Finding[], before: readonly Finding[]): readonly ComparedFinding[] {
  if (now.length === 0 || before.length === 0) return []
  const left = before.filter(isComplaint)
  const take = (is: (finding: Finding) => boolean): Finding | undefined => {
    const place = left.findIndex(is)
    return place < 0 ? undefined : left.splice(place, 1)[0]
  }
  // One subject may have several, which their sentences tell apart; of one alone the sentence may have other counts in it.
  const told = now.filter(isComplaint)
  const known = new Map(
    told.map((finding) => [finding, take((other) => isSame(finding, other) && finding.detail === other.detail)]),
  )
  return [
    ...told.map((finding) => {
      const match = known.get(finding) ?? take((other) => isSame(finding, other))
      return comparedFinding(finding, match === undefined ? 'new' : 'same')
    }),
    ...left.map((finding) => comparedFinding(finding, 'gone')),
  ]
}

function isComplaint({ verdict }: Finding): boolean {
  return verdict === 'fail' || verdict === 'warn'
}

function isSame(a: Finding, b: Finding): boolean {
  return a.check === b.check && a.mapping === b.mapping && a.rule === b.rule
}

function comparedFinding(
  { check, mapping, rule, detail }: Finding,
  change: ComparedFinding['change'],
): ComparedFinding {
  return { check, mapping, rule: rule ?? null, change, detail }
}
