import type { TestDatabase } from '../../../packages/drover/test/support/connect.ts'
import { digest, ledgerAccount } from '../../../packages/drover/test/support/digest.ts'

/** The schemas whose contents the migration is about. */
export const targetSchemas = ['auth', 'public']

/** What the target holds, except for ciphertexts: each has a nonce of its own. */
export async function targetDigest(database: TestDatabase): Promise<Readonly<Record<string, unknown>>> {
  // Times are part of what is hashed.
  await database.query(`set timezone = 'UTC'`)
  const credentials = await database.query(
    `select to_jsonb(c) - '{access_token_enc,refresh_token_enc}'::text[] as row from public.google_credentials as c order by id`,
  )
  return { ...(await digest(database, targetSchemas)), 'public.google_credentials': credentials }
}

/** Everything that two runs over the same data must agree in (I7). */
export async function outcomeOf(database: TestDatabase) {
  return { target: await targetDigest(database), ledger: await ledgerAccount(database) }
}
