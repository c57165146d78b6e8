import type { Kysely } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import type { Catalog } from '../../src/catalog/catalog.ts'
import { readCatalog } from '../../src/catalog/read.ts'
import { defineMigration, derivedUuid, fold, type text, type uuid } from '../../src/index.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { withDatabase } from '../run/fixture.ts'
import { createDatabase } from '../support/postgres.ts'

interface Old {
  'old.visits': { id: text; patient: text; room: text }
  'old.patients': { id: text; name: text; email: text }
}
interface New {
  'new.visits': { id: uuid; who: text | null }
}

let catalog: Catalog

beforeAll(async () => {
  const database = await createDatabase()
  await database.query(`
    create schema old;
    create table old.visits (id text primary key, patient text not null, room text not null);
    create table old.patients (id text primary key, name text not null, email text not null unique);
    create schema new;
    create table new.visits (id uuid primary key, who text)`)
  catalog = await withDatabase(database.url, (db) =>
    db.transaction((tx) => readCatalog((statement, values) => tx.query(statement, values), ['old', 'new'])),
  )
})

const m = defineMigration<Old, New>({ name: 'joins', cutover: '2025-06-01T00:00:00Z' })
type Builder = Kysely<Old & New>

const driving = (db: Builder) => db.selectFrom('old.visits as v')

/** What the planner says of a `from` whose driving alias is `v`; undefined where it accepts it. */
function findingsOf(from: (db: Builder) => unknown): readonly string[] | undefined {
  const visits = m.map('visits', {
    from: (db) => from(db) as ReturnType<typeof driving>,
    key: ({ v }) => v.id,
    to: 'new.visits',
    columns: ({ v }) => ({ id: derivedUuid(v.id) }),
    dropped: ['patient', 'room'],
  })
  try {
    buildPlan(m.migration([visits]), catalog)
    return undefined
  } catch (error) {
    return (error as { findings: readonly string[] }).findings
  }
}

test.each<[string, (db: Builder) => unknown]>([
  ['the primary key', (db) => db.selectFrom('old.visits as v').leftJoin('old.patients as p', 'p.id', 'v.patient')],
  ['a unique column', (db) => db.selectFrom('old.visits as v').leftJoin('old.patients as p', 'p.email', 'v.patient')],
  [
    'what a subquery is grouped by',
    (db) =>
      db.selectFrom('old.visits as v').leftJoin(
        db
          .selectFrom('old.patients as p')
          .select(({ ref, fn }) => [fold(ref('p.name')).as('folded'), fn.countAll().as('n')])
          .groupBy('folded')
          .as('g'),
        'g.folded',
        'v.patient',
      ),
  ],
])('a left join on %s is accepted', (_, from) => {
  expect(findingsOf(from)).toBeUndefined()
})

test.each<[string, (db: Builder) => unknown, RegExp]>([
  [
    'on a column that is not unique',
    (db) => db.selectFrom('old.visits as v').leftJoin('old.patients as p', 'p.name', 'v.patient'),
    /join to p may multiply rows: name is not unique there/,
  ],
  [
    'that drops rows',
    (db) => db.selectFrom('old.visits as v').innerJoin('old.patients as p', 'p.id', 'v.patient'),
    /join to p may drop rows; use leftJoin/,
  ],
  [
    'to a subquery that is not grouped',
    (db) =>
      db
        .selectFrom('old.visits as v')
        .leftJoin(db.selectFrom('old.patients as p').select('p.name').as('g'), 'g.name', 'v.patient'),
    /join to g may multiply rows/,
  ],
  [
    // SQL takes the bare name for the input's column: two names that fold to one give two groups.
    'to a subquery grouped by a name that the input has too',
    (db) =>
      db.selectFrom('old.visits as v').leftJoin(
        db
          .selectFrom('old.patients as p')
          .select(({ ref }) => fold(ref('p.name')).as('name'))
          .groupBy('name')
          .as('g'),
        'g.name',
        'v.patient',
      ),
    /join to g may multiply rows/,
  ],
  [
    // Each row that is its own neighbour would join every visit.
    'on a column of the joined table itself',
    (db) => db.selectFrom('old.visits as v').leftJoin('old.patients as p', 'p.id', 'p.email'),
    /join to p may multiply rows: it equates no column/,
  ],
  [
    'to a grouped subquery that gives the name of its group to another column',
    (db) =>
      db.selectFrom('old.visits as v').leftJoin(
        db
          .selectFrom('old.patients as p')
          .select(({ fn }) => fn.max('p.email').as('name'))
          .groupBy('p.name')
          .as('g'),
        'g.name',
        'v.patient',
      ),
    /join to g may multiply rows/,
  ],
  [
    'to grouped rows beside others',
    (db) =>
      db
        .selectFrom('old.visits as v')
        .leftJoin(
          db
            .selectFrom('old.patients as p')
            .select('p.name')
            .groupBy('p.name')
            .unionAll(db.selectFrom('old.patients as q').select('q.name'))
            .as('g'),
          'g.name',
          'v.patient',
        ),
    /join to g may multiply rows/,
  ],
  [
    'under an alias of the planner',
    (db) => db.selectFrom('old.visits as v').leftJoin('old.patients as resolution', 'resolution.id', 'v.patient'),
    /alias resolution is one that drover uses itself/,
  ],
  [
    'with a where',
    (db) => db.selectFrom('old.visits as v').where('v.room', '=', '1'),
    /move the condition of .where\(\)/,
  ],
  ['with a select', (db) => db.selectFrom('old.visits as v').select('v.id'), /leave out .select\(\)/],
  ['with a limit', (db) => db.selectFrom('old.visits as v').limit(5), /into a subquery with an alias/],
  ['with a fetch', (db) => db.selectFrom('old.visits as v').fetch(5), /into a subquery with an alias/],
])('a from %s is refused', (_, from, finding) => {
  expect(findingsOf(from)?.join('\n')).toMatch(finding)
})
