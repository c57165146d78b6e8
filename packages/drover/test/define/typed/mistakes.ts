import {
  asRole,
  decimal,
  defineMigration,
  derivedUuid,
  lookup,
  oneOf,
  ordered,
  ref,
  required,
  sql,
  squish,
  type uuid,
} from 'drover'
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

export const equivalent = m.map('equivalent', {
  from: (db) => db.selectFrom('legacy.visits as v'),
  key: ({ v }) => v.id,
  to: 'public.counters',
  targetKey: 'number',
  // wrong: unknown target column: colour
  equivalent: (made, found) => ({
    label: sql`${made.label} = ${found.label}`,
    colour: sql`true`,
    // wrong: Property 'shade' does not exist
    number: sql`${made.number} = ${found.shade}`,
  }),
  columns: ({ v }) => ({ number: v.number, label: v.id }),
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

// wrong: Property 'id' does not exist
const asClinic = asRole('authenticated', ({ id }) => ({ sub: id }))

export const seen = m.access('own visits', {
  as: asClinic,
  // wrong: "public.visit as v"
  visible: (db) => db.selectFrom('public.visit as v'),
  // wrong: '"none"' is not assignable
  expected: 'none',
})

export const owned = m.access('owned visits', {
  as: asRole('anon'),
  visible: (db) => db.selectFrom('public.visits as v').select('v.id'),
  // wrong: Answer<{ actor: unknown; key: unknown; }>
  expected: (db) => db.selectFrom('public.visits as v').select('v.id as key'),
})

export const written = m.attempt('visits of others', {
  as: asRole<{ id: uuid }>('authenticated', ({ id }) => ({ sub: id })),
  // wrong: is not assignable to type 'Answer<{ id: uuid; }>'
  actors: (db) => db.selectFrom('public.clinics as c').select('c.name'),
  // wrong: Property 'note' does not exist
  write: (db, actor) => db.updateTable('public.visits').set({ note: actor.note }),
  // wrong: '"nothing"' is not assignable
  outcome: 'nothing',
})

// wrong: Property 'asked' is missing
export const asked = m.probe('the app', async () => ({ wrong: [] }))

export const rule = m.assertNone('a rule', (db) => db.selectFrom('public.visits as v').select(['v.id', 'v.note']), {
  // wrong: '"number"' is not assignable to type '"id" | "note"'
  key: ['number'],
})

export const question = m.parity('a question', {
  source: (db) => db.selectFrom('legacy.visits as v').select(['v.id', 'v.amount']),
  // wrong: Property 'amount' is missing
  target: (db) => db.selectFrom('public.visits as v').select('v.id'),
})

export const totalled = m.map('totalled', {
  from: (db) => db.selectFrom('legacy.visits as v'),
  key: ({ v }) => v.id,
  to: 'public.counters',
  columns: ({ v }) => ({ number: v.number, label: v.id }),
  // wrong: 'text' is not assignable to type 'numeric'
  totals: ({ v }, to) => ({
    amount: { source: v.amount, target: to.number },
    // wrong: Property 'count' does not exist
    numbers: { source: v.number, target: to.count },
  }),
})
