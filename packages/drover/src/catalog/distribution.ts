import { type Catalog, qualifiedName } from './catalog.ts'
import type { Table } from './table.ts'

/**
 * How Citus spreads a table. `distributed`: over shards by the hash of a column · `single shard`: whole, on one node, with
 * the other tables of its schema · `reference`: a copy on every node · `local`: on the coordinator, known to the cluster.
 */
export type DistributionKind = 'distributed' | 'single shard' | 'reference' | 'local'

/** What `pg_dist_partition` and `pg_dist_colocation` say of a table. */
export interface Distribution {
  readonly kind: DistributionKind
  /** The distribution column, whose value decides on which shard a row lies; null where the table has none. */
  readonly column: string | null
  /** The number of the colocation group: tables of one group hold rows of one value on one node. 0: in no group. */
  readonly colocation: number
  readonly shards: number
}

/** Whether rows of both tables that have one distribution value lie on one node. */
export function isColocated(one: Distribution, other: Distribution): boolean {
  return one.colocation > 0 && one.colocation === other.colocation
}

/**
 * The distribution as definitions are compared, e.g. `distributed by clinic_id, with app.clinics`: the group is named by the
 * first of `tables` (qualified names) that is in it, for another cluster numbers its groups otherwise. How many shards there
 * are no plan rests on.
 */
export function canonicalDistribution(catalog: Catalog, { distribution }: Table, tables: readonly string[]): string {
  if (distribution === undefined) return 'none'
  const { kind, column } = distribution
  if (kind === 'reference' || kind === 'local') return kind
  const [first] = catalog.tables
    .filter((table) => table.distribution !== undefined && isColocated(table.distribution, distribution))
    .map(qualifiedName)
    .filter((name) => tables.includes(name))
    .sort()
  return `${column === null ? kind : `${kind} by ${column}`}${first === undefined ? '' : `, with ${first}`}`
}
