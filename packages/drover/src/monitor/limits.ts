import type { ServerLimits } from '../config.ts'

export type { ServerLimits }

/**
 * Limits that keep a run from harming others without slowing one that has the server for itself. There is no source for
 * the figures but judgement: a replica half a minute behind is stale for most readers, and whoever waits for a lock for a
 * second notices.
 */
export const defaultServerLimits: ServerLimits = {
  replicationLagSeconds: 30,
  blockedSessions: 0,
  activeSessions: null,
  walBytesPerSecond: null,
  databaseBytes: null,
  chunkMs: 10_000,
}
