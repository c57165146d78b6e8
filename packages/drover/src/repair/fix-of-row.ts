import { type RawBuilder, sql } from 'kysely'
import { findTable } from '../catalog/catalog.ts'
import type { Run } from '../ledger/run.ts'
import { keyInOriginal } from './placed-row.ts'

/**
 * The values that stand in for those of a quarantined row's source, as `fix` over `drover.quarantine`. A fix is of a row of
 * a table, known by its primary key: that is the source key, or the original holds it.
 */
export function fixOfRow({ migration, plan }: Run): RawBuilder<unknown> {
  const fixable = plan.mappings.flatMap(({ name, origin }) => {
    if (origin === null) return []
    const placed = { name: sql.lit(name), relation: sql.lit(origin.relation) }
    if (origin.sharesKey) return [{ ...placed, key: sql`quarantine.source_key` }]
    return [{ ...placed, key: sql`${keyInOriginal(findTable(plan.catalog, origin.relation)!)}` }]
  })
  if (fixable.length === 0) return sql`left join drover.overlay as fix on false`
  const cases = (value: (of: (typeof fixable)[number]) => RawBuilder<unknown>) =>
    sql`case quarantine.mapping ${sql.join(
      fixable.map((of) => sql`when ${of.name} then ${value(of)}`),
      sql` `,
    )} end`
  return sql`cross join lateral (
  select ${cases(({ relation }) => sql`${relation}`)} as relation, ${cases(({ key }) => key)} as row_key
) as place
left join drover.overlay as fix on fix.migration = ${sql.lit(migration)} and fix.relation = place.relation
  and fix.row_key = place.row_key collate "C"`
}

/**
 * Whether the fix of {@link fixOfRow} is newer than the row's place in quarantine: not tried yet. Null where there is
 * none.
 */
export const fixWaits: RawBuilder<boolean | null> = sql`(fix.fixed_at > quarantine.set_aside_at)`
