import {
  type Catalog,
  type ColumnName,
  type DomainType,
  elementTypeOf,
  findTable,
  qualifiedName,
  type Sequence,
} from './catalog.ts'
import { canonicalDistribution } from './distribution.ts'
import type { Column, Table } from './table.ts'

/** The properties of one object: what they are is told by the field of the same name in catalog.ts and table.ts. */
export type CanonicalFields = Readonly<Record<string, CanonicalValue>>
/** What is left of a property once names, order and form say nothing any more. */
export type CanonicalValue = string | number | boolean | null | readonly (string | number | null)[]
/** Objects of one kind by name. */
export type CanonicalObjects = Readonly<Record<string, CanonicalFields>>

/** The kinds of parts that a table has. */
export const tableParts = ['columns', 'constraints', 'indexes', 'triggers', 'policies'] as const

/** A table in the form that is hashed. */
export type CanonicalTable = Readonly<Record<(typeof tableParts)[number], CanonicalObjects>> & {
  readonly table: CanonicalFields
}

/**
 * A catalog reduced to what a plan for some tables rests on, and in the one form that equal definitions have: objects by
 * name, no OIDs, no positions of columns (every statement lists its columns). Plain JSON: hash `JSON.stringify` of it.
 */
export interface CanonicalCatalog {
  /** 18 for every 18.x: between majors the server prints the same definition differently. */
  readonly serverMajor: number
  /** By qualified name; null for a table that does not exist. */
  readonly tables: Readonly<Record<string, CanonicalTable | null>>
  /** The values of the enums that the tables use. */
  readonly enums: Readonly<Record<string, readonly string[]>>
  /** The domains that the tables use. */
  readonly domains: CanonicalObjects
  /** The sequences that feed or belong to a column of the tables. */
  readonly sequences: CanonicalObjects
}

/** The definitions of `tables` (qualified names, in any order) and of the types and sequences that they use. */
export function canonicalCatalog(catalog: Catalog, tables: readonly string[]): CanonicalCatalog {
  const names = [...new Set(tables)].sort()
  const found = names.map((name) => findTable(catalog, name)).filter((table) => table !== undefined)
  const columns = found.flatMap((table) => table.columns)
  const domains = usedDomains(catalog, columns)
  const enums = new Set(columns.map((column) => elementTypeOf(column.baseType)))
  const own = new Set(found.map(qualifiedName))
  const isOwn = (name: ColumnName) => own.has(qualifiedName({ schema: name.schema, name: name.table }))
  return {
    serverMajor: Math.floor(catalog.serverVersion / 10_000),
    tables: Object.fromEntries(
      names.map((name) => {
        const table = findTable(catalog, name)
        return [name, table === undefined ? null : canonicalTable(table, catalog, names)]
      }),
    ),
    enums: Object.fromEntries(
      catalog.enums.filter((type) => enums.has(qualifiedName(type))).map((type) => [qualifiedName(type), type.values]),
    ),
    domains: Object.fromEntries(domains.map((domain) => [qualifiedName(domain), canonicalDomain(domain)])),
    sequences: Object.fromEntries(
      catalog.sequences
        .filter((sequence) => sequence.feeds.some(isOwn) || (sequence.ownedBy !== null && isOwn(sequence.ownedBy)))
        .map((sequence) => [qualifiedName(sequence), canonicalSequence(sequence)]),
    ),
  }
}

/** The domains of the columns, and those under them, in the catalog's order. */
function usedDomains(catalog: Catalog, columns: readonly Column[]): readonly DomainType[] {
  const used = new Set(columns.map((column) => elementTypeOf(column.typeName)))
  // A set walks over what is added to it meanwhile.
  for (const name of used) {
    const domain = catalog.domains.find((candidate) => qualifiedName(candidate) === name)
    if (domain !== undefined) used.add(elementTypeOf(domain.typeName))
  }
  return catalog.domains.filter((domain) => used.has(qualifiedName(domain)))
}

function canonicalTable(table: Table, catalog: Catalog, names: readonly string[]): CanonicalTable {
  const fields = pick(table, tableFields)
  return {
    table:
      table.distribution === undefined
        ? fields
        : { ...fields, distribution: canonicalDistribution(catalog, table, names) },
    columns: byName(table.columns, columnFields),
    constraints: byName(table.constraints, constraintFields),
    indexes: byName(table.indexes, indexFields),
    triggers: byName(table.triggers, triggerFields),
    policies: byName(table.policies, policyFields),
  }
}

const tableFields = [
  'kind',
  'owner',
  'query',
  'rowSecurity',
  'forceRowSecurity',
  'replicaIdentity',
  'partitionKey',
  'partitionOf',
  'partitionBound',
  'hasChildren',
] as const

// typeName, baseType and kind follow from the type and from enums and domains.
const columnFields = [
  'type',
  'notNull',
  'default',
  'identity',
  'generated',
  'collation',
  'collationDeterministic',
] as const

// All else follows from the definition; it says NOT VALID too.
const constraintFields = ['definition', 'fires', 'inherited', 'comment'] as const

// requiredBy belongs to other tables; the constraint is listed by itself; all else follows from the definition.
const indexFields = [
  'definition',
  'valid',
  'inherited',
  'replicaIdentity',
  'clustered',
  'tablespace',
  'statisticsTargets',
  'comment',
] as const

const triggerFields = ['definition', 'enabled', 'inherited'] as const

const policyFields = ['command', 'permissive', 'roles', 'using', 'check'] as const

function byName<T extends { readonly name: string }, Key extends keyof T & string>(
  objects: readonly T[],
  fields: readonly Key[],
): Readonly<Record<string, Pick<T, Key>>> {
  // Columns come in order of position, everything else in order of name already.
  const sorted = objects.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return Object.fromEntries(sorted.map((object) => [object.name, pick(object, fields)]))
}

function pick<T extends object, Key extends keyof T & string>(object: T, keys: readonly Key[]): Pick<T, Key> {
  return Object.fromEntries(keys.map((key) => [key, object[key]])) as Pick<T, Key>
}

function canonicalDomain(domain: DomainType): CanonicalFields {
  return {
    ...pick(domain, ['type', 'notNull', 'default', 'collation']),
    constraints: domain.constraints.map(({ name, definition }) => `${name} ${definition}`),
  }
}

function canonicalSequence(sequence: Sequence): CanonicalFields {
  return {
    ...pick(sequence, ['type', 'start', 'increment', 'minimum', 'maximum', 'cache', 'cycles']),
    ownedBy: sequence.ownedBy === null ? null : columnText(sequence.ownedBy),
    feeds: sequence.feeds.map(columnText),
  }
}

function columnText({ schema, table, column }: ColumnName): string {
  return `${qualifiedName({ schema, name: table })}.${column}`
}
