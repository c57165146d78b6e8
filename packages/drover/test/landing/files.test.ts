import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/db/connection.ts'
import { openDatabase } from '../../src/db/pg.ts'
import { dropLanded } from '../../src/landing/drop.ts'
import { landFile } from '../../src/landing/file/land-file.ts'
import type { LandingEvent } from '../../src/landing/progress.ts'
import type { TestDatabase } from '../support/connect.ts'
import { createDatabase } from '../support/postgres.ts'

let database: TestDatabase
let db: Database
let directory: string

beforeAll(async () => {
  database = await createDatabase()
  db = await openDatabase(database.url)
  directory = await mkdtemp(join(tmpdir(), 'drover-files-'))
})

afterAll(async () => {
  await db.close()
  await rm(directory, { recursive: true, force: true })
})

/** Lands a file with such content as `old.<name>`, and returns what was told. */
async function landText(name: string, text: string | Buffer): Promise<readonly LandingEvent[]> {
  const path = join(directory, name)
  await writeFile(path, text)
  const events: LandingEvent[] = []
  const kind = name.endsWith('.csv') ? 'csv' : 'jsonl'
  const target = { schema: 'old', name: name.replace(/\.\w+$/, '') }
  await landFile(db, { path, kind, target }, (event) => events.push(event))
  return events
}

const rowsOf = (table: string) => database.query(`select * from old."${table}"`)

describe('a CSV file', () => {
  it('becomes a table of texts: an empty value is null, a quoted one is not', async () => {
    const events = await landText(
      'plain.csv',
      '\uFEFF"id",name,"a ""note"""\r\n1,"Grüße, ""x""\r\nline",\r\n2,"", blank \r\n',
    )
    expect(events).toEqual([{ kind: 'landed', table: { schema: 'old', name: 'plain' }, rows: '2', proof: null }])
    expect(await rowsOf('plain')).toEqual([
      { id: '1', name: 'Grüße, "x"\r\nline', 'a "note"': null },
      { id: '2', name: '', 'a "note"': ' blank ' },
    ])
  })

  it('of one column, and one without rows', async () => {
    await landText('single.csv', 'id\n1\n2')
    await landText('rowless.csv', 'id,name\n')
    expect([await rowsOf('single'), await rowsOf('rowless')]).toEqual([[{ id: '1' }, { id: '2' }], []])
  })

  it('is known by its bytes: it stays, and another one does not take its place', async () => {
    await landText('known.csv', 'id\n1\n')
    expect(await landText('known.csv', 'id\n1\n')).toEqual([{ kind: 'kept', table: { schema: 'old', name: 'known' } }])
    await expect(landText('known.csv', 'id\n2\n')).rejects.toMatchObject({ code: 'landing-refused' })
    const [row] = await database.query(
      `select bytes::int as bytes, sha256, rows::int as rows from drover.landing where table_name = 'known'`,
    )
    expect(row).toEqual({
      bytes: 5,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      rows: 1,
    })
    await dropLanded(db, ({ name }) => name === 'known')
    await landText('known.csv', 'id\n2\n')
    expect(await rowsOf('known')).toEqual([{ id: '2' }])
  })

  it.each([
    ['too-few', 'a,b\n1,2\nsecret\n', { code: 'file-refused', where: /too-few\.csv, line 3$/ }],
    ['not-utf8', Buffer.from('a\nfine\n\xff\n', 'latin1'), { code: 'file-refused', where: /not-utf8\.csv, line 3$/ }],
    ['unnamed', 'a,,a\n', { code: 'file-refused', findings: ['a column has no name', 'the column a is there twice'] }],
    ['nothing', '', { code: 'file-refused', what: 'The file has no header.' }],
    ['open-quote', '"a\n1\n', { code: 'file-refused', why: 'CSV_QUOTE_NOT_CLOSED' }],
    ['marker', 'a\n1\n\\.\n2\n', { code: 'file-refused', what: /^A line of the file is \\\. alone/ }],
    ['marker-at-end', 'a\n1\n\\.', { code: 'file-refused', what: /^A line of the file is \\\. alone/ }],
    ['long', `${'x'.repeat(64)}\n`, { code: 'file-refused', findings: [/longer than 63 bytes/] }],
  ])('is refused with its line and without its values, and leaves nothing: %s', async (name, text, refusal) => {
    const thrown = await landText(`${name}.csv`, text).catch((error: unknown) => error)
    for (const [key, value] of Object.entries(refusal)) {
      const told = (thrown as Record<string, unknown>)[key]
      if (value instanceof RegExp) expect(told).toMatch(value)
      else if (Array.isArray(value)) value.map((part, i) => expect((told as string[])[i]).toMatch(part))
      else expect(told).toBe(value)
    }
    const { what, why, where } = thrown as Record<string, string>
    expect([what, why, where].join(' ')).not.toContain('secret')
    expect(await database.query(`select to_regclass('old."${name}"') as made`)).toEqual([{ made: null }])
    expect(await database.query(`select from drover.landing where table_name = '${name}'`)).toEqual([])
  })

  it('that is not there', async () => {
    const missing = landFile(db, {
      path: join(directory, 'missing.csv'),
      kind: 'csv',
      target: { schema: 'old', name: 'm' },
    })
    await expect(missing).rejects.toMatchObject({ code: 'usage-invalid', why: 'ENOENT' })
  })
})

describe('a JSONL file', () => {
  it('has the columns of all its objects; numbers keep their digits, what lies deeper its text', async () => {
    await landText(
      'objects.jsonl',
      [
        '{"id": 1.10, "name": "Grü\\u00dfe \\"x\\"\\\\ \u2028", "deep": {"a": [1.00, null]}}',
        '',
        '{"big": 12345678901234567890, "id": "two", "yes": true, "name": null, "empty": ""}\r',
      ].join('\n'),
    )
    const nothing = { name: null, deep: null, big: null, yes: null, empty: null }
    expect(await rowsOf('objects')).toEqual([
      { ...nothing, id: '1.10', name: 'Grüße "x"\\ \u2028', deep: '{"a": [1.00, null]}' },
      { ...nothing, id: 'two', big: '12345678901234567890', yes: 'true', empty: '' },
    ])
    expect(await database.query(`select to_regclass('drover.landing_line') as left`)).toEqual([{ left: null }])
  })

  it.each([
    ['no-json', '{"a": 1}\n\n{secret}\n', /no-json\.jsonl, line 3$/],
    ['no-object', '{"a": 1}\n["secret"]\n', /no-object\.jsonl, line 2$/],
    ['no-text', '{"a": "secret\\u0000"}\n', /no-text\.jsonl$/],
  ])('is refused with its line and without its values: %s', async (name, text, where) => {
    const thrown = (await landText(`${name}.jsonl`, text).catch((error: unknown) => error)) as Record<string, string>
    expect(thrown).toMatchObject({ code: 'file-refused', where: expect.stringMatching(where) })
    expect([thrown.what, thrown.why].join(' ')).not.toContain('secret')
    expect(await database.query(`select to_regclass('old."${name}"') as made`)).toEqual([{ made: null }])
  })
})
