import { beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../../../../packages/drover/test/support/postgres.ts'
import { migratedWorld, outcomesOf, targetsOf } from './small-world.ts'

const clinics = {
  nameless: { name: ' ' },
  nowhere: { location: '' },
  closed: { status: 'Closed' },
  'north again': { name: ' NORTH', location: 'albany ', created_at: '2024-02-01' },
  'north elsewhere': { name: 'North', location: 'Utica' },
  'north undecided': { name: 'north', location: 'To be updated' },
  'new one': { location: 'To be updated' },
  'of no zone': {},
}

const users = {
  unnamed: { name: ' ' },
  prophet: { last_login: '2025-07-01' },
  receptionist: { role: 'Receptionist' },
  above: { role: ' system-admin ', clinic_id: 'gone' },
  homeless: { clinic_id: 'gone' },
  waiting: { clinic_id: 'nameless' },
  'no-address': { email: ' ' },
  'bad-address': { email: 'somebody' },
  young: { created_at: '2025-08-01', updated_at: '2025-07-01' },
}

const providers = {
  'no name': { name: ' ' },
  surgeon: { provider_type: 'Surgeon', status: 'retired' },
  gina: { name: 'Gina Grant', created_at: '2023-01-01' },
  'gina again': { name: 'Dr. gina  grant', clinic_id: 'north again' },
  orphan: { clinic_id: 'gone' },
}

const definitions = {
  'net production': { name: 'Net Production' },
  'net-production': { name: ' net-production ', created_at: '2024-02-01' },
  'net production, counted': { name: 'Net Production', data_type: 'integer', created_at: '2024-01-02' },
  '2nd visits': { category: 'Visits', data_type: 'integer' },
  '---': {},
  odd: { data_type: 'emoji' },
  flagged: { is_composite: true, calculation_formula: ' ' },
  owed: { name: 'Accounts Receivable', data_type: 'Currency' },
}

let database: TestDatabase

beforeAll(async () => {
  database = await migratedWorld(
    { clinics, users, providers, metric_definitions: definitions },
    `insert into migration_input.clinic values ('of no zone', 'Mars/Base', null), ('closed', 'Europe/Berlin', 'EUR')`,
  )
}, 120_000)

test('clinics', async () => {
  const defaults = 'currency:default-currency'
  expect(await outcomesOf(database, 'clinics', clinics)).toEqual({
    nameless: 'quarantined no-name',
    nowhere: `loaded ${defaults} location_label:no-location timezone:default-timezone`,
    closed: 'loaded status:unknown-status',
    'north again': 'merged',
    'north elsewhere': `loaded ${defaults} timezone:default-timezone`,
    'north undecided': 'quarantined placeholder-clinic',
    'new one': `loaded ${defaults} timezone:default-timezone`,
    'of no zone': 'quarantined unknown-timezone',
  })
  const columns = ['t.name', 't.location_label', 't.status', 't.timezone', 't.currency']
  expect(await targetsOf(database, 'clinics', 'public.clinics', columns)).toMatchObject({
    nowhere: 'nowhere Unknown active America/Chicago USD',
    closed: 'closed Albany inactive Europe/Berlin EUR',
    'north again': 'north Albany active America/Chicago USD',
    'north elsewhere': 'North Utica active America/Chicago USD',
    'new one': 'new one To be updated active America/Chicago USD',
  })
})

test('users', async () => {
  expect(await outcomesOf(database, 'profiles', users)).toEqual({
    unnamed: 'loaded full_name:no-name',
    prophet: 'loaded last_login_at:future-login',
    receptionist: 'loaded',
    above: 'loaded default_clinic_id:system-admin',
    homeless: 'loaded default_clinic_id:orphan-clinic',
    waiting: 'loaded default_clinic_id:waiting',
    'no-address': 'quarantined waiting',
    'bad-address': 'quarantined waiting',
    young: 'loaded created_at:future-timestamp updated_at:created-after-updated updated_at:future-timestamp',
  })
  const columns = ['t.full_name', 't.status', 't.is_system_admin', 't.default_clinic_id is not null', 't.last_login_at']
  expect(await targetsOf(database, 'profiles', 'public.profiles', columns)).toMatchObject({
    unnamed: 'unnamed active false true -',
    prophet: 'prophet active false true -',
    above: 'above active true false -',
    homeless: 'homeless disabled false false -',
    waiting: 'waiting disabled false false -',
  })
  expect(await outcomesOf(database, 'user_clinic_roles', users)).toMatchObject({
    receptionist: 'loaded role:unknown-role',
    above: 'excluded',
    homeless: 'excluded',
  })
})

test('providers', async () => {
  expect(await outcomesOf(database, 'providers', providers)).toEqual({
    'no name': 'quarantined no-name',
    surgeon: 'loaded provider_type:unknown-type status:unknown-status',
    gina: 'loaded',
    'gina again': 'merged',
    orphan: 'quarantined orphan-clinic',
  })
  const columns = ['t.first_name', 't.last_name', 't.provider_type', 't.status']
  expect(await targetsOf(database, 'providers', 'public.providers', columns)).toEqual({
    surgeon: '- surgeon other inactive',
    gina: 'Gina Grant dentist active',
    'gina again': 'Gina Grant dentist active',
  })
})

test('definitions', async () => {
  expect(await outcomesOf(database, 'metric_definitions', definitions)).toEqual({
    'net production': 'loaded',
    'net-production': 'merged',
    'net production, counted': 'loaded',
    '2nd visits': 'loaded category:unknown-category',
    '---': 'quarantined no-code',
    odd: 'quarantined unknown-data-type',
    flagged: 'loaded is_composite:composite-flag',
    owed: 'loaded',
  })
  const columns = ['t.code', 't.data_type', 't.category', 't.unit', 't.rollup', 't.lower_is_better', 't.is_composite']
  expect(await targetsOf(database, 'metric_definitions', 'public.metric_definitions', columns)).toMatchObject({
    'net production': 'net_production currency financial currency sum false false',
    'net-production': 'net_production currency financial currency sum false false',
    'net production, counted': 'net_production_2 integer financial count sum false false',
    '2nd visits': 'm_2nd_visits integer appointment count sum false false',
    flagged: 'flagged currency financial currency sum false false',
    owed: 'accounts_receivable currency financial currency last true false',
  })
})
