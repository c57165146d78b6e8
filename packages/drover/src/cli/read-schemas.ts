import type { Catalog } from '../catalog/catalog.ts'
import type { Database } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { readWholeCatalog } from '../ledger/whole-catalog.ts'

/**
 * The catalog of schemas that must all exist, net of what a run has taken off.
 *
 * @throws DroverError `object-missing` naming those that do not.
 */
export async function readSchemas(db: Database, schemas: readonly string[]): Promise<Catalog> {
  const catalog = await db.transaction((tx) => readWholeCatalog(tx, schemas), {
    readOnly: true,
    settings: { transaction_isolation: 'repeatable read' },
  })
  const missing = schemas.filter((schema) => !catalog.schemas.includes(schema))
  if (missing.length === 0) return catalog
  throw new DroverError(
    'object-missing',
    missing.length === 1
      ? `The schema ${missing[0]} does not exist in the database.`
      : `The schemas ${missing.join(', ')} do not exist in the database.`,
    {
      where: db.label,
      remedy:
        'Check that this is the right database; if it is, create them with what makes your tables: prisma migrate deploy, drizzle-kit migrate, supabase db push, or psql -f schema.sql.',
    },
  )
}
