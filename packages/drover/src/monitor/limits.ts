/** What a run may ask of the server at most. Null: no limit. */
export interface ServerLimits {
  /** How far the slowest replica may be behind, in seconds. */
  readonly replicationLagSeconds: number | null
  /** How many sessions of others may wait for a lock that the run holds, for longer than a second. */
  readonly blockedSessions: number | null
  /** How many sessions of others may be active at once. */
  readonly activeSessions: number | null
  /** How much write-ahead log the server may write in a second, by whomever, in bytes. */
  readonly walBytesPerSecond: number | null
  /** How large the database may become, in bytes. */
  readonly databaseBytes: number | null
  /** How long nine out of ten chunks may take, in milliseconds. */
  readonly chunkMs: number | null
}

/**
 * ServerLimits that keep a run from harming others without slowing one that has the server for itself. There is no source for
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
