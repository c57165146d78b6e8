import { expect, test } from 'vitest'
import { nameParts, qualifiedName } from '../../src/catalog/catalog.ts'
import { carryOut, databaseWith, migrationOf } from './planned.ts'

test.each([
  ['public', 'plain'],
  ['public', 'a.b'],
  ['Old.one', 'with "quotes".'],
])('a qualified name of %s and %s is read as it is written', (schema, name) => {
  expect(nameParts(qualifiedName({ schema, name }))).toEqual([schema, name])
})

// The server has those of the system under names such as en_US.utf8.
test('a collation whose name holds a dot is no qualified name', async () => {
  const database = await databaseWith('')
  const named = `select quote_ident(collname) as name from pg_collation
    where collnamespace = 'pg_catalog'::regnamespace and collname like '%.%' and collencoding in (-1, pg_char_to_encoding(getdatabaseencoding()))`
  const [system] = await database.query(named)
  await database.query(`create collation old."of.ours" from "C"`)
  const collations = ['old."of.ours"', ...(system === undefined ? [] : [`pg_catalog.${system.name}`])]
  await database.query(`
    create table old.t (id int primary key, ${collations.map((name, i) => `word_${i} text collate ${name}`)});
    insert into old.t select i ${collations.map(() => `, 'word ' || i`).join('')} from generate_series(1, 4) as i;
    create table new.t (id int primary key, word text)`)
  const m = migrationOf()
  const mapping = m.map('t', {
    from: (db) => db.selectFrom('old.t as t'),
    key: ({ t }) => t.id!,
    to: 'new.t',
    columns: ({ t }) => ({ id: t.id!, word: t[`word_${collations.length - 1}`]! }),
    dropped: collations.slice(1).map((_, i) => `word_${i}`),
  })
  const plan = await carryOut(database, m.migration([mapping]))
  expect(await database.query('select count(*)::int as n from new.t')).toEqual([{ n: 4 }])
  const text = JSON.stringify(plan)
  expect(text).toContain(String.raw`collate \"old\".\"of.ours\"`)
  if (system !== undefined)
    expect(text).toContain(String.raw`collate \"pg_catalog\".${JSON.stringify(system.name).slice(1, -1)}`)
})
