/**
 * Generates scale m in an empty database and checks its counts; too slow for the test run.
 *
 *     node examples/dental-clinic/test/scale-m.ts postgresql://user@host:5432/empty_database [strict|loose]
 */
import { deepEqual } from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { generate } from '../generator/index.ts'
import { rowsByScale, scaledCount } from '../generator/scale.ts'
import { tableDefects } from '../generator/table-defects.ts'

const [url, foreignKeys = 'loose'] = process.argv.slice(2)
if (url === undefined || (foreignKeys !== 'strict' && foreignKeys !== 'loose')) {
  throw new Error('Usage: scale-m.ts <url of an empty database> [strict|loose]')
}

const client = new pg.Client({ connectionString: url })
await client.connect()
try {
  const load = async (file: string) =>
    client.query(await readFile(new URL(`../sql/${file}.sql`, import.meta.url), 'utf8'))
  for (const file of ['legacy-tables', 'migration-input', 'target']) await load(file)
  const manifest = await timed('rows and manifest', () =>
    generate(async (sql) => (await client.query(sql)).rows, { scale: 'm', seed: 1, foreignKeys }),
  )
  if (foreignKeys === 'strict') await timed('foreign keys', () => load('legacy-foreign-keys'))

  for (const [table, rows] of Object.entries(rowsByScale.m)) {
    const counted = await client.query(`select count(*)::int as n from legacy.${table}`)
    deepEqual([table, counted.rows[0].n], [table, rows])
  }
  const orphans = foreignKeys === 'loose' ? 1_200 : 0
  const { source, loaded, merged, quarantined } = manifest.mappings.metric_values!
  deepEqual(
    { source, loaded, merged, quarantined },
    { source: 1_000_000, loaded: 971_400 - 2 * orphans, merged: 13_000, quarantined: 15_600 + 2 * orphans },
  )
  for (const [defect, { countAtS, ...plan }] of Object.entries(tableDefects)) {
    const table = defect.split('/')[0] as keyof typeof rowsByScale.m
    const isPossible: boolean = foreignKeys === 'loose' || !('needsLooseKeys' in plan)
    deepEqual([defect, manifest.defects[defect]!.count], [defect, isPossible ? scaledCount(countAtS, table, 'm') : 0])
  }
  deepEqual(manifest.mappings.dashboards!.correctedBy['second-default']!.length, 72)
  for (const [mapping, outcome] of Object.entries(manifest.mappings)) {
    const sum = outcome.loaded + outcome.merged + outcome.matched + outcome.quarantined + outcome.excluded
    deepEqual([mapping, sum], [mapping, outcome.source])
  }
  console.log('All counts are as they should be.')
} finally {
  await client.end()
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now()
  const result = await work()
  console.log(`${what}: ${((performance.now() - started) / 1000).toFixed(1)} s`)
  return result
}
