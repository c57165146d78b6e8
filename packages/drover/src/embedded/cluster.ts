import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Account } from './account.ts'
import type { Watchdog } from './start-watchdog.ts'

/** A data directory, and what is needed to run PostgreSQL's programs on it. */
export interface Cluster {
  /** The folder that holds `bin`, `lib` and `share`. */
  readonly binaries: string
  readonly account: Account | undefined
  readonly dataDirectory: string
  /** The server's own folder for temporary files. */
  readonly folder: string
  readonly settings: Readonly<Record<string, string>>
  readonly watchdog: Watchdog
}

/** A program of PostgreSQL under way. */
export interface Program {
  readonly process: ChildProcess
  /** Its exit code, or null if a signal ended it. Rejects if it could not be started. */
  readonly ended: Promise<number | null>
}

/** A call of one of PostgreSQL's programs. */
export interface Call {
  readonly program: 'initdb' | 'postgres' | 'pg_ctl'
  readonly args: readonly string[]
  /** A server runs until it is stopped, a task ends by itself. */
  readonly role: 'server' | 'task'
  /** What it reads from its standard input. Default: nothing. */
  readonly input?: string
}

/**
 * Runs a program on the cluster, under the watchdog's eye. Its output goes to the log, not to a pipe: initdb would die
 * of a broken pipe, half-way, when its parent is killed.
 */
export function startProgram(cluster: Cluster, call: Call): Program {
  // The log may quote rows: only its owner reads it.
  const log = openSync(logFile(cluster), 'w', 0o600)
  const file = process.platform === 'win32' ? `${call.program}.exe` : call.program
  const child = spawn(join(cluster.binaries, 'bin', file), call.args, {
    // `/` because our folder may be closed to the account; an environment of its own, so that ours does not steer it.
    cwd: process.platform === 'win32' ? undefined : '/',
    env: { PATH: process.env.PATH, SystemRoot: process.env.SystemRoot, LC_ALL: 'C', TZ: 'UTC' },
    // A session of its own: Ctrl-C in the terminal is for us, and we end the program in order.
    detached: true,
    windowsHide: true,
    stdio: [call.input === undefined ? 'ignore' : 'pipe', log, log],
    ...cluster.account,
  })
  closeSync(log)
  // A program that is gone does not read what it is sent.
  child.stdin?.on('error', () => {}).end(call.input)
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('exit', resolve)
    child.once('error', reject)
  })
  ended.catch(() => {})
  cluster.watchdog.guard(child, call.role)
  return { process: child, ended }
}

/** What the last program that was started on the cluster said. */
export function readLog(cluster: Cluster): Promise<string> {
  return readFile(logFile(cluster), 'utf8')
}

function logFile(cluster: Cluster): string {
  return join(cluster.folder, 'log')
}
