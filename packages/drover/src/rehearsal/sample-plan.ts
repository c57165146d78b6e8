import { type Catalog, findTable, qualifiedName } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import { tablesIn } from '../plan/lineage.ts'
import type { MappingParts } from '../plan/row.ts'
import { type Draw, drawOf } from './draw.ts'
import { type Edge, foreignKeyReads, mateEdge, referencedBy } from './edges.ts'
import { crosswalksIn, joinReads, type Mappings, matchReads, referenceReads, sourcesOf } from './mapping-reads.ts'

/** What a sample is decided from. Tables go by their qualified names. */
export interface SampleFacts {
  /** All of the application's schemas. */
  readonly catalog: Catalog
  /** The tables that the migration names. */
  readonly named: readonly string[]
  /** The tables that a view reads, or that hold a part of the rows of another: partitions, heirs. */
  readonly under: ReadonlyMap<string, readonly string[]>
  readonly rows: ReadonlyMap<string, bigint>
  /** The part of a large table's rows that is drawn, above 0 and at most 1. */
  readonly fraction: number
  /** Tables of at most so many rows are taken whole. */
  readonly wholeUpTo: number
  /** Mappings whose groups turned out to be few and large: their rows cannot be drawn by them. */
  readonly coarse: ReadonlySet<string>
}

/** A table that is not taken whole. */
export interface PartialTable {
  readonly table: Table
  /** How its rows are drawn; of none, a table that drives no mapping: by its own key. */
  readonly draws: readonly Draw[]
}

/** What is taken. */
export interface SamplePlan {
  /** Every table of which rows are taken, with why it is taken whole; null where it is not. */
  readonly tables: readonly { readonly table: Table; readonly why: string | null }[]
  readonly partial: readonly PartialTable[]
  /** Those that lead to rows of partial tables. */
  readonly edges: readonly Edge[]
  /** How the counts of each mapping are to be read, by name. */
  readonly bases: ReadonlyMap<string, MappingBasis>
}

/**
 * `whole`: all of its rows are in the sample · `drawn`: a share of its rows, each with all that decides about it ·
 * `derived`: its rows are made of rows of which only a share is in the sample.
 */
export interface MappingBasis {
  readonly basis: 'whole' | 'drawn' | 'derived'
  /** What the sample does not show, a sentence each. */
  readonly limits: readonly string[]
}

/**
 * The tables that a sample can hold rows of: the named ones, what views of them read, and what their foreign keys lead
 * to.
 */
export function sampledTables({
  catalog,
  named,
  under,
}: Pick<SampleFacts, 'catalog' | 'named' | 'under'>): readonly Table[] {
  const names = new Set(named)
  // The walk also meets what is added meanwhile.
  for (const name of names) {
    const table = findTable(catalog, name)
    for (const other of under.get(name) ?? []) names.add(other)
    if (table?.partitionOf) names.add(table.partitionOf)
    for (const constraint of table?.constraints ?? []) {
      const parent = referencedBy(constraint)
      if (parent !== undefined) names.add(parent)
    }
  }
  // Partitions are taken through the table that they are a part of; views are made of tables.
  return catalog.tables.filter(
    (table) =>
      names.has(qualifiedName(table)) && isStored(table) && findTable(catalog, table.partitionOf ?? '') === undefined,
  )
}

function isStored({ kind }: Table): boolean {
  return kind === 'table' || kind === 'partitioned'
}

/** Decides which rows are taken. `all`: the migration's mappings in the plan's order. */
export function planSample(all: readonly MappingParts[], facts: SampleFacts): SamplePlan {
  const byName: Mappings = new Map(all.map((parts) => [parts.mapping.name, parts]))
  const tables = sampledTables(facts)
  const decisions = new Map(
    all
      .filter(({ source }) => source.driving.kind === 'table')
      .map((parts) => [parts, drawOf(parts, facts.coarse.has(parts.mapping.name))] as const),
  )
  const driven = new Set([...decisions.keys()].map((parts) => sourcesOf(parts)[0]!))
  const reads = [
    ...tables.map((table) => foreignKeyReads(table, facts.catalog)),
    ...all.flatMap((parts) => [joinReads(parts, byName), referenceReads(parts, byName), matchReads(parts)]),
  ]
  const needed = new Map(
    [
      ...wholeReasons(all, driven, facts),
      ...[...decisions].flatMap(([parts, decision]) =>
        decision.kind === 'whole' ? [[sourcesOf(parts)[0]!, decision.why] as const] : [],
      ),
      ...reads.flatMap(({ whole }) => whole),
    ].flatMap(([name, why]) => spread(name, facts).map((table) => [table, why] as const)),
  )
  const whyWhole = (name: string): string | null => {
    const rows = facts.rows.get(name) ?? 0n
    if (facts.fraction >= 1) return 'everything is'
    return rows <= BigInt(facts.wholeUpTo) ? 'it is small' : (needed.get(name) ?? null)
  }
  const isPartial = (table: Table) => tables.includes(table) && whyWhole(qualifiedName(table)) === null
  const partial = tables.filter(isPartial)
  const drawn = [...decisions].flatMap(([parts, decision]) =>
    decision.kind === 'draw' && isPartial(drivingTable(parts)) ? [{ parts, ...decision }] : [],
  )
  return {
    tables: tables.map((table) => ({ table, why: whyWhole(qualifiedName(table)) })),
    partial: partial.map((table) => ({
      table,
      draws: drawn.filter(({ parts }) => drivingTable(parts) === table).map(({ draw }) => draw),
    })),
    edges: [
      ...reads.flatMap(({ edges }) => edges),
      ...drawn.flatMap(({ parts, mates }) => mates.map((mate) => mateEdge(parts, mate))),
    ].filter(({ to }) => isPartial(to)),
    bases: basesOf(all, isPartial, facts, new Map(drawn.map(({ parts, limits }) => [parts.mapping.name, limits]))),
  }
}

function drivingTable(parts: MappingParts): Table {
  return (parts.source.driving as { readonly table: Table }).table
}

/** Tables that are taken whole whatever the mappings refer to. */
function* wholeReasons(
  all: readonly MappingParts[],
  driven: ReadonlySet<string>,
  { catalog, under }: SampleFacts,
): Iterable<readonly [string, string]> {
  for (const parts of all) {
    const { driving } = parts.source
    if (driving.kind !== 'query') continue
    for (const name of tablesIn(driving.query)) {
      if (!driven.has(name)) yield [name, `${parts.mapping.name} reads from a query of it`]
    }
  }
  for (const table of catalog.tables) {
    const name = qualifiedName(table)
    if (table.kind === 'view' || table.kind === 'materialized view') {
      for (const other of under.get(name) ?? []) yield [other, `the view ${name} reads it`]
    } else if (table.kind === 'table' && table.hasChildren) {
      for (const other of [name, ...(under.get(name) ?? [])]) yield [other, `${name} is inherited from`]
    }
  }
}

/** The tables that hold the rows of one that was named: itself, what a view reads, what a partition is a part of. */
function spread(name: string, facts: Pick<SampleFacts, 'catalog' | 'under'>): readonly string[] {
  const { catalog, under } = facts
  const table = findTable(catalog, name)
  const root = table?.partitionOf ?? null
  if (root !== null) return spread(root, facts)
  return table !== undefined && !isStored(table) ? (under.get(name) ?? []) : [name]
}

function basesOf(
  all: readonly MappingParts[],
  isPartial: (table: Table) => boolean,
  { catalog }: SampleFacts,
  limits: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, MappingBasis> {
  const bases = new Map<string, MappingBasis>()
  for (const parts of all) {
    const { name } = parts.mapping
    const own = limits.get(name)
    const sources = sourcesOf(parts)
    const makers = all.filter(
      ({ mapping }) =>
        mapping.name !== name &&
        ((sources.includes(mapping.to) && mapping.kind !== 'evolve') ||
          crosswalksIn(parts.mapping.from).includes(mapping.name)),
    )
    const isOfParts =
      sources.some((source) => {
        const table = findTable(catalog, source)
        return table !== undefined && isPartial(table)
      }) || makers.some(({ mapping }) => (bases.get(mapping.name)?.basis ?? 'whole') !== 'whole')
    // What a row meets in a large target by its unique keys, and not by a match, is not looked for.
    const isAmongMany = parts.mapping.kind !== 'evolve' && isPartial(parts.target)
    const standing = isAmongMany
      ? [`Of the rows that stand in ${parts.mapping.to}, others may be met than the sample holds.`]
      : []
    if (own !== undefined) bases.set(name, { basis: 'drawn', limits: [...own, ...standing] })
    else bases.set(name, { basis: isOfParts ? 'derived' : 'whole', limits: standing })
  }
  return bases
}
