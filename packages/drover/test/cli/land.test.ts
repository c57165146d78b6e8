import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestDatabase } from '../support/postgres.ts'
import { allowed, drover, expectRefusal, fixtures, sourceDatabase } from './drover.ts'
import { callInProcess } from './in-process.ts'

const migration = join(fixtures, 'migration.ts')

let source: TestDatabase
let target: TestDatabase
let directory: string

beforeAll(async () => {
  source = await sourceDatabase()
  target = await sourceDatabase()
  await source.query('drop schema public cascade')
  await target.query('drop schema legacy cascade')
  directory = await mkdtemp(join(tmpdir(), 'drover-land-'))
})

afterAll(() => rm(directory, { recursive: true, force: true }))

const call = (...words: readonly string[]) => callInProcess(words, target.url)
const fromSource = () => ['--source-url', source.url]

describe('drover land', () => {
  it('carries tables over and says so; a migration runs on them, and they stay as long as it needs them', async () => {
    const landed = await call('land', ...fromSource(), '--schema', 'legacy')
    expect(landed).toMatchObject({ exit: 0 })
    expect(landed.stderr).toMatch(/^Landing 2 tables, 0\.\d MB at the source\.$/m)
    expect(landed.stderr).toContain('legacy.vals has landed: 1,000 rows, the same lookup3 on both sides.\n')
    expect(landed.stdout).toMatch(/^legacy\.vals +landed +1,000 +legacy\.vals of .* count, lookup3 +1 /m)
    // Where the source and what is in it stand, never the password.
    expect(landed.stdout + landed.stderr).not.toContain(new URL(source.url).password || 'postgresql://')

    expect(await call('run', migration, ...allowed, '--allow', 'drops-indexes')).toMatchObject({ exit: 3 })
    expectRefusal(await call('land', '--drop'), {
      exit: 2,
      code: 'landing-refused',
      what: /^Run 1 of smoke reads legacy\.\w+\./,
      remedy: 'End the run first',
    })
    expect(await target.query('select count(*)::int as n from legacy.vals')).toEqual([{ n: 1000 }])
  })

  it('shows what has landed, and drops it', async () => {
    await call('land', ...fromSource(), '--table', 'legacy.vals', '--as', 'legacy=older', '--no-digest')
    const status = await call('land', '--status', '--json')
    const { landings } = JSON.parse(status.stdout)
    expect(landings).toContainEqual(
      expect.objectContaining({
        table: 'older.vals',
        sourceTable: 'legacy.vals',
        state: 'landed',
        rows: '1000',
        proof: null,
        tally: { chunks: 1, chunksDone: 1, rows: '1000' },
      }),
    )
    const dropped = await call('land', '--drop', '--schema', 'older')
    expect(dropped).toMatchObject({ exit: 0, stderr: 'Dropped older.vals.\n' })
    expect(dropped.stdout).not.toContain('older')
  })

  it('takes files', async () => {
    const file = join(directory, 'names.csv')
    await writeFile(file, 'id,name\n1,x\n')
    const landed = await call('land', '--file', `files.names=${file}`)
    expect(landed).toMatchObject({ exit: 0, stderr: 'files.names has landed: 1 row, counted.\n' })
    expect(await target.query('select * from files.names')).toEqual([{ id: '1', name: 'x' }])
  })

  it('asks for a source', async () => {
    expectRefusal(await call('land'), {
      exit: 2,
      code: 'usage-invalid',
      what: 'No source is named.',
      remedy: '--source-url',
    })
  })

  it.each([
    [['--as', 'legacy'], 'Write it as public=legacy.'],
    [['--table', 'vals'], 'Write a table as schema.name.'],
    [['--file', 'a.b=c.xlsx'], 'Write it as legacy.clinics=clinics.csv'],
  ])('refuses %j', async (words, sentence) => {
    const { exit, stderr } = await call('land', ...words)
    expect([exit, stderr]).toEqual([2, expect.stringContaining(sentence)])
  })

  it('takes the source and names from the config file; with --json everything is for programs', async () => {
    await writeFile(
      join(directory, 'drover.config.ts'),
      `export default { sourceUrl: ${JSON.stringify(source.url)}, landAs: { legacy: 'configured' } }`,
    )
    const words = ['land', '--schema', 'legacy', '--json']
    const { exit, stdout, stderr } = await drover(words, { database: target.url, directory })
    expect(exit).toBe(0)
    const events = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events[0]).toMatchObject({ event: 'landing-begun', chunksDone: 0 })
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'landing-landed', table: 'configured.vals', rows: '1000' }),
    )
    expect(JSON.parse(stdout).landings.map(({ table }: { table: string }) => table)).toContain('configured.clinics')
  })
})

describe('another server as the source', () => {
  it('gives its types as they will land', async () => {
    const { stdout } = await call('types', ...fromSource(), '--schema', 'legacy', '--as', 'legacy=old')
    expect(stdout).toMatch(/^ {2}'old\.vals': \{\n {4}id: text\n/m)
    expect(stdout).not.toContain('legacy.')
    const config = join(directory, 'types.config.ts')
    await writeFile(config, `export default { landAs: { legacy: 'old' } }\n`)
    const configured = await call('types', ...fromSource(), '--schema', 'legacy', '--config', config)
    expect(configured.stdout).toBe(stdout)
    // Schemas of the target have the names that they have.
    const ofTarget = await call('types', '--schema', 'legacy', '--config', config)
    expect(ofTarget.stdout).not.toContain('old.')
  })

  it('lands what a run reads and what has not landed yet', async () => {
    const other = await sourceDatabase()
    await other.query('drop schema legacy cascade')
    const run = () =>
      callInProcess(['run', migration, ...allowed, '--allow', 'drops-indexes', ...fromSource()], other.url)
    const first = await run()
    expect(first).toMatchObject({ exit: 3 })
    expect(first.stderr).toMatch(/legacy\.clinics has landed: 4 rows[\s\S]*Run 1 of smoke is started\./)
    const again = await run()
    expect([again.exit, again.stderr]).toEqual([3, expect.not.stringContaining('landed:')])
    await other.drop()
  })

  it('is not read in part: a run waits until everything has landed', async () => {
    await target.query(
      `update drover.landing set state = 'landing' where table_schema = 'legacy' and table_name = 'vals'`,
    )
    for (const command of ['plan', 'check', 'run']) {
      expectRefusal(await call(command, migration), {
        exit: 1,
        code: 'landing-incomplete',
        what: 'Not all rows of legacy.vals have landed.',
        remedy: 'drover land',
      })
    }
  })
})
