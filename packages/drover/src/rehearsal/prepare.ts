import { qualifiedName } from '../catalog/catalog.ts'
import { catalogDifferences } from '../catalog/differences.ts'
import { readCatalog } from '../catalog/read.ts'
import type { Database } from '../db/connection.ts'
import type { MigrationDefinition } from '../define/migration.ts'
import { buildPlan } from '../plan/build.ts'
import type { Plan } from '../plan/plan.ts'
import { makeObjects, type NotMade, readDefinitions } from './copy-schema.ts'
import { copyFixes } from './fixes.ts'
import { type Sample, type SampleOptions, takeSample } from './sample.ts'
import type { Stages } from './stages.ts'

/** A scratch database that a migration can be tried in. */
export interface Prepared {
  /** The application's schemas. */
  readonly schemas: readonly string[]
  readonly sample: Sample
  /** The plan against the scratch database: the same but for what its catalog has otherwise. */
  readonly plan: Plan
}

/** Makes the schema in the scratch database, and copies the sample. */
export async function prepare(
  { act, note }: Stages,
  { real, scratch }: { readonly real: Database; readonly scratch: Database },
  migration: MigrationDefinition,
  plan: Plan,
  options: SampleOptions,
): Promise<Prepared> {
  const tell = (notMade: readonly NotMade[]) =>
    note(...notMade.map(({ object, why }) => `${object} could not be made in the scratch database: ${why}`))
  const ddl = await act('schema', async () => {
    const read = await readDefinitions(real, rolesOf(plan))
    const notMade = await makeObjects(scratch, read.before)
    tell(notMade)
    return { value: read, detail: `${read.before.length - notMade.length} objects of ${read.schemas.length} schemas` }
  })
  return act('sample', async () => {
    const sample = await takeSample(real, scratch, migration, plan, options)
    tell(await makeObjects(scratch, ddl.after))
    const fixes = await copyFixes(real, scratch, plan.migration, plan.drover)
    const catalog = await scratch.transaction((tx) =>
      readCatalog((text, values) => tx.query(text, values), plan.catalog.schemas),
    )
    const differences = catalogDifferences(plan.catalog, catalog, plan.catalog.tables.map(qualifiedName))
    note(...differences.map((difference) => `in the scratch database: ${difference}`))
    const sum = (of: 'taken' | 'rows') => sample.tables.reduce((all, table) => all + table[of], 0n)
    return {
      value: { schemas: ddl.schemas, sample, plan: buildPlan(migration, catalog) },
      detail: `${sum('taken')} of ${sum('rows')} rows of ${sample.tables.length} tables${fixes === 0 ? '' : `, ${fixes} fixes`}`,
    }
  })
}

/** Whose eyes the checks of the migration look through. */
function rolesOf({ checks }: Plan): readonly string[] {
  return [...new Set(checks.flatMap((check) => ('role' in check ? [check.role] : [])))]
}
