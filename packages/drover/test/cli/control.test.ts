import { describe, expect } from 'vitest'
import { connectTo } from '../support/connect.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { allowed, type Calling, drover, expectRefusal, start } from './drover.ts'
import { it } from './source-database.ts'

const words = ['run', 'held.ts', ...allowed, '--chunk-rows', '50']

/** Keeps every chunk of mapping vals from inserting until it is released. */
async function holdChunks(database: TestDatabase): Promise<{ release(): Promise<void> }> {
  const holder = connectTo(database.url)
  await holder.query(`set application_name = 'psql of somebody'; begin; lock table public.vals in share mode`)
  return { release: () => holder.disconnect() }
}

/** A run in a process of its own, whose two workers wait for a lock in the middle of a chunk. */
async function heldRun(database: TestDatabase): Promise<{ run: Calling; release(): Promise<void> }> {
  const { release } = await holdChunks(database)
  const run = start(words, { database: database.url })
  await workersWait(database, 2)
  return { run, release }
}

async function workersWait(database: TestDatabase, workers: number): Promise<void> {
  const waiting = `select count(*)::integer as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like '%vals chunk%'`
  while ((await database.query(waiting))[0]?.n !== workers) await new Promise((resolve) => setTimeout(resolve, 20))
}

describe.concurrent('from another terminal', () => {
  it('a run is paused and resumed', async ({ database }) => {
    const { run, release } = await heldRun(database)
    const pausing = start(['pause', '--run', '1'], { database: database.url })
    while ((await database.query('select state from drover.run'))[0]?.state !== 'pausing');
    await release()
    expect(await pausing.ended).toEqual({
      exit: 0,
      stdout: 'Run 1 is paused. Take it up again: drover resume --run 1.\n',
      stderr: '',
    })
    expect(await run.ended).toMatchObject({
      exit: 130,
      stdout: expect.stringMatching(/^Run 1 of smoke is paused/),
      stderr: expect.stringContaining('Resume it with: drover run held.ts'),
    })
    const status = await drover(['status'], { database: database.url })
    expect(status.stdout).toMatch(/^Now:\nIt is paused\. Take it up: drover resume --run 1\.$/m)
    expectRefusal(await drover(['worker'], { database: database.url }), {
      exit: 1,
      code: 'state-refused',
      what: 'Run 1 is paused and cannot be worked on.',
      remedy: /drover resume --run 1/,
    })

    const resumed = await drover(['resume', '--workers', '3'], { database: database.url })
    expect(resumed.exit).toBe(3)
    expect(resumed.stderr).toMatch(/^Run 1 of smoke is resumed\.\n/)
    // Done before the pause: it is no news.
    expect(resumed.stderr).not.toContain('clinics: ')
    expect(resumed.stderr).toMatch(/^vals: done, /m)
    expect(resumed.stdout).toMatch(/^total +1,004 = +753 \+ +1 \+ +0 \+ +250 \+ +0 ✓$/m)
  })

  it('a run is cancelled', async ({ database }) => {
    const { run, release } = await heldRun(database)
    const cancelling = start(['cancel', '--json'], { database: database.url })
    while ((await database.query('select state from drover.run'))[0]?.state !== 'cancelling');
    await release()
    const { exit, stdout } = await cancelling.ended
    expect({ exit, stdout: JSON.parse(stdout) }).toEqual({ exit: 0, stdout: { runId: '1', state: 'cancelled' } })
    expect(await run.ended).toMatchObject({ exit: 1, stdout: expect.stringMatching(/^Run 1 of smoke is cancelled/) })
    expectRefusal(await drover(['resume'], { database: database.url }), {
      exit: 1,
      code: 'state-refused',
      what: 'Run 1 is cancelled and cannot be resumed.',
      remedy: /drover status/,
    })
    expectRefusal(await drover(['pause'], { database: database.url }), {
      exit: 1,
      code: 'state-refused',
      what: 'Run 1 is cancelled and cannot be paused.',
      remedy: /drover status/,
    })
  })

  it('a run that has failed is cancelled, and the corrected migration runs', async ({ database }) => {
    await database.query(`
      create function public.refuse() returns trigger language plpgsql as $$
      begin raise exception 'no' using errcode = 'XX000'; end $$;
      create trigger refuse before insert on public.clinics for each row execute function public.refuse()`)
    const failing = ['held.ts', ...allowed, '--allow', 'fires-triggers']
    const failed = await drover(['run', ...failing], { database: database.url })
    expect(failed.exit).toBe(1)
    expect(failed.stderr).toMatch(
      / {2}remedy: Mend the cause, then resume run 1: .* If it is the migration that is wrong: drover cancel --run 1\.$/m,
    )
    await database.query('drop trigger refuse on public.clinics')
    expect(await drover(['cancel'], { database: database.url })).toMatchObject({ exit: 0, stderr: '' })
    const corrected = await drover(['run', 'other-plan.ts', '--allow', 'unrehearsed,drops-indexes'], {
      database: database.url,
    })
    expect(corrected.stdout).toMatch(/^Run 2 of smoke is loaded/)
  })

  it('status tells who works on what, and what they wait for', async ({ database }) => {
    const { run, release } = await heldRun(database)
    const { stdout } = await drover(['status'], { database: database.url })
    expect(stdout).toMatch(/^Now:\nworker +from +session +does +for +waits for\n/m)
    const place = `${run.process.pid}`
    expect(stdout).toMatch(
      new RegExp(`\\.${place}\\.1 +127\\.0\\.0\\.1 +\\d+  vals chunk \\d+, 50 rows +\\S+ m?s  Lock: relation`),
    )
    expect(stdout).toMatch(
      /\.1 waits for a lock that session \d+ \(psql of somebody\) holds, idle in transaction for \d+ s; its transaction began \d+ s ago\.$/m,
    )
    await release()
    await run.ended
    const after = JSON.parse((await drover(['status', '--json'], { database: database.url })).stdout)
    expect(after.runs[0]).toMatchObject({ state: 'loaded', activity: null })
  })

  it('status tells of a run that nobody is at', async ({ database }) => {
    const { run, release } = await heldRun(database)
    run.process.kill('SIGKILL')
    await run.ended
    await release()
    const { stdout } = await drover(['status'], { database: database.url })
    expect(stdout).toMatch(/^No worker is at it\. Start one: drover worker --run 1\.$/m)
    const helped = await drover(['worker', '--workers', '1'], { database: database.url })
    expect(helped.exit).toBe(3)
    expect(helped.stderr).toMatch(
      /^Run 1 of smoke is under way: this process helps\. Ctrl-C ends its help, drover pause the run\.\n/,
    )
    expect(helped.stderr).not.toContain('clinics: ')
  })

  it('a worker helps; a second run of the plan says who is at it and helps too', async ({ database }) => {
    const { run, release } = await heldRun(database)
    const helpers = [
      start(['worker', '--run', '1', '--workers', '1', '--json'], { database: database.url }),
      start(words, { database: database.url }),
    ]
    await workersWait(database, 5)
    await release()
    const results = await Promise.all([run, ...helpers].map(({ ended }) => ended))
    expect(results.map(({ exit }) => exit)).toEqual([3, 3, 3])
    const names = new RegExp(`\\.${run.process.pid}\\.[12]$`)
    expect(JSON.parse(results[1]!.stderr.split('\n')[0]!)).toEqual({
      event: 'joined',
      runId: '1',
      workers: [expect.stringMatching(names), expect.stringMatching(names)],
    })
    expect(results[2]!.stderr).toMatch(
      new RegExp(`^Run 1 of smoke is under way: .*\\.${run.process.pid}\\.1, .* are at it; this process helps\\.`),
    )
    expect(results[2]!.stderr).not.toContain('clinics: ')
    expect(results[2]!.stderr).toMatch(/^vals: done, /m)
    const [row] = await database.query('select count(*)::int as n from public.vals')
    expect(row).toEqual({ n: 751 })
  })

  it('Ctrl-C of a worker ends its help alone', async ({ database }) => {
    const { run, release } = await heldRun(database)
    const helper = start(['worker', '--workers', '1'], { database: database.url })
    await workersWait(database, 3)
    helper.process.kill('SIGINT')
    await helper.stderrHolds('Leaving after the chunks under way; the run goes on. Ctrl-C again stops at once.')
    await release()
    expect(await helper.ended).toMatchObject({
      exit: 130,
      stdout: expect.stringMatching(/^This process has left run 1 of smoke/),
    })
    expect(await run.ended).toMatchObject({ exit: 3 })
  })
})
