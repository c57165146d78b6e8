import { sql } from 'kysely'
import type { Queryable } from '../db/connection.ts'
import type { Run } from '../ledger/run.ts'
import type { Fix } from './fix.ts'
import { fixOfRow } from './fix-of-row.ts'
import { isSelected, repairStatement } from './selected.ts'

/** Rows whose values are compared in one statement. */
const comparedRows = 500

/**
 * What fixes change, without the values that a retry would read anyway: those of the source row, or of the fix that it
 * has. A fix that changes nothing is left out; a column that is unknown stays, and whoever stores the fix tells of it.
 */
export async function readChanges(tx: Queryable, run: Run, fixes: readonly Fix[]): Promise<readonly Fix[]> {
  const changes: Fix[] = []
  for (let i = 0; i < fixes.length; i += comparedRows) {
    const some = fixes.slice(i, i + comparedRows)
    const known = await readValues(tx, run, some)
    for (const { mapping, key, values } of some) {
      const before = known.get(JSON.stringify([mapping, key])) ?? {}
      const changed = Object.entries(values).filter(([column, value]) => before[column] !== value)
      if (changed.length > 0) changes.push({ mapping, key, values: Object.fromEntries(changed) })
    }
  }
  return changes
}

/** The values of rows, as a retry would read them. They stay in this process. */
async function readValues(
  tx: Queryable,
  run: Run,
  fixes: readonly Fix[],
): Promise<ReadonlyMap<string, Readonly<Record<string, string | null>>>> {
  const query = sql`select quarantine.mapping, quarantine.source_key,
  (select jsonb_object_agg(cell.key, cell.value) from jsonb_each_text(quarantine.original || coalesce(fix.patch, '{}')) as cell) as original
from drover.quarantine
${fixOfRow(run)}
where ${isSelected(run.id, { keys: fixes.map(({ key }) => key) })}`
  const rows = await tx.query(repairStatement(run.id, 'quarantine fix', query))
  return new Map(
    rows.map((row) => [
      JSON.stringify([row.mapping, row.source_key]),
      (row.original ?? {}) as Record<string, string | null>,
    ]),
  )
}
