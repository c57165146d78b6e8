import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Host } from './network.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** How a command of drover ended. */
export interface Ended {
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A program that runs on a host. */
export interface Program {
  readonly ended: Promise<Ended>
  /** Sends it a line. */
  send(line: string): void
  stdout(): string
  /** What it has said on stderr so far. */
  stderr(): string
  kill(): void
}

/** Calls the command line on a host, or another program in TypeScript, as a process of its own there. */
export function startProgram(
  host: Host,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  program = main,
): Program {
  const [file, ...args] = host.command(process.execPath, '--conditions=source', '--no-warnings', program, ...words)
  const { PATH, HOME } = process.env
  const child = spawn(file, args, {
    env: { PATH, HOME, NODE_COMPILE_CACHE: join(tmpdir(), 'drover-test-compile-cache'), ...env },
    stdio: 'pipe',
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exit) => resolve({ exit, stdout, stderr }))
  })
  return {
    ended,
    send: (line) => void child.stdin.write(`${line}\n`),
    stdout: () => stdout,
    stderr: () => stderr,
    kill: () => void child.kill('SIGKILL'),
  }
}

/** The exit code of a run that has set rows aside, as this one does. */
const quarantined = 3

/** Resolves once all have ended, as those do whose run is loaded. */
export async function endAll(programs: readonly Program[]): Promise<void> {
  for (const { ended } of programs) {
    const { exit, stderr } = await ended
    assert.equal(exit, quarantined, stderr)
  }
}

/** `4.2 s` */
export const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`
