import type { ColumnProfile, Profile } from '../check/profile.ts'
import { renderCount, renderRows } from '../report/figures.ts'
import { showInvisible } from '../report/invisible.ts'
import { renderTable, type TableColumn } from './table.ts'

/** Characters of a name, and of a shape or a range, that a line has room for. */
const nameWidth = 22
const looksWidth = 24

const columns: readonly TableColumn[] = [
  { title: 'column', align: 'left' },
  { title: 'null', align: 'right' },
  { title: 'blank', align: 'right' },
  { title: 'spaced', align: 'right' },
  { title: 'distinct', align: 'right' },
  { title: 'length', align: 'right' },
  { title: 'looks like', align: 'left' },
]

/** What stands in the tables of the source, a line for each column. What has no room stands in the JSON. */
export function renderProfiles(profiles: readonly Profile[]): string {
  return [
    'The tables of the source. spaced: white space at an end, or two spaces in a row. Shapes: 9 is a digit, a is a letter.',
    ...profiles.map(renderProfile),
  ].join('\n\n')
}

function renderProfile({ table, rows, sampled, columns: all }: Profile): string {
  const isWhole = sampled >= rows
  const of = isWhole ? '' : `; ≈ and shapes are of a sample of ${renderCount(sampled)} (Haas & Stokes, Duj1)`
  return `${table}: ${renderRows(rows, 'row')}${of}\n${renderTable({
    columns,
    rows: all.map((column) => [
      cut(column.name, nameWidth),
      renderFew(column.nulls),
      renderFew(column.blank),
      renderFew(column.outer === null ? null : column.outer + column.double!),
      column.distinct === null ? '' : `${isWhole ? '' : '≈'}${renderCount(column.distinct)}`,
      renderLength(column),
      renderLooks(column, sampled),
    ]),
    gap: '  ',
  })}`
}

/** Zeros are what one hopes for: they stay out of sight. */
function renderFew(count: bigint | null): string {
  return count === null || count === 0n ? '' : renderCount(count)
}

function renderLength({ shortest, longest }: ColumnProfile): string {
  if (shortest === null || longest === null) return ''
  return shortest === longest ? String(longest) : `${shortest}–${longest}`
}

/** The most frequent shape of a text, the range of anything else; of a secret nothing. */
function renderLooks({ shows, shapes, min, max }: ColumnProfile, sampled: bigint): string {
  if (shows === 'counts') return 'secret'
  const [first] = shapes
  if (first !== undefined && shows === 'masks') {
    const share = sampled === 0n ? 0 : Math.round((Number(first.rows) / Number(sampled)) * 100)
    return `${cut(first.shape, looksWidth - 6)} ${share > 100 ? 100 : share} %`
  }
  if (min === null || max === null) return ''
  return min === max ? cut(min, looksWidth) : `${cut(min, looksWidth / 2)} … ${cut(max, looksWidth / 2)}`
}

function cut(text: string, width: number): string {
  const characters = [...showInvisible(text)]
  return characters.length <= width ? characters.join('') : `${characters.slice(0, width - 1).join('')}…`
}
