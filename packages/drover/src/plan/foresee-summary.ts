import { type RawBuilder, sql } from 'kysely'
import { columnNode, expressionOf, identifier } from '../sql/nodes.ts'
import { dispositions } from './disposition.ts'
import type { ForeseenRows } from './foreseen.ts'
import { resolutionName, rowsName } from './foreseen-columns.ts'
import { updatedColumns } from './images.ts'
import { type MappingParts, rowNames } from './row.ts'

/** The rows by what becomes of them, and which guards hold: few, however many rows there are. */
export function countedRelation(parts: MappingParts): RawBuilder<unknown> {
  const rows = rowsName(parts)
  return sql`${id(countedName(parts))} as materialized (
  select ${column(rows, rowNames.disposition)} as disposition, ${column(rows, rowNames.reasons)}[1] as reason,
    ${column(rows, rowNames.logged)} as logged, count(*) as n
  from ${id(rows)}
  group by 1, 2, 3
)`
}

/** The counts of one mapping as one row, over its foreseen rows. */
export function summaryOf(
  parts: MappingParts,
  foreseen: ForeseenRows,
  driving: RawBuilder<unknown>,
  verdicts: readonly RawBuilder<unknown>[],
): RawBuilder<unknown> {
  const counted = id(countedName(parts))
  const sum = (where: RawBuilder<unknown>) => sql`(select coalesce(sum(n), 0)::bigint from ${counted} where ${where})`
  const counts = dispositions.map((each) => sql`${sum(sql`disposition = ${sql.lit(each)}`)} as ${id(each)}`)
  const isWritten =
    updatedColumns(parts).length > 0 ? sql`disposition in ('loaded', 'matched')` : sql`disposition = 'loaded'`
  // A duplicate that is set aside after the load was logged as one before.
  const lost = foreseen.quarantines.findIndex(({ code }) => code === 'survivor-quarantined') + 1
  const isDuplicate =
    lost > 0
      ? sql`disposition = 'merged' or disposition = 'quarantined' and reason = ${sql.lit(lost)}`
      : sql`disposition = 'merged'`
  const told = [
    ...foreseen.quarantines.map((_, i) => sum(sql`disposition = 'quarantined' and reason = ${sql.lit(i + 1)}`)),
    ...foreseen.logs.map(({ ofDuplicates }, i) => {
      const isCounted = ofDuplicates ? sql`(${isWritten} or ${isDuplicate})` : isWritten
      return sum(sql`${isCounted} and ${sql.lit(i + 1)} = any (logged)`)
    }),
    ...(parts.mapping.identity === undefined ? [] : [duplicatesOf(parts)]),
    ...verdicts,
  ]
  return sql`(select count(*) from ${driving}) as read,
  ${sql.join(counts, sql.raw(',\n  '))},
  array[${sql.join(
    told.map((each) => sql`${each}::text`),
    sql.raw(',\n    '),
  )}]::text[] as guards`
}

/** The groups of rows that are the same thing by the mapping's identity, as JSON; the largest first, by their survivors. */
function duplicatesOf(parts: MappingParts): RawBuilder<unknown> {
  return sql`(
      select jsonb_build_object('groups', count(*)::text, 'extra', coalesce(sum(n), 0)::text, 'largest', coalesce(max(n) + 1, 0)::text,
        'keys', (array_agg(survivor_key order by n desc, survivor_key))[1:5])
      from (
        select survivor_key, count(*) as n
        from ${id(resolutionName(parts))}
        where source_key <> survivor_key
        group by survivor_key
      ) as extra
    )`
}

function countedName({ mapping }: MappingParts): string {
  return `counted_${mapping.name}`
}

function column(alias: string, name: string) {
  return expressionOf(columnNode(alias, name))
}

function id(name: string): RawBuilder<unknown> {
  return sql`${expressionOf(identifier(name))}`
}
