import type { Run } from '../ledger/run.ts'
import type { MergeGroup } from '../repair/merge-group.ts'
import type { ListedGroup, MergedMapping } from '../repair/merge-groups.ts'
import { renderCount, renderRows } from '../report/figures.ts'
import { showInvisible } from '../report/invisible.ts'
import { renderValue } from './row-text.ts'
import { renderTable } from './table.ts'

/** Keys of a group that are listed in one line at most. */
const listedKeys = 20

/** The mappings whose rows were merged. */
export function renderMergedMappings(
  { id, migration }: Pick<Run, 'id' | 'migration'>,
  mappings: readonly MergedMapping[],
): string {
  const table = renderTable({
    columns: [
      { title: 'mapping', align: 'left' },
      { title: 'rows merged', align: 'right' },
      { title: 'groups', align: 'right' },
      { title: 'largest group', align: 'right' },
      { title: 'its survivor', align: 'left' },
    ],
    rows: mappings.map((mapping) => [
      mapping.mapping,
      renderCount(mapping.merged),
      renderCount(mapping.survivors),
      renderCount(mapping.largest),
      showInvisible(mapping.largestSurvivor),
    ]),
  })
  return `Merges of run ${id} of ${migration}:\n\n${table}`
}

/** The groups of one mapping. */
export function renderListedGroups(mapping: string, groups: readonly ListedGroup[]): string {
  const table = renderTable({
    columns: [
      { title: 'survivor', align: 'left' },
      { title: 'stands for', align: 'right' },
      { title: 'keys, for example', align: 'left' },
    ],
    rows: groups.map(({ survivor, merged, sampleKeys }) => [
      showInvisible(survivor),
      renderCount(merged),
      sampleKeys.map(showInvisible).join(', '),
    ]),
  })
  return `Groups of ${mapping}:\n\n${table}`
}

/** One group, and what its rows do not agree in. */
export function renderMergeGroup({ mapping, survivor, merged, differences }: MergeGroup): string {
  const more = merged.length - listedKeys
  const keys = `${merged.slice(0, listedKeys).map(showInvisible).join(', ')}${more > 0 ? ` and ${renderCount(more)} more` : ''}`
  return [
    `${showInvisible(survivor)} of ${mapping} stands for ${renderRows(BigInt(merged.length), 'other row')}: ${keys}`,
    '',
    differences === null
      ? 'How they differ is not known: their rows cannot be read from the source by these keys.'
      : renderDifferences(differences, merged.length + 1),
  ].join('\n')
}

function renderDifferences({ columns, rows }: NonNullable<MergeGroup['differences']>, all: number): string {
  if (columns.length === 0) return 'Their source rows agree in every column.'
  const table = renderTable({
    columns: [
      { title: 'key', align: 'left' },
      ...columns.map(({ column, isMasked }) => ({
        title: isMasked ? `${column} (masked)` : column,
        align: 'left' as const,
      })),
    ],
    rows: rows.map(({ key, values }) => [
      showInvisible(key),
      ...values.map((value, i) => renderValue({ value, isMasked: columns[i]!.isMasked })),
    ]),
  })
  const rest = rows.length < all ? `\n${renderRows(BigInt(all - rows.length), 'more row')} not shown.` : ''
  return `Their source rows differ in ${columns.map(({ column }) => column).join(', ')}:\n\n${table}${rest}`
}
