// Written by `drover types`. Do not edit.
import type {
  ArrayOf,
  Generated,
  GeneratedAlways,
  IdentityAlways,
  Other,
  bool,
  bpchar,
  bytea,
  date,
  float4,
  float8,
  inet,
  int2,
  int4,
  int8,
  interval,
  json,
  jsonb,
  numeric,
  text,
  time,
  timestamp,
  timestamptz,
  uuid,
  varchar,
} from 'drover'

export type BillingRounding = 'half up' | 'half even'

export type PublicChartType = 'line' | 'bar' | 'pie' | 'area' | 'doughnut' | 'scatter'

export type PublicClinicStatus = 'active' | 'inactive'

export type PublicConnectionStatus = 'pending' | 'active' | 'paused' | 'error' | 'disconnected'

export type PublicCredentialStatus = 'active' | 'expired' | 'needs_reauth' | 'revoked'

export type PublicDashboardVisibility = 'private' | 'clinic'

export type PublicGoalDirection = 'at_least' | 'at_most'

export type PublicGoalPeriod = 'daily' | 'weekly' | 'monthly' | 'quarterly' | 'yearly'

export type PublicGoalStatus = 'active' | 'paused' | 'completed' | 'cancelled'

export type PublicMemberRole = 'viewer' | 'staff' | 'provider' | 'clinic_admin'

export type PublicMetricCategory = 'financial' | 'patient' | 'appointment' | 'provider' | 'treatment'

export type PublicMetricDataType = 'currency' | 'percentage' | 'integer' | 'decimal' | 'date'

export type PublicMetricRollup = 'sum' | 'avg' | 'last' | 'none'

export type PublicProfileStatus = 'active' | 'invited' | 'disabled'

export type PublicProviderType = 'dentist' | 'hygienist' | 'specialist' | 'other'

export type PublicSourceKind = 'spreadsheet' | 'form' | 'manual'

export type PublicSyncFrequency = 'manual' | 'hourly' | 'daily' | 'weekly' | 'monthly'

export type PublicValueQuality = 'exact' | 'normalised' | 'corrected' | 'derived'

export type PublicWidgetType = 'chart' | 'counter' | 'table'

export interface Shapes {
  'auth.identities': {
    id: Generated<uuid>
    provider_id: text
    user_id: uuid
    identity_data: jsonb
    provider: text
    last_sign_in_at: timestamptz | null
    created_at: timestamptz | null
    updated_at: timestamptz | null
    email: GeneratedAlways<text | null>
  }
  'auth.users': {
    instance_id: uuid | null
    id: uuid
    aud: varchar | null
    role: varchar | null
    email: varchar | null
    encrypted_password: varchar | null
    email_confirmed_at: timestamptz | null
    invited_at: timestamptz | null
    confirmation_token: varchar | null
    confirmation_sent_at: timestamptz | null
    recovery_token: varchar | null
    recovery_sent_at: timestamptz | null
    email_change_token_new: varchar | null
    email_change: varchar | null
    email_change_sent_at: timestamptz | null
    email_change_token_current: Generated<varchar | null>
    email_change_confirm_status: Generated<int2 | null>
    last_sign_in_at: timestamptz | null
    raw_app_meta_data: jsonb | null
    raw_user_meta_data: jsonb | null
    is_super_admin: bool | null
    created_at: timestamptz | null
    updated_at: timestamptz | null
    phone: text | null
    phone_confirmed_at: timestamptz | null
    phone_change: Generated<text | null>
    phone_change_token: Generated<varchar | null>
    confirmed_at: GeneratedAlways<timestamptz | null>
    banned_until: timestamptz | null
    reauthentication_token: Generated<varchar | null>
    is_sso_user: Generated<bool>
    deleted_at: timestamptz | null
    is_anonymous: Generated<bool>
  }
  'billing.active_kinds': {
    id: int8 | null
    short: varchar | null
  }
  'billing.kinds': {
    id: IdentityAlways<int8>
    number: Generated<int4>
    counter: Generated<int4>
    token: Generated<uuid>
    small: int2 | null
    big: int8
    half: float4 | null
    whole: float8
    exact: numeric
    share: numeric | null
    code: bpchar | null
    short: varchar
    'First name': text
    clinic_status: PublicClinicStatus
    rounding: BillingRounding | null
    roundings: Generated<ArrayOf<BillingRounding>>
    tags: ArrayOf<text>
    amounts: ArrayOf<numeric> | null
    seats: ArrayOf<int4> | null
    moment: timestamp
    instant: timestamptz
    day: date
    hour: time
    span: interval | null
    active: bool
    payload: bytea | null
    plain: json
    address: inet | null
    seen: Other<'tstzrange'> | null
    doubled: GeneratedAlways<int4 | null>
    clinic_id: uuid | null
  }
  'public.clinic_invitations': {
    id: uuid
    clinic_id: uuid
    email: text
    role: PublicMemberRole
    token_hash: bytea
    invited_by: uuid | null
    created_at: Generated<timestamptz>
    expires_at: timestamptz
    accepted_at: timestamptz | null
    revoked_at: timestamptz | null
  }
  'public.clinics': {
    id: uuid
    name: text
    location_label: text
    status: Generated<PublicClinicStatus>
    timezone: text
    currency: Generated<text>
    registration_code: text | null
    created_at: Generated<timestamptz>
    updated_at: Generated<timestamptz>
  }
  'public.column_mappings': {
    id: uuid
    sheet_id: uuid
    clinic_id: uuid
    version: Generated<int4>
    is_active: Generated<bool>
    config: jsonb
    created_at: Generated<timestamptz>
    updated_at: Generated<timestamptz>
  }
  'public.connection_sheets': {
    id: uuid
    connection_id: uuid
    clinic_id: uuid
    sheet_name: text
    label: text
    sync_frequency: Generated<PublicSyncFrequency>
    last_synced_at: timestamptz | null
  }
  'public.dashboards': {
    id: uuid
    owner_id: uuid
    clinic_id: uuid | null
    name: text
    is_default: Generated<bool>
    visibility: Generated<PublicDashboardVisibility>
    layout: Generated<jsonb>
    created_at: Generated<timestamptz>
    updated_at: Generated<timestamptz>
  }
  'public.goal_templates': {
    id: uuid
    clinic_id: uuid | null
    name: text
    metric_definition_id: uuid
    period: PublicGoalPeriod
    target_formula: text | null
    created_by: uuid | null
  }
  'public.goals': {
    id: uuid
    clinic_id: uuid
    provider_id: uuid | null
    metric_definition_id: uuid
    template_id: uuid | null
    owner_id: uuid | null
    created_by: uuid | null
    name: text
    period: PublicGoalPeriod
    starts_on: date
    ends_on: date
    target_value: numeric
    direction: Generated<PublicGoalDirection>
    status: PublicGoalStatus
    created_at: Generated<timestamptz>
    updated_at: Generated<timestamptz>
  }
  'public.google_credentials': {
    id: uuid
    clinic_id: uuid
    connected_by: uuid | null
    access_token_enc: bytea | null
    refresh_token_enc: bytea | null
    key_id: text
    token_fingerprint: bytea
    scopes: Generated<ArrayOf<text>>
    expires_at: timestamptz | null
    status: PublicCredentialStatus
    created_at: Generated<timestamptz>
    updated_at: Generated<timestamptz>
  }
  'public.locations': {
    id: uuid
    clinic_id: uuid
    name: text
    address: text | null
    is_active: Generated<bool>
  }
  'public.metric_aggregations': {
    id: uuid
    clinic_id: uuid
    provider_id: uuid | null
    metric_definition_id: uuid
    granularity: PublicGoalPeriod
    period_start: date
    period_end: date
    sum: numeric
    n: int8
    min: numeric
    max: numeric
  }
  'public.metric_definitions': {
    id: uuid
    clinic_id: uuid | null
    code: text
    name: text
    description: Generated<text>
    data_type: PublicMetricDataType
    unit: text | null
    category: PublicMetricCategory
    rollup: PublicMetricRollup
    lower_is_better: Generated<bool>
    is_composite: Generated<bool>
    formula: text | null
    created_at: Generated<timestamptz>
    updated_at: Generated<timestamptz>
  }
  'public.metric_values': {
    id: uuid
    clinic_id: uuid
    provider_id: uuid | null
    metric_definition_id: uuid
    metric_date: date
    observed_at: timestamptz
    value: numeric | null
    value_date: date | null
    source: PublicSourceKind
    source_sheet: text | null
    external_id: text | null
    sheet_id: uuid | null
    quality: Generated<PublicValueQuality>
    created_at: Generated<timestamptz>
    updated_at: Generated<timestamptz>
  }
  'public.profiles': {
    id: uuid
    email: text
    full_name: text
    is_system_admin: Generated<bool>
    status: Generated<PublicProfileStatus>
    default_clinic_id: uuid | null
    last_login_at: timestamptz | null
    created_at: Generated<timestamptz>
    updated_at: Generated<timestamptz>
  }
  'public.provider_locations': {
    provider_id: uuid
    location_id: uuid
    clinic_id: uuid
    is_primary: Generated<bool>
    starts_on: date | null
    ends_on: date | null
  }
  'public.providers': {
    id: uuid
    clinic_id: uuid
    full_name: text
    first_name: text | null
    last_name: text | null
    email: text | null
    provider_type: PublicProviderType
    status: Generated<PublicClinicStatus>
    user_id: uuid | null
    created_at: Generated<timestamptz>
    updated_at: Generated<timestamptz>
  }
  'public.spreadsheet_connections': {
    id: uuid
    clinic_id: uuid
    credential_id: uuid | null
    spreadsheet_id: text
    name: text
    app_script_id: text | null
    status: Generated<PublicConnectionStatus>
    created_at: Generated<timestamptz>
    updated_at: Generated<timestamptz>
  }
  'public.user_clinic_roles': {
    id: uuid
    user_id: uuid
    clinic_id: uuid
    role: PublicMemberRole
    is_active: Generated<bool>
    granted_by: uuid | null
    created_at: Generated<timestamptz>
    updated_at: Generated<timestamptz>
  }
  'public.widgets': {
    id: uuid
    dashboard_id: uuid
    metric_definition_id: uuid | null
    widget_type: PublicWidgetType
    chart_type: PublicChartType | null
    position_x: int4
    position_y: int4
    width: int4
    height: int4
    config: Generated<jsonb>
    created_at: Generated<timestamptz>
    updated_at: Generated<timestamptz>
  }
}
