import type { MigrationDefinition } from '../define/migration.ts'
import { tablesIn } from '../plan/lineage.ts'
import { ledgerSchema } from '../plan/plan.ts'
import { parseName } from '../sql/nodes.ts'

/** The tables that a migration reads, loads or asks of, in its mappings and checks; none twice. */
export function tablesOf(definition: MigrationDefinition): readonly string[] {
  const tables = [
    ...definition.mappings.flatMap((mapping) => [...tablesIn(mapping), mapping.to]),
    ...tablesIn(definition.checks),
  ]
  // The ledger is made by the first run, and is no part of what a plan is made for.
  return [...new Set(tables)].filter((table) => parseName(table).schema !== ledgerSchema)
}

/**
 * The schemas that the tables, targets and checks of a migration lie in, in order of name: those that a plan needs to
 * know.
 */
export function schemasOf(definition: MigrationDefinition): readonly string[] {
  return [...new Set(tablesOf(definition).map((table) => parseName(table).schema))].sort()
}
