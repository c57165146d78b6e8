import { beforeAll, describe, expect, test } from 'vitest'
import type { TestDatabase } from '../../../packages/drover/test/support/postgres.ts'
import type { Manifest } from '../generator/manifest.ts'
import { targetId } from '../generator/target-id.ts'
import { migratedDatabase } from './dental.ts'

let database: TestDatabase
let manifest: Manifest

beforeAll(async () => {
  ;({ database, manifest } = await migratedDatabase())
}, 120_000)

/** Metric values with the legacy ids of what they belong to. */
const values = `
  select v.*, clinic.source_key as clinic, definition.source_key as definition, d.name as metric,
    to_char(v.metric_date, 'YYYY-MM') as month
  from public.metric_values as v
  join public.metric_definitions as d on d.id = v.metric_definition_id
  join drover.crosswalk_clinics as clinic on clinic.id = v.clinic_id and clinic.disposition = 'loaded'
  join drover.crosswalk_metric_definitions as definition
    on definition.id = v.metric_definition_id and definition.disposition = 'loaded'`

const sorted = (rows: readonly (readonly unknown[])[]) => rows.map((row) => row.join(' ')).sort()

describe('what the target holds is what the manifest has worked out', () => {
  test('number, sum, minimum and maximum for each definition, clinic and month', async () => {
    const rows = await database.query(`
      select clinic, definition, month, count(*)::int as n, trim_scale(sum(value))::text as sum,
        trim_scale(min(value))::text as min, trim_scale(max(value))::text as max
      from (${values}) as v where value is not null group by 1, 2, 3`)
    const expected = Object.entries(manifest.figures.byDefinition).flatMap(([clinic, definitions]) =>
      Object.entries(definitions).flatMap(([definition, months]) =>
        Object.entries(months).map(([month, { n, sum, min, max }]) => [clinic, definition, month, n, sum, min, max]),
      ),
    )
    expect(expected.length).toBeGreaterThan(2000)
    expect(sorted(rows.map((row) => Object.values(row)))).toEqual(sorted(expected))
  })

  test('production of each clinic and month', async () => {
    const rows = await database.query(`
      select clinic, month, trim_scale(sum(value))::text as amount
      from (${values}) as v where metric like '%Production' group by 1, 2`)
    const expected = Object.entries(manifest.figures.reference).flatMap(([clinic, months]) =>
      Object.entries(months).map(([month, amount]) => [clinic, month, amount]),
    )
    expect(sorted(rows.map((row) => Object.values(row)))).toEqual(sorted(expected))
  })

  test('production of each provider and month, clones included', async () => {
    const rows = await database.query(`
      select provider_id, month, trim_scale(sum(value))::text as amount
      from (${values}) as v where metric like '%Production' and provider_id is not null group by 1, 2`)
    const { byProvider } = manifest.figures
    const expected = Object.entries(byProvider).flatMap(([provider, months]) =>
      Object.entries(months).map(([month, amount]) => [targetId('providers', provider), month, amount]),
    )
    expect(Object.keys(byProvider).filter((provider) => provider.startsWith('clone:')).length).toBeGreaterThan(2)
    expect(sorted(rows.map((row) => Object.values(row)))).toEqual(sorted(expected))
  })

  test('days with a value for each clinic and definition', async () => {
    const rows = await database.query(
      `select clinic, definition, count(distinct metric_date)::int as days from (${values}) as v group by 1, 2`,
    )
    const expected = Object.entries(manifest.figures.reportingDays).flatMap(([clinic, definitions]) =>
      Object.entries(definitions).map(([definition, days]) => [clinic, definition, days]),
    )
    expect(sorted(rows.map((row) => Object.values(row)))).toEqual(sorted(expected))
  })

  test('which user is which provider', async () => {
    const rows = await database.query(`
      select p.id, u.source_key as "user" from public.providers as p
      join drover.crosswalk_profiles as u on u.id = p.user_id and u.disposition = 'loaded'`)
    const expected = Object.entries(manifest.logins).map(([provider, user]) => [targetId('providers', provider), user])
    expect(expected.length).toBeGreaterThan(2)
    expect(sorted(rows.map((row) => Object.values(row)))).toEqual(sorted(expected))
  })
})

/** How the first day of a period follows from a day, written apart from the migration; and the last from the first. */
const periods: Readonly<Record<string, readonly [first: string, last: string]>> = {
  daily: ['day', 'first'],
  weekly: [`date_trunc('week', day + 1)::date - 1`, 'first + 6'],
  monthly: ['make_date(year, month, 1)', `(first + interval '1 month')::date - 1`],
  quarterly: ['make_date(year, month - (month - 1) % 3, 1)', `(first + interval '3 months')::date - 1`],
  yearly: ['make_date(year, 1, 1)', 'make_date(year, 12, 31)'],
}

test.each(Object.keys(periods))('%s aggregations are what live grouping gives', async (granularity) => {
  const [first, last] = periods[granularity]!
  const rows = await database.query(
    `with numbers as (
      select v.clinic_id, v.metric_definition_id, v.provider_id, v.value, v.metric_date as day,
        extract(year from v.metric_date)::int as year, extract(month from v.metric_date)::int as month
      from public.metric_values as v
      join public.metric_definitions as d on d.id = v.metric_definition_id and d.rollup <> 'none'
      where v.value is not null
    ), placed as (
      select clinic_id, metric_definition_id, provider_id, value, ${first} as first from numbers where provider_id is not null
      union all
      select clinic_id, metric_definition_id, null, value, ${first} from numbers
    ), live as (
      select clinic_id, metric_definition_id, provider_id, first as period_start,
        sum(value) as sum, count(*) as n, min(value) as min, max(value) as max
      from placed group by 1, 2, 3, 4
    )
    select count(*)::int as n,
      (count(*) filter (where s.sum is distinct from live.sum or s.n is distinct from live.n
        or s.min is distinct from live.min or s.max is distinct from live.max
        or s.period_end is distinct from (select ${last} from (select live.period_start as first,
          extract(year from live.period_start)::int as year) as p)))::int as different
    from live
    full join (select * from public.metric_aggregations where granularity = $1) as s
      on (s.clinic_id, s.metric_definition_id, s.period_start) = (live.clinic_id, live.metric_definition_id, live.period_start)
      and coalesce(s.provider_id, s.clinic_id) = coalesce(live.provider_id, live.clinic_id)`,
    [granularity],
  )
  expect(rows[0]!.n).toBeGreaterThan(200)
  expect(rows[0]!.different).toBe(0)
})
