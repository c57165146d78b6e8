/** What cannot be seen, or not told from something else: controls, blanks but the space, marks upon letters. */
const unseen = /(?! )[\p{C}\p{Z}\p{M}]/gu

/** A cell as one word or, where that could be misread, in quotation marks. */
export function printCell(value: string | null): string {
  if (value === null) return 'null'
  const isPlain = value !== '' && value !== 'null' && !/^[ "]|[|]| $/.test(value) && value.search(unseen) < 0
  return isPlain
    ? value
    : JSON.stringify(value).replace(unseen, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
}

/** Cells in columns, under a line with the columns' names; the last one is not padded. */
export function printTable(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [names, ...rows]
  const widths = names.map((_, i) => Math.max(...all.map((row) => [...row[i]!].length)))
  const print = (row: readonly string[]) =>
    row
      .map((cell, i) => cell + ' '.repeat(widths[i]! - [...cell].length))
      .join(' | ')
      .trimEnd()
  const rule = widths.map((width) => '-'.repeat(width)).join('-+-')
  return [print(names), rule, ...rows.map(print)].map((line) => `${line}\n`).join('')
}
