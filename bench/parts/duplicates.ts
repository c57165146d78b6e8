import { readCatalog } from '../../packages/drover/src/catalog/read.ts'
import type { Database } from '../../packages/drover/src/db/connection.ts'
import { openDatabase } from '../../packages/drover/src/db/pg.ts'
import { subjectOfTable } from '../../packages/drover/src/duplicates/subject.ts'
import { suggestDuplicates } from '../../packages/drover/src/duplicates/suggest.ts'
import { defaultMaxPairs, type Suggestion } from '../../packages/drover/src/duplicates/suggestion.ts'
import { agreementWithTruth } from '../duplicates/agreement.ts'
import { writePeople } from '../duplicates/write-people.ts'
import type { Variant } from '../harness/measure.ts'
import type { Part, PartResult } from '../harness/part.ts'
import { startServer } from '../harness/server.ts'
import type { Settings } from '../harness/settings.ts'
import { takeRounds } from '../harness/take-rounds.ts'

const seed = 7
const thresholds = [0.75, 0.8, 0.85]

async function measureDuplicates(settings: Settings): Promise<PartResult> {
  const { rows } = settings
  const server = await startServer()
  const db = await openDatabase(server.url)
  try {
    await writePeople(db, rows, seed)
    const suggestions = new Map<string, Suggestion>()
    const suggest = (scorer: string, threshold: number): Variant => ({
      name: `${scorer}, threshold ${threshold}`,
      rows,
      run: async () => {
        suggestions.set(`${scorer} ${threshold}`, await suggestPeople(db, threshold))
        // Of this process, so far. Who is who, which is all rows, is looked at afterwards.
        return { peakBytes: process.resourceUsage().maxRSS * 1024 }
      },
    })
    const withScorer = (scorer: string) =>
      takeRounds(
        thresholds.map((threshold) => suggest(scorer, threshold)),
        settings,
      )
    const withBigrams = await withScorer('bigrams')
    // Where the extension is there, it is used.
    await db.transaction((tx) => tx.query('create extension pg_trgm with schema public'))
    const withTrigrams = await withScorer('pg_trgm')
    return {
      conditions: { versions: { server: server.version }, settings: server.settings },
      tables: [{ title: 'generated people', measured: [...withBigrams, ...withTrigrams] }],
      claims: [],
      // Each round finds the same.
      notes: [...suggestions.values()].map((suggestion) => describe(suggestion, rows)),
    }
  } finally {
    await db.close()
    await server.stop()
  }
}

async function suggestPeople(db: Database, threshold: number): Promise<Suggestion> {
  const catalog = await db.transaction((tx) => readCatalog((text, values) => tx.query(text, values), ['people']))
  return suggestDuplicates(db, subjectOfTable('people.person', catalog), {
    columns: ['name', 'city', 'email'],
    threshold,
    maxPairs: defaultMaxPairs,
    onProgress: () => {},
  })
}

function describe({ scorer, threshold, pairs, clusterCount, rowsInClusters, holdingPairs }: Suggestion, rows: number) {
  const { precision, recall } = agreementWithTruth(holdingPairs, rows, seed)
  const count = (number: number) => number.toLocaleString('en')
  return [
    `${scorer}, threshold ${threshold}: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)} of pairs of rows in one cluster`,
    `${count(pairs.compared)} pairs compared, ${count(pairs.found)} alike`,
    `${count(clusterCount)} clusters of ${count(rowsInClusters)} rows`,
  ].join('; ')
}

export default {
  about: 'whether duplicates are found among generated people of whom it is known who is who, and how fast',
  rows: { usual: 100_000, quick: 10_000 },
  measure: measureDuplicates,
} satisfies Part
