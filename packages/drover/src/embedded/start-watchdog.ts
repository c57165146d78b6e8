import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { extname, parse } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The other end of a process that cleans up after this one, however this one ends. */
export interface Watchdog {
  /** Tells of a process: a server is stopped when we are gone, a task may finish. */
  guard(child: ChildProcess, role: 'server' | 'task'): void
  /** Ends what is still running, removes the temporary folder, and resolves when all of it is gone. */
  end(): Promise<void>
}

/**
 * Starts the process of watchdog.ts, from source or from the build, in a session of its own: Ctrl-C is not for it. Resolves
 * when it is on guard: a signal to all processes would have ended it before.
 */
export async function startWatchdog(temporaryFolder: string): Promise<Watchdog> {
  const file = fileURLToPath(new URL(`./watchdog${extname(import.meta.url)}`, import.meta.url))
  const child = spawn(process.execPath, [file, temporaryFolder], {
    // Not our folder, which it would keep busy, nor our environment, whose NODE_OPTIONS are for us.
    cwd: parse(file).root,
    env: { SystemRoot: process.env.SystemRoot },
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    windowsHide: true,
  })
  await once(child, 'spawn')
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const pipe = child.stdin as typeof child.stdin & { unref(): void }
  // A watchdog that was killed guards nothing any more; that is no reason to fail.
  pipe.on('error', () => {})
  await Promise.race([once(child.stdout, 'data'), ended])
  child.stdout.destroy()
  child.unref()
  pipe.unref()
  return {
    guard: (guarded, role) => {
      if (guarded.pid === undefined) return
      pipe.write(`${role} ${guarded.pid}\n`)
      // Its number may come to belong to another process.
      guarded.once('exit', () => {
        if (pipe.writable) pipe.write(`ended ${guarded.pid}\n`)
      })
    },
    end: async () => {
      child.ref()
      pipe.end()
      await ended
    },
  }
}
