import type { Config } from '../config.ts'
import { defaultPatience } from '../db/patience.ts'
import type { QuarantineLimit } from '../ledger/run.ts'
import { defaultServerLimits } from '../monitor/limits.ts'
import { defaultPace } from '../run/pace.ts'
import type { WorkOptions } from '../run/run.ts'
import { defaultLimits, defaultWorkers } from '../run/worker.ts'
import { quarantineLimit } from './flags.ts'

/** The flags that say how a process works. */
export interface SettingFlags {
  readonly workers?: number
  /** In milliseconds, as the next one. */
  readonly chunkSeconds?: number
  readonly reconnect?: number
  readonly asyncCommit?: boolean
}

/** How a process works: everything of {@link WorkOptions} that is a setting. */
export type WorkSettings = Required<
  Pick<WorkOptions, 'workers' | 'pace' | 'limits' | 'serverLimits' | 'memory' | 'asyncCommit'>
>

/** What holds of flags, settings and defaults: the first that says something. */
export function settle(flags: SettingFlags, config: Config): WorkSettings {
  return {
    workers: flags.workers ?? config.workers ?? defaultWorkers,
    pace: {
      ...defaultPace,
      ms: flags.chunkSeconds ?? msOf(config.chunkSeconds) ?? defaultPace.ms,
      mostBytes: config.chunkBytes ?? defaultPace.mostBytes,
    },
    limits: {
      ...defaultLimits,
      ...config.limits,
      patience: {
        ...defaultPatience,
        outageMs: flags.reconnect ?? msOf(config.reconnectSeconds) ?? defaultPatience.outageMs,
      },
    },
    serverLimits: { ...defaultServerLimits, ...config.serverLimits },
    memory: config.memory ?? {},
    asyncCommit: flags.asyncCommit ?? config.asyncCommit ?? false,
  }
}

function msOf(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1000)
}

/** The rows that the database may refuse, by flag or settings; undefined where neither says so. */
export function settleQuarantine(flag: QuarantineLimit | undefined, config: Config): QuarantineLimit | undefined {
  return flag ?? (config.maxQuarantined === undefined ? undefined : quarantineLimit(String(config.maxQuarantined)))
}
