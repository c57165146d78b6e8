import type { Table } from '../catalog/table.ts'
import { dice, likeness, wordsOf } from './likeness.ts'
import { type Match, matchOneToOne } from './pairs.ts'

/** Below this, tables have no more in common than any two. */
const least = 0.5

/**
 * Which source table becomes which target table, by their names and by the names of their columns. One source table may be
 * for several targets, and the other way round: who knows that says so in the migration.
 */
export function matchTables(sources: readonly Table[], targets: readonly Table[]): readonly Match<Table, Table>[] {
  return matchOneToOne(sources, targets, confidenceOf, least)
}

function confidenceOf(source: Table, target: Table): number {
  const byName = likeness(source.name, target.name)
  const byColumns = dice(columnWords(source), columnWords(target))
  // Tables of one name are the same whatever their columns; those of two names must have most columns in common.
  return Math.max(byName * (0.85 + 0.15 * byColumns), 0.3 * byName + 0.6 * byColumns)
}

/** A word for each column but the key, which every table has. */
function columnWords({ name, columns, primaryKey = [] }: Table): readonly string[] {
  const ofTable = new Set(wordsOf(name))
  return columns
    .filter((column) => !primaryKey.includes(column.name))
    .map((column) =>
      wordsOf(column.name)
        .filter((word) => !ofTable.has(word) && word !== 'id' && word !== 'at')
        .join(' '),
    )
}
