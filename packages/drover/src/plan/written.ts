import { type Expression, type RawBuilder, sql } from 'kysely'
import { columnOf, expressionOf, identifierOf, literal, tableNode } from '../sql/nodes.ts'
import { isResolved } from './decided.ts'
import { updatedColumns } from './images.ts'
import { existingKey } from './printed-row.ts'
import { hasPhysicalRows, type MappingParts, originalAt, rowNames, type TransformedRow } from './row.ts'
import type { PlacedGuard } from './transform.ts'

/** The rows of `s` that are loaded. */
export function loadedCte(parts: MappingParts): RawBuilder<unknown> {
  const columns = parts.targetColumns.map((column) => id(column.name))
  const overriding = parts.targetColumns.some((column) => column.identity === 'always')
    ? sql` overriding system value`
    : sql``
  return sql`loaded as (
  insert into ${expressionOf(tableNode(parts.target))} (${sql.join(columns)})${overriding}
  select ${sql.join(columns)}
  from s
  where ${s(rowNames.disposition)} = 'loaded'
  returning 1
)`
}

/** The key of the target row that stands for the source row, by column of the crosswalk. */
export function carriedKey(
  parts: MappingParts,
): readonly { readonly name: string; readonly value: RawBuilder<unknown> }[] {
  const isEvolved = parts.mapping.kind === 'evolve'
  return parts.targetKey.map(({ name }) => {
    const loaded = isEvolved ? sql`` : sql` when 'loaded' then ${s(name)}`
    const existing =
      isEvolved || isResolved(parts.mapping)
        ? sql` when 'merged' then ${s(existingKey(name))} when 'matched' then ${s(existingKey(name))}`
        : sql``
    return { name, value: sql`case ${s(rowNames.disposition)}${loaded}${existing} end` }
  })
}

/** `again`: rows may be in quarantine already; they keep the original that was kept first. */
export function quarantinedCte(
  parts: MappingParts,
  row: Pick<TransformedRow, 'quarantines' | 'refused'>,
  time: 'first' | 'again' = 'first',
): RawBuilder<unknown> {
  if (row.refused === undefined) return sql`quarantined as (select where false)`
  const { mapping, source } = parts
  const original = hasPhysicalRows(source)
    ? originalAt(parts, s(rowNames.place), s(rowNames.partition))
    : s(rowNames.original)
  const acceptance = acceptanceOf(row)
  return sql`quarantined as (
  insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original${acceptance.columns})
  select $1::bigint, ${sql.lit(mapping.name)}, ${s(rowNames.key)}, $2::bigint,
    (array[${sql.join(row.quarantines.map((guard) => sql.lit(guard.code)))}])[${s(rowNames.reasons)}[1]],
    (
      select jsonb_agg(jsonb_build_object('code', guard.code, 'column', guard.column_name) order by guard.number)
      from (values ${sql.join(row.quarantines.map(guardValues))}) as guard (number, code, column_name)
      where guard.number = any (${s(rowNames.reasons)})
    ),
    ${original}${acceptance.values}
  from s
  where ${s(rowNames.disposition)} = 'quarantined'${time === 'first' ? sql`` : sql`${keepsOriginal}${acceptance.again}`}
  returning 1
)`
}

const keepsOriginal = sql`
  on conflict (run_id, mapping, source_key) do update
  set code = excluded.code, reasons = excluded.reasons, sqlstate = null, set_aside_at = excluded.set_aside_at`

/** Rows whose first reason is one that the migration accepts are accepted with the insert: nobody decides on them later. */
function acceptanceOf({ quarantines }: Pick<TransformedRow, 'quarantines'>) {
  const accepting = quarantines.flatMap(({ accepted }, i) => (accepted ? [sql.lit(i + 1)] : []))
  if (accepting.length === 0) return { columns: sql``, values: sql``, again: sql`` }
  const isAccepted = sql`${s(rowNames.reasons)}[1] in (${sql.join(accepting)})`
  return {
    columns: sql`, accepted_at, accepted_by, accepted_why`,
    values: sql`,
    case when ${isAccepted} then clock_timestamp() end,
    case when ${isAccepted} then session_user end,
    case when ${isAccepted} then ${declared} end`,
    // What the migration accepted, it may see otherwise after a fix; what a person did, it does not.
    again: sql.join(
      ['accepted_at', 'accepted_by', 'accepted_why'].map(
        (name) =>
          sql`,\n    ${id(name)} = case when quarantine.accepted_why <> ${declared} then quarantine.${id(name)} else excluded.${id(name)} end`,
      ),
      sql``,
    ),
  }
}

const declared = sql.lit('declared by the migration')

/** Which rows of `s` another one stands for. */
export function mergedCte(parts: MappingParts): RawBuilder<unknown> {
  return sql`merged as (
  insert into drover.merge (run_id, mapping, source_key, survivor_key)
  select $1::bigint, ${sql.lit(parts.mapping.name)}, ${s(rowNames.key)}, ${s('_survivor')}
  from s
  where ${s(rowNames.disposition)} = 'merged'
)`
}

/** Corrections and notes of the rows whose values reached the target: all, or those of which `further` holds for `guard`. */
export function loggedCtes(
  parts: MappingParts,
  row: Pick<TransformedRow, 'logs'>,
  further: RawBuilder<unknown> = sql``,
): readonly RawBuilder<unknown>[] {
  const all = row.logs.map((guard, i) => ({ guard, number: i + 1 }))
  const written = updatedColumns(parts).length > 0 ? sql`('loaded', 'matched')` : sql`('loaded')`
  const ofDuplicates = all.filter(({ guard }) => guard.ofDuplicates).map(({ number }) => sql.lit(number))
  const isWritten = sql`${s(rowNames.disposition)} in ${written}`
  const isLogged =
    ofDuplicates.length === 0
      ? isWritten
      : sql`(${isWritten} or ${s(rowNames.disposition)} = 'merged' and log.number in (${sql.join(ofDuplicates)}))`
  const insertInto = (outcome: PlacedGuard['outcome'], cte: string, original: boolean) => {
    const guards = all.filter(({ guard }) => guard.outcome === outcome)
    if (guards.length === 0) return []
    return [
      sql`${sql.raw(cte)}s as (
  insert into drover.${sql.raw(cte)} (run_id, mapping, source_key, code, column_name${original ? sql`, original` : sql``})
  select $1::bigint, ${sql.lit(parts.mapping.name)}, ${s(rowNames.key)}, guard.code, guard.column_name${original ? sql`, log.original` : sql``}
  from s
  cross join lateral unnest(${s(rowNames.logged)}, ${s(rowNames.originals)}) as log (number, original)
  join (values ${sql.join(guards.map(({ guard, number }) => guardValues(guard, number - 1)))}) as guard (number, code, column_name) on guard.number = log.number
  where ${isLogged} and ${s(rowNames.logged)} is not null${further}
)`,
    ]
  }
  return [...insertInto('correct', 'correction', true), ...insertInto('note', 'note', false)]
}

function guardValues(guard: PlacedGuard, index: number): RawBuilder<unknown> {
  return sql`(${literal(index + 1)}, ${literal(guard.code)}, ${literal(guard.column)})`
}

function id(name: string): Expression<unknown> {
  return identifierOf(name)
}

function s(name: string): Expression<unknown> {
  return columnOf('s', name)
}
