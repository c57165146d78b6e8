import { connect, type Socket } from 'node:net'

/** How long the other end of a connection may be silent before the connection counts as lost, in milliseconds. */
export const defaultSilenceMs = 20_000

/** How often a server looks at most whether the client of a statement is still there, in milliseconds. */
const longestCheckMs = 5_000

/**
 * What a transaction sets so that a server on Linux ends it when its client has vanished without a word: a machine that
 * lost its power or its network. Each setting is for another moment:
 *
 * - nothing is under way between the two: keepalive probes, of which the last is sent `silenceMs` after the last word;
 * - the server has answered, and nobody confirms it: `tcp_user_timeout`. No probes are sent then, and what the system
 *   would try by itself takes a quarter of an hour;
 * - the server works or waits for a lock, and does not read from the connection: `client_connection_check_interval`.
 */
export function serverSilence(silenceMs: number): Readonly<Record<string, string>> {
  const idleSeconds = Math.max(1, Math.round(silenceMs / 2_000))
  const intervalSeconds = Math.max(1, Math.round(silenceMs / 8_000))
  const count = Math.max(1, Math.ceil((silenceMs / 1_000 - idleSeconds) / intervalSeconds))
  return {
    tcp_keepalives_idle: `${idleSeconds}s`,
    tcp_keepalives_interval: `${intervalSeconds}s`,
    tcp_keepalives_count: String(count),
    tcp_user_timeout: `${silenceMs}ms`,
    client_connection_check_interval: `${Math.min(longestCheckMs, Math.ceil(silenceMs / 4))}ms`,
  }
}

/** What breaks a connection on which nothing more comes: the code that the system itself gives, later. */
function timedOut(): Error {
  return Object.assign(new Error('read ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'read' })
}

/**
 * Breaks a connection whose server has vanished without a word, and returns what ends the watch. The system sends
 * probes by itself only where all that was written has been confirmed; what has not been it tries to send for a quarter of
 * an hour, and Node cannot set how long. So while a connection is silent, a new one to the same address is tried. Where
 * that is answered, even by a refusal, the old one is left to the system: its words come through, or are refused.
 */
export function watchSilence(socket: Socket, silenceMs: number): () => void {
  const { remoteAddress: host, remotePort: port } = socket
  // A local socket cannot lose its network.
  if (host === undefined || port === undefined) return () => {}
  let bytes = carriedBy(socket)
  let silentSinceMs = performance.now()
  let probing: 'not yet' | 'now' | 'answered' | 'ended' = 'not yet'
  const heard = () => {
    if (carriedBy(socket) === bytes) return false
    bytes = carriedBy(socket)
    silentSinceMs = performance.now()
    return true
  }
  const look = async () => {
    if (probing === 'now') return
    if (heard()) probing = 'not yet'
    if (probing !== 'not yet' || performance.now() - silentSinceMs < silenceMs / 2) return
    probing = 'now'
    const answers = await isAnswered(host, port, silenceMs / 4)
    // Whoever has the connection by now has a watch of his own.
    if (probing !== 'now') return
    probing = answers ? 'answered' : 'not yet'
    if (!heard() && !answers && performance.now() - silentSinceMs >= silenceMs) socket.destroy(timedOut())
  }
  const timer = setInterval(look, silenceMs / 8).unref()
  return () => {
    probing = 'ended'
    clearInterval(timer)
  }
}

/** Bytes in either direction so far. */
function carriedBy({ bytesRead, bytesWritten }: Socket): number {
  return bytesRead + bytesWritten
}

/** Whether a machine says anything to someone who wants to connect, within the time. */
function isAnswered(host: string, port: number, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ host, port })
    const end = (answers: boolean) => {
      clearTimeout(timer)
      probe.destroy()
      resolve(answers)
    }
    const timer = setTimeout(() => end(false), withinMs)
    probe.once('connect', () => end(true))
    // A port that is closed was refused by its machine; anything else is told by the way there.
    probe.once('error', ({ code }: NodeJS.ErrnoException) => end(code === 'ECONNREFUSED'))
  })
}
