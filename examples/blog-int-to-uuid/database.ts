import { readFile } from 'node:fs/promises'

const read = (file: string) => readFile(new URL(file, import.meta.url), 'utf8')

/** The application as it was, with its rows. */
export async function before(): Promise<readonly string[]> {
  return [await read('prisma/migrations/1_init/migration.sql'), await read('seed.sql')]
}

/** What `prisma migrate deploy` does ahead of drover: the old tables are set apart, the new ones made. */
export async function migrations(): Promise<readonly string[]> {
  return [
    await read('prisma/migrations/2_set_apart/migration.sql'),
    await read('prisma/migrations/3_uuid/migration.sql'),
  ]
}
