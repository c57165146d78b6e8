import type { Database } from '../db/connection.ts'
import { retrying } from '../db/retry.ts'
import { DroverError } from '../error.ts'
import { installLedger, requireLedger } from '../ledger/install.ts'
import { droverVersion } from '../plan/version.ts'
import { type EndedRun, readEndedRuns, requirePurgeable } from './ended-runs.ts'
import { longestCountMs } from './limits.ts'
import { measureRun, purgeRun } from './purge-run.ts'
import type { PurgedRun, PurgeOutcome } from './purged.ts'

/** Which runs lose their values and keys. */
export interface PurgeOptions {
  /** How long ago a run has to have ended for good; 0: any time. */
  readonly olderThanSeconds: number
  /** One run alone. Default all that have ended that long ago. */
  readonly run?: string | undefined
  /** Measures what would go, and writes nothing. Default false. */
  readonly dryRun?: boolean
}

/**
 * Takes out of the ledger what holds keys or values of rows, of runs that are over for good: crosswalks, before-images,
 * quarantine, corrections, … What counts stays: plans, chunks, verdicts, events, and a report says the same as before.
 * Killed anywhere, the same call goes on.
 *
 * @throws DroverError of a run that is named: `state-refused` where it can still be taken back, or has not ended that long
 * ago, `run-purged`, `run-missing`; `ledger-missing`.
 */
export async function purge(db: Database, options: PurgeOptions): Promise<PurgeOutcome> {
  const { olderThanSeconds, run: named, dryRun = false } = options
  const runs = await retrying(() =>
    db.transaction(
      async (tx) => {
        await requireLedger(tx)
        return readEndedRuns(tx, olderThanSeconds)
      },
      { readOnly: true },
    ),
  )
  const meant =
    named === undefined ? runs.filter(({ isOld, isPurged }) => isOld && !isPurged) : [findNamed(runs, named)]
  const spared = named === undefined ? runs.filter(({ isOld, isPurged }) => !isOld && !isPurged) : []
  const purged = dryRun ? await measureRuns(db, runs, meant) : await purgeRuns(db, meant)
  return {
    dryRun,
    purged,
    spared: spared.map(({ id: runId, migration, state, endedAt }) => ({ runId, migration, state, endedAt })),
  }
}

function findNamed(runs: readonly EndedRun[], id: string): EndedRun {
  const run = runs.find((each) => each.id === id)
  if (run === undefined) {
    throw new DroverError('run-missing', `The ledger holds no run ${id}.`, {
      remedy: 'See the runs with drover status.',
    })
  }
  requirePurgeable(run)
  return run
}

function measureRuns(
  db: Database,
  runs: readonly EndedRun[],
  meant: readonly EndedRun[],
): Promise<readonly PurgedRun[]> {
  return retrying(() =>
    db.transaction(
      async (tx) => {
        const gone = runs.filter(({ isPurged }) => isPurged).map(({ id }) => id)
        const purged: PurgedRun[] = []
        for (const run of meant) {
          purged.push(outcomeOf(run, await measureRun(tx, run, gone)))
          gone.push(run.id)
        }
        return purged
      },
      { readOnly: true, statementTimeoutMs: longestCountMs, settings: { transaction_isolation: 'repeatable read' } },
    ),
  )
}

async function purgeRuns(db: Database, meant: readonly EndedRun[]): Promise<readonly PurgedRun[]> {
  if (meant.length === 0) return []
  await retrying(() => db.transaction((tx) => installLedger(tx, droverVersion), { name: 'purge' }))
  const purged: PurgedRun[] = []
  for (const run of meant) purged.push(outcomeOf(run, await purgeRun(db, run)))
  return purged
}

function outcomeOf({ id, migration, state, endedAt }: EndedRun, gone: PurgedRun['gone']): PurgedRun {
  return { runId: id, migration, state, endedAt: endedAt!, gone }
}
