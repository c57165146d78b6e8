import { expect, test } from 'vitest'
import {
  crosswalk,
  decimal,
  defineMigration,
  derivedUuid,
  firstRef,
  fold,
  type int4,
  lookup,
  noteWhen,
  type numeric,
  oldest,
  ref,
  refWhen,
  required,
  sql,
  type text,
  type uuid,
} from '../../src/index.ts'
import { carryOut, databaseWith } from '../plan/planned.ts'
import type { TestDatabase } from '../support/postgres.ts'

interface Old {
  'old.clinics': { id: text; name: text | null; opened: int4 }
  'old.doctors': { id: text; clinic: text | null; fee: text }
  'old.rooms': { clinic: text; number: int4 }
  'old.visits': { id: int4; clinic: text | null; doctor: text | null; room: int4 | null }
}
interface New {
  'new.clinics': { id: uuid; name: text; opened: int4 }
  'new.doctors': { id: uuid; clinic: uuid; fee: numeric }
  'new.rooms': { id: uuid; clinic: uuid | null }
  'new.visits': {
    id: int4
    clinic: uuid | null
    doctor: uuid | null
    any_clinic: uuid | null
    even_clinic: uuid | null
    room: uuid | null
    clinic_name: text | null
    doctors_name: text | null
    became: text | null
  }
  'new.census': { clinic: uuid; doctors: int4 }
}

/** c1 stands for c2, its duplicate; c3 has no name and is set aside; c4 is excluded. */
const schema = `
  create table old.clinics (id text primary key, name text, opened int not null);
  insert into old.clinics values ('c1', 'North', 1990), ('c2', ' north ', 1999), ('c3', null, 2000), ('c4', 'Test', 2001);
  create table old.doctors (id text primary key, clinic text, fee text not null);
  insert into old.doctors values ('d1', 'c1', '10'), ('d2', 'c2', '20'), ('d3', 'c3', '30'), ('d4', 'c1', 'free');
  create table old.rooms (clinic text, number int, primary key (clinic, number));
  insert into old.rooms values ('c1', 1), ('c2', 1), ('c3', 1);
  create table old.visits (id int primary key, clinic text, doctor text, room int);
  create table new.clinics (id uuid primary key, name text not null, opened int not null);
  create table new.doctors (id uuid primary key, clinic uuid not null references new.clinics, fee numeric not null);
  create table new.rooms (id uuid primary key, clinic uuid);
  create table new.visits (id int primary key, clinic uuid, doctor uuid, any_clinic uuid, even_clinic uuid, room uuid,
    clinic_name text, doctors_name text, became text);
  create table new.census (clinic uuid primary key, doctors int);`

const m = defineMigration<Old, New>({ name: 'references', cutover: '2025-06-01T00:00:00Z' })

const clinics = m.map('clinics', {
  from: (db) => db.selectFrom('old.clinics as c'),
  key: ({ c }) => c.id,
  where: ({ c }) => sql`${c.name} is distinct from 'Test'`,
  identity: ({ c }) => [fold(c.name)],
  survivor: ({ c }) => oldest(c.opened),
  to: 'new.clinics',
  columns: ({ c }) => ({
    id: derivedUuid(c.id),
    name: required(c.name).orQuarantine('no-name'),
    opened: c.opened,
  }),
})

const doctors = m.map('doctors', {
  from: (db) => db.selectFrom('old.doctors as d'),
  key: ({ d }) => d.id,
  to: 'new.doctors',
  columns: ({ d }) => ({
    id: derivedUuid(d.id),
    clinic: required(ref(d.clinic, clinics).orQuarantine('lost-clinic')).orQuarantine('no-clinic'),
    fee: decimal(d.fee).orQuarantine(),
  }),
})

const rooms = m.map('rooms', {
  from: (db) => db.selectFrom('old.rooms as r'),
  key: ({ r }) => [r.clinic, r.number],
  to: 'new.rooms',
  columns: ({ r }) => ({
    id: derivedUuid(sql<text>`${r.clinic} || '/' || ${r.number}`),
    clinic: ref(r.clinic, clinics).orNull(),
  }),
})

const visits = m.map('visits', {
  from: (db) => db.selectFrom('old.visits as v').leftJoin('old.doctors as d', 'd.id', 'v.doctor'),
  key: ({ v }) => v.id,
  to: 'new.visits',
  columns: ({ v, d }) => {
    const own = ref(v.clinic, clinics)
    const clinic = own.orNull()
    const doctor = ref(v.doctor, doctors).orNull('lost-doctor')
    return {
      id: v.id,
      clinic,
      doctor,
      any_clinic: firstRef(ref(v.clinic, clinics), ref(d.clinic, clinics)).orNull(),
      even_clinic: refWhen(sql`${v.id} % 2 = 0`, v.clinic, clinics).orNull(),
      room: ref<text | null, uuid>([v.clinic, v.room], rooms).orNull(),
      clinic_name: lookup(clinic, clinics, 'name'),
      doctors_name: lookup(lookup(doctor, doctors, 'clinic'), clinics, 'name'),
      became: noteWhen(own.disposition, 'merged', sql`${own.disposition} = 'merged'`),
    }
  },
})

const census = m.map('census', {
  from: (db) =>
    db.selectFrom(
      db
        .selectFrom('old.doctors as d')
        .innerJoin(crosswalk(clinics, 'x'), 'x.source_key', 'd.clinic')
        .where('x.id', 'is not', null)
        .select(({ fn }) => ['x.id as clinic', fn.countAll().as('doctors')])
        .groupBy('x.id')
        .as('g'),
    ),
  key: ({ g }) => g.clinic,
  to: 'new.census',
  targetKey: 'clinic',
  columns: ({ g }) => ({ clinic: sql<uuid>`${g.clinic}`, doctors: sql<int4>`${g.doctors}` }),
})

const migration = m.migration([census, visits, rooms, doctors, clinics])

/** The visits of a run over these rows: target, and logs as `source_key column code original`. */
async function migrate(
  values: string,
): Promise<{ database: TestDatabase; rows: Record<string, unknown>[]; logs: unknown[] }> {
  const database = await databaseWith(`${schema} insert into old.visits values ${values}`)
  const plan = await carryOut(database, migration)
  expect(plan.mappings.map(({ name }) => name)).toEqual(['clinics', 'census', 'doctors', 'rooms', 'visits'])
  const rows = await database.query('select * from new.visits order by id')
  const logs = await database.query<{ line: string }>(`
    select concat_ws(' ', source_key, column_name, code, coalesce(original, 'null')) as line from drover.correction
    where mapping = 'visits' order by source_key::int, column_name, code`)
  return { database, rows, logs: logs.map(({ line }) => line) }
}

const northOf = async (database: TestDatabase) =>
  (await database.query(`select id from new.clinics where name = 'North'`))[0]!.id

test('a reference follows the crosswalk: to survivors, never to rows that were set aside, excluded or unknown', async () => {
  const { database, rows, logs } = await migrate(`
    (1, 'c1', null, null), (2, 'c2', null, null), (3, 'c3', null, null), (4, 'c4', null, null),
    (5, 'c9', null, null), (6, null, null, null), (8, 'C1', null, null)`)
  const north = await northOf(database)
  expect(
    rows.map(({ id, clinic, even_clinic, became, clinic_name }) => [id, clinic, even_clinic, became, clinic_name]),
  ).toEqual([
    [1, north, null, 'loaded', 'North'],
    [2, north, north, 'merged', 'North'],
    [3, null, null, 'quarantined', null],
    [4, null, null, 'excluded', null],
    [5, null, null, null, null],
    [6, null, null, null, null],
    [8, null, null, null, null],
  ])
  expect(logs.filter((line) => !/any_clinic/.test(line as string))).toEqual([
    '3 clinic waiting c3',
    '4 clinic waiting c4',
    '4 even_clinic waiting c4',
    '5 clinic orphan c9',
    '8 clinic orphan C1',
    '8 even_clinic orphan C1',
  ])
  expect(await database.query('select source_key, code from drover.note where source_key is not null')).toEqual([
    { source_key: '2', code: 'merged' },
  ])
})

test('the first of several references that leads somewhere decides', async () => {
  const { database, rows, logs } = await migrate(`
    (1, 'c1', 'd3', null), (2, null, 'd1', null), (3, 'c9', 'd2', null), (4, 'c3', 'd1', null),
    (5, 'c3', null, null), (6, 'c9', 'd3', null), (7, 'c9', null, null), (8, null, null, null)`)
  const north = await northOf(database)
  expect(rows.map((row) => row.any_clinic)).toEqual([north, north, north, north, null, null, null, null])
  expect(logs.filter((line) => /any_clinic/.test(line as string))).toEqual([
    '2 any_clinic derived null',
    '3 any_clinic derived c9',
    '4 any_clinic derived c3',
    '5 any_clinic waiting c3',
    '6 any_clinic waiting c9',
    '7 any_clinic orphan c9',
    '8 any_clinic orphan null',
  ])
})

test('what a look-up finds is the loaded row, also by way of another look-up', async () => {
  const { rows } = await migrate(
    `(1, null, 'd1', null), (2, null, 'd2', null), (3, null, 'd3', null), (4, null, 'd4', null), (5, null, null, null)`,
  )
  expect(rows.map((row) => row.doctors_name)).toEqual(['North', 'North', null, null, null])
})

test('a reference by a key of two columns', async () => {
  const { database, rows, logs } = await migrate(
    `(1, 'c1', null, 1), (2, 'c2', null, 1), (3, 'c2', null, 2), (4, 'c1', null, null), (5, null, null, 1)`,
  )
  const keys = await database.query<{ source_key: string; id: string }>(
    'select source_key, id from drover.crosswalk_rooms',
  )
  const idOf = (key: string) => keys.find(({ source_key }) => source_key === key)!.id
  expect(rows.map((row) => row.room)).toEqual([idOf('["c1", "1"]'), idOf('["c2", "1"]'), null, null, null])
  expect(logs.filter((line) => / room /.test(line as string))).toEqual(['3 room orphan ["c2", "2"]'])
})

test('references that set aside, each with the code that tells the cause', async () => {
  const { database } = await migrate(`(1, null, null, null)`)
  const aside = await database.query(`
    select source_key, code, (select array_agg(reason ->> 'code') from jsonb_array_elements(reasons) as reason) as codes
    from drover.quarantine where mapping = 'doctors' order by 1`)
  expect(aside).toEqual([
    { source_key: 'd3', code: 'waiting', codes: ['waiting', 'no-clinic'] },
    { source_key: 'd4', code: 'not-a-number', codes: ['not-a-number'] },
  ])
})

test('a stored query over a crosswalk counts what was loaded', async () => {
  const { database } = await migrate(`(1, null, null, null)`)
  expect(await database.query('select clinic, doctors from new.census')).toEqual([
    { clinic: await northOf(database), doctors: 3 },
  ])
})
