import { sql } from 'kysely'
import { qualifiedName } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import type { Database } from '../db/connection.ts'
import { compile } from '../sql/compile.ts'
import { columnOf, expressionOf, tableNode } from '../sql/nodes.ts'

/** A hash for each value of a table's rows, by the text of the primary key. */
interface TablePrints {
  readonly columns: readonly string[]
  readonly rows: ReadonlyMap<string, readonly (string | null)[]>
}

/** What the rows of some tables held, by the qualified name of the table. */
export interface RowPrints {
  readonly tables: readonly Table[]
  readonly prints: ReadonlyMap<string, TablePrints>
}

/** Rows of a table that are kept at most: those with the lowest keys. */
const keptRows = 20_000

/** Rows that a table's differences name at most. */
const toldRows = 5

/** What the rows of tables with a primary key hold, so that it can be told later which of them differ, and in what. */
export async function takeRowPrints(db: Database, tables: readonly Table[]): Promise<RowPrints> {
  return db.transaction(
    async (tx) => {
      const prints = new Map<string, TablePrints>()
      for (const table of tables) {
        if (table.primaryKey === undefined || (table.kind !== 'table' && table.kind !== 'partitioned')) continue
        const rows = await tx.query(compile(printQuery(table, table.primaryKey).toOperationNode()))
        prints.set(qualifiedName(table), {
          columns: table.columns.map(({ name }) => name),
          rows: new Map(rows.map((row) => [row.key as string, JSON.parse(row.prints as string)])),
        })
      }
      return { tables, prints }
    },
    { readOnly: true },
  )
}

function printQuery(table: Table, primaryKey: readonly string[]) {
  const key = primaryKey.map((column) => sql`${columnOf('t', column)}::text`)
  const hashes = table.columns.map(({ name }) => sql`hashtextextended(to_jsonb(${columnOf('t', name)})::text, 0)::text`)
  return sql`/* drover testing rows */
select array_to_string(array[${sql.join(key)}], ', ') as key, json_build_array(${sql.join(hashes)})::text as prints
from ${expressionOf(tableNode(table))} as t
order by ${sql.join(primaryKey.map((column) => columnOf('t', column)))}
limit ${sql.lit(keptRows)}`
}

/** In what rows differ from what they were, a line each: `public.users 7: email, created_at`, `public.users 8 is gone`. */
export async function rowDifferences(db: Database, before: RowPrints): Promise<readonly string[]> {
  const after = await takeRowPrints(db, before.tables)
  return [...before.prints].flatMap(([table, was]) => {
    const lines = tableDifferences(table, was, after.prints.get(table)!)
    const more = lines.length - toldRows
    return more > 0 ? [...lines.slice(0, toldRows), `${table}: ${more} rows more`] : lines
  })
}

function tableDifferences(table: string, was: TablePrints, is: TablePrints): readonly string[] {
  const keys = new Set([...was.rows.keys(), ...is.rows.keys()])
  return [...keys].flatMap((key) => {
    const [before, after] = [was.rows.get(key), is.rows.get(key)]
    if (before === undefined) return [`${table} ${key} is new`]
    if (after === undefined) return [`${table} ${key} is gone`]
    const columns = was.columns.filter((_, i) => before[i] !== after[i])
    return columns.length === 0 ? [] : [`${table} ${key}: ${columns.join(', ')}`]
  })
}
