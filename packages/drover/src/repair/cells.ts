import { type Expression, type RawBuilder, sql } from 'kysely'
import type { MappingPlan, Plan } from '../plan/plan.ts'
import { mask } from '../sql/mask.ts'

/** A value of a source row as a person may see it. */
export interface Cell {
  readonly column: string
  /** The value as text or, where it is masked, its shape; null is null in both. */
  readonly value: string | null
  readonly isMasked: boolean
}

/** Which values are seen. */
export interface Sight {
  /** Columns that are masked whatever is asked. */
  readonly personal: readonly string[]
  readonly showsValues: boolean
}

/** What is seen of the source of a mapping: a column that any mapping of it calls personal, or secret, is masked. */
export function sightOf({ mappings }: Plan, mapping: string, showsValues: boolean): Sight {
  const own = mappings.find(({ name }) => name === mapping)!
  const relationOf = ({ origin, source, name }: MappingPlan) => origin?.relation ?? (source === 'query' ? name : source)
  const same = mappings.filter((mapping) => relationOf(mapping) === relationOf(own))
  const columns = same.flatMap(({ personal, secret }) => [...personal, ...secret])
  return { personal: [...new Set(columns)], showsValues }
}

/** Whether a column is masked. */
export function isMasked(column: string, { personal, showsValues }: Sight): boolean {
  return !showsValues || personal.includes(column)
}

/**
 * The entries of a jsonb object as an array of `[column, value]`, masked in the database: what is masked never leaves it
 * (I8). Null where there is no object.
 */
export function cellsOf(object: Expression<unknown>, { personal, showsValues }: Sight): RawBuilder<unknown> {
  const value = sql`cell.value`
  const hidden = sql.join(personal.map((column) => sql.lit(column)))
  const shown = !showsValues
    ? mask(value)
    : personal.length === 0
      ? value
      : sql`case when cell.key in (${hidden}) then ${mask(value)} else ${value} end`
  return sql`(
    select jsonb_agg(jsonb_build_array(cell.key, ${shown}))
    from jsonb_each_text(${object}) as cell
  )`
}

/** What {@link cellsOf} returned, in the order of the table's columns. */
export function readCells(value: unknown, sight: Sight, order: readonly string[]): readonly Cell[] {
  const entries = (value ?? []) as readonly (readonly [string, string | null])[]
  return entries
    .map(([column, shown]) => ({ column, value: shown, isMasked: isMasked(column, sight) }))
    .toSorted((a, b) => rank(order, a.column) - rank(order, b.column) || (a.column < b.column ? -1 : 1))
}

function rank(order: readonly string[], column: string): number {
  const position = order.indexOf(column)
  return position < 0 ? order.length : position
}
