import { type ChildProcess, spawn } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Account } from './account.ts'
import { explainFailure } from './failure.ts'

/** A data directory and the binaries that serve it. */
export interface Cluster {
  readonly binaries: string
  readonly account: Account | undefined
  readonly dataDirectory: string
  readonly logFile: string
  readonly settings: Readonly<Record<string, string>>
}

/** How long the server may take to accept connections, and to stop, in milliseconds. */
const startTimeoutMs = 60_000
const stopTimeoutMs = 60_000
const pollMs = 15

/** Makes a data directory whose superuser is `postgres` with the given password. */
export async function initialise(cluster: Cluster, password: string, folder: string): Promise<void> {
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, password, { mode: 0o600 })
  await mkdir(cluster.dataDirectory, { recursive: true, mode: 0o700 })
  if (cluster.account) {
    await chown(passwordFile, cluster.account.uid, cluster.account.gid)
    await chown(cluster.dataDirectory, cluster.account.uid, cluster.account.gid)
  }
  const { code, output } = await runProgram(cluster, 'initdb', [
    `--pgdata=${cluster.dataDirectory}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-sync',
  ])
  await rm(passwordFile, { force: true })
  if (code !== 0) throw explainFailure(output, { dataDirectory: cluster.dataDirectory, port: 0 })
}

/** Starts the server and waits until it accepts connections. Rejects with what its log says when it does not. */
export async function startServer(cluster: Cluster, port: number): Promise<ChildProcess> {
  await rm(cluster.logFile, { force: true })
  const log = openSync(cluster.logFile, 'a')
  const settings = {
    ...cluster.settings,
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
  }
  const server = spawn(
    join(cluster.binaries, 'bin', 'postgres'),
    ['-D', cluster.dataDirectory, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    // A session of its own: Ctrl-C in the terminal is for us, and we stop the server in order.
    { ...spawnOptions(cluster), detached: true, stdio: ['ignore', log, log] },
  )
  const ended = new Promise<void>((resolve) => {
    server.once('exit', () => resolve())
    server.once('error', () => resolve())
  })
  const deadline = performance.now() + startTimeoutMs
  while (!(await isReady(cluster, server))) {
    const gone = await Promise.race([ended.then(() => true), sleep(pollMs).then(() => false)])
    if (gone || performance.now() > deadline) {
      server.kill('SIGQUIT')
      throw explainFailure(readFileSync(cluster.logFile, 'utf8'), { dataDirectory: cluster.dataDirectory, port })
    }
  }
  server.unref()
  return server
}

/** Stops the server: `fast` ends sessions and writes everything down, `immediate` is a crash. */
export async function stopServer(cluster: Cluster, server: ChildProcess, mode: 'fast' | 'immediate'): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  server.ref()
  if (process.platform === 'win32') {
    await runProgram(cluster, 'pg_ctl', ['stop', '-D', cluster.dataDirectory, '-m', mode])
  } else {
    server.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
  }
  const timer = setTimeout(() => server.kill('SIGKILL'), stopTimeoutMs)
  await ended
  clearTimeout(timer)
}

/** Line 1 of postmaster.pid is the server's process, line 8 its state, in every supported version. */
async function isReady(cluster: Cluster, server: ChildProcess): Promise<boolean> {
  const file = await readFile(join(cluster.dataDirectory, 'postmaster.pid'), 'utf8').catch(() => '')
  const lines = file.split('\n')
  return lines[0] === String(server.pid) && lines[7]?.trim() === 'ready'
}

function runProgram(
  cluster: Cluster,
  program: string,
  args: readonly string[],
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(join(cluster.binaries, 'bin', program), args, { ...spawnOptions(cluster), stdio: 'pipe' })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.once('error', (error) => resolve({ code: 1, output: error.message }))
    child.once('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

/** The server's environment is its own: nothing of ours may steer it. `/` because our folder may be closed to it. */
function spawnOptions(cluster: Cluster) {
  return {
    cwd: process.platform === 'win32' ? undefined : '/',
    env: { PATH: process.env.PATH, SystemRoot: process.env.SystemRoot, LC_ALL: 'C', TZ: 'UTC' },
    windowsHide: true,
    ...cluster.account,
  }
}
