import { beforeAll, describe, expect, test } from 'vitest'
import type { Catalog } from '../../src/catalog/catalog.ts'
import { fold, newest, ref, required, squish } from '../../src/index.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { hashPlan } from '../../src/plan/hash.ts'
import { catalogOf, databaseWith, migrationOf } from './planned.ts'

const tables = `
  create table old.clinics (id text primary key, name text not null, town text not null);
  create table old.visits (id text primary key, clinic text not null);
  create table new.clinics (id text primary key, name text not null, town text default 'here');
  create table new.visits (id text primary key, clinic text not null references new.clinics, at timestamptz default now());`

let catalog: Catalog
let wider: Catalog
let elsewhere: Catalog

beforeAll(async () => {
  const database = await databaseWith(tables)
  catalog = await catalogOf(database)
  await database.query('create table old.elsewhere (id int primary key)')
  elsewhere = await catalogOf(database)
  await database.query('alter table new.visits add column note text')
  wider = await catalogOf(database)
})

function practice({ name = 'practice', cutover = '2025-06-01T00:00:00Z', squished = true, isReversed = false } = {}) {
  const m = migrationOf(name, cutover)
  const clinics = m.map('clinics', {
    from: (db) => db.selectFrom('old.clinics as c'),
    key: ({ c }) => c.id!,
    identity: ({ c }) => [fold(c.name!)],
    survivor: ({ c }) => newest(c.town!),
    to: 'new.clinics',
    columns: ({ c }) => ({ id: c.id!, name: squished ? squish(c.name!) : c.name! }),
  })
  const visits = m.map('visits', {
    from: (db) => db.selectFrom('old.visits as v'),
    key: ({ v }) => v.id!,
    to: 'new.visits',
    columns: ({ v }) => ({
      id: v.id!,
      clinic: required(ref(v.clinic!, clinics).orQuarantine()).orQuarantine() as never,
    }),
  })
  return m.migration(isReversed ? [visits, clinics] : [clinics, visits])
}

describe('a plan is a value', () => {
  test('the same for the same definition and catalog', () => {
    const [one, other] = [buildPlan(practice(), catalog), buildPlan(practice(), structuredClone(catalog))]
    expect(one).toEqual(other)
    expect(one.hash).toMatch(/^[0-9a-f]{64}$/)
    expect(JSON.stringify(one)).toBe(JSON.stringify(other))
  })

  test('unchanged by a way through JSON, its hash included', () => {
    const plan = buildPlan(practice(), catalog)
    const read = JSON.parse(JSON.stringify(plan))
    expect(read).toEqual(plan)
    expect(hashPlan(read)).toBe(plan.hash)
  })

  test('without side effects on what it was made from', () => {
    const definition = practice()
    const before = structuredClone({ definition, catalog })
    buildPlan(definition, catalog)
    expect({ definition, catalog }).toEqual(before)
  })

  test('another for another name, cutover, column, target, or table that it names', () => {
    const hashes = [
      buildPlan(practice(), catalog),
      buildPlan(practice({ name: 'other' }), catalog),
      buildPlan(practice({ cutover: '2025-06-01T00:00:00.001Z' }), catalog),
      buildPlan(practice({ squished: false }), catalog),
      buildPlan(practice(), wider),
    ].map((plan) => plan.hash)
    expect(new Set(hashes).size).toBe(hashes.length)
  })

  test('the same for the same instant, and whatever happens to tables that it does not name', () => {
    const { hash } = buildPlan(practice(), catalog)
    expect(buildPlan(practice({ cutover: '2025-06-01T02:00:00+02:00' }), catalog).hash).toBe(hash)
    expect(buildPlan(practice(), elsewhere).hash).toBe(hash)
  })
})

test('what others refer to comes first, whatever the order of the list', () => {
  for (const isReversed of [false, true]) {
    const { mappings } = buildPlan(practice({ isReversed }), catalog)
    expect(mappings.map(({ name, dependsOn }) => [name, dependsOn])).toEqual([
      ['clinics', []],
      ['visits', ['clinics']],
    ])
  }
})

test('hazards are named, each with a sentence', () => {
  const { hazards } = buildPlan(practice(), catalog)
  expect(hazards.map(({ name, mapping }) => [name, mapping])).toEqual([
    ['merges-rows', 'clinics'],
    ['volatile-defaults', 'visits'],
    ['drops-indexes', null],
  ])
  expect(hazards.find(({ name }) => name === 'volatile-defaults')!.why).toMatch(/new\.visits: at is left to a default/)
  for (const { why } of hazards) expect(why).toMatch(/^\S.* .*\.$/)
})

test('a default is a hazard where it may differ from run to run: not a constant, nor what is computed of constants', async () => {
  const database = await databaseWith(`${tables}
    create function new.f() returns int language sql as 'select 1';
    alter table new.visits add by_function int default new.f(), add by_number int generated always as identity,
      add constant text default 'now()', add computed text default upper('a'), add none text`)
  const { hazards } = buildPlan(practice(), await catalogOf(database))
  expect(hazards.find(({ name }) => name === 'volatile-defaults')!.why).toMatch(
    /new\.visits: at, by_function, by_number is left/,
  )
})

test('triggers that are enabled are hazards, others are not', async () => {
  const database = await databaseWith(`${tables}
    create function new.f() returns trigger language plpgsql as 'begin return new; end';
    create trigger watch before insert on new.visits for each row execute function new.f();
    create trigger asleep before insert on new.clinics for each row execute function new.f();
    alter table new.clinics disable trigger asleep`)
  const { hazards } = buildPlan(practice(), await catalogOf(database))
  expect(hazards.filter(({ name }) => name === 'fires-triggers')).toEqual([
    { name: 'fires-triggers', mapping: 'visits', why: 'Inserting into new.visits fires watch.' },
  ])
})

test('lineage tells what each column reads, and which guards stand over it', () => {
  const [clinics, visits] = buildPlan(practice(), catalog).mappings
  expect(clinics!.columns).toEqual([
    { name: 'id', reads: ['c.id'], opaque: false },
    { name: 'name', reads: ['c.name'], opaque: false },
  ])
  expect(visits!.guards).toEqual([
    { column: 'clinic', code: 'waiting', outcome: 'quarantine' },
    { column: 'clinic', code: 'orphan', outcome: 'quarantine' },
    { column: 'clinic', code: 'missing', outcome: 'quarantine' },
  ])
  expect([clinics!.kind, clinics!.traits, visits!.kind, visits!.traits]).toEqual(['copy', ['merge'], 'copy', []])
})
