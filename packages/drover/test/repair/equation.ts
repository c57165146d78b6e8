import { expect } from 'vitest'
import type { Database } from '../../src/db/connection.ts'
import { type MigrationDefinition, rowFunctionsOf } from '../../src/define/migration.ts'
import { installLedger } from '../../src/ledger/install.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { run } from '../../src/run/run.ts'
import { verify } from '../../src/verify/verify.ts'
import { catalogOf, databaseWith } from '../plan/planned.ts'
import { withDatabase } from '../run/fixture.ts'
import { digest, ledgerAccount } from '../support/digest.ts'
import type { TestDatabase } from '../support/postgres.ts'

/** Tables, and the migration of what they hold. */
export interface World {
  readonly schema: string
  readonly migration: MigrationDefinition
}

/** A world that was loaded. `decided`: what people have decided before the run, as statements on the ledger. */
export async function loadedWorld({ schema, migration }: World, decided = ''): Promise<TestDatabase> {
  const functions = rowFunctionsOf(migration)
  const database = await databaseWith(schema)
  const plan = buildPlan(migration, await catalogOf(database))
  await withDatabase(database.url, async (db) => {
    await db.transaction(async (tx) => {
      await installLedger(tx, 'test')
      if (decided !== '') await tx.query(decided)
    })
    const outcome = await run(db, plan, { allowed: hazardNames, rowsPerChunk: 3, workers: 1, functions })
    expect(outcome.state).toBe('loaded')
  })
  return database
}

/** I2 for every mapping, by the ledger and by the crosswalks; and every other check of the verification. */
export async function expectSound(db: Database): Promise<void> {
  const { findings } = await verify(db, '1')
  expect(findings.filter(({ verdict }) => verdict === 'warn' || verdict === 'fail')).toEqual([])
}

/** What the target holds, and what the ledger says of it. */
export async function accountOf(database: TestDatabase) {
  expect(await database.query('select count(*)::int as n from drover.repair_key')).toEqual([{ n: 0 }])
  return { target: await digest(database, ['new']), ledger: await ledgerAccount(database) }
}

/** Mended afterwards, a world is what it would be if the decision had been there from the start. */
export async function expectEquation(
  world: World,
  decided: string,
  mend: (db: Database) => Promise<unknown>,
): Promise<TestDatabase> {
  const expected = await loadedWorld(world, decided)
  const database = await loadedWorld(world)
  await withDatabase(database.url, async (db) => {
    await mend(db)
    await expectSound(db)
  })
  expect(await accountOf(database)).toEqual(await accountOf(expected))
  return database
}

export const overlay = (migration: string, relation: string, key: string, patch: object) =>
  `insert into drover.overlay (migration, relation, row_key, patch) values ('${migration}', '${relation}', '${key}', '${JSON.stringify(patch)}');`

export const apart = (migration: string, mapping: string, key: string) =>
  `insert into drover.apart (migration, mapping, source_key) values ('${migration}', '${mapping}', '${key}');`
