import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/db/pg.ts'
import { serverErrorOf } from '../../src/db/server-error.ts'
import { withDatabase } from '../run/fixture.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { openProxy } from '../support/proxy.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
  await database.query('create table public.things (id int primary key, n int)')
})

describe('a transaction', () => {
  test('carries its own settings', async () => {
    await withDatabase(database.url, async (db) => {
      const names = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'row_security']
      const read = () =>
        db.transaction(
          async (tx) => (await tx.query(`select ${names.map((name) => `current_setting('${name}') as ${name}`)}`))[0],
          { name: 'test', statementTimeoutMs: 1_234, lockTimeoutMs: 2_345, idleTimeoutMs: 3_456 },
        )
      expect(await read()).toEqual({
        statement_timeout: '1234ms',
        lock_timeout: '2345ms',
        idle_in_transaction_session_timeout: '3456ms',
        row_security: 'off',
      })
    })
  })

  test('sees what others have committed meanwhile, whatever the database has for a default', async () => {
    const strict = await createDatabase()
    await strict.query(`alter database ${strict.name} set default_transaction_isolation = 'serializable'`)
    const read = `select current_setting('transaction_isolation') as isolation`
    await withDatabase(strict.url, async (db) => {
      expect(await db.transaction((tx) => tx.query(read))).toEqual([{ isolation: 'read committed' }])
      const settings = { transaction_isolation: 'repeatable read' }
      expect(await db.transaction((tx) => tx.query(read), { settings })).toEqual([{ isolation: 'repeatable read' }])
    })
  })

  test('that fails keeps what the server says of a statement, and nothing that quotes a row', async () => {
    const failureOf = (text: string) =>
      withDatabase(database.url, (db) =>
        db
          .transaction((tx) => tx.query(text))
          .then(
            () => undefined,
            (thrown) => serverErrorOf(thrown),
          ),
      )
    expect(await failureOf('selec 1')).toMatchObject({ sqlstate: '42601', message: expect.stringContaining('selec') })
    expect(await failureOf('select from nowhere')).toMatchObject({ message: expect.stringContaining('nowhere') })
    for (const type of ['tsquery', 'jsonpath', 'regclass', 'regprocedure']) {
      const failure = await failureOf(`select word::${type} from (select 'Ada Lovelace (' as word offset 0) as t`)
      expect(failure?.sqlstate, type).toMatch(/^(42|22)/)
      expect(failure?.message, type).toBeUndefined()
    }
  })

  test('tells a server on Linux how long its client may be silent', async () => {
    const db = await openDatabase(database.url, { silenceMs: 8_000 })
    onTestFinished(() => db.close())
    const names = ['idle', 'interval', 'count'].map((name) => `tcp_keepalives_${name}`)
    const all = [...names, 'tcp_user_timeout', 'client_connection_check_interval']
    const read = `select ${all.map((name) => `current_setting('${name}') as ${name}`)}, version() ~ 'linux' as is_linux`
    const [{ is_linux, ...settings } = {}] = await db.transaction((tx) => tx.query(read))
    if (!is_linux) return
    // What the system says of the connection. The last probe is sent after eight seconds: 4 + 4 × 1.
    expect(Object.values(settings)).toEqual(['4', '1', '4', '8000', '2s'])
  })

  test('tells a connection that broke before the commit from one that broke at it', async () => {
    const proxy = await openProxy(database.url)
    onTestFinished(() => proxy.close())
    await withDatabase(proxy.url, async (db) => {
      const insert = (id: number, before?: () => void) =>
        db.transaction(async (tx) => {
          await tx.query('insert into public.things (id) values ($1)', [id])
          before?.()
          await tx.query('select 1')
        })
      await expect(
        insert(1, () => {
          proxy.cutOff()
          proxy.admit()
        }),
      ).rejects.toMatchObject({ code: 'connection-lost' })
      void proxy.breakAfter('commit\0')
      await expect(insert(2)).rejects.toMatchObject({ code: 'commit-unknown' })
      proxy.cutOff()
      await expect(insert(3)).rejects.toMatchObject({ code: 'database-unreachable' })
    })
    expect(await database.query('select id from public.things')).toEqual([{ id: 2 }])
  })

  test('that was rolled back behind its back is not taken for done', async () => {
    await withDatabase(database.url, async (db) => {
      const swallowing = db.transaction(async (tx) => {
        await tx.query('insert into public.things (id) values (9)')
        await tx.query('select 1/0').catch(() => {})
      })
      await expect(swallowing).rejects.toMatchObject({ code: 'statement-failed' })
    })
  })

  test('that stands still for too long is ended by the server, and says so', async () => {
    await withDatabase(database.url, async (db) => {
      const standing = db.transaction(
        async (tx) => {
          await sleep(500)
          await tx.query('select 1')
        },
        { idleTimeoutMs: 100 },
      )
      await expect(standing).rejects.toMatchObject({ code: 'connection-lost', cause: { code: '25P03' } })
    })
  })
})

test('a statement whose process was killed ends, and frees what it had locked', async () => {
  const file = fileURLToPath(new URL('./sleep-in-child.ts', import.meta.url))
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, DATABASE_URL: database.url },
    stdio: 'inherit',
  })
  const sleeping = `select count(*)::int as n from pg_stat_activity where query like '%pg_sleep(50)%' and pid <> pg_backend_pid()`
  while ((await database.query(sleeping))[0]!.n !== 1) await sleep(50)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const killedAt = performance.now()
  while ((await database.query(sleeping))[0]!.n !== 0) await sleep(100)
  expect(performance.now() - killedAt).toBeLessThan(20_000)
})

test('a server that is not there is told at once', async () => {
  await expect(openDatabase('postgresql://nobody@127.0.0.1:1/none')).rejects.toMatchObject({
    code: 'database-unreachable',
    why: 'ECONNREFUSED',
  })
})
