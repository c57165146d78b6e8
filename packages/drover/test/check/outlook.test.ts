import { expect, test } from 'vitest'
import { readCheck } from '../../src/check/check.ts'
import { findEarlierRun } from '../../src/check/earlier-run.ts'
import type { Outlook } from '../../src/check/outlook.ts'
import { renderCheck } from '../../src/cli/check-text.ts'
import type { Database } from '../../src/db/connection.ts'
import { type Expression, lookup, type MigrationDefinition, ref, sql } from '../../src/index.ts'
import { endStates } from '../../src/ledger/state.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { run } from '../../src/run/run.ts'
import { catalogOf, databaseWith, migrationOf } from '../plan/planned.ts'
import { withDatabase } from '../run/fixture.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { foreseeEachMapping, planEachMapping } from './each-mapping.ts'

const m = migrationOf()

/** Three tables, each looked up in the one before: a doubled parent doubles the rows of every one below it. */
const chained = (() => {
  const towns = m.map('towns', {
    from: (db) => db.selectFrom('old.towns as t'),
    key: ({ t }) => t.id!,
    to: 'new.towns',
    columns: ({ t }) => ({ id: t.id!, name: t.name! }),
  })
  const clinics = m.map('clinics', {
    from: (db) => db.selectFrom('old.clinics as c'),
    key: ({ c }) => c.id!,
    to: 'new.clinics',
    columns: ({ c }) => ({ id: c.id!, town: lookup(c.town!, towns, 'name' as never) }),
  })
  const visits = m.map('visits', {
    from: (db) => db.selectFrom('old.visits as v'),
    key: ({ v }) => v.id!,
    to: 'new.visits',
    columns: ({ v }) => ({
      id: v.id!,
      clinic: ref(v.clinic!, clinics).orQuarantine(),
      town: lookup(ref(v.clinic!, clinics).orQuarantine(), clinics, 'town' as never),
    }),
  })
  return m.migration([towns, clinics, visits])
})()

const tables = `
  create table old.towns (id int primary key, name text not null);
  create table old.clinics (id int primary key, town int not null);
  create table old.visits (id int primary key, clinic int);
  create table new.towns (id int primary key, name text not null);
  create table new.clinics (id int primary key, town text);
  create table new.visits (id int primary key, clinic int references new.clinics, town text);
  insert into old.towns select i, 'town ' || i from generate_series(1, 3) as i;
  insert into old.clinics select i, 1 + i % 3 from generate_series(1, 5) as i;
  insert into old.visits select i, 1 + i % 6 from generate_series(1, 60) as i;`

async function check(db: Database, database: TestDatabase, migration: MigrationDefinition) {
  return foreseeEachMapping(db, migration, await catalogOf(database))
}

const asCheck = (mappings: readonly Outlook[]) => ({ mappings, profiles: [], guessed: [], leftOut: [] })

const countsOf = ({ read, loaded, quarantined }: Outlook) => [read, loaded, quarantined].map(Number)

test('a check over a loaded target reads every source row once, and says what stands there', async () => {
  const database = await databaseWith(tables)
  await withDatabase(database.url, async (db) => {
    const before = await check(db, database, chained)
    expect(before.map(countsOf)).toEqual([
      [3, 3, 0],
      [5, 5, 0],
      [60, 50, 10],
    ])
    expect(before.map(({ findings }) => findings)).toEqual([[], [], []])
    expect(await findEarlierRun(db, 'planned')).toBeUndefined()
    await run(db, buildPlan(chained, await catalogOf(database)), { allowed: hazardNames })
    const after = await check(db, database, chained)
    expect(after.map(countsOf)).toEqual(before.map(countsOf))
    expect(after.map(({ findings }) => findings)).toEqual(
      ['3 rows would be loaded under a key that stands in new.towns', '5 rows would', '50 rows would'].map((start) => [
        expect.stringContaining(start),
      ]),
    )
    const earlier = await findEarlierRun(db, 'planned')
    expect(earlier).toEqual({ id: '1', migration: 'planned', state: 'loaded' })
    expect(renderCheck(asCheck(after), earlier)).toMatch(
      /^Run 1 of planned is loaded: what it wrote stands [^\n]*\n\nA run of [\s\S]*\nWrong:\n {2}- towns: 3 rows/,
    )
    expect(await findEarlierRun(db, 'another')).toBeUndefined()
    await database.query('update drover.run set state = $1', [endStates[0]])
    expect(await findEarlierRun(db, 'planned')).toBeUndefined()
  })
})

test('a parent that stands in the target and is not loaded again is seen by those that look it up', async () => {
  const database = await databaseWith(`${tables}
    insert into new.clinics values (1, 'stood'), (77, 'stood')`)
  await withDatabase(database.url, async (db) => {
    const [, clinics, visits] = await check(db, database, chained)
    expect(clinics).toMatchObject({
      findings: [expect.stringMatching(/^1 row would be loaded under a key that stands/)],
    })
    expect(countsOf(visits!)).toEqual([60, 50, 10])
  })
})

const pair = (key: (row: { t: Record<string, Expression<string>> }) => Expression<unknown> = ({ t }) => t.id!) =>
  m.migration([
    m.map('pairs', {
      from: (db) => db.selectFrom('old.pairs as t'),
      key,
      to: 'new.pairs',
      columns: ({ t }) => ({ id: t.n! }),
      dropped: ['id'],
    }),
  ])

test.each<[string, string, RegExp[]]>([
  ['right rows', "('a', 1), ('b', 2)", []],
  ['a key that is null', "('a', 1), (null, 2), (null, 3)", [/^the key of 2 rows is null, and a run would fail\. /]],
  ['a key that occurs twice', "('a', 1), ('a', 2), ('b', 3)", [/^1 row has the key of another one, and a run would/]],
  ['one target key for two rows', "('a', 1), ('b', 1), ('c', 1)", [/^2 rows would be loaded under the key of another/]],
])('%s: what the catalog leaves open is counted', async (_, rows, expected) => {
  const database = await databaseWith(`
    create table old.pairs (id text, n int not null); insert into old.pairs values ${rows};
    create table new.pairs (id int primary key)`)
  await withDatabase(database.url, async (db) => {
    const [outlook] = await check(db, database, pair())
    expect(outlook!.findings).toEqual(expected.map((each) => expect.stringMatching(each)))
  })
})

test('what the catalog proves of a key is not counted', async () => {
  const database = await databaseWith(`
    create table old.pairs (id text not null, n int not null unique);
    create table new.pairs (id int primary key)`)
  const catalog = await catalogOf(database)
  const doubtsOf = (migration: MigrationDefinition) =>
    planEachMapping(migration, catalog).passes[0]!.subjects[0]!.rules.map(({ kind }) => kind)
  expect(doubtsOf(pair())).toContain('key-twice')
  expect(doubtsOf(pair(({ t }) => t.n!))).not.toContain('key-twice')
  expect(doubtsOf(pair(({ t }) => sql`${t.n} + 0`))).toContain('key-null')
})

test('a pass that gives other rows than its source is told, and marked', async () => {
  const database = await databaseWith(tables)
  await withDatabase(database.url, async (db) => {
    const plan = planEachMapping(chained, await catalogOf(database))
    const passes = plan.passes.map((pass) => ({
      ...pass,
      statement: pass.statement.replace(
        'from "old"."visits" as "v"',
        'from ("old"."visits" as "v" cross join (values (1), (2)) as twice)',
      ),
    }))
    const outlooks = (await readCheck(db, { ...plan, passes })).mappings
    expect(outlooks.map(({ findings }) => findings.length)).toEqual([0, 0, 1])
    expect(outlooks[2]!.findings[0]).toMatch(/^its dispositions are 120 and its source rows 60: /)
    expect(renderCheck(asCheck(outlooks), undefined)).toMatch(/^visits +60 =.* ✗$/m)
  })
})
