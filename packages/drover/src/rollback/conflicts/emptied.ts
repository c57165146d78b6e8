import { type RawBuilder, sql } from 'kysely'
import type { Table } from '../../catalog/table.ts'
import { columnOf } from '../../sql/nodes.ts'
import { id, isConflict, relation } from '../range.ts'
import type { Way } from '../way.ts'
import { empties, emptyingKeys, type Link } from './links.ts'
import { type ConflictQuery, conflictQuery } from './query.ts'
import { referringToAdded, referringToLoaded } from './referring.ts'
import { hasRowKey } from './row-key.ts'

/**
 * Empties the references of rows that stay without them, all of a row at once. Null where the table has none of that
 * kind.
 */
export function emptyReferences(way: Way, links: readonly Link[], table: Table): ConflictQuery | null {
  const own = links.filter((link) => link.child === table && empties(link))
  const found = own.flatMap((link, number) => referring(way, links, link, number))
  if (own.length === 0) return null
  const columns = [...new Set(own.flatMap(({ emptied }) => emptied))]
  const values = columns.map((column) => {
    const numbers = own.flatMap(({ emptied }, number) => (emptied.includes(column) ? [sql.lit(number)] : []))
    return sql`${id(column)} = case when emptied.links && array[${sql.join(numbers)}] then ${emptyValue(own, column)} else ${columnOf('t', column)} end`
  })
  return conflictQuery(
    way,
    table.name,
    sql`with referring as (
  ${sql.join(found, sql`\n  union all\n  `)}
), emptied as materialized (
  select referring.row_key, array_agg(referring.link) as links
  from referring
  join drover.conflict as c on ${isConflict(table, 'referring')}
  where c.kind = 'added' and c.decision = 'discard' and ${isEmptied(links, table)}
  group by referring.row_key
), updated as (
  update ${relation(table)} as t
  set ${sql.join(values)}
  from emptied
  where ${hasRowKey(way.now, table, 't', sql`emptied.row_key`)}
  returning 1
)
select count(*) as n
from updated`,
  )
}

/** Counts rows whose references now hold a default that leads to a row which goes, constraint by constraint. */
export function defaultsThatGo(
  way: Way,
  links: readonly Link[],
  table: Table,
): readonly { readonly constraint: string; readonly query: ConflictQuery }[] {
  return links
    .filter((link) => link.child === table && empties(link) && link.key.onDelete === 'set default')
    .map((link) => ({
      constraint: link.key.name!,
      query: conflictQuery(
        way,
        table.name,
        sql`select count(*) as n
from (
  ${sql.join(referring(way, links, link, 0), sql`\n  union all\n  `)}
) as referring
join drover.conflict as c on ${isConflict(table, 'referring')}
where c.kind = 'added' and c.decision = 'discard' and ${isEmptied(links, table)}`,
      ),
    }))
}

/** The rows that refer by a link to rows which go: `row_key`, and the link's number. */
function referring(way: Way, links: readonly Link[], link: Link, number: number): readonly RawBuilder<unknown>[] {
  const queries = [
    ...way.steps.flatMap((step) => referringToLoaded(way, link, step) ?? []),
    referringToAdded(way, links, link, 'decided'),
  ]
  return queries.map((rows) => sql`select row_key, ${sql.lit(number)} as link from (\n  ${rows}\n  ) as referring`)
}

/** Whether the row `c` stays, and only its references are emptied. */
export function isEmptied(links: readonly Link[], table: Table): RawBuilder<unknown> {
  const names = emptyingKeys(links, table)
  if (names.length === 0) return sql`false`
  return sql`coalesce(c.constraint_name in (${sql.join(names.map((name) => sql.lit(name)))}), false)`
}

function emptyValue(own: readonly Link[], column: string): RawBuilder<unknown> {
  const { key } = own.find(({ emptied }) => emptied.includes(column))!
  const value = key.child.columns.find(({ name }) => name === column)!.default
  return key.onDelete === 'set default' && value !== null ? sql`(${sql.raw(value)})` : sql`null`
}
