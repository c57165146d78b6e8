import { type ChildProcess, spawn } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The other end of a process that cleans up after this one, however this one ends. */
export interface Watchdog {
  /** Tells which server to stop. */
  watch(server: ChildProcess): void
  /** All is stopped and removed: nothing is left to do. */
  release(): void
  /** Stop and remove what there is. */
  end(): void
}

/** Starts the process of watchdog.ts, from source or from the build, in a session of its own: Ctrl-C is not for it. */
export function startWatchdog(temporaryFolder: string): Watchdog {
  const file = fileURLToPath(new URL(`./watchdog${extname(import.meta.url)}`, import.meta.url))
  const child = spawn(process.execPath, [file, temporaryFolder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    windowsHide: true,
  })
  child.unref()
  const pipe = child.stdin as typeof child.stdin & { unref?: () => void }
  pipe.on('error', () => {})
  pipe.unref?.()
  return {
    watch: (server) => {
      pipe.write(`server ${server.pid}\n`)
    },
    release: () => {
      pipe.end('released')
    },
    end: () => {
      pipe.end()
    },
  }
}
