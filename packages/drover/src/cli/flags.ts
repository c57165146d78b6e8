import { InvalidArgumentError } from 'commander'
import type { QuarantineLimit } from '../ledger/run.ts'
import { rowsOrPart, type SettingType, seconds, wholeNumber as wholeNumbers } from './settings/types.ts'

/** A repeatable flag whose value may also list several with commas. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [
    ...(before ?? []),
    ...value
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  ]
}

/** The same of words of a list. */
export function collectOf(words: readonly string[]) {
  return (value: string, before: readonly string[] | undefined): readonly string[] => {
    const all = collect(value, before)
    const unknown = all.find((word) => !words.includes(word))
    if (unknown === undefined) return all
    throw new InvalidArgumentError(`${unknown} is not one of ${words.join(', ')}.`)
  }
}

/** A repeatable flag whose value is taken as it is: a key may hold a comma. */
export function collectWhole(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}

/** A whole number above zero. */
export function wholeNumber(text: string): number {
  return meaningOf(wholeNumbers, text)
}

/** Seconds above zero, as milliseconds. */
export function secondsAsMs(text: string): number {
  return Math.round(meaningOf(seconds, text) * 1000)
}

/** A number of rows, or a percentage of a mapping's source rows. */
export function quarantineLimit(text: string): QuarantineLimit {
  const value = meaningOf(rowsOrPart, text)
  return typeof value === 'number' ? { rows: value } : { percent: Number.parseFloat(value) }
}

/** What a text stands for, as in the environment. */
function meaningOf<T>(type: SettingType<T>, text: string): T {
  const value = type.read(text)
  if (type.holds(value)) return value
  throw new InvalidArgumentError(`It must ${type.mustText ?? type.must}.`)
}

const secondsOf: Readonly<Record<string, number>> = { h: 3600, d: 86_400, w: 7 * 86_400 }

/** An age in hours, days or weeks, as seconds. */
export function age(value: string): number {
  const [, number, unit] = /^(\d{1,6})([hdw])$/.exec(value) ?? []
  if (number !== undefined) return Number(number) * secondsOf[unit!]!
  throw new InvalidArgumentError('It must be a number of hours, days or weeks: 12h, 90d, 8w.')
}

/** The number of a run. */
export function runNumber(value: string): string {
  if (/^\d{1,18}$/.test(value)) return value
  throw new InvalidArgumentError('A run is named by its number; drover status lists them.')
}
