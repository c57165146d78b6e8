import { sql } from 'kysely'
import { type Catalog, findTable, qualifiedName } from '../catalog/catalog.ts'
import { partitionsOf } from '../catalog/partitions.ts'
import type { Table } from '../catalog/table.ts'
import type { MigrationDefinition } from '../define/migration.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, parseName, tableNode } from '../sql/nodes.ts'
import { digestOf, printedRow } from './digest.ts'
import { tablesIn } from './lineage.ts'
import { type FreezePlan, type FrozenTable, freezeTrigger, type Hazard, type Plan } from './plan.ts'

/**
 * How the tables that a migration reads are kept as they are while it runs. A table that it also loads is left out; one
 * that it evolves is held against everyone else.
 */
export function freezePlan({ freeze, mappings }: MigrationDefinition, catalog: Catalog): FreezePlan {
  if (freeze === 'none') return { mode: freeze, tables: [] }
  const read = new Set(mappings.flatMap((mapping) => tablesIn(mapping)))
  const written = mappings.filter(({ kind }) => freeze === 'verify' || kind !== 'evolve').map(({ to }) => to)
  for (const name of written) read.delete(name)
  const roots = catalog.tables.filter((table) => read.has(qualifiedName(table)))
  // A partition may be read by itself, too: one trigger is enough.
  const all = roots.flatMap((table) => [table, ...partitionsOf(table, catalog)])
  const tables = freeze === 'block' ? [...new Set(all)] : roots
  return {
    mode: freeze,
    tables: tables
      .filter((table) => freeze === 'verify' || takesWrites(table))
      .map((table) => (freeze === 'block' ? blocked(table) : digested(table))),
  }
}

/** Sources to which writes cannot be blocked, and remedies: a trigger that refuses does not reach the nodes of a cluster. */
export function refusedFreeze(definition: MigrationDefinition, catalog: Catalog): readonly string[] {
  const { mode, tables } = freezePlan(definition, catalog)
  const spread = tables.map(qualifiedName).filter((name) => findTable(catalog, name)?.distribution !== undefined)
  if (mode !== 'block' || spread.length === 0) return []
  return [
    `source: writes to ${spread.join(', ')} cannot be blocked, for the rows lie on other nodes. Choose freeze: 'verify', and stop the application.`,
  ]
}

/** What remains for the operator to see to. */
export function unfrozen(
  { mode, tables }: FreezePlan,
  definition: MigrationDefinition,
  catalog: Catalog,
): readonly Hazard[] {
  if (mode === 'none') {
    const why =
      'Nothing keeps the application from writing to the source while the run reads it, and nothing would tell.'
    return [{ name: 'source-not-frozen', mapping: null, why }]
  }
  if (mode === 'verify') return []
  const held = new Set(tables.map(qualifiedName))
  const read = new Set(definition.mappings.flatMap((mapping) => tablesIn(mapping)))
  const targets = new Set(definition.mappings.map(({ to }) => to))
  const loose = catalog.tables
    .filter((table) => read.has(qualifiedName(table)) && !targets.has(qualifiedName(table)))
    .flatMap((table) => [table, ...partitionsOf(table, catalog)])
    .map(qualifiedName)
    .filter((name) => !held.has(name))
  if (loose.length === 0) return []
  const why = `Writes to ${loose.join(', ')} cannot be blocked: only tables can. See to it that what they show does not change.`
  return [{ name: 'source-not-frozen', mapping: null, why }]
}

/**
 * The partitions that are held with the tables that a migration reads, and those within which its chunks are ranges:
 * what comes or goes of them matters to its plan.
 */
export function heldPartitions(plan: Pick<Plan, 'freeze' | 'mappings'>, catalog: Catalog): readonly Table[] {
  const { mode, tables } = plan.freeze
  const held = mode === 'block' ? tables.map(qualifiedName) : []
  const cut = plan.mappings.flatMap(({ source, partitions }) =>
    partitions.length > 0 ? [qualifiedName(parseName(source))] : [],
  )
  const names = new Set([...held, ...cut])
  const partitions = catalog.tables
    .filter((table) => names.has(qualifiedName(table)))
    .flatMap((table) => partitionsOf(table, catalog))
  return [...new Set(partitions)]
}

function takesWrites({ kind }: Table): boolean {
  return kind === 'table' || kind === 'partitioned'
}

/**
 * A statement trigger that refuses. Creating it waits until the transactions that write have ended, and lets none begin.
 * It fires always: replication, too, would change what is being read.
 */
function blocked(table: Table): FrozenTable {
  const name = expressionOf(tableNode(table))
  const trigger = sql.id(freezeTrigger)
  return {
    schema: table.schema,
    name: table.name,
    block: [
      compile(
        sql`create trigger ${trigger}
before insert or update or delete or truncate on ${name}
for each statement execute function drover.refuse_write()`.toOperationNode(),
      ),
      compile(sql`alter table ${name} enable always trigger ${trigger}`.toOperationNode()),
    ],
    release: compile(sql`drop trigger if exists ${trigger} on ${name}`.toOperationNode()),
    digest: null,
  }
}

/** What someone wrote must show, even if the values are equal to what they were: a conversion may read their text. */
function digested(table: Table): FrozenTable {
  const { rows, high, low, from } = digestOf(printedRow, expressionOf(tableNode(table)))
  return {
    schema: table.schema,
    name: table.name,
    block: [],
    release: null,
    digest: compile(sql`select ${rows} || ' ' || ${high} || ' ' || ${low} as digest\n${from}`.toOperationNode()),
  }
}
