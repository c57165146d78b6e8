import type { ServerLimits } from './limits.ts'
import type { Pressure } from './sample.ts'

/** What the workers may do until the next sample. Throttled is not stalled: it always has a reason. */
export type Decision =
  | { readonly action: 'go' }
  | {
      /** `wait`: no new chunk · `fewer-workers`: one less than now · `smaller-chunks`: half the time for a chunk. */
      readonly action: 'wait' | 'fewer-workers' | 'smaller-chunks'
      /** What was exceeded; null where the server did not tell its state. */
      readonly limit: keyof ServerLimits | null
      /** One sentence without its full stop, with the figure and the limit. */
      readonly reason: string
    }

/**
 * Judges a sample: what harms others most comes first. `previous` is the sample before, from which rates are made. A
 * server whose state could not be read (`sample` undefined) is let alone: the governor fails closed.
 */
export function decide(sample: Pressure | undefined, previous: Pressure | undefined, limits: ServerLimits): Decision {
  if (sample === undefined) return { action: 'wait', limit: null, reason: 'the state of the server could not be read' }
  const { replicationLagSeconds, blockedSessions, activeSessions, databaseBytes, chunkMs } = sample
  if (isOver(replicationLagSeconds, limits.replicationLagSeconds)) {
    return wait(
      'replicationLagSeconds',
      `a replica is ${round(replicationLagSeconds!)} s behind, the limit is ${limits.replicationLagSeconds} s`,
    )
  }
  if (isOver(blockedSessions, limits.blockedSessions)) {
    return wait(
      'blockedSessions',
      `sessions of others that wait for locks of this run: ${blockedSessions}, the limit is ${limits.blockedSessions}`,
    )
  }
  if (isOver(databaseBytes, limits.databaseBytes)) {
    return wait(
      'databaseBytes',
      `the database has ${megabytes(databaseBytes)}, the limit is ${megabytes(limits.databaseBytes!)}`,
    )
  }
  if (isOver(activeSessions, limits.activeSessions)) {
    return fewer(
      'activeSessions',
      `active sessions of others: ${activeSessions}, the limit is ${limits.activeSessions}`,
    )
  }
  const wal = walBytesPerSecond(sample, previous)
  if (isOver(wal, limits.walBytesPerSecond)) {
    return fewer(
      'walBytesPerSecond',
      `the server writes ${megabytes(wal!)} of log a second, the limit is ${megabytes(limits.walBytesPerSecond!)}`,
    )
  }
  if (isOver(chunkMs, limits.chunkMs)) {
    const reason = `nine of ten chunks take up to ${round(chunkMs! / 1000)} s, the limit is ${round(limits.chunkMs! / 1000)} s`
    return { action: 'smaller-chunks', limit: 'chunkMs', reason }
  }
  return { action: 'go' }
}

/** The rate between two samples, in bytes; null where it cannot be told. */
export function walBytesPerSecond(sample: Pressure, previous: Pressure | undefined): number | null {
  if (previous === undefined || sample.walBytes === null || previous.walBytes === null) return null
  const seconds = (sample.atMs - previous.atMs) / 1000
  return seconds > 0 ? (sample.walBytes - previous.walBytes) / seconds : null
}

function isOver(value: number | null, limit: number | null): boolean {
  return value !== null && limit !== null && value > limit
}

function wait(limit: keyof ServerLimits, reason: string): Decision {
  return { action: 'wait', limit, reason }
}

function fewer(limit: keyof ServerLimits, reason: string): Decision {
  return { action: 'fewer-workers', limit, reason }
}

function megabytes(bytes: number): string {
  return `${round(bytes / 1_000_000)} MB`
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10)
}
