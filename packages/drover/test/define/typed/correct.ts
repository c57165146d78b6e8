import {
  alike,
  asRole,
  decimal,
  defineMigration,
  derivedUuid,
  firstRef,
  fold,
  instant,
  lookup,
  meaningful,
  noteWhen,
  oldest,
  oneOf,
  ordered,
  ref,
  rejectWhen,
  required,
  sql,
  squish,
  type text,
  type uuid,
} from 'drover'
import type { App, Legacy } from './schemas.ts'

// Every line of this file is right: the compiler must have nothing to say.
const m = defineMigration<Legacy, App>({ name: 'typed', cutover: '2025-06-01T00:00:00Z' })

const clinics = m.map('clinics', {
  from: (db) => db.selectFrom('legacy.clinics as c'),
  key: ({ c }) => c.id,
  identity: ({ c }) => [fold(c.name)],
  survivor: ({ c }) => oldest(c.created_at),
  to: 'public.clinics',
  equivalent: (made, found) => ({ name: sql`${fold(made.name)} = ${fold(found.name)}` }),
  columns: ({ c }) => ({
    id: derivedUuid(c.id),
    name: required(squish(c.name)).orQuarantine('no-name'),
    status: oneOf(c.status, ['active', 'inactive']).orElse('inactive'),
    created_at: instant(c.created_at, { zone: 'UTC' }).orQuarantine(),
  }),
})

const visits = m.map('visits', {
  from: (db) => db.selectFrom('legacy.visits as v').leftJoin('legacy.providers as p', 'p.id', 'v.provider_id'),
  key: ({ v }) => [v.id, v.number],
  where: ({ v }) => sql`${v.number} > 0`,
  identity: (_, to) => ({ by: [to.clinic_id, to.amount], when: sql`${to.note} is not null` }),
  to: 'public.visits',
  columns: ({ v, p }) => {
    const clinic = firstRef(ref(v.clinic_id, clinics), ref(p.clinic_id, clinics)).orQuarantine('no-clinic')
    return {
      id: derivedUuid(v.id),
      clinic_id: clinic,
      amount: decimal(v.amount).orQuarantine(),
      note: sql<text>`${lookup(clinic, clinics, 'name')}`,
      provider: p.name,
    }
  },
  totals: ({ v }, to) => ({
    amount: { source: decimal(v.amount).orNull(), target: to.amount, by: [to.clinic_id], tolerance: '0.01' },
    visits: { source: sql`1`, target: sql`1` },
  }),
})

export const stays = m.map('stays', {
  from: (db) => db.selectFrom('legacy.stays as s').leftJoin('legacy.visits as v', 'v.id', 's.id'),
  key: ({ s }) => s.id,
  identity: (_, to) => ({ by: [to.began], agree: [to.ended], quarantine: 'conflicting' }),
  to: 'public.stays',
  secret: ['pin'],
  personal: ['day'],
  columns: ({ s, v }) => {
    const stay = ordered(s.began, s.ended, { originals: [s.day, v.amount] }).orSwap()
    const other = ordered(s.ended, s.began).orReject()
    return {
      id: derivedUuid(meaningful(s.id, ['n/a']).orReject('no-id')),
      began: rejectWhen(stay.from, 'never', sql`${other.from} is null`),
      ended: noteWhen(stay.to, 'look-alike', alike([s.day, stay.to], { differIn: [s.id], when: sql`true` })),
      pin: s.pin,
    }
  },
})

const counters = m.map('counters', {
  from: (db) => db.selectFrom('legacy.visits as v'),
  key: ({ v }) => v.id,
  to: 'public.counters',
  targetKey: 'number',
  columns: ({ v }) => ({ number: v.number, label: v.id }),
})

const asClinic = asRole<{ id: uuid }>('authenticated', ({ id }) => ({ sub: id, role: 'authenticated' }))

export const seen = m.access('own visits', {
  as: asClinic,
  actors: (db) => db.selectFrom('public.clinics as c').select(['c.id', 'c.name']),
  visible: (db) => db.selectFrom('public.visits as v').select('v.id'),
  expected: (db) => db.selectFrom('public.visits as v').select(['v.clinic_id as actor', 'v.id as key']),
})

export const strangers = m.access('strangers', {
  as: asRole('anon'),
  visible: (db) => db.selectFrom('public.visits as v').select('v.id'),
  expected: 'refused',
})

export const written = m.attempt('visits of others', {
  as: asClinic,
  actors: (db) => db.selectFrom('public.clinics as c').select(['c.id', 'c.name']),
  write: (db, { id, name }) =>
    db.updateTable('public.visits').set({ note: name }).where('clinic_id', '<>', sql<uuid>`${id}::uuid`),
  outcome: 'no row',
})

export const asked = m.probe('the app', async ({ query, url }) => {
  const rows = await query('select $1', [url])
  return { asked: rows.length, wrong: [] }
})

export default m.migration([clinics, visits, counters], { checks: [seen, strangers, written, asked] })
