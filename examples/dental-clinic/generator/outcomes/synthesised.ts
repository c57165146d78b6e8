import { type Exception, type MappingOutcome, summarise } from '../manifest.ts'
import { dateDefinitions } from '../metric-definitions.ts'
import type { Query } from '../query.ts'
import { work } from '../sql-text.ts'
import { targetId } from '../target-id.ts'

/**
 * Stand-ins for providers of another clinic, one per (clinic after the merge, name, type): the provider's twin in the
 * value's clinic (matched) or a clone of him (loaded).
 */
export async function readStandIns(query: Query): Promise<MappingOutcome> {
  const rows = await query(`
    select distinct special.kind = 'V17' as has_twin, owner.id as clinic, lower(provider.plain_name) as name, provider.type
    from ${work}.value_plan as special
    join ${work}.clinics as clinic on clinic.number = special.clinic
    join ${work}.clinics as owner on owner.number = clinic.survivor
    join ${work}.providers as provider on provider.id = special.foreign_provider`)
  const matched = rows
    .filter((row) => row.has_twin)
    .map((row): Exception => {
      const key = [targetId('clinics', String(row.clinic)), String(row.name), String(row.type)]
      // As PostgreSQL writes an array.
      return { id: `[${key.map((part) => JSON.stringify(part)).join(', ')}]`, kind: 'matched', detail: null }
    })
  return summarise(rows.length, matched)
}

/** The first day of each period that a day is in; weeks begin on Sunday. */
const periods = [
  'day',
  'day - extract(dow from day)::int',
  `date_trunc('month', day)::date`,
  `date_trunc('quarter', day)::date`,
  `date_trunc('year', day)::date`,
]

/** Aggregations: for each definition and period one of each clinic, and one of each of its providers who has values. */
export async function readAggregations(query: Query): Promise<MappingOutcome> {
  const totals = periods.flatMap((first) => [
    `select from days group by clinic, definition, ${first}`,
    `select from days where provider is not null group by clinic, definition, provider, ${first}`,
  ])
  const [counted] = await query(`
    with days as materialized (
      select clinic, definition, provider, day
      from ${work}.placed
      where definition not in (${dateDefinitions.join(', ')})
      group by clinic, definition, provider, day
    )
    select ${totals.map((total) => `(select count(*) from (${total}) as total)`).join(' + ')} as n`)
  return summarise(Number(counted!.n), [])
}
