import { qualifiedName } from '../catalog/catalog.ts'
import type { Queryable } from '../db/connection.ts'
import { retrying } from '../db/retry.ts'
import { asDroverError } from '../db/server-error.ts'
import { completeLanding } from '../ledger/landing.ts'
import { requireNewest } from './chunk.ts'
import type { Ends } from './ends.ts'
import type { Proof } from './proof.ts'
import type { ShapeKey } from './shape.ts'
import { addKey, analyzeTable } from './statements.ts'
import type { LandingTable } from './table.ts'
import type { TableWork } from './work.ts'

/** Gives a table its keys, lets the server look at it, and marks it as landed, all in one transaction. */
export async function finishTable(
  { target, generation, limits }: Ends,
  { landing, table }: TableWork,
  there: Proof,
  here: Proof,
): Promise<void> {
  const finish = () =>
    target.transaction(
      async (tx) => {
        await requireNewest(tx, generation)
        for (const key of await keysFor(tx, table)) await tx.query(addKey(table, key))
        await tx.query(analyzeTable(table.target))
        await completeLanding(tx, landing, {
          generation,
          sourceRows: there.rows,
          rows: here.rows,
          proof: here.digest,
        })
      },
      { name: `land ${landing} finish`, statementTimeoutMs: 0, settings: finishSettings },
    )
  await retrying(finish, limits).catch((thrown: unknown) => {
    throw asDroverError(
      thrown,
      'statement-failed',
      'A table that has landed could not be given its keys.',
      `table ${qualifiedName(table.target)}`,
    )
  })
}

/**
 * A sample of 9,000 rows, a third of the usual: how many rows and values there are is what a plan that reads all of them
 * goes by. Autovacuum will look closer where it runs.
 */
const finishSettings = { default_statistics_target: '30' }

/** Before PostgreSQL 15 every null is distinct: what is unique there is so here. */
async function keysFor(tx: Queryable, { definition: { keys } }: LandingTable): Promise<readonly ShapeKey[]> {
  if (keys.every(({ nullsNotDistinct }) => !nullsNotDistinct)) return keys
  const [row] = await tx.query(`select current_setting('server_version_num')::int >= 150000 as knows`)
  return row!.knows ? keys : keys.map((key) => ({ ...key, nullsNotDistinct: false }))
}
