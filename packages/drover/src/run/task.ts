import { lockChunk, type OpenChunk } from '../ledger/chunk.ts'
import { holdRun } from '../ledger/run.ts'
import { type ClaimedStep, claimStep } from '../ledger/step.ts'
import { recordTransaction } from '../ledger/transaction.ts'
import { carryOutChunk } from './chunk.ts'
import { closeMapping } from './close.ts'
import type { Task } from './pick.ts'
import { prepareMapping } from './prepare.ts'
import { carryOutRebuild } from './rebuild.ts'
import { recoverChunk } from './recover.ts'
import { inTransaction, mappingOf, type TaskOutcome, type Worker } from './worker.ts'

/**
 * Carries a picked task out, in one transaction that locks it first (I1, I3). A connection that breaks at the commit needs
 * no more than this: whoever picks next reads the ledger, and locks what is still open.
 */
export function carryOut(worker: Worker, task: Task): Promise<TaskOutcome> {
  switch (task.kind) {
    case 'step':
      return carryOutStep(worker, task.step)
    case 'rebuild':
      return carryOutRebuild(worker, task.rebuild)
    case 'chunk':
      return tryChunk(worker, task.chunk)
  }
}

function carryOutStep(worker: Worker, { mapping: name }: ClaimedStep): Promise<TaskOutcome> {
  const { runId, plan, sizes } = worker
  return inTransaction(worker, 'step', async (tx) => {
    if ((await holdRun(tx, runId)) !== 'running') return 'taken'
    const step = await claimStep(tx, runId, name)
    if (step === undefined) return 'taken'
    await recordTransaction(tx, runId)
    const mapping = mappingOf(worker, name)
    if (step.state === 'waiting') await prepareMapping(tx, runId, mapping, (rowBytes) => sizes.rowsFor(name, rowBytes))
    else await closeMapping(tx, runId, mapping, plan.mappings)
    return 'done'
  })
}

async function tryChunk(worker: Worker, picked: OpenChunk): Promise<TaskOutcome> {
  const { runId, functions, sizes } = worker
  const mapping = mappingOf(worker, picked.mapping)
  let chunk = picked
  const startedAt = performance.now()
  try {
    const outcome = await inTransaction(worker, 'chunk', async (tx): Promise<TaskOutcome> => {
      if ((await holdRun(tx, runId)) !== 'running') return 'taken'
      const locked = await lockChunk(tx, runId, picked)
      if (locked === undefined) return 'taken'
      chunk = locked
      await recordTransaction(tx, runId)
      await carryOutChunk(tx, { runId, mapping, chunk, functions })
      return 'done'
    })
    if (outcome === 'done') sizes.note(mapping.name, { rows: chunk.rows, ms: performance.now() - startedAt })
    return outcome
  } catch (thrown) {
    await recoverChunk(worker, chunk, thrown)
    return 'done'
  }
}
