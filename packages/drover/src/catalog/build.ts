import { type Catalog, type DomainType, type EnumType, elementTypeOf, qualifiedName, type Sequence } from './catalog.ts'
import type { Distribution } from './distribution.ts'
import type { Column, Constraint, Index, Policy, Table, Trigger } from './table.ts'

/** One row of a catalogue query: an object as JSON and, for tables and their parts, the OID of the table. */
export interface Item {
  readonly relation: string
  readonly value: unknown
}

/** The answers of the catalogue queries. */
export interface CatalogItems extends Readonly<Record<TablePart, readonly Item[]>> {
  readonly serverVersion: number
  readonly schemas: readonly string[]
  readonly extensions: Catalog['extensions']
  readonly tables: readonly Item[]
  readonly enums: readonly Item[]
  readonly domains: readonly Item[]
  readonly sequences: readonly Item[]
  /** Of the tables that Citus knows; none where it is not there. */
  readonly distributions: readonly Item[]
}

type TablePart = 'columns' | 'constraints' | 'indexes' | 'triggers' | 'policies'

/** Puts the answers of the catalogue queries together. Their order is kept. */
export function buildCatalog(items: CatalogItems): Catalog {
  const partsOf: PartsByRelation = {
    columns: byRelation(items.columns),
    constraints: byRelation(items.constraints),
    indexes: byRelation(items.indexes),
    triggers: byRelation(items.triggers),
    policies: byRelation(items.policies),
  }
  const distributions = new Map(items.distributions.map(({ relation, value }) => [relation, value as Distribution]))
  const catalog: Catalog = {
    serverVersion: items.serverVersion,
    schemas: items.schemas,
    extensions: items.extensions,
    tables: items.tables.map(({ relation, value }) => {
      const table = buildTable(value as RawTable, relation, partsOf)
      const distribution = distributions.get(relation)
      return distribution === undefined ? table : { ...table, distribution }
    }),
    enums: items.enums.map(({ value }) => value as EnumType),
    domains: items.domains.map(({ value }) => buildNames(value as RawNames<DomainType>)),
    sequences: items.sequences.map(({ value }) => value as Sequence),
  }
  const isUsed = usedTypes(catalog)
  return { ...catalog, enums: catalog.enums.filter(isUsed), domains: catalog.domains.filter(isUsed) }
}

type PartsByRelation = Readonly<Record<TablePart, ReadonlyMap<string, readonly unknown[]>>>

function byRelation(items: readonly Item[]): ReadonlyMap<string, readonly unknown[]> {
  const groups = Map.groupBy(items, (item) => item.relation)
  return new Map([...groups].map(([relation, group]) => [relation, group.map((item) => item.value)]))
}

type RawTable = Omit<Table, 'partitionOf' | 'primaryKey' | 'distribution' | TablePart> & {
  readonly partitionOf: { readonly schema: string; readonly name: string } | null
}

function buildTable(raw: RawTable, relation: string, partsOf: PartsByRelation): Table {
  const parts = <T>(part: TablePart): readonly T[] => (partsOf[part].get(relation) ?? []) as readonly T[]
  const constraints = parts<RawConstraint>('constraints').map(buildConstraint)
  const primary = constraints.find((constraint) => constraint.kind === 'primary')
  return {
    ...raw,
    partitionOf: raw.partitionOf === null ? null : qualifiedName(raw.partitionOf),
    columns: parts<RawNames<Column>>('columns').map(buildNames),
    ...(primary === undefined ? {} : { primaryKey: primary.columns }),
    constraints,
    indexes: parts<Index>('indexes'),
    triggers: parts<Trigger>('triggers'),
    policies: parts<Policy>('policies'),
  }
}

type RawConstraint = Omit<Constraint, 'references'> & { readonly references: Constraint['references'] | null }

function buildConstraint({ references, ...constraint }: RawConstraint): Constraint {
  return references == null ? constraint : { ...constraint, references }
}

/** The name of a type or collation in parts. */
interface NameParts {
  readonly schema: string
  readonly name: string
  readonly array: boolean
}

/** A column or domain as the queries give it: names of types and collations in parts. */
type RawNames<T extends Column | DomainType> = Omit<T, 'typeName' | 'baseType' | 'collation'> & {
  readonly typeName: NameParts
  readonly baseType: NameParts
  readonly collation: NameParts | null
}

function buildNames<T extends Column | DomainType>(raw: RawNames<T>): T {
  return {
    ...raw,
    typeName: buildName(raw.typeName),
    baseType: buildName(raw.baseType),
    collation: raw.collation === null ? null : buildName(raw.collation),
  } as unknown as T
}

function buildName({ schema, name, array }: NameParts): string {
  // A name that holds a dot, such as the collation en_US.utf8, would be taken for a qualified one.
  const isBare = schema === 'pg_catalog' && !name.includes('.')
  return `${isBare ? name : qualifiedName({ schema, name })}${array ? '[]' : ''}`
}

/** Tells of the types of the whole database which ones the catalog's schemas hold or its columns use. */
function usedTypes({ schemas, tables, domains }: Catalog): (type: EnumType | DomainType) => boolean {
  const isOwn = (type: EnumType | DomainType) => schemas.includes(type.schema)
  const domainsByName = new Map(domains.map((domain) => [qualifiedName(domain), domain]))
  const users = [...tables.flatMap((table) => table.columns), ...domains.filter(isOwn)]
  const used = new Set(users.flatMap((user) => [elementTypeOf(user.typeName), elementTypeOf(user.baseType)]))
  // The walk also meets what is added meanwhile: the types under domains of domains.
  for (const name of used) {
    const domain = domainsByName.get(name)
    if (domain !== undefined) used.add(elementTypeOf(domain.typeName)).add(elementTypeOf(domain.baseType))
  }
  return (type) => isOwn(type) || used.has(qualifiedName(type))
}
