import { sql } from 'kysely'
import { compile } from '../sql/compile.ts'
import { expressionOf } from '../sql/nodes.ts'
import { placesOf, rangeCondition } from './range.ts'
import { drivingRelation, type MappingParts } from './row.ts'

/**
 * Where a range can be cut in two: `$1` lower and `$2` upper bound, `$3` how many places go below the cut, null for half
 * of them. Returns `rows` and `places` of the range, and `middle`, the bound between the parts: a place of the range that
 * is not its first, so that neither part is empty; null where there is none.
 */
export function splitChunk(parts: MappingParts): string {
  const { alias } = parts.source
  const from = sql`${expressionOf(drivingRelation(parts))} as ${sql.id(alias)}
    where ${expressionOf(rangeCondition(parts, { lower: '$1', upper: '$2' }))}`
  const places = placesOf(parts)
  if (places.length === 0) {
    return compile(
      sql`select count(*) as rows, 2 as places, null::text[] as middle from ${from} and $3::bigint is null`.toOperationNode(),
    )
  }
  const nodes = places.map(({ node }) => expressionOf(node))
  const present = nodes.map((node) => sql`${node} is not null`)
  return compile(
    sql`with place as (
  select array[${sql.join(nodes.map((node) => sql`(${node})::text`))}] as bound, row_number() over (order by ${sql.join(nodes)}) as position, count(*) as rows
  from ${from} and ${sql.join(present, sql` and `)}
  group by ${sql.join(nodes)}
), total as (
  select coalesce(sum(rows), 0)::bigint as rows, count(*) as places from place
)
select total.rows, total.places, place.bound as middle
from total
left join place on total.places > 1
  and place.position = least(greatest(coalesce($3::bigint, total.places / 2), 1), total.places - 1) + 1`.toOperationNode(),
  )
}
