/**
 * What a text means as a number, by the words of `decimal`'s documentation: written apart from it, with strings and
 * BigInt, so that the two check each other.
 */
export type Reading =
  /** `units` are those of the last digit kept: millionths where the scale is 6. */
  | { readonly kind: 'number'; readonly units: bigint; readonly isRounded: boolean }
  | Unread
  /** A number, but one that the precision has no room for. */
  | { readonly kind: 'too-large' }

/** All digits of a number: `digits` without the point that stands before the last `places` of them. */
export type ExactReading = { readonly kind: 'number'; readonly digits: bigint; readonly places: number } | Unread

type Unread = { readonly kind: 'ambiguous' } | { readonly kind: 'refused' }

export type Locale = 'en' | 'eu' | 'ch' | null

const refused: Unread = { kind: 'refused' }
const blanks = new Set(
  [
    ...[0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x2060, 0x3000, 0xfeff],
    ...Array.from({ length: 12 }, (_, i) => 0x2000 + i),
  ].map((point) => String.fromCodePoint(point)),
)
const currencies = new Set(['$', '€', '£', '¥'])
const isDigit = (char: string) => char >= '0' && char <= '9' && char.length === 1

/** The number with `scale` digits after the point, and at most 14 before it. */
export function readNumber(text: string, locale: Locale, scale = 6): Reading {
  return roundTo(scale, readExactly(text, locale))
}

/** Rounds half away from zero. */
export function roundTo(scale: number, exact: ExactReading): Reading {
  if (exact.kind !== 'number') return exact
  const isNegative = exact.digits < 0n
  const digits = (isNegative ? -exact.digits : exact.digits) * 10n ** BigInt(scale)
  const divisor = 10n ** BigInt(exact.places)
  const rounded = (2n * digits + divisor) / (2n * divisor)
  if (rounded >= 10n ** BigInt(scale + 14)) return { kind: 'too-large' }
  return { kind: 'number', units: isNegative ? -rounded : rounded, isRounded: rounded * divisor !== digits }
}

export function readExactly(text: string, locale: Locale): ExactReading {
  const chars = [...text]
  if (chars.filter((char) => currencies.has(char)).length > 1) return refused
  const isCore = (char: string) => isDigit(char) || char === '.' || char === ','
  const first = chars.findIndex(isCore)
  if (first < 0) return readDash(chars)
  const last = chars.findLastIndex(isCore)
  const bare = (part: readonly string[]) => part.filter((char) => !blanks.has(char) && !currencies.has(char)).join('')
  const before = bare(chars.slice(0, first))
  const after = bare(chars.slice(last + 1))
  const isNegative = before === '-' || before === '('
  if (!['', '+', '-', '('].includes(before)) return refused
  if (!(before === '(' ? [')', '%)'] : ['', '%']).includes(after)) return refused
  return readDigits(chars.slice(first, last + 1), locale, isNegative)
}

/** The accountant's zero: a dash beside a currency sign. */
function readDash(chars: readonly string[]): ExactReading {
  const visible = chars.filter((char) => !blanks.has(char))
  const isZero = visible.length === 2 && visible.includes('-') && visible.some((char) => currencies.has(char))
  return isZero ? { kind: 'number', digits: 0n, places: 0 } : refused
}

function readDigits(core: readonly string[], locale: Locale, isNegative: boolean): ExactReading {
  const [point, thousands] = { eu: [',', '.'], ch: ['.', "'’"], en: ['.', ','] }[locale ?? 'en'] as [string, string]
  const parts = core.join('').split(point)
  const [whole = '', fraction] = parts
  if (parts.length > 2 || (fraction !== undefined && !isDigits(fraction, 1, 30))) return refused
  const digits = readWhole([...whole], thousands)
  if (digits === undefined) return refused
  const groups = core.join('').split(/[.,]/)
  if (locale === null && groups.length === 2 && isGroup(groups[0]!) && isDigits(groups[1]!, 3, 3)) {
    return { kind: 'ambiguous' }
  }
  const all = BigInt(`${digits}${fraction ?? ''}`)
  return { kind: 'number', digits: isNegative ? -all : all, places: fraction?.length ?? 0 }
}

/** The digits of a whole number: one run of them, or groups of three set off by one kind of separator. */
function readWhole(whole: readonly string[], thousands: string): string | undefined {
  const joined = whole.join('')
  if (isDigits(joined, 1, 39)) return joined
  const separators = whole.filter((char) => !isDigit(char))
  const isUniform = separators.every((char) => thousands.includes(char)) || separators.every((char) => blanks.has(char))
  if (!isUniform || separators.length === 0) return undefined
  const [head, ...tail] = split(whole)
  const digits = [head, ...tail].join('')
  return isGroup(head!) && tail.every((group) => isDigits(group, 3, 3)) && digits.length <= 39 ? digits : undefined
}

/** The runs of digits between other characters. */
function split(chars: readonly string[]): readonly string[] {
  const groups = ['']
  for (const char of chars) {
    if (isDigit(char)) groups.push(groups.pop()! + char)
    else groups.push('')
  }
  return groups
}

/** Up to three digits that lead a grouped number. */
function isGroup(text: string): boolean {
  return isDigits(text, 1, 3) && text[0] !== '0'
}

function isDigits(text: string, least: number, most: number): boolean {
  return text.length >= least && text.length <= most && [...text].every(isDigit)
}
