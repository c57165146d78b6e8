import type { Manifest } from './generator/manifest.ts'

type Query = (sql: string, values?: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>
type MappingManifest = Manifest['mappings'][string]

/** Every difference between what the manifest foretells and what the ledger holds, a sentence each, in order of mapping. */
export async function compareWithManifest(query: Query, manifest: Manifest): Promise<readonly string[]> {
  const [run] = await query('select max(id) as id from drover.run')
  const differences: string[] = []
  for (const [mapping, expected] of Object.entries(manifest.mappings)) {
    const ledger = await readLedger(query, run?.id, mapping)
    if (ledger === undefined) continue
    const report = (what: string, want: unknown, got: unknown) =>
      differences.push(`${mapping}: ${what} should be ${String(want)}, is ${String(got)}`)
    for (const count of counts) {
      if (expected[count] !== ledger.counts[count]) report(count, expected[count], ledger.counts[count])
    }
    compareSets(setsOf(expected), ledger.sets, report)
  }
  return differences
}

const counts = ['source', 'loaded', 'merged', 'matched', 'quarantined', 'excluded'] as const

interface LedgerView {
  readonly counts: Readonly<Record<(typeof counts)[number], number>>
  /** Source keys by what became of them, e.g. `quarantined no-clinic`. */
  readonly sets: ReadonlyMap<string, ReadonlySet<string>>
}

async function readLedger(query: Query, run: unknown, mapping: string): Promise<LedgerView | undefined> {
  const [sums] = await query(
    `select sum(read)::integer as source, sum(loaded)::integer as loaded, sum(merged)::integer as merged,
      sum(matched)::integer as matched, sum(quarantined)::integer as quarantined, sum(excluded)::integer as excluded
    from drover.chunk
    where run_id = $1 and mapping = $2
    having count(*) > 0`,
    [run, mapping],
  )
  if (sums === undefined) return undefined
  const rows = await query(
    `select 'merged' as outcome, source_key || ' into ' || survivor_key as key
    from drover.merge where run_id = $1 and mapping = $2
    union all
    select 'quarantined ' || code, source_key from drover.quarantine where run_id = $1 and mapping = $2
    union all
    select 'corrected ' || code, source_key from drover.correction where run_id = $1 and mapping = $2
    union all
    select 'noted ' || code, source_key from drover.note where run_id = $1 and mapping = $2 and source_key is not null
    union all
    select disposition, source_key from drover.crosswalk_${mapping} where disposition in ('excluded', 'matched')`,
    [run, mapping],
  )
  const sets = new Map<string, Set<string>>()
  for (const row of rows) {
    const outcome = String(row.outcome)
    sets.set(outcome, (sets.get(outcome) ?? new Set()).add(String(row.key)))
  }
  return { counts: sums as LedgerView['counts'], sets }
}

function setsOf(expected: MappingManifest): ReadonlyMap<string, ReadonlySet<string>> {
  const named = (prefix: string, byCode: Readonly<Record<string, readonly string[]>>) =>
    Object.entries(byCode).map(([code, ids]) => [`${prefix} ${code}`, new Set(ids)] as const)
  const merges = Object.entries(expected.mergedInto).map(([loser, survivor]) => `${loser} into ${survivor}`)
  return new Map([
    ['merged', new Set(merges)],
    ['excluded', new Set(expected.excludedIds)],
    ['matched', new Set(expected.matchedIds)],
    ...named('quarantined', expected.quarantinedBy),
    ...named('corrected', expected.correctedBy),
    ...named('noted', expected.notedBy),
  ])
}

/** Compares set by set. Nothing may have happened to a row that the manifest does not foretell. */
function compareSets(
  expected: ReadonlyMap<string, ReadonlySet<string>>,
  actual: ReadonlyMap<string, ReadonlySet<string>>,
  report: (what: string, want: unknown, got: unknown) => void,
): void {
  const unforeseen = [...actual.keys()].filter((outcome) => !expected.has(outcome))
  for (const outcome of unforeseen) report(outcome, 0, actual.get(outcome)!.size)
  for (const [outcome, ids] of expected) {
    const got = actual.get(outcome) ?? new Set<string>()
    const missing = ids.difference(got)
    const surplus = got.difference(ids)
    if (missing.size > 0) report(`${outcome} ${[...missing][0]}${more(missing)}`, 'there', 'not')
    if (surplus.size > 0) report(`${outcome} ${[...surplus][0]}${more(surplus)}`, 'absent', 'there')
  }
}

const more = (ids: ReadonlySet<string>) => (ids.size > 1 ? ` (and ${ids.size - 1} more)` : '')
