/**
 * Amounts as whole millionths: exact sums of decimals with up to six places.
 *
 * This is the fixture's own reading of numbers, written apart from the migration's: the two check each other.
 */
export type Micros = bigint

/** What `parseFloat` makes of a text, as the legacy application used it: a prefix, or nothing. */
export function readAsLegacy(text: string): Micros | undefined {
  const number = Number.parseFloat(text)
  return Number.isFinite(number) ? fromPlain(String(number)) : undefined
}

/**
 * What a text means under the run's policies; undefined where it must be refused. `european` is the declared locale of
 * the text's source; `null` is no declaration, under which 1.234 is refused because it might be a thousand.
 */
export function readUnderPolicy(text: string, european: boolean | null): Micros | undefined {
  const trimmed = text.replace(/^[\s\u00a0]+|[\s\u00a0]+$/gu, '')
  if (european === null && /^-?\d{1,3}\.\d{3}$/.test(trimmed)) return undefined
  if (/^\$\s*-$/.test(trimmed)) return 0n
  const form = /^(?<minus>-?)(?<open>\(?)\$?\s*(?<digits>[\d.,]+)(?<close>\)?)\s*%?$/.exec(trimmed)?.groups
  if (form === undefined || (form.open === '') !== (form.close === '')) return undefined
  const digits = european ? form.digits!.replaceAll('.', '').replace(',', '.') : withoutThousands(form.digits!)
  if (digits === undefined || !/^\d+(\.\d+)?$/.test(digits)) return undefined
  const amount = fromPlain(digits)
  return form.minus === '-' || form.open === '(' ? -amount : amount
}

function withoutThousands(digits: string): string | undefined {
  return /^(\d+|\d{1,3}(,\d{3})+)(\.\d+)?$/.test(digits) ? digits.replaceAll(',', '') : undefined
}

/** A plain decimal number with at most six places. */
export function fromPlain(text: string): Micros {
  const form = /^(?<minus>-?)(?<whole>\d+)(\.(?<places>\d{1,6}))?$/.exec(text)?.groups
  if (form === undefined) throw new RangeError('not a plain number with at most six decimals')
  const micros = BigInt(form.whole!) * 1_000_000n + BigInt((form.places ?? '').padEnd(6, '0'))
  return form.minus === '-' ? -micros : micros
}

/** As a plain decimal number, without trailing zeros. */
export function toPlain(micros: Micros): string {
  const size = micros < 0n ? -micros : micros
  const places = String(size % 1_000_000n)
    .padStart(6, '0')
    .replace(/0+$/, '')
  return `${micros < 0n ? '-' : ''}${size / 1_000_000n}${places === '' ? '' : `.${places}`}`
}
