import { beforeAll, describe, expect, test } from 'vitest'
import { crosswalk, decimal, type numeric, quarantined, sql } from '../../src/index.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { clinics, findingsAfter, loadedWith, m, visits } from './rules.ts'

const whole = m.parity('the kinds of the visits of each clinic', {
  source: (db) =>
    db
      .selectFrom('old.visits as v')
      .innerJoin(crosswalk(clinics, 'c'), 'c.source_key', 'v.clinic_id')
      .where('v.id', '<>', 'v22')
      .select(['c.id as clinic', sql<string | null>`nullif(v.kind, 'odd')`.as('kind')]),
  target: (db) => db.selectFrom('new.visits as v').select(['v.kind', 'v.clinic_id as clinic']),
})

const paid = sql<numeric | null>`${decimal(sql.ref('v.paid')).orNull()}`

const keyed = m.parity('what was paid for each visit', {
  source: (db) => db.selectFrom('old.visits as v').select(['v.id', 'v.day', paid.as('paid')]),
  target: (db) =>
    db
      .selectFrom('new.visits as v')
      .innerJoin(crosswalk(visits, 'x'), 'x.id', 'v.id')
      .select(['x.source_key as id', 'v.paid', 'v.day']),
  key: ['id'],
  tolerance: { paid: '0.01', day: 1 },
  explained: [
    { because: 'set aside', rows: (db) => db.selectFrom(quarantined(visits, 'q')).select('q.source_key as id') },
    { because: 'never', rows: (db) => db.selectFrom('old.visits as v').where('v.id', '=', 'v99').select('v.id') },
  ],
  allow: { rows: 1 },
})

const totals = m.parity('what each clinic was paid each month', {
  source: (db) =>
    db
      .selectFrom('old.visits as v')
      .innerJoin(crosswalk(visits, 'x'), 'x.source_key', 'v.id')
      .leftJoin(crosswalk(clinics, 'c'), 'c.source_key', 'v.clinic_id')
      .where('x.disposition', '=', 'loaded')
      .groupBy(['c.id', sql`date_trunc('month', v.day)`])
      .select(['c.id as clinic', sql<string | null>`date_trunc('month', v.day)`.as('month')])
      .select(sql<numeric>`sum(${paid})`.as('paid')),
  target: (db) =>
    db
      .selectFrom('new.visits as v')
      .groupBy(['v.clinic_id', sql`date_trunc('month', v.day)`])
      .select(['v.clinic_id as clinic', sql<string | null>`date_trunc('month', v.day)`.as('month')])
      .select(sql<numeric>`sum(v.paid)`.as('paid')),
  key: ['clinic', 'month'],
})

/** Column `k`, and columns of types that have no order, or no aggregate: a list holds the side. */
const valuesOf = (side: 1 | 2) =>
  sql<{ k: string; list: string; doc: string; flag: string }>`(
    select k, array[n, ${sql.lit(side)}] as list, jsonb_build_object('n', n) as doc, n > 0 as flag
    from (values ('a', 1), ('b', 2), (null, 3)) as v (k, n)
  )`.as('r')

const types = m.parity('values of other types', {
  source: (db) => db.selectFrom(valuesOf(1)).select(['r.k', 'r.list', 'r.doc', 'r.flag']),
  target: (db) => db.selectFrom(valuesOf(2)).select(['r.k', 'r.list', 'r.doc', 'r.flag']),
  key: ['k'],
})

const dividing = m.parity('dividing', {
  source: (db) => db.selectFrom('old.visits as v').select(sql`1`.as('n')),
  target: (db) => db.selectFrom('new.visits as v').select(sql`1 / (v.paid - 2.5)`.as('n')),
})

let loaded: TestDatabase
/** What is found where nothing happened after the load. */
let intact: Awaited<ReturnType<typeof findingsAfter>>

beforeAll(async () => {
  loaded = await loadedWith([whole, keyed, totals, types, dividing])
  intact = await findingsAfter(loaded)
})

const id = (key: string) => `(select id from drover.crosswalk_visits where source_key = '${key}')`
const set = (change: string, key: string) => `update new.visits set ${change} where id = ${id(key)}`
const remove = (key: string) => `delete from new.visits where id = ${id(key)}`

describe('the same answer', () => {
  test('passes, whatever the order of rows and columns', () => {
    expect(intact.of(whole.name)).toEqual({
      check: 'parity',
      mapping: null,
      rule: whole.name,
      verdict: 'pass',
      expected: 'the same 20 rows',
      actual: 'the same 20 rows',
      detail: 'Both sides give the same answer.',
    })
  })

  test('holds nulls in its keys, which are equal', async () => {
    expect(intact.of(totals.name)).toMatchObject({ verdict: 'pass', expected: 'the same 3 rows' })
    const { of } = await findingsAfter(loaded, set('paid = 0', 'v19'))
    expect(of(totals.name)).toMatchObject({ verdict: 'fail', actual: '3 rows, 1 differs' })
    expect(of(totals.name).detail).toMatch(/^The answers differ: [(][-0-9a-f]{36}, null[)] [(]paid[)][.]$/)
  })

  test('may differ as explained, which is counted with its reason', () => {
    expect(intact.of(keyed.name)).toMatchObject({
      verdict: 'pass',
      expected: 'the same 22 rows',
      actual: '20 rows, the same but for what is explained',
      detail: '2 rows differ as explained: set aside. Both sides give the same answer otherwise.',
    })
  })
})

describe('rows that are compared as a whole', () => {
  const row = { clinic: expect.stringMatching(/^[a9]{8}(-[a9]{4}){3}-[a9]{12}$/), kind: 'aaaaa' }

  test.each([
    ['is lost', remove('v4'), '19 rows, 1 differs', '3 in the source, 2 in the target'],
    [
      'is there once more',
      `insert into new.visits select gen_random_uuid(), clinic_id, paid, day, kind from new.visits where id = ${id('v4')}`,
      '21 rows, 1 differs',
      '3 in the source, 4 in the target',
    ],
  ])('one that %s', async (_, fault, actual, found) => {
    const { of } = await findingsAfter(loaded, fault)
    expect(of(whole.name)).toMatchObject({ verdict: 'fail', expected: 'the same 20 rows', actual })
    expect(of(whole.name).sample).toEqual([{ key: {}, fault: found, source: row, target: row }])
  })

  test('one that is another', async () => {
    const { database, of } = await findingsAfter(loaded, set(`kind = 'a secret'`, 'v4'))
    expect(of(whole.name)).toMatchObject({ actual: '20 rows, 2 differ', detail: 'The answers differ in 2 rows.' })
    expect(of(whole.name).sample).toContainEqual({
      key: {},
      fault: 'only in the target',
      source: null,
      target: { ...row, kind: 'a aaaaaa' },
    })
    expect(JSON.stringify(of(whole.name).sample)).not.toContain('secret')
    expect(await database.query(of(whole.name).query!)).toMatchObject([
      { side: 'only in the target', kind: 'a secret' },
      { side: 'only in the source', kind: 'first' },
    ])
  })
})

describe('rows that are compared by their key', () => {
  test('may differ by the tolerance, and no more', async () => {
    const within = set('paid = paid + 0.01, day = day - 1', 'v1')
    expect((await findingsAfter(loaded, within)).of(keyed.name)).toMatchObject({ verdict: 'pass' })
    const { of } = await findingsAfter(loaded, set('paid = paid - 0.02, day = day + 2', 'v1'))
    expect(of(keyed.name)).toMatchObject({
      // As many rows as that are allowed.
      verdict: 'warn',
      actual: '20 rows, 1 differs',
      detail: 'The answers differ: v1 (day, paid). 2 rows differ as explained: set aside.',
      sample: [
        {
          key: { id: 'v1' },
          fault: 'day, paid',
          source: { day: '9999-99-99', paid: '9.999999' },
          target: { day: '9999-99-99', paid: '9.99' },
        },
      ],
    })
  })

  test('are told when one side has none, or has it twice', async () => {
    const twice = `alter table drover.crosswalk_visits drop constraint crosswalk_visits_pkey;
      insert into drover.crosswalk_visits select 'v3', disposition, id from drover.crosswalk_visits where source_key = 'v4'`
    const { database, of } = await findingsAfter(loaded, `${twice}; ${remove('v1')}; ${set('paid = null', 'v2')}`)
    const finding = of(keyed.name)
    expect(finding).toMatchObject({ verdict: 'fail', actual: '20 rows, 3 differ' })
    expect(finding.detail).toContain('differ: v1 (only in the source), v2 (paid), v3 (twice in the target).')
    expect(finding.sample).toMatchObject([
      { key: { id: 'v1' }, target: null },
      { key: { id: 'v2' }, source: { paid: '9.999999' }, target: { paid: null } },
      { key: { id: 'v3' } },
    ])
    const [setting, ...query] = finding.query!.split('\n')
    await database.query(setting!)
    expect(await database.query(query.join('\n'))).toMatchObject([
      { id: 'v1', difference: 'only in the source', 'source paid': '1.500000', 'target paid': null },
      { id: 'v2', difference: 'paid differs', 'target paid': null },
      { id: 'v3', difference: 'twice in the target', explained: null },
      { id: 'v21', explained: 'set aside' },
      { id: 'v22', explained: 'set aside' },
    ])
  })

  test('may hold values of any type that can be compared', () => {
    expect(intact.of(types.name)).toMatchObject({
      verdict: 'fail',
      detail: 'The answers differ: a (list), b (list), null (list).',
    })
    expect(intact.of(types.name).sample![0]).toEqual({
      key: { k: 'a' },
      fault: 'list',
      source: { list: '{9,9}' },
      target: { list: '{9,9}' },
    })
  })
})

test('after the cutover a difference warns, and so does a source that is gone', async () => {
  const fault = remove('v4')
  expect((await findingsAfter(loaded, fault, { afterCutover: true })).of(whole.name)).toMatchObject({ verdict: 'warn' })
  const { of } = await findingsAfter(loaded, 'drop table old.visits')
  expect(of(whole.name)).toMatchObject({ verdict: 'warn', actual: null })
  expect(of(whole.name).detail).toMatch(/^Something that the rule reads is gone: SQLSTATE 42P01/)
})

test('a question that the server refuses fails, and the others are asked', async () => {
  const { of } = await findingsAfter(loaded, set('paid = 2.5', 'v3'))
  expect(of(dividing.name)).toMatchObject({
    verdict: 'fail',
    detail: 'The server refuses the query of the rule: SQLSTATE 22012, division by zero.',
  })
  expect(of(totals.name)).toMatchObject({ verdict: 'fail' })
})
