import {
  type bytea,
  constant,
  decimal,
  defineMigration,
  derivedUuid,
  instant,
  oneOf,
  ref,
  required,
  sql,
  squish,
  type text,
  type timestamptz,
  type uuid,
} from 'drover'
import type { FromDrizzle, FromKyselyCodegen, FromPrismaKysely, FromSupabase, Refine } from 'drover/adapters'
import type * as drizzle from '../generated/drizzle.types.ts'
import type { DB as Codegen } from '../generated/kysely-codegen.types.ts'
import type { DB as Prisma } from '../generated/prisma-kysely.types.ts'
import type { Database } from '../generated/supabase.types.ts'
import type { App, Legacy } from './legacy.ts'

// Every line of this file is right: the compiler must have nothing to say.
const options = { name: 'typed', cutover: '2025-06-01T00:00:00Z' }

// To each of them: texts, uuids, timestamps, numbers, enums, arrays and JSON go where they may.
const supabase = defineMigration<Legacy, FromSupabase<Database>>(options)
const clinics = supabase.map('clinics', {
  from: (db) => db.selectFrom('legacy.clinics as c'),
  key: ({ c }) => c.id,
  to: 'public.clinics',
  columns: ({ c }) => ({
    id: derivedUuid(c.id),
    name: required(squish(c.name)).orQuarantine(),
    location_label: c.place,
    status: oneOf(c.status, ['active', 'inactive']).orElse('inactive'),
    timezone: c.zone,
    created_at: instant(c.opened, { zone: 'UTC' }).orQuarantine(),
  }),
})
supabase.map('kinds', {
  from: (db) => db.selectFrom('legacy.kinds as k'),
  key: ({ k }) => k.id,
  to: 'billing.kinds',
  columns: ({ k }) => ({
    id: k.number,
    big: k.number,
    whole: sql<number>`0.5`,
    exact: k.amount,
    share: decimal(k.label).orNull(),
    short: k.label,
    'First name': k.label,
    clinic_status: constant('active'),
    roundings: sql<('half up' | 'half even')[]>`array[]::billing.rounding[]`,
    tags: sql<readonly string[]>`array[${k.label}]`,
    moment: sql<timestamptz>`${k.at}`,
    instant: k.at,
    day: sql<text>`${k.at}::date`,
    hour: sql<text>`${k.at}::time`,
    active: constant(true),
    plain: sql<object>`'{}'::json`,
    address: k.label,
    clinic_id: ref(k.label, clinics).orNull(),
  }),
})

const codegen = defineMigration<Legacy, FromKyselyCodegen<Codegen>>(options)
codegen.map('clinics', {
  from: (db) => db.selectFrom('legacy.clinics as c'),
  key: ({ c }) => c.id,
  to: 'public.clinics',
  columns: ({ c }) => ({
    id: derivedUuid(c.id),
    name: c.name,
    location_label: c.place,
    timezone: c.zone,
    created_at: instant(c.opened, { zone: 'UTC' }).orQuarantine(),
  }),
})

const prisma = defineMigration<Legacy, FromPrismaKysely<Prisma>>(options)
prisma.map('credentials', {
  from: (db) => db.selectFrom('legacy.clinics as c'),
  key: ({ c }) => c.id,
  to: 'public.google_credentials',
  columns: ({ c }) => ({
    id: derivedUuid(c.id),
    clinic_id: derivedUuid(c.id),
    key_id: c.name,
    token_fingerprint: sql<bytea>`'\\x00'::bytea`,
    status: constant('active'),
  }),
})

const drizzled = defineMigration<Legacy, FromDrizzle<typeof drizzle>>(options)
drizzled.map('clinics', {
  from: (db) => db.selectFrom('legacy.clinics as c'),
  key: ({ c }) => c.id,
  to: 'public.clinics',
  columns: ({ c }) => ({
    id: derivedUuid(c.id),
    name: c.name,
    location_label: c.place,
    timezone: c.zone,
    created_at: instant(c.opened, { zone: 'UTC' }).orQuarantine(),
  }),
})

// From them: what is refined has the type that it was given, the rest is read as text or fits nothing narrower.
type Refined = Refine<FromSupabase<Database>, { '*': { id: uuid; created_at: timestamptz } }>
defineMigration<Refined, App>(options).map('clinics', {
  from: (db) => db.selectFrom('public.clinics as c'),
  key: ({ c }) => c.id,
  where: ({ c }) => sql`${c.registration_code} is not null`,
  to: 'app.clinics',
  columns: ({ c }) => ({
    id: c.id,
    name: required(squish(c.name)).orQuarantine(),
    status: c.status,
    at: c.created_at,
  }),
})
