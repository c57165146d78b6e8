import { type RawBuilder, sql } from 'kysely'
import type { Table } from '../../catalog/table.ts'
import type { Queryable } from '../../db/connection.ts'
import { compile } from '../../sql/compile.ts'
import type { Way } from '../way.ts'

/** A statement about conflicts. `$1` is the run in all of them. */
export interface ConflictQuery {
  /** What it is about, for the first line: a table, or a mapping. */
  readonly name: string
  readonly sql: string
}

/** A statement with its first line, which tells an operator what it is for. */
export function conflictQuery({ runId }: Pick<Way, 'runId'>, name: string, query: RawBuilder<unknown>): ConflictQuery {
  return { name, sql: `/* drover run ${runId} ${name} rollback conflicts */\n${compile(query.toOperationNode())}` }
}

/** Runs a statement that selects `n`, how many rows it has written. */
export async function countWritten(tx: Queryable, runId: string, { sql: text }: ConflictQuery): Promise<bigint> {
  const [row] = await tx.query(text, [runId])
  return BigInt(row!.n as string)
}

/** Whether `c` is a conflict of the run in `table`. */
export function isIn({ schema, name }: Pick<Table, 'schema' | 'name'>): RawBuilder<unknown> {
  return sql`c.run_id = $1::bigint and c.table_schema = ${sql.lit(schema)} and c.table_name = ${sql.lit(name)}`
}

/** The schema and name of a table as two values. */
export function namesOf({ schema, name }: Pick<Table, 'schema' | 'name'>): RawBuilder<unknown> {
  return sql`${sql.lit(schema)}, ${sql.lit(name)}`
}
