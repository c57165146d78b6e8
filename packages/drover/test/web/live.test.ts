import { get, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createMendingDatabase } from '../repair/fixture.ts'
import { connectTo } from '../support/connect.ts'
import { createDatabase } from '../support/postgres.ts'
import { openProxy } from '../support/proxy.ts'
import { textOf, type Visitor, visit } from './visitor.ts'

const template = createMendingDatabase().then(({ name }) => name)
const loaded = async () => createDatabase(await template)

interface Received {
  readonly event: string
  readonly id: string
  readonly markup: string
}

interface Listener {
  /** All events so far. */
  readonly received: readonly Received[]
  /** Resolves with the first event that is meant. */
  wait(isMeant: (event: Received) => boolean): Promise<Received>
  readonly ended: Promise<void>
  leave(): void
}

/** Listens to the events of a run. */
async function listen({ base, cookie }: Visitor, path = '/runs/1/events'): Promise<Listener> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${base}${path}`, { headers: { cookie }, agent: false }, resolve).on('error', reject)
  })
  expect(response.headers['content-type']).toBe('text/event-stream')
  const received: Received[] = []
  let rest = ''
  response.setEncoding('utf8').on('data', (text: string) => {
    const blocks = (rest + text).split('\n\n')
    rest = blocks.pop()!
    for (const block of blocks) {
      const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? []
      if (event !== undefined) received.push({ event, id: '', markup: '', ...JSON.parse(data!) })
    }
  })
  const ended = new Promise<void>((resolve) => void response.on('end', resolve).on('error', () => resolve()))
  return {
    received,
    ended,
    leave: () => void response.destroy(),
    async wait(isMeant) {
      for (let waited = 0; waited < 10_000; waited += 20) {
        const found = received.find(isMeant)
        if (found !== undefined) return found
        await sleep(20)
      }
      throw new Error(`It never came; what came: ${received.map(({ event, id }) => `${event} ${id}`).join(', ')}`)
    },
  }
}

const isState = (words: string) => (event: Received) =>
  event.id === 'live-state' && textOf(event.markup).includes(words)

describe.concurrent('the events of a run', () => {
  it('are its parts at first, then those that have changed, and an end', async () => {
    const database = await loaded()
    await visit(database, {}, async (visitor) => {
      const { text } = await visitor.send('/runs/1')
      const listener = await listen(visitor)
      await listener.wait(isState('is loaded'))
      // The same as on the page, so that the script leaves it alone.
      for (const { id, markup } of listener.received) expect(text, id).toContain(`>${markup}</div>`)
      const first = listener.received.length
      await sleep(1_500)
      expect(listener.received).toHaveLength(first)

      await database.query(
        `update drover.chunk set loaded = loaded - 1, quarantined = quarantined + 1 where mapping = 'people'`,
      )
      await listener.wait((event) => event.id === 'live-progress' && listener.received.indexOf(event) >= first)
      expect(listener.received.slice(first).map(({ id }) => id)).not.toContain('live-state')

      await database.query(`update drover.run set state = 'finalized'`)
      await listener.wait(isState('is finalized'))
      await listener.ended
      expect(listener.received.at(-1)).toMatchObject({ event: 'end' })
    })
  })

  it('are read for nobody when nobody listens', async ({ expect }) => {
    const database = await loaded()
    await visit(database, {}, async (visitor) => {
      const lastRead = async () => {
        const [row] = await database.query(`select max(state_change)::text as at from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`)
        return row!.at
      }
      const isRead = async () => {
        const before = await lastRead()
        await expect.poll(lastRead, { timeout: 60_000 }).not.toEqual(before)
      }
      const listeners = [await listen(visitor), await listen(visitor)]
      await isRead()
      listeners[0]!.leave()
      await isRead()
      listeners[1]!.leave()
      // A look that is under way comes to its end.
      await sleep(4_000)
      const before = await lastRead()
      await sleep(2_500)
      expect(await lastRead()).toEqual(before)
    })
  })

  it('tell of the chunks once they are added up, however long that takes', async () => {
    const database = await loaded()
    const holder = connectTo(database.url)
    await holder.query('begin; lock table drover.attempt in access exclusive mode')
    await visit(database, {}, async (visitor) => {
      expect(await visitor.read('/runs/1')).toMatch(/Run 1 of mending is loaded.*are being added up/)
      const listener = await listen(visitor)
      await listener.wait(({ id, markup }) => id === 'live-strips' && markup.includes('being added up'))
      await holder.disconnect()
      await listener.wait(({ id, markup }) => id === 'live-strip-0' && markup.includes('<svg'))
      expect(await visitor.read('/runs/1')).not.toContain('being added up')
    })
  })

  it('say that the database is out of reach, and go on when it is back', async () => {
    const database = await loaded()
    const way = await openProxy(database.url)
    try {
      await visit({ url: way.url }, {}, async (visitor) => {
        const listener = await listen(visitor)
        await listener.wait(isState('is loaded'))
        way.cutOff()
        const outage = (event: Received) => event.id === 'live-outage' && event.markup !== ''
        expect(textOf((await listener.wait(outage)).markup)).toMatch(/What is shown below is from before/)
        const page = await visitor.send('/runs/1')
        expect(page.status).toBe(503)
        expect(textOf(page.text)).toMatch(/This was not done|No PostgreSQL server answers|was lost|broke/)
        const isBack = (event: Received) =>
          event.id === 'live-outage' && event.markup === '' && listener.received.indexOf(event) > 15
        way.admit()
        await listener.wait(isBack)
        expect((await visitor.send('/runs/1')).status).toBe(200)
      })
    } finally {
      await way.close()
    }
  })

  it('end with the server', async () => {
    const database = await loaded()
    let ended: Promise<void> | undefined
    await visit(database, {}, async (visitor) => {
      const listener = await listen(visitor)
      await listener.wait(isState('is loaded'))
      ended = listener.ended
    })
    await ended
  })
})
