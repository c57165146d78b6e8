import { sql } from 'kysely'
import type { Queryable } from '../db/connection.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, tableNode } from '../sql/nodes.ts'
import type { SourceTable } from './selection.ts'

/**
 * Keeps tables of the source from being rewritten, truncated, altered or dropped while a snapshot of them lives; reading and
 * writing go on. It comes ahead of the snapshot, which a statement other than `lock` takes: what a table lost between the
 * two would be missing.
 */
export async function lockTables(tx: Queryable, tables: readonly SourceTable[]): Promise<void> {
  const lockable = tables.filter(({ kind }) => kind === 'table')
  if (lockable.length > 0) {
    const names = sql.join(lockable.map((table) => expressionOf(tableNode(table))))
    await tx.query(compile(sql`lock table ${names} in access share mode`.toOperationNode()))
  }
  // A materialized view can only be locked by being read.
  for (const table of tables.filter(({ kind }) => kind === 'materialized view')) {
    await tx.query(compile(sql`select from ${expressionOf(tableNode(table))} limit 0`.toOperationNode()))
  }
}
