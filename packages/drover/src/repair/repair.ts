import type { Database, Transaction } from '../db/connection.ts'
import { retrying } from '../db/retry.ts'
import { rolledBack } from '../db/rolled-back.ts'
import { DroverError } from '../error.ts'
import { stateRefused } from '../ledger/refused-state.ts'
import { clearNamed } from '../ledger/repair-key.ts'
import { changeState, findRun, type Run, recordEvent } from '../ledger/run.ts'
import { recordTransaction } from '../ledger/transaction.ts'
import type { RowFunctions } from '../run/compute.ts'
import { workerSettings } from '../run/worker.ts'
import { attemptUntilKnown, type Knowledge } from './attempts.ts'
import { requireBalance } from './balance.ts'
import { mend } from './mend.ts'
import type { MappingRepair, RepairOutcome } from './outcome.ts'
import { isRepairable } from './repairable.ts'

/** One act that takes up rows again. */
export interface Repair {
  /** As the audit log has it, e.g. `rows tried again`. */
  readonly what: string
  readonly detail: Readonly<Record<string, unknown>>
  /** Names the rows, in `drover.repair_key`. */
  readonly nameRows: (tx: Transaction, run: Run) => Promise<void>
}

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
  return attemptUntilKnown({
    attempt: (known) => attemptOnce(db, runId, act, { functions, ...known }),
    search: (known) => search(db, runId, act, { functions, ...known }),
  })
}

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

interface Attempt extends Knowledge {
  readonly functions: RowFunctions
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

async function search(db: Database, runId: string, act: Repair, options: Attempt): Promise<void> {
  await rolledBack(
    db,
    async (tx) => {
      const run = await findRun(tx, runId)
      await act.nameRows(tx, run)
      await mend({ tx, runId, plan: run.plan, ...options })
    },
    { name: `run ${runId} repair`, ...limits, settings: workerSettings },
  )
}

/** @throws DroverError `state-refused` where the rows of the run cannot be taken up again. */
export function requireRepairable(run: Run): void {
  if (isRepairable(run.state)) return
  throw stateRefused(run, ': its rows cannot be mended now')
}

function countsOf(repair: MappingRepair): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(repair).map(([name, value]) => [name, String(value)]))
}
