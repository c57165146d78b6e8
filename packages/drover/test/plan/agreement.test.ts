import { expect, test } from 'vitest'
import { alike, collect, newest, noteWhen, oldest, prefer, sql } from '../../src/index.ts'
import { carryOut, catalogOf, databaseWith, findingsOf, migrationOf } from './planned.ts'

const m = migrationOf()

test('duplicates agree in all values or are set aside; null agrees with null; what is collected is of those that agree', async () => {
  const database = await databaseWith(`
    create table old.t (id int primary key, g text, a text, b int, at int);
    insert into old.t values (1, 'g', 'x', null, 9), (2, 'g', 'x', null, 1), (3, 'g', 'x', 0, 2), (4, 'g', null, null, 3),
      (5, 'h', null, null, 1), (6, 'h', null, null, 2), (7, 'i', 'x', 1, 1);
    create table new.t (id int primary key, g text, at jsonb)`)
  const mapping = m.map('t', {
    from: (db) => db.selectFrom('old.t as t'),
    key: ({ t }) => t.id!,
    identity: ({ t }) => ({ by: [t.g!], agree: [t.a!, t.b!], quarantine: 'conflict' }),
    survivor: ({ t }) => newest(t.at!),
    to: 'new.t',
    columns: ({ t }) => ({ id: t.id!, g: t.g!, at: collect(t.at!, { orderBy: oldest(t.at!) }) }),
  })
  const plan = await carryOut(database, m.migration([mapping]))
  expect(plan.hazards.map(({ name }) => name)).toContain('merges-rows')
  expect(plan.mappings[0]!.traits).toEqual(['merge'])
  expect(await database.query('select source_key, disposition, id from drover.crosswalk_t order by 1')).toEqual([
    { source_key: '1', disposition: 'loaded', id: 1 },
    { source_key: '2', disposition: 'merged', id: 1 },
    { source_key: '3', disposition: 'quarantined', id: null },
    { source_key: '4', disposition: 'quarantined', id: null },
    { source_key: '5', disposition: 'merged', id: 6 },
    { source_key: '6', disposition: 'loaded', id: 6 },
    { source_key: '7', disposition: 'loaded', id: 7 },
  ])
  expect(await database.query('select code, source_key from drover.quarantine order by 2')).toEqual([
    { code: 'conflict', source_key: '3' },
    { code: 'conflict', source_key: '4' },
  ])
  expect(await database.query('select id, at from new.t order by 1')).toEqual([
    { id: 1, at: [1, 9] },
    { id: 6, at: [1, 2] },
    { id: 7, at: [1] },
  ])
})

test('with a match: the existing row stands for its group, and duplicates that contradict its source row are set aside', async () => {
  const database = await databaseWith(`
    create table old.t (id int primary key, mail text, name text);
    insert into old.t values (1, 'a', 'Ann'), (2, 'A', 'Ann'), (3, 'a', 'Bea');
    create table new.t (id int primary key, mail text, name text);
    insert into new.t values (70, 'a', 'Anna')`)
  const mapping = m.map('t', {
    from: (db) => db.selectFrom('old.t as t'),
    key: ({ t }) => t.id!,
    identity: ({ t }) => ({ by: [sql`lower(${t.mail})`], agree: [t.name!], quarantine: 'conflict' }),
    match: { on: (to, existing) => sql`${existing.mail} = lower(${to.mail})`, found: 'keep' },
    survivor: ({ t }) => prefer(sql`${t.id} = 2`),
    to: 'new.t',
    columns: ({ t }) => ({ id: t.id!, mail: t.mail!, name: t.name! }),
  })
  await carryOut(database, m.migration([mapping]))
  expect(await database.query('select source_key, disposition, id from drover.crosswalk_t order by 1')).toEqual([
    { source_key: '1', disposition: 'merged', id: 70 },
    { source_key: '2', disposition: 'matched', id: 70 },
    { source_key: '3', disposition: 'quarantined', id: null },
  ])
})

test('look-alikes: without an identity too; excluded rows do not count; null differs from nothing', async () => {
  const database = await databaseWith(`
    create table old.t (id int primary key, g text, town text);
    insert into old.t values (1, 'g', 'x'), (2, 'g', 'y'), (3, 'h', 'x'), (4, 'h', null), (5, null, 'x'), (6, null, 'y'), (7, 'i', 'x'), (-1, 'i', 'y');
    create table new.t (id int primary key, g text, town text)`)
  const mapping = m.map('t', {
    from: (db) => db.selectFrom('old.t as t'),
    key: ({ t }) => t.id!,
    where: ({ t }) => sql`${t.id} > 0`,
    to: 'new.t',
    columns: ({ t }) => ({
      id: t.id!,
      g: noteWhen(t.g!, 'alike', alike([t.g!])),
      town: noteWhen(t.town!, 'two-towns', alike([t.g!], { differIn: [t.town!], when: sql`${t.g} is not null` })),
    }),
  })
  await carryOut(database, m.migration([mapping]))
  const noted = await database.query<{ code: string; keys: string }>(
    `select code, string_agg(source_key, ' ' order by source_key) as keys from drover.note group by code order by code`,
  )
  expect(noted).toEqual([
    { code: 'alike', keys: '1 2 3 4 5 6' },
    { code: 'two-towns', keys: '1 2' },
  ])
})

test('rows that evolve are compared with no others, and no key can be made of that', async () => {
  const database = await databaseWith(
    'create table old.t (id int primary key, g text); create table new.t (id int primary key, g text)',
  )
  const catalog = await catalogOf(database)
  const evolved = m.evolve('t', {
    from: (db) => db.selectFrom('new.t as t'),
    to: 'new.t',
    columns: ({ t }) => ({ g: noteWhen(t.g!, 'alike', alike([t.g!])) }),
  })
  expect(findingsOf(m.migration([evolved]), catalog)).toEqual([
    'mapping t: filled(), collect() and alike() compare rows before the first chunk; rows that evolve are not.',
  ])
  const chosen = m.map('t', {
    from: (db) => db.selectFrom('old.t as t'),
    key: ({ t }) => t.id!,
    where: ({ t }) => alike([t.g!]),
    to: 'new.t',
    columns: ({ t }) => ({ id: t.id!, g: t.g! }),
  })
  expect(findingsOf(m.migration([chosen]), catalog)[0]).toMatch(/cannot read filled\(\), collect\(\), alike\(\)/)
})
