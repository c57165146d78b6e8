import { connectTo } from '../support/connect.ts'
import type { TestDatabase } from '../support/postgres.ts'

/** Ends the sessions of the workers whenever so many more chunks are done. */
export async function endSessions(
  database: TestDatabase,
  kills: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  const watcher = connectTo(database.url)
  let due = 0
  for (const chunks of kills) {
    due += chunks
    for (let done = -1; done < due && !signal.aborted; ) {
      const [row] = await watcher
        .query(`select count(*)::int as n from drover.chunk where state = 'done'`)
        .catch(() => [])
      done = (row?.n as number | undefined) ?? -1
    }
    if (signal.aborted) break
    await watcher.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'drover run%'`,
    )
  }
  await watcher.disconnect()
}
