import { beforeAll, expect, test } from 'vitest'
import { rowFunctionsOf } from '../../src/define/migration.ts'
import {
  type bytea,
  type ComputedRow,
  defineMigration,
  fold,
  type int4,
  newest,
  required,
  sql,
  type text,
  type timestamptz,
} from '../../src/index.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { run } from '../../src/run/run.ts'
import { catalogOf, databaseWith } from '../plan/planned.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { withDatabase } from './fixture.ts'

interface Old {
  'old.accounts': { id: int4; owner: text | null; token: text | null; seen: int4 }
}

interface New {
  'new.accounts': {
    id: int4
    owner: text
    secret: bytea
    size: int4 | null
    at: timestamptz | null
    info: object | null
  }
}

const schema = `
create table old.accounts (id int primary key, owner text, token text, seen int);
insert into old.accounts values
  (1, 'Ann', 'tok-1', 1), (2, 'ann', 'tok-2', 2), (3, 'Bob', 'refuse me', 1), (4, 'Cid', 'tok "4" \\ ü', 1), (5, null, 'tok-5', 1),
  (6, 'Dora', null, 1);
create table new.accounts (id int primary key, owner text not null, secret bytea not null, size int, at timestamptz, info jsonb);`

type Writes = { secret: 'bytea'; size: 'int4'; at: 'timestamptz'; info: 'jsonb' }
type Batch = (
  rows: readonly { readonly id: string | null; readonly token: string | null }[],
) => readonly ComputedRow<Writes, 'no-token'>[]

const reverse: Batch = (rows) =>
  rows.map(({ id, token }) => {
    if (token === null || token === 'refuse me') return { refused: 'no-token' }
    const bytes = Buffer.from([...token].reverse().join(''))
    return { secret: bytes, size: bytes.length, at: '2025-01-01T00:00:00Z', info: { id, quote: '"' } }
  })

function migrationWith(batch: Batch) {
  const m = defineMigration<Old, New>({ name: 'computed', cutover: '2025-06-01T00:00:00Z' })
  const accounts = m.map('accounts', {
    from: (db) => db.selectFrom('old.accounts as a'),
    key: ({ a }) => a.id,
    identity: ({ a }) => ({ by: [fold(a.owner)], when: sql`${a.owner} is not null` }),
    survivor: ({ a }) => newest(a.seen),
    secret: ['token'],
    compute: {
      reads: ({ a }) => ({ id: a.id, token: a.token }),
      writes: { secret: 'bytea', size: 'int4', at: 'timestamptz', info: 'jsonb' },
      opaque: ['secret'],
      refusals: ['no-token'],
      batch,
    },
    to: 'new.accounts',
    columns: ({ a }, computed) => ({
      id: a.id,
      owner: required(a.owner).orQuarantine('ownerless'),
      secret: required(computed.secret).orQuarantine(),
      size: computed.size,
      at: computed.at,
      info: computed.info,
    }),
  })
  return m.migration([accounts])
}

async function carryOut(database: TestDatabase, batch: Batch, rowsPerChunk = 2) {
  const migration = migrationWith(batch)
  const plan = buildPlan(migration, await catalogOf(database))
  await withDatabase(database.url, (db) =>
    run(db, plan, { allowed: hazardNames, rowsPerChunk, workers: 1, functions: rowFunctionsOf(migration) }),
  )
  return plan
}

let database: TestDatabase
const seen: (string | null)[][] = []

beforeAll(async () => {
  database = await databaseWith(schema)
  await carryOut(database, (rows) => {
    seen.push(rows.map(({ id }) => id))
    return reverse(rows)
  })
})

test('what a function makes of a row stands in the target, in its type', async () => {
  expect(
    await database.query(
      `select id, owner, convert_from(secret, 'UTF8') as secret, size, at::text, info from new.accounts order by id`,
    ),
  ).toEqual([
    {
      id: 2,
      owner: 'ann',
      secret: '2-kot',
      size: 5,
      at: expect.stringContaining('2025'),
      info: { id: '2', quote: '"' },
    },
    {
      id: 4,
      owner: 'Cid',
      secret: 'ü \\ "4" kot',
      size: 12,
      at: expect.stringContaining('2025'),
      info: { id: '4', quote: '"' },
    },
  ])
})

test('a function sees only the rows that will be written, and chunk by chunk', () => {
  expect(seen).toEqual([['2'], ['3', '4'], ['6']])
})

test('a row that the function refuses is set aside, without its secret', async () => {
  expect(await database.query('select source_key, code, original from drover.quarantine order by 1')).toEqual([
    { source_key: '3', code: 'no-token', original: { id: 3, owner: 'Bob', seen: 1 } },
    { source_key: '5', code: 'ownerless', original: { id: 5, owner: null, seen: 1 } },
    { source_key: '6', code: 'no-token', original: { id: 6, owner: 'Dora', seen: 1 } },
  ])
})

test('a row that the function was not given is not said to lack what it makes', async () => {
  expect(await database.query(`select reasons from drover.quarantine where source_key = '5'`)).toEqual([
    { reasons: [{ code: 'ownerless', column: 'owner' }] },
  ])
})

test('the plan says that it runs JavaScript, what from which columns, and what cannot be compared', async () => {
  const plan = buildPlan(migrationWith(reverse), await catalogOf(database))
  expect(plan.hazards).toContainEqual(expect.objectContaining({ name: 'runs-javascript', mapping: 'accounts' }))
  const columns = plan.mappings[0]!.columns.map(({ name, reads, opaque }) => [name, reads, opaque])
  expect(columns).toEqual([
    ['id', ['a.id'], false],
    ['owner', ['a.owner'], false],
    ['secret', ['a.id', 'a.token'], true],
    ['size', ['a.id', 'a.token'], false],
    ['at', ['a.id', 'a.token'], false],
    ['info', ['a.id', 'a.token'], false],
  ])
})

test.each([
  [
    'throws',
    () => {
      throw new TypeError('tok-2 is bad')
    },
    /threw TypeError at/,
  ],
  ['gives too few results', () => [], /given 1 rows and returned 0 results/],
  ['leaves a value out', (rows) => rows.map(() => ({ secret: new Uint8Array() }) as never), /has no size/],
  ['refuses with a code of its own', (rows) => rows.map(() => ({ refused: 'whim' as never })), /does not list/],
  [
    'gives no bytes',
    (rows) => rows.map(() => ({ secret: 'tok-2' as never, size: 1, at: null, info: null })),
    /not a Uint8Array/,
  ],
] as readonly [string, Batch, RegExp][])(
  'a function that %s stops the run, and quotes no row',
  async (_, broken, why) => {
    const fresh = await databaseWith(schema)
    const error = await carryOut(fresh, broken).catch((thrown) => thrown)
    expect(error).toMatchObject({ code: 'compute-failed', why: expect.stringMatching(why) })
    expect(JSON.stringify(error)).not.toContain('tok-2')
    expect(await fresh.query('select state from drover.run')).toEqual([{ state: 'failed' }])
    expect(await fresh.query('select count(*)::int as n from new.accounts')).toEqual([{ n: 0 }])
    await carryOut(fresh, reverse)
    expect(await fresh.query('select count(*)::int as n from new.accounts')).toEqual([{ n: 2 }])
  },
)

test('a plan whose functions are not at hand is refused before anything is written', async () => {
  const fresh = await databaseWith(schema)
  const plan = buildPlan(migrationWith(reverse), await catalogOf(fresh))
  const error = await withDatabase(fresh.url, (db) => run(db, plan, { allowed: hazardNames })).catch((thrown) => thrown)
  expect(error).toMatchObject({ code: 'function-missing', where: 'mapping accounts' })
  expect(await fresh.query("select 1 from pg_namespace where nspname = 'drover'")).toEqual([])
})
