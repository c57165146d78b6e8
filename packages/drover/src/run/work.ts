import { setTimeout as sleep } from 'node:timers/promises'
import type { Database, Queryable } from '../db/connection.ts'
import { asDroverError, serverErrorOf } from '../db/server-error.ts'
import { isTransient } from '../db/sqlstate.ts'
import { DroverError } from '../error.ts'
import { changeState, readRunState, recordEvent } from '../ledger/run.ts'
import { type ClaimedChunk, type ClaimedStep, claimChunk, claimStep, countUnfinishedSteps } from '../ledger/step.ts'
import type { MappingPlan, Plan } from '../plan/plan.ts'
import { carryOutChunk } from './chunk.ts'
import { closeMapping } from './close.ts'
import type { RowFunctions } from './compute.ts'
import { releaseSource } from './freeze.ts'
import { prepareMapping } from './prepare.ts'

export interface WorkOptions {
  /** Names the worker in the ledger and in pg_stat_activity. */
  readonly worker: string
  readonly rowsPerChunk: number
  readonly functions: RowFunctions
  /** Aborted: the worker stops after the chunk that it is at. */
  readonly signal: AbortSignal
}

/** How long a worker waits when there is nothing to claim, in milliseconds. */
const idleMs = 40

/** The longest that one statement may take, in milliseconds: resolving merges of a large source is one statement. */
const longestStatementMs = 6 * 3_600_000

/** How often a transaction that failed for a passing reason is tried, and the first pause between, in milliseconds. */
const attempts = 6
const firstBackoffMs = 100

/**
 * Works on a run until nothing is left to do, the run is stopped, or `signal` aborts. Any number of workers in any
 * number of processes may do so at once: what there is to do, and who does it, is in the ledger alone (I3).
 *
 * @throws DroverError `chunk-failed`, `step-failed`, `conservation-broken` or `match-not-injective`; the run is then
 * in state `failed` and can be resumed.
 */
export async function work(db: Database, runId: string, plan: Plan, options: WorkOptions): Promise<void> {
  const mappings = new Map(plan.mappings.map((mapping) => [mapping.name, mapping]))
  for (;;) {
    if (options.signal.aborted) return
    const did = await takeNext(db, runId, mappings, options)
    if (did === 'stopped') return
    if (did === 'nothing') {
      if (await finishIfDone(db, runId, plan)) return
      await sleep(idleMs, undefined, { signal: options.signal }).catch(() => {})
    }
  }
}

/** One turn: a step if one is due, else a chunk. */
async function takeNext(
  db: Database,
  runId: string,
  mappings: ReadonlyMap<string, MappingPlan>,
  options: WorkOptions,
): Promise<'worked' | 'nothing' | 'stopped'> {
  let task: Task | undefined
  const settings = { application_name: `drover run ${runId} ${options.worker}`, 'drover.writing': 'on' }
  try {
    return await retrying(options.signal, () => {
      task = undefined
      return db.transaction(
        async (tx) => {
          if ((await readRunState(tx, runId)) !== 'running') return 'stopped'
          const step = await claimStep(tx, runId)
          if (step !== undefined) {
            task = { kind: 'step', step }
            await carryOutStep(tx, runId, mappings, step, options.rowsPerChunk)
            return 'worked'
          }
          const chunk = await claimChunk(tx, runId)
          if (chunk === undefined) return 'nothing'
          task = { kind: 'chunk', chunk }
          await carryOutChunk(tx, { runId, mapping: mappings.get(chunk.mapping)!, chunk, functions: options.functions })
          return 'worked'
        },
        { settings, statementTimeoutMs: longestStatementMs },
      )
    })
  } catch (thrown) {
    const error = explain(thrown, task)
    await db
      .transaction(async (tx) => {
        if (await changeState(tx, runId, 'failed', error.what)) {
          await recordEvent(tx, runId, 'run failed', { code: error.code, where: error.where, why: error.why })
        }
      })
      .catch(() => {})
    throw error
  }
}

type Task =
  | { readonly kind: 'step'; readonly step: ClaimedStep }
  | { readonly kind: 'chunk'; readonly chunk: ClaimedChunk }

async function carryOutStep(
  tx: Queryable,
  runId: string,
  mappings: ReadonlyMap<string, MappingPlan>,
  step: ClaimedStep,
  rowsPerChunk: number,
): Promise<void> {
  const mapping = mappings.get(step.mapping)!
  if (step.state === 'waiting') await prepareMapping(tx, runId, mapping, rowsPerChunk)
  else await closeMapping(tx, runId, mapping, mappings.values())
}

async function retrying<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (thrown) {
      if (attempt === attempts || signal.aborted || !canPass(thrown)) throw thrown
      const backoffMs = firstBackoffMs * 2 ** (attempt - 1)
      await sleep(backoffMs * (0.5 + Math.random()))
    }
  }
}

/** Whether trying again may help. A chunk is tried as a whole: its claim went with the transaction. */
function canPass(thrown: unknown): boolean {
  const server = serverErrorOf(thrown)
  if (server !== undefined) return isTransient(server.sqlstate)
  if (thrown instanceof DroverError) return thrown.code === 'database-unreachable'
  return (
    thrown instanceof Error &&
    /ECONN|EPIPE|terminated|timeout/i.test(`${(thrown as NodeJS.ErrnoException).code} ${thrown.message}`)
  )
}

function explain(thrown: unknown, task: Task | undefined): DroverError {
  if (task === undefined) return asDroverError(thrown, 'statement-failed', 'The ledger could not be read.')
  if (task.kind === 'step') {
    const verb = task.step.state === 'waiting' ? 'prepared' : 'closed'
    return asDroverError(
      thrown,
      'step-failed',
      `Mapping ${task.step.mapping} could not be ${verb}.`,
      `mapping ${task.step.mapping}`,
    )
  }
  const { mapping, number, lower, upper } = task.chunk
  const range = `keys from ${lower?.join(', ') ?? 'the first'} up to ${upper?.join(', ') ?? 'the last'}`
  return asDroverError(
    thrown,
    'chunk-failed',
    `Chunk ${number} of mapping ${mapping} could not be carried out; nothing of it was written.`,
    `mapping ${mapping}, chunk ${number}, ${range}`,
  )
}

/** The last act of a run: the source is let go. One worker does it; the others wait and find it done. */
async function finishIfDone(db: Database, runId: string, plan: Plan): Promise<boolean> {
  return db.transaction(
    async (tx) => {
      if ((await countUnfinishedSteps(tx, runId)) > 0) return false
      if (await changeState(tx, runId, 'loaded', 'every mapping is closed')) await releaseSource(tx, runId, plan.freeze)
      return true
    },
    { statementTimeoutMs: longestStatementMs },
  )
}
