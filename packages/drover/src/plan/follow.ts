import { type RawBuilder, sql } from 'kysely'
import type { Column } from '../catalog/table.ts'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { unloggedCtes } from './again.ts'
import { loggedCtes, transformedColumns } from './chunk.ts'
import { isResolved } from './decided.ts'
import { isDistinct, updatedColumns } from './images.ts'
import { isLate, readsRandom } from './late.ts'
import { readsOf } from './lineage.ts'
import { mappingsBehind } from './mentions.ts'
import { imageVersion, ledgerTables } from './plan.ts'
import { isNamed, moved, walkedJoin } from './repair-keys.ts'
import { fromLines, type MappingParts, rowNames, transformRow } from './row.ts'
import { versionOf } from './run-transactions.ts'

/** A column, and whose rows its value follows from: by references, or from the duplicates of its own. */
interface FollowingColumn {
  readonly column: Column
  /** The mappings of those rows; `*` stands for the source row itself. */
  readonly follows: readonly string[]
}

/** The columns that a repair may have to write in rows that are loaded already: all that can be made again. */
export function followingColumns(parts: MappingParts): readonly FollowingColumn[] {
  const { mapping, targetColumns } = parts
  const ofKey = readsOf(mapping.key)
  return targetColumns
    .filter(({ name }) => !isLate(mapping.columns[name], 'recompute') && !readsRandom(mapping.columns[name]))
    .map((column) => ({ column, follows: ['*', ...mappingsBehind(mapping.columns[column.name], parts)] }))
    .filter(
      // What is made of the source key alone is the same for ever.
      ({ column, follows }) =>
        follows.length > 1 || readsOf(mapping.columns[column.name]).some((read) => !ofKey.includes(read)),
    )
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
  const updated = new Set(updatedColumns(parts).map(({ name }) => name))
  /** Of a row that stood before the run only the columns that the mapping updates are its own. */
  const isMeant = (each: FollowingColumn) =>
    updated.has(each.column.name) ? isAsked(each) : sql`(${isAsked(each)} and s._stands = 'loaded')`
  const differs = following.map(
    (each) =>
      sql`${isMeant(each)} and ${isDistinct(each.column, of('existing', each.column.name), of('s', each.column.name))}`,
  )
  const kept = [...target.columns.filter(({ generated }) => generated === null).map(({ name }) => name), imageVersion]
  const images = expressionOf(tableNode(ledgerTables.images(mapping.name)))
  const values = following.map(
    (each) =>
      sql`${id(each.column.name)} = case when ${isMeant(each)} then ${of('s', each.column.name)} else ${of('t', each.column.name)} end`,
  )
  const renamed = renamedKeys(parts, following)
  const ctes = [
    sql`s as materialized (
  select
    ${transformedColumns(late, row, 'outcome')},
    walked.disposition as _stands,
    ${sql.join(walked, sql.raw(',\n    '))}
  ${expressionOf(fromLines(late, row, [walkedJoin(parts, key).toOperationNode()]))}
  where ${isNamed(parts, 'change', key)} and walked.disposition in (${standing(parts)})
)`,
    sql`locked as (
  select existing.*, ${versionOf(of('existing', 'xmin'))} as ${id(imageVersion)}
  from ${expressionOf(tableNode(target))} as existing
  join s on ${isSameRow(parts, 'existing')}
  where ${isStanding} and (${sql.join(differs, sql` or `)})
  for no key update of existing
)`,
    sql`imaged as (
  insert into ${images} (${sql.join(kept.map(id))})
  select ${sql.join(kept.map(id))}
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
  returning ${of('s', rowNames.key)} as source_key${renamed.returned}
)`,
    ...renamed.ctes,
    moved(mapping.name, sql`updated`),
    sql`asked as (
  select column_name
  from (values ${sql.join(following.map(({ column, follows }) => sql`(${sql.lit(column.name)}, ${list(follows)})`))}) as each (column_name, follows)
  where $2::text[] && follows
)`,
    // What was logged of a value that stays is its only trace.
    ...unloggedCtes(parts, sql` and log.column_name in (select column_name from asked) and ${isStanding}`),
    ...loggedCtes(late, row, sql` and guard.column_name in (select column_name from asked)`),
  ]
  return compile(
    sql`with ${sql.join(ctes, sql.raw(', '))}
select count(*) as changed
from updated`.toOperationNode(),
  )
}

/** Where the key of target rows follows from other rows, the ledger learns of the new one. */
function renamedKeys({ mapping, targetKey }: MappingParts, following: readonly FollowingColumn[]) {
  const isOfKey = ({ column }: FollowingColumn) => targetKey.some(({ name }) => name === column.name)
  if (!following.some(isOfKey)) return { returned: sql``, ctes: [] }
  const names = targetKey.map(({ name }) => ({ name, old: `_old_${name}`, made: `_new_${name}` }))
  const returned = names.flatMap(({ name, old, made }) => [
    sql`${of('locked', name)} as ${id(old)}`,
    sql`${of('t', name)} as ${id(made)}`,
  ])
  const tables = [
    ['walked', ledgerTables.crosswalk(mapping.name)] as const,
    ...(isResolved(mapping) ? [['resolved', ledgerTables.resolution(mapping.name)] as const] : []),
  ]
  return {
    returned: sql`, ${sql.join(returned)}`,
    ctes: tables.map(
      ([cte, table]) => sql`${sql.raw(cte)} as (
  update ${expressionOf(tableNode(table))} as entry
  set ${sql.join(names.map(({ name, made }) => sql`${id(name)} = ${of('updated', made)}`))}
  from updated
  where ${sql.join(
    names.map(({ name, old }) => sql`${of('entry', name)} = ${of('updated', old)}`),
    sql` and `,
  )}
)`,
    ),
  }
}

/** Whether the column follows from a mapping whose rows have moved. `$2` those mappings. */
function isAsked({ follows }: FollowingColumn): RawBuilder<unknown> {
  return sql`$2::text[] && ${list(follows)}`
}

function list(names: readonly string[]): RawBuilder<unknown> {
  return sql`array[${sql.join(names.map((name) => sql.lit(name)))}]`
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
