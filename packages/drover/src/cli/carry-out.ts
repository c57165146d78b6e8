import type { Config } from '../config.ts'
import type { Database } from '../db/connection.ts'
import { expected } from '../db/server-error.ts'
import { DroverError, hasRemedyOfItsOwn } from '../error.ts'
import { readResourceUse } from '../ledger/resources.ts'
import { findRunSummary } from '../ledger/run.ts'
import { readTallies } from '../ledger/tally.ts'
import type { RunOutcome, WorkOptions } from '../run/run.ts'
import type { StartedRun } from '../run/start.ts'
import { readConfig } from './config-file.ts'
import { type DatabaseFlags, openNamed } from './database.ts'
import { type ExitCode, exitCodes } from './exit.ts'
import { type Interrupt, listenForInterrupt } from './interrupt.ts'
import type { Io } from './io.ts'
import { showProgress } from './progress.ts'
import { renderJsonLine, writeResult } from './result.ts'
import { exitOf, type RunResult, renderResult, renderResultJson } from './run-result.ts'
import { type SettingFlags, settle, type WorkSettings } from './work-settings.ts'

/** The flags of every command that works on a run. */
export interface WorkFlags extends DatabaseFlags, SettingFlags {
  readonly json?: true
}

/** A command that works on a run: `run`, `resume`, `worker`. */
export interface Work {
  /**
   * Makes everything ready, and returns how to begin. Nothing is changed before, but for tables that land, which `signal`
   * interrupts.
   */
  readonly prepare: (
    db: Database,
    config: Config,
    signal: AbortSignal,
  ) => Promise<(options: WorkOptions) => Promise<RunOutcome>>
  /** The words that take the run up again. */
  readonly again: (runId: string) => string
}

/** Everything of such a command between its flags and its exit code. */
export async function carryOut(work: Work, flags: WorkFlags, io: Io): Promise<ExitCode> {
  const interrupt = listenForInterrupt(io)
  const { settings: config } = await readConfig(flags, io.env)
  const settings = settle(flags, config)
  // One connection for each worker, and one for what is asked between the chunks.
  const db = await openNamed(flags, io, { connections: settings.workers + 1 })
  try {
    const begin = await work.prepare(db, config, interrupt.signal)
    if (interrupt.signal.aborted) {
      io.stderr.write('Interrupted before the run began: no target was changed.\n')
      return exitCodes.interrupted
    }
    const outcome = await runShown(begin, { work, flags, settings, io, interrupt })
    const result = await readResult(db, outcome)
    await writeResult(io, flags.json ? renderResultJson(result) : renderResult(result), undefined)
    const exit = exitOf(result)
    if (result.outcome.state === 'paused' && !flags.json)
      io.stderr.write(`Resume it with: ${work.again(outcome.runId)}\n`)
    return exit
  } finally {
    interrupt.release()
    await db.close()
  }
}

interface Surroundings {
  readonly work: Work
  readonly flags: WorkFlags
  readonly settings: WorkSettings
  readonly io: Io
  readonly interrupt: Interrupt
}

/** Works on the run and shows how far it is meanwhile. */
async function runShown(
  begin: (options: WorkOptions) => Promise<RunOutcome>,
  { work, flags, settings, io, interrupt }: Surroundings,
): Promise<RunOutcome> {
  const ended = new AbortController()
  let started: StartedRun | undefined
  let shown: Promise<void> | undefined
  try {
    return await begin({
      ...settings,
      signal: interrupt.signal,
      onStart(start) {
        started = start
        if (flags.json) io.stderr.write(`${renderJsonLine(startEvent(start))}\n`)
        if (start.outcome === 'already-loaded') return
        if (!flags.json) io.stderr.write(`${startLine(start)}\n`)
        shown = show(start, { flags, io, interrupt: interrupt.signal, signal: ended.signal })
      },
    })
  } catch (thrown) {
    const error = expected(thrown)
    if (error === undefined || started === undefined || hasRemedyOfItsOwn(error)) throw thrown
    // Only the command line knows by which words the run was started.
    const { id } = started.run
    const remedy = `Mend the cause, then resume run ${id}: what it has finished stays. ${work.again(id)}. If it is the migration that is wrong: drover cancel --run ${id}.`
    throw new DroverError(error.code, error.what, { ...error, remedy, cause: error.cause })
  } finally {
    ended.abort()
    await shown
  }
}

function startEvent({ outcome, run, workers }: StartedRun) {
  return { event: outcome, runId: run.id, ...(outcome === 'joined' ? { workers } : {}) }
}

function startLine({ outcome, run, workers }: StartedRun): string {
  if (outcome !== 'joined') return `Run ${run.id} of ${run.migration} is ${outcome}.`
  const others = workers.length === 0 ? '' : ` ${workers.join(', ')} ${workers.length === 1 ? 'is' : 'are'} at it;`
  return `Run ${run.id} of ${run.migration} is under way:${others} this process helps. Ctrl-C ends its help, drover pause the run.`
}

/** Progress over a connection of its own; where there is none to be had, the run goes on unseen. */
async function show(
  { outcome, run, before }: StartedRun,
  {
    flags,
    io,
    interrupt,
    signal,
  }: Pick<Surroundings, 'flags' | 'io'> & { interrupt: AbortSignal; signal: AbortSignal },
): Promise<void> {
  const db = await openNamed(flags, io, { connections: 1, applicationName: 'drover progress' }).catch(() => undefined)
  if (db === undefined) return
  const isPlain = !io.stderr.isTTY || io.env.TERM === 'dumb'
  const format = flags.json ? 'events' : isPlain ? 'lines' : 'bars'
  const stopping = outcome === 'joined' ? 'leaving' : 'pausing'
  await showProgress({ db, runId: run.id, output: io.stderr, signal, interrupt, stopping, before, format })
  // A server that does not answer any more must not keep the result back.
  db.close().catch(() => {})
}

async function readResult(db: Database, outcome: RunOutcome): Promise<RunResult> {
  return db.transaction(
    async (tx) => ({
      outcome,
      run: await findRunSummary(tx, outcome.runId),
      tallies: await readTallies(tx, outcome.runId),
      resources: await readResourceUse(tx, outcome.runId),
    }),
    { readOnly: true },
  )
}
