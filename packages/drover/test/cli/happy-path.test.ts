import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import type { Plan } from '../../src/plan/plan.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { allowed, drover, sourceDatabase } from './drover.ts'
import { it } from './source-database.ts'

let directory: string
let database: TestDatabase

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'drover-path-'))
  database = await sourceDatabase()
})

afterAll(() => rm(directory, { recursive: true, force: true }))

const call = (...words: readonly string[]) => drover(words, { database: database.url })

/** ISO 8601, as every program reads it. */
const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)

const balance = `
mapping source = loaded + merged + matched + quarantined + excluded
clinics      4 =      2 +      1 +       0 +           1 +        0 ✓
vals     1,000 =    751 +      0 +       0 +         249 +        0 ✓
─────────────────────────────────────────────────────────────────────
total    1,004 =    753 +      1 +       0 +         250 +        0 ✓

250 rows are quarantined: set aside with a reason each, the original kept. See drover quarantine list --run 1.
`

describe('a migration by the command line', () => {
  it('begins with the types of both schemas', async () => {
    const file = join(directory, 'legacy.types.ts')
    const written = await call('types', '--schema', 'legacy', '--interface', 'Legacy', '--out', file)
    expect(written).toEqual({ exit: 0, stdout: '', stderr: `Wrote ${file}.\n` })
    expect(await readFile(file, 'utf8')).toContain("export interface Legacy {\n  'legacy.clinics': {\n    id: text\n")
    const both = await call('types', '--schema', 'public,legacy')
    expect(both).toMatchObject({ exit: 0, stderr: '' })
    expect(both.stdout).toMatch(/export interface Database \{[\s\S]*'legacy\.vals'[\s\S]*'public\.vals'/)
  })

  it('is planned as text', async () => {
    const { exit, stdout, stderr } = await call('plan', 'migration.ts')
    const known = 'Never rehearsed: drover rehearse, or drover run --allow unrehearsed.\n'
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: known })
    expect(stdout).toMatch(/^Plan [0-9a-f]{12} of migration smoke\n/)
    expect(stdout).toContain('1. clinics: legacy.clinics → public.clinics\n       kind        copy, merge\n')
    expect(stdout).toContain(
      '2. vals: legacy.vals → public.vals\n       kind        copy\n       after       clinics\n',
    )
    expect(stdout).toContain('quarantine  clinic_id waiting, clinic_id orphan')
    expect(stdout).toMatch(/^ {7}columns {5}id ← v\.id, clinic_id ← v\.clinic_id/m)
    expect(stdout).toMatch(/^ {2}--allow merges-rows +clinics: Rows of legacy\.clinics with one identity/m)
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
  })

  it('is checked: told what would become of every row, and nothing is changed', async () => {
    const { exit, stdout, stderr } = await call('check', 'migration.ts')
    expect(exit).toBe(0)
    // On two connections at once: in whatever order.
    const done = [...stderr.matchAll(/^Checked (\S+) \((\d) of 4\)\.$/gm)]
    expect(done.map(([, what]) => what).toSorted()).toEqual(['clinics', 'legacy.clinics', 'legacy.vals', 'vals'])
    expect(done.map(([, , n]) => n)).toEqual(['1', '2', '3', '4'])
    expect(stdout).toContain('vals     1,000 =    751 +      0 +       0 +         249 +        0\n')
    expect(stdout).toMatch(/^set aside +\S+ +vals +\S+ +[\d,]+\n/m)
    expect(stdout).toMatch(/Nothing was changed\.\n$/)
    const { mappings } = JSON.parse((await call('check', 'migration.ts', '--json')).stdout)
    expect(mappings[0]).toMatchObject({ mapping: 'clinics', read: '4', loaded: '2', merged: '1', quarantined: '1' })
    expect(await database.query("select from pg_namespace where nspname = 'drover'")).toEqual([])
  })

  it('is planned as SQL: every statement of the plan, in order', async () => {
    const { mappings } = JSON.parse((await call('plan', 'migration.ts', '--json')).stdout) as Plan
    const { exit, stdout } = await call('plan', 'migration.ts', '--sql')
    expect(exit).toBe(0)
    const places = mappings.flatMap(({ statements }) =>
      [
        statements.createCrosswalk,
        statements.resolve,
        statements.cutChunks,
        statements.chunk,
        ...statements.keyCrosswalk,
        statements.analyzeTarget,
        ...statements.close,
      ]
        .filter((statement) => statement !== null)
        .map((statement) => stdout.indexOf(`${statement};`)),
    )
    expect(places).toHaveLength(13)
    expect(places).not.toContain(-1)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(stdout.indexOf('create schema drover')).toBeLessThan(places[0]!)
    expect(stdout).toContain(`-- of a chunk: it is 21600000ms where a mapping is prepared or closed`)
    expect(stdout).toContain(`\nset local statement_timeout = '600000ms';\nset local lock_timeout = '30000ms';\n`)
    expect(stdout).toContain(`\nset local drover.writing = 'on';\n`)
  })

  it('leaves the database alone until it is run', async () => {
    expect(await database.query(`select to_regnamespace('drover') as ledger`)).toEqual([{ ledger: null }])
  })

  it('is run from a plan, tells where every row went, and exits with 3 for quarantined rows', async () => {
    const file = join(directory, 'plan.json')
    await call('plan', 'migration.ts', '--json', '--out', file)
    const { exit, stdout, stderr } = await call('run', '--plan', file, ...allowed, '--chunk-rows', '100')
    expect(exit).toBe(3)
    const took = /^[\d,]+ rows\/s · [\d,]+ bytes of log a row · at most [\d.]+ MB of memory\n/m
    expect(stdout).toMatch(took)
    expect(stdout.replace(/ after [\d.]+ m?s/, '').replace(took, '')).toBe(`Run 1 of smoke is loaded.\n${balance}`)
    expect(stderr).toMatch(/^Run 1 of smoke is started\.\n/)
    expect(stderr).toContain('clinics: started, 4 rows\n')
    expect(stderr).toMatch(/^vals: done, 1,000 rows in [\d.]+ m?s, 249 quarantined\n/m)
  })

  it('is run again and changes nothing', async () => {
    const rows = () => database.query('select xmin::text, * from public.vals order by id')
    const before = await rows()
    const { exit, stdout, stderr } = await call('run', 'migration.ts', ...allowed)
    expect({ exit, stderr }).toEqual({ exit: 3, stderr: '' })
    expect(stdout.replace(/on \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/, 'on <date>')).toBe(
      `This plan was carried out by run 1 on <date>. Nothing was changed.\n${balance}`,
    )
    expect(await rows()).toEqual(before)
  })

  it('is run again for programs', async () => {
    const { exit, stdout, stderr } = await call('run', 'migration.ts', ...allowed, '--json')
    expect(exit).toBe(3)
    expect(stderr).toBe('{"event":"already-loaded","runId":"1"}\n')
    expect(JSON.parse(stdout)).toMatchObject({
      runId: '1',
      state: 'loaded',
      alreadyLoaded: true,
      startedAt: instant,
      finishedAt: instant,
      mappings: [
        { mapping: 'clinics', read: '4', loaded: '2', balances: true, startedAt: instant, finishedAt: instant },
        { mapping: 'vals', read: '1000' },
      ],
      resources: { rows: '1004', walBytes: expect.stringMatching(/^\d+$/) },
    })
  })

  it('is shown by status', async () => {
    const { exit, stdout } = await call('status')
    expect(exit).toBe(0)
    expect(stdout).toMatch(/^ {2}1 {2}smoke {6}loaded {2}[0-9a-f]{12} {2}\d{4}-.* UTC/m)
    expect(stdout).toMatch(/^vals {5}done {7}1,000 {2}1,000 {10}249 {3}10\/10 /m)
    expect(stdout).toMatch(
      /\nWhat it took:\n[\d,]+ rows\/s · .*\ndatabase [\d.]+ MB before, [\d.]+ MB after · .*checkpoints: \d+ by time, \d+ asked for\n/,
    )
    expect(JSON.parse((await call('status', '--run', '1', '--json')).stdout)).toMatchObject({
      runs: [
        {
          id: '1',
          migration: 'smoke',
          state: 'loaded',
          createdAt: instant,
          startedAt: instant,
          finishedAt: instant,
          mappings: [{ mapping: 'clinics', startedAt: instant, finishedAt: instant }, { quarantined: '249' }],
          resources: { rows: '1004', peakMemoryBytes: expect.stringMatching(/^\d{8,9}$/), replicationLagSeconds: null },
        },
      ],
    })
    expect(await call('status', '--run', '7')).toMatchObject({ exit: 2, stderr: expect.stringContaining('no run 7') })
  })

  it('is verified', async () => {
    const { exit, stdout, stderr } = await call('verify')
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
    expect(stdout).toMatch(/^Run 1: pass\.\n/)
    expect(stdout).toMatch(/^conservation +pass +2$/m)
    expect(stdout).toMatch(/^Not checked:\n {2}- /m)
  })

  it('is reported', async () => {
    expect(await call('report')).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^# Run 1 of smoke\n/),
      stderr: expect.stringMatching(/^Seal sha256:[0-9a-f]{64}\n$/),
    })
    const file = join(directory, 'report.json')
    expect(await call('report', '--run', '1', '--out', file)).toMatchObject({ exit: 0, stdout: '' })
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ version: 1, run: { id: '1', migration: 'smoke' } })
  })

  it('fails verification with exit code 4 where a row was lost', async () => {
    await database.query('delete from public.vals where id = (select min(id::text)::uuid from public.vals)')
    const { exit, stdout } = await call('verify', '--run', '1')
    expect(exit).toBe(4)
    expect(stdout).toMatch(/^Run 1: fail\.\n/)
    expect(stdout).toMatch(/^ {2}- fail: .*mapping vals: /m)
    const json = await call('verify', '--json')
    expect(json.exit).toBe(4)
    expect(JSON.parse(json.stdout)).toMatchObject({ runId: '1', verdict: 'fail' })
  })
})

describe('a migration without bad rows', () => {
  it('exits with 0 and gives its events as JSON lines', async ({ database: clean }) => {
    await clean.query(`delete from legacy.clinics where btrim(name) = ''; truncate legacy.vals`)
    const words = ['run', 'migration.ts', ...allowed, '--json']
    const { exit, stdout, stderr } = await drover(words, { database: clean.url })
    expect(exit).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ state: 'loaded', alreadyLoaded: false })
    const events = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events[0]).toEqual({ event: 'started', runId: '1' })
    const last = events.findLast(({ event }) => event === 'progress')
    expect(last).toMatchObject({ runId: '1', mapping: 'vals', state: 'done', read: '0' })
    expect(last).toMatchObject({ startedAt: instant, finishedAt: instant })
    expect(events.findLast(({ event }) => event === 'rebuilds')).toEqual({
      event: 'rebuilds',
      runId: '1',
      done: 3,
      all: 3,
    })
  })

  it.each([
    [['run', 'missing.ts'], 'migration-file-unreadable', 2],
    [['status', '--run', '99'], 'run-missing', 2],
    [['pause', '--run', '1'], 'state-refused', 1],
    [['cancel', '--run', '1'], 'state-refused', 1],
    [['verify', '--run', '99'], 'run-missing', 2],
  ] as const)('gives a refusal as a JSON line too: %j', async (words, code, exitCode) => {
    const { exit, stdout, stderr } = await call(...words, '--json')
    expect({ exit, stdout }).toEqual({ exit: exitCode, stdout: '' })
    expect(JSON.parse(stderr)).toMatchObject({ event: 'error', code, exit: exitCode, remedy: expect.any(String) })
  })
})
