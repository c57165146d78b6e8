import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('..', import.meta.url))
const command = fileURLToPath(new URL('../../../packages/drover/src/cli/main.ts', import.meta.url))

/** The hazards of the reference migration. */
export const allow = ['merges-rows', 'runs-javascript', 'unrehearsed', 'drops-indexes'].flatMap((hazard) => [
  '--allow',
  hazard,
])

/** The key under which the tests encrypt tokens. */
export const tokenKey = Buffer.alloc(32, 7)

/** Where a command works. */
interface Place {
  readonly url: string
}

/** Starts a command of drover in a process of its own. */
export function startDrover(database: Place, ...args: readonly string[]): ChildProcess {
  return startWithKey(tokenKey.toString('base64'), database, args)
}

/** The same under another key for tokens. */
export function startWithKey(key: string, database: Place, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--conditions=source', command, ...args], {
    cwd: here,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DROVER_EXAMPLE_TOKEN_KEY: key, DROVER_DATABASE_URL: database.url },
  })
}

/** Runs a command of drover to its end. */
export async function drover(database: Place, ...args: readonly string[]) {
  return ended(startDrover(database, ...args))
}

/** What a process wrote until it ended, and its exit code. */
export async function ended(child: ChildProcess) {
  let stdout = ''
  let stderr = ''
  child.stdout!.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr!.on('data', (chunk) => {
    stderr += chunk
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}
