import { describe, expect, test } from 'vitest'
import { fromPlain, readAsLegacy, readUnderPolicy, toPlain } from '../generator/amounts.ts'
import { createGenerated } from './generated.ts'

describe('amounts', () => {
  test.each([
    ['1234.5', '1234.5'],
    ['-0.25', '-0.25'],
    ['0', '0'],
    ['-0.00', '0'],
    ['12.340000', '12.34'],
  ])('%s is written %s', (text, plain) => {
    expect(toPlain(fromPlain(text))).toBe(plain)
  })

  test.each([
    ['$1,234.50', false, '1234.5'],
    [' $ 1,322.35 ', false, '1322.35'],
    ['-$687.00', false, '-687'],
    ['-1,296.00', false, '-1296'],
    ['(123.45)', false, '-123.45'],
    ['($1,234.50)', false, '-1234.5'],
    ['$ -   ', false, '0'],
    ['\u00a01234.50 ', null, '1234.5'],
    ['1.234,50', true, '1234.5'],
    ['-987,50', true, '-987.5'],
    ['1.234', false, '1.234'],
    ['1.234', true, '1234'],
    ['1.234', null, undefined],
    ['-12.5 %', false, '-12.5'],
    ['1,23', false, undefined],
    ['N/A', false, undefined],
    ['', false, undefined],
    ['-', false, undefined],
    ['(12', false, undefined],
    ['Infinity', false, undefined],
  ])('%j, European %s, means %s', (text, european, plain) => {
    const amount = readUnderPolicy(text, european)
    expect(amount === undefined ? undefined : toPlain(amount)).toBe(plain)
  })

  test.each([
    ['1,234.50', '1'],
    ['1.234,50', '1.234'],
    ['$1,234.50', undefined],
    ['(123.45)', undefined],
    [' \u00a0 12.5 ', '12.5'],
    ['87.5%', '87.5'],
  ])('the legacy application reads %j as %s', (text, plain) => {
    const amount = readAsLegacy(text)
    expect(amount === undefined ? undefined : toPlain(amount)).toBe(plain)
  })
})

describe('production per clinic and month', () => {
  const generated = createGenerated({ scale: 's', seed: 1, foreignKeys: 'loose' })

  test('what the legacy application shows plus all deltas is the reference', async () => {
    const { figures } = (await generated).manifest
    const sums = new Map<string, bigint>()
    for (const part of [figures.appLegacy, ...Object.values(figures.deltas)]) {
      for (const [clinic, months] of Object.entries(part)) {
        for (const [month, amount] of Object.entries(months)) {
          const key = `${clinic} ${month}`
          sums.set(key, (sums.get(key) ?? 0n) + fromPlain(amount))
        }
      }
    }
    for (const [clinic, months] of Object.entries(figures.reference)) {
      for (const [month, amount] of Object.entries(months)) {
        const key = `${clinic} ${month}`
        expect([key, toPlain(sums.get(key)!)]).toEqual([key, amount])
        sums.delete(key)
      }
    }
    // Months that hold nothing but rows with an impossible date.
    expect([...sums].filter(([, amount]) => amount !== 0n)).toEqual([])
  })

  test('every kind of defect that changes a sum has its delta', async () => {
    const { deltas } = (await generated).manifest.figures
    for (const code of ['V01', 'V02', 'V04', 'V07', 'V11', 'V12', 'V14', 'V23', 'V24', 'V26']) {
      expect(Object.keys(deltas)).toContain(code)
    }
    for (const code of ['V03', 'V06', 'V13', 'V17', 'V20', 'V25']) expect(Object.keys(deltas)).not.toContain(code)
  })

  test('only surviving clinics have figures', async () => {
    const { manifest } = await generated
    const duplicates = Object.keys(manifest.mappings.clinics!.mergedInto)
    expect(Object.keys(manifest.figures.reference)).toHaveLength(5)
    expect(Object.keys(manifest.figures.reference)).not.toEqual(expect.arrayContaining(duplicates))
  })

  test('the reference is what the texts of the loaded rows amount to', async () => {
    const { database, manifest } = await generated
    const { mergedInto, quarantinedBy } = manifest.mappings.metric_values!
    const clinics = manifest.mappings.clinics!.mergedInto
    // Another way to read them than the generator's: all signs are taken away in SQL, and the sum taken per clinic.
    const rows = await database.query(
      `select
        coalesce(($1::jsonb) ->> clinic, clinic) as clinic,
        sum(sign * coalesce(nullif(digits, ''), '0')::numeric)::text as amount
      from legacy.metric_values as value
      join legacy.metric_definitions as definition on definition.id = value.metric_definition_id
      left join legacy.providers as provider on provider.id = value.provider_id
      left join migration_input.source as settings on settings.legacy_id = value.data_source_id
      cross join lateral (
        select
          coalesce(value.clinic_id, provider.clinic_id) as clinic,
          case when value.value ~ '[(]|-[$]?[0-9]' then -1 else 1 end as sign,
          case when settings.number_locale = 'eu' then translate(value.value, ',.-', '.')
            else regexp_replace(value.value, '[^0-9.]', '', 'g') end as digits
      ) as reading
      where definition.name like '%Production' and value.id <> all ($2)
      group by 1`,
      [JSON.stringify(clinics), [...Object.keys(mergedInto), ...Object.values(quarantinedBy).flat()]],
    )
    const totals = Object.entries(manifest.figures.reference).map(([clinic, months]) => [
      clinic,
      toPlain(Object.values(months).reduce((sum, amount) => sum + fromPlain(amount), 0n)),
    ])
    expect(Object.fromEntries(totals)).toEqual(
      Object.fromEntries(rows.map(({ clinic, amount }) => [clinic, toPlain(fromPlain(String(amount)))])),
    )
  })

  test('what the legacy application shows is what its own arithmetic gives', async () => {
    const { database, manifest } = await generated
    const { mergedInto } = manifest.mappings.clinics!
    const rows = await database.query(
      `select value.clinic_id, to_char(value.date, 'YYYY-MM') as month, value.value
      from legacy.metric_values as value
      join legacy.metric_definitions as definition on definition.id = value.metric_definition_id
      where definition.name like '%Production' and value.clinic_id in (select id from legacy.clinics)`,
    )
    const shown = new Map<string, number>()
    for (const row of rows) {
      const amount = Number.parseFloat(String(row.value))
      const key = `${mergedInto[String(row.clinic_id)] ?? row.clinic_id} ${row.month}`
      if (!Number.isNaN(amount)) shown.set(key, (shown.get(key) ?? 0) + amount)
    }
    const figures = Object.entries(manifest.figures.appLegacy).flatMap(([clinic, months]) =>
      Object.entries(months).map(([month, amount]) => [`${clinic} ${month}`, Number(amount)] as const),
    )
    expect(figures).toHaveLength(shown.size)
    for (const [key, amount] of figures) expect(shown.get(key)).toBeCloseTo(amount, 4)
  })
})

describe('the cells of definition, clinic and month', () => {
  const generated = createGenerated({ scale: 's', seed: 1, foreignKeys: 'loose' })

  test('count every value that is loaded and is a number', async () => {
    const { database, manifest } = await generated
    const cells = Object.values(manifest.figures.byDefinition).flatMap((definitions) =>
      Object.values(definitions).flatMap((months) => Object.values(months)),
    )
    const { mergedInto, quarantinedBy } = manifest.mappings.metric_values!
    const [row] = await database.query(
      `select count(*)::int as n from legacy.metric_values as value
      join legacy.metric_definitions as definition on definition.id = value.metric_definition_id
      where data_type <> 'date' and value.id <> all ($1)`,
      [[...Object.keys(mergedInto), ...Object.values(quarantinedBy).flat()]],
    )
    expect(cells.reduce((sum, { n }) => sum + n, 0)).toBe(row!.n)
  })

  test('of production come to the reference, for clinics and for their providers', async () => {
    const { database, manifest } = await generated
    const { byDefinition, byProvider, reference } = manifest.figures
    const rows = await database.query(`select id from legacy.metric_definitions where name like '%Production'`)
    const total = (amounts: readonly string[]) => toPlain(amounts.reduce((sum, amount) => sum + fromPlain(amount), 0n))
    for (const [clinic, months] of Object.entries(reference)) {
      for (const [month, amount] of Object.entries(months)) {
        const parts = rows.flatMap(({ id }) => byDefinition[clinic]![String(id)]?.[month]?.sum ?? [])
        expect([clinic, month, total(parts)]).toEqual([clinic, month, amount])
      }
    }
    // What names a provider who does not exist belongs to the clinic alone.
    const orphans = await database.query(
      `select value from legacy.metric_values as v join legacy.metric_definitions as d on d.id = v.metric_definition_id
      where v.id = any ($1) and d.name like '%Production'`,
      [manifest.mappings.metric_values!.correctedBy['orphan-provider']],
    )
    const ofProviders = Object.values(byProvider).flatMap((months) => Object.values(months))
    const ofClinics = Object.values(reference).flatMap((months) => Object.values(months))
    expect(total([...ofProviders, ...orphans.map(({ value }) => String(value))])).toBe(total(ofClinics))
  })
})
