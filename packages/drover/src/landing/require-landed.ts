import { qualifiedName } from '../catalog/catalog.ts'
import type { Database } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { readLandingsIfAny } from '../ledger/landing.ts'

/**
 * Makes sure that no table of these names is one of which only a part has landed.
 *
 * @throws DroverError `landing-incomplete`
 */
export async function requireLanded(db: Database, tables: readonly string[]): Promise<void> {
  const landings = await db.transaction((tx) => readLandingsIfAny(tx), { readOnly: true })
  const unfinished = landings.filter(({ state }) => state === 'landing')
  const found = unfinished.map(qualifiedName).filter((name) => tables.includes(name))
  if (found.length === 0) return
  throw new DroverError('landing-incomplete', `Not all rows of ${found.join(', ')} have landed.`, {
    where: db.label,
    remedy: 'Let them land first: drover land, with the flags that began it. How far it is: drover land --status.',
  })
}
