import pg from 'pg'
import { createDatabase, type TestDatabase } from '../../../packages/drover/test/support/postgres.ts'
import { createSchemas } from '../database.ts'
import { generate } from '../generator/index.ts'
import type { Manifest } from '../generator/manifest.ts'
import type { Scale } from '../generator/scale.ts'
import { allow, drover } from './command.ts'

/** A database that holds generated legacy data, to be copied: nobody stays connected to it. */
export async function legacyTemplate(
  scale: Scale = 's',
): Promise<{ readonly name: string; readonly manifest: Manifest }> {
  const database = await createDatabase()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await createSchemas(client)
  const manifest = await generate(async (text) => (await client.query(text)).rows ?? [], {
    scale,
    seed: 1,
    foreignKeys: 'loose',
  })
  await client.end()
  await database.disconnect()
  return { name: database.name, manifest }
}

/** A database in which the migration has been carried out. */
export async function migratedDatabase(): Promise<{ readonly database: TestDatabase; readonly manifest: Manifest }> {
  const { name, manifest } = await legacyTemplate()
  const database = await createDatabase(name)
  const { code, stderr } = await drover(database, 'run', 'migration.ts', ...allow)
  if (code !== 3) throw new Error(`drover run ended with ${code}: ${stderr}`)
  return { database, manifest }
}
