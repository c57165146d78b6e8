import { type Expression, type RawBuilder, sql } from 'kysely'
import { mask } from '../sql/mask.ts'

/** Rows that a finding shows at most. */
export const shownRows = 5

/** A column of a shown row. */
export interface ShownColumn {
  readonly name: string
  readonly value: Expression<unknown>
}

/** Columns as one JSON object of texts: in clear what names a row, masked what it holds (I8). */
export function shownColumns(columns: readonly ShownColumn[], as: 'clear' | 'masked'): RawBuilder<unknown> {
  const names = columns.map(({ name }) => sql.lit(name))
  const texts = columns.map(({ value }) => (as === 'clear' ? sql`${value}::text` : mask(value)))
  return sql`json_object(${textArray(names)}, ${textArray(texts)})`
}

/** The order of rows by what names them, the same on every server. */
export function orderByText(values: readonly Expression<unknown>[]): RawBuilder<unknown> {
  return sql.join(values.map((value) => sql`${value}::text collate "C"`))
}

function textArray(items: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return sql`array[${sql.join(items)}]::text[]`
}
