import { type OperationNode, type RawBuilder, sql } from 'kysely'
import { capabilitiesOf } from '../catalog/capabilities.ts'
import type { Column } from '../catalog/table.ts'
import { sourceKey } from '../define/reference.ts'
import { expressionOf } from '../sql/nodes.ts'
import { keyColumns } from './key-columns.ts'
import { readsOf } from './lineage.ts'
import { partsOfChunk } from './partitions.ts'
import { drivingColumn, drivingRelation, hasPhysicalRows, isInPartitions, type MappingParts } from './row.ts'
import { partNumber } from './source.ts'
import { castType } from './type-name.ts'

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
 * The places that ranges are made of, in order: columns of the key, physical rows, both of one partition after the
 * other where chunks name these, or, where a relation has neither, the text of the key. None where that reads from a
 * joined relation: such a mapping is one chunk that cannot be split.
 */
export function placesOf(parts: MappingParts): readonly Place[] {
  const columns = rangeColumns(parts)
  if (columns !== undefined) {
    return inPartition(
      parts,
      columns.map(({ name, baseType }) => ({ node: drivingColumn(parts, name), type: castType(baseType) })),
    )
  }
  if (hasBlocks(parts)) return inPartition(parts, [{ node: drivingColumn(parts, 'ctid'), type: 'tid' }])
  const { key } = parts.mapping
  if (!readsOf(key).every((read) => read.startsWith(`${parts.source.alias}.`))) return []
  const text = sourceKey(key.map(expressionOf))
  return [{ node: sql`(${text}) collate "C"`.toOperationNode(), type: 'text' }]
}

/** Ahead of them the partition, where they are places within one. */
function inPartition(parts: MappingParts, places: readonly Place[]): readonly Place[] {
  return isInPartitions(parts.source) ? [{ node: drivingColumn(parts, partNumber), type: 'int4' }, ...places] : places
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
  const place = rowOf(places)
  return sql`(${from} is null or ${place} >= ${boundOf(from, places)}) and (${upTo} is null or ${place} < ${boundOf(upTo, places)})`.toOperationNode()
}

/**
 * The same where places begin with the number of a partition, which is a constant of each: what is left of the condition is
 * a range of its rows for the first and the last one, and nothing for those between. Of a comparison of rows the server
 * would not see that. A bound that is a number alone is ahead of all rows of the partition.
 */
function rangeInPartitions(
  [partition, ...places]: readonly Place[],
  from: RawBuilder<unknown>,
  upTo: RawBuilder<unknown>,
): OperationNode {
  const number = rowOf([partition!])
  const place = rowOf(places)
  const isFirst = sql`${number} = ${boundOf(from, [partition!])} and (cardinality(${from}) = 1 or ${place} >= ${boundOf(from, places, 1)})`
  const isLast = sql`${number} = ${boundOf(upTo, [partition!])} and ${place} < ${boundOf(upTo, places, 1)}`
  return sql`(${from} is null or ${number} > ${boundOf(from, [partition!])} or ${isFirst}) and (${upTo} is null or ${number} < ${boundOf(upTo, [partition!])} or ${isLast})`.toOperationNode()
}

function rowOf(places: readonly Place[]): RawBuilder<unknown> {
  return sql`(${sql.join(places.map(({ node }) => expressionOf(node)))})`
}

/** The entries of a bound for these places, which begin after as many as `after` says. */
function boundOf(bound: RawBuilder<unknown>, places: readonly Place[], after = 0): RawBuilder<unknown> {
  return sql`(${sql.join(places.map(({ type }, i) => sql`(${bound})[${sql.lit(after + i + 1)}]::${sql.raw(type)}`))})`
}

/**
 * Whether rows lie in blocks of this server. A view's, a foreign table's and shards' do not: they are one chunk until
 * it fails.
 */
export function hasBlocks(parts: MappingParts): boolean {
  const { driving } = parts.source
  if (driving.kind === 'query') return true
  const { table } = driving
  return ['table', 'partitioned', 'materialized view'].includes(table.kind) && capabilitiesOf(table).hasPlaces
}
