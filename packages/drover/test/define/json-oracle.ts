/** What jsonb takes, by JavaScript's own parser and the limits that jsonb adds. */
export function isJsonb(text: string): boolean {
  if (Buffer.byteLength(text) > 2 ** 24) return false
  try {
    JSON.parse(text)
  } catch {
    return false
  }
  const tokens = text.match(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|[[\]{}]/g) ?? []
  return depthOf(tokens) <= 512 && tokens.every((token) => (token.startsWith('"') ? isStorable(token) : fits(token)))
}

function depthOf(tokens: readonly string[]): number {
  let depth = 0
  let deepest = 0
  for (const token of tokens) {
    if (token === '[' || token === '{') deepest = Math.max(deepest, ++depth)
    if (token === ']' || token === '}') depth--
  }
  return deepest
}

function isStorable(token: string): boolean {
  const value = JSON.parse(token) as string
  return value.isWellFormed() && !value.includes('\0')
}

/** 131,072 digits before the point, 16,383 after it; even of zero an exponent of less than 2^30. */
function fits(token: string): boolean {
  const [, whole = '', part = '', exponent = '0'] = /^-?(\d+)(?:\.(\d+))?(?:[eE](.+))?$/.exec(token) ?? []
  if (whole === '') return true
  const shift = BigInt(exponent.replace(/^\+/, ''))
  const places = BigInt(part.length) - shift
  const significant = (whole + part).replace(/^0+/, '').length
  return (
    shift < 1_073_741_823n &&
    shift > -1_073_741_823n &&
    places <= 16_383n &&
    (significant === 0 || BigInt(significant) - places <= 131_072n)
  )
}
