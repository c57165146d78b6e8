import { expect, test } from 'vitest'
import type { Database } from '../../src/db/connection.ts'
import { type Fix, fixRows } from '../../src/repair/fix.ts'
import type { RepairOutcome } from '../../src/repair/outcome.ts'
import { retryRows } from '../../src/repair/retry.ts'
import { unmergeRow } from '../../src/repair/unmerge.ts'
import { withDatabase } from '../run/fixture.ts'
import { accountOf, apart, expectSound, loadedWorld, overlay } from './equation.ts'
import { hospital, hospitalMigration } from './hospital.ts'

const noFunctions = new Map()

const world = { schema: hospital, migration: hospitalMigration }
const loaded = (decided?: string) => loadedWorld(world, decided)
const account = accountOf

/** Mends a loaded hospital, and returns what it holds then and what the ledger says of it. */
async function mended(mend: (db: Database) => Promise<unknown>) {
  const database = await loaded()
  await withDatabase(database.url, async (db) => {
    await expectSound(db)
    await mend(db)
    await expectSound(db)
  })
  return account(database)
}

const fixes: Readonly<Record<string, readonly Fix[]>> = {
  'a parent with children and theirs': [{ mapping: 'clinics', key: 'c3', values: { name: 'East' } }],
  'a parent that becomes a duplicate': [{ mapping: 'clinics', key: 'c3', values: { name: 'NORTH' } }],
  'a parent of nobody': [{ mapping: 'clinics', key: 'c5', values: { name: 'West' } }],
  'a child': [{ mapping: 'visits', key: 'v8', values: { amount: '80' } }],
  everything: [
    { mapping: 'clinics', key: 'c3', values: { name: 'East', city: null } },
    { mapping: 'clinics', key: 'c5', values: { name: 'West' } },
    { mapping: 'visits', key: 'v5', values: { amount: '50' } },
    { mapping: 'visits', key: 'v8', values: { amount: '80' } },
  ],
}
const relationOf = (mapping: string) => `old.${mapping}`

test.concurrent.each(Object.entries(fixes))(
  '%s, fixed and tried again: as if it had been so from the start',
  async (_, all) => {
    const before = await loaded(
      all.map(({ mapping, key, values }) => overlay('hospital', relationOf(mapping), key, values)).join('\n'),
    )
    const after = await mended(async (db) => {
      await fixRows(db, '1', all)
      if (all.length > 1) await retryRows(db, '1', {}, noFunctions)
      else await retryRows(db, '1', { mapping: all[0]!.mapping, keys: [all[0]!.key] }, noFunctions)
    })
    expect(after).toEqual(await account(before))
  },
)

test.concurrent.each([
  ['a clinic that has staff, visits and labels', 'clinics', 'c2'],
  ['staff within a clinic', 'staff', 's2'],
  ['a row of a collection', 'labels', 'l2'],
])('a merge undone, of %s: as if it had never been', async (_, mapping, key) => {
  const before = await loaded(apart('hospital', mapping, key))
  let outcome: RepairOutcome | undefined
  const after = await mended(async (db) => {
    outcome = await unmergeRow(db, '1', { mapping, key }, noFunctions)
  })
  expect(outcome?.mappings.find((repair) => repair.mapping === mapping)).toMatchObject({ tried: 1n, loaded: 1n })
  expect(after).toEqual(await account(before))
})

test.concurrent('rows that the database still refuses stay in quarantine; the others come in', async () => {
  const database = await loaded()
  await withDatabase(database.url, async (db) => {
    await fixRows(db, '1', [{ mapping: 'clinics', key: 'c3', values: { name: 'East' } }])
    const { mappings } = await retryRows(db, '1', {}, noFunctions)
    // v5 holds no number and v8 a negative one; the clinic c5 has no name still.
    expect(
      mappings.map(({ mapping, tried, loaded, merged, quarantined }) => [mapping, tried, loaded, merged, quarantined]),
    ).toEqual([
      ['clinics', 2n, 1n, 0n, 1n],
      ['directory', 0n, 0n, 0n, 0n],
      ['staff', 3n, 2n, 1n, 0n],
      ['visits', 3n, 1n, 0n, 2n],
      ['labels', 1n, 1n, 0n, 0n],
      ['rooms', 0n, 0n, 0n, 0n],
      ['totals', 1n, 1n, 0n, 0n],
    ])
    await expectSound(db)
  })
  expect(
    await database.query('select mapping, source_key, code, sqlstate from drover.quarantine order by 1, 2'),
  ).toEqual([
    { mapping: 'clinics', source_key: 'c5', code: 'no-name', sqlstate: null },
    { mapping: 'visits', source_key: 'v5', code: 'error-22P02', sqlstate: '22P02' },
    { mapping: 'visits', source_key: 'v8', code: 'error-23514', sqlstate: '23514' },
  ])
})

test.concurrent('a merge whose undoing the database refuses: nothing is changed', async () => {
  const database = await loaded()
  await database.query('create unique index one_name on new.staff (clinic_id, name)')
  const before = await account(database)
  await withDatabase(database.url, async (db) => {
    await expect(unmergeRow(db, '1', { mapping: 'staff', key: 's2' }, noFunctions)).rejects.toMatchObject({
      code: 'repair-refused',
      where: 'mapping staff, source key s2',
      why: expect.stringContaining('one_name'),
    })
  })
  expect(await account(database)).toEqual(before)
  expect(await database.query('select * from drover.apart')).toEqual([])
  expect(await database.query('select state from drover.run')).toEqual([{ state: 'loaded' }])
})

test.concurrent('a merged row is fixed first, where the database would refuse it as it stands', async () => {
  const database = await loaded()
  await database.query('create unique index one_name on new.staff (clinic_id, name)')
  await withDatabase(database.url, async (db) => {
    await fixRows(db, '1', [{ mapping: 'staff', key: 's2', values: { name: 'Ann Two' } }])
    await unmergeRow(db, '1', { mapping: 'staff', key: 's2' }, noFunctions)
    await expectSound(db)
  })
  expect(await database.query(`select name from new.staff where id in ('n-s1', 'n-s2') order by id`)).toEqual([
    { name: 'ann' },
    { name: 'ann two' },
  ])
})

test.concurrent('what was accepted stays out, and its children with it', async () => {
  const database = await loaded()
  await database.query(
    `update drover.quarantine set accepted_at = now(), accepted_by = 'x', accepted_why = 'closed' where source_key in ('c3', 's8')`,
  )
  await withDatabase(database.url, async (db) => {
    await fixRows(db, '1', [{ mapping: 'clinics', key: 'c3', values: { name: 'East' } }])
    expect(
      (await retryRows(db, '1', { mapping: 'clinics' }, noFunctions)).mappings.map(({ mapping }) => mapping),
    ).toEqual(['clinics', 'directory'])
    await retryRows(db, '1', { mapping: 'clinics', keys: ['c3'] }, noFunctions)
    await expectSound(db)
  })
  expect(await database.query(`select source_key from drover.quarantine where mapping = 'staff'`)).toEqual([
    { source_key: 's8' },
  ])
})

test.concurrent('the rows as they were are kept before they follow', async () => {
  const database = await loaded()
  const before = await database.query(`select id, clinic_id, name from new.rooms where id = 'r2'`)
  await withDatabase(database.url, async (db) => {
    await fixRows(db, '1', [{ mapping: 'clinics', key: 'c3', values: { name: 'East' } }])
    await retryRows(db, '1', {}, noFunctions)
  })
  expect(await database.query('select id, clinic_id, name from drover.before_image_rooms')).toEqual(before)
  expect(await database.query(`select * from new.rooms where id = 'r2'`)).toEqual([
    { id: 'r2', clinic_id: 'n-c3', name: 'B' },
  ])
  expect(await database.query(`select source_key from drover.correction where mapping = 'rooms'`)).toEqual([
    { source_key: 'r3' },
  ])
})

test('interrupted anywhere, nothing of a repair has happened; once more, all of it', async () => {
  const database = await loaded()
  await withDatabase(database.url, async (db) => {
    await fixRows(db, '1', [{ mapping: 'clinics', key: 'c3', values: { name: 'East' } }])
    const before = await account(database)
    let statements = 0
    const breaksAfter = (limit: number): Database => ({
      ...db,
      transaction: (work, options) =>
        db.transaction(async (tx) => {
          statements = 0
          return work({
            ...tx,
            query: async (text, values) => {
              statements += 1
              if (statements > limit) throw new Error('interrupted')
              return tx.query(text, values)
            },
          })
        }, options),
    })
    for (let limit = 0; limit < 1000; limit += 37) {
      const outcome = await retryRows(breaksAfter(limit), '1', { mapping: 'clinics' }, noFunctions).catch(
        () => undefined,
      )
      if (outcome !== undefined) break
      expect(await account(database)).toEqual(before)
    }
    expect(statements).toBeGreaterThan(60)
    expect(await account(database)).not.toEqual(before)
    await expectSound(db)
  })
})
