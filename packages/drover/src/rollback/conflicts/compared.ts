import { type RawBuilder, sql } from 'kysely'
import { capabilitiesOf } from '../../catalog/capabilities.ts'
import type { Queryable } from '../../db/connection.ts'
import { serverErrorOf } from '../../db/server-error.ts'
import { imageVersion, ledgerTables } from '../../plan/plan.ts'
import { columnOf } from '../../sql/nodes.ts'
import { isImageOfOwn } from '../own-rows.ts'
import { hasSameKey, inRange, isConflict, keyText, relation } from '../range.ts'
import type { StepBack, Way } from '../way.ts'
import { type ConflictQuery, conflictQuery, namesOf } from './query.ts'
import { isTakenBack } from './taken-back.ts'
import { defaultConditions, isLikeImage } from './unwritten.ts'
import { removesRows } from './written.ts'

// Where the xmin of a row tells nothing, rows that others have changed or deleted are found by comparing all rows with
// what the transform makes of their source rows. Each statement reads the target by a join with keys that were gathered
// before, so that a cluster asks each shard for its own rows; what is left is done over the ledger alone. Tried on one
// server.

/** Whether the rows of a step are found so. */
export function isCompared({ target }: Pick<StepBack, 'target'>): boolean {
  return !capabilitiesOf(target).comparesVersions
}

/**
 * Enters the rows of a step that others have changed or deleted since. `$2` and `$3` are null, `$4` too. Where the
 * server refuses to compute the rows anew, all of them are entered: nothing is taken back of which nobody knows what
 * became of it.
 */
export async function enterCompared(tx: Queryable, way: Way, step: StepBack): Promise<void> {
  for (const { found, all } of comparedConflicts(way, step)) {
    await tx.query('savepoint compared')
    try {
      await tx.query(found.sql, [way.runId, null, null, null])
    } catch (thrown) {
      // 0A: what a cluster does not carry out · 22: a value that cannot be computed · 42: a table, column or operator
      // that is not there, or no right to read it.
      if (!/^(0A|22|42)/.test(serverErrorOf(thrown)?.sqlstate ?? '')) throw thrown
      await tx.query('rollback to savepoint compared')
      await tx.query(all.sql, [way.runId, null, null, null])
    }
    await tx.query('release savepoint compared')
  }
}

interface Compared {
  readonly found: ConflictQuery
  readonly all: ConflictQuery
}

function comparedConflicts(way: Way, step: StepBack): readonly Compared[] {
  const both = (make: (way: Way, step: StepBack, isComputed: boolean) => RawBuilder<unknown>) => ({
    found: conflictQuery(way, step.mapping.name, make(way, step, true)),
    all: conflictQuery(way, step.mapping.name, make(way, step, false)),
  })
  return [...(removesRows(step) ? [both(loadedRows)] : []), ...(step.imageBlocks === null ? [] : [both(imagedRows)])]
}

/** The source keys of rows that are not what the transform makes of them. */
function differing({ mapping: { comparison } }: StepBack, isComputed: boolean): RawBuilder<unknown> {
  if (comparison === null) return sql`select null::text as key where false and ${parametersThere}`
  if (!isComputed) return sql`select null::text as key where ${parametersThere}`
  return sql`select key
  from (
${sql.raw(comparison.statement)}
  ) as compared
  where class <> 'equivalent'`
}

/** The server must learn the types of parameters that a statement does not read. */
const parametersThere = sql`$2::text is null and $3::text is null and $4::text[] is null`

function loadedRows(way: Way, step: StepBack, isComputed: boolean): RawBuilder<unknown> {
  const { mapping, target } = step
  const crosswalk = relation(ledgerTables.crosswalk(mapping.name))
  const conditions = mapping.comparison === null ? [] : defaultConditions(way, step, mapping.comparison)
  const strange =
    conditions.length === 0 || !isComputed
      ? sql``
      : sql`
  union
  select w.source_key
  from ${crosswalk} as w
  join ${relation(target)} as t on ${hasSameKey(way.now, mapping, target, 't', 'w')}
  where w.disposition = 'loaded' and (${sql.join(conditions, sql` and `)}) is not true`
  const isAsked = isComputed ? sql`w.source_key in (select key from suspect) and ` : sql``
  return sql`with suspect as materialized (
  ${differing(step, isComputed)}${strange}
), changed as materialized (
  select ${sql.join(mapping.targetKey.map((name) => columnOf('w', name)))}, ${keyText(mapping, 'w')} as row_key
  from ${crosswalk} as w
  where ${isAsked}w.disposition = 'loaded' and not ${isTakenBack(mapping, 'remove', 'w')} and not ${isTakenBack(mapping, 'unlink', 'w')}
), standing as materialized (
  select changed.row_key
  from ${relation(target)} as t
  join changed on ${hasSameKey(way.now, mapping, target, 't', 'changed')}
), ${entered(step)}`
}

/** Rows that were there before the run: of those that evolve, it can be told only whether they are there. */
function imagedRows(way: Way, step: StepBack, isComputed: boolean): RawBuilder<unknown> {
  const { mapping, target } = step
  const { comparison } = mapping
  const isLike = comparison === null ? sql`true` : isLikeImage(way, step, comparison)
  const suspects =
    comparison === null
      ? sql`select null::text as row_key where false and (select count(*) from suspect) > 0`
      : sql`select i.row_key
  from imaged as i
  join ${relation(ledgerTables.crosswalk(mapping.name))} as w on ${hasSameKey(way.now, mapping, target, 'w', 'i')}
  where ${isComputed ? sql`w.source_key in (select key from suspect)` : sql`true`}`
  return sql`with suspect as materialized (
  ${differing(step, isComputed)}
), imaged as materialized (
  select i.*, ${keyText(mapping, 'i')} as row_key
  from ${relation(ledgerTables.images(mapping.name))} as i
  where not ${isImageOfOwn(columnOf('i', imageVersion))} and not ${isTakenBack(mapping, 'restore', 'i')}
), found as materialized (
  select i.row_key, (${isLike}) as is_like
  from ${relation(target)} as t
  join imaged as i on ${hasSameKey(way.now, mapping, target, 't', 'i')}
), standing as materialized (
  select row_key from found
), changed as materialized (
  select row_key from imaged where row_key not in (select row_key from standing)
  union
  select row_key from found where is_like is not true
  union
  ${suspects}
), ${entered(step)}`
}

/** Enters what `changed` names; of that, `standing` holds what is there. */
function entered({ mapping, target }: StepBack): RawBuilder<unknown> {
  return sql`entered as (
  insert into drover.conflict (run_id, table_schema, table_name, row_key, kind, mapping, version)
  select $1::bigint, ${namesOf(target)}, changed.row_key, case when standing.row_key is null then 'deleted' else 'changed' end,
    ${sql.lit(mapping.name)}, case when standing.row_key is not null then 0::bigint end
  from changed
  left join standing on standing.row_key = changed.row_key
  on conflict do nothing
  returning 1
)
select count(*) as n
from entered`
}

/**
 * Counts the rows of a range of the crosswalk that were changed or deleted since the conflicts were looked for.
 * `range`: run, and the first place of the range and the one after its last.
 */
export async function countChanged(tx: Queryable, way: Way, step: StepBack, range: readonly string[]): Promise<bigint> {
  const { mapping } = step
  if (mapping.comparison === null) return 0n
  const rows = await tx.query(loadedKeys(way, step).sql, range)
  const keys = rows.map(({ key }) => key as string)
  if (keys.length === 0) return 0n
  const [row] = await tx.query(changedKeys(way, step).sql, [way.runId, null, null, keys])
  return BigInt(row!.n as string)
}

function loadedKeys(way: Way, { mapping }: StepBack): ConflictQuery {
  return conflictQuery(
    way,
    mapping.name,
    sql`select w.source_key as key
from ${relation(ledgerTables.crosswalk(mapping.name))} as w
where ${inRange('w')} and w.disposition = 'loaded' and $1::bigint is not null`,
  )
}

function changedKeys(way: Way, step: StepBack): ConflictQuery {
  const { mapping, target } = step
  return conflictQuery(
    way,
    mapping.name,
    sql`with suspect as materialized (
  ${differing(step, true)}
), changed as (
  select ${keyText(mapping, 'w')} as row_key
  from suspect
  join ${relation(ledgerTables.crosswalk(mapping.name))} as w on w.source_key = suspect.key
  where w.disposition = 'loaded'
)
select count(*) as n
from changed
where not exists (select from drover.conflict as c where ${isConflict(target, 'changed')})`,
  )
}
