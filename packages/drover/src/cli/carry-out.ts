import type { Database } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { findRun } from '../ledger/run.ts'
import { readTallies } from '../ledger/tally.ts'
import type { Plan } from '../plan/plan.ts'
import type { RowFunctions } from '../run/compute.ts'
import { requirePrivileges } from '../run/privileges.ts'
import { type RunOutcome, run } from '../run/run.ts'
import type { StartedRun } from '../run/start.ts'
import type { RunFlags } from './command/run.ts'
import { openNamed } from './database.ts'
import { type ExitCode, exitCodes } from './exit.ts'
import { expected } from './failure.ts'
import { type Interrupt, listenForInterrupt } from './interrupt.ts'
import type { Io } from './io.ts'
import { makeRunnablePlan } from './make-plan.ts'
import { readPlanFile } from './plan-file.ts'
import { showProgress } from './progress.ts'
import { renderJsonLine, writeResult } from './result.ts'
import { exitOf, type RunResult, renderResult, renderResultJson } from './run-result.ts'

/** Everything of `drover run` between its flags and its exit code. */
export async function carryOut(file: string | undefined, flags: RunFlags, io: Io): Promise<ExitCode> {
  const interrupt = listenForInterrupt(io)
  // One connection for each worker, and one for what is asked between the chunks.
  const db = await openNamed(flags, io, { connections: flags.workers + 1 })
  try {
    const { plan, functions } =
      flags.plan === undefined
        ? await makeRunnablePlan(db, file!)
        : { plan: await readPlanFile(flags.plan), functions: new Map() }
    await requirePrivileges(db, plan)
    if (interrupt.signal.aborted) {
      io.stderr.write('Interrupted before the run began. Nothing was changed.\n')
      return exitCodes.interrupted
    }
    const resume = resumeCommand(file, flags)
    const outcome = await runShown(db, plan, { flags, io, interrupt, resume, functions })
    const result = await readResult(db, outcome)
    await writeResult(io, flags.json ? renderResultJson(result) : renderResult(result), undefined)
    const exit = exitOf(result)
    if (exit === exitCodes.interrupted && !flags.json) io.stderr.write(`Resume it with: ${resume}\n`)
    return exit
  } finally {
    interrupt.release()
    await db.close()
  }
}

interface Surroundings {
  readonly flags: RunFlags
  readonly io: Io
  readonly interrupt: Interrupt
  readonly resume: string
  readonly functions: RowFunctions
}

/** Runs the plan and shows how far it is meanwhile. */
async function runShown(db: Database, plan: Plan, surroundings: Surroundings): Promise<RunOutcome> {
  const { flags, io, interrupt, resume, functions } = surroundings
  const ended = new AbortController()
  let started: StartedRun | undefined
  let shown: Promise<void> | undefined
  try {
    return await run(db, plan, {
      workers: flags.workers,
      ...(flags.chunkRows === undefined ? {} : { rowsPerChunk: flags.chunkRows }),
      ...(flags.maxQuarantined === undefined ? {} : { maxQuarantined: flags.maxQuarantined }),
      allowed: flags.allow ?? [],
      functions,
      signal: interrupt.signal,
      onStart(start) {
        started = start
        if (flags.json) io.stderr.write(`${renderJsonLine({ event: start.outcome, runId: start.run.id })}\n`)
        if (start.outcome !== 'already-loaded') {
          if (!flags.json) io.stderr.write(`Run ${start.run.id} of ${start.run.migration} is ${start.outcome}.\n`)
          shown = show(start.run.id, { flags, io, pause: interrupt.signal, signal: ended.signal })
        }
      },
    })
  } catch (thrown) {
    const error = expected(thrown)
    if (error === undefined || started === undefined || error.remedy !== undefined) throw thrown
    // Only the command line knows by which words the run was started.
    const remedy = `Mend the cause, then resume run ${started.run.id}: what it has finished stays. ${resume}`
    throw new DroverError(error.code, error.what, { ...error, remedy, cause: error.cause })
  } finally {
    ended.abort()
    await shown
  }
}

/** Progress over a connection of its own; where there is none to be had, the run goes on unseen. */
async function show(
  runId: string,
  { flags, io, pause, signal }: Pick<Surroundings, 'flags' | 'io'> & { pause: AbortSignal; signal: AbortSignal },
): Promise<void> {
  const db = await openNamed(flags, io, { connections: 1, applicationName: 'drover progress' }).catch(() => undefined)
  if (db === undefined) return
  const isPlain = !io.stderr.isTTY || io.env.TERM === 'dumb'
  const format = flags.json ? 'events' : isPlain ? 'lines' : 'bars'
  await showProgress({ db, runId, output: io.stderr, signal, pause, format })
  // A server that does not answer any more must not keep the result back.
  db.close().catch(() => {})
}

async function readResult(db: Database, outcome: RunOutcome): Promise<RunResult> {
  return db.transaction(
    async (tx) => ({
      outcome,
      run: await findRun(tx, outcome.runId),
      tallies: await readTallies(tx, outcome.runId),
    }),
    { readOnly: true },
  )
}

/** The words that take the run up again. The connection string is left out: it may hold a password. */
function resumeCommand(file: string | undefined, flags: RunFlags): string {
  const source = flags.plan === undefined ? [file] : ['--plan', flags.plan]
  const allow = (flags.allow ?? []).flatMap((hazard) => ['--allow', hazard])
  const database = flags.databaseUrl === undefined ? [] : ['--database-url', '…']
  return ['drover', 'run', ...source, ...allow, ...database].join(' ')
}
