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

/** One that is repeated, together with others, until none writes a row; only where the ledger has such rows of a table. */
export interface RepeatedQuery extends ConflictQuery {
  readonly of: Pick<Table, 'schema' | 'name'>
}

/** The rows of the ledger that repeated statements start from. */
const starts = {
  added: sql`c.kind = 'added'`,
  kept: sql`c.decision = 'keep' and c.kind <> 'deleted'`,
} as const

/** Repeats statements as long as they write, each where the ledger has rows of its table to start from. */
export async function repeat(
  tx: Queryable,
  way: Pick<Way, 'runId'>,
  from: keyof typeof starts,
  queries: readonly RepeatedQuery[],
): Promise<void> {
  const tables = conflictQuery(
    way,
    `tables of ${from} rows`,
    sql`select distinct c.table_schema as schema, c.table_name as name
from drover.conflict as c
where c.run_id = $1::bigint and ${starts[from]}`,
  )
  for (let written = 1n; written > 0n; ) {
    written = 0n
    await analyzeConflicts(tx)
    const found = await tx.query(tables.sql, [way.runId])
    const isFound = ({ of }: RepeatedQuery) =>
      found.some(({ schema, name }) => of.schema === schema && of.name === name)
    for (const query of queries.filter(isFound)) written += await countWritten(tx, way.runId, query)
  }
}

/**
 * Tells the planner how many conflicts there are: it takes a table that has just been filled for an almost empty one,
 * and reads a large table once for each of its rows. Where another rollback does the same, or the role does not own the
 * ledger, it does nothing.
 */
export async function analyzeConflicts(tx: Queryable): Promise<void> {
  await tx.query('analyze (skip_locked) drover.conflict')
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
