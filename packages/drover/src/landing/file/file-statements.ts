import { type RawBuilder, sql } from 'kysely'
import { compile } from '../../sql/compile.ts'
import { columnOf, expressionOf, type QualifiedName, tableNode } from '../../sql/nodes.ts'

/** Takes CSV with a header: an empty value is null, `""` the empty text. */
export function copyCsv(table: QualifiedName, names: readonly string[]): string {
  return compileOf(
    sql`copy ${relation(table)} (${columns(names)}) from stdin with (format csv, header true, encoding 'UTF8')`,
  )
}

/** Where the lines of a JSONL file are kept while they are taken apart; the ledger's schema is drover's own. */
const lines = { schema: 'drover', name: 'landing_line' }

/** It goes with the transaction that makes it. */
export function createLines(): string {
  return compileOf(sql`create table ${relation(lines)} (number bigint generated always as identity, line text)`)
}

/** Takes each line as it stands: the characters that would mean something to the server cannot stand in a JSON text. */
export function copyLines(): string {
  return compileOf(
    sql`copy ${relation(lines)} (line) from stdin with (format csv, delimiter e'\\x01', quote e'\\x02', null '', encoding 'UTF8')`,
  )
}

/** Makes rows of the lines. A number keeps its digits, and what lies deeper its text: `json` is kept as it is written. */
export function insertLines(table: QualifiedName, names: readonly string[]): string {
  const types = sql.join(names.map((name) => sql`${sql.id(name)} text`))
  const values = sql.join(names.map((name) => sql`${columnOf('r', name)}`))
  return compileOf(sql`insert into ${relation(table)} (${columns(names)})
select ${values}
from ${relation(lines)} as l
cross join lateral json_to_record(l.line::json) as r (${types})
where l.line !~ '^[ \\t\\r]*$'
order by l.number`)
}

/** Drops the table of raw lines. */
export function dropLines(): string {
  return compileOf(sql`drop table ${relation(lines)}`)
}

/** Counts the rows of a table: `rows`, as text. */
export function countRows(table: QualifiedName): string {
  return compileOf(sql`select count(*)::text as rows from ${relation(table)}`)
}

function columns(names: readonly string[]): RawBuilder<unknown> {
  return sql.join(names.map((name) => sql.id(name)))
}

function relation(name: QualifiedName) {
  return expressionOf(tableNode(name))
}

function compileOf(statement: RawBuilder<unknown>): string {
  return compile(statement.toOperationNode())
}
