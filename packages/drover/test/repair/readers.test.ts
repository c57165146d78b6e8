import { beforeAll, describe, expect, test } from 'vitest'
import type { Transaction } from '../../src/db/connection.ts'
import { findRun, type Run } from '../../src/ledger/run.ts'
import { readChanges } from '../../src/repair/changes.ts'
import { readQuarantineGroups } from '../../src/repair/groups.ts'
import { findMerged, readMergeGroup } from '../../src/repair/merge-group.ts'
import { readGroupPage, readMergedMappings } from '../../src/repair/merge-groups.ts'
import { findQuarantined } from '../../src/repair/named-rows.ts'
import { readQuarantinePage } from '../../src/repair/page.ts'
import { readQuarantinedRow } from '../../src/repair/row.ts'
import { withDatabase } from '../run/fixture.ts'
import { digest } from '../support/digest.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { anyValue, createMendingDatabase, fixSql, neverShown, oddKey } from './fixture.ts'

let loaded: TestDatabase

beforeAll(async () => {
  loaded = await createMendingDatabase()
})

/** Reads of the run, in a database of its own where something is changed before. */
async function reading<T>(read: (tx: Transaction, run: Run) => Promise<T>, change?: string): Promise<T> {
  const database = change === undefined ? loaded : await createDatabase(loaded.name)
  if (change !== undefined) await database.query(change)
  const result = await withDatabase(database.url, (db) =>
    db.transaction(async (tx) => read(tx, await findRun(tx, '1')), { readOnly: true }),
  )
  await database.disconnect()
  return result
}

const row = (mapping: string, key: string, showsValues = false) =>
  reading((tx, run) => readQuarantinedRow(tx, run, { mapping, key }, { showsValues }))

describe('quarantined rows', () => {
  test('are grouped by cause', async () => {
    const groups = await reading((tx, run) => readQuarantineGroups(tx, run, {}))
    const all = groups.map((group) => [
      group.mapping,
      group.code,
      group.columns,
      group.sqlstate,
      group.constraint,
      group.rows,
    ])
    expect(all).toEqual([
      ['visits', 'no-amount', 'amount', null, null, 123n],
      ['people', 'no-age', 'age', null, null, 2n],
      ['people', 'no-name', 'name', null, null, 2n],
      ['profiles', 'no-birth', 'birth', null, null, 1n],
      ['visits', 'error-23514', null, '23514', 'not_negative', 1n],
    ])
    expect(groups[0]!.sampleKeys).toEqual([oddKey, 'v3', 'w001', 'w002', 'w003'])
  })

  test('are selected by mapping, code and key together', async () => {
    const count = async (selection: Parameters<typeof readQuarantineGroups>[2]) =>
      (await reading((tx, run) => readQuarantineGroups(tx, run, selection))).reduce((sum, { rows }) => sum + rows, 0n)
    expect(await count({ mapping: 'people' })).toBe(4n)
    expect(await count({ mapping: 'people', codes: ['no-age', 'no-birth'] })).toBe(2n)
    expect(await count({ keys: ['p2', 'x1', oddKey] })).toBe(5n)
    expect(await count({ mapping: 'visits', keys: ['p2'] })).toBe(0n)
    expect(await count({ codes: [] })).toBe(0n)
  })

  test('tell what is decided about them', async () => {
    const groups = await reading(
      (tx, run) => readQuarantineGroups(tx, run, { mapping: 'people' }),
      `${fixSql('old.people', 'p2', { age: '47' }, 'after')} ${fixSql('old.people', 'p4', { age: '47' }, 'before')}
      ${fixSql('old.visits', 'p3', { amount: '1' }, 'after')}
      update drover.quarantine set accepted_at = now(), accepted_by = 'me', accepted_why = 'so' where source_key = 'p4'`,
    )
    // A fix that is older than the row's place in quarantine was tried.
    expect(groups.map(({ code, accepted, fixed }) => [code, accepted, fixed])).toEqual([
      ['no-age', 1n, 1n],
      ['no-name', 0n, 0n],
    ])
  })

  test('are listed page by page, each once', async () => {
    const keys: string[] = []
    let after: string | null | undefined
    let pages = 0
    while (after !== null) {
      const page = await reading((tx, run) =>
        readQuarantinePage(tx, run, { mapping: 'visits' }, { after: after ?? undefined, limit: 31 }),
      )
      keys.push(...page.rows.map(({ key }) => key))
      after = page.after
      pages += 1
    }
    expect([pages, keys.length, new Set(keys).size]).toEqual([4, 124, 124])
    expect(keys).toEqual(keys.toSorted())
  })

  test('are found by their keys, in every mapping of their source', async () => {
    const find = (keys: readonly string[], mapping?: string) =>
      reading((tx, run) => findQuarantined(tx, run, mapping === undefined ? { keys } : { mapping, keys }))
    expect(await find(['p2', 'p3'])).toEqual([
      { mapping: 'people', key: 'p2' },
      { mapping: 'people', key: 'p3' },
      { mapping: 'profiles', key: 'p2' },
    ])
    expect(await find(['x1'], 'visits')).toEqual([{ mapping: 'visits', key: 'x1' }])
    await expect(find(['x1'])).rejects.toMatchObject({
      code: 'key-ambiguous',
      where: 'mapping people, mapping visits',
      remedy: 'Say which one is meant: --mapping people.',
    })
    await expect(find(['p2', 'p1', 'nobody'])).rejects.toMatchObject({
      code: 'row-missing',
      what: 'Run 1 has no quarantined row p1, nobody.',
    })
    await expect(find(['x1'], 'vists')).rejects.toMatchObject({
      code: 'usage-invalid',
      remedy: expect.stringContaining('visits'),
    })
  })
})

describe('a quarantined row', () => {
  test('is shown with its reasons, and with the shapes of its values', async () => {
    expect(await row('people', 'p3')).toMatchObject({
      code: 'no-name',
      reasons: [
        { code: 'no-name', column: 'name' },
        { code: 'no-age', column: 'age' },
      ],
      sqlstate: null,
      original: [
        { column: 'id', value: 'a9', isMasked: true },
        { column: 'name', value: null, isMasked: true },
        { column: 'email', value: 'aaaa9@a', isMasked: true },
        { column: 'birth', value: '9999-99-99', isMasked: true },
        { column: 'age', value: 'aaaaaa', isMasked: true },
        { column: 'code', value: 'aaaaaa', isMasked: true },
        { column: 'moved', value: null, isMasked: true },
      ],
      secret: ['token'],
      fix: null,
      acceptance: null,
    })
  })

  test('is shown with its values on request, but for what is personal or secret in any mapping of its source', async () => {
    const shown = Object.fromEntries(
      (await row('profiles', 'p2', true))!.original!.map((cell) => [cell.column, cell.value]),
    )
    expect(shown).toEqual({
      id: 'p2',
      name: 'Geheim B',
      email: 'aaaa9@a',
      birth: null,
      token: 'aaaaa9',
      age: 'Geheim4711',
      code: '',
      moved: null,
    })
  })

  test('tells what the server said of it', async () => {
    expect(await row('visits', 'v2')).toMatchObject({
      sqlstate: '23514',
      reasons: [{ code: 'error-23514', column: null, table: 'new.visits', constraint: 'not_negative' }],
    })
  })

  test('tells of its fix, whatever the type of its key, and of who accepted it', async () => {
    const change = `${fixSql('old.people', 'p2', { age: '4711', email: 'Mail9@y', code: null }, 'after')}
      update drover.quarantine set accepted_at = now(), accepted_by = 'me', accepted_why = 'so' where source_key = 'p2'`
    const read = (showsValues: boolean) =>
      reading((tx, run) => readQuarantinedRow(tx, run, { mapping: 'people', key: 'p2' }, { showsValues }), change)
    expect(await read(false)).toMatchObject({
      fix: {
        values: [
          { column: 'email', value: 'aaaa9@a' },
          { column: 'age', value: '9999' },
          { column: 'code', value: null },
        ],
        by: 'postgres',
        waits: true,
      },
      acceptance: { by: 'me', why: 'so' },
    })
    const shown = await read(true)
    expect(shown!.fix!.values.map(({ value }) => value)).toEqual(['aaaa9@a', '4711', null])
  })

  test.each(['people', 'profiles', 'visits'])('of %s never leaves the database unmasked unasked', async (mapping) => {
    const page = await reading((tx, run) => readQuarantinePage(tx, run, { mapping }, { limit: 10 }))
    for (const { key } of page.rows) {
      expect(JSON.stringify(await row(mapping, key))).not.toMatch(anyValue)
      expect(JSON.stringify(await row(mapping, key, true))).not.toMatch(neverShown)
    }
  })

  test('that is not there is no row', async () => {
    expect(await row('people', 'p1')).toBeUndefined()
  })
})

describe('fixes', () => {
  const changes = (values: Record<string, string | null>) =>
    reading(
      (tx, run) => readChanges(tx, run, [{ mapping: 'people', key: 'p2', values }]),
      fixSql('old.people', 'p2', { age: '47' }, 'after'),
    )

  test('are what differs from what a retry would read', async () => {
    expect(await changes({ id: 'p2', name: 'Geheim B', age: '47', code: '', moved: null })).toEqual([])
    expect(await changes({ name: 'Geheim B', age: 'Geheim4711', code: null, none: 'x' })).toEqual([
      { mapping: 'people', key: 'p2', values: { age: 'Geheim4711', code: null, none: 'x' } },
    ])
  })
})

describe('merges', () => {
  test('are counted by mapping', async () => {
    expect(await reading(readMergedMappings)).toEqual([
      { mapping: 'clinics', merged: 2n, survivors: 1n, largest: 3n, largestSurvivor: 'c1' },
      { mapping: 'places', merged: 1n, survivors: 1n, largest: 2n, largestSurvivor: '["1", "x"]' },
      { mapping: 'names', merged: 2n, survivors: 1n, largest: 3n, largestSurvivor: 'c1' },
    ])
  })

  test('are listed page by page', async () => {
    const page = (limit: number, after?: string) =>
      reading(
        (tx, run) => readGroupPage(tx, run, 'clinics', { after, limit }),
        `
        insert into drover.merge values (1, 'clinics', 'c7', 'c6'), (1, 'clinics', 'c9', 'c8')`,
      )
    expect(await page(2)).toEqual({
      groups: [
        { survivor: 'c1', merged: 2n, sampleKeys: ['c2', 'c3'] },
        { survivor: 'c6', merged: 1n, sampleKeys: ['c7'] },
      ],
      after: 'c6',
    })
    expect(await page(2, 'c6')).toEqual({ groups: [{ survivor: 'c8', merged: 1n, sampleKeys: ['c9'] }], after: null })
  })

  const group = (mapping: string, key: string, showsValues: boolean, change?: string) =>
    reading((tx, run) => readMergeGroup(tx, run, { mapping, key }, { showsValues }), change)

  test('show in which columns the rows differ', async () => {
    const values = (name: string, fax: string | null, email: string) => [...name.split('/'), fax, email]
    expect(await group('clinics', 'c3', false)).toEqual({
      mapping: 'clinics',
      survivor: 'c1',
      merged: ['c2', 'c3'],
      differences: {
        columns: ['id', 'name', 'fax', 'email'].map((column) => ({ column, isMasked: true })),
        rows: [
          { key: 'c1', values: values('a9/aaaaaa aaaa', '9999', 'aaaa@a9') },
          { key: 'c2', values: values('a9/aaaaaa aaaa', '9999', 'aaaa@a9') },
          { key: 'c3', values: values('a9/aaaaaa aaaa', null, 'aaaa@a9') },
        ],
      },
    })
    const shown = await group('clinics', 'c1', true)
    expect(shown.differences!.rows.map((row) => row.values.slice(1))).toEqual([
      ['Geheim Nord', '4711', 'aaaa@a9'],
      ['GEHEIM nord', '4711', 'aaaa@a9'],
      ['geheim nord', null, 'aaaa@a9'],
    ])
  })

  test.each([
    ['places', '["1", "y"]', ['a', 'name']],
    ['names', 'c2', ['id', 'name', 'fax']],
  ])('of %s too', async (mapping, key, columns) => {
    const { differences } = await group(mapping, key, false)
    expect(differences!.columns.map(({ column }) => column)).toEqual(columns)
  })

  test.each([
    ['is gone', 'drop table old.clinics cascade'],
    ['lost a row', `delete from old.clinics where id = 'c2'`],
  ])('say nothing of differences where the source %s', async (_, change) => {
    expect(await group('clinics', 'c2', false, change)).toMatchObject({ merged: ['c2', 'c3'], differences: null })
  })

  test('are found by the key of the survivor or of another', async () => {
    const find = (key: string, mapping?: string) => reading((tx, run) => findMerged(tx, run, { mapping, key }))
    expect(await find('c3', 'clinics')).toEqual([{ mapping: 'clinics', key: 'c3' }])
    expect(await find('["1", "x"]')).toEqual([{ mapping: 'places', key: '["1", "x"]' }])
    // Both read the rows of one table by its key.
    expect((await find('c1')).map(({ mapping }) => mapping)).toEqual(['clinics', 'names'])
    await expect(find('c4')).rejects.toMatchObject({ code: 'row-missing', what: 'Run 1 has no merged row c4.' })
  })
})

// I5
test('nothing is written', async () => {
  const before = await digest(loaded, ['old', 'new', 'drover'])
  await row('people', 'p2', true)
  await reading((tx, run) => readMergeGroup(tx, run, { mapping: 'clinics', key: 'c1' }, { showsValues: true }))
  expect(await digest(loaded, ['old', 'new', 'drover'])).toEqual(before)
})
