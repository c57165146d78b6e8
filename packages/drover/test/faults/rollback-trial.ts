import { fileURLToPath } from 'node:url'
import { withDatabase } from '../run/fixture.ts'
import type { TestDatabase } from '../support/connect.ts'
import { stateOf } from '../support/state.ts'
import type { World } from './rollback-points.ts'
import { bringTo, rollbackSchema } from './rollback-subject.ts'
import type { Trial } from './trial.ts'

const child = fileURLToPath(new URL('./rollback-child.ts', import.meta.url))

export interface Login {
  readonly name: string
  readonly password: string
}

/**
 * Makes the subject in an empty database, and brings its run to where a rollback begins; the database can be copied then.
 * `owner` names a role without further rights. What must come of a rollback is what stood there before the run.
 */
export async function prepareRollback(database: TestDatabase, { standing, role }: World, owner: Login): Promise<Trial> {
  const urlOf = ({ url }: TestDatabase) => (role === 'superuser' ? url : withLogin(url, owner))
  await database.query(`alter database ${database.name} owner to ${owner.name}`)
  if (role === 'owner') await database.query(`set role ${owner.name}`)
  await database.query(rollbackSchema)
  await database.query('reset role')
  const before = await objectsOf(database)
  await withDatabase(urlOf(database), (db) => bringTo(db, standing))
  if (JSON.stringify(await objectsOf(database)) === JSON.stringify(before)) throw new Error('The run has done nothing.')
  await database.disconnect()
  return {
    child,
    urlOf,
    resultOf: async (each) => ({ ...(await objectsOf(each)), ledger: await endOf(each) }),
    expected: { ...before, ledger: { states: ['rolled_back'], verdicts: ['pass'], open: 0, altered: 0 } },
  }
}

export function withLogin(url: string, { name, password }: Login): string {
  const other = new URL(url)
  other.username = name
  other.password = password
  return other.href
}

/** Rows, definitions and sequences, with what the catalog leaves out because drover itself makes it. */
async function objectsOf(database: TestDatabase) {
  const state = await withDatabase(database.url, (db) => stateOf(database, db, ['old', 'new']))
  const triggers = await database.query(
    `select tgrelid::regclass::text as table, tgname, tgenabled from pg_trigger where not tgisinternal order by 1, 2`,
  )
  return { ...state, triggers }
}

/** How the ledger ends: nothing is left open, and nothing that was altered is left so. */
async function endOf(database: TestDatabase): Promise<unknown> {
  const [end] = await database.query(`
    select (select array_agg(state) from drover.run) as states,
      (select array_agg(verdict) from drover.rollback) as verdicts,
      (select count(*)::int from drover.rollback_chunk where state <> 'done') as open,
      (select count(*)::int from drover.altered_object where restored_at is null) as altered`)
  return end
}
