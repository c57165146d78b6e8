import { type numeric, sql } from 'drover'
import type { Schemas } from './question.ts'
import { dayOfValue, isProduction, monthOf } from './readings.ts'

/** The month of a legacy value in its clinic. */
export const localMonth = monthOf(dayOfValue)

/** The month under which the legacy application shows it. */
export const monthInUtc = monthOf(sql`v.date`)

/** The month of a value of the new schema. */
export const targetMonth = monthOf(sql.ref('v.metric_date'))

/** The production that the new schema holds. */
export const production = (db: Schemas) =>
  db
    .selectFrom('public.metric_values as v')
    .innerJoin('public.metric_definitions as t', 't.id', 'v.metric_definition_id')
    .where(isProduction)

/** What values come to. */
export const sumOfValues = sql<numeric>`sum(v.value)`.as('production')
