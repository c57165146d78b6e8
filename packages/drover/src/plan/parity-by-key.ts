import { type Expression, type RawBuilder, sql } from 'kysely'
import { columnOf, expressionOf, identifier } from '../sql/nodes.ts'
import { orderByText, shownColumns, shownRows } from './declared-rows.ts'
import type { ParitySides } from './parity.ts'

/** Compares rows with those of the same key, in one pass over both sides: nulls are equal, as everything is. */
export function keyedStatement(sides: ParitySides): RawBuilder<unknown> {
  const { keys, values, others } = columnsOf(sides)
  const differs = sql`(fault is not null or cardinality(columns) > 0)`
  const source = shownColumns(values, 'masked')
  const target = shownColumns(others, 'masked')
  const explained = sides.explained.map(
    (_, i) => sql`count(*) filter (where ${differs} and explained = ${sql.lit(i + 1)})::text`,
  )
  return sql`with ${judged(sides)}, total as (
  select coalesce(sum(source_rows), 0)::int8 as source_rows,
    coalesce(sum(target_rows), 0)::int8 as target_rows,
    count(*) filter (where ${differs} and explained is null) as n,
    array[${sql.join(explained)}]::text[] as explained
  from judged
), lowest as (
  select row_number() over (order by ${orderByText(keys.map(({ value }) => value))}) as place,
    ${shownColumns(keys, 'clear')} as key,
    case when source_rows > 0 then ${source} end as source,
    case when source_rows = 0 then ${source} when source_rows = 1 and target_rows > 0 then ${target} end as target,
    fault,
    columns
  from judged
  where ${differs} and explained is null
  order by place
  limit ${sql.lit(shownRows)}
)
select total.source_rows, total.target_rows, total.n, total.explained,
  lowest.key, lowest.source, lowest.target, lowest.fault, lowest.columns
from total
left join lowest on true
order by lowest.place`
}

/** The rows that differ with the values of both sides, those that are explained last. */
export function differenceByKey(sides: ParitySides): RawBuilder<unknown> {
  const { keys, values, others } = columnsOf(sides)
  const because = sides.explained.map((explanation) => sql.lit(explanation.because))
  const shown = [
    ...keys.map(({ name, value }) => sql`${value} as ${id(name)}`),
    sql`coalesce(fault, array_to_string(columns, ', ') || ' differs') as difference`,
    ...values.flatMap(({ name, value }, i) => [
      sql`case when source_rows > 0 then ${value} end as ${id(`source ${name}`)}`,
      sql`case when source_rows = 0 then ${value} when source_rows = 1 then ${others[i]!.value} end as ${id(`target ${name}`)}`,
    ]),
    ...(because.length === 0 ? [] : [sql`(array[${sql.join(because)}])[explained] as explained`]),
  ]
  return sql`with ${judged(sides)}
select ${sql.join(shown, sql.raw(',\n  '))}
from judged
where fault is not null or cardinality(columns) > 0
order by explained nulls first, ${orderByText(keys.map(({ value }) => value))}`
}

/**
 * Relations that end in `judged`, one row a key that a side has. A window brings the rows of one key together: unlike an
 * aggregate, it hands on values of any type. Rows of explanations are sides of their own, after both.
 */
function judged(sides: ParitySides): RawBuilder<unknown> {
  const { keys, values, others } = columnsOf(sides)
  const own = sql.join([...keys, ...values].map(({ value }) => value))
  const side = (relation: string) => [...sides.key, ...sides.compared].map((name) => columnOf(relation, name))
  const named = side('source').map((column, i) => sql`${column} as ${[...keys, ...values][i]!.value}`)
  const explained = sides.explained.map(({ rows }, i) => {
    const columns = [...sides.key.map((name) => columnOf('explained', name)), ...values.map(() => sql`null`)]
    return sql`
  union all
  select ${sql.lit(i + 3)}, ${sql.join(columns)}
  from ${rows} as explained`
  })
  const partition = sql.join(keys.map(({ value }) => value))
  const next = others.map(({ value }, i) => sql`,\n    lead(${values[i]!.value}) over in_order as ${value}`)
  const differences = sides.compared.map((name, i) =>
    difference(name, values[i]!.value, others[i]!.value, sides.tolerance[name]),
  )
  return sql`answer as (
  select 1 as side, ${sql.join(named)}
  from ${sides.source} as source
  union all
  select 2, ${sql.join(side('target'))}
  from ${sides.target} as target${sql.join(explained, sql``)}
), paired as (
  select ${own}${sql.join(next, sql``)},
    row_number() over in_order as place,
    count(*) filter (where side = 1) over of_key as source_rows,
    count(*) filter (where side = 2) over of_key as target_rows,
    min(side) filter (where side > 2) over of_key - 2 as explained
  from answer
  window of_key as (partition by ${partition}), in_order as (partition by ${partition} order by side)
), judged as (
  select *,
    case
      when source_rows > 1 then 'twice in the source'
      when target_rows > 1 then 'twice in the target'
      when target_rows = 0 then 'only in the source'
      when source_rows = 0 then 'only in the target'
    end as fault,
    case when source_rows = 1 and target_rows = 1 then array_remove(array[
      ${sql.join(differences, sql.raw(',\n      '))}
    ]::text[], null) else '{}' end as columns
  from paired
  where place = 1 and source_rows + target_rows > 0
)`
}

/** The name of the column where its sides differ. Infinite and null values differ from all others, by any tolerance. */
function difference(
  name: string,
  source: Expression<unknown>,
  target: Expression<unknown>,
  tolerance: string | undefined,
): RawBuilder<unknown> {
  const isDistinct = sql`${source} is distinct from ${target}`
  const label = sql.lit(name)
  if (tolerance === undefined) return sql`case when ${isDistinct} then ${label} end`
  const isBeyond = sql`coalesce(abs(${source} - ${target}) > ${sql.raw(tolerance)}, true)`
  return sql`case when ${isDistinct} then case when ${isBeyond} then ${label} end end`
}

/** The columns under names of their own, which no name of the author's can be taken for. */
function columnsOf({ key, compared }: ParitySides) {
  const as = (letter: string, names: readonly string[]) =>
    names.map((name, i) => ({ name, value: id(`${letter}${i + 1}`) }))
  return {
    keys: as('k', key),
    /** Of the source; of the target where the source has no such row. */
    values: as('v', compared),
    /** Of the row that comes next: of the target, where both sides have one. */
    others: as('w', compared),
  }
}

function id(name: string) {
  return expressionOf(identifier(name))
}
