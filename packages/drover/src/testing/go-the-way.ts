import { ownSchemas } from '../catalog/ddl/ddl.ts'
import { planDefinition } from '../cli/make-plan.ts'
import type { Database } from '../db/connection.ts'
import { rowFunctionsOf } from '../define/migration.ts'
import type { DroverError } from '../error.ts'
import { findRun } from '../ledger/run.ts'
import type { Plan } from '../plan/plan.ts'
import { goBack } from '../rehearsal/back.ts'
import { prepare } from '../rehearsal/prepare.ts'
import { repeatableTargets } from '../rehearsal/repeatable.ts'
import type { Stage } from '../rehearsal/result.ts'
import { takeSnapshot } from '../rehearsal/snapshot.ts'
import { goThrough, type Stages } from '../rehearsal/stages.ts'
import { goThere } from '../rehearsal/there.ts'
import { readReport } from '../report/read.ts'
import type { Report } from '../report/report.ts'
import type { AcceptanceOptions } from './acceptance.ts'
import { type KeyedOutcome, readOutcomes } from './outcome.ts'
import { type RowPrints, rowDifferences, takeRowPrints } from './row-prints.ts'

type Outcomes = Readonly<Record<string, KeyedOutcome>>

/** What was done, as far as it came. */
export interface Way {
  readonly stages: readonly Stage[]
  readonly notes: readonly string[]
  /** The error by which a stage failed, if it was one. */
  readonly thrown: DroverError | undefined
  /** Of the first run, as it was when it was verified; undefined where it was not. */
  readonly report: Report | undefined
  readonly secondRun: string | undefined
  /** What became of the rows in the first run and in the second. */
  readonly outcomes: readonly [Outcomes, Outcomes]
  /** In what rows are otherwise than the stage that failed wants them, a line each. */
  readonly rows: readonly string[]
}

/** Carries the stages out until one fails. */
export async function goTheWay(
  options: AcceptanceOptions,
  scratch: Database,
  real: Database | undefined,
): Promise<Way> {
  const { migration, allow = [], workers = 2, signal } = options
  const working = { workers, ...(signal === undefined ? {} : { signal }) }
  const run = { ...working, functions: rowFunctionsOf(migration), allowed: [...allow, 'unrehearsed'] }
  let firstRun: string | undefined
  let secondRun: string | undefined
  let report: Report | undefined
  const outcomes: [Outcomes, Outcomes] = [{}, {}]
  // By the stage that must find them so again.
  const held = new Map<string, RowPrints>()
  const { stages, notes, thrown } = await goThrough(async (all) => {
    const prepared = await begin(all, options, scratch, real)
    const start = await takeSnapshot(scratch, prepared.schemas)
    held.set('comparison', await takeRowPrints(scratch, start.catalog.tables))
    const runId = await goThere(all, scratch, migration, prepared.plan, {
      run,
      verify: { ...working, url: options.database.url },
      onLoaded: async (id) => {
        firstRun = id
        outcomes[0] = await readLast(scratch)
        held.set('run again', await takeRowPrints(scratch, repeatableTargets(prepared.plan)))
      },
    })
    report = await readReport(scratch, runId)
    await goBack(all, scratch, prepared, { runId, start, run })
    outcomes[1] = await readLast(scratch)
    secondRun = await lastRun(scratch)
  }, working)
  const reached = stages.filter(({ name }) => real !== undefined || (name !== 'schema' && name !== 'sample'))
  const failed = reached.find(({ verdict }) => verdict === 'fail')
  const compared = failed && held.get(failed.name)
  const rows = compared === undefined ? [] : await rowDifferences(scratch, compared)
  if (firstRun !== undefined && failed?.name === 'verification') report = await readReport(scratch, firstRun)
  return { stages: reached, notes, thrown, report, secondRun, outcomes, rows }
}

/** Where the migration is tried, and the plan. */
async function begin(
  all: Stages,
  { migration, sample }: AcceptanceOptions,
  scratch: Database,
  real: Database | undefined,
): Promise<{ readonly schemas: readonly string[]; readonly plan: Plan }> {
  if (sample !== undefined && real !== undefined) {
    const { plan } = await planDefinition(real, migration)
    const { fraction = 1, wholeUpTo } = sample
    return prepare(all, { real, scratch }, migration, plan, {
      fraction,
      ...(wholeUpTo === undefined ? {} : { wholeUpTo }),
    })
  }
  const { plan } = await planDefinition(scratch, migration)
  const schemas = await scratch.transaction((tx) => ownSchemas((text, values) => tx.query(text, values)), {
    readOnly: true,
  })
  return { schemas, plan }
}

async function lastRun(scratch: Database): Promise<string> {
  return scratch.transaction(async (tx) => (await findRun(tx, undefined)).id, { readOnly: true })
}

async function readLast(scratch: Database): Promise<Outcomes> {
  return scratch.transaction(async (tx) => readOutcomes(tx, await findRun(tx, undefined)), { readOnly: true })
}
