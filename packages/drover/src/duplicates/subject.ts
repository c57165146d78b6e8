import { type OperationNode, type RawBuilder, sql } from 'kysely'
import { type Catalog, findTable, qualifiedName } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import type { MappingDefinition } from '../define/mapping.ts'
import type { MigrationDefinition } from '../define/migration.ts'
import { sourceKey } from '../define/reference.ts'
import { DroverError } from '../error.ts'
import { readsOf } from '../plan/lineage.ts'
import { readSource } from '../plan/source.ts'
import { annotationOf } from '../sql/annotation.ts'
import { columnNode, columnOf, expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { walk } from '../sql/tree.ts'

/** The rows that are compared with each other. */
export interface Subject {
  /** What statements say they are about. */
  readonly name: string
  readonly table: Table
  readonly alias: string
  /** One text, as in the crosswalk. */
  readonly key: RawBuilder<string>
  /** Rows for which this does not hold are left out. */
  readonly where: RawBuilder<unknown> | undefined
  /** Columns that are never compared. */
  readonly secret: readonly string[]
  /** Columns that are compared and never shown. */
  readonly personal: readonly string[]
  /** Where extensions are installed. */
  readonly extensions: Catalog['extensions']
}

/** @throws DroverError `object-missing` where there is no such table, `usage-invalid` where it has no primary key. */
export function subjectOfTable(name: string, catalog: Catalog): Subject {
  const table = findTable(catalog, name)
  if (table === undefined) throw new DroverError('object-missing', `The table ${name} does not exist in the database.`)
  const key = table.primaryKey ?? []
  if (key.length === 0) {
    throw new DroverError('usage-invalid', `The table ${name} has no primary key that could name its rows.`, {
      remedy: 'Name a mapping, which says what its key is.',
    })
  }
  return {
    name,
    table,
    alias: 't',
    key: keyText(key.map((column) => columnNode('t', column))),
    where: undefined,
    secret: [],
    personal: [],
    extensions: catalog.extensions,
  }
}

/**
 * The source rows of a mapping. What any mapping of the migration keeps secret or calls personal of the table is so here.
 *
 * @throws DroverError `usage-invalid` where there is no such mapping, or its rows are no table's.
 */
export function subjectOfMapping(migration: MigrationDefinition, name: string, catalog: Catalog): Subject {
  const mapping = migration.mappings.find((each) => each.name === name)
  if (mapping === undefined) {
    throw new DroverError('usage-invalid', `The migration has no mapping ${name}.`, {
      remedy: `Name one of: ${migration.mappings.map((each) => each.name).join(', ')}.`,
    })
  }
  const source = readSource(mapping, catalog, [])
  if (source?.driving.kind !== 'table') {
    throw new DroverError(
      'usage-invalid',
      'Only the rows of a table can be compared, and this mapping reads a query.',
      {
        where: `mapping ${name}, from`,
        remedy: 'Compare the rows in a mapping that reads the table itself.',
      },
    )
  }
  const { alias } = source
  const { table } = source.driving
  const others = migration.mappings.filter((each) => {
    const driving = readSource(each, catalog, [])?.driving
    return driving?.kind === 'table' && driving.table === table
  })
  const primaryKey = (table.primaryKey ?? []).map((column) => columnNode(alias, column))
  const key = mapping.kind === 'evolve' ? primaryKey : mapping.key
  if (key.length === 0 || !readsOnly(key, alias)) {
    throw new DroverError('usage-invalid', 'The key of this mapping is not made of columns of its table.', {
      where: `mapping ${name}, key`,
      remedy: 'Compare the rows in a mapping whose key is.',
    })
  }
  return {
    name,
    table,
    alias,
    key: keyText(key),
    where: knownCondition(mapping, alias),
    secret: others.flatMap((each) => each.secret),
    personal: others.flatMap((each) => each.personal),
    extensions: catalog.extensions,
  }
}

/** The driving table alone, under its alias. */
export function fromSubject({ table, alias, where }: Subject): RawBuilder<unknown> {
  const relation = sql`from ${expressionOf(tableNode(table))} as ${expressionOf(identifier(alias))}`
  return where === undefined ? relation : sql`from (select * ${relation} where ${where}) as ${id(alias)}`
}

/** A column as text, its beginning alone: what comes later in a long text tells little and takes long. */
export function textOf({ alias }: Subject, column: string): RawBuilder<string> {
  return sql<string>`left((${columnOf(alias, column)})::text, 200)`
}

/** `alias.column` of a table that must have it; `qualifiedName` for messages. */
export function tableName({ table }: Subject): string {
  return qualifiedName(table)
}

function keyText(key: readonly OperationNode[]): RawBuilder<string> {
  return sql<string>`(${sourceKey(key.map(expressionOf))} collate "C")`
}

/** `where`, as far as it can be known before a run: from the columns of the table alone. */
function knownCondition({ where }: MappingDefinition, alias: string): RawBuilder<unknown> | undefined {
  return where !== undefined && readsOnly([where], alias) ? sql`${expressionOf(where)}` : undefined
}

function readsOnly(nodes: readonly OperationNode[], alias: string): boolean {
  let isPlain = true
  walk(nodes, (node) => {
    const kind = annotationOf(node)?.kind
    isPlain &&= kind === undefined || kind === 'once' || kind === 'guarded'
  })
  return isPlain && readsOf(nodes).every((read) => read.startsWith(`${alias}.`))
}

function id(name: string): RawBuilder<unknown> {
  return sql`${expressionOf(identifier(name))}`
}
