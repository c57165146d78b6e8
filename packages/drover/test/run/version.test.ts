import { beforeEach, describe, expect, test } from 'vitest'
import { droverVersion } from '../../src/plan/version.ts'
import { help, resume, run } from '../../src/run/run.ts'
import { startRun } from '../../src/run/start.ts'
import { connectTo } from '../support/connect.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { allowed, fill, planFor, schema, withDatabase } from './fixture.ts'

let database: TestDatabase

beforeEach(async () => {
  database = await createDatabase()
  await database.query(schema + fill(20, 300))
  await withDatabase(database.url, async (db) => startRun(db, await planFor(db), { allowed }))
})

const otherVersion = () => database.query(`update drover.run set settings = settings || '{"drover": "9.9.9"}'`)
const versionOf = async () =>
  (await database.query(`select settings ->> 'drover' as version from drover.run`))[0]!.version

describe('a run that another version of drover carries out', () => {
  test('is not helped with', async () => {
    await otherVersion()
    await withDatabase(database.url, (db) =>
      expect(help(db, '1')).rejects.toMatchObject({
        code: 'version-differs',
        what: `Run 1 is carried out by drover 9.9.9; this is drover ${droverVersion}.`,
        remedy: expect.stringContaining('drover pause --run 1'),
      }),
    )
  })

  test('is not joined while somebody is at work, and its ledger is not brought to another version', async () => {
    await otherVersion()
    await database.query('delete from drover.ledger_version where version > 9')
    const worker = connectTo(database.url)
    await worker.query(`set application_name = 'drover run 1 far.4711.1'`)
    await withDatabase(database.url, async (db) => {
      const plan = await planFor(db)
      await expect(run(db, plan, { allowed })).rejects.toMatchObject({ code: 'version-differs' })
    })
    expect(await database.query('select max(version) as version from drover.ledger_version')).toEqual([{ version: 9 }])
    await worker.disconnect()
  })

  test('is taken up by this one where nobody is, and belongs to it then', async () => {
    await otherVersion()
    await withDatabase(database.url, async (db) => {
      expect(await resume(db, '1', { allowed })).toMatchObject({ state: 'loaded' })
    })
    expect(await versionOf()).toBe(droverVersion)
  })
})

test('a run that nobody has begun is helped with by the version that planned it', async () => {
  expect(await versionOf()).toBe(null)
  await withDatabase(database.url, async (db) => {
    await database.query(`update drover.run set plan = jsonb_set(plan, '{drover}', '"9.9.9"')`)
    await expect(help(db, '1')).rejects.toMatchObject({ code: 'version-differs' })
    await database.query(`update drover.run set plan = jsonb_set(plan, '{drover}', to_jsonb($1::text))`, [
      droverVersion,
    ])
    expect(await help(db, '1')).toMatchObject({ state: 'loaded' })
  })
})
