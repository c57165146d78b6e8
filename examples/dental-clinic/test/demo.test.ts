import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { createDatabase, type TestDatabase, urlOf } from '../../../packages/drover/test/support/postgres.ts'
import { ended } from './command.ts'

const demo = fileURLToPath(new URL('../demo.ts', import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'drover-demo-'))
const out = join(folder, 'out')

afterAll(() => rm(folder, { recursive: true }))

test.each([
  [['--colour', 'red'], 'There is no flag --colour.'],
  [['red'], 'The demo takes flags, and no other arguments.'],
  [['--scale', 'x'], '--scale must be s or m.'],
  [['--seed', 'abc'], '--seed must be a whole number of at most nine digits.'],
  [['--workers', '0'], '--workers must be a whole number above 0.'],
  [['--chunk-rows', '-1'], '--chunk-rows must be a whole number above 0.'],
  [['--database-url', 'secret'], '--database-url must be postgresql://user:password@host:5432/database'],
])('refuses %j before anything starts', async (args, sentence) => {
  const { code, stdout, stderr } = await ended(start(...args))
  expect(stderr).toContain(sentence)
  expect(stderr).toContain('[usage-invalid]\n  remedy: ')
  expect(stderr).not.toContain('secret')
  expect({ code, stdout, madeDirectory: existsSync(out) }).toEqual({ code: 2, stdout: '', madeDirectory: false })
})

test.each([
  ['a table', 'create table public.patient (id integer)', 'table public.patient'],
  ['a function', 'create function public.one() returns integer language sql return 1', 'function public.one()'],
  ['a type', `create type public.mood as enum ('well')`, 'type public.mood'],
  ['a schema that it makes', 'create schema legacy', 'schema legacy'],
])('refuses a database that holds %s, and writes nothing', async (_, statement, named) => {
  const database = await createDatabase()
  await database.query(`create extension hstore; ${statement}`)
  const before = await contentsOf(database)
  const { code, stdout, stderr } = await ended(start('--database-url', database.url))
  expect(stderr).toBe(
    `The database ${database.name} is not empty. Nothing was written. [state-refused]
  why:    it holds ${named}
  remedy: Make an empty one for the demo: create database demo.\n`,
  )
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(await contentsOf(database)).toEqual(before)
})

test('leaves nothing behind where the server refuses a statement', async () => {
  const database = await createDatabase()
  const before = await contentsOf(database)
  await database.query(`alter database ${database.name} set statement_timeout = '1s'`)
  const { code, stdout, stderr } = await ended(start('--database-url', database.url, '--scale', 'm'))
  expect(stdout).toMatch(/^Generating .* … \n$/)
  expect(stderr).toMatch(/^The legacy database could not be made\. Nothing of it is left\. \[statement-failed\]\n/)
  expect(code).toBe(1)
  expect(await contentsOf(database)).toEqual(before)
})

test.each([
  [
    'no server',
    'postgresql://localhost:1/demo',
    'No PostgreSQL server answers. [database-unreachable]',
    'ECONNREFUSED',
  ],
  ['no such database', urlOf('absent'), 'The server refused the connection. [database-refused]', '3D000'],
])('says in the words of drover that there is %s', async (_, url, what, why) => {
  const { code, stdout, stderr } = await ended(start('--database-url', url))
  expect(stderr).toMatch(new RegExp(`^${RegExp.escape(what)}\n  where: .*\n  why: .*${why}.*\n  remedy: .*\n$`))
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
})

test.each(['SIGINT', 'SIGTERM'] as const)('stops at once at %s while it generates', async (name) => {
  const database = await createDatabase()
  const before = await contentsOf(database)
  const child = start('--database-url', database.url, '--scale', 'm')
  const result = ended(child)
  await said(child, 'Generating')
  await expect
    .poll(
      () =>
        database.query(`select from pg_stat_activity where query ~ 'dental_generator' and state = 'active'
      and datname = current_database() and pid <> pg_backend_pid()`),
      { timeout: 60_000, interval: 20 },
    )
    .not.toEqual([])
  const { seconds, ...end } = await interrupted(child, name, result)
  expect(seconds).toBeLessThan(20)
  expect(end).toMatchObject({ code: 130, stderr: 'Interrupted. Nothing is left in the database.\n' })
  expect(await contentsOf(database)).toEqual(before)
})

test('stops a command that is under way, and says what is left', async () => {
  const database = await createDatabase()
  const child = start('--database-url', database.url)
  const result = ended(child)
  await said(child, '$ drover plan')
  const { seconds, ...end } = await interrupted(child, 'SIGINT', result)
  expect(seconds).toBeLessThan(20)
  expect(end.stderr).toMatch(/^Interrupted\. The database stays as it is, .*\n$/)
  expect(end.stdout).toMatch(/\n\n\$ drover plan migration.ts --summary\n$/)
  expect(end.code).toBe(130)
})

function start(...args: readonly string[]): ChildProcess {
  const { DROVER_EXAMPLE_TOKEN_KEY: _, ...env } = process.env
  return spawn(process.execPath, ['--conditions=source', demo, '--out', out, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  })
}

async function said(child: ChildProcess, text: string): Promise<void> {
  for (let heard = ''; !heard.includes(text); ) heard += String((await once(child.stdout!, 'data'))[0])
}

async function interrupted(child: ChildProcess, name: NodeJS.Signals, result: ReturnType<typeof ended>) {
  const sent = performance.now()
  child.kill(name)
  return { ...(await result), seconds: (performance.now() - sent) / 1000 }
}

/** Relations and schemas, by name. */
function contentsOf(database: TestDatabase) {
  return database.query(
    `select oid::regclass::text as name from pg_class union all select nspname from pg_namespace order by name`,
  )
}
