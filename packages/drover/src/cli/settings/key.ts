import type { Config, MemorySizes, ServerLimits, TimeLimits } from '../../config.ts'

type Group = 'serverLimits' | 'limits' | 'memory'

/** A setting by its path in a config file, such as `limits.lockMs`. */
export type SettingKey =
  | Exclude<keyof Config, Group>
  | `serverLimits.${keyof ServerLimits}`
  | `limits.${keyof TimeLimits}`
  | `memory.${keyof MemorySizes}`

/** The environment variable of a setting: `DROVER_LIMITS_LOCK_MS` of `limits.lockMs`. */
export function variableOf(key: string): string {
  return `DROVER_${key.replace(/[A-Z]/g, '_$&').replaceAll('.', '_').toUpperCase()}`
}
