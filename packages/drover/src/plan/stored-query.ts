import { type RawBuilder, sql } from 'kysely'
import { sourceKey } from '../define/reference.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { constantPlacer } from './constant.ts'
import { ledgerTables } from './plan.ts'
import { type MappingParts, storedQuery } from './row.ts'

/** Rows that a comparison names at most. */
const namedRows = 5

/**
 * Asks the query again that a mapping reads from, and returns the lowest keys by which the answer differs from the stored
 * one: `n` (of all of them), `key` and `change` (`new`, `gone` or `other`). Null where the mapping reads from a table.
 *
 * Of rows of one key the hashes of their texts are compared: 64 bits of `hashtextextended`, which no server refuses.
 */
export function compareStoredQuery(parts: MappingParts): string | null {
  const { mapping, source } = parts
  if (source.driving.kind === 'table') return null
  const stored = expressionOf(tableNode(ledgerTables.source(mapping.name)))
  const alias = expressionOf(identifier(source.alias))
  const place = constantPlacer(parts.context)
  const key = sql`(${expressionOf(place(sourceKey(mapping.key.map(expressionOf)).toOperationNode()))}) collate "C"`
  const rows = (relation: RawBuilder<unknown>) =>
    sql`select ${key} as source_key, hashtextextended(row(${alias}.*)::text, 0) as hash from ${relation} as ${alias}`
  return compile(
    sql`with before as (
  ${rows(sql`${stored}`)}
), after as (
  ${rows(sql`(${storedQuery(parts)})`)}
)
select count(*) over () as n, coalesce(after.source_key, before.source_key) as key,
  case when before.source_key is null then 'new' when after.source_key is null then 'gone' else 'other' end as change
from before
full join after on after.source_key = before.source_key
where before.hash is distinct from after.hash
order by 2
limit ${sql.lit(namedRows)}`.toOperationNode(),
  )
}
