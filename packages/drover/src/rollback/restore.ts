import { sql } from 'kysely'
import { findTable, qualifiedName } from '../catalog/catalog.ts'
import { imageVersion, ledgerTables } from '../plan/plan.ts'
import { compile } from '../sql/compile.ts'
import { columnOf, parseName } from '../sql/nodes.ts'
import { foreignKeysOf, refersTo } from './foreign-keys.ts'
import { isImageOfOwn } from './own-rows.ts'
import { accountOf, discardedCte, hasSameKey, id, inRange, isConflict, keyText, mayWrite, relation } from './range.ts'
import type { StepBack, Way } from './way.ts'

/** What it takes to put before-images back, a range of them at a time (see range.ts). */
export interface Restoration {
  /** Writes them: `undone`, `kept`, `gone`, `missed`. */
  readonly restore: string
  /** After that, where foreign keys are not enforced: `n`, restored rows whose reference leads nowhere. One for each key. */
  readonly stranded: readonly { readonly constraint: string; readonly statement: string }[]
}

export function restorationOf({ now, plan }: Way, { mapping, target }: StepBack): Restoration {
  const kept = findTable(plan.catalog, qualifiedName(parseName(mapping.target)))!.columns.map(({ name }) => name)
  const columns = target.columns.filter(({ name, generated }) => generated === null && kept.includes(name))
  const written = columns.filter(({ name, identity }) => identity !== 'always' && !mapping.targetKey.includes(name))
  const isSame = hasSameKey(now, mapping, target, 't', 'image')
  // What a repair kept of rows that the run had made itself is no state from before it.
  const image = sql`image as materialized (
  select i.*, ${keyText(mapping, 'i')} as row_key
  from ${relation(ledgerTables.images(mapping.name))} as i
  where ${inRange('i')} and not ${isImageOfOwn(columnOf('i', imageVersion))}
)`
  return {
    restore: compile(
      sql`with ${image}, found as materialized (
  select image.row_key, c.row_key is not null as is_conflict, case when c.row_key is not null then to_jsonb(${id('t')}.*) end as row
  from ${relation(target)} as t
  join image on ${isSame}
  left join drover.conflict as c on ${isConflict(target, 'image')}
  where ${mayWrite(target)}
  for no key update of t
), restored as (
  update ${relation(target)} as t
  set ${sql.join(written.map(({ name }) => sql`${id(name)} = ${columnOf('image', name)}`))}
  from image
  join found on found.row_key = image.row_key
  where ${isSame}
  returning found.row_key
), again as (
  insert into ${relation(target)} (${sql.join(columns.map(({ name }) => id(name)))}) overriding system value
  select ${sql.join(columns.map(({ name }) => columnOf('image', name)))}
  from image
  join drover.conflict as c on ${isConflict(target, 'image')}
  where c.kind = 'deleted' and c.decision = 'discard'
  returning ${keyText(mapping)} as row_key
), ${discardedCte(target, 'found')}, undone as (
  select row_key from restored
  union all
  select row_key from again
)
${accountOf('image', 'undone', target)}`.toOperationNode(),
    ),
    stranded: foreignKeysOf(now)
      .filter((key) => qualifiedName(key.child) === qualifiedName(target))
      .map((key) => ({
        constraint: key.name!,
        statement: compile(
          sql`with ${image}
select count(*) as n
from ${relation(target)} as t
join image on ${isSame}
where ${sql.join(
            key.columns.map((name) => sql`${columnOf('t', name)} is not null`),
            sql` and `,
          )}
  and not exists (select from ${relation(key.parent)} as parent where ${refersTo(now, key, 't', 'parent')})`.toOperationNode(),
        ),
      })),
  }
}
