import { beforeAll, describe, expect, test } from 'vitest'
import { conflictsIn, createPractice, listed } from '../rollback/practice.ts'
import { withDatabase } from '../run/fixture.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { createClusterPractice } from './cluster.ts'

let server: TestDatabase
let cluster: TestDatabase

beforeAll(async () => {
  server = await createPractice()
  cluster = await createClusterPractice()
})

/** The conflicts after something was done to a loaded practice. */
async function conflictsAfter(template: TestDatabase, statements: string): Promise<readonly string[]> {
  const database = await createDatabase(template.name)
  for (const statement of statements.split(';\n')) await database.query(statement)
  await withDatabase(database.url, (db) => conflictsIn(db, {}, async () => {}))
  return listed(database)
}

/** How many conflicts there are, where it is not one. */
const counts: Readonly<Record<string, number>> = {
  'in a column that is not mapped': 2,
  'to what it was': 0,
  'rows that the run left alone': 0,
  'its key changed': 2,
  'rows added in a target': 2,
  'rows added elsewhere, and what refers to them': 4,
  'a row from before that refers to one now': 2,
  'rows that the run loaded and others have changed refer to one that was added': 2,
}

/** What is found by comparing rows, and by their xmins. */
const bothAfter = async (statements: string) => [
  await conflictsAfter(cluster, statements),
  await conflictsAfter(server, statements),
]

test('the rows that a run has written are no conflicts', async () => {
  expect(await bothAfter('select')).toEqual([[], []])
})

describe('without a word of who wrote a row, the same conflicts are found', () => {
  test.concurrent.each([
    ['a copied row changed', `update new.visits set amount = 11 where id = 1`],
    ['in a column that is not mapped', `update new.visits set note = 'x' where id in (1, 2)`],
    [
      'in a column that holds when the row came',
      `update new.visits set seen_at = seen_at + interval '1 day' where id = 1`,
    ],
    ['to what it was', `update new.visits set amount = amount where id = 1`],
    ['a copied row deleted', `delete from new.visits where id = 5`],
    ['a row that stands for others', `update new.clinics set name = 'Nord' where id = 1`],
    ['a default overwritten', `update new.clinics set org = 8 where id = 4`],
    [
      'deleted and put in again, with other values',
      `delete from new.visits where id = 5;\ninsert into new.visits values (5, 1, null, null, 51)`,
    ],
    ['a matched row changed where the run wrote', `update new.doctors set title = 'X' where id = 901`],
    ['a matched row changed elsewhere', `update new.doctors set note = 'X' where id = 901`],
    ['a matched row deleted', `delete from new.doctors where id = 902`],
    ['a row that evolved deleted', `delete from new.rooms where id = 3`],
    [
      'rows that the run left alone',
      `update new.rooms set name = 'X' where id = 2;\ndelete from new.doctors where id = 909`,
    ],
    ['its key changed', `update new.visits set id = 55 where id = 5`],
    [
      'rows added in a target',
      `insert into new.visits values (70, 900, 3, null, 1), (71, 4, 901, null, 1), (72, 900, 901, null, 1)`,
    ],
    [
      'rows added elsewhere, and what refers to them',
      `insert into app.notes values (1, 1, 1), (2, null, 1), (3, null, 2);\ninsert into app.calls values (1, 1, null)`,
    ],
    [
      'a row from before that refers to one now',
      `update new.rooms set clinic_id = 3 where id = 2;\nupdate new.doctors set clinic_id = 1 where id = 909`,
    ],
    [
      'rows that the run loaded and others have changed refer to one that was added',
      `insert into new.visits values (70, 1, null, null, 1);\nupdate new.visits set previous_id = 70 where id = 5`,
    ],
  ])('%s', async (title, statements) => {
    const [compared, told] = await bothAfter(statements)
    expect(compared).toEqual(told)
    expect(compared).toHaveLength(counts[title] ?? 1)
  })
})

test('that a row which evolved was changed is not seen: the plan has said so', async () => {
  const statement = `update new.rooms set name = 'X' where id = 1`
  expect(await bothAfter(statement)).toEqual([[], ['new.rooms 1: changed']])
})

test('where nothing can be computed anew, every row of the mapping is a conflict', async () => {
  const conflicts = await conflictsAfter(cluster, 'drop table old.visits')
  expect(conflicts).toEqual([1, 2, 4, 5].map((id) => `new.visits ${id}: changed`))
})
