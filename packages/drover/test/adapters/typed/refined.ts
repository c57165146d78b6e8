import type {
  ArrayOf,
  bytea,
  date,
  float4,
  float8,
  Generated,
  GeneratedAlways,
  IdentityAlways,
  inet,
  int2,
  int4,
  int8,
  interval,
  json,
  jsonb,
  numeric,
  Other,
  text,
  time,
  timestamp,
  timestamptz,
  uuid,
} from 'drover'
import type { Exactly, FromDrizzle, FromKyselyCodegen, FromPrismaKysely, FromSupabase, Refine } from 'drover/adapters'
import type * as drizzle from '../generated/drizzle.types.ts'
import type { BillingRounding, Shapes } from '../generated/drover.types.ts'
import type { DB as Codegen } from '../generated/kysely-codegen.types.ts'
import type { DB as Prisma } from '../generated/prisma-kysely.types.ts'
import type { Database } from '../generated/supabase.types.ts'
import { type Confusions, type Differences, same } from './differences.ts'

// With Refine, each adapter comes to what `drover types` says of the same database, column by column.

type Timestamps = Record<
  | 'last_sign_in_at'
  | 'created_at'
  | 'updated_at'
  | 'email_confirmed_at'
  | 'invited_at'
  | 'confirmation_sent_at'
  | 'recovery_sent_at'
  | 'email_change_sent_at'
  | 'phone_confirmed_at'
  | 'confirmed_at'
  | 'banned_until'
  | 'deleted_at'
  | 'instant'
  | 'expires_at'
  | 'accepted_at'
  | 'revoked_at'
  | 'last_synced_at'
  | 'observed_at'
  | 'last_login_at',
  timestamptz
> & { moment: timestamp }

type Dates = Record<
  'day' | 'starts_on' | 'ends_on' | 'period_start' | 'period_end' | 'metric_date' | 'value_date',
  date
> & { hour: time }

type Ids = Record<
  | 'id'
  | 'provider_id'
  | 'user_id'
  | 'instance_id'
  | 'token'
  | 'clinic_id'
  | 'invited_by'
  | 'sheet_id'
  | 'connection_id'
  | 'owner_id'
  | 'metric_definition_id'
  | 'created_by'
  | 'template_id'
  | 'connected_by'
  | 'default_clinic_id'
  | 'location_id'
  | 'credential_id'
  | 'granted_by'
  | 'dashboard_id',
  uuid
>

type Integers = Record<
  'number' | 'counter' | 'doubled' | 'version' | 'position_x' | 'position_y' | 'width' | 'height',
  int4
> &
  Record<'email_change_confirm_status' | 'small', int2> & { half: float4; whole: float8 }

type Decimals = Record<'exact' | 'share' | 'target_value' | 'sum' | 'min' | 'max' | 'value', numeric>

type Json = Record<'identity_data' | 'raw_app_meta_data' | 'raw_user_meta_data' | 'config' | 'layout', jsonb> & {
  plain: json
}

type Bytes = Record<'payload' | 'token_hash' | 'access_token_enc' | 'refresh_token_enc' | 'token_fingerprint', bytea>

type Supabase = Refine<
  FromSupabase<Database>,
  {
    '*': Timestamps & Dates & Ids & Integers & Decimals & Json & Bytes & { big: int8; n: int8; span: interval }
    'auth.identities': { provider_id: text }
    'billing.active_kinds': { id: int8 }
    'billing.kinds': {
      id: int8
      amounts: ArrayOf<numeric>
      seats: ArrayOf<int4>
      address: Exactly<inet | null>
      seen: Exactly<Other<'tstzrange'> | null>
    }
  }
>
same<Differences<Shapes, Supabase>, never>(true)
same<Confusions<Shapes, Supabase>, never>(true)

type DrizzleTables = Refine<
  FromDrizzle<typeof drizzle>,
  { '*': Timestamps & { hour: time }; 'billing.kinds': { seen: Exactly<Other<'tstzrange'> | null> } }
>
same<Differences<Shapes, DrizzleTables>, 'billing.active_kinds: missing'>(true)
same<Confusions<Shapes, DrizzleTables>, never>(true)

/** What neither kysely-codegen nor prisma-kysely tells of generated columns, identities and JSON. */
interface Untold {
  'auth.identities': {
    provider_id: text
    email: GeneratedAlways<text | null>
    identity_data: Exactly<jsonb>
  }
  'auth.users': { confirmed_at: GeneratedAlways<timestamptz | null> }
  'public.column_mappings': { config: Exactly<jsonb> }
  'public.dashboards': { layout: Generated<jsonb> }
  'public.widgets': { config: Generated<jsonb> }
}

interface UntoldOfKinds {
  id: IdentityAlways<int8>
  plain: Exactly<json>
  doubled: GeneratedAlways<int4 | null>
  address: inet
}

type KyselyCodegen = Refine<
  FromKyselyCodegen<Codegen>,
  Untold & {
    '*': Timestamps & Dates & Ids & Integers & Json
    'billing.kinds': UntoldOfKinds & { seats: ArrayOf<int4>; seen: Exactly<Other<'tstzrange'> | null> }
  }
>
same<Differences<Shapes, KyselyCodegen>, never>(true)
same<Confusions<Shapes, KyselyCodegen>, never>(true)

type PrismaKysely = Refine<
  FromPrismaKysely<Prisma> & { 'billing.kinds': { span: interval | null; seen: Other<'tstzrange'> | null } },
  Untold & {
    '*': Timestamps & Dates & Ids & Integers & Decimals & Json & { big: int8; n: int8 }
    'billing.kinds': UntoldOfKinds & {
      amounts: Exactly<ArrayOf<numeric> | null>
      seats: Exactly<ArrayOf<int4> | null>
      roundings: Generated<ArrayOf<BillingRounding>>
    }
  }
>
same<Differences<Shapes, PrismaKysely>, 'billing.active_kinds: missing'>(true)
same<Confusions<Shapes, PrismaKysely>, never>(true)
