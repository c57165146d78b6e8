import type { Fix } from '../repair/fix.ts'
import type { NamedRow } from '../repair/named-rows.ts'
import { fieldNames } from './pages/row-fix.ts'
import type { Entry } from './pages/row-view.ts'
import type { Parameters } from './parameters.ts'

/** What a form gives to columns; those that stay as they are are left out. */
export function entriesOf(form: Parameters): readonly Entry[] {
  return form.names().flatMap((field): readonly Entry[] => {
    const column = fieldNames.columnOf(field)
    if (column === undefined) return []
    const how = form.optional(field)
    if (how === 'null') return [{ column, value: null }]
    // A form sends every end of line as two characters.
    const value = form.require(fieldNames.value(column)).replaceAll('\r\n', '\n')
    // Whoever has written something means it; only the empty text must be chosen.
    return how === 'text' || value !== '' ? [{ column, value }] : []
  })
}

/** The fix that entries make. */
export function fixOf({ mapping, key }: NamedRow, entries: readonly Entry[]): Fix {
  return { mapping, key, values: Object.fromEntries(entries.map(({ column, value }) => [column, value])) }
}
