import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { readCatalog } from '../../src/catalog/read.ts'
import { derivedUuid, ref, sql, type uuid } from '../../src/index.ts'
import { readWholeCatalog } from '../../src/ledger/whole-catalog.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { rollback } from '../../src/rollback/rollback.ts'
import { ask, rest } from '../../src/run/control.ts'
import { type RunOptions, run } from '../../src/run/run.ts'
import { startRun } from '../../src/run/start.ts'
import { defaultLimits } from '../../src/run/worker.ts'
import { databaseWith, migrationOf } from '../plan/planned.ts'
import { digest } from '../support/digest.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { withDatabase } from './fixture.ts'

/** Two targets with everything that an index or a constraint can be told beside its columns. */
const schema = `
create table old.owners (id text primary key, name text);
create table old.items (id text primary key, owner text, code text, slot int, tag text);
insert into old.owners select 'o' || i, 'owner ' || i from generate_series(1, 40) as i;
insert into old.items
select 'i' || lpad(i::text, 4, '0'), 'o' || 1 + i % 40, 'code ' || i, i % 400, case when i % 3 = 0 then 'tag ' || i end
from generate_series(1, 390) as i;
create table new.owners (id uuid primary key, name text);
create table new.items (
  id uuid, owner_id uuid, loose_id uuid, code text, slot int, tag text,
  constraint items_pkey primary key (id) include (slot)
);
alter table new.items
  add constraint items_code_key unique (code) with (fillfactor = 70) deferrable initially deferred,
  add constraint items_owner_fkey foreign key (owner_id) references new.owners on delete cascade deferrable initially deferred,
  add constraint items_old_owner_fkey foreign key (owner_id) references new.owners not valid,
  add constraint items_loose_fkey foreign key (loose_id) references new.owners;
create unique index items_slot_idx on new.items (slot) where tag is not null;
create index items_tag_idx on new.items (lower(tag) desc nulls last, code);
alter index new.items_tag_idx alter column 1 set statistics 321;
alter table new.items cluster on items_tag_idx;
comment on index new.items_tag_idx is 'the tag''s index';
comment on constraint items_pkey on new.items is 'who it is';
comment on constraint items_owner_fkey on new.items is 'whose it is';
create index owners_name_idx on new.owners (name);
`

const m = migrationOf()
const owners = m.map('owners', {
  from: (db) => db.selectFrom('old.owners as o'),
  key: ({ o }) => o.id!,
  to: 'new.owners',
  columns: ({ o }) => ({ id: derivedUuid(o.id!), name: o.name! }),
})
const items = m.map('items', {
  from: (db) => db.selectFrom('old.items as i'),
  key: ({ i }) => i.id!,
  to: 'new.items',
  columns: ({ i }) => ({
    id: derivedUuid(i.id!),
    owner_id: ref(i.owner!, owners).orNull('no-owner'),
    loose_id: sql<uuid | null>`null::uuid`,
    code: i.code!,
    slot: i.slot!,
    tag: i.tag!,
  }),
})
const migration = m.migration([owners, items])

const rebuilt = [
  'items_code_key',
  'items_slot_idx',
  'items_pkey',
  'items_tag_idx',
  'items_old_owner_fkey',
  'items_owner_fkey',
]

const planOf = (database: TestDatabase) =>
  withDatabase(database.url, (db) =>
    db.transaction(async (tx) => buildPlan(migration, await readWholeCatalog(tx, ['old', 'new']))),
  )

const carryOut = async (database: TestDatabase, options: RunOptions = {}) => {
  const plan = await planOf(database)
  return withDatabase(database.url, (db) => run(db, plan, { allowed: hazardNames, rowsPerChunk: 50, ...options }))
}

const catalogIn = (database: TestDatabase) =>
  withDatabase(database.url, (db) =>
    db.transaction((tx) => readCatalog((text, values) => tx.query(text, values), ['old', 'new'])),
  )

const begin = async (database: TestDatabase) => {
  const plan = await planOf(database)
  return withDatabase(database.url, (db) => startRun(db, plan, { allowed: hazardNames }))
}

const objectsOf = async (database: TestDatabase, table: string) => {
  const { constraints, indexes } = (await catalogIn(database)).tables.find(({ name }) => name === table)!
  return [...new Set([...constraints, ...indexes].map(({ name }) => name))].sort()
}

describe('a target that is empty', () => {
  test('is read whole while a run makes again what was off', async () => {
    const database = await databaseWith(schema)
    const before = await catalogIn(database)
    await begin(database)
    let isRead = false
    let hasEnded = false
    const read = await withDatabase(database.url, (db) =>
      db.transaction((tx) =>
        readWholeCatalog(
          {
            ...tx,
            query: async (text, values) => {
              const readsOff = text.includes('drover.altered_object')
              if (readsOff && isRead && !hasEnded) {
                hasEnded = true
                await carryOut(database)
              }
              isRead ||= text.includes('pg_index')
              return tx.query(text, values)
            },
          },
          ['old', 'new'],
        ),
      ),
    )
    expect(hasEnded).toBe(true)
    expect(read).toEqual(before)
  })

  test('stands without its indexes and constraints while it is loaded, and has them again as they were', async () => {
    const database = await databaseWith(schema)
    const before = await catalogIn(database)
    const { rebuilds } = await planOf(database)
    expect(rebuilds.map(({ table, objects }) => [table, objects.map(({ name }) => name)])).toEqual([
      ['new.owners', ['owners_pkey', 'owners_name_idx']],
      ['new.items', rebuilt],
    ])
    expect(rebuilds[1]!.kept).toEqual([
      {
        kind: 'foreign key',
        name: 'items_loose_fkey',
        why: 'its column is not a reference of the mapping, so that rows may lead nowhere',
      },
    ])
    await begin(database)
    // What stays needs the key that it leads to.
    expect(await objectsOf(database, 'items')).toEqual(['items_loose_fkey'])
    expect(await objectsOf(database, 'owners')).toEqual(['owners_pkey'])
    await carryOut(database, { workers: 3 })
    expect(await catalogIn(database)).toEqual(before)
    expect(await database.query('select count(*)::int as n from new.items')).toEqual([{ n: 390 }])
    expect(await database.query('select from drover.altered_object where restored_at is null')).toEqual([])
    const states = await database.query(
      `select object_name as name, state, why from drover.rebuild where kind not in ('crosswalk', 'statistics') order by position`,
    )
    expect(states).toEqual([
      { name: 'owners_pkey', state: 'kept', why: 'foreign key items_loose_fkey on new.items needs it' },
      { name: 'owners_name_idx', state: 'done', why: null },
      ...rebuilt.map((name) => ({ name, state: 'done', why: null })),
    ])
  })

  test('is analyzed before its indexes are made, which would keep it waiting', async () => {
    const database = await databaseWith(schema)
    await begin(database)
    await carryOut(database, { workers: 3 })
    const made =
      await database.query(`select distinct case kind when 'statistics' then 'statistics' else 'index' end as what,
        min(finished_at) over (partition by kind = 'statistics') as ended, min(started_at) over (partition by kind = 'statistics') as begun
      from drover.rebuild where table_name = 'items' and kind <> 'foreign key' order by begun`)
    expect(made.map(({ what }) => what)).toEqual(['statistics', 'index'])
    expect(
      await database.query(`select from pg_statistic where starelid = 'new.items'::regclass limit 1`),
    ).toHaveLength(1)
  })

  test('gets them back by a rollback, from wherever the run was', async () => {
    const database = await databaseWith(schema)
    const before = { catalog: await catalogIn(database), rows: await digest(database, ['new']) }
    const { run: begun } = await begin(database)
    await withDatabase(database.url, (db) => rollback(db, begun.id))
    expect({ catalog: await catalogIn(database), rows: await digest(database, ['new']) }).toEqual(before)
    await breakTags(database)
    await expect(carryOut(database, { maxQuarantined: { rows: 0 } })).rejects.toMatchObject({
      code: 'quarantine-limit',
    })
    expect(await objectsOf(database, 'items')).not.toContain('items_slot_idx')
    await withDatabase(database.url, (db) => rollback(db, undefined))
    expect({ catalog: await catalogIn(database), rows: await digest(database, ['new']) }).toEqual(before)
  })

  test('gets them back where the run is cancelled before it has loaded anything', async () => {
    const database = await databaseWith(schema)
    const before = await catalogIn(database)
    const { run: begun } = await begin(database)
    await withDatabase(database.url, async (db) => {
      await ask(db, begun.id, 'cancelling', 'test')
      expect(await rest(db, begun.id, begun.plan, defaultLimits)).toBe('cancelled')
    })
    expect(await catalogIn(database)).toEqual(before)
  })

  test('keeps the run from starting while others use it, and nothing is off', async () => {
    const database = await databaseWith(schema)
    const before = await catalogIn(database)
    const other = new pg.Client({ connectionString: database.url })
    await other.connect()
    await other.query('begin; select from new.items')
    await expect(begin(database)).rejects.toMatchObject({ code: 'target-busy', where: 'table new.items' })
    await other.end()
    expect(await catalogIn(database)).toEqual(before)
  })
})

test('a target that holds rows keeps everything', async () => {
  const database = await databaseWith(`${schema}
    insert into new.owners values (gen_random_uuid(), 'someone'); insert into new.items values (gen_random_uuid())`)
  await begin(database)
  expect(
    await database.query(
      `select distinct state, why from drover.rebuild where kind not in ('crosswalk', 'statistics')`,
    ),
  ).toEqual([{ state: 'kept', why: 'the table holds rows' }])
  expect((await carryOut(database)).state).toBe('loaded')
})

/** Of ten rows with tags each the slot of the first, among them rows of chunks far apart. */
const breakTags = (database: TestDatabase) =>
  database.query(`update old.items set slot = 3 where id in ('i0300', 'i0003', 'i0150', 'i0099') and tag is not null`)

// I7
describe('rows that a unique index refuses', () => {
  test.each([
    { rowsPerChunk: 20, workers: 3 },
    { rowsPerChunk: 1_000, workers: 1 },
  ])(
    'are set aside by its name, but for that of the lowest key: $workers workers, chunks of $rowsPerChunk',
    async (options) => {
      const database = await databaseWith(schema)
      await breakTags(database)
      await database.query(`update old.items set code = 'code 1' where id in ('i0390', 'i0002')`)
      await carryOut(database, options)
      expect(
        await database.query(
          'select source_key, code, sqlstate, reasons, original ->> $$slot$$ as slot from drover.quarantine order by 1',
        ),
      ).toEqual([
        refused('i0002', 'code', 'items_code_key', '2'),
        refused('i0099', 'slot', 'items_slot_idx', '3'),
        refused('i0150', 'slot', 'items_slot_idx', '3'),
        refused('i0300', 'slot', 'items_slot_idx', '3'),
        refused('i0390', 'code', 'items_code_key', '390'),
      ])
      const [sums] = await database.query(
        `select sum(read)::int as read, sum(loaded)::int as loaded, sum(quarantined)::int as quarantined,
        (select count(*)::int from new.items) as rows,
        (select count(*)::int from drover.crosswalk_items where disposition = 'quarantined' and id is null) as walked
      from drover.chunk where mapping = 'items'`,
      )
      expect(sums).toEqual({ read: 390, loaded: 385, quarantined: 5, rows: 385, walked: 5 })
    },
  )

  test('are limited as all that the database refuses: the run stops, and goes on where more is allowed', async () => {
    const database = await databaseWith(schema)
    await breakTags(database)
    await expect(carryOut(database, { maxQuarantined: { rows: 2 } })).rejects.toMatchObject({
      code: 'quarantine-limit',
      where: 'mapping items, new.items, items_slot_idx',
      why: 'SQLSTATE 23505: of 3 rows another one has what must be unique in items_slot_idx, allowed are 2',
    })
    expect(await database.query('select count(*)::int as n from drover.quarantine')).toEqual([{ n: 0 }])
    expect((await carryOut(database, { maxQuarantined: { rows: 3 } })).state).toBe('loaded')
    expect(await database.query('select count(*)::int as n from drover.quarantine')).toEqual([{ n: 3 }])
  })
})

function refused(key: string, column: string, constraint: string, slot: string) {
  return {
    source_key: key,
    code: 'error-23505',
    sqlstate: '23505',
    reasons: [{ code: 'error-23505', column, table: 'new.items', constraint }],
    slot,
  }
}
