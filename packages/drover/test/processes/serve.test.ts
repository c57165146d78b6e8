import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect } from 'vitest'
import { allowed, type Calling, drover, expectRefusal, start } from '../cli/drover.ts'
import { it } from '../cli/source-database.ts'
import { connectTo } from '../support/connect.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { ask, formHeaders, formOf, textOf } from '../web/visitor.ts'

/** Where workers that the page starts leave what they say. */
const folder = mkdtemp(join(tmpdir(), 'drover-page-'))
afterAll(async () => rm(await folder, { recursive: true, force: true }))

const secret = 'a-secret-of-more-than-thirty-two-letters'

interface Served {
  readonly calling: Calling
  readonly address: string
  readonly port: number
  readonly cookie: string
}

/** Calls `drover serve` and enters. */
async function served(database: TestDatabase, words: readonly string[] = [], env = {}): Promise<Served> {
  const calling = start(['serve', ...words], { database: database.url, env: { TMPDIR: await folder, ...env } })
  let address = ''
  calling.process.stdout!.on('data', (text: string) => {
    address += text
  })
  await calling.stderrHolds('Ctrl-C ends it.')
  address = address.trim()
  const { port, pathname, search } = new URL(address)
  const entry = await ask(Number(port), `${pathname}${search}`, {})
  return { calling, address, port: Number(port), cookie: String(entry.headers['set-cookie']).split(';')[0]! }
}

/** A run that was paused by hand, with chunks left. */
async function pausedRun(database: TestDatabase, file = 'held.ts', further: readonly string[] = []): Promise<void> {
  const holder = connectTo(database.url)
  const table = file === 'held.ts' ? 'vals' : 'shouts'
  await holder.query(`begin; lock table public.${table} in share mode`)
  const run = start(['run', file, ...allowed, '--chunk-rows', '50', ...further], { database: database.url })
  const waiting = `select count(*)::integer as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like '%${table} chunk%'`
  while ((await database.query(waiting))[0]?.n !== 2) await sleep(20)
  run.process.kill('SIGINT')
  await run.stderrHolds('Pausing')
  await holder.disconnect()
  await run.ended
}

async function press({ port, cookie }: Served, path: string): Promise<string> {
  const base = `http://127.0.0.1:${port}`
  const headers = { cookie, origin: base }
  const page = await ask(port, '/runs/1', { headers })
  const formToken = /name="form-token" value="([^"]+)"/.exec(page.text)![1]!
  const sent = { method: 'POST', headers: { ...headers, ...formHeaders }, body: formOf({ 'form-token': formToken }) }
  const { headers: answered } = await ask(port, path, sent)
  for (;;) {
    const told = textOf((await ask(port, answered.location as string, { headers })).text)
    // What takes more than three seconds is told as under way, and its end by the page that is asked for next.
    if (!told.includes('– under way')) return told
    await sleep(200)
  }
}

const ended = async ({ calling }: Served) => {
  calling.process.kill('SIGINT')
  return calling.ended
}

describe.concurrent('drover serve', () => {
  it('prints an address that opens the page, and ends at Ctrl-C with pages open', async ({ database }) => {
    await drover(['run', 'held.ts', ...allowed], { database: database.url })
    const page = await served(database)
    expect(page.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/)
    const { text } = await ask(page.port, '/', { headers: { cookie: page.cookie } })
    expect(textOf(text)).toMatch(/1 smoke loaded/)
    const open = get(`http://127.0.0.1:${page.port}/runs/1/events`, { headers: { cookie: page.cookie } })
    const [events] = (await once(open, 'response')) as [IncomingMessage]
    const closed = new Promise((resolve) =>
      events
        .on('error', () => {})
        .on('close', resolve)
        .resume(),
    )
    const { exit, stdout, stderr } = await ended(page)
    await closed
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: `${page.address}\n` })
    expect(stderr).not.toContain(new URL(database.url).password || 'postgresql:')
  })

  it('has the same address after a restart, where it is told to: a page that is open goes on', async ({ database }) => {
    await drover(['run', 'held.ts', ...allowed], { database: database.url })
    const env = { DROVER_SERVE_TOKEN: secret }
    const first = await served(database, [], env)
    await ended(first)
    const second = await served(database, ['--port', String(first.port)], env)
    expect(second.address).toBe(first.address)
    expect((await ask(first.port, '/runs/1', { headers: { cookie: first.cookie } })).status).toBe(200)
    await ended(second)
    const third = await served(database, ['--port', String(first.port)])
    expect((await ask(first.port, '/runs/1', { headers: { cookie: first.cookie } })).status).toBe(403)
    await ended(third)
  })

  it('starts workers that go on when it ends', async ({ database }) => {
    await pausedRun(database)
    const page = await served(database, ['--allow-control'])
    const told = await press(page, '/runs/1/resume')
    expect(told).toMatch(/Workers are started\. They work in a process of their own/)
    await ended(page)
    for (;;) {
      const [row] = await database.query('select state from drover.run')
      if (row?.state === 'loaded') break
      await sleep(50)
    }
    expect(await database.query('select count(*)::int as n from public.vals')).toEqual([{ n: 751 }])
  })

  it('says why workers fail at once: a plan that calls functions needs its file', async ({ database }) => {
    await database.query('create table public.shouts (id uuid primary key, value text not null)')
    await pausedRun(database, 'computed.ts', ['--allow', 'runs-javascript'])
    const without = await served(database, ['--allow-control'])
    expect(await press(without, '/runs/1/resume')).toMatch(
      /not done The plan needs functions that only the migration file holds\..* where mapping shouts/,
    )
    await ended(without)
    expect(await database.query('select state from drover.run')).toEqual([{ state: 'paused' }])
    const withFile = await served(database, ['computed.ts', '--allow-control'])
    expect(await press(withFile, '/runs/1/resume')).toMatch(/They work in a process of their own/)
    for (;;) {
      const [row] = await database.query('select state from drover.run')
      if (row?.state === 'loaded') break
      await sleep(50)
    }
    await ended(withFile)
  })

  it('says what is wrong with how it is called', async ({ database }) => {
    const call = (words: readonly string[], env = {}) => drover(['serve', ...words], { database: database.url, env })
    expectRefusal(await call([], { DROVER_SERVE_TOKEN: 'short' }), {
      exit: 2,
      code: 'usage-invalid',
      what: 'The secret of the page can be guessed',
      told: [/DROVER_SERVE_TOKEN/],
      remedy: /openssl rand/,
    })
    expect((await call(['--port', '70000'])).stderr).toContain('It must be a port')
    expectRefusal(await call(['nowhere.ts']), {
      exit: 2,
      code: 'migration-file-unreadable',
      what: 'The migration file does not exist.',
      remedy: /Check the path/,
    })
    const taken = await served(database)
    expectRefusal(await call(['--port', String(taken.port)]), {
      exit: 2,
      code: 'usage-invalid',
      what: `The page cannot be served on port ${taken.port}.`,
      told: ['EADDRINUSE'],
      remedy: /free one/,
    })
    const page = await ask(taken.port, '/', { headers: { cookie: taken.cookie } })
    expect(page.status).toBe(404)
    expect(textOf(page.text)).toContain('This database has no ledger of drover.')
    await ended(taken)
  })
})
