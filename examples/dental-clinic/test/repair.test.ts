import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../../packages/drover/src/db/connection.ts'
import { installLedger } from '../../../packages/drover/src/ledger/install.ts'
import { fixRows } from '../../../packages/drover/src/repair/fix.ts'
import type { RepairOutcome } from '../../../packages/drover/src/repair/outcome.ts'
import { retryRows } from '../../../packages/drover/src/repair/retry.ts'
import { unmergeRow } from '../../../packages/drover/src/repair/unmerge.ts'
import { run } from '../../../packages/drover/src/run/run.ts'
import { verify } from '../../../packages/drover/src/verify/verify.ts'
import { withDatabase } from '../../../packages/drover/test/run/fixture.ts'
import { cellsOf } from '../../../packages/drover/test/support/cells.ts'
import type { TestDatabase } from '../../../packages/drover/test/support/postgres.ts'
import type { Planted } from '../generator/planting.ts'
import { outcomeOf } from './outcome.ts'
import { allowed, prepareTiny, type Tiny } from './tiny.ts'

let tiny: Awaited<ReturnType<typeof prepareTiny>>

beforeAll(async () => {
  tiny = await prepareTiny()
})

/** Generated data, changed by statements and migrated. `apart`: mapping and key of a row that must not be merged. */
async function migrated(
  only: Planted,
  statements: string,
  apart?: readonly [mapping: string, key: string],
): Promise<Tiny> {
  const made = await tiny.create(only)
  const { database } = made
  await database.query(statements)
  await withDatabase(database.url, async (db) => {
    await db.transaction(async (tx) => {
      await installLedger(tx, 'test')
      if (apart) {
        await tx.query(
          `insert into drover.apart (migration, mapping, source_key) values ('dental-clinic', $1, $2)`,
          apart,
        )
      }
    })
    await run(db, tiny.plan, { allowed, functions: tiny.functions })
  })
  return made
}

/** I2: before, between and after, every source row has one disposition, by the ledger and by the crosswalks. */
async function expectBalance(db: Database): Promise<void> {
  const readOnly = { readOnly: true }
  const sums = await db.transaction(
    (tx) =>
      tx.query(`
        select mapping, source_rows::text as source, sum(read)::text as read,
          sum(loaded + merged + matched + quarantined + excluded)::text as dispositions
        from drover.chunk join drover.step using (run_id, mapping)
        group by mapping, source_rows order by mapping`),
    readOnly,
  )
  for (const { mapping, source, read, dispositions } of sums) {
    const [row] = await db.transaction(
      (tx) => tx.query(`select count(*)::text as keys from drover.crosswalk_${mapping}`),
      readOnly,
    )
    expect([mapping, read, dispositions, row!.keys]).toEqual([mapping, source, source, source])
  }
}

/** The balance and every check of the verification. */
async function expectSound(db: Database): Promise<void> {
  await expectBalance(db)
  const { findings } = await verify(db, '1')
  expect(findings.filter(({ verdict }) => verdict === 'warn' || verdict === 'fail')).toEqual([])
}

async function one(database: TestDatabase, query: string): Promise<string> {
  const [row] = await database.query<{ id: string }>(query)
  return row!.id
}

/** The mappings in which rows were tried: all of those were loaded. */
function loadedIn({ mappings }: RepairOutcome): readonly string[] {
  const tried = mappings.filter((each) => each.tried > 0n)
  expect(tried.filter((each) => each.tried !== each.loaded)).toEqual([])
  return tried.map(({ mapping }) => mapping)
}

interface Mended {
  readonly only: Planted
  readonly mapping: string
  /** The row that is refused. */
  readonly row: string
  /** Statements that make it so. */
  readonly spoil: string
  /** By column, a query for the value that is right. */
  readonly values: Readonly<Record<string, string>>
  /** Where rows come in. */
  readonly loaded: readonly string[]
  /** The same correction, in the source itself. */
  readonly right: string
}

const net = `select id from legacy.metric_definitions where name = 'Net Production'`
const north = `select id from legacy.clinics where name = 'Cedar Park Dentistry'`
const someUser = `select min(id) as id from legacy.users where email ~ '@'`
const someProvider = `select min(provider_id) from legacy.metric_values where provider_id <> 'again'`

const parents: Readonly<Record<string, Mended>> = {
  'a dashboard whose owner is gone, with four widgets': {
    only: 'dashboards/orphan',
    mapping: 'dashboards',
    row: `select id from legacy.dashboards where user_id not in (select id from legacy.users)`,
    spoil: '',
    values: { user_id: someUser },
    loaded: ['dashboards', 'widgets'],
    right: `update legacy.dashboards set user_id = (${someUser}) where user_id not in (select id from legacy.users)`,
  },
  'a user without a usable address, with dashboards': {
    only: 'users/invalid-email',
    mapping: 'auth_users',
    row: `select id from legacy.users where email !~ '@'`,
    spoil: `
      update legacy.dashboards set is_default = false, user_id = (select id from legacy.users where email !~ '@')
      where id in (select id from legacy.dashboards order by id limit 3)`,
    values: { email: `select 'uma@example.org' as id` },
    loaded: ['auth_users', 'auth_identities', 'profiles', 'user_clinic_roles', 'dashboards', 'widgets'],
    right: `update legacy.users set email = 'uma@example.org' where email !~ '@'`,
  },
  'a definition of a type that nobody knows, with values, goals and mappings': {
    only: 'nothing',
    mapping: 'metric_definitions',
    row: net,
    spoil: `update legacy.metric_definitions set data_type = 'money' where name = 'Net Production'`,
    values: { data_type: `select 'currency' as id` },
    loaded: ['metric_definitions', 'column_mappings', 'metric_values', 'metric_aggregations', 'goals'],
    right: `update legacy.metric_definitions set data_type = 'currency' where name = 'Net Production'`,
  },
  'a clinic without a name, with all that is its': {
    only: 'nothing',
    mapping: 'clinics',
    row: `select id from legacy.clinics where name = ''`,
    spoil: `update legacy.clinics set name = '' where id = (${north})`,
    values: { name: `select 'Cedar Park' as id` },
    loaded: [
      'clinics',
      'user_clinic_roles',
      'locations',
      'providers',
      'provider_locations',
      'google_credentials',
      'spreadsheet_connections',
      'connection_sheets',
      'column_mappings',
      'metric_values',
      'metric_aggregations',
      'goals',
    ],
    right: `update legacy.clinics set name = 'Cedar Park' where name = ''`,
  },
}

describe.each(cellsOf(Object.entries(parents), 2))('%s', (_, { only, mapping, row, spoil, values, loaded, right }) => {
  const made: Tiny[] = []
  afterAll(() => Promise.all(made.map(({ database }) => database.drop())))

  test('is fixed and tried again: it comes in, and what waited for it, as if it had been right from the start', async () => {
    const { database } = await migrated(only, spoil)
    const key = await one(database, row)
    const fixed: Record<string, string> = {}
    for (const [column, value] of Object.entries(values)) fixed[column] = await one(database, value)
    await withDatabase(database.url, async (db) => {
      await expectSound(db)
      await fixRows(db, '1', [{ mapping, key, values: fixed }])
      await expectBalance(db)
      const outcome = await retryRows(db, '1', { mapping, keys: [key] }, tiny.functions)
      expect(loadedIn(outcome)).toEqual(loaded)
      await expectSound(db)
    })
    const expected = await migrated(only, `${spoil};${right}`)
    made.push({ database } as Tiny, expected)
    expect(await outcomeOf(database)).toEqual(await outcomeOf(expected.database))
  })
})

const merges: Readonly<Record<string, { only: Planted; mapping: string; statements: string; loser: string }>> = {
  // Wide letters: alike for the identity, and not for the unique key of the target.
  'a clinic, with its location, people and values': {
    only: 'clinics/duplicate',
    mapping: 'clinics',
    statements: `update legacy.clinics set name = translate(name, 'E', U&'\\FF25') where name = '  CEDAR PARK DENTISTRY'`,
    loser: `select source_key as id from drover.merge where mapping = 'clinics'`,
  },
  // With a title and without: alike for the identity, and not for the unique key of the target.
  'a provider, with his place of work and his values': {
    only: 'nothing',
    mapping: 'providers',
    statements: `
      insert into legacy.providers
      select 'again', case when name like 'Dr. %' then substr(name, 5) else 'Dr. ' || name end, provider_type, status,
        clinic_id, created_at + interval '1 day', updated_at + interval '1 day'
      from legacy.providers where id = (${someProvider});
      update legacy.metric_values set provider_id = 'again'
      where provider_id = (${someProvider}) and right(id, 1) < '8'`,
    loser: `select 'again' as id`,
  },
}

describe.each(cellsOf(Object.entries(merges), 2))('%s', (_, { only, mapping, statements, loser }) => {
  const made: Tiny[] = []
  afterAll(() => Promise.all(made.map(({ database }) => database.drop())))

  test('is taken out of a merge: as if the two had never been one', async () => {
    const { database } = await migrated(only, statements)
    const key = await one(database, loser)
    await withDatabase(database.url, async (db) => {
      await expectSound(db)
      await unmergeRow(db, '1', { mapping, key }, tiny.functions)
      await expectSound(db)
    })
    const expected = await migrated(only, statements, [mapping, key])
    made.push({ database } as Tiny, expected)
    expect(await outcomeOf(database)).toEqual(await outcomeOf(expected.database))
  })
})

test('a user stays merged with whom he shares an address: the target refuses two of them, and nothing is changed', async () => {
  const { database, manifest } = await migrated('users/case-duplicate', '')
  const key = Object.keys(manifest.mappings.auth_users!.mergedInto)[0]!
  const before = await outcomeOf(database)
  await withDatabase(database.url, async (db) => {
    await expect(unmergeRow(db, '1', { mapping: 'auth_users', key }, tiny.functions)).rejects.toMatchObject({
      code: 'repair-refused',
      where: `mapping auth_users, source key ${key}`,
    })
    expect(await database.query('select state from drover.run')).toEqual([{ state: 'loaded' }])
    await expectSound(db)
  })
  expect(await outcomeOf(database)).toEqual(before)
})
