import { type RawBuilder, sql } from 'kysely'
import { compile } from '../sql/compile.ts'
import { columnOf, expressionOf, type QualifiedName, tableNode, unmerged } from '../sql/nodes.ts'
import type { ShapeKey } from './shape.ts'
import type { LandingColumn, LandingDefinition, LandingTable } from './table.ts'

/** Where a chunk's rows are: in a range of blocks of one table by itself, or all that a relation shows. */
export interface ChunkRange {
  readonly part: QualifiedName | null
  /** The first block, and the first that is beyond; null: without end. */
  readonly lower: string | null
  readonly upper: string | null
}

/** Text, as the server sends it, or its own form of each type. */
const withFormat = (format: 'binary' | 'text') => sql.raw(`with (format ${format})`)

/** Sends the rows of a chunk. */
export function copyOutStatement({ source, definition }: LandingTable, { part, lower, upper }: ChunkRange): string {
  const columns = definition.columns.map(({ name }) => sql`${columnOf('t', name)}`)
  const from = part === null ? sql`${relation(source)} as t` : sql`only ${relation(part)} as t`
  const bounds = [
    ...(lower === null ? [] : [sql`t.ctid >= ${firstOfBlock(lower)}`]),
    ...(upper === null ? [] : [sql`t.ctid < ${firstOfBlock(upper)}`]),
  ]
  const where = bounds.length === 0 ? sql`` : sql`\nwhere ${sql.join(bounds, sql` and `)}`
  return compileOf(
    sql`copy (\nselect ${sql.join(columns)}\nfrom ${from}${where}\n) to stdout ${withFormat(definition.format)}`,
  )
}

/** Writes them. */
export function copyInStatement({ target, definition }: LandingTable): string {
  const columns = definition.columns.map(({ name }) => sql.id(name))
  // A list without a name is no list.
  const list = columns.length === 0 ? sql`` : sql` (${sql.join(columns)})`
  return compileOf(sql`copy ${relation(target)}${list} from stdin ${withFormat(definition.format)}`)
}

/** Logged: what the ledger says has landed must be there after a crash of the server, too. */
export function createTable({ target, definition }: LandingTable): string {
  return compileOf(
    sql`create table ${relation(target)} (\n  ${sql.join(definition.columns.map(columnDefinition), sql`,\n  `)}\n)`,
  )
}

function columnDefinition({ name, type, collation, notNull }: LandingColumn): RawBuilder<unknown> {
  const collate = collation === null ? sql`` : sql` collate ${relation(collation)}`
  return sql`${sql.id(name)} ${sql.raw(type)}${collate}${notNull ? sql` not null` : sql``}`
}

/** A unique key, once the rows are there. */
export function addKey({ target }: LandingTable, { name, columns, primary, nullsNotDistinct }: ShapeKey): string {
  const kind = primary ? sql`primary key` : nullsNotDistinct ? sql`unique nulls not distinct` : sql`unique`
  const list = sql.join(columns.map((column) => sql.id(column)))
  return compileOf(sql`alter table ${relation(target)} add constraint ${sql.id(name)} ${kind} (${list})`)
}

/** `rows`: how many there are. */
export function countQuery(name: QualifiedName): string {
  return compileOf(sql`select count(*)::text as rows\nfrom ${relation(name)}`)
}

/**
 * `rows`, and two sums over hashes of the rows, the same for the same rows in any order. A row is hashed as the server
 * sends it, where all types go in binary, which takes half as long as to print it.
 */
export function digestQuery(
  name: QualifiedName,
  { columns, format, distributedBy }: LandingDefinition,
  side: 'source' | 'target',
): string {
  const values = columns.map(({ name: column, comparedAs }) => {
    const value = columnOf('t', column)
    return format === 'binary' && comparedAs !== null ? sql`${value}::${sql.raw(comparedAs)}` : sql`${value}`
  })
  const row = sql`row(${sql.join(values)})`
  // Nothing hashes bytes by themselves; the hash of a record of one column is that of the column. That of the row itself
  // would not do: it adds up what its columns give, and holds what is equal for the same.
  const sent = format === 'binary' ? sql`record_send(${row})` : sql`convert_to(${row}::text, 'UTF8')`
  // Without `unmerged` a row would be sent twice. Of shards that is the lesser evil: the nodes would have to hand the
  // rows on.
  const once = distributedBy !== undefined && side === 'target' ? sql`` : unmerged
  return compileOf(sql`select count(*)::text as rows, ${sumOf(0)}::text as first, ${sumOf(1)}::text as second
from (select row(${sent}) as sent from ${relation(name)} as t ${once}) as hashed`)
}

function sumOf(seed: 0 | 1): RawBuilder<unknown> {
  return sql`coalesce(sum(hash_record_extended(sent, ${sql.lit(seed)})), 0)`
}

/** Drops a table that has landed. */
export function dropTable(name: QualifiedName): string {
  return compileOf(sql`drop table ${relation(name)}`)
}

/** Lets the server count the values of a table that has landed. */
export function analyzeTable(name: QualifiedName): string {
  return compileOf(sql`analyze ${relation(name)}`)
}

function firstOfBlock(block: string): RawBuilder<unknown> {
  return sql`${sql.lit(`(${block},0)`)}::tid`
}

function relation(name: QualifiedName) {
  return expressionOf(tableNode(name))
}

function compileOf(statement: RawBuilder<unknown>): string {
  return compile(statement.toOperationNode())
}
