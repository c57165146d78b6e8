import type { Kysely } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Catalog } from '../../src/catalog/catalog.ts'
import { decimal, type Expression, lookup, lowerTrim, oldest, ref, required, sql, type text } from '../../src/index.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { queryBuilder } from '../../src/sql/compile.ts'
import { type Anything, catalogOf, databaseWith, findingsOf, migrationOf } from './planned.ts'

let catalog: Catalog

beforeAll(async () => {
  const database = await databaseWith(`
    create table old.clinics (id text primary key, name text not null, town text, token text);
    create table old.visits (id text primary key, clinic text, next text);
    create view old.recent as select * from old.visits;
    create type old.mood as enum ('glad', 'sad'); create type new.mood as enum ('glad', 'sad');
    create table old.kinds (id text primary key, words text, number int, at timestamp, mood old.mood);
    create table new.fit (id text primary key, uid uuid, mood new.mood, flag boolean, words text, number numeric,
      at timestamptz, note text, needed text not null default '');
    create table new.filled (id text primary key, needed text not null);
    create function new.fill() returns trigger language plpgsql as 'begin new.needed := coalesce(new.needed, ''?''); return new; end';
    create trigger fill before insert on new.filled for each row execute function new.fill();
    create table new.clinics (id text primary key, name text not null, town text, code text not null,
      shout text generated always as (upper(name)) stored);
    create table new.visits (id text primary key, clinic text);
    create table new.keyless (id text);
    create table new.pairs (a text, b text, primary key (a, b));
    create table new.awkward (id text primary key, _key text, _resolved_id text, drover_version int);
    create table new.ledgers (source_key text primary key)`)
  catalog = await catalogOf(database)
})

const m = migrationOf()
type Builder = Kysely<Anything>
type Row = Readonly<Record<string, Expression<string>>>

/** A mapping of `old.visits` that is right but for what the test changes. */
const visits = (changes: Readonly<Record<string, unknown>> = {}, name = 'visits') =>
  m.map(name, {
    from: (db: Builder) => db.selectFrom('old.visits as v'),
    key: ({ v }: { v: Row }) => v.id,
    to: 'new.visits',
    columns: ({ v }: { v: Row }) => ({ id: v.id, clinic: v.clinic }),
    dropped: ['next'],
    ...changes,
  } as never)

const findings = (...mappings: readonly ReturnType<typeof visits>[]) => findingsOf(m.migration(mappings), catalog)

test('what is right is not complained of', () => {
  expect(findings(visits())).toEqual([])
})

test('the key of a mapping from a query reads the query alone', () => {
  const from = (db: Builder) =>
    db
      .selectFrom(db.selectFrom('old.visits as w').select(['w.id', 'w.clinic']).as('v'))
      .leftJoin('old.clinics as c', 'c.id', 'v.clinic')
  const key = ({ v, c }: { v: Row; c: Row }) => sql<text>`${c.town} || ${v.id}`
  expect(findings(visits({ from, dropped: [] }))).toEqual([])
  expect(findings(visits({ from, key, dropped: [] }))).toEqual([
    'mapping visits: key reads c.town, beside the query: its rows are told apart without that. Join within the query.',
  ])
})

test('a definition with many mistakes: every one is told at once, with its place and what helps', () => {
  const wrong = m.map('clinics', {
    from: (db) =>
      db
        .selectFrom('old.clinics as c')
        .innerJoin('old.visits as v', 'v.clinic', 'c.id')
        .where('c.town', '=', 'x')
        .select('c.id'),
    key: ({ c }) => c.id!,
    to: 'new.clinics',
    columns: (({ c }: { c: Row }) => ({ id: c.id!, nme: c.name!, shout: c.name! })) as never,
    secret: ['tokn'],
  })
  const lost = visits({ to: 'new.lost' }, 'lost')
  const gone = visits({ from: (db: Builder) => db.selectFrom('old.gone as v') }, 'gone')
  let thrown: unknown
  try {
    buildPlan(m.migration([wrong, lost, gone]), catalog)
  } catch (error) {
    thrown = error
  }
  expect(thrown).toMatchObject({ code: 'definition-invalid', remedy: 'Mend these 10 places and plan again.' })
  expect((thrown as { findings: readonly string[] }).findings.toSorted()).toEqual(
    [
      'mapping clinics, from: move the condition of .where() to `where` of the mapping, so that what it refuses is counted.',
      'mapping clinics, from: leave out .select(): the mapping selects what it needs.',
      'mapping clinics, from: the join to v may drop rows; use leftJoin, and decide with required() what a missing row means.',
      'mapping clinics, from: `secret` names tokn: old.clinics has no such column.',
      'mapping clinics: column nme does not exist in new.clinics. Run drover types again.',
      'mapping clinics: column name of new.clinics may not be null and is not mapped.',
      'mapping clinics: column code of new.clinics may not be null and is not mapped.',
      'mapping clinics: column shout of new.clinics is computed by the server; leave it out.',
      'mapping lost: target new.lost does not exist in the database. Create it first: drover carries rows, it makes no tables.',
      'mapping gone, from: old.gone does not exist in the database.',
    ].toSorted(),
  )
})

describe('columns of the source', () => {
  test('that no expression reads are named, with the line that leaves them behind', () => {
    expect(findings(visits({ dropped: [] }))).toEqual([
      "old.visits: no expression reads next. Map them, or add to mapping visits: dropped: ['next'].",
    ])
  })

  test('count as read wherever one is: in another mapping, a condition, a guard, an identity', () => {
    const places: Readonly<Record<string, unknown>>[] = [
      { where: ({ v }: { v: Row }) => sql`${v.next} is null` },
      { identity: ({ v }: { v: Row }) => [v.next] },
      {
        columns: ({ v }: { v: Row }) => ({ id: v.id, clinic: decimal(v.next!).orNull() }),
        where: ({ v }: { v: Row }) => sql`${v.clinic} <> ''`,
      },
    ]
    for (const place of places) expect(findings(visits({ ...place, dropped: [] }))).toEqual([])
    expect(
      findings(visits({ dropped: [] }), visits({ key: ({ v }: { v: Row }) => v.next, dropped: [] }, 'again')),
    ).toEqual([])
  })

  test('that do not exist cannot be dropped, nor hidden', () => {
    expect(findings(visits({ dropped: ['next', 'nxt'], secret: ['clinc'], personal: ['nam', 'clinic'] }))).toEqual([
      'mapping visits, from: `secret` names clinc: old.visits has no such column.',
      'mapping visits, from: `personal` names nam: old.visits has no such column.',
      'mapping visits, from: `dropped` names nxt: old.visits has no such column.',
    ])
  })

  test('that a query does not give cannot be hidden either, where it tells what it gives', () => {
    const from = (db: Builder) =>
      db.selectFrom(db.selectFrom('old.visits as w').selectAll('w').select('w.clinic as ward').as('v'))
    const hidden = (secret: readonly string[], query = from) => findings(visits({ from: query, secret, dropped: [] }))
    expect(hidden(['next', 'ward'])).toEqual([])
    expect(hidden(['nxt', 'ward'])).toEqual(['mapping visits, from: `secret` names nxt: the query has no such column.'])
    const unknown = (db: Builder) =>
      db.selectFrom(db.selectFrom(sql<Row>`old.f()`.as('w')).selectAll('w').as('v')) as never
    expect(hidden(['nxt'], unknown)).toEqual([])
  })

  test('that are part of the key cannot be hidden: keys are shown', () => {
    const shown = 'keys stand in the ledger and in every output. Tell the rows apart by another column.'
    expect(findings(visits({ secret: ['id'], personal: ['clinic'] }))).toEqual([
      `mapping visits: \`secret\` names id, which the key reads: ${shown}`,
    ])
    expect(findings(visits({ key: ({ v }: { v: Row }) => [v.id, v.clinic], personal: ['clinic'] }))).toEqual([
      `mapping visits: \`personal\` names clinic, which the key reads: ${shown}`,
    ])
  })

  test('of rows that evolve cannot be kept from the before-images', () => {
    const evolved = m.evolve('clinics', {
      from: (db) => db.selectFrom('new.clinics as c'),
      to: 'new.clinics',
      columns: (({ c }: { c: Row }) => ({ name: c.code })) as never,
      secret: ['code'],
    })
    expect(findings(evolved)).toEqual([
      'mapping clinics: `secret` names code: rows that evolve are kept as they were, every column of them. Map into another table, or leave `secret` out.',
    ])
  })
})

describe('columns that a mapping reads', () => {
  test('and their table does not have are told once, with every place that reads them', () => {
    const wrong = visits({
      from: (db: Builder) => db.selectFrom('old.visits as v').leftJoin('old.clinics as c', 'c.id', 'v.clnic'),
      key: ({ v }: { v: Row }) => v.number,
      where: ({ v }: { v: Row }) => sql`${v.number} > 0`,
      columns: ({ v, c }: { v: Row; c: Row }) => ({ id: v.id, clinic: decimal(c.nme!).orNull() }),
      dropped: ['next', 'clinic'],
    })
    expect(findings(wrong)).toEqual([
      'mapping visits: from reads v.clnic, and old.visits has no column clnic. Run drover types again.',
      'mapping visits: key, where reads v.number, and old.visits has no column number. Run drover types again.',
      'mapping visits: column clinic reads c.nme, and old.clinics has no column nme. Run drover types again.',
    ])
  })

  test('are those of the row, not of a relation in a subquery, nor those that every table has', () => {
    const subquery = (queryBuilder() as unknown as Builder).selectFrom('old.clinics as v').select('v.town').limit(1)
    expect(
      findings(
        visits({
          where: ({ v }: { v: Row }) => sql`${v.ctid} is not null`,
          columns: ({ v }: { v: Row }) => ({ id: v.id, clinic: sql`coalesce(${v.clinic}, ${subquery})` }),
        }),
      ),
    ).toEqual([])
  })
})

describe('a column that is taken as it is', () => {
  /** `new.fit.<column>` from an expression over `old.kinds as k`, left joined to `old.clinics as c`. */
  const fit = (column: string, value: (row: { k: Row; c: Row }) => unknown, changes = {}) =>
    findings(
      m.map('fit', {
        from: (db: Builder) => db.selectFrom('old.kinds as k').leftJoin('old.clinics as c', 'c.id', 'k.id'),
        key: ({ k }: { k: Row }) => k.id,
        to: 'new.fit',
        columns: (row: { k: Row; c: Row }) => ({ id: row.k.id, [column]: value(row) }),
        dropped: ['words', 'number', 'at', 'mood'],
        ...changes,
      } as never),
    )
  const misfit = (into: string, is: string, read: string, readIs: string, remedy: string) => [
    `mapping fit: column ${into} of new.fit is ${is} and ${read} is ${readIs}, which does not become one by itself. ${remedy}`,
  ]

  test('must be of a type that becomes the other on assignment', () => {
    expect(fit('uid', ({ k }) => k.words)).toEqual(
      misfit('uid', 'uuid', 'k.words', 'text', 'Convert it, as with derivedUuid(k.words, …).'),
    )
    expect(fit('uid', ({ k }) => k.number)[0]).toContain('k.number is integer, which')
    expect(fit('mood', ({ k }) => k.words)).toEqual(
      misfit('mood', 'new.mood', 'k.words', 'text', 'Convert it, as with oneOf(k.words, …).'),
    )
    expect(fit('flag', ({ k }) => k.number)).toEqual(
      misfit('flag', 'boolean', 'k.number', 'integer', 'Convert it in SQL: sql`…`.'),
    )
    expect(fit('mood', ({ k }) => k.mood)[0]).toContain('k.mood is old.mood, which')
    const right = { words: 'number', number: 'number', at: 'at', note: 'mood' } as const
    for (const [column, read] of Object.entries(right)) expect(fit(column, ({ k }) => k[read])).toEqual([])
    // What an expression gives, the server says.
    expect(fit('uid', ({ k }) => sql`${k.words}`)).toEqual([])
  })

  test('and must not be null where the target may not be', () => {
    const refused = (read: string, table: string, why: string) => [
      `mapping fit: column needed of new.fit may not be null, and ${read} of ${table} ${why}. Decide what that means: required(${read}).orQuarantine().`,
    ]
    expect(fit('needed', ({ k }) => k.words)).toEqual(refused('k.words', 'old.kinds', 'may be null'))
    expect(fit('needed', ({ c }) => c.name)).toEqual(
      refused('c.name', 'old.clinics', 'is null where the join finds no row'),
    )
    expect(fit('needed', ({ c }) => c.town)).toEqual(refused('c.town', 'old.clinics', 'may be null'))
    expect(fit('needed', ({ k }) => k.id)).toEqual([])
    expect(fit('needed', ({ k }) => required(k.words!).orQuarantine())).toEqual([])
  })

  test('unless a condition may leave the nulls out, or a trigger may fill them', () => {
    const where = (of: 'k' | 'c', column: string) => ({
      where: (row: { k: Row; c: Row }) => sql`${row[of][column]} is not null`,
    })
    expect(fit('needed', ({ k }) => k.words, where('k', 'words'))).toEqual([])
    expect(fit('needed', ({ k }) => k.words, where('k', 'number'))).toHaveLength(1)
    expect(fit('needed', ({ c }) => c.name, where('c', 'id'))).toEqual([])
    expect(fit('needed', ({ c }) => c.town, where('c', 'id'))).toHaveLength(1)
    expect(fit('needed', ({ k }) => k.words, { to: 'new.filled' })).toEqual([])
  })

  test('from a view is not judged: its columns tell nothing of nulls', () => {
    const seen = (column: string) =>
      m.map('seen', {
        from: (db: Builder) => db.selectFrom('old.recent as r'),
        key: ({ r }: { r: Row }) => r.id,
        to: 'new.fit',
        columns: ({ r }: { r: Row }) => ({ id: r.id, needed: r[column] }),
        dropped: ['clinic', 'next'].filter((name) => name !== column),
      } as never)
    expect(findings(seen('next'))).toEqual([])
  })
})

test('a survivor is chosen among duplicates, which an identity finds', () => {
  const survivor = ({ v }: { v: Row }) => oldest(v.next!)
  expect(findings(visits({ survivor, dropped: [] }))).toEqual([
    'mapping visits: `survivor` chooses among duplicates, and none are looked for. Say in `identity` which rows are the same.',
  ])
  expect(findings(visits({ survivor, identity: ({ v }: { v: Row }) => [v.clinic], dropped: [] }))).toEqual([])
})

describe('the target', () => {
  test('needs a primary key, wholly mapped', () => {
    const key = 'needs a primary key, and every column of it must be mapped.'
    expect(
      findings(
        visits({ to: 'new.keyless', columns: ({ v }: { v: Row }) => ({ id: v.id }), dropped: ['clinic', 'next'] }),
      ),
    ).toEqual([`mapping visits: new.keyless ${key}`])
    expect(
      findings(visits({ to: 'new.pairs', columns: ({ v }: { v: Row }) => ({ a: v.id }), dropped: ['clinic', 'next'] })),
    ).toEqual([
      'mapping visits: column b of new.pairs may not be null and is not mapped.',
      `mapping visits: new.pairs ${key}`,
    ])
  })

  test('may not use the names that stand beside its columns in the statements and the ledger', () => {
    const columns = ({ v }: { v: Row }) => ({ id: v.id, _key: v.clinic, _resolved_id: v.next })
    expect(findings(visits({ to: 'new.awkward', columns, dropped: [] }))).toEqual([
      'mapping visits: column _key of new.awkward has a name that drover uses itself; rename it.',
      'mapping visits: column _resolved_id of new.awkward has a name that drover uses itself; rename it.',
      'mapping visits: column drover_version of new.awkward has a name that drover uses itself; rename it.',
    ])
    expect(
      findings(
        visits({
          to: 'new.ledgers',
          columns: ({ v }: { v: Row }) => ({ source_key: v.id }),
          dropped: ['clinic', 'next'],
        }),
      ),
    ).toEqual([
      'mapping visits: the key column source_key of new.ledgers has the name of a column of the ledger; rename it.',
    ])
  })
})

describe('mappings among each other', () => {
  test('that refer in a circle are named in its order', () => {
    const first: ReturnType<typeof visits> = visits(
      { columns: ({ v }: { v: Row }) => ({ id: v.id, clinic: ref(v.clinic!, { name: 'second' }).orNull() }) },
      'first',
    )
    const second = visits(
      { columns: ({ v }: { v: Row }) => ({ id: v.id, clinic: ref(v.clinic!, first).orNull() }) },
      'second',
    )
    expect(findings(first, second)).toEqual([
      'the mappings first → second → first refer to each other in a circle; no order loads them.',
    ])
    const self = visits(
      { columns: ({ v }: { v: Row }) => ({ id: v.id, clinic: ref(v.clinic!, { name: 'self' }).orNull() }) },
      'self',
    )
    expect(findings(self)).toEqual(['the mappings self → self refer to each other in a circle; no order loads them.'])
  })

  test.each(['ref_1', 'own_1', 'existing', 'original', 'computed', 'walked'])(
    'the alias %s is drover’s own',
    (alias) => {
      const taken = visits({
        from: (db: Builder) => db.selectFrom(`old.visits as ${alias}`),
        key: (source: Record<string, Row>) => source[alias]!.id,
        columns: (source: Record<string, Row>) => ({ id: source[alias]!.id, clinic: source[alias]!.clinic }),
      })
      expect(findings(taken)).toContain(
        `mapping visits, from: the alias ${alias} is one that drover uses itself; choose another.`,
      )
    },
  )

  test('an alias like a table of another mapping is no reference to it', () => {
    const one = visits(
      {
        from: (db: Builder) => db.selectFrom('old.visits as clinics'),
        key: ({ clinics }: { clinics: Row }) => clinics.id,
        columns: ({ clinics }: { clinics: Row }) => ({ id: clinics.id, clinic: clinics.clinic }),
        to: 'new.visits',
      },
      'one',
    )
    const { mappings } = buildPlan(m.migration([one, visits({ to: 'new.visits' }, 'two')]), catalog)
    expect(mappings.map(({ dependsOn }) => dependsOn)).toEqual([[], []])
  })

  test('must be in the migration, under names of their own', () => {
    const other = visits({
      columns: ({ v }: { v: Row }) => ({ id: v.id, clinic: ref(v.clinic!, { name: 'clinics' }).orNull() }),
    })
    expect(findings(other)).toEqual([
      'mapping visits: refers to mapping clinics, which is not in the migration. Add it to m.migration([…]).',
    ])
    expect(findings(visits(), visits())).toContain('mapping visits: the name is used twice.')
    expect(findings(visits({}, 'Visits'))).toEqual([
      'mapping Visits: the name must be lower-case letters, digits and underscores, at most 45.',
    ])
    expect(findingsOf(migrationOf('Bad Name').migration([visits()]), catalog)).toEqual([
      "the migration's name Bad Name must be lower-case letters, digits and hyphens.",
    ])
  })

  test('are referred to by a column that the crosswalk holds, looked up by one that is unique', () => {
    const pairs = visits(
      { to: 'new.pairs', columns: ({ v }: { v: Row }) => ({ a: v.id, b: required(v.clinic!).orQuarantine() }) },
      'pairs',
    )
    const referring = visits({ columns: ({ v }: { v: Row }) => ({ id: v.id, clinic: ref(v.clinic!, pairs).orNull() }) })
    expect(findings(pairs, referring)).toEqual([
      'mapping visits: refers to mapping pairs by id, which is not in the primary key of new.pairs. Set targetKey there.',
    ])
    const keyed = visits(
      {
        to: 'new.pairs',
        targetKey: 'a',
        columns: ({ v }: { v: Row }) => ({ a: v.id, b: required(v.clinic!).orQuarantine() }),
      },
      'pairs',
    )
    expect(findings(keyed, referring)).toEqual([])
    const looking = visits({
      columns: ({ v }: { v: Row }) => ({ id: v.id, clinic: lookup(v.clinic!, keyed, 'b' as never) }),
    })
    expect(findings(keyed, looking)).toEqual([
      'mapping visits: refers to mapping pairs by a, which is not unique in new.pairs. Set targetKey there.',
    ])
  })
})

test('what a mapping reads of its own target would depend on its chunks', () => {
  const counting = ({ v }: { v: Row }) => ({ id: v.id, clinic: sql`(select max(id) from new.visits as n)` })
  // A name in plain text is the author's own business: no node tells of it.
  expect(findings(visits({ columns: counting, dropped: ['clinic', 'next'] }))).toEqual([])
  const joined = (db: Builder) => db.selectFrom('old.visits as v').leftJoin('new.visits as n', 'n.id', 'v.id')
  expect(findings(visits({ from: joined }))).toEqual([
    'mapping visits: reads new.visits while it loads it. Read it in a subquery in `from`, which is stored before.',
  ])
})

test('what cannot be placed over a row: references and guards of a subquery', () => {
  const clinics = visits({}, 'clinics')
  const inner = sql.ref('u.clinic') as unknown as Expression<string>
  const within = (value: Expression<unknown>) =>
    visits({
      columns: ({ v }: { v: Row }) => ({
        id: v.id,
        clinic: sql`(select max(${value}) from old.visits as u where u.next = ${v.next})`,
      }),
      dropped: ['clinic'],
    })
  expect(findings(clinics, within(lowerTrim(inner)))).toEqual([])
  expect(findings(clinics, within(ref(inner, clinics).orNull())).join('\n')).toMatch(
    /ref\(\) reads from a relation that is not in `from`/,
  )
  expect(findings(clinics, within(decimal(inner).orNull())).join('\n')).toMatch(
    /the guard not-a-number of column clinic reads from a relation/,
  )
})
