import {
  AliasNode,
  type AndNode,
  type BinaryOperationNode,
  type ColumnNode,
  IdentifierNode,
  type JoinNode,
  type OperationNode,
  type OperatorNode,
  type ParensNode,
  ReferenceNode,
  SelectQueryNode,
  TableNode,
} from 'kysely'
import { type Catalog, findTable, isUniqueOn } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import type { MappingDefinition } from '../define/mapping.ts'
import { annotationOf } from '../sql/annotation.ts'
import type { QualifiedName } from '../sql/nodes.ts'
import { walk } from '../sql/tree.ts'
import { outputsOf } from './outputs.ts'

/** What `from` says: the driving relation and the joins. */
export interface Source {
  readonly alias: string
  /** The driving table, or the query that is stored before it is read. */
  readonly driving:
    | {
        readonly kind: 'table'
        readonly table: Table
        readonly name: string
        /** The partitions that are read in its place, and the name that stands for them. */
        readonly partitions?: readonly Table[]
        readonly read?: QualifiedName
      }
    | { readonly kind: 'query'; readonly query: SelectQueryNode }
  readonly joins: readonly JoinNode[]
  /** The tables by their alias, the driving one included, for lineage. */
  readonly tables: ReadonlyMap<string, Table>
}

/** Beside the columns of a row that is read from one of several partitions: which of them it is. */
export const partNumber = 'drover_partition'

/** Reads `from`; what cannot be carried out is added to `findings`, each a sentence. */
export function readSource(mapping: MappingDefinition, catalog: Catalog, findings: string[]): Source | undefined {
  const complain = (what: string) => {
    findings.push(`mapping ${mapping.name}, from: ${what}`)
    return undefined
  }
  const { from } = mapping
  if (readsLedger(from)) return complain(ledgerRefused)
  const froms = from.from?.froms ?? []
  const [driving] = froms
  if (froms.length !== 1 || driving === undefined || !AliasNode.is(driving) || !IdentifierNode.is(driving.alias)) {
    return complain("name one relation with an alias: db.selectFrom('schema.table as t').")
  }
  refuseClauses(from, complain)
  const alias = driving.alias.name
  for (const taken of aliasesOf(from).filter((name) => ownAliases.test(name))) {
    complain(`the alias ${taken} is one that drover uses itself; choose another.`)
  }
  const tables = new Map<string, Table>()
  const relation = readRelation(driving.node, catalog)
  if (relation === undefined) return complain(`${describe(driving.node)} does not exist in the database.`)
  if (relation.kind === 'table') tables.set(alias, relation.table)
  requireColumns(mapping, relation, catalog, complain)
  for (const join of from.joins ?? []) readJoin(join, catalog, tables, complain)
  return { alias, driving: relation, joins: from.joins ?? [], tables }
}

/** A name that is misspelt in `secret` would let the secret into the ledger. */
function requireColumns(
  mapping: MappingDefinition,
  relation: Source['driving'],
  catalog: Catalog,
  complain: (what: string) => undefined,
): void {
  const isTable = relation.kind === 'table'
  const columns = isTable ? relation.table.columns.map(({ name }) => name) : outputsOf(relation.query, catalog)
  if (columns === undefined) return
  const where = isTable ? `${relation.table.schema}.${relation.table.name}` : 'the query'
  for (const list of ['secret', 'personal', ...(isTable ? (['dropped'] as const) : [])] as const) {
    const unknown = mapping[list].filter((name) => !columns.includes(name))
    if (unknown.length > 0) complain(`\`${list}\` names ${unknown.join(', ')}: ${where} has no such column.`)
  }
}

/** Aliases of the relations that the planner adds. */
const ownAliases = /^((ref|step|decimal|own)_\d+|existing|resolution|original|computed|walked)$/

/** The aliases under which `from` names its relations. */
export function aliasesOf(from: SelectQueryNode): readonly string[] {
  const relations = [...(from.from?.froms ?? []), ...(from.joins ?? []).map((join) => join.table)]
  return relations.flatMap((node) => (AliasNode.is(node) && IdentifierNode.is(node.alias) ? [node.alias.name] : []))
}

/** The columns of the tables in `from` that hold text as it is, as `alias.column`. */
export function textColumnsOf(from: SelectQueryNode, catalog: Catalog): ReadonlySet<string> {
  const relations = [...(from.from?.froms ?? []), ...(from.joins ?? []).map((join) => join.table)]
  return new Set(
    relations.flatMap((node) => {
      if (!AliasNode.is(node) || !IdentifierNode.is(node.alias)) return []
      const { name: alias } = node.alias
      const columns = tableOf(node.node, catalog)?.columns ?? []
      return columns
        .filter(({ baseType }) => baseType === 'text' || baseType === 'varchar')
        .map(({ name }) => `${alias}.${name}`)
    }),
  )
}

function refuseClauses(from: SelectQueryNode, complain: (what: string) => undefined): void {
  if (from.where)
    complain('move the condition of .where() to `where` of the mapping, so that what it refuses is counted.')
  const { groupBy, having, distinctOn, frontModifiers, limit, offset, fetch, setOperations } = from
  const reshapes = [groupBy, having, distinctOn, frontModifiers, limit, offset, fetch, setOperations, from.with]
  if (reshapes.some((clause) => clause !== undefined)) {
    complain(
      "put grouping, limits and set operations into a subquery with an alias: db.selectFrom(db.selectFrom(…).as('t')).",
    )
  }
  if (from.selections?.length) complain('leave out .select(): the mapping selects what it needs.')
}

function readRelation(node: OperationNode, catalog: Catalog): Source['driving'] | undefined {
  const query = unparenthesised(node)
  if (SelectQueryNode.is(query)) return { kind: 'query', query }
  const table = tableOf(node, catalog)
  return table && { kind: 'table', table, name: nameOf(node as TableNode) }
}

function readJoin(
  join: JoinNode,
  catalog: Catalog,
  tables: Map<string, Table>,
  complain: (what: string) => undefined,
): void {
  if (!AliasNode.is(join.table) || !IdentifierNode.is(join.table.alias)) {
    complain("give each joined relation an alias: .leftJoin('schema.table as t', …).")
    return
  }
  const alias = join.table.alias.name
  if (join.joinType !== 'LeftJoin') {
    complain(`the join to ${alias} may drop rows; use leftJoin, and decide with required() what a missing row means.`)
    return
  }
  const columns = equatedColumns(join.on?.on, alias)
  const relation = readRelation(join.table.node, catalog)
  const isCrosswalk = holdsCrosswalk(join.table.node)
  if (relation === undefined && !isCrosswalk) {
    complain(`${describe(join.table.node)} does not exist in the database.`)
    return
  }
  if (relation?.kind === 'table') tables.set(alias, relation.table)
  const unique = isCrosswalk
    ? columns.includes('source_key')
    : relation?.kind === 'table'
      ? isUniqueOn(relation.table, columns)
      : relation !== undefined && isGroupedOn(relation.query, columns, catalog)
  if (!unique) {
    complain(
      `the join to ${alias} may multiply rows: ${columns.length === 0 ? 'it equates no column' : `${columns.join(', ')} is not unique there`}. Join on a unique key, or join a subquery grouped by the columns it is joined on.`,
    )
  }
}

/** The columns of `alias` that an ON condition equates with something, when all parts of it must hold. */
function equatedColumns(on: OperationNode | undefined, alias: string): readonly string[] {
  if (on === undefined) return []
  const node = unparenthesised(on)
  if (node.kind === 'AndNode') {
    const { left, right } = node as AndNode
    return [...equatedColumns(left, alias), ...equatedColumns(right, alias)]
  }
  if (node.kind !== 'BinaryOperationNode') return []
  const { leftOperand, operator, rightOperand } = node as BinaryOperationNode
  if ((operator as OperatorNode).operator !== '=') return []
  return [
    [leftOperand, rightOperand],
    [rightOperand, leftOperand],
  ].flatMap(([side, other]) => {
    const reference = soleReference(side!)
    const isBound = reference?.table?.table.identifier.name === alias && !reads(other!, alias)
    return isBound ? [(reference.column as ColumnNode).column.name] : []
  })
}

function reads(root: OperationNode, alias: string): boolean {
  let found = false
  walk(root, (node) => {
    found ||= ReferenceNode.is(node) && node.table?.table.identifier.name === alias
  })
  return found
}

/** The reference that a node is. */
function soleReference(node: OperationNode): ReferenceNode | undefined {
  return ReferenceNode.is(node) ? node : undefined
}

/** A subquery that gives one row for each combination of the columns. */
function isGroupedOn(query: SelectQueryNode, columns: readonly string[], catalog: Catalog): boolean {
  const grouping = query.groupBy?.items.map((item) => item.groupBy) ?? query.distinctOn
  if (grouping === undefined || grouping.length === 0 || query.setOperations) return false
  const inputs = new Set([...tablesOf(query, catalog)].flatMap((table) => table.columns.map((column) => column.name)))
  return grouping.every((node) => {
    const reference = soleReference(node)
    if (reference === undefined) return false
    const { name } = (reference.column as ColumnNode).column
    // SQL reads a bare name in GROUP BY as a column of the input before it reads it as one of the output.
    const isInput = reference.table !== undefined || inputs.has(name)
    const isOther = isInput && computesColumn(query, name)
    return columns.includes(name) && !isOther
  })
}

/** Whether the query gives the name to something that is not the column of that name. */
function computesColumn(query: SelectQueryNode, name: string): boolean {
  return (query.selections ?? []).some(
    ({ selection }) =>
      AliasNode.is(selection) &&
      IdentifierNode.is(selection.alias) &&
      selection.alias.name === name &&
      (soleReference(selection.node)?.column as ColumnNode | undefined)?.column.name !== name,
  )
}

function tablesOf(query: SelectQueryNode, catalog: Catalog): ReadonlySet<Table> {
  const tables = new Set<Table>()
  walk(query, (node) => {
    const table = tableOf(node, catalog)
    if (table) tables.add(table)
  })
  return tables
}

function holdsCrosswalk(node: OperationNode): boolean {
  if (annotationOf(node)?.kind === 'crosswalk') return true
  const parameters = (node as { parameters?: readonly OperationNode[] }).parameters ?? []
  return parameters.length === 1 && holdsCrosswalk(parameters[0]!)
}

/** Why a mapping cannot read the ledger's own rows. */
export const ledgerRefused =
  'quarantined(), corrections(), notes() and merged() read what a run has left behind: they are for checks alone.'

function readsLedger(root: OperationNode): boolean {
  let found = false
  walk(root, (node) => {
    found ||= annotationOf(node)?.kind === 'ledger'
  })
  return found
}

/** The node without the parentheses around it. */
export function unparenthesised(node: OperationNode): OperationNode {
  return node.kind === 'ParensNode' ? unparenthesised((node as ParensNode).node) : node
}

/** The table of the catalogue that a node names; undefined where it names none. */
export function tableOf(node: OperationNode, catalog: Catalog): Table | undefined {
  return TableNode.is(node) ? findTable(catalog, nameOf(node)) : undefined
}

/** The qualified name of a table node, in `public` where it says no schema. */
export function nameOf(node: TableNode): string {
  const { schema, identifier } = node.table
  return `${schema?.name ?? 'public'}.${identifier.name}`
}

function describe(node: OperationNode): string {
  return TableNode.is(node) ? nameOf(node) : 'the relation'
}
