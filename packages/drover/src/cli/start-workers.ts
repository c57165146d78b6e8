import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DroverError, type ErrorCode, errorCodes } from '../error.ts'
import type { StartedRun } from '../run/start.ts'
import type { Io } from './io.ts'

/** How processes are started that take runs up. */
export interface Start {
  readonly io: Io
  /** The connection string, which no argument holds: others on the machine see those. */
  readonly databaseUrl: string
  /** The migration file, for plans that run JavaScript. */
  readonly file: string | undefined
  readonly config: string | undefined
}

/**
 * How long a page waits for word from a process that it has started, and how often what it says is read, in
 * milliseconds.
 */
const awaitedMs = 30_000
const readMs = 100

/** The secret of the page: its workers do not need it. */
const pageSecret = 'DROVER_SERVE_TOKEN'

/**
 * Starts `drover resume` for runs, each in a process of its own that goes on when this one ends, with its output in a log
 * file. Returns a sentence that says where that is, once the process has taken the run up, or after half a minute.
 *
 * @throws DroverError of the process, or `workers-failed`, where it ends before.
 */
export function startsWorkers(start: Start): (runId: string) => Promise<string> {
  let folder: Promise<string> | undefined
  return async (runId) => {
    folder ??= mkdtemp(join(tmpdir(), 'drover-serve-'))
    const log = join(await folder, `run-${runId}.log`)
    const said = await sizeOf(log)
    const child = await spawnWorkers(runId, log, start)
    const deadline = performance.now() + awaitedMs
    for (;;) {
      // Asked in this order: what a process says, it says before it ends.
      const hasEnded = child.exitCode !== null || child.signalCode !== null
      const events = await readEvents(log, said)
      if (events.some(isStart)) break
      if (hasEnded) throw failureIn(events, log)
      if (performance.now() > deadline) break
      await sleep(readMs)
    }
    return `They work in a process of their own, which goes on when this page is closed. What it says: ${log}.`
  }
}

async function spawnWorkers(
  runId: string,
  log: string,
  { io, databaseUrl, file, config }: Start,
): Promise<ChildProcess> {
  const words = [
    'resume',
    ...(file === undefined ? [] : [file]),
    ...['--run', runId, '--json'],
    ...(config === undefined ? [] : ['--config', config]),
  ]
  const output = await open(log, 'a', 0o600)
  try {
    const { [pageSecret]: _, ...env } = io.env
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...words], {
      detached: true,
      windowsHide: true,
      env: { ...env, DROVER_DATABASE_URL: databaseUrl },
      stdio: ['ignore', output.fd, output.fd],
    })
    await once(child, 'spawn')
    child.unref()
    return child
  } finally {
    await output.close()
  }
}

/** The size of a file in bytes, 0 where there is none. */
async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0
}

interface WorkerEvent {
  readonly event?: string
  readonly code?: string
  readonly what?: string
  readonly where?: string
  readonly why?: string
  readonly remedy?: string
  readonly findings?: readonly string[]
}

/** What a process has said in a log file from a byte on; lines that are no events, or not whole yet, are left out. */
async function readEvents(log: string, from: number): Promise<readonly WorkerEvent[]> {
  const lines = (await readFile(log)).subarray(from).toString('utf8').split('\n')
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as WorkerEvent]
    } catch {
      return []
    }
  })
}

const startOutcomes: ReadonlySet<string | undefined> = new Set<StartedRun['outcome']>([
  'started',
  'resumed',
  'joined',
  'already-loaded',
])

function isStart({ event }: WorkerEvent): boolean {
  return startOutcomes.has(event)
}

/** Of what it has said, the last that tells of an error. */
function failureIn(events: readonly WorkerEvent[], log: string): DroverError {
  const failure = events.findLast(({ event, code }) => event === 'error' && (code ?? '') in errorCodes)
  if (failure === undefined)
    return new DroverError('workers-failed', 'The workers ended before they had taken the run up.', {
      remedy: `See what they have said: ${log}.`,
    })
  const { code, what, where, why, remedy, findings } = failure
  return new DroverError(code as ErrorCode, what ?? 'The workers have failed.', { where, why, remedy, findings })
}
