import pg from 'pg'
import type { Database } from '../../src/db/connection.ts'
import { findRun } from '../../src/ledger/run.ts'
import { renderReversalScript, type ScriptOptions } from '../../src/rollback/script/script.ts'
import { readScriptWay } from '../../src/rollback/script/way.ts'
import { connectTo, type TestDatabase } from '../support/connect.ts'
import { splitStatements } from '../support/statements.ts'

/** The script of the newest run. */
export function scriptOf(db: Database, options: ScriptOptions = {}): Promise<string> {
  return db.transaction(async (tx) =>
    renderReversalScript(await readScriptWay(tx, await findRun(tx, undefined)), options),
  )
}

/**
 * Runs a script, statement by statement, as a client without drover does, and returns what it told. `until`: the client
 * goes after so many statements.
 */
export async function runScript(
  url: string,
  script: string,
  until = Number.POSITIVE_INFINITY,
): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url })
  const notices: string[] = []
  client.on('notice', ({ message }) => notices.push(message ?? ''))
  client.on('error', () => {})
  await client.connect()
  try {
    for (const statement of splitStatements(script).slice(0, until)) await client.query(statement)
    return notices
  } finally {
    await client.end()
  }
}

/** The sessions of scripts in pg_stat_activity. */
export const sessions = `datname = current_database() and application_name like 'drover run % reversal-script'`

/**
 * Does something as soon as the script waits to write to the table, then lets it go on. Returns what it told, or its
 * failure.
 */
export async function whileHeld(
  database: TestDatabase,
  table: string,
  script: string,
  act: () => Promise<unknown>,
  url = database.url,
): Promise<unknown> {
  const holder = connectTo(database.url)
  await holder.query(`begin; lock table ${table} in share mode`)
  const running = runScript(url, script).catch((thrown) => thrown)
  const waits = async () =>
    (await database.query(`select from pg_stat_activity where ${sessions} and wait_event_type = 'Lock'`)).length > 0
  while (!(await waits()));
  await act()
  await holder.disconnect()
  return running
}
