import { expect, test } from 'vitest'
import { fold, newest, ref, required } from '../../src/index.ts'
import { carryOut, databaseWith, migrationOf } from '../plan/planned.ts'

const goals = `
create table old.goals (id text primary key, name text, target int, changed date);
insert into old.goals values
  ('a', 'Growth', 1, '2024-01-01'), ('b', ' growth ', 2, '2024-03-01'), ('c', 'GROWTH', null, '2024-04-01'),
  ('d', 'Calm', 4, '2024-01-01'), ('e', 'calm', 5, '2024-01-01'), ('f', 'Rest', 6, null);
create table old.steps (id text primary key, goal_id text);
insert into old.steps values ('s', 'a'), ('t', 'b');
create table new.goals (id text primary key, name text unique, target int);
create table new.steps (id text primary key, goal_id text references new.goals);`

function migration() {
  const m = migrationOf()
  const mapped = m.map('goals', {
    from: (db) => db.selectFrom('old.goals as g'),
    key: ({ g }) => g.id!,
    identity: ({ g }) => ({ by: [fold(g.name!)], quarantine: 'again' }),
    survivor: ({ g }) => newest(g.changed!),
    to: 'new.goals',
    columns: ({ g }) => ({ id: g.id!, name: fold(g.name!), target: required(g.target!).orQuarantine('no-target') }),
  })
  const steps = m.map('steps', {
    from: (db) => db.selectFrom('old.steps as s'),
    key: ({ s }) => s.id!,
    to: 'new.steps',
    columns: ({ s }) => ({ id: s.id!, goal_id: ref(s.goal_id!, mapped).orQuarantine() }),
  })
  return m.migration([mapped, steps])
}

test('duplicates are set aside where the identity says so: the survivor alone stays, chosen among valid rows', async () => {
  const database = await databaseWith(goals)
  const plan = await carryOut(database, migration())
  expect(plan.mappings[0]!.traits).toEqual([])
  expect(plan.hazards.map(({ name }) => name)).not.toContain('merges-rows')
  expect(await database.query('select id from new.goals order by id')).toEqual([{ id: 'b' }, { id: 'd' }, { id: 'f' }])
  expect(
    await database.query(
      `select source_key, code, reasons, original ->> 'target' as target from drover.quarantine
      where mapping = 'goals' order by source_key`,
    ),
  ).toEqual([
    { source_key: 'a', code: 'again', reasons: [{ code: 'again', column: 'id' }], target: '1' },
    { source_key: 'c', code: 'no-target', reasons: [{ code: 'no-target', column: 'target' }], target: null },
    { source_key: 'e', code: 'again', reasons: [{ code: 'again', column: 'id' }], target: '5' },
  ])
  expect(await database.query('select * from drover.merge')).toEqual([])
})

test('what refers to a duplicate that was set aside waits for it', async () => {
  const database = await databaseWith(goals)
  await carryOut(database, migration())
  expect(await database.query('select id, goal_id from new.steps')).toEqual([{ id: 't', goal_id: 'b' }])
  expect(await database.query(`select source_key, code from drover.quarantine where mapping = 'steps'`)).toEqual([
    { source_key: 's', code: 'waiting' },
  ])
})
