import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import type { Database } from '../../src/db/connection.ts'
import { purge } from '../../src/ending/purge.ts'
import { hazardNames, type Plan } from '../../src/plan/plan.ts'
import { run } from '../../src/run/run.ts'
import { expectRefusal } from '../cli/drover.ts'
import { callInProcess } from '../cli/in-process.ts'
import { departures } from '../report/schema-check.ts'
import { createPractice } from '../rollback/practice.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { createLoadedDatabase, withDatabase } from '../verify/fixture.ts'

const schema = JSON.parse(await readFile(new URL('../../src/report/report.schema.json', import.meta.url), 'utf8'))

let loaded: TestDatabase
let taken: TestDatabase

beforeAll(async () => {
  loaded = await createLoadedDatabase()
  taken = await createPractice()
})

const call = ({ url }: TestDatabase, words: string) => callInProcess(words.split(' '), url)

const finalize = 'finalize --allow unverified unrehearsed'

/** A run that somebody has decided about, checked and finalized; a visit to its target breaks what was checked. */
async function finalized(): Promise<TestDatabase> {
  const database = await createDatabase(loaded.name)
  expect((await call(database, 'quarantine accept --mapping doctors --why known')).exit).toBe(0)
  await database.query(`update new.people set name = 'Somebody else' where name = 'Patient 7'`)
  expect((await call(database, 'verify')).exit).toBe(4)
  expect((await call(database, finalize)).exit).toBe(0)
  return database
}

async function reportOf(database: TestDatabase): Promise<Record<string, unknown>> {
  return JSON.parse((await call(database, 'report --format json')).stdout)
}

/** What a report counts and judges: without keys, without how to see rows, and without what happened since. */
function numbersOf(report: Record<string, unknown>): unknown {
  const gone = ['sampleKeys', 'samplePairs', 'sample', 'query', 'commands', 'events', 'sentences', 'purge', 'detail']
  const later = ['readAt', 'snapshot', 'walPosition', 'seal', 'what']
  return JSON.parse(JSON.stringify(report, (name, value) => ([...gone, ...later].includes(name) ? undefined : value)))
}

/** Every row of the ledger as text, but for plans: they hold no row. */
async function ledgerOf(database: TestDatabase): Promise<string> {
  const tables = await database.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'drover'::regnamespace and relkind = 'r' and relname <> 'run'`,
  )
  const texts: string[] = []
  for (const { name } of tables) {
    texts.push(
      ...(await database.query<{ row: string }>(`select t::text as row from drover."${name}" as t`)).map(
        ({ row }) => `${name} ${row}`,
      ),
    )
  }
  return texts.join('\n')
}

/** Ends like a process that was killed: after so many transactions nothing comes through. */
function dyingAfter(db: Database, transactions: number): Database {
  let left = transactions
  return {
    ...db,
    label: db.label,
    close: () => db.close(),
    transaction: (work, options) => {
      left -= 1
      if (left < 0) throw new Error('killed')
      return db.transaction(work, options)
    },
  }
}

it('keeps what can still be taken back, and says how such a run is ended', async () => {
  const database = await createDatabase(loaded.name)
  const before = await ledgerOf(database)
  expect(await call(database, 'purge --older-than 0d')).toMatchObject({
    exit: 0,
    stdout: `No run is left to purge that ended that long ago.
Run 1 of practice is loaded and keeps everything: it can still be taken back. What ends it for good: drover finalize --run 1, or drover rollback --run 1.
`,
  })
  expectRefusal(await call(database, 'purge --older-than 0d --run 1'), {
    exit: 1,
    code: 'state-refused',
    what: 'Run 1 is loaded and can still be taken back.',
    remedy: 'End it for good first: drover finalize --run 1, or drover rollback --run 1.',
  })
  expect(await ledgerOf(database)).toBe(before)
})

it('keeps what has not ended that long ago', async () => {
  const database = await createDatabase(loaded.name)
  await call(database, finalize)
  expect((await call(database, 'purge --older-than 1h')).stdout).toContain('which is not that long ago.')
  expectRefusal(await call(database, 'purge --older-than 1h --run 1'), {
    exit: 1,
    code: 'state-refused',
    what: 'Run 1 ended on',
    remedy: 'Give a shorter time with --older-than; 0d means any.',
  })
  // Of the end counts when the way back was given up, not when the load ended.
  await database.query(`update drover.run set finished_at = now() - interval '1 year'`)
  expect((await call(database, 'purge --older-than 1h')).stdout).toContain('which is not that long ago.')
  await database.query(`update drover.event set at = at - interval '61 minutes'`)
  expect((await call(database, 'purge --older-than 1h')).stdout).toContain('are gone.')
})

it('a dry run tells what goes, and touches nothing', async () => {
  const database = await finalized()
  const before = await ledgerOf(database)
  const foreseen = JSON.parse((await call(database, 'purge --older-than 0d --dry-run --json')).stdout)
  expect(await ledgerOf(database)).toBe(before)
  const done = JSON.parse((await call(database, 'purge --older-than 0d --json')).stdout)
  expect(done).toEqual({ ...foreseen, dryRun: false })
  const rows = Object.fromEntries(
    done.purged[0].gone.map(({ table, rows }: { table: string; rows: string }) => [table, rows]),
  )
  expect(rows).toMatchObject({ 'drover.crosswalk_patients': '100', 'drover.quarantine': '4', 'drover.merge': '2' })
  expect((await call(database, 'purge --older-than 0d')).stdout).toBe(
    'No run is left to purge that ended that long ago.\n',
  )
})

it('killed after any transaction, the same call goes on; the report says the same all the while', async () => {
  const database = await finalized()
  await database.query(`update drover.chunk set lower = '{p7}', upper = '{d5}' where mapping = 'patients'`)
  const before = await reportOf(database)
  const folder = await mkdtemp(join(tmpdir(), 'purge-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'report.json')
  await writeFile(file, JSON.stringify(before))
  const marked = /Doctor|\bd(5|10|15|20)\b|\bc[25]\b|\bp7\b|Patient|Somebody/g
  expect(new Set((await ledgerOf(database)).match(marked)).size).toBeGreaterThan(6)
  let died = 0
  await withDatabase(database.url, async (db) => {
    for (let transactions = 1; ; transactions += 1) {
      try {
        await purge(dyingAfter(db, transactions), { olderThanSeconds: 0 })
        return
      } catch (thrown) {
        expect(String(thrown)).toContain('killed')
        died += 1
        expect(numbersOf(await reportOf(database))).toEqual(numbersOf(before))
      }
    }
  })
  expect(died).toBeGreaterThan(10)
  expect((await ledgerOf(database)).match(marked)).toBeNull()
  const after = await reportOf(database)
  expect(numbersOf(after)).toEqual(numbersOf(before))
  expect(departures(after, schema)).toEqual([])
  expect(after.purge).toMatchObject({ by: 'postgres', endedAt: expect.any(String) })
  const { sentences } = after.verdict as { sentences: readonly string[] }
  expect(sentences.at(-1)).toMatch(/^Purged on \d{4}-\d\d-\d\d by postgres: keys and originals are gone\.$/)
  expect(await call(database, `report --check ${file} --against-ledger`)).toMatchObject({ exit: 0 })
  for (const words of ['verify', 'quarantine list', 'quarantine export', 'merges list']) {
    expectRefusal(await call(database, words), {
      exit: 1,
      code: 'run-purged',
      what: 'Run 1 was purged: its keys and originals are gone.',
      remedy: 'drover report --run 1 tells what became of its rows, in numbers.',
    })
  }
})

it('a run that was taken back loses the rows that others wrote, and leaves those of other runs alone', async () => {
  const database = await createDatabase(taken.name)
  await database.query(`update new.visits set note = 'of others' where id = 1`)
  expect((await call(database, 'rollback --on-conflict discard')).exit).toBe(0)
  const before = await reportOf(database)
  expect(before.rollback).toMatchObject({ discarded: [{ table: 'new.visits', rows: '1' }] })
  await database.query(`
    insert into drover.run (migration, plan_hash, plan, drover, settings, state)
    select migration, plan_hash, plan, drover, settings, 'loaded' from drover.run;
    insert into drover.step (run_id, position, mapping, depends_on) select 2, position, mapping, depends_on from drover.step;
    insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons) values (2, 'visits', '77', 1, 'x', '[]');
    insert into drover.overlay (migration, relation, row_key, patch) values ('practice', 'old.visits', '77', '{"amount": "1"}');
  `)
  const numbers = numbersOf(JSON.parse((await call(database, 'report --run 1 --format json')).stdout))
  expect((await call(database, 'purge --older-than 0d')).stdout).toContain(
    'Run 2 of practice is loaded and keeps everything',
  )
  const after = JSON.parse((await call(database, 'report --run 1 --format json')).stdout)
  expect(numbersOf(after)).toEqual(numbers)
  expect(after.verdict.sentences).toContain('1 row that others wrote was discarded.')
  expect(await ledgerOf(database)).not.toContain('of others')
  expect(await database.query('select run_id::int as run, source_key as key from drover.quarantine')).toEqual([
    { run: 2, key: '77' },
  ])
  // The next run of the migration reads what people have fixed; with the last one it goes.
  expect(await database.query('select from drover.overlay')).toHaveLength(1)
  await database.query(`update drover.run set state = 'finalized' where id = 2`)
  const { stdout } = await call(database, 'purge --older-than 0d')
  expect(stdout).toContain('drover.overlay: 1 row')
  expect(await database.query('select from drover.overlay')).toHaveLength(0)
})

it('a newer run has taken the names of its mappings over: that one keeps its tables', async () => {
  const database = await createDatabase(taken.name)
  expect((await call(database, 'rollback')).exit).toBe(0)
  const [stored] = await database.query('select plan from drover.run')
  await withDatabase(database.url, (db) => run(db, stored!.plan as Plan, { allowed: hazardNames }))
  const { stdout } = await call(database, 'purge --older-than 0d')
  expect(stdout).toContain('Run 1 of practice')
  expect(stdout).not.toContain('drover.crosswalk_')
  expect(await call(database, 'rollback --run 2')).toMatchObject({ exit: 0 })
})

it('a table that others use too is gone through to its end', async () => {
  const database = await createDatabase(loaded.name)
  await call(database, finalize)
  await database.query(`
    insert into drover.run (migration, plan_hash, plan, drover, settings, state)
    select 'other', plan_hash, plan, drover, settings, 'loaded' from drover.run;
    insert into drover.correction (run_id, mapping, source_key, code, column_name, original)
    select 1 + i % 2, 'patients', i, 'x', 'name', repeat('o', 1000) from generate_series(1, 60000) as i`)
  const { stdout } = await call(database, 'purge --older-than 0d')
  expect(stdout).toMatch(/drover\.correction: 30,0\d\d rows, \d/)
  expect(
    await database.query('select run_id::int as run, count(*)::int as n from drover.correction group by 1'),
  ).toEqual([{ run: 2, n: 30_000 }])
})

it('what checks foresaw keeps its counts', async () => {
  const database = await finalized()
  const outlook = {
    version: 1,
    mappings: [{ mapping: 'doctors', orphans: [{ rows: '4', keys: ['d5'] }] }],
    guessed: [],
  }
  await database.query(
    `insert into drover.outlook (migration, plan_hash, outlook, checked_at)
    select migration, plan_hash, '${JSON.stringify(outlook)}', created_at from drover.run`,
  )
  await call(database, 'purge --older-than 0d')
  const [row] = await database.query<{ outlook: typeof outlook }>('select outlook from drover.outlook')
  expect(row!.outlook.mappings[0]!.orphans).toEqual([{ rows: '4', keys: [] }])
})

it.each([['purge'], ['purge --older-than 3'], ['purge --older-than 3m'], ['purge --older-than 1h --run none']])(
  '%s is no way to say it',
  async (words) => {
    expect((await callInProcess(words.split(' '), 'postgresql://nowhere')).exit).toBe(2)
  },
)
