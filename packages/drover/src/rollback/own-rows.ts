import { type Expression, type RawBuilder, sql } from 'kysely'
import type { Table } from '../catalog/table.ts'
import { isKnownOfRun, versionOf } from '../plan/run-transactions.ts'

/**
 * Whether the row of `table` whose xmin is `xmin` is as the run, or its rollback, has written it. `$1` is the run. Rows
 * that a rewrite of the table has given another xmin count where they were compared before.
 */
export function isOwn(
  { schema, name }: Pick<Table, 'schema' | 'name'>,
  xmin: Expression<unknown>,
): RawBuilder<boolean> {
  return sql<boolean>`(
    ${isKnownOfRun(xmin)}
    or ${versionOf(xmin)} in (
      select trusted.version from drover.trusted_version as trusted
      where trusted.run_id = $1::bigint and trusted.table_schema = ${sql.lit(schema)} and trusted.table_name = ${sql.lit(name)}
    )
  )`
}

/** Whether an image, whose kept xmin is `version`, is of a row that the run itself had written. `$1` is the run. */
export function isImageOfOwn(version: Expression<unknown>): RawBuilder<boolean> {
  return sql<boolean>`${version} in (
    select written.xid::text::bigint & 4294967295 from drover.transaction as written where written.run_id = $1::bigint
  )`
}
