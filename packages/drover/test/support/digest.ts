import type { TestDatabase } from './postgres.ts'

/**
 * What some schemas hold, table by table: the count and two sums over the halves of each row's md5, which do not depend
 * on the order of rows. Equal digests mean equal contents.
 */
export async function digest(
  database: TestDatabase,
  schemas: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const tables = await database.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = any ($1) order by 1`,
    [schemas],
  )
  const digests: Record<string, string> = {}
  for (const { name } of tables) {
    const [row] = await database.query<{ digest: string }>(`
      select concat_ws(' ', count(*), sum(('x' || left(hash, 16))::bit(64)::bigint::numeric),
        sum(('x' || right(hash, 16))::bit(64)::bigint::numeric)) as digest
      from (select md5(row(t.*)::text) as hash from ${name} as t) as hashed`)
    digests[name] = row!.digest
  }
  return digests
}

/** The ledger's own account, without times and without where one chunk ended and the next began. */
export async function ledgerAccount(database: TestDatabase): Promise<unknown> {
  const sums = await database.query(`
    select mapping, sum(read) as read, sum(loaded) as loaded, sum(merged) as merged, sum(matched) as matched,
      sum(quarantined) as quarantined, sum(excluded) as excluded
    from drover.chunk group by mapping order by mapping`)
  const logs = await database.query(`
    select 'quarantine' as log, md5(string_agg(concat_ws('|', mapping, source_key, code, original), ',' order by mapping, source_key)) as hash
    from drover.quarantine
    union all
    select 'correction', md5(string_agg(concat_ws('|', mapping, source_key, code, column_name, original), ',' order by mapping, source_key, code, column_name))
    from drover.correction
    union all
    select 'merge', md5(string_agg(concat_ws('|', mapping, source_key, survivor_key), ',' order by mapping, source_key))
    from drover.merge`)
  const totals = await database.query(`
    select mapping, name, stage, disposition, group_key, rows, source_sum, target_sum
    from drover.control_total order by mapping, name, stage, disposition, group_key`)
  return { sums, logs, totals }
}
