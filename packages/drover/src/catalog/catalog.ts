import { remembered } from '../sql/tree.ts'
import type { Index, Table } from './table.ts'

export type { Column, ColumnKind, Constraint, Index, Policy, Reference, Table, TableKind, Trigger } from './table.ts'

/**
 * What a server knows of some schemas, as plain data. Every list is in a total order (schema, name, or position), so
 * that two readings of an unchanged database are equal as values.
 */
export interface Catalog {
  /** `server_version_num`, e.g. 180004 for 18.4. */
  readonly serverVersion: number
  /** The schemas that were asked for and exist, in order of name. */
  readonly schemas: readonly string[]
  /** The extensions of the database, each with the schema that holds its objects, in order of name. */
  readonly extensions: readonly { readonly name: string; readonly schema: string }[]
  readonly tables: readonly Table[]
  /** The enums of the schemas, and those of other schemas that a column of the catalog uses. */
  readonly enums: readonly EnumType[]
  /** The domains of the schemas, and those of other schemas that a column of the catalog uses. */
  readonly domains: readonly DomainType[]
  readonly sequences: readonly Sequence[]
}

/** An enumeration. */
export interface EnumType {
  readonly schema: string
  readonly name: string
  /** In sort order. */
  readonly values: readonly string[]
}

/** A domain: a type with constraints of its own. */
export interface DomainType {
  readonly schema: string
  readonly name: string
  /** The type directly under the domain, with its modifiers, e.g. `character varying(40)` or another domain. */
  readonly type: string
  /** The type directly under the domain, named as in {@link Column.typeName}. */
  readonly typeName: string
  /** The type under all domains, named as in {@link Column.baseType}. */
  readonly baseType: string
  readonly notNull: boolean
  readonly default: string | null
  readonly collation: string | null
  readonly constraints: readonly { readonly name: string; readonly definition: string; readonly validated: boolean }[]
}

/** A column by name. */
export interface ColumnName {
  readonly schema: string
  readonly table: string
  readonly column: string
}

/** A sequence, without its position: that is data. The numbers are int8 and therefore text. */
export interface Sequence {
  readonly schema: string
  readonly name: string
  readonly type: string
  readonly start: string
  readonly increment: string
  readonly minimum: string
  readonly maximum: string
  readonly cache: string
  readonly cycles: boolean
  /** The column that the sequence is dropped with (`owned by`, serial, identity). */
  readonly ownedBy: ColumnName | null
  /** The columns whose default or identity takes its values from the sequence, owned or not. */
  readonly feeds: readonly ColumnName[]
}

/**
 * `schema.name`, the name by which definitions, plans and messages know a table. A part that holds a dot is quoted, so
 * that two tables never share a name.
 */
export function qualifiedName(object: { readonly schema: string; readonly name: string }): string {
  return [object.schema, object.name].map(quoteDotted).join('.')
}

function quoteDotted(part: string): string {
  return part.includes('.') ? `"${part.replaceAll('"', '""')}"` : part
}

/** The parts of a {@link qualifiedName}; one part of a name without a schema. */
export function nameParts(name: string): readonly string[] {
  return [...name.matchAll(/"((?:[^"]|"")*)"|[^.]+/g)].map((part) => part[1]?.replaceAll('""', '"') ?? part[0])
}

/** The element of an array type, any other type itself; of names as in {@link Column.typeName}. */
export function elementTypeOf(typeName: string): string {
  return typeName.replace(/\[\]$/, '')
}

/** The table of that {@link qualifiedName}, or undefined. */
export function findTable(catalog: Catalog, name: string): Table | undefined {
  return tablesByName(catalog.tables).get(name)
}

const tablesByName = remembered(
  (tables: readonly Table[]): ReadonlyMap<string, Table> =>
    new Map(tables.map((table) => [qualifiedName(table), table])),
)

/**
 * Whether an equality on `columns` meets at most one row of the table: there is a unique index, valid and without
 * predicate, over plain columns that are all among them. Nulls stand outside: they are equal to nothing.
 */
export function isUniqueOn(table: Table, columns: readonly string[]): boolean {
  // A unique index of a plain table does not reach into the tables that inherit from it; that of a partitioned one does.
  if (table.kind === 'table' && table.hasChildren) return false
  return table.indexes.some(
    (index) =>
      index.unique &&
      index.valid &&
      index.predicate === null &&
      index.columns.every((column) => column !== null && columns.includes(column)) &&
      comparesAsColumns(table, index),
  )
}

/** Whether two rows that the columns' own equality takes for one are one to the index too. */
function comparesAsColumns(table: Table, index: Index): boolean {
  // Texts that differ in bytes are equal only under a collation that is not deterministic; the definition names the
  // collation of an index column only where it is not the column's own.
  const folds = table.columns.some((column) => index.columns.includes(column.name) && !column.collationDeterministic)
  return !(folds && index.definition.includes(' COLLATE '))
}
