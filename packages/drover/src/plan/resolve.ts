import { type Expression, type RawBuilder, sql } from 'kysely'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { isResolved } from './decided.ts'
import { resolveGroupValues } from './group.ts'
import { ledgerTables } from './plan.ts'
import { fromLines, type MappingParts, type TransformedRow, transformRow } from './row.ts'

/**
 * Decides merges and matches in one set-based step before the first chunk, among the rows that no guard sets aside:
 * chunks only read the outcome, so it depends neither on their size nor on their order (I7). Stored are the rows that
 * are not simply loaded, and the values of groups. A matched row is preferred to every other one as survivor.
 */
export function resolveStatement(parts: MappingParts): string | null {
  const query = resolveQuery(parts)
  const resolution = expressionOf(tableNode(ledgerTables.resolution(parts.mapping.name)))
  return query && compile(sql`create table ${resolution} as\n${query}`.toOperationNode())
}

/** What the resolve step stores; null where there is nothing to decide. */
export function resolveQuery(parts: MappingParts): RawBuilder<unknown> | null {
  const { mapping } = parts
  if (!isResolved(mapping)) return null
  const row = transformRow(parts, 'resolve')
  const key = expressionOf(row.key)
  const rules = mapping.survivor.map((rule) => expressionOf(row.transform.place(rule.order)))
  const group = groupOf(parts, row)
  const existing = mapping.match && existingRow(parts, row)
  const order = [...(existing ? [sql`(${existing.found}) desc`] : []), ...rules, sql`${key} collate "C"`]
  const ids = parts.targetKey.map((column) => {
    const own = expressionOf(row.columns.find(({ name }) => name === column.name)!.node)
    const value = existing ? sql`coalesce(${existing.column(column.name)}, ${own})` : own
    return sql`first_value(${value}) over same as ${id(column.name)}`
  })
  const values = resolveGroupValues(parts, row, { partition: group, order })
  const valid = [
    ...(row.excluded ? [sql`(${expressionOf(row.excluded)}) is not true`] : []),
    ...(row.refused ? [sql`(${expressionOf(row.refused)}) is not true`] : []),
  ]
  const grouped = sql`
    select ${key} as source_key,
      first_value(${key}) over same as survivor_key,
      ${existing ? sql`first_value(${existing.found}) over same` : sql`false`} as is_matched,
      ${existing ? sql`${existing.found} and (${sql.join(existing.keys)}) is distinct from (${sql.join(existing.keys.map((key) => sql`first_value(${key}) over same`))})` : sql`false`} as is_torn,
      ${sql.join([...ids, ...values.grouped], sql.raw(',\n      '))}
    ${expressionOf(fromLines(parts, row, existing ? [existing.join] : []))}
    ${valid.length === 0 ? sql`` : sql`where ${sql.join(valid, sql` and `)}`}
    window same as (partition by ${sql.join(group)} order by ${sql.join(order)})`
  return sql`  select source_key collate "C" as source_key,
    case
      when is_torn then 'torn'
      when source_key <> survivor_key then ${sql.lit(mapping.identity?.quarantine === undefined ? 'merged' : 'duplicate')}
      when is_matched then 'matched'
      else 'loaded'
    end as disposition,
    survivor_key collate "C" as survivor_key,
    ${sql.join([...parts.targetKey.map((column) => id(column.name)), ...values.stored], sql.raw(',\n    '))}
  from (${grouped}
  ) as grouped
  where ${sql.join([sql`source_key <> survivor_key`, sql`is_matched`, ...values.needed], sql` or `)}`
}

/**
 * Matches that are not one to one, as pairs of source keys: two groups of duplicates that match one target row, a row
 * that matches two, or a group whose rows match different ones. Rows would be merged that nobody declared to be the same.
 */
export function ambiguousMatches(parts: MappingParts): string | null {
  if (parts.mapping.match === undefined) return null
  const resolution = expressionOf(tableNode(ledgerTables.resolution(parts.mapping.name)))
  const ids = parts.targetKey.map((column) => id(column.name))
  return compile(
    sql`select min(source_key) as one, max(source_key) as other
from ${resolution}
where disposition = 'matched'
group by ${sql.join(ids)}
having count(*) > 1
union all
select survivor_key, source_key
from ${resolution}
where disposition = 'torn'
limit 5`.toOperationNode(),
  )
}

/** What the rows of one group share: their identity, or the key where a row is its own group. */
function groupOf(parts: MappingParts, row: TransformedRow): readonly Expression<unknown>[] {
  const { identity } = parts.mapping
  const key = expressionOf(row.key)
  if (identity === undefined) return [key]
  const by = identity.by.map((node) => expressionOf(row.transform.placeOnce(node)))
  if (identity.when === undefined) return by
  const when = expressionOf(row.transform.placeOnce(identity.when))
  return [sql`case when (${when}) is not true then ${key} end`, ...by]
}

/** The target row that exists already, joined to the source row that stands for it. */
function existingRow(parts: MappingParts, row: TransformedRow) {
  const column = (name: string) => expressionOf(columnNode('existing', name))
  const keys = parts.targetKey.map(({ name }) => column(name))
  const on = expressionOf(row.transform.place(parts.mapping.match!.on))
  return {
    column,
    keys,
    found: sql`${keys[0]!} is not null`,
    join: sql`left join ${expressionOf(tableNode(parts.target))} as existing on ${on}`.toOperationNode(),
  }
}

function id(name: string): RawBuilder<unknown> {
  return sql`${expressionOf(identifier(name))}`
}
