import { type RawBuilder, sql } from 'kysely'
import type { Queryable } from '../../db/connection.ts'
import { ledgerTables } from '../../plan/plan.ts'
import type { QualifiedName } from '../../sql/nodes.ts'
import { keyText, relation } from '../range.ts'
import type { StepBack, Way } from '../way.ts'
import { findAdded } from './added.ts'
import { enterCompared, isCompared } from './compared.ts'
import { linksOf } from './links.ts'
import { analyzeConflicts, type ConflictQuery, conflictQuery, countWritten } from './query.ts'
import { settleRecomputed } from './recomputed.ts'
import { isTakenBack } from './taken-back.ts'
import { enterWritten, removesRows } from './written.ts'

/**
 * Finds the rows that stand in the way of a rollback and enters them in the ledger, in place of those that were found
 * before: rows of the run that others have changed or deleted, and rows that refer to those that go. What was decided
 * on rows in chunks that are taken back stays.
 */
export async function findConflicts(tx: Queryable, way: Way): Promise<void> {
  for (const query of forgetConflicts(way)) await countWritten(tx, way.runId, query)
  const told = way.steps.filter((step) => !isCompared(step))
  for (const target of new Set(told.map((step) => step.target))) {
    await countWritten(tx, way.runId, enterWritten(way, target))
  }
  for (const step of way.steps.filter(isCompared)) await enterCompared(tx, way, step)
  await analyzeConflicts(tx)
  for (const step of told) await settleRecomputed(tx, way, step)
  await findAdded(tx, way, linksOf(way))
}

/** Forgets what was found before. A version is trusted as long as all rows that bear it have been compared just now. */
export function forgetConflicts(way: Way): readonly ConflictQuery[] {
  return [
    forget(way, 'versions', { from: 'trusted_version' }),
    forget(way, 'rows', { from: 'conflict', condition: sql` and (c.kind = 'added' or c.decision is null)` }),
    ...way.steps.map((step) => forgetOpen(way, step)),
  ]
}

/** `except`: however many they are, they are sorted or hashed, and never compared each with each. */
function forgetOpen(way: Way, step: StepBack): ConflictQuery {
  const ofMapping = sql`c.run_id = $1::bigint and c.mapping = ${sql.lit(step.mapping.name)}`
  return forget(way, step.mapping.name, {
    from: 'conflict',
    ctes: sql`open as materialized (
  ${sql.join(
    [sql`select c.row_key from drover.conflict as c where ${ofMapping}`, ...takenRows(step)],
    sql`\n  except\n  `,
  )}
), `,
    condition: sql` and c.mapping = ${sql.lit(step.mapping.name)} and c.row_key in (select row_key from open)`,
  })
}

interface Forgotten {
  readonly from: 'conflict' | 'trusted_version'
  readonly ctes?: RawBuilder<unknown>
  readonly condition?: RawBuilder<unknown>
}

function forget(way: Way, name: string, { from, ctes = sql``, condition = sql`` }: Forgotten): ConflictQuery {
  return conflictQuery(
    way,
    name,
    sql`with ${ctes}forgotten as (
  delete from drover.${sql.raw(from)} as c
  where c.run_id = $1::bigint${condition}
  returning 1
)
select count(*) as n
from forgotten`,
  )
}

/** The keys of the rows that are taken back. Where no chunk is done, nothing is read. */
function takenRows(step: StepBack): readonly RawBuilder<unknown>[] {
  const { mapping, imageBlocks } = step
  const taken = (table: QualifiedName, kind: 'remove' | 'restore') => sql`select ${keyText(mapping, 'entry')} as row_key
  from ${relation(table)} as entry
  where (select exists (
      select from drover.rollback_chunk as chunk
      where chunk.run_id = $1::bigint and chunk.mapping = ${sql.lit(mapping.name)} and chunk.state = 'done'
    )) and ${isTakenBack(mapping, kind, 'entry')}`
  return [
    ...(removesRows(step) ? [taken(ledgerTables.crosswalk(mapping.name), 'remove')] : []),
    ...(imageBlocks === null ? [] : [taken(ledgerTables.images(mapping.name), 'restore')]),
  ]
}
