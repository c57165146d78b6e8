import { randomUUID } from 'node:crypto'
import type { Client } from 'pg'

/** A row of `legacy.metric_values`. */
export interface LegacyRow {
  readonly id: string
  readonly date: Date
  readonly value: string
  readonly metric_definition_id: string
  readonly provider_id: string
  readonly clinic_id: string | null
  readonly data_source_id: string
  readonly external_id: string
  readonly source_type: string
  readonly created_at: Date
  readonly updated_at: Date
}

/** New ids by old ones, held in memory, as such scripts do. */
export interface Parents {
  readonly clinics: ReadonlyMap<string, string>
  readonly providers: ReadonlyMap<string, { readonly id: string; readonly clinicId: string }>
  readonly definitions: ReadonlyMap<string, string>
  readonly sources: ReadonlyMap<string, string>
}

/** Loads the small tables, which takes a moment whichever way, and the table that maps ids. */
export async function loadParents(client: Client): Promise<Parents> {
  await client.query(`drop schema if exists script cascade;
    create schema script;
    create table script.id_mapping (old_id text primary key, new_id uuid not null unique);`)
  const copy = async (from: string, to: string) => {
    const { rows } = await client.query<{ old: string; new: string }>(
      `with made as (select gen_random_uuid() as id, r.id as old_id, r.name from legacy.${from} as r),
        loaded as (insert into app.${to} select id, name from made)
      select old_id as old, id as new from made`,
    )
    return new Map(rows.map((row) => [row.old, row.new]))
  }
  const clinics = await copy('clinics', 'clinics')
  const definitions = await copy('metric_definitions', 'metric_definitions')
  const sources = await copy('data_sources', 'data_sources')
  const { rows } = await client.query<{ id: string; name: string; clinic_id: string }>('select * from legacy.providers')
  const providers = new Map(
    rows.map(({ id, clinic_id }) => [id, { id: randomUUID() as string, clinicId: clinics.get(clinic_id)! }]),
  )
  await client.query('insert into app.providers select * from unnest($1::uuid[], $2::text[], $3::uuid[])', [
    rows.map(({ id }) => providers.get(id)!.id),
    rows.map(({ name }) => name),
    rows.map(({ id }) => providers.get(id)!.clinicId),
  ])
  return { clinics, providers, definitions, sources }
}

/** The new row, or undefined where the old one is not fit: such a script leaves it out. */
export function convert(row: LegacyRow, parents: Parents) {
  const value = row.value.replace(/[$,]/g, '')
  const definition = parents.definitions.get(row.metric_definition_id)
  const provider = parents.providers.get(row.provider_id)
  const clinic = row.clinic_id === null ? provider?.clinicId : parents.clinics.get(row.clinic_id)
  const source = parents.sources.get(row.data_source_id)
  if (!/^-?[0-9]+([.][0-9]+)?$/.test(value) || !definition || !provider || !clinic || !source) return undefined
  return {
    id: randomUUID() as string,
    date: row.date,
    value,
    metric_definition_id: definition,
    provider_id: provider.id,
    clinic_id: clinic,
    data_source_id: source,
    external_id: row.external_id,
    source_type: row.source_type,
    created_at: row.created_at,
    updated_at: row.updated_at,
  }
}
