import { beforeAll, describe, expect, test } from 'vitest'
import { renderError } from '../../src/error.ts'
import type { Decisions } from '../../src/ledger/rollback.ts'
import { findRun } from '../../src/ledger/run.ts'
import { discardAdded } from '../../src/rollback/conflicts/discard.ts'
import { readUndecided } from '../../src/rollback/conflicts/summary.ts'
import { undecidedError } from '../../src/rollback/conflicts/undecided.ts'
import { readWay } from '../../src/rollback/way.ts'
import { withDatabase } from '../run/fixture.ts'
import { createDatabase, onServer, type TestDatabase } from '../support/postgres.ts'
import { conflictsIn, createPractice, listed } from './practice.ts'

let template: TestDatabase

beforeAll(async () => {
  template = await createPractice()
})

async function practiceAfter(statements: string): Promise<TestDatabase> {
  const database = await createDatabase(template.name)
  await database.query(statements)
  return database
}

async function decidedAfter(statements: string, decisions: Decisions): Promise<readonly string[]> {
  const database = await practiceAfter(statements)
  await withDatabase(database.url, (db) => conflictsIn(db, decisions, async () => {}))
  return listed(database)
}

describe('decided', () => {
  test.concurrent.each<[string, string, Decisions, readonly string[]]>([
    [
      'by table, and for all others',
      `update new.visits set note = 'x' where id = 1; delete from new.doctors where id = 902; insert into app.tags values (3, 'a')`,
      { 'new.visits': 'discard', 'new.doctors': 'keep', '*': 'discard' },
      [
        'app.tags (0,1): added by tags_clinic_id_fkey to new.clinics 3, discard',
        'new.doctors 902: deleted, keep',
        'new.visits 1: changed, discard',
      ],
    ],
    [
      'a row that is deleted needs nothing',
      `delete from new.visits where id = 5`,
      { '*': 'keep' },
      ['new.visits 5: deleted, keep'],
    ],
    [
      'a row that stays keeps what it refers to, declared or not, and what that refers to',
      `update new.visits set note = 'x' where id = 4`,
      { '*': 'keep' },
      [
        'new.clinics 1: needed, keep',
        'new.clinics 3: needed, keep',
        'new.clinics 4: needed, keep',
        'new.doctors 4: needed, keep',
        'new.visits 1: needed, keep',
        'new.visits 2: needed, keep',
        'new.visits 4: changed, keep',
      ],
    ],
    [
      'by another unique key, from a table that is no part of the migration',
      `insert into app.bills values (7, 4, 1)`,
      { 'app.bills': 'keep' },
      ['app.bills ["1", "4"]: added by bills_org_clinic_fkey to new.clinics 4, keep', 'new.clinics 4: needed, keep'],
    ],
    [
      'a changed row that is needed stays, though its table is to be discarded',
      `update new.clinics set name = 'x' where id in (3, 4); update new.visits set note = 'x' where id = 1;
       update new.visits set clinic_id = 3 where id = 1`,
      { 'new.clinics': 'discard', 'new.visits': 'keep' },
      ['new.clinics 3: changed, keep', 'new.clinics 4: changed, discard', 'new.visits 1: changed, keep'],
    ],
    [
      'an added row that is needed stays, though its table is to be discarded',
      `insert into new.visits values (70, 3, null, null, 1), (71, 3, null, null, 1); insert into app.notes values (1, 70)`,
      { 'new.visits': 'discard', 'app.notes': 'keep' },
      [
        'app.notes 1: added by notes_visit_id_fkey to new.visits 70, keep',
        // Clinic 3 stays for it, so that the other one refers to no row that goes.
        'new.clinics 3: needed, keep',
        'new.visits 70: added by visits_clinic_id_fkey to new.clinics 3, keep',
        'new.visits 71: added by visits_clinic_id_fkey to new.clinics 3, keep',
      ],
    ],
    [
      'added rows that refer to each other in a circle, and to no row that goes',
      `update new.visits set note = 'x' where id = 1;
       insert into app.notes values (1, 1, null), (2, null, 1), (3, 5, null); update app.notes set parent_id = 2 where id = 1;
       update app.notes set parent_id = 3 where id = 3`,
      { 'new.visits': 'keep', 'app.notes': 'discard' },
      [
        'app.notes 1: added by notes_visit_id_fkey to new.visits 1, keep',
        'app.notes 2: added by notes_parent_id_fkey to app.notes 1, keep',
        'app.notes 3: added by notes_visit_id_fkey to new.visits 5, discard',
        'new.clinics 1: needed, keep',
        'new.visits 1: changed, keep',
      ],
    ],
    [
      'an added row that goes by one reference and would stay by another',
      `insert into app.calls values (1, 5, null), (2, 5, 4); insert into app.bills values (7, 4, 1)`,
      { 'app.calls': 'discard', 'app.bills': 'keep' },
      [
        'app.bills ["1", "4"]: added by bills_org_clinic_fkey to new.clinics 4, keep',
        'app.calls 1: added by calls_visit_id_fkey to new.visits 5, discard',
        'app.calls 2: added by calls_visit_id_fkey to new.visits 5, discard',
        'new.clinics 4: needed, keep',
      ],
    ],
    [
      'nothing about a table: but for what follows from others',
      `update new.visits set note = 'x' where id = 1; insert into app.notes values (1, 1), (2, 5)`,
      { 'new.visits': 'keep' },
      [
        'app.notes 1: added by notes_visit_id_fkey to new.visits 1, keep',
        'app.notes 2: added by notes_visit_id_fkey to new.visits 5',
        'new.clinics 1: needed, keep',
        'new.visits 1: changed, keep',
      ],
    ],
  ])('%s', async (_, statements, decisions, expected) => {
    expect(await decidedAfter(statements, decisions)).toEqual(expected)
  })
})

test('what is undecided is told by table and kind, with the lowest keys and no values', async () => {
  const database = await practiceAfter(`
    update new.visits set note = 'Geheim'; delete from new.visits where id = 5;
    insert into new.clinics (id, org, name) select i, 8, 'Geheim' from generate_series(100, 120) as i;
    insert into new.visits select i, 1, null, null, 1 from generate_series(100, 106) as i`)
  await withDatabase(database.url, (db) =>
    conflictsIn(db, { 'new.clinics': 'keep' }, async () => {}).then(
      () => expect.unreachable(),
      (error) => expect(error).toMatchObject({ code: 'usage-invalid', why: expect.stringContaining('new.visits') }),
    ),
  )
  await withDatabase(database.url, (db) =>
    conflictsIn(db, {}, async (tx) => {
      const undecided = await readUndecided(tx, '1')
      expect(await tx.query('select row_key from drover.conflict where decision is not null')).toEqual([])
      expect(undecided).toEqual([
        { table: 'new.visits', kind: 'added', rows: 7n, keys: ['100', '101', '102', '103', '104'] },
        { table: 'new.visits', kind: 'changed', rows: 3n, keys: ['1', '2', '4'] },
        { table: 'new.visits', kind: 'deleted', rows: 1n, keys: ['5'] },
      ])
      const error = undecidedError('1', undecided)
      expect(error.code).toBe('rollback-conflicts')
      expect(error.findings).toContain('new.visits: 3 rows changed since (1, 2, 4)')
      expect(error.findings[0]).toContain('(100, 101, 102, 103, 104 and 2 more)')
      expect(error.remedy).toContain('--on-conflict new.visits=keep')
      expect(renderError(error)).not.toContain('Geheim')
    }),
  )
})

describe('added rows that are discarded', () => {
  const rows = (database: TestDatabase, table: string) =>
    database.query(`select * from ${table} order by 1`).then((all) => all.map((row) => Object.values(row)))
  const discardedRows = (database: TestDatabase) =>
    database
      .query('select table_name, row_key, row from drover.discarded_row order by table_name, row_key')
      .then((all) => all.map(({ table_name, row_key, row }) => [table_name, row_key, row]))

  test('go, or lose their references, and are kept in the ledger as they were', async () => {
    const database = await practiceAfter(`
      insert into app.notes values (1, 1, 1, 'x'), (2, null, 1, 'y'), (3, null, null, 'z');
      update app.notes set parent_id = 2 where id = 1;
      insert into app.calls values (1, 1, 4), (2, 1, 900), (3, null, null);
      insert into app.recordings values (1, 1);
      insert into app.tags values (3, 'a'), (900, 'b'), (3, 'c');
      insert into app.logs values (1, 1, 'a'), (2, 1, 'b'), (2, null, 'c')`)
    await withDatabase(database.url, async (db) => {
      await conflictsIn(db, { '*': 'discard' }, discardAdded)
      expect(await rows(database, 'app.notes')).toEqual([[3, null, null, 'z']])
      expect(await rows(database, 'app.calls')).toEqual([
        [1, null, null],
        [2, null, 900],
        [3, null, null],
      ])
      expect(await rows(database, 'app.recordings')).toEqual([[1, 1]])
      expect(await rows(database, 'app.tags')).toEqual([[900, 'b']])
      expect(await rows(database, 'app.logs')).toEqual([[2, null, 'c']])
      const stored = await discardedRows(database)
      expect(stored).toEqual([
        ['calls', '1', { id: 1, visit_id: 1, clinic_id: 4 }],
        ['calls', '2', { id: 2, visit_id: 1, clinic_id: 900 }],
        ['logs', expect.any(String), { day: 1, visit_id: 1, text: 'a' }],
        ['logs', expect.any(String), { day: 2, visit_id: 1, text: 'b' }],
        ['notes', '1', { id: 1, visit_id: 1, parent_id: 2, text: 'x' }],
        ['notes', '2', { id: 2, visit_id: null, parent_id: 1, text: 'y' }],
        ['tags', '(0,1)', { clinic_id: 3, tag: 'a' }],
        ['tags', '(0,3)', { clinic_id: 3, tag: 'c' }],
      ])
      // As after a commit of which nothing was heard.
      await conflictsIn(db, { '*': 'discard' }, discardAdded)
      expect(await discardedRows(database)).toEqual(stored)
    })
  })

  test('the same again with the decisions as they were does nothing', async () => {
    const database = await practiceAfter(`insert into app.notes values (1, 1); insert into app.calls values (1, 1, 4)`)
    await withDatabase(database.url, async (db) => {
      await conflictsIn(db, { '*': 'discard' }, async (tx, way) => {
        await discardAdded(tx, way)
        const stored = await tx.query('select * from drover.discarded_row')
        await discardAdded(tx, way)
        expect(await tx.query('select * from drover.discarded_row')).toEqual(stored)
        expect(stored).toHaveLength(2)
      })
    })
  })

  test('a row that others refer to goes, though its own reference could be emptied', async () => {
    const database = await practiceAfter(`
      alter table app.calls add note_id int references app.notes;
      insert into app.notes values (1, 1); insert into app.calls values (1, 1, null, 1); insert into app.recordings values (1, 1)`)
    await withDatabase(database.url, async (db) => {
      await conflictsIn(db, { '*': 'discard' }, discardAdded)
    })
    for (const table of ['app.notes', 'app.calls', 'app.recordings']) expect(await rows(database, table)).toEqual([])
  })

  test('not where one was changed meanwhile', async () => {
    const database = await practiceAfter(
      `insert into app.notes values (1, 1), (2, 1); insert into app.tags values (3, 'a')`,
    )
    await withDatabase(database.url, async (db) => {
      await conflictsIn(db, { '*': 'discard' }, async () => {})
      await database.query(`update app.notes set text = 'x' where id = 2`)
      const discarding = db.transaction(async (tx) => discardAdded(tx, await readWay(tx, await findRun(tx, '1'))))
      await expect(discarding).rejects.toMatchObject({ code: 'rollback-conflicts', where: 'app.notes, 1 row' })
    })
    expect(await rows(database, 'app.notes')).toHaveLength(2)
    expect(await rows(database, 'app.tags')).toHaveLength(1)
    expect(await discardedRows(database)).toEqual([])
  })

  test('columns that a foreign key names are emptied, and those alone', async () => {
    const [server] = await onServer((client) =>
      client.query(`select current_setting('server_version_num')::int as version`),
    ).then(({ rows }) => rows)
    const isListed = server.version >= 150_000
    const database = await practiceAfter(`
      create table app.plans (id int primary key, org int, clinic int, foreign key (org, clinic) references new.clinics (org, id)
        on delete set null${isListed ? ' (clinic)' : ''});
      insert into app.plans values (1, 7, 3), (2, 7, 900)`)
    await withDatabase(database.url, (db) => conflictsIn(db, { '*': 'discard' }, discardAdded))
    expect(await rows(database, 'app.plans')).toEqual([
      [1, isListed ? 7 : null, null],
      [2, 7, 900],
    ])
  })

  test('a default is set where the foreign key says so, unless that goes too', async () => {
    const database = await practiceAfter(`
      create table app.plans (id int primary key, clinic int not null default 900 references new.clinics on delete set default);
      insert into app.plans values (1, 3), (2, 900)`)
    await withDatabase(database.url, async (db) => {
      await conflictsIn(db, { '*': 'discard' }, discardAdded)
      expect(await rows(database, 'app.plans')).toEqual([
        [1, 900],
        [2, 900],
      ])
      await database.query(
        `alter table app.plans alter column clinic set default 4; update app.plans set clinic = 3 where id = 1`,
      )
      await expect(conflictsIn(db, { '*': 'discard' }, discardAdded)).rejects.toMatchObject({
        code: 'rollback-conflicts',
        where: 'app.plans, constraint plans_clinic_fkey, 1 row',
      })
    })
    expect(await rows(database, 'app.plans')).toEqual([
      [1, 3],
      [2, 900],
    ])
  })
})
