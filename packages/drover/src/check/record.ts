import type { Database } from '../db/connection.ts'
import { installLedger } from '../ledger/install.ts'
import type { Plan } from '../plan/plan.ts'
import { droverVersion } from '../plan/version.ts'
import type { Check } from './check.ts'

/**
 * Keeps what a check foresaw, for the report of a run of the same plan. Makes the ledger where there is none. A
 * transaction of its own: the check itself wrote nothing. Counts, keys and masks are kept, no values (I8).
 */
export async function recordCheck(
  db: Database,
  { migration, hash }: Pick<Plan, 'migration' | 'hash'>,
  check: Check,
): Promise<void> {
  await db.transaction(
    async (tx) => {
      await installLedger(tx, droverVersion)
      await tx.query(
        `insert into drover.outlook (migration, plan_hash, outlook)
values ($1, $2, $3::jsonb)`,
        [migration, hash, JSON.stringify(recordOf(check), int8AsText)],
      )
    },
    { name: 'check' },
  )
}

/** The check without the values that were shown: of those only a mask may be kept, and that is made in the database. */
function recordOf({ mappings, profiles, guessed, leftOut }: Check) {
  return {
    version: 1,
    mappings: mappings.map(({ findings: _, ...outlook }) => outlook),
    profiles: profiles.map((profile) => ({
      ...profile,
      columns: profile.columns.map((column) =>
        column.shows === 'values' ? { ...column, min: null, max: null } : column,
      ),
    })),
    guessed,
    leftOut,
  }
}

function int8AsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
