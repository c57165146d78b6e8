import { AliasNode, IdentifierNode, type OperationNode } from 'kysely'
import { qualifiedName } from '../catalog/catalog.ts'
import { sourceKey } from '../define/reference.ts'
import { tablesIn } from '../plan/lineage.ts'
import type { MappingParts } from '../plan/row.ts'
import { annotationOf } from '../sql/annotation.ts'
import { columnNode, expressionOf } from '../sql/nodes.ts'
import { rewriter, walk } from '../sql/tree.ts'
import { type Edge, type Reads, sameText } from './edges.ts'
import { aliasesIn, placed, renamed, withTargetColumns } from './row-values.ts'

/** The mappings of a migration, by name. */
export type Mappings = ReadonlyMap<string, MappingParts>

/** What a mapping joins in `from`. */
export function joinReads(parts: MappingParts, all: Mappings): Reads {
  const { source } = parts
  const edges: Edge[] = []
  const whole: [string, string][] = []
  for (const join of source.joins) {
    const { table: relation, on } = join
    if (!AliasNode.is(relation) || !IdentifierNode.is(relation.alias)) continue
    const alias = relation.alias.name
    const joined = source.tables.get(alias)
    const condition = on && placed(parts, on.on)
    const others = aliasesIn(condition).filter((other) => other !== alias)
    const from = source.tables.get(others[0] ?? '')
    if (joined !== undefined && condition !== undefined && others.length === 1 && from !== undefined) {
      edges.push({ from, fromAlias: others[0]!, to: joined, toAlias: alias, on: condition })
      continue
    }
    const why = `the mapping ${parts.mapping.name} joins it in a way that does not tell which rows it reads`
    for (const name of [...tablesIn(relation), ...crosswalkedIn(relation, all)]) whole.push([name, why])
  }
  return { edges, whole }
}

/** What the references and look-ups of a mapping lead to. */
export function referenceReads(parts: MappingParts, all: Mappings): Reads {
  const { columns, where, identity, survivor, match, compute } = parts.mapping
  const edges: Edge[] = []
  const whole: [string, string][] = []
  const require = (mapping: string, what: string) => {
    const read = sourcesOf(all.get(mapping))
    // A row made of a query that reads the very table is made of the row that refers to it as well.
    if (parts.source.driving.kind === 'table' && all.get(mapping)?.source.driving.kind === 'query') {
      if (read.includes(qualifiedName(parts.source.driving.table))) return
    }
    for (const name of read) whole.push([name, `${parts.mapping.name} ${what}`])
  }
  walk([columns, where, identity, survivor, match, compute?.reads], (node) => {
    const annotation = annotationOf(node)
    if (annotation?.kind === 'document') {
      for (const mapping of annotation.mappings) require(mapping, 'refers to it from within documents')
    } else if (annotation?.kind === 'lookup' && !holdsReference(annotation.id)) {
      require(annotation.mapping, 'looks it up by a key of its own making')
    } else if (annotation?.kind === 'reference') {
      const edge = referenceEdge(parts, all.get(annotation.mapping), annotation.key)
      if (edge) edges.push(edge)
      else require(annotation.mapping, 'refers to it by a key that is not of one row alone')
    }
  })
  for (const name of tablesIn([columns, where, identity, survivor, match])) {
    whole.push([name, `${parts.mapping.name} reads it in a subquery`])
  }
  return { edges, whole }
}

/** The target rows that rows of the mapping may stand for. */
export function matchReads(parts: MappingParts): Reads {
  const { match, to } = parts.mapping
  if (match === undefined) return { edges: [], whole: [] }
  const existing = withTargetColumns(parts, match.on)
  const condition = placed(parts, asExisting(existing))
  const { driving, alias } = parts.source
  const isOfRow = condition !== undefined && aliasesIn(condition).every((each) => [alias, 'existing'].includes(each))
  if (driving.kind !== 'table' || !isOfRow) {
    return { edges: [], whole: [[to, `${parts.mapping.name} matches its rows by more than one row's values`]] }
  }
  return {
    edges: [{ from: driving.table, fromAlias: alias, to: parts.target, toAlias: 'existing', on: condition }],
    whole: [],
  }
}

/** The tables that make the rows of a mapping: the driving one, or all that its query reads. */
export function sourcesOf(parts: MappingParts | undefined): readonly string[] {
  if (parts === undefined) return []
  const { driving } = parts.source
  return driving.kind === 'table' ? [qualifiedName(driving.table)] : tablesIn(driving.query)
}

/** The mappings whose crosswalk a relation reads. */
export function crosswalksIn(node: unknown): readonly string[] {
  const names = new Set<string>()
  walk(node, (child) => {
    const annotation = annotationOf(child)
    if (annotation?.kind === 'crosswalk') names.add(annotation.mapping)
  })
  return [...names]
}

function crosswalkedIn(node: unknown, all: Mappings): readonly string[] {
  return crosswalksIn(node).flatMap((mapping) => sourcesOf(all.get(mapping)))
}

function referenceEdge(parts: MappingParts, parent: MappingParts | undefined, key: OperationNode): Edge | undefined {
  const child = placed(parts, key)
  const aliases = aliasesIn(child)
  const from = parts.source.tables.get(aliases[0] ?? '')
  if (parent?.source.driving.kind !== 'table' || child === undefined || from === undefined || aliases.length !== 1) {
    return undefined
  }
  const parentKey = placed(parent, sourceKey(parent.mapping.key.map(expressionOf)).toOperationNode())
  if (parentKey === undefined) return undefined
  const own = renamed(parentKey, parent.source.alias, 'parent')
  return { from, fromAlias: aliases[0]!, to: parent.source.driving.table, toAlias: 'parent', on: sameText(child, own) }
}

function holdsReference(node: OperationNode): boolean {
  let holds = false
  walk(node, (child) => {
    const kind = annotationOf(child)?.kind
    holds ||= kind === 'reference' || kind === 'lookup'
  })
  return holds
}

/** The target's columns as they stand, under the alias of the existing row. */
function asExisting(node: OperationNode): OperationNode {
  return rewriter((child) => {
    const annotation = annotationOf(child)
    return annotation?.kind === 'existing' ? columnNode('existing', annotation.column) : child
  })(node)
}
