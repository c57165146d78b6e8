import { qualifiedName } from '../catalog/catalog.ts'
import type { Queryable } from '../db/connection.ts'
import type { Distributions } from './selection.ts'
import type { LandingTable } from './table.ts'

// Every statement of a landing that meets such a table is one that Citus carries out on shards, in one transaction with the
// ledger: docs/citus.md lists them.

/** What keeps tables from being spread over the nodes as it was asked, a sentence each. */
export async function findUnspreadable(
  tx: Queryable,
  tables: readonly LandingTable[],
  distributions: Distributions,
): Promise<readonly string[]> {
  const asked = tables.filter(({ target }) => distributions.has(qualifiedName(target)))
  if (asked.length === 0) return []
  const [row] = await tx.query(
    `select exists (select from pg_proc where proname = 'create_distributed_table') as is_cluster`,
  )
  if (!row!.is_cluster) return ['the target is one server: without Citus no table can be distributed']
  return asked.flatMap((table) => unspreadable(table, distributions.get(qualifiedName(table.target))!))
}

function unspreadable({ target, definition }: LandingTable, by: string): readonly string[] {
  const name = qualifiedName(target)
  const column = definition.columns.find((each) => each.name === by)
  if (column === undefined) return [`${name} has no column ${by} to be distributed by`]
  const isNullable = !column.notNull && !definition.keys.some(({ primary, columns }) => primary && columns.includes(by))
  return [
    ...(isNullable ? [`${name} may hold nulls in ${by}, and a row without one has no node`] : []),
    ...definition.keys
      .filter(({ columns }) => !columns.includes(by))
      .map((key) => `the key ${key.name} of ${name} does not hold ${by}: no node could keep it`),
  ]
}

/** Spreads a table over the nodes while it is empty, in the transaction that makes it. */
export async function distribute(tx: Queryable, { target, definition }: LandingTable): Promise<void> {
  if (definition.distributedBy === undefined) return
  // A type that was made in the same transaction is not known yet to further connections of the nodes.
  await tx.query(`select set_config('citus.multi_shard_modify_mode', 'sequential', true)`)
  await tx.query(
    `select pg_catalog.create_distributed_table(format('%I.%I', $1::text, $2::text)::regclass, $3::text)`,
    [target.schema, target.name, definition.distributedBy],
  )
}
