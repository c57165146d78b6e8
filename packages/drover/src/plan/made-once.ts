import { type OperationNode, type RawBuilder, type ReferenceNode, sql } from 'kysely'
import { annotationOf } from '../sql/annotation.ts'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf } from '../sql/nodes.ts'
import { rewriter, walk } from '../sql/tree.ts'
import type { ForeseenRows } from './foreseen.ts'
import {
  column,
  existingColumns,
  id,
  inlined,
  madeColumns,
  materialized,
  named,
  once,
  resolutionName,
  rowsName,
  setAside,
  storedSource,
} from './foreseen-columns.ts'
import { guardPlan } from './guards.ts'
import { groupValuesOf } from './late.ts'
import type { GuardPlan } from './plan.ts'
import { resolveQuery } from './resolve.ts'
import { fromLines, type MappingParts, rowNames, type TransformedRow, transformRow } from './row.ts'
import { aliasesOf } from './source.ts'
import { orphanColumn, orphanColumns, type SourceReference } from './source-references.ts'

/**
 * Whether what makes rows duplicates can be read from the rows once they are made: neither a row of the target decides,
 * nor a value over the group, and SQL text of the author's names no relation that only the making knows.
 */
export function isMadeOnce({ mapping }: MappingParts): boolean {
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

/** The rows, made once: what a run decides before its first chunk is decided over them. */
export function madeOnce(parts: MappingParts, references: readonly SourceReference[]): ForeseenRows {
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
      relations: () => [],
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
  const quarantines = row.quarantines.map(guardPlan)
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
    logs: row.logs.map((guard) => ({ ...guardPlan(guard), ofDuplicates: guard.ofDuplicates })),
  }
}

/** Types whose values have one hash where they are equal. */
const hashed: ReadonlySet<string> = new Set([
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

function rowAliases({ mapping }: MappingParts): (alias: string | undefined) => boolean {
  const authored = new Set(aliasesOf(mapping.from))
  return (alias) => alias !== undefined && (authored.has(alias) || /^(ref|step)_\d+$/.test(alias))
}
