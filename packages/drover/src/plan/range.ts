import { type ColumnNode, type Expression, type OperationNode, type RawBuilder, ReferenceNode, sql } from 'kysely'
import { capabilitiesOf } from '../catalog/capabilities.ts'
import type { Column } from '../catalog/table.ts'
import { sourceKey } from '../define/reference.ts'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf, tableNode } from '../sql/nodes.ts'
import { readsOf } from './lineage.ts'
import { partitionPlans, partsOfChunk } from './partitions.ts'
import type { PartitionPlan } from './plan.ts'
import { drivingColumn, drivingRelation, hasPhysicalRows, isInPartitions, type MappingParts } from './row.ts'
import { partNumber } from './source.ts'
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
  return isBlocked(parts) && hasPhysicalRows(partsOfChunk(parts).source) ? undefined : keyColumns(parts)
}

/**
 * The table whose blocks are the chunks' ranges, where another than drover could move its rows. Partitions are locked by the
 * statement that names them.
 */
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

/** What tells rows apart where chunks end and begin, with the type in which bounds are compared. */
interface Place {
  readonly node: OperationNode
  readonly type: string
}

/**
 * The places that ranges are made of, in order: columns of the key, physical rows, or, where a relation has neither, the
 * text of the key. None where that reads from a joined relation: such a mapping is one chunk that cannot be split.
 */
export function placesOf(parts: MappingParts): readonly Place[] {
  const columns = rangeColumns(parts)
  if (columns !== undefined) {
    return columns.map(({ name, baseType }) => ({ node: drivingColumn(parts, name), type: castType(baseType) }))
  }
  if (hasBlocks(parts)) return placesInBlocks(parts)
  const { key } = parts.mapping
  if (!readsOf(key).every((read) => read.startsWith(`${parts.source.alias}.`))) return []
  const text = sourceKey(key.map(expressionOf))
  return [{ node: sql`(${text}) collate "C"`.toOperationNode(), type: 'text' }]
}

function placesInBlocks(parts: MappingParts): readonly Place[] {
  const row = { node: drivingColumn(parts, 'ctid'), type: 'tid' }
  return isInPartitions(parts.source) ? [{ node: drivingColumn(parts, partNumber), type: 'int4' }, row] : [row]
}

/**
 * The rows of one chunk: from the lower bound up to but without the upper bound, both text arrays with one entry a place;
 * a null bound is open, so that the first and the last chunk take rows that came in later.
 * The comparison is in the place's own type and collation, which for a key is the order of its index.
 */
export function rangeCondition(parts: MappingParts, { lower, upper }: Bounds = chunkBounds): OperationNode {
  const from = sql.raw(`${lower}::text[]`)
  const upTo = sql.raw(`${upper}::text[]`)
  const places = placesOf(parts)
  if (isInPartitions(parts.source)) return rangeInPartitions(places, from, upTo)
  if (places.length === 0) return sql`${from} is null and ${upTo} is null`.toOperationNode()
  const place = sql`(${sql.join(places.map(({ node }) => expressionOf(node)))})`
  const bound = (values: RawBuilder<unknown>) =>
    sql`(${sql.join(places.map(({ type }, i) => sql`(${values})[${sql.lit(i + 1)}]::${sql.raw(type)}`))})`
  return sql`(${from} is null or ${place} >= ${bound(from)}) and (${upTo} is null or ${place} < ${bound(upTo)})`.toOperationNode()
}

/**
 * The same where places begin with the number of a partition, which is a constant of each: what is left of the condition is
 * a range of its blocks for the first and the last one, and nothing for those between. Of a comparison of rows the server
 * would not see that.
 */
function rangeInPartitions(
  places: readonly Place[],
  from: RawBuilder<unknown>,
  upTo: RawBuilder<unknown>,
): OperationNode {
  const [partition, row] = places.map(({ node }) => expressionOf(node))
  const of = (bound: RawBuilder<unknown>) =>
    places.map(({ type }, i) => sql`(${bound})[${sql.lit(i + 1)}]::${sql.raw(type)}`)
  const [first, firstRow] = of(from)
  const [last, lastRow] = of(upTo)
  return sql`(${from} is null or ${partition} > ${first} or ${partition} = ${first} and ${row} >= ${firstRow}) and (${upTo} is null or ${partition} < ${last} or ${partition} = ${last} and ${row} < ${lastRow})`.toOperationNode()
}

/** Whether rows lie in blocks of this server. A view's, a foreign table's and shards' do not: they are one chunk until it fails. */
function hasBlocks(parts: MappingParts): boolean {
  const { driving } = parts.source
  if (driving.kind === 'query') return true
  const { table } = driving
  return ['table', 'partitioned', 'materialized view'].includes(table.kind) && capabilitiesOf(table).hasPlaces
}

/**
 * Cuts the driving relation into pieces of about `$2` rows for run `$1`: by every `$2`th key, or by blocks. An empty
 * relation has one piece, so that rows which come in later are not overlooked.
 */
export function cutChunks(parts: MappingParts): string {
  const columns = rangeColumns(parts)
  const relation = expressionOf(drivingRelation(parts))
  const partitions = partitionPlans(parts)
  const name = sql.lit(parts.mapping.name)
  const place = (column: Column) => expressionOf(columnNode('k', column.name))
  const pieces =
    partitions.length > 0
      ? piecesOfPartitions(relation, partitions)
      : columns === undefined && !hasBlocks(parts)
        ? sql`
  select 1 as number, null::text[] as lower, count(*) as rows from ${relation} where $2::bigint > 0`
        : columns === undefined
          ? sql`
  select row_number() over (order by block) as number,
    case when block > 0 then array['(' || block || ',0)'] end as lower,
    step * n / greatest(blocks, 1) as rows
  from (
    select blocks, n, greatest(1, blocks * $2::bigint / greatest(n, 1)) as step
    from (
      select pg_relation_size(${sql.lit(compile(relation.toOperationNode()))}::regclass) / current_setting('block_size')::int as blocks,
        (select count(*) from ${relation}) as n
    ) as size
  ) as cut
  cross join lateral generate_series(0, greatest(blocks - 1, 0), step) as block`
          : sql`
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array[${sql.join(columns.map((column) => sql`${place(column)}::text`))}] as bound,
      row_number() over (order by ${sql.join(columns.map(place))}) as position
    from ${relation} as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from ${relation})`
  return compile(
    sql`with piece as (${pieces}
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, ${name}, number, lower, lead(lower) over (order by number), rows
from piece`.toOperationNode(),
  )
}

/** Blocks of each partition that holds rows; of the first one in any case. Small ones share a chunk when it is picked. */
function piecesOfPartitions(relation: Expression<unknown>, partitions: readonly PartitionPlan[]): RawBuilder<unknown> {
  const listed = partitions.map((each, i) => sql`(${sql.lit(i + 1)}, ${sql.lit(compile(tableNode(each)))}::regclass)`)
  return sql`
  select row_number() over (order by partition, block) as number,
    case when partition > 1 or block > 0 then array[partition::text, '(' || block || ',0)'] end as lower,
    least(step, blocks - block) * n / greatest(blocks, 1) as rows
  from (
    select partition, blocks, n, greatest(1, blocks * $2::bigint / greatest(n, 1)) as step
    from (
      select listed.partition, coalesce(counted.n, 0) as n,
        pg_relation_size(listed.relation) / current_setting('block_size')::int as blocks
      from (values ${sql.join(listed)}) as listed (partition, relation)
      left join (
        select tableoid, count(*) as n from ${relation} group by tableoid
      ) as counted on counted.tableoid = listed.relation
    ) as size
    where n > 0 or partition = 1
  ) as cut
  cross join lateral generate_series(0, greatest(blocks - 1, 0), step) as block`
}
