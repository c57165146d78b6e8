import { type Expression, type OperationNode, type RawBuilder, sql } from 'kysely'
import { compile } from '../sql/compile.ts'
import { columnNode, columnOf, expressionOf, identifierOf } from '../sql/nodes.ts'
import { remembered } from '../sql/tree.ts'
import { isResolved } from './decided.ts'
import type { Phase } from './late.ts'
import { isNestable, type NamedNode, nestedQuery, type RowQuery } from './nested.ts'
import {
  drivingColumn,
  fromLines,
  hasPhysicalRows,
  isInPartitions,
  type MappingParts,
  rowNames,
  type TransformedRow,
  transformRow,
  unfixedOriginal,
} from './row.ts'
import { partNumber } from './source.ts'

/** A transformed row as text, for all statements that hold it. */
export interface PrintedRow extends Pick<TransformedRow, 'quarantines' | 'logs' | 'refused'> {
  readonly query: RowQuery
}

/** The row of a chunk: that of a repair is the same, and that of a comparison, where nothing is known later. */
export const chunkRow = remembered((parts: MappingParts) => printRow(parts, 'chunk'))

/** The transformed row of a mapping as a query, nested where it can be. */
export function printRow(parts: MappingParts, phase: Phase): PrintedRow {
  const row = transformRow(parts, phase)
  const columns = rowColumns(parts, row)
  return {
    quarantines: row.quarantines,
    logs: row.logs,
    refused: row.refused,
    query: isNestable(parts) ? nestedQuery(parts, row, columns) : lateralQuery(parts, row, columns),
  }
}

/** Without what is needed to keep the rows that are set aside. */
export function isOutcome(name: string): boolean {
  return !keeping.has(name)
}

function lateralQuery(parts: MappingParts, row: TransformedRow, columns: readonly NamedNode[]): RowQuery {
  const list = columns.map((column) => ({ name: column.name, text: compile(namedColumn(column)) }))
  const from = compile(fromLines(parts, row))
  return (condition, isWanted = () => true) => {
    const wanted = list.filter(({ name }) => isWanted(name)).map(({ text }) => text)
    return sql`select
    ${sql.raw(wanted.join(betweenColumns))}
  ${sql.raw(from)}
  where ${condition}`
  }
}

/** Columns that keep the rows that are set aside. */
const keeping: ReadonlySet<string> = new Set([rowNames.partition, rowNames.place, rowNames.original])

const betweenColumns = ',\n    '

/** The columns of `s`. */
export function transformedColumns(parts: MappingParts, row: TransformedRow): RawBuilder<unknown> {
  return sql.join(
    rowColumns(parts, row).map((column) => expressionOf(namedColumn(column))),
    sql.raw(betweenColumns),
  )
}

function namedColumn({ name, node }: NamedNode): OperationNode {
  return sql`${expressionOf(node)} as ${id(name)}`.toOperationNode()
}

function rowColumns(parts: MappingParts, row: TransformedRow): readonly NamedNode[] {
  const isEvolved = parts.mapping.kind === 'evolve'
  const resolved = isResolved(parts.mapping)
  const simple = isEvolved ? sql`'matched'` : sql`'loaded'`
  const fallback = resolved ? sql`coalesce(${columnOf('resolution', 'disposition')}, ${simple})` : simple
  const disposition = sql`case${row.excluded === undefined ? sql`` : sql` when ${expressionOf(row.excluded)} then 'excluded'`}${
    row.refused === undefined ? sql`` : sql` when ${expressionOf(row.refused)} then 'quarantined'`
  } else ${fallback} end`
  const columns: NamedNode[] = []
  const add = (name: string, value: { toOperationNode(): OperationNode }) =>
    void columns.push({ name, node: value.toOperationNode() })
  // A column is found by way of all before it: first stand those by which rows are told apart that go different ways.
  add(rowNames.disposition, row.excluded === undefined && row.refused === undefined ? fallback : disposition)
  if (row.logs.length > 0) {
    const numbers = row.logs.map((guard, i) => sql`case when ${expressionOf(guard.when)} then ${sql.lit(i + 1)} end`)
    add(rowNames.logged, sql`case when ${anyLogged(row)} then array[${sql.join(numbers)}] end`)
  }
  columns.push({ name: rowNames.key, node: row.key }, ...row.columns)
  if (resolved) {
    add('_survivor', columnOf('resolution', 'survivor_key'))
    for (const { name } of parts.targetKey) add(existingKey(name), expressionOf(columnNode('resolution', name)))
  }
  if (isEvolved)
    for (const { name } of parts.targetKey) add(existingKey(name), expressionOf(drivingColumn(parts, name)))
  if (row.refused !== undefined) {
    const refused = expressionOf(row.refused)
    const numbers = row.quarantines.map(
      (guard, i) => sql`case when ${expressionOf(guard.when)} then ${sql.lit(i + 1)} end`,
    )
    add(rowNames.reasons, sql`case when ${refused} then array_remove(array[${sql.join(numbers)}], null) end`)
    if (isInPartitions(parts.source)) add(rowNames.partition, expressionOf(drivingColumn(parts, partNumber)))
    if (hasPhysicalRows(parts.source)) add(rowNames.place, expressionOf(drivingColumn(parts, 'ctid')))
    else add(rowNames.original, sql`case when ${refused} then ${unfixedOriginal(parts)} end`)
  }
  if (row.logs.length > 0) {
    const originals = row.logs.map((guard) =>
      guard.original ? sql`(${expressionOf(guard.original)})::text` : sql`null`,
    )
    add(rowNames.originals, sql`case when ${anyLogged(row)} then array[${sql.join(originals)}]::text[] end`)
  }
  return columns
}

function anyLogged({ logs }: TransformedRow): RawBuilder<unknown> {
  return sql.join(
    logs.map((guard) => expressionOf(guard.when)),
    sql` or `,
  )
}

/** The name of a column of the transformed row: the key of the target row that exists already. */
export function existingKey(column: string): string {
  return `${rowNames.existing}${column}`
}

function id(name: string): Expression<unknown> {
  return identifierOf(name)
}
