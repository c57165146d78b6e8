import { type Expression, type RawBuilder, sql } from 'kysely'
import { compile } from '../sql/compile.ts'
import { columnNode, columnOf, expressionOf, identifierOf, tableNode } from '../sql/nodes.ts'
import { updatedCtes } from './images.ts'
import { ledgerTables } from './plan.ts'
import { chunkRow } from './printed-row.ts'
import { isNamed, moved, walkedJoin, writtenKey } from './repair-keys.ts'
import { type MappingParts, rowNames } from './row.ts'
import { carriedKey, loadedCte, loggedCtes, mergedCte, quarantinedCte } from './written.ts'

/**
 * The chunk's statement for rows that have a disposition already, but no target row of their own: they get another one in
 * the crosswalk, leave quarantine or come back to it, and an entry adjusts the counts (I2). A row without disposition is
 * `new`: it counts as read. The target row is inserted once (I3): `again` never names a row that is loaded.
 */
export function againStatement(parts: MappingParts): string {
  const { mapping } = parts
  const row = chunkRow(parts)
  const crosswalk = expressionOf(tableNode(ledgerTables.crosswalk(mapping.name)))
  const carried = carriedKey(parts).map(({ name, value }) => sql`${id(name)} = ${value}`)
  const ctes = [
    sql`s as materialized (
  select made.*, walked.disposition as _before
  from (
  ${row.query(sql`${isNamed(parts, 'try', writtenKey(parts))}${unbound(parts)}`)}
  ) as made
  ${walkedJoin(parts, sql`${columnOf('made', rowNames.key)}`)}
  where walked.disposition not in ('loaded', 'matched')
)`,
    mapping.kind === 'evolve' ? sql`loaded as (select where false)` : loadedCte(parts),
    ...updatedCtes(parts),
    sql`walked as (
  update ${crosswalk} as walked
  set disposition = ${s(rowNames.disposition)}, ${sql.join(carried)}
  from s
  where walked.source_key = ${s(rowNames.key)}
  returning walked.source_key, walked.disposition, s._before as before
)`,
    quarantinedCte(parts, row, 'again'),
    sql`freed as (
  delete from drover.quarantine as q
  using s
  where ${isOfRow(parts, 'q')} and ${s(rowNames.disposition)} <> 'quarantined'
)`,
    ...(mapping.identity
      ? [
          sql`parted as (
  delete from drover.merge as m
  using s
  where ${isOfRow(parts, 'm')}
)`,
          mergedCte(parts),
        ]
      : []),
    ...unloggedCtes(parts),
    ...loggedCtes(parts, row),
    moved(mapping.name, sql`walked where disposition in ('loaded', 'merged', 'matched')`),
    sql`adjusted as (
  insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
  select $1::bigint, ${sql.lit(mapping.name)}, $2::bigint, 'adjustment', 'done',
    (select count(*) from walked where before = 'new'),
    (select count(*) from loaded),
    ${sql.join(['merged', 'matched'].map(net), sql.raw(',\n    '))},
    (select count(*) from quarantined) - (select count(*) from walked where before = 'quarantined'),
    ${net('excluded')},
    clock_timestamp()
  where exists (select from walked)
)`,
  ]
  return compile(
    sql`with ${sql.join(ctes, sql.raw(', '))}
select count(*) as n
from walked`.toOperationNode(),
  )
}

/** What was logged of rows is logged anew: all of it, or what `further` says of `log`. */
export function unloggedCtes(
  parts: MappingParts,
  further: RawBuilder<unknown> = sql``,
): readonly RawBuilder<unknown>[] {
  return (['correction', 'note'] as const).map(
    (table) => sql`${sql.raw(`un${table}`)} as (
  delete from drover.${sql.raw(table)} as log
  using s
  where ${isOfRow(parts, 'log')}${further}
)`,
  )
}

/** What the function made stands where the chunk's statement expects it; the bounds of a chunk before it are not given. */
function unbound({ mapping }: MappingParts): RawBuilder<unknown> {
  return mapping.compute === undefined ? sql`` : sql` and coalesce($3::text[], $4::text[]) is null`
}

function net(disposition: string): RawBuilder<unknown> {
  const name = sql.lit(disposition)
  return sql`(select count(*) filter (where disposition = ${name}) - count(*) filter (where before = ${name}) from walked)`
}

function isOfRow({ mapping }: MappingParts, alias: string): RawBuilder<unknown> {
  const of = (column: string) => expressionOf(columnNode(alias, column))
  return sql`${of('run_id')} = $1::bigint and ${of('mapping')} = ${sql.lit(mapping.name)} and ${of('source_key')} = ${s(rowNames.key)}`
}

function id(name: string): Expression<unknown> {
  return identifierOf(name)
}

function s(name: string): Expression<unknown> {
  return columnOf('s', name)
}
