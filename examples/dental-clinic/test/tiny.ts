import pg from 'pg'
import { readCatalog } from '../../../packages/drover/src/catalog/read.ts'
import { readFacts } from '../../../packages/drover/src/check/facts.ts'
import { rowFunctionsOf } from '../../../packages/drover/src/define/migration.ts'
import { buildPlan } from '../../../packages/drover/src/plan/build.ts'
import { buildCheck } from '../../../packages/drover/src/plan/check.ts'
import { withDatabase } from '../../../packages/drover/test/run/fixture.ts'
import { createDatabase, type TestDatabase } from '../../../packages/drover/test/support/postgres.ts'
import { createSchemas } from '../database.ts'
import { generate } from '../generator/index.ts'
import type { Manifest } from '../generator/manifest.ts'
import type { Planted } from '../generator/planting.ts'
import migration from '../migration.ts'
import { tokenKey } from './command.ts'

const schemas = ['legacy', 'migration_input', 'auth', 'public']

/** Clean data of scale XS with one kind of defect in it. */
export interface Tiny {
  readonly database: TestDatabase
  readonly manifest: Manifest
}

/**
 * Makes the schemas, to be copied for each database, and plans the migration once: it is the same for whatever is planted,
 * and carried out in this process, which is quicker than a command.
 */
export async function prepareTiny() {
  process.env.DROVER_EXAMPLE_TOKEN_KEY = tokenKey.toString('base64')
  const empty = await createDatabase()
  await withClient(empty, createSchemas)
  const [catalog, facts] = await withDatabase(empty.url, async (db) => [
    await db.transaction((tx) => readCatalog((text, values) => tx.query(text, values), schemas), { readOnly: true }),
    await readFacts(db, schemas),
  ])
  return {
    plan: buildPlan(migration, catalog),
    check: buildCheck(migration, catalog, { ...facts, showsValues: false }),
    functions: rowFunctionsOf(migration),
    create: async (only: Planted): Promise<Tiny> => {
      const database = await createDatabase(empty.name)
      const manifest = await withClient(database, (client) =>
        generate(async (text) => (await client.query(text)).rows ?? [], {
          scale: 'xs',
          seed: 1,
          foreignKeys: 'loose',
          only,
        }),
      )
      return { database, manifest }
    },
  }
}

/** The hazards of the migration. */
export const allowed = ['merges-rows', 'runs-javascript', 'unrehearsed', 'drops-indexes']

async function withClient<T>(database: TestDatabase, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}
