import type { Database, Queryable } from '../db/connection.ts'
import { asDroverError, serverErrorOf } from '../db/server-error.ts'
import { type AlikePairs, readAlikePairs } from './alike-pairs.ts'
import { blockingKeys } from './blocking.ts'
import { type Clusters, clustersOf } from './clusters.ts'
import { suggestIdentity } from './identity.ts'
import { chooseColumns, columnsToMeasure, measureColumns } from './measure.ts'
import { scorerFor, scoreSteps } from './score.ts'
import { readShownRows } from './shown-rows.ts'
import { type Subject, tableName } from './subject.ts'
import {
  defaultMaxPairs,
  defaultThreshold,
  type ShownRow,
  type Suggestion,
  type SuggestOptions,
  shownRowsPerCluster,
} from './suggestion.ts'

/**
 * Looks for rows that are one and the same thing but for how they are written. The database does the work, in read-only
 * statements of one moment (I5), with bounded memory; here are only the pairs that it found.
 *
 * @throws DroverError `usage-invalid` where the columns cannot be compared, `statement-failed` where the server refuses.
 */
export async function suggestDuplicates(
  db: Database,
  subject: Subject,
  options: SuggestOptions = {},
): Promise<Suggestion> {
  const settings = {
    application_name: 'drover duplicates',
    transaction_isolation: 'repeatable read',
    work_mem: '64MB',
    hash_mem_multiplier: '2',
    // A row is far more work than it takes to hand it over to another process.
    parallel_tuple_cost: '0.01',
  }
  return db
    .transaction((tx) => suggest(tx, subject, options), { readOnly: true, statementTimeoutMs: 0, settings })
    .catch((thrown) => {
      if (serverErrorOf(thrown) === undefined) throw thrown
      throw asDroverError(thrown, 'statement-failed', 'The rows could not be compared.', tableName(subject))
    })
}

async function suggest(tx: Queryable, subject: Subject, options: SuggestOptions): Promise<Suggestion> {
  const { threshold = defaultThreshold, maxPairs = defaultMaxPairs, limit = 20, onProgress = () => {} } = options
  const candidates = columnsToMeasure(subject, options.columns)
  onProgress(`Reading the columns of ${tableName(subject)}.`)
  const measured = await measureColumns(tx, subject, candidates)
  const columns = options.columns === undefined ? chooseColumns(subject, measured) : measured
  const keys = blockingKeys(columns, options.keys)
  const scorer = scorerFor(subject.extensions)
  onProgress(`Comparing rows by ${columns.map(({ name }) => name).join(', ')}.`)
  const comparison = { subject, columns, keys, scorer, threshold, maxPairs }
  const alike = await readAlikePairs(tx, { ...comparison, tellsAgreement: options.findsIdentity === true })
  const clusters = clustersOf({ ...alike, rows: alike.keys.length }, limit)
  if (options.findsIdentity) onProgress('Looking for an identity that covers the clusters.')
  const identity = options.findsIdentity ? await suggestIdentity(tx, subject, columns, alike) : undefined
  const wanted = { keys: [...keysToShow(alike, clusters)], showsValues: options.showsValues === true }
  const shown = wanted.keys.length === 0 ? new Map() : await readShownRows(tx, subject, columns, wanted)
  const row = (key: string): ShownRow => shown.get(key)!
  return {
    table: tableName(subject),
    columns,
    scorer: scorer.name,
    threshold,
    rows: alike.rows,
    pairs: { compared: alike.compared, found: alike.scores.length },
    notCompared: alike.left.map(({ key, blocks, pairs, largest, example }) => ({
      key: keys[key]!.name,
      blocks,
      pairs,
      largest,
      example: row(example),
    })),
    clusterCount: clusters.count,
    rowsInClusters: clusters.rowsInClusters,
    clusters: clusters.first.map(({ rows, weakest }) => ({
      weakestLink: weakest / scoreSteps,
      size: rows.length,
      rows: rows.slice(0, shownRowsPerCluster).map((number) => row(alike.keys[number]!)),
    })),
    holdingPairs: Array.from(clusters.holding, (pair) => [
      alike.keys[alike.one[pair]!]!,
      alike.keys[alike.other[pair]!]!,
    ]),
    identity,
  }
}

function keysToShow({ keys, left }: AlikePairs, { first }: Clusters): ReadonlySet<string> {
  const inClusters = first.flatMap(({ rows }) => rows.slice(0, shownRowsPerCluster).map((number) => keys[number]!))
  return new Set([...inClusters, ...left.map(({ example }) => example)])
}
