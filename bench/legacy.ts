import pg from 'pg'
import { createSchemas } from '../examples/dental-clinic/database.ts'
import { generate } from '../examples/dental-clinic/generator/index.ts'

/** Makes the legacy database of the reference migration, and the empty target. */
export async function makeLegacy(url: string, scale: 's' | 'm'): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await createSchemas(client)
  await generate(async (text) => (await client.query(text)).rows ?? [], { scale, seed: 1, foreignKeys: 'loose' })
  await client.end()
}
