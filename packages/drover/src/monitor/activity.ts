import type { Database } from '../db/connection.ts'
import { describeSqlstate } from '../db/sqlstate.ts'
import { type BegunTask, type RecentAttempts, readBegunTasks, readRecentAttempts } from '../ledger/progress.ts'
import { readFailure, statesAtWork } from '../ledger/run.ts'
import { readThrottling, readWorkingProcesses, type WorkingProcess } from '../ledger/sample.ts'
import type { RunState } from '../ledger/state.ts'
import { type Estimate, readOutstanding, windowMs } from './estimate.ts'
import { describeLost, lostTasks } from './lost.ts'
import { type Session, watchSessions } from './session.ts'
import { describeThrottling } from './throttling.ts'

/** What a run does at this moment. */
export interface Activity {
  readonly workers: readonly WorkerActivity[]
  /** What workers have begun that are gone: it is open again. None where the run is at rest. */
  readonly lost: readonly BegunTask[]
  /** What their processes take of their machines; none where no sample is new, or the run is at rest. */
  readonly processes: readonly WorkingProcess[]
  readonly estimate: Estimate | null
  /** Source rows that are left, of the mappings that are counted. */
  readonly remainingRows: number
  readonly uncounted: readonly string[]
  /** Why it does not go on, or not as fast as it might, a sentence each. */
  readonly waits: readonly string[]
}

/** A session of a worker, and what it does. */
export interface WorkerActivity extends Session {
  /** What it has picked; null between two tasks. */
  readonly task: BegunTask | null
}

/** Looks at a run for a tenth of a second: at its sessions, and at what the ledger says of them. Reads only. */
export async function readActivity(
  db: Database,
  run: { readonly id: string; readonly state: RunState },
): Promise<Activity> {
  const sessions = await watchSessions(db, run.id)
  return db.transaction(
    async (tx) => {
      const tasks = await readBegunTasks(tx, run.id)
      const { remaining, estimate } = await readOutstanding(tx, run.id)
      const attempts = await readRecentAttempts(tx, run.id, windowMs)
      const workers = sessions.map((session) => ({
        ...session,
        task: tasks.find(({ worker }) => worker === session.worker) ?? null,
      }))
      const throttled = await readThrottling(tx, run.id)
      const why = run.state === 'failed' ? await readFailure(tx, run.id) : undefined
      const isUnderWay = statesAtWork.includes(run.state)
      const processes = isUnderWay ? await readWorkingProcesses(tx, run.id) : []
      const names = processes.map(({ process }) => process)
      const lost = isUnderWay ? lostTasks(tasks, sessions, names) : []
      return {
        workers,
        lost,
        processes,
        estimate: run.state === 'running' ? estimate : null,
        remainingRows: remaining.rows,
        uncounted: remaining.uncounted,
        waits: [
          ...stateWaits(run, workers.length + throttled.length > 0, why),
          ...throttled.map((throttling) => `${throttling.process} is ${describeThrottling(throttling)}.`),
          ...lost.map(describeLost),
          ...workers.flatMap(lockWaits),
          ...attempts.map(describeAttempts),
        ],
      }
    },
    { readOnly: true },
  )
}

function stateWaits(
  { id, state }: { readonly id: string; readonly state: RunState },
  isAtWork: boolean,
  failure: { readonly what: string; readonly why?: string } | undefined,
): readonly string[] {
  switch (state) {
    case 'running':
      return isAtWork ? [] : [`No worker is at it. Start one: drover worker --run ${id}.`]
    case 'pausing':
    case 'cancelling':
      return [`It is ${state}: ${isAtWork ? 'workers finish their chunks.' : 'ask again to bring it to rest.'}`]
    case 'rolling_back':
      return [
        isAtWork
          ? `It is being taken back. To help, or to go on should that stop: drover rollback --run ${id}.`
          : `It is half taken back, and nobody is at it. Go on with: drover rollback --run ${id}.`,
      ]
    case 'paused':
      return [`It is paused. Take it up: drover resume --run ${id}.`]
    case 'failed': {
      const why = failure?.why === undefined ? '' : ` (${failure.why})`
      return [`It has failed: ${failure?.what.replace(/\.$/, '')}${why}. Mend that, then: drover resume --run ${id}.`]
    }
    default:
      return []
  }
}

/** A lock that is waited for, and who holds it. */
function lockWaits({ worker, blockers, transactionMs }: WorkerActivity): readonly string[] {
  return blockers.map(({ pid, applicationName, state, transactionMs: openMs }) => {
    const seconds = (ms: number) => `${Math.round(ms / 1000)} s`
    const who = `session ${pid}${applicationName === '' ? '' : ` (${applicationName})`}`
    return `${worker} waits for a lock that ${who} holds, ${state} for ${seconds(openMs)}; its transaction began ${seconds(transactionMs)} ago.`
  })
}

function describeAttempts({ mapping, sqlstate, outcome, count }: RecentAttempts): string {
  const why = sqlstate === null ? 'a worker was gone' : describeSqlstate(sqlstate)
  return `In the last minute ${count === 1 ? 'a chunk' : `${count} chunks`} of ${mapping} did not go through: ${why}; ${outcome}.`
}
