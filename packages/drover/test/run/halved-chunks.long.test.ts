import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { rowFunctionsOf } from '../../src/define/migration.ts'
import { sql } from '../../src/index.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { type RunOptions, run } from '../../src/run/run.ts'
import { defaultLimits } from '../../src/run/worker.ts'
import { catalogOf, databaseWith, migrationOf } from '../plan/planned.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { withDatabase } from './fixture.ts'

const items = `
create table old.items (id int primary key, n int);
insert into old.items select i, i from generate_series(1, 64) as i;
create table new.items (id int primary key, n int);`

/** A trigger on the target that does something with row `n`. */
const trigger = (body: string) => `
create function new.meddle() returns trigger language plpgsql as $$ begin ${body} return new; end $$;
create trigger meddle before insert on new.items for each row execute function new.meddle();`

const m = migrationOf()

const copied = m.map('items', {
  from: (db) => db.selectFrom('old.items as i'),
  key: ({ i }) => i.id!,
  to: 'new.items',
  columns: ({ i }) => ({ id: i.id!, n: i.n! }),
})

/** A function that takes its time for each row. */
const computed = m.map('items', {
  from: (db) => db.selectFrom('old.items as i'),
  key: ({ i }) => i.id!,
  compute: {
    reads: ({ i }) => ({ n: i.n! }),
    writes: { n: 'int4' },
    batch: async (rows) => {
      await sleep(10 * rows.length)
      return rows.map(({ n }) => ({ n: Number(n) }))
    },
  },
  to: 'new.items',
  columns: ({ i }, values) => ({ id: i.id!, n: sql`${values.n}` }),
})

async function carryOut(database: TestDatabase, options: RunOptions, mapping: typeof copied = copied) {
  const migration = m.migration([mapping])
  const plan = buildPlan(migration, await catalogOf(database))
  const functions = rowFunctionsOf(migration)
  return withDatabase(database.url, (db) =>
    run(db, plan, { allowed: hazardNames, rowsPerChunk: 64, workers: 1, functions, ...options }),
  )
}

const loaded = async (database: TestDatabase) =>
  (await database.query('select count(*)::int as n, sum(n)::int as sum from new.items'))[0]

const attempts = (database: TestDatabase) =>
  database.query('select sqlstate, outcome, count(*)::int as n from drover.attempt group by 1, 2 order by 1, 2')

const everyRow = { n: 64, sum: 2080 }

describe('a chunk that takes too long is halved', () => {
  test('until its parts take no longer than a statement may', async () => {
    const database = await databaseWith(items + trigger('perform pg_sleep(0.01);'))
    const limits = { ...defaultLimits, chunkStatementMs: 400 }
    expect(await carryOut(database, { limits })).toMatchObject({ state: 'loaded' })
    expect(await loaded(database)).toEqual(everyRow)
    expect(await attempts(database)).toEqual([{ sqlstate: '57014', outcome: 'split', n: expect.any(Number) }])
  })

  test('where it stands still for too long: a row function that is slow', async () => {
    const database = await databaseWith(items)
    const limits = { ...defaultLimits, idleMs: 400 }
    expect(await carryOut(database, { limits }, computed)).toMatchObject({ state: 'loaded' })
    expect(await loaded(database)).toEqual(everyRow)
    expect(await attempts(database)).toEqual([{ sqlstate: '25P03', outcome: 'split', n: expect.any(Number) }])
  })

  test('down to the row; one row that takes too long stops the run, and is not called refused', async () => {
    const database = await databaseWith(items + trigger('if new.n = 40 then perform pg_sleep(10); end if;'))
    const limits = { ...defaultLimits, chunkStatementMs: 200 }
    await expect(carryOut(database, { limits })).rejects.toMatchObject({
      code: 'chunk-failed',
      where: expect.stringMatching(/keys from 40 up to 41$/),
      why: expect.stringContaining('57014'),
    })
    expect(await database.query('select * from drover.quarantine')).toEqual([])
  })
})

describe('a chunk that nobody comes back from', () => {
  test('is halved after three attempts, and stops the run when that has helped three times nothing', async () => {
    const database = await databaseWith(
      items + trigger('if new.n = 40 then perform pg_terminate_backend(pg_backend_pid()); end if;'),
    )
    await expect(carryOut(database, { rowsPerChunk: 32, workers: 2 })).rejects.toMatchObject({
      code: 'chunk-failed',
      what: expect.stringMatching(/^Chunk \d+ of mapping items ends those who begin it\.$/),
      where: expect.stringMatching(/keys from 37 up to 41$/),
    })
    expect(await attempts(database)).toEqual([{ sqlstate: null, outcome: 'split', n: 3 }])
    // Nothing but the part that ends sessions is left.
    expect(await loaded(database)).toEqual({ n: 60, sum: 2080 - (37 + 38 + 39 + 40) })
    expect(await database.query('select state from drover.run')).toEqual([{ state: 'failed' }])
  })

  test('is loaded where it was not the chunk', async () => {
    const database = await databaseWith(
      `${items} create sequence new.ended; ${trigger(
        "if new.n = 40 and nextval('new.ended') <= 4 then perform pg_terminate_backend(pg_backend_pid()); end if;",
      )}`,
    )
    expect(await carryOut(database, { rowsPerChunk: 32, workers: 2 })).toMatchObject({ state: 'loaded' })
    expect(await loaded(database)).toEqual(everyRow)
    expect(await attempts(database)).toEqual([{ sqlstate: null, outcome: 'split', n: 1 }])
  })
})
