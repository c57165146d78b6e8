import { AliasNode, IdentifierNode, type OperationNode, type RawBuilder, sql, TableNode } from 'kysely'
import { type Catalog, findTable, qualifiedName } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import { sourceKey } from '../define/reference.ts'
import { columnNode, expressionOf, identifier, literal, parseName, tableNode } from '../sql/nodes.ts'
import { rewriter } from '../sql/tree.ts'
import { collateAs } from './collation.ts'
import { ledgerSchema } from './plan.ts'
import { nameOf } from './source.ts'
import { castType } from './type-name.ts'

/** What reading through fixes takes: which tables there are, and which of them the migration fills itself. */
export interface OverlayContext {
  readonly migration: string
  readonly catalog: Catalog
  /** Qualified names of the tables that the migration writes: those are read as they stand. */
  readonly targets: ReadonlySet<string>
  /** Whether there is a ledger that can hold fixes, and what was decided about duplicates. */
  readonly hasLedger: boolean
}

/** Whether rows of the table can be fixed: it is of the source, and has a primary key to name them by. */
export function isFixable(table: Table, { targets }: OverlayContext): boolean {
  return (table.primaryKey?.length ?? 0) > 0 && !targets.has(qualifiedName(table)) && table.schema !== ledgerSchema
}

/** The column of {@link overlaid} that holds the row as it stands, where it cannot be read again by its place. */
export const unfixedColumn = '_unfixed'

/** What stands beside the columns of the table. */
export interface OverlayExtras {
  /** Columns that say where the row lies, e.g. `ctid`. */
  readonly places: readonly string[]
  /** What is read in place of the table. */
  readonly relation?: OperationNode
  /** The row as the ledger keeps it, of the table under the alias `t`. */
  readonly unfixed: RawBuilder<unknown> | null
}

/**
 * A table as a run reads it: with the fixes of `drover.overlay` in place of the values that it holds. A subquery, which
 * the planner makes part of the statement around it: keys and physical places stay those of the table. `null` where no
 * row of the table can be fixed.
 *
 * SQL: `(select t.ctid, t.<key>, case when fix.patch ? '<column>' then … else t.<column> end as <column>, … from <table>
 * as t left join drover.overlay as fix on …)`
 */
export function overlaid(table: Table, context: OverlayContext, extras: OverlayExtras): RawBuilder<unknown> | null {
  if (!context.hasLedger || !isFixable(table, context)) return null
  const key = table.primaryKey!
  const columns = table.columns.map((column) => {
    const own = of('t', column.name)
    if (key.includes(column.name) || column.generated !== null) return own
    const name = literal(column.name)
    const fixed = sql`(${of('fix', 'patch')} ->> ${name})::${sql.raw(castType(column.baseType))}${collateAs(column)}`
    return sql`case when ${of('fix', 'patch')} ? ${name} then ${fixed} else ${own} end as ${id(column.name)}`
  })
  const places = extras.places.map((name) => of('t', name))
  const unfixed = extras.unfixed === null ? [] : [sql`${extras.unfixed} as ${id(unfixedColumn)}`]
  return sql`(
    select ${sql.join([...places, ...columns, ...unfixed], sql.raw(',\n      '))}
    from ${expressionOf(extras.relation ?? tableNode(table))} as t
    left join ${expressionOf(tableNode({ schema: ledgerSchema, name: 'overlay' }))} as fix on fix.migration = ${sql.lit(context.migration)}
      and fix.relation = ${sql.lit(qualifiedName(table))} and fix.row_key = ${rowKeyOf(table, 't')} collate "C"
  )`
}

/** The primary key of a row as one text, by which its fix is found. */
export function rowKeyOf({ primaryKey }: Table, alias: string): RawBuilder<string> {
  const key = sourceKey(primaryKey!.map((column) => of(alias, column)))
  return sql<string>`(${expressionOf(key.toOperationNode())})`
}

/** A query in which every aliased table of the source is read through the fixes. */
export function overlaidQuery(query: OperationNode, context: OverlayContext): OperationNode {
  const place = rewriter((node) => {
    if (!AliasNode.is(node) || !TableNode.is(node.node) || !IdentifierNode.is(node.alias)) return node
    // Without a schema it is the name of a CTE.
    if (node.node.table.schema === undefined) return node
    const table = findTable(context.catalog, qualifiedName(parseName(nameOf(node.node))))
    const relation = table && overlaid(table, context, { places: [], unfixed: null })
    return relation ? AliasNode.create(relation.toOperationNode(), node.alias) : node
  })
  return place(query)
}

function of(alias: string, column: string) {
  return expressionOf(columnNode(alias, column))
}

function id(name: string) {
  return expressionOf(identifier(name))
}
