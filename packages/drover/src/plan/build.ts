import { sql } from 'kysely'
import { type Catalog, findTable, qualifiedName } from '../catalog/catalog.ts'
import type { MappingDefinition } from '../define/mapping.ts'
import type { MigrationDefinition } from '../define/migration.ts'
import { DroverError } from '../error.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, identifier, parseName, tableNode } from '../sql/nodes.ts'
import { chunkStatement } from './chunk.ts'
import { hashPlan } from './hash.ts'
import { hazardsOf } from './hazard.ts'
import { readsOf, tablesIn, unreadColumns } from './lineage.ts'
import { dependenciesOf, inOrder, withForeignKeys } from './order.ts'
import { type Hazard, ledgerTables, type MappingPlan, type MappingStatements, type Plan } from './plan.ts'
import { cutChunks, keyColumns } from './range.ts'
import { ambiguousMatches, resolveStatement } from './resolve.ts'
import { drivingRelation, type MappingParts, transformRow } from './row.ts'
import { readSource } from './source.ts'
import { readTarget } from './target.ts'
import { constantPlacer, type TransformContext } from './transform.ts'
import { castType } from './type-name.ts'
import { droverVersion } from './version.ts'

/**
 * The plan of a migration against a catalog: pure, the same value for the same arguments.
 *
 * @throws DroverError `definition-invalid` with every finding at once, each a sentence with its place.
 */
export function buildPlan(definition: MigrationDefinition, catalog: Catalog): Plan {
  const findings: string[] = []
  const names = checkedNames(definition, findings)
  const references = new Map(
    definition.mappings.map((mapping) => [mapping.name, dependenciesOf(mapping, definition.mappings)]),
  )
  const isAcyclic = inOrder(definition.mappings, references, findings).length === definition.mappings.length
  const dependencies = isAcyclic ? withForeignKeys(definition.mappings, references, catalog) : references
  const ordered = isAcyclic ? inOrder(definition.mappings, dependencies, []) : definition.mappings
  const all = ordered.flatMap((mapping) => {
    const complain = (what: string) => findings.push(`mapping ${mapping.name}: ${what}`)
    const context: TransformContext = { catalog, cutover: definition.cutover, mappings: names, complain }
    return readParts(mapping, context, findings) ?? []
  })
  if (all.length === ordered.length) findings.push(...unreadColumns(all))
  const mappings = all.map((parts) => planMapping(parts, dependencies.get(parts.mapping.name) ?? []))
  if (findings.length > 0) throw invalid(definition, findings)
  const value: Omit<Plan, 'hash'> = {
    version: 1,
    drover: droverVersion,
    migration: definition.name,
    cutover: definition.cutover,
    mappings,
    hazards: [...all.flatMap(hazardsOf), unfrozen],
    catalog: involved(definition, catalog),
  }
  return { ...value, hash: hashPlan(value) }
}

/** No plan freezes its source yet: until it does, that is for the operator to see to. */
const unfrozen: Hazard = {
  name: 'source-not-frozen',
  mapping: null,
  why: 'Nothing keeps the application from writing to the source while the run reads it; stop it, or take away its right to write.',
}

function invalid(definition: MigrationDefinition, findings: readonly string[]): DroverError {
  const distinct = [...new Set(findings)]
  return new DroverError('definition-invalid', `The migration ${definition.name} cannot be planned.`, {
    findings: distinct,
    remedy: distinct.length === 1 ? 'Mend it and plan again.' : `Mend these ${distinct.length} places and plan again.`,
  })
}

function checkedNames(definition: MigrationDefinition, findings: string[]): ReadonlyMap<string, MappingDefinition> {
  if (!/^[a-z][a-z0-9-]*$/.test(definition.name)) {
    findings.push(`the migration's name ${definition.name} must be lower-case letters, digits and hyphens.`)
  }
  const names = new Map<string, MappingDefinition>()
  for (const mapping of definition.mappings) {
    if (!/^[a-z][a-z0-9_]{0,44}$/.test(mapping.name)) {
      findings.push(`mapping ${mapping.name}: the name must be lower-case letters, digits and underscores, at most 45.`)
    }
    if (names.has(mapping.name)) findings.push(`mapping ${mapping.name}: the name is used twice.`)
    names.set(mapping.name, mapping)
  }
  return names
}

function readParts(
  mapping: MappingDefinition,
  context: TransformContext,
  findings: string[],
): MappingParts | undefined {
  const source = readSource(mapping, context.catalog, findings)
  const target = findTable(context.catalog, qualifiedName(parseName(mapping.to)))
  if (target === undefined) {
    context.complain(
      `target ${mapping.to} does not exist in the database. Create it first: drover carries rows, it makes no tables.`,
    )
    return undefined
  }
  const { from, key, where, identity, survivor, columns: expressions } = mapping
  if (tablesIn([from.joins, key, where, identity, survivor, expressions]).includes(mapping.to)) {
    context.complain(
      `reads ${mapping.to} while it loads it. Read it in a subquery in \`from\`, which is stored before.`,
    )
  }
  const columns = readTarget(mapping, target, context.complain)
  return source && columns && { mapping, source, target, ...columns, context }
}

function planMapping(parts: MappingParts, dependsOn: readonly string[]): MappingPlan {
  const { mapping, source } = parts
  const row = transformRow(parts)
  return {
    name: mapping.name,
    source: source.driving.kind === 'table' ? source.driving.name : 'query',
    target: mapping.to,
    kinds: ['copy', ...(mapping.identity ? (['merge'] as const) : []), ...(mapping.match ? (['match'] as const) : [])],
    dependsOn,
    ranges: keyColumns(parts) === undefined ? 'physical' : 'key',
    key: readsOf(mapping.key),
    targetKey: parts.targetKey.map((column) => column.name),
    columns: parts.targetColumns.map(({ name }) => ({ name, reads: readsOf(mapping.columns[name]) })),
    guards: [...row.quarantines, ...row.logs].map(({ column, code, outcome }) => ({ column, code, outcome })),
    statements: statementsOf(parts),
  }
}

function statementsOf(parts: MappingParts): MappingStatements {
  const { mapping, source } = parts
  const crosswalk = expressionOf(tableNode(ledgerTables.crosswalk(mapping.name)))
  const target = expressionOf(tableNode(parts.target))
  const stored = expressionOf(tableNode(ledgerTables.source(mapping.name)))
  const resolution = expressionOf(tableNode(ledgerTables.resolution(mapping.name)))
  const resolve = resolveStatement(parts)
  const keys = parts.targetKey.map(
    (column) => sql`${expressionOf(identifier(column.name))} ${sql.raw(castType(column.baseType))}`,
  )
  const text = (query: { toOperationNode(): Parameters<typeof compile>[0] }) => compile(query.toOperationNode())
  return {
    storeSource:
      source.driving.kind === 'query'
        ? [
            text(sql`create table ${stored} as\n${expressionOf(constantPlacer(parts.context)(source.driving.query))}`),
            text(sql`analyze ${stored}`),
          ]
        : [],
    createCrosswalk: text(sql`create table ${crosswalk} (
  source_key text collate "C" not null,
  disposition text not null,
  ${sql.join(keys, sql.raw(',\n  '))}
)`),
    resolve,
    findAmbiguousMatches: ambiguousMatches(parts),
    settleResolution:
      resolve === null
        ? []
        : [text(sql`alter table ${resolution} add primary key (source_key)`), text(sql`analyze ${resolution}`)],
    countSource: text(sql`select count(*) as n from ${expressionOf(drivingRelation(parts))}`),
    countTarget: text(sql`select count(*) as n from ${target}`),
    cutChunks: cutChunks(parts),
    chunk: chunkStatement(parts, resolve !== null),
    close: [
      text(sql`alter table ${crosswalk} add primary key (source_key)`),
      text(sql`analyze ${crosswalk}`),
      text(sql`analyze ${target}`),
    ],
  }
}

/** The tables that the migration names, and the types of their columns. */
function involved(definition: MigrationDefinition, catalog: Catalog): Catalog {
  const names = new Set([...definition.mappings.flatMap((mapping) => [...tablesIn(mapping), mapping.to])])
  const tables = catalog.tables.filter((table) => names.has(qualifiedName(table)))
  const types = new Set(
    tables.flatMap((table) => table.columns.flatMap((column) => [column.typeName, column.baseType])),
  )
  const used = (type: { readonly schema: string; readonly name: string }) =>
    types.has(qualifiedName(type)) || types.has(`${qualifiedName(type)}[]`)
  return {
    ...catalog,
    schemas: [...new Set(tables.map((table) => table.schema))],
    tables,
    enums: catalog.enums.filter(used),
    domains: catalog.domains.filter(used),
    sequences: catalog.sequences.filter((sequence) =>
      sequence.feeds.some(({ schema, table }) => names.has(qualifiedName({ schema, name: table }))),
    ),
  }
}
