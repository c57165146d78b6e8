import { findTable } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import type { Plan } from '../plan/plan.ts'
import { whyUnplaced } from './placed-row.ts'

/** The columns for which a fix may give values to rows of a mapping, in the table's order; or why there is none. */
export function fixableColumns(plan: Plan, name: string): readonly string[] | { readonly why: string } {
  const mapping = plan.mappings.find((candidate) => candidate.name === name)!
  if (mapping.origin === null) return { why: whyUnplaced(mapping) }
  const table = findTable(plan.catalog, mapping.origin.relation)!
  return table.columns.map((column) => column.name).filter((column) => whyUnfixable(plan, table, column) === undefined)
}

/** Why no fix gives a value to a column of a table; undefined where one may. */
export function whyUnfixable({ mappings }: Plan, table: Table, name: string): string | undefined {
  const column = table.columns.find((candidate) => candidate.name === name)
  const relation = `${table.schema}.${table.name}`
  if (column === undefined) {
    return `${relation} has no such column; it has ${table.columns.map((each) => each.name).join(', ')}`
  }
  if (table.primaryKey!.includes(name)) return 'it is of the key, by which the row is known'
  if (column.generated !== null) return 'the server computes it from other columns'
  const isSecret = mappings.some(({ origin, secret }) => origin?.relation === relation && secret.includes(name))
  return isSecret
    ? 'it is secret, and a fix would write it into the ledger: correct it in the source, then retry'
    : undefined
}
