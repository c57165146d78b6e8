import { type RawBuilder, sql } from 'kysely'
import { type Catalog, qualifiedName } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import type { Transaction } from '../db/connection.ts'
import { pipeCopy } from '../db/pipe.ts'
import { asDroverError } from '../db/server-error.ts'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf, identifier, tableNode } from '../sql/nodes.ts'

/** The two ends of a copy. */
export interface Ends {
  readonly from: Transaction
  readonly to: Transaction
}

/**
 * Copies rows of a table into the table of the same name in another database, as texts, all columns but generated ones:
 * values of identity columns and secrets as they are. `rows`: the `from` of a query, with the table under the alias `t`.
 * As much is on the way as both streams hold.
 *
 * @throws DroverError `statement-failed` naming the table, `connection-lost`.
 */
export async function copyRows(ends: Ends, table: Table, rows: RawBuilder<unknown>): Promise<void> {
  const columns = table.columns.filter(({ generated }) => generated === null).map(({ name }) => name)
  const list = sql.join(columns.map((name) => expressionOf(identifier(name))))
  const values = sql.join(columns.map((name) => expressionOf(columnNode('t', name))))
  await copyQuery(
    ends,
    sql`select ${columns.length === 0 ? sql`` : values}\n${rows}`,
    sql`${expressionOf(tableNode(table))} (${list})`,
    qualifiedName(table),
  )
}

/** The same for any query. `into`: a table with its columns · `what`: what it is called in errors. */
export async function copyQuery(
  { from, to }: Ends,
  query: RawBuilder<unknown>,
  into: RawBuilder<unknown>,
  what: string,
): Promise<void> {
  try {
    await pipeCopy(
      { tx: from, copy: textOf(sql`copy (\n${query}\n) to stdout`) },
      { tx: to, copy: textOf(sql`copy ${into} from stdin`) },
    )
  } catch (thrown) {
    throw asDroverError(thrown, 'statement-failed', 'Rows could not be copied into the scratch database.', what)
  }
}

/** Sets the sequences of a database to where those of another one stand; one that is missing there is passed over. */
export async function copySequences({ from, to }: Ends, { sequences }: Catalog): Promise<void> {
  for (const sequence of sequences) {
    const name = expressionOf(tableNode(sequence))
    const [position] = await from.query(textOf(sql`select last_value, is_called from ${name}`))
    await to.query(`select setval(to_regclass(format('%I.%I', $1::text, $2::text)), $3::int8, $4::bool)`, [
      sequence.schema,
      sequence.name,
      position!.last_value,
      position!.is_called,
    ])
  }
}

function textOf(statement: RawBuilder<unknown>): string {
  return compile(statement.toOperationNode())
}
