import { type OperationNode, type RawBuilder, type ReferenceNode, sql } from 'kysely'
import { annotationOf } from '../sql/annotation.ts'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf, identifier } from '../sql/nodes.ts'
import { rewriter, walk } from '../sql/tree.ts'
import { isResolved } from './decided.ts'
import { ownedGuards } from './guards.ts'
import { groupValuesOf, isLate } from './late.ts'
import { type GuardPlan, ledgerTables } from './plan.ts'
import { resolveQuery } from './resolve.ts'
import { fromLines, type MappingParts, rowNames, storedQuery, type TransformedRow, transformRow } from './row.ts'
import { aliasesOf } from './source.ts'
import { orphanColumn, orphanColumns, referencesOf, type SourceReference } from './source-references.ts'
import { castType } from './type-name.ts'

/** The rows of a mapping as a run would make them, as relations of one statement. */
export interface ForeseenRows {
  readonly relations: readonly RawBuilder<unknown>[]
  /** The relation that holds them: {@link rowNames}, and the columns of the target that the mapping fills. */
  readonly name: string
  /** The numbers in `reasons`, from 1. */
  readonly quarantines: readonly GuardPlan[]
  /** Told in the columns of {@link orphanColumn}. */
  readonly references: readonly SourceReference[]
  /** The numbers in `logged`, from 1, and whether duplicates are logged too. */
  readonly logs: readonly (GuardPlan & { readonly ofDuplicates: boolean })[]
}

/** Of a row that goes with others: the key of the one that stands for them. */
export const survivorColumn = '_survivor'

/** A duplicate whose survivor is set aside after all is told so, under no column. */
const lostSurvivor = 'survivor-quarantined'

/**
 * The rows of a mapping. Where duplicates are told apart by what the row itself holds, each row is made once, and what a
 * run decides before its first chunk is decided over the rows that were made; elsewhere it is made for either.
 */
export function foreseenRows(parts: MappingParts, form: 'check' | 'probe' = 'check'): ForeseenRows {
  if (form === 'probe') return madeTwice(parts, [])
  const references = referencesOf(parts)
  return isMadeOnce(parts) ? madeOnce(parts, references) : madeTwice(parts, references)
}

function madeTwice(parts: MappingParts, references: readonly SourceReference[]): ForeseenRows {
  const row = transformRow(parts, 'chunk')
  const name = rowsName(parts)
  const resolution = resolveQuery(parts)
  const relations = [
    ...storedSource(parts),
    ...(resolution === null ? [] : [materialized(resolutionName(parts), once(resolution))]),
  ]
  const simple = parts.mapping.kind === 'evolve' ? sql`'matched'` : sql`'loaded'`
  const fallback = isResolved(parts.mapping) ? sql`coalesce(resolution.disposition, ${simple})` : simple
  const columns = [
    ...madeColumns(row),
    ...orphanColumns(row, references),
    named(sql`coalesce(${setAside(row)}, ${fallback})`, rowNames.disposition),
    ...existingColumns(parts, (column) => columnNode('resolution', column)),
  ]
  const made = sql`  select
    ${sql.join(columns, sql.raw(',\n    '))}
  ${expressionOf(fromLines(parts, row))}`
  const quarantines = row.quarantines.map(guardPlanOf)
  const logs = row.logs.map((guard) => ({ ...guardPlanOf(guard), ofDuplicates: guard.ofDuplicates }))
  if (!mayLoseSurvivors(parts))
    return { relations: [...relations, materialized(name, made)], name, quarantines, references, logs }
  const before = `${name}_before`
  return {
    relations: [
      ...relations,
      materialized(before, made),
      inlined(name, withoutLost(parts, before, references, quarantines.length + 1)),
    ],
    name,
    quarantines: [...quarantines, { column: '', code: lostSurvivor, outcome: 'quarantine' }],
    references,
    logs,
  }
}

/** Duplicates whose survivor was not loaded after all are set aside, as the run does before it closes the mapping. */
function withoutLost(
  parts: MappingParts,
  before: string,
  references: readonly SourceReference[],
  reason: number,
): RawBuilder<unknown> {
  const of = (name: string) => column('t', name)
  const isLost = sql`${of(rowNames.disposition)} = 'merged' and ${column('survivor', rowNames.disposition)} not in ('loaded', 'matched')`
  const kept = [
    rowNames.key,
    ...parts.targetColumns.map(({ name }) => name),
    ...references.map((_, i) => orphanColumn(i)),
    rowNames.logged,
    survivorColumn,
    ...parts.targetKey.map(({ name }) => `${rowNames.existing}${name}`),
  ].map(of)
  return sql`  select ${sql.join(kept)},
    case when ${isLost} then 'quarantined' else ${of(rowNames.disposition)} end as ${id(rowNames.disposition)},
    case when ${isLost} then array[${sql.lit(reason)}] else ${of(rowNames.reasons)} end as ${id(rowNames.reasons)}
  from ${id(before)} as t
  left join ${id(before)} as survivor on survivor.${id(rowNames.key)} = ${of(survivorColumn)} collate "C"
    and ${of(rowNames.disposition)} = 'merged'`
}

/** A guard that sets the row aside and waits for a value of the group is judged in the chunk alone. */
function mayLoseSurvivors({ mapping, targetColumns }: MappingParts): boolean {
  if (mapping.identity === undefined) return false
  const guards = ownedGuards(targetColumns.map(({ name }) => ({ name, node: mapping.columns[name]! })))
  return guards.some(({ guard }) => guard.outcome === 'quarantine' && isLate(guard.when, 'resolve'))
}

/**
 * Whether what makes rows duplicates can be read from the rows once they are made: neither a row of the target decides,
 * nor a value over the group, and SQL text of the author's names no relation that only the making knows.
 */
function isMadeOnce({ mapping }: MappingParts): boolean {
  const { identity, match, kind, columns, survivor } = mapping
  if (identity === undefined || match !== undefined || kind === 'evolve') return false
  return groupValuesOf(columns).size === 0 && !namesRelations([identity, survivor])
}

function namesRelations(root: unknown): boolean {
  let names = false
  walk(root, (node) => {
    const { sqlFragments } = node as Partial<{ readonly sqlFragments: readonly string[] }>
    names ||= sqlFragments?.some((text) => /[\w"]\s*[.]\s*[a-z_"]|\b(select|from)\b/i.test(text)) ?? false
    names ||= node.kind === 'SelectQueryNode'
  })
  return names
}

function madeOnce(parts: MappingParts, references: readonly SourceReference[]): ForeseenRows {
  const { mapping } = parts
  // Without an identity nothing of the row waits for the resolution.
  const alone = { ...parts, mapping: { ...mapping, identity: undefined, survivor: [] } }
  const row = transformRow(alone, 'chunk')
  const isRowAlias = rowAliases(parts)
  const read = new Map<string, { readonly node: OperationNode; readonly name: string }>()
  const readMade = rewriter((node) => {
    if (node.kind !== 'ReferenceNode' || !isRowAlias((node as ReferenceNode).table?.table.identifier.name)) return node
    const text = compile(node)
    if (!read.has(text)) read.set(text, { node, name: `_read_${read.size + 1}` })
    return columnNode('made', read.get(text)!.name)
  })
  const over: TransformedRow = {
    ...row,
    transform: {
      ...row.transform,
      place: (node) => readMade(row.transform.place(node)),
      placeOnce: (node) => readMade(row.transform.placeOnce(node)),
      joins: () => [],
    },
    key: columnNode('made', rowNames.key),
    columns: row.columns.map(({ name }) => ({ name, node: columnNode('made', name) })),
    excluded: undefined,
    refused: sql`${column('made', setAsideColumn)} is not null`.toOperationNode(),
  }
  const made = `made_${mapping.name}`
  const resolution = resolveQuery(parts, {
    row: over,
    from: sql`from ${mayRepeat(parts, made)} as made`.toOperationNode(),
  })!
  const making = sql`  select
    ${sql.join(
      [
        ...madeColumns(row),
        ...orphanColumns(row, references),
        named(sql`${setAside(row)}::text`, setAsideColumn),
        ...[...read.values()].map(({ node, name }) => named(expressionOf(node), name)),
      ],
      sql.raw(',\n    '),
    )}
  ${expressionOf(fromLines(alone, row))}`
  const name = rowsName(parts)
  const quarantines = row.quarantines.map(guardPlanOf)
  const code = mapping.identity?.quarantine
  const duplicates: readonly GuardPlan[] =
    code === undefined ? [] : [{ column: parts.targetKey[0]!.name, code, outcome: 'quarantine' }]
  const isDuplicate = sql`(${column('made', setAsideColumn)} is null and resolution.disposition = 'duplicate')`
  const kept = [
    rowNames.key,
    ...parts.targetColumns.map((each) => each.name),
    ...references.map((_, i) => orphanColumn(i)),
    rowNames.logged,
  ].map((each) => column('made', each))
  const rows = sql`  select ${sql.join(kept)},
    coalesce(${column('made', setAsideColumn)}, case when resolution.disposition = 'duplicate' then 'quarantined' else resolution.disposition end, 'loaded') as ${id(rowNames.disposition)},
    case when ${isDuplicate} then array[${sql.lit(quarantines.length + 1)}] else ${column('made', rowNames.reasons)} end as ${id(rowNames.reasons)},
    ${sql.join(existingColumns(parts, (each) => columnNode('resolution', each)))}
  from ${id(made)} as made
  left join ${id(resolutionName(parts))} as resolution on resolution.source_key = ${column('made', rowNames.key)} collate "C"`
  return {
    relations: [
      ...storedSource(parts),
      materialized(made, making),
      materialized(resolutionName(parts), once(resolution)),
      inlined(name, rows),
    ],
    name,
    quarantines: [...quarantines, ...duplicates],
    references,
    logs: row.logs.map((guard) => ({ ...guardPlanOf(guard), ofDuplicates: guard.ofDuplicates })),
  }
}

/** Types whose values have one hash where they are equal. */
const hashed: ReadonlySet<string> = new Set([
  ...[
    'text',
    'varchar',
    'bpchar',
    'uuid',
    'bool',
    'int2',
    'int4',
    'int8',
    'numeric',
    'date',
    'timestamp',
    'timestamptz',
  ],
])

/**
 * The made rows, or those of them that can have a duplicate: to sort all of them by their identity takes three times as
 * long as to look for equal hashes. Where an identity is made of columns of the target, their types are known.
 */
function mayRepeat({ mapping, targetColumns }: MappingParts, made: string): RawBuilder<unknown> {
  const columns = mapping.identity!.by.map((node) => {
    const annotation = annotationOf(node)
    if (annotation?.kind !== 'target') return undefined
    const found = targetColumns.find(({ name }) => name === annotation.column)
    return found && (hashed.has(found.baseType) || found.kind === 'enum') ? column('made', found.name) : undefined
  })
  if (columns.length === 0 || columns.includes(undefined)) return id(made)
  const hash = sql`hash_record_extended(row(${sql.join(columns.map((each) => each!))}), 0)`
  return sql`(
      select made.*
      from ${id(made)} as made
      where ${hash} in (
        select ${hash}
        from ${id(made)} as made
        where ${column('made', setAsideColumn)} is null
        group by 1
        having count(*) > 1
      )
    )`
}

/** What became of a row that its own values decide about; null where they leave it in. */
const setAsideColumn = '_set_aside'

function setAside({ excluded, refused }: TransformedRow): RawBuilder<unknown> {
  const whens = [
    ...(excluded ? [sql`when ${expressionOf(excluded)} then 'excluded'`] : []),
    ...(refused ? [sql`when ${expressionOf(refused)} then 'quarantined'`] : []),
  ]
  return whens.length === 0 ? sql`null` : sql`case ${sql.join(whens, sql` `)} end`
}

/** The key, the target's columns, and the numbers of the guards that hold. */
function madeColumns(row: TransformedRow): readonly RawBuilder<unknown>[] {
  const numbers = (guards: TransformedRow['logs']) =>
    sql.join(guards.map((guard, i) => sql`case when ${expressionOf(guard.when)} then ${sql.lit(i + 1)} end`))
  const any = (guards: TransformedRow['logs']) =>
    sql.join(
      guards.map((guard) => expressionOf(guard.when)),
      sql` or `,
    )
  const held = (guards: TransformedRow['logs']) =>
    guards.length === 0
      ? sql`null::int[]`
      : sql`case when ${any(guards)} then array_remove(array[${numbers(guards)}], null) end`
  return [
    named(expressionOf(row.key), rowNames.key),
    ...row.columns.map(({ name, node }) => named(expressionOf(node), name)),
    named(held(row.quarantines), rowNames.reasons),
    named(held(row.logs), rowNames.logged),
  ]
}

/** The survivor and the existing row of the target, as the resolution knows them; of an evolving row that row itself. */
function existingColumns(
  parts: MappingParts,
  resolved: (column: string) => OperationNode,
): readonly RawBuilder<unknown>[] {
  const { mapping, targetKey, source } = parts
  const isKnown = isResolved(mapping)
  const existing = (name: string) =>
    isKnown ? resolved(name) : mapping.kind === 'evolve' ? columnNode(source.alias, name) : undefined
  return [
    named(isKnown ? expressionOf(resolved('survivor_key')) : sql`null::text`, survivorColumn),
    ...targetKey.map(({ name, baseType }) => {
      const node = existing(name)
      const value = node === undefined ? sql`null::${sql.raw(castType(baseType))}` : expressionOf(node)
      return named(value, `${rowNames.existing}${name}`)
    }),
  ]
}

function storedSource(parts: MappingParts): readonly RawBuilder<unknown>[] {
  const { driving } = parts.source
  if (driving.kind !== 'query') return []
  return [materialized(ledgerTables.source(parts.mapping.name).name, storedQuery(parts))]
}

function rowAliases({ mapping }: MappingParts): (alias: string | undefined) => boolean {
  const authored = new Set(aliasesOf(mapping.from))
  return (alias) => alias !== undefined && (authored.has(alias) || /^(ref|step)_\d+$/.test(alias))
}

function guardPlanOf({ column, code, outcome, accepted }: TransformedRow['logs'][number]): GuardPlan {
  return { column, code, outcome, ...(accepted && { accepted }) }
}

export function rowsName({ mapping }: MappingParts): string {
  return `rows_${mapping.name}`
}

export function resolutionName({ mapping }: MappingParts): string {
  return ledgerTables.resolution(mapping.name).name
}

/** A source row is decided about once; the planner is told so, as it is of a crosswalk. */
function once(resolution: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`  select distinct on (source_key) *
  from (
${resolution}
  ) as decided`
}

function materialized(name: string, query: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`${id(name)} as materialized (\n${query}\n)`
}

/** Read where it is mentioned: it costs less than to be kept. */
export function inlined(name: string, query: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`${id(name)} as not materialized (\n${query}\n)`
}

function named(value: RawBuilder<unknown> | ReturnType<typeof expressionOf>, name: string): RawBuilder<unknown> {
  return sql`${value} as ${id(name)}`
}

function column(alias: string, name: string) {
  return expressionOf(columnNode(alias, name))
}

function id(name: string): RawBuilder<unknown> {
  return sql`${expressionOf(identifier(name))}`
}
