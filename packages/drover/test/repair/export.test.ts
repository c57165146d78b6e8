import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { parse } from 'csv-parse/sync'
import { beforeAll, expect, test } from 'vitest'
import { parseCsvFixes } from '../../src/cli/fix-csv.ts'
import { findRun } from '../../src/ledger/run.ts'
import { readChanges } from '../../src/repair/changes.ts'
import { exportQuarantine } from '../../src/repair/export.ts'
import type { Selection } from '../../src/repair/selection.ts'
import { withDatabase } from '../run/fixture.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { anyValue, createMendingDatabase, fixSql, neverShown, oddKey } from './fixture.ts'

let loaded: TestDatabase

beforeAll(async () => {
  loaded = await createMendingDatabase()
})

/** The export as text. */
async function exported(
  selection: Selection,
  values: 'none' | 'masked' | 'shown',
  database: TestDatabase = loaded,
): Promise<string> {
  const stream = new PassThrough()
  const written = text(stream)
  await withDatabase(database.url, (db) =>
    db.transaction(async (tx) => exportQuarantine(tx, await findRun(tx, '1'), selection, values, stream), {
      readOnly: true,
    }),
  )
  stream.end()
  return written
}

const rowsOf = (csv: string) => parse(csv, { columns: true }) as unknown as readonly Record<string, string>[]

test('rows are written in the order of mapping and key, without values', async () => {
  const csv = await exported({}, 'none')
  expect(csv).not.toMatch(anyValue)
  const rows = rowsOf(csv)
  expect(rows).toHaveLength(129)
  expect(rows[0]).toEqual({
    mapping: 'people',
    key: 'p2',
    code: 'no-age',
    columns: 'age',
    sqlstate: '',
    constraint: '',
    set_aside_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    accepted: 'f',
  })
  expect(rows.map(({ key }) => key)).toContain(oddKey)
  expect(rows.find(({ key }) => key === 'v2')).toMatchObject({
    code: 'error-23514',
    columns: '',
    sqlstate: '23514',
    constraint: 'not_negative',
  })
})

test('with values masked, in the order of the table', async () => {
  const csv = await exported({ mapping: 'people' }, 'masked')
  expect(csv).not.toMatch(anyValue)
  const [row] = rowsOf(csv)
  expect(Object.keys(row!).slice(8)).toEqual(
    ['id', 'name', 'email', 'birth', 'age', 'code', 'moved'].map((column) => `masked.${column}`),
  )
  expect(row).toMatchObject({ 'masked.age': 'aaaaaa9999', 'masked.email': 'aaaa9@a' })
})

test('with values, but those that are personal or secret', async () => {
  for (const mapping of ['people', 'profiles']) {
    const csv = await exported({ mapping, keys: ['p2'] }, 'shown')
    expect(csv).not.toMatch(neverShown)
    expect(rowsOf(csv)[0]).toMatchObject({ 'source.age': 'Geheim4711', 'masked.email': 'aaaa9@a' })
  }
})

test('of no rows: the head alone', async () => {
  expect(await exported({ codes: ['none'] }, 'none')).toBe(
    'mapping,key,code,columns,sqlstate,constraint,set_aside_at,accepted\n',
  )
})

test('what was written is a file of fixes that changes nothing, until somebody changes it', async () => {
  const database = await createDatabase(loaded.name)
  await database.query(fixSql('old.people', 'p3', { name: 'Geheim C', age: null }, 'after'))
  for (const mapping of ['people', 'visits']) {
    const csv = await exported({ mapping }, 'shown', database)
    const changed = (file: string) => {
      const { fixes, mistakes } = parseCsvFixes(file)
      expect(mistakes).toEqual([])
      return withDatabase(database.url, (db) =>
        db.transaction(async (tx) =>
          readChanges(
            tx,
            await findRun(tx, '1'),
            fixes.map(({ key, values }) => ({ mapping, key, values })),
          ),
        ),
      )
    }
    expect(await changed(csv)).toEqual([])
    if (mapping === 'visits') {
      expect(await changed(csv.replace('-4711', '4711').replace('=Geheim()', ''))).toEqual([
        { mapping, key: 'v2', values: { amount: '4711' } },
        { mapping, key: 'x1', values: { about: null } },
      ])
    }
  }
})
