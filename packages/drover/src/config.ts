/**
 * What a project sets once, in `drover.config.ts` beside its migrations: `export default { … } satisfies Config`. A flag
 * or an environment variable that says otherwise goes first: `DROVER_LIMITS_LOCK_MS` is the one of `limits.lockMs`.
 */
export interface Config {
  /** The target database, as `postgresql://user:password@host:5432/database`. It is never printed. */
  readonly databaseUrl?: string | undefined
  /**
   * The database that is the source, where it is another one: `drover land` and `drover run` land it. It is never
   * printed.
   */
  readonly sourceUrl?: string | undefined
  /** Schemas of the source that have another name in the target: `{ public: 'legacy' }`. */
  readonly landAs?: Readonly<Record<string, string>>
  /** Tables that land spread over the nodes of a cluster, by which column: `{ 'legacy.visits': 'clinic_id' }`. */
  readonly landDistributed?: Readonly<Record<string, string>>
  /** An empty database, made for rehearsals. Default: an embedded PostgreSQL. It is never printed. */
  readonly scratchDatabaseUrl?: string | undefined
  /** What a run may ask of the server at most; beyond, it waits or works with less. */
  readonly serverLimits?: Partial<ServerLimits>
  /** How long a statement and a lock may take. */
  readonly limits?: Partial<TimeLimits>
  /** What one process does at the same time: chunks, parts of tables that land, questions of a verification. Default 2. */
  readonly workers?: number
  /** How long a chunk should take, in seconds. Default 1. */
  readonly chunkSeconds?: number
  /** How much of the source one chunk may take, in bytes; what it writes is of that order. Default 256 MB (268,435,456). */
  readonly chunkBytes?: number
  /** How long to wait for a server that restarts or is out of reach, in seconds. Default 300. */
  readonly reconnectSeconds?: number
  /**
   * Whether a chunk is confirmed before it is on the disk. A crash of the server then loses the last chunks whole, and they
   * are done again; what closes a mapping or a run always waits for the disk. Default false.
   */
  readonly asyncCommit?: boolean
  /** Memory for sorts and index builds. Default: decided from what the server has. */
  readonly memory?: Partial<MemorySizes>
  /**
   * Rows of a mapping that the database may refuse before the run stops: a number, or a part of the source such as
   * `'0.5%'`. Default 100.
   */
  readonly maxQuarantined?: number | `${number}%`
}

/** What a run may ask of the server at most. Null: no limit. */
export interface ServerLimits {
  /** How far the slowest replica may be behind, in seconds. Default 30. */
  readonly replicationLagSeconds: number | null
  /** How many sessions of others may wait for a lock that the run holds, for longer than a second. Default 0. */
  readonly blockedSessions: number | null
  /** How many sessions of others may be active at once. Default null. */
  readonly activeSessions: number | null
  /** How much write-ahead log the server may write in a second, by whomever, in bytes. Default null. */
  readonly walBytesPerSecond: number | null
  /** How large the database may become, in bytes. Default null. */
  readonly databaseBytes: number | null
  /** How long nine out of ten chunks may take, in milliseconds. Default 10,000. */
  readonly chunkMs: number | null
}

/** A size as PostgreSQL writes it: `64MB`. */
type Size = `${number}MB` | `${number}GB`

/** What drover sets in its own transactions, and nowhere else. */
export interface MemorySizes {
  /** `work_mem` of chunks and steps: for each sort and hash of a statement. */
  readonly workMem: Size
  /** `maintenance_work_mem` of steps: for each index that is built. */
  readonly maintenanceWorkMem: Size
}

/** How long things may take, in milliseconds. */
export interface TimeLimits {
  /** A statement of a chunk: one that takes longer is tried again with half the rows. Default 10 minutes. */
  readonly chunkStatementMs: number
  /** A statement that prepares or closes a mapping. Default 6 hours. */
  readonly stepStatementMs: number
  /** A lock that a statement waits for. Default 30 seconds. */
  readonly lockMs: number
  /** A transaction that stands still: the time that a row function may take for one chunk. Default 1 minute. */
  readonly idleMs: number
  /**
   * Silence of the network, on the server's side and on drover's, after which a connection counts as lost: a worker whose
   * machine has vanished frees its chunk. Two seconds at least. Default 20 seconds.
   */
  readonly silenceMs: number
}
