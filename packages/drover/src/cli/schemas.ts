import type { MigrationDefinition } from '../define/migration.ts'
import { tablesIn } from '../plan/lineage.ts'
import { parseName } from '../sql/nodes.ts'

/** The schemas that the tables and targets of a migration lie in, in order of name: those that a plan needs to know. */
export function schemasOf(definition: MigrationDefinition): readonly string[] {
  const tables = definition.mappings.flatMap((mapping) => [...tablesIn(mapping), mapping.to])
  return [...new Set(tables.map((table) => parseName(table).schema))].sort()
}
