import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Transaction } from '../../src/db/connection.ts'
import { findRun, type Run } from '../../src/ledger/run.ts'
import { readColumnGroups, readQuarantine } from '../../src/report/groups.ts'
import { columnQuery, quarantineQuery } from '../../src/report/shown-rows.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { createLoadedDatabase, withDatabase } from '../verify/fixture.ts'

let loaded: TestDatabase

beforeAll(async () => {
  loaded = await createLoadedDatabase()
})

async function changed(change: string): Promise<TestDatabase> {
  const database = await createDatabase(loaded.name)
  if (change !== '') await database.query(change)
  return database
}

function reading<T>(database: TestDatabase, read: (tx: Transaction, run: Run) => Promise<T>): Promise<T> {
  return withDatabase(database.url, (db) => db.transaction(async (tx) => read(tx, await findRun(tx, '1'))))
}

const hostile = `it's "\\ $1 {}\n\u202e\u2028\ufffe; drop table drover.note; --`

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`

describe('a cause of quarantine', () => {
  test('shows the first rows, masked, by the columns that it was made from', async () => {
    const [orphans] = await reading(loaded, readQuarantine)
    expect(orphans).toMatchObject({
      code: 'orphan',
      sampleKeys: ['d10', 'd15', 'd20', 'd5'],
      commands: [
        'drover quarantine list --run 1 --mapping doctors --code orphan',
        'drover quarantine retry --run 1 --mapping doctors --code orphan',
      ],
    })
    expect(orphans!.sample).toEqual(['d10', 'd15', 'd20'].map((key) => ({ key, values: { clinic_id: 'aaaa' } })))
  })

  test('of unknown columns shows the first six of the original, as they stand in the source', async () => {
    const database =
      await changed(`insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
      values (1, 'patients', 'x1', 1, '23514', '[]',
        '{"a": 1, "sex": "f", "name": "Zoë 12", "id": "x1", "b": null, "clinic_id": null, "c": "C9", "__proto__": "d"}'),
      (1, 'patients', 'x2', 1, '23514', '[]', null)`)
    const groups = await reading(database, readQuarantine)
    const { sample } = groups.find(({ code }) => code === '23514')!
    expect(sample.map(({ key, values }) => [key, Object.entries(values)])).toEqual([
      [
        'x1',
        [
          ['id', 'a9'],
          ['clinic_id', null],
          ['name', 'aaa 99'],
          ['sex', 'a'],
          ['__proto__', 'a'],
          ['a', '9'],
        ],
      ],
      ['x2', []],
    ])
  })

  test('shows the rows of its own mapping, where others have the same key', async () => {
    const database =
      await changed(`insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, original)
      values (1, 'patients', 'k', 1, 'x', '[]', '{"id": "k1"}'), (1, 'odd', 'k', 1, 'x', '[]', '{"id": "kkk"}')`)
    const groups = await reading(database, readQuarantine)
    const samples = groups.filter(({ code }) => code === 'x').map(({ mapping, sample }) => [mapping, sample])
    expect(samples).toEqual([
      ['odd', [{ key: 'k', values: { id: 'aaa' } }]],
      ['patients', [{ key: 'k', values: { id: 'a9' } }]],
    ])
  })

  // I8
  test('shows no value', async () => {
    expect(JSON.stringify(await reading(loaded, readQuarantine))).not.toMatch(/gone|Doctor/)
  })

  test('has a query that shows its rows with their originals, and no others', async () => {
    const database = await changed(
      `insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons) values (1, 'doctors', 'z', 1, 'else', '[]')`,
    )
    const [orphans] = await reading(database, readQuarantine)
    const rows = await database.query<{ source_key: string; original: { name: string } }>(orphans!.query)
    expect(rows.map(({ source_key, original }) => [source_key, original.name])).toEqual([
      ['d10', 'Doctor 10'],
      ['d15', 'Doctor 15'],
      ['d20', 'Doctor 20'],
      ['d5', 'Doctor 5'],
    ])
  })

  test('with a hostile name has a query that finds it, and shows what it runs', async () => {
    const database = await changed(`insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons)
      values (1, ${literal(hostile)}, 'k', 1, ${literal(hostile)}, '[]'), (1, 'm''m', 'k', 1, 'c''c', '[]')`)
    const groups = await reading(database, readQuarantine)
    for (const mapping of [hostile, "m'm"]) {
      const { query } = groups.find((group) => group.mapping === mapping)!
      expect(await database.query(query)).toMatchObject([{ source_key: 'k' }])
      expect(query.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Noncharacter_Code_Point}]/u)
    }
    expect(await database.query(`select to_regclass('drover.note') is null as gone`)).toEqual([{ gone: false }])
  })

  test.each([
    ['taken back', `update drover.run set state = 'rolled_back'`],
    ['finalized', `update drover.run set state = 'finalized'`],
    ['accepted', `update drover.quarantine set accepted_at = now(), accepted_by = 'somebody', accepted_why = 'gone'`],
  ])('that is %s has no command to try its rows again', async (_, change) => {
    const [orphans] = await reading(await changed(change), readQuarantine)
    expect(orphans!.commands).toEqual(['drover quarantine list --run 1 --mapping doctors --code orphan'])
  })

  test('names the migration file where the plan calls functions of it', async () => {
    const database = await changed(
      `update drover.run set plan = jsonb_set(plan, '{mappings,1,compute}', '{"reads": [], "writes": []}')`,
    )
    const [orphans] = await reading(database, readQuarantine)
    expect(orphans!.commands[1]).toBe('drover quarantine retry migration.ts --run 1 --mapping doctors --code orphan')
  })

  test('has commands whose words a shell reads as they are meant', async () => {
    const database = await changed(`insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons)
      values (1, ${literal(hostile)}, 'k', 1, ${literal(`$(x)${hostile}`)}, '[]')`)
    const groups = await reading(database, readQuarantine)
    const [list] = groups.find((group) => group.mapping === hostile)!.commands
    const { stdout } = await promisify(execFile)('bash', ['-c', `printf '%s\\0' ${list}`])
    expect(stdout.split('\0').slice(0, -1)).toEqual([
      ...['drover', 'quarantine', 'list', '--run', '1', '--mapping', hostile, '--code', `$(x)${hostile}`],
    ])
  })

  test('that a list of codes cannot name is listed with the mapping', async () => {
    const database = await changed(`insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons)
      values (1, 'odd', 'k', 1, 'a,b', '[]')`)
    const groups = await reading(database, readQuarantine)
    expect(groups.find(({ code }) => code === 'a,b')!.commands[0]).toBe('drover quarantine list --run 1 --mapping odd')
  })
})

describe('corrections and notes', () => {
  test('have a query that shows all of them', async () => {
    const database = await changed(
      `insert into drover.note values (1, 'odd', null, 'constant', 'part'), (1, 'odd', 'a|b', 'seen', 'part')`,
    )
    const [correction] = await reading(database, (tx) => readColumnGroups(tx, '1', 'correction'))
    const rows = await database.query<{ original: string }>(correction!.query)
    expect(rows).toHaveLength(Number(correction!.rows))
    expect(rows[0]).toEqual({ source_key: 'p11', original: '?' })
    const notes = await reading(database, (tx) => readColumnGroups(tx, '1', 'note'))
    const shown = await Promise.all(notes.map(({ query }) => database.query(query)))
    expect(shown).toEqual([[{ source_key: null }], [{ source_key: 'a|b' }]])
  })
})

test('a query names what it is about on one line each', () => {
  expect(quarantineQuery('7', { mapping: "m'", code: 'c' })).toBe(`select source_key, reasons, original
from drover.quarantine
where run_id = 7 and mapping = 'm''' and code = 'c'
order by source_key`)
  expect(columnQuery('7', 'correction', { mapping: 'm', column: 'c\n', code: 'x' })).toBe(`select source_key, original
from "drover"."correction"
where run_id = 7 and mapping = 'm' and column_name = convert_from(decode('630a', 'hex'), 'UTF8') and code = 'x'
order by source_key`)
})
