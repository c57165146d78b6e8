import { CsvError, parse } from 'csv-parse/sync'
import { readColumn } from '../repair/export-columns.ts'
import type { FileFix, ParseFixes } from './fix-file.ts'

interface CsvRow {
  readonly record: readonly (string | null)[]
  readonly info: { readonly lines: number }
}

/**
 * Fixes in the form of an export: columns `key`, `mapping` (may be left out) and `source.<column>`; other columns of an
 * export are passed over. As the server writes CSV: an empty cell is null, `""` the empty text.
 */
export const parseCsvFixes: ParseFixes = (text) => {
  const { rows, mistake } = readRows(text)
  const [head, ...others] = rows
  if (mistake !== undefined || head === undefined) return { fixes: [], mistakes: [mistake ?? 'the file is empty'] }
  const names = head.record.map((name) => name ?? '')
  const columns = names.map(readColumn)
  const mistakes = [
    ...names
      .filter((name, i) => columns[i]!.kind === 'unknown' || names.indexOf(name) !== i)
      .map((name) => `column ${name || 'without a name'}: a value of a source column x stands under source.x, once`),
    ...(names.includes('key') ? [] : ['the column key is missing']),
    ...(columns.some(({ kind }) => kind === 'value') ? [] : ['there is no column source.<column>']),
  ]
  if (mistakes.length > 0) return { fixes: [], mistakes }
  const fixes = others.map(({ record, info }): FileFix => {
    const cell = (name: string) => (names.includes(name) ? (record[names.indexOf(name)] ?? undefined) : undefined)
    const values = columns.flatMap((column, i) =>
      column.kind === 'value' ? [[column.column, record[i] ?? null] as const] : [],
    )
    const key = cell('key') ?? ''
    return { place: `line ${info.lines}`, mapping: cell('mapping'), key, values: Object.fromEntries(values) }
  })
  return { fixes, mistakes: fixes.filter(({ key }) => key === '').map(({ place }) => `${place}: the key is missing`) }
}

/** The message of the parser may quote a value: its code and line are kept. */
function readRows(text: string): { readonly rows: readonly CsvRow[]; readonly mistake?: string } {
  try {
    const rows = parse(text, {
      bom: true,
      info: true,
      skip_empty_lines: true,
      cast: (value, { quoting }) => (value === '' && !quoting ? null : value),
    }) as unknown as readonly CsvRow[]
    return { rows }
  } catch (thrown) {
    if (!(thrown instanceof CsvError)) throw thrown
    return { rows: [], mistake: `line ${thrown.lines}: ${thrown.code}` }
  }
}
