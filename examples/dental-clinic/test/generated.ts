import { readFile } from 'node:fs/promises'
import { createDatabase, type TestDatabase } from '../../../packages/drover/test/support/postgres.ts'
import { type GeneratorOptions, generate, type Manifest } from '../generator/index.ts'

export interface Generated {
  readonly database: TestDatabase
  readonly manifest: Manifest
}

/** A database of its own with all schemas and a generated legacy; strict foreign keys are added after the rows. */
export async function createGenerated(options: GeneratorOptions): Promise<Generated> {
  const database = await createDatabase()
  for (const file of ['legacy-tables', 'migration-input', 'target']) await load(database, file)
  const manifest = await generate((sql) => database.query(sql), options)
  if (options.foreignKeys === 'strict') await load(database, 'legacy-foreign-keys')
  return { database, manifest }
}

/** Runs one of the example's SQL files. */
export async function load(database: TestDatabase, file: string): Promise<void> {
  await database.query(await readFile(new URL(`../sql/${file}.sql`, import.meta.url), 'utf8'))
}
