import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DroverError, type ErrorCode, errorCodes } from '../error.ts'
import { exitCodes } from './exit.ts'
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

/** How long a process is watched for failing at once, in milliseconds. */
const watchedMs = 2_000

/** The secret of the page: its workers do not need it. */
const pageSecret = 'DROVER_SERVE_TOKEN'

/**
 * Starts `drover resume` for runs, each in a process of its own that goes on when this one ends, with its output in a log
 * file. Returns a sentence that says where that is.
 *
 * @throws DroverError of the process where it fails within two seconds.
 */
export function startsWorkers(start: Start): (runId: string) => Promise<string> {
  let folder: Promise<string> | undefined
  return async (runId) => {
    folder ??= mkdtemp(join(tmpdir(), 'drover-serve-'))
    const log = join(await folder, `run-${runId}.log`)
    const child = await spawnWorkers(runId, log, start)
    const watch = new AbortController()
    const failed = once(child, 'exit', { signal: watch.signal }).then(([exit]) => exit as number | null)
    const exit = await Promise.race([
      failed.catch(() => undefined),
      sleep(watchedMs, undefined, { signal: watch.signal }),
    ])
    watch.abort()
    if (exit !== undefined && exit !== exitCodes.done && exit !== exitCodes.quarantined) throw await failureIn(log)
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

/** Of what it has said, the last line that tells of an error. */
async function failureIn(log: string): Promise<DroverError> {
  const lines = (await readFile(log, 'utf8')).trimEnd().split('\n').toReversed()
  for (const line of lines) {
    const event = readEvent(line)
    if (event?.event !== 'error' || !((event.code ?? '') in errorCodes)) continue
    const { code, what, where, why, remedy, findings } = event
    return new DroverError(code as ErrorCode, what ?? 'The workers have failed.', { where, why, remedy, findings })
  }
  return new DroverError('run-missing', 'The workers have ended at once.', {
    remedy: `See what they have said: ${log}.`,
  })
}

interface ErrorEvent {
  readonly event?: string
  readonly code?: string
  readonly what?: string
  readonly where?: string
  readonly why?: string
  readonly remedy?: string
  readonly findings?: readonly string[]
}

function readEvent(line: string): ErrorEvent | undefined {
  try {
    return JSON.parse(line) as ErrorEvent
  } catch {
    return undefined
  }
}
