import { sql } from 'kysely'
import type { Queryable } from '../../db/connection.ts'
import { ledgerTables } from '../../plan/plan.ts'
import { rowVersion } from '../../plan/run-transactions.ts'
import { unmerged } from '../../sql/nodes.ts'
import { refersTo } from '../foreign-keys.ts'
import { hasSameKey, isConflict, keyText, relation } from '../range.ts'
import type { StepBack, Way } from '../way.ts'
import { type Link, reachedBy } from './links.ts'
import { type ConflictQuery, conflictQuery, isIn, namesOf, type RepeatedQuery, repeat } from './query.ts'
import { hasRowKey, rowKey } from './row-key.ts'
import { isTakenBack } from './taken-back.ts'
import { removesRows } from './written.ts'

/** Keeps whatever rows that stay refer to, and what that refers to, until nothing is new. */
export function keepNeeded(tx: Queryable, way: Way, links: readonly Link[]): Promise<void> {
  return repeat(tx, way, 'kept', keeping(way, links))
}

/** What does that, of kept rows of one table each. */
export function keeping(way: Way, links: readonly Link[]): readonly RepeatedQuery[] {
  return links.flatMap((link) => {
    const each = [...way.steps.flatMap((step) => keepLoaded(way, link, step) ?? []), keepAdded(way, link)]
    return each.map((query) => ({ of: link.child, ...query }))
  })
}

/** Rows of the run to which rows refer that stay; undefined where the link leads elsewhere. */
function keepLoaded(way: Way, link: Link, step: StepBack): ConflictQuery | undefined {
  const reached = reachedBy(way, link, step)
  if (reached === undefined || !removesRows(step)) return undefined
  const { mapping, target } = step
  return conflictQuery(
    way,
    mapping.name,
    sql`with entered as (
  insert into drover.conflict as c (run_id, table_schema, table_name, row_key, kind, mapping, version, decision)
  select distinct on (row_key) $1::bigint, ${namesOf(target)}, ${keyText(mapping, 'w')} as row_key, 'needed', ${sql.lit(mapping.name)}, ${rowVersion(target, 't')}, 'keep'
  ${fromReferred(way, link, reached)}
  join ${relation(ledgerTables.crosswalk(mapping.name))} as w on ${hasSameKey(way.now, mapping, target, 't', 'w')}
  where w.disposition = 'loaded' and not ${isTakenBack(mapping, 'remove', 'w')}
  on conflict (run_id, table_schema, table_name, row_key) do update
  set decision = 'keep'
  where c.decision is distinct from 'keep' and c.kind <> 'deleted'
  returning 1
)
select count(*) as n
from entered`,
  )
}

/** Rows that were added, and to which rows refer that stay. */
function keepAdded(way: Way, link: Link): ConflictQuery {
  return conflictQuery(
    way,
    link.parent.name,
    sql`with decided as (
  update drover.conflict as c
  set decision = 'keep'
  from (
    select ${rowKey(link.parent, 't')} as row_key
    ${fromReferred(way, link, link.key.parent)}
  ) as referred
  where ${isConflict(link.parent, 'referred')} and c.kind = 'added' and c.decision is distinct from 'keep'
  returning 1
)
select count(*) as n
from decided`,
  )
}

/** The rows `t` to which rows refer that stay. */
function fromReferred(way: Way, { key, child }: Link, parent: Link['parent']) {
  return sql`from (
    select c.row_key as child_key
    from drover.conflict as c
    where ${isIn(child)} and c.decision = 'keep' and c.kind <> 'deleted'
    ${unmerged}
  ) as kept
  join ${relation(key.child)} as child on ${hasRowKey(way.now, child, 'child', sql`kept.child_key`)}
  join ${relation(parent)} as t on ${refersTo(way.now, key, 'child', 't')}`
}
