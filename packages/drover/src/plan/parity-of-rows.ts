import { type RawBuilder, sql } from 'kysely'
import { columnOf, expressionOf, identifier } from '../sql/nodes.ts'
import { orderByText, shownColumns, shownRows } from './declared-rows.ts'
import type { ParitySides } from './parity.ts'

/**
 * Compares rows as a whole, as multisets: grouped by all columns, which takes nulls for equal, each distinct row stands on
 * one side as often as on the other. Every time too many or too few is a difference.
 */
export function wholeRowsStatement({ source, target, compared }: ParitySides): RawBuilder<unknown> {
  // Names of their own, which no name of the author's can be taken for.
  const columns = compared.map((name, i) => ({ name, value: id(`c${i + 1}`) }))
  const values = columns.map(({ value }) => value)
  const named = sql.join(columns.map(({ name, value }) => sql`${columnOf('source', name)} as ${value}`))
  const masked = shownColumns(columns, 'masked')
  return sql`with answer as (
  select 1 as side, ${named}
  from ${source} as source
  union all
  select 2, ${sql.join(compared.map((name) => columnOf('target', name)))}
  from ${target} as target
), counted as (
  select ${sql.join(values)},
    count(*) filter (where side = 1) as source_rows,
    count(*) filter (where side = 2) as target_rows
  from answer
  group by ${sql.join(values)}
), total as (
  select coalesce(sum(source_rows), 0)::int8 as source_rows,
    coalesce(sum(target_rows), 0)::int8 as target_rows,
    coalesce(sum(abs(source_rows - target_rows)), 0)::int8 as n
  from counted
), lowest as (
  select row_number() over (order by ${orderByText(values)}) as place,
    case
      when target_rows = 0 then 'only in the source'
      when source_rows = 0 then 'only in the target'
      else source_rows || ' in the source, ' || target_rows || ' in the target'
    end as fault,
    case when source_rows > 0 then ${masked} end as source,
    case when target_rows > 0 then ${masked} end as target
  from counted
  where source_rows <> target_rows
  order by place
  limit ${sql.lit(shownRows)}
)
select total.source_rows, total.target_rows, total.n, '{}'::text[] as explained,
  '{}'::json as key, lowest.source, lowest.target, lowest.fault, '{}'::text[] as columns
from total
left join lowest on true
order by lowest.place`
}

/** The rows that one side has and the other has not, or has less often. */
export function differenceOfRows({ source, target, compared }: ParitySides): RawBuilder<unknown> {
  const names = sql.join(compared.map(id))
  return sql`with source as ${source}, target as ${target}
select 'only in the source' as side, ${names}
from (
  select ${names} from source
  except all
  select ${names} from target
) as missing
union all
select 'only in the target', ${names}
from (
  select ${names} from target
  except all
  select ${names} from source
) as added
order by ${sql.join(compared.map((_, i) => sql.lit(i + 2)))}, 1`
}

function id(name: string) {
  return expressionOf(identifier(name))
}
