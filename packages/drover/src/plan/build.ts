import type { OperationNode } from 'kysely'
import { type Catalog, findTable, qualifiedName } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import type { MappingDefinition } from '../define/mapping.ts'
import type { MigrationDefinition } from '../define/migration.ts'
import { DroverError } from '../error.ts'
import { annotationsIn } from '../sql/annotation.ts'
import { columnNode, parseName } from '../sql/nodes.ts'
import { comparisonPlan } from './compare.ts'
import { computePlan } from './compute.ts'
import { mergesRows } from './decided.ts'
import { checkPlans } from './declared.ts'
import { checkDistribution } from './distribution.ts'
import { checkFit } from './fit.ts'
import { type Foresight, foresee } from './foresee.ts'
import { freezePlan, heldPartitions, refusedFreeze, unfrozen } from './freeze.ts'
import { guardPlan } from './guards.ts'
import { hashPlan } from './hash.ts'
import { hazardsOf, rebuildHazards } from './hazard.ts'
import { readsRandom } from './late.ts'
import { readsOf, tablesIn, unreadColumns } from './lineage.ts'
import { checkMasks } from './masks.ts'
import { deferredOf, dependenciesOf, inOrder, reaches, withForeignKeys, withoutDeferred } from './order.ts'
import { originOf } from './origin.ts'
import { partitionPlans } from './partitions.ts'
import type { MappingPlan, Plan } from './plan.ts'
import { chunkRow } from './printed-row.ts'
import { rangeColumns } from './range.ts'
import { rebuildPlans } from './rebuild.ts'
import { referencePlans } from './references.ts'
import type { MappingParts } from './row.ts'
import { sequencePlans } from './sequences.ts'
import { readSource, type Source } from './source.ts'
import { spreadPlan } from './spread.ts'
import { spreadHazards } from './spread-hazard.ts'
import { statementsOf } from './statements.ts'
import { compareStoredQuery } from './stored-query.ts'
import { readTarget } from './target.ts'
import { checkTiming } from './timing.ts'
import { totalsPlan } from './totals.ts'
import type { TransformContext } from './transform.ts'
import { checkReads } from './unknown.ts'
import { droverVersion } from './version.ts'

/**
 * The plan of a migration against a catalog: pure, the same value for the same arguments.
 *
 * @throws DroverError `definition-invalid` with every finding at once, each a sentence with its place.
 */
export function buildPlan(definition: MigrationDefinition, catalog: Catalog): Plan {
  const findings: string[] = []
  const { all, dependencies, ordered } = readMigration(definition, catalog, true, findings)
  const settledAfter = (name: string) => {
    const { context } = all.find(({ mapping }) => mapping.name === name)!
    return ordered.findLast((other) => [name, ...context.deferred].includes(other.name))?.name ?? name
  }
  const mappings = all.map((parts) => {
    const { name } = parts.mapping
    return planMapping(parts, dependencies.get(name) ?? [], settledAfter(name))
  })
  const checks = checkPlans(definition, catalog, findings)
  findings.push(...refusedFreeze(definition, catalog))
  if (findings.length > 0) throw invalid(definition, findings)
  const freeze = freezePlan(definition, catalog)
  const rebuilds = definition.indexes === 'keep' ? [] : rebuildPlans(all, settledAfter)
  const value: Omit<Plan, 'hash'> = {
    version: 1,
    drover: droverVersion,
    migration: definition.name,
    cutover: definition.cutover,
    mappings,
    freeze,
    rebuilds,
    checks,
    allow: definition.allow,
    hazards: [
      ...all.flatMap((parts, i) => [...hazardsOf(parts), ...spreadHazards(parts, mappings[i]!)]),
      ...rebuildHazards(rebuilds),
      ...unfrozen(freeze, definition, catalog),
    ],
    catalog: involved(definition, catalog, heldPartitions({ freeze, mappings }, catalog)),
  }
  return { ...value, hash: hashPlan(value) }
}

/**
 * Statements that say whether the server can plan what each mapping makes of its rows, as a run would make it; in order.
 *
 * @throws DroverError `definition-invalid`, as {@link buildPlan}.
 */
export function buildProbes(definition: MigrationDefinition, catalog: Catalog): readonly Foresight[] {
  const findings: string[] = []
  const { all, dependencies } = readMigration(definition, catalog, false, findings)
  const probes = all.map((parts) => foresee(parts, ancestorsOf(parts, all, dependencies), { form: 'probe' }))
  if (findings.length > 0) throw invalid(definition, findings)
  return probes
}

/** The mappings that one depends on, directly or not, in order. */
export function ancestorsOf(
  { mapping }: MappingParts,
  all: readonly MappingParts[],
  dependencies: ReadonlyMap<string, readonly string[]>,
): readonly MappingParts[] {
  return all.filter(
    (other) => other.mapping.name !== mapping.name && reaches(dependencies, mapping.name, other.mapping.name),
  )
}

/** The mappings of a migration, in order, with what they depend on; complaints go to `findings`. */
export function readMigration(
  definition: MigrationDefinition,
  catalog: Catalog,
  hasLedger: boolean,
  findings: string[],
) {
  const names = checkedNames(definition, findings)
  const references = new Map(
    definition.mappings.map((mapping) => [mapping.name, dependenciesOf(mapping, definition.mappings)]),
  )
  const deferred = deferredOf(definition.mappings, references)
  const firm = withoutDeferred(references, deferred)
  const isAcyclic = inOrder(definition.mappings, firm, findings).length === definition.mappings.length
  const dependencies = isAcyclic ? withForeignKeys(definition.mappings, firm, catalog) : firm
  const ordered = isAcyclic ? inOrder(definition.mappings, dependencies, []) : definition.mappings
  const all = ordered.flatMap((mapping, position) => {
    const complain = (what: string) => findings.push(`mapping ${mapping.name}: ${what}`)
    const context: TransformContext = {
      catalog,
      cutover: definition.cutover,
      freeze: definition.freeze,
      overlay: {
        migration: definition.name,
        catalog,
        targets: new Set(definition.mappings.map(({ to }) => to)),
        hasLedger,
      },
      mappings: names,
      earlier: new Set(ordered.slice(0, position).map(({ name }) => name)),
      deferred: deferred.get(mapping.name) ?? [],
      complain,
    }
    return readParts(mapping, context, findings) ?? []
  })
  if (all.length === ordered.length) findings.push(...unreadColumns(all))
  return { all, dependencies, ordered }
}

/** The error of a migration that cannot be planned, with every finding once. */
export function invalid(definition: MigrationDefinition, findings: readonly string[]): DroverError {
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
  const { from, where, identity, survivor, columns: expressions } = mapping
  const key = mapping.kind === 'evolve' ? evolvedKey(mapping, target, source, context) : mapping.key
  if (tablesIn([from.joins, key, where, identity, survivor, expressions]).includes(mapping.to)) {
    context.complain(
      `reads ${mapping.to} while it loads it. Read it in a subquery in \`from\`, which is stored before.`,
    )
  }
  checkTiming(mapping, target, context)
  checkDistribution(mapping, target, context)
  if (source !== undefined) {
    checkReads(mapping, source, context.complain)
    checkFit(mapping, source, target, context.complain)
    checkMasks({ ...mapping, key }, source, context.complain)
  }
  const columns = readTarget(mapping, target, context.complain)
  return source && columns && { mapping: { ...mapping, key }, source, target, ...columns, context }
}

/** The primary key of the table that the mapping reads and updates. */
function evolvedKey(
  mapping: MappingDefinition,
  target: Table,
  source: Source | undefined,
  context: TransformContext,
): readonly OperationNode[] {
  if (source === undefined) return []
  if (source.driving.kind !== 'table' || source.driving.table !== target) {
    context.complain(`evolves ${mapping.to} and must read from it: db.selectFrom('${mapping.to} as t').`)
  }
  return (target.primaryKey ?? []).map((column) => columnNode(source.alias, column))
}

function planMapping(parts: MappingParts, dependsOn: readonly string[], settledAfter: string): MappingPlan {
  const { mapping, source } = parts
  const row = chunkRow(parts)
  const plan: Omit<MappingPlan, 'comparison' | 'totals'> = {
    name: mapping.name,
    kind: mapping.kind,
    traits: traitsOf(mapping),
    source: source.driving.kind === 'table' ? source.driving.name : 'query',
    target: mapping.to,
    dependsOn,
    ranges: rangeColumns(parts) === undefined ? 'physical' : 'key',
    partitions: partitionPlans(parts),
    key: readsOf(mapping.key),
    targetKey: parts.targetKey.map((column) => column.name),
    columns: parts.targetColumns.map(({ name }) => ({
      name,
      reads: readsOf([mapping.columns[name], computedIn(mapping, name).length > 0 && mapping.compute?.reads]),
      opaque:
        readsRandom(mapping.columns[name]) ||
        computedIn(mapping, name).some((value) => mapping.compute?.opaque.includes(value)),
    })),
    references: referencePlans(parts),
    sequences: sequencePlans(parts),
    compareStoredQuery: compareStoredQuery(parts),
    guards: [...row.quarantines, ...row.logs].map(guardPlan),
    compute: computePlan(parts),
    origin: originOf(parts),
    secret: mapping.secret,
    personal: mapping.personal,
    statements: statementsOf(parts, settledAfter),
  }
  const opaque = plan.columns.filter((column) => column.opaque).map(({ name }) => name)
  const spread = spreadPlan(parts)
  return {
    ...plan,
    comparison: comparisonPlan(parts, opaque),
    totals: totalsPlan(parts, plan.columns),
    ...(spread && { spread }),
  }
}

function traitsOf(mapping: MappingDefinition): MappingPlan['traits'] {
  const { match, compute } = mapping
  return [
    ...(mergesRows(mapping) ? (['merge'] as const) : []),
    ...(match ? (['match'] as const) : []),
    ...(match && match.update.length > 0 ? (['update'] as const) : []),
    ...(compute ? (['compute'] as const) : []),
  ]
}

/** What a column takes from the row function, by name. */
function computedIn({ columns }: MappingDefinition, column: string): readonly string[] {
  return annotationsIn(columns[column]).flatMap((each) => (each.kind === 'computed' ? each.column : []))
}

/** The tables that the migration names, with the partitions that matter to it, and the types of their columns. */
function involved(definition: MigrationDefinition, catalog: Catalog, partitions: readonly Table[]): Catalog {
  const names = new Set([
    ...definition.mappings.flatMap((mapping) => [...tablesIn(mapping), mapping.to]),
    ...tablesIn(definition.checks),
    ...partitions.map(qualifiedName),
  ])
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
