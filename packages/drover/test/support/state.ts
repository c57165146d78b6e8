import { qualifiedName } from '../../src/catalog/catalog.ts'
import { type CanonicalCatalog, canonicalCatalog } from '../../src/catalog/fingerprint.ts'
import { readCatalog } from '../../src/catalog/read.ts'
import type { Database } from '../../src/db/connection.ts'
import { digest } from './digest.ts'
import type { TestDatabase } from './postgres.ts'

/** All that a rollback has to bring back: rows, definitions, and where the sequences stand. */
export interface DatabaseState {
  readonly rows: Readonly<Record<string, string>>
  readonly catalog: CanonicalCatalog
  readonly sequences: readonly unknown[]
}

export async function stateOf(
  database: TestDatabase,
  db: Database,
  schemas: readonly string[],
): Promise<DatabaseState> {
  const catalog = await db.transaction((tx) => readCatalog((text, values) => tx.query(text, values), schemas))
  const sequences: unknown[] = []
  for (const { schema, name } of catalog.sequences) {
    const [row] = await database.query(`select last_value, is_called from "${schema}"."${name}"`)
    sequences.push({ name: `${schema}.${name}`, ...row })
  }
  return {
    rows: await digest(database, schemas),
    catalog: canonicalCatalog(catalog, catalog.tables.map(qualifiedName)),
    sequences,
  }
}
