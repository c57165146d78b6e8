import { sql } from 'kysely'
import { qualifiedName } from '../catalog/catalog.ts'
import { compile } from '../sql/compile.ts'
import { columnOf } from '../sql/nodes.ts'
import { isCompared } from './conflicts/compared.ts'
import { type ForeignKey, foreignKeysOf } from './foreign-keys.ts'
import { isOwn } from './own-rows.ts'
import { hasSameKey, id, isConflict, relation, walkedCte } from './range.ts'
import { goingCte } from './shards.ts'
import type { StepBack, Way } from './way.ts'

/**
 * Where foreign keys are enforced: empties the references of rows that go to rows that go before them, or in another chunk
 * of the same mapping. Returns `undone`. Null where there are none.
 */
export function unlinkStatement(way: Way, { mapping, target }: StepBack): string | null {
  const columns = [...new Set(circularKeys(way, { mapping, target }).flatMap(({ nullable }) => nullable))]
  if (columns.length === 0) return null
  const isFilled = columns.map((name) => sql`${columnOf('t', name)} is not null`)
  if (isCompared({ target })) {
    return compile(
      sql`with ${walkedCte(mapping)}, ${goingCte({ target })}, emptied as (
  update ${relation(target)} as t
  set ${sql.join(columns.map((name) => sql`${id(name)} = null`))}
  from going
  where ${hasSameKey(way.now, mapping, target, 't', 'going')} and (${sql.join(isFilled, sql` or `)}) and not going.is_conflict
  returning 1
)
select count(*) as undone, 0 as kept, 0 as gone, 0 as missed
from emptied`.toOperationNode(),
    )
  }
  return compile(
    sql`with ${walkedCte(mapping)}, emptied as (
  update ${relation(target)} as t
  set ${sql.join(columns.map((name) => sql`${id(name)} = null`))}
  from walked
  left join drover.conflict as c on ${isConflict(target, 'walked')}
  where ${hasSameKey(way.now, mapping, target, 't', 'walked')} and (${sql.join(isFilled, sql` or `)})
    and c.row_key is null and ${isOwn(target, columnOf('t', 'xmin'))}
  returning 1
)
select count(*) as undone, 0 as kept, 0 as gone, 0 as missed
from emptied`.toOperationNode(),
  )
}

/** Whether the rows have to go in one statement: they refer to each other by a key that cannot be emptied. */
export function goesAtOnce(way: Way, step: Pick<StepBack, 'mapping' | 'target'>): boolean {
  return circularKeys(way, step).some(({ nullable }) => nullable.length === 0)
}

/** Foreign keys to rows that may be gone while the rows that hold them are still there. */
function circularKeys(
  { now, steps }: Way,
  { mapping, target }: Pick<StepBack, 'mapping' | 'target'>,
): readonly ForeignKey[] {
  const goesBefore = (other: StepBack) => !dependsOn(steps, mapping.name, other.mapping.name)
  return foreignKeysOf(now).filter(
    (key) =>
      qualifiedName(key.child) === qualifiedName(target) &&
      steps.some((other) => qualifiedName(other.target) === qualifiedName(key.parent) && goesBefore(other)),
  )
}

/** Whether one mapping depends on another, directly or not: it is then taken back before. */
function dependsOn(steps: readonly StepBack[], one: string, other: string, seen = new Set<string>()): boolean {
  seen.add(one)
  const direct = steps.find(({ mapping }) => mapping.name === one)?.mapping.dependsOn ?? []
  return direct.includes(other) || direct.some((next) => !seen.has(next) && dependsOn(steps, next, other, seen))
}
