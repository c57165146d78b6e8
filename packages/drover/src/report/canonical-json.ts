/**
 * A JSON value in the one form that is hashed: keys in the order of their UTF-16 code units, no white space, texts and
 * numbers as `JSON.stringify` writes them. Undefined members are left out, as there. `jq -cS .` writes the same, but for
 * fractions below a ten-thousandth and the character U+007F.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((each) => canonicalJson(each ?? null)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}
