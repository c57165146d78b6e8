import { type RawBuilder, sql } from 'kysely'
import type { Table } from '../../catalog/table.ts'
import { imageVersion, ledgerTables } from '../../plan/plan.ts'
import { versionOf } from '../../plan/run-transactions.ts'
import { columnOf } from '../../sql/nodes.ts'
import { isImageOfOwn, isOwn } from '../own-rows.ts'
import { hasSameKey, keyText, relation } from '../range.ts'
import type { StepBack, Way } from '../way.ts'
import { type ConflictQuery, conflictQuery, namesOf } from './query.ts'
import { isTakenBack } from './taken-back.ts'

/**
 * Enters the rows of a target that the run has written and someone else has changed or deleted since: all of one table by
 * one statement. So if one row of a foreign transaction is found, all of its rows are.
 */
export function enterWritten(way: Way, target: Table): ConflictQuery {
  const steps = way.steps.filter((step) => step.target === target)
  const parts = [...steps.flatMap((step) => loadedRows(way, step)), ...steps.flatMap((step) => restoredRows(way, step))]
  return conflictQuery(
    way,
    target.name,
    sql`with found (row_key, mapping, version) as (
  ${sql.join(parts, sql`\n  union all\n  `)}
), entered as (
  insert into drover.conflict (run_id, table_schema, table_name, row_key, kind, mapping, version)
  select $1::bigint, ${namesOf(target)}, row_key, case when version is null then 'deleted' else 'changed' end, mapping, version
  from found
  on conflict do nothing
  returning 1
)
select count(*) as n
from entered`,
  )
}

/** Whether the step has a crosswalk whose rows are to be removed. */
export function removesRows({ mapping, crosswalkBlocks }: StepBack): boolean {
  return crosswalkBlocks !== null && mapping.kind !== 'evolve'
}

function loadedRows(way: Way, step: StepBack): readonly RawBuilder<unknown>[] {
  if (!removesRows(step)) return []
  const { mapping, target } = step
  return [
    sql`select ${keyText(mapping, 'w')}, ${sql.lit(mapping.name)}, ${versionOf(columnOf('t', 'xmin'))}
  from ${relation(ledgerTables.crosswalk(mapping.name))} as w
  left join ${relation(target)} as t on ${hasSameKey(way.now, mapping, target, 't', 'w')}
  where w.disposition = 'loaded' and (${isMissing(step)} or not ${isOwn(target, columnOf('t', 'xmin'))})
    and not ${isTakenBack(mapping, 'remove', 'w')}`,
  ]
}

function restoredRows({ now }: Way, step: StepBack): readonly RawBuilder<unknown>[] {
  const { mapping, target, imageBlocks } = step
  if (imageBlocks === null) return []
  const isSame = hasSameKey(now, mapping, target, 't', 'i')
  const found = sql`select ${keyText(mapping, 'i')}, ${sql.lit(mapping.name)}, ${versionOf(columnOf('t', 'xmin'))}
  from ${relation(ledgerTables.images(mapping.name))} as i`
  const isOfOthers = sql`not ${isImageOfOwn(columnOf('i', imageVersion))} and not ${isTakenBack(mapping, 'restore', 'i')}`
  const changed = sql`${found}
  left join ${relation(target)} as t on ${isSame}
  where ${isOfOthers} and (${isMissing(step)} or not ${isOwn(target, columnOf('t', 'xmin'))})`
  if (!removesRows(step)) return [changed]
  // Someone changed the row that the run had loaded, and a repair wrote it after that: its own xmin does not tell.
  const repaired = sql`${found}
  join ${relation(target)} as t on ${isSame}
  join ${relation(ledgerTables.crosswalk(mapping.name))} as w on ${hasSameKey(now, mapping, target, 'w', 'i')}
  where ${isOfOthers} and w.disposition = 'loaded'`
  return [changed, repaired]
}

function isMissing({ mapping }: StepBack): RawBuilder<unknown> {
  return sql`${columnOf('t', mapping.targetKey[0]!)} is null`
}
