import { isWhole } from '../../db/connection-string.ts'
import type { ReadConfig } from '../config-file.ts'
import { renderTable } from '../table.ts'
import { settingIn } from './join.ts'
import { type SettingKey, variableOf } from './key.ts'
import { settings } from './table.ts'

/** A setting, what holds, and where that stands. */
export interface HeldSetting {
  readonly setting: string
  /** As JSON has it; without user and password where it may hold them. Null: nothing is set, or there is no limit. */
  readonly value: unknown
  /** A variable, `workers in drover.config.ts`, or `default`. */
  readonly from: string
  readonly variable: string
}

/** All settings, in the order of their table. */
export function heldSettings({ settings: config, origins }: ReadConfig): readonly HeldSetting[] {
  return Object.entries(settings).map(([setting, { default: byDefault = null, isSecret }]) => {
    const key = setting as SettingKey
    const value = settingIn(config, key)
    return {
      setting,
      value: value === undefined ? byDefault : isSecret ? withoutSecrets(String(value)) : value,
      from: origins.get(key) ?? 'default',
      variable: variableOf(key),
    }
  })
}

/** As a table for people. */
export function renderSettings(held: readonly HeldSetting[]): string {
  const columns = ['setting', 'value', 'from'].map((title) => ({ title, align: 'left' }) as const)
  return renderTable({ columns, rows: held.map((each) => [each.setting, renderValue(each), placeOf(each)]) })
}

/** Host, port and database. A string by which no server is found may be a password written wrongly: none of it is shown. */
function withoutSecrets(url: string): string {
  if (!isWhole(url)) return '(no connection string)'
  const { protocol, hostname, port, pathname } = new URL(url)
  return `${protocol}//${hostname}${port && `:${port}`}${pathname}`
}

function renderValue({ setting, value }: HeldSetting): string {
  if (value === null) return settings[setting as SettingKey].otherwise === undefined ? 'no limit' : '–'
  if (typeof value === 'number') return value.toLocaleString('en-US')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The name of the setting stands in the row already. */
function placeOf({ setting, from }: HeldSetting): string {
  return from.startsWith(`${setting} in `) ? from.slice(`${setting} in `.length) : from
}
