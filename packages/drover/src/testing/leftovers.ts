import { openDatabase } from '../db/pg.ts'
import { madeAt } from './name.ts'
import { dropDatabase } from './on-server.ts'

/** No test run lasts longer, in milliseconds. */
const longestRunMs = 24 * 3_600_000

/**
 * Drops databases of processes that were killed before they could: those made more than a day ago that nobody is
 * connected to.
 */
export async function dropLeftovers(server: string): Promise<void> {
  const database = await openDatabase(server, { connections: 1 })
  try {
    const rows = await database.transaction(
      (tx) =>
        tx.query(`select d.datname::text as name
from pg_catalog.pg_database as d
where pg_catalog.starts_with(d.datname::text, 'drover_test_')
  and not exists (select from pg_catalog.pg_stat_activity as a where a.datid = d.oid)`),
      { readOnly: true },
    )
    const names = rows.map(({ name }) => name as string)
    const old = names.filter((name) => (madeAt(name) ?? Number.POSITIVE_INFINITY) < Date.now() - longestRunMs)
    // Another process may be at it, or its role may not.
    for (const name of old) await dropDatabase(server, name).catch(() => {})
  } finally {
    await database.close()
  }
}
