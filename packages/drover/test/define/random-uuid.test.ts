import { expect, test } from 'vitest'
import { fold, newest, randomUuid, required, sql, type uuid } from '../../src/index.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { carryOut, catalogOf, databaseWith, findingsOf, migrationOf } from '../plan/planned.ts'

const version4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const database = await databaseWith(`
  create table old.people (id int primary key, name text);
  insert into old.people select i, case when i % 10 > 0 then 'P' || i % 10 end from generate_series(1, 100) as i;
  create table new.people (
    id uuid primary key, source_id int, link text, again uuid, other uuid, name text, created_at timestamptz
  );
  create table new.shared (id int primary key, token uuid);`)
const catalog = await catalogOf(database)
const m = migrationOf('people')

// biome-ignore lint/suspicious/noExplicitAny: what the compiler would ask of a mapping is not in question here.
type Loose = any

const columnsOf = (p: Loose) => {
  const id = randomUuid()
  return { id, source_id: p.id, link: sql`'/people/' || ${id}`, again: id, other: randomUuid(), name: p.name }
}
const people = (options: Loose = {}, name = 'people') =>
  m.map(name, {
    from: (db: Loose) => db.selectFrom('old.people as p'),
    key: ({ p }: Loose) => p.id,
    to: 'new.people',
    columns: ({ p }: Loose) => columnsOf(p),
    ...options,
  } as Loose)

test('one call is one value for a row, and no two rows share one; two calls are two', async () => {
  const plan = await carryOut(database, m.migration([people()]))
  expect(plan.hazards.map(({ name, why }) => [name, why])).toEqual([
    ['random-ids', 'new.people: id, link, again, other is random and differs from run to run.'],
  ])
  const rows = await database.query<Record<string, string>>('select * from new.people')
  expect(rows).toHaveLength(100)
  for (const row of rows) {
    expect(row.id).toMatch(version4)
    expect([row.link, row.again]).toEqual([`/people/${row.id}`, row.id])
  }
  expect(new Set(rows.flatMap((row) => [row.id, row.other])).size).toBe(200)
})

test('a guard that mentions the value judges the value that is written', async () => {
  const token = sql<uuid | null>`case when ${randomUuid()}::text < '8' then ${randomUuid()} end`
  const shared = m.map('shared', {
    from: (db: Loose) => db.selectFrom('old.people as p'),
    key: ({ p }: Loose) => p.id,
    to: 'new.shared',
    columns: ({ p }: Loose) => ({ id: p.id, token: required(token).orQuarantine('no-token') }),
    dropped: ['name'],
  } as Loose)
  const another = await databaseWith(`
    create table old.people (id int primary key, name text);
    insert into old.people select i from generate_series(1, 100) as i;
    create table new.shared (id int primary key, token uuid);`)
  await carryOut(another, m.migration([shared]))
  const [counts] = await another.query<Record<string, number>>(`
    select (select count(distinct token)::int from new.shared) as tokens,
      (select count(*)::int from new.shared) as loaded, (select count(*)::int from drover.quarantine) as aside`)
  // No constraint of the target would tell that two rows share one.
  expect(counts!.tokens).toBe(counts!.loaded)
  expect(counts!.loaded! + counts!.aside!).toBe(100)
  // One in 2^50 runs has no row of a kind.
  expect(counts!.loaded! * counts!.aside!).toBeGreaterThan(0)
})

test('a plan without it has no such hazard', () => {
  const plain = people({ columns: ({ p }: Loose) => ({ id: sql`md5(${p.id}::text)::uuid`, name: p.name }) })
  expect(buildPlan(m.migration([plain]), catalog).hazards).toEqual([])
})

const decides =
  'mapping people: the key, where, identity, survivor, match, what compute reads and the id of merged rows cannot hold randomUuid(): it differs from statement to statement. Use derivedUuid() or uuidv7From().'

test('nothing that is decided before the row is loaded may be random', () => {
  const early: Readonly<Record<string, Loose>> = {
    key: { key: () => randomUuid() },
    'part of a key': { key: ({ p }: Loose) => [p.id, sql`${randomUuid()}::text`] },
    where: { where: () => sql`${randomUuid()}::text < '8'` },
    identity: { identity: () => [randomUuid()], columns: derived },
    'a column of the identity': { identity: (_: Loose, to: Loose) => [to.other], columns: derived },
    'the id of merged rows': { identity: ({ p }: Loose) => [fold(p.name)] },
    survivor: { identity: ({ p }: Loose) => [p.name], survivor: () => newest(randomUuid()), columns: derived },
    match: { match: { on: (to: Loose, existing: Loose) => sql`${to.other} = ${existing.id}`, found: 'keep' } },
    'what compute reads': { compute: { reads: () => ({ x: randomUuid() }), writes: {}, batch: () => [] } },
  }
  const complaints = Object.entries(early).map(([place, options]) => [
    place,
    findingsOf(m.migration([people(options)]), catalog).filter((finding) => finding === decides).length,
  ])
  expect(complaints).toEqual(Object.keys(early).map((place) => [place, 1]))
})

test('duplicates that are set aside, not merged, may have random ids', () => {
  const aside = people({ identity: ({ p }: Loose) => ({ by: [p.name], quarantine: 'double' }) })
  expect(findingsOf(m.migration([aside]), catalog)).toEqual([])
})

function derived({ p }: Loose) {
  return { ...columnsOf(p), id: sql`md5(${p.id}::text)::uuid` }
}
