import { InvalidArgumentError } from 'commander'
import type { QuarantineLimit } from '../ledger/run.ts'

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

/** A repeatable flag whose value is taken as it is: a key may hold a comma. */
export function collectWhole(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}

/** A whole number above zero. */
export function wholeNumber(value: string): number {
  const number = Number(value)
  if (/^\d+$/.test(value) && number > 0 && number <= 1_000_000_000) return number
  throw new InvalidArgumentError('It must be a whole number above 0.')
}

/** Seconds above zero, as milliseconds. */
export function secondsAsMs(value: string): number {
  const ms = Math.round(Number(value) * 1000)
  if (/^\d+(\.\d+)?$/.test(value) && ms > 0 && ms <= 86_400_000) return ms
  throw new InvalidArgumentError('It must be a number of seconds above 0, at most a day.')
}

/** A number of rows, or a percentage of a mapping's source rows. */
export function quarantineLimit(value: string): QuarantineLimit {
  const [, number, percent] = /^(\d{1,9}(?:\.\d{1,6})?)(%?)$/.exec(value) ?? []
  if (number !== undefined && percent === '%' && Number(number) <= 100) return { percent: Number(number) }
  if (number !== undefined && percent === '' && !number.includes('.')) return { rows: Number(number) }
  throw new InvalidArgumentError('It must be a number of rows, or a percentage up to 100%.')
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
