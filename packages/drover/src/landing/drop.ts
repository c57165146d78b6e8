import { sql } from 'kysely'
import { qualifiedName } from '../catalog/catalog.ts'
import type { Database, Queryable } from '../db/connection.ts'
import { serverErrorOf } from '../db/server-error.ts'
import { requireLedger } from '../ledger/install.ts'
import { type Landing, readLandings } from '../ledger/landing.ts'
import { takeLandingLease } from '../ledger/landing-generation.ts'
import { forgetLandingObject, type LandingObject, readLandingObjects } from '../ledger/landing-object.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, tableNode } from '../sql/nodes.ts'
import { landingBusy } from './busy.ts'
import { forget } from './forget.ts'

/**
 * Drops tables that have landed, all or none of those that `isMeant` chooses, with the types and schemas that were made for
 * them and that nothing else needs. Returns their names.
 *
 * @throws DroverError `landing-refused` where a run that is not over reads one, `landing-busy`, `ledger-missing`, and what
 * the server says where something else depends on a table.
 */
export function dropLanded(db: Database, isMeant: (landing: Landing) => boolean): Promise<readonly string[]> {
  return db.transaction(
    async (tx) => {
      await requireLedger(tx)
      if (!(await takeLandingLease(tx))) throw landingBusy(db.label)
      const landings = (await readLandings(tx)).filter(isMeant)
      for (const landing of landings) await forget(tx, landing)
      await dropFreeObjects(tx)
      return landings.map(qualifiedName)
    },
    { name: 'land drop' },
  )
}

/** Drops types and schemas that were made for tables to land in, as far as nothing else is in them. */
export async function dropFreeObjects(tx: Queryable): Promise<void> {
  for (const object of await readLandingObjects(tx)) await dropIfFree(tx, object)
}

async function dropIfFree(tx: Queryable, object: LandingObject): Promise<void> {
  const { kind, schema, name } = object
  const what = kind === 'schema' ? sql`schema if exists ${sql.id(schema)}` : sql`type if exists ${nameOf(object)}`
  await tx.query('savepoint object')
  try {
    await tx.query(compile(sql`drop ${what} restrict`.toOperationNode()))
    await forgetLandingObject(tx, { kind, schema, name })
  } catch (thrown) {
    if (serverErrorOf(thrown)?.sqlstate !== dependentObjects) throw thrown
    await tx.query('rollback to savepoint object')
  }
}

/** Something else needs it still. */
const dependentObjects = '2BP01'

function nameOf({ schema, name }: LandingObject) {
  return expressionOf(tableNode({ schema, name }))
}
