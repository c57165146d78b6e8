import type { Config } from '../../config.ts'
import type { Named } from './environment.ts'
import type { SettingKey } from './key.ts'
import { settings } from './table.ts'

/** The settings of both, and where each of them stands. What the environment names goes before what the file has written. */
export function joinSettings(
  written: object,
  file: string | undefined,
  named: readonly Named[],
): { readonly settings: Config; readonly origins: ReadonlyMap<SettingKey, string> } {
  const values = new Map<SettingKey, unknown>()
  const origins = new Map<SettingKey, string>()
  for (const key of Object.keys(settings) as SettingKey[]) {
    const value = settingIn(written, key)
    // What is undefined takes the place of no default.
    if (value === undefined) continue
    values.set(key, value)
    origins.set(key, `${key} in ${file}`)
  }
  for (const { key, value, variable } of named) {
    values.set(key, value)
    origins.set(key, variable)
  }
  return { settings: nested(values), origins }
}

/** The value of a setting by its path; undefined where it is left out. */
export function settingIn(config: object, key: SettingKey): unknown {
  return key.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], config)
}

function nested(values: ReadonlyMap<SettingKey, unknown>): Config {
  const config: Record<string, unknown> = {}
  for (const [key, value] of values) {
    const [name, within] = key.split('.') as [string, string?]
    config[name] = within === undefined ? value : { ...(config[name] as object | undefined), [within]: value }
  }
  return config
}
