import { type OperationNode, type RawBuilder, SchemableIdentifierNode, sql } from 'kysely'
import { isUniqueOn } from '../catalog/catalog.ts'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf, identifier, printName, tableNode } from '../sql/nodes.ts'
import { rewriter } from '../sql/tree.ts'
import { transformedColumns } from './chunk.ts'
import { isResolved } from './decided.ts'
import { ownedGuards } from './guards.ts'
import { isLate } from './late.ts'
import { type GuardPlan, ledgerSchema, ledgerTables } from './plan.ts'
import { keyColumns } from './range.ts'
import { resolveQuery } from './resolve.ts'
import { drivingRelation, fromLines, type MappingParts, rowNames, type TransformedRow, transformRow } from './row.ts'
import { deferredColumns } from './settle.ts'
import { constantPlacer } from './transform.ts'
import { castType } from './type-name.ts'

/** What a run would do with the rows of a mapping, asked in one read-only statement (I5). */
export interface Foresight {
  readonly mapping: string
  readonly target: string
  /** The mappings that the statement foresees as well, because this one depends on them. */
  readonly ancestors: readonly string[]
  /** In the order of the statement's counts. */
  readonly guards: readonly GuardPlan[]
  /** Counted after the guards. */
  readonly doubts: readonly Doubt[]
  /**
   * Returns one row: `read`, the rows of the driving relation alone; `loaded`, `merged`, `matched`, `quarantined` and
   * `excluded` as counts of the rows of the pass over it, so that the sum can fail (I2); and `guards`: for each guard how
   * many rows it sets aside before any other guard, or of how many written rows it changes or notes something, then for
   * each doubt the rows that it is about.
   */
  readonly statement: string
  /** What the counts leave out, a sentence each. */
  readonly unforeseen: readonly string[]
}

/**
 * What no guard foresees and the catalog does not rule out. `key-null`, `key-twice`: the key of the mapping is no key of
 * these rows, the run would fail · `standing`: they would be loaded under a key that stands in the target already ·
 * `target-twice`: they would be loaded under the key of another row. The server refuses the last two.
 */
export type Doubt = 'key-null' | 'key-twice' | 'standing' | 'target-twice'

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
  const doubts = doubtsOf(own)
  const summary = sql`select (select count(*) from ${expressionOf(drivingRelation(own))}) as read,
  ${sql.join(counts, sql.raw(',\n  '))},
  array[${sql.join([...guardCounts(own, row), ...doubts.map((doubt) => doubtCount(own, doubt))], sql.raw(',\n    '))}]::text[] as guards
from s`
  return {
    mapping: parts.mapping.name,
    target: parts.mapping.to,
    ancestors: ancestors.map(({ mapping }) => mapping.name),
    doubts,
    guards: [...row.quarantines, ...row.logs].map((guard) => ({
      column: guard.column,
      code: guard.code,
      outcome: guard.outcome,
    })),
    statement: compile(
      sql`with ${sql.join(relations, sql.raw(',\n'))}
${sql.join(scoped(targets, [summary]))}`.toOperationNode(),
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

/** What the catalog leaves open. */
function doubtsOf(parts: MappingParts): readonly Doubt[] {
  const { mapping } = parts
  if (mapping.kind === 'evolve') return []
  return [
    ...(hasProvenKey(parts) ? [] : (['key-null', 'key-twice'] as const)),
    ...(knowsTargetKey(parts) ? (['standing', 'target-twice'] as const) : []),
  ]
}

/** Whether the catalog proves that the key is one: unique over columns that hold no null. */
function hasProvenKey(parts: MappingParts): boolean {
  const columns = keyColumns(parts)
  const { driving } = parts.source
  if (columns === undefined || driving.kind !== 'table') return false
  const names = columns.map(({ name }) => name)
  return columns.every(({ notNull }) => notNull) && isUniqueOn(driving.table, names)
}

/** Whether the key of a loaded row is foreseen: not where a function in JavaScript makes it. */
function knowsTargetKey({ targetKey, targetColumns }: MappingParts): boolean {
  return targetKey.every((key) => targetColumns.includes(key))
}

function doubtCount(parts: MappingParts, doubt: Doubt): RawBuilder<unknown> {
  const key = column('s', rowNames.key)
  const isLoaded = sql`${column('s', rowNames.disposition)} = 'loaded'`
  const targetKey = parts.targetKey.map(({ name }) => column('s', name))
  switch (doubt) {
    case 'key-null':
      return sql`count(*) filter (where ${key} is null)`
    case 'key-twice':
      return sql`count(${key}) - count(distinct ${key} collate "C")`
    case 'standing': {
      const isSame = parts.targetKey.map(({ name }) => sql`${column('t', name)} = ${column('s', name)}`)
      return sql`(
      select count(*) from s
      join ${expressionOf(tableNode(parts.target))} as t on ${sql.join(isSame, sql` and `)}
      where ${isLoaded}
    )`
    }
    case 'target-twice':
      return sql`count(*) filter (where ${isLoaded}) - count(distinct (${sql.join(targetKey)})) filter (where ${isLoaded})`
  }
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

/**
 * The rows of a target as they will be: those that stand there, or will by other mappings, and those of this one. A key
 * stands there once: a row that would be loaded takes the place of the one that has its key already, as after a run.
 */
function targetRelation(parts: MappingParts, before: string | undefined): RawBuilder<unknown> {
  const { target } = parts
  const rows = rowsName(parts)
  const known = new Set(parts.targetColumns.map(({ name }) => name))
  const values = target.columns.map(({ name, baseType }) =>
    known.has(name) ? column(rows, name) : sql`null::${sql.raw(castType(baseType))}`,
  )
  const standing = before === undefined ? expressionOf(tableNode(target)) : id(before)
  const columns = sql.join(target.columns.map(({ name }) => column('t', name)))
  const name = id(targetName(parts))
  if (parts.mapping.kind === 'evolve') return sql`${name} as (\n  select ${columns} from ${standing} as t\n)`
  const key = sql.join(parts.targetKey.map((each) => column('t', each.name)))
  const once = knowsTargetKey(parts) ? sql`distinct on (${key}) ` : sql``
  const order = knowsTargetKey(parts) ? sql`\n  order by ${key}, _standing` : sql``
  return sql`${name} as (
  select ${once}${columns}
  from (
    select ${sql.join(values.map((value, i) => sql`${value} as ${id(target.columns[i]!.name)}`))}, false as _standing
    from ${id(rows)}
    where ${column(rows, rowNames.disposition)} = 'loaded'
    union all
    select ${columns}, true
    from ${standing} as t
  ) as t${order}
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
