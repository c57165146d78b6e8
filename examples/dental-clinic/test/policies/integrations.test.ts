import { beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../../../../packages/drover/test/support/postgres.ts'
import { migratedWorld, outcomesOf, targetsOf } from './small-world.ts'

const sources = {
  undated: { expiry_date: null },
  'past, refreshable': { expiry_date: '2025-05-01' },
  past: { expiry_date: '2025-05-01', refresh_token: null },
  'refresh only': { access_token: '' },
  'no token': { access_token: ' ', refresh_token: null },
  orphan: { clinic_id: 'gone' },
  // One account: the access token that lasts longest is kept.
  'account, shorter': { refresh_token: 'refresh-account', expiry_date: '2025-07-02' },
  'account, longer': { refresh_token: 'refresh-account', expiry_date: '2025-07-03' },
  'account, elsewhere': { refresh_token: 'refresh-account', clinic_id: 'south' },
  // One spreadsheet: the connection is the newest source's, which has no token.
  'sheet one': { spreadsheet_id: 'shared', sheet_name: 'One' },
  'sheet two': {
    spreadsheet_id: ' shared',
    sheet_name: 'Two',
    created_at: '2024-05-01',
    updated_at: '2024-05-01',
    access_token: '',
    refresh_token: null,
    connection_status: 'error',
  },
  // One sheet twice: its mappings are one configuration.
  'sheet one again': { spreadsheet_id: 'shared', sheet_name: ' One ', created_at: '2023-05-01' },
}

const at = (created: string, updated = created) => ({ created_at: created, updated_at: updated })

const mappings = {
  second: { column_name: ' B ', ...at('2024-02-02'), transformation_rule: '{"round": [2, null]}' },
  first: { column_name: 'A', ...at('2024-02-01'), transformation_rule: 'trim' },
  'third, older': { column_name: 'C', ...at('2024-02-03'), transformation_rule: ' ' },
  'third, newer': { column_name: ' C', ...at('2024-02-04'), transformation_rule: '2' },
  'no column': { column_name: ' ' },
  'no definition': { metric_definition_id: 'gone' },
  'no source': { data_source_id: 'gone' },
  'source waits': { data_source_id: 'orphan' },
  'of one': { data_source_id: 'sheet one', ...at('2024-02-05') },
  'of one again': { data_source_id: 'sheet one again', ...at('2024-02-06') },
}

let database: TestDatabase

beforeAll(async () => {
  database = await migratedWorld({ data_sources: sources, column_mappings: mappings })
}, 120_000)

test('each source gives the credential that its tokens are', async () => {
  expect(await outcomesOf(database, 'google_credentials', sources)).toEqual({
    undated: 'loaded status:no-expiry',
    'past, refreshable': 'loaded',
    past: 'loaded',
    'refresh only': 'loaded',
    'no token': 'excluded',
    orphan: 'quarantined orphan-clinic',
    'account, shorter': 'merged',
    'account, longer': 'loaded',
    'account, elsewhere': 'loaded',
    'sheet one': 'loaded',
    'sheet two': 'excluded',
    'sheet one again': 'loaded',
  })
  const columns = [
    't.status',
    't.access_token_enc is not null',
    't.refresh_token_enc is not null',
    't.expires_at::date',
  ]
  expect(await targetsOf(database, 'google_credentials', 'public.google_credentials', columns)).toMatchObject({
    undated: 'expired true true -',
    'past, refreshable': 'expired true true 2025-05-01',
    past: 'needs_reauth true false 2025-05-01',
    'refresh only': 'active false true 2025-07-01',
    'account, shorter': 'active true true 2025-07-03',
    'account, elsewhere': 'active true true 2025-07-01',
  })
})

test('each connection has the credential of one of its sources, and a status that fits', async () => {
  expect(await outcomesOf(database, 'spreadsheet_connections', sources)).toMatchObject({
    past: 'loaded status:needs-reauth',
    'no token': 'loaded status:no-token',
    orphan: 'quarantined orphan-clinic',
    'sheet one': 'merged',
    'sheet two': 'loaded credential_id:filled',
    'sheet one again': 'merged',
  })
  const columns = [
    't.spreadsheet_id',
    't.status',
    `(select w.source_key from drover.crosswalk_google_credentials as w where w.id = t.credential_id and w.disposition = 'loaded')`,
  ]
  expect(await targetsOf(database, 'spreadsheet_connections', 'public.spreadsheet_connections', columns)).toMatchObject(
    {
      past: 'spreadsheet-past paused past',
      'no token': 'spreadsheet-no token pending -',
      'account, shorter': 'spreadsheet-account, shorter active account, longer',
      'sheet one': 'shared error sheet one',
    },
  )
})

test('the mappings of a sheet are one ordered configuration', async () => {
  expect(await outcomesOf(database, 'column_mappings', mappings)).toEqual({
    first: 'loaded config:not-json',
    second: 'merged',
    'third, older': 'merged config:superseded',
    'third, newer': 'merged',
    'no column': 'quarantined no-column',
    'no definition': 'quarantined orphan-definition',
    'no source': 'quarantined missing orphan-source',
    'source waits': 'quarantined missing waiting',
    'of one': 'loaded',
    'of one again': 'merged',
  })
  const rows = await database.query<{ config: { columns: readonly Record<string, unknown>[] } }>(`
    select config from public.column_mappings as m
    join drover.crosswalk_column_mappings as w on w.id = m.id and w.source_key in ('first', 'of one') order by w.source_key`)
  const entries = rows.map(({ config }) => config.columns.map(({ metric_definition_id: _, ...entry }) => entry))
  expect(entries).toEqual([
    [
      { source: 'A', transform: { text: 'trim' }, legacy_id: 'first' },
      { source: 'B', transform: { round: [2, null] }, legacy_id: 'second' },
      { source: 'C', transform: 2, legacy_id: 'third, newer' },
    ],
    [
      { source: 'of one', transform: null, legacy_id: 'of one' },
      { source: 'of one again', transform: null, legacy_id: 'of one again' },
    ],
  ])
})
