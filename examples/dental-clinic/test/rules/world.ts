import { readCatalog } from '../../../../packages/drover/src/catalog/read.ts'
import { probesOf, rowFunctionsOf } from '../../../../packages/drover/src/define/migration.ts'
import { installLedger } from '../../../../packages/drover/src/ledger/install.ts'
import { buildPlan } from '../../../../packages/drover/src/plan/build.ts'
import { run } from '../../../../packages/drover/src/run/run.ts'
import type { Finding } from '../../../../packages/drover/src/verify/verification.ts'
import { verify } from '../../../../packages/drover/src/verify/verify.ts'
import { withDatabase } from '../../../../packages/drover/test/run/fixture.ts'
import { createDatabase, type TestDatabase } from '../../../../packages/drover/test/support/postgres.ts'
import { dataChecks } from '../../checks/data.ts'
import migration from '../../migration.ts'
import { tokenKey } from '../command.ts'
import { legacyTemplate } from '../dental.ts'
import { allowed } from '../tiny.ts'

const reconciled = { ...migration, checks: dataChecks }

/** The name of a database at scale XS in which the migration was carried out, to be copied. */
export async function migratedTemplate(): Promise<string> {
  process.env.DROVER_EXAMPLE_TOKEN_KEY = tokenKey.toString('base64')
  const { name } = await legacyTemplate('xs')
  const database = await createDatabase(name)
  await withDatabase(database.url, async (db) => {
    const catalog = await db.transaction((tx) =>
      readCatalog((text, values) => tx.query(text, values), ['legacy', 'migration_input', 'auth', 'public']),
    )
    await db.transaction((tx) => installLedger(tx, 'test'))
    await run(db, buildPlan(reconciled, catalog), { allowed, functions: rowFunctionsOf(migration) })
  })
  // Without mappings in the stored plan a verification asks what is declared, and leaves out what drover checks by itself.
  await database.query(`update drover.run set plan = jsonb_set(plan, '{mappings}', '[]')`)
  await database.query('vacuum analyze')
  await database.disconnect()
  return database.name
}

/** What the declared rules find in a migrated database. */
export async function findingsOf({ url }: TestDatabase): Promise<readonly Finding[]> {
  const { findings } = await withDatabase(url, (db) => verify(db, '1', { probes: probesOf(reconciled), url }))
  return findings.filter(({ rule }) => rule !== undefined)
}
