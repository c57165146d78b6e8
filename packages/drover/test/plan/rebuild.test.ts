import { describe, expect, test } from 'vitest'
import { putBack } from '../../src/catalog/put-back.ts'
import { isInsertTrigger } from '../../src/catalog/trigger-events.ts'
import { derivedUuid, type Expression, ref, sql, type text } from '../../src/index.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { chooseRebuilds, type TargetState } from '../../src/plan/chosen-rebuilds.ts'
import { forecastRebuild } from '../../src/plan/rebuild-forecast.ts'
import type { RebuildPlan } from '../../src/plan/rebuild-plan.ts'
import { catalogOf, databaseWith, migrationOf } from './planned.ts'

const m = migrationOf()
const parents = m.map('parents', {
  from: (db) => db.selectFrom('old.parents as p'),
  key: ({ p }) => p.id!,
  to: 'new.parents',
  columns: ({ p }) => ({ id: derivedUuid(p.id!) }),
})
const rows = (name: string, id: (key: never) => unknown = derivedUuid as never) =>
  m.map(name, {
    from: (db) => db.selectFrom('old.rows as r'),
    key: ({ r }) => r.id!,
    to: 'new.rows',
    columns: ({ r }) => ({
      id: id(r.id as never) as never,
      parent: ref(r.parent!, parents).orNull(),
      n: r.n!,
      t: r.t!,
    }),
  })

const tables = `
  create table old.parents (id text primary key);
  create table old.rows (id text primary key, parent text, n int not null, t text);
  create table new.parents (id uuid primary key);`
const target = `${tables} create table new.rows (id uuid primary key, parent uuid references new.parents, n int, t text);`

async function rebuildOf(schema: string, mappings = [rows('rows')]): Promise<RebuildPlan | undefined> {
  const database = await databaseWith(schema)
  const { rebuilds } = buildPlan(m.migration([parents, ...mappings]), await catalogOf(database))
  return rebuilds.find(({ table }) => table === 'new.rows')
}

const namesIn = (rebuild: RebuildPlan | undefined) => rebuild?.objects.map(({ name }) => name)
const reasonsIn = (rebuild: RebuildPlan | undefined) =>
  Object.fromEntries((rebuild?.kept ?? []).map(({ name, why }) => [name, why]))

describe('what is taken off an empty target', () => {
  test('is everything that no one needs meanwhile: the indexes first, then what refers to others', async () => {
    const rebuild = await rebuildOf(
      `${target} create index rows_n_idx on new.rows (n); create unique index rows_t_key on new.rows (t)`,
    )
    expect(namesIn(rebuild)).toEqual(['rows_t_key', 'rows_pkey', 'rows_n_idx', 'rows_parent_fkey'])
    expect(rebuild!.kept).toEqual([])
  })

  test('is an index over an expression, after which the server learns what that gives', async () => {
    const rebuild = await rebuildOf(`${target} create index rows_n_idx on new.rows (n);
      create index rows_lower_idx on new.rows (lower(t))`)
    const attached = Object.fromEntries(rebuild!.objects.map(({ name, attach }) => [name, attach]))
    expect(attached).toMatchObject({ rows_lower_idx: ['analyze "new"."rows"'], rows_n_idx: [] })
  })

  test('is nothing where rows are matched or updated there, nor where a trigger fires on insert', async () => {
    const trigger = (events: string) => `${target}
      create function new.f() returns trigger language plpgsql as 'begin return new; end';
      create trigger watch ${events} on new.rows for each row execute function new.f();`
    expect(await rebuildOf(trigger('before update or insert of n'.replace(' of n', '')))).toBeUndefined()
    expect(namesIn(await rebuildOf(trigger('before update or delete')))).toContain('rows_pkey')
    expect(await rebuildOf(`${target} create table new.more () inherits (new.rows)`)).toBeUndefined()
    expect(
      await rebuildOf(`${tables} create table new.rows (id uuid, parent uuid, n int, t text) partition by hash (id);
        create table new.rows_1 partition of new.rows for values with (modulus 1, remainder 0);
        alter table new.rows add primary key (id)`),
    ).toBeUndefined()
  })

  test('is not a key that two rows may have', async () => {
    const why = 'keys are not made of source keys alone, so that two rows may have one'
    expect(reasonsIn(await rebuildOf(target, [rows('rows'), rows('others')]))).toEqual({ rows_pkey: why })
    const lowered = rows('rows', ((key: never) => derivedUuid(firstLetter(key))) as never)
    expect(reasonsIn(await rebuildOf(target, [lowered]))).toEqual({ rows_pkey: why })
  })

  test('is not what others need, nor what cannot be made again as it was', async () => {
    const rebuild = await rebuildOf(`${target}
      create extension btree_gist with schema public;
      alter table new.rows add constraint rows_n_excl exclude using gist (n with =);
      create unique index rows_lower_key on new.rows (lower(t));
      create unique index rows_n_key on new.rows (n);
      alter table new.rows alter n set not null;
      alter table new.rows replica identity using index rows_n_key;
      create view new.totals as select id, t from new.rows group by id;
      create table new.parts (id int primary key) partition by range (id);
      alter table new.rows add constraint rows_part_fkey foreign key (n) references new.parts not valid;
      create index rows_t_idx on new.rows (t);`)
    expect(namesIn(rebuild)).toEqual(['rows_t_idx', 'rows_parent_fkey'])
    expect(reasonsIn(rebuild)).toEqual({
      rows_pkey: 'view new.totals needs it',
      rows_n_excl: 'an exclusion constraint is judged row by row',
      rows_lower_key: 'it is unique over an expression',
      rows_n_key: 'replicas know the rows by it',
      rows_part_fkey: 'new.parts is partitioned',
    })
  })

  test('is nothing at all where the migration says so', async () => {
    const database = await databaseWith(target)
    const migration = { ...m.migration([parents, rows('rows')]), indexes: 'keep' as const }
    const { rebuilds, hazards } = buildPlan(migration, await catalogOf(database))
    expect([rebuilds, hazards.filter(({ name }) => name === 'drops-indexes')]).toEqual([[], []])
  })
})

/** Something of the column that several rows share. */
const firstLetter = (key: never) => sql`left(${key as Expression<text>}, 1)` as never

describe('what a run finds decides what it takes off', () => {
  const state: TargetState = { isEmpty: true, isOwned: true, isPublished: false, unreferable: [] }
  const chosen = async (parents: Partial<TargetState>, rows: Partial<TargetState>) => {
    const database = await databaseWith(target)
    const { rebuilds } = buildPlan(m.migration([parentsMapping, rowsMapping]), await catalogOf(database))
    const states = new Map([
      ['new.parents', { ...state, ...parents }],
      ['new.rows', { ...state, ...rows }],
    ])
    return Object.fromEntries(chooseRebuilds(rebuilds, states).map(({ object, why }) => [object.name, why]))
  }
  const [parentsMapping, rowsMapping] = [parents, rows('rows')]

  test.each([
    [{}, {}, { parents_pkey: null, rows_pkey: null, rows_parent_fkey: null }],
    [
      {},
      { isEmpty: false },
      {
        parents_pkey: 'foreign key rows_parent_fkey on new.rows needs it',
        rows_pkey: 'the table holds rows',
        rows_parent_fkey: 'the table holds rows',
      },
    ],
    [
      { isOwned: false },
      {},
      { parents_pkey: 'the table is not owned by the role', rows_pkey: null, rows_parent_fkey: null },
    ],
    [
      {},
      { isPublished: true },
      { parents_pkey: null, rows_pkey: 'a publication sends rows by it', rows_parent_fkey: null },
    ],
    [
      {},
      { unreferable: ['new.parents'] },
      {
        parents_pkey: 'foreign key rows_parent_fkey on new.rows needs it',
        rows_pkey: null,
        rows_parent_fkey: 'the role may not refer to new.parents',
      },
    ],
  ])('parents %j, rows %j', async (ofParents, ofRows, expected) => {
    expect(await chosen(ofParents, ofRows)).toEqual(expected)
  })
})

test('names that take quotes are known by them', async () => {
  const database = await databaseWith(`
    create table old."Users" (id text primary key);
    create table old."Posts" (id text primary key, "authorId" text);
    create table new."Users" (id uuid primary key);
    create table new."Posts" (id uuid primary key, "authorId" uuid references new."Users");`)
  const users = m.map('users', {
    from: (db) => db.selectFrom('old.Users as u'),
    key: ({ u }) => u.id!,
    to: 'new.Users',
    columns: ({ u }) => ({ id: derivedUuid(u.id!) }),
  })
  const posts = m.map('posts', {
    from: (db) => db.selectFrom('old.Posts as p'),
    key: ({ p }) => p.id!,
    to: 'new.Posts',
    columns: ({ p }) => ({ id: derivedUuid(p.id!), authorId: ref(p.authorId!, users).orNull() }),
  })
  const was = await catalogOf(database)
  const { rebuilds } = buildPlan(m.migration([users, posts]), was)
  const state: TargetState = { isEmpty: true, isOwned: true, isPublished: false, unreferable: [] }
  const chosen = chooseRebuilds(rebuilds, new Map(rebuilds.map(({ table }) => [table, state])))
  expect(chosen.map(({ object, why }) => [object.name, why])).toEqual([
    ['Users_pkey', null],
    ['Posts_pkey', null],
    ['Posts_authorId_fkey', null],
  ])
  const off = chosen.map(({ rebuild, object }) => ({ schema: 'new', table: rebuild.table.slice(4), name: object.name }))
  for (const { object } of chosen.toReversed()) await database.query(object.drop)
  expect(putBack(await catalogOf(database), was, off)).toEqual(was)
})

test('a catalog net of what is off equals the one from before, half-way back too', async () => {
  const database = await databaseWith(`${target} create unique index rows_t_key on new.rows (t)`)
  const was = await catalogOf(database)
  const off = [
    { schema: 'new', table: 'rows', name: 'rows_pkey' },
    { schema: 'new', table: 'rows', name: 'rows_t_key' },
    { schema: 'new', table: 'rows', name: 'rows_parent_fkey' },
    { schema: 'new', table: 'parents', name: 'parents_pkey' },
  ]
  await database.query(`
    alter table new.rows drop constraint rows_parent_fkey, drop constraint rows_pkey;
    alter table new.parents drop constraint parents_pkey;
    drop index new.rows_t_key`)
  expect(putBack(await catalogOf(database), was, off)).toEqual(was)
  await database.query(`
    create unique index rows_pkey on new.rows (id);
    alter table new.parents add primary key (id);
    alter table new.rows add constraint rows_parent_fkey foreign key (parent) references new.parents not valid`)
  expect(putBack(await catalogOf(database), was, off)).toEqual(was)
  await database.query('create index other on new.rows (n)')
  expect(putBack(await catalogOf(database), was, off)).not.toEqual(was)
})

test('what restores an object makes it as it was, from nothing and from half-way, and does nothing where it is there', async () => {
  const database = await databaseWith(`${target}
    create unique index rows_t_key on new.rows (t);
    comment on index new.rows_t_key is 'one each';
    comment on constraint rows_parent_fkey on new.rows is 'whose'`)
  const was = await catalogOf(database)
  const { rebuilds } = buildPlan(m.migration([parents, rows('rows')]), was)
  const objects = rebuilds.flatMap(({ objects }) => objects)
  const keys = objects.filter(({ kind }) => kind === 'foreign key')
  const others = objects.filter(({ kind }) => kind !== 'foreign key')
  const drop = async () => {
    for (const { drop } of [...keys, ...others]) await database.query(drop)
  }
  const restore = async () => {
    for (const { restore } of [...others, ...keys]) await database.query(restore)
  }
  await drop()
  await restore()
  expect(await catalogOf(database)).toEqual(was)
  await restore()
  expect(await catalogOf(database)).toEqual(was)
  await drop()
  for (const { build } of others) await database.query(build)
  await database.query(others.find(({ name }) => name === 'parents_pkey')!.attach[0]!)
  for (const { build } of keys) await database.query(build)
  await restore()
  expect(await catalogOf(database)).toEqual(was)
})

test('an insert is told from what else a trigger may fire on, as the server prints it', async () => {
  const database = await databaseWith(`
    create table new.seen (id int, "OTHER" int, "INSERT" int);
    create function new.f() returns trigger language plpgsql as 'begin return new; end';
    create trigger a before update of "OTHER" or insert on new.seen for each row execute function new.f();
    create trigger b after delete or insert on new.seen for each row execute function new.f();
    create trigger c after insert on new.seen for each statement execute function new.f();
    create constraint trigger d after insert on new.seen for each row execute function new.f();
    create trigger e before update of "INSERT" on new.seen for each row execute function new.f();
    create trigger f after truncate on new.seen execute function new.f()`)
  const [table] = (await catalogOf(database)).tables
  expect(table!.triggers.filter(isInsertTrigger).map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd'])
})

test('the forecast of the indexes is within a third of their size', async () => {
  const database = await databaseWith(`${target}
    create index rows_parent_n_idx on new.rows (parent, n) include (id);
    insert into new.rows select gen_random_uuid(), null, i, null from generate_series(1, 20000) as i;
    reindex table new.rows`)
  const catalog = await catalogOf(database)
  const { rebuilds } = buildPlan(m.migration([parents, rows('rows')]), catalog)
  const { indexBytes } = forecastRebuild(rebuilds.at(-1)!, catalog.tables.find(({ name }) => name === 'rows')!, 20_000)
  const [row] = await database.query(`select pg_indexes_size('new.rows')::int as bytes`)
  expect(Math.abs(indexBytes / (row!.bytes as number) - 1)).toBeLessThan(0.34)
})
