import { FromNode, JoinNode, type OperationNode, type RawBuilder, type SelectQueryNode, sql, TableNode } from 'kysely'
import { findTable, qualifiedName } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import { runSetting } from '../define/declare-check.ts'
import { annotationOf, type LedgerRelation, wrapped } from '../sql/annotation.ts'
import { expressionOf, identifier, parseName, tableNode } from '../sql/nodes.ts'
import { rewriter, walk } from '../sql/tree.ts'
import { replaceConstant } from './constant.ts'
import type { DeclaredContext } from './declared.ts'
import { tablesIn } from './lineage.ts'
import { outputsOf } from './outputs.ts'
import { isFixable, type OverlayContext, overlaidQuery } from './overlay.ts'
import { ledgerSchema } from './plan.ts'
import { targetOf } from './reference-target.ts'
import { nameOf } from './source.ts'
import { castType } from './type-name.ts'

/** A query of a check, as the server is asked it. */
export interface DeclaredQuery {
  readonly node: OperationNode
  /** The same in parentheses, to be read from. */
  readonly sql: RawBuilder<unknown>
  /** The names of its columns; none where they cannot be told, which is complained of. */
  readonly columns: readonly string[]
}

/**
 * A query that an author gives to a check, `what` in complaints: tables of the source are read through their fixes, and
 * what drover's helpers stand for is put in.
 */
export function declaredQuery(query: SelectQueryNode, what: string, context: DeclaredContext): DeclaredQuery {
  const overlay = overlayOf(context)
  requireTables(query, what, context)
  requireAliases(query, what, context, overlay)
  const columns = outputsOf(query, context.catalog)
  if (columns === undefined) {
    context.complain(`it cannot be told which columns ${what} gives; list them in .select([…]), each with a name.`)
  } else if (columns.length === 0) {
    context.complain(`${what} selects no column. Name them in .select([…]).`)
  }
  const twice = columns?.find((column, i) => columns.indexOf(column) !== i)
  if (twice !== undefined) context.complain(`${what} gives two columns named ${twice}. Name each differently.`)
  const node = checkPlacer(context)(overlaidQuery(query, overlay))
  return { node, sql: sql`${expressionOf(node)}`, columns: columns ?? [] }
}

/** Complains of columns that are named and not given. */
export function requireColumns(
  named: readonly string[],
  { columns }: DeclaredQuery,
  what: string,
  { complain }: DeclaredContext,
): void {
  if (columns.length === 0) return
  const missing = named.filter((column) => !columns.includes(column))
  if (missing.length > 0) complain(`${what} gives no column ${missing.join(', ')}; it gives ${columns.join(', ')}.`)
}

/** Whether a query reads a table that no mapping fills: one that may be dropped after the cutover. */
export function readsSource(query: OperationNode, { definition }: DeclaredContext): boolean {
  const targets = new Set(definition.mappings.map(({ to }) => to))
  return tablesIn(query).some((table) => !targets.has(table) && parseName(table).schema !== ledgerSchema)
}

function overlayOf({ definition, catalog, hasLedger }: DeclaredContext): OverlayContext {
  return { migration: definition.name, catalog, targets: new Set(definition.mappings.map(({ to }) => to)), hasLedger }
}

function requireTables(query: OperationNode, what: string, { catalog, complain }: DeclaredContext): void {
  for (const name of tablesIn(query)) {
    if (parseName(name).schema === ledgerSchema || tableNamed(name, catalog) !== undefined) continue
    complain(`${what} reads ${name}, which does not exist in the database.`)
  }
}

/** Without an alias, a table's own name would be lost where it is read through its fixes. */
function requireAliases(query: OperationNode, what: string, context: DeclaredContext, overlay: OverlayContext): void {
  if (!overlay.hasLedger) return
  const complained = new Set<string>()
  walk(query, (node) => {
    const relations = FromNode.is(node) ? node.froms : JoinNode.is(node) ? [node.table] : []
    for (const relation of relations) {
      if (!TableNode.is(relation) || relation.table.schema === undefined) continue
      const name = nameOf(relation)
      const table = tableNamed(name, context.catalog)
      if (table === undefined || !isFixable(table, overlay) || complained.has(name)) continue
      complained.add(name)
      context.complain(`${what} reads ${name} without an alias. Write '${name} as t'.`)
    }
  })
}

function tableNamed(name: string, catalog: DeclaredContext['catalog']): Table | undefined {
  return findTable(catalog, qualifiedName(parseName(name)))
}

/** What is carried out as an actor, with what helpers stand for put in; his columns are read from the session. */
export function placeAsActor(node: OperationNode, what: string, context: DeclaredContext): OperationNode {
  requireNoLedger(node, what, 'select it in actors', context)
  return checkPlacer(context, true)(node)
}

/** The role of an actor has no right to drover's schema. */
export function requireNoLedger(
  node: OperationNode,
  what: string,
  remedy: string,
  { complain }: DeclaredContext,
): void {
  let reads = false
  walk(node, (part) => {
    reads ||= ['crosswalk', 'ledger'].includes(annotationOf(part)?.kind ?? '')
  })
  if (reads) complain(`${what} is asked as the role of the actor, who may not read what drover keeps; ${remedy}.`)
}

/** Puts in what helpers stand for. There is no row to set aside or to correct: guards say nothing here. */
function checkPlacer(declared: DeclaredContext, readsActor = false) {
  const { definition, catalog, complain, hasLedger } = declared
  const mappings = new Map(definition.mappings.map((mapping) => [mapping.name, mapping]))
  const context = { catalog, cutover: definition.cutover, mappings, complain }
  return rewriter((node) => {
    const annotation = annotationOf(node)
    switch (annotation?.kind) {
      case undefined:
        return node
      case 'guarded':
      case 'document':
        return wrapped(node)
      case 'actor':
        if (!readsActor) complain('a column of the actor can only be read in `claims` and `write`.')
        return wrapped(node)
      case 'once':
        return sql`(${expressionOf(wrapped(node))})`.toOperationNode()
      case 'crosswalk': {
        if (hasLedger) return replaceConstant(node, annotation, context)
        const { target, key } = targetOf(annotation.mapping, context, 'crosswalk')
        const column = target?.columns.find(({ name }) => name === key)
        if (column === undefined) return node
        return emptyRelation({ source_key: 'text', disposition: 'text', id: castType(column.baseType) })
      }
      case 'ledger':
        if (!mappings.has(annotation.mapping)) {
          complain(
            `refers to mapping ${annotation.mapping}, which is not in the migration. Add it to m.migration([…]).`,
          )
        }
        return hasLedger
          ? ofRun(annotation.relation, annotation.mapping)
          : emptyRelation(relationColumns[annotation.relation])
      case 'cutover':
      case 'extension':
      case 'since':
        return replaceConstant(node, annotation, context)
      case 'reference':
      case 'lookup':
        complain(
          'ref() and lookup() cannot be used in a check; join crosswalk(mapping, alias), and the target by its id.',
        )
        return node
      default:
        complain(
          'a value over duplicates, of a row function, or a random one can only be used in `columns` of a mapping.',
        )
        return wrapped(node)
    }
  })
}

/** What checks see of each table of the ledger, with its types. */
const relationColumns: Readonly<Record<LedgerRelation, Readonly<Record<string, string>>>> = {
  quarantine: { source_key: 'text', code: 'text', accepted: 'bool' },
  correction: { source_key: 'text', column_name: 'text', code: 'text', original: 'text' },
  note: { source_key: 'text', column_name: 'text', code: 'text' },
  merge: { source_key: 'text', survivor_key: 'text' },
}

function ofRun(relation: LedgerRelation, mapping: string): OperationNode {
  const columns = Object.keys(relationColumns[relation]).map((column) =>
    column === 'accepted' ? sql`accepted_at is not null as accepted` : id(column),
  )
  return sql`(
    select ${sql.join(columns)}
    from ${expressionOf(tableNode({ schema: ledgerSchema, name: relation }))}
    where run_id = pg_catalog.current_setting(${sql.lit(runSetting)})::pg_catalog.int8 and mapping = ${sql.lit(mapping)}
  )`.toOperationNode()
}

function emptyRelation(columns: Readonly<Record<string, string>>): OperationNode {
  const nulls = Object.entries(columns).map(([column, type]) => sql`null::${sql.raw(type)} as ${id(column)}`)
  return sql`(select ${sql.join(nulls)} where false)`.toOperationNode()
}

function id(name: string) {
  return expressionOf(identifier(name))
}
