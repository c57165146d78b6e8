import { type RawBuilder, sql } from 'kysely'
import { columnNode, expressionOf, identifier } from '../sql/nodes.ts'
import type { MappingParts } from './row.ts'
import { partNumber } from './source.ts'

/**
 * The driving row under `alias` as the ledger keeps it: a jsonb object without the columns that are secret. Columns of
 * type json are kept as the text that they are: jsonb refuses some of it (`\u0000`, numbers beyond numeric), and a row
 * must never be too odd to be set aside.
 */
export function originalOf({ mapping, source }: MappingParts, alias: string): RawBuilder<unknown> {
  const row = expressionOf(identifier(alias))
  const columns = source.driving.kind === 'table' ? source.driving.table.columns : []
  if (!columns.some(({ baseType }) => isJson(baseType))) {
    const left = source.driving.kind === 'table' && source.driving.partitions ? [partNumber, 'ctid'] : []
    const out = [...left, ...mapping.secret]
    if (out.length === 0) return sql`to_jsonb(${row}.*)`
    return sql`to_jsonb(${row}.*) - array[${sql.join(out.map((name) => sql.lit(name)))}]`
  }
  const kept = columns.filter(({ name }) => !mapping.secret.includes(name))
  const values = kept.map(({ name, baseType }) => {
    const value = expressionOf(columnNode(alias, name))
    return isJson(baseType) ? sql`${value}::text as ${expressionOf(identifier(name))}` : value
  })
  return sql`(select to_jsonb(kept.*) from (select ${sql.join(values)}) as kept)`
}

/** An array of json becomes the text of the array. */
function isJson(baseType: string): boolean {
  return baseType === 'json' || baseType === 'json[]'
}
