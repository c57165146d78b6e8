import { sql } from 'kysely'
import { capabilitiesOf } from '../catalog/capabilities.ts'
import { qualifiedName } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import { compile } from '../sql/compile.ts'
import { relation } from './range.ts'

/**
 * Locks the tables among these whose rows cannot be locked one by one, against all who write there, until the
 * transaction ends. In one order, so that two who do so wait for each other. Null where there are none.
 */
export function holdTables(tables: readonly Table[]): string | null {
  const held = new Map(
    tables.filter((table) => !capabilitiesOf(table).locksRows).map((table) => [qualifiedName(table), table]),
  )
  if (held.size === 0) return null
  const inOrder = [...held.keys()].sort().map((name) => relation(held.get(name)!))
  return compile(sql`lock table ${sql.join(inOrder)} in share row exclusive mode`.toOperationNode())
}
