import type { Database, Queryable, TransactionOptions } from '../db/connection.ts'
import { asDroverError, describeServerError, serverErrorOf } from '../db/server-error.ts'
import { DroverError } from '../error.ts'
import { type BegunVerification, recordPart } from '../ledger/verification.ts'
import type { CheckContext, RunSubject } from './check.ts'
import type { Part } from './parts.ts'
import type { Finding } from './verification.ts'
import type { VerifyOptions } from './verify.ts'

/** How long to wait before a difference is looked at once more, in milliseconds. */
const recheckAfterMs = 1_000

/**
 * Does the parts that are not done yet, several at a time, and returns the findings of all, in the order of the parts.
 *
 * @throws DroverError `statement-failed`, or `interrupted`.
 */
export async function carryOutParts(
  db: Database,
  run: RunSubject,
  parts: readonly Part[],
  { id, done }: BegunVerification,
  options: VerifyOptions,
): Promise<readonly Finding[]> {
  const signal = options.signal ?? new AbortController().signal
  const found = new Map<string, readonly Finding[]>()
  for (const { name } of parts) if (done.has(name)) found.set(name, done.get(name) as readonly Finding[])
  const open = parts.filter(({ name }) => !found.has(name))
  const taken = found.size
  const tell = (part?: string) => options.onProgress?.({ parts: parts.length, done: found.size, taken, part })
  tell()
  let failure: unknown
  const lane = async () => {
    for (let part = open.shift(); part !== undefined && failure === undefined; part = open.shift()) {
      if (signal.aborted) throw interrupted(run.runId)
      const startedAt = new Date()
      const findings = await carryOut(db, run, part, options, signal)
      await db.transaction((tx) => recordPart(tx, id, part.name, startedAt, findings))
      found.set(part.name, findings)
      tell(part.name)
    }
  }
  const lanes = Array.from({ length: options.workers ?? 2 }, () =>
    lane().catch((thrown) => {
      failure ??= thrown
    }),
  )
  await Promise.all(lanes)
  if (failure !== undefined) throw failure
  return parts.flatMap(({ name }) => found.get(name)!)
}

function interrupted(runId: string): DroverError {
  return new DroverError('interrupted', `The verification of run ${runId} was interrupted.`, {
    remedy: `What was checked is kept: drover verify --run ${runId} goes on from there.`,
  })
}

/** Undefined column, undefined table, invalid schema name: the object that a check reads is gone. */
const gone = new Set(['42703', '42P01', '3F000'])

async function carryOut(
  db: Database,
  { runId }: RunSubject,
  { check, subject, mapping, name }: Part,
  options: VerifyOptions,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const transaction: TransactionOptions = {
    readOnly: true,
    statementTimeoutMs: options.statementTimeoutMs ?? 0,
    // A probe in JavaScript asks by itself, while the transaction stands still.
    idleTimeoutMs: 0,
    settings: {
      application_name: `drover run ${runId} verify`,
      transaction_isolation: 'repeatable read',
      'drover.run': runId,
      ...check.settings,
    },
  }
  const context: CheckContext = {
    afterCutover: options.afterCutover ?? false,
    triesWrites: options.triesWrites ?? false,
    probes: options.probes ?? new Map(),
    url: options.url,
    signal,
    again: async (work) => {
      await new Promise((resolve) => setTimeout(resolve, recheckAfterMs))
      return db.transaction(work, transaction)
    },
    attempt: (work) => rolledBack(db, work, { ...transaction, readOnly: false }),
  }
  try {
    return await db.transaction((tx) => check.run(tx, subject, context), transaction)
  } catch (thrown) {
    const server = serverErrorOf(thrown)
    if (server === undefined || !gone.has(server.sqlstate)) {
      throw asDroverError(thrown, 'statement-failed', `The check of ${check.name} could not be carried out.`, name)
    }
    const detail = `Something that the check reads is gone: ${describeServerError(server)}.`
    return [{ check: check.name, mapping, verdict: check.whenGone, expected: null, actual: null, detail }]
  }
}

/** Carries `rolledBack` out of a transaction, so that it cannot commit. */
class RolledBack extends Error {
  readonly result: unknown
  constructor(result: unknown) {
    super('rolled back on purpose')
    this.result = result
  }
}

async function rolledBack<T>(
  db: Database,
  work: (tx: Queryable) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  try {
    return await db.transaction(async (tx) => {
      throw new RolledBack(await work(tx))
    }, options)
  } catch (thrown) {
    if (thrown instanceof RolledBack) return thrown.result as T
    throw thrown
  }
}
