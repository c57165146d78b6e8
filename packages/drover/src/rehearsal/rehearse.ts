import { qualifiedName } from '../catalog/catalog.ts'
import { catalogDifferences } from '../catalog/differences.ts'
import { readCatalog } from '../catalog/read.ts'
import { readCheck } from '../check/check.ts'
import { readFacts } from '../check/facts.ts'
import type { Database } from '../db/connection.ts'
import { type MigrationDefinition, probesOf, rowFunctionsOf } from '../define/migration.ts'
import { DroverError } from '../error.ts'
import { installLedger } from '../ledger/install.ts'
import { recordRehearsal } from '../ledger/rehearsal.ts'
import { readTallies } from '../ledger/tally.ts'
import { buildPlan } from '../plan/build.ts'
import { buildCheck } from '../plan/check.ts'
import { hazardNames, type Plan } from '../plan/plan.ts'
import { rollback } from '../rollback/rollback.ts'
import { run } from '../run/run.ts'
import { verify } from '../verify/verify.ts'
import { makeObjects, readSchemas } from './copy-schema.ts'
import { copyFixes } from './fixes.ts'
import { type Forecast, forecast } from './forecast.ts'
import { readRehearsedRun } from './read-rehearsed-run.ts'
import { fingerprintsOf, repeatableTargets } from './repeatable.ts'
import { type RehearsalResult, type Stage, type StageName, stageNames } from './result.ts'
import { type SampleOptions, takeSample } from './sample.ts'
import { differencesOf, takeSnapshot } from './snapshot.ts'

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
 * @throws DroverError `usage-invalid` where the scratch database is not empty, `interrupted`, and whatever says that the
 * rehearsal itself could not be done. What goes wrong with the migration is no error: its stage fails.
 */
export async function rehearse(
  real: Database,
  scratch: Database,
  migration: MigrationDefinition,
  plan: Plan,
  options: RehearseOptions,
): Promise<RehearsalResult> {
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
  const { workers = 2, signal, onStage = () => {}, scratchUrl } = options
  const working = { workers, ...(signal === undefined ? {} : { signal }) }
  const stages: Stage[] = []
  const notes: string[] = []
  /** A stage; the first that fails is the last one. */
  const act = async <T>(name: StageName, work: () => Promise<Outcome<T>>): Promise<T> => {
    if (signal?.aborted) throw interrupted()
    onStage(name)
    const startedAt = performance.now()
    const outcome = await work()
    if (signal?.aborted) throw interrupted()
    const stage: Stage = {
      name,
      verdict: outcome.failure === undefined ? 'pass' : 'fail',
      detail: outcome.failure ?? outcome.detail,
      seconds: Math.round(performance.now() - startedAt) / 1000,
    }
    stages.push(stage)
    onStage(name, stage)
    if (stage.verdict === 'fail') throw new StageFailed()
    return outcome.value
  }
  let forecasted: Forecast | null = null
  try {
    const objects = await act('schema', async () => {
      const ddl = await readSchemas(real, rolesOf(plan))
      const notMade = await makeObjects(scratch, ddl.before)
      notes.push(...notMade.map(({ object, why }) => `${object} could not be made in the scratch database: ${why}`))
      return { value: ddl, detail: `${ddl.before.length - notMade.length} objects of ${ddl.schemas.length} schemas` }
    })
    const { sample, own } = await act('sample', async () => {
      const taken = await takeSample(real, scratch, migration, plan, options)
      const notMade = await makeObjects(scratch, objects.after)
      notes.push(...notMade.map(({ object, why }) => `${object} could not be made in the scratch database: ${why}`))
      const fixes = await copyFixes(real, scratch, plan.migration, plan.drover)
      const catalog = await scratch.transaction((tx) =>
        readCatalog((text, values) => tx.query(text, values), plan.catalog.schemas),
      )
      notes.push(...catalogDifferences(plan.catalog, catalog, plan.catalog.tables.map(qualifiedName)).map(inScratch))
      const rows = taken.tables.reduce((sum, table) => sum + table.taken, 0n)
      const of = taken.tables.reduce((sum, table) => sum + table.rows, 0n)
      const detail = `${rows} of ${of} rows of ${taken.tables.length} tables${fixes === 0 ? '' : `, ${fixes} fixes`}`
      return { value: { sample: taken, own: buildPlan(migration, catalog) }, detail }
    })
    const start = await takeSnapshot(scratch, objects.schemas)
    const check = await act('check', async () => {
      const facts = await readFacts(scratch, own.catalog.schemas)
      const asked = buildCheck(migration, own.catalog, { ...facts, showsValues: false })
      const told = await readCheck(scratch, asked)
      const findings = told.mappings.flatMap(({ findings }) => findings)
      return { value: told, detail: `${told.mappings.length} mappings foreseen, ${findings.length} findings` }
    })
    const runOptions = { ...working, functions: rowFunctionsOf(migration), allowed: hazardNames }
    const first = await act('run', async () => {
      const before = await readWal(scratch)
      const { runId, state } = await run(scratch, own, runOptions)
      const walBytes = (await readWal(scratch)) - before
      if (state !== 'loaded') return { value: runId, detail: '', failure: `the run is ${state}` }
      const rehearsed = await readRehearsedRun(scratch, runId, sample, { walBytes })
      forecasted = { ...forecast(sample, rehearsed), planHash: plan.hash }
      const tallies = await scratch.transaction((tx) => readTallies(tx, runId), { readOnly: true })
      const otherwise = tallies.filter((tally) => {
        const outlook = check.mappings.find(({ mapping }) => mapping === tally.mapping)
        return outlook !== undefined && outlook.unforeseen.length === 0 && outlook.loaded !== tally.loaded
      })
      notes.push(
        ...otherwise.map(({ mapping }) => `mapping ${mapping} loaded another number of rows than was foreseen`),
      )
      const sum = (of: 'read' | 'loaded' | 'quarantined') => tallies.reduce((all, tally) => all + tally[of], 0n)
      return {
        value: runId,
        detail: `${sum('read')} rows read, ${sum('loaded')} loaded, ${sum('quarantined')} quarantined`,
      }
    })
    await act('verification', async () => {
      const { verdict, findings } = await verify(scratch, first, {
        ...working,
        triesWrites: true,
        probes: probesOf(migration),
        ...(scratchUrl === undefined ? {} : { url: scratchUrl }),
      })
      const failed = findings.filter((finding) => finding.verdict === 'fail')
      const failure = failed.map(({ check, rule, mapping }) => [rule ?? check, mapping].filter(Boolean).join(' of '))
      return {
        value: undefined,
        detail: `${findings.length} checks, verdict ${verdict}`,
        ...(failed.length === 0 ? {} : { failure: `failed: ${[...new Set(failure)].join(', ')}` }),
      }
    })
    const targets = repeatableTargets(own)
    const loaded = await fingerprintsOf(scratch, targets)
    const triggered = await act('rollback', async () => {
      const { verdict, findings, tallies } = await rollback(scratch, first, working)
      const others = findings.filter((finding) => finding.verdict !== 'pass')
      notes.push(...others.map(({ check, detail }) => `rollback, ${check}: ${detail}`))
      const rows = tallies.reduce((sum, { removed, restored }) => sum + removed + restored, 0n)
      const told = others.filter(({ check }) => check === 'triggered rows').map(({ object }) => object)
      return {
        value: told,
        detail: `${rows} rows taken back`,
        ...(verdict === 'fail' ? { failure: 'tables differ from the start; see the notes' } : {}),
      }
    })
    await act('comparison', async () => {
      const { rows, others } = differencesOf(start, await takeSnapshot(scratch, objects.schemas))
      const unexplained = [
        ...rows.filter((table) => !triggered.includes(table)).map((table) => `the rows of ${table}`),
        ...others,
      ]
      return {
        value: undefined,
        detail: `all ${start.tables.size} tables, ${start.sequences.size} sequences and their definitions are as they were${triggered.length === 0 ? '' : ', but for what triggers wrote'}`,
        ...(unexplained.length === 0 ? {} : { failure: `not as before the run: ${unexplained.join(', ')}` }),
      }
    })
    await act('run again', async () => {
      const { state } = await run(scratch, own, runOptions)
      if (state !== 'loaded') return { value: undefined, detail: '', failure: `the run is ${state}` }
      const again = await fingerprintsOf(scratch, targets)
      const other = [...again].filter(([name, print]) => loaded.get(name) !== print).map(([name]) => name)
      return {
        value: undefined,
        detail: `the same rows in ${targets.length} tables`,
        ...(other.length === 0 ? {} : { failure: `other rows than the first time in ${other.join(', ')}` }),
      }
    })
  } catch (thrown) {
    if (!(thrown instanceof StageFailed)) {
      const name = stageNames[stages.length]!
      // What the migration does wrong is what a rehearsal is for; what is wrong with the rehearsal is an error.
      if (!(thrown instanceof DroverError) || ['schema', 'sample'].includes(name) || thrown.code === 'interrupted')
        throw thrown
      const stage: Stage = { name, verdict: 'fail', detail: `${thrown.what} [${thrown.code}]`, seconds: 0 }
      stages.push(stage)
      onStage(name, stage)
    }
  }
  const all = stageNames.map(
    (name): Stage =>
      stages.find((stage) => stage.name === name) ?? { name, verdict: 'not run', detail: '', seconds: 0 },
  )
  const verdict = all.every((stage) => stage.verdict === 'pass') ? 'pass' : 'fail'
  return { version: 1, planHash: plan.hash, verdict, stages: all, notes, forecast: forecasted }
}

/** Whose eyes the checks of the migration look through. */
function rolesOf({ checks }: Plan): readonly string[] {
  return [...new Set(checks.flatMap((check) => ('role' in check ? [check.role] : [])))]
}

interface Outcome<T> {
  readonly value: T
  readonly detail: string
  /** Why the stage fails; absent where it does not. */
  readonly failure?: string
}

class StageFailed extends Error {}

function inScratch(difference: string): string {
  return `in the scratch database: ${difference}`
}

async function readWal(db: Database): Promise<bigint> {
  const [row] = await db.transaction((tx) => tx.query(`select (pg_current_wal_lsn() - '0/0')::int8 as bytes`), {
    readOnly: true,
  })
  return BigInt(row!.bytes as string)
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

function interrupted(): DroverError {
  return new DroverError('interrupted', 'The rehearsal was interrupted; nothing of it is kept.', {
    remedy: 'Give the command again with an empty scratch database.',
  })
}
