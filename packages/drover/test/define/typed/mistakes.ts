import { decimal, defineMigration, derivedUuid, lookup, oneOf, ordered, ref, required, squish } from 'drover'
import type { App, Legacy } from './schemas.ts'

// Each `wrong:` tells what the compiler must say of the next line.
const m = defineMigration<Legacy, App>({ name: 'typed', cutover: '2025-06-01T00:00:00Z' })

const clinics = m.map('clinics', {
  from: (db) => db.selectFrom('legacy.clinics as c'),
  key: ({ c }) => c.id,
  to: 'public.clinics',
  columns: ({ c }) => ({
    // wrong: 'text' is not assignable to type 'uuid'
    id: c.id,
    // wrong: Type 'null' is not assignable
    name: squish(c.name),
    // wrong: '"closed"' is not assignable to type '"active" | "inactive"'
    status: oneOf(c.status, ['active', 'closed']).orElse('active'),
  }),
})

const counters = m.map('counters', {
  from: (db) => db.selectFrom('legacy.visits as v'),
  key: ({ v }) => v.id,
  to: 'public.counters',
  targetKey: 'number',
  // wrong: Property 'label' is missing
  columns: ({ v }) => ({ number: v.number }),
})

export const visits = m.map('visits', {
  from: (db) => db.selectFrom('legacy.visits as v').leftJoin('legacy.providers as p', 'p.id', 'v.provider_id'),
  // wrong: Property 'key' does not exist
  key: ({ v }) => v.key,
  to: 'public.visits',
  columns: ({ v }) => ({
    id: derivedUuid(v.id),
    // wrong: Type 'null' is not assignable
    clinic_id: ref(v.clinic_id, clinics).orNull(),
    // wrong: This conversion can fail: decide with .orQuarantine(), .orElse(value), .orNull() or .orReject()
    amount: decimal(v.amount),
  }),
})

export const generated = m.map('generated', {
  from: (db) => db.selectFrom('legacy.visits as v'),
  key: ({ v }) => v.id,
  to: 'public.visits',
  columns: ({ v }) => ({
    id: derivedUuid(v.id),
    clinic_id: required(ref(v.clinic_id, clinics).orQuarantine()).orQuarantine(),
    amount: decimal(v.amount).orQuarantine(),
    // wrong: unknown target column: search
    search: v.id,
    // wrong: unknown target column: colour
    colour: v.id,
  }),
})

export const otherId = m.map('other_id', {
  from: (db) => db.selectFrom('legacy.visits as v'),
  key: ({ v }) => v.id,
  to: 'public.visits',
  columns: ({ v }) => ({
    id: derivedUuid(v.id),
    // wrong: is not assignable to type 'Expression<uuid>'
    clinic_id: required(ref(v.clinic_id, counters).orQuarantine()).orQuarantine(),
    amount: decimal(v.amount).orQuarantine(),
  }),
})

export const joined = m.map('joined', {
  from: (db) => db.selectFrom('legacy.visits as v').leftJoin('legacy.providers as p', 'p.id', 'v.provider_id'),
  key: ({ v }) => v.id,
  to: 'public.counters',
  columns: ({ v, p }) => ({
    number: v.number,
    // wrong: Type 'null' is not assignable
    label: p.name,
  }),
})

export const unknownTable = m.map('unknown_table', {
  // wrong: "legacy.visit as v"
  from: (db) => db.selectFrom('legacy.visit as v'),
  // wrong: Property 'v' does not exist
  key: ({ v }) => v.id,
  // wrong: '"public.visit"' is not assignable
  to: 'public.visit',
  columns: () => ({}),
})

export const stays = m.map('stays', {
  from: (db) => db.selectFrom('legacy.stays as s'),
  key: ({ s }) => s.id,
  // wrong: Property 'quarantine' is missing
  identity: (_, to) => ({ by: [to.began], agree: [to.ended] }),
  to: 'public.stays',
  // wrong: '"pim"' is not assignable
  secret: ['pim'],
  // wrong: '"birthday"' is not assignable
  personal: ['day', 'birthday'],
  columns: ({ s }) => ({
    id: derivedUuid(s.id),
    // wrong: Property 'from' does not exist
    began: ordered(s.began, s.ended).from,
    // wrong: is not assignable
    ended: ordered(s.began, s.day).orSwap().to,
    pin: s.pin,
  }),
})

// wrong: '"colour"' is not assignable
export const look = lookup(required(derivedUuid({} as never)).orQuarantine(), clinics, 'colour')
