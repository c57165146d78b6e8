import { type Expression, type OperationNode, type RawBuilder, sql } from 'kysely'
import { capabilitiesOf } from '../catalog/capabilities.ts'
import type { Column, Table } from '../catalog/table.ts'
import { refusalColumn } from '../define/compute.ts'
import type { MappingDefinition } from '../define/mapping.ts'
import { sourceKey } from '../define/reference.ts'
import type { Guard } from '../sql/annotation.ts'
import { compile } from '../sql/compile.ts'
import { columnNode, columnOf, expressionOf, identifier, lines, tableNode, unmerged } from '../sql/nodes.ts'
import { constantPlacer } from './constant.ts'
import { computedJoin, isResolved, readsComputed, resolutionJoin } from './decided.ts'
import { ownedGuards } from './guards.ts'
import { isLate, type Phase, readsDeferred } from './late.ts'
import { originalOf } from './original.ts'
import { overlaid, overlaidQuery, unfixedColumn } from './overlay.ts'
import { ledgerTables } from './plan.ts'
import { partNumber, type Source } from './source.ts'
import { type PlacedGuard, type TransformContext, transformer } from './transform.ts'

/** A mapping with everything that its statements are made of. */
export interface MappingParts {
  readonly mapping: MappingDefinition
  readonly source: Source
  readonly target: Table
  /** The target's primary key, in its order. */
  readonly targetKey: readonly Column[]
  /** The mapped columns of the target, in the target's order. */
  readonly targetColumns: readonly Column[]
  readonly context: TransformContext
}

/** Names of the transformed row that are no target columns. */
export const rowNames = {
  key: '_key',
  /** The physical row, by which the original is read again for the rows that are set aside. */
  place: '_place',
  /** The partition that holds it, where chunks read several. */
  partition: '_partition',
  /** The whole source row, for relations without physical rows; null unless the row is set aside. */
  original: '_original',
  disposition: '_disposition',
  /** Before the name of a key column: its value in the target row that exists already. */
  existing: '_resolved_',
  /** Before the name of a key column: its value in the row that was loaded. */
  walked: '_walked_',
  /** Numbers of the quarantine guards that hold; null where none does. */
  reasons: '_reasons',
  /** Numbers of the corrections and notes that hold, with nulls between; null where none does. */
  logged: '_logged',
  /** The originals of {@link logged}, at the same positions. */
  originals: '_originals',
} as const

/** The transformed row of a mapping, ready to be selected from. */
export interface TransformedRow {
  readonly transform: ReturnType<typeof transformer>
  readonly key: OperationNode
  readonly columns: readonly { readonly name: string; readonly node: OperationNode }[]
  readonly quarantines: readonly PlacedGuard[]
  readonly logs: readonly PlacedGuard[]
  /** Holds for rows that `where` refuses. */
  readonly excluded: OperationNode | undefined
  /** Holds for rows that a guard sets aside. */
  readonly refused: OperationNode | undefined
}

/** Places the columns, guards and conditions of a mapping over its source, as far as the phase knows them. */
export function transformRow(parts: MappingParts, phase: Phase): TransformedRow {
  const { mapping } = parts
  const transform = transformer(mapping, parts.target, parts.context, phase)
  const key = transform.placeOnce(sourceKey(mapping.key.map(expressionOf)).toOperationNode())
  if (phase !== 'resolve' && isResolved(mapping)) transform.join('resolution', resolutionJoin(mapping, key), key)
  if (phase === 'chunk' && mapping.compute) transform.join('computed', computedJoin(mapping.compute, key), key)
  const isComputed = isLate(mapping.columns, 'compute')
  const guards = distinctGuards(
    ownedGuards(parts.targetColumns.map(({ name }) => ({ name, node: mapping.columns[name]! })))
      .filter(({ guard }) => isJudged(guard, phase, parts.context.deferred))
      .map((owned) => {
        const guard = transform.placeGuard(owned)
        if (isComputed && isLate(owned.guard.when, 'compute'))
          return { ...guard, when: ofComputed(owned.guard.when, guard.when) }
        const isOfSurvivor = isResolved(mapping) && isLate(owned.guard.when, 'resolve') && !guard.ofDuplicates
        return isOfSurvivor ? { ...guard, when: ofSurvivor(guard.when) } : guard
      })
      // Whether a row is set aside is asked of every row, by which guard only of those that are; what is logged is
      // asked thrice.
      .map((guard) => (guard.outcome === 'quarantine' ? guard : { ...guard, when: transform.once(guard.when) })),
  )
  const quarantines = [
    ...guards.filter((guard) => guard.outcome === 'quarantine'),
    ...(phase === 'resolve' || phase === 'settle' ? [] : refusedDuplicates(parts)),
  ]
  const logs = guards.filter((guard) => guard.outcome !== 'quarantine')
  return {
    transform,
    key,
    columns: (phase === 'resolve' || phase === 'compute' ? mappedKey(parts) : parts.targetColumns).map(({ name }) => ({
      name,
      node: transform.placeColumn(name)!,
    })),
    quarantines,
    logs,
    excluded: mapping.where && sql`(${expressionOf(transform.placeOnce(mapping.where))}) is not true`.toOperationNode(),
    refused: quarantines.length === 0 ? undefined : transform.once(anyOf(quarantines)),
  }
}

/** A guard is judged once, in the first phase that knows all that it reads. */
function isJudged({ when, original }: Guard, phase: Phase, deferred: readonly string[]): boolean {
  const isDeferred = readsDeferred([when, original], deferred)
  if (phase === 'settle') return isDeferred
  return (phase === 'recompute' || !isDeferred) && !isLate([when, original], phase)
}

/** The columns of the target's key that the mapping makes: none where it evolves rows that have one. */
function mappedKey(parts: MappingParts): readonly Column[] {
  return parts.targetKey.filter(({ name }) => parts.targetColumns.some((column) => column.name === name))
}

/**
 * `from`, the author's joins and drover's own, one a line.
 *
 * @param only a query of physical places, or of source keys where there are none: of the driving relation only these rows
 * are read, before anything is made of them
 */
export function fromLines(
  parts: MappingParts,
  row: { readonly transform: Pick<TransformedRow['transform'], 'relations'> },
  further: readonly OperationNode[] = [],
  only?: RawBuilder<unknown>,
): OperationNode {
  const { source } = parts
  const authored = source.joins.map((join) => constantPlacer(parts.context)(overlaidQuery(join, parts.context.overlay)))
  const relation = printedDriving(parts) ?? expressionOf(drivingRelation(parts))
  const alias = expressionOf(identifier(source.alias))
  const read =
    only === undefined
      ? relation
      : sql`(
      select ${alias}.*
      from ${relation} as ${alias}
      where ${isAmong(parts, only)}
      ${unmerged}
    )`
  const driving = sql`from ${read} as ${alias}`
  return lines(
    [driving.toOperationNode(), ...authored, ...row.transform.relations().map(({ line }) => line()), ...further],
    '\n  ',
  )
}

/** {@link overlaidDriving}, printed once for all statements of a mapping: it lists every column. */
function printedDriving(parts: MappingParts): RawBuilder<unknown> | null {
  const known = drivings.get(parts.source)
  if (known !== undefined) return known === null ? null : sql.raw(known)
  const relation = overlaidDriving(parts)
  drivings.set(parts.source, relation && compile(relation.toOperationNode()))
  return relation
}

/** By their source: each reading of a migration makes its own. */
const drivings = new WeakMap<Source, string | null>()

/** An array of places is looked up row by row, without a look at the others. */
function isAmong(parts: MappingParts, only: RawBuilder<unknown>): RawBuilder<unknown> {
  if (hasPhysicalRows(parts.source)) return sql`${expressionOf(drivingColumn(parts, 'ctid'))} = any (array(${only}))`
  const place = constantPlacer(parts.context)
  const key = expressionOf(place(sourceKey(parts.mapping.key.map(expressionOf)).toOperationNode()))
  return sql`${key} collate "C" in (${only})`
}

/** The table that is read chunk by chunk: the author's, or the one that holds the stored query. */
export function drivingRelation(parts: MappingParts): OperationNode {
  const { driving } = parts.source
  return tableNode(driving.kind === 'table' ? (driving.read ?? driving.table) : ledgerTables.source(parts.mapping.name))
}

/** The driving table read through the fixes of its rows; null where it is read as it stands. */
function overlaidDriving(parts: MappingParts): RawBuilder<unknown> | null {
  const { driving } = parts.source
  if (driving.kind !== 'table') return null
  return overlaid(driving.table, parts.context.overlay, {
    places: placesIn(driving),
    relation: drivingRelation(parts),
    unfixed: hasPhysicalRows(parts.source) ? null : originalOf(parts, 't'),
  })
}

/** The query that a mapping reads from, which is stored before it is read. */
export function storedQuery({ source, context }: MappingParts): RawBuilder<unknown> {
  const { driving } = source
  if (driving.kind === 'table') throw new TypeError('A table is not stored.')
  return sql`${expressionOf(constantPlacer(context)(overlaidQuery(driving.query, context.overlay)))}`
}

/** The columns beside its own that say where a row of a table lies. */
function placesIn({ table, partitions }: Extract<Source['driving'], { kind: 'table' }>): readonly string[] {
  if (partitions !== undefined) return [partNumber, 'ctid']
  const hasBlocks = ['table', 'partitioned', 'materialized view'].includes(table.kind)
  return hasBlocks && capabilitiesOf(table).hasPlaces ? ['ctid'] : []
}

/**
 * Whether rows of the driving relation are told apart by `ctid`, with the number of the partition where it is read by these:
 * not where several tables, or shards, stand behind one name.
 */
export function hasPhysicalRows(source: Source): boolean {
  const { driving } = source
  if (driving.kind === 'query' || isInPartitions(source)) return true
  const { table } = driving
  return table.kind === 'table' && !table.hasChildren && capabilitiesOf(table).hasPlaces
}

/** Whether the rows are read from partitions that are told apart. */
export function isInPartitions({ driving }: Source): boolean {
  return driving.kind === 'table' && driving.partitions !== undefined
}

/** The driving row as the ledger keeps it: as it stands, whatever was fixed. Read from {@link fromLines}. */
export function unfixedOriginal(parts: MappingParts): RawBuilder<unknown> {
  const { alias } = parts.source
  if (printedDriving(parts) === null) return originalOf(parts, alias)
  if (!hasPhysicalRows(parts.source)) return sql`${expressionOf(columnNode(alias, unfixedColumn))}`
  return originalAt(parts, columnOf(alias, 'ctid'), columnOf(alias, partNumber))
}

/** The same, read again at its physical place. */
export function originalAt(
  parts: MappingParts,
  place: Expression<unknown>,
  partition: Expression<unknown>,
): RawBuilder<unknown> {
  const isThere = sql`original.ctid = ${place}`
  // Asked once a row, before any partition is looked into.
  const isInPartition = sql`${columnOf('original', partNumber)} = ${partition} and `
  return sql`(
      select ${originalOf(parts, 'original')}
      from ${expressionOf(drivingRelation(parts))} as original
      where ${isInPartitions(parts.source) ? isInPartition : sql``}${isThere}
    )`
}

/** A column of the row that the mapping reads. */
export function drivingColumn(parts: MappingParts, column: string): OperationNode {
  return columnNode(parts.source.alias, column)
}

/** What is known of the row that stands for its duplicates says nothing about these. */
function ofSurvivor(when: OperationNode): OperationNode {
  const disposition = expressionOf(columnNode('resolution', 'disposition'))
  return sql`(${expressionOf(when)}) and ${disposition} is distinct from 'merged'`.toOperationNode()
}

/**
 * What the function made says nothing about the rows that it was not given: they are set aside or merged already. Of one
 * that it refused, the refusal says all.
 */
function ofComputed(authored: OperationNode, when: OperationNode): OperationNode {
  const of = (column: string) => expressionOf(columnNode('computed', column))
  const isMade = readsComputed(authored) ? sql` and ${of(refusalColumn)} is null` : sql``
  return sql`(${expressionOf(when)}) and ${of('source_key')} is not null${isMade}`.toOperationNode()
}

/** Duplicates that are set aside rather than merged: the resolve step says which they are. It is told under the key. */
function refusedDuplicates({ mapping, targetKey }: MappingParts): readonly PlacedGuard[] {
  const code = mapping.identity?.quarantine
  if (code === undefined) return []
  const when = sql`${expressionOf(columnNode('resolution', 'disposition'))} is not distinct from 'duplicate'`
  const column = targetKey[0]!.name
  return [
    {
      column,
      code,
      outcome: 'quarantine',
      accepted: false,
      when: when.toOperationNode(),
      original: undefined,
      ofDuplicates: true,
    },
  ]
}

/** Two conversions of one value fail together; that is told once. */
function distinctGuards(guards: readonly PlacedGuard[]): readonly PlacedGuard[] {
  const keyOf = ({ column, code, outcome, accepted, when }: PlacedGuard) =>
    [column, code, outcome, accepted, compile(when)].join(' ')
  return [...new Map(guards.map((guard) => [keyOf(guard), guard])).values()]
}

function anyOf(guards: readonly PlacedGuard[]): OperationNode {
  return sql
    .join(
      guards.map((guard) => sql`${expressionOf(guard.when)}`),
      sql` or `,
    )
    .toOperationNode()
}
