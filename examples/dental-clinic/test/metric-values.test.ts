import { describe, expect, test } from 'vitest'
import { createGenerated } from './generated.ts'

const generated = createGenerated({ scale: 's', seed: 1, foreignKeys: 'loose' })

/** Metric values that the manifest names nowhere, with their parents. */
async function cleanValues() {
  const { database, manifest } = await generated
  const { mergedInto, quarantinedBy, correctedBy, notedBy } = manifest.mappings.metric_values!
  const injected = Object.entries(manifest.defects).flatMap(([code, { ids }]) => (code.includes('/') ? [] : ids))
  const named = [
    ...injected,
    ...Object.entries(mergedInto).flat(),
    ...[quarantinedBy, correctedBy, notedBy].flatMap((lists) => Object.values(lists).flat()),
  ]
  return {
    database,
    clean: `select value.*, definition.data_type, settings.number_locale
      from legacy.metric_values as value
      join legacy.metric_definitions as definition on definition.id = value.metric_definition_id
      left join migration_input.source as settings on settings.legacy_id = value.data_source_id
      where value.id <> all ($1)`,
    named,
  }
}

describe('a row that is named nowhere trips no rule', () => {
  test.each([
    ['its value is a plain number or a date', `data_type <> 'date' and value !~ '^-?\\d+(\\.\\d{1,2})?$'`],
    ['a date value is an ISO date', `data_type = 'date' and value !~ '^20\\d\\d-[01]\\d-[0-3]\\d$'`],
    ['in a European sheet its number has no point', `number_locale = 'eu' and data_type <> 'date' and value ~ '\\.'`],
    ['a percentage is no fraction', `case when data_type = 'percentage' then value::numeric <= 1.5 end`],
    [
      'its date lies between 2022 and the cutover',
      `date not between '2022-01-01' and timestamp '2025-06-01' - interval '1 s'`,
    ],
    ['it is not a Sunday', 'extract(dow from date) = 0'],
    [
      'it was created before it was updated, before the cutover',
      `not (created_at <= updated_at and updated_at < '2025-06-01')`,
    ],
    ['its source type is known', `source_type not in ('spreadsheet', 'form')`],
    [
      'it is from a sheet and has an external id, or neither',
      `num_nulls(data_source_id, external_id, source_sheet) not in (0, 3)
        or (source_type = 'spreadsheet') <> (data_source_id is not null)`,
    ],
    ['its clinic exists', 'not exists (select from legacy.clinics as c where c.id = clinic_id)'],
    [
      'its provider is of its clinic',
      `provider_id is not null
        and not exists (select from legacy.providers as p where p.id = provider_id and p.clinic_id = v.clinic_id)`,
    ],
    [
      'its source is of its clinic',
      `data_source_id is not null
        and not exists (
          select from legacy.data_sources as d where d.id = data_source_id and d.clinic_id = v.clinic_id
        )`,
    ],
  ])('%s', async (_, tripped) => {
    const { database, clean, named } = await cleanValues()
    const rows = await database.query(`select * from (${clean}) as v where ${tripped}`, [named])
    expect(rows).toEqual([])
  })
})

test('no external id occurs twice, but for the duplicates', async () => {
  const { database, manifest } = await generated
  const copies = [...manifest.defects.V11!.ids, ...manifest.defects.V12!.ids]
  const rows = await database.query(
    `select external_id from legacy.metric_values where id <> all ($1)
    group by external_id having count(external_id) > 1`,
    [copies],
  )
  expect(rows).toEqual([])
})

test('only V08 looks like a thousand or a fraction', async () => {
  const { database, manifest } = await generated
  const rows = await database.query(
    `select id from legacy.metric_values where value ~ '^-?\\d{1,3}\\.\\d{3}$' order by id collate "C"`,
  )
  expect(rows.map(({ id }) => id)).toEqual(manifest.defects.V08!.ids)
})

test('V08 stands where no locale is declared', async () => {
  const { database, manifest } = await generated
  const rows = await database.query(
    `select settings.number_locale, count(*)::int as n, count(data_source_id)::int as from_sheets
    from legacy.metric_values left join migration_input.source as settings on settings.legacy_id = data_source_id
    where id = any ($1)
    group by 1`,
    [manifest.defects.V08!.ids],
  )
  expect(rows).toEqual([{ number_locale: null, n: 20, from_sheets: 10 }])
})

test('V07 is the only number with a comma for the point, and stands in European sheets', async () => {
  const { database, manifest } = await generated
  const rows = await database.query(
    `select value.id
    from legacy.metric_values as value
    join migration_input.source as settings on settings.legacy_id = value.data_source_id
    where settings.number_locale = 'eu' and value.value ~ ','
    order by value.id collate "C"`,
  )
  expect(rows.map(({ id }) => id)).toEqual(manifest.defects.V07!.ids)
})

test('every V06 has a no-break space', async () => {
  const { database, manifest } = await generated
  const rows = await database.query(
    `select id from legacy.metric_values where strpos(value, chr(160)) > 0 order by id collate "C"`,
  )
  expect(rows.map(({ id }) => id)).toEqual(manifest.defects.V06!.ids)
})

test('among rows with a possible date and a clinic, V26 alone has another month in its clinic', async () => {
  const { database, manifest } = await generated
  const rows = await database.query(
    `select value.id
    from legacy.metric_values as value
    left join legacy.providers as provider on provider.id = value.provider_id
    left join legacy.data_sources as source on source.id = value.data_source_id
    join legacy.clinics as clinic on clinic.id = coalesce(value.clinic_id, provider.clinic_id, source.clinic_id)
    left join migration_input.clinic as settings on settings.legacy_id = clinic.id
    cross join lateral (
      select case when value.date::time = '00:00' then value.date
        else value.date at time zone 'UTC' at time zone coalesce(settings.timezone, 'America/Chicago') end as local
    ) as reading
    where to_char(local, 'YYYY-MM') <> to_char(value.date, 'YYYY-MM')
    order by value.id collate "C"`,
  )
  expect(rows.map(({ id }) => id)).toEqual(manifest.defects.V26!.ids)
})

test('midnights of Chicago stand in Chicago and New York only', async () => {
  const { database, manifest } = await generated
  const [row] = await database.query(
    `select count(*)::int as n,
      (count(*) filter (where timezone not in ('America/Chicago', 'America/New_York')))::int as elsewhere,
      (count(*) filter (where date::time not in ('05:00', '06:00')))::int as at_other_times
    from legacy.metric_values as value left join migration_input.clinic on legacy_id = clinic_id
    where date::time <> '00:00' and clinic_id is not null and value.id <> all ($1)`,
    [manifest.defects.V26!.ids],
  )
  expect(row).toMatchObject({ elsewhere: 0, at_other_times: 0 })
  expect(row!.n).toBeGreaterThan(600)
  expect(row!.n).toBeLessThan(1000)
})

test('exact duplicates differ in nothing but the id, conflicting ones in value and time of update', async () => {
  const { database, manifest } = await generated
  const compare = (ids: readonly string[]) =>
    database.query(
      `select count(*)::int as n, count(distinct copy.id)::int as copies,
        (count(*) filter (where original.value = copy.value))::int as equal_values,
        (count(*) filter (where original.updated_at = copy.updated_at))::int as equal_times
      from legacy.metric_values as copy
      join legacy.metric_values as original using
        (external_id, clinic_id, metric_definition_id, data_source_id, date, source_type, created_at)
      where copy.id = any ($1)
        and original.id <> copy.id
        and original.provider_id is not distinct from copy.provider_id`,
      [ids],
    )
  expect(await compare(manifest.defects.V11!.ids)).toEqual([{ n: 90, copies: 90, equal_values: 90, equal_times: 90 }])
  expect(await compare(manifest.defects.V12!.ids)).toEqual([{ n: 40, copies: 40, equal_values: 0, equal_times: 10 }])
})

test('of duplicates the one updated last survives, then the one with the lower id', async () => {
  const { database, manifest } = await generated
  const { mergedInto } = manifest.mappings.metric_values!
  const rows = await database.query(`select id, updated_at::text from legacy.metric_values where id = any ($1)`, [
    Object.entries(mergedInto).flat(),
  ])
  const updated = new Map(rows.map((row) => [String(row.id), String(row.updated_at)]))
  for (const [loser, survivor] of Object.entries(mergedInto)) {
    const [lost, kept] = [updated.get(loser)!, updated.get(survivor)!]
    expect(lost < kept || (lost === kept && loser > survivor)).toBe(true)
  }
})

test('two ids differ in case only', async () => {
  const { database } = await generated
  const rows = await database.query(
    'select count(*)::int as n from legacy.metric_values group by lower(id) having count(*) > 1',
  )
  expect(rows).toEqual([{ n: 2 }])
})

test('ids have their three forms in their shares', async () => {
  const { database } = await generated
  const [row] = await database.query(
    `select
      (count(*) filter (where id ~ '^c[a-z0-9]{24}$'))::int as cuid_like,
      (count(*) filter (where id ~ '^value-\\d{13}$'))::int as with_milliseconds,
      (count(*) filter (where id ~* '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$'))::int as uuids
    from legacy.metric_values`,
  )
  expect(row).toEqual({ cuid_like: 9000, with_milliseconds: 600, uuids: 400 })
})
