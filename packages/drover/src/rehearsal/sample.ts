import { sql } from 'kysely'
import { qualifiedName } from '../catalog/catalog.ts'
import type { Database, Transaction } from '../db/connection.ts'
import { asDroverError } from '../db/server-error.ts'
import type { MigrationDefinition } from '../define/migration.ts'
import { invalid, readMigration } from '../plan/build.ts'
import type { Plan } from '../plan/plan.ts'
import type { MappingParts } from '../plan/row.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, tableNode } from '../sql/nodes.ts'
import { copyRows, copySequences } from './copy-rows.ts'
import { copyDrawnKeys, createDrawnKeys } from './drawn-keys.ts'
import { countRows, readOwnCatalog, readUnder } from './facts.ts'
import { sourcesOf } from './mapping-reads.ts'
import { type MappingBasis, planSample, type SampleFacts, type SamplePlan, sampledTables } from './sample-plan.ts'
import { countUnits, take } from './take.ts'

/** How much of the data a sample takes. */
export interface SampleOptions {
  /** The part of a large table's rows that is drawn: above 0, at most 1. 1 takes everything. */
  readonly fraction: number
  /** Tables of at most so many rows are taken whole. Default 20,000. */
  readonly wholeUpTo?: number
}

/** Rows of the real database that a scratch database holds. */
export interface Sample {
  readonly tables: readonly TableSample[]
  /** In the plan's order. */
  readonly mappings: readonly MappingSample[]
}

/** How much of a table was drawn. */
export interface TableSample {
  /** The qualified name. */
  readonly table: string
  readonly rows: bigint
  /** How many of them the sample holds. */
  readonly taken: bigint
  /** Why all of them are taken, the end of a sentence; null where a part is. */
  readonly why: string | null
}

/** How much of the source of a mapping was drawn. */
export interface MappingSample extends MappingBasis {
  readonly mapping: string
  /** Rows of its source in the real database; null where it reads from a query, or from rows that the run makes. */
  readonly rows: bigint | null
  /** The part of them by which its counts are scaled: 1 where all are there; of a derived one the least of what it reads. */
  readonly fraction: number
}

/** The default of {@link SampleOptions.wholeUpTo}. */
const defaultWholeUpTo = 20_000

/** A draw of fewer units than this that hold more rows than that each, as far as can be expected, says too little. */
const leastUnits = 50n
const largeUnit = 10n

/**
 * Copies a sample of the real rows into a scratch database that has the tables, and no foreign keys and triggers yet. It is
 * closed: whatever a row of it reads or refers to is there, if it is there at all. Large tables that drive a mapping are
 * drawn by a hash, so that the same rows are drawn again; small tables are taken whole. Secrets are copied as they are.
 *
 * All is read from one snapshot, in which nothing can be written but temporary tables (I5): the role needs the right to
 * make these, and the server must be no standby.
 *
 * @throws DroverError `definition-invalid`, `statement-failed` naming the table, `privilege-missing`, `connection-lost`.
 */
export async function takeSample(
  from: Database,
  to: Database,
  migration: MigrationDefinition,
  plan: Plan,
  options: SampleOptions,
): Promise<Sample> {
  const findings: string[] = []
  const { all } = readMigration(migration, plan.catalog, false, findings)
  if (findings.length > 0) throw invalid(migration, findings)
  const copy = (tx: Transaction) =>
    to.transaction((scratch) => carry({ from: tx, to: scratch }, all, plan, options), patient)
  const snapshot = { ...patient, settings: { transaction_isolation: 'repeatable read' } }
  return from.transaction(copy, snapshot).catch((thrown: unknown) => {
    throw asDroverError(thrown, 'statement-failed', 'No sample could be taken; nothing was written.', from.label)
  })
}

/** A copy lasts as long as it lasts, and each end waits for the other. */
const patient = { name: 'sample', statementTimeoutMs: 0, idleTimeoutMs: 0 }

async function carry(
  ends: { readonly from: Transaction; readonly to: Transaction },
  all: readonly MappingParts[],
  plan: Plan,
  { fraction, wholeUpTo = defaultWholeUpTo }: SampleOptions,
): Promise<Sample> {
  const catalog = withTablesOf(await readOwnCatalog(ends.from), plan)
  const facts = { catalog, named: plan.catalog.tables.map(qualifiedName), under: await readUnder(ends.from) }
  const rows = new Map<string, bigint>()
  for (const table of sampledTables(facts)) rows.set(qualifiedName(table), await countRows(ends.from, table))
  const decided = await decide(ends.from, all, { ...facts, rows, fraction, wholeUpTo, coarse: new Set() })
  const taken = await take(ends.from, decided, fraction)
  await createDrawnKeys(ends)
  const tables: TableSample[] = []
  for (const { table, why } of decided.tables) {
    await copyRows(ends, table, taken.rowsOf(table))
    const node = expressionOf(tableNode(table))
    await ends.to.query(compile(sql`analyze ${node}`.toOperationNode()))
    const name = qualifiedName(table)
    tables.push({ table: name, rows: rows.get(name)!, taken: await countRows(ends.to, table), why })
  }
  const drawn = new Map<string, bigint>()
  for (const { table, draws } of decided.partial) {
    for (const draw of draws) {
      await copyDrawnKeys(ends, table, draw, fraction)
      const [counted] = await ends.to.query('select count(*) as n from drover_sample.drawn where mapping = $1', [
        draw.mapping,
      ])
      drawn.set(draw.mapping, BigInt(counted!.n as string))
    }
  }
  await copySequences(ends, catalog)
  return { tables, mappings: mappingsOf(all, decided, rows, drawn, fraction) }
}

/** The tables of the plan as it knows them: the parts of the mappings hold these very values. */
function withTablesOf(catalog: SampleFacts['catalog'], plan: Plan): SampleFacts['catalog'] {
  const known = new Map(plan.catalog.tables.map((table) => [qualifiedName(table), table]))
  return { ...catalog, tables: catalog.tables.map((table) => known.get(qualifiedName(table)) ?? table) }
}

/** Decides, and decides again where draws turn out to be of few, large units. */
async function decide(tx: Transaction, all: readonly MappingParts[], facts: SampleFacts): Promise<SamplePlan> {
  const plan = planSample(all, facts)
  const coarse = new Set(facts.coarse)
  for (const { table, draws } of plan.partial) {
    for (const draw of draws) {
      if (draw.grouping === null) continue
      const units = await countUnits(tx, table, draw, facts.fraction)
      const expected = Number(facts.rows.get(qualifiedName(table))) * facts.fraction
      if (units < leastUnits && expected > Number(units === 0n ? largeUnit : units * largeUnit))
        coarse.add(draw.mapping)
    }
  }
  return coarse.size === facts.coarse.size ? plan : decide(tx, all, { ...facts, coarse })
}

function mappingsOf(
  all: readonly MappingParts[],
  plan: SamplePlan,
  rows: ReadonlyMap<string, bigint>,
  drawn: ReadonlyMap<string, bigint>,
  fraction: number,
): readonly MappingSample[] {
  return all.map((parts) => {
    const { name } = parts.mapping
    const basis = plan.bases.get(name)!
    const [source] = sourcesOf(parts)
    const known = parts.source.driving.kind === 'table' && basis.basis !== 'derived'
    const all = known ? (rows.get(source!) ?? null) : null
    const own = drawn.get(name)
    if (basis.basis === 'drawn' && own !== undefined && own > 0n) {
      return { mapping: name, ...basis, rows: all, fraction: Number(own) / Number(all) }
    }
    return { mapping: name, ...basis, rows: all, fraction: basis.basis === 'whole' ? 1 : fraction }
  })
}
