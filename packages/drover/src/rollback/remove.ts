import { sql } from 'kysely'
import { capabilitiesOf } from '../catalog/capabilities.ts'
import { compile } from '../sql/compile.ts'
import { columnOf } from '../sql/nodes.ts'
import { isCompared } from './conflicts/compared.ts'
import { foreignKeysTo, refersTo } from './foreign-keys.ts'
import { holdTables } from './hold.ts'
import { isOwn } from './own-rows.ts'
import { accountOf, discardedCte, hasSameKey, id, isConflict, keyText, mayWrite, relation, walkedCte } from './range.ts'
import { goingCte, isSpread, keptCtes, referredStatement } from './shards.ts'
import type { StepBack, Way } from './way.ts'

/** What it takes to remove the rows that the run loaded, a range of the crosswalk at a time (see range.ts). */
export interface Removal {
  /** Ahead of all: locks the tables whose rows cannot be locked. Null where there are none; takes no parameters. */
  readonly hold: string | null
  /**
   * Holds the rows against whoever would refer to them: the check of a foreign key waits for the lock. Null where nothing
   * can refer to them.
   */
  readonly lock: string | null
  /** Under the lock: `n`, rows that refer to those that go and are not the run's. One for each foreign key. */
  readonly referred: readonly string[]
  /** Deletes them: `undone`, `kept`, `gone`, `missed`. */
  readonly remove: string
}

/** The statements that remove the rows which a mapping has loaded, chunk by chunk. */
export function removalOf(way: Way, step: StepBack): Removal {
  const { mapping, target } = step
  const { now } = way
  const keys = foreignKeysTo(way, target)
  const isSame = hasSameKey(now, mapping, target, 't', 'walked')
  const walked = walkedCte(mapping)
  const hold = holdTables([target, ...keys.map(({ child }) => child)])
  const isLocked = capabilitiesOf(target).locksRows
  return {
    hold,
    lock:
      keys.length === 0 || !isLocked
        ? null
        : compile(
            sql`with ${walked}, locked as (
  select 1
  from ${relation(target)} as t
  join walked on ${isSame}
  for update of t
)
select count(*) as n
from locked
where $1::bigint is not null`.toOperationNode(),
          ),
    referred: keys.map((key) => {
      if (isSpread(target, key.child)) return referredStatement(way, step, key)
      const child = { targetKey: key.child.primaryKey ?? [] }
      const isDiscarded =
        child.targetKey.length === 0
          ? sql``
          : sql` and not exists (
    select from (select ${keyText(child, 'child')} as row_key) as k
    join drover.conflict as c on ${isConflict(key.child, 'k')}
    where c.decision = 'discard'
  )`
      return compile(
        sql`with ${walked}
select count(*) as n
from ${relation(key.child)} as child
join ${relation(target)} as t on ${refersTo(now, key, 'child', 't')}
join walked on ${isSame}
left join drover.conflict as c on ${isConflict(target, 'walked')}
where (c.row_key is null or c.decision = 'discard') and not ${isOwn(key.child, columnOf('child', 'xmin'))}${isDiscarded}`.toOperationNode(),
      )
    }),
    remove: isCompared(step)
      ? removeGoing(way, step)
      : compile(
          sql`with ${walked}, removed as (
  delete from ${relation(target)} as t
  using walked
  left join drover.conflict as c on ${isConflict(target, 'walked')}
  where ${isSame} and ${mayWrite(target)}
  returning walked.row_key, c.row_key is not null as is_conflict, case when c.row_key is not null then to_jsonb(${id('t')}.*) end as row
), ${discardedCte(target, 'removed')}
${accountOf('walked', 'removed', target)}`.toOperationNode(),
        ),
  }
}

/** The same where the rows bear no version: what was changed meanwhile is found before, under the lock. */
function removeGoing(way: Way, step: StepBack): string {
  const { mapping, target } = step
  return compile(
    sql`with ${walkedCte(mapping)}, ${goingCte(step)}, asked as materialized (
  select going.*, is_conflict as is_kept from going
), ${keptCtes(way, step, 'asked')}, removed as (
  delete from ${relation(target)} as t
  using going
  where ${hasSameKey(way.now, mapping, target, 't', 'going')}
  returning going.row_key
), ${discardedCte(target, 'kept')}
${accountOf('walked', 'removed', target)}`.toOperationNode(),
  )
}
