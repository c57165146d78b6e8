import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, beforeEach, expect, it } from 'vitest'
import type { TestDatabase } from '../support/connect.ts'
import { createPair, emptied, landed, many, tablesTold, textsOf, type Ways } from './landed.ts'

let source: TestDatabase
let target: TestDatabase

beforeAll(async () => {
  ;({ source, target } = await createPair())
})

beforeEach(() => emptied({ source, target }))

/** Chunks of a few blocks. */
const smallChunks = { chunkBytes: 65_536 }

const generations = (target: TestDatabase, table: string) =>
  target.query<{ generation: number; chunks: number }>(
    `select c.generation_id::int as generation, count(*)::int as chunks
    from drover.landing_chunk as c join drover.landing as l on l.id = landing_id
    where table_name = $1 group by 1 order by 1`,
    [table],
  )

/** Ends the session that holds the snapshot just before it is read under for the `nth` time, or each time. */
function losing(nth?: number): Ways {
  const exporters = `from pg_stat_activity
    where datname = current_database() and state = 'idle in transaction' and pid <> pg_backend_pid()`
  let reads = 0
  return {
    toSource: (db) => ({
      ...db,
      transaction: async (work, options) => {
        if (options?.name === 'land' && (nth === undefined || ++reads === nth)) {
          await source.query(`select pg_terminate_backend(pid) ${exporters}`)
          while ((await source.query(`select ${exporters}`)).length > 0) await sleep(5)
        }
        return db.transaction(work, options)
      },
    }),
  }
}

it('small chunks by several workers bring what one brings', async () => {
  await source.query(
    `create schema old; ${many('old.a', 2_000)} ${many('old.b', 500)} delete from old.a where id % 7 = 0`,
  )
  await landed({ source, target }, { ...smallChunks, workers: 3 })
  expect(await textsOf(target, 'old.a')).toEqual(await textsOf(source, 'old.a'))
  expect((await generations(target, 'a'))[0]!.chunks).toBeGreaterThan(10)
  const [sums] = await target.query(
    `select sum(c.rows)::int as chunks, max(l.rows)::int as rows from drover.landing as l
    join drover.landing_chunk as c on landing_id = l.id where table_name = 'a'`,
  )
  expect(sums).toEqual({ chunks: 1715, rows: 1715 })
})

it('what is written while tables land is not among what lands', async () => {
  await source.query(`create schema old; ${many('old.a', 300)} ${many('old.b', 300)}`)
  const before = [await textsOf(source, 'old.a'), await textsOf(source, 'old.b')]
  let written: Promise<unknown> | undefined
  await landed(
    { source, target },
    {
      ...smallChunks,
      workers: 1,
      onEvent: ({ kind }) => {
        if (kind === 'begun')
          written = source.query(
            `update old.a set filling = 'other'; insert into old.b select i, 'new' from generate_series(1000, 2000) as i; delete from old.b where id < 100`,
          )
      },
    },
  )
  await written
  expect([await textsOf(target, 'old.a'), await textsOf(target, 'old.b')]).toEqual(before)
})

it('a table that lands cannot be emptied or rewritten meanwhile', async () => {
  await source.query(`create schema old; ${many('old.a', 300)} ${many('old.b', 300)}`)
  let emptied: Promise<unknown> | undefined
  await landed(
    { source, target },
    {
      ...smallChunks,
      onEvent: ({ kind }) => {
        if (kind === 'begun')
          emptied = source.query(`set lock_timeout = '20ms'; truncate old.b`).catch((thrown: unknown) => thrown)
      },
    },
  )
  expect(await emptied).toMatchObject({ code: '55P03' })
  await source.query('reset lock_timeout')
})

it('a table that is added later agrees with the others: those that have changed since land again', async () => {
  await source.query(`create schema old; ${many('old.a', 50)} ${many('old.b', 50)}`)
  await landed({ source, target })
  await source.query(`update old.a set filling = 'changed' where id = 7; ${many('old.c', 50)}`)
  const { events } = await landed({ source, target })
  expect([tablesTold(events, 'kept'), tablesTold(events, 'landed')]).toEqual([['b'], ['a', 'c']])
  expect(await textsOf(target, 'old.a')).toEqual(await textsOf(source, 'old.a'))
  expect(await target.query('select distinct generation_id::int as generation from drover.landing')).toEqual([
    { generation: 2 },
  ])
})

it('a table that is added later comes alone where the source is frozen', async () => {
  await source.query(`create schema old; ${many('old.a', 50)}`)
  await landed({ source, target })
  await source.query(many('old.b', 50))
  const { events, hadLanded } = await landed({ source, target }, { frozen: true })
  expect([hadLanded, tablesTold(events, 'kept'), tablesTold(events, 'landed')]).toEqual([1, [], ['b']])
})

it.each([
  { frozen: false, generationsOfChunks: 1 },
  { frozen: true, generationsOfChunks: 2 },
])('the session that holds the snapshot is ended, frozen: $frozen', async ({ frozen, generationsOfChunks }) => {
  await source.query(`create schema old; ${many('old.a', 2_000)}`)
  const { events } = await landed({ source, target }, { ...smallChunks, ...losing(4), frozen, workers: 1 })
  const notes = events.flatMap((event) => (event.kind === 'note' ? [event.text] : []))
  expect(notes[0]).toBe('The session that held the snapshot of the source was lost.')
  expect(notes.slice(1).map((note) => note.includes('lands again'))).toEqual(frozen ? [] : [true])
  expect(await textsOf(target, 'old.a')).toEqual(await textsOf(source, 'old.a'))
  expect(await generations(target, 'a')).toHaveLength(generationsOfChunks)
})

it('a snapshot that is lost again and again ends the landing', async () => {
  await source.query(`create schema old; ${many('old.a', 2_000)}`)
  const lost = landed({ source, target }, { ...smallChunks, ...losing(), workers: 1 })
  await expect(lost).rejects.toMatchObject({ code: 'snapshot-lost' })
})

it('an interruption leaves what has landed; where the source is frozen the next call goes on', async () => {
  await source.query(`create schema old; ${many('old.a', 1_000)}`)
  const stop = new AbortController()
  const interrupted = landed(
    { source, target },
    {
      ...smallChunks,
      frozen: true,
      signal: stop.signal,
      onEvent: ({ kind }) => {
        if (kind === 'chunk') stop.abort()
      },
    },
  )
  await expect(interrupted).rejects.toMatchObject({ code: 'interrupted' })
  const { events } = await landed({ source, target }, { ...smallChunks, frozen: true })
  expect(events[0]).toMatchObject({ kind: 'begun' })
  expect((events[0] as { chunksDone: number }).chunksDone).toBeGreaterThan(0)
  expect(await textsOf(target, 'old.a')).toEqual(await textsOf(source, 'old.a'))
})

it('a source that was not frozen after all is found out', async () => {
  await source.query(`create schema old; ${many('old.a', 1_000)}`)
  const stop = new AbortController()
  const options = { ...smallChunks, frozen: true, workers: 1 }
  const onEvent = ({ kind }: { kind: string }) => {
    if (kind === 'chunk') stop.abort()
  }
  await landed({ source, target }, { ...options, signal: stop.signal, onEvent }).catch(() => {})
  await source.query(`update old.a set filling = 'x' where id = 1`)
  await expect(landed({ source, target }, options)).rejects.toMatchObject({ code: 'landing-differs' })
  await landed({ source, target }, smallChunks)
  expect(await textsOf(target, 'old.a')).toEqual(await textsOf(source, 'old.a'))
})

it.each([{ rest: 'only counted' }, { rest: 'compared' }])(
  'rows that are gone when the rest lands under another snapshot are missed, $rest',
  async ({ rest }) => {
    await source.query(`create schema old; ${many('old.a', 1_000)}`)
    const stop = new AbortController()
    const options = { ...smallChunks, frozen: true, workers: 1, digest: rest === 'compared' }
    const onEvent = ({ kind }: { kind: string }) => {
      if (kind === 'chunk') stop.abort()
    }
    await landed({ source, target }, { ...options, signal: stop.signal, onEvent }).catch(() => {})
    await source.query('delete from old.a where id = 1')
    await expect(landed({ source, target }, options)).rejects.toMatchObject({
      code: 'landing-differs',
      why: 'the source holds 999 rows, 1000 have landed',
    })
  },
)

it('rows that are only counted are not looked at again: both servers count them as they go', async () => {
  await source.query(`create schema old; ${many('old.a', 300)}`)
  const named: (string | undefined)[] = []
  const toTarget: Ways['toTarget'] = (db) => ({
    ...db,
    transaction: (work, options) => {
      named.push(options?.name)
      return db.transaction(work, options)
    },
  })
  await landed({ source, target }, { ...smallChunks, digest: false, toTarget })
  expect(named).not.toContain('land proof')
  expect(
    await target.query('select state, source_rows::int as there, rows::int as here, algorithm from drover.landing'),
  ).toEqual([{ state: 'landed', there: 300, here: 300, algorithm: null }])
})

it('a table that an earlier version compared by another hash lands again', async () => {
  await source.query(`create schema old; ${many('old.a', 50)} ${many('old.b', 50)}`)
  await landed({ source, target }, { selection: { schemas: [], tables: [{ schema: 'old', name: 'a' }] } })
  await target.query(`update drover.landing set algorithm = 'md5'`)
  const { events } = await landed({ source, target })
  expect([tablesTold(events, 'kept'), tablesTold(events, 'landed')]).toEqual([[], ['a', 'b']])
})

it('a table whose rows have moved lands again, frozen or not', async () => {
  await source.query(`create schema old; ${many('old.a', 1_000)} delete from old.a where id < 500`)
  const stop = new AbortController()
  const options = { ...smallChunks, frozen: true, workers: 1 }
  const onEvent = ({ kind }: { kind: string }) => {
    if (kind === 'chunk') stop.abort()
  }
  await landed({ source, target }, { ...options, signal: stop.signal, onEvent }).catch(() => {})
  await source.query('vacuum full old.a')
  const { events } = await landed({ source, target }, options)
  expect(events).toContainEqual({
    kind: 'note',
    text: expect.stringContaining('they are not at the source what they were'),
  })
  expect(await textsOf(target, 'old.a')).toEqual(await textsOf(source, 'old.a'))
})
