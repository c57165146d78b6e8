import { type RawBuilder, sql } from 'kysely'
import type { Index } from '../catalog/table.ts'
import { sourceKey } from '../define/reference.ts'
import { compile } from '../sql/compile.ts'
import { columnOf, expressionOf, identifier, printName, tableNode } from '../sql/nodes.ts'
import { adjustment } from './adjust.ts'
import { ledgerTables } from './plan.ts'
import { fromLines, type MappingParts, unfixedOriginal } from './row.ts'
import { transformer } from './transform.ts'

/** As for every row that the database refuses, and not a guard. */
const sqlstate = '23505'

/**
 * Moves the rows of a mapping that a unique index would refuse from the target to quarantine: of those that share what
 * must be unique the one of the lowest source key stays (I7), and before it a row of another origin. Meant for the table
 * without the index: it reads all of it.
 *
 * `later`: mappings that load the same table after this one; their rows give way themselves.
 */
export function violatorsStatement(
  parts: MappingParts,
  index: Omit<Index, 'columns'> & { readonly columns: readonly string[] },
  later: readonly MappingParts[],
): string {
  const { mapping, target, targetKey, context } = parts
  const name = sql.lit(mapping.name)
  const transform = transformer(mapping, target, context, 'resolve')
  const key = transform.placeOnce(sourceKey(mapping.key.map(expressionOf)).toOperationNode())
  const crosswalkOf = (of: MappingParts) => expressionOf(tableNode(ledgerTables.crosswalk(of.mapping.name)))
  const columns = index.columns.map((column) => sql`${columnOf('t', column)}`)
  const known = index.nullsNotDistinct ? [] : columns.map((column) => sql`${column} is not null`)
  const equals = sql.raw(index.nullsNotDistinct ? 'is not distinct from' : '=')
  const inClash = index.columns.map((column) => sql`${columnOf('clash', column)} ${equals} ${columnOf('t', column)}`)
  const ofOrigin = (walked: string) =>
    sql`${sql.join(
      targetKey.map((column) => sql`${columnOf(walked, column.name)} = ${columnOf('t', column.name)}`),
      sql` and `,
    )} and ${columnOf(walked, 'disposition')} = 'loaded'`
  const ofLater = later.map(
    (other) => sql`not exists (select from ${crosswalkOf(other)} as other where ${ofOrigin('other')})`,
  )
  const keys = targetKey.map((column) => sql`${columnOf('t', column.name)}`)
  const isMoved = sql.join(
    targetKey.map((column) => sql`${columnOf('t', column.name)} = ${columnOf('moved', column.name)}`),
    sql` and `,
  )
  const noKey = targetKey.map((column) => sql`${expressionOf(identifier(column.name))} = null`)
  const reasons = JSON.stringify([
    {
      code: `error-${sqlstate}`,
      column: index.columns.length === 1 ? index.columns[0] : null,
      table: printName(target),
      constraint: index.constraint ?? index.name,
    },
  ])
  const table = expressionOf(tableNode(target))
  // A predicate names columns without a table.
  const rows = index.predicate === null ? table : sql`(select * from ${table} where ${sql.raw(index.predicate)})`
  return compile(
    sql`with clash as materialized (
  select ${sql.join(columns)}
  from ${rows} as t
  ${conditions(known)}
  group by ${sql.join(columns)}
  having count(*) > 1
), ranked as (
  select walked.source_key as _source_key, ${sql.join(keys)},
    row_number() over (
      partition by ${sql.join(columns)}
      order by walked.source_key is not null, walked.source_key collate "C"
    ) as _place
  from ${rows} as t
  join clash on ${sql.join(inClash, sql` and `)}
  left join ${crosswalkOf(parts)} as walked on ${ofOrigin('walked')}
  ${conditions(ofLater)}
), moved as materialized (
  select *
  from ranked
  where _place > 1 and _source_key is not null
), deleted as (
  delete from ${table} as t
  using moved
  where ${isMoved}
  returning 1
), walked as (
  update ${crosswalkOf(parts)} as walked
  set disposition = 'quarantined', ${sql.join(noKey)}
  from moved
  where walked.source_key = moved._source_key
), quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original, sqlstate)
  select $1::bigint, ${name}, ${expressionOf(key)}, $2::bigint, ${sql.lit(`error-${sqlstate}`)}, ${sql.lit(reasons)}::jsonb, ${unfixedOriginal(parts)}, ${sql.lit(sqlstate)}
  ${expressionOf(fromLines(parts, { transform }))}
  where ${expressionOf(key)} collate "C" in (select _source_key from moved)
)
${adjustment(mapping.name, 'loaded', 'quarantined', sql`deleted`)}`.toOperationNode(),
  )
}

function conditions(all: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return all.length === 0 ? sql`` : sql`where ${sql.join(all, sql` and `)}`
}
