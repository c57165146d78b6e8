import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { createMendingDatabase } from '../repair/fixture.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { callInProcess } from './in-process.ts'

let template: string | undefined
let database: TestDatabase

beforeEach(async () => {
  template ??= (await createMendingDatabase()).name
  database = await createDatabase(template)
})

const call = (...words: readonly string[]) => callInProcess(words, database.url)

/** The line of a table that begins with a word, its cells. */
const line = (text: string, word: string) =>
  text
    .split('\n')
    .find((each) => each.startsWith(`${word} `))
    ?.split(/ {2,}/)

it('a row is fixed, tried again, and gone from quarantine; the output names the next command', async () => {
  const fixed = await call('quarantine', 'fix', 'p2', 'age=47')
  expect(fixed).toMatchObject({ exit: 0, stdout: 'Fixes of 1 row are stored. They were not tried yet.\n' })
  const again = /^Try them: drover (.*)$/m.exec(fixed.stderr)![1]!
  expect(again).toBe('quarantine retry --run 1 --mapping people --key p2')
  const waiting = await call('quarantine', 'list', '--mapping', 'people', '--code', 'no-age')
  expect(waiting.stdout).toMatch(/^p2 +no-age +age +fix waiting$/m)
  const retried = await call(...again.split(' '))
  expect(retried.exit).toBe(0)
  expect(line(retried.stdout, 'people')).toEqual(['people', '1', '1', '0', '0', '0', '0', '0'])
  expect(await database.query(`select age from new.people where id = 'p2'`)).toEqual([{ age: 47 }])
  expect((await call('quarantine', 'show', 'p2', '--mapping', 'people')).exit).toBe(2)
  expect((await call('verify')).exit).toBe(0)
})

it('a dry run tells what a fix would do, without a value, and keeps nothing', async () => {
  const { exit, stdout, stderr } = await call('quarantine', 'fix', 'p2', 'age=47', '--dry-run')
  expect({ exit, stdout }).toEqual({
    exit: 0,
    stdout: 'key  mapping  would be\np2   people   loaded\n\nNo other row would follow.\n',
  })
  expect(stderr).toBe('Nothing was kept. To store the fixes, give the command without --dry-run.\n')
  const file = join(tmpdir(), `drover-dry-run-${database.name}.csv`)
  await writeFile(file, 'mapping,key,source.amount\nvisits,v3,-12\nvisits,w001,4711\nvisits,w002,Geheim\n')
  const of = ['quarantine', 'fix', '--file', file, '--dry-run'] as const
  const told = await call(...of)
  expect(told.exit).toBe(3)
  expect(told.stdout).toBe(`key   mapping  would be
v3    visits   still quarantined  error-23514, table new.visits, constraint not_negative, SQLSTATE 23514
w001  visits   loaded
w002  visits   still quarantined  no-amount, column amount

No other row would follow.
`)
  const json = await call(...of, '--json')
  expect(json).toMatchObject({ exit: 3, stderr: '' })
  expect(JSON.parse(json.stdout)).toMatchObject({
    runId: '1',
    rows: [{ key: 'v3', sqlstate: '23514' }, { disposition: 'loaded' }, { key: 'w002', code: 'no-amount' }],
    following: [],
  })
  expect(json.stdout).not.toContain('Geheim')
  expect(await database.query('select * from drover.overlay')).toEqual([])
  expect(await database.query(`select from drover.event where what like 'row%'`)).toEqual([])
})

it('rows that are not mended stay where they are: exit code 3', async () => {
  const { exit, stdout } = await call('quarantine', 'retry', '--code', 'no-age')
  expect(exit).toBe(3)
  expect(line(stdout, 'people')).toEqual(['people', '2', '0', '0', '0', '0', '2', '0'])
})

it('a wrong fix is refused with its place, and none of its file is stored', async () => {
  const file = join(tmpdir(), `drover-fixes-${database.name}.csv`)
  await writeFile(file, 'mapping,key,source.amount\nvisits,v3,12\nvisits,v2,twelve Geheim\n')
  const ok = await call('quarantine', 'fix', '--file', file)
  // A text column takes any text: whether it is an amount, the mapping decides.
  expect(ok.exit).toBe(0)
  const wrong = await call('quarantine', 'fix', 'p4', 'moved=Geheim')
  expect(wrong.exit).toBe(2)
  expect(wrong.stderr).toMatch(/^Column moved of row p4 cannot be fixed so\. \[fix-refused\]\n/)
  expect(wrong.stderr).toMatch(/its type timestamp without time zone does not take the value: SQLSTATE 22007/)
  for (const [assignment, why] of [
    ['id=x', 'it is of the key'],
    ['token=x', 'it is secret'],
    ['colour=x', 'old.people has no such column; it has id, name'],
  ] as const) {
    const refused = await call('quarantine', 'fix', 'p4', assignment)
    expect(refused).toMatchObject({ exit: 2, stdout: '' })
    expect(refused.stderr).toContain(why)
    expect(refused.stderr).not.toContain('Geheim')
  }
  expect(await database.query('select relation, row_key from drover.overlay order by row_key')).toEqual([
    { relation: 'old.visits', row_key: 'v2' },
    { relation: 'old.visits', row_key: 'v3' },
  ])
  const retried = await call('quarantine', 'retry', '--mapping', 'visits', '--key', 'v2', '--key', 'v3')
  expect(retried.exit).toBe(3)
  expect(line(retried.stdout, 'visits')).toEqual(['visits', '2', '1', '0', '0', '0', '1', '0'])
})

it('a merge is undone, and not made again', async () => {
  const asked = await call('unmerge', 'c2')
  expect(asked.exit).toBe(2)
  const { exit, stdout } = await call('unmerge', 'c2', '--mapping', 'clinics')
  expect(exit).toBe(0)
  expect(line(stdout, 'clinics')).toEqual(['clinics', '1', '1', '0', '0', '0', '0', '0'])
  expect(await database.query('select id from new.clinics order by id')).toEqual([
    { id: 'c1' },
    { id: 'c2' },
    { id: 'c4' },
  ])
  expect((await call('verify')).exit).toBe(0)
  const twice = await call('unmerge', 'c2', '--mapping', 'clinics')
  expect(twice.exit).toBe(2)
})
