/** What a text tells of a time. */
export interface IsoReading {
  /** Milliseconds, as if the clock stood in Greenwich. */
  readonly shownMs: number
  /** The fraction of the second, which `shownMs` is without. */
  readonly microseconds: number
  /** Digits other than zero stood behind the microseconds. */
  readonly isCutOff: boolean
  /** How far the clock is ahead of Greenwich; undefined where the text does not tell. */
  readonly offsetMinutes: number | undefined
}

/**
 * Reads ISO 8601 by the words of `instantFromText`'s documentation, character by character: written apart from it, so that
 * the two check each other. Undefined for every other text.
 */
export function readIso(text: string): IsoReading | undefined {
  let at = 0
  const isDigit = () => at < text.length && text[at]! >= '0' && text[at]! <= '9'
  const digits = (least: number, most: number) => {
    const from = at
    while (isDigit() && at - from < most) at++
    return at - from < least ? undefined : text.slice(from, at)
  }
  const number = (length: number, most: number) => {
    const taken = digits(length, length)
    return taken === undefined || Number(taken) > most ? undefined : Number(taken)
  }
  const takes = (chars: string) => {
    const isThere = at < text.length && chars.includes(text[at]!)
    if (isThere) at++
    return isThere
  }

  const year = number(4, 9999)
  const month = takes('-') ? number(2, 12) : undefined
  const day = takes('-') ? number(2, 31) : undefined
  const hour = takes('Tt ') ? number(2, 23) : undefined
  const minute = takes(':') ? number(2, 59) : undefined
  const hasSecond = minute !== undefined && takes(':')
  const second = hasSecond ? number(2, 59) : 0
  const fraction = hasSecond && takes('.') ? digits(1, 9) : ''
  const offsetMinutes = takes('Zz') ? 0 : readOffset()
  if (at < text.length || !year || !month || !day || hour === undefined || minute === undefined) return undefined
  if (second === undefined || fraction === undefined || Number.isNaN(offsetMinutes)) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCDate() !== day) return undefined
  return {
    shownMs: date.setUTCHours(hour, minute, second),
    microseconds: Number(fraction.slice(0, 6).padEnd(6, '0')),
    isCutOff: /[1-9]/.test(fraction.slice(6)),
    offsetMinutes,
  }

  /** Not a number where a sign is followed by none. */
  function readOffset(): number | undefined {
    const sign = takes('+') ? 1 : takes('-') ? -1 : undefined
    if (sign === undefined) return undefined
    const hours = number(2, 15) ?? Number.NaN
    const minutes = takes(':') || isDigit() ? (number(2, 59) ?? Number.NaN) : 0
    return sign * (hours * 60 + minutes)
  }
}
