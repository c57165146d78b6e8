import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anyValue, createMendingDatabase, neverShown, oddKey } from '../repair/fixture.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { drover, expectRefusal, start } from './drover.ts'
import { callInProcess } from './in-process.ts'

let loaded: TestDatabase
let directory: string

beforeAll(async () => {
  loaded = await createMendingDatabase()
  directory = await mkdtemp(join(tmpdir(), 'drover-quarantine-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const call = (words: string, ...further: readonly string[]) =>
  callInProcess([...words.split(' '), ...further], loaded.url)

const told = async (words: string, ...further: readonly string[]) => {
  const { exit, stdout, stderr } = await call(words, ...further)
  expect({ exit, stdout, stderr }).toMatchObject({ exit: 0 })
  return { stdout, stderr }
}

const json = async (words: string) => JSON.parse((await told(`${words} --json`)).stdout)

describe.concurrent('quarantine list', () => {
  it('shows rows by cause, and what to do next', async () => {
    const { stdout, stderr } = await told('quarantine list')
    expect(stdout).toMatch(
      /^Quarantine of run 1 of mending:\n\nmapping +code +cause +rows +accepted +fix waiting +for example\n/,
    )
    expect(stdout).toMatch(/^visits {4}no-amount {4}amount +123 +0 +0 {2}it's "q",␊;\$x$/m)
    expect(stdout).toMatch(/^visits {4}error-23514 {2}constraint not_negative, SQLSTATE 23514 +1 +0 +0 {2}v2$/m)
    expect(stdout).toMatch(/^total +129 +0 +0$/m)
    expect(stderr).toBe(`One of them: drover quarantine show $'it\\'s "q",\\x0a;$x' --run 1 --mapping visits\n`)
  })

  it('lists the keys of a selection, page by page', async () => {
    const { stdout, stderr } = await told('quarantine list --mapping people --code no-age,no-name --limit 3')
    expect(stdout).toMatch(
      /^Rows of people:\n\nkey {2}code {5}columns\np2 {3}no-age {3}age\np3 {3}no-name {2}name\np4 {3}no-age {3}age\n$/m,
    )
    expect(
      stderr,
    ).toBe(`The next page: drover quarantine list --run 1 --mapping people --code no-age --code no-name --limit 3 --after p4
One of them: drover quarantine show p2 --run 1 --mapping people
`)
    const next = await told('quarantine list --mapping people --limit 3 --after p4')
    expect(next.stdout).toMatch(/\nkey {2}code {5}columns\nx1 {3}no-name {2}name\n$/)
    expect(next.stderr).not.toContain('The next page')
  })

  it('takes a mapping for named where the code is of one alone', async () => {
    expect(await json('quarantine list --code error-23514')).toMatchObject({
      runId: '1',
      migration: 'mending',
      groups: [{ mapping: 'visits', rows: '1', constraint: 'not_negative', sampleKeys: ['v2'] }],
      page: { mapping: 'visits', after: null, rows: [{ key: 'v2', isAccepted: false, fixWaits: false }] },
    })
    expect(await json('quarantine list')).not.toHaveProperty('page')
  })

  it('says where there is nothing', async () => {
    const { stdout, stderr } = await told('quarantine list --mapping clinics')
    expect([stdout, stderr]).toEqual(['Run 1 has no such quarantined row.\n', ''])
  })
})

describe.concurrent('quarantine show', () => {
  it('shows a row, masked', async () => {
    const { stdout } = await told('quarantine show p3')
    expect(stdout.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, 'T')).toBe(`p3 of people: no-name

Set aside T UTC in chunk 1, because of:
  1. no-name, column name
  2. no-age, column age

Its original:
  column  value
  id      a9          masked
  name    null
  email   aaaa9@a     masked
  birth   9999-99-99  masked
  age     aaaaaa      masked
  code    aaaaaa      masked
  moved   null
  token   –           secret, not in the ledger

No row waits for it, and none was loaded without it.
`)
  })

  it('shows values on request, and what is personal or secret never', async () => {
    const { stdout } = await told('quarantine show p2 --mapping people --show-values')
    expect(stdout).toMatch(/^ {2}age +"Geheim4711"$/m)
    expect(stdout).toMatch(/^ {2}code +""$/m)
    expect(stdout).toMatch(/^ {2}email +aaaa9@a +masked$/m)
    expect(stdout).not.toMatch(neverShown)
  })

  it('shows a source row in every mapping that set it aside', async () => {
    const { rows } = await json('quarantine show p2')
    expect(rows.map(({ mapping, code }: Record<string, string>) => [mapping, code])).toEqual([
      ['people', 'no-age'],
      ['profiles', 'no-birth'],
    ])
    expect(rows[0]).toMatchObject({
      setAsideAt: expect.stringMatching(/Z$/),
      fix: null,
      acceptance: null,
      secret: ['token'],
    })
  })

  it('takes keys as they are', async () => {
    expect((await told('quarantine show', oddKey)).stdout).toMatch(/^it's "q",␊;\$x of visits: no-amount\n/)
  })

  it('asks which row is meant', async () => {
    expectRefusal(await call('quarantine show x1'), {
      exit: 2,
      code: 'key-ambiguous',
      what: 'The key x1 stands for quarantined rows of several mappings.',
      told: ['mapping people, mapping visits'],
      remedy: 'Say which one is meant: --mapping people.',
    })
    expect((await told('quarantine show x1 --mapping visits')).stdout).toMatch(/^x1 of visits: no-amount/)
  })

  it('says where to look for the keys', async () => {
    expectRefusal(await call('quarantine show p1'), {
      exit: 2,
      code: 'row-missing',
      what: 'Run 1 has no quarantined row p1.',
      remedy: 'See those that it has: drover quarantine list --run 1.',
    })
  })
})

describe.concurrent('quarantine export', () => {
  it('writes to stdout', async () => {
    const { stdout, stderr } = await told('quarantine export --code error-23514')
    expect(stderr).toBe('')
    expect(stdout).toMatch(
      /^mapping,key,code,columns,sqlstate,constraint,set_aside_at,accepted\nvisits,v2,error-23514,,23514,not_negative,[^,]+Z,f\n$/,
    )
  })

  it('writes a file that others cannot read, also where they could read the one that was there', async () => {
    const file = join(directory, 'export.csv')
    await writeFile(file, 'before', { mode: 0o644 })
    const { stdout, stderr } = await told('quarantine export --mapping visits --show-values --out', file)
    expect([stdout, stderr]).toEqual(['', `Wrote ${file}.\n`])
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readFile(file, 'utf8')).toMatch(/^visits,x1,no-amount,amount,,,[^,]+,f,x1,Geheim,=Geheim\(\)$/m)
  })

  it('ends where its reader has read enough', async () => {
    const database = await createDatabase(loaded.name)
    await database.query(`insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons)
      select 1, 'visits', 'z' || i, 1, 'no-amount', '[]' from generate_series(1, 20000) as i`)
    const calling = start(['quarantine', 'export'], { database: database.url })
    await new Promise((resolve) => calling.process.stdout!.once('data', resolve))
    calling.process.stdout!.destroy()
    expect(await calling.ended).toMatchObject({ exit: 0, stderr: '' })
  })

  it('asks for the mapping whose values are meant, and for a file that can be written', async () => {
    expectRefusal(await call('quarantine export --show-values'), {
      exit: 2,
      code: 'usage-invalid',
      what: 'Values are those of one mapping: each has columns of its own.',
      remedy: /--mapping/,
    })
    expectRefusal(await call('quarantine export --out', join(directory, 'none', 'export.csv')), {
      exit: 2,
      code: 'usage-invalid',
      what: 'The file could not be written.',
      told: [/ENOENT/],
      remedy: /directory/,
    })
    expect((await call('quarantine export --mapping visits --masked --show-values')).stderr).toMatch(
      /^error: option '--masked' cannot be used with option '--show-values'/,
    )
  })
})

describe.concurrent('quarantine accept', () => {
  it('marks rows, tells how to take that back, and does', async () => {
    const database = await createDatabase(loaded.name)
    const accept = (...words: readonly string[]) => callInProcess(['quarantine', 'accept', ...words], database.url)
    const accepted = await accept('p3', '--key', 'p4', '--why', 'test data', '--by', 'A. Moser')
    expect(accepted).toEqual({
      exit: 0,
      stdout: '2 rows of run 1 are accepted: they stay out.\n\nmapping  rows\npeople      2\n',
      stderr: 'Taken back with: drover quarantine accept --run 1 --key p4 --key p3 --undo\n',
    })
    const { stdout } = await callInProcess(['quarantine', 'show', 'p3'], database.url)
    expect(stdout).toMatch(/^Accepted [\d-]+ [\d:]+ UTC by A\. Moser \(postgres\): test data$/m)
    const list = await callInProcess(['quarantine', 'list'], database.url)
    expect(list.stdout).toMatch(/^people +no-age +age +2 +1 +0 /m)
    expectRefusal(await accept('p3', '--why', 'again'), {
      exit: 2,
      code: 'selection-empty',
      what: 'All rows that are meant are accepted already: 1.',
      remedy: /drover quarantine list --run 1/,
    })
    const undone = await accept('--run', '1', '--key', 'p4', '--key', 'p3', '--undo', '--json')
    expect(JSON.parse(undone.stdout)).toEqual({
      runId: '1',
      accepted: false,
      mappings: [{ mapping: 'people', rows: '2' }],
    })
  })

  it.each([
    [['accept', 'p3'], 'usage-invalid', 'The reason is missing.', /--why/],
    [['accept', 'p3', '--why', ' '], 'usage-invalid', 'The reason is missing.', /--why/],
    [['accept', 'p3', '--why', 'x', '--by', ''], 'usage-invalid', 'The name is empty.', /--by/],
    [['accept', '--why', 'x'], 'selection-empty', 'No row is named.', /drover quarantine list/],
    [
      ['accept', '--code', 'none', '--why', 'x'],
      'selection-empty',
      'Run 1 has no such quarantined row.',
      /drover quarantine list --run 1/,
    ],
    [
      ['accept', '--mapping', 'none', '--why', 'x'],
      'usage-invalid',
      'Run 1 has no mapping none.',
      /people, profiles, visits/,
    ],
  ])('refuses %j', async (words, code, what, remedy) => {
    expectRefusal(await call('quarantine', ...words), { exit: 2, code, what, remedy })
  })
})

describe.concurrent('quarantine fix', () => {
  it.each([
    [[], 'No row is named.'],
    [['p3'], 'No value is given for the row.'],
    [['p3', 'Geheim'], 'The value in place 1 is not written as column=value.'],
    [['p3', 'age=4', '=Geheim'], 'The value in place 2 is not written as column=value.'],
    [['p3', 'age=Geheim', '--null', 'age'], 'A column is given twice.'],
    [['p3', 'age=Geheim', '--file', 'fixes.csv'], 'A row is named besides the file.', /Name the row, or give the file/],
    [
      ['p3', 'age=Geheim', '--migration', 'quarantine.test.ts'],
      '--migration is read with --dry-run alone.',
      /Add --dry-run/,
    ],
  ] as [string[], string, RegExp?][])('refuses %j and shows no value', async (words, what, remedy) => {
    const result = await call('quarantine fix', ...words)
    expectRefusal(result, { exit: 2, code: 'usage-invalid', what, remedy: remedy ?? /fix <key> column=value/ })
    expect(result.stderr).not.toMatch(anyValue)
  })

  it('looks the rows up before it stores anything', async () => {
    const refused = (...words: readonly string[]) => call('quarantine fix', ...words)
    expectRefusal(await refused('p1', 'age=4'), {
      exit: 2,
      code: 'row-missing',
      what: 'Run 1 has no quarantined row p1.',
      remedy: /quarantine list/,
    })
    expectRefusal(await refused('x1', 'age=4'), {
      exit: 2,
      code: 'key-ambiguous',
      what: 'The key x1 stands',
      remedy: '--mapping people',
    })
    const file = join(directory, 'unknown.csv')
    await writeFile(file, 'key,mapping,source.amount\nv3,visits,4\nv4,visits,Geheim\n')
    expectRefusal(await refused('--file', file), {
      exit: 2,
      code: 'row-missing',
      what: 'Run 1 has no quarantined row v4.',
      remedy: /quarantine list/,
    })
  })

  it('says where nothing changes', async () => {
    const { stdout, stderr } = await told('quarantine fix p2 age=Geheim4711 code= --null moved')
    expect([stdout, stderr]).toEqual(['The values are what they were: nothing was stored.\n', ''])
    const file = join(directory, 'unchanged.csv')
    await told('quarantine export --mapping visits --show-values --out', file)
    expect(await json(`quarantine fix --file ${file}`)).toEqual({ runId: '1', rows: [] })
  })
})

describe.concurrent('merges', () => {
  it('are listed by mapping, and group by group', async () => {
    const { stdout, stderr } = await told('merges list')
    expect(stdout).toBe(`Merges of run 1 of mending:

mapping  rows merged  groups  largest group  its survivor
clinics            2       1              3  c1
places             1       1              2  ["1", "x"]
names              2       1              3  c1
`)
    expect(stderr).toBe('One of them: drover merges show c1 --run 1 --mapping clinics\n')
    const groups = await told('merges list --mapping places')
    expect(groups.stdout).toMatch(
      /^Groups of places:\n\nsurvivor +stands for {2}keys, for example\n\["1", "x"\] +1 {2}\["1", "y"\]\n$/m,
    )
    expect(groups.stderr).toBe(`One of them: drover merges show '["1", "x"]' --run 1 --mapping places\n`)
  })

  it('are shown with what they differ in', async () => {
    const { stdout, stderr } = await told('merges show c3 --mapping clinics')
    expect(stdout).toBe(`c1 of clinics stands for 2 other rows: c2, c3

Their source rows differ in id, name, fax, email:

key  id (masked)  name (masked)  fax (masked)  email (masked)
c1   a9           aaaaaa aaaa    9999          aaaa@a9
c2   a9           aaaaaa aaaa    9999          aaaa@a9
c3   a9           aaaaaa aaaa    null          aaaa@a9
`)
    expect(stderr).toBe('If one is none of them: drover unmerge c3 --run 1 --mapping clinics\n')
    const shown = await told('merges show c1 --mapping clinics --show-values')
    expect(shown.stdout).toMatch(/^c2 +"c2" +"GEHEIM nord" +"4711" +aaaa@a9$/m)
    expect(shown.stdout).not.toMatch(neverShown)
  })

  it('are asked for by their mapping where one is meant', async () => {
    expectRefusal(await call('unmerge c1'), {
      exit: 2,
      code: 'key-ambiguous',
      what: 'The key c1 stands for merged rows of several mappings.',
      remedy: '--mapping clinics',
    })
    const both = (await told('merges show c1')).stdout
    expect(both.match(/^c1 of \w+ stands for 2 other rows: c2, c3$/gm)).toHaveLength(2)
    expectRefusal(await call('merges show c4'), {
      exit: 2,
      code: 'row-missing',
      what: 'Run 1 has no merged row c4.',
      remedy: 'drover merges list --run 1',
    })
    expectRefusal(await call('merges list --after c1'), {
      exit: 2,
      code: 'usage-invalid',
      what: 'A page begins after a survivor of one mapping.',
      remedy: '--mapping',
    })
  })
})

const commands = [
  'quarantine list',
  'quarantine show p2',
  'quarantine export',
  'quarantine fix p2 age=4',
  'quarantine accept p2 --why x',
  'quarantine retry',
  'merges list',
  'merges show c2',
  'unmerge c2',
]

describe.concurrent('every command', () => {
  it.each(
    commands.map((words) =>
      words
        .split(' ')
        .slice(0, words.startsWith('unmerge') ? 1 : 2)
        .join(' '),
    ),
  )('%s is explained with two examples', async (words) => {
    const { exit, stdout } = await call(`${words} --help`)
    expect(exit).toBe(0)
    expect(stdout).toContain(`Usage: drover ${words} `)
    expect(stdout.match(new RegExp(`^ {2}\\$ drover ${words}`, 'gm'))).toHaveLength(2)
    expect(stdout).not.toContain('[]')
  })

  it.each(['quarantine fix', 'quarantine retry', 'unmerge'])('%s tells its exit codes', async (words) => {
    const { stdout } = await call(`${words} --help`)
    expect(stdout).toMatch(/^Exit codes: 0 done, 1 failed, 2 the call was wrong, 3 /m)
  })

  it('is loaded when it is called, by the name of its group', async () => {
    const group = await drover(['help', 'quarantine'])
    expect(group.stdout).toMatch(/^Usage: drover quarantine /)
    for (const name of ['list', 'show', 'export', 'fix', 'accept', 'retry']) {
      expect(group.stdout).toMatch(new RegExp(`^ {2}${name} {2,}\\w`, 'm'))
    }
    expect(await drover(['quarantine', 'lst'])).toEqual({
      exit: 2,
      stdout: '',
      stderr: "error: unknown command 'lst'\n(Did you mean list?)\nRun drover quarantine --help to see its flags.\n",
    })
    expect((await drover(['quarantine', 'list', '--mappin', 'x'])).stderr).toBe(
      "error: unknown option '--mappin'\n(Did you mean --mapping?)\nRun drover quarantine list --help to see its flags.\n",
    )
    expect(await drover(['merges'])).toMatchObject({ exit: 2, stdout: '' })
  })

  it.each(commands)('%s asks for a ledger, and for a run that is there', async (words) => {
    expectRefusal(await call(`${words} --run 9`), {
      exit: 2,
      code: 'run-missing',
      what: 'The ledger holds no run 9.',
      remedy: 'drover status',
    })
    const empty = await createDatabase()
    expectRefusal(await callInProcess(words.split(' '), empty.url), {
      exit: 2,
      code: 'ledger-missing',
      what: 'This database has no ledger of drover.',
      remedy: 'drover run',
    })
  })

  it.each(['quarantine retry none.ts', 'unmerge c2 none.ts'])(
    '%s notices before it connects that the file is missing',
    async (words) => {
      expectRefusal(await callInProcess(words.split(' '), 'postgresql://postgres@127.0.0.1:1/none'), {
        exit: 2,
        code: 'migration-file-unreadable',
        what: 'The migration file does not exist.',
        remedy: 'Check the path',
      })
    },
  )

  // I8
  it.each([
    'quarantine list',
    'quarantine list --mapping visits',
    'quarantine list --code no-age --json',
    'quarantine show p2',
    'quarantine show x1 --mapping visits --json',
    'quarantine show v2',
    'quarantine export',
    'quarantine export --mapping people --masked',
    'quarantine export --mapping visits --masked',
    'merges list --mapping clinics',
    'merges show c2 --mapping clinics',
    'merges show c2 --mapping names --json',
    'report',
  ])('%s shows no value', async (words) => {
    const { stdout, stderr } = await told(words)
    expect(stdout + stderr).not.toMatch(anyValue)
    expect(stdout + stderr).not.toMatch(neverShown)
  })

  it('leads to the quarantine', async () => {
    expect((await told('status')).stdout).toMatch(/^Why rows are quarantined: drover quarantine list --run 1$/m)
    expect((await told('report')).stdout).toContain('`drover quarantine list --run 1`.')
  })
})
