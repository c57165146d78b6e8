import type { Database, Transaction } from '../db/connection.ts'
import { reactionOf } from '../db/reaction.ts'
import { retrying } from '../db/retry.ts'
import { rolledBack } from '../db/rolled-back.ts'
import { describeServerError, type ServerError, serverErrorOf } from '../db/server-error.ts'
import { DroverError } from '../error.ts'
import { nameRow } from '../ledger/repair-key.ts'
import { findRun, type Run } from '../ledger/run.ts'
import { recordTransaction } from '../ledger/transaction.ts'
import type { RowFunctions } from '../run/compute.ts'
import { workerSettings } from '../run/worker.ts'
import { attemptUntilKnown, type Knowledge } from './attempts.ts'
import { type Fix, storeFix } from './fix.ts'
import { mend } from './mend.ts'
import { findQuarantined, type NamedRow } from './named-rows.ts'
import type { MappingRepair } from './outcome.ts'
import { requireRepairable } from './repair.ts'
import { readTriedRow, type TriedRow } from './tried-row.ts'

/** What fixes and a retry of their rows would do. */
export interface DryRun {
  /** An int8, as text. */
  readonly runId: string
  /** The rows that were named, in that order. */
  readonly rows: readonly TriedRow[]
  /** What would become of other rows, as {@link MappingRepair}; mappings without any are left out. */
  readonly following: readonly MappingRepair[]
}

/** How long a dry run may take, in milliseconds: somebody waits for the answer, and others for what it locks. */
const mostMs = 60_000

/** How long a statement of it waits for a lock, in milliseconds. */
const lockTimeoutMs = 2_000

/** How often it is begun again after a lock that was not to be had. */
const patience = { tries: 3, outageMs: 5_000 }

/**
 * Finds out what would become of quarantined rows with fixes, or as they stand now: the statements of {@link fixRows} and
 * of a retry of these rows, in a transaction that is rolled back. Nothing is kept, in the target and in the ledger; a
 * verdict stands, and nothing is written into the audit log. Counts of whole tables and control totals are not taken: they
 * decide about no row.
 *
 * As in any transaction that is rolled back, a sequence that the target's own defaults or triggers call moves on;
 * drover's do not. Until it is rolled back, locks are held as by the retry, for a minute or two at most; other repairs
 * of the run wait.
 *
 * @param endMs when it is given up, as `performance.now()` tells the time; default in a minute
 * @throws DroverError `row-missing` also for a row that is not in quarantine but merged, `fix-refused`, `state-refused`,
 * `function-missing`, `compute-failed`, and `repair-refused` where the retry would be; `statement-failed` where a lock was
 * not to be had, or where it would take longer than a minute because so many rows follow: then nothing is known.
 */
export function tryFixes(
  db: Database,
  runId: string,
  fixes: readonly (Fix | NamedRow)[],
  functions: RowFunctions,
  endMs: number = performance.now() + mostMs,
): Promise<DryRun> {
  const attempt = (known: Knowledge) =>
    retrying(
      () =>
        rolledBack(db, (tx) => carryOut(untilThen(tx, endMs), runId, fixes, { functions, ...known }), {
          name: `run ${runId} dry run`,
          statementTimeoutMs: Math.max(1, Math.ceil(endMs - performance.now())),
          lockTimeoutMs,
          settings: { application_name: `drover run ${runId} dry run`, ...workerSettings },
        }),
      patience,
    ).catch((thrown) => {
      throw ['retry', 'halve'].includes(reactionOf(thrown)) ? unknown(serverErrorOf(thrown)!) : thrown
    })
  return attemptUntilKnown({ attempt, search: attempt })
}

/** The same for one row. */
export async function tryFix(
  db: Database,
  runId: string,
  fix: Fix | NamedRow,
  functions: RowFunctions,
): Promise<TriedRow & Pick<DryRun, 'following'>> {
  const { rows, following } = await tryFixes(db, runId, [fix], functions)
  return { ...rows[0]!, following }
}

async function carryOut(
  tx: Transaction,
  runId: string,
  fixes: readonly (Fix | NamedRow)[],
  how: Knowledge & { readonly functions: RowFunctions },
): Promise<DryRun> {
  // Nobody fixes, accepts or repairs rows of the run meanwhile, and this one waits where somebody does.
  await tx.query('select from drover.run where id = $1 for no key update', [runId])
  const run = await findRun(tx, runId)
  requireRepairable(run)
  await recordTransaction(tx, runId)
  for (const fix of fixes) await nameTried(tx, run, fix)
  const mappings = await mend({ tx, runId, plan: run.plan, ...how })
  const rows: TriedRow[] = []
  for (const fix of fixes) rows.push(await readTriedRow(tx, runId, fix))
  return { runId, rows, following: mappings.map((all) => withoutRows(all, rows)).filter(isAny) }
}

async function nameTried(tx: Transaction, run: Run, fix: Fix | NamedRow): Promise<void> {
  const { mapping, key } = fix
  if ('values' in fix) await storeFix(tx, run, fix)
  await findQuarantined(tx, run, { mapping, keys: [key] })
  await nameRow(tx, run.id, { mapping, key, purpose: 'try' })
}

/** What a mapping counts, less the rows that were named. */
function withoutRows(all: MappingRepair, rows: readonly TriedRow[]): MappingRepair {
  const own = rows.filter(({ mapping }) => mapping === all.mapping)
  const others = (disposition: TriedRow['disposition']) =>
    all[disposition] - BigInt(own.filter((row) => row.disposition === disposition).length)
  return {
    mapping: all.mapping,
    tried: all.tried - BigInt(own.filter(({ disposition }) => disposition !== 'withdrawn').length),
    loaded: others('loaded'),
    merged: others('merged'),
    matched: others('matched'),
    excluded: others('excluded'),
    quarantined: others('quarantined'),
    changed: all.changed,
    withdrawn: others('withdrawn'),
  }
}

function isAny({ tried, changed, withdrawn }: MappingRepair): boolean {
  return tried + changed + withdrawn > 0n
}

/** The transaction, in which nothing more is asked once the time is over. */
function untilThen(tx: Transaction, endMs: number): Transaction {
  const query: Transaction['query'] = async (text, values) => {
    if (performance.now() > endMs) throw unknown(undefined)
    return tx.query(text, values)
  }
  return { ...tx, query }
}

function unknown(server: ServerError | undefined): DroverError {
  return new DroverError('statement-failed', 'What would become of the rows could not be found out in time.', {
    why: server === undefined ? 'so many rows follow from it' : describeServerError(server),
    remedy:
      'Nothing was changed. Try it again when nobody else is at these rows, or store the fixes and retry: that takes as long as it takes.',
  })
}
