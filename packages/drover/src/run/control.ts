import type { Database } from '../db/connection.ts'
import { retrying } from '../db/retry.ts'
import { stateRefused } from '../ledger/refused-state.ts'
import { changeState, findRun } from '../ledger/run.ts'
import type { RunState } from '../ledger/state.ts'
import type { Plan } from '../plan/plan.ts'
import { awaitRest, comeToRest } from './finish.ts'
import { defaultLimits, type RunLimits } from './worker.ts'

/** What can be asked of a run from anywhere: each worker reads it between two chunks. */
type Request = 'pausing' | 'cancelling'

/** Asks, and says whether the run is now asked to: it may be over, or asked to do something else. */
export function ask(db: Database, runId: string, request: Request, cause: string): Promise<boolean> {
  const options = { name: `run ${runId} ask` }
  return retrying(() => db.transaction((tx) => changeState(tx, runId, request, cause), options))
}

/** Brings the run to rest once nobody works on it, and returns its state then. Waits for those who do. */
export function rest(db: Database, runId: string, plan: Plan, limits: RunLimits = defaultLimits): Promise<RunState> {
  const options = { name: `run ${runId} rest`, statementTimeoutMs: limits.stepStatementMs }
  const attempt = () => db.transaction((tx) => comeToRest(tx, runId, plan), options)
  return awaitRest(() => retrying(attempt, limits.patience))
}

/**
 * Pauses a run: its workers, wherever they are, stop after the chunks they are at. Resolves when they have.
 *
 * @throws DroverError `state-refused` where it is not running.
 */
export function pauseRun(db: Database, runId: string): Promise<RunState> {
  return stop(db, runId, 'pausing', ['paused'])
}

/**
 * Cancels a run for good: its workers stop after the chunks they are at, and the source takes writes again. What was
 * loaded stays.
 *
 * @throws DroverError `state-refused` where it is over already.
 */
export function cancelRun(db: Database, runId: string): Promise<RunState> {
  return stop(db, runId, 'cancelling', ['cancelled'])
}

async function stop(db: Database, runId: string, request: Request, done: readonly RunState[]): Promise<RunState> {
  const run = await db.transaction((tx) => findRun(tx, runId), { readOnly: true })
  const verb = request === 'pausing' ? ' and cannot be paused' : ' and cannot be cancelled'
  if (done.includes(run.state)) return run.state
  if (run.state !== request && !(await ask(db, runId, request, 'asked for'))) throw stateRefused(run, verb)
  const state = await rest(db, runId, run.plan)
  if (done.includes(state) || state === 'loaded') return state
  throw stateRefused({ ...run, state }, verb)
}
