import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callInProcess } from '../cli/in-process.ts'
import { createDatabase, onServer, type TestDatabase, urlOf } from '../support/postgres.ts'
import { pageOf, root } from './page.ts'

const fixtures = `${root}packages/drover/test/cli/fixtures/`
const migration = `${fixtures}migration.ts`
const run = ['run', migration, '--allow', 'merges-rows,unrehearsed,drops-indexes']

/** The statements of the page, block by block. */
const [checker, migrator, wayBack, auditor, ahead] = pageOf('docs/security.md')
  .blocks.filter(({ language }) => language === 'sql')
  .map(({ text }) => text.split('\n'))

const roles = ['drover_checker', 'drover_migrator', 'drover_auditor']
let empty: TestDatabase

beforeAll(async () => {
  empty = await createDatabase()
  await empty.query(readFileSync(`${fixtures}schema.sql`, 'utf8'))
  await empty.disconnect()
  // Roles belong to the server. Whoever runs the file after a crash finds them there.
  await onServer((client) => client.query(`drop role if exists ${roles.join(', ')}`))
  for (const role of roles) await onServer((client) => client.query(`create role ${role} login password 'x'`))
})

afterAll(async () => {
  for (const database of made) await database.drop()
  await onServer((client) => client.query(`drop role ${roles.join(', ')}`))
})

const made: TestDatabase[] = []

/** A database as the page has it, in which these statements of the page hold. */
async function granted(...statements: readonly string[]): Promise<TestDatabase> {
  const database = await createDatabase(empty.name)
  made.push(database)
  await grant(database, statements)
  return database
}

async function grant(database: TestDatabase, statements: readonly string[]): Promise<void> {
  for (const statement of statements.filter((each) => !each.startsWith('create role'))) {
    await database.query(statement.replace('database app', `database ${database.name}`))
  }
}

const as = (role: string, { name }: TestDatabase) => urlOf(name, { name: role, password: 'x' })

test('the page makes the three roles of which this file has others alike', () => {
  const makes = [checker, migrator, auditor].map((statements) => statements![0])
  expect(makes).toEqual(roles.map((role) => `create role ${role} login;`))
})

test('the checker plans and checks, and cannot run', async () => {
  const database = await granted(...checker!)
  const url = as('drover_checker', database)
  expect(await callInProcess(['plan', migration], url)).toMatchObject({ exit: 0 })
  expect(await callInProcess(['check', migration], url)).toMatchObject({ exit: 0 })
  expect(await callInProcess(run, url)).toMatchObject({ exit: 1, stderr: expect.stringContaining('privilege-missing') })
})

describe('the migrator', () => {
  test('runs and verifies; takes it back with the further grant; the auditor reads all of it', async () => {
    const database = await granted(...migrator!)
    const url = as('drover_migrator', database)
    expect(await callInProcess(run, url)).toMatchObject({ exit: 3 })
    expect(await callInProcess(['verify', migration], url)).toMatchObject({ exit: 0 })

    // The ledger is closed to the checker, who needs nothing of it.
    await grant(database, checker!)
    for (const command of ['plan', 'check']) {
      const { exit, stderr } = await callInProcess([command, migration], as('drover_checker', database))
      expect({ exit, stderr }, command).toMatchObject({ exit: 0 })
    }

    await grant(database, [...auditor!, ...ahead!])
    const reader = as('drover_auditor', database)
    for (const words of [['status'], ['report', '--format', 'markdown'], ['quarantine', 'list']]) {
      expect(await callInProcess(words, reader), words[0]).toMatchObject({ exit: 0 })
    }
    expect(await callInProcess(['status'], as('drover_checker', database))).toMatchObject({ exit: 1 })

    expect(await callInProcess(['rollback'], url)).toMatchObject({ exit: 1 })
    await grant(database, wayBack!)
    expect(await callInProcess(['rollback'], url)).toMatchObject({ exit: 0 })
    expect(await callInProcess(run, url)).toMatchObject({ exit: 3 })
    expect(await callInProcess(['report', '--format', 'markdown'], reader)).toMatchObject({ exit: 0 })
  })

  test.each(migrator!.slice(1))('needs: %s', async (left) => {
    const database = await granted(...migrator!.filter((statement) => statement !== left))
    const { exit, stderr } = await callInProcess(run, as('drover_migrator', database))
    expect({ exit, stderr }).toEqual({
      exit: expect.toBeOneOf([1, 2]),
      stderr: expect.stringMatching(/may not|permission/),
    })
  })
})
