import {
  type bytea,
  constant,
  defineMigration,
  derivedUuid,
  type numeric,
  sql,
  type timestamptz,
  type uuid,
} from 'drover'
import type { FromDrizzle, FromKyselyCodegen, FromPrismaKysely, FromSupabase, Refine } from 'drover/adapters'
import type * as drizzle from '../generated/drizzle.types.ts'
import type { DB as Codegen } from '../generated/kysely-codegen.types.ts'
import type { DB as Prisma } from '../generated/prisma-kysely.types.ts'
import type { Database } from '../generated/supabase.types.ts'
import type * as tables from './drizzle-tables.ts'
import type { App, Legacy } from './legacy.ts'

// Each `wrong:` tells what the compiler must say of the next line.
const options = { name: 'typed', cutover: '2025-06-01T00:00:00Z' }

const supabase = defineMigration<Legacy, FromSupabase<Database>>(options)
supabase.map('clinics', {
  from: (db) => db.selectFrom('legacy.kinds as k'),
  key: ({ k }) => k.id,
  to: 'public.clinics',
  columns: ({ k }) => ({
    // wrong: is not assignable to type 'Expression<
    id: k.number,
    // wrong: Type 'null' is not assignable
    name: k.note,
    // wrong: is not assignable to type 'Expression<
    location_label: k.amount,
    timezone: k.label,
    // wrong: 'text' is not assignable to type '"active" | "inactive"'
    status: k.label,
  }),
})
supabase.map('identities', {
  from: (db) => db.selectFrom('legacy.clinics as c'),
  key: ({ c }) => c.id,
  to: 'auth.identities',
  // wrong: Property 'identity_data' is missing
  columns: ({ c }) => ({ id: derivedUuid(c.id), user_id: derivedUuid(c.id), provider: c.name, provider_id: c.id }),
})
supabase.map('profiles', {
  from: (db) => db.selectFrom('legacy.clinics as c'),
  key: ({ c }) => c.id,
  to: 'auth.users',
  // wrong: unknown target column: confirmed_at
  columns: ({ c }) => ({ id: derivedUuid(c.id), confirmed_at: c.opened }),
})
supabase.map('nowhere', {
  from: (db) => db.selectFrom('legacy.clinics as c'),
  // wrong: Property 'c' does not exist
  key: ({ c }) => c.id,
  // wrong: '"clinics"' is not assignable
  to: 'clinics',
  columns: () => ({}),
})

const codegen = defineMigration<Legacy, FromKyselyCodegen<Codegen>>(options)
codegen.map('aggregations', {
  from: (db) => db.selectFrom('legacy.kinds as k'),
  key: ({ k }) => k.id,
  to: 'public.metric_aggregations',
  columns: ({ k }) => ({
    id: k.id,
    clinic_id: k.id,
    metric_definition_id: k.id,
    granularity: constant('daily'),
    // wrong: is not assignable to type 'Expression<
    period_start: k.label,
    period_end: k.at,
    // wrong: 'text' is not assignable to type 'numeric'
    sum: k.label,
    // wrong: 'numeric' is not assignable to type 'int8'
    n: k.amount,
    min: k.amount,
    max: k.amount,
  }),
})

const prisma = defineMigration<Legacy, FromPrismaKysely<Prisma>>(options)
prisma.map('goals', {
  from: (db) => db.selectFrom('legacy.kinds as k'),
  key: ({ k }) => k.id,
  to: 'public.goal_templates',
  columns: ({ k }) => ({
    id: k.id,
    // wrong: is not assignable to type 'Expression<
    name: k.at,
    metric_definition_id: k.amount,
    // wrong: Type '"hourly"' is not assignable to type 'goal_period'
    period: constant('hourly'),
  }),
})

const drizzled = defineMigration<Legacy, FromDrizzle<typeof drizzle>>(options)
drizzled.map('clinics', {
  from: (db) => db.selectFrom('legacy.kinds as k'),
  key: ({ k }) => k.id,
  to: 'public.clinics',
  columns: ({ k }) => ({
    // wrong: 'text' is not assignable to type 'uuid'
    id: k.label,
    name: k.label,
    location_label: k.label,
    timezone: k.label,
    // wrong: is not assignable to type 'Expression<
    created_at: k.label,
  }),
})
defineMigration<Legacy, FromDrizzle<typeof tables>>(options).map('notes', {
  from: (db) => db.selectFrom('legacy.clinics as c'),
  key: ({ c }) => c.id,
  to: 'public.notes',
  // wrong: Property 'id' is missing
  columns: ({ c }) => ({
    slug: constant('long'),
    tags: sql<readonly string[]>`array['a']`,
    mood: constant('glad'),
    weather: constant('fine'),
    token: sql<bytea>`'\\x00'::bytea`,
    path: c.name,
  }),
})
drizzled.map('names', {
  from: (db) => db.selectFrom('legacy.clinics as c'),
  key: ({ c }) => c.id,
  to: 'public.clinics',
  columns: ({ c }) => ({
    id: derivedUuid(c.id),
    name: c.name,
    location_label: c.place,
    timezone: c.zone,
    // wrong: unknown target column: registrationCode
    registrationCode: c.id,
  }),
})

// What was lost fits nothing narrower where it is read.
defineMigration<FromSupabase<Database>, App>(options).map('clinics', {
  from: (db) => db.selectFrom('public.clinics as c'),
  key: ({ c }) => c.id,
  to: 'app.clinics',
  columns: ({ c }) => ({
    // wrong: 'text' is not assignable to type 'uuid'
    id: c.id,
    // wrong: Type 'null' is not assignable
    name: c.registration_code,
    status: c.status,
    // wrong: 'text' is not assignable to type 'timestamptz'
    at: c.created_at,
  }),
})
defineMigration<FromDrizzle<typeof drizzle>, App>(options).map('clinics', {
  from: (db) => db.selectFrom('public.clinics as c'),
  key: ({ c }) => c.id,
  to: 'app.clinics',
  columns: ({ c }) => ({
    id: c.id,
    name: c.name,
    status: c.status,
    // wrong: 'timestamp' is not assignable to type 'timestamptz'
    at: c.created_at,
  }),
})

// wrong: "unknown table public.clinic"
export type UnknownTable = Refine<FromSupabase<Database>, { 'public.clinic': { id: uuid } }>
// wrong: "unknown column ids"
export type UnknownColumn = Refine<FromSupabase<Database>, { 'public.clinics': { ids: uuid } }>
// wrong: "no table has a column idd"
export type UnknownName = Refine<FromSupabase<Database>, { '*': { idd: uuid } }>
// wrong: Type 'numeric' is not assignable
export type NoNumber = Refine<FromSupabase<Database>, { 'public.clinics': { name: numeric } }>
// wrong: Type 'timestamptz' is not assignable
export type NoDate = Refine<FromDrizzle<typeof drizzle>, { 'public.provider_locations': { starts_on: timestamptz } }>
