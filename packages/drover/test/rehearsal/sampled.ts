import { expect } from 'vitest'
import type { MigrationDefinition } from '../../src/index.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { readRehearsedRun } from '../../src/rehearsal/read-rehearsed-run.ts'
import type { RehearsedRun } from '../../src/rehearsal/rehearsed-run.ts'
import { type Sample, type SampleOptions, takeSample } from '../../src/rehearsal/sample.ts'
import { run } from '../../src/run/run.ts'
import { catalogOf } from '../plan/planned.ts'
import { withDatabase } from '../run/fixture.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { copied } from './copied.ts'

export interface Sampled {
  readonly sample: Sample
  readonly scratch: TestDatabase
}

/** A scratch database with a sample of `real`, keys and foreign keys included: all of them hold. */
export async function sampled(
  real: TestDatabase,
  migration: MigrationDefinition,
  options: SampleOptions,
): Promise<Sampled> {
  const plan = buildPlan(migration, await catalogOf(real))
  let sample: Sample | undefined
  const { copy, notMade } = await copied(real, {
    load: (scratch) =>
      withDatabase(real.url, (from) =>
        withDatabase(scratch.url, async (to) => {
          sample = await takeSample(from, to, migration, plan, options)
        }),
      ),
  })
  expect(notMade).toEqual([])
  return { sample: sample!, scratch: copy }
}

/** Runs the migration on a sample. */
export async function rehearsed({ sample, scratch }: Sampled, migration: MigrationDefinition): Promise<RehearsedRun> {
  const plan = buildPlan(migration, await catalogOf(scratch))
  return withDatabase(scratch.url, async (db) => {
    const { runId } = await run(db, plan, { allowed: hazardNames, workers: 1, maxQuarantined: { percent: 100 } })
    return readRehearsedRun(db, runId, sample)
  })
}

/** How many rows a query gives. */
export async function countOf(database: TestDatabase, query: string): Promise<number> {
  const [row] = await database.query<{ n: number }>(`select count(*)::int as n from (${query}) as counted`)
  return row!.n
}
