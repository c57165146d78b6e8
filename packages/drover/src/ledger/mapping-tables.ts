import { sql } from 'kysely'
import type { Queryable } from '../db/connection.ts'
import { ledgerTables } from '../plan/plan.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, type QualifiedName, tableNode } from '../sql/nodes.ts'

/** A table that a mapping has to itself: its crosswalk, what was resolved ahead of the load, … */
export type TableKind = keyof typeof ledgerTables

/** All of them. */
export const tableKinds = Object.keys(ledgerTables) as readonly TableKind[]

/** A table of the ledger that was dropped. */
export interface DroppedTable {
  /** As `schema.name`. */
  readonly table: string
  /** What it took on the disk, with its indexes and large values. */
  readonly bytes: bigint
}

/** Drops tables of mappings, of these kinds, as far as they are there. */
export async function dropTablesOf(
  tx: Queryable,
  mappings: readonly string[],
  kinds: readonly TableKind[],
): Promise<readonly DroppedTable[]> {
  const dropped: DroppedTable[] = []
  for (const mapping of mappings) {
    for (const kind of kinds) {
      const table = ledgerTables[kind](mapping)
      const bytes = await tableBytes(tx, table)
      if (bytes === null) continue
      await tx.query(compile(sql`drop table ${expressionOf(tableNode(table))}`.toOperationNode()))
      dropped.push({ table: `${table.schema}.${table.name}`, bytes })
    }
  }
  return dropped
}

/** What a table takes on the disk, with its indexes and large values; null where it is not there. */
export async function tableBytes(tx: Queryable, { schema, name }: QualifiedName): Promise<bigint | null> {
  const [row] = await tx.query(
    `select pg_total_relation_size(to_regclass(format('%I.%I', $1::text, $2::text))) as bytes`,
    [schema, name],
  )
  return row?.bytes === null ? null : BigInt(row!.bytes as string)
}
