import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { startEmbedded } from 'drover/embedded'
import { readCatalog } from '../../packages/drover/src/catalog/read.ts'
import type { Database } from '../../packages/drover/src/db/connection.ts'
import { openDatabase } from '../../packages/drover/src/db/pg.ts'
import { subjectOfTable } from '../../packages/drover/src/duplicates/subject.ts'
import { suggestDuplicates } from '../../packages/drover/src/duplicates/suggest.ts'
import { defaultMaxPairs, type Suggestion } from '../../packages/drover/src/duplicates/suggestion.ts'
import type { Bench } from '../bench.ts'
import { agreementWithTruth } from '../duplicates/agreement.ts'
import { writePeople } from '../duplicates/write-people.ts'

const about = 'whether duplicates are found among generated people of whom it is known who is who, and how fast'

async function run(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      rows: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '7' },
      'max-pairs': { type: 'string', default: String(defaultMaxPairs) },
      thresholds: { type: 'string', default: '0.75,0.8,0.85' },
      scorer: { type: 'string', default: 'both' },
    },
  })
  const [rows, seed, maxPairs] = [Number(values.rows), Number(values.seed), Number(values['max-pairs'])]
  const server = await startEmbedded({ fsync: false, settings: { shared_buffers: '256MB' } })
  const db = await openDatabase(server.url)
  try {
    await writePeople(db, rows, seed)
    console.log(
      `${rows.toLocaleString('en')} generated rows, seed ${seed}, at most ${maxPairs.toLocaleString('en')} pairs`,
    )
    for (const scorer of values.scorer === 'both' ? ['bigrams', 'pg_trgm'] : [values.scorer]) {
      if (scorer === 'pg_trgm') await db.transaction((tx) => tx.query('create extension pg_trgm with schema public'))
      for (const threshold of values.thresholds.split(',').map(Number)) {
        await measureSuggestion(db, { rows, seed, maxPairs, threshold })
      }
    }
  } finally {
    await db.close()
    await server.stop()
  }
}

interface Settings {
  readonly rows: number
  readonly seed: number
  readonly maxPairs: number
  readonly threshold: number
}

async function measureSuggestion(db: Database, { rows, seed, maxPairs, threshold }: Settings): Promise<void> {
  const catalog = await db.transaction((tx) => readCatalog((text, values) => tx.query(text, values), ['people']))
  const subject = subjectOfTable('people.person', catalog)
  const before = peakMegabytes()
  const start = performance.now()
  const suggestion = await suggestDuplicates(db, subject, {
    columns: ['name', 'city', 'email'],
    threshold,
    maxPairs,
    onProgress: (sentence) => console.error(sentence),
  })
  const seconds = (performance.now() - start) / 1000
  // Before the truth is looked at, which is all rows: the peak is that of the suggestion.
  const peak = peakMegabytes()
  print(suggestion, { seconds, before, peak, ...agreementWithTruth(suggestion.holdingPairs, rows, seed) })
}

interface Figures {
  readonly seconds: number
  readonly before: number
  readonly peak: number
  readonly precision: number
  readonly recall: number
}

function print(suggestion: Suggestion, { seconds, before, peak, precision, recall }: Figures): void {
  const { scorer, threshold, pairs, notCompared, clusterCount, rowsInClusters } = suggestion
  const count = (number: number) => number.toLocaleString('en')
  console.log(`\n${scorer}, threshold ${threshold}`)
  console.log(`  precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)} of pairs of rows in one cluster`)
  console.log(
    `  ${seconds.toFixed(1)} s, peak memory of the process ${peak.toFixed(0)} MB (${before.toFixed(0)} MB before)`,
  )
  console.log(`  ${count(pairs.compared)} pairs compared, ${count(pairs.found)} alike`)
  console.log(`  ${count(clusterCount)} clusters of ${count(rowsInClusters)} rows`)
  for (const { key, blocks, largest } of notCompared) {
    console.log(`  not compared: ${key}, ${count(blocks)} blocks, the largest of ${count(largest)} rows`)
  }
}

/** The most memory that this process has held so far. */
function peakMegabytes(): number {
  return process.resourceUsage().maxRSS / 1024
}

export default { about, run } satisfies Bench
