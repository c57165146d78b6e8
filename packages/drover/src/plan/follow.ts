import { type RawBuilder, sql } from 'kysely'
import type { Column } from '../catalog/table.ts'
import { annotationOf } from '../sql/annotation.ts'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { walk } from '../sql/tree.ts'
import { unloggedCtes } from './again.ts'
import { loggedCtes, transformedColumns } from './chunk.ts'
import { isDistinct, updatedColumns } from './images.ts'
import { isLate, readsRandom } from './late.ts'
import { ledgerTables } from './plan.ts'
import { isNamed, moved, walkedJoin } from './repair-keys.ts'
import { fromLines, type MappingParts, rowNames, transformRow } from './row.ts'

/** A column, and whose rows its value follows from: by references, or from the duplicates of its own. */
interface FollowingColumn {
  readonly column: Column
  /** The mappings of those rows; `*` stands for the source row itself. */
  readonly follows: readonly string[]
}

/** The columns that a repair may have to write in rows that are loaded already: all that can be made again, but the key. */
export function followingColumns({ mapping, targetKey, targetColumns }: MappingParts): readonly FollowingColumn[] {
  return targetColumns
    .filter(({ name }) => !targetKey.some((key) => key.name === name) && !isLate(mapping.columns[name], 'recompute'))
    .filter(({ name }) => !readsRandom(mapping.columns[name]))
    .map((column) => ({ column, follows: ['*', ...mappingsIn(mapping.columns[column.name], mapping.name)] }))
}

/** The mappings whose rows an expression reads: its own for a value over a group. */
function mappingsIn(root: unknown, own: string): readonly string[] {
  const names = new Set<string>()
  walk(root, (node) => {
    const annotation = annotationOf(node)
    if (annotation === undefined) return
    if ('mapping' in annotation) names.add(annotation.mapping)
    else if (['filled', 'collected', 'superseded'].includes(annotation.kind)) names.add(own)
  })
  return [...names].sort()
}

/**
 * Writes what follows from other rows into rows that are loaded, and nothing else: what the application has changed in
 * other columns since stays. The rows as they were are kept (I4); where a row was kept before, that image stays.
 */
export function followStatement(parts: MappingParts): string | null {
  const following = followingColumns(parts)
  if (following.length === 0) return null
  const { mapping, target, targetKey } = parts
  const late: MappingParts = {
    ...parts,
    mapping: { ...mapping, compute: undefined },
    targetColumns: following.map(({ column }) => column),
  }
  const row = transformRow(late, 'recompute')
  const key = sql`${expressionOf(row.key)}`
  const walked = targetKey.map(({ name }) => sql`${of('walked', name)} as ${id(`${rowNames.walked}${name}`)}`)
  const isStanding = sql`${of('s', rowNames.disposition)} in ('loaded', 'matched')`
  const differs = following.map(
    (each) =>
      sql`${isAsked(each)} and ${isDistinct(each.column, of('existing', each.column.name), of('s', each.column.name))}`,
  )
  const all = target.columns.filter(({ generated }) => generated === null).map(({ name }) => name)
  const images = expressionOf(tableNode(ledgerTables.images(mapping.name)))
  const values = following.map(
    (each) =>
      sql`${id(each.column.name)} = case when ${isAsked(each)} then ${of('s', each.column.name)} else ${of('t', each.column.name)} end`,
  )
  const ctes = [
    sql`s as materialized (
  select
    ${transformedColumns(late, row, 'outcome')},
    ${sql.join(walked, sql.raw(',\n    '))}
  ${expressionOf(fromLines(late, row, [walkedJoin(parts, key).toOperationNode()]))}
  where ${isNamed(parts, 'change', key)} and walked.disposition in (${standing(parts)})
)`,
    sql`locked as (
  select existing.*
  from ${expressionOf(tableNode(target))} as existing
  join s on ${isSameRow(parts, 'existing')}
  where ${isStanding} and (${sql.join(differs, sql` or `)})
  for no key update of existing
)`,
    sql`imaged as (
  insert into ${images} (${sql.join(all.map(id))})
  select ${sql.join(all.map(id))}
  from locked
  on conflict do nothing
)`,
    sql`updated as (
  update ${expressionOf(tableNode(target))} as t
  set ${sql.join(values, sql.raw(',\n    '))}
  from s, locked
  where ${isSameRow(parts, 't')} and ${sql.join(
    targetKey.map(({ name }) => sql`${of('locked', name)} = ${of('t', name)}`),
    sql` and `,
  )}
  returning ${of('s', rowNames.key)} as source_key
)`,
    moved(mapping.name, sql`updated`),
    ...unloggedCtes(
      parts,
      following.map(({ column }) => column.name),
    ),
    ...loggedCtes(late, row),
  ]
  return compile(
    sql`with ${sql.join(ctes, sql.raw(', '))}
select count(*) as changed
from updated
where cardinality($2::text[]) > 0`.toOperationNode(),
  )
}

/** Whether the column follows from a mapping whose rows have moved. `$2` those mappings. */
function isAsked({ follows }: FollowingColumn): RawBuilder<unknown> {
  return sql`$2::text[] && array[${sql.join(follows.map((name) => sql.lit(name)))}]`
}

/** The dispositions of rows whose target row the mapping writes: rows that it only matches are left alone. */
function standing(parts: MappingParts): RawBuilder<unknown> {
  const isWritten = updatedColumns(parts).length > 0
  return isWritten ? sql`'loaded', 'matched'` : sql`'loaded'`
}

function isSameRow({ targetKey }: MappingParts, alias: string): RawBuilder<unknown> {
  return sql.join(
    targetKey.map(({ name }) => sql`${of(alias, name)} = ${of('s', `${rowNames.walked}${name}`)}`),
    sql` and `,
  )
}

function of(alias: string, column: string): RawBuilder<unknown> {
  return sql`${expressionOf(columnNode(alias, column))}`
}

function id(name: string): RawBuilder<unknown> {
  return sql`${expressionOf(identifier(name))}`
}
