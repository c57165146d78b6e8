import {
  type Cluster,
  type NotCompared,
  type ShownRow,
  type Suggestion,
  shownRowsPerCluster,
} from '../duplicates/suggestion.ts'
import { renderCount } from '../report/figures.ts'
import { showInvisible } from '../report/invisible.ts'
import { renderValue } from './row-text.ts'
import { renderTable } from './table.ts'

/** Suggested duplicates for people. */
export function renderSuggestion(suggestion: Omit<Suggestion, 'holdingPairs'>): string {
  const { table, columns, scorer, threshold, rows, pairs, notCompared, clusterCount, clusters } = suggestion
  const names = columns.map(({ name }) => name).join(', ')
  const found =
    clusterCount === 0
      ? 'None of them are as alike as that.'
      : `${renderCount(suggestion.rowsInClusters)} rows may be duplicates, in ${renderCount(clusterCount)} clusters.`
  return [
    `${renderCount(rows)} rows of ${table}, compared by ${names} with ${scorer}, a score of ${threshold} or more.`,
    `${renderCount(pairs.compared)} pairs compared, ${renderCount(pairs.found)} alike. ${found}`,
    ...clusters.flatMap((cluster, i) => ['', renderCluster(cluster, i + 1)]),
    ...(clusterCount > clusters.length ? ['', `${renderCount(clusterCount - clusters.length)} more clusters.`] : []),
    ...(notCompared.length === 0 ? [] : ['', renderNotCompared(notCompared)]),
    ...renderIdentity(suggestion.identity),
    '',
    'Nothing was changed.',
  ].join('\n')
}

function renderCluster({ weakestLink, size, rows }: Cluster, number: number): string {
  const more = size > shownRowsPerCluster ? `\n${renderCount(size - shownRowsPerCluster)} more rows.` : ''
  return `Cluster ${number}, ${renderCount(size)} rows, weakest link ${weakestLink.toFixed(2)}:\n${renderRows(rows)}${more}`
}

function renderRows(rows: readonly ShownRow[]): string {
  const cells = rows[0]?.cells ?? []
  return renderTable({
    columns: [
      { title: '  key', align: 'left' },
      ...cells.map(({ column, isMasked }) => ({
        title: isMasked ? `${column} (masked)` : column,
        align: 'left' as const,
      })),
    ],
    rows: rows.map(({ key, cells }) => [`  ${showInvisible(key)}`, ...cells.map(renderValue)]),
  })
}

function renderNotCompared(notCompared: readonly NotCompared[]): string {
  const table = renderTable({
    columns: [
      { title: '  key', align: 'left' },
      { title: 'blocks', align: 'right' },
      { title: 'pairs', align: 'right' },
      { title: 'largest, rows', align: 'right' },
      { title: 'such as', align: 'left' },
    ],
    rows: notCompared.map(({ key, blocks, pairs, largest, example }) => [
      `  ${key}`,
      renderCount(blocks),
      renderCount(pairs),
      renderCount(largest),
      `${showInvisible(example.key)}: ${example.cells.map(renderValue).join(', ')}`,
    ]),
  })
  return `Not compared under these keys, because of --max-pairs; other keys may have brought the same rows together:\n${table}`
}

function renderIdentity(identity: Suggestion['identity']): readonly string[] {
  if (identity === undefined) return []
  if (identity === null)
    return ['', 'No identity of these columns would merge about the same rows: list pairs for sameAs().']
  const { text, covered, confirmed } = identity
  const percent = (share: number) => `${Math.floor(share * 100)}%`
  return [
    '',
    `This identity would merge ${percent(covered)} of the pairs that are alike; ${percent(confirmed)} of what it merges is:`,
    `  ${text}`,
  ]
}
