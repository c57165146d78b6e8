import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a program wrote and how it ended. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** The most memory that the process held, in bytes; undefined where the system does not tell. */
  readonly peakBytes: number | undefined
}

export interface Call {
  readonly program: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** Runs a program to its end. */
export async function runProgram({ program, args, env, cwd }: Call): Promise<Ended> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const peak = watchPeak(child)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr, peakBytes: peak() }
}

const packageFolder = fileURLToPath(new URL('../../packages/drover/', import.meta.url))

/**
 * Builds the package, once: what is measured is the program that its users have, not the one that compiles its sources
 * first.
 */
let building: Promise<string> | undefined
function builtDrover(): Promise<string> {
  building ??= runProgram({ program: process.execPath, args: ['build.mjs'], cwd: packageFolder }).then(
    ({ code, stdout, stderr }) => {
      if (code !== 0) throw new Error(`drover cannot be built: ${stdout}${stderr}`)
      return join(packageFolder, 'dist', 'cli', 'main.js')
    },
  )
  return building
}

/** Ahead of what is timed. */
export async function makeReady(): Promise<void> {
  await builtDrover()
}

export interface DroverCall {
  /** The connection string of the target. */
  readonly url: string
  readonly args: readonly string[]
  /** Exit codes with which it may end. Default: 0. */
  readonly exits?: readonly number[]
  readonly env?: Readonly<Record<string, string>>
  /** The folder to start it in. Default: that of this process. */
  readonly cwd?: string
}

/**
 * Runs a command of drover as its user does, in a process of its own.
 *
 * @throws Error with what the command said, where it ends otherwise
 */
export async function runDrover({ url, args, exits = [0], env, cwd }: DroverCall): Promise<Ended> {
  const ended = await runProgram({
    program: process.execPath,
    args: [await builtDrover(), ...args],
    env: { ...env, DROVER_DATABASE_URL: url },
    ...(cwd === undefined ? {} : { cwd }),
  })
  if (exits.some((exit) => exit === ended.code)) return ended
  throw new Error(`drover ${args[0]} ended with ${ended.code}: ${ended.stderr}`)
}

/** How often the system is asked, in milliseconds. What it tells is the highest so far, so that only the last is missed. */
const pollMs = 50

function watchPeak(child: ChildProcess): () => number | undefined {
  let peak: number | undefined
  const look = async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(status) ?? []
    if (kilobytes !== undefined) peak = Number(kilobytes) * 1024
  }
  const timer = setInterval(look, pollMs)
  child.once('exit', () => clearInterval(timer))
  return () => peak
}
