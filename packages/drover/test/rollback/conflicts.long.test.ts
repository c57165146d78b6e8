import { beforeAll, describe, expect, test } from 'vitest'
import { fixRows } from '../../src/repair/fix.ts'
import { retryRows } from '../../src/repair/retry.ts'
import { withDatabase } from '../run/fixture.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { conflictsIn, createPractice, listed } from './practice.ts'

let template: TestDatabase

beforeAll(async () => {
  template = await createPractice()
})

/** The conflicts after something was done to a loaded practice. */
async function conflictsAfter(statements: string): Promise<readonly string[]> {
  const database = await createDatabase(template.name)
  for (const statement of statements.split(';\n')) await database.query(statement)
  return found(database)
}

async function found(database: TestDatabase): Promise<readonly string[]> {
  await withDatabase(database.url, (db) => conflictsIn(db, {}, async () => {}))
  return listed(database)
}

test('the rows that a run has written are no conflicts', async () => {
  expect(await conflictsAfter('select')).toEqual([])
})

describe('rows that the run has written, by others since', () => {
  test.concurrent.each([
    ['a copied row changed', `update new.visits set amount = 11 where id = 1`, ['new.visits 1: changed']],
    [
      'in a column that is not mapped',
      `update new.visits set note = 'x' where id in (1, 2)`,
      ['new.visits 1: changed', 'new.visits 2: changed'],
    ],
    [
      'in a column that holds when the row came',
      `update new.visits set seen_at = seen_at + interval '1 day' where id = 1`,
      ['new.visits 1: changed'],
    ],
    ['to what it was', `update new.visits set amount = amount where id = 1`, []],
    ['a copied row deleted', `delete from new.visits where id = 5`, ['new.visits 5: deleted']],
    ['a row that stands for others', `update new.clinics set name = 'Nord' where id = 1`, ['new.clinics 1: changed']],
    ['a default overwritten', `update new.clinics set org = 8 where id = 4`, ['new.clinics 4: changed']],
    [
      'deleted and put in again, with other values',
      `delete from new.visits where id = 5;\ninsert into new.visits values (5, 1, null, null, 51)`,
      ['new.visits 5: changed'],
    ],
    [
      'deleted and put in again as it was',
      `with gone as (delete from new.visits where id = 5 returning *) insert into app.notes select id, null, null, seen_at from gone;
insert into new.visits select id, 1, null, null, 50, text::timestamptz from app.notes`,
      [],
    ],
    [
      'a matched row changed where the run wrote',
      `update new.doctors set title = 'X' where id = 901`,
      ['new.doctors 901: changed'],
    ],
    [
      'a matched row changed elsewhere',
      `update new.doctors set note = 'X' where id = 901`,
      ['new.doctors 901: changed'],
    ],
    ['a matched row deleted', `delete from new.doctors where id = 902`, ['new.doctors 902: deleted']],
    ['a row that evolved changed', `update new.rooms set name = 'X' where id = 1`, ['new.rooms 1: changed']],
    ['a row that evolved deleted', `delete from new.rooms where id = 3`, ['new.rooms 3: deleted']],
    [
      'rows that the run left alone',
      `update new.rooms set name = 'X' where id = 2;\ndelete from new.doctors where id = 909`,
      [],
    ],
    [
      'its key changed',
      `update new.visits set id = 55 where id = 5`,
      ['new.visits 5: deleted', 'new.visits 55: added by visits_clinic_id_fkey to new.clinics 1'],
    ],
  ])('%s', async (_, statements, expected) => {
    expect(await conflictsAfter(statements)).toEqual(expected)
  })
})

describe('rows that others have added, and that refer to rows of the run', () => {
  test.concurrent.each([
    [
      'in a target, by a foreign key and by a reference that nobody declares',
      `insert into new.visits values (70, 900, 3, null, 1), (71, 4, 901, null, 1), (72, 900, 901, null, 1)`,
      ['new.visits 70: added to new.doctors 3', 'new.visits 71: added by visits_clinic_id_fkey to new.clinics 4'],
    ],
    [
      'children of children, that refer to themselves, and in a circle',
      `insert into app.notes values (1, 1, 1), (2, null, 1), (3, null, 2), (4, null, null), (5, null, 4);
insert into app.notes values (6, null, 3);
update app.notes set parent_id = 6 where id = 2`,
      ['app.notes 1: added by notes_visit_id_fkey to new.visits 1'],
    ],
    [
      'rows that stay without their reference take no others along',
      `insert into app.calls values (1, 1, null);
insert into app.recordings values (1, 1)`,
      ['app.calls 1: added by calls_visit_id_fkey to new.visits 1'],
    ],
    [
      'by another unique key than the primary one',
      `insert into app.bills values (7, 1, 1), (7, 900, 2), (null, 3, 3)`,
      ['app.bills ["1", "1"]: added by bills_org_clinic_fkey to new.clinics 1'],
    ],
    [
      'without a primary key',
      `insert into app.tags values (900, 'a'), (3, 'b')`,
      ['app.tags (0,2): added by tags_clinic_id_fkey to new.clinics 3'],
    ],
    [
      'a row from before that refers to one now',
      `update new.rooms set clinic_id = 3 where id = 2;\nupdate new.doctors set clinic_id = 1 where id = 909`,
      [
        'new.doctors 909: added by doctors_clinic_id_fkey to new.clinics 1',
        'new.rooms 2: added by rooms_clinic_id_fkey to new.clinics 3',
      ],
    ],
    [
      'by rows that the run loaded and others have changed',
      `insert into new.visits values (70, 1, null, null, 1);
update new.visits set previous_id = 70 where id = 5`,
      ['new.visits 5: changed', 'new.visits 70: added by visits_clinic_id_fkey to new.clinics 1'],
    ],
  ])('%s', async (_, statements, expected) => {
    expect(await conflictsAfter(statements)).toEqual(expected)
  })
})

test('rows of partitions without a key are told apart', async () => {
  const conflicts = await conflictsAfter(`insert into app.logs values (1, 1), (2, 1), (2, null)`)
  expect(conflicts).toEqual([
    expect.stringMatching(/^app\.logs \d+ \(0,1\): added by logs_visit_id_fkey to new\.visits 1$/),
    expect.stringMatching(/^app\.logs \d+ \(0,1\): added by logs_visit_id_fkey to new\.visits 1$/),
  ])
})

describe('tables that were rewritten', () => {
  test.concurrent.each([
    ['vacuum full', `vacuum full new.visits`, []],
    ['cluster', `cluster new.visits using visits_pkey`, []],
    ['a column added', `alter table new.visits add column extra int default 5`, []],
    ['a column of another type', `alter table new.visits alter column amount type numeric(12, 4)`, []],
    [
      'of a type to which nothing compares',
      `alter table new.visits alter column amount type text`,
      ['new.visits 1: changed', 'new.visits 2: changed', 'new.visits 4: changed', 'new.visits 5: changed'],
    ],
    [
      'and changed before',
      `update new.visits set amount = 11 where id = 1;
alter table new.visits alter column amount type numeric(12, 4)`,
      ['new.visits 1: changed'],
    ],
    [
      'and changed before in a column that is not mapped',
      `update new.visits set note = 'x' where id = 1;
alter table new.visits alter column amount type numeric(12, 4)`,
      ['new.visits 1: changed'],
    ],
    [
      'with matched rows',
      `alter table new.doctors alter column title type varchar(30), alter column id type bigint`,
      [],
    ],
    [
      'with matched rows, one of which was changed elsewhere before',
      `update new.doctors set note = 'x' where id = 901;
alter table new.doctors alter column id type bigint`,
      ['new.doctors 901: changed'],
    ],
    [
      'with rows that evolved, which cannot be made again',
      `alter table new.rooms alter column id type bigint`,
      ['new.rooms 1: changed', 'new.rooms 3: changed'],
    ],
    [
      'and the source is gone',
      `alter table new.clinics alter column org type bigint;
drop table old.clinics`,
      ['new.clinics 1: changed', 'new.clinics 3: changed', 'new.clinics 4: changed'],
    ],
    [
      'with a row that was added before: the rewriting transaction does not make it the run’s',
      `insert into new.visits values (70, 1, null, null, 1);
alter table new.visits alter column amount type numeric(12, 4)`,
      ['new.visits 70: added by visits_clinic_id_fkey to new.clinics 1'],
    ],
  ])('%s', async (_, statements, expected) => {
    expect(await conflictsAfter(statements)).toEqual(expected)
  })

  test('what was trusted once is compared again', async () => {
    const database = await createDatabase(template.name)
    await database.query(`alter table new.visits alter column amount type numeric(12, 4)`)
    expect(await found(database)).toEqual([])
    expect(await database.query('select table_name from drover.trusted_version')).toEqual([{ table_name: 'visits' }])
    await database.query(`update old.visits set amount = '12' where id = '1'`)
    expect(await found(database)).toEqual(['new.visits 1: changed'])
  })
})

describe('repairs', () => {
  /** Row 5 refers to row 3, which was set aside: the repair of that writes it again. */
  const repaired = async (before: string) => {
    const database = await createDatabase(template.name)
    await database.query(before)
    await withDatabase(database.url, async (db) => {
      await fixRows(db, '1', [{ mapping: 'visits', key: '3', values: { amount: '30' } }])
      await retryRows(db, '1', {}, new Map())
    })
    expect(await database.query('select previous_id from new.visits where id = 5')).toEqual([{ previous_id: 3 }])
    return database
  }

  test('rows that a repair has written are no conflicts', async () => {
    expect(await found(await repaired('select'))).toEqual([])
  })

  test('what others wrote is one, also where a repair has written the row after that', async () => {
    expect(await found(await repaired(`update new.visits set note = 'x' where id = 5`))).toEqual([
      'new.visits 5: changed',
    ])
  })
})
