import { authUserStatements } from './auth-users.ts'
import { type Blueprint, drawBlueprint, type GeneratorOptions } from './blueprint.ts'
import { clinicStatements } from './clinics.ts'
import { columnMappingStatements } from './column-mappings.ts'
import { compoundValueStatement } from './compound-values.ts'
import { dashboardStatements } from './dashboards.ts'
import { dataSourceStatements } from './data-sources.ts'
import { foreignProviderStatements } from './foreign-providers.ts'
import { goalStatements } from './goals.ts'
import { loginStatements } from './logins.ts'
import type { Manifest } from './manifest.ts'
import { metricDefinitionStatements } from './metric-definitions.ts'
import { metricValueStatements } from './metric-values.ts'
import { passwordStatements } from './passwords.ts'
import { placedValueStatements } from './placed-values.ts'
import { providerStatements } from './providers.ts'
import type { Query } from './query.ts'
import { readManifest } from './read-manifest.ts'
import { work } from './sql-text.ts'
import { userStatements } from './users.ts'
import { valuePlanStatements } from './value-plan.ts'
import { widgetStatements } from './widgets.ts'

export type { GeneratorOptions } from './blueprint.ts'
export type { Manifest } from './manifest.ts'
export type { Query } from './query.ts'

/** Parents before children. */
const tables: readonly ((blueprint: Blueprint) => readonly string[])[] = [
  clinicStatements,
  metricDefinitionStatements,
  providerStatements,
  userStatements,
  loginStatements,
  authUserStatements,
  passwordStatements,
  dataSourceStatements,
  columnMappingStatements,
  foreignProviderStatements,
  valuePlanStatements,
  metricValueStatements,
  placedValueStatements,
  goalStatements,
  dashboardStatements,
  widgetStatements,
]

/**
 * Fills the empty legacy tables, the settings tables and the auth accounts that were there before, and returns what a
 * migration must make of them. Everything is made inside the server; the same options give the same rows everywhere.
 *
 * The role must be able to create a schema; it is gone at the end.
 */
export async function generate(query: Query, options: GeneratorOptions): Promise<Manifest> {
  const blueprint = drawBlueprint(options)
  await query(`drop schema if exists ${work} cascade`)
  await query(`create schema ${work}`)
  for (const statements of tables) {
    for (const statement of statements(blueprint)) await query(statement)
  }
  for (const table of Object.keys(blueprint.rows)) await query(`analyze legacy.${table}`)
  const manifest = await readManifest(query, blueprint)
  const compound = options.compound ? await query(compoundValueStatement(blueprint)) : []
  await query(`drop schema ${work} cascade`)
  return withCompound(manifest, compound.map(({ id }) => String(id)).sort())
}

function withCompound(manifest: Manifest, compound: readonly string[]): Manifest {
  const { tables } = manifest
  return { ...manifest, tables: { ...tables, metric_values: tables.metric_values + compound.length }, compound }
}
