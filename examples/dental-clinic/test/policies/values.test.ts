import { beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../../../../packages/drover/test/support/postgres.ts'
import { migratedWorld, outcomesOf, targetsOf } from './small-world.ts'

const rate = { metric_definition_id: 'rate', data_source_id: 'source' }
const mailed = { metric_definition_id: 'mailed' }
const cell = { source_type: 'spreadsheet', data_source_id: 'source', external_id: 'row-1' }

const values = {
  plain: {},
  long: { value: '12.34567849' },
  half: { value: '-0.0000005' },
  huge: { value: '123456789012345' },
  'a rate': { ...rate, value: '0.45' },
  'a rate with its sign': { ...rate, value: '45 %' },
  'a rate elsewhere': { metric_definition_id: 'rate', value: '0.45' },
  'half a visit': { metric_definition_id: 'no shows', value: '1.5' },
  european: { data_source_id: 'european', value: '1.234,50' },
  'a day': { ...mailed, value: ' 2025-02-28 ' },
  'no day': { ...mailed, value: '2025-02-30' },
  'blank id': { external_id: ' ', source_sheet: ' ' },
  'of the south': { data_source_id: 'southern' },
  'source waits': { data_source_id: 'orphan' },
  'evening before': { date: '2025-03-01T05:30' },
  midnight: { date: '2025-03-01T00:00' },
  'in a week': { date: '2025-06-08' },
  later: { date: '2025-06-09' },
  never: { date: 'infinity' },
  sentinel: { date: '2001-01-01' },
  'from the api': { source_type: 'api' },
  'before its time': { created_at: '2025-07-01', updated_at: '2025-07-02' },
  'one cell': { ...cell },
  'one cell, corrected': { ...cell, value: '13', updated_at: '2024-02-01' },
  'one cell, broken': { ...cell, value: 'N/A', updated_at: '2024-03-01' },
  'no cell': { ...cell, external_id: null },
  'no cell again': { ...cell, external_id: null },
}

let database: TestDatabase

beforeAll(async () => {
  database = await migratedWorld(
    {
      metric_definitions: { rate: { data_type: 'percentage' }, mailed: { data_type: 'date' } },
      data_sources: { european: {}, southern: { clinic_id: 'south' }, orphan: { clinic_id: 'gone' } },
      metric_values: values,
    },
    `insert into migration_input.source values ('source', 'en', 100), ('european', 'eu', null)`,
  )
}, 120_000)

test('each value has its outcome', async () => {
  expect(await outcomesOf(database, 'metric_values', values)).toEqual({
    plain: 'loaded',
    long: 'loaded value:rounded',
    half: 'loaded value:rounded',
    huge: 'quarantined out-of-range',
    'a rate': 'loaded value:number-format',
    'a rate with its sign': 'loaded value:number-format',
    'a rate elsewhere': 'loaded value:bare-fraction',
    'half a visit': 'loaded value:decimals-of-integer',
    european: 'loaded value:number-format',
    'a day': 'loaded',
    'no day': 'quarantined not-a-date',
    'blank id': 'loaded',
    'of the south': 'loaded sheet_id:foreign-source',
    'source waits': 'loaded sheet_id:waiting',
    'evening before': 'loaded metric_date:local-month',
    midnight: 'loaded',
    'in a week': 'loaded',
    later: 'quarantined future-date',
    never: 'quarantined implausible-date implausible-date',
    sentinel: 'quarantined implausible-date',
    'from the api': 'loaded source:unknown-source',
    'before its time': 'loaded created_at:future-timestamp updated_at:future-timestamp',
    'one cell': 'merged',
    'one cell, corrected': 'loaded',
    'one cell, broken': 'quarantined not-a-number',
    'no cell': 'loaded',
    'no cell again': 'loaded',
  })
})

test('what is loaded has the values that the rules give it', async () => {
  const columns = ['trim_scale(t.value)', 't.value_date', 't.metric_date', 't.quality', 't.external_id']
  expect(await targetsOf(database, 'metric_values', 'public.metric_values', columns)).toMatchObject({
    plain: '12.5 - 2025-03-03 exact -',
    long: '12.345678 - 2025-03-03 exact -',
    half: '-0.000001 - 2025-03-03 exact -',
    'a rate': '45 - 2025-03-03 exact -',
    'a rate with its sign': '45 - 2025-03-03 normalised -',
    'a rate elsewhere': '0.45 - 2025-03-03 exact -',
    european: '1234.5 - 2025-03-03 normalised -',
    'a day': '- 2025-02-28 2025-03-03 exact -',
    'blank id': '12.5 - 2025-03-03 exact -',
    'evening before': '12.5 - 2025-02-28 exact -',
    midnight: '12.5 - 2025-03-01 exact -',
    'one cell': '13 - 2025-03-03 exact row-1',
  })
})
