/** Takes away what would be kept up to date row by row. */
export const dropIndexes = `
alter table app.metric_values
  drop constraint metric_values_clinic_fkey,
  drop constraint metric_values_provider_fkey,
  drop constraint metric_values_definition_fkey,
  drop constraint metric_values_data_source_fkey,
  drop constraint metric_values_pkey,
  drop constraint metric_values_source_key;
drop index app.metric_values_clinic_date_idx;
drop index app.metric_values_definition_date_idx;
`

/** Built by as many sessions as there are, each taking the next one: the longest first. */
export const indexes = {
  unique: 'create unique index metric_values_source_key on app.metric_values (data_source_id, external_id)',
  notUnique: 'create index metric_values_source_key on app.metric_values (data_source_id, external_id)',
  crosswalk: 'create unique index values_pkey on hand.values (old_id)',
  primaryKey: 'create unique index metric_values_pkey on app.metric_values (id)',
  clinic: 'create index metric_values_clinic_date_idx on app.metric_values (clinic_id, date)',
  definition: 'create index metric_values_definition_date_idx on app.metric_values (metric_definition_id, date)',
} as const

export const adoptCrosswalk = 'alter table hand.values add primary key using index values_pkey'

export const adoptPrimaryKey =
  'alter table app.metric_values add constraint metric_values_pkey primary key using index metric_values_pkey'

export const adoptUnique =
  'alter table app.metric_values add constraint metric_values_source_key unique using index metric_values_source_key'

const foreignKeys = [
  ['metric_values_clinic_fkey', 'clinic_id', 'app.clinics'],
  ['metric_values_provider_fkey', 'provider_id', 'app.providers'],
  ['metric_values_definition_fkey', 'metric_definition_id', 'app.metric_definitions'],
  ['metric_values_data_source_fkey', 'data_source_id', 'app.data_sources'],
] as const

/** Without a look at the rows, then with one that locks nobody out. */
export const addForeignKeys = [
  `alter table app.metric_values ${foreignKeys
    .map(([name, column, to]) => `add constraint ${name} foreign key (${column}) references ${to} not valid`)
    .join(', ')}`,
  `alter table app.metric_values ${foreignKeys.map(([name]) => `validate constraint ${name}`).join(', ')}`,
]
