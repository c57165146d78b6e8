import { remembered } from '../sql/tree.ts'
import { type Catalog, qualifiedName } from './catalog.ts'
import type { Table } from './table.ts'

/** The partitions of a table, those of its partitions among them; each table before its own. */
export function partitionsOf(table: Table, catalog: Catalog): readonly Table[] {
  const own = partitionsByTable(catalog.tables).get(qualifiedName(table)) ?? []
  return own.flatMap((partition) => [partition, ...partitionsOf(partition, catalog)])
}

const partitionsByTable = remembered(
  (tables: readonly Table[]): ReadonlyMap<string | null, readonly Table[]> =>
    Map.groupBy(tables, ({ partitionOf }) => partitionOf),
)
