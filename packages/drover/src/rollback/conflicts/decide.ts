import { qualifiedName } from '../../catalog/catalog.ts'
import type { Queryable } from '../../db/connection.ts'
import { DroverError } from '../../error.ts'
import { type Decisions, readRollback } from '../../ledger/rollback.ts'
import type { Way } from '../way.ts'
import { confirmAdded } from './added.ts'
import { linksOf } from './links.ts'
import { keepNeeded } from './needed.ts'

/**
 * Decides on the rows that were found, table by table, and then on what follows from that: whatever a row refers to that
 * stays is kept too, and so is an added row that refers to no row that goes.
 *
 * @throws DroverError `usage-invalid` where a decision is about a table that has no conflicts.
 */
export async function decide(tx: Queryable, way: Way, decisions: Decisions): Promise<void> {
  const { runId } = way
  const tables = (await tx.query(
    `select table_schema as schema, table_name as name
from drover.conflict
where run_id = $1
group by 1, 2
order by 1, 2`,
    [runId],
  )) as unknown as readonly { readonly schema: string; readonly name: string }[]
  // What was decided when the rollback began may be done with by now.
  const earlier = (await readRollback(tx, runId))?.onConflict ?? {}
  requireConflicts(decisions, [...tables.map(qualifiedName), ...Object.keys(earlier)])
  const decisionOn = (table: (typeof tables)[number]) => decisions[qualifiedName(table)] ?? decisions['*']
  for (const table of tables) {
    const decision = decisionOn(table)
    if (decision === undefined) continue
    await tx.query(
      `update drover.conflict
set decision = $4
where run_id = $1 and table_schema = $2 and table_name = $3 and decision is null`,
      [runId, table.schema, table.name, decision],
    )
  }
  if (tables.length === 0) return
  const links = linksOf(way)
  await keepNeeded(tx, way, links)
  await confirmAdded(
    tx,
    way,
    links,
    tables.filter((table) => decisionOn(table) === undefined),
  )
}

function requireConflicts(decisions: Decisions, known: readonly string[]): void {
  const unknown = Object.keys(decisions).filter((table) => table !== '*' && !known.includes(table))
  if (unknown.length === 0) return
  const list = [...new Set(known)].filter((table) => table !== '*')
  throw new DroverError('usage-invalid', `There are no conflicts in ${unknown.join(', ')}.`, {
    where: '--on-conflict',
    why:
      list.length === 0
        ? 'nothing stands in the way of this rollback'
        : `the tables in which something stands in the way: ${list.join(', ')}`,
    remedy: 'Name tables as schema.name, or decide for all: --on-conflict keep.',
  })
}
