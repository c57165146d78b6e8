import { beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../../../packages/drover/test/support/postgres.ts'
import { migratedDatabase } from './dental.ts'

let database: TestDatabase

beforeAll(async () => {
  ;({ database } = await migratedDatabase())
}, 120_000)

test('the active configurations, flattened, are the legacy column mappings in their order', async () => {
  const flattened = await database.query(`
    select m.sheet_id, entry ->> 'source' as source, entry ->> 'metric_definition_id' as definition,
      entry -> 'transform' as transform, entry ->> 'legacy_id' as legacy_id, place
    from public.column_mappings as m
    cross join jsonb_array_elements(m.config -> 'columns') with ordinality as element (entry, place)
    where m.is_active
    order by entry ->> 'legacy_id' collate "C"`)
  const legacy = await database.query(`
    select sheet.id as sheet_id, m.column_name as source, definition.id as definition,
      case when m.transformation_rule like '{%' then m.transformation_rule::jsonb
        else nullif(jsonb_build_object('text', m.transformation_rule), '{"text": null}') end as transform,
      m.id as legacy_id,
      row_number() over (partition by m.data_source_id order by m.created_at, m.id collate "C") as place
    from legacy.column_mappings as m
    join drover.crosswalk_connection_sheets as sheet on sheet.source_key = m.data_source_id
    join drover.crosswalk_metric_definitions as definition on definition.source_key = m.metric_definition_id
    order by m.id collate "C"`)
  expect(flattened).toHaveLength(60)
  expect(flattened).toEqual(legacy)
})

test('every sheet has one active configuration of version 1', async () => {
  const [row] = await database.query(`
    select count(*)::int as sheets, count(m.id)::int as configurations, max(m.version) as version
    from public.connection_sheets as s left join public.column_mappings as m on m.sheet_id = s.id and m.is_active`)
  expect(row).toEqual({ sheets: 12, configurations: 12, version: 1 })
})

test('each clinic has as many sheets as different spreadsheets and sheets before', async () => {
  const [row] = await database.query(`
    with before as (
      select clinic.id, count(distinct (btrim(d.spreadsheet_id), d.sheet_name)) as n
      from legacy.data_sources as d join drover.crosswalk_clinics as clinic on clinic.source_key = d.clinic_id
      group by clinic.id
    ), after as (select clinic_id as id, count(*) as n from public.connection_sheets group by clinic_id)
    select count(*)::int as clinics, (count(*) filter (where before.n is distinct from after.n))::int as different
    from before full join after using (id)`)
  expect(row).toEqual({ clinics: 5, different: 0 })
})

test('a token that has expired for good pauses the connection, and one that is missing leaves it pending', async () => {
  const rows = await database.query(`
    select c.status as credential, x.status as connection, (d.refresh_token is null)::text as lasts, count(*)::int as n
    from drover.crosswalk_spreadsheet_connections as w
    join legacy.data_sources as d on d.id = w.source_key
    join public.spreadsheet_connections as x on x.id = w.id
    left join public.google_credentials as c on c.id = x.credential_id
    where w.disposition = 'loaded' and c.status is distinct from 'active'
    group by 1, 2, 3 order by 1`)
  expect(rows).toEqual([
    { credential: 'needs_reauth', connection: 'paused', lasts: 'true', n: 3 },
    { credential: null, connection: 'pending', lasts: 'true', n: 2 },
  ])
})
