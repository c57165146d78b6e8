import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drover } from '../cli/drover.ts'
import { callInProcess } from '../cli/in-process.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { draft } from './drafted.ts'

const folder = mkdtempSync(join(tmpdir(), 'drover-init-'))
let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
  await database.query(`
    create schema old;
    create table old."User" (id int primary key, "fullName" text);
    create table old.log (at timestamptz, what text);
    create schema new;
    create table new.users (id int primary key, full_name text);
    create table new.logs (id bigint generated always as identity primary key, at timestamptz, what text);
    create table new.teams (id uuid primary key)`)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const init = (...words: readonly string[]) => callInProcess(['init', '--dir', folder, ...words], database.url)

test('without a terminal it names the flags that say what it would ask', async () => {
  expect(await init('--to', 'new')).toEqual({
    exit: 2,
    stdout: '',
    stderr: expect.stringMatching(
      /nobody is there to be asked[\s\S]*Which schemas hold the source\? --from[\s\S]*remedy/,
    ),
  })
})

test('in a terminal it asks, and takes what stands in brackets for an empty answer', async () => {
  const stdin = Object.assign(new PassThrough(), { isTTY: true }) as unknown as NodeJS.ReadStream
  stdin.push('old\n\n')
  const { exit, stderr } = await callInProcess(['init', '--dir', folder], database.url, stdin)
  expect({ exit, stderr }).toEqual({
    exit: 2,
    stderr: expect.stringMatching(
      /Which schemas hold the source\? \[legacy\] [\s\S]*Which schemas are the target\? \[public\] [\s\S]*has anything in common/,
    ),
  })
})

test('input that ends is no answer', async () => {
  const stdin = Object.assign(new PassThrough(), { isTTY: true }) as unknown as NodeJS.ReadStream
  stdin.push(null)
  const { exit, stderr } = await callInProcess(['init', '--dir', folder], database.url, stdin)
  expect({ exit, stderr }).toEqual({ exit: 2, stderr: expect.stringContaining('--from') })
})

test.each([
  [['--from', 'old', '--to', 'nwe'], /The schema nwe does not exist/],
  [['--from', 'old', '--to', 'old'], /old would be source and target at once/],
  [['--from', 'public', '--to', 'new'], /No table of public has anything in common with one of new/],
])('%j is refused, and nothing is written', async (words, refusal) => {
  expect(await init(...words)).toEqual({ exit: 2, stdout: '', stderr: expect.stringMatching(refusal) })
  expect(existsSync(join(folder, 'migration.ts'))).toBe(false)
})

test('files that are there stay as they are, unless it is said', async () => {
  writeFileSync(join(folder, 'migration.ts'), 'mine')
  const refused = await init('--from', 'old', '--to', 'new')
  expect(refused).toEqual({ exit: 2, stdout: '', stderr: expect.stringMatching(/migration\.ts would be written over/) })
  expect(existsSync(join(folder, 'old.types.ts'))).toBe(false)
  expect(readFileSync(join(folder, 'migration.ts'), 'utf8')).toBe('mine')
  expect(await init('--from', 'old', '--to', 'new', '--force')).toMatchObject({ exit: 0 })
  expect(readFileSync(join(folder, 'migration.ts'), 'utf8')).toContain('defineMigration<Old, New>')
})

test('tables without a key, tables alone, names in quotes', async () => {
  const drafted = await draft('alone', database.url, '--from', 'old', '--to', 'new')
  expect(drafted.refused()).toEqual([
    "key: () => undecided('What identifies a row of old.log? It has no primary key.'),",
  ])
  const text = drafted.read('migration.ts')
  expect(text).toContain("db.selectFrom('old.User as u')")
  expect(text).toContain('full_name: u.fullName')
  expect(text).toContain('// No mapping fills these tables of the target: new.teams.')
  expect(drafted.told).toContain('Of the target, nothing fills: new.teams.')
})

test('a reference of two columns is required as one of one is', async () => {
  const two = await createDatabase()
  await two.query(`
    create schema old; create schema new;
    create table old.copies (book int, number int, primary key (book, number));
    create table old.loans (id int primary key, book int, number int, foreign key (book, number) references old.copies);
    create table new.copies (id uuid primary key);
    create table new.loans (id uuid primary key, copy_id uuid not null references new.copies)`)
  const drafted = await draft('two', two.url, '--from', 'old', '--to', 'new')
  expect(drafted.refused()).toEqual([])
  expect(drafted.read('migration.ts')).toContain(
    "ref([required(l.book).orQuarantine('no-copy'), required(l.number).orQuarantine('no-copy')], copies)",
  )
})

test('tables of Prisma, and names that no mapping may have', async () => {
  const prisma = await createDatabase()
  const tables = (schema: string, id: string) => `create schema ${schema};
    create table ${schema}."PostTag" (id ${id} primary key, "madeAt" timestamp);
    create table ${schema}."post-tag" (id ${id} primary key, label text);
    create table ${schema}."2nd Größe_${'x'.repeat(50)}" (id ${id} primary key);
    create table ${schema}.text (id ${id} primary key)`
  await prisma.query(tables('old', 'int'))
  await prisma.query(tables('new', 'uuid'))
  const drafted = await draft('prisma', prisma.url, '--from', 'old', '--to', 'new', '--name', 'prisma')
  expect(drafted.refused()).toEqual([])
  const text = drafted.read('migration.ts')
  expect([...text.matchAll(/const (\w+) = m\.map\('(\w+)'/g)].map(([, constant, name]) => [constant, name])).toEqual([
    ['postTag', 'post_tag'],
    ['newPostTag', 'new_post_tag'],
    [expect.stringMatching(/^ndGrEX/), expect.stringMatching(/^nd_gr_e_x{37}$/)],
    ['textRows', 'text'],
  ])
  const call = { database: prisma.url, directory: drafted.folder }
  expect(await drover(['plan', 'migration.ts'], call)).toMatchObject({ exit: 0 })
})

test('a source on another server is drafted as it lands', async () => {
  const source = await createDatabase()
  await source.query(`create type kind as enum ('a', 'b'); create table public.users (id int primary key, full_name text, kind kind);
    create table public.notes (id int primary key, user_id int references public.users)`)
  await database.query('create table public.notes (id uuid primary key, user_id uuid, made timestamptz not null)')
  const words = ['--source-url', source.url, '--as', 'public=legacy', '--from', 'public', '--to', 'new,public']
  const drafted = await draft('elsewhere', database.url, ...words)
  expect(drafted.read('drover.config.ts')).toContain("landAs: { public: 'legacy' }")
  expect(drafted.read('drover.config.ts')).not.toContain(source.url)
  expect(drafted.read('legacy.types.ts')).toContain("'legacy.users'")
  expect(drafted.read('migration.ts')).toContain("db.selectFrom('legacy.users as u')")
  expect(drafted.refused()).toEqual(
    [
      "made: undecided('What becomes made (timestamp with time zone)? It may not be null.'),",
      "user_id: undecided('How does user_id (integer) become user_id (uuid)?'),",
    ]
      .sort()
      .reverse(),
  )
})
