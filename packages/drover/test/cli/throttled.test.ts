import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, vi } from 'vitest'
import type { TestDatabase } from '../support/postgres.ts'
import { allowed, type Calling, drover, start } from './drover.ts'
import { it } from './source-database.ts'

const config = join(tmpdir(), `drover-throttled-${process.pid}.config.ts`)
const words = ['run', 'migration.ts', ...allowed, '--config', config]
const why = /the database has [\d.]+ MB, the limit is 1 MB/

afterAll(() => rm(config, { force: true }))

/** A run on a server that is over a limit of the config file from the start. */
async function heldRun(database: TestDatabase, ...further: readonly string[]): Promise<Calling> {
  await writeFile(config, 'export default { serverLimits: { databaseBytes: 1_000_000 }, maxQuarantined: 7 }\n')
  return start([...words, ...further], { database: database.url })
}

describe('a run that a limit of the config file holds back', () => {
  it('is told as throttled, by its progress and by status, and obeys', async ({ database }) => {
    const run = await heldRun(database)
    await run.stderrHolds('is throttled and waits: the database has')
    const told = new RegExp(`^\\S+\\.${run.process.pid} is throttled and waits: ${why.source}\\.$`, 'm')
    let status = ''
    // Between two samples, or beside a lock that is waited for, other words may come first.
    await vi.waitFor(
      async () => {
        status = (await drover(['status'], { database: database.url })).stdout
        expect(status).toMatch(told)
      },
      { timeout: 60_000, interval: 200 },
    )
    expect(status).not.toMatch(/No worker is at it/)
    expect(status).toMatch(
      new RegExp(`^\\S+\\.${run.process.pid} takes [\\d.]+ of a core and [\\d.]+ MB \\(at most [\\d.]+ MB\\)`, 'm'),
    )
    expect(await database.query('select settings from drover.run')).toMatchObject([
      { settings: { maxQuarantined: { rows: 7 } } },
    ])
    run.process.kill('SIGINT')
    const { exit, stderr } = await run.ended
    expect(exit).toBe(130)
    expect(stderr.match(/is throttled/g)).toHaveLength(1)
    expect(stderr).toContain(
      `Resume it with: drover run migration.ts --allow merges-rows --allow unrehearsed --allow drops-indexes --config ${config}`,
    )

    const without = await drover(['run', 'migration.ts', ...allowed], { database: database.url })
    expect(without.exit).toBe(3)
    const { stdout: report } = await drover(['report'], { database: database.url })
    expect(report).toMatch(/^\| wait +\| `databaseBytes` +\| +\d+ \|/m)
  })

  it('tells it as an event', async ({ database }) => {
    const run = await heldRun(database, '--json')
    await run.stderrHolds('"event":"throttled"')
    run.process.kill('SIGINT')
    const { stderr } = await run.ended
    const events = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events.filter(({ event }) => event === 'throttled')).toEqual([
      {
        event: 'throttled',
        runId: '1',
        process: expect.stringMatching(new RegExp(`\\.${run.process.pid}$`)),
        action: 'wait',
        limit: 'databaseBytes',
        reason: expect.stringMatching(why),
        workers: 0,
      },
    ])
  })
})
