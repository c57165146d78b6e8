import { setTimeout as sleep } from 'node:timers/promises'
import type { Queryable } from '../db/connection.ts'
import { countOpenRebuilds } from '../ledger/rebuild.ts'
import { changeState, lockAtRest, readRunState } from '../ledger/run.ts'
import type { RunState } from '../ledger/state.ts'
import { countUnfinishedSteps } from '../ledger/step.ts'
import type { Plan } from '../plan/plan.ts'
import { releaseSource } from './freeze.ts'
import { putBackWhereEmpty } from './take-off.ts'
import { inTransaction, type Worker } from './worker.ts'

/** How often one who waits for the others to stop looks again, in milliseconds. */
const restPollMs = 100

/** The last act of a run: the source is let go. One worker does it; the others wait and find it done. */
export function finishIfDone(worker: Worker): Promise<boolean> {
  const { runId, plan } = worker
  return inTransaction(worker, 'finish', async (tx) => {
    if (!(await isAllDone(tx, runId))) return false
    if (await changeState(tx, runId, 'loaded', 'every mapping is closed')) await releaseSource(tx, runId, plan.freeze)
    return true
  })
}

/**
 * Brings a run that was asked to pause or to cancel to rest, if nobody works on it any more, and returns its state. Every
 * worker that stops does this, so the last one out completes what was asked; so does whoever asked, in case all are dead.
 */
export async function comeToRest(tx: Queryable, runId: string, plan: Plan): Promise<RunState> {
  const asked = await lockAtRest(tx, runId)
  if (asked === 'cancelling') {
    await changeState(tx, runId, 'cancelled', 'the last worker has stopped')
    await putBackWhereEmpty(tx, runId)
    // Where writes were only watched for, nothing is left to compare.
    if (plan.freeze.mode === 'block') await releaseSource(tx, runId, plan.freeze)
  } else if (asked === 'pausing') {
    if (!(await isAllDone(tx, runId))) {
      await changeState(tx, runId, 'paused', 'the last worker has stopped')
    } else {
      await changeState(tx, runId, 'loaded', 'every mapping was closed before the pause took effect')
      await releaseSource(tx, runId, plan.freeze)
    }
  }
  return readRunState(tx, runId)
}

async function isAllDone(tx: Queryable, runId: string): Promise<boolean> {
  return (await countUnfinishedSteps(tx, runId)) === 0 && (await countOpenRebuilds(tx, runId)) === 0
}

/** Waits until a run that was asked to pause or to cancel has come to rest, and returns its state. */
export async function awaitRest(attempt: () => Promise<RunState>): Promise<RunState> {
  for (;;) {
    const state = await attempt()
    if (state !== 'pausing' && state !== 'cancelling') return state
    await sleep(restPollMs)
  }
}
