import { type Expression, type RawBuilder, sql } from 'kysely'
import { capabilitiesOf } from '../catalog/capabilities.ts'
import type { Table } from '../catalog/table.ts'
import { columnOf } from '../sql/nodes.ts'

/**
 * The recorded transactions of run `$1` that can be relied on, as `recorded`. Each row there bears its own transaction as
 * its xmin, which VACUUM, CLUSTER and a copy of the files keep. One that does not came from a backup that was restored:
 * there all rows, those of the targets too, have the xmin of the restore.
 */
const reliable = sql`drover.transaction as recorded
      where recorded.run_id = $1::bigint and ${versionOf(sql`recorded.xmin`)} = recorded.xid::text::bigint & 4294967295`

/**
 * Whether the run itself wrote the row version whose xmin is `xmin`. Where no transaction of the run can be relied on, it
 * counts as the run's: a fault of the migration must not pass for a change. An xmin has 32 bits: after 4 billion
 * transactions another's can look like the run's, which errs to the same side. So does what a trigger writes in the
 * run's own transaction; what it writes under a savepoint of its own looks like someone else's.
 *
 * After ALTER TABLE has rewritten the table every row looks like someone else's.
 */
export function isWrittenByRun(xmin: Expression<unknown>): RawBuilder<boolean> {
  return sql<boolean>`(
      ${isKnownOfRun(xmin)}
      or not exists (select from ${reliable})
    )`
}

/** The same, but where no transaction of the run can be relied on, it holds of no row. */
export function isKnownOfRun(xmin: Expression<unknown>): RawBuilder<boolean> {
  return sql<boolean>`${versionOf(xmin)} in (select recorded.xid::text::bigint & 4294967295 from ${reliable})`
}

/** Whether another run of drover in this database is known to have written the row version whose xmin is `xmin`. */
export function isKnownOfAnother(xmin: Expression<unknown>): RawBuilder<boolean> {
  return sql<boolean>`${versionOf(xmin)} in (
      select recorded.xid::text::bigint & 4294967295 from drover.transaction as recorded
      where recorded.run_id <> $1::bigint and ${versionOf(sql`recorded.xmin`)} = recorded.xid::text::bigint & 4294967295
    )`
}

/**
 * Whether the row version whose xmin is `xmin` is certainly from before the run's first transaction. An xmin is read as
 * the latest transaction that it can stand for; a frozen row keeps the xmin of a far earlier one, and may look young, but
 * none looks older than it is. False where no transaction of the run can be relied on.
 */
export function isFromBefore(xmin: Expression<unknown>): RawBuilder<boolean> {
  const now = sql`pg_snapshot_xmax(pg_current_snapshot())::text::bigint`
  return sql<boolean>`coalesce((
      (${now} - ${versionOf(xmin)}) & 4294967295) > ${now} - (select min(recorded.xid::text::bigint) from ${reliable}), false)`
}

/** An xmin as a number: the version of a row, as the ledger keeps it. */
export function versionOf(xmin: Expression<unknown>): RawBuilder<unknown> {
  return sql`${xmin}::text::bigint`
}

/** The version of the row `alias` of a table, as a number: its xmin; 0 for all rows of a table whose xmins tell nothing. */
export function rowVersion(table: Pick<Table, 'distribution'>, alias: string): RawBuilder<unknown> {
  return capabilitiesOf(table).comparesVersions ? versionOf(columnOf(alias, 'xmin')) : sql`0::bigint`
}

/**
 * The version of a row that the run has written, where xmins tell nothing: the transaction of the statement itself, which is
 * recorded as the run's. It must be read on this server, not on the node that holds the row.
 */
export const ownVersion = sql`(pg_current_xact_id()::text::bigint & 4294967295)`
