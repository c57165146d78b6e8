import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { allowed, type Calling, start } from '../cli/drover.ts'
import { it } from '../cli/source-database.ts'
import { connectTo } from '../support/connect.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { type Visitor, visit } from './visitor.ts'

const words = ['run', 'held.ts', ...allowed, '--chunk-rows', '50']

/** A run in a process of its own, whose two workers wait for a lock in the middle of a chunk. */
async function heldRun(database: TestDatabase): Promise<{ run: Calling; release(): Promise<void> }> {
  const holder = connectTo(database.url)
  await holder.query(`set application_name = 'psql of somebody'; begin; lock table public.vals in share mode`)
  const run = start(words, { database: database.url })
  const waiting = `select count(*)::integer as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like '%vals chunk%'`
  while ((await database.query(waiting))[0]?.n !== 2) await sleep(20)
  return { run, release: () => holder.disconnect() }
}

const stateOf = async (database: TestDatabase) => (await database.query('select state from drover.run'))[0]?.state

/** Reads the page until it says what is meant. */
async function untilRead(visitor: Visitor, what: RegExp): Promise<string> {
  for (let waited = 0; ; waited += 100) {
    const text = await visitor.read('/runs/1')
    if (what.test(text)) return text
    if (waited > 20_000) throw new Error(`${what} is not in: ${text}`)
    await sleep(100)
  }
}

const controlled = { allowsControl: true }

describe.concurrent('a run under way', () => {
  it('shows who works on what, and what they wait for', async ({ database }) => {
    const { run, release } = await heldRun(database)
    await visit(database, {}, async (visitor) => {
      const text = await visitor.read('/runs/1')
      expect(text).toMatch(/Run 1 of smoke is running: 1 of its 2 mappings is done\./)
      expect(text).toMatch(new RegExp(`\\.${run.process.pid}\\.1 ✓ at work vals chunk \\d+, 50 rows .*Lock: relation`))
      expect(text).toMatch(/waits for a lock that session \d+ \(psql of somebody\) holds/)
      await release()
      await run.ended
      expect(await untilRead(visitor, /is loaded/)).toMatch(/Run 1 of smoke is loaded: 2 of its 2 mappings are done\./)
    })
  })

  it('is paused, and says so once the workers have stopped', async ({ database }) => {
    const { run, release } = await heldRun(database)
    await visit(database, controlled, async (visitor) => {
      const { status, headers } = await visitor.submit('/runs/1/pause')
      expect([status, headers.location]).toEqual([303, '/runs/1?act=1'])
      expect(await stateOf(database)).toBe('pausing')
      expect(await visitor.read('/runs/1?act=1')).toMatch(/The run is asked to pause\. – under way/)
      await release()
      expect(await run.ended).toMatchObject({ exit: 130, stdout: expect.stringMatching(/^Run 1 of smoke is paused/) })
      expect(await untilRead(visitor, /is paused:/)).toMatch(/The run is asked to pause\. The run is paused\./)
      const page = (await visitor.send('/runs/1')).text
      expect(page).toContain('action="/runs/1/resume"')
      expect(page).not.toContain('action="/runs/1/pause"')
      const again = await visitor.submit('/runs/1/pause')
      expect(again.status).toBe(303)
    })
  })

  it('is cancelled', async ({ database }) => {
    const { run, release } = await heldRun(database)
    await visit(database, controlled, async (visitor) => {
      const cancelling = visitor.submit('/runs/1/cancel')
      while ((await stateOf(database)) !== 'cancelling') await sleep(20)
      await release()
      await cancelling
      expect(await run.ended).toMatchObject({ exit: 1 })
      expect(await stateOf(database)).toBe('cancelled')
      expect(await untilRead(visitor, /is cancelled:/)).toContain('drover rollback --run 1')
      const refused = await visitor.submit('/runs/1/pause')
      expect(await visitor.read(refused.headers.location as string)).toMatch(
        /Run 1 is cancelled and cannot be paused\./,
      )
    })
  })

  it('shows a worker that was killed as dead, with what it held and that it is open again', async ({ database }) => {
    const { run, release } = await heldRun(database)
    await visit(database, controlled, async (visitor) => {
      expect(await visitor.read('/runs/1')).not.toContain('dead')
      run.process.kill('SIGKILL')
      await run.ended
      await release()
      const text = await untilRead(visitor, /dead/)
      const { pid } = run.process
      expect(text).toMatch(new RegExp(`\\.${pid}\\.1 ✕ dead had begun vals chunk \\d+, 50 rows: open again`))
      expect(text).toMatch(new RegExp(`\\.${pid}\\.2 ✕ dead had begun vals chunk`))
      expect(text).toMatch(
        new RegExp(`\\.${pid}\\.1 is gone: its transaction was rolled back, and chunk \\d+ of vals is open again\\.`),
      )
      expect(text).toContain('No worker is at it.')
      expect((await visitor.send('/runs/1')).text).toContain('Start workers')

      const helper = start(['resume'], { database: database.url })
      expect(await helper.ended).toMatchObject({ exit: 3 })
      expect(await untilRead(visitor, /is loaded/)).not.toContain('dead')
    })
  })

  it('where workers cannot be started, the page says why', async ({ database }) => {
    const { run, release } = await heldRun(database)
    run.process.kill('SIGKILL')
    await run.ended
    await release()
    const start = async () => {
      throw new TypeError('a value of a row')
    }
    const bugs: unknown[] = []
    await visit(database, { ...controlled, start, onBug: (thrown) => void bugs.push(thrown) }, async (visitor) => {
      const { headers } = await visitor.submit('/runs/1/resume')
      const text = await visitor.read(headers.location as string)
      expect(text).toMatch(/Workers are started\. ✕ not done This is a bug of drover/)
      expect(text).not.toContain('a value of a row')
      expect(bugs).toEqual([expect.any(TypeError)])
    })
  })
})
