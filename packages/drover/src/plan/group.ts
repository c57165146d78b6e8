import { type Expression, type RawBuilder, sql } from 'kysely'
import type { Annotation } from '../sql/annotation.ts'
import { expressionOf, identifier } from '../sql/nodes.ts'
import { type GroupValue, groupValuesOf } from './late.ts'
import { readsOf } from './lineage.ts'
import type { MappingParts, TransformedRow } from './row.ts'

type Alike = Annotation & { readonly kind: 'alike' }

/** The identity groups of a mapping: what their rows share, and the order in which the survivor comes first. */
export interface Grouping {
  readonly partition: readonly Expression<unknown>[]
  readonly order: readonly Expression<unknown>[]
  /** What they share among the grouped rows. */
  readonly stored: readonly Expression<unknown>[]
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
    stored: values.flatMap((value) => storedColumns(value, grouping)),
    // A collection has to be made for a group of one too; to be filled, a row needs others.
    needed: isCollected
      ? [sql`true`]
      : [
          ...(isFilled ? [sql`_size > 1`] : []),
          ...values.filter(({ annotation }) => annotation.kind === 'alike').map(({ name }) => id(name)),
        ],
  }
}

function groupedColumns(value: GroupValue, row: TransformedRow, { partition, order }: Grouping) {
  const place = (node: Parameters<typeof row.transform.place>[0]) => expressionOf(row.transform.place(node))
  if (value.annotation.kind === 'alike') return [sql`${isAlike(value.annotation, row)} as ${id(value.name)}`]
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

function storedColumns(value: GroupValue, { stored }: Grouping): readonly RawBuilder<unknown>[] {
  const ofSurvivor = (column: RawBuilder<unknown>) =>
    sql`case when source_key = survivor_key then ${column} end as ${id(value.name)}`
  if (value.annotation.kind === 'alike') return [id(value.name)]
  if (value.annotation.kind === 'filled') return [ofSurvivor(id(value.name))]
  const isDistinct = value.annotation.collection.distinct.length > 0
  const place = id(`_place_${value.name}`)
  const entry = id(`_entry_${value.name}`)
  const kept = isDistinct ? sql`${place} = 1 and ${entry} is not null` : sql`${entry} is not null`
  const all = sql`coalesce(jsonb_agg(${entry}) filter (where ${kept}) over (
      partition by ${sql.join(stored)} order by ${id(`_order_${value.name}`)} rows between unbounded preceding and unbounded following
    ), '[]')`
  return [ofSurvivor(all), ...(isDistinct ? [sql`${place} > 1 as ${id(value.leftOut)}`] : [])]
}

function isAlike({ by, differIn, when }: Alike, { transform, key }: TransformedRow): RawBuilder<unknown> {
  const values = by.map((node) => expressionOf(transform.placeOnce(node)))
  const apart =
    when && sql`case when (${expressionOf(transform.placeOnce(when))}) is not true then ${expressionOf(key)} end`
  const over = sql`over (partition by ${sql.join(apart === undefined ? values : [apart, ...values])})`
  if (differIn.length === 0) return sql`count(*) ${over} > 1`
  const different = differIn.map((node) => {
    const value = sql`(${expressionOf(transform.placeOnce(node))})::text collate "C"`
    return sql`min(${value}) ${over} <> max(${value}) ${over}`
  })
  return sql`coalesce(${sql.join(different, sql` or `)}, false)`
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
