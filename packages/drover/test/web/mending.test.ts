import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { anyValue, createMendingDatabase, neverShown, oddKey } from '../repair/fixture.ts'
import { digest } from '../support/digest.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { textOf, unescaped, type Visitor, visit } from './visitor.ts'

const template = createMendingDatabase().then(({ name }) => name)
const loaded = async () => createDatabase(await template)

const controlled = { allowsControl: true }
const row = '/runs/1/quarantine/row'
const rowOf = (path: string, mapping: string, key: string) =>
  `${row}${path}?mapping=${mapping}&key=${encodeURIComponent(key)}`

/** The page that a form leads to, once it tells what came of it. */
async function follow(visitor: Visitor, sent: Promise<{ status: number; headers: object }>): Promise<string> {
  const { status, headers } = await sent
  expect(status).toBe(303)
  const { location } = headers as { location: string }
  for (;;) {
    const text = await visitor.read(location)
    if (!text.includes('under way')) return text
    await sleep(100)
  }
}

/** Every page of a run that shows rows. */
const pages = [
  '/runs/1',
  '/runs/1/quarantine',
  '/runs/1/quarantine?mapping=people',
  '/runs/1/quarantine?mapping=visits&code=no-amount',
  rowOf('', 'people', 'p2'),
  rowOf('', 'people', 'p3'),
  rowOf('', 'visits', oddKey),
  '/runs/1/merges?mapping=clinics',
  '/runs/1/merges/group?mapping=clinics&key=c1',
  '/runs/1/merges/group?mapping=places&key=%5B%221%22%2C%22x%22%5D',
  '/runs/1/findings',
  '/runs/1/report',
  '/runs/1/report.json',
]

/** Digests and fractions of seconds hold any digits, by chance those of a value, too. */
function withoutDigests(text: string): string {
  return text.replaceAll(/\b[0-9a-f]{40,}\b/g, '').replaceAll(/(?<=:\d\d)\.\d+/g, '')
}

describe.concurrent('what the page shows', () => {
  it('no value of a row', async () => {
    await visit(await loaded(), controlled, async ({ send }) => {
      for (const path of pages) {
        const { status, text } = await send(path)
        expect([path, [200, 404].includes(status)]).toEqual([path, true])
        expect(withoutDigests(text), path).not.toMatch(anyValue)
        expect(withoutDigests(text), path).not.toMatch(neverShown)
      }
    })
  })

  it('values where that is asked for, and those that are personal or secret not even then', async () => {
    await visit(await loaded(), { showsValues: true }, async ({ send, read }) => {
      expect(await read(rowOf('', 'people', 'p2'))).toMatch(/age Geheim4711 /)
      expect(await read('/runs/1/merges/group?mapping=clinics&key=c1')).toContain('GEHEIM nord')
      for (const path of pages) expect(withoutDigests((await send(path)).text), path).not.toMatch(neverShown)
    })
  })

  it('quarantine by cause, and the rows that a filter means, page by page', async () => {
    await visit(await loaded(), {}, async ({ read, send }) => {
      const groups = await read('/runs/1/quarantine')
      expect(groups).toMatch(/no-amount visits amount 123 0 0 /)
      expect(groups).toMatch(/error-23514 visits constraint not_negative, SQLSTATE 23514 1 0 0 v2 /)
      expect(groups).toContain('Choose a mapping')
      const first = await send('/runs/1/quarantine?mapping=visits&code=no-amount')
      const keysOf = (text: string) =>
        [...text.matchAll(/visits&amp;key=([^"]+)"/g)].map((match) => decodeURIComponent(unescaped(match[1]!)))
      expect(keysOf(first.text)).toHaveLength(50)
      expect(keysOf(first.text)[0]).toBe(oddKey)
      const next = unescaped(/href="([^"]*after=[^"]*)"/.exec(first.text)![1]!)
      expect(keysOf((await send(next)).text)[0]).toBe('w049')
      const found = await send('/runs/1/quarantine?mapping=visits&text=w11')
      expect(keysOf(found.text)).toEqual(Array.from({ length: 10 }, (_, i) => `w11${i}`))
      expect(await read('/runs/1/quarantine?mapping=visits&accepted=yes')).toContain('There is no such row')
      expect(await read('/runs/1/quarantine?mapping=visits&text=%25')).toContain('There is no such row')
    })
  })

  it('a key as it is, whatever it holds', async () => {
    await visit(await loaded(), controlled, async (visitor) => {
      const page = await visitor.read(rowOf('', 'visits', oddKey))
      expect(page).toContain(`Row it's "q",␊;$x of visits`)
      const after = await follow(
        visitor,
        visitor.submit(rowOf('/fix', 'visits', oddKey), { 'how.amount': 'text', 'value.amount': '12' }),
      )
      expect(after).toMatch(/A fix of Row it's "q",␊;\$x of visits is stored\. It was not tried yet\./)
    })
  })
})

describe.concurrent('a row is mended', () => {
  it('tried, fixed, and tried again for good', async () => {
    const database = await loaded()
    await visit(database, controlled, async (visitor) => {
      const { send, submit, read } = visitor
      const before = await digest(database, ['drover', 'new'])
      const still = await submit(rowOf('/try', 'people', 'p2'), { 'how.age': 'text', 'value.age': 'forty' })
      expect(still.status).toBe(200)
      expect(textOf(still.text)).toMatch(
        /It would stay in quarantine\. Nothing was kept: this was a dry run\. no-age, column age/,
      )
      const tried = await submit(rowOf('/try', 'people', 'p2'), { 'how.age': 'keep', 'value.age': '47' })
      expect(textOf(tried.text)).toContain('It would be loaded. Nothing was kept')
      // What was filled in is there still, for the next button.
      expect(tried.text).toMatch(
        /<option value="text" selected>[\s\S]*?<textarea name="value\.age"[^>]*>\n47<\/textarea>/,
      )
      expect(await digest(database, ['drover', 'new'])).toEqual(before)

      const fixed = await follow(
        visitor,
        submit(rowOf('/fix', 'people', 'p2'), { 'how.age': 'text', 'value.age': '47' }),
      )
      expect(fixed).toMatch(/A fix of Row p2 of people is stored\. It was not tried yet\./)
      expect(await read('/runs/1/quarantine?mapping=people&code=no-age')).toMatch(/p2 no-age age fix waiting/)
      const loadedNow = await follow(visitor, submit(rowOf('/fix-and-retry', 'people', 'p2')))
      expect(loadedNow).toMatch(/Row p2 of people is tried again\. people: 1 row tried \(1 loaded\)\./)
      expect(await database.query(`select age from new.people where id = 'p2'`)).toEqual([{ age: 47 }])
      expect((await send(rowOf('', 'people', 'p2'))).status).toBe(404)
    })
  })

  it('and what is refused is said where it leads to, without the value', async () => {
    await visit(await loaded(), controlled, async (visitor) => {
      const told = await follow(
        visitor,
        visitor.submit(rowOf('/fix', 'people', 'p4'), { 'how.moved': 'text', 'value.moved': 'Geheim' }),
      )
      expect(told).toMatch(
        /not done Column moved of row p4 cannot be fixed so\. .*where mapping people, source key p4, column moved/,
      )
      expect(told).not.toMatch(anyValue)
      const tried = await visitor.submit(rowOf('/try', 'people', 'p4'), { 'value.moved': 'noon', 'how.moved': 'text' })
      expect(tried.status).toBe(400)
      expect(textOf(tried.text)).toContain('Column moved of row p4 cannot be fixed so.')
      expect(tried.text).toContain('noon</textarea>')
      const secret = { 'how.token': 'text', 'value.token': 'x' }
      expect(await follow(visitor, visitor.submit(rowOf('/fix', 'people', 'p4'), secret))).toContain('it is secret')
      expect((await visitor.send(rowOf('', 'people', 'p4'))).text).not.toContain('how.token')
    })
  })

  it('null and the empty text are two things, and what is left as it is changes nothing', async () => {
    const database = await loaded()
    await visit(database, controlled, async (visitor) => {
      const fields = { 'how.age': 'null', 'how.code': 'text', 'value.code': '', 'how.name': 'keep', 'value.name': '' }
      await follow(visitor, visitor.submit(rowOf('/fix', 'people', 'p3'), { ...fields, 'value.age': 'x' }))
      expect(await database.query('select patch from drover.overlay')).toEqual([{ patch: { age: null, code: '' } }])
    })
  })

  it('accepted with a reason, and taken back', async () => {
    const database = await loaded()
    await visit(database, controlled, async (visitor) => {
      const { submit, read } = visitor
      const accepted = await follow(visitor, submit(rowOf('/accept', 'people', 'p2'), { why: 'too <b>old</b>' }))
      expect(accepted).toMatch(/Accepted \S+ \S+ UTC by postgres : too <b>old<\/b>/)
      expect(await read('/runs/1/quarantine?mapping=people&accepted=yes')).toMatch(/p2 no-age age accepted/)
      expect(await read('/runs/1/quarantine?mapping=people&accepted=no')).not.toMatch(/ p2 no-age/)
      await follow(visitor, submit(rowOf('/unaccept', 'people', 'p2')))
      expect(await read('/runs/1/quarantine?mapping=people&accepted=yes')).toContain('There is no such row')
    })
  })

  it('all rows of a code at once', async () => {
    const database = await loaded()
    await visit(database, controlled, async (visitor) => {
      await database.query(`update old.visits set amount = '7' where id like 'w%'`)
      const told = await follow(visitor, visitor.submit('/runs/1/quarantine/retry?mapping=visits&code=no-amount'))
      expect(told).toMatch(/Rows of visits are tried again\. visits: 123 rows tried \(120 loaded, 3 quarantined\)/)
      const accepted = await follow(
        visitor,
        visitor.submit('/runs/1/quarantine/accept?mapping=visits&code=no-amount', { why: 'x' }),
      )
      expect(accepted).toContain('visits: 3 rows.')
    })
  })

  it('a merge is taken back', async () => {
    const database = await loaded()
    await visit(database, controlled, async (visitor) => {
      const group = await visitor.read('/runs/1/merges/group?mapping=clinics&key=c1')
      expect(group).toMatch(/c1 stands for 2 other rows/)
      const told = await follow(visitor, visitor.submit('/runs/1/merges/unmerge?mapping=clinics&key=c2'))
      expect(told).toMatch(/Row c2 of clinics becomes a row of its own\. clinics: 1 row tried \(1 loaded\)/)
      expect(await database.query('select count(*)::int as n from new.clinics')).toEqual([{ n: 3 }])
    })
  })

  it('not while the run is in a state that does not allow it', async () => {
    const database: TestDatabase = await loaded()
    await database.query(`update drover.run set state = 'rolling_back'`)
    await visit(database, controlled, async (visitor) => {
      expect((await visitor.send(rowOf('', 'people', 'p2'))).text).not.toContain('method="post"')
      const told = await follow(visitor, visitor.submit(rowOf('/fix-and-retry', 'people', 'p2')))
      expect(told).toMatch(/not done Run 1 is rolling back: its rows cannot be mended now/)
    })
  })
})
