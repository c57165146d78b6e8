import { sql } from 'kysely'
import { capabilitiesOf } from '../catalog/capabilities.ts'
import { qualifiedName } from '../catalog/catalog.ts'
import { partitionsOf } from '../catalog/partitions.ts'
import type { Table } from '../catalog/table.ts'
import { compile } from '../sql/compile.ts'
import { columnOf, expressionOf, identifierOf, tableNode } from '../sql/nodes.ts'
import { remembered } from '../sql/tree.ts'
import { keyColumns } from './key-columns.ts'
import { ledgerSchema, type MappingPlan, type PartitionPlan } from './plan.ts'
import type { MappingParts } from './row.ts'
import { partNumber } from './source.ts'

// A server finds no partition by `tableoid` and leaves none out for it: a range of blocks, or of the key, would be read
// of all of them, with a lock on each and on its indexes. So a chunk names the partitions that it reads, and no others.

/** Stands, in the statements of a chunk, for the partitions that it reads: a name that no relation can have. */
const placeholder = { schema: ledgerSchema, name: 'partitions' }

/**
 * The parts of a mapping as its chunks read them: of a partitioned table whose chunks are ranges within its partitions
 * those that a chunk names, in place of the table. For any other mapping the parts themselves.
 */
export const partsOfChunk = remembered((parts: MappingParts): MappingParts => {
  const { source } = parts
  const partitions = leavesOf(parts)
  if (partitions.length === 0 || source.driving.kind !== 'table') return parts
  return { ...parts, source: { ...source, driving: { ...source.driving, partitions, read: placeholder } } }
})

/**
 * The partitions within which the chunks of a mapping are ranges, in the order of their numbers, from 1; none where
 * they are not.
 */
export function partitionPlans(parts: MappingParts): readonly PartitionPlan[] {
  const { driving } = parts.source
  if (driving.kind !== 'table') return []
  // In the order of the table's own columns: each partition has the same, but perhaps in another order.
  const names = ['ctid', ...driving.table.columns.map(({ name }) => name)]
  const columns = names.map((name) => columnOf('t', name))
  return leavesOf(parts).map(({ schema, name }, i) => {
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
  const last = upper === null ? partitions.length : Number(upper[0]) - (upper[1] === undefined ? 1 : 0)
  const read = partitions.slice(first - 1, Math.max(first, last)).map(({ select }) => select)
  return statement.replaceAll(printedPlaceholder, () => `(${read.join('\n    union all ')})`)
}

const printedPlaceholder = compile(tableNode(placeholder))

/**
 * None where rows may move from one to another unseen: where nothing tells of writes, and where the migration itself
 * writes. The key over the whole table finds such a row wherever it lies. A partition on another server has no rows
 * that are told apart here.
 */
const leavesOf = remembered((parts: MappingParts): readonly Table[] => {
  const { mapping, source, context } = parts
  const { driving } = source
  if (mapping.kind !== 'copy' || driving.kind !== 'table' || driving.table.kind !== 'partitioned') return []
  if (context.overlay.targets.has(qualifiedName(driving.table))) return []
  // By blocks where nobody writes, by the key where writes are noticed.
  if (context.freeze === 'none' || (context.freeze === 'verify' && keyColumns(parts) === undefined)) return []
  const leaves = partitionsOf(driving.table, context.catalog).filter(({ kind }) => kind !== 'partitioned')
  return leaves.every((leaf) => leaf.kind === 'table' && capabilitiesOf(leaf).hasPlaces) ? leaves : []
})
