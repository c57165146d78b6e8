import type { Queryable } from '../db/connection.ts'
import { describeServerError, type ServerError } from '../db/server-error.ts'
import { DroverError } from '../error.ts'
import { markNamed } from '../ledger/repair-key.ts'
import type { MappingPlan } from '../plan/plan.ts'

/**
 * Rows that the database refuses stay in quarantine, under its SQLSTATE, as in a load. Returns how many were named.
 *
 * @throws DroverError `repair-refused` where such a row is not in quarantine: its merge cannot be undone.
 */
export async function keepRefused(
  tx: Queryable,
  runId: string,
  { name }: MappingPlan,
  refused: ReadonlyMap<string, ServerError>,
): Promise<bigint> {
  let kept = 0n
  for (const [key, error] of refused) {
    const { sqlstate, constraint, table, column } = error
    const rows = await tx.query(
      `update drover.quarantine as q
set code = $4, reasons = $5, sqlstate = $6, set_aside_at = clock_timestamp()
from drover.repair_key as named
where q.run_id = $1 and q.mapping = $2 and q.source_key = $3
  and named.run_id = q.run_id and named.mapping = q.mapping and named.source_key = q.source_key and named.purpose = 'try'
  and not named.done
returning q.source_key`,
      [
        runId,
        name,
        key,
        `error-${sqlstate}`,
        JSON.stringify([{ code: `error-${sqlstate}`, column: column ?? null, table, constraint }]),
        sqlstate,
      ],
    )
    if (rows.length > 0) {
      await markNamed(tx, runId, name, 'try', { done: true, keys: [key] })
      kept += 1n
      continue
    }
    // Named by another wave, or not yet: it is no matter of this one.
    if (!(await isNamedNow(tx, runId, name, key))) continue
    throw new DroverError('repair-refused', 'The database refuses a row that the repair makes.', {
      where: `mapping ${name}, source key ${key}`,
      why: describeServerError(error),
      remedy: `Nothing was changed. Mend what the constraint refuses, then repeat the command: drover quarantine fix ${key} --mapping ${name} column=value.`,
    })
  }
  return kept
}

async function isNamedNow(tx: Queryable, runId: string, mapping: string, key: string): Promise<boolean> {
  const rows = await tx.query(
    `select from drover.repair_key
where run_id = $1 and mapping = $2 and source_key = $3 and purpose = 'try' and not done`,
    [runId, mapping, key],
  )
  return rows.length > 0
}
