import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { withDatabase } from '../run/fixture.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { openProxy } from '../support/proxy.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
})

beforeEach(async () => {
  await database.query('drop table if exists taken; create table taken (i int primary key, t text)')
})

const copy = 'copy public.taken (i, t) from stdin'

/** Rows of a kilobyte, counted as they are asked for. */
function* rows(count: number, onRow: (i: number) => void = () => {}) {
  for (let i = 1; i <= count; i++) {
    onRow(i)
    yield `${i}\t${'x'.repeat(1000)}\n`
  }
}

const countTaken = async () => (await database.query<{ n: number }>('select count(*)::int as n from taken'))[0]?.n

test('rows arrive as they are given, and the transaction goes on', async () => {
  await withDatabase(database.url, (db) =>
    db.transaction(async (tx) => {
      await tx.copyIn(copy, Readable.from(['1\tGrüße\n2\t', '\\N\n']))
      expect(await tx.query('select i, t from public.taken order by i')).toEqual([
        { i: 1, t: 'Grüße' },
        { i: 2, t: null },
      ])
    }),
  )
  expect(await countTaken()).toBe(2)
})

test('no faster than the server takes them', async () => {
  let given = 0
  const stream = Readable.from(
    rows(100_000, (i) => {
      given = i
    }),
  )
  await withDatabase(database.url, async (db) => {
    let copied: Promise<number> | undefined
    await db.transaction(async (tx) => {
      await tx.query('lock table public.taken')
      copied = db.transaction((other) => other.copyIn(copy, stream))
      const waits = `select from pg_locks where relation = 'taken'::regclass and not granted`
      while ((await database.query(waits)).length === 0) await sleep(10)
      await sleep(100)
      expect(given).toBeLessThan(10_000)
    })
    await copied
  })
  expect(await countTaken()).toBe(100_000)
})

test('what the server says passes, also in the middle, and the connection is used again', async () => {
  await withDatabase(database.url, async (db) => {
    const give = (text: string, stream: Readable) => db.transaction((tx) => tx.copyIn(text, stream))
    await expect(give('copy nothing from stdin', Readable.from(rows(10)))).rejects.toMatchObject({ code: '42P01' })
    const twice = Readable.from([...rows(2_000), ...rows(1), ...rows(2_000)])
    await expect(give(copy, twice)).rejects.toMatchObject({ code: '23505' })
    expect(await db.transaction((tx) => tx.query('select 1 as one'))).toEqual([{ one: 1 }])
  })
  expect(await countTaken()).toBe(0)
})

test('what the stream fails of passes, nothing stays, and the connection is used again', async () => {
  const failing = function* () {
    yield* rows(5_000)
    throw Object.assign(new Error('no more'), { code: 'EPIPE' })
  }
  await withDatabase(database.url, async (db) => {
    const copied = db.transaction((tx) => tx.copyIn(copy, Readable.from(failing())))
    await expect(copied).rejects.toMatchObject({ code: 'EPIPE', message: 'no more' })
    expect(await db.transaction((tx) => tx.query('select 1 as one'))).toEqual([{ one: 1 }])
  })
  expect(await countTaken()).toBe(0)
})

test('a connection that breaks is told as such', async () => {
  const proxy = await openProxy(database.url)
  onTestFinished(() => proxy.close())
  const stream = Readable.from(
    rows(100_000, (i) => {
      if (i === 5_000) proxy.cutOff()
    }),
  )
  await withDatabase(proxy.url, async (db) => {
    await expect(db.transaction((tx) => tx.copyIn(copy, stream))).rejects.toMatchObject({ code: 'connection-lost' })
  })
})
