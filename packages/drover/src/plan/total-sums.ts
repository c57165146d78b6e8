import { type RawBuilder, sql } from 'kysely'
import { sourceKey } from '../define/reference.ts'
import type { TotalDefinition } from '../define/total.ts'
import { columnNode, expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { updatedColumns } from './images.ts'
import { ledgerTables } from './plan.ts'
import { fromLines, type MappingParts, rowNames } from './row.ts'
import { targetPlacer } from './total-columns.ts'
import { transformer } from './transform.ts'

/** The key of each row of the source, and what it adds to each total. */
export function sourceRows(parts: MappingParts): RawBuilder<unknown> {
  const { mapping, target, context } = parts
  const transform = transformer(mapping, target, context, 'resolve')
  const key = transform.place(sourceKey(mapping.key.map(expressionOf)).toOperationNode())
  const amounts = mapping.totals.map(
    (total, i) => sql`(${expressionOf(transform.place(total.source))})::numeric as ${source(i)}`,
  )
  return sql`select ${expressionOf(key)} as ${id(rowNames.key)}, ${sql.join(amounts)}
  ${expressionOf(fromLines(parts, { transform }))}`
}

/**
 * `sums`: what is left of each total, by disposition and group. Of a row without a row of its own in the target there is no
 * group: it was merged into another one, found there and left alone, set aside, or deleted since.
 */
export function sumsCtes(parts: MappingParts): RawBuilder<unknown> {
  const { mapping, targetKey } = parts
  const place = targetPlacer(parts.context)
  const own = updatedColumns(parts).length > 0 ? sql`'loaded', 'matched'` : sql`'loaded'`
  const isThere = sql`${of('existing', targetKey[0]!.name)} is not null`
  const isSameRow = targetKey.map(({ name }) => sql`${of('existing', name)} = ${of('walked', name)}`)
  const columns = mapping.totals.flatMap((total, i) => {
    const group = total.by.map((node) => sql`(${expressionOf(place(node))})::text`)
    return [
      of('s', `source_${i + 1}`),
      sql`case when ${isThere} then (${expressionOf(place(total.target))})::numeric end as ${target(i)}`,
      sql`array[${sql.join(group)}]::text[] as ${groupOf(i)}`,
    ]
  })
  const selects = mapping.totals.map((total, i) => sumsOf(total, i))
  return sql`s as (
  ${sourceRows(parts)}
), taken as (
  select walked.disposition,
    ${isThere} as is_there,
    ${sql.join(columns, sql.raw(',\n    '))}
  from s
  full join ${expressionOf(tableNode(ledgerTables.crosswalk(mapping.name)))} as walked
    on walked.source_key = ${of('s', rowNames.key)} collate "C"
  left join ${expressionOf(tableNode(parts.target))} as existing
    on walked.disposition in (${own}) and ${sql.join(isSameRow, sql` and `)}
), sums as (
  ${sql.join(selects, sql.raw('\n  union all\n  '))}
)`
}

/** Grouped by what does not mention the target's key: by its statistics the server would expect a group for each row. */
function sumsOf({ name }: TotalDefinition, i: number): RawBuilder<unknown> {
  return sql`select ${sql.lit(name)} as name, disposition, case when is_there then ${groupOf(i)} end as group_key,
    count(*) as rows,
    ${sumOf(source(i))} as source_sum, trim_scale(sum(${target(i)})) as target_sum
  from taken
  group by disposition, is_there, ${groupOf(i)}`
}

/** The sum without zeros that say nothing; 0 of no rows. */
export function sumOf(column: RawBuilder<unknown>, condition?: RawBuilder<unknown>): RawBuilder<unknown> {
  const filter = condition === undefined ? sql`` : sql` filter (where ${condition})`
  return sql`trim_scale(coalesce(sum(${column})${filter}, 0))`
}

/** The mapping's name, as the ledger has it. */
export function ownName({ mapping }: MappingParts): RawBuilder<unknown> {
  return sql`${sql.lit(mapping.name)}`
}

/** The column of a total's source amounts, or of their sum. */
export function source(i: number): RawBuilder<unknown> {
  return id(`source_${i + 1}`)
}

function target(i: number): RawBuilder<unknown> {
  return id(`target_${i + 1}`)
}

function groupOf(i: number): RawBuilder<unknown> {
  return id(`group_${i + 1}`)
}

function of(alias: string, column: string): RawBuilder<unknown> {
  return sql`${expressionOf(columnNode(alias, column))}`
}

function id(name: string): RawBuilder<unknown> {
  return sql`${expressionOf(identifier(name))}`
}
