import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { faultyDatabase } from '../faults/faulty-database.ts'
import type { FaultPoint } from '../faults/points.ts'
import type { TestDatabase } from '../support/connect.ts'
import { openProxy } from '../support/proxy.ts'
import { createPair, emptied, landed, many, textsOf } from './landed.ts'

const smallChunks = { chunkBytes: 65_536 }

let source: TestDatabase
let target: TestDatabase

beforeAll(async () => {
  ;({ source, target } = await createPair())
})

beforeEach(async () => {
  await emptied({ source, target })
  await source.query(`create schema old; ${many('old.a', 600)} create table old.b (id int unique)`)
})

/** All rows are there once, and the ledger counts them. */
async function expectLanded(): Promise<void> {
  expect(await textsOf(target, 'old.a')).toEqual(await textsOf(source, 'old.a'))
  const [row] = await target.query(`select l.state, l.rows::int as rows, sum(c.rows)::int as chunks
    from drover.landing as l join drover.landing_chunk as c on c.landing_id = l.id where table_name = 'a' group by l.id`)
  expect(row).toEqual({ state: 'landed', rows: 600, chunks: 600 })
}

type Moment = Pick<FaultPoint, 'moment' | 'statement'> & { readonly transaction: string }

const chunk: Moment = { transaction: 'land 1 chunk 2', moment: 'before' }

describe('what passes by itself is got over', () => {
  it.each<readonly [string, Moment, 'terminate' | '40001']>([
    ['before a chunk', { ...chunk, statement: 'for update' }, 'terminate'],
    ['after the rows of a chunk', { ...chunk, statement: `state = 'done'` }, 'terminate'],
    ['at the commit of a chunk', { ...chunk, moment: 'commit', statement: `state = 'done'` }, '40001'],
    ['at the proof', { transaction: 'land proof', moment: 'before', statement: 'count(*)' }, 'terminate'],
    ['at the keys', { transaction: 'land 1 finish', moment: 'commit', statement: `state = 'landed'` }, '40001'],
  ])('%s', async (_, point, fault) => {
    let struck = false
    await landed(
      { source, target },
      {
        ...smallChunks,
        toTarget: (db) =>
          faultyDatabase(db, { name: 'fault', ...point } as FaultPoint, async (tx) => {
            struck = true
            await tx!.query(
              fault === 'terminate'
                ? 'select pg_terminate_backend(pg_backend_pid())'
                : `do $$ begin raise sqlstate '${fault}'; end $$`,
            )
          }),
      },
    )
    expect(struck).toBe(true)
    await expectLanded()
  })

  it('a commit of which nobody knows', async () => {
    const proxy = await openProxy(target.url)
    await landed(
      { source, target: proxy },
      {
        ...smallChunks,
        workers: 1,
        toTarget: (db) =>
          faultyDatabase(
            db,
            { name: 'unclear', ...chunk, moment: 'commit', statement: `state = 'done'` } as unknown as FaultPoint,
            async () => void proxy.breakAfter('commit\0'),
          ),
      },
    )
    await proxy.close()
    await expectLanded()
  })

  it('a session at the source that is ended because it stood still', async () => {
    const point = { name: 'idle', transaction: 'land', moment: 'after', statement: 'set transaction snapshot' }
    await landed(
      { source, target },
      {
        ...smallChunks,
        toSource: (db) =>
          faultyDatabase(db, point as unknown as FaultPoint, async (tx) => {
            await tx!.query(`set local idle_in_transaction_session_timeout = '10ms'`)
            await sleep(100)
          }),
      },
    )
    await expectLanded()
  })

  it('every connection to the source breaks', async () => {
    const proxy = await openProxy(source.url)
    let isCut = false
    const { events } = await landed(
      { source: proxy, target },
      {
        ...smallChunks,
        onEvent: (event) => {
          if (event.kind !== 'chunk' || isCut) return
          isCut = true
          proxy.cutOff()
          proxy.admit()
        },
      },
    )
    await proxy.close()
    expect(events).toContainEqual({ kind: 'note', text: 'The session that held the snapshot of the source was lost.' })
    await expectLanded()
  })
})

describe('a landing that ends halfway', () => {
  it.each<readonly [string, Moment]>([
    ['before it has begun', { transaction: 'land begin', moment: 'commit' }],
    ['when it has begun', { transaction: 'land begin', moment: 'committed' }],
    ['after a chunk', { ...chunk, moment: 'committed', statement: `state = 'done'` }],
    ['before the keys', { transaction: 'land 1 finish', moment: 'before', statement: 'add constraint' }],
    ['after the keys', { transaction: 'land 1 finish', moment: 'committed', statement: `state = 'landed'` }],
  ])('is taken up by the next: %s', async (_, point) => {
    const ended = landed(
      { source, target },
      {
        ...smallChunks,
        frozen: true,
        toTarget: (db) =>
          faultyDatabase(db, { name: 'end', ...point } as FaultPoint, () => Promise.reject(new Error('ended'))),
      },
    )
    await expect(ended).rejects.toThrow()
    await landed({ source, target }, { ...smallChunks, frozen: true })
    await expectLanded()
  })

  it('by a kill of the process loses nothing and doubles nothing', async () => {
    await source.query(`insert into old.a select i, repeat(md5(i::text), 30) from generate_series(601, 4000) as i`)
    const child = spawn(
      process.execPath,
      [
        '--conditions=source',
        '--no-warnings',
        fileURLToPath(new URL('child.ts', import.meta.url)),
        source.url,
        target.url,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let chunks = 0
    for await (const text of child.stdout.setEncoding('utf8')) {
      chunks += (text as string).split('chunk\n').length - 1
      if (chunks >= 3 && child.kill('SIGKILL')) break
    }
    await once(child, 'close')
    const [{ done } = { done: 0 }] = await target.query<{ done: number }>(
      `select count(*)::int as done from drover.landing_chunk where state = 'done'`,
    )
    expect(done).toBeGreaterThanOrEqual(3)
    // Its session may be there for a moment still, and with it the right to land.
    const isBusy = `select from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`
    while ((await target.query(isBusy)).length > 0) await sleep(20)
    await landed({ source, target }, { ...smallChunks, frozen: true })
    expect(await textsOf(target, 'old.a')).toEqual(await textsOf(source, 'old.a'))
  })
})
