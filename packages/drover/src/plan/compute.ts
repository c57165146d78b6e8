import { type RawBuilder, sql } from 'kysely'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf } from '../sql/nodes.ts'
import { isResolved } from './decided.ts'
import { partsOfChunk } from './partitions.ts'
import type { ComputePlan } from './plan.ts'
import { rangeCondition } from './range.ts'
import { fromLines, type MappingParts, transformRow } from './row.ts'

/** What the row function reads of one chunk. Bounds: `$1` and `$2`. */
export function computePlan(parts: MappingParts): ComputePlan | null {
  const { compute } = parts.mapping
  const ofChunk = partsOfChunk(parts)
  const statement = computeStatement(
    ofChunk,
    () => sql`${expressionOf(rangeCondition(ofChunk, { lower: '$1', upper: '$2' }))}`,
  )
  if (compute === undefined || statement === null) return null
  return { reads: Object.keys(compute.reads), writes: compute.writes, refusals: compute.refusals, statement }
}

/**
 * What the row function reads: of some rows those that will be written, as far as that is known ahead of it. Rows that are
 * excluded, set aside or merged into another are not shown to it.
 */
export function computeStatement(
  parts: MappingParts,
  isMeant: (key: RawBuilder<unknown>) => RawBuilder<unknown>,
): string | null {
  const { compute } = parts.mapping
  if (compute === undefined) return null
  const row = transformRow(parts, 'compute')
  const reads = Object.values(compute.reads).map((node) => sql`(${expressionOf(row.transform.placeOnce(node))})::text`)
  const disposition = sql`coalesce(${expressionOf(columnNode('resolution', 'disposition'))}, 'loaded')`
  const written = [
    isMeant(sql`${expressionOf(row.key)}`),
    ...(row.excluded ? [sql`(${expressionOf(row.excluded)}) is not true`] : []),
    ...(row.refused ? [sql`(${expressionOf(row.refused)}) is not true`] : []),
    ...(isResolved(parts.mapping) ? [sql`${disposition} <> 'merged'`] : []),
  ]
  return compile(
    sql`select ${expressionOf(row.key)} as source_key,
  array[${sql.join(reads)}]::text[] as reads
${expressionOf(fromLines(parts, row))}
where ${sql.join(written, sql` and `)}`.toOperationNode(),
  )
}
