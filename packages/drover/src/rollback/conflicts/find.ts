import { sql } from 'kysely'
import type { Queryable } from '../../db/connection.ts'
import { ledgerTables } from '../../plan/plan.ts'
import { keyText, relation } from '../range.ts'
import type { StepBack, Way } from '../way.ts'
import { findAdded } from './added.ts'
import { linksOf } from './links.ts'
import { type ConflictQuery, conflictQuery, countWritten } from './query.ts'
import { settleRecomputed } from './recomputed.ts'
import { isTakenBack } from './taken-back.ts'
import { enterWritten, removesRows } from './written.ts'

/**
 * Finds the rows that stand in the way of a rollback and enters them in the ledger, in place of those that were found before:
 * rows of the run that others have changed or deleted, and rows that refer to those that go. What was decided on rows in
 * chunks that are taken back stays.
 */
export async function findConflicts(tx: Queryable, way: Way): Promise<void> {
  for (const query of forgetConflicts(way)) await countWritten(tx, way.runId, query)
  for (const target of new Set(way.steps.map((step) => step.target))) {
    await countWritten(tx, way.runId, enterWritten(way, target))
  }
  for (const step of way.steps) await settleRecomputed(tx, way, step)
  await findAdded(tx, way, linksOf(way))
}

/** Forgets what was found before. A version is trusted as long as all rows that bear it have been compared just now. */
export function forgetConflicts(way: Way): readonly ConflictQuery[] {
  const forget = (name: string, from: string, condition = sql``) =>
    conflictQuery(
      way,
      name,
      sql`with forgotten as (
  delete from drover.${sql.raw(from)} as c
  where c.run_id = $1::bigint${condition}
  returning 1
)
select count(*) as n
from forgotten`,
    )
  return [
    forget('versions', 'trusted_version'),
    forget('rows', 'conflict', sql` and (c.kind = 'added' or c.decision is null)`),
    ...way.steps.map((step) => {
      const { name } = step.mapping
      return forget(name, 'conflict', sql` and c.mapping = ${sql.lit(name)}${isNotTakenBack(step)}`)
    }),
  ]
}

function isNotTakenBack(step: StepBack) {
  const { mapping, imageBlocks } = step
  const isNotIn = (table: ReturnType<(typeof ledgerTables)['images']>, kind: 'remove' | 'restore') => sql`
    and not exists (
      select from ${relation(table)} as entry
      where ${keyText(mapping, 'entry')} = c.row_key and ${isTakenBack(mapping, kind, 'entry')}
    )`
  return sql.join(
    [
      ...(removesRows(step) ? [isNotIn(ledgerTables.crosswalk(mapping.name), 'remove')] : []),
      ...(imageBlocks === null ? [] : [isNotIn(ledgerTables.images(mapping.name), 'restore')]),
    ],
    sql``,
  )
}
