import type {
  ArrayOf,
  bytea,
  Generated,
  IdentityAlways,
  int4,
  int8,
  json,
  jsonb,
  numeric,
  text,
  timestamp,
  timestamptz,
  uuid,
} from 'drover'
import type { FromDrizzle, FromKyselyCodegen, FromSupabase, SnakeCase } from 'drover/adapters'
import type { ColumnType } from 'kysely'
import { same } from './differences.ts'
import type * as drizzle from './drizzle-tables.ts'

// What the generated fixtures have none of.

/** Of a type that nobody knows, but not null. */
type Unknown = NonNullable<unknown>
type Zoned = timestamp | timestamptz
type DrizzleTables = FromDrizzle<typeof drizzle>
same<keyof DrizzleTables, 'public.notes' | 'work.jobs'>(true)
same<
  DrizzleTables['public.notes'],
  {
    id: ColumnType<uuid, uuid, uuid>
    slug: ColumnType<text, 'short' | 'long', 'short' | 'long'>
    tags: ColumnType<ArrayOf<text>, ArrayOf<text>, ArrayOf<text>>
    mood: ColumnType<'glad' | 'sad', 'glad' | 'sad', 'glad' | 'sad'>
    weather: ColumnType<Unknown, Unknown, Unknown>
    matrix: ColumnType<
      ArrayOf<ArrayOf<numeric>> | null,
      ArrayOf<ArrayOf<numeric>> | null,
      ArrayOf<ArrayOf<numeric>> | null
    >
    token: ColumnType<bytea, bytea, bytea>
    path: ColumnType<Unknown, Unknown, Unknown>
    touched: ColumnType<Zoned, Zoned | undefined, Zoned>
  }
>(true)

same<
  SnakeCase<DrizzleTables>['work.jobs'],
  {
    job_id: IdentityAlways<int4>
    created_at: Generated<Zoned>
    address_line1: ColumnType<text | null, text | null, text | null>
    owner_id: ColumnType<uuid, uuid, uuid>
  }
>(true)
same<keyof SnakeCase<{ 'public.userRoles': { URLPath: 1; isA: 2; _x: 3; Größe: 4 } }>, 'public.user_roles'>(true)
same<keyof SnakeCase<{ t: { URLPath: 1; isA: 2; _x: 3; Größe: 4 } }>['t'], 'urlpath' | 'is_a' | '_x' | 'größe'>(true)

// Releases of Supabase's generator that write Json for every JSON column, with a null of its own.
type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]
interface Database {
  __InternalSupabase: { PostgrestVersion: '12' }
  public: {
    Tables: {
      notes: {
        Row: { must: Json; may: Json | null; shaped: { theme: string }; id: number; must_ip: unknown; may_ip: unknown }
        Insert: {
          must: Json
          may?: Json | null
          shaped: { theme: string }
          id?: never
          must_ip: unknown
          may_ip?: unknown
        }
        Update: {
          must?: Json
          may?: Json | null
          shaped?: { theme: string }
          id?: never
          must_ip?: unknown
          may_ip?: unknown
        }
      }
    }
    Views: { readable: { Row: { id: number | null } } }
  }
}
type AnyJson = json | jsonb
type AnyNumber =
  FromSupabase<Database>['public.notes']['id'] extends ColumnType<infer N, infer _I, infer _U> ? N : never
same<
  FromSupabase<Database>,
  {
    'public.notes': {
      must: ColumnType<AnyJson, AnyJson, AnyJson>
      may: ColumnType<AnyJson | null, AnyJson | null | undefined, AnyJson | null>
      shaped: ColumnType<AnyJson, AnyJson, AnyJson>
      id: IdentityAlways<AnyNumber>
      must_ip: ColumnType<Unknown, Unknown, Unknown>
      may_ip: ColumnType<Unknown | null, Unknown | null | undefined, Unknown | null>
    }
    'public.readable': { id: ColumnType<AnyNumber | null, never, never> }
  }
>(true)

// Parsers that the command line of kysely-codegen can choose, and a schema that goes without saying.
interface Codegen {
  amounts: { exact: ColumnType<number, number | string, number | string>; whole: number; big: ColumnType<bigint> }
}
same<FromKyselyCodegen<Codegen, 'legacy'>['legacy.amounts']['exact'], ColumnType<numeric, numeric, numeric>>(true)
same<FromKyselyCodegen<Codegen, 'legacy'>['legacy.amounts']['big'], ColumnType<int8, int8, int8>>(true)
