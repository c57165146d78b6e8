import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { createLoadedDatabase } from '../verify/fixture.ts'
import { expectRefusal, type Result } from './drover.ts'
import { callInProcess } from './in-process.ts'

/** No server answers here. */
const nowhere = 'postgresql://nobody@127.0.0.1:1/none'

let template: TestDatabase
let directory: string
let file: string
let seal: string

beforeAll(async () => {
  template = await createLoadedDatabase()
  directory = await mkdtemp(join(tmpdir(), 'drover-report-'))
  file = join(directory, 'report.json')
  const database = await createDatabase(template.name)
  const { stderr } = await callInProcess(['report', '--out', file], database.url)
  seal = /^Seal (sha256:[0-9a-f]{64})$/m.exec(stderr)![1]!
})

afterAll(() => rm(directory, { recursive: true }))

const check = (words: readonly string[] = [], database = nowhere) =>
  callInProcess(['report', '--check', file, ...words], database)

/** The verdict of each check in the table. */
const verdictsOf = ({ stdout }: Result) =>
  Object.fromEntries(
    [...stdout.matchAll(/^(\S.*?) {2,}(agrees|differs) {2}/gm)].map(([, name, verdict]) => [name, verdict]),
  )

describe('a report that is written', () => {
  let database: TestDatabase

  beforeEach(async () => {
    database = await createDatabase(template.name)
  })

  it('has the form that its file is named after, and several forms of one reading have one seal', async () => {
    const files = ['r.json', 'r.md', 'r.html', 'r.HTM', 'r.xml'].map((name) => join(directory, name))
    const { exit, stdout, stderr } = await callInProcess(
      ['report', ...files.flatMap((name) => ['--out', name])],
      database.url,
    )
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: '' })
    const [told] = /sha256:[0-9a-f]{64}$/.exec(stderr.trimEnd())!
    expect(stderr).toBe(`${files.map((name) => `Wrote ${name}.\n`).join('')}Seal ${told}\n`)
    const [json, markdown, html, htm, xml] = await Promise.all(files.map((name) => readFile(name, 'utf8')))
    expect(`sha256:${JSON.parse(json!).evidence.seal}`).toBe(told)
    expect(markdown).toMatch(/^# Run 1 of practice\n/)
    expect(markdown).toContain(told)
    expect(html).toMatch(/^<!doctype html>/i)
    expect(html).toContain(JSON.parse(json!).evidence.seal)
    expect(htm).toBe(html)
    expect(xml).toMatch(/^<\?xml /)
  })

  it('goes to stdout in any form', async () => {
    const { exit, stdout } = await callInProcess(['report', '--format', 'html'], database.url)
    expect({ exit, start: stdout.slice(0, 15).toLowerCase() }).toEqual({ exit: 0, start: '<!doctype html>' })
    expect((await callInProcess(['report'], database.url)).stdout).toMatch(/^# Run 1 of practice\n/)
  })

  it('is of one form alone where a form is named', async () => {
    const words = ['report', '--out', join(directory, 'a.md'), '--out', join(directory, 'b.md'), '--format', 'json']
    expectRefusal(await callInProcess(words, database.url), {
      exit: 2,
      code: 'usage-invalid',
      what: '--format names one form, and --out several files.',
      remedy: 'Leave --format out',
    })
  })
})

describe('a report that is checked', () => {
  it('agrees, without a database', async () => {
    const result = await check()
    expect(result).toMatchObject({ exit: 0, stderr: '' })
    expect(verdictsOf(result)).toEqual({
      file: 'agrees',
      seal: 'agrees',
      chain: 'agrees',
      segments: 'agrees',
      digests: 'agrees',
      mappings: 'agrees',
      quarantine: 'agrees',
      verdict: 'agrees',
    })
    expect(result.stdout).toMatch(/^Report of run 1 of practice, read .* UTC by \w+\.\n/)
    expect(result.stdout).toContain('Whoever changes a file can also recompute its seal')
  })

  it('agrees with the seal that was told when it was written, in any of its forms', async () => {
    for (const given of [seal, seal.slice('sha256:'.length), seal.toUpperCase()]) {
      const result = await check(['--seal', given])
      expect(result.exit, given).toBe(0)
      expect(verdictsOf(result)['given seal']).toBe('agrees')
    }
  })

  it('differs from another seal: exit code 4', async () => {
    const result = await check(['--seal', 'f'.repeat(64)])
    expect(result.exit).toBe(4)
    expect(result.stdout).toContain(`  - given seal: The seal is ${seal}, and not the one that was given.\n`)
  })

  it('that somebody changed differs by name: exit code 4', async () => {
    const report = JSON.parse(await readFile(file, 'utf8'))
    report.mappings[2].loaded = '91'
    const changed = join(directory, 'changed.json')
    await writeFile(changed, JSON.stringify(report))
    const result = await callInProcess(['report', '--check', changed], nowhere)
    expect(result.exit).toBe(4)
    expect(verdictsOf(result)).toMatchObject({
      seal: 'differs',
      chain: 'agrees',
      mappings: 'differs',
      verdict: 'differs',
    })
    expect(result.stdout).toContain('  - mappings: patients: loaded 91, by its chunks 90.\n')
    expect(result.stdout).not.toContain('agree with each other')
  })

  it('tells a name as it is, and never lets it turn the line around', async () => {
    const report = JSON.parse(await readFile(file, 'utf8'))
    report.mappings[2].name = '\u202epatients\n'
    const changed = join(directory, 'named.json')
    await writeFile(changed, JSON.stringify(report))
    const { stdout } = await callInProcess(['report', '--check', changed], nowhere)
    expect(stdout).toContain('⟨U+202E⟩patients␊: ')
    expect(stdout).not.toMatch(/\u202e/)
  })

  it('of many differences tells twenty', async () => {
    const report = JSON.parse(await readFile(file, 'utf8'))
    for (let i = 0; i < 50; i += 1) report.evidence.segments.push(report.evidence.segments[0])
    const changed = join(directory, 'many.json')
    await writeFile(changed, JSON.stringify(report))
    const { stdout } = await callInProcess(['report', '--check', changed], nowhere)
    expect(stdout.match(/^ {2}- segments: /gm)).toHaveLength(21)
    expect(stdout).toContain('  - segments: 30 more.\n')
  })
})

describe('a report that is checked against the ledger', () => {
  it('agrees as long as nothing was done, and differs by the chunk', async () => {
    const database = await createDatabase(template.name)
    const agreeing = await check(['--against-ledger'], database.url)
    expect(agreeing.exit, agreeing.stderr).toBe(0)
    expect(verdictsOf(agreeing)).toMatchObject({ 'run in the ledger': 'agrees', 'chunks in the ledger': 'agrees' })
    await database.query(`update drover.chunk set finished_at = now() where mapping = 'odd'`)
    const differing = await check(['--against-ledger', '--database-url', database.url])
    expect(differing.exit).toBe(4)
    expect(differing.stdout).toContain('  - chunks in the ledger: chunk 1 of odd: the same sums, of other chunks.\n')
  })

  it('needs a ledger with the run', async () => {
    expect(await check(['--against-ledger'], (await createDatabase()).url)).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('[ledger-missing]'),
    })
    const database = await createDatabase(template.name)
    const report = JSON.parse(await readFile(file, 'utf8'))
    report.run.id = '9'
    const other = join(directory, 'other.json')
    await writeFile(other, JSON.stringify(report))
    expect(await callInProcess(['report', '--check', other, '--against-ledger'], database.url)).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('The ledger holds no run 9. [run-missing]'),
    })
  })
})

describe('a wrong call', () => {
  it.each<readonly [string, string | undefined, string, string]>([
    ['is not there', undefined, 'The report could not be read.', 'Give a file'],
    ['is no JSON', '# Run 1', 'The file is no report of drover.', 'drover report --out report.json'],
    ['is another JSON', '{"version": 1}', 'The file is no report of drover.', 'drover report --out report.json'],
  ])('names a file that %s: exit code 2', async (_, content, what, remedy) => {
    const named = join(directory, 'wrong.json')
    await rm(named, { force: true })
    if (content !== undefined) await writeFile(named, content)
    expectRefusal(await callInProcess(['report', '--check', named], nowhere), {
      exit: 2,
      code: 'usage-invalid',
      what,
      remedy,
    })
  })

  it.each([
    [['report', '--seal', 'f'.repeat(64)], /^--seal says how a report is checked\. \[usage-invalid\]/],
    [['report', '--against-ledger'], /^--against-ledger says how a report is checked\. \[usage-invalid\]/],
  ])('%j checks nothing', async (words, told) => {
    expect(await callInProcess(words, nowhere)).toMatchObject({ exit: 2, stderr: expect.stringMatching(told) })
  })

  it.each([
    ['--run', '1'],
    ['--out', 'x.json'],
    ['--format', 'json'],
  ])('with %s says what would be written', async (...words) => {
    expect((await check(words)).exit).toBe(2)
  })

  it.each(['', 'sha256:', 'f'.repeat(63), `${'f'.repeat(64)}0`, 'x'.repeat(64)])('%j is no seal', async (given) => {
    expect((await check(['--seal', given])).exit).toBe(2)
  })

  it('names a directory that is not there, and tells no seal', async () => {
    const database = await createDatabase(template.name)
    const { exit, stderr } = await callInProcess(['report', '--out', join(directory, 'no', 'r.json')], database.url)
    expect({ exit, told: stderr.split('\n')[0] }).toEqual({
      exit: 2,
      told: 'The file could not be written. [usage-invalid]',
    })
    expect(stderr).not.toContain('Seal')
  })
})
