import { describe, expect, test } from 'vitest'
import { decimal, type Expression, ref, required, sql } from '../../src/index.ts'
import { carryOut, databaseWith, migrationOf } from './planned.ts'

const m = migrationOf()

describe('names are data', () => {
  test('reserved words, capitals, blanks, quotes, dots and signs, as tables, columns, types and keys', async () => {
    const database = await databaseWith(`
      create schema "user"; create type "user"."or""der" as enum ('a', 'b');
      create table old."Select ""x""" ("i.d" text, "Or""der" int, "from" text, "naïve 🐘" text, primary key ("i.d", "Or""der"));
      insert into old."Select ""x""" select 'k' || i, i, case when i % 2 = 0 then 'a' else 'b' end, null from generate_series(1, 7) as i;
      create table new."Where; --" ("$1" int primary key, "a.b" text, "end" "user"."or""der", "Mixed Case" text, "%s" "user"."or""der"[]);`)
    const mapping = m.map('odd', {
      from: (db) => db.selectFrom('old.Select "x" as Table'),
      key: ({ Table }) => [Table['i.d']!, Table['Or"der']!],
      identity: (_, to) => [to['a.b']!],
      to: 'new.Where; --',
      columns: ({ Table }) => ({
        $1: Table['Or"der']!,
        'a.b': required(Table['i.d']!).orQuarantine(),
        end: sql<string>`${Table.from}`,
        'Mixed Case': sql<string>`coalesce(${Table['naïve 🐘']}, ${`it's a "quote" \\ and $1`})`,
        '%s': sql<string>`array[${Table.from}]`,
      }),
    })
    const plan = await carryOut(database, m.migration([mapping]))
    expect(plan.mappings[0]!.ranges).toBe('key')
    expect(await database.query('select * from new."Where; --" where "$1" < 3 order by 1')).toEqual([
      { $1: 1, 'a.b': 'k1', end: 'b', 'Mixed Case': `it's a "quote" \\ and $1`, '%s': expect.stringMatching('{b}') },
      { $1: 2, 'a.b': 'k2', end: 'a', 'Mixed Case': `it's a "quote" \\ and $1`, '%s': expect.stringMatching('{a}') },
    ])
    expect(await database.query('select count(*)::int as n from drover.chunk')).toEqual([{ n: 3 }])
  })

  test('a column called like the row that holds it', async () => {
    const database = await databaseWith(`
      create table old.t (id int primary key, original text, t text, s text);
      insert into old.t values (1, 'o', 't', null), (2, 'o', 't', 's');
      create view old.seen as select * from old.t;
      create table new.t (id int primary key, s text, loaded text); create table new.seen (id int primary key, s text, n text)`)
    const table = m.map('t', {
      from: (db) => db.selectFrom('old.t as t'),
      key: ({ t }) => t.id!,
      to: 'new.t',
      columns: ({ t }) => ({ id: t.id!, s: required(t.s!).orQuarantine(), loaded: t.t! }),
      dropped: ['original'],
    })
    const view = m.map('seen', {
      from: (db) => db.selectFrom('old.seen as t'),
      key: ({ t }) => t.id!,
      to: 'new.seen',
      columns: ({ t }) => ({ id: t.id!, s: required(t.s!).orQuarantine(), n: t.t! }),
      dropped: ['original'],
    })
    await carryOut(database, m.migration([table, view]))
    const whole = { id: 1, original: 'o', t: 't', s: null }
    expect(await database.query('select original from drover.quarantine')).toEqual([
      { original: whole },
      { original: whole },
    ])
    expect(await database.query('select * from new.t')).toEqual([{ id: 2, s: 's', loaded: 't' }])
  })
})

test('an alias of the author never meets one of the statement or of a helper', async () => {
  const aliases = ['s', 'source', 'k', 'b', 'w', 'x', 'as', 'loaded', 'merged', 'log', 'guard', 'chunk', 'same']
  aliases.push('grouped', 'numbered', 'size', 'block', 'bound', 'excluded', 'new', 'old', 'T', 'body', 'number')
  const database = await databaseWith(`
    create table old.parents (id text primary key); insert into old.parents values ('p');
    create table new.parents (id text primary key);
    create table old.t (id int primary key, amount text, parent text, body text, number text);
    insert into old.t values (1, '$ 1,000', 'p', '7', '8'), (2, null, 'p', '7', '8'), (3, '5%', 'q', '7', '8'), (4, '5%', 'p', '9', '8');
    ${aliases.map((alias) => `create table new."t_${alias}" (id int primary key, amount numeric not null, parent text, body text, number text);`).join('')}`)
  const parents = m.map('parents', {
    from: (db) => db.selectFrom('old.parents as p'),
    key: ({ p }) => p.id!,
    to: 'new.parents',
    columns: ({ p }) => ({ id: p.id! }),
  })
  const mappings = aliases.map((alias) => {
    type Row = Readonly<Record<string, Expression<string>>>
    const row = (source: unknown) => (source as Readonly<Record<string, Row>>)[alias]!
    return m.map(`t_${alias.toLowerCase()}_`, {
      from: (db) => db.selectFrom(`old.t as ${alias}`),
      key: (source) => row(source).id!,
      where: (source) => sql`${row(source).body} = '7'`,
      identity: (_, to) => [to.id!, to.amount!],
      to: `new.t_${alias}`,
      columns: ((source: unknown) => ({
        id: row(source).id!,
        amount: required(decimal(row(source).amount!).orNull()).orQuarantine(),
        parent: ref(row(source).parent!, parents).orNull(),
        body: row(source).body!,
        number: row(source).number!,
      })) as never,
    })
  })
  await carryOut(database, m.migration([parents, ...mappings]))
  for (const alias of aliases) {
    const rows = await database.query(`select id, amount::text, parent from new."t_${alias}" order by id`)
    expect([alias, ...rows]).toEqual([
      alias,
      { id: 1, amount: '1000.000000', parent: 'p' },
      { id: 3, amount: '5.000000', parent: null },
    ])
  }
})
