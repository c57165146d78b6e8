import {
  AliasNode,
  IdentifierNode,
  type OperationNode,
  type RawBuilder,
  SelectionNode,
  type SelectQueryNode,
  sql,
} from 'kysely'
import { qualifiedName } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import { sourceKey } from '../define/reference.ts'
import { annotate, annotationOf } from '../sql/annotation.ts'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf, identifier } from '../sql/nodes.ts'
import { walk } from '../sql/tree.ts'
import { constantPlacer } from './constant.ts'
import { isLate } from './late.ts'
import { readsOf, splitRead } from './lineage.ts'
import { type MappingParts, rowNames, type TransformedRow } from './row.ts'

/**
 * A reference of a mapping, before any policy decides about it. `foreign-key`: the source declares it too ·
 * `reference`: only the mapping does.
 */
export interface SourceReference {
  readonly kind: 'foreign-key' | 'reference'
  /** The mapping that is referred to. */
  readonly parent: string
  /** What the key is made of, as `alias.column`. */
  readonly reads: readonly string[]
  readonly key: OperationNode
  /** Whether the crosswalk of the parent is known while the row is made. */
  readonly isKnown: boolean
}

/** The references that a mapping declares, each once. */
export function referencesOf(parts: MappingParts): readonly SourceReference[] {
  const { columns, where, identity, survivor, match, compute } = parts.mapping
  const found = new Map<string, SourceReference>()
  walk([columns, where, identity, survivor, match, compute?.reads], (node) => {
    const annotation = annotationOf(node)
    if (annotation?.kind !== 'reference' || isLate(annotation.key, 'compute')) return
    const { mapping: parent, key } = annotation
    const referred = parts.context.mappings.get(parent)
    const name = `${parent} ${compile(key)}`
    if (referred === undefined || found.has(name)) return
    const isKnown = !parts.context.deferred.includes(parent)
    // In a circle, what the parent makes its rows of may not be known either.
    if (!isKnown && parent !== parts.mapping.name && readsMappings([referred.from, referred.key])) return
    found.set(name, { kind: kindOf(parts, parent, key), parent, reads: readsOf(key), key, isKnown })
  })
  return [...found.values()]
}

function readsMappings(root: unknown): boolean {
  let reads = false
  walk(root, (node) => {
    const annotation = annotationOf(node)
    reads ||= annotation !== undefined && 'mapping' in annotation
  })
  return reads
}

function kindOf(parts: MappingParts, parent: string, key: OperationNode): SourceReference['kind'] {
  const reads = readsOf(key).map(splitRead)
  const [alias] = reads[0] ?? []
  const table = alias === undefined ? undefined : parts.source.tables.get(alias)
  if (table === undefined || reads.some(([other]) => other !== alias)) return 'reference'
  return isDeclared(
    table,
    reads.map(([, column]) => column),
    drivenBy(parts, parent),
  )
    ? 'foreign-key'
    : 'reference'
}

function isDeclared(table: Table, columns: readonly string[], parent: string | undefined): boolean {
  return table.constraints.some(
    ({ references, columns: own }) =>
      references !== undefined &&
      qualifiedName({ schema: references.schema, name: references.table }) === parent &&
      own.length === columns.length &&
      own.every((column) => columns.includes(column)),
  )
}

/** The table that drives a mapping, as the author names it. */
function drivenBy(parts: MappingParts, mapping: string): string | undefined {
  const node = parts.context.mappings.get(mapping)?.from.from?.froms[0]
  let name: string | undefined
  walk(node, (child) => {
    if (child.kind !== 'TableNode') return
    const { table } = child as unknown as {
      readonly table: { readonly schema?: { readonly name: string }; readonly identifier: { readonly name: string } }
    }
    name ??= `${table.schema?.name ?? 'public'}.${table.identifier.name}`
  })
  return name
}

/** The name of a column that holds a reference's key, or is null where the reference holds nothing or leads to a row. */
export function orphanColumn(position: number): string {
  return `_orphan_${position + 1}`
}

/**
 * A column for each reference: its key where it leads to no row of the parent's source; where that is not known, its
 * key.
 */
export function orphanColumns(
  row: TransformedRow,
  references: readonly SourceReference[],
): readonly RawBuilder<unknown>[] {
  return references.map((reference, i) => {
    const key = expressionOf(row.transform.placeOnce(reference.key))
    const name = expressionOf(identifier(orphanColumn(i)))
    if (!reference.isKnown) return sql`(${key})::text as ${name}`
    const found = annotate(reference.key, {
      kind: 'reference',
      mapping: reference.parent,
      key: reference.key,
      part: 'source_key',
      isLater: false,
    })
    return sql`case when ${expressionOf(row.transform.place(found))} is null then (${key})::text end as ${name}`
  })
}

/**
 * The rows whose reference leads to no row of the parent's source. `parentKeys`: its keys, where the row did not know
 * them.
 */
export function orphanQuery(
  rows: string,
  position: number,
  parentKeys: RawBuilder<unknown> | undefined,
): { readonly count: RawBuilder<unknown>; readonly keys: RawBuilder<unknown> } {
  const value = expressionOf(columnNode('s', orphanColumn(position)))
  const from = sql`from ${expressionOf(identifier(rows))} as s
          where ${value} is not null${
            parentKeys === undefined
              ? sql``
              : sql` and not exists (select from (${parentKeys}) as parent where parent.source_key = ${value} collate "C")`
          }`
  return {
    count: sql`(select count(*) ${from})`,
    keys: sql`select ${expressionOf(columnNode('s', rowNames.key))} as key ${from}`,
  }
}

/** The source keys of a parent that the rows did not know when they were made: the mapping itself, or one of a circle. */
export function parentKeysOf(
  parts: MappingParts,
  rows: string,
  { parent, isKnown }: SourceReference,
): RawBuilder<unknown> | undefined {
  if (isKnown) return undefined
  if (parent === parts.mapping.name) {
    return sql`select ${expressionOf(columnNode('r', rowNames.key))} as source_key from ${expressionOf(identifier(rows))} as r`
  }
  const { from, key } = parts.context.mappings.get(parent)!
  const place = constantPlacer(parts.context)
  const keys = expressionOf(place(sourceKey(key.map(expressionOf)).toOperationNode()))
  return sql`${expressionOf(place({ ...from, selections: [SelectionNode.create(AliasNode.create(keys.toOperationNode(), IdentifierNode.create('source_key')))] } as SelectQueryNode))}`
}
