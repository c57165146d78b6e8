import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findWorkers } from '../../src/monitor/session.ts'
import { pauseRun } from '../../src/run/control.ts'
import { help, type RunOptions, resume, run } from '../../src/run/run.ts'
import { verify } from '../../src/verify/verify.ts'
import { connectTo } from '../support/connect.ts'
import { digest, ledgerAccount } from '../support/digest.ts'
import { type Pooler, pgbouncer, startPooler } from '../support/pgbouncer.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { allowed, fill, planFor, schema, withDatabase } from './fixture.ts'

if (pgbouncer === undefined) console.log('Skipped: PgBouncer is not installed (apt-get install pgbouncer).')

const options: RunOptions = { allowed, rowsPerChunk: 60, workers: 4 }

describe.skipIf(pgbouncer === undefined)(
  'behind a pooler in transaction mode, with fewer connections than workers',
  () => {
    let database: TestDatabase
    let pooler: Pooler
    let undisturbed: unknown

    const practiceDatabase = async () => {
      const fresh = await createDatabase()
      await fresh.query(schema + fill(30, 6000))
      return fresh
    }
    const resultOf = async (of: TestDatabase) => ({
      target: await digest(of, ['new']),
      ledger: await ledgerAccount(of),
    })

    beforeAll(async () => {
      const direct = await practiceDatabase()
      await withDatabase(direct.url, async (db) => run(db, await planFor(db), options))
      undisturbed = await resultOf(direct)
      database = await practiceDatabase()
      pooler = await startPooler(database.url, 2)
    })

    afterAll(() => pooler?.stop())

    test('a run is started, seen, paused, resumed, helped with and verified, while the pooler loses its server', async () => {
      await withDatabase(pooler.url, async (db) => {
        const plan = await planFor(db)
        const running = run(db, plan, options)
        const done = async () =>
          (await database.query(`select to_regclass('drover.chunk') is not null as is_there`))[0]!.is_there === true &&
          ((await database.query(`select count(*)::int as n from drover.chunk where state = 'done'`))[0]!.n as number) >
            10
        while (!(await done())) await sleep(10)
        expect(await findWorkers(db, '1')).not.toEqual([])
        await database.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
        )
        await sleep(100)
        const paused = await withDatabase(pooler.url, (other) => pauseRun(other, '1'))
        expect(paused).toBe('paused')
        expect((await running).state).toBe('paused')

        const resuming = resume(db, '1', options)
        // Behind the pooler it takes a while until the run is taken up.
        const state = async () => (await database.query('select state from drover.run'))[0]!.state
        while ((await state()) === 'paused') await sleep(10)
        const helped = await withDatabase(pooler.url, (other) => help(other, '1', { workers: 1 }))
        expect([(await resuming).state, helped.state]).toEqual(['loaded', 'loaded'])
        expect((await verify(db, '1')).findings.filter(({ verdict }) => verdict === 'fail')).toEqual([])
      })
      expect(await resultOf(database)).toEqual(undisturbed)
    })

    test('nothing of it stays in the sessions that others get', async () => {
      const other = connectTo(pooler.url)
      const settings = await other.query(`select name from pg_settings where source = 'session' order by name`)
      expect(settings.map(({ name }) => name).filter((name) => name !== 'application_name')).toEqual([])
      const locks = await other.query(`
        select * from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`)
      expect(locks).toEqual([])
      await other.disconnect()
    })
  },
)
