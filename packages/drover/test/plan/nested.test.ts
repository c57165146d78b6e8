import { describe, expect, test } from 'vitest'
import { type Expression, instant, required, sql, squish, type timestamp } from '../../src/index.ts'
import { carryOut, databaseWith, migrationOf } from './planned.ts'

/** Names that are alike in all bytes that a column of a derived table can have. */
const long = (end: string) => `${'n'.repeat(62)}${end}`

const schema = `
  create table old.rooms (id int primary key, "label" text);
  create table old.visits (id int primary key, room int, seen timestamp, note text, "größe" text, ${long('a')} text, ${long('b')} text);
  insert into old.rooms values (1, 'Blue'), (2, 'Red');
  insert into old.visits select i, 1 + i % 2, timestamp '2024-05-01' + i * interval '1 day', ' n  ' || i, ' n ' || i, 'a' || i, 'b' || i
  from generate_series(1, 7) as i;
  create table new.visits (id int primary key, seen timestamptz not null, a text, b text, made text);`

/** Carries out a mapping in which one column is made as given, and reads that column; with the statement that made it. */
async function made(
  make: (v: Record<string, Expression<string>>, r: Record<string, Expression<string>>) => unknown,
  dropped: readonly string[] = ['größe'],
) {
  const database = await databaseWith(schema)
  const m = migrationOf('nested')
  const visits = m.map('visits', {
    from: (db) => db.selectFrom('old.visits as v').leftJoin('old.rooms as r', 'r.id', 'v.room'),
    key: ({ v }) => v.id!,
    to: 'new.visits',
    dropped,
    columns: ({ v, r }) => ({
      id: v.id!,
      seen: required(instant(sql<timestamp>`${v.seen!}`, { zone: 'Europe/Berlin' }).orQuarantine()).orQuarantine(),
      a: v[long('a')]!,
      b: v[long('b')]!,
      made: make(v as never, r as never) as never,
    }),
  })
  const { mappings } = await carryOut(database, m.migration([visits]))
  const rows = await database.query<{ id: number; a: string; b: string; made: string }>(
    'select id, a, b, made from new.visits order by id',
  )
  expect(rows.map(({ id, a, b }) => [a, b].join() === `a${id},b${id}`)).toEqual(Array.from({ length: 7 }, () => true))
  return { values: rows.map((row) => row.made), isNested: mappings[0]!.statements.chunk.includes(' as "row"') }
}

describe('a row is made by derived tables', () => {
  test('where every column that it reads is known', async () => {
    const { values, isNested } = await made((v, r) => squish(sql<string>`${r.label!} || ${v.note!}`))
    expect(isNested).toBe(true)
    expect(values.slice(0, 2)).toEqual(['Red n 1', 'Blue n 2'])
  })

  test.each([
    ['a column is named alone', () => squish(sql<string>`upper(note)`)],
    ['a column is named in quotes', () => squish(sql<string>`upper( "note" )`)],
    ['a column is named in capitals', () => squish(sql<string>`upper(NOTE )`)],
    ['a column is named with its relation', () => squish(sql<string>`upper(v.note)`)],
    ['a column is referred to alone', () => squish(sql<string>`upper(${sql.ref('note')})`)],
    ['a name is put together', () => squish(sql<string>`upper(${sql.id('v', 'note')})`)],
    ['the whole row is named', () => squish(sql<string>`upper(to_jsonb(v)->>'note')`)],
    ['the whole row is named by a table', () => squish(sql<string>`upper(to_jsonb(${sql.table('v')})->>'note')`)],
    [
      'a subquery has a relation of the same name',
      () => squish(sql<string>`(select upper(min(v.note)) from old.visits as v where v.id = 1)`),
    ],
    ['a column is named that is no word of ASCII', () => squish(sql<string>`upper("größe" )`)],
  ] as const)('and as before where %s', async (_, make) => {
    const { values, isNested } = await made(make, ['note', 'größe'])
    expect(isNested).toBe(false)
    expect(values).toHaveLength(7)
    expect(values[0]).toBe('N 1')
  })
})
