import { beforeAll, expect, it } from 'vitest'
import { expectRefusal } from '../cli/drover.ts'
import { callInProcess } from '../cli/in-process.ts'
import { bringTo, type Standing } from '../faults/rollback-subject.ts'
import { subjects } from '../rollback/half-run-subjects.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { withDatabase } from '../verify/fixture.ts'

const templates = new Map<Standing | 'untouched', TestDatabase>()

beforeAll(async () => {
  for (const standing of ['untouched', 'repaired', 'failed'] as const) {
    const database = await createDatabase()
    await database.query(subjects.reversed.schema)
    if (standing !== 'untouched') await withDatabase(database.url, (db) => bringTo(db, standing))
    await database.disconnect()
    templates.set(standing, database)
  }
})

const copyOf = (standing: Standing | 'untouched') => createDatabase(templates.get(standing)!.name)
const call = ({ url }: TestDatabase, words: string) => callInProcess(words.split(' '), url)

/** What catalogs say of everything that is not the server's own, by name. */
const catalogs = {
  schemas: `select nspname::text, nspacl::text from pg_namespace where nspname !~ '^pg_(toast|temp)'`,
  relations: `select oid::regclass::text, relkind, relreplident, relrowsecurity, relacl::text, reltriggers.n
    from pg_class, lateral (select count(*) as n from pg_trigger where tgrelid = pg_class.oid) as reltriggers
    where oid >= 16384 and relkind <> 't' and relname !~ '^pg_toast'`,
  columns: `select attrelid::regclass::text, attname::text, atttypid::regtype::text, attnotnull, atthasdef, attstattarget
    from pg_attribute where attrelid >= 16384 and attrelid::regclass::text !~ 'pg_toast' and attnum > 0`,
  indexes:
    "select pg_get_indexdef(indexrelid), indisvalid, indisclustered from pg_index where indexrelid >= 16384 and indexrelid::regclass::text !~ 'pg_toast'",
  constraints:
    'select conrelid::regclass::text, conname::text, pg_get_constraintdef(oid), convalidated from pg_constraint where oid >= 16384',
  triggers: 'select tgrelid::regclass::text, tgenabled, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal',
  functions: 'select oid::regprocedure::text, prosrc from pg_proc where oid >= 16384',
  types: `select oid::regtype::text from pg_type where oid >= 16384`,
  casts: 'select count(*) from pg_cast',
  operators: 'select count(*) from pg_operator',
  rules: 'select count(*) from pg_rewrite where oid >= 16384',
  policies: 'select count(*) from pg_policy',
  extensions: 'select extname::text, extversion from pg_extension',
  publications: 'select pubname::text from pg_publication',
  eventTriggers: 'select evtname::text from pg_event_trigger',
  statistics: 'select stxname::text from pg_statistic_ext',
  defaults: 'select defaclrole::regrole::text, defaclacl::text from pg_default_acl',
  largeObjects: 'select oid::text from pg_largeobject_metadata',
  comments: 'select classoid::regclass::text, description from pg_description where objoid >= 16384',
  settings:
    'select setconfig::text from pg_db_role_setting where setdatabase = (select oid from pg_database where datname = current_database())',
  prepared: 'select gid from pg_prepared_xacts where database = current_database()',
  locks: `select locktype from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
} as const

async function catalogsOf(database: TestDatabase): Promise<Record<string, readonly string[]>> {
  const all: Record<string, readonly string[]> = {}
  for (const [name, query] of Object.entries(catalogs)) {
    all[name] = (await database.query(query)).map((row) => JSON.stringify(row)).toSorted()
  }
  return all
}

it('asked for no database in particular, it tells what would go, and touches nothing', async () => {
  const database = await copyOf('repaired')
  const before = await catalogsOf(database)
  const { exit, stdout } = await call(database, 'uninstall')
  expect(exit).toBe(0)
  expect(stdout).toMatch(/^Would drop schema drover of test_\w+: the ledger of 1 run, \d+ tables, \d+\.\d MB\.$/m)
  const remedy = `To do it: drover uninstall --confirm ${database.name}`
  expect(stdout).toContain(`${remedy}\n`)
  const givingUp = await call(database, 'uninstall --give-up-the-way-back')
  expect(givingUp.stdout).toContain(`${remedy} --give-up-the-way-back\n`)
  expect(await catalogsOf(database)).toEqual(before)
})

it('not as long as a run can be taken back, unless that is given up; nor of another database', async () => {
  const database = await copyOf('repaired')
  const before = await catalogsOf(database)
  expectRefusal(await call(database, `uninstall --confirm ${database.name}`), {
    exit: 1,
    code: 'state-refused',
    what: 'Runs can still be taken back: without the ledger they cannot.',
    told: ['- run 1 of reversed is loaded: drover finalize --run 1, or drover rollback --run 1'],
    remedy: 'End them so, or add --give-up-the-way-back: what they have loaded stays for good then.',
  })
  expectRefusal(await call(database, 'uninstall --give-up-the-way-back --confirm other'), {
    exit: 2,
    code: 'usage-invalid',
    what: `This database is ${database.name}, and other was confirmed.`,
    remedy: 'Check --database-url, then name the database that is meant.',
  })
  for (const state of ['running', 'pausing', 'cancelling', 'repairing', 'rolling_back']) {
    await database.query(`update drover.run set state = '${state}'`)
    expect(await call(database, `uninstall --give-up-the-way-back --confirm ${database.name}`)).toMatchObject({
      exit: 1,
    })
  }
  expect(await catalogsOf(database)).toEqual(before)
})

it.each([
  ['finalized', 'repaired', 'finalize --allow unverified unrehearsed', ''],
  ['rolled back', 'repaired', 'rollback', ''],
  ['purged', 'repaired', 'finalize --allow unverified unrehearsed', 'purge --older-than 0d'],
  ['given up in the middle, its source blocked and indexes off', 'failed', '', ''],
] as const)('where the run was %s, nothing of drover is left', async (_, standing, end, then) => {
  const database = await copyOf(standing)
  for (const words of [end, then].filter(Boolean)) expect(await call(database, words)).toMatchObject({ exit: 0 })
  if (standing === 'failed') {
    const [blocked] = await database.query(`select count(*)::int as n from pg_trigger where tgname ~ 'drover'`)
    expect(blocked!.n).toBeGreaterThan(0)
  }
  const rows = 'select count(*)::int as n from new.visits'
  const before = await database.query(rows)
  const words = `uninstall --confirm ${database.name}${standing === 'failed' ? ' --give-up-the-way-back' : ''}`
  const { exit, stdout, stderr } = await call(database, words)
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
  expect(stdout).toContain('Nothing of drover is left in the database.\n')
  expect(await database.query(rows)).toEqual(before)
  expect(await catalogsOf(database)).toEqual(await catalogsOf(await copyOf('untouched')))
  expect(await call(database, `uninstall --confirm ${database.name}`)).toMatchObject({ exit: 2 })
})

it('tables that have landed go, with types and schemas that were made for them', async () => {
  const source = await createDatabase()
  await source.query(`create schema far; create type far.mood as enum ('well'); create table far.people (id int primary key, mood far.mood);
    insert into far.people values (1, 'well')`)
  const database = await copyOf('untouched')
  expect(await call(database, `land --source-url ${source.url} --schema far`)).toMatchObject({ exit: 0 })
  const { stdout } = await call(database, `uninstall --confirm ${database.name}`)
  expect(stdout).toContain('Dropped far.people, which had landed.\n')
  expect(await catalogsOf(database)).toEqual(await catalogsOf(await copyOf('untouched')))
})

it('what others have made on the ledger is named, and nothing is dropped', async () => {
  const database = await copyOf('repaired')
  await database.query(`create view new.watched as select id, state from drover.run;
    create function new.newest() returns drover.run language sql as 'select * from drover.run order by id desc limit 1'`)
  const before = await catalogsOf(database)
  expectRefusal(await call(database, `uninstall --give-up-the-way-back --confirm ${database.name}`), {
    exit: 1,
    code: 'ledger-needed',
    what: "Others need something in drover's schema.",
    told: ['- function new.newest()', '- view new.watched'],
    remedy: 'Drop these first, or let them stand on something else. Nothing was changed.',
  })
  expect(await catalogsOf(database)).toEqual(before)
})
