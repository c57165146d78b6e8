import { beforeAll, expect, test } from 'vitest'
import { defineMigration, type int4, type text } from '../../src/index.ts'
import { verify } from '../../src/verify/verify.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { complaintsOf, createLoadedDatabase, withDatabase } from './fixture.ts'

/**
 * Foreign keys that a plain join judges wrongly: texts that differ and are equal to their type, keys with nulls that hold
 * (match simple) or do not (match full), a parent with inheriting tables, a key that was never validated.
 */
const schema = `
create schema old;
create table old.items (id int primary key, code text, a int, b int);
insert into old.items values (1, 'ABC', 1, 1), (2, 'abc', null, 7), (3, null, null, null);
create schema kinds;
create extension citext schema kinds;
create schema new;
create table new.codes (code kinds.citext primary key);
insert into new.codes values ('aBc');
create table new.pairs (a int, b int, primary key (a, b));
insert into new.pairs values (1, 1);
create table new.older_pairs () inherits (new.pairs);
insert into new.older_pairs values (8, 8);
create table new.items (
  id int primary key, code kinds.citext references new.codes, a int, b int,
  constraint simple_fkey foreign key (a, b) references new.pairs
);
alter table new.items add constraint full_fkey foreign key (a, b) references new.pairs match full not valid;
alter table new.items disable trigger all;
`

interface Old {
  'old.items': { id: int4; code: text | null; a: int4 | null; b: int4 | null }
}

interface New {
  'new.items': { id: int4; code: text | null; a: int4 | null; b: int4 | null }
}

const m = defineMigration<Old, New>({ name: 'references', cutover: '2025-06-01T00:00:00Z' })

const items = m.map('items', {
  from: (db) => db.selectFrom('old.items as i'),
  key: ({ i }) => i.id,
  to: 'new.items',
  columns: ({ i }) => ({ id: i.id, code: i.code, a: i.a, b: i.b }),
})

let loaded: TestDatabase

beforeAll(async () => {
  loaded = await createLoadedDatabase(schema, m.migration([items]))
})

async function referencesAfter(fault: string) {
  const database = await createDatabase(loaded.name)
  await database.query(fault)
  const verification = await withDatabase(database.url, (db) => verify(db, '1'))
  // With its triggers, those of the keys are disabled: they hold only as far as the rows do.
  const others = complaintsOf(verification).filter((complaint) => !complaint.endsWith('references: items'))
  expect(others).toEqual(['warn triggers: items'])
  const findings = verification.findings.filter(({ check }) => check === 'references')
  return Object.fromEntries(
    findings.map(({ detail, verdict, actual }) => [/Foreign key (\w+)/.exec(detail)![1], `${verdict}: ${actual}`]),
  )
}

test('texts that are equal to their type hold; a null satisfies match simple and tears match full', async () => {
  expect(await referencesAfter('')).toEqual({
    items_code_fkey: 'pass: validated, 0 orphans',
    simple_fkey: 'pass: validated, 0 orphans',
    full_fkey: 'fail: not validated, 1 orphans',
  })
})

test('a key that was not validated before the run either, and holds, warns', async () => {
  expect(await referencesAfter('update new.items set b = null where id = 2')).toEqual({
    items_code_fkey: 'pass: validated, 0 orphans',
    simple_fkey: 'pass: validated, 0 orphans',
    full_fkey: 'warn: not validated, 0 orphans',
  })
})

test('a key that is gone fails, whether or not it was validated before the run', async () => {
  const gone = await referencesAfter(
    'update new.items set b = null where id = 2; alter table new.items drop constraint full_fkey, drop constraint simple_fkey',
  )
  expect(gone).toEqual({
    items_code_fkey: 'pass: validated, 0 orphans',
    simple_fkey: 'fail: missing, 0 orphans',
    full_fkey: 'fail: missing, 0 orphans',
  })
})

test('orphans are found; a row of an inheriting table is no parent', async () => {
  expect(
    await referencesAfter(
      `update new.items set code = 'xyz' where id = 1; update new.items set a = 8, b = 8 where id = 3`,
    ),
  ).toEqual({
    items_code_fkey: 'fail: validated, 1 orphans',
    simple_fkey: 'fail: validated, 1 orphans',
    full_fkey: 'fail: not validated, 2 orphans',
  })
})
