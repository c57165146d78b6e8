import type { Database, TransactionOptions } from '../db/connection.ts'
import { rolledBack } from '../db/rolled-back.ts'
import { asDroverError, describeServerError, serverErrorOf } from '../db/server-error.ts'
import { reactionTo } from '../db/sqlstate.ts'
import { type BegunVerification, recordPart } from '../ledger/verification.ts'
import { type Check, type CheckContext, capitalized, gone, type RunSubject } from './check.ts'
import { interrupted } from './interrupted.ts'
import type { Part } from './parts.ts'
import { combineSlices } from './slices.ts'
import type { Finding } from './verification.ts'
import type { VerifyOptions } from './verify.ts'

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
  const open = parts.filter(({ name }) => !found.has(name)).toSorted(byLength)
  const taken = found.size
  const tell = (part?: string) => options.onProgress?.({ parts: parts.length, done: found.size, taken, part })
  tell()
  const attempts = inTurn()
  let failure: unknown
  const lane = async () => {
    for (let part = open.shift(); part !== undefined && failure === undefined; part = open.shift()) {
      if (signal.aborted) throw interrupted(run.runId)
      const startedAtMs = performance.now()
      const findings = await carryOut(db, run, part, options, { signal, attempts })
      const tookMs = performance.now() - startedAtMs
      await db.transaction((tx) => recordPart(tx, id, part.name, tookMs, findings))
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
  return combineSlices(parts, found, { afterCutover: options.afterCutover ?? false })
}

/** What takes longest first, so that nobody is left with it in the end. */
function byLength(a: Part, b: Part): number {
  return lengthOf(b.check) - lengthOf(a.check)
}

function lengthOf({ slices, isLong }: Check<unknown>): number {
  if (slices !== undefined) return 2
  return isLong ? 1 : 0
}

/** Over shards not every statement can be carried out that one server can. */
const notSupported = '0A000'

/** Whether the same statement may succeed at another time. A write that a read-only transaction refuses never does. */
function passes(sqlstate: string): boolean {
  return sqlstate !== '25006' && ['retry', 'reconnect'].includes(reactionTo(sqlstate))
}

/** Whether an SQLSTATE tells of what was asked, or of the rows that it met, and neither of the role nor of the server. */
function isOfQuestion(sqlstate: string): boolean {
  return reactionTo(sqlstate) === 'set aside' || (sqlstate.startsWith('42') && sqlstate !== '42501')
}

async function carryOut(
  db: Database,
  { runId, plan }: RunSubject,
  { check, subject, mapping, name }: Part,
  options: VerifyOptions,
  { signal, attempts }: { readonly signal: AbortSignal; readonly attempts: InTurn },
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
      await new Promise((resolve) => setTimeout(resolve, options.recheckAfterMs ?? 1_000))
      return db.transaction(work, transaction)
    },
    attempt: (work) => attempts(() => rolledBack(db, work, { ...transaction, readOnly: false })),
  }
  try {
    return await db.transaction((tx) => check.run(tx, subject, context), transaction)
  } catch (thrown) {
    const server = serverErrorOf(thrown)
    if (server !== undefined && check.refused !== undefined && !passes(server.sqlstate)) {
      return check.refused(server, subject)
    }
    const unasked = { check: check.name, mapping, expected: null, actual: null } as const
    if (server !== undefined && gone.has(server.sqlstate)) {
      const detail = `Something that the check reads is gone: ${describeServerError(server)}.`
      return [{ ...unasked, verdict: check.whenGone, detail }]
    }
    if (
      server?.sqlstate === notSupported &&
      plan.catalog.tables.some(({ distribution }) => distribution !== undefined)
    ) {
      const detail = `${capitalized(name)} was not asked: the cluster does not carry such a question out (${describeServerError(server)}).`
      return [{ ...unasked, verdict: 'not run', detail }]
    }
    // What the run could read was changed since, a value or a type, in the source or in a target: the other checks go on.
    if (server !== undefined && isOfQuestion(server.sqlstate)) {
      const detail = `${capitalized(name)} could not be asked, the server refuses it: ${describeServerError(server)}.`
      return [{ ...unasked, verdict: 'fail', detail }]
    }
    throw asDroverError(thrown, 'statement-failed', `The check of ${check.name} could not be carried out.`, name)
  }
}

/** Does one thing after the other, whoever asks for it. */
type InTurn = <T>(work: () => Promise<T>) => Promise<T>

/** Writes that are tried at the same time could wait for each other. */
function inTurn(): InTurn {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const next = last.then(work)
    last = next.catch(() => {})
    return next
  }
}
