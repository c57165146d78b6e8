import { expect, test } from 'vitest'
import { derivedUuid, fold, oldest, sql, type text } from '../../src/index.ts'
import { carryOut, databaseWith, migrationOf } from './planned.ts'

const m = migrationOf()

test('duplicates whose survivor is refused are set aside, also where the key is made of a joined relation', async () => {
  const database = await databaseWith(`
    create table old.kinds (id int primary key, kind text not null);
    create table old.t (id int primary key, kind_id int references old.kinds, name text not null, amount text, note text);
    insert into old.kinds values (1, 'a'), (2, 'b');
    insert into old.t values (1, 1, 'Ada', 'x', 'one'), (2, 1, 'ada', '5', 'two'), (3, 2, 'Bob', '7', 'three');
    create table new.t (id uuid primary key, name text not null check (name <> 'Ada'))`)
  const mapping = m.map('t', {
    from: (db) => db.selectFrom('old.t as t').leftJoin('old.kinds as k', 'k.id', 't.kind_id'),
    key: ({ t, k }) => sql<text>`${k.kind} || ${t.id}`,
    identity: ({ t }) => [fold(t.name!)],
    survivor: ({ t }) => oldest(t.id!),
    to: 'new.t',
    columns: ({ t, k }) => ({
      id: derivedUuid(sql<text>`${k.kind} || ${t.id}`),
      name: t.name!,
    }),
    dropped: ['amount', 'note'],
  })
  await carryOut(database, m.migration([mapping]))
  expect(
    await database.query(`select source_key, code, original ->> 'note' as note from drover.quarantine order by 1`),
  ).toEqual([
    { source_key: 'a1', code: 'error-23514', note: 'one' },
    { source_key: 'a2', code: 'survivor-quarantined', note: 'two' },
  ])
})
