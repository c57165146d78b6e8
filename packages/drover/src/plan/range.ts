import { type ColumnNode, type OperationNode, type RawBuilder, ReferenceNode, sql } from 'kysely'
import type { Column } from '../catalog/table.ts'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf } from '../sql/nodes.ts'
import { drivingColumn, drivingRelation, hasPhysicalRows, type MappingParts } from './row.ts'
import { castType } from './type-name.ts'

/**
 * The columns of the driving table that make the key, where it is made of plain columns. A type of an extension is out:
 * its operators are not on the search path, and those of the type that it would be read as have another order.
 */
export function keyColumns(parts: MappingParts): readonly Column[] | undefined {
  const { driving, alias } = parts.source
  if (driving.kind !== 'table') return undefined
  const columns = parts.mapping.key.map((node) => {
    if (!ReferenceNode.is(node) || node.table?.table.identifier.name !== alias) return undefined
    const { name } = (node.column as ColumnNode).column
    return driving.table.columns.find(
      (column) => column.name === name && (column.kind === 'enum' || !column.baseType.includes('.')),
    )
  })
  return columns.every((column) => column !== undefined) ? columns : undefined
}

/**
 * The columns that chunks are ranges of; none where they are ranges of physical blocks. Those are faster to read, but only
 * a table that nobody writes to keeps its rows in place.
 */
export function rangeColumns(parts: MappingParts): readonly Column[] | undefined {
  return isBlocked(parts) && hasPhysicalRows(parts.source) ? undefined : keyColumns(parts)
}

/** The table whose blocks are the chunks' ranges, where another than drover could move its rows. */
export function heldTable(parts: MappingParts): OperationNode | undefined {
  return isBlocked(parts) && hasPhysicalRows(parts.source) && parts.source.driving.kind === 'table'
    ? drivingRelation(parts)
    : undefined
}

function isBlocked({ mapping, context }: MappingParts): boolean {
  return context.freeze === 'block' && mapping.kind === 'copy'
}

/** The parameters that hold the bounds of a chunk. */
export interface Bounds {
  readonly lower: string
  readonly upper: string
}

/** As every statement of a chunk numbers them, unless it has no use for the run and the chunk's number. */
const chunkBounds: Bounds = { lower: '$3', upper: '$4' }

/**
 * The rows of one chunk: from the lower bound up to but without the upper bound, both text arrays with one entry a key
 * column; a null bound is open, so that the first and the last chunk take rows that came in later.
 * The comparison is in the key's own type and collation, which is the order of its index.
 */
export function rangeCondition(parts: MappingParts, { lower, upper }: Bounds = chunkBounds): OperationNode {
  const from = sql.raw(`${lower}::text[]`)
  const upTo = sql.raw(`${upper}::text[]`)
  const columns = rangeColumns(parts)
  if (columns === undefined && !hasBlocks(parts)) {
    return sql`${from} is null and ${upTo} is null`.toOperationNode()
  }
  if (columns === undefined) {
    const place = expressionOf(drivingColumn(parts, 'ctid'))
    return sql`(${from} is null or ${place} >= (${from})[1]::tid) and (${upTo} is null or ${place} < (${upTo})[1]::tid)`.toOperationNode()
  }
  const key = sql`(${sql.join(columns.map((column) => expressionOf(drivingColumn(parts, column.name))))})`
  const bound = (values: RawBuilder<unknown>) =>
    sql`(${sql.join(columns.map((column, i) => sql`(${values})[${sql.lit(i + 1)}]::${sql.raw(castType(column.baseType))}`))})`
  return sql`(${from} is null or ${key} >= ${bound(from)}) and (${upTo} is null or ${key} < ${bound(upTo)})`.toOperationNode()
}

/** Whether rows have a place by which ranges can be told apart. A view's and a foreign table's have none: one chunk. */
function hasBlocks(parts: MappingParts): boolean {
  const { driving } = parts.source
  return driving.kind === 'query' || ['table', 'partitioned', 'materialized view'].includes(driving.table.kind)
}

/**
 * Cuts the driving relation into chunks of about `$2` rows for run `$1`: by every `$2`th key, or by blocks. An empty
 * relation has one chunk, so that rows which come in later are not overlooked.
 */
export function cutChunks(parts: MappingParts): string {
  const columns = rangeColumns(parts)
  const relation = expressionOf(drivingRelation(parts))
  const name = sql.lit(parts.mapping.name)
  const place = (column: Column) => expressionOf(columnNode('k', column.name))
  const bounds =
    columns === undefined && !hasBlocks(parts)
      ? sql`
  select 1 as number, null::text[] as lower where $2::bigint > 0`
      : columns === undefined
        ? sql`
  select row_number() over (order by block) as number,
    case when block > 0 then array['(' || block || ',0)'] end as lower
  from (
    select pg_relation_size(${sql.lit(compile(relation.toOperationNode()))}::regclass) / current_setting('block_size')::int as blocks,
      (select count(*) from ${relation}) as n
  ) as size
  cross join lateral generate_series(0, greatest(size.blocks - 1, 0), greatest(1, size.blocks * $2::bigint / greatest(size.n, 1))) as block`
        : sql`
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower
  from (
    select array[${sql.join(columns.map((column) => sql`${place(column)}::text`))}] as bound,
      row_number() over (order by ${sql.join(columns.map(place))}) as position
    from ${relation} as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null where not exists (select from ${relation})`
  return compile(
    sql`with bound as (${bounds}
)
insert into drover.chunk (run_id, mapping, number, lower, upper)
select $1::bigint, ${name}, number, lower, lead(lower) over (order by number)
from bound`.toOperationNode(),
  )
}
