import type { QuarantineGroup } from './groups.ts'
import type { Reason } from './row.ts'

/** What a group of quarantined rows has in common beside its code: columns, constraint, SQLSTATE; a dash where nothing. */
export function causeWords({ columns, sqlstate, constraint }: QuarantineGroup): string {
  const words = [
    ...(columns === null ? [] : [columns]),
    ...(constraint === null ? [] : [`constraint ${constraint}`]),
    ...(sqlstate === null ? [] : [`SQLSTATE ${sqlstate}`]),
  ]
  return words.length === 0 ? '–' : words.join(', ')
}

/** One reason for which a row was set aside, and where it lies. */
export function reasonWords({ code, column, table, constraint }: Reason, sqlstate: string | null): string {
  const places = [
    ...(column === null ? [] : [`column ${column}`]),
    ...(table === undefined ? [] : [`table ${table}`]),
    ...(constraint === undefined ? [] : [`constraint ${constraint}`]),
    ...(sqlstate === null ? [] : [`SQLSTATE ${sqlstate}`]),
  ]
  return [code, ...places].join(', ')
}
