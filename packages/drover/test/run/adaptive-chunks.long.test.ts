import { beforeAll, describe, expect, test } from 'vitest'
import { hazardNames } from '../../src/plan/plan.ts'
import { defaultPace } from '../../src/run/pace.ts'
import { type RunOptions, run } from '../../src/run/run.ts'
import { digest, ledgerAccount } from '../support/digest.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { fill, planFor, schema, withDatabase } from './fixture.ts'

async function carryOut(options: RunOptions, further = '') {
  const database = await createDatabase()
  await database.query(schema + fill(60, 6000) + further)
  await withDatabase(database.url, async (db) => run(db, await planFor(db), { allowed: hazardNames, ...options }))
  return { target: await digest(database, ['new']), ledger: await ledgerAccount(database), database }
}

const chunks = (database: TestDatabase) =>
  database.query(`select number::int, read::int, lower, upper from drover.chunk
    where mapping = 'visits' order by lower nulls first`)

/** Lifts the pace's sizes to the size of the test's tables. */
const pace = { ...defaultPace, firstRows: 50, leastRows: 5 }

let fixed: Awaited<ReturnType<typeof carryOut>>

beforeAll(async () => {
  fixed = await carryOut({ rowsPerChunk: 500 })
})

describe('chunks that follow a pace', () => {
  // I2, I7
  test('grow while there is time, lie side by side, and give the target that fixed ones give', async () => {
    const { target, ledger, database } = await carryOut({ pace, workers: 2 })
    expect({ target, ledger }).toEqual({ target: fixed.target, ledger: fixed.ledger })
    const all = await chunks(database)
    expect(all.length).toBeLessThan(60)
    expect(Math.max(...all.map(({ read }) => read as number))).toBeGreaterThanOrEqual(400)
    expect(all.slice(1).map(({ lower }) => lower)).toEqual(all.slice(0, -1).map(({ upper }) => upper))
    expect([all[0]!.lower, all.at(-1)!.upper]).toEqual([null, null])
  })

  test('shrink below the pieces that were cut where rows are slow', async () => {
    const slow = `create function new.slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.002); return new; end $$;
      create trigger slow before insert on new.visits for each row execute function new.slow();`
    const { target, ledger, database } = await carryOut({ pace: { ...pace, ms: 40, firstRows: 400 }, workers: 4 }, slow)
    expect({ target, ledger }).toEqual({ target: fixed.target, ledger: fixed.ledger })
    const all = await chunks(database)
    expect(all.length).toBeGreaterThan(50)
    expect(all.slice(1).map(({ lower }) => lower)).toEqual(all.slice(0, -1).map(({ upper }) => upper))
  })

  test('hold no more of the source than the bytes of the pace, however quick they are', async () => {
    const mostBytes = 20_000
    const { target, ledger, database } = await carryOut({ pace: { ...pace, firstRows: 1_000, mostBytes }, workers: 2 })
    expect({ target, ledger }).toEqual({ target: fixed.target, ledger: fixed.ledger })
    const [width] =
      await database.query(`select pg_table_size('old.visits') / 6000.0 as bytes, source_bytes::int as noted,
      pg_table_size('old.visits')::int as size from drover.step where mapping = 'visits'`)
    expect(width!.noted).toBe(width!.size)
    const all = await chunks(database)
    expect(Math.max(...all.map(({ read }) => read as number)) * Number(width!.bytes)).toBeLessThanOrEqual(mostBytes)
    expect(all.length).toBeLessThan((2 * 6000 * Number(width!.bytes)) / mostBytes)
  })

  test('are as large as is asked for where the pieces were cut smaller', async () => {
    const database = await createDatabase()
    await database.query(schema + fill(60, 6000))
    await withDatabase(database.url, async (db) => {
      const plan = await planFor(db)
      const stop = new AbortController()
      const first = run(db, plan, { allowed: hazardNames, rowsPerChunk: 50, workers: 1, signal: stop.signal })
      const done = `select count(*)::int as n from drover.chunk where mapping = 'visits' and state = 'done'`
      const isThere = `select to_regclass('drover.chunk') is not null as is_there`
      while (!(await database.query(isThere))[0]!.is_there || (await database.query(done))[0]!.n === 0);
      stop.abort()
      expect((await first).state).toBe('paused')
      expect((await run(db, plan, { rowsPerChunk: 1000, workers: 1 })).state).toBe('loaded')
    })
    const sizes = (await chunks(database)).map(({ read }) => read as number)
    expect(sizes.filter((size) => size === 1000).length).toBeGreaterThanOrEqual(4)
    expect(await digest(database, ['new'])).toEqual(fixed.target)
  })
})
