import type { Catalog } from '../../src/catalog/catalog.ts'
import { readCheck } from '../../src/check/check.ts'
import type { Outlook } from '../../src/check/outlook.ts'
import type { Database } from '../../src/db/connection.ts'
import type { MigrationDefinition } from '../../src/define/migration.ts'
import { buildCheck, type CheckPlan } from '../../src/plan/check.ts'

/** What a check asks to foresee each mapping by itself, and nothing about the tables. */
export function planEachMapping(migration: MigrationDefinition, catalog: Catalog): CheckPlan {
  const facts = { hasLedger: false, expressions: new Map(), rowsOf: () => 0, showsValues: false }
  return { ...buildCheck(migration, catalog, facts), profiles: [], guesses: [] }
}

/** What it tells of each. */
export async function foreseeEachMapping(
  db: Database,
  migration: MigrationDefinition,
  catalog: Catalog,
): Promise<readonly Outlook[]> {
  return (await readCheck(db, planEachMapping(migration, catalog))).mappings
}
