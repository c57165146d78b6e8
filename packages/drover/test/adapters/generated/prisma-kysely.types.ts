// Written by prisma-kysely 3.2.1 with Prisma 7.10.1 from a schema.prisma that Prisma's schema engine 7.10.0 introspected
// from sql/target.sql of examples/dental-clinic and ../kinds.sql; two relations that it took for one-to-one were made one-to-many.

import type { ColumnType } from "kysely";
export type Generated<T> = T extends ColumnType<infer S, infer I, infer U>
  ? ColumnType<S, I | undefined, U>
  : ColumnType<T, T | undefined, T>;
export type Timestamp = ColumnType<Date, Date | string, Date | string>;

export const rounding = {
    half_up: "half up",
    half_even: "half even"
} as const;
export type rounding = (typeof rounding)[keyof typeof rounding];
export const chart_type = {
    line: "line",
    bar: "bar",
    pie: "pie",
    area: "area",
    doughnut: "doughnut",
    scatter: "scatter"
} as const;
export type chart_type = (typeof chart_type)[keyof typeof chart_type];
export const clinic_status = {
    active: "active",
    inactive: "inactive"
} as const;
export type clinic_status = (typeof clinic_status)[keyof typeof clinic_status];
export const connection_status = {
    pending: "pending",
    active: "active",
    paused: "paused",
    error: "error",
    disconnected: "disconnected"
} as const;
export type connection_status = (typeof connection_status)[keyof typeof connection_status];
export const credential_status = {
    active: "active",
    expired: "expired",
    needs_reauth: "needs_reauth",
    revoked: "revoked"
} as const;
export type credential_status = (typeof credential_status)[keyof typeof credential_status];
export const dashboard_visibility = {
    private: "private",
    clinic: "clinic"
} as const;
export type dashboard_visibility = (typeof dashboard_visibility)[keyof typeof dashboard_visibility];
export const goal_direction = {
    at_least: "at_least",
    at_most: "at_most"
} as const;
export type goal_direction = (typeof goal_direction)[keyof typeof goal_direction];
export const goal_period = {
    daily: "daily",
    weekly: "weekly",
    monthly: "monthly",
    quarterly: "quarterly",
    yearly: "yearly"
} as const;
export type goal_period = (typeof goal_period)[keyof typeof goal_period];
export const goal_status = {
    active: "active",
    paused: "paused",
    completed: "completed",
    cancelled: "cancelled"
} as const;
export type goal_status = (typeof goal_status)[keyof typeof goal_status];
export const member_role = {
    viewer: "viewer",
    staff: "staff",
    provider: "provider",
    clinic_admin: "clinic_admin"
} as const;
export type member_role = (typeof member_role)[keyof typeof member_role];
export const metric_category = {
    financial: "financial",
    patient: "patient",
    appointment: "appointment",
    provider: "provider",
    treatment: "treatment"
} as const;
export type metric_category = (typeof metric_category)[keyof typeof metric_category];
export const metric_data_type = {
    currency: "currency",
    percentage: "percentage",
    integer: "integer",
    decimal: "decimal",
    date: "date"
} as const;
export type metric_data_type = (typeof metric_data_type)[keyof typeof metric_data_type];
export const metric_rollup = {
    sum: "sum",
    avg: "avg",
    last: "last",
    none: "none"
} as const;
export type metric_rollup = (typeof metric_rollup)[keyof typeof metric_rollup];
export const profile_status = {
    active: "active",
    invited: "invited",
    disabled: "disabled"
} as const;
export type profile_status = (typeof profile_status)[keyof typeof profile_status];
export const provider_type = {
    dentist: "dentist",
    hygienist: "hygienist",
    specialist: "specialist",
    other: "other"
} as const;
export type provider_type = (typeof provider_type)[keyof typeof provider_type];
export const source_kind = {
    spreadsheet: "spreadsheet",
    form: "form",
    manual: "manual"
} as const;
export type source_kind = (typeof source_kind)[keyof typeof source_kind];
export const sync_frequency = {
    manual: "manual",
    hourly: "hourly",
    daily: "daily",
    weekly: "weekly",
    monthly: "monthly"
} as const;
export type sync_frequency = (typeof sync_frequency)[keyof typeof sync_frequency];
export const value_quality = {
    exact: "exact",
    normalised: "normalised",
    corrected: "corrected",
    derived: "derived"
} as const;
export type value_quality = (typeof value_quality)[keyof typeof value_quality];
export const widget_type = {
    chart: "chart",
    counter: "counter",
    table: "table"
} as const;
export type widget_type = (typeof widget_type)[keyof typeof widget_type];
export type clinic_invitations = {
    id: string;
    clinic_id: string;
    email: string;
    role: member_role;
    token_hash: Buffer;
    invited_by: string | null;
    created_at: Generated<Timestamp>;
    expires_at: Timestamp;
    accepted_at: Timestamp | null;
    revoked_at: Timestamp | null;
};
export type clinics = {
    id: string;
    name: string;
    location_label: string;
    status: Generated<clinic_status>;
    timezone: string;
    currency: Generated<string>;
    registration_code: string | null;
    created_at: Generated<Timestamp>;
    updated_at: Generated<Timestamp>;
};
export type column_mappings = {
    id: string;
    sheet_id: string;
    clinic_id: string;
    version: Generated<number>;
    is_active: Generated<boolean>;
    config: unknown;
    created_at: Generated<Timestamp>;
    updated_at: Generated<Timestamp>;
};
export type connection_sheets = {
    id: string;
    connection_id: string;
    clinic_id: string;
    sheet_name: string;
    label: string;
    sync_frequency: Generated<sync_frequency>;
    last_synced_at: Timestamp | null;
};
export type dashboards = {
    id: string;
    owner_id: string;
    clinic_id: string | null;
    name: string;
    is_default: Generated<boolean>;
    visibility: Generated<dashboard_visibility>;
    layout: Generated<unknown>;
    created_at: Generated<Timestamp>;
    updated_at: Generated<Timestamp>;
};
export type goal_templates = {
    id: string;
    clinic_id: string | null;
    name: string;
    metric_definition_id: string;
    period: goal_period;
    target_formula: string | null;
    created_by: string | null;
};
export type goals = {
    id: string;
    clinic_id: string;
    provider_id: string | null;
    metric_definition_id: string;
    template_id: string | null;
    owner_id: string | null;
    created_by: string | null;
    name: string;
    period: goal_period;
    starts_on: Timestamp;
    ends_on: Timestamp;
    target_value: string;
    direction: Generated<goal_direction>;
    status: goal_status;
    created_at: Generated<Timestamp>;
    updated_at: Generated<Timestamp>;
};
export type google_credentials = {
    id: string;
    clinic_id: string;
    connected_by: string | null;
    access_token_enc: Buffer | null;
    refresh_token_enc: Buffer | null;
    key_id: string;
    token_fingerprint: Buffer;
    scopes: Generated<string[]>;
    expires_at: Timestamp | null;
    status: credential_status;
    created_at: Generated<Timestamp>;
    updated_at: Generated<Timestamp>;
};
export type identities = {
    id: Generated<string>;
    provider_id: string;
    user_id: string;
    identity_data: unknown;
    provider: string;
    last_sign_in_at: Timestamp | null;
    created_at: Timestamp | null;
    updated_at: Timestamp | null;
    email: Generated<string | null>;
};
export type kinds = {
    id: Generated<string>;
    number: Generated<number>;
    counter: Generated<number>;
    token: Generated<string>;
    small: number | null;
    big: string;
    half: number | null;
    whole: number;
    exact: string;
    share: string | null;
    code: string | null;
    short: string;
    "First name": string;
    clinic_status: clinic_status;
    rounding: rounding | null;
    roundings: Generated<string>;
    tags: string[];
    amounts: string[];
    seats: number[];
    moment: Timestamp;
    instant: Timestamp;
    day: Timestamp;
    hour: Timestamp;
    active: boolean;
    payload: Buffer | null;
    plain: unknown;
    address: string | null;
    doubled: Generated<number | null>;
    clinic_id: string | null;
};
export type locations = {
    id: string;
    clinic_id: string;
    name: string;
    address: string | null;
    is_active: Generated<boolean>;
};
export type metric_aggregations = {
    id: string;
    clinic_id: string;
    provider_id: string | null;
    metric_definition_id: string;
    granularity: goal_period;
    period_start: Timestamp;
    period_end: Timestamp;
    sum: string;
    n: string;
    min: string;
    max: string;
};
export type metric_definitions = {
    id: string;
    clinic_id: string | null;
    code: string;
    name: string;
    description: Generated<string>;
    data_type: metric_data_type;
    unit: string | null;
    category: metric_category;
    rollup: metric_rollup;
    lower_is_better: Generated<boolean>;
    is_composite: Generated<boolean>;
    formula: string | null;
    created_at: Generated<Timestamp>;
    updated_at: Generated<Timestamp>;
};
export type metric_values = {
    id: string;
    clinic_id: string;
    provider_id: string | null;
    metric_definition_id: string;
    metric_date: Timestamp;
    observed_at: Timestamp;
    value: string | null;
    value_date: Timestamp | null;
    source: source_kind;
    source_sheet: string | null;
    external_id: string | null;
    sheet_id: string | null;
    quality: Generated<value_quality>;
    created_at: Generated<Timestamp>;
    updated_at: Generated<Timestamp>;
};
export type profiles = {
    id: string;
    email: string;
    full_name: string;
    is_system_admin: Generated<boolean>;
    status: Generated<profile_status>;
    default_clinic_id: string | null;
    last_login_at: Timestamp | null;
    created_at: Generated<Timestamp>;
    updated_at: Generated<Timestamp>;
};
export type provider_locations = {
    provider_id: string;
    location_id: string;
    clinic_id: string;
    is_primary: Generated<boolean>;
    starts_on: Timestamp | null;
    ends_on: Timestamp | null;
};
export type providers = {
    id: string;
    clinic_id: string;
    full_name: string;
    first_name: string | null;
    last_name: string | null;
    email: string | null;
    provider_type: provider_type;
    status: Generated<clinic_status>;
    user_id: string | null;
    created_at: Generated<Timestamp>;
    updated_at: Generated<Timestamp>;
};
export type spreadsheet_connections = {
    id: string;
    clinic_id: string;
    credential_id: string | null;
    spreadsheet_id: string;
    name: string;
    app_script_id: string | null;
    status: Generated<connection_status>;
    created_at: Generated<Timestamp>;
    updated_at: Generated<Timestamp>;
};
export type user_clinic_roles = {
    id: string;
    user_id: string;
    clinic_id: string;
    role: member_role;
    is_active: Generated<boolean>;
    granted_by: string | null;
    created_at: Generated<Timestamp>;
    updated_at: Generated<Timestamp>;
};
export type users = {
    instance_id: string | null;
    id: string;
    aud: string | null;
    role: string | null;
    email: string | null;
    encrypted_password: string | null;
    email_confirmed_at: Timestamp | null;
    invited_at: Timestamp | null;
    confirmation_token: string | null;
    confirmation_sent_at: Timestamp | null;
    recovery_token: string | null;
    recovery_sent_at: Timestamp | null;
    email_change_token_new: string | null;
    email_change: string | null;
    email_change_sent_at: Timestamp | null;
    email_change_token_current: Generated<string | null>;
    email_change_confirm_status: Generated<number | null>;
    last_sign_in_at: Timestamp | null;
    raw_app_meta_data: unknown | null;
    raw_user_meta_data: unknown | null;
    is_super_admin: boolean | null;
    created_at: Timestamp | null;
    updated_at: Timestamp | null;
    phone: string | null;
    phone_confirmed_at: Timestamp | null;
    phone_change: Generated<string | null>;
    phone_change_token: Generated<string | null>;
    confirmed_at: Generated<Timestamp | null>;
    banned_until: Timestamp | null;
    reauthentication_token: Generated<string | null>;
    is_sso_user: Generated<boolean>;
    deleted_at: Timestamp | null;
    is_anonymous: Generated<boolean>;
};
export type widgets = {
    id: string;
    dashboard_id: string;
    metric_definition_id: string | null;
    widget_type: widget_type;
    chart_type: chart_type | null;
    position_x: number;
    position_y: number;
    width: number;
    height: number;
    config: Generated<unknown>;
    created_at: Generated<Timestamp>;
    updated_at: Generated<Timestamp>;
};
export type DB = {
    "auth.identities": identities;
    "auth.users": users;
    "billing.kinds": kinds;
    clinic_invitations: clinic_invitations;
    clinics: clinics;
    column_mappings: column_mappings;
    connection_sheets: connection_sheets;
    dashboards: dashboards;
    goal_templates: goal_templates;
    goals: goals;
    google_credentials: google_credentials;
    locations: locations;
    metric_aggregations: metric_aggregations;
    metric_definitions: metric_definitions;
    metric_values: metric_values;
    profiles: profiles;
    provider_locations: provider_locations;
    providers: providers;
    spreadsheet_connections: spreadsheet_connections;
    user_clinic_roles: user_clinic_roles;
    widgets: widgets;
};
