import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

// A process of its own that outlives the one that started it. Its standard input is a pipe which only that one holds:
// the end of the pipe means that it is gone, however it went. Then the server is stopped and the temporary folder removed.

const temporaryFolder = process.argv[2]!

/** How long a server may take to stop before it is killed, and how long stragglers may still write, in milliseconds. */
const stopTimeoutMs = 10_000
const stragglerMs = 3_000

/** What came through the pipe: `server <pid>` for each start, `released` when nothing is left to do. */
let told = ''
process.stdin.on('data', (chunk) => {
  told += chunk
})
process.stdin.once('end', async () => {
  if (!told.includes('released')) {
    await stopServer()
    await removeFolder()
  }
  process.exit(0)
})

async function stopServer(): Promise<void> {
  const pid = serverPid()
  if (pid === undefined) return
  signal(pid, 'SIGQUIT')
  const deadline = Date.now() + stopTimeoutMs
  while (signal(pid, 0) && Date.now() < deadline) await sleep(50)
  signal(pid, 'SIGKILL')
}

/** An initdb that was under way may write for a moment longer; what it writes goes too. */
async function removeFolder(): Promise<void> {
  const deadline = Date.now() + stragglerMs
  do {
    rmSync(temporaryFolder, { recursive: true, force: true, maxRetries: 3 })
    await sleep(300)
  } while (Date.now() < deadline)
}

/** The last server that we were told of, or one in the temporary folder of which there was no time to tell. */
function serverPid(): number | undefined {
  const pids = [...told.matchAll(/^server (\d+)$/gm)].map((match) => Number(match[1]))
  return pids.at(-1) ?? pidInFolder()
}

function pidInFolder(): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(join(temporaryFolder, 'data', 'postmaster.pid'), 'utf8'), 10)
    return pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
