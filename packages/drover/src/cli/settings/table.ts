import { defaultPatience } from '../../db/patience.ts'
import { defaultServerLimits } from '../../monitor/limits.ts'
import { defaultPace } from '../../run/pace.ts'
import { defaultLimits, defaultWorkers } from '../../run/worker.ts'
import type { SettingKey } from './key.ts'
import {
  bytes,
  connection,
  distributedTables,
  limit,
  milliseconds,
  rowsOrPart,
  type SettingType,
  schemaNames,
  seconds,
  silence,
  size,
  wholeNumber,
  yesOrNo,
} from './types.ts'

/** One setting: what it takes, what holds where nothing is said, and what for. */
export interface Setting {
  readonly type: SettingType
  readonly meaning: string
  /** The commands that it has a say in. */
  readonly commands: string
  /** What holds where nothing is said; undefined where `otherwise` tells it. */
  readonly default?: unknown
  /** In words: what holds where nothing is said, and no value stands for it. */
  readonly otherwise?: string
  /** The flag that says it for one call. */
  readonly flag?: string
  /** A variable that many programs read, behind drover's own. */
  readonly commonVariable?: string
  /** Whether it may hold a password: it is never shown. */
  readonly isSecret?: true
}

const runs = '`run`, `resume`, `worker`'

/**
 * Every setting, in the order in which a project meets them. A config file, the environment and the documents have the
 * same.
 */
export const settings: Readonly<Record<SettingKey, Setting>> = {
  databaseUrl: {
    type: connection,
    meaning: 'The target database.',
    commands: 'all that need a database',
    otherwise: 'it must be named',
    flag: '--database-url',
    commonVariable: 'DATABASE_URL',
    isSecret: true,
  },
  sourceUrl: {
    type: connection,
    meaning:
      'The database that is the source, where it is another one. `drover types` reads it where its flag names it.',
    commands: '`land`, `run`',
    otherwise: 'the target is the source',
    flag: '--source-url',
    isSecret: true,
  },
  landAs: {
    type: schemaNames,
    meaning: 'Schemas of the source that have another name in the target.',
    commands: '`land`, `run`, `types --source-url`',
    otherwise: 'all keep their names',
    flag: '--as',
  },
  landDistributed: {
    type: distributedTables,
    meaning: 'Tables that land spread over the nodes of a cluster (Citus), and the column by which.',
    commands: '`land`, `run`',
    otherwise: 'all land on the coordinator',
    flag: '--distribute',
  },
  scratchDatabaseUrl: {
    type: connection,
    meaning: 'An empty database, made for rehearsals.',
    commands: '`rehearse`',
    otherwise: 'an embedded PostgreSQL',
    flag: '--scratch-database-url',
    isSecret: true,
  },
  workers: {
    type: wholeNumber,
    meaning: 'What one process does at the same time: chunks, parts of tables, questions.',
    commands: `${runs}, \`land\`, \`rehearse\`, \`verify\`, \`rollback\``,
    default: defaultWorkers,
    flag: '--workers',
  },
  chunkSeconds: {
    type: seconds,
    meaning: 'How long a chunk should take.',
    commands: runs,
    default: defaultPace.ms / 1000,
    flag: '--chunk-seconds',
  },
  chunkBytes: {
    type: bytes,
    meaning: 'How much of the source one chunk may take; what it writes is of that order.',
    commands: runs,
    default: defaultPace.mostBytes,
  },
  reconnectSeconds: {
    type: seconds,
    meaning: 'How long to wait for a server that restarts or is out of reach.',
    commands: `${runs}, \`rollback\``,
    default: defaultPatience.outageMs / 1000,
    flag: '--reconnect',
  },
  asyncCommit: {
    type: yesOrNo,
    meaning: 'Whether a chunk is confirmed before it is on the disk ([commits](operations.md#commits)).',
    commands: runs,
    default: false,
    flag: '--async-commit',
  },
  maxQuarantined: {
    type: rowsOrPart,
    meaning: 'Rows of a mapping that the database may refuse before the run stops: a number, or a part of its source.',
    commands: '`run`',
    default: 100,
    flag: '--max-quarantined',
  },
  'memory.workMem': {
    type: size,
    meaning: '`work_mem` of chunks and steps: for each sort and hash of a statement.',
    commands: runs,
    otherwise: '[by what the server has](operations.md#memory)',
  },
  'memory.maintenanceWorkMem': {
    type: size,
    meaning: '`maintenance_work_mem` of steps: for each index that is built.',
    commands: runs,
    otherwise: '[by what the server has](operations.md#memory)',
  },
  'limits.chunkStatementMs': {
    type: milliseconds,
    meaning: 'A statement of a chunk: one that takes longer is tried again with half the rows.',
    commands: `${runs}, \`rollback\``,
    default: defaultLimits.chunkStatementMs,
  },
  'limits.stepStatementMs': {
    type: milliseconds,
    meaning: 'A statement that prepares or closes a mapping.',
    commands: `${runs}, \`rollback\``,
    default: defaultLimits.stepStatementMs,
  },
  'limits.lockMs': {
    type: milliseconds,
    meaning: 'A lock that a statement waits for.',
    commands: `${runs}, \`rollback\``,
    default: defaultLimits.lockMs,
  },
  'limits.idleMs': {
    type: milliseconds,
    meaning: 'A transaction that stands still: also the time that a function in JavaScript has for one chunk.',
    commands: `${runs}, \`rollback\``,
    default: defaultLimits.idleMs,
  },
  'limits.silenceMs': {
    type: silence,
    meaning: 'Silence of the network, on both sides, after which a connection counts as lost.',
    commands: 'all that need a database',
    default: defaultLimits.silenceMs,
  },
  'serverLimits.replicationLagSeconds': {
    type: limit,
    meaning: 'How far the slowest replica may be behind, in seconds.',
    commands: runs,
    default: defaultServerLimits.replicationLagSeconds,
  },
  'serverLimits.blockedSessions': {
    type: limit,
    meaning: 'How many sessions of others may wait for a lock of the run, for longer than a second.',
    commands: runs,
    default: defaultServerLimits.blockedSessions,
  },
  'serverLimits.activeSessions': {
    type: limit,
    meaning: 'How many sessions of others may be active at once.',
    commands: runs,
    default: defaultServerLimits.activeSessions,
  },
  'serverLimits.walBytesPerSecond': {
    type: limit,
    meaning: 'How much write-ahead log the server may write in a second, by whomever, in bytes.',
    commands: runs,
    default: defaultServerLimits.walBytesPerSecond,
  },
  'serverLimits.databaseBytes': {
    type: limit,
    meaning: 'How large the database may become, in bytes.',
    commands: runs,
    default: defaultServerLimits.databaseBytes,
  },
  'serverLimits.chunkMs': {
    type: limit,
    meaning: 'How long nine out of ten chunks may take, in milliseconds.',
    commands: runs,
    default: defaultServerLimits.chunkMs,
  },
}

/** Variables that are no settings of a project, and what they say. */
export const furtherVariables: Readonly<Record<string, string>> = {
  DROVER_CONFIG: 'The config file, where `--config` does not name one.',
  DROVER_SERVE_TOKEN: 'The secret in the address of `drover serve`: at least 32 letters, digits, `-` or `_`.',
  DROVER_TEST_DATABASE_URL: "A server of one's own for `drover/testing`, in place of an embedded one.",
  DEBUG: 'Any value: stack traces with errors, as `--verbose`.',
  NO_COLOR: 'Any value: no colours.',
}
