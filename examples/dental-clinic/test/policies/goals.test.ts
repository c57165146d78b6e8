import { beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../../../../packages/drover/test/support/postgres.ts'
import { targetId } from '../../generator/target-id.ts'
import { migratedWorld, outcomesOf, targetsOf } from './small-world.ts'

const on = (day: string) => ({ time_period: 'daily', start_date: day, end_date: day })

/** No two ask for the same, but for the last three. */
const goals = {
  day: { time_period: 'once', start_date: '2025-01-05', end_date: '2025-01-05' },
  week: { time_period: 'sprint', start_date: '2025-01-06', end_date: '2025-01-12' },
  month: { time_period: '', start_date: '2025-02-01', end_date: '2025-02-28' },
  quarter: { time_period: 'Q2', start_date: '2025-06-30', end_date: '2025-04-01' },
  year: { time_period: 'fiscal year', start_date: '2025-07-01', end_date: '2026-06-30' },
  fortnight: { time_period: 'fortnight', start_date: '2025-01-01', end_date: '2025-01-14' },
  'odd case': { time_period: ' Monthly', start_date: '2025-01-01', end_date: '2025-01-31' },
  annual: { time_period: 'annual', start_date: '2025-01-01', end_date: '2025-12-31' },
  endless: { end_date: 'infinity' },
  evening: on('2025-01-10T06:00'),
  negative: { ...on('2025-01-11'), target_value: '(5.00)' },
  ambiguous: { ...on('2025-01-12'), target_value: '1.234' },
  words: { ...on('2025-01-13'), target_value: 'as last year' },
  'no definition': { ...on('2025-01-14'), metric_definition_id: 'gone' },
  'no clinic': { ...on('2025-01-15'), clinic_id: null },
  'clinic gone': { ...on('2025-01-16'), clinic_id: 'gone', provider_id: 'ann' },
  'provider gone': { ...on('2025-01-17'), provider_id: 'gone' },
  twin: { ...on('2025-01-18'), provider_id: 'ben' },
  stranger: { ...on('2025-01-19'), provider_id: 'cleo' },
  'at most': { ...on('2025-01-20'), metric_definition_id: 'no shows' },
  'of the south': { ...on('2025-06-01'), clinic_id: 'south' },
  'once before': { updated_at: '2024-02-01' },
  'again, newest': { updated_at: '2024-03-01', start_date: '2025-03-31', end_date: '2025-03-01' },
  'again, invalid': { updated_at: '2024-04-01', target_value: '?' },
}

let database: TestDatabase

beforeAll(async () => {
  // A template can only be there ahead of its definition if its key is not checked.
  const template = (name: string, period: string) =>
    `(gen_random_uuid(), '${name}', '${targetId('metric_definitions', 'gross')}', '${period}')`
  database = await migratedWorld(
    {
      users: {
        ann: { role: 'dentist', name: 'Ann Archer' },
        deputy: { role: 'admin', clinic_id: 'south' },
        head: { role: 'admin', clinic_id: 'south' },
      },
      providers: {
        ann: { name: 'Dr. ann  ARCHER' },
        ben: { name: 'Ben Baker', clinic_id: 'south' },
        'ben of the north': { name: 'Dr. Ben Baker' },
        cleo: { name: 'Cleo Carter', clinic_id: 'south' },
      },
      goals,
    },
    `set session_replication_role = replica;
    insert into public.goal_templates (id, name, metric_definition_id, period)
    values ${template('a month', 'monthly')}, ${template('a year', 'yearly')}, ${template('another year', 'yearly')}`,
  )
}, 120_000)

test('each goal has its outcome', async () => {
  expect(await outcomesOf(database, 'goals', goals)).toEqual({
    day: 'loaded period:inferred-period',
    week: 'loaded period:inferred-period',
    month: 'loaded period:inferred-period',
    quarter: 'loaded ends_on:reversed-range period:inferred-period starts_on:reversed-range',
    year: 'loaded period:inferred-period',
    fortnight: 'quarantined unknown-period',
    'odd case': 'loaded',
    annual: 'loaded period:alias',
    endless: 'quarantined implausible-date',
    evening: 'loaded',
    negative: 'loaded target_value:not-positive target_value:number-format',
    ambiguous: 'quarantined ambiguous-number',
    words: 'quarantined not-a-number',
    'no definition': 'quarantined orphan-definition',
    'no clinic': 'quarantined no-clinic',
    'clinic gone': 'loaded clinic_id:derived-clinic',
    'provider gone': 'loaded provider_id:orphan-provider',
    twin: 'loaded provider_id:twin-provider',
    stranger: 'loaded provider_id:cloned-provider',
    'at most': 'loaded',
    'of the south': 'loaded owner_id:no-owner',
    'once before': 'quarantined duplicate-goal',
    'again, newest': 'loaded ends_on:reversed-range starts_on:reversed-range',
    'again, invalid': 'quarantined not-a-number',
  })
})

test('what is loaded has the values that the rules give it', async () => {
  const columns = [
    't.period',
    't.starts_on',
    't.ends_on',
    'trim_scale(t.target_value)',
    't.direction',
    't.status',
    '(select name from public.goal_templates where id = t.template_id)',
    `(select split_part(email, '@', 1) from public.profiles where id = t.owner_id)`,
    `(select full_name || ', ' || status from public.providers where id = t.provider_id and clinic_id = t.clinic_id)`,
  ]
  expect(await targetsOf(database, 'goals', 'public.goals', columns)).toEqual({
    'again, newest': 'monthly 2025-03-01 2025-03-31 100 at_least completed a month chief -',
    annual: 'yearly 2025-01-01 2025-12-31 100 at_least active - chief -',
    'at most': 'daily 2025-01-20 2025-01-20 100 at_most completed - chief -',
    'clinic gone': 'daily 2025-01-16 2025-01-16 100 at_least completed - ann Dr. ann ARCHER, active',
    day: 'daily 2025-01-05 2025-01-05 100 at_least completed - chief -',
    evening: 'daily 2025-01-10 2025-01-10 100 at_least completed - chief -',
    month: 'monthly 2025-02-01 2025-02-28 100 at_least completed a month chief -',
    negative: 'daily 2025-01-11 2025-01-11 -5 at_least completed - chief -',
    'odd case': 'monthly 2025-01-01 2025-01-31 100 at_least completed a month chief -',
    'of the south': 'daily 2025-06-01 2025-06-01 100 at_least active - - -',
    'provider gone': 'daily 2025-01-17 2025-01-17 100 at_least completed - chief -',
    quarter: 'quarterly 2025-04-01 2025-06-30 100 at_least active - chief -',
    stranger: 'daily 2025-01-19 2025-01-19 100 at_least completed - chief Cleo Carter, inactive',
    twin: 'daily 2025-01-18 2025-01-18 100 at_least completed - chief Dr. Ben Baker, active',
    week: 'weekly 2025-01-06 2025-01-12 100 at_least completed - chief -',
    year: 'yearly 2025-07-01 2026-06-30 100 at_least active - chief -',
  })
})
