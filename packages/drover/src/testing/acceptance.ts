import type { Database } from '../db/connection.ts'
import { openDatabase } from '../db/pg.ts'
import type { MigrationDefinition } from '../define/migration.ts'
import type { HazardName } from '../plan/plan.ts'
import type { Stage } from '../rehearsal/result.ts'
import type { Report } from '../report/report.ts'
import type { Finding } from '../verify/verification.ts'
import type { TestDatabase } from './database.ts'
import { explainFailure } from './explain-failure.ts'
import { goTheWay } from './go-the-way.ts'
import type { KeyedOutcome } from './outcome.ts'

/** What is tried, where, and with which rows. */
export interface AcceptanceOptions<Names extends string = string> {
  readonly migration: MigrationDefinition<Names>
  /** Where it is tried. It must be made for this test: at its end it holds a loaded run. */
  readonly database: TestDatabase
  /** The hazards that are allowed, by name. Default none; `unrehearsed` need not be said, for this is the rehearsal. */
  readonly allow?: readonly HazardName[]
  /** Where the schema and rows come from, if the database is empty. It is only read. Default: the database has them. */
  readonly sample?: SampleSource
  /** Workers of the runs, the verification and the rollback. Default 2. */
  readonly workers?: number
  /** Aborted: what is under way ends soon, with an error. */
  readonly signal?: AbortSignal
}

/** Another database whose rows a test uses. They are copied as they are, secrets included. */
export interface SampleSource {
  /** Its connection string. */
  readonly url: string
  /** The part of a large table's rows that is drawn: above 0, at most 1. Default 1, all of them. */
  readonly fraction?: number
  /** Tables of at most so many rows are taken whole. Default 20,000. */
  readonly wholeUpTo?: number
}

/** What the loop came to, where it has passed. */
export interface Acceptance<Names extends string = string> {
  readonly database: TestDatabase
  /** The run that is loaded now: the second one. An int8, as text. */
  readonly runId: string
  /** What became of the rows, by mapping. */
  readonly dispositions: { readonly [N in Names]: KeyedOutcome }
  /** What the verification of the first run found. */
  readonly findings: readonly Finding[]
  /** What was done, in order, with a sentence each. */
  readonly stages: readonly Stage[]
  /** What is worth knowing and no failure, a sentence each. */
  readonly notes: readonly string[]
  /** The report of the first run, as it was when it was verified. */
  readonly report: Report
}

/**
 * Does all that a migration is to do, its way back included: check, run, verify, roll back, compare every table,
 * sequence and definition with the start, run again and compare with the first time. At the end the second run is
 * loaded.
 *
 * @throws AssertionError naming the stage that failed, what was found and the keys of rows; DroverError where drover refuses
 * the migration or something breaks: `definition-invalid`, `hazard-not-allowed`, `chunk-failed`, …
 */
export async function acceptance<Names extends string>(options: AcceptanceOptions<Names>): Promise<Acceptance<Names>> {
  const { database, sample, workers = 2 } = options
  const scratch = await openDatabase(database.url, { connections: 2 * workers + 2 })
  try {
    const real = sample === undefined ? undefined : await openDatabase(sample.url)
    try {
      return await carryOut(options, scratch, real)
    } finally {
      await real?.close()
    }
  } finally {
    await scratch.close()
  }
}

async function carryOut<Names extends string>(
  options: AcceptanceOptions<Names>,
  scratch: Database,
  real: Database | undefined,
): Promise<Acceptance<Names>> {
  const way = await goTheWay(options, scratch, real)
  const failure = explainFailure(options.migration.name, way)
  if (failure !== undefined) throw failure
  return {
    database: options.database,
    runId: way.secondRun!,
    dispositions: way.outcomes[1] as Acceptance<Names>['dispositions'],
    findings: way.report!.findings,
    stages: way.stages,
    notes: way.notes,
    report: way.report!,
  }
}
