import type { Client } from 'pg'

/** The target as an application has it: empty, every index and constraint in place. */
const target = `
create schema app;
create table app.clinics (id uuid primary key, name text not null);
create table app.providers (
  id uuid primary key,
  name text not null,
  clinic_id uuid not null references app.clinics
);
create table app.metric_definitions (id uuid primary key, name text not null);
create table app.data_sources (id uuid primary key, name text not null);
create table app.metric_values (
  id uuid not null,
  date timestamptz not null,
  value numeric(18, 4) not null,
  metric_definition_id uuid not null,
  provider_id uuid not null,
  clinic_id uuid not null,
  data_source_id uuid not null,
  external_id text not null,
  source_type text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint metric_values_pkey primary key (id),
  constraint metric_values_source_key unique (data_source_id, external_id),
  constraint metric_values_clinic_fkey foreign key (clinic_id) references app.clinics,
  constraint metric_values_provider_fkey foreign key (provider_id) references app.providers,
  constraint metric_values_definition_fkey foreign key (metric_definition_id) references app.metric_definitions,
  constraint metric_values_data_source_fkey foreign key (data_source_id) references app.data_sources
);
create index metric_values_clinic_date_idx on app.metric_values (clinic_id, date);
create index metric_values_definition_date_idx on app.metric_values (metric_definition_id, date);
`

/** Makes the target anew, and takes away what a run before left behind; the next one starts from a checkpoint. */
export async function makeTarget(client: Client): Promise<void> {
  await client.query('drop schema if exists app, drover, hand cascade')
  await client.query(target)
  await client.query('checkpoint')
}
