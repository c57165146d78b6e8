import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Cluster, type Program, readLog, startProgram } from './cluster.ts'
import { explainFailure } from './failure.ts'

/** How the server stops: its sessions are ended in good order, or it ends as if it had crashed. */
export type StopMode = 'fast' | 'immediate'

/** How long the server may take to accept connections, which includes recovery after a crash, in milliseconds. */
const startTimeoutMs = 300_000
/** How long the server may take to stop before it is killed, in milliseconds. */
const stopTimeoutMs = 60_000
const pollMs = 15

/**
 * Starts the server and waits until it accepts connections: on the loopback address only, unless the settings say
 * otherwise, and not on a Unix socket, whose folder others could share and whose path is limited to 107 bytes.
 *
 * @throws DroverError with what the server's log says, or the signal's reason
 */
export async function startServer(cluster: Cluster, port: number, signal?: AbortSignal): Promise<Program> {
  const settings = {
    listen_addresses: '127.0.0.1',
    ...cluster.settings,
    port: String(port),
    unix_socket_directories: '',
    // Failures are told apart by what the log says.
    lc_messages: 'C',
  }
  const assignments = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const args = ['-D', cluster.dataDirectory, ...assignments]
  const server = startProgram(cluster, { program: 'postgres', args, role: 'server' })
  const deadline = performance.now() + startTimeoutMs
  while (!(await isReady(cluster, server))) {
    signal?.throwIfAborted()
    const isGone = await Promise.race([server.ended.then(() => true), sleep(pollMs, false)])
    if (isGone || performance.now() > deadline) {
      throw explainFailure(await readLog(cluster), { where: cluster.dataDirectory, port })
    }
  }
  // The server does not keep us from ending.
  server.process.unref()
  return server
}

/** Stops the server: `fast` ends sessions and writes everything down, `immediate` is a crash. */
export async function stopServer(cluster: Cluster, server: Program, mode: StopMode): Promise<void> {
  const { process: postmaster } = server
  if (postmaster.exitCode !== null || postmaster.signalCode !== null) return
  postmaster.ref()
  if (process.platform === 'win32') {
    // Windows has no signals: pg_ctl speaks to the server's named pipe.
    const args = ['stop', '-D', cluster.dataDirectory, '-m', mode]
    await startProgram(cluster, { program: 'pg_ctl', args, role: 'task' }).ended
  } else {
    postmaster.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
  }
  const timer = setTimeout(() => postmaster.kill('SIGKILL'), stopTimeoutMs)
  await server.ended
  clearTimeout(timer)
}

/** Line 1 of postmaster.pid is the server's process, line 8 its state, in every supported version. */
async function isReady(cluster: Cluster, server: Program): Promise<boolean> {
  const file = await readFile(join(cluster.dataDirectory, 'postmaster.pid'), 'utf8').catch(() => '')
  const lines = file.split('\n')
  return lines[0] === String(server.process.pid) && lines[7]?.trim() === 'ready'
}
