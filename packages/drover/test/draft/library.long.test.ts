import { readFile } from 'node:fs/promises'
import { beforeAll, expect, test } from 'vitest'
import { drover } from '../cli/drover.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { type Drafted, draft } from './drafted.ts'

// A small library: keys of whole numbers, one of two columns, an enum, lists, a table that refers to itself.

let database: TestDatabase
let drafted: Drafted

beforeAll(async () => {
  database = await createDatabase()
  await database.query(await readFile(new URL('../../../../docs/start-here/library.sql', import.meta.url), 'utf8'))
  drafted = await draft('library', database.url, '--from', 'old', '--to', 'new', '--name', 'library')
})

test('what was matched is told, with how sure that is', async () => {
  await expect(drafted.told).toMatchFileSnapshot('./library.txt')
})

test('the draft says what names, types and foreign keys tell', async () => {
  const text = drafted.read('migration.ts').replace(/cutover: '[^']+'/, "cutover: '2026-01-01T00:00:00Z'")
  await expect(text).toMatchFileSnapshot('./library.migration.txt')
  expect(drafted.read('drover.config.ts')).toContain('satisfies Config')
})

test('it compiles but for what is undecided, and does not load before', async () => {
  expect(drafted.refused()).toEqual([
    "const zone: string = undecided('By which clocks were times without a zone written?')",
    "language: undecided('What becomes language (text)? It may not be null.'),",
  ])
  const { exit, stderr } = await drover(['plan', 'migration.ts'], { database: database.url, directory: drafted.folder })
  expect({ exit, stderr }).toEqual({
    exit: 2,
    stderr: expect.stringContaining('- By which clocks were times without a zone written?'),
  })
})

test('decided, it runs, and every row has its place', async () => {
  drafted.answer(/: string = undecided\(.*\)/, " = 'Europe/London'")
  drafted.answer(/undecided\('What becomes language.*?'\)/, "constant('en')")
  drafted.answer(/\bundecided,/, 'constant,')
  expect(drafted.refused()).toEqual([])
  const call = { database: database.url, directory: drafted.folder }
  const { exit, stderr } = await drover(['run', 'migration.ts', '--allow', 'drops-indexes,unrehearsed'], call)
  expect({ exit, stderr }).toMatchObject({ exit: 3 })
  expect(
    await database.query(`select c.number, b.title, count(*)::int as loans, min(l.taken_at)::text as first
      from new.loans as l join new.copies as c on c.id = l.copy_id join new.books as b on b.id = c.book_id
      where b.title = 'Book 9' group by 1, 2 order by 1 limit 1`),
  ).toEqual([{ number: 3, title: 'Book 9', loans: expect.any(Number), first: expect.stringMatching(/^2020-/) }])
  expect(await database.query('select count(*)::int as n from new.subjects where parent_id is not null')).toEqual([
    { n: 38 },
  ])
})
