import { readCatalog } from '../../../../packages/drover/src/catalog/read.ts'
import { rowFunctionsOf } from '../../../../packages/drover/src/define/migration.ts'
import { installLedger } from '../../../../packages/drover/src/ledger/install.ts'
import { beginVerification } from '../../../../packages/drover/src/ledger/verification.ts'
import { buildPlan } from '../../../../packages/drover/src/plan/build.ts'
import { run } from '../../../../packages/drover/src/run/run.ts'
import { carryOutParts } from '../../../../packages/drover/src/verify/carry-out.ts'
import type { DeclaredSubject } from '../../../../packages/drover/src/verify/check.ts'
import { partsOf } from '../../../../packages/drover/src/verify/parts.ts'
import { readSubjects } from '../../../../packages/drover/src/verify/subjects.ts'
import type { Finding } from '../../../../packages/drover/src/verify/verification.ts'
import { withDatabase } from '../../../../packages/drover/test/run/fixture.ts'
import { createDatabase, type TestDatabase } from '../../../../packages/drover/test/support/postgres.ts'
import { accessChecks } from '../../checks/access.ts'
import migration from '../../migration.ts'
import { tokenKey } from '../command.ts'
import { legacyTemplate } from '../dental.ts'
import { allowed } from '../tiny.ts'

/**
 * The name of a database at scale S in which the migration was carried out, with the rules about access alone, to be
 * copied.
 */
export async function migratedTemplate(): Promise<string> {
  process.env.DROVER_EXAMPLE_TOKEN_KEY = tokenKey.toString('base64')
  const { name } = await legacyTemplate()
  const database = await createDatabase(name)
  await database.disconnect()
  await withDatabase(database.url, async (db) => {
    const catalog = await db.transaction(
      (tx) => readCatalog((text, values) => tx.query(text, values), ['legacy', 'migration_input', 'auth', 'public']),
      { readOnly: true },
    )
    await db.transaction((tx) => installLedger(tx, 'test'))
    const plan = buildPlan({ ...migration, checks: accessChecks }, catalog)
    await run(db, plan, { allowed, functions: rowFunctionsOf(migration) })
  })
  return database.name
}

/** Asks the rules of these names, or all, writes included; what drover checks by itself is left out. */
export async function ask({ url }: TestDatabase, rules?: readonly string[]): Promise<readonly Finding[]> {
  return withDatabase(url, async (db) => {
    const subjects = await db.transaction((tx) => readSubjects(tx, '1'), { readOnly: true })
    const parts = partsOf({ ...subjects, mappings: [], tables: [] }).filter(({ subject }) => {
      const { declared } = subject as Partial<DeclaredSubject>
      return declared !== undefined && (rules?.includes(declared.name) ?? true)
    })
    const options = { afterCutover: false, triesWrites: true, rowsPerSlice: 5_000_000 }
    const begun = await db.transaction((tx) => beginVerification(tx, '1', options, { restart: true, afterEvent: null }))
    // One at a time: writes that a fault lets through would wait for each other.
    return carryOutParts(db, subjects.run, parts, begun, { ...options, workers: 1 })
  })
}
