import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { TestDatabase } from '../support/postgres.ts'

/** A folder of `cases/`: what there is before, the migration, and what is expected of it. */
export interface GoldenCase {
  readonly name: string
  /** The folder, with a slash at its end. */
  readonly folder: string
  /** The migration file. */
  readonly migration: string
  /** Tables, types and extensions. */
  readonly schema: string
  /** The rows before the migration; none for a case about empty tables. */
  readonly rows: string
  /** Target columns that differ from run to run, as `schema.table.column`. */
  readonly unstable: readonly string[]
}

/** What a case may hold. A misspelt expectation would otherwise be none. */
const known = /^((schema|rows|plan)\.sql|migration\.ts|\w+\.types\.ts|(rows|outcome|unstable)\.txt)$/

/** @throws Error where the folder holds a file that the harness does not know. */
export async function readCase(name: string): Promise<GoldenCase> {
  const folder = fileURLToPath(new URL(`cases/${name}/`, import.meta.url))
  const files = await readdir(folder)
  const strange = files.filter((file) => !known.test(file))
  if (strange.length > 0) throw new Error(`cases/${name} holds ${strange.join(', ')}, which no check reads.`)
  const optional = async (file: string) => (files.includes(file) ? readFile(`${folder}${file}`, 'utf8') : '')
  return {
    name,
    folder,
    migration: `${folder}migration.ts`,
    schema: await readFile(`${folder}schema.sql`, 'utf8'),
    rows: await optional('rows.sql'),
    unstable: (await optional('unstable.txt')).split('\n').filter((line) => line !== ''),
  }
}

/** Puts the database into the state before the migration, whatever was in it. */
export async function restore(database: TestDatabase, { schema, rows }: GoldenCase): Promise<void> {
  const schemas = await database.query<{ schema: string }>(`select quote_ident(nspname) as schema ${ownSchemas}`)
  await database.query(`${schemas.map((row) => `drop schema ${row.schema} cascade;`).join('\n')}
    ${schema};
    ${rows}`)
}

/** The schemas of a case. */
export async function schemasIn(database: TestDatabase): Promise<readonly string[]> {
  const rows = await database.query<{ name: string }>(`select nspname as name ${ownSchemas}`)
  return rows.map(({ name }) => name)
}

/** All but the server's own, with the ledger where there is one. */
const ownSchemas = `from pg_namespace
where nspname !~ '^pg_' and nspname not in ('information_schema', 'public') order by 1`
