import type { FromDrizzle, FromKyselyCodegen, FromPrismaKysely, FromSupabase } from 'drover/adapters'
import type * as drizzle from '../generated/drizzle.types.ts'
import type { Shapes } from '../generated/drover.types.ts'
import type { DB as Codegen } from '../generated/kysely-codegen.types.ts'
import type { DB as Prisma } from '../generated/prisma-kysely.types.ts'
import type { Database } from '../generated/supabase.types.ts'
import { type Differences, same } from './differences.ts'

// All that the adapters get wrong of a real schema, beside types that the generators have lost. docs/mapping.md tells why.

same<Differences<Shapes, FromSupabase<Database>>, never>(true)

same<Differences<Shapes, FromDrizzle<typeof drizzle>>, 'billing.active_kinds: missing'>(true)

type GeneratedLikeDefaults =
  | `auth.identities.email: ${'insertable' | 'updateable' | 'takes null'}`
  | `auth.users.confirmed_at: ${'insertable' | 'updateable' | 'takes null'}`
  | `billing.kinds.doubled: ${'insertable' | 'updateable' | 'takes null'}`
  | 'billing.kinds.id: updateable'

type JsonAlwaysNullable =
  | `auth.identities.identity_data: ${'required' | 'nullable' | 'takes null'}`
  | `billing.kinds.plain: ${'required' | 'nullable' | 'takes null'}`
  | `public.column_mappings.config: ${'required' | 'nullable' | 'takes null'}`
  | `public.dashboards.layout: ${'nullable' | 'takes null'}`
  | `public.widgets.config: ${'nullable' | 'takes null'}`

same<
  Differences<Shapes, FromKyselyCodegen<Codegen>>,
  GeneratedLikeDefaults | JsonAlwaysNullable | 'billing.kinds.seen: takes'
>(true)

same<
  Differences<Shapes, FromPrismaKysely<Prisma>>,
  | GeneratedLikeDefaults
  | JsonAlwaysNullable
  | `billing.kinds.${'amounts' | 'seats'}: ${'required' | 'nullable' | 'takes null'}`
  | 'billing.kinds.roundings: takes'
  | `billing.${'active_kinds' | 'kinds.seen' | 'kinds.span'}: missing`
>(true)
