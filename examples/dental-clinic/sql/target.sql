-- The target schema: multi-tenant, tied to Supabase's auth users, guarded by row-level security.
-- Needs PostgreSQL 15 (nulls not distinct, column lists in set null). Every name is qualified, so that the file loads
-- under any search_path. Order: roles, auth, types, tables, access helpers, grants, policies.
--
-- Tenant consistency is a matter of constraints, not of care: rows that belong to a clinic carry its id, and
-- composite foreign keys (clinic_id, …) refuse a value of clinic A for a provider of clinic B.

-- Roles -------------------------------------------------------------------------------------------------------------
-- Roles belong to the whole server: another database may have made them, another session may be making them now.

do $$
declare
  wanted record;
begin
  for wanted in
    select *
    from (
      values
        ('anon', 'nologin'),
        ('authenticated', 'nologin'),
        ('service_role', 'nologin bypassrls')
    ) as roles (name, options)
  loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted.name) then
      begin
        execute format('create role %I %s', wanted.name, wanted.options);
      exception
        when duplicate_object or unique_violation then null;
      end;
    end if;
  end loop;
end
$$;

-- Auth --------------------------------------------------------------------------------------------------------------
-- The part of Supabase's schema that the migration touches. Supabase brings its own: there, leave this section out.

create schema auth;

create table auth.users (
  instance_id uuid,
  id uuid primary key,
  aud varchar(255),
  role varchar(255),
  email varchar(255),
  encrypted_password varchar(255),
  email_confirmed_at timestamptz,
  invited_at timestamptz,
  confirmation_token varchar(255),
  confirmation_sent_at timestamptz,
  recovery_token varchar(255),
  recovery_sent_at timestamptz,
  email_change_token_new varchar(255),
  email_change varchar(255),
  email_change_sent_at timestamptz,
  email_change_token_current varchar(255) default '',
  email_change_confirm_status smallint default 0 check (email_change_confirm_status between 0 and 2),
  last_sign_in_at timestamptz,
  raw_app_meta_data jsonb,
  raw_user_meta_data jsonb,
  is_super_admin boolean,
  created_at timestamptz,
  updated_at timestamptz,
  phone text unique,
  phone_confirmed_at timestamptz,
  phone_change text default '',
  phone_change_token varchar(255) default '',
  confirmed_at timestamptz generated always as (least(email_confirmed_at, phone_confirmed_at)) stored,
  banned_until timestamptz,
  reauthentication_token varchar(255) default '',
  is_sso_user boolean not null default false,
  deleted_at timestamptz,
  is_anonymous boolean not null default false
);

create unique index users_email_partial_key on auth.users (email) where not is_sso_user;

create table auth.identities (
  id uuid primary key default gen_random_uuid(),
  provider_id text not null,
  user_id uuid not null references auth.users on delete cascade,
  identity_data jsonb not null,
  provider text not null,
  last_sign_in_at timestamptz,
  created_at timestamptz,
  updated_at timestamptz,
  email text generated always as (lower(identity_data ->> 'email')) stored,
  unique (provider_id, provider)
);

create index identities_user_id_idx on auth.identities (user_id);

create function auth.jwt() returns jsonb
language sql stable
return nullif(current_setting('request.jwt.claims', true), '')::jsonb;

create function auth.uid() returns uuid
language sql stable
return (auth.jwt() ->> 'sub')::uuid;

grant usage on schema auth to authenticated, service_role;

-- Types -------------------------------------------------------------------------------------------------------------

create type public.clinic_status as enum ('active', 'inactive');
create type public.member_role as enum ('viewer', 'staff', 'provider', 'clinic_admin'); -- ascending power
create type public.profile_status as enum ('active', 'invited', 'disabled');
create type public.provider_type as enum ('dentist', 'hygienist', 'specialist', 'other');
create type public.metric_data_type as enum ('currency', 'percentage', 'integer', 'decimal', 'date');
create type public.metric_category as enum ('financial', 'patient', 'appointment', 'provider', 'treatment');
create type public.metric_rollup as enum ('sum', 'avg', 'last', 'none');
create type public.source_kind as enum ('spreadsheet', 'form', 'manual');
create type public.value_quality as enum ('exact', 'normalised', 'corrected', 'derived');
create type public.goal_period as enum ('daily', 'weekly', 'monthly', 'quarterly', 'yearly');
create type public.goal_status as enum ('active', 'paused', 'completed', 'cancelled');
create type public.goal_direction as enum ('at_least', 'at_most');
create type public.credential_status as enum ('active', 'expired', 'needs_reauth', 'revoked');
create type public.connection_status as enum ('pending', 'active', 'paused', 'error', 'disconnected');
create type public.sync_frequency as enum ('manual', 'hourly', 'daily', 'weekly', 'monthly');
create type public.widget_type as enum ('chart', 'counter', 'table');
create type public.chart_type as enum ('line', 'bar', 'pie', 'area', 'doughnut', 'scatter');
create type public.dashboard_visibility as enum ('private', 'clinic');

-- Clinics and people ------------------------------------------------------------------------------------------------

create table public.clinics (
  id uuid primary key,
  name text not null check (btrim(name) <> ''),
  location_label text not null,
  status public.clinic_status not null default 'active',
  timezone text not null,
  currency text not null default 'USD' check (currency ~ '^[A-Z]{3}$'),
  registration_code text unique,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create unique index clinics_identity_key on public.clinics (lower(btrim(name)), lower(btrim(location_label)));

create table public.profiles (
  id uuid primary key references auth.users on delete cascade,
  email text not null check (email = lower(btrim(email))),
  full_name text not null check (btrim(full_name) <> ''),
  is_system_admin boolean not null default false,
  status public.profile_status not null default 'active',
  default_clinic_id uuid references public.clinics on delete set null,
  last_login_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create unique index profiles_email_key on public.profiles (email);

create table public.user_clinic_roles (
  id uuid primary key,
  user_id uuid not null references public.profiles on delete cascade,
  clinic_id uuid not null references public.clinics on delete cascade,
  role public.member_role not null,
  is_active boolean not null default true,
  granted_by uuid references public.profiles on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (user_id, clinic_id)
);

create index user_clinic_roles_lookup on public.user_clinic_roles (user_id) include (clinic_id, role) where is_active;
create index user_clinic_roles_clinic on public.user_clinic_roles (clinic_id);

create table public.clinic_invitations (
  id uuid primary key,
  clinic_id uuid not null references public.clinics on delete cascade,
  email text not null check (email = lower(btrim(email))),
  role public.member_role not null,
  token_hash bytea not null unique,
  invited_by uuid references public.profiles on delete set null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  accepted_at timestamptz,
  revoked_at timestamptz,
  check (expires_at > created_at)
);

create index clinic_invitations_clinic on public.clinic_invitations (clinic_id);
create unique index clinic_invitations_open_key on public.clinic_invitations (clinic_id, email)
  where accepted_at is null and revoked_at is null;

create table public.locations (
  id uuid primary key,
  clinic_id uuid not null references public.clinics on delete cascade,
  name text not null check (btrim(name) <> ''),
  address text,
  is_active boolean not null default true,
  unique (clinic_id, id)
);

create unique index locations_name_key on public.locations (clinic_id, lower(btrim(name)));

create table public.providers (
  id uuid primary key,
  clinic_id uuid not null references public.clinics on delete restrict,
  full_name text not null check (btrim(full_name) <> ''),
  first_name text,
  last_name text,
  email text,
  provider_type public.provider_type not null,
  status public.clinic_status not null default 'active',
  user_id uuid references public.profiles on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (clinic_id, id)
);

create unique index providers_identity_key on public.providers (clinic_id, lower(btrim(full_name)), provider_type);
create index providers_user on public.providers (user_id) where user_id is not null;

create table public.provider_locations (
  provider_id uuid not null,
  location_id uuid not null,
  clinic_id uuid not null,
  is_primary boolean not null default false,
  starts_on date,
  ends_on date,
  primary key (provider_id, location_id),
  check (ends_on is null or starts_on is null or ends_on >= starts_on),
  foreign key (clinic_id, provider_id) references public.providers (clinic_id, id) on delete cascade,
  foreign key (clinic_id, location_id) references public.locations (clinic_id, id) on delete cascade
);

create unique index provider_locations_primary_key on public.provider_locations (provider_id) where is_primary;
create index provider_locations_clinic on public.provider_locations (clinic_id, location_id);

-- Integrations: credential → spreadsheet → sheet → column mapping --------------------------------------------------

create table public.google_credentials (
  id uuid primary key,
  clinic_id uuid not null references public.clinics on delete cascade,
  connected_by uuid references public.profiles on delete set null,
  access_token_enc bytea,
  refresh_token_enc bytea,
  key_id text not null,
  token_fingerprint bytea not null,
  scopes text[] not null default '{}',
  expires_at timestamptz,
  status public.credential_status not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (clinic_id, id),
  unique (clinic_id, token_fingerprint),
  check (status <> 'active' or refresh_token_enc is not null or access_token_enc is not null)
);

create table public.spreadsheet_connections (
  id uuid primary key,
  clinic_id uuid not null references public.clinics on delete cascade,
  credential_id uuid,
  spreadsheet_id text not null check (btrim(spreadsheet_id) <> ''),
  name text not null,
  app_script_id text,
  status public.connection_status not null default 'pending',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (clinic_id, spreadsheet_id),
  unique (clinic_id, id),
  foreign key (clinic_id, credential_id) references public.google_credentials (clinic_id, id)
    on delete set null (credential_id)
);

create index spreadsheet_connections_credential on public.spreadsheet_connections (credential_id)
  where credential_id is not null;

create table public.connection_sheets (
  id uuid primary key,
  connection_id uuid not null,
  clinic_id uuid not null,
  sheet_name text not null check (btrim(sheet_name) <> ''),
  label text not null,
  sync_frequency public.sync_frequency not null default 'manual',
  last_synced_at timestamptz,
  unique (connection_id, sheet_name),
  unique (clinic_id, id),
  foreign key (clinic_id, connection_id) references public.spreadsheet_connections (clinic_id, id) on delete cascade
);

create table public.column_mappings (
  id uuid primary key,
  sheet_id uuid not null,
  clinic_id uuid not null,
  version integer not null default 1 check (version > 0),
  is_active boolean not null default true,
  config jsonb not null check (jsonb_typeof(config -> 'columns') is not distinct from 'array'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (sheet_id, version),
  foreign key (clinic_id, sheet_id) references public.connection_sheets (clinic_id, id) on delete cascade
);

create unique index column_mappings_active_key on public.column_mappings (sheet_id) where is_active;
create index column_mappings_clinic on public.column_mappings (clinic_id);

-- Metrics -----------------------------------------------------------------------------------------------------------

create table public.metric_definitions (
  id uuid primary key,
  clinic_id uuid references public.clinics on delete cascade, -- null: shared by all clinics
  code text not null check (code ~ '^[a-z][a-z0-9_]*$'),
  name text not null,
  description text not null default '',
  data_type public.metric_data_type not null,
  unit text,
  category public.metric_category not null,
  rollup public.metric_rollup not null,
  lower_is_better boolean not null default false,
  is_composite boolean not null default false,
  formula text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (is_composite = (formula is not null)),
  unique nulls not distinct (clinic_id, code)
);

create table public.metric_values (
  id uuid primary key,
  clinic_id uuid not null references public.clinics on delete restrict,
  provider_id uuid,
  metric_definition_id uuid not null references public.metric_definitions on delete restrict,
  metric_date date not null,
  observed_at timestamptz not null,
  value numeric(20, 6) check (value <> 'NaN'), -- the precision already refuses infinity
  value_date date,
  source public.source_kind not null,
  source_sheet text,
  external_id text,
  sheet_id uuid,
  quality public.value_quality not null default 'exact',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (num_nonnulls(value, value_date) = 1),
  foreign key (clinic_id, provider_id) references public.providers (clinic_id, id) on delete set null (provider_id),
  foreign key (clinic_id, sheet_id) references public.connection_sheets (clinic_id, id) on delete set null (sheet_id)
);

create unique index metric_values_natural_key on public.metric_values
  (clinic_id, metric_definition_id, metric_date, provider_id, sheet_id, external_id)
  nulls not distinct
  where external_id is not null;
create index metric_values_series on public.metric_values
  (clinic_id, metric_definition_id, metric_date)
  include (provider_id, value);
create index metric_values_provider on public.metric_values (provider_id, metric_date) where provider_id is not null;
create index metric_values_sheet on public.metric_values (sheet_id, created_at) where sheet_id is not null;

create table public.metric_aggregations (
  id uuid primary key,
  clinic_id uuid not null references public.clinics on delete cascade,
  provider_id uuid, -- null: the whole clinic
  metric_definition_id uuid not null references public.metric_definitions on delete cascade,
  granularity public.goal_period not null,
  period_start date not null,
  period_end date not null,
  sum numeric(24, 6) not null,
  n bigint not null check (n > 0),
  min numeric(20, 6) not null,
  max numeric(20, 6) not null,
  check (period_end >= period_start),
  foreign key (clinic_id, provider_id) references public.providers (clinic_id, id) on delete cascade,
  unique nulls not distinct (clinic_id, metric_definition_id, granularity, period_start, provider_id)
);

create index metric_aggregations_provider on public.metric_aggregations (provider_id) where provider_id is not null;

-- Goals -------------------------------------------------------------------------------------------------------------

create table public.goal_templates (
  id uuid primary key,
  clinic_id uuid references public.clinics on delete cascade, -- null: shared by all clinics
  name text not null,
  metric_definition_id uuid not null references public.metric_definitions on delete cascade,
  period public.goal_period not null,
  target_formula text,
  created_by uuid references public.profiles on delete set null,
  unique nulls not distinct (clinic_id, name)
);

create table public.goals (
  id uuid primary key,
  clinic_id uuid not null references public.clinics on delete cascade,
  provider_id uuid,
  metric_definition_id uuid not null references public.metric_definitions on delete restrict,
  template_id uuid references public.goal_templates on delete set null,
  owner_id uuid references public.profiles on delete set null,
  created_by uuid references public.profiles on delete set null,
  name text not null,
  period public.goal_period not null,
  starts_on date not null,
  ends_on date not null,
  target_value numeric(20, 6) not null check (target_value <> 'NaN'),
  direction public.goal_direction not null default 'at_least',
  status public.goal_status not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (ends_on >= starts_on),
  foreign key (clinic_id, provider_id) references public.providers (clinic_id, id) on delete restrict
);

create unique index goals_identity_key on public.goals
  (clinic_id, provider_id, metric_definition_id, period, starts_on, ends_on)
  nulls not distinct
  where status <> 'cancelled';
create index goals_open on public.goals (clinic_id, ends_on desc, starts_on desc);
create index goals_provider on public.goals (provider_id) where provider_id is not null;

-- Dashboards --------------------------------------------------------------------------------------------------------

create table public.dashboards (
  id uuid primary key,
  owner_id uuid not null references public.profiles on delete cascade,
  clinic_id uuid references public.clinics on delete cascade,
  name text not null,
  is_default boolean not null default false,
  visibility public.dashboard_visibility not null default 'private',
  layout jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (visibility = 'private' or clinic_id is not null)
);

create unique index dashboards_default_key on public.dashboards (owner_id, clinic_id)
  nulls not distinct
  where is_default;
create index dashboards_owner on public.dashboards (owner_id);
create index dashboards_clinic on public.dashboards (clinic_id);

create table public.widgets (
  id uuid primary key,
  dashboard_id uuid not null references public.dashboards on delete cascade,
  metric_definition_id uuid references public.metric_definitions on delete set null,
  widget_type public.widget_type not null,
  chart_type public.chart_type,
  position_x int not null check (position_x >= 0),
  position_y int not null check (position_y >= 0),
  width int not null check (width > 0),
  height int not null check (height > 0),
  config jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((widget_type = 'chart') = (chart_type is not null))
);

create index widgets_dashboard on public.widgets (dashboard_id);

-- Access helpers ----------------------------------------------------------------------------------------------------
-- Hosted projects may not create functions in auth, hence a schema of our own. The helpers are definers, or a policy
-- on user_clinic_roles that reads user_clinic_roles would recurse without end. Policies call them as
-- "= any (array(select …))": that is evaluated once per statement and can use an index.

create schema app_private;

-- Shared rows and rows of no clinic are for people with a profile in use, not for whoever has signed up.
create function app_private.is_active() returns boolean
language sql stable security definer set search_path = ''
return exists (
  select
  from public.profiles as p
  where p.id = auth.uid()
    and p.status = 'active'
);

create function app_private.is_system_admin() returns boolean
language sql stable security definer set search_path = ''
return exists (
  select
  from public.profiles as p
  where p.id = auth.uid()
    and p.is_system_admin
    and p.status = 'active'
);

create function app_private.my_clinics(min_role public.member_role default 'viewer') returns setof uuid
language sql stable security definer set search_path = ''
begin atomic
  select r.clinic_id
  from public.user_clinic_roles as r
  join public.profiles as p on p.id = r.user_id
  where r.user_id = auth.uid()
    and r.is_active
    and p.status = 'active'
    and r.role >= min_role
  union
  select c.id
  from public.clinics as c
  where app_private.is_system_admin();
end;

create function app_private.visible_profiles() returns setof uuid
language sql stable security definer set search_path = ''
begin atomic
  select auth.uid()
  union
  select r.user_id
  from public.user_clinic_roles as r
  where r.is_active
    and r.clinic_id = any (array(select app_private.my_clinics()));
end;

-- Grants ------------------------------------------------------------------------------------------------------------
-- A new function is executable by everyone unless that is revoked. Supabase's default privileges give anon every new
-- table in public; nobody reads anything here without signing in. google_credentials is for service_role alone.

revoke all on all functions in schema app_private from public;
grant usage on schema public, app_private to authenticated, service_role;
grant execute on all functions in schema app_private to authenticated, service_role;

do $$
declare
  target text;
begin
  foreach target in array array[
    'clinics', 'profiles', 'user_clinic_roles', 'clinic_invitations', 'locations', 'providers', 'provider_locations',
    'google_credentials', 'spreadsheet_connections', 'connection_sheets', 'column_mappings', 'metric_definitions',
    'metric_values', 'metric_aggregations', 'goal_templates', 'goals', 'dashboards', 'widgets'
  ]
  loop
    execute format('alter table public.%I enable row level security', target);
    execute format('revoke all on public.%I from public, anon, authenticated', target);
    execute format('grant select, insert, update, delete on public.%I to service_role', target);
    if target <> 'google_credentials' then
      execute format('grant select, insert, update, delete on public.%I to authenticated', target);
    end if;
  end loop;
end
$$;

-- Policies ----------------------------------------------------------------------------------------------------------
-- What a policy does not mention is refused: an insert raises 42501, an update or delete finds no row.

-- Tables of one clinic: any member reads, the named role (or a stronger one) writes, a clinic_admin deletes.
do $$
declare
  target text;
  writer text;
begin
  for target, writer in
    select *
    from (
      values
        ('user_clinic_roles', 'clinic_admin'),
        ('locations', 'clinic_admin'),
        ('providers', 'clinic_admin'),
        ('provider_locations', 'clinic_admin'),
        ('spreadsheet_connections', 'clinic_admin'),
        ('connection_sheets', 'clinic_admin'),
        ('column_mappings', 'clinic_admin'),
        ('metric_values', 'staff'),
        ('goals', 'provider')
    ) as tenant_tables
  loop
    execute format(
      $policy$
        create policy tenant_read on public.%1$I for select to authenticated
          using (clinic_id = any (array(select app_private.my_clinics())));
        create policy tenant_insert on public.%1$I for insert to authenticated
          with check (clinic_id = any (array(select app_private.my_clinics(%2$L))));
        create policy tenant_update on public.%1$I for update to authenticated
          using (clinic_id = any (array(select app_private.my_clinics(%2$L))))
          with check (clinic_id = any (array(select app_private.my_clinics(%2$L))));
        create policy tenant_delete on public.%1$I for delete to authenticated
          using (clinic_id = any (array(select app_private.my_clinics('clinic_admin'))));
      $policy$,
      target,
      writer
    );
  end loop;
end
$$;

create policy clinics_read on public.clinics for select to authenticated
  using (id = any (array(select app_private.my_clinics())));

create policy clinics_update on public.clinics for update to authenticated
  using (id = any (array(select app_private.my_clinics('clinic_admin'))))
  with check (id = any (array(select app_private.my_clinics('clinic_admin'))));

create policy profiles_read on public.profiles for select to authenticated
  using (id = any (array(select app_private.visible_profiles())));

create policy invitations_admin on public.clinic_invitations for all to authenticated
  using (clinic_id = any (array(select app_private.my_clinics('clinic_admin'))))
  with check (clinic_id = any (array(select app_private.my_clinics('clinic_admin'))));

create policy definitions_read on public.metric_definitions for select to authenticated
  using (
    clinic_id is null and (select app_private.is_active())
    or clinic_id = any (array(select app_private.my_clinics()))
  );

create policy aggregations_read on public.metric_aggregations for select to authenticated
  using (clinic_id = any (array(select app_private.my_clinics())));

create policy templates_read on public.goal_templates for select to authenticated
  using (
    clinic_id is null and (select app_private.is_active())
    or clinic_id = any (array(select app_private.my_clinics()))
  );

-- Whoever leaves a clinic leaves his dashboards of it behind.
create policy dashboards_read on public.dashboards for select to authenticated
  using (
    clinic_id is null and owner_id = (select auth.uid()) and (select app_private.is_active())
    or clinic_id = any (array(select app_private.my_clinics()))
      and (visibility = 'clinic' or owner_id = (select auth.uid()))
  );

create policy dashboards_write on public.dashboards for all to authenticated
  using (
    owner_id = (select auth.uid())
    and (
      clinic_id is null and (select app_private.is_active())
      or clinic_id = any (array(select app_private.my_clinics()))
    )
  )
  with check (
    owner_id = (select auth.uid())
    and (
      clinic_id is null and (select app_private.is_active())
      or clinic_id = any (array(select app_private.my_clinics()))
    )
  );

-- The inner query runs under the policies of dashboards: whoever sees a dashboard sees its widgets.
create policy widgets_read on public.widgets for select to authenticated
  using (dashboard_id in (select d.id from public.dashboards as d));

create policy widgets_write on public.widgets for all to authenticated
  using (dashboard_id in (select d.id from public.dashboards as d where d.owner_id = (select auth.uid())))
  with check (dashboard_id in (select d.id from public.dashboards as d where d.owner_id = (select auth.uid())));
