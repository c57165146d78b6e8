import { beforeAll, expect, test } from 'vitest'
import type { Decisions } from '../../src/ledger/rollback.ts'
import { rollback } from '../../src/rollback/rollback.ts'
import { withDatabase } from '../run/fixture.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { stateOf } from '../support/state.ts'
import { createPractice, listed } from './practice.ts'
import { runScript, scriptOf, whileHeld } from './run-script.ts'

// What the script comes to is what drover comes to, in a copy of the same database.

const schemas = ['old', 'new', 'app']

let template: TestDatabase

beforeAll(async () => {
  template = await createPractice()
})

async function copyWith(statements: string): Promise<TestDatabase> {
  const database = await createDatabase(template.name)
  for (const statement of statements.split(';\n')) await database.query(statement)
  return database
}

/** All that is left, in the tables and in the ledger. */
async function outcomeOf(database: TestDatabase): Promise<unknown> {
  const { rows, catalog, sequences } = await withDatabase(database.url, (db) => stateOf(database, db, schemas))
  const discarded = await database.query('select table_name, row_key, row from drover.discarded_row order by 1, 2')
  const tallies = await database.query(`
    select mapping, kind, state, sum(undone) as undone, sum(kept) as kept, sum(gone) as gone
    from drover.rollback_chunk group by 1, 2, 3 order by 1, 2, 3`)
  const end = await database.query(
    'select state, verdict, on_conflict from drover.run join drover.rollback on run_id = id',
  )
  const warned = await database.query(`
    select each ->> 'object' as object, each ->> 'verdict' as verdict
    from drover.rollback, jsonb_array_elements(findings) as each
    where each ->> 'check' = 'fingerprint' order by 1`)
  return { rows, catalog, sequences, discarded, tallies, end, warned, conflicts: await listed(database) }
}

const changes = `update new.visits set note = 'x' where id = 1;
update new.doctors set title = 'Prof' where id = 901;
delete from new.visits where id = 4;
insert into app.notes values (1, 5, null), (2, null, 1);
insert into app.calls values (1, 2, 3);
insert into app.recordings values (1, 1);
insert into app.bills values (7, 1, 1);
insert into app.tags values (3, 'x'), (900, 'y');
insert into app.logs values (1, 5, 'x'), (2, 1, 'y');
update new.rooms set name = 'Green room' where id = 3`

const cases: readonly (readonly [string, string, Decisions])[] = [
  ['nothing', 'select', {}],
  ['a rewritten table', 'alter table new.visits alter column amount type numeric(12, 4)', {}],
  ['all discarded', changes, { '*': 'discard' }],
  ['all kept', changes, { '*': 'keep' }],
  ['by table', changes, { '*': 'discard', 'new.visits': 'keep', 'app.tags': 'keep', 'app.logs': 'keep' }],
  [
    'the other way round',
    changes,
    { '*': 'keep', 'new.visits': 'discard', 'app.notes': 'discard', 'app.calls': 'discard' },
  ],
]

test.each(
  cases.flatMap(([name, statements, decisions]) =>
    (['chunks', 'one transaction'] as const).map((mode) => ({ name, mode, statements, decisions })),
  ),
)('$name, in $mode: what the script leaves is what drover leaves', async ({ mode, statements, decisions }) => {
  const [one, other] = [await copyWith(statements), await copyWith(statements)]
  await withDatabase(one.url, (db) => rollback(db, undefined, { onConflict: decisions, blocksPerChunk: 1 }))
  await withDatabase(other.url, async (db) =>
    runScript(other.url, await scriptOf(db, { mode, onConflict: decisions, blocksPerChunk: 1 })),
  )
  expect(await outcomeOf(other)).toEqual(await outcomeOf(one))
})

test('undecided: nothing is touched, and all that stands in the way is listed; decided at its top, it goes on', async () => {
  const database = await copyWith(changes)
  await withDatabase(database.url, async (db) => {
    const loaded = await stateOf(database, db, schemas)
    const script = await scriptOf(db)
    const failure = await runScript(database.url, script).catch((thrown) => thrown)
    expect(failure).toMatchObject({
      code: 'DV002',
      message: expect.stringContaining('nothing was touched'),
      detail: expect.stringContaining('new.visits: 1 rows changed since (keys 1)'),
      hint: expect.stringContaining('select * from drover.conflict where run_id = 1 and decision is null'),
    })
    expect(failure.detail).not.toContain('Prof')
    expect((await listed(database)).length).toBeGreaterThan(8)
    const whole = await scriptOf(db, { mode: 'one transaction' })
    await expect(runScript(database.url, whole)).rejects.toMatchObject({ code: 'DV002', detail: failure.detail })
    expect(await stateOf(database, db, schemas)).toEqual(loaded)
    expect(await database.query('select state from drover.run')).toEqual([{ state: 'loaded' }])

    const decide = (decisions: string) =>
      script.replace(`set drover.on_conflict = '{}'`, `set drover.on_conflict = '${decisions}'`)
    await expect(runScript(database.url, decide('{"new.vists": "keep"}'))).rejects.toMatchObject({
      message: 'There can be no conflicts in new.vists',
    })
    await runScript(database.url, decide('{"*": "discard"}'))
    expect(await database.query('select state from drover.run')).toEqual([{ state: 'rolled_back' }])
  })
})

test('rows that are changed while they are taken back end it; what is done stays so', async () => {
  const database = await copyWith('select')
  const script = await withDatabase(database.url, (db) => scriptOf(db))
  const failure = await whileHeld(database, 'new.doctors', script, () =>
    database.query(`update new.clinics set name = 'x' where id = 3`),
  )
  expect(failure).toMatchObject({
    code: 'DV003',
    message: '1 rows of mapping clinics were changed while they were taken back.',
  })
  expect(
    await database.query(`select distinct mapping from drover.rollback_chunk where state = 'done' order by 1`),
  ).toEqual([{ mapping: 'doctors' }, { mapping: 'rooms' }, { mapping: 'visits' }])
  await expect(runScript(database.url, script)).rejects.toMatchObject({ code: 'DV002' })
})
