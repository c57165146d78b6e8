import pg from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'
import { derivedUuid, fold, sql } from '../../src/index.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { verify } from '../../src/verify/verify.ts'
import { carryOut, catalogOf, databaseWith, findingsOf, migrationOf } from '../plan/planned.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { withDatabase } from './fixture.ts'

let loaded: TestDatabase

const m = migrationOf()

// biome-ignore lint/suspicious/noExplicitAny: the test declares rules that the compiler would refuse.
const peopleWith = (equivalent: any, allow = {}) =>
  m.migration(
    [
      m.map('people', {
        from: (db) => db.selectFrom('old.people as p'),
        key: ({ p }) => p.id!,
        to: 'new.people',
        equivalent,
        columns: ({ p }) => ({
          id: derivedUuid(sql`(${p.id!})::text`),
          name: p.name!,
          amount: p.amount!,
          seen: p.seen!,
        }),
      }),
    ],
    { allow },
  )

const rules = (made: Record<string, unknown>, found: Record<string, unknown>) => ({
  name: sql`${fold(made.name as never)} = ${fold(found.name as never)}`,
  amount: sql`abs(${made.amount} - ${found.amount}) <= 0.01`,
})

beforeAll(async () => {
  loaded = await databaseWith(`
    create table old.people (id int primary key, name text, amount numeric, seen date);
    insert into old.people select i, 'Person ' || i, i + 0.505, date '2024-01-01' + i from generate_series(1, 20) as i;
    create table new.people (id uuid primary key, name varchar(30), amount numeric(8, 2), seen date);`)
  await carryOut(loaded, peopleWith(rules, { 'row comparison': { percent: 10 }, 'targets exist': { rows: 1 } }))
  await loaded.disconnect()
})

async function comparisonAfter(change: string) {
  const database = await createDatabase(loaded.name)
  await database.query(change)
  const { findings } = await withDatabase(database.url, (db) => verify(db, '1', { recheckAfterMs: 0 }))
  return { database, finding: findings.find(({ check }) => check === 'row comparison')!, findings }
}

const nth = (n: number) => `(select id from drover.crosswalk_people where source_key = '${n}')`

describe('a value that means the same under the declared rule', () => {
  test('is no difference, and is counted', async () => {
    const { finding } = await comparisonAfter(`
      update new.people set name = upper(name) where name in ('Person 1', 'Person 2');
      update new.people set amount = amount + 0.01 where name = 'PERSON 2'`)
    expect(finding).toMatchObject({
      verdict: 'pass',
      detail: expect.stringMatching(/; 2 rows are equivalent in name; 1 row is equivalent in amount\.$/),
    })
  })

  test('beside one that does not leaves the row different, in that column alone', async () => {
    const { finding } = await comparisonAfter(
      `update new.people set name = upper(name), seen = null, amount = 0 where id in (${nth(1)}, ${nth(2)}, ${nth(3)})`,
    )
    expect(finding).toMatchObject({
      verdict: 'fail',
      actual: '3 rows differ: 3 changed since',
      detail: expect.stringContaining(': 1 (changed since: amount, seen); 2 (changed since: amount, seen)'),
    })
    expect(finding.sample![0]).toEqual({
      key: { key: '1' },
      fault: 'changed since',
      source: { name: 'aaaaaa 9', amount: '9.99', seen: '9999-99-99' },
      target: { name: 'aaaaaa 9', amount: '9.99', seen: null },
    })
  })

  test('that reads what is not there, or more than the two rows, is refused by the plan', async () => {
    const catalog = await catalogOf(loaded)
    const known = (made: Record<string, unknown>) => sql`${made.colour} is null`
    expect(
      findingsOf(
        peopleWith(() => ({ colour: sql`true` })),
        catalog,
      ),
    ).toEqual(['mapping people: equivalent, column colour: it is not mapped, or cannot be made again to be compared.'])
    expect(
      findingsOf(
        peopleWith((made: never) => ({ name: known(made) })),
        catalog,
      ),
    ).toEqual(['mapping people: equivalent, column name: colour is not mapped, or cannot be made again.'])
    expect(
      findingsOf(
        peopleWith((_: never, found: never) => ({ name: known(found) })),
        catalog,
      ),
    ).toEqual(['mapping people: equivalent, column name: colour is no column of the target.'])
    await loaded.disconnect()
  })

  test('is part of what the plan is known by', async () => {
    const catalog = await catalogOf(loaded)
    const hashes = [() => ({}), rules, () => ({ name: sql`true` })].map(
      (equivalent) => buildPlan(peopleWith(equivalent), catalog).hash,
    )
    expect(new Set(hashes).size).toBe(3)
    await loaded.disconnect()
  })
})

describe('differences that the migration allows', () => {
  test('warn up to its limit, and fail beyond', async () => {
    const within = await comparisonAfter(`update new.people set seen = null where id in (${nth(1)}, ${nth(2)})`)
    expect(within.finding).toMatchObject({
      verdict: 'warn',
      detail: expect.stringMatching(/; the migration allows them\.$/),
    })
    const beyond = await comparisonAfter(
      `update new.people set seen = null where id in (${nth(1)}, ${nth(2)}, ${nth(3)})`,
    )
    expect(beyond.finding.verdict).toBe('fail')
  })

  test('are told of rows that are gone by each check that sees them', async () => {
    const { findings } = await comparisonAfter(`delete from new.people where id = ${nth(1)}`)
    const verdicts = findings
      .filter(({ check }) => ['row comparison', 'targets exist', 'target rows'].includes(check))
      .map(({ check, verdict }) => `${verdict} ${check}`)
    expect(verdicts).toEqual(['warn targets exist', 'warn row comparison', 'warn target rows'])
  })
})

test('the query that a finding gives shows the rows that differ, with their values', async () => {
  const { database, finding } = await comparisonAfter(`update new.people set seen = null where id = ${nth(7)}`)
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const results = (await client.query(finding.query!)) as unknown as readonly pg.QueryResult[]
  await client.end()
  expect(results.find(({ command }) => command === 'SELECT')!.rows).toEqual([
    { key: '7', class: 'changed since', columns: ['seen'], made: { seen: '2024-01-08' }, found: { seen: null } },
  ])
})
