import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

// A process of its own that outlives the one that started it. Its standard input is a pipe which only that one holds:
// the end of the pipe means that it is gone, however it went. Then what it left running is ended, and its temporary
// folder removed.

const temporaryFolder = process.argv[2]!

/** How long a process may take to end before it is killed, in milliseconds. A server kills its own sessions after 5 s. */
const endTimeoutMs = 30_000
const pollMs = 20

// Who ends a whole service signals all of its processes: then this one has work to do.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

/** What came through the pipe: `server <pid>` or `task <pid>` for each start, `ended <pid>` for each end. */
let told = ''
process.stdin.on('data', (chunk) => {
  told += chunk
})
// Who started it waits for this word, and may be gone by then.
process.stdout.on('error', () => {})
process.stdout.write('on guard\n')

process.stdin.once('close', async () => {
  for (const { role, pid } of stillRunning()) await end(role, pid)
  rmSync(temporaryFolder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  process.exit(0)
})

interface Guarded {
  readonly role: string
  readonly pid: number
}

function stillRunning(): readonly Guarded[] {
  const running = new Map<number, Guarded>()
  for (const [, role, number] of told.matchAll(/^(\w+) (\d+)$/gm)) {
    const pid = Number(number)
    if (role === 'ended') running.delete(pid)
    else running.set(pid, { role: role!, pid })
  }
  return [...running.values()]
}

/**
 * A server is stopped at once; one that we were not told of in time stops itself within a minute, when it finds its lock
 * file gone. A task such as initdb is left to finish, which takes a second: a backend that is killed while it
 * bootstraps leaves its shared memory behind.
 */
async function end(role: string, pid: number): Promise<void> {
  if (role === 'server') signal(pid, 'SIGQUIT')
  const deadline = Date.now() + endTimeoutMs
  while (signal(pid, 0)) {
    if (Date.now() > deadline) {
      signal(pid, 'SIGKILL')
      return
    }
    await sleep(pollMs)
  }
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
