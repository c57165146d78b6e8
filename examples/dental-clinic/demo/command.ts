import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { Ending } from './ending.ts'

/** Where drover's commands work. */
export interface Place {
  readonly url: string
  readonly tokenKey: string
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
}

const example = fileURLToPath(new URL('..', import.meta.url))

/**
 * Runs a command of drover as a user would and returns its exit code.
 *
 * @throws the signal's reason, once the command has come to its end
 */
export async function drover(place: Place, ...args: readonly string[]): Promise<number> {
  place.signal.throwIfAborted()
  console.log(`\n$ drover ${args.join(' ')}`)
  return ended(start(place, args, 'inherit'), place.signal)
}

/**
 * Makes sure that drover can use the database.
 *
 * @throws Ending with drover's own words where it cannot; the signal's reason
 */
export async function requireUsable(place: Place): Promise<void> {
  place.signal.throwIfAborted()
  const child = start(place, ['status'], ['ignore', 'ignore', 'pipe'])
  const [exit, said] = await Promise.all([ended(child, place.signal), text(child.stderr!)])
  // 2 where the database has no ledger, as it should be.
  if (exit === 1) throw new Ending(1, said.trimEnd())
}

/** The address travels in the environment: a command line is for all to see. */
function start(place: Place, args: readonly string[], stdio: StdioOptions): ChildProcess {
  const command = fileURLToPath(import.meta.resolve('drover/cli'))
  return spawn(process.execPath, [...process.execArgv, command, ...args], {
    cwd: example,
    stdio,
    env: { ...process.env, DROVER_DATABASE_URL: place.url, DROVER_EXAMPLE_TOKEN_KEY: place.tokenKey },
  })
}

/** A terminal sends Ctrl-C to the command too, kill only to us: drover takes two that come together for one. */
async function ended(child: ChildProcess, signal: AbortSignal): Promise<number> {
  const forward = () => child.kill('SIGINT')
  signal.addEventListener('abort', forward)
  const [code, name] = (await once(child, 'exit')) as [number, null] | [null, NodeJS.Signals]
  signal.removeEventListener('abort', forward)
  signal.throwIfAborted()
  return code ?? 128 + constants.signals[name]
}
