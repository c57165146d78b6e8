import { AliasNode, IdentifierNode, type OperationNode, type ReferenceNode, TableNode } from 'kysely'
import { annotationOf, annotationsIn } from '../sql/annotation.ts'
import { compile } from '../sql/compile.ts'
import { marksIn } from '../sql/tree.ts'
import { ofGroups } from './late.ts'
import type { MappingParts } from './row.ts'
import { nameOf } from './source.ts'

/**
 * How a row depends on rows of another mapping: by a key, by keys inside a document, or by whatever it reads of them as a
 * table (their target in a subquery or join, or their crosswalk), which says nothing of single rows.
 */
export type Mention = { readonly kind: 'key' | 'document'; readonly node: OperationNode } | { readonly kind: 'table' }

/** What a mapping mentions of others, by their names. Of a stored query only what is read beside it: it is asked again. */
export function mentionsOf(parts: MappingParts): ReadonlyMap<string, readonly Mention[]> {
  const found = new Map<string, Map<string, Mention>>()
  const add = (name: string, mention: Mention) => {
    const mentions = found.get(name) ?? new Map<string, Mention>()
    found.set(
      name,
      mentions.set(mention.kind === 'table' ? 'table' : `${mention.kind} ${compile(mention.node)}`, mention),
    )
  }
  const { mapping, source, context } = parts
  const { where, identity, survivor, match, compute, columns } = mapping
  const expressions = [where, identity, survivor, match, compute?.reads, columns]
  for (const annotation of annotationsIn(expressions)) {
    if (annotation.kind === 'reference') add(annotation.mapping, { kind: 'key', node: annotation.key })
    if (annotation.kind !== 'document') continue
    for (const name of annotation.mappings) add(name, { kind: 'document', node: annotation.document })
  }
  for (const name of tablesOf([...expressions, source.joins], context.mappings)) {
    if (name !== mapping.name && !found.has(name)) add(name, { kind: 'table' })
  }
  return new Map(
    [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, mentions]) => [name, [...mentions.values()]]),
  )
}

/** The mappings whose rows a value reads, by a reference or as a table, its own mapping for a value over a group. */
export function mappingsBehind(root: unknown, { mapping, source, context }: MappingParts): readonly string[] {
  const names = new Set(tablesOf(root, context.mappings))
  const joined = new Map(
    source.joins.flatMap(({ table }) =>
      AliasNode.is(table) && IdentifierNode.is(table.alias)
        ? [[table.alias.name, tablesOf(table.node, context.mappings)] as const]
        : [],
    ),
  )
  for (const node of marksIn(root)) {
    const annotation = annotationOf(node)
    if (annotation && 'mapping' in annotation) names.add(annotation.mapping)
    if (annotation?.kind === 'document') for (const name of annotation.mappings) names.add(name)
    if (annotation && ofGroups.has(annotation.kind)) names.add(mapping.name)
    if (node.kind !== 'ReferenceNode') continue
    const alias = (node as ReferenceNode).table?.table.identifier.name
    for (const name of joined.get(alias ?? '') ?? []) names.add(name)
  }
  return [...names].sort()
}

/** The mappings whose targets or crosswalks are read as tables. */
function tablesOf(root: unknown, mappings: MappingParts['context']['mappings']): readonly string[] {
  const names = new Set<string>()
  for (const node of marksIn(root)) {
    const annotation = annotationOf(node)
    if (annotation?.kind === 'crosswalk') names.add(annotation.mapping)
    if (!TableNode.is(node) || node.table.schema === undefined) continue
    for (const { name, to } of mappings.values()) if (to === nameOf(node)) names.add(name)
  }
  return [...names]
}
