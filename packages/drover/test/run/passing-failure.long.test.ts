import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'
import { type RunOptions, run } from '../../src/run/run.ts'
import { defaultLimits } from '../../src/run/worker.ts'
import { digest, ledgerAccount } from '../support/digest.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { openProxy } from '../support/proxy.ts'
import { allowed, fill, keepingIndexes, planFor, practice, schema, withDatabase } from './fixture.ts'

// Failures that pass by themselves: the run comes to the same end as one that nothing disturbed.

const options: RunOptions = { allowed: [...allowed, 'fires-triggers'], rowsPerChunk: 200, workers: 2 }

async function practiceDatabase(further = ''): Promise<TestDatabase> {
  const database = await createDatabase()
  await database.query(schema + fill(20, 2000) + further)
  return database
}

async function resultOf(database: TestDatabase) {
  const [row] = await database.query('select state from drover.run')
  return { state: row!.state, target: await digest(database, ['new']), ledger: await ledgerAccount(database) }
}

async function carryOut(database: TestDatabase, further: RunOptions = {}, url = database.url, migration = practice) {
  await withDatabase(url, async (db) => run(db, await planFor(db, migration), { ...options, ...further }))
  return resultOf(database)
}

const attempts = (database: TestDatabase) =>
  database.query('select sqlstate, outcome, count(*)::int as n from drover.attempt group by 1, 2 order by 1, 2')

let undisturbed: Awaited<ReturnType<typeof resultOf>>

beforeAll(async () => {
  undisturbed = await carryOut(await practiceDatabase())
})

describe('the server refuses a chunk for now', () => {
  /** A trigger that raises an error the first `times` times; a sequence forgets nothing in a rollback. */
  const raising = (sqlstate: string, times: number) => `
    create sequence new.raised;
    create function new.raise() returns trigger language plpgsql as $$ begin
      if new.number % 300 = 5 and nextval('new.raised') <= ${times} then raise sqlstate '${sqlstate}'; end if;
      return new;
    end $$;
    create trigger raise before insert on new.visits for each row execute function new.raise();`

  test.each(['40001', '53100', '57P03'])('with %s: it is begun again', async (sqlstate) => {
    const database = await practiceDatabase(raising(sqlstate, 4))
    expect(await carryOut(database)).toEqual(undisturbed)
    expect(await attempts(database)).toEqual(sqlstate === '57P03' ? [] : [{ sqlstate, outcome: 'retried', n: 4 }])
  })

  test('for longer than a run is patient: it fails, says why, and can be resumed', async () => {
    const database = await practiceDatabase(raising('40001', 5))
    const limits = { ...defaultLimits, patience: { tries: 2, outageMs: 1_000 } }
    await expect(carryOut(database, { limits, workers: 1 })).rejects.toMatchObject({
      code: 'chunk-failed',
      why: 'SQLSTATE 40001, serialization failure',
    })
    expect(await carryOut(database)).toEqual(undisturbed)
  })

  test('with a real deadlock: the chunk is the victim, and is begun again', async () => {
    const database = await practiceDatabase(`
      create function new.lock_two() returns trigger language plpgsql as $$ begin
        if new.number = 1000 then
          perform pg_advisory_xact_lock(1);
          perform pg_advisory_xact_lock(2);
        end if;
        return new;
      end $$;
      create trigger lock_two before insert on new.visits for each row execute function new.lock_two();`)
    // A session looks for a deadlock once, after this time; the other has to be in it by then.
    await database.query(`alter database ${database.name} set deadlock_timeout = '3s'`)
    const other = new pg.Client({ connectionString: database.url })
    await other.connect()
    await other.query(`set deadlock_timeout = '60s'; begin; select pg_advisory_xact_lock(2)`)
    const running = carryOut(database)
    // Drover has an advisory lock of its own, which others may wait for.
    const waiting = `select count(*)::int as n from pg_locks where locktype = 'advisory' and objid = 2 and not granted
      and database = (select oid from pg_database where datname = current_database())`
    while ((await database.query(waiting))[0]!.n !== 1) await sleep(20)
    await other.query('select pg_advisory_xact_lock(1)')
    await other.query('rollback')
    await other.end()
    expect(await running).toEqual(undisturbed)
    expect(await attempts(database)).toEqual([{ sqlstate: '40P01', outcome: 'retried', n: expect.any(Number) }])
  })

  test('with a lock that another session holds: it waits no longer than it may, and comes back', async () => {
    const database = await practiceDatabase()
    const other = new pg.Client({ connectionString: database.url })
    await other.connect()
    await other.query('begin; lock table new.visits in share mode')
    // Its indexes could not be taken off it.
    const limits = { ...defaultLimits, lockMs: 100 }
    const running = carryOut(database, { limits }, database.url, keepingIndexes(practice))
    while ((await database.query(`select to_regclass('drover.attempt') as attempt`))[0]!.attempt === null)
      await sleep(20)
    while ((await attempts(database)).length === 0) await sleep(20)
    await other.end()
    expect(await running).toEqual(undisturbed)
    expect(await attempts(database)).toEqual([{ sqlstate: '55P03', outcome: 'retried', n: expect.any(Number) }])
  })
})

describe('the connection breaks', () => {
  test('by an administrator, again and again', async () => {
    const database = await practiceDatabase()
    const running = carryOut(database)
    for (let ended = 0; ended < 6; ) {
      await sleep(30)
      const [row] = await database.query(
        `select count(pg_terminate_backend(pid))::int as n from pg_stat_activity
        where datname = current_database() and application_name like 'drover run%'`,
      )
      ended += row!.n as number
    }
    expect(await running).toEqual(undisturbed)
  })

  test('while the server is away, for less long than a run is patient', async () => {
    const database = await practiceDatabase()
    const proxy = await openProxy(database.url)
    const running = carryOut(database, {}, proxy.url)
    await sleep(700)
    proxy.cutOff()
    await sleep(1_500)
    proxy.admit()
    expect(await running).toEqual(undisturbed)
    await proxy.close()
  })

  test('for longer: the worker gives up, the run is not over, and is resumed', async () => {
    const database = await practiceDatabase()
    const proxy = await openProxy(database.url)
    const limits = { ...defaultLimits, patience: { tries: 10, outageMs: 300 } }
    const running = carryOut(database, { limits }, proxy.url)
    running.catch(() => {})
    while ((await database.query(`select to_regclass('drover.chunk') as chunk`))[0]!.chunk === null) await sleep(10)
    await sleep(200)
    proxy.cutOff()
    await expect(running).rejects.toMatchObject({ code: expect.stringMatching(/database-unreachable|connection-lost/) })
    expect(await database.query('select state from drover.run')).toEqual([{ state: 'running' }])
    await proxy.close()
    expect(await carryOut(database)).toEqual(undisturbed)
  })

  // I3
  test('after the commit of a chunk was sent: nobody knows, the ledger does, and no chunk is done twice', async () => {
    const database = await practiceDatabase()
    const proxy = await openProxy(database.url)
    let broken = 0
    const breakCommits = async () => {
      for (; broken < 5; broken++) {
        await proxy.breakAfter('commit\0')
        await sleep(80)
      }
    }
    await withDatabase(proxy.url, async (db) => {
      const onStart = () => void breakCommits()
      await run(db, await planFor(db), { ...options, rowsPerChunk: 50, onStart })
    })
    expect(await resultOf(database)).toEqual(undisturbed)
    expect(broken).toBe(5)
    await proxy.close()
  })
})

describe('what does not pass stops the run', () => {
  test('at once, with the place and the reason; it goes on where that is mended', async () => {
    const database = await practiceDatabase(`
      create table public.allowed (number int);
      create function new.look() returns trigger language plpgsql as $$ begin
        perform from public.allowed;
        return new;
      end $$;
      create trigger look before insert on new.visits for each row execute function new.look();`)
    await withDatabase(database.url, async (db) => {
      const plan = await planFor(db)
      await database.query('alter table public.allowed rename to gone')
      await expect(run(db, plan, options)).rejects.toMatchObject({
        code: 'chunk-failed',
        where: expect.stringMatching(/^mapping visits, chunk \d+, keys from/),
        why: expect.stringContaining('42P01'),
      })
      const outcomes = await database.query('select distinct sqlstate, outcome from drover.attempt')
      expect(outcomes).toEqual([{ sqlstate: '42P01', outcome: 'failed' }])
      expect(await database.query('select state from drover.run')).toEqual([{ state: 'failed' }])
      await database.query('alter table public.gone rename to allowed')
      expect((await run(db, plan, options)).state).toBe('loaded')
    })
    expect(await resultOf(database)).toEqual(undisturbed)
  })
})
