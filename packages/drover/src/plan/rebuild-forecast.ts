import type { Column, Table } from '../catalog/table.ts'
import type { RebuildPlan } from './rebuild-plan.ts'

/** What it takes to make the indexes and constraints of one table again. */
export interface RebuildForecast {
  readonly table: string
  readonly rows: number
  /** The size of the indexes. The server sorts in files of up to the same size besides, of one index at a time. */
  readonly indexBytes: number
  /** One after the other on one core; a run makes them with as many workers as it has. */
  readonly seconds: number
}

/**
 * Microseconds a row, from two million rows of eleven columns: primary key 0.7, three indexes 0.85 each, four foreign
 * keys 0.16 each (`npm run bench -- run` prints what they take on a machine).
 */
const indexMicroseconds = 0.85
const foreignKeyMicroseconds = 0.16

/** Of an entry: its header and its place in the page. A page is filled to nine tenths. */
const entryBytes = 12
const fill = 0.9

/** @param rows those that will be in the table */
export function forecastRebuild({ table: name, objects }: RebuildPlan, table: Table, rows: number): RebuildForecast {
  const indexes = objects.filter(({ kind }) => kind !== 'foreign key')
  const bytesOf = (index: string) => {
    const columns = table.indexes.find((each) => each.name === index)
    const all = [...(columns?.columns ?? []), ...(columns?.included ?? [])]
    return all.reduce((sum, column) => sum + widthOf(table.columns.find((each) => each.name === column)), entryBytes)
  }
  return {
    table: name,
    rows,
    indexBytes: indexes.reduce((sum, { name }) => sum + Math.round((rows * bytesOf(name)) / fill), 0),
    seconds:
      (rows * (indexes.length * indexMicroseconds + (objects.length - indexes.length) * foreignKeyMicroseconds)) / 1e6,
  }
}

const fixedWidths: Readonly<Record<string, number>> = {
  bool: 8,
  int2: 8,
  int4: 8,
  int8: 8,
  float4: 8,
  float8: 8,
  date: 8,
  timestamp: 8,
  timestamptz: 8,
  uuid: 16,
}

/** Aligned to eight bytes; of texts, numerics and expressions nobody knows before they are there. */
const otherWidth = 24

function widthOf(column: Column | undefined): number {
  return (column && fixedWidths[column.baseType]) ?? otherWidth
}
