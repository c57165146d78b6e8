import { type RawBuilder, sql } from 'kysely'

/**
 * Why a row was set aside, as columns of a lateral relation `cause` over `drover.quarantine`: `columns`, the target columns
 * under which its code stands, and the `constraint_name` of what the server refused; null where there is none.
 */
export const causeOfRow: RawBuilder<unknown> = sql`cross join lateral (
  select string_agg(distinct (reason ->> 'column') collate "C", ', ' order by (reason ->> 'column') collate "C") as columns,
    max(reason ->> 'constraint') as constraint_name
  from jsonb_array_elements(quarantine.reasons) as reason
  where reason ->> 'code' = quarantine.code
) as cause`
