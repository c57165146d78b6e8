import { type Expression, type RawBuilder, sql } from 'kysely'
import { capabilitiesOf } from '../catalog/capabilities.ts'
import type { Column } from '../catalog/table.ts'
import { compile } from '../sql/compile.ts'
import { columnOf, expressionOf, identifierOf, literal, tableNode } from '../sql/nodes.ts'
import { unloggedCtes } from './again.ts'
import { isResolved } from './decided.ts'
import { isDistinct, updatedColumns } from './images.ts'
import { isLate, readsRandom } from './late.ts'
import { readsOf } from './lineage.ts'
import { mappingsBehind } from './mentions.ts'
import { imageVersion, ledgerTables } from './plan.ts'
import { chunkRow, isOutcome, type PrintedRow, printRow } from './printed-row.ts'
import { isNamed, moved, walkedJoin, writtenKey } from './repair-keys.ts'
import { type MappingParts, rowNames } from './row.ts'
import { ownVersion, versionOf } from './run-transactions.ts'
import { loggedCtes } from './written.ts'

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
  return (
    targetColumns
      // A row cannot move to another node: what would have to is found by verify.
      .filter(({ name }) => name !== parts.target.distribution?.column)
      .filter(({ name }) => !isLate(mapping.columns[name], 'recompute') && !readsRandom(mapping.columns[name]))
      .map((column) => ({ column, follows: ['*', ...mappingsBehind(mapping.columns[column.name], parts)] }))
      .filter(
        // What is made of the source key alone is the same for ever.
        ({ column, follows }) =>
          follows.length > 1 || readsOf(mapping.columns[column.name]).some((read) => !ofKey.includes(read)),
      )
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
  const row = madeAgain(parts, late)
  const walked = targetKey.map(({ name }) => sql`${of('walked', name)} as ${id(`${rowNames.walked}${name}`)}`)
  const isStanding = sql`${of('s', rowNames.disposition)} in ('loaded', 'matched')`
  const updated = new Set(updatedColumns(parts).map(({ name }) => name))
  const sources = printedSources(following)
  /** Of a row that stood before the run only the columns that the mapping updates are its own. */
  const isMeant = (each: FollowingColumn) => {
    // Whether the column follows from a mapping whose rows have moved. `$2` those mappings.
    const isAsked = sql`$2::text[] && ${sources.get(each)}`
    return updated.has(each.column.name) ? isAsked : sql`(${isAsked} and s._stands = 'loaded')`
  }
  const differs = following.map(
    (each) =>
      sql`${isMeant(each)} and ${isDistinct(each.column, of('existing', each.column.name), of('s', each.column.name))}`,
  )
  const kept = target.columns.filter(({ generated }) => generated === null).map(({ name }) => name)
  const { comparesVersions, locksRows } = capabilitiesOf(target)
  // A row that the run has made is no state from before it.
  const version = comparesVersions
    ? id(imageVersion)
    : sql`case when _stands_as = 'loaded' then ${ownVersion} else 0 end`
  const images = expressionOf(tableNode(ledgerTables.images(mapping.name)))
  const values = following.map(
    (each) =>
      sql`${id(each.column.name)} = case when ${isMeant(each)} then ${of('s', each.column.name)} else ${of('t', each.column.name)} end`,
  )
  const renamed = renamedKeys(parts, following)
  const ctes = [
    sql`s as materialized (
  select made.*, walked.disposition as _stands,
    ${sql.join(walked, sql.raw(',\n    '))}
  from (
  ${row.query(isNamed(parts, 'change', writtenKey(parts)), isOutcome)}
  ) as made
  ${walkedJoin(parts, sql`${of('made', rowNames.key)}`)}
  where walked.disposition in (${standing(parts)})
)`,
    sql`locked as (
  select existing.*, ${comparesVersions ? sql`${versionOf(of('existing', 'xmin'))} as ${id(imageVersion)}` : sql`s._stands as _stands_as`}
  from ${expressionOf(tableNode(target))} as existing
  join s on ${isSameRow(parts, 'existing')}
  where ${isStanding} and (${sql.join(differs, sql` or `)})${
    locksRows
      ? sql`
  for no key update of existing`
      : sql``
  }
)`,
    sql`imaged as (
  insert into ${images} (${sql.join([...kept, imageVersion].map(id))})
  select ${sql.join([...kept.map(id), version])}
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
  from (values ${sql.join(following.map((each) => sql`(${literal(each.column.name)}, ${sources.get(each)})`))}) as each (column_name, follows)
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

/** The names that each column follows from, as an array: printed once for all columns that follow from the same. */
function printedSources(following: readonly FollowingColumn[]): ReadonlyMap<FollowingColumn, RawBuilder<unknown>> {
  const lists = new Map(following.map(({ follows }) => [follows.join(' '), follows]))
  const texts = new Map(
    [...lists].map(([name, follows]) => {
      const list = sql`array[${sql.join(follows.map((each) => sql.lit(each)))}]`
      return [name, sql.raw(compile(list.toOperationNode()))]
    }),
  )
  return new Map(following.map((each) => [each, texts.get(each.follows.join(' '))!]))
}

/**
 * The row as it is made again. Where nothing of it is known later, waits for the end of the load or differs from call to
 * call, it is the chunk's, and holds the columns too that follow from nothing.
 */
function madeAgain(parts: MappingParts, late: MappingParts): PrintedRow {
  const { mapping, targetColumns, context } = parts
  const isWhole =
    mapping.compute === undefined &&
    context.deferred.length === 0 &&
    targetColumns.every(({ name }) => !readsRandom(mapping.columns[name]))
  return isWhole ? chunkRow(parts) : printRow(late, 'recompute')
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

function of(alias: string, column: string): Expression<unknown> {
  return columnOf(alias, column)
}

function id(name: string): Expression<unknown> {
  return identifierOf(name)
}
