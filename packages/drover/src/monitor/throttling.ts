import type { Throttling } from '../ledger/sample.ts'
import type { ServerLimits } from './limits.ts'

const effects: Readonly<Record<Throttling['action'], (workers: number) => string>> = {
  wait: () => 'waits',
  'fewer-workers': (workers) => `works with ${workers} ${workers === 1 ? 'worker' : 'workers'}`,
  'smaller-chunks': () => 'makes smaller chunks',
}

/** `throttled and waits: a replica is 45 s behind, the limit is 30 s`: what it does, and why, without a full stop. */
export function describeThrottling({ action, workers, reason }: Omit<Throttling, 'process'>): string {
  return `throttled and ${effects[action](workers)}: ${reason}`
}

/** Of each limit, what only its reason says: the ledger keeps reasons as people read them, with their figures. */
const marks: Readonly<Record<keyof ServerLimits, RegExp>> = {
  replicationLagSeconds: /^a replica is .* behind,/,
  blockedSessions: / wait for locks of this run,/,
  activeSessions: / of others are active,/,
  walBytesPerSecond: / of log a second,/,
  databaseBytes: /^the database has /,
  chunkMs: /^nine of ten chunks take /,
}

/** The limit that the reason of a decision tells of; null where there was none, and where the server could not be read. */
export function limitOf(reason: string | null): keyof ServerLimits | null {
  const limits = Object.keys(marks) as (keyof ServerLimits)[]
  return limits.find((limit) => reason !== null && marks[limit].test(reason)) ?? null
}
