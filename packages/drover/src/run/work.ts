import { setTimeout as sleep } from 'node:timers/promises'
import { patience } from '../db/patience.ts'
import { reactionOf } from '../db/reaction.ts'
import { asDroverError } from '../db/server-error.ts'
import type { DroverError } from '../error.ts'
import { changeState, readRunState, recordEvent } from '../ledger/run.ts'
import { finishIfDone } from './finish.ts'
import { pickTask, type Task, whereOf } from './pick.ts'
import { carryOut } from './task.ts'
import { inTransaction, type Worker } from './worker.ts'

/** How long a worker waits when there is nothing to pick, in milliseconds. */
const idleMs = 40

/** How long a worker waits that the governor holds back, in milliseconds. */
const throttledMs = 250

/**
 * Works on a run until nothing is left to do, the run is to stop, or `signal` aborts. Any number of workers in any number
 * of processes may do so at once, none of them special: what there is to do, and who does it, is in the ledger alone (I3).
 * What passes by itself is waited for: a conflict, a lock, a server that restarts, or that has enough to do.
 *
 * @throws DroverError `chunk-failed`, `step-failed`, `quarantine-limit`, `conservation-broken` or another that no new
 * attempt would mend; the run is then in state `failed` and can be resumed.
 */
export async function work(worker: Worker, signal: AbortSignal): Promise<void> {
  const patient = patience(worker.limits.patience)
  while (!signal.aborted) {
    let task: Task | undefined
    try {
      if (!worker.gate.admits(worker.number)) {
        if ((await inTransaction(worker, 'pick', (tx) => readRunState(tx, worker.runId))) !== 'running') return
        await pause(throttledMs, signal)
        continue
      }
      const picked = await pickTask(worker)
      if (picked === 'stopped') return
      if (picked === 'nothing') {
        if (await finishIfDone(worker)) return
        await pause(idleMs, signal)
      } else {
        task = picked
        if ((await carryOut(worker, task)) === 'taken') await pause(idleMs, signal)
      }
      patient.afterSuccess()
    } catch (thrown) {
      const reaction = reactionOf(thrown)
      const passes = reaction === 'retry' || reaction === 'reconnect'
      const pauseMs = passes ? patient.afterFailure(reaction, performance.now()) : undefined
      if (pauseMs === undefined) throw await fail(worker, explain(thrown, task))
      await pause(pauseMs, signal)
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal }).catch(() => {})
}

/** Notes in the ledger that the run has failed, and why; where the ledger cannot be reached, the run is not over. */
async function fail(worker: Worker, error: DroverError): Promise<DroverError> {
  const { runId } = worker
  await inTransaction(worker, 'finish', async (tx) => {
    if (await changeState(tx, runId, 'failed', error.what)) {
      const { code, what, where, why } = error
      await recordEvent(tx, runId, 'run failed', { code, what, where, why })
    }
  }).catch(() => {})
  return error
}

function explain(thrown: unknown, task: Task | undefined): DroverError {
  if (task === undefined) return asDroverError(thrown, 'statement-failed', 'The ledger could not be read.')
  if (task.kind === 'step') {
    const { mapping, state } = task.step
    const verb = state === 'waiting' ? 'prepared' : 'closed'
    return asDroverError(thrown, 'step-failed', `Mapping ${mapping} could not be ${verb}.`, `mapping ${mapping}`)
  }
  if (task.kind === 'rebuild') {
    const { schema, table, name, kind } = task.rebuild
    const what = `The ${kind === 'crosswalk' ? 'key' : kind} ${name} of ${schema}.${table} could not be made.`
    return asDroverError(thrown, 'step-failed', what, `table ${schema}.${table}, ${name}`)
  }
  const { mapping, number } = task.chunk
  return asDroverError(
    thrown,
    'chunk-failed',
    `Chunk ${number} of mapping ${mapping} could not be carried out; nothing of it was written.`,
    whereOf(task.chunk),
  )
}
