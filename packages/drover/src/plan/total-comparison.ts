import { type RawBuilder, sql } from 'kysely'
import { compile } from '../sql/compile.ts'
import { expressionOf, identifier } from '../sql/nodes.ts'
import type { TotalPlan } from './plan.ts'
import type { MappingParts } from './row.ts'
import { ownName, sumOf, sumsCtes } from './total-sums.ts'

/** Groups that the comparison names at most, of each kind. */
const namedGroups = 5

/** The same sums as they are now, beside those of the ledger; a row for each total. */
export function compareTotals(parts: MappingParts, totals: readonly TotalPlan[]): string {
  const judged = totals.map(({ name, tolerance, compared }, i) => {
    const dispositions = sql.join(compared.map((disposition) => sql.lit(disposition)))
    return sql`(${sql.lit(i)}, ${sql.lit(name)}, ${sql.lit(tolerance)}::numeric, array[${dispositions}])`
  })
  const ofRun = sql`run_id = $1::bigint and mapping = ${ownName(parts)}`
  const ofLoaded = (column: RawBuilder<unknown>) => sumOf(column, sql`disposition = 'loaded'`)
  return compile(
    sql`with ${sumsCtes(parts)}, moments as (
  select name, disposition, group_key, rows as rows_then, source_sum as source_then, target_sum as target_then,
    0::bigint as rows_now, null::numeric as source_now, null::numeric as target_now
  from drover.control_total
  where ${ofRun} and stage = 'loaded'
  union all
  select name, disposition, group_key, 0, null, null, rows, source_sum, target_sum
  from sums
), before as (
  select name, rows as before_rows, source_sum as before_sum
  from drover.control_total
  where ${ofRun} and stage = 'before'
), total as (
  select position, name, tolerance, compared
  from (values ${sql.join(judged)}) as total (position, name, tolerance, compared)
), judged as (
  select name, disposition, group_key, rows_then, source_then, target_then, rows_now, source_now, target_now,
    disposition = any (compared) and group_key is not null and source_then <> coalesce(target_then, 0)
      and abs(source_then - coalesce(target_then, 0)) > tolerance as is_unequal,
    rows_then <> rows_now or target_then is distinct from target_now as is_changed
  from (
    select name, disposition, group_key, sum(rows_then)::bigint as rows_then, sum(source_then) as source_then,
      sum(target_then) as target_then, sum(rows_now)::bigint as rows_now, sum(source_now) as source_now,
      sum(target_now) as target_now
    from moments
    group by name, disposition, group_key
  ) as groups
  join total using (name)
)
select total.name, min(before_rows) as before_rows, min(before_sum) as before_sum,
  ${sumOf(sql`source_then`)} as source_then, ${sumOf(sql`source_now`)} as source_now,
  ${ofLoaded(sql`source_then`)} as loaded_then, ${ofLoaded(sql`target_then`)} as target_then,
  ${ofLoaded(sql`target_now`)} as target_now,
  count(*) filter (where group_key is not null) as groups,
  ${groupsWhere(sql`is_unequal`, 'unequal')},
  ${groupsWhere(sql`is_changed`, 'changed')}
from total
left join judged on judged.name = total.name
left join before on before.name = total.name
group by total.position, total.name
order by total.position`.toOperationNode(),
  )
}

/** How many groups there are of which the condition holds, and the first of them. */
function groupsWhere(condition: RawBuilder<unknown>, name: string): RawBuilder<unknown> {
  const told = ['rows_then', 'source_then', 'target_then', 'rows_now', 'target_now'].map(
    (column) => sql`${sql.lit(column)}, trim_scale(${id(column)}::numeric)::text`,
  )
  const group = sql`jsonb_build_object('disposition', disposition, 'group', group_key, ${sql.join(told)})`
  return sql`count(*) filter (where ${condition}) as ${id(name)},
  to_jsonb((array_agg(${group} order by group_key collate "C" nulls last, disposition collate "C")
    filter (where ${condition}))[1:${sql.lit(namedGroups)}]) as ${id(`${name}_groups`)}`
}

function id(name: string): RawBuilder<unknown> {
  return sql`${expressionOf(identifier(name))}`
}
