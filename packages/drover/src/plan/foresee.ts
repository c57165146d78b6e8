import { type OperationNode, type RawBuilder, SchemableIdentifierNode, sql } from 'kysely'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf, identifier, printName, tableNode } from '../sql/nodes.ts'
import { rewriter } from '../sql/tree.ts'
import { transformedColumns } from './chunk.ts'
import { isResolved } from './decided.ts'
import { ownedGuards } from './guards.ts'
import { isLate } from './late.ts'
import { type GuardPlan, ledgerSchema, ledgerTables } from './plan.ts'
import { resolveQuery } from './resolve.ts'
import { fromLines, type MappingParts, rowNames, type TransformedRow, transformRow } from './row.ts'
import { deferredColumns } from './settle.ts'
import { constantPlacer } from './transform.ts'
import { castType } from './type-name.ts'

/** What a run would do with the rows of a mapping, asked in one read-only statement (I5). */
export interface Foresight {
  readonly mapping: string
  /** In the order of the statement's counts. */
  readonly guards: readonly GuardPlan[]
  /**
   * Returns one row: `read`, `loaded`, `merged`, `matched`, `quarantined` and `excluded` as counts of rows, and `guards`,
   * for each guard how many rows it sets aside before any other guard, or of how many written rows it changes or notes
   * something.
   */
  readonly statement: string
  /** What the counts leave out, a sentence each. */
  readonly unforeseen: readonly string[]
}

/**
 * Foresees the outcome of a mapping before anything is written. `ancestors` are the mappings that it depends on, directly
 * or not, parents first. What the run would store for its chunks to read (crosswalks, resolutions, queries, loaded
 * parents) is computed within the statement instead, by the same expressions.
 */
export function foresee(parts: MappingParts, ancestors: readonly MappingParts[]): Foresight {
  const relations: RawBuilder<unknown>[] = []
  /** The relation that stands for each target so far. */
  const targets = new Map<string, string>()
  for (const ancestor of ancestors) {
    const own = judged(ancestor)
    relations.push(...scoped(targets, storedRelations(own)))
    relations.push(targetRelation(own, targets.get(printName(own.target))))
    targets.set(printName(own.target), targetName(own))
  }
  const own = judged(parts)
  const row = transformRow(own, 'chunk')
  relations.push(...scoped(targets, [...decided(own), transformed(own, row, 's')]))
  const disposition = column('s', rowNames.disposition)
  const counts = ['loaded', 'merged', 'matched', 'quarantined', 'excluded'].map(
    (each) => sql`count(*) filter (where ${disposition} = ${sql.lit(each)}) as ${id(each)}`,
  )
  return {
    mapping: parts.mapping.name,
    guards: [...row.quarantines, ...row.logs].map((guard) => ({
      column: guard.column,
      code: guard.code,
      outcome: guard.outcome,
    })),
    statement: compile(
      sql`with ${sql.join(relations, sql.raw(',\n'))}
select count(*) as read,
  ${sql.join(counts, sql.raw(',\n  '))},
  array[${sql.join(guardCounts(own, row), sql.raw(',\n    '))}]::text[] as guards
from s`.toOperationNode(),
    ),
    unforeseen: unforeseenOf(parts),
  }
}

function unforeseenOf(parts: MappingParts): readonly string[] {
  const { compute, columns } = parts.mapping
  const deferred = deferredColumns(parts).map(({ name }) => name)
  const guards = ownedGuards(judged(parts).targetColumns.map(({ name }) => ({ name, node: columns[name]! })))
  return [
    ...(compute === undefined
      ? []
      : [`Its function in JavaScript is not called${compute.refusals.length > 0 ? ', and may refuse rows' : ''}.`]),
    ...(deferred.length === 0
      ? []
      : [`Whether ${deferred.join(', ')} can be filled after the load, and what becomes of rows where it cannot.`]),
    ...(guards.some(({ guard }) => guard.outcome === 'quarantine' && isLate(guard.when, 'resolve'))
      ? ['What becomes of duplicates whose survivor is set aside for a value of the group.']
      : []),
  ]
}

function guardCounts({ mapping }: MappingParts, row: TransformedRow): readonly RawBuilder<unknown>[] {
  const disposition = column('s', rowNames.disposition)
  const isUpdated = mapping.kind === 'evolve' || (mapping.match?.update.length ?? 0) > 0
  const isWritten = isUpdated ? sql`${disposition} in ('loaded', 'matched')` : sql`${disposition} = 'loaded'`
  return [
    ...row.quarantines.map(
      (_, i) =>
        sql`count(*) filter (where ${disposition} = 'quarantined' and ${column('s', rowNames.reasons)}[1] = ${sql.lit(i + 1)})`,
    ),
    ...row.logs.map((guard, i) => {
      const isCounted = guard.ofDuplicates ? sql`(${isWritten} or ${disposition} = 'merged')` : isWritten
      return sql`count(*) filter (where ${isCounted} and ${sql.lit(i + 1)} = any (${column('s', rowNames.logged)}))`
    }),
  ]
}

/** What others read of a mapping once it is closed, but for the rows of its target. */
function storedRelations(parts: MappingParts): readonly RawBuilder<unknown>[] {
  const row = transformRow(parts, 'chunk')
  const rows = rowsName(parts)
  const hasExisting = isResolved(parts.mapping) || parts.mapping.kind === 'evolve'
  const key = parts.targetKey.map(({ name, baseType }) => {
    const own = row.columns.some((each) => each.name === name) ? sql` when 'loaded' then ${column(rows, name)}` : sql``
    const existing = column(rows, `${rowNames.existing}${name}`)
    const other = hasExisting ? sql` when 'merged' then ${existing} when 'matched' then ${existing}` : sql``
    const value = sql`case ${column(rows, rowNames.disposition)}${own}${other} else null end`
    return sql`(${value})::${sql.raw(castType(baseType))} as ${id(name)}`
  })
  const crosswalk = ledgerTables.crosswalk(parts.mapping.name).name
  return [
    ...decided(parts),
    transformed(parts, row, rows),
    sql`${id(crosswalk)} as materialized (
  select ${column(rows, rowNames.key)} as source_key, ${column(rows, rowNames.disposition)} as disposition,
    ${sql.join(key)}
  from ${id(rows)}
)`,
  ]
}

/** The rows of a target as they will be: those that stand there, or will by other mappings, and those of this one. */
function targetRelation(parts: MappingParts, before: string | undefined): RawBuilder<unknown> {
  const { target } = parts
  const rows = rowsName(parts)
  const known = new Set(parts.targetColumns.map(({ name }) => name))
  const values = target.columns.map(({ name, baseType }) =>
    known.has(name) ? column(rows, name) : sql`null::${sql.raw(castType(baseType))}`,
  )
  const loaded =
    parts.mapping.kind === 'evolve'
      ? sql``
      : sql`
  union all
  select ${sql.join(values)}
  from ${id(rows)}
  where ${column(rows, rowNames.disposition)} = 'loaded'`
  const standing = before === undefined ? expressionOf(tableNode(target)) : id(before)
  return sql`${id(targetName(parts))} as (
  select ${sql.join(target.columns.map(({ name }) => column('t', name)))}
  from ${standing} as t${loaded}
)`
}

/** The stored query and the resolution of a mapping. */
function decided(parts: MappingParts): readonly RawBuilder<unknown>[] {
  const { driving } = parts.source
  const { name } = parts.mapping
  const resolution = resolveQuery(parts)
  const relations: (readonly [string, RawBuilder<unknown>])[] = []
  if (driving.kind === 'query') {
    relations.push([ledgerTables.source(name).name, sql`${expressionOf(constantPlacer(parts.context)(driving.query))}`])
  }
  if (resolution !== null) relations.push([ledgerTables.resolution(name).name, resolution])
  return relations.map(([relation, query]) => sql`${id(relation)} as materialized (\n${query}\n)`)
}

function transformed(parts: MappingParts, row: TransformedRow, name: string): RawBuilder<unknown> {
  return sql`${id(name)} as materialized (
  select
    ${transformedColumns(parts, row, 'outcome')}
  ${expressionOf(fromLines(parts, row))}
)`
}

/** The mapping without what a function in JavaScript makes, which is not called to foresee. */
function judged(parts: MappingParts): MappingParts {
  const { mapping, targetColumns } = parts
  if (mapping.compute === undefined) return parts
  return {
    ...parts,
    mapping: { ...mapping, compute: undefined },
    targetColumns: targetColumns.filter(({ name }) => !isLate(mapping.columns[name], 'compute')),
  }
}

/**
 * Relations of a mapping, reading from those of the statement where a run would read the ledger's tables and the targets
 * that were loaded before.
 */
function scoped(
  targets: ReadonlyMap<string, string>,
  relations: readonly RawBuilder<unknown>[],
): readonly RawBuilder<unknown>[] {
  const rewrite = rewriter((node) => {
    if (node.kind !== 'SchemableIdentifierNode') return node
    const { schema, identifier: name } = node as SchemableIdentifierNode
    if (schema === undefined) return node
    if (schema.name === ledgerSchema) return SchemableIdentifierNode.create(name.name)
    const foreseen = targets.get(printName({ schema: schema.name, name: name.name }))
    return foreseen === undefined ? node : SchemableIdentifierNode.create(foreseen)
  })
  return relations.map((relation) => sql`${expressionOf(rewrite(relation.toOperationNode()))}`)
}

function rowsName({ mapping }: MappingParts): string {
  return `rows_${mapping.name}`
}

function targetName({ mapping }: MappingParts): string {
  return `target_after_${mapping.name}`
}

function column(alias: string, name: string) {
  return expressionOf(columnNode(alias, name))
}

function id(name: string): RawBuilder<unknown> {
  return sql`${expressionOf(identifier(name) as OperationNode)}`
}
