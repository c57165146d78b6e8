import { findTable, qualifiedName } from '../catalog/catalog.ts'
import { readCatalog } from '../catalog/read.ts'
import type { Table } from '../catalog/table.ts'
import type { Queryable } from '../db/connection.ts'
import { requireLedger } from '../ledger/install.ts'
import { requireUnpurged } from '../ledger/purge.ts'
import { findRun } from '../ledger/run.ts'
import { readTallies } from '../ledger/tally.ts'
import { readLastEvent } from '../ledger/verification.ts'
import type { MappingPlan, Plan } from '../plan/plan.ts'
import { parseName } from '../sql/nodes.ts'
import type { MappingSubject, RunSubject, TableSubject } from './check.ts'
import { requireCurrentPlan, requireVerifiable } from './findings.ts'

/** What there is to check: the mappings in the plan's order, and their targets, each once. */
export interface Subjects {
  readonly run: RunSubject
  readonly mappings: readonly MappingSubject[]
  readonly tables: readonly TableSubject[]
  /** The last thing that was done to the run, by its id; null where nothing was. */
  readonly lastEvent: string | null
}

/** @throws DroverError `ledger-missing`, `run-missing`, `run-purged` or `state-refused`. */
export async function readSubjects(tx: Queryable, id: string): Promise<Subjects> {
  await requireLedger(tx)
  const run = await findRun(tx, id)
  requireVerifiable(run)
  requireCurrentPlan(run)
  await requireUnpurged(tx, run.id)
  // Ahead of all else that is read: what is done to the run meanwhile comes after it.
  const lastEvent = await readLastEvent(tx, run.id)
  const { id: runId, plan } = run
  const tallies = new Map((await readTallies(tx, runId)).map((tally) => [tally.mapping, tally]))
  const mappings = plan.mappings.map((mapping) => ({
    runId,
    plan,
    mapping,
    tally: tallies.get(mapping.name)!,
    table: targetOf(plan, mapping),
  }))
  const targets = [...new Set(mappings.map(({ table }) => table))]
  const now = await readCatalog((text, values) => tx.query(text, values), schemasOf(targets))
  const tables = targets.map((table) => {
    const loadedBy = mappings.filter((subject) => subject.table === table)
    return {
      runId,
      plan,
      table,
      mappings: loadedBy.map(({ mapping }) => mapping),
      tallies: loadedBy.map(({ tally }) => tally),
      now,
    }
  })
  return { run: { runId, plan }, mappings, tables, lastEvent }
}

function targetOf({ catalog }: Plan, mapping: MappingPlan): Table {
  return findTable(catalog, qualifiedName(parseName(mapping.target)))!
}

/** The schemas of the tables, and of what they refer to. */
function schemasOf(tables: readonly Table[]): readonly string[] {
  const schemas = tables.flatMap(({ schema, constraints }) => [
    schema,
    ...constraints.flatMap(({ references }) => references?.schema ?? []),
  ])
  return [...new Set(schemas)].sort()
}
