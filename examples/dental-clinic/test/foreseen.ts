import { readCatalog } from '../../../packages/drover/src/catalog/read.ts'
import { type Check, readCheck } from '../../../packages/drover/src/check/check.ts'
import { readFacts } from '../../../packages/drover/src/check/facts.ts'
import type { Outlook } from '../../../packages/drover/src/check/outlook.ts'
import { buildCheck } from '../../../packages/drover/src/plan/check.ts'
import { withDatabase } from '../../../packages/drover/test/run/fixture.ts'
import type { TestDatabase } from '../../../packages/drover/test/support/connect.ts'
import type { Manifest } from '../generator/manifest.ts'
import migration from '../migration.ts'

const schemas = ['legacy', 'migration_input', 'auth', 'public']
const dispositions = ['read', 'loaded', 'merged', 'matched', 'quarantined', 'excluded'] as const

/** Counts by what they are of: a disposition, or `outcome column code`. */
type Counts = ReadonlyMap<string, number>

/** What a check of the reference migration says of the database as it is now. */
export function checkReference({ url }: TestDatabase): Promise<Check> {
  return withDatabase(url, async (db) => {
    const catalog = await db.transaction((tx) => readCatalog((text, values) => tx.query(text, values), schemas), {
      readOnly: true,
    })
    const facts = await readFacts(db, schemas)
    return readCheck(db, buildCheck(migration, catalog, { ...facts, showsValues: false }))
  })
}

/**
 * Every count in which what was foreseen, what the run did and what the manifest says are not the same, a sentence each.
 * What the ledger or the manifest has and the check has not is one of them, but for mappings that it says it leaves out.
 */
export async function compareForeseen(
  database: TestDatabase,
  { mappings: outlooks, leftOut }: Check,
  manifest: Manifest,
): Promise<readonly string[]> {
  const done = await readDone(database)
  const mappings = new Set([
    ...outlooks.map(({ mapping }) => mapping),
    ...done.keys(),
    ...Object.keys(manifest.mappings),
  ])
  return [...mappings].flatMap((mapping) => {
    const outlook = outlooks.find((each) => each.mapping === mapping)
    if (leftOut.some((each) => each.mapping === mapping)) return []
    if (outlook === undefined) return [`${mapping}: not foreseen at all`]
    const foreseen = countsOf(outlook)
    return [
      ...differences(mapping, 'foreseen', byCode(foreseen), 'in the manifest', manifestCounts(manifest, mapping)),
      ...differences(mapping, 'foreseen', foreseen, 'done', done.get(mapping) ?? new Map()),
      ...outlook.findings.map((finding) => `${mapping}: ${finding}`),
    ]
  })
}

/** The function makes ciphertexts and refuses no row: no count depends on it. */
const idleGap = 'google_credentials: Its function in JavaScript is not called.'

/** What the check says that it leaves out, a sentence each. */
export function gapsOf({ mappings, leftOut }: Check): readonly string[] {
  const gaps = mappings.flatMap(({ mapping, unforeseen }) => unforeseen.map((gap) => `${mapping}: ${gap}`))
  return [...gaps.filter((gap) => gap !== idleGap), ...leftOut.map(({ mapping, why }) => `${mapping}: ${why}`)]
}

function countsOf(outlook: Outlook): Counts {
  const counts = new Map<string, number>(dispositions.map((each) => [each, Number(outlook[each])]))
  for (const { outcome, column, code, rows } of outlook.codes) {
    // The ledger keeps the first reason of a row, and not of which column it is.
    const name = outcome === 'quarantine' ? `quarantine ${code}` : `${outcome} ${column} ${code}`
    counts.set(name, (counts.get(name) ?? 0) + Number(rows))
  }
  return counts
}

async function readDone(database: TestDatabase): Promise<ReadonlyMap<string, Counts>> {
  const rows = await database.query<{ mapping: string; name: string; n: number }>(`
    with own as (select max(id) as run_id from drover.run)
    select mapping, name, sum(n)::int as n
    from own
    join drover.chunk using (run_id)
    cross join lateral (
      values ${dispositions.map((each) => `('${each}', ${each})`).join(', ')}
    ) as disposition (name, n)
    group by mapping, name
    union all
    select mapping, 'quarantine ' || code, count(*)::int
    from own join drover.quarantine using (run_id)
    group by 1, 2
    union all
    select mapping, 'correct ' || column_name || ' ' || code, count(*)::int
    from own join drover.correction using (run_id)
    where source_key is not null
    group by 1, 2
    union all
    select mapping, 'note ' || column_name || ' ' || code, count(*)::int
    from own join drover.note using (run_id)
    where source_key is not null
    group by 1, 2`)
  const done = new Map<string, Map<string, number>>()
  for (const { mapping, name, n } of rows) done.set(mapping, (done.get(mapping) ?? new Map()).set(name, n))
  return done
}

/** Of a code that is found in several columns: in the same rows, or the counts differ. */
function byCode(foreseen: Counts): Counts {
  const counts = new Map<string, number>()
  for (const [name, n] of foreseen) {
    const [outcome, ...rest] = name.split(' ')
    const key = rest.length === 0 ? name : `${outcome} ${rest.at(-1)}`
    const earlier = counts.get(key)
    counts.set(key, earlier === undefined || earlier === n ? n : Number.NaN)
  }
  return counts
}

function manifestCounts(manifest: Manifest, mapping: string): Counts {
  const outcome = manifest.mappings[mapping]
  if (outcome === undefined) return new Map()
  const named = (prefix: string, lists: Readonly<Record<string, readonly string[]>>) =>
    Object.entries(lists).map(([code, ids]) => [`${prefix} ${code}`, ids.length] as const)
  return new Map([
    ...dispositions.map((each) => [each, each === 'read' ? outcome.source : outcome[each]] as const),
    ...named('quarantine', outcome.quarantinedBy),
    ...named('correct', outcome.correctedBy),
    ...named('note', outcome.notedBy),
  ])
}

function differences(mapping: string, one: string, ones: Counts, other: string, others: Counts): readonly string[] {
  return [...new Set([...ones.keys(), ...others.keys()])]
    .filter((name) => (ones.get(name) ?? 0) !== (others.get(name) ?? 0))
    .map((name) => `${mapping}, ${name}: ${ones.get(name) ?? 0} ${one}, ${others.get(name) ?? 0} ${other}`)
}
