/** The columns of an export before those of the source. */
export const exportColumns = [
  'mapping',
  'key',
  'code',
  'columns',
  'sqlstate',
  'constraint',
  'set_aside_at',
  'accepted',
] as const

const valuePrefix = 'source.'
const maskedPrefix = 'masked.'

/** A column that holds the values of a source column. */
export function valueColumn(column: string): string {
  return `${valuePrefix}${column}`
}

/** One that holds their shapes. */
export function maskedColumn(column: string): string {
  return `${maskedPrefix}${column}`
}

/** What a column of an export, or of a file of fixes, stands for. */
export function readColumn(
  name: string,
): { readonly kind: 'value'; readonly column: string } | { readonly kind: 'mapping' | 'key' | 'told' | 'unknown' } {
  if (name === 'mapping' || name === 'key') return { kind: name }
  if (name.startsWith(valuePrefix)) return { kind: 'value', column: name.slice(valuePrefix.length) }
  const isTold = name.startsWith(maskedPrefix) || (exportColumns as readonly string[]).includes(name)
  return { kind: isTold ? 'told' : 'unknown' }
}
