import { type RawBuilder, sql } from 'kysely'
import { findTable, qualifiedName } from '../catalog/catalog.ts'
import type { Column } from '../catalog/table.ts'
import { imageVersion, ledgerTables } from '../plan/plan.ts'
import { compile } from '../sql/compile.ts'
import { columnOf, parseName } from '../sql/nodes.ts'
import { isCompared } from './conflicts/compared.ts'
import { foreignKeysOf, refersTo } from './foreign-keys.ts'
import { holdTables } from './hold.ts'
import { isImageOfOwn } from './own-rows.ts'
import { accountOf, discardedCte, hasSameKey, id, inRange, isConflict, keyText, mayWrite, relation } from './range.ts'
import { keptCtes } from './shards.ts'
import type { StepBack, Way } from './way.ts'

/** What it takes to put before-images back, a range of them at a time (see range.ts). */
export interface Restoration {
  /** Ahead of that: locks the table where its rows cannot be locked. Null where they can; takes no parameters. */
  readonly hold: string | null
  /** Writes them: `undone`, `kept`, `gone`, `missed`. */
  readonly restore: string
  /** After that, where foreign keys are not enforced: `n`, restored rows whose reference leads nowhere. One for each key. */
  readonly stranded: readonly { readonly constraint: string; readonly statement: string }[]
}

/** The statements that put back the rows which a mapping has changed or deleted, chunk by chunk. */
export function restorationOf(way: Way, step: StepBack): Restoration {
  const { now, plan } = way
  const { mapping, target } = step
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
    hold: holdTables([target]),
    restore: isCompared(step)
      ? restoreGoing(way, step, { image, columns, written })
      : compile(
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

interface RestoredColumns {
  readonly image: RawBuilder<unknown>
  readonly columns: readonly Column[]
  readonly written: readonly Column[]
}

/**
 * The same where the rows bear no version. Of rows that evolved nobody can tell what others changed in them since: each
 * is kept as it is found (I4).
 */
function restoreGoing(way: Way, { mapping, target }: StepBack, { image, columns, written }: RestoredColumns): string {
  const isSame = (from: string) => hasSameKey(way.now, mapping, target, 't', from)
  const isKept = mapping.comparison === null ? sql`true` : sql`c.row_key is not null`
  return compile(
    sql`with ${image}, going as materialized (
  select image.*, ${isKept} as is_kept
  from image
  left join drover.conflict as c on ${isConflict(target, 'image')}
  where c.row_key is null or c.decision = 'discard'
), ${keptCtes(way, { mapping, target }, 'going')}, restored as (
  update ${relation(target)} as t
  set ${sql.join(written.map(({ name }) => sql`${id(name)} = ${columnOf('going', name)}`))}
  from going
  where ${isSame('going')}
  returning going.row_key
), lost as materialized (
  select image.*
  from image
  join drover.conflict as c on ${isConflict(target, 'image')}
  where c.kind = 'deleted' and c.decision = 'discard'
), again as (
  insert into ${relation(target)} (${sql.join(columns.map(({ name }) => id(name)))}) overriding system value
  select ${sql.join(columns.map(({ name }) => columnOf('lost', name)))}
  from lost
  returning ${sql.join(mapping.targetKey.map((name) => id(name)))}
), ${discardedCte(target, 'kept')}, undone as (
  select row_key from restored
  union all
  select ${keyText(mapping, 'again')} from again
)
${accountOf('image', 'undone', target)}`.toOperationNode(),
  )
}
