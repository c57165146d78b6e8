import { type RawBuilder, sql } from 'kysely'
import type { Table } from '../catalog/table.ts'
import { ledgerTables, type MappingPlan } from '../plan/plan.ts'
import { compile } from '../sql/compile.ts'
import { columnOf } from '../sql/nodes.ts'
import { isCompared } from './conflicts/compared.ts'
import { type ForeignKey, refersTo } from './foreign-keys.ts'
import { hasSameKey, id, isConflict, keyText, relation, walkedCte } from './range.ts'
import type { StepBack, Way } from './way.ts'

// Parts of the statements that take back rows which lie on the nodes of a cluster. Of the ledger, which lies on the
// coordinator, they gather keys first; the target they read and write by a join with these, and nothing else. No part
// asks for a row's xmin, and none returns more than columns from a write: Citus refuses functions there. Tried on one
// server.

/** The rows of the range that go: all but those that stay by decision. */
export function goingCte({ target }: Pick<StepBack, 'target'>): RawBuilder<unknown> {
  return sql`going as materialized (
  select walked.*, c.row_key is not null as is_conflict
  from walked
  left join drover.conflict as c on ${isConflict(target, 'walked')}
  where c.row_key is null or c.decision = 'discard'
)`
}

/**
 * What is to be kept of the rows `from` (`row_key`, `is_kept` and the target's key) before they are written: `row_key`,
 * `row` and `is_conflict`, as {@link discardedCte} reads them.
 */
export function keptCtes(
  way: Way,
  { mapping, target }: Pick<StepBack, 'mapping' | 'target'>,
  from: string,
): RawBuilder<unknown> {
  const columns = target.columns.map(({ name }) => name)
  return sql`found as materialized (
  select ${columnOf(from, 'row_key')} as _row_key, ${sql.join(columns.map((name) => columnOf('t', name)))}
  from ${relation(target)} as t
  join ${id(from)} on ${hasSameKey(way.now, mapping, target, 't', from)}
  where ${columnOf(from, 'is_kept')}
), kept as materialized (
  select _row_key as row_key, true as is_conflict, (
      select to_jsonb(whole) from (select ${sql.join(columns.map((name) => columnOf('found', name)))}) as whole
    ) as row
  from found
)`
}

/** Counts rows of `key.child` that refer to rows which go and are not the run's: `n`. */
export function referredStatement(way: Way, { mapping, target }: StepBack, key: ForeignKey): string {
  const { child } = key
  const rowKey = child.primaryKey === undefined ? sql`null::text` : keyText({ targetKey: child.primaryKey }, 'child')
  return compile(
    sql`with ${walkedCte(mapping)}, ${goingCte({ target })}, referring as materialized (
  select ${rowKey} as row_key
  from ${relation(child)} as child
  join ${relation(target)} as t on ${refersTo(way.now, key, 'child', 't')}
  join going on ${hasSameKey(way.now, mapping, target, 't', 'going')}
)
select count(*) as n
from referring
left join drover.conflict as c on ${isConflict(child, 'referring')} and c.decision = 'discard'
where c.row_key is null${sql.join(
      way.steps.filter((step) => step.target === child).map(({ mapping: own }) => isNotOf(own)),
      sql``,
    )}`.toOperationNode(),
  )
}

/** A row of the run goes in a chunk of its own. */
function isNotOf(mapping: MappingPlan): RawBuilder<unknown> {
  const crosswalk = relation(ledgerTables.crosswalk(mapping.name))
  return sql` and not exists (
    select from ${crosswalk} as own where own.disposition = 'loaded' and ${keyText(mapping, 'own')} = referring.row_key
  )`
}

/** Whether a statement over both tables has to do without versions and locks of rows. */
export function isSpread(one: Table, other: Table): boolean {
  return isCompared({ target: one }) || isCompared({ target: other })
}
