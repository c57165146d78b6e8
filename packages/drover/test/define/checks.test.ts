import type { Kysely } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Catalog } from '../../src/catalog/catalog.ts'
import { findCheckRefusals } from '../../src/check/refusal.ts'
import { renderPlan } from '../../src/cli/plan-text.ts'
import { schemasOf } from '../../src/cli/schemas.ts'
import type { DroverError } from '../../src/error.ts'
import {
  asRole,
  crosswalk,
  type DeclaredCheck,
  derivedUuid,
  lookup,
  merged,
  notes,
  quarantined,
  ref,
  sql,
} from '../../src/index.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { buildCheckProbes } from '../../src/plan/check-probes.ts'
import { type Anything, catalogOf, databaseWith, findingsOf, migrationOf } from '../plan/planned.ts'
import { withDatabase } from '../run/fixture.ts'
import type { TestDatabase } from '../support/postgres.ts'

type Builder = Kysely<Anything>

let database: TestDatabase
let catalog: Catalog

beforeAll(async () => {
  database = await databaseWith(`
    create table old.t (id text primary key, n int);
    create table old.rates (id int primary key, rate numeric);
    create table new.t (id uuid primary key, n int);
    create table new.rates (id int primary key, rate numeric)`)
  catalog = await catalogOf(database)
})

const m = migrationOf()

const mapping = (changes = {}) =>
  m.map('t', {
    from: (db: Builder) => db.selectFrom('old.t as t'),
    key: ({ t }: Anything) => t!.id,
    to: 'new.t',
    columns: ({ t }: Anything) => ({ id: derivedUuid(t!.id), n: t!.n }),
    ...changes,
  } as never)

const t = mapping()

const declaring = (...checks: readonly DeclaredCheck[]) => m.migration([t], { checks })

const asking = (query: (db: Builder) => unknown, options = {}) => m.assertNone('rule', query as never, options)

const comparing = (source: string, target: string, options = {}) =>
  m.parity('question', {
    source: (db: Builder) => db.selectFrom('old.t as t').select(sql.raw(source).as(source)) as never,
    target: (db: Builder) => db.selectFrom('new.t as t').select(sql.raw(target).as(target)) as never,
    ...options,
  } as never)

describe('a check that cannot be asked is told when the migration is planned', () => {
  const wrong: readonly (readonly [what: string, check: DeclaredCheck, finding: string])[] = [
    [
      'a table that does not exist',
      asking((db) => db.selectFrom('old.missing as x').select('x.id')),
      'check rule: the query reads old.missing, which does not exist in the database.',
    ],
    [
      'columns that nobody can tell',
      asking((db) => db.selectFrom(quarantined(t, 'q')).selectAll()),
      'check rule: it cannot be told which columns the query gives; list them in .select([…]), each with a name.',
    ],
    [
      'no column',
      asking((db) => db.selectFrom('new.t as t')),
      'check rule: the query selects no column. Name them in .select([…]).',
    ],
    [
      'a column twice',
      asking((db) => db.selectFrom('new.t as t').select(['t.id', 't.n as id'])),
      'check rule: the query gives two columns named id. Name each differently.',
    ],
    [
      'a key that is none of them',
      asking((db) => db.selectFrom('new.t as t').select(['t.id', 't.n']), { key: ['id', 'number'] }),
      'check rule: the query gives no column number; it gives id, n.',
    ],
    [
      'a table of the source without an alias',
      asking((db) => db.selectFrom('old.t').select('id')),
      "check rule: the query reads old.t without an alias. Write 'old.t as t'.",
    ],
    [
      'a reference',
      asking((db) => db.selectFrom('old.t as t').select(sql`${ref(sql`t.id`, t).orNull()}`.as('id'))),
      'check rule: ref() and lookup() cannot be used in a check; join crosswalk(mapping, alias), and the target by its id.',
    ],
    [
      'a look-up',
      asking((db) => db.selectFrom('new.t as t').select(sql`${lookup(sql`t.id`, t, 'n' as never)}`.as('id'))),
      'check rule: ref() and lookup() cannot be used in a check; join crosswalk(mapping, alias), and the target by its id.',
    ],
    [
      'a mapping that is not in the migration',
      asking((db) => db.selectFrom(notes({ name: 'other' }, 'n')).select('n.code')),
      'check rule: refers to mapping other, which is not in the migration. Add it to m.migration([…]).',
    ],
    [
      'columns of the source alone',
      comparing('a', 'b'),
      'check question: only `source` gives a. Both queries give columns of the same names.',
    ],
    [
      'columns of the target alone',
      comparing('a', 'b'),
      'check question: only `target` gives b. Both queries give columns of the same names.',
    ],
    [
      'a tolerance of a column that there is not',
      comparing('n', 'n', { key: ['n'], tolerance: { m: 1 } }),
      'check question: `source` gives no column m; it gives n.',
    ],
    [
      'a tolerance of a key',
      comparing('n', 'n', { key: ['n'], tolerance: { n: 1 } }),
      'check question: n is in `key` and has a tolerance: keys are equal or not.',
    ],
    [
      'an explanation that gives no key',
      comparing('n', 'n', {
        key: ['n'],
        explained: [{ because: 'so', rows: (db: Builder) => db.selectFrom('new.t as t').select('t.id') }],
      }),
      "check question: the query of the rows explained by 'so' gives no column n; it gives id.",
    ],
  ]

  test.each(wrong)('%s', (_, check, finding) => {
    expect(findingsOf(declaring(check), catalog)).toContain(finding)
  })

  test.each(['secret', 'personal'])('a key that %s hides', (list) => {
    const hidden = mapping({ [list]: ['n'] })
    const rule = asking((db) => db.selectFrom('old.t as t').select(['t.n as first', 't.id']))
    const named = m.assertNone(
      'named',
      ((db: Builder) => db.selectFrom('old.t as t').select(['t.n', 't.id'])) as never,
      {
        key: ['id'] as never,
      },
    )
    const carried = m.assertNone('carried', (db: Builder) => db.selectFrom('new.t as t').select('t.n') as never)
    const bare = m.assertNone('bare', (db: Builder) => db.selectFrom('new.t as t').select('n') as never)
    const made = m.assertNone(
      'made',
      (db: Builder) => db.selectFrom('old.t as t').select(({ fn }) => fn.coalesce('t.n').as('m')) as never,
    )
    const seen = m.access('seen', {
      as: asRole('pg_monitor'),
      visible: (db: Builder) => db.selectFrom('new.t as t').select('t.n') as never,
      expected: 'nothing',
    })
    const findings = findingsOf(m.migration([hidden], { checks: [rule, named, carried, bare, made, seen] }), catalog)
    const rest = `, which \`${list}\` of a mapping hides: keys stand in every output. Name the rows by another column, as \`key\`.`
    expect(findings).toEqual([
      `check rule: its key is n of old.t${rest}`,
      `check carried: its key is n of new.t${rest}`,
      `check bare: its key is n of new.t${rest}`,
      `check made: its key is n of old.t${rest}`,
      `check seen: its key is n of new.t${rest}`,
    ])
  })

  test.each([
    ['in `from`', { from: (db: Builder) => db.selectFrom(merged(t, 't')) }],
    [
      'in a stored query',
      { from: (db: Builder) => db.selectFrom(db.selectFrom(merged(t, 'x')).select('x.source_key as id').as('t')) },
    ],
    ['in `where`', { where: () => sql`exists (select from ${merged(t, 'x')})` }],
  ])('a mapping that reads what a run leaves behind, %s', (_, changes) => {
    expect(findingsOf(m.migration([mapping(changes)]), catalog).join('\n')).toContain(
      'quarantined(), corrections(), notes() and merged() read what a run has left behind: they are for checks alone.',
    )
  })
})

describe('a check that is not complete is refused where it is written', () => {
  const query = (db: Builder) => db.selectFrom('new.t as t').select('t.id')
  const parity = { source: query, target: query }
  test.each([
    ['a percentage of nothing', () => asking(query, { allow: { percent: 1 } })],
    ['a tolerance without a key', () => m.parity('x', { ...parity, tolerance: { id: 1 } } as never)],
    [
      'an explanation without a key',
      () => m.parity('x', { ...parity, explained: [{ because: 'so', rows: query }] } as never),
    ],
    [
      'a tolerance that is no number',
      () => m.parity('x', { ...parity, key: ['id'], tolerance: { id: '1 or 2' } } as never),
    ],
    ['a tolerance below 0', () => m.parity('x', { ...parity, key: ['id'], tolerance: { id: -1 } } as never)],
    ['no name', () => m.assertNone(' ', query as never)],
    ['a name of two lines', () => m.assertNone('one\ntwo', query as never)],
    ['a statement that is no query', () => asking((db) => db.deleteFrom('new.t'))],
    ['two of one name', () => declaring(asking(query), asking(query))],
  ])('%s', (_, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'definition-invalid' } satisfies Partial<DroverError>))
  })
})

describe('the plan', () => {
  const rates = m.parity('rates', {
    source: (db: Builder) => db.selectFrom('old.rates as r').select(['r.id', 'r.rate']) as never,
    target: (db: Builder) => db.selectFrom('new.rates as r').select(['r.rate', 'r.id']) as never,
    key: ['id'] as never,
  })

  test('is the same each time, and knows the tables that checks alone read', () => {
    const plan = buildPlan(declaring(rates), catalog)
    expect(plan.catalog.tables.map(({ schema, name }) => `${schema}.${name}`)).toContain('old.rates')
    expect(buildPlan(declaring(rates), catalog).hash).toBe(plan.hash)
    expect(buildPlan(declaring(rates), plan.catalog).hash).toBe(plan.hash)
    expect(buildPlan(declaring(), catalog).hash).not.toBe(plan.hash)
  })

  test('names them for people, with what they allow', () => {
    const some = asking((db) => db.selectFrom('new.t as t').select('t.id'), { allow: { rows: 3 } })
    expect(
      renderPlan(buildPlan(declaring(some, rates), catalog)),
    ).toContain(`Checks, which drover verify asks besides its own:
  business rule rule (warns up to 3 rows)
  parity        rates
`)
  })

  test('is made for the schemas that checks name, but for the ledger', () => {
    const elsewhere = asking((db) =>
      db.selectFrom('third.x as x').innerJoin('drover.run as r', 'r.id', 'x.id').select('x.id'),
    )
    expect(schemasOf(declaring(elsewhere))).toEqual(['new', 'old', 'third'])
  })
})

describe('the server is asked whether it can plan the queries, before there is a ledger', () => {
  const refusals = (...checks: readonly DeclaredCheck[]) =>
    withDatabase(database.url, (db) => findCheckRefusals(db, buildCheckProbes(declaring(...checks), catalog)))

  test('and it can, whatever they read of the ledger', async () => {
    const all = asking((db) =>
      db
        .selectFrom('new.t as t')
        .innerJoin(crosswalk(t, 'x'), 'x.id', 't.id')
        .innerJoin('old.t as o', 'o.id', 'x.source_key')
        .innerJoin(quarantined(t, 'q'), 'q.source_key', 'o.id')
        .innerJoin(merged(t, 'm'), 'm.survivor_key', 'o.id')
        .where('q.accepted', '=', true)
        .select('t.id'),
    )
    // A table of the ledger that is named outright cannot be asked for before there is one.
    const outright = asking((db) => db.selectFrom('drover.merge as m').select('m.source_key'))
    expect(await refusals(all, comparing('n', 'n'))).toEqual([])
    expect(await refusals(outright)).toEqual([])
  })

  test('or tells what is wrong, of each check', async () => {
    const misspelt = asking((db) => db.selectFrom('new.t as t').where('t.m', '=', 1).select('t.id'))
    const [first, second] = await refusals(misspelt, comparing('id', 'id'))
    expect(first).toMatch(/^check rule: the server refuses its query: SQLSTATE 42703.*column t[.]m does not exist/)
    // Text and uuid.
    expect(second).toMatch(/^check question: the server refuses its query: SQLSTATE 42804/)
  })
})
