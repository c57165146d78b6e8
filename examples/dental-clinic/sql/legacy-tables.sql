-- The legacy application's tables, as Prisma made them in May 2025, in a schema of their own.
-- Ids are text chosen by the client; times carry no zone and mean UTC; there are no checks, no enums and no
-- secondary index besides users_email_key. Foreign keys are in legacy-foreign-keys.sql: without that file the same
-- tables can hold orphans ("loose"), with it they cannot ("strict").

create schema legacy;

create table legacy.clinics (
  id text not null,
  name text not null,
  location text not null,
  status text not null,
  created_at timestamp(3) not null default current_timestamp,
  updated_at timestamp(3) not null,
  constraint clinics_pkey primary key (id)
);

create table legacy.users (
  id text not null,
  email text not null,
  name text not null,
  role text not null,
  last_login timestamp(3),
  clinic_id text not null,
  created_at timestamp(3) not null default current_timestamp,
  updated_at timestamp(3) not null,
  constraint users_pkey primary key (id)
);

create unique index users_email_key on legacy.users (email);

create table legacy.providers (
  id text not null,
  name text not null,
  provider_type text not null,
  status text not null,
  clinic_id text not null,
  created_at timestamp(3) not null default current_timestamp,
  updated_at timestamp(3) not null,
  constraint providers_pkey primary key (id)
);

create table legacy.metric_definitions (
  id text not null,
  name text not null,
  description text not null,
  data_type text not null,
  calculation_formula text,
  category text not null,
  is_composite boolean not null,
  created_at timestamp(3) not null default current_timestamp,
  updated_at timestamp(3) not null,
  constraint metric_definitions_pkey primary key (id)
);

create table legacy.data_sources (
  id text not null,
  name text not null,
  spreadsheet_id text not null,
  sheet_name text not null,
  last_synced_at timestamp(3),
  sync_frequency text not null,
  connection_status text not null,
  app_script_id text,
  access_token text not null,
  refresh_token text,
  expiry_date timestamp(3),
  clinic_id text not null,
  created_at timestamp(3) not null default current_timestamp,
  updated_at timestamp(3) not null,
  constraint data_sources_pkey primary key (id)
);

create table legacy.column_mappings (
  id text not null,
  column_name text not null,
  transformation_rule text,
  data_source_id text not null,
  metric_definition_id text not null,
  created_at timestamp(3) not null default current_timestamp,
  updated_at timestamp(3) not null,
  constraint column_mappings_pkey primary key (id)
);

create table legacy.metric_values (
  id text not null,
  date timestamp(3) not null,
  value text not null,
  source_type text not null,
  source_sheet text,
  external_id text,
  metric_definition_id text not null,
  clinic_id text,
  provider_id text,
  data_source_id text,
  created_at timestamp(3) not null default current_timestamp,
  updated_at timestamp(3) not null,
  constraint metric_values_pkey primary key (id)
);

create table legacy.goals (
  id text not null,
  time_period text not null,
  start_date timestamp(3) not null,
  end_date timestamp(3) not null,
  target_value text not null,
  metric_definition_id text not null,
  clinic_id text,
  provider_id text,
  created_at timestamp(3) not null default current_timestamp,
  updated_at timestamp(3) not null,
  constraint goals_pkey primary key (id)
);

create table legacy.dashboards (
  id text not null,
  name text not null,
  is_default boolean not null default false,
  layout_config jsonb,
  user_id text not null,
  created_at timestamp(3) not null default current_timestamp,
  updated_at timestamp(3) not null,
  constraint dashboards_pkey primary key (id)
);

create table legacy.widgets (
  id text not null,
  widget_type text not null,
  chart_type text,
  position_x integer not null,
  position_y integer not null,
  width integer not null,
  height integer not null,
  config jsonb,
  dashboard_id text not null,
  metric_definition_id text,
  created_at timestamp(3) not null default current_timestamp,
  updated_at timestamp(3) not null,
  constraint widgets_pkey primary key (id)
);
