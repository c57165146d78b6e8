import { blankToNull, constant, fold, oldest, oneOf, ref, required, sql, squish, type text, withDefault } from 'drover'
import { idOf, m, utc } from './base.ts'

/** Clinics, merged where name and location are the same; the oldest stands for the others. */
export const clinics = m.map('clinics', {
  from: (db) => db.selectFrom('legacy.clinics as c').leftJoin('migration_input.clinic as i', 'i.legacy_id', 'c.id'),
  key: ({ c }) => c.id,
  identity: ({ c }) => [fold(c.name), fold(c.location)],
  survivor: ({ c }) => oldest(c.created_at),
  to: 'public.clinics',
  columns: ({ c, i }) => ({
    id: idOf('clinics', c.id),
    name: required(blankToNull(squish(c.name))).orQuarantine('no-name'),
    location_label: withDefault(blankToNull(squish(c.location)), 'Unknown', 'no-location'),
    status: oneOf(c.status, ['active', 'inactive']).orElse('inactive', 'unknown-status'),
    timezone: sql<text>`coalesce(${i.timezone}, 'America/Chicago')`,
    currency: sql<text>`coalesce(${i.currency}, 'USD')`,
    created_at: utc(c.created_at),
    updated_at: utc(c.updated_at),
  }),
})

/** One location per legacy clinic. */
export const locations = m.map('locations', {
  from: (db) => db.selectFrom('legacy.clinics as c'),
  key: ({ c }) => c.id,
  identity: (_, to) => [to.clinic_id, fold(to.name)],
  survivor: ({ c }) => oldest(c.created_at),
  to: 'public.locations',
  columns: ({ c }) => ({
    id: idOf('locations', c.id),
    clinic_id: ref(c.id, clinics).orQuarantine(),
    name: withDefault(blankToNull(squish(c.location)), 'Unknown', 'no-location'),
    is_active: constant(true),
  }),
})
