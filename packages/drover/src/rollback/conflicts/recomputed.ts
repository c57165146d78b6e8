import { sql } from 'kysely'
import type { Queryable } from '../../db/connection.ts'
import { serverErrorOf } from '../../db/server-error.ts'
import { ledgerTables } from '../../plan/plan.ts'
import { versionOf } from '../../plan/run-transactions.ts'
import { columnOf } from '../../sql/nodes.ts'
import { hasSameKey, isConflict, keyText, relation } from '../range.ts'
import type { StepBack, Way } from '../way.ts'
import { type ConflictQuery, conflictQuery, isIn, namesOf } from './query.ts'
import { hasRowKey } from './row-key.ts'
import { holdsDefaults, isLikeImage } from './unwritten.ts'
import { removesRows } from './written.ts'

/** How many rows are recomputed by their keys at most; where more look changed, all rows of the mapping are. */
export const namedRows = 10_000

/** What recomputes the rows of a mapping that look changed. */
export interface Recomputation {
  /** Returns the source keys of these rows, `key`, and no more than are recomputed by their keys, and one. */
  readonly keys: ConflictQuery
  /**
   * Takes those from the list of conflicts that are as the run made them, and trusts their xmins. `$2` and `$3` are null,
   * `$4` the source keys as text[], or null for all. Returns `n`.
   */
  readonly settle: ConflictQuery
}

/**
 * The recomputed row decides: after a rewriting ALTER TABLE, or in a restored backup, all rows look changed. Null where
 * something of the row cannot be made again.
 */
export function recomputation(way: Way, step: StepBack): Recomputation | null {
  const { mapping, target } = step
  const { comparison } = mapping
  if (comparison === null || comparison.notCompared.length > 0 || !removesRows(step)) return null
  const hasImages = step.imageBlocks !== null && comparison.updated.length > 0
  const asked = sql`select c.row_key, c.version, w.source_key, w.disposition
  from drover.conflict as c
  join ${relation(ledgerTables.crosswalk(mapping.name))} as w on ${keyText(mapping, 'w')} = c.row_key
  where ${isIn(target)} and c.mapping = ${sql.lit(mapping.name)} and c.kind = 'changed' and c.decision is null
    and w.disposition in ('loaded', 'matched')`
  const images = hasImages
    ? sql`
  left join ${relation(ledgerTables.images(mapping.name))} as i on ${hasSameKey(way.now, mapping, target, 'i', 't')}`
    : sql``
  return {
    keys: conflictQuery(
      way,
      mapping.name,
      sql`select source_key as key
from (${asked}) as asked
limit ${sql.lit(namedRows + 1)}`,
    ),
    settle: conflictQuery(
      way,
      mapping.name,
      sql`with asked as materialized (
  ${asked}
), differing as materialized (
  select key
  from (
${sql.raw(comparison.statement)}
  ) as compared
  where class <> 'equivalent'
), equal as materialized (
  select asked.row_key, asked.version
  from asked
  join ${relation(target)} as t on ${hasRowKey(way.now, target, 't', sql`asked.row_key`)}${images}
  where ${versionOf(columnOf('t', 'xmin'))} = asked.version
    and not exists (select from differing where differing.key = asked.source_key)
    and case when asked.disposition = 'loaded'
      then ${holdsDefaults(way, step, comparison)}
      else ${hasImages ? isLikeImage(way, step, comparison) : sql`false`}
    end
), trusted as (
  insert into drover.trusted_version (run_id, table_schema, table_name, version)
  select distinct $1::bigint, ${namesOf(target)}, version
  from equal
  on conflict do nothing
), settled as (
  delete from drover.conflict as c
  using equal
  where ${isConflict(target, 'equal')}
  returning 1
)
select count(*) as n
from settled`,
    ),
  }
}

/**
 * Recomputes the rows of a step that look changed. What the server refuses to compute stays a conflict: the source may be
 * gone, or a column may have a type by now to which nothing compares.
 */
export async function settleRecomputed(tx: Queryable, way: Way, step: StepBack): Promise<void> {
  const queries = recomputation(way, step)
  if (queries === null) return
  const keys = (await tx.query(queries.keys.sql, [way.runId])).map(({ key }) => key as string)
  if (keys.length === 0) return
  await tx.query('savepoint recomputed')
  try {
    await tx.query(queries.settle.sql, [way.runId, null, null, keys.length > namedRows ? null : keys])
  } catch (thrown) {
    // 22: a value that cannot be computed · 42: a table, column or operator that is not there, or no right to read it.
    if (!/^(22|42)/.test(serverErrorOf(thrown)?.sqlstate ?? '')) throw thrown
    await tx.query('rollback to savepoint recomputed')
  }
  await tx.query('release savepoint recomputed')
}
