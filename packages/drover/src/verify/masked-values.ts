import { type Expression, type RawBuilder, sql } from 'kysely'
import { mask } from '../sql/mask.ts'

/** What stands for a value of which not even the shape may be shown. */
const hidden = 'secret'

/**
 * A JSON object of texts with every value masked (I8); null stays null, as a whole and inside. Of the columns that are
 * secret nothing shows, not even that they are null.
 */
export function maskedValues(values: Expression<unknown>, secret: readonly string[] = []): RawBuilder<unknown> {
  const masked = mask(sql`value`)
  const shown =
    secret.length === 0
      ? masked
      : sql`case when name in (${sql.join(secret.map((name) => sql.lit(name)))}) then ${sql.lit(hidden)} else ${masked} end`
  return sql`case when ${values} is not null then (
  select coalesce(jsonb_object_agg(name, ${shown}), '{}')
  from jsonb_each_text(${values}) as each (name, value)
) end`
}
