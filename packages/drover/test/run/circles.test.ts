import { expect, test } from 'vitest'
import {
  defineMigration,
  derivedUuid,
  fold,
  type int4,
  ref,
  required,
  sql,
  type text,
  type uuid,
} from '../../src/index.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { carryOut, catalogOf, databaseWith, findingsOf } from '../plan/planned.ts'

interface Old {
  'old.people': { id: text; name: text; boss: text | null; team: text | null }
  'old.teams': { id: text; lead: text | null }
}

interface New {
  'new.people': { id: uuid; name: text; boss: uuid | null; team: uuid | null }
  'new.teams': { id: uuid; lead: uuid | null }
  'new.badges': { id: uuid; boss: text | null }
}

const schema = `
create table old.people (id text primary key, name text not null, boss text, team text);
create table old.teams (id text primary key, lead text);
create table new.people (id uuid primary key, name text not null, boss uuid references new.people, team uuid);
create table new.teams (id uuid primary key, lead uuid references new.people);
create table new.badges (id uuid primary key, boss text);
alter table new.people add foreign key (team) references new.teams;`

const start = () => defineMigration<Old, New>({ name: 'circles', cutover: '2025-06-01T00:00:00Z' })

const sums = `select sum(read) as read, sum(loaded) as loaded, sum(merged) as merged, sum(quarantined) as quarantined from drover.chunk`

test('a tree: parents in later chunks, merged parents, lost parents and all that hangs on them', async () => {
  const database = await databaseWith(`${schema}
    insert into old.people (id, name, boss) values
      ('01', 'root', '09'), ('02', 'a', '01'), ('03', 'b', '02'), ('04', 'A', '08'), ('05', 'c', '04'),
      ('06', 'lost', 'gone'), ('07', 'd', '06'), ('08', 'e', '07'), ('09', 'top', null), ('10', 'D', '09');`)
  const m = start()
  const people = m.map('people', {
    from: (db) => db.selectFrom('old.people as p'),
    key: ({ p }) => p.id,
    identity: ({ p }) => [fold(p.name)],
    to: 'new.people',
    columns: ({ p }) => ({
      id: derivedUuid(p.id),
      name: p.name,
      boss: ref(p.boss, m.later('people', 'new.people')).orQuarantine('no-boss'),
    }),
    dropped: ['team'],
  })
  await carryOut(database, m.migration([people]))
  // 06 leads nowhere; 07 hangs on it and stands for 10, which is set aside with it; 08 hangs on 07.
  expect(
    await database.query("select source_key, code, original ->> 'id' as id from drover.quarantine order by 1"),
  ).toEqual([
    { source_key: '06', code: 'no-boss', id: '06' },
    { source_key: '07', code: 'waiting', id: '07' },
    { source_key: '08', code: 'waiting', id: '08' },
    { source_key: '10', code: 'survivor-quarantined', id: '10' },
  ])
  expect(
    await database.query(
      'select p.name, boss.name as boss from new.people as p left join new.people as boss on boss.id = p.boss order by 1',
    ),
  ).toEqual([
    { name: 'a', boss: 'root' },
    { name: 'b', boss: 'a' },
    { name: 'c', boss: 'a' },
    { name: 'root', boss: 'top' },
    { name: 'top', boss: null },
  ])
  expect(await database.query(sums)).toEqual([{ read: '10', loaded: '5', merged: '1', quarantined: '4' }])
  expect(
    await database.query(
      'select disposition, count(*)::int as n, count(id)::int as ids from drover.crosswalk_people group by 1 order by 1',
    ),
  ).toEqual([
    { disposition: 'loaded', n: 5, ids: 5 },
    { disposition: 'merged', n: 1, ids: 1 },
    { disposition: 'quarantined', n: 4, ids: 0 },
  ])
})

test('two tables refer to each other: the column that may be null is filled when both are loaded', async () => {
  const database = await databaseWith(`${schema}
    insert into old.teams values ('t1', 'p1'), ('t2', 'gone'), ('t3', null);
    insert into old.people values ('p1', 'one', null, 't1'), ('p2', 'two', null, 't2'), ('p3', 'three', null, null);`)
  const m = start()
  const teams = m.map('teams', {
    from: (db) => db.selectFrom('old.teams as t'),
    key: ({ t }) => t.id,
    to: 'new.teams',
    columns: ({ t }) => ({
      id: derivedUuid(t.id),
      lead: ref(t.lead, m.later('people', 'new.people')).orNull('no-lead'),
    }),
  })
  const people = m.map('people', {
    from: (db) => db.selectFrom('old.people as p'),
    key: ({ p }) => p.id,
    to: 'new.people',
    columns: ({ p }) => ({ id: derivedUuid(p.id), name: p.name, team: ref(p.team, teams).orNull() }),
    dropped: ['boss'],
  })
  // What reads the filled column waits until it is filled.
  const badges = m.derive('badges', {
    from: (db) => db.selectFrom('new.teams as t'),
    key: ({ t }) => t.id,
    to: 'new.badges',
    columns: ({ t }) => ({ id: t.id, boss: sql<text | null>`(${t.lead})::text` }),
  })
  const plan = await carryOut(database, m.migration([badges, teams, people]))
  expect(plan.mappings.map(({ name }) => name)).toEqual(['teams', 'people', 'badges'])
  expect(
    await database.query(
      'select t.id is not null as team, p.name as lead from new.teams as t left join new.people as p on p.id = t.lead order by 2',
    ),
  ).toEqual([
    { team: true, lead: 'one' },
    { team: true, lead: null },
    { team: true, lead: null },
  ])
  expect(await database.query('select count(boss)::int as n from new.badges')).toEqual([{ n: 1 }])
  expect(
    await database.query('select mapping, source_key, code, column_name, original from drover.correction'),
  ).toEqual([{ mapping: 'teams', source_key: 't2', code: 'no-lead', column_name: 'lead', original: 'gone' }])
})

test('a reference that closes a circle must be one that can wait', async () => {
  const database = await databaseWith(`${schema}; alter table new.people alter column boss set not null;`)
  const catalog = await catalogOf(database)
  const m = start()
  const people = m.map('people', {
    from: (db) => db.selectFrom('old.people as p'),
    key: ({ p }) => p.id,
    identity: (_, to) => [to.boss],
    to: 'new.people',
    columns: ({ p }) => ({
      id: derivedUuid(p.id),
      name: p.name,
      boss: ref(p.boss, m.later('people', 'new.people')).orQuarantine(),
      team: required(ref(p.team, m.later('teams', 'new.teams')).orNull()).orQuarantine('teamless'),
    }),
  })
  const teams = m.map('teams', {
    from: (db) => db.selectFrom('old.teams as t'),
    key: ({ t }) => t.id,
    to: 'new.teams',
    columns: ({ t }) => ({ id: derivedUuid(t.id), lead: ref(t.lead, people).orNull() }),
  })
  const findings = findingsOf(m.migration([people, teams]), catalog)
  expect(findings).toEqual([
    expect.stringMatching(/people: .*identity.*closes a circle/),
    expect.stringMatching(/people: column boss .* must be nullable/),
    expect.stringMatching(/people: column team .* cannot set the row aside/),
  ])
})

test('a later mapping that is not what was said of it is refused; one without a circle is a plain reference', async () => {
  const m = start()
  const teams = m.map('teams', {
    from: (db) => db.selectFrom('old.teams as t'),
    key: ({ t }) => t.id,
    to: 'new.teams',
    columns: ({ t }) => ({ id: derivedUuid(t.id), lead: ref(t.lead, m.later('people', 'new.people')).orQuarantine() }),
  })
  const people = m.map('people', {
    from: (db) => db.selectFrom('old.people as p'),
    key: ({ p }) => p.id,
    to: 'new.people',
    columns: ({ p }) => ({ id: derivedUuid(p.id), name: p.name }),
    dropped: ['boss', 'team'],
  })
  const plan = buildPlan(m.migration([teams, people]), await catalogOf(await databaseWith(schema)))
  expect(plan.mappings.map(({ name, statements }) => [name, statements.settleReferences])).toEqual([
    ['people', null],
    ['teams', null],
  ])
  m.later('people', 'new.teams')
  expect(() => m.migration([people])).toThrow(expect.objectContaining({ code: 'definition-invalid' }))
})

interface Numbers {
  'old.nodes': { id: int4; parent: int4 | null }
}

test('fifty nodes in a chain, deepest first', async () => {
  const database = await databaseWith(`
    create table old.nodes (id int primary key, parent int);
    insert into old.nodes select i, nullif(i + 1, 51) from generate_series(1, 50) as i;
    create table new.nodes (id int primary key, parent int references new.nodes);`)
  const m = defineMigration<Numbers, { 'new.nodes': { id: int4; parent: int4 | null } }>({
    name: 'chain',
    cutover: '2025-06-01T00:00:00Z',
  })
  const nodes = m.map('nodes', {
    from: (db) => db.selectFrom('old.nodes as n'),
    key: ({ n }) => n.id,
    where: ({ n }) => sql`${n.id} <> 40`,
    to: 'new.nodes',
    columns: ({ n }) => ({ id: n.id, parent: ref(n.parent, m.later('nodes', 'new.nodes')).orQuarantine() }),
  })
  await carryOut(database, m.migration([nodes]))
  // Each node below the excluded one waits for its parent, one after the other.
  expect(
    await database.query('select min(id), count(*)::int as n, count(parent)::int as linked from new.nodes'),
  ).toEqual([{ min: 41, n: 10, linked: 9 }])
  expect(await database.query(`select count(*)::int as n from drover.quarantine where code = 'waiting'`)).toEqual([
    { n: 39 },
  ])
})
