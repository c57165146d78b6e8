import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rollback } from '../../src/rollback/rollback.ts'
import { nameOf, type World, worlds } from '../faults/rollback-points.ts'
import { prepareRollback, withLogin } from '../faults/rollback-trial.ts'
import type { Trial } from '../faults/trial.ts'
import { withDatabase } from '../run/fixture.ts'
import { everyCell } from '../support/cells.ts'
import { createDatabase, onServer, type TestDatabase } from '../support/postgres.ts'
import { splitStatements } from '../support/statements.ts'
import { runScript, scriptOf, sessions, whileHeld } from './run-script.ts'

// Duplicates, a circle, rows matched and updated, rows that evolved, sequences, a blocked source, triggers: loaded and
// repaired, or failed in the midst; by a superuser, and by an owner on whom foreign keys are enforced.

const owner = { name: `owner_${randomBytes(6).toString('hex')}`, password: 'secret' }
const prepared = new Map<World, { readonly template: TestDatabase; readonly trial: Trial }>()

beforeAll(async () => {
  await onServer((server) => server.query(`create role ${owner.name} login password '${owner.password}'`))
  for (const world of worlds) {
    const template = await createDatabase()
    prepared.set(world, { template, trial: await prepareRollback(template, world, owner) })
  }
})

afterAll(async () => {
  for (const { template } of prepared.values()) await template.drop()
  await onServer((server) => server.query(`drop role ${owner.name}`))
})

type Way = (copy: TestDatabase, url: string) => Promise<void>

const inMode =
  (mode: 'chunks' | 'one transaction'): Way =>
  (_, url) =>
    withDatabase(url, async (db) => {
      await runScript(url, await scriptOf(db, { mode, blocksPerChunk: 1 }))
    })

const ways: Readonly<Record<string, Way>> = {
  'in chunks': inMode('chunks'),
  'in one transaction': inMode('one transaction'),
  'stopped after each statement, and run again': (_, url) =>
    withDatabase(url, async (db) => {
      const script = await scriptOf(db, { blocksPerChunk: 2 })
      for (let until = 1; until < splitStatements(script).length; until += 7) await runScript(url, script, until)
      await runScript(url, script)
    }),
  'killed in the midst, and run again': async (copy, url) => {
    const script = await withDatabase(url, (db) => scriptOf(db, { blocksPerChunk: 1 }))
    for (const table of ['new.accounts', 'new.people', 'new.clinics']) await killAt(copy, url, script, table)
    await runScript(url, script)
  },
  'begun by the script, ended by drover': async (copy, url) => {
    const script = await withDatabase(url, (db) => scriptOf(db, { blocksPerChunk: 1 }))
    await killAt(copy, url, script, 'new.people')
    await withDatabase(url, (db) => rollback(db, undefined))
  },
  'begun by drover, ended by the script': (_, url) =>
    withDatabase(url, async (db) => {
      const script = await scriptOf(db)
      const stop = new AbortController()
      const { state } = await rollback(db, undefined, {
        blocksPerChunk: 1,
        workers: 1,
        signal: stop.signal,
        onProgress: (tallies) => tallies.some(({ chunksDone }) => chunksDone > 1n) && stop.abort(),
      })
      expect(state).toBe('rolling_back')
      await runScript(url, script)
    }),
}

/** Every way in half of the worlds, every world in half of the ways; or every cell. */
const cells = worlds.flatMap((world, i) =>
  Object.entries(ways)
    .filter((_, j) => everyCell || (i + j) % 2 === 0)
    .map(([name, way]) => [`${nameOf(world)}, ${name}`, { world, way }] as const),
)

test.each(cells)('%s', async (_, { world, way }) => {
  const { template, trial } = prepared.get(world)!
  const copy = await createDatabase(template.name)
  await way(copy, trial.urlOf(copy))
  expect(await trial.resultOf(copy)).toEqual(trial.expected)
  await copy.drop()
})

test('a role that may neither act as a replica nor switch triggers off: only where that is allowed', async () => {
  const { template } = prepared.get(worlds[0]!)!
  const copy = await createDatabase(template.name)
  const guest = { name: `guest_${randomBytes(6).toString('hex')}`, password: 'secret' }
  await copy.query(`create role ${guest.name} login password '${guest.password}'`)
  for (const schema of ['old', 'new', 'drover']) {
    await copy.query(`grant all on schema ${schema} to ${guest.name}`)
    await copy.query(`grant all on all tables in schema ${schema} to ${guest.name}`)
    await copy.query(`grant all on all sequences in schema ${schema} to ${guest.name}`)
  }
  const url = withLogin(copy.url, guest)
  const script = await withDatabase(copy.url, (db) => scriptOf(db))
  await expect(runScript(url, script)).rejects.toMatchObject({
    code: 'DV005',
    message: 'The trigger count_update on new.accounts would fire while rows are taken back.',
    hint: expect.stringContaining('set drover.allow_triggers to on'),
  })
  const allowing = script.replace(`set drover.allow_triggers = 'off'`, `set drover.allow_triggers = 'on'`)
  // That trigger counts updates, those that put rows back too: what it did is told at the end.
  await expect(runScript(url, allowing)).rejects.toMatchObject({ code: 'DV006' })
  expect(await copy.query('select triggers from drover.rollback')).toEqual([{ triggers: 'fire' }])
  expect(await copy.query('select count(*)::int as loaded from new.visits')).toEqual([{ loaded: 0 }])
  await copy.drop()
  await onServer((server) => server.query(`drop role ${guest.name}`))
})

/** Lets the script come to where it would write to the table, and ends its session. */
async function killAt(database: TestDatabase, url: string, script: string, table: string): Promise<void> {
  const failure = await whileHeld(
    database,
    table,
    script,
    () => database.query(`select pg_terminate_backend(pid) from pg_stat_activity where ${sessions}`),
    url,
  )
  expect(failure).toMatchObject({ code: '57P01' })
}
