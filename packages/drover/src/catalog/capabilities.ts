import type { Table } from './table.ts'

/** What statements may use of a table's rows. Whoever writes a statement asks this, and not which engine it is. */
export interface Capabilities {
  /**
   * Whether the xmin of a row is a transaction of this server, so that the recorded transactions of a run tell who wrote it.
   * A shard's rows bear transactions of the node that holds them.
   */
  readonly comparesVersions: boolean
  /** Whether rows can be locked by `select … for update`. Over more than one shard Citus refuses it. */
  readonly locksRows: boolean
  /** Whether `ctid` and `tableoid` tell a row from all others, and the table has blocks that can be counted. */
  readonly hasPlaces: boolean
  /** Whether `using index` can make a constraint of an index. Citus refuses that form of `alter table`. */
  readonly attachesIndexes: boolean
  /**
   * Whether `session_replication_role` holds where the rows are written. Citus hands settings on only where it is told
   * to.
   */
  readonly followsSession: boolean
}

const onOneServer: Capabilities = {
  comparesVersions: true,
  locksRows: true,
  hasPlaces: true,
  attachesIndexes: true,
  followsSession: true,
}

const onNodes: Capabilities = {
  comparesVersions: false,
  locksRows: false,
  hasPlaces: false,
  attachesIndexes: false,
  followsSession: false,
}

/**
 * What a table can do. One that Citus keeps as shards can do none of it, a reference table neither: its rows are written on
 * every node. From documented behaviour of Citus 12; not tried on a cluster but for the transactions of shards.
 */
export function capabilitiesOf({ distribution }: Pick<Table, 'distribution'>): Capabilities {
  return distribution === undefined ? onOneServer : onNodes
}
