import { type Expression, type RawBuilder, sql } from 'kysely'
import { mask } from '../sql/mask.ts'

/** A JSON object of texts with every value masked (I8); null stays null, as a whole and inside. */
export function maskedValues(values: Expression<unknown>): RawBuilder<unknown> {
  return sql`case when ${values} is not null then (
  select coalesce(jsonb_object_agg(name, ${mask(sql`value`)}), '{}')
  from jsonb_each_text(${values}) as each (name, value)
) end`
}
