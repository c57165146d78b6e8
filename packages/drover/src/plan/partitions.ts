import { sql } from 'kysely'
import { partitionsOf } from '../catalog/partitions.ts'
import type { Table } from '../catalog/table.ts'
import { compile } from '../sql/compile.ts'
import { columnOf, expressionOf, identifierOf, tableNode } from '../sql/nodes.ts'
import { remembered } from '../sql/tree.ts'
import { ledgerSchema, type MappingPlan, type PartitionPlan } from './plan.ts'
import type { MappingParts } from './row.ts'
import { partNumber } from './source.ts'

// A server finds no partition by `tableoid` and leaves none out for it: a range of blocks would be read of all of them, with
// a lock on each and on its indexes. So a chunk names the partitions that it reads, and no others.

/** Stands, in the statements of a chunk, for the partitions that it reads: a name that no relation can have. */
const placeholder = { schema: ledgerSchema, name: 'partitions' }

/**
 * The parts of a mapping as its chunks read them: of a partitioned table whose blocks are the chunks' ranges the partitions
 * that a chunk names, in place of the table. For any other mapping the parts themselves.
 */
export const partsOfChunk = remembered((parts: MappingParts): MappingParts => {
  const { source } = parts
  const partitions = storedPartitions(parts)
  if (partitions.length === 0 || source.driving.kind !== 'table') return parts
  return { ...parts, source: { ...source, driving: { ...source.driving, partitions, read: placeholder } } }
})

/** The partitions by whose blocks a mapping is read, in the order of their numbers, from 1; none where it is read otherwise. */
export function partitionPlans(parts: MappingParts): readonly PartitionPlan[] {
  const { driving } = parts.source
  if (driving.kind !== 'table') return []
  // In the order of the table's own columns: each partition has the same, but perhaps in another order.
  const names = ['ctid', ...driving.table.columns.map(({ name }) => name)]
  const columns = names.map((name) => columnOf('t', name))
  return storedPartitions(parts).map(({ schema, name }, i) => {
    const relation = expressionOf(tableNode({ schema, name }))
    const select = sql`select ${sql.lit(i + 1)} as ${identifierOf(partNumber)}, ${sql.join(columns)} from ${relation} as t`
    return { schema, name, select: compile(select.toOperationNode()) }
  })
}

/** A chunk's statement for the range that begins at `lower` and ends before `upper`: it reads the partitions in between. */
export function inPartitions(
  { partitions }: Pick<MappingPlan, 'partitions'>,
  statement: string,
  [lower, upper]: readonly [readonly string[] | null, readonly string[] | null],
): string {
  if (partitions.length === 0) return statement
  const first = lower === null ? 1 : Number(lower[0])
  // A range that ends ahead of the first row of a partition ends with the one before it.
  const last = upper === null ? partitions.length : Number(upper[0]) - (upper[1] === firstRow ? 1 : 0)
  const read = partitions.slice(first - 1, Math.max(first, last)).map(({ select }) => select)
  return statement.replaceAll(printedPlaceholder, () => `(${read.join('\n    union all ')})`)
}

/** Ahead of all rows of a table. */
export const firstRow = '(0,0)'

const printedPlaceholder = compile(tableNode(placeholder))

/** One that lies on another server has no blocks, and cannot be kept from being written: then all are read by the key. */
const storedPartitions = remembered(({ mapping, source, context }: MappingParts): readonly Table[] => {
  const { driving } = source
  if (context.freeze !== 'block' || mapping.kind !== 'copy') return []
  if (driving.kind !== 'table' || driving.table.kind !== 'partitioned') return []
  const leaves = partitionsOf(driving.table, context.catalog).filter(({ kind }) => kind !== 'partitioned')
  return leaves.every(({ kind }) => kind === 'table') ? leaves : []
})
