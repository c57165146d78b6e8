import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { Writable } from 'node:stream'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { withDatabase } from '../run/fixture.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { openProxy } from '../support/proxy.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
})

/** Takes what is written, as slowly as it is told to. */
function taker(take: (text: string) => void | Promise<void> = () => {}) {
  let text = ''
  const stream = new Writable({
    write(chunk, _, done) {
      text += chunk
      Promise.resolve(take(text)).then(() => done(), done)
    },
  })
  return { stream, text: () => text }
}

/** Ten thousand rows of a kilobyte: more than any buffer on the way holds. */
const many = `copy (select repeat('x', 1000) from generate_series(1, 10000)) to stdout`

test('rows are written as the server sends them, and the stream stays open', async () => {
  const { stream, text } = taker()
  await withDatabase(database.url, (db) =>
    db.transaction(async (tx) => {
      stream.write('head\n')
      await tx.copyOut(`copy (select i, 'a,' || i from generate_series(1, 3) as i) to stdout with (format csv)`, stream)
      await tx.copyOut(`copy (select 'Grüße') to stdout`, stream)
      expect(await tx.query('select 1 as one')).toEqual([{ one: 1 }])
    }),
  )
  expect(text()).toBe('head\n1,"a,1"\n2,"a,2"\n3,"a,3"\nGrüße\n')
  expect(stream.writableEnded).toBe(false)
})

test('no faster than the stream takes them', async () => {
  let isHeld = true
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const { stream, text } = taker(() => (isHeld ? held : undefined))
  await withDatabase(database.url, async (db) => {
    const copied = db.transaction((tx) => tx.copyOut(many, stream))
    const waits = `select wait_event from pg_stat_activity where datname = current_database() and query like 'copy%'`
    while ((await database.query(waits))[0]?.wait_event !== 'ClientWrite') await new Promise((r) => setTimeout(r, 10))
    expect(text().length).toBeLessThan(1_000_000)
    isHeld = false
    release()
    await copied
  })
  expect(text()).toHaveLength(10_010_000)
})

test('what the server says passes, also in the middle, and the connection is used again', async () => {
  const { stream } = taker()
  await withDatabase(database.url, async (db) => {
    const copy = (text: string) => db.transaction((tx) => tx.copyOut(text, stream))
    await expect(copy('copy nothing to stdout')).rejects.toMatchObject({ code: '42P01' })
    await expect(
      copy('copy (select 1 / (900 - i), repeat($$x$$, 1000) from generate_series(1, 1000) as i) to stdout'),
    ).rejects.toMatchObject({ code: '22012' })
    expect(await db.transaction((tx) => tx.query('select 1 as one'))).toEqual([{ one: 1 }])
  })
})

// EPIPE has the form of an SQLSTATE.
test.each(['ENOSPC', 'EPIPE'])('what the stream fails of passes, nobody waits for the rest: %s', async (code) => {
  const { stream } = taker((text) => {
    if (text.length > 100_000) throw Object.assign(new Error('no more'), { code, syscall: 'write' })
  })
  await withDatabase(database.url, async (db) => {
    await expect(db.transaction((tx) => tx.copyOut(many, stream))).rejects.toMatchObject({ code })
    const copying = `select count(*)::int as n from pg_stat_activity where query like 'copy%' and state = 'active'`
    while ((await database.query(copying))[0]?.n !== 0) await new Promise((resolve) => setTimeout(resolve, 10))
    expect(await db.transaction((tx) => tx.query('select 1 as one'))).toEqual([{ one: 1 }])
  })
})

test('a transaction whose stream has failed is not committed, even if that is passed over', async () => {
  const { stream } = taker(() => {
    throw new Error('no more')
  })
  await withDatabase(database.url, async (db) => {
    const passedOver = db.transaction((tx) => tx.copyOut(many, stream).catch(() => {}))
    await expect(passedOver).rejects.toMatchObject({ code: 'connection-lost' })
  })
})

test('a connection that breaks is told as such', async () => {
  const proxy = await openProxy(database.url)
  onTestFinished(() => proxy.close())
  const { stream } = taker((text) => {
    if (text.length > 100_000) proxy.cutOff()
  })
  await withDatabase(proxy.url, async (db) => {
    await expect(db.transaction((tx) => tx.copyOut(many, stream))).rejects.toMatchObject({ code: 'connection-lost' })
  })
})

test('a connection that was lost before is told as such', async () => {
  const { stream } = taker()
  await withDatabase(database.url, async (db) => {
    const copied = db.transaction(async (tx) => {
      await tx.query('select pg_terminate_backend(pg_backend_pid())').catch(() => {})
      await new Promise((resolve) => setTimeout(resolve, 50))
      await tx.copyOut(many, stream)
    })
    await expect(copied).rejects.toMatchObject({ code: 'connection-lost' })
  })
})

test('the rows are counted, also where the end of the statement arrives apart from the last row', async () => {
  const drip = await openDrip(database.url)
  const { stream, text } = taker()
  await withDatabase(drip.url, async (db) => {
    const rows = await db.transaction((tx) => tx.copyOut('copy (select generate_series(1, 3)) to stdout', stream))
    expect([rows, text()]).toEqual([3, '1\n2\n3\n'])
  })
  drip.close()
})

/** A way to a server on which what that says arrives byte by byte. */
async function openDrip(target: string): Promise<{ readonly url: string; close(): void }> {
  const { hostname, port } = new URL(target)
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    client.setNoDelay(true)
    client.pipe(upstream)
    let last = Promise.resolve()
    upstream.on('data', (data) => {
      last = last.then(async () => {
        for (const byte of data) {
          client.write(Buffer.of(byte))
          await new Promise((resolve) => setImmediate(resolve))
        }
      })
    })
    for (const socket of [client, upstream]) {
      socket
        .on('error', () => {})
        .on('close', () => {
          client.destroy()
          upstream.destroy()
        })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  return { url: url.href, close: () => server.close() }
}
