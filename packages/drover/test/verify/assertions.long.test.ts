import { beforeAll, describe, expect, test } from 'vitest'
import {
  corrections,
  crosswalk,
  cutover,
  type date,
  decimal,
  merged,
  notes,
  type numeric,
  quarantined,
  sql,
  type text,
} from '../../src/index.ts'
import { fixRows } from '../../src/repair/fix.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { withDatabase } from './fixture.ts'
import { clinics, findingsAfter, loadedWith, m, visits } from './rules.ts'

const negative = m.assertNone('no visit is paid with less than nothing', (db) =>
  db.selectFrom('new.visits as v').where('v.paid', '<', sql<numeric>`0`).select(['v.id', 'v.paid', 'v.kind']),
)

const some = m.assertNone(
  'few visits cost more than 19',
  (db) => db.selectFrom('new.visits as v').where('v.paid', '>', sql<numeric>`19`).select(['v.kind', 'v.id', 'v.day']),
  { key: ['kind', 'day'], allow: { rows: 2 } },
)

const percent = m.assertNone(
  'a fifth of the visits at most is of 2025-01-05 or earlier',
  (db) => db.selectFrom('new.visits as v').where('v.day', '<=', sql<date>`date '2025-01-05'`).select('v.day'),
  { allow: { percent: 20 }, of: (db) => db.selectFrom('new.visits as v').select('v.id') },
)

const ledger = m.assertNone('what the ledger tells is as it was meant', (db) =>
  db
    .selectFrom(quarantined(visits, 'q'))
    .where('q.code', 'not in', ['orphan', 'not-a-number'])
    .select(['q.source_key as key', 'q.code'])
    .$castTo<{ key: text | null; code: text }>()
    .unionAll(
      db
        .selectFrom(corrections(visits, 'c'))
        .where('c.original', '<>', 'odd')
        .select(['c.source_key as key', 'c.code']),
    )
    .unionAll(
      db.selectFrom(notes(visits, 'n')).where('n.code', '<>', 'no-day').select(['n.source_key as key', 'n.code']),
    )
    .unionAll(
      db
        .selectFrom(merged(clinics, 'm'))
        .where('m.survivor_key', '<>', 'c1')
        .select(['m.source_key as key', 'm.survivor_key as code']),
    ),
)

const ofSource = m.assertNone('every amount of the source is one', (db) =>
  db
    .selectFrom('old.visits as v')
    .leftJoin(crosswalk(visits, 'x'), 'x.source_key', 'v.id')
    .where(sql<boolean>`${decimal(sql.ref('v.paid')).orNull()} is null and v.paid is not null`)
    .where(sql<boolean>`${cutover()} > timestamptz '2025-05-31'`)
    .select(['v.id', 'v.paid', 'x.disposition']),
)

const dividing = m.assertNone('dividing', (db) =>
  db.selectFrom('new.visits as v').where(sql<boolean>`1 / (v.paid - 2.5) = 0`).select('v.id'),
)

let loaded: TestDatabase
/** What is found where nothing happened after the load. */
let intact: Awaited<ReturnType<typeof findingsAfter>>

beforeAll(async () => {
  loaded = await loadedWith([negative, some, percent, ledger, ofSource, dividing])
  intact = await findingsAfter(loaded)
})

const id = (key: string) => `(select id from drover.crosswalk_visits where source_key = '${key}')`

describe('a rule', () => {
  test('that no row breaks passes', () => {
    const { of } = intact
    expect(of(negative.name)).toEqual({
      check: 'business rules',
      mapping: null,
      rule: negative.name,
      verdict: 'pass',
      expected: '0 rows',
      actual: '0 rows',
      detail: 'No row breaks the rule.',
    })
  })

  test('that rows break fails, with their keys in clear, other columns masked, and a query for all', async () => {
    const { database, of } = await findingsAfter(loaded, `update new.visits set paid = -paid where kind = 'first'`)
    const finding = of(negative.name)
    const rows = await database.query<{ id: string }>(`select id from new.visits where paid < 0 order by id::text`)
    expect(finding).toMatchObject({ verdict: 'fail', expected: '0 rows', actual: `${rows.length} rows` })
    expect(finding.detail).toBe(`Rows break the rule: ${rows.map((row) => row.id).join(', ')}.`)
    expect(finding.sample).toEqual(
      rows.map((row) => ({
        key: { id: row.id },
        target: { paid: expect.stringMatching(/^-9+[.]99$/), kind: 'aaaaa' },
      })),
    )
    expect(await database.query(finding.query!)).toHaveLength(rows.length)
  })

  test('warns up to what it allows, and fails beyond it', async () => {
    const { of } = intact
    expect(of(some.name)).toMatchObject({ verdict: 'warn', expected: 'at most 2 rows', actual: '2 rows' })
    expect(of(some.name).detail).toBe('Rows break the rule: (first, 2025-01-21), (next, null).')
    const beyond = await findingsAfter(loaded, `update new.visits set paid = 100 where id = ${id('v1')}`)
    expect(beyond.of(some.name)).toMatchObject({ verdict: 'fail', actual: '3 rows' })
  })

  test('takes a percentage of the rows that it names', async () => {
    const { of } = intact
    expect(of(percent.name)).toMatchObject({ verdict: 'warn', expected: 'at most 20% of 20 rows', actual: '4 rows' })
    const beyond = await findingsAfter(loaded, `update new.visits set day = '2025-01-01' where id = ${id('v20')}`)
    expect(beyond.of(percent.name)).toMatchObject({ verdict: 'fail', actual: '5 rows' })
  })

  test('names five rows, and counts all', async () => {
    const { of } = await findingsAfter(loaded, 'update new.visits set paid = -1')
    expect(of(negative.name).sample).toHaveLength(5)
    expect(of(negative.name).detail).toMatch(/ and 15 more[.]$/)
    expect(of(negative.name).actual).toBe('20 rows')
  })
})

describe('a rule about the ledger', () => {
  test('reads the run that is verified', async () => {
    expect(intact.of(ledger.name)).toMatchObject({ verdict: 'pass' })
    const later = `insert into drover.run (migration, plan_hash, plan, drover, settings, state)
      select 'another', plan_hash, plan, drover, settings, 'planned' from drover.run;
      insert into drover.note select 2, 'visits', 'v1', 'strange', 'day'`
    expect((await findingsAfter(loaded, later)).of(ledger.name)).toMatchObject({ verdict: 'pass' })
  })

  test.each([
    [`update drover.quarantine set code = 'strange' where source_key = 'v21'`, 'v21'],
    [`update drover.correction set original = 'even' where source_key = 'v1'`, 'v1'],
    [`update drover.note set code = 'strange' `, 'v19'],
    [`update drover.merge set survivor_key = 'c3'`, 'c2'],
  ])('finds %s, and its query runs by itself', async (fault, key) => {
    const { database, of } = await findingsAfter(loaded, fault)
    expect(of(ledger.name)).toMatchObject({ verdict: 'fail', detail: `A row breaks the rule: ${key}.` })
    const [set, ...query] = of(ledger.name).query!.split('\n')
    expect(set).toBe("set drover.run = '1';")
    await database.query(set!)
    expect(await database.query(query.join('\n'))).toMatchObject([{ key }])
  })
})

describe('a rule about the source', () => {
  test('sees what drover and its helpers see', () => {
    const { of } = intact
    expect(of(ofSource.name)).toMatchObject({
      verdict: 'fail',
      sample: [{ key: { id: 'v22' }, target: { paid: 'aaaaaa', disposition: 'aaaaaaaaaaa' } }],
    })
  })

  test('sees a row as it was fixed', async () => {
    const database = await createDatabase(loaded.name)
    await withDatabase(database.url, (db) =>
      fixRows(db, '1', [{ mapping: 'visits', key: 'v22', values: { paid: '5.00' } }]),
    )
    await database.disconnect()
    const { of } = await findingsAfter(database)
    expect(of(ofSource.name)).toMatchObject({ verdict: 'pass' })
  })

  test('warns where the source is gone, and one about the target fails', async () => {
    const { of } = await findingsAfter(loaded, 'drop table old.visits')
    expect(of(ofSource.name)).toMatchObject({ verdict: 'warn', actual: null })
    expect(of(ofSource.name).detail).toMatch(/^Something that the rule reads is gone: SQLSTATE 42P01/)
    const { of: ofTarget } = await findingsAfter(loaded, 'alter table new.visits rename paid to price')
    expect(ofTarget(negative.name)).toMatchObject({ verdict: 'fail', actual: null })
  })
})

test('a rule whose query the server refuses fails, and the others are asked', async () => {
  const { of } = await findingsAfter(loaded, `update new.visits set paid = 2.5 where id = ${id('v3')}`)
  expect(of(dividing.name)).toMatchObject({
    verdict: 'fail',
    expected: null,
    detail: 'The server refuses the query of the rule: SQLSTATE 22012, division by zero.',
  })
  expect(of(negative.name)).toMatchObject({ verdict: 'pass' })
})
