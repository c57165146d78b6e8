import type { Database } from '../db/connection.ts'
import { requireLedger } from '../ledger/install.ts'
import { findRunSummary, type RunSummary } from '../ledger/run.ts'
import type { RunState } from '../ledger/state.ts'
import { readTallies, type Tally } from '../ledger/tally.ts'
import { type Activity, readActivity } from '../monitor/activity.ts'
import { createCourseReader, type RunCourse } from './run-course.ts'

/** A run at one moment. */
export interface RunView {
  readonly run: RunSummary
  readonly tallies: readonly Tally[]
  /** Null of a run at which nobody can be. */
  readonly activity: Activity | null
  /** Null while it is added up. */
  readonly course: RunCourse | null
}

/** Reads runs again and again. */
export interface RunReader {
  /** @throws DroverError `ledger-missing` or `run-missing`. */
  read(runId: string): Promise<RunView>
}

/** States of a run that somebody works on, or should. */
const statesUnderWay: readonly RunState[] = [
  'planned',
  'running',
  'pausing',
  'paused',
  'cancelling',
  'failed',
  'rolling_back',
]

/** Reads runs for the page, and their course no more often than needed. */
export function createRunReader(db: Database): RunReader {
  const courseOf = createCourseReader(db)
  return {
    async read(runId) {
      const { run, tallies } = await db.transaction(
        async (tx) => {
          await requireLedger(tx)
          return { run: await findRunSummary(tx, runId), tallies: await readTallies(tx, runId) }
        },
        { readOnly: true, settings: { transaction_isolation: 'repeatable read' } },
      )
      const activity = statesUnderWay.includes(run.state) ? await readActivity(db, run) : null
      const names = tallies.map(({ mapping }) => ({ name: mapping }))
      return { run, tallies, activity, course: await courseOf(run, names) }
    },
  }
}
