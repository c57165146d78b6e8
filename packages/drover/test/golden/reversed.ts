import { expect } from 'vitest'
import type { Database } from '../../src/db/connection.ts'
import { readRollback } from '../../src/ledger/rollback.ts'
import { findRun } from '../../src/ledger/run.ts'
import { runScript, scriptOf } from '../rollback/run-script.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { type DatabaseState, stateOf } from '../support/state.ts'

/** I6: the reversal script brings back what was there, without drover. */
export async function expectReversedByScript(
  database: TestDatabase,
  db: Database,
  before: DatabaseState,
  { schemas, number }: { readonly schemas: readonly string[]; readonly number: number },
): Promise<void> {
  const mode = number % 2 === 0 ? 'chunks' : 'one transaction'
  await runScript(database.url, await scriptOf(db, { mode, blocksPerChunk: 1 }))
  const { findings = [] } =
    (await db.transaction(async (tx) => readRollback(tx, (await findRun(tx, undefined)).id))) ?? {}
  // What triggers of the application wrote beside drover's rows is told, and stays.
  const told = findings.filter(({ check }) => check === 'triggered rows').map(({ object }) => object)
  expect(findings.filter(({ verdict, object }) => verdict !== 'pass' && !told.includes(object))).toEqual([])
  const { rows, ...objects } = await stateOf(database, db, schemas)
  const others = (all: DatabaseState['rows']) => Object.entries(all).filter(([table]) => !told.includes(table))
  expect({ ...objects, rows: others(rows) }).toEqual({ ...before, rows: others(before.rows) })
}
