import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Database } from '../../src/db/connection.ts'
import { defineMigration, derivedUuid, type Expression, type FreezeMode, sql, type text } from '../../src/index.ts'
import { readWholeCatalog } from '../../src/ledger/whole-catalog.ts'
import { buildPlan } from '../../src/plan/build.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { run } from '../../src/run/run.ts'
import { everyCell } from '../support/cells.ts'
import { digest, ledgerAccount } from '../support/digest.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { endSessions } from './end-sessions.ts'
import { withDatabase } from './fixture.ts'

type Anything = Record<string, Record<string, text>>

/** Keys of every kind: the columns of the table, and a key's values for the row with the number i. */
const keyKinds = {
  bigint: { columns: 'k bigint primary key', key: ['k'], value: (i: number) => [String(i < 20 ? i : i * 1_000_003)] },
  negative: { columns: 'k int primary key', key: ['k'], value: (i: number) => [String(i % 2 ? -i : i)] },
  numeric: { columns: 'k numeric primary key', key: ['k'], value: (i: number) => [`${i / 8}`] },
  uuid: {
    columns: 'k uuid primary key',
    key: ['k'],
    value: (i: number) => [
      `${(i * 2_654_435_761).toString(16).padStart(12, '0').slice(-8)}-0000-4000-8000-00000000000${i % 9}`,
    ],
  },
  text: {
    columns: 'k text primary key',
    key: ['k'],
    value: (i: number) => [`${['É', 'e', 'E', 'z', '_', '1'][i % 6]}${i}'\\`],
  },
  'text of a locale': {
    columns: 'k text collate "und-x-icu" primary key',
    key: ['k'],
    value: (i: number) => [`${['ä', 'a', 'Ä', 'Z', '-', ' '][i % 6]}${i}`],
  },
  composite: {
    columns: 'k text, l int, primary key (l, k)',
    key: ['k', 'l'],
    value: (i: number) => [`${'ba'[i % 2]}`, String(i >> 1)],
  },
  unindexed: { columns: 'k text', key: ['k'], value: (i: number) => [`${(i * 7919) % 1000}-${i}`] },
} as const

const cases = fc.record({
  kind: fc.constantFrom(...(Object.keys(keyKinds) as (keyof typeof keyKinds)[])),
  freeze: fc.constantFrom<FreezeMode>('verify', 'block', 'none'),
  /** How many partitions hold the rows, one of them in two itself; none: a plain table. */
  partitions: fc.constantFrom(0, 0, 2, 5, 40),
  rows: fc.oneof(fc.constantFrom(0, 1, 2), fc.integer({ min: 3, max: 400 })),
  /** Rows that are as large as a thousand others. */
  huge: fc.boolean(),
  rowsPerChunk: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant(100_000)),
  workers: fc.integer({ min: 1, max: 4 }),
  /** After so many chunks each, the sessions of the workers are ended by the server. */
  kills: fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 3 }),
})

type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never

async function prepare({ kind, rows, huge, partitions }: Case): Promise<TestDatabase> {
  const database = await createDatabase()
  const { columns, key, value } = keyKinds[kind]
  const note = (i: number) => (huge && i === rows >> 1 ? 'x'.repeat(300_000) : i % 13 === 0 ? null : `note ${i}`)
  await database.query(`
    create schema old; create table old.items (${columns}, note text)${partitions === 0 ? '' : ` partition by hash (${key[0]})`};
    ${partitionsOf(partitions, key[0])}
    create schema new; create table new.items (id uuid primary key, note text not null);`)
  await database.query(
    `insert into old.items (${key.join(', ')}, note)
    select ${key
      .map((_, n) => `(row -> ${n})#>>'{}'`)
      .map((text, n) => `(${text})::${typeOf(columns, key[n]!)}`)
      .join(', ')}, row ->> ${key.length}
    from jsonb_array_elements($1) as row order by md5(row::text)`,
    [JSON.stringify(Array.from({ length: rows }, (_, i) => [...value(i), note(i)]))],
  )
  return database
}

function partitionsOf(count: number, key: string): string {
  const statements = Array.from({ length: count }, (_, i) => {
    const partition = `old.items_${i} partition of old.items for values with (modulus ${count}, remainder ${i})`
    if (i > 0) return `create table ${partition};`
    return `create table ${partition} partition by hash (${key});
    create table old.items_even partition of old.items_0 for values with (modulus 2, remainder 0);
    create table old.items_odd partition of old.items_0 for values with (modulus 2, remainder 1);`
  })
  return statements.join('\n')
}

function typeOf(columns: string, column: string): string {
  return new RegExp(`\\b${column} (\\w+)`).exec(columns)![1]!
}

async function planFor(db: Database, { kind, freeze }: Case): Promise<Plan> {
  const m = defineMigration<Anything, Anything>({
    name: 'chunks',
    cutover: '2025-06-01T00:00:00Z',
    source: { freeze },
  })
  const key = ({ i }: { readonly i: Readonly<Record<string, Expression<text>>> }) =>
    keyKinds[kind].key.map((name) => i[name]!)
  const items = m.map('items', {
    from: (from) => from.selectFrom('old.items as i'),
    key: (row) => key(row as never) as never,
    to: 'new.items',
    columns: (({ i }: { readonly i: Readonly<Record<string, Expression<text>>> }) => {
      const text = sql<text>`concat_ws('/', ${sql.join(key({ i }))})`
      return { id: derivedUuid(text), note: sql<text>`coalesce(${i.note}, '')` }
    }) as never,
  })
  const catalog = await db.transaction((tx) => readWholeCatalog(tx, ['old', 'new']))
  return buildPlan(m.migration([items]), catalog)
}

const allowed = ['source-not-frozen', 'unrehearsed', 'drops-indexes']

async function carryOut(database: TestDatabase, example: Case): Promise<unknown> {
  const { rowsPerChunk, workers, kills } = example
  const over = new AbortController()
  await withDatabase(database.url, async (db) => {
    const ending = endSessions(database, kills, over.signal)
    const { state } = await run(db, await planFor(db, example), { allowed, rowsPerChunk, workers })
    over.abort()
    await ending
    expect(state).toBe('loaded')
  })
  return { target: await digest(database, ['new']), ledger: await ledgerAccount(database) }
}

// I2, I3, I7
test('any key, partitions, chunk size, number of workers and schedule of kills: chunks side by side, and one target', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async (example) => {
      const database = await prepare(example)
      const reference = await prepare({ ...example, partitions: 0 })
      const result = await carryOut(database, example)
      expect(result).toEqual(
        await carryOut(reference, { ...example, rowsPerChunk: 100_000, workers: 1, kills: [], partitions: 0 }),
      )
      // Each row is in one chunk, since no chunk begins before another ends, and the first and the last are open.
      const [ranges] = await database.query(`
        select count(*)::int as chunks, count(distinct lower)::int as lower, count(distinct upper)::int as upper,
          count(*) filter (where upper is null)::int as last, sum(read)::int as read,
          count(*) filter (where upper is not null and not exists (
            select from drover.chunk as next where next.lower = chunk.upper))::int as gaps
        from drover.chunk`)
      const { chunks, read } = ranges as { chunks: number; read: number }
      expect({ ...ranges, read }).toEqual({
        chunks,
        lower: chunks - 1,
        upper: chunks - 1,
        last: 1,
        gaps: 0,
        read: example.rows,
      })
      expect(await database.query('select count(*)::int as n from new.items')).toEqual([{ n: example.rows }])
      await database.drop()
      await reference.drop()
    }),
    { numRuns: everyCell ? 40 : 6, endOnFailure: true },
  )
}, 600_000)
