import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { describe, expect } from 'vitest'
import type { TestDatabase } from '../support/postgres.ts'
import { allowed, drover, start } from './drover.ts'
import { it } from './source-database.ts'

const words = ['run', 'held.ts', ...allowed, '--chunk-rows', '100']

/** Keeps every chunk of mapping vals from inserting until it is released. */
async function blockChunks(database: TestDatabase): Promise<{ release(): Promise<void> }> {
  const client = new pg.Client({ connectionString: database.url })
  client.on('error', () => {})
  await client.connect()
  await client.query('begin; lock table public.vals in share mode')
  return { release: () => client.end() }
}

/** Resolves once both workers wait for the lock, in the middle of a chunk. */
async function workersWait(database: TestDatabase): Promise<void> {
  const waiting = `select count(*)::integer as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like '%vals chunk%'`
  while ((await database.query(waiting))[0]?.n !== 2) await sleep(20)
}

const done = `select count(*) filter (where state = 'done')::integer as done, count(*)::integer as chunks
  from drover.chunk where mapping = 'vals'`

describe.concurrent('Ctrl-C', () => {
  it.for(['SIGINT', 'SIGTERM'] as const)(
    'by %s pauses after the chunks under way, and run resumes',
    async (signal, { database }) => {
      const block = await blockChunks(database)
      const calling = start(words, { database: database.url })
      await workersWait(database)
      calling.process.kill(signal)
      await calling.stderrHolds('Pausing after the chunks under way. Ctrl-C again stops at once.')
      await block.release()

      const paused = await calling.ended
      expect(paused.exit).toBe(130)
      expect(paused.stdout).toMatch(/^Run 1 of smoke is paused/)
      expect(paused.stdout).toMatch(/^vals +1,000 = +1\d\d .* …$/m)
      expect(paused.stderr).toContain(
        'Resume it with: drover run held.ts --allow merges-rows --allow unrehearsed --allow drops-indexes\n',
      )
      expect(await database.query(done)).toEqual([{ done: 2, chunks: 10 }])

      const resumed = await drover(words, { database: database.url })
      expect(resumed.exit).toBe(3)
      expect(resumed.stderr).toMatch(/^Run 1 of smoke is resumed\.\n/)
      expect(resumed.stdout).toMatch(/^total +1,004 = +753 \+ +1 \+ +0 \+ +250 \+ +0 ✓$/m)
    },
  )

  it('twice stops at once; nothing is lost', async ({ database }) => {
    const block = await blockChunks(database)
    const calling = start(words, { database: database.url })
    await workersWait(database)
    calling.process.kill('SIGINT')
    await calling.stderrHolds('Pausing')
    await sleep(200)
    calling.process.kill('SIGINT')
    expect(await calling.ended).toMatchObject({ exit: 130, stdout: '' })
    expect(await database.query(done)).toEqual([{ done: 0, chunks: 10 }])
    await block.release()

    const resumed = await drover(words, { database: database.url })
    expect(resumed).toMatchObject({ exit: 3, stdout: expect.stringMatching(/^vals +1,000 = +751 .* ✓$/m) })
  })

  it('before anything began changes nothing', async ({ database }) => {
    const calling = start(words, { database: database.url, env: { NODE_OPTIONS: '--import=./interrupt-early.ts' } })
    expect(await calling.ended).toEqual({
      exit: 130,
      stdout: '',
      stderr: 'Interrupted before the run began: no target was changed.\n',
    })
    expect(await database.query(`select to_regnamespace('drover') as ledger`)).toEqual([{ ledger: null }])
  })
})
