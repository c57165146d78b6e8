import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** A process that starts a server and holds it. */
export interface Parent {
  /** TMPDIR of the process. */
  readonly temporaryFolder: string
  /** Default: it stays until it is killed. */
  readonly ending?: 'stays' | 'ends'
  readonly dataDirectory?: string
  readonly uid?: number
  /** The file that exports `startEmbedded`. Default: the source. */
  readonly launcher?: string
  readonly script?: string
}

export interface StartedServer {
  readonly port: number
  readonly url: string
  readonly dataDirectory: string
}

export const parentScript = fileURLToPath(new URL('parent.ts', import.meta.url))
export const launcherSource = fileURLToPath(new URL('../../src/embedded/index.ts', import.meta.url))

/** Starts the process in a process group of its own, as a shell does with a command. It does not outlive the test. */
export function spawnParent(parent: Parent): ChildProcess {
  const { script = parentScript, launcher = launcherSource, ending = 'stays', dataDirectory = '' } = parent
  const child = spawn(process.execPath, [script, launcher, ending, dataDirectory], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: '/',
    env: { PATH: process.env.PATH, TMPDIR: parent.temporaryFolder, HOME: parent.temporaryFolder },
    detached: true,
    ...(parent.uid !== undefined && { uid: parent.uid, gid: parent.uid }),
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child
}

/** Starts the process and waits until its server is ready. */
export async function startInChild(parent: Parent): Promise<{ child: ChildProcess; server: StartedServer }> {
  const child = spawnParent(parent)
  for await (const line of createInterface({ input: child.stdout! })) {
    return { child, server: JSON.parse(line) as StartedServer }
  }
  throw new Error('the parent ended before its server was ready')
}
