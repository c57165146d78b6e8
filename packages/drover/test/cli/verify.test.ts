import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { beforeEach, describe, expect, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { drover, expectRefusal, type Result, sourceDatabase, start } from './drover.ts'

let template: string | undefined
let database: TestDatabase

beforeEach(async () => {
  template ??= await migrated()
  database = await createDatabase(template)
})

async function migrated(): Promise<string> {
  const source = await sourceDatabase()
  await source.query('create table public.words (id uuid primary key, value text not null)')
  const { exit, stderr } = await drover(['run', 'checked.ts', '--allow', 'unrehearsed,drops-indexes'], {
    database: source.url,
  })
  expect(exit, stderr).toBe(0)
  await source.disconnect()
  return source.name
}

const verify = (...words: readonly string[]) => drover(['verify', ...words], { database: database.url })

/** The verdict of a check in the table of a verification. */
const verdictOf = ({ stdout }: Result, check: string) =>
  stdout
    .split('\n')
    .find((line) => line.startsWith(`${check} `))
    ?.split(/ {2,}/)[1]

describe('a faultless run', () => {
  it('passes, its declared checks too, and is verified', async () => {
    const result = await verify('checked.ts')
    expect(result).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^Run 1: pass\.\n/) })
    for (const check of ['business rules', 'parity', 'probes']) expect(verdictOf(result, check)).toBe('pass')
    expect(await database.query('select state from drover.run')).toEqual([{ state: 'verified' }])
  })

  it('without the migration file tells which question was not asked', async () => {
    const { exit, stdout } = await verify()
    expect(exit).toBe(0)
    expect(stdout).toMatch(/Not checked:[\s\S]*as many words as before/)
  })

  it('is not verified with the file of another migration', async () => {
    expectRefusal(await verify('migration.ts'), {
      exit: 1,
      code: 'plan-mismatch',
      what: 'The migration file is not the one that run 1 follows.',
      remedy: 'Give the file as it was',
    })
  })
})

describe('a run with a fault', () => {
  beforeEach(() => database.query(`update public.words set value = '' where value = '7'`))

  it('fails: exit code 4, with the rule, the row, and the query that shows it', async () => {
    const result = await verify('checked.ts')
    expect(result.exit).toBe(4)
    expect(result.stdout).toMatch(/^ {2}- fail: business rules, no word is empty: /m)
    expect(result.stdout).toMatch(/^ {2}- fail: row comparison, mapping words: .*v7/m)
    expect(result.stdout).toMatch(/^ {2}- fail: parity, words by their length: /m)
    expect(result.stdout).toMatch(/All of them, with their values:\n +.*select/)
    expect(verdictOf(result, 'probes')).toBe('pass')
  })

  it('fails in JUnit and in JSON alike, from the verification and from the report', async () => {
    const file = join(tmpdir(), `drover-${database.name}.xml`)
    const { exit, stdout, stderr } = await verify('checked.ts', '--junit', file, '--json')
    expect(exit).toBe(4)
    expect(stderr).toContain(`Wrote ${file}.\n`)
    const { verdict, findings } = JSON.parse(stdout)
    expect(verdict).toBe('fail')
    const failed = findings.filter((finding: { verdict: string }) => finding.verdict === 'fail').length
    const xml = await readFile(file, 'utf8')
    expect(xml.match(/<failure /g)).toHaveLength(failed)
    const reported = await drover(['report', '--format', 'junit'], { database: database.url })
    expect(reported).toMatchObject({ exit: 0 })
    expect(reported.stdout.match(/<failure /g)).toHaveLength(failed)
  })

  it('warns after the cutover of what somebody else changed', async () => {
    const { exit, stdout } = await verify('--after-cutover')
    expect(stdout).toMatch(/^ {2}- warn: row comparison, mapping words: /m)
    // The rule is broken, whoever broke it.
    expect(exit).toBe(4)
  })
})

describe('an interrupted verification', () => {
  it('keeps what it checked, and goes on from there', async () => {
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    // Whatever reads the merges waits, in the middle of its check: what takes longest, and is begun first, does not.
    await client.query('begin; lock table drover.merge in access exclusive mode')
    const calling = start(['verify', 'checked.ts'], { database: database.url })
    const parts = 'select count(*)::integer as n from drover.verification_part'
    while (((await database.query<{ n: number }>(parts))[0]?.n ?? 0) < 2) await sleep(20)
    calling.process.kill('SIGINT')
    await calling.stderrHolds('Stopping after the checks under way. Ctrl-C again stops at once.')
    await client.end()
    const interrupted = await calling.ended
    expect(interrupted).toMatchObject({ exit: 130, stdout: '' })
    expect(interrupted.stderr).toContain('drover verify --run 1 goes on from there')
    expect(await database.query('select state from drover.run')).toEqual([{ state: 'loaded' }])

    const [before] = await database.query<{ n: number }>(parts)
    const resumed = await verify('checked.ts')
    expect(resumed.stderr).toMatch(
      new RegExp(`^Goes on with a verification that was interrupted: ${before!.n} of \\d+ checks are done\\.`),
    )
    expect(resumed).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^Run 1: pass\.\n/) })
  })

  it('begins anew where something was done to the run since, or where that is asked', async () => {
    const open = `insert into drover.verification (run_id, options, after_event)
      select 1, '{"afterCutover": false, "triesWrites": false}', max(id) from drover.event`
    await database.query(open)
    expect((await verify('--restart')).stderr).not.toContain('Goes on')
    await database.query(open)
    await database.query(`insert into drover.event (run_id, what) values (1, 'row accepted')`)
    expect((await verify()).stderr).not.toContain('Goes on')
  })
})

it.each([
  [['verify', '--workers', '0'], /must be a whole number above 0/],
  [['verify', 'none.ts'], /none\.ts/],
  [['verify', '--try-writing'], /--try-writes/],
])('%j is a wrong call', async (words, told) => {
  const { exit, stderr } = await drover(words, { database: database.url })
  expect(exit).toBe(2)
  expect(stderr).toMatch(told)
})
