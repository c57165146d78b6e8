import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Database } from '../../src/db/connection.ts'
import { defineMigration } from '../../src/index.ts'
import type { RunState } from '../../src/ledger/state.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { rollback } from '../../src/rollback/rollback.ts'
import { cancelRun } from '../../src/run/control.ts'
import { resume, run } from '../../src/run/run.ts'
import { startRun } from '../../src/run/start.ts'
import { verify } from '../../src/verify/verify.ts'
import { carryOut } from '../faults/carry-out.ts'
import { bringTo, rollbackPlanFor } from '../faults/rollback-subject.ts'
import { type Anything, catalogOf } from '../plan/planned.ts'
import { withDatabase } from '../run/fixture.ts'
import { digest } from '../support/digest.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { stateOf } from '../support/state.ts'
import { type SubjectName, subjects } from './half-run-subjects.ts'

// Where a run stands when it is taken back, and who else is at it.

const runner = fileURLToPath(new URL('./half-run-child.ts', import.meta.url))
const reverser = fileURLToPath(new URL('../faults/rollback-child.ts', import.meta.url))
const options = { allowed: hazardNames, rowsPerChunk: 60, workers: 2 }

const templates = new Map<string, TestDatabase>()

beforeAll(async () => {
  for (const subject of Object.keys(subjects) as SubjectName[]) {
    await template(subject, (database) => database.query(subjects[subject].schema))
  }
  await template('loaded', async (database) => {
    await database.query(subjects.reversed.schema)
    await withDatabase(database.url, (db) => bringTo(db, 'repaired'))
  })
})

async function template(name: string, fill: (database: TestDatabase) => Promise<unknown>): Promise<void> {
  const database = await createDatabase()
  await fill(database)
  await database.disconnect()
  templates.set(name, database)
}

const copyOf = (name: string) => createDatabase(templates.get(name)!.name)

/** Rows, definitions, sequences, and the triggers that keep others from writing. */
async function everything(database: TestDatabase, db: Database) {
  const triggers = await database.query(
    `select tgrelid::regclass::text as table, tgname, tgenabled from pg_trigger where not tgisinternal order by 1, 2`,
  )
  return { ...(await stateOf(database, db, ['old', 'new'])), triggers }
}

/** Pauses a run when some of its chunks are done. */
async function stoppedRun(db: Database): Promise<void> {
  const stopping = new AbortController()
  const started = Promise.withResolvers<string>()
  const paused = run(db, await rollbackPlanFor(db), {
    ...options,
    rowsPerChunk: 10,
    signal: stopping.signal,
    onStart: (begun) => started.resolve(begun.run.id),
  })
  const id = await started.promise
  const done = `select count(*)::int as n from drover.chunk where run_id = $1 and state = 'done'`
  for (let chunks = 0; chunks < 4; await sleep(2)) {
    chunks = await db.transaction(async (tx) => (await tx.query(done, [id]))[0]!.n as number)
  }
  stopping.abort()
  expect(await paused).toMatchObject({ state: 'paused' })
}

const other = defineMigration<Anything, Anything>({
  name: 'copies',
  cutover: '2025-06-01T00:00:00Z',
  source: { freeze: 'block' },
})
const copies = other.migration([
  other.map('copies', {
    from: (db) => db.selectFrom('old.teams as t'),
    key: ({ t }) => t.id!,
    to: 'new.copies',
    columns: ({ t }) => ({ id: t.id! }),
    dropped: ['lead'],
  }),
])

/** How a run comes to be in a state. What no living process is in is written as a process that was killed leaves it. */
const ways: Partial<Record<RunState, (db: Database, database: TestDatabase) => Promise<unknown>>> = {
  planned: async (db, database) => {
    await startRun(db, await rollbackPlanFor(db), { allowed: hazardNames })
    await database.query(`update drover.run set state = 'planned'`)
  },
  running: async (db, database) => {
    await stoppedRun(db)
    await database.query(`update drover.run set state = 'running'`)
  },
  pausing: async (db, database) => {
    await stoppedRun(db)
    await database.query(`update drover.run set state = 'pausing'`)
  },
  cancelling: async (db, database) => {
    await stoppedRun(db)
    await database.query(`update drover.run set state = 'cancelling'`)
  },
  paused: stoppedRun,
  cancelled: async (db) => {
    await stoppedRun(db)
    await cancelRun(db, '1')
  },
  failed: (db) => bringTo(db, 'failed'),
  loaded: (db) => bringTo(db, 'repaired'),
  verified: async (db) => {
    await run(db, await rollbackPlanFor(db), options)
    await verify(db, '1')
  },
}

describe('a run is taken back', () => {
  test.for(Object.entries(ways))('that is %s', async ([state, bring]) => {
    const database = await copyOf('reversed')
    await withDatabase(database.url, async (db) => {
      const before = await everything(database, db)
      await bring(db, database)
      expect(await database.query('select state from drover.run')).toEqual([{ state }])
      expect(await rollback(db, '1', { blocksPerChunk: 1 })).toMatchObject({ state: 'rolled_back', verdict: 'pass' })
      expect(await everything(database, db)).toEqual(before)
    })
  })

  test.for([
    [1, 1],
    [4, 1],
    [3, 2],
    [1, 1000],
    [4, 1000],
  ] as const)('by %d workers in chunks of %d blocks, to the same end', async ([workers, blocksPerChunk]) => {
    const fresh = await copyOf('reversed')
    const database = await copyOf('loaded')
    // Some rows of the subject have random ids: those of its own database count.
    const { 'new.accounts': _, ...before } = await digest(fresh, ['old', 'new'])
    await withDatabase(database.url, async (db) => {
      const outcome = await rollback(db, undefined, { workers, blocksPerChunk })
      expect(outcome).toMatchObject({ state: 'rolled_back', verdict: 'pass' })
      expect(await digest(database, ['old', 'new'])).toMatchObject(before)
    })
  })
})

test('a run that was taken back stays so: nothing is written', async () => {
  const database = await copyOf('loaded')
  await withDatabase(database.url, async (db) => {
    const first = await rollback(db, undefined)
    const before = await digest(database, ['old', 'new', 'drover'])
    expect(await rollback(db, undefined)).toEqual({ ...first, alreadyBack: true })
    expect(await digest(database, ['old', 'new', 'drover'])).toEqual(before)
  })
})

test('a run, its way back, another run, and its way back', async () => {
  const database = await copyOf('reversed')
  await withDatabase(database.url, async (db) => {
    const before = await everything(database, db)
    const targets: unknown[] = []
    for (const id of ['1', '2']) {
      expect(await run(db, await rollbackPlanFor(db), options)).toMatchObject({ runId: id, state: 'loaded' })
      targets.push(await subjects.reversed.targetOf(database))
      expect(await rollback(db, undefined)).toMatchObject({ runId: id, verdict: 'pass', alreadyBack: false })
      expect(await everything(database, db)).toEqual(before)
    }
    expect(targets[1]).toEqual(targets[0])
    expect(await rollback(db, '1')).toMatchObject({ runId: '1', alreadyBack: true })
  })
})

describe('an older run that was cancelled', () => {
  test('waits for a newer one of its migration, and leaves it alone', async () => {
    const database = await copyOf('reversed')
    await withDatabase(database.url, async (db) => {
      const before = await everything(database, db)
      await startRun(db, await rollbackPlanFor(db), { allowed: hazardNames })
      await cancelRun(db, '1')
      await stoppedRun(db)
      const paused = await everything(database, db)
      expect(paused).not.toEqual(before)
      await expect(rollback(db, '1')).rejects.toMatchObject({
        code: 'state-refused',
        what: 'Run 1 cannot be taken back while a newer one, run 2, is paused.',
      })
      expect(await everything(database, db)).toEqual(paused)
      expect(await resume(db, '2', options)).toMatchObject({ state: 'loaded' })
      expect(await rollback(db, '2')).toMatchObject({ verdict: 'pass' })
      expect(await rollback(db, '1')).toMatchObject({ verdict: 'pass' })
      expect(await everything(database, db)).toEqual(before)
    })
  })

  test('leaves a run of another migration its hold on the source', async () => {
    const database = await copyOf('reversed')
    await database.query('create table new.copies (id text primary key)')
    await withDatabase(database.url, async (db) => {
      await stoppedRun(db)
      await cancelRun(db, '1')
      await startRun(db, buildPlan(copies, await catalogOf(database)), { allowed: hazardNames })
      const held = (await everything(database, db)).triggers
      expect(held).toContainEqual(expect.objectContaining({ table: 'old.teams', tgenabled: 'A' }))
      expect(await rollback(db, '1')).toMatchObject({ verdict: 'pass' })
      expect((await everything(database, db)).triggers).toEqual(held)
    })
  })
})

describe('from another process', () => {
  test('workers that are at the run stop, and everything that they did is taken back', async () => {
    const database = await copyOf('practice')
    await withDatabase(database.url, async (db) => {
      const before = await everything(database, db)
      const working = spawn(process.execPath, ['--conditions=source', runner, database.url, 'practice', '25', '100'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      onTestFinished(() => void working.kill('SIGKILL'))
      const exit = once(working, 'exit')
      await once(working.stdout, 'data')
      const done = `select count(*)::int as n from drover.chunk where state = 'done' and mapping = 'visits'`
      while (((await database.query(done))[0]!.n as number) < 10) await sleep(5)
      expect(await rollback(db, undefined)).toMatchObject({ state: 'rolled_back', verdict: 'pass' })
      expect(await everything(database, db)).toEqual(before)
      expect(await exit).toEqual([0, null])
      // Nobody has written since.
      expect(await everything(database, db)).toEqual(before)
    })
  })

  test('two rollbacks at once share the work, and agree', async () => {
    const database = await copyOf('reversed')
    await withDatabase(database.url, async (db) => {
      const before = await everything(database, db)
      await bringTo(db, 'repaired')
      const both = await Promise.all([carryOut(reverser, database.url), carryOut(reverser, database.url)])
      expect(both).toEqual([
        { exit: 0, output: '' },
        { exit: 0, output: '' },
      ])
      expect(await everything(database, db)).toEqual(before)
      expect(await database.query('select state from drover.run')).toEqual([{ state: 'rolled_back' }])
    })
  })
})
