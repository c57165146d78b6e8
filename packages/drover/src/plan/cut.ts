import { type Expression, type RawBuilder, sql } from 'kysely'
import type { Column } from '../catalog/table.ts'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf, tableNode } from '../sql/nodes.ts'
import { partitionPlans } from './partitions.ts'
import type { PartitionPlan } from './plan.ts'
import { hasBlocks, rangeColumns } from './range.ts'
import { drivingRelation, type MappingParts } from './row.ts'

/**
 * Cuts the driving relation into pieces of about `$2` rows for run `$1`: by every `$2`th key, or by blocks. An empty
 * relation has one piece, so that rows which come in later are not overlooked.
 */
export function cutChunks(parts: MappingParts): string {
  const name = sql.lit(parts.mapping.name)
  return compile(
    sql`with piece as (${piecesOf(parts)}
)
insert into drover.chunk (run_id, mapping, number, lower, upper, rows)
select $1::bigint, ${name}, number, lower, lead(lower) over (order by number), rows
from piece`.toOperationNode(),
  )
}

function piecesOf(parts: MappingParts): RawBuilder<unknown> {
  const columns = rangeColumns(parts)
  const relation = expressionOf(drivingRelation(parts))
  const partitions = partitionPlans(parts)
  if (partitions.length > 0) {
    const pieces = columns ? keysOfPartitions(partitions, columns) : blocksOfPartitions(relation, partitions)
    return piecesOfPartitions(relation, pieces)
  }
  if (columns !== undefined) return piecesOfKeys(relation, columns)
  if (hasBlocks(parts)) return piecesOfBlocks(relation)
  return sql`
  select 1 as number, null::text[] as lower, count(*) as rows from ${relation} where $2::bigint > 0`
}

function piecesOfKeys(relation: Expression<unknown>, columns: readonly Column[]): RawBuilder<unknown> {
  const place = columns.map(({ name }) => expressionOf(columnNode('k', name)))
  return sql`
  select (position - 1) / $2::bigint + 1 as number, case when position > 1 then bound end as lower,
    $2::bigint as rows
  from (
    select array[${sql.join(place.map((column) => sql`${column}::text`))}] as bound,
      row_number() over (order by ${sql.join(place)}) as position
    from ${relation} as k
  ) as numbered
  where (position - 1) % $2::bigint = 0
  union all
  select 1, null, 0 where not exists (select from ${relation})`
}

function piecesOfBlocks(relation: Expression<unknown>): RawBuilder<unknown> {
  return sql`
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
}

/**
 * Pieces of the partitions that hold rows, one after the other: each begins ahead of all rows of its partition, or `within`
 * it, and ends where the next one begins, so that empty partitions lie between. Small ones share a chunk when it is picked.
 */
function piecesOfPartitions(relation: Expression<unknown>, pieces: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
  select number, case when number > 1 then array[partition::text] || within end as lower, rows
  from (
    select row_number() over (order by partition, place) as number, partition, within, rows
    from (${pieces}
      union all
      select 1, 0, null, 0 where not exists (select from ${relation})
    ) as cut
  ) as numbered`
}

function blocksOfPartitions(relation: Expression<unknown>, partitions: readonly PartitionPlan[]): RawBuilder<unknown> {
  const listed = partitions.map((each, i) => sql`(${sql.lit(i + 1)}, ${sql.lit(compile(tableNode(each)))}::regclass)`)
  return sql`
      select partition, block as place, case when block > 0 then array['(' || block || ',0)'] end as within,
        least(step, blocks - block) * n / blocks as rows
      from (
        select listed.partition, size.blocks, counted.n, greatest(1, size.blocks * $2::bigint / counted.n) as step
        from (values ${sql.join(listed)}) as listed (partition, relation)
        join (
          select tableoid, count(*) as n from ${relation} group by tableoid
        ) as counted on counted.tableoid = listed.relation
        cross join lateral (
          select pg_relation_size(listed.relation) / current_setting('block_size')::int as blocks
        ) as size
      ) as sized
      cross join lateral generate_series(0, blocks - 1, step) as block`
}

/** By every `$2`th key of each: an index gives a partition's keys in order, but not those of all. */
function keysOfPartitions(partitions: readonly PartitionPlan[], columns: readonly Column[]): RawBuilder<unknown> {
  const place = columns.map(({ name }) => expressionOf(columnNode('k', name)))
  const named = columns.map((_, i) => sql.id(`k${i + 1}`))
  const keys = partitions.map(
    (each, i) => sql`
        select ${sql.lit(i + 1)} as partition, ${sql.join(place.map((column, j) => sql`${column} as ${named[j]}`))}, row_number() over (order by ${sql.join(place)}) as position
        from ${expressionOf(tableNode(each))} as k`,
  )
  const bound = sql`array[${sql.join(named.map((name) => sql`${name}::text`))}]`
  return sql`
      select partition, (position - 1) / $2::bigint as place,
        max(${bound}) filter (where position > 1 and (position - 1) % $2::bigint = 0) as within, count(*) as rows
      from (${sql.join(keys, sql.raw('\n        union all'))}
      ) as keys
      group by 1, 2`
}
