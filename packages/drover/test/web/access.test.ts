import { describe, expect, it } from 'vitest'
import { createMendingDatabase } from '../repair/fixture.ts'
import { digest } from '../support/digest.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { ask, formHeaders, formOf, type Sent, token, type Visitor, visit } from './visitor.ts'

const template = createMendingDatabase().then(({ name }) => name)
const loaded = async () => createDatabase(await template)

const row = '/runs/1/quarantine/row'
const named = 'mapping=people&key=p2'

/** Everything that a form of the page can ask for. */
const actions: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['/runs/1/pause', {}],
  ['/runs/1/resume', {}],
  ['/runs/1/cancel', {}],
  [`${row}/try?${named}`, { 'how.age': 'text', 'value.age': '47' }],
  [`${row}/fix?${named}`, { 'how.age': 'text', 'value.age': '47' }],
  [`${row}/fix-and-retry?${named}`, { 'how.age': 'text', 'value.age': '47' }],
  [`${row}/accept?${named}`, { why: 'old' }],
  [`${row}/unaccept?${named}`, {}],
  ['/runs/1/quarantine/retry?mapping=people', {}],
  ['/runs/1/quarantine/accept?mapping=people', { why: 'old' }],
  ['/runs/1/merges/unmerge?mapping=clinics&key=c2', {}],
]

/** Rows of ledger and targets, and that no workers were started. */
async function unchanged(
  database: TestDatabase,
  allowsControl: boolean,
  work: (visitor: Visitor) => Promise<void>,
): Promise<void> {
  const before = await digest(database, ['drover', 'new', 'old'])
  const started: string[] = []
  const start = async (runId: string) => {
    started.push(runId)
    return 'They work.'
  }
  await visit(database, { allowsControl, start }, work)
  expect(started).toEqual([])
  expect(await digest(database, ['drover', 'new', 'old'])).toEqual(before)
}

describe.concurrent('who may see the page', () => {
  it('the token opens it once, and leaves the address', async () => {
    await visit(await loaded(), {}, async ({ base, address, cookie, send }) => {
      const port = Number(new URL(base).port)
      const entry = await ask(port, address.slice(base.length), {})
      expect(entry).toMatchObject({ status: 303, headers: { location: '/' } })
      expect(entry.headers['set-cookie']).toEqual([`${cookie}; Path=/; HttpOnly; SameSite=Strict`])
      expect(cookie).not.toContain(token)
      expect((await send('/')).status).toBe(200)
      expect(await send(`/runs/1?token=${token}&x=1`)).toMatchObject({
        status: 303,
        headers: { location: '/runs/1?x=1' },
      })
      expect(await send(`//example.com/?token=${token}`)).toMatchObject({ headers: { location: '/example.com/' } })
    })
  })

  const strangers: Readonly<Record<string, Sent['headers']>> = {
    'no token': { cookie: undefined },
    'a wrong cookie': { cookie: 'drover=x' },
    'a host that leads here': { host: 'example.com' },
    'another port of this machine': { host: '127.0.0.1:1' },
  }
  it.for(Object.entries(strangers))('not with %s', async ([, headers]) => {
    const database = await loaded()
    await unchanged(database, true, async ({ send, formToken }) => {
      for (const path of ['/', '/runs/1', '/runs/1/report.json', '/runs/1/events', '/page.js', '/nothing']) {
        const { status, text } = await send(path, { headers: headers! })
        expect([path, status, status >= 400 && status < 404]).toEqual([path, status, true])
        expect(text).not.toMatch(/mending|people|127\.0\.0\.1/)
      }
      for (const [path, fields] of actions) {
        const body = formOf({ 'form-token': formToken, ...fields })
        const { status } = await send(path, { method: 'POST', headers: { ...formHeaders, ...headers }, body })
        expect([path, status >= 400 && status < 404]).toEqual([path, true])
      }
    })
  })

  it('not with a wrong token, or with that of a form', async () => {
    await visit(await loaded(), {}, async ({ send, formToken, base }) => {
      for (const wrong of ['', 'x', formToken, `${token}x`]) {
        const { status, headers } = await send(`/?token=${wrong}`, { headers: { cookie: undefined } })
        expect(status).toBe(403)
        expect(headers['set-cookie']).toBeUndefined()
      }
      const name = `drover-${new URL(base).port}`
      expect((await send('/', { headers: { cookie: `${name}=${token}` } })).status).toBe(403)
    })
  })

  it('every answer is kept from caches, frames and other pages', async () => {
    await visit(await loaded(), {}, async ({ send }) => {
      for (const [path, sent] of [
        ['/', {}],
        ['/runs/1/report.json', {}],
        ['/runs/9', {}],
        ['/', { headers: { cookie: undefined } }],
        ['/page.js', {}],
      ] as const) {
        const { headers } = await send(path, sent)
        expect(headers).toMatchObject({
          'cache-control': 'no-store',
          'referrer-policy': 'no-referrer',
          'x-content-type-options': 'nosniff',
          'cross-origin-resource-policy': 'same-origin',
          'cross-origin-opener-policy': 'same-origin',
          'content-security-policy': expect.stringMatching(/^default-src 'none'; .*frame-ancestors 'none'$/),
        })
        expect(headers['content-security-policy']).not.toContain('unsafe')
      }
    })
  })
})

describe.concurrent('who may change something', () => {
  const foreign: Readonly<Record<string, Sent['headers']>> = {
    'a foreign origin': { origin: 'http://example.com' },
    'a foreign origin that calls itself ours': {
      origin: 'http://127.0.0.1.example.com',
      'sec-fetch-site': 'same-origin',
    },
    'another page of this machine': { origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-site' },
    'another site': { 'sec-fetch-site': 'cross-site' },
    'another site without its origin': { origin: 'null', 'sec-fetch-site': 'cross-site' },
    'nobody who says where he comes from': { origin: undefined, 'sec-fetch-site': undefined },
    'an origin that is null': { origin: 'null', 'sec-fetch-site': undefined },
    'no form, but JSON': { 'content-type': 'application/json' },
    'no form, but text': { 'content-type': 'text/plain' },
    'no type': { 'content-type': undefined },
  }
  it.for(Object.entries(foreign))('not from %s', async ([, headers]) => {
    await unchanged(await loaded(), true, async ({ send, formToken }) => {
      for (const [path, fields] of actions) {
        const body = formOf({ 'form-token': formToken, ...fields })
        const { status } = await send(path, { method: 'POST', headers: { ...formHeaders, ...headers }, body })
        expect([path, [403, 415].includes(status)]).toEqual([path, true])
      }
    })
  })

  it.for([
    ['none', {}],
    ['a wrong one', { 'form-token': 'x' }],
    ['the one of the address', { 'form-token': token }],
  ] as const)('not with a form whose token is %s', async ([, wrong]) => {
    await unchanged(await loaded(), true, async ({ send }) => {
      for (const [path, fields] of actions) {
        const body = formOf({ ...wrong, ...fields })
        expect((await send(path, { method: 'POST', headers: formHeaders, body })).status).toBe(403)
      }
    })
  })

  it('nobody by opening an address, or by another kind of request', async () => {
    await unchanged(await loaded(), true, async ({ send, formToken }) => {
      for (const [path, fields] of actions) {
        expect((await send(path)).status).toBe(404)
        const body = formOf({ 'form-token': formToken, ...fields })
        for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
          expect([method, (await send(path, { method, headers: formHeaders, body })).status]).toEqual([method, 405])
        }
      }
    })
  })

  it('nobody where the page only reads, and it shows no form', async () => {
    await unchanged(await loaded(), false, async ({ send, submit, read }) => {
      for (const [path, fields] of actions) expect([path, (await submit(path, fields)).status]).toEqual([path, 403])
      for (const path of ['/runs/1', '/runs/1/quarantine?mapping=people', `${row}?${named}`]) {
        expect((await send(path)).text).not.toMatch(/method="post"|form-token/)
      }
      expect(await read('/')).toContain('read-only')
    })
  })

  it('not with a form that is too large', async () => {
    await unchanged(await loaded(), true, async ({ submit }) => {
      const { status } = await submit(`${row}/fix?${named}`, { 'how.age': 'text', 'value.age': '4'.repeat(1_200_000) })
      expect(status).toBe(413)
    })
  })
})

describe.concurrent('what an address names is looked up', () => {
  const forged: readonly (readonly [string, number])[] = [
    ['/runs/2', 404],
    ['/runs/0', 404],
    ['/runs/-1', 404],
    ['/runs/1e0', 404],
    ['/runs/01', 404],
    ['/runs/1%00', 404],
    ['/runs/9999999999999999999999', 404],
    ["/runs/1'%20or%20'1'='1", 404],
    ['/runs/2/events', 404],
    ['/runs/2/findings', 404],
    ['/runs/2/report', 404],
    ['/runs/2/report.json', 404],
    ['/runs/2/quarantine', 404],
    ['/runs/2/merges', 404],
    ['/runs/1/quarantine?mapping=nobody', 400],
    ['/runs/1/quarantine?mapping=people&text=%00', 400],
    [`${row}?mapping=people`, 400],
    [`${row}?mapping=nobody&key=p2`, 400],
    [`${row}?mapping=people&key=p1`, 404],
    [`${row}?mapping=people&key=%27%3B%20drop%20table%20drover.run`, 404],
    ['/runs/1/merges?mapping=nobody', 400],
    ['/runs/1/merges/group?mapping=people&key=p1', 404],
    ['/runs/1/merges/group?mapping=clinics&key=nobody', 404],
    ['/etc/passwd', 404],
    ['/runs/1/../../x', 404],
  ]
  it('and what is not there has no page', async () => {
    await unchanged(await loaded(), true, async ({ send, read }) => {
      for (const [path, status] of forged) {
        expect([path, (await send(path)).status]).toEqual([path, status])
        expect(await read(path)).not.toMatch(/select |from drover\.|at .*\.ts:\d/)
      }
    })
  })

  it('and nothing is done with it', async () => {
    await unchanged(await loaded(), true, async ({ submit }) => {
      for (const [path, fields] of actions) {
        const forgeries = [path.replace('/runs/1/', '/runs/2/'), path.replace('/runs/1/', '/runs/1%27/')]
        for (const forgery of forgeries)
          expect([forgery, (await submit(forgery, fields)).status]).toEqual([forgery, 404])
        if (!path.includes('mapping=')) continue
        const other = path.replace(/mapping=\w+/, 'mapping=nobody')
        expect([other, (await submit(other, fields)).status]).toEqual([other, 400])
      }
      // These are begun, refused, and told of on the page that they lead to.
      for (const path of [`${row}/fix?mapping=people&key=p1`, `${row}/accept?mapping=people&key=p1`]) {
        const { headers } = await submit(path, { why: 'old', 'how.age': 'text', 'value.age': '47' })
        expect(headers.location).toMatch(/act=\d+$/)
      }
    })
  })
})
