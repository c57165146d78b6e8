import { type RawBuilder, sql } from 'kysely'
import type { Column } from '../catalog/table.ts'
import { sourceKey } from '../define/reference.ts'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf, tableNode } from '../sql/nodes.ts'
import { transformedColumns } from './chunk.ts'
import { isDistinct, updatedColumns } from './images.ts'
import { isLate } from './late.ts'
import { type ComparisonPlan, ledgerTables } from './plan.ts'
import { fromLines, type MappingParts, rowNames, transformRow } from './row.ts'

/**
 * Recomputes every row from the source and compares it with the target through the crosswalk, column by column. It asks
 * the same expressions as the chunks did: what differs was changed afterwards, by a trigger, or by a defect.
 */
export function comparisonPlan(parts: MappingParts, opaque: readonly string[]): ComparisonPlan | null {
  const { mapping } = parts
  if (mapping.kind === 'evolve') return null
  const left = new Set(
    parts.targetColumns
      .map(({ name }) => name)
      .filter((name) => opaque.includes(name) || isLate(mapping.columns[name], 'recompute')),
  )
  const known: MappingParts = {
    ...parts,
    mapping: { ...mapping, compute: undefined },
    targetColumns: parts.targetColumns.filter(({ name }) => !left.has(name)),
  }
  return {
    columns: known.targetColumns.map(({ name }) => name),
    notCompared: [...left],
    statement: compareStatement(known, mapping.compute !== undefined),
  }
}

function compareStatement(parts: MappingParts, hasFunction: boolean): string {
  const row = transformRow(parts, 'recompute')
  const { mapping, targetKey, targetColumns } = parts
  // As it is written, so that it reads the source row alone: of a row that the database refused, nothing may be computed.
  const key = expressionOf(sourceKey(mapping.key.map(expressionOf)).toOperationNode())
  const disposition = of('walked', 'disposition')
  const isThere = sql`${of('t', targetKey[0]!.name)} is not null`
  const isSameRow = targetKey.map(({ name }) => sql`${of('t', name)} = ${of('walked', name)}`)
  const differences = [
    ...targetColumns.map((column) => difference(column, sql`${disposition} = 'loaded'`)),
    ...updatedColumns(parts).map((column) => difference(column, sql`${disposition} = 'matched'`)),
  ]
  return compile(
    sql`with s as materialized (
  select
    ${transformedColumns(parts, row, 'outcome')}
  ${expressionOf(fromLines(parts, row))}
  where ${key} not in (
    select source_key
    from drover.quarantine
    where run_id = $1::bigint and mapping = ${sql.lit(mapping.name)} and sqlstate is not null
  )
), compared as (
  select coalesce(walked.source_key, ${of('s', rowNames.key)}) as key,
    case
      when walked.source_key is null then 'no disposition'
      when ${of('s', rowNames.key)} is null and not (${isSetAside(mapping.name, sql`q.sqlstate is not null`)}) then 'no source row'
      when ${disposition} <> ${of('s', rowNames.disposition)} and not (${isDecidedLater(mapping.name, hasFunction)}) then
        case when ${disposition} = 'quarantined' then 'quarantined, and would not be now' else 'disposition' end
      when ${disposition} = 'loaded' and not (${isThere}) then 'no target row'
    end as fault,
    case when ${isThere} then array_remove(array[
      ${sql.join(differences, sql.raw(',\n      '))}
    ]::text[], null) else '{}' end as columns
  from s
  full join ${expressionOf(tableNode(ledgerTables.crosswalk(mapping.name)))} as walked
    on walked.source_key = ${of('s', rowNames.key)} collate "C"
  left join ${expressionOf(tableNode(parts.target))} as t
    on ${disposition} in ('loaded', 'matched') and ${sql.join(isSameRow, sql` and `)}
)
select count(*) over () as n, key, fault, columns
from compared
where fault is not null or cardinality(columns) > 0
order by key collate "C"
limit ${sql.lit(namedRows)}`.toOperationNode(),
  )
}

/** Rows that a comparison names at most. */
const namedRows = 5

/** The name of the column, where the target holds another value than the transform makes. */
function difference(column: Column, isAsked: RawBuilder<unknown>): RawBuilder<unknown> {
  // The declared type, with its length or scale: to it the value was rounded and padded when it was written.
  const made = sql`(${of('s', column.name)})::${sql.raw(column.type)}`
  return sql`case when ${isAsked} and ${isDistinct(column, of('t', column.name), made)} then ${sql.lit(column.name)} end`
}

/** Rows that are set aside for what no transform knows: with the row that stands for them, by a function, or for good. */
function isDecidedLater(mapping: string, hasFunction: boolean): RawBuilder<unknown> {
  return isSetAside(
    mapping,
    hasFunction ? sql`true` : sql`(q.code = 'survivor-quarantined' or q.accepted_at is not null)`,
  )
}

function isSetAside(mapping: string, condition: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`${of('walked', 'disposition')} = 'quarantined' and exists (
        select from drover.quarantine as q
        where q.run_id = $1::bigint and q.mapping = ${sql.lit(mapping)} and q.source_key = walked.source_key and ${condition}
      )`
}

function of(alias: string, column: string): RawBuilder<unknown> {
  return sql`${expressionOf(columnNode(alias, column))}`
}
