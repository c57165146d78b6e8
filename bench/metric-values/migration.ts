import {
  decimal,
  defineMigration,
  derivedUuid,
  type Expression,
  instant,
  oldest,
  ref,
  sql,
  type text,
  type timestamp,
} from 'drover'
import type { App, Legacy } from './schemas.ts'

const m = defineMigration<Legacy, App>({
  name: 'metric-values',
  cutover: '2025-06-01T00:00:00Z',
  source: { freeze: 'block' },
})

const clinics = m.map('clinics', {
  from: (db) => db.selectFrom('legacy.clinics as c'),
  key: ({ c }) => c.id,
  to: 'app.clinics',
  columns: ({ c }) => ({ id: derivedUuid(c.id, { entity: 'clinics' }), name: c.name }),
})

const providers = m.map('providers', {
  from: (db) => db.selectFrom('legacy.providers as p'),
  key: ({ p }) => p.id,
  to: 'app.providers',
  columns: ({ p }) => ({
    id: derivedUuid(p.id, { entity: 'providers' }),
    name: p.name,
    clinic_id: ref(p.clinic_id, clinics).orQuarantine('no-clinic'),
  }),
})

const definitions = m.map('definitions', {
  from: (db) => db.selectFrom('legacy.metric_definitions as d'),
  key: ({ d }) => d.id,
  to: 'app.metric_definitions',
  columns: ({ d }) => ({ id: derivedUuid(d.id, { entity: 'definitions' }), name: d.name }),
})

const sources = m.map('sources', {
  from: (db) => db.selectFrom('legacy.data_sources as s'),
  key: ({ s }) => s.id,
  to: 'app.data_sources',
  columns: ({ s }) => ({ id: derivedUuid(s.id, { entity: 'sources' }), name: s.name }),
})

const utc = (time: Expression<timestamp>) => instant(time, { zone: 'UTC' }).orQuarantine('no-time')

const values = m.map('values', {
  from: (db) => db.selectFrom('legacy.metric_values as v').leftJoin('legacy.providers as p', 'p.id', 'v.provider_id'),
  key: ({ v }) => v.id,
  // What a spreadsheet brought twice: the first one that is valid stays.
  identity: (_, to) => ({ by: [to.data_source_id, to.external_id], quarantine: 'duplicate' }),
  survivor: ({ v }) => oldest(v.created_at),
  to: 'app.metric_values',
  columns: ({ v, p }) => ({
    id: derivedUuid(v.id, { entity: 'values' }),
    date: utc(v.date),
    value: decimal(v.value, { scale: 4 }).orQuarantine('bad-value'),
    metric_definition_id: ref(v.metric_definition_id, definitions).orQuarantine('no-definition'),
    provider_id: ref(v.provider_id, providers).orQuarantine('no-provider'),
    clinic_id: ref(sql<text>`coalesce(${v.clinic_id}, ${p.clinic_id})`, clinics).orQuarantine('no-clinic'),
    data_source_id: ref(v.data_source_id, sources).orQuarantine('no-source'),
    external_id: v.external_id,
    source_type: v.source_type,
    created_at: utc(v.created_at),
    updated_at: utc(v.updated_at),
  }),
})

export default m.migration([clinics, providers, definitions, sources, values])
