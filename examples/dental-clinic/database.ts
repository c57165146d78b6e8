import { readFile } from 'node:fs/promises'
import type pg from 'pg'

const files = ['legacy-tables', 'migration-input', 'extensions', 'target'] as const

/** Makes the legacy schema, the settings tables and the target schema in an empty database. */
export async function createSchemas(client: pg.ClientBase): Promise<void> {
  for (const file of files) {
    await client.query(await readFile(new URL(`./sql/${file}.sql`, import.meta.url), 'utf8'))
  }
}

/** Adds the legacy foreign keys, which orphans would break. */
export async function addForeignKeys(client: pg.ClientBase): Promise<void> {
  await client.query(await readFile(new URL('./sql/legacy-foreign-keys.sql', import.meta.url), 'utf8'))
}
