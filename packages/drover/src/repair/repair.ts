import type { Database, Transaction } from '../db/connection.ts'
import { reactionOf } from '../db/reaction.ts'
import { retrying } from '../db/retry.ts'
import { asDroverError, serverErrorOf } from '../db/server-error.ts'
import { DroverError } from '../error.ts'
import { stateRefused } from '../ledger/refused-state.ts'
import { clearNamed } from '../ledger/repair-key.ts'
import { changeState, findRun, type Run, recordEvent } from '../ledger/run.ts'
import type { RunState } from '../ledger/state.ts'
import { recordTransaction } from '../ledger/transaction.ts'
import type { RowFunctions } from '../run/compute.ts'
import { workerSettings } from '../run/worker.ts'
import { requireBalance } from './balance.ts'
import { mend, type Refusals } from './mend.ts'
import type { MappingRepair, RepairOutcome } from './outcome.ts'

/** One act that takes up rows again. */
export interface Repair {
  /** As the audit log has it, e.g. `rows tried again`. */
  readonly what: string
  readonly detail: Readonly<Record<string, unknown>>
  /** Names the rows, in `drover.repair_key`. */
  readonly nameRows: (tx: Transaction, run: Run) => Promise<void>
}

/** The states from which rows are taken up again. */
const repairableStates: readonly RunState[] = ['loaded', 'verified']

/** How long a statement of a repair may take, and how long it waits for another repair, in milliseconds. */
const limits = { statementTimeoutMs: 6 * 3_600_000, lockTimeoutMs: 30_000 }

/**
 * Carries a repair out, in one transaction: all of it happens, or nothing (I1), and it can be begun again whatever
 * happens (I3). The run passes through `repairing` back to `loaded`: a verdict from before is void. Rows that the database
 * refuses are looked for in a transaction that is rolled back; they stay in quarantine.
 *
 * @throws DroverError `state-refused`, `function-missing`, `repair-refused`, `conservation-broken`.
 */
export async function repair(
  db: Database,
  runId: string,
  act: Repair,
  functions: RowFunctions,
): Promise<RepairOutcome> {
  const refused: Refusals = new Map()
  let waits = false
  for (;;) {
    try {
      return await attemptOnce(db, runId, act, { functions, refused, searches: false, waits })
    } catch (thrown) {
      if (!waits && serverErrorOf(thrown)?.sqlstate === pendingTriggers) {
        waits = true
        continue
      }
      if (reactionOf(thrown) !== 'set aside') throw asDroverError(thrown, 'repair-refused', what)
      const known = count(refused)
      await search(db, runId, act, { functions, refused, searches: true, waits })
      // What fails is no row that is tried, but one that follows.
      if (count(refused) === known) throw asDroverError(thrown, 'repair-refused', what)
    }
  }
}

const what = 'The database refuses what the repair would change; nothing was changed.'

/** A table that was written to in the transaction takes no change of its constraints. */
const pendingTriggers = '55006'

/** Begins again after what passes, but not where it is unknown whether the act took place: it would not be there twice. */
async function attemptOnce(db: Database, runId: string, act: Repair, options: Attempt): Promise<RepairOutcome> {
  const result = await retrying(async () => {
    try {
      return await attempt(db, runId, act, options)
    } catch (thrown) {
      if (thrown instanceof DroverError && thrown.code === 'commit-unknown') return thrown
      throw thrown
    }
  })
  if (result instanceof DroverError) throw result
  return result
}

interface Attempt {
  readonly functions: RowFunctions
  readonly refused: Refusals
  readonly searches: boolean
  readonly waits: boolean
}

async function attempt(db: Database, runId: string, act: Repair, options: Attempt): Promise<RepairOutcome> {
  return db.transaction(
    async (tx) => {
      await tx.query('select from drover.run where id = $1 for update', [runId])
      const run = await findRun(tx, runId)
      requireRepairable(run)
      await recordTransaction(tx, runId)
      await changeState(tx, runId, 'repairing', act.what)
      await clearNamed(tx, runId)
      await act.nameRows(tx, run)
      const mappings = await mend({ tx, runId, plan: run.plan, ...options })
      await clearNamed(tx, runId)
      await requireBalance(tx, run, mappings)
      await recordEvent(tx, runId, act.what, { ...act.detail, mappings: mappings.map(countsOf) })
      await changeState(tx, runId, 'loaded', 'the repair is complete; the verdict is void')
      return { runId, mappings }
    },
    {
      name: `run ${runId} repair`,
      ...limits,
      settings: { application_name: `drover run ${runId} repair`, ...workerSettings },
    },
  )
}

/** Thrown to roll back. */
const enough = Symbol('enough')

async function search(db: Database, runId: string, act: Repair, options: Attempt): Promise<void> {
  await db
    .transaction(
      async (tx) => {
        const run = await findRun(tx, runId)
        await act.nameRows(tx, run)
        await mend({ tx, runId, plan: run.plan, ...options })
        throw enough
      },
      { name: `run ${runId} repair`, ...limits, settings: workerSettings },
    )
    .catch((thrown) => {
      if (thrown !== enough && reactionOf(thrown) !== 'set aside') throw thrown
    })
}

function requireRepairable(run: Run): void {
  if (repairableStates.includes(run.state)) return
  throw stateRefused(run, ': its rows cannot be mended now')
}

function count(refused: Refusals): number {
  return [...refused.values()].reduce((sum, rows) => sum + rows.size, 0)
}

function countsOf(repair: MappingRepair): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(repair).map(([name, value]) => [name, String(value)]))
}
