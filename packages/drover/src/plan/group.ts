import { type Expression, type RawBuilder, sql } from 'kysely'
import { expressionOf, identifier } from '../sql/nodes.ts'
import { type GroupValue, groupValuesOf } from './late.ts'
import { readsOf } from './lineage.ts'
import type { MappingParts, TransformedRow } from './row.ts'

/** The identity groups of a mapping: what their rows share, and the order in which the survivor comes first. */
export interface Grouping {
  readonly partition: readonly Expression<unknown>[]
  readonly order: readonly Expression<unknown>[]
}

/** What the resolve step adds for the values of groups. */
export interface ResolvedGroupValues {
  /** Columns of the grouped rows. */
  readonly grouped: readonly RawBuilder<unknown>[]
  /** Columns of the stored rows, made from those. */
  readonly stored: readonly RawBuilder<unknown>[]
  /** Conditions under which a row is stored although it is simply loaded. */
  readonly needed: readonly RawBuilder<unknown>[]
}

/** Computes each value once for each group; it is stored with the survivor, which alone needs it. */
export function resolveGroupValues(parts: MappingParts, row: TransformedRow, grouping: Grouping): ResolvedGroupValues {
  const values = [...groupValuesOf(parts.mapping.columns).values()]
  refuseSecrets(parts, values)
  const isFilled = values.some(({ annotation }) => annotation.kind === 'filled')
  const isCollected = values.some(({ annotation }) => annotation.kind === 'collected')
  return {
    grouped: [
      ...(isFilled ? [sql`count(*) over (partition by ${sql.join(grouping.partition)}) as _size`] : []),
      ...values.flatMap((value) => groupedColumns(value, row, grouping)),
    ],
    stored: values.flatMap(storedColumns),
    // A collection has to be made for a group of one too; to be filled, a row needs others.
    needed: isCollected ? [sql`true`] : isFilled ? [sql`_size > 1`] : [],
  }
}

function groupedColumns(value: GroupValue, row: TransformedRow, { partition, order }: Grouping) {
  const place = (node: Parameters<typeof row.transform.place>[0]) => expressionOf(row.transform.place(node))
  const own = expressionOf(row.transform.placeOnce(value.own))
  const key = sql`${expressionOf(row.key)} collate "C"`
  if (value.annotation.kind === 'filled') {
    const rules = value.annotation.order.length > 0 ? [...value.annotation.order.map(place), key] : order
    return [
      sql`first_value(${own}) over (partition by ${sql.join(partition)} order by ${own} is null, ${sql.join(rules)}) as ${id(value.name)}`,
    ]
  }
  const { distinct, keep, order: entries } = value.annotation.collection
  const one = [...partition, ...distinct.map(place)]
  return [
    sql`${own} as ${id(`_entry_${value.name}`)}`,
    sql`row_number() over (partition by ${sql.join(partition)} order by ${sql.join([...entries.map(place), key])}) as ${id(`_order_${value.name}`)}`,
    ...(distinct.length > 0
      ? [
          sql`row_number() over (partition by ${sql.join(one)} order by ${sql.join([...keep.map(place), key])}) as ${id(`_place_${value.name}`)}`,
        ]
      : []),
  ]
}

function storedColumns(value: GroupValue): readonly RawBuilder<unknown>[] {
  const ofSurvivor = (column: RawBuilder<unknown>) =>
    sql`case when source_key = survivor_key then ${column} end as ${id(value.name)}`
  if (value.annotation.kind === 'filled') return [ofSurvivor(id(value.name))]
  const isDistinct = value.annotation.collection.distinct.length > 0
  const place = id(`_place_${value.name}`)
  const entry = id(`_entry_${value.name}`)
  const kept = isDistinct ? sql`${place} = 1 and ${entry} is not null` : sql`${entry} is not null`
  const all = sql`coalesce(jsonb_agg(${entry}) filter (where ${kept}) over (
      partition by survivor_key order by ${id(`_order_${value.name}`)} rows between unbounded preceding and unbounded following
    ), '[]')`
  return [ofSurvivor(all), ...(isDistinct ? [sql`${place} > 1 as ${id(value.leftOut)}`] : [])]
}

function refuseSecrets({ mapping, source, context }: MappingParts, values: readonly GroupValue[]): void {
  const secrets = new Set(mapping.secret.map((column) => `${source.alias}.${column}`))
  const read = values.flatMap(({ own }) => readsOf(own)).filter((column) => secrets.has(column))
  if (read.length > 0) {
    context.complain(`filled() and collect() would store ${read.join(', ')} in the ledger, which \`secret\` forbids.`)
  }
}

function id(name: string): RawBuilder<unknown> {
  return sql`${expressionOf(identifier(name))}`
}
