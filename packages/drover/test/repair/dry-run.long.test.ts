import { describe, expect, it } from 'vitest'
import type { Database } from '../../src/db/connection.ts'
import { rowFunctionsOf } from '../../src/define/migration.ts'
import { required } from '../../src/index.ts'
import { tryFix, tryFixes } from '../../src/repair/dry-run.ts'
import { type Fix, fixRows } from '../../src/repair/fix.ts'
import type { NamedRow } from '../../src/repair/named-rows.ts'
import { retryRows } from '../../src/repair/retry.ts'
import { readTriedRow } from '../../src/repair/tried-row.ts'
import { migrationOf } from '../plan/planned.ts'
import { withDatabase } from '../run/fixture.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { stateOf } from '../support/state.ts'
import { expectSound, loadedWorld } from './equation.ts'
import { anyValue, createMendingDatabase, neverShown } from './fixture.ts'
import { hospital, hospitalMigration } from './hospital.ts'

const none = new Map()
const schemas = ['old', 'new', 'drover']

/** Everything in the database: each row with its place and its version, definitions, sequences. */
async function everythingOf(database: TestDatabase, db: Database) {
  const tables = await database.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = any ($1) order by 1`,
    [schemas],
  )
  const versions: unknown[] = []
  for (const { name } of tables) {
    versions.push([
      name,
      await database.query(`select ctid::text, xmin::text, t::text from ${name} as t order by ctid`),
    ])
  }
  const sequences = await database.query('select sequencename, last_value from pg_sequences order by 1')
  return { versions, sequences, catalog: (await stateOf(database, db, schemas)).catalog }
}

/** Makes sure that what is tried leaves the database as it is, byte for byte. */
async function kept<T>(database: TestDatabase, db: Database, work: () => Promise<T>): Promise<T> {
  const before = await everythingOf(database, db)
  const found = await work()
  expect(await everythingOf(database, db)).toEqual(before)
  return found
}

const hospitalTemplate = loadedWorld({ schema: hospital, migration: hospitalMigration }).then(async (database) => {
  await database.disconnect()
  return database.name
})
const mendingTemplate = createMendingDatabase().then(({ name }) => name)

async function withLoaded<T>(
  template: Promise<string>,
  work: (db: Database, database: TestDatabase) => Promise<T>,
): Promise<T> {
  const database = await createDatabase(await template)
  return withDatabase(database.url, (db) => work(db, database))
}

const fixes: Readonly<Record<string, readonly (Fix | NamedRow)[]>> = {
  'a parent with children and theirs': [{ mapping: 'clinics', key: 'c3', values: { name: 'East' } }],
  'a parent that becomes a duplicate': [{ mapping: 'clinics', key: 'c3', values: { name: 'NORTH' } }],
  'a parent of nobody': [{ mapping: 'clinics', key: 'c5', values: { name: 'West' } }],
  'a child': [{ mapping: 'visits', key: 'v8', values: { amount: '80' } }],
  'a child that the server refuses': [{ mapping: 'visits', key: 'v8', values: { amount: '-80' } }],
  'a row as it stands': [{ mapping: 'visits', key: 'v8' }],
  'a child whose parent is missing': [{ mapping: 'visits', key: 'v5', values: { amount: '50' } }],
  everything: [
    { mapping: 'visits', key: 'v5', values: { amount: '50' } },
    { mapping: 'clinics', key: 'c3', values: { name: 'East', city: null } },
    { mapping: 'clinics', key: 'c5', values: { name: ' ' } },
    { mapping: 'visits', key: 'v8', values: { amount: '-8' } },
  ],
}

describe.concurrent('what is foretold is what the fix and the retry do', () => {
  it.each(Object.entries(fixes))('%s', (_, rows) =>
    withLoaded(hospitalTemplate, async (db, database) => {
      const told = await kept(database, db, () => tryFixes(db, '1', rows, none))
      await fixRows(
        db,
        '1',
        rows.filter((row) => 'values' in row),
      )
      const one = rows.length === 1 ? { mapping: rows[0]!.mapping } : {}
      const { mappings } = await retryRows(db, '1', { ...one, keys: rows.map(({ key }) => key) }, none)
      const became = await db.transaction(async (tx) => {
        const all = []
        for (const row of rows) all.push(await readTriedRow(tx, '1', row))
        return all
      })
      expect(told.rows).toEqual(became)
      expect(told.following).toEqual(
        mappings.flatMap((all) => {
          const own = became.filter(({ mapping }) => mapping === all.mapping)
          const less = { ...all, tried: all.tried - BigInt(own.length) }
          for (const { disposition } of own) less[disposition] -= 1n
          return less.tried + less.changed > 0n ? [less] : []
        }),
      )
      await expectSound(db)
    }),
  )
})

describe.concurrent('a row that is tried', () => {
  it('is loaded, and others with it', () =>
    withLoaded(hospitalTemplate, async (db, database) => {
      const { following, ...row } = await kept(database, db, () =>
        tryFix(db, '1', { mapping: 'clinics', key: 'c3', values: { name: 'East' } }, none),
      )
      const nothing = { code: null, reasons: [], sqlstate: null, survivor: null }
      expect(row).toEqual({ mapping: 'clinics', key: 'c3', disposition: 'loaded', ...nothing })
      expect(
        following.map(({ mapping, tried, loaded, merged, quarantined }) => [
          mapping,
          ...[tried, loaded, merged, quarantined].map(Number),
        ]),
      ).toEqual([
        ['clinics', 0, 0, 0, 0],
        ['directory', 0, 0, 0, 0],
        ['staff', 3, 2, 1, 0],
        ['visits', 2, 1, 0, 1],
        ['labels', 1, 1, 0, 0],
        ['rooms', 0, 0, 0, 0],
        ['totals', 1, 1, 0, 0],
      ])
    }))

  it('is merged into the row that it is a duplicate of', () =>
    withLoaded(hospitalTemplate, async (db, database) => {
      const row = await kept(database, db, () =>
        tryFix(db, '1', { mapping: 'clinics', key: 'c3', values: { name: 'NORTH' } }, none),
      )
      expect(row).toMatchObject({ disposition: 'merged', survivor: 'c1', code: null })
    }))

  it('stays in quarantine for another reason, which is told without a value', () =>
    withLoaded(mendingTemplate, async (db, database) => {
      const row = await kept(database, db, () =>
        tryFix(db, '1', { mapping: 'people', key: 'p3', values: { name: 'Geheim C' } }, none),
      )
      expect(row).toEqual({
        mapping: 'people',
        key: 'p3',
        disposition: 'quarantined',
        code: 'no-age',
        reasons: [{ code: 'no-age', column: 'age' }],
        sqlstate: null,
        survivor: null,
        following: [],
      })
    }))

  it('is refused by a constraint, which is named', () =>
    withLoaded(mendingTemplate, async (db, database) => {
      const row = await kept(database, db, () =>
        tryFix(db, '1', { mapping: 'visits', key: 'v3', values: { amount: '-4711', about: 'Geheim' } }, none),
      )
      expect(row).toEqual({
        mapping: 'visits',
        key: 'v3',
        disposition: 'quarantined',
        code: 'error-23514',
        reasons: [{ code: 'error-23514', column: null, table: 'new.visits', constraint: 'not_negative' }],
        sqlstate: '23514',
        survivor: null,
        following: [],
      })
      expect(JSON.stringify(row)).not.toMatch(anyValue)
    }))

  it('is tried with the fix that it has, where none is given', () =>
    withLoaded(mendingTemplate, async (db, database) => {
      const row = { mapping: 'visits', key: 'v3' }
      expect((await tryFix(db, '1', row, none)).disposition).toBe('quarantined')
      await fixRows(db, '1', [{ ...row, values: { amount: '12' } }])
      expect((await kept(database, db, () => tryFix(db, '1', row, none))).disposition).toBe('loaded')
      const worse = { ...row, values: { amount: 'Geheim' } }
      expect(await kept(database, db, () => tryFix(db, '1', worse, none))).toMatchObject({ code: 'no-amount' })
    }))

  it('passes through the functions of the migration file, which must be given', async () => {
    const m = migrationOf('loud')
    const shouts = m.map('shouts', {
      from: (db) => db.selectFrom('old.words as w'),
      key: ({ w }) => w.id!,
      compute: {
        reads: ({ w }) => ({ word: w.word! }),
        writes: { shout: 'text' },
        batch: (rows) => rows.map(({ word }) => ({ shout: word && `${word}!` })),
      },
      to: 'new.shouts',
      columns: ({ w }, { shout }) => ({ id: w.id!, shout: required(shout).orQuarantine('silent') }),
    })
    const schema = `
      create table old.words (id text primary key, word text);
      insert into old.words values ('1', 'a'), ('2', null);
      create table new.shouts (id text primary key, shout text not null);`
    const migration = m.migration([shouts])
    const functions = rowFunctionsOf(migration)
    const database = await loadedWorld({ schema, migration })
    await withDatabase(database.url, async (db) => {
      const fix: Fix = { mapping: 'shouts', key: '2', values: { word: 'b' } }
      await kept(database, db, async () => {
        await expect(tryFix(db, '1', fix, none)).rejects.toMatchObject({ code: 'function-missing' })
        expect((await tryFix(db, '1', fix, functions)).disposition).toBe('loaded')
        expect((await tryFix(db, '1', { mapping: 'shouts', key: '2' }, functions)).code).toBe('silent')
      })
    })
  })

  it('keeps a verdict as it is', () =>
    withLoaded(hospitalTemplate, async (db, database) => {
      await expectSound(db)
      expect(await database.query('select state from drover.run')).toEqual([{ state: 'verified' }])
      await kept(database, db, () => tryFix(db, '1', { mapping: 'visits', key: 'v8' }, none))
    }))
})

describe.concurrent('is refused, and nothing is changed', () => {
  it.each<[string, Fix | NamedRow, object]>([
    ['a row that is loaded', { mapping: 'people', key: 'p1' }, { code: 'row-missing' }],
    ['a row that is merged', { mapping: 'clinics', key: 'c2', values: { fax: '1' } }, { code: 'row-missing' }],
    ['a mapping that is none', { mapping: 'pets', key: 'p1' }, { code: 'usage-invalid' }],
    [
      'a column of the key',
      { mapping: 'people', key: 'p3', values: { id: 'p9' } },
      { code: 'fix-refused', where: 'mapping people, source key p3, column id' },
    ],
    [
      'a value that the type does not take',
      { mapping: 'people', key: 'p3', values: { moved: 'Token' } },
      { code: 'fix-refused', where: 'mapping people, source key p3, column moved' },
    ],
  ])('%s', (_, row, expected) =>
    withLoaded(mendingTemplate, async (db, database) => {
      await kept(database, db, async () => {
        const thrown = await tryFix(db, '1', row, none).catch((error) => error)
        expect(thrown).toMatchObject(expected)
        expect(JSON.stringify(thrown)).not.toMatch(neverShown)
      })
    }),
  )

  it('of a run that is over', () =>
    withLoaded(mendingTemplate, async (db, database) => {
      await database.query(`update drover.run set state = 'finalized'`)
      await kept(database, db, () =>
        expect(tryFix(db, '1', { mapping: 'people', key: 'p3' }, none)).rejects.toMatchObject({
          code: 'state-refused',
        }),
      )
    }))

  it('where a row that follows breaks a rule of the database, as by the retry', () =>
    withLoaded(hospitalTemplate, async (db, database) => {
      await database.query(`alter table new.rooms add constraint homeless check (id <> 'r2' or clinic_id is null)`)
      const fix: Fix = { mapping: 'clinics', key: 'c3', values: { name: 'East' } }
      const refusal = { code: 'repair-refused', why: expect.stringContaining('homeless') }
      await kept(database, db, () => expect(tryFix(db, '1', fix, none)).rejects.toMatchObject(refusal))
      await fixRows(db, '1', [fix])
      await expect(retryRows(db, '1', { keys: ['c3'], mapping: 'clinics' }, none)).rejects.toMatchObject(refusal)
    }))

  it('where more follows than can be found out in time', () =>
    withLoaded(hospitalTemplate, async (db, database) => {
      const fix: Fix = { mapping: 'clinics', key: 'c3', values: { name: 'East' } }
      await kept(database, db, () =>
        expect(tryFixes(db, '1', [fix], none, performance.now() + 15)).rejects.toMatchObject({
          code: 'statement-failed',
          what: 'What would become of the rows could not be found out in time.',
        }),
      )
    }))

  it('where somebody else is at the rows for longer than a person waits', () =>
    withLoaded(mendingTemplate, async (db, database) => {
      await withDatabase(database.url, async (other) =>
        other.transaction(async (tx) => {
          // As everybody who decides about rows of a run does.
          await tx.query('select from drover.run for no key update')
          const begun = performance.now()
          await expect(tryFix(db, '1', { mapping: 'people', key: 'p3' }, none)).rejects.toMatchObject({
            code: 'statement-failed',
            why: expect.stringContaining('55P03'),
          })
          expect(performance.now() - begun).toBeLessThan(20_000)
        }),
      )
    }))
})

it('several at once, and a repair among them, do not confuse each other', () =>
  withLoaded(hospitalTemplate, async (db, database) => {
    const fix: Fix = { mapping: 'clinics', key: 'c3', values: { name: 'East' } }
    await withDatabase(database.url, async (other) => {
      const all = await Promise.all([tryFix(db, '1', fix, none), tryFix(other, '1', fix, none)])
      expect(all[0]).toEqual(all[1])
      await fixRows(db, '1', [fix])
      const [told] = await Promise.all([
        tryFix(other, '1', { mapping: 'visits', key: 'v8', values: { amount: '8' } }, none),
        retryRows(db, '1', { mapping: 'clinics', keys: ['c3'] }, none),
      ])
      expect(told.disposition).toBe('loaded')
    })
    await expectSound(db)
  }))
