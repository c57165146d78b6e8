import { capabilitiesOf } from '../catalog/capabilities.ts'
import { qualifiedName } from '../catalog/catalog.ts'
import type { Database } from '../db/connection.ts'
import { type MigrationDefinition, rowFunctionsOf } from '../define/migration.ts'
import { DroverError } from '../error.ts'
import { installLedger } from '../ledger/install.ts'
import { recordRehearsal } from '../ledger/rehearsal.ts'
import { hazardNames, type Plan } from '../plan/plan.ts'
import { goBack } from './back.ts'
import { type Forecast, forecast } from './forecast.ts'
import { prepare } from './prepare.ts'
import { readRehearsedRun } from './read-rehearsed-run.ts'
import type { RehearsalResult, Stage, StageName } from './result.ts'
import type { SampleOptions } from './sample.ts'
import { takeSnapshot } from './snapshot.ts'
import { goThrough } from './stages.ts'
import { goThere } from './there.ts'

/** What is drawn, where it is tried, and how. */
export interface RehearseOptions extends SampleOptions {
  /** The connection string of the scratch database, for probes. */
  readonly scratchUrl?: string
  /** Workers of the run, the verification and the rollback. Default 2. */
  readonly workers?: number
  readonly signal?: AbortSignal
  /** Told before each stage and after it. */
  readonly onStage?: (name: StageName, stage?: Stage) => void
}

/**
 * Does everything that a migration is to do, its way back included, in an empty scratch database that gets the schema and a
 * sample of the real one: check, run, verify, roll back, compare every table with the start, and run again. The real
 * database is read in read-only transactions (I5); then the result is kept in its ledger, for the plan's hash.
 *
 * @throws DroverError `usage-invalid` where the scratch database is not empty or tables are distributed, `interrupted`,
 * and whatever says that the rehearsal itself could not be done. What goes wrong with the migration is no error: its
 * stage fails.
 */
export async function rehearse(
  real: Database,
  scratch: Database,
  migration: MigrationDefinition,
  plan: Plan,
  options: RehearseOptions,
): Promise<RehearsalResult> {
  requireOneServer(plan)
  await requireEmpty(scratch)
  const result = await carryOut(real, scratch, migration, plan, options)
  await real.transaction(async (tx) => {
    await installLedger(tx, plan.drover)
    const { planHash, verdict } = result
    await recordRehearsal(tx, { migration: plan.migration, planHash, verdict, result })
  })
  return result
}

async function carryOut(
  real: Database,
  scratch: Database,
  migration: MigrationDefinition,
  plan: Plan,
  options: RehearseOptions,
): Promise<RehearsalResult> {
  const { workers = 2, signal, scratchUrl } = options
  const working = { workers, ...(signal === undefined ? {} : { signal }) }
  const runOptions = { ...working, functions: rowFunctionsOf(migration), allowed: hazardNames }
  const verifyOptions = { ...working, ...(scratchUrl === undefined ? {} : { url: scratchUrl }) }
  let foreseen: Forecast | null = null
  const { stages, notes } = await goThrough(async (all) => {
    const prepared = await prepare(all, { real, scratch }, migration, plan, options)
    const start = await takeSnapshot(scratch, prepared.schemas)
    const { sample } = prepared
    const runId = await goThere(all, scratch, migration, prepared.plan, {
      run: runOptions,
      verify: verifyOptions,
      onLoaded: async (id, walBytes) => {
        const rehearsed = await readRehearsedRun(scratch, id, sample, { walBytes })
        foreseen = { ...forecast(sample, rehearsed), planHash: plan.hash }
      },
    })
    await goBack(all, scratch, prepared, { runId, start, run: runOptions })
  }, options)
  const verdict = stages.every((stage) => stage.verdict === 'pass') ? 'pass' : 'fail'
  return { version: 1, planHash: plan.hash, verdict, stages, notes, forecast: foreseen }
}

/** A sample notes which rows it has taken by their places. @throws DroverError `usage-invalid` */
function requireOneServer({ catalog }: Plan): void {
  const spread = catalog.tables.filter((table) => !capabilitiesOf(table).hasPlaces).map(qualifiedName)
  if (spread.length === 0) return
  throw new DroverError(
    'usage-invalid',
    'No sample can be drawn from tables whose rows lie on the nodes of a cluster.',
    {
      where: spread.join(', '),
      remedy:
        'Rehearse on one server that has the same schema and some of the rows; then run on the cluster with --allow unrehearsed.',
    },
  )
}

/** @throws DroverError `usage-invalid` */
async function requireEmpty(scratch: Database): Promise<void> {
  const [row] = await scratch.transaction(
    (tx) =>
      tx.query(`select count(*)::integer as n
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`),
    { readOnly: true },
  )
  if (row!.n === 0) return
  throw new DroverError('usage-invalid', 'The scratch database is not empty.', {
    where: scratch.label,
    remedy: 'Give an empty one, made for this: create database rehearsal. What is in it is lost otherwise.',
  })
}
