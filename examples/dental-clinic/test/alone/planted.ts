import { type Check, readCheck } from '../../../../packages/drover/src/check/check.ts'
import { run } from '../../../../packages/drover/src/run/run.ts'
import type { Verification } from '../../../../packages/drover/src/verify/verification.ts'
import { verify } from '../../../../packages/drover/src/verify/verify.ts'
import { withDatabase } from '../../../../packages/drover/test/run/fixture.ts'
import { digest } from '../../../../packages/drover/test/support/digest.ts'
import type { TestDatabase } from '../../../../packages/drover/test/support/postgres.ts'
import type { Planted } from '../../generator/planting.ts'
import { allowed, prepareTiny, type Tiny } from '../tiny.ts'

/** Clean data with one defect in it, checked, then migrated, then verified. */
export interface PlantedRun extends Tiny {
  readonly check: Check
  readonly verification: Verification
  /** As it was before the check. */
  readonly before: Standing
}

/** What neither a check nor a run may change: the source (I5), and accounts that are only found again (I4). */
export interface Standing {
  readonly source: Readonly<Record<string, string>>
  readonly accounts: readonly unknown[]
}

/** What is needed for any defect, made once. */
export async function preparePlanting(): Promise<(only: Planted) => Promise<PlantedRun>> {
  const { plan, check: asked, functions, create } = await prepareTiny()
  return async (only) => {
    const tiny = await create(only)
    const before = await readStanding(tiny.database)
    return withDatabase(tiny.database.url, async (db) => {
      const check = await readCheck(db, asked)
      const { runId } = await run(db, plan, { allowed, functions })
      return { ...tiny, check, before, verification: await verify(db, runId) }
    })
  }
}

/** Accounts are told apart by their hashes: those that a run makes have none of these, or an imported one. */
export async function readStanding(database: TestDatabase): Promise<Standing> {
  return {
    source: await digest(database, ['legacy', 'migration_input']),
    accounts: await database.query(`select * from auth.users where encrypted_password like '$2a$10$%' order by id`),
  }
}
