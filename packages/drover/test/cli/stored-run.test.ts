import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { connectTo } from '../support/connect.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { drover, expectRefusal, start } from './drover.ts'
import { it } from './source-database.ts'

/** A run of a plan with a function, killed in the midst of its first chunks. */
async function killedRun(database: TestDatabase): Promise<void> {
  await database.query('create table public.shouts (id uuid primary key, value text not null)')
  const holder = connectTo(database.url)
  await holder.query('begin; lock table public.shouts in share mode')
  const words = ['run', 'computed.ts', '--allow', 'runs-javascript,unrehearsed,drops-indexes', '--chunk-rows', '100']
  const run = start(words, { database: database.url })
  const waiting = `select count(*)::int as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like '%shouts chunk%'`
  while ((await database.query(waiting))[0]?.n !== 2) await new Promise((resolve) => setTimeout(resolve, 20))
  run.process.kill('SIGKILL')
  await run.ended
  await holder.disconnect()
}

describe.concurrent('a stored plan that calls functions', () => {
  it('needs the migration file', async ({ database }) => {
    await killedRun(database)
    for (const command of ['resume', 'worker']) {
      expectRefusal(await drover([command], { database: database.url }), {
        exit: 2,
        code: 'function-missing',
        what: 'The plan needs functions that only the migration file holds.',
        told: [/mapping shouts/],
        remedy: /migration file/,
      })
    }
  })

  it.for([
    ['migration.ts', /the run's migration is shouts, that of the file smoke/],
    ['computed-otherwise.ts', /the run's plan is [0-9a-f]{12}, that of the file [0-9a-f]{12}/],
  ] as const)('refuses %s, which is not the file that the run follows', async ([file, why], { database }) => {
    await killedRun(database)
    expectRefusal(await drover(['worker', file], { database: database.url }), {
      exit: 1,
      code: 'plan-mismatch',
      what: 'The migration file is not the one that run 1 follows.',
      told: [file, why],
      remedy: /as it was when the run was started/,
    })
  })

  it.for(['resume', 'worker'])('is carried out by %s with that file', async (command, { database }) => {
    await killedRun(database)
    const { exit, stdout } = await drover([command, 'computed.ts'], { database: database.url })
    expect(exit).toBe(0)
    expect(stdout).toMatch(/^Run 1 of shouts is loaded/)
    const [row] = await database.query(
      `select count(*)::int as n, count(*) filter (where value like '%!')::int as shouted from public.shouts`,
    )
    expect(row).toEqual({ n: 1000, shouted: 1000 })
  })
})

describe.concurrent('a plan file that calls functions', () => {
  it('is carried out with the migration file beside it, and with no other', async ({ database, onTestFinished }) => {
    await database.query('create table public.shouts (id uuid primary key, value text not null)')
    const directory = await mkdtemp(join(tmpdir(), 'drover-stored-'))
    onTestFinished(() => rm(directory, { recursive: true, force: true }))
    const plan = join(directory, 'plan.json')
    await drover(['plan', 'computed.ts', '--json', '--out', plan], { database: database.url })
    const words = ['--plan', plan, '--allow', 'runs-javascript,unrehearsed,drops-indexes']
    expectRefusal(await drover(['run', ...words], { database: database.url }), {
      exit: 2,
      code: 'function-missing',
      what: 'The plan needs functions that only the migration file holds.',
      told: [/mapping shouts/],
      remedy: 'drover run migration.ts --plan plan.json',
    })
    for (const [file, why] of [
      ['migration.ts', /the plan file's migration is shouts, that of the file smoke/],
      ['computed-otherwise.ts', /the plan file's plan is [0-9a-f]{12}, that of the file [0-9a-f]{12}/],
    ] as const) {
      expectRefusal(await drover(['run', file, ...words], { database: database.url }), {
        exit: 1,
        code: 'plan-mismatch',
        what: 'The plan was not made of this migration file.',
        told: [file, why],
        remedy: /write the plan again/,
      })
    }
    expect(await drover(['run', 'computed.ts', ...words], { database: database.url })).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^Run 1 of shouts is loaded/),
    })
    const { hash } = JSON.parse(await readFile(plan, 'utf8'))
    expect(await database.query('select plan_hash from drover.run')).toEqual([{ plan_hash: hash }])
    const [row] = await database.query(
      `select count(*)::int as n, count(*) filter (where value like '%!')::int as shouted from public.shouts`,
    )
    expect(row).toEqual({ n: 1000, shouted: 1000 })
  })
})
