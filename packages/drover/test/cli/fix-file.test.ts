import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readFixFile } from '../../src/cli/fix-file.ts'
import type { DroverError } from '../../src/error.ts'

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'drover-fixes-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

async function read(name: string, content: string | Uint8Array) {
  await writeFile(join(directory, name), content)
  return readFixFile(join(directory, name))
}

const refusalOf = (name: string, content: string | Uint8Array) =>
  read(name, content).then(
    () => undefined,
    (error: DroverError) => error,
  )

test('CSV: an empty cell is null, quotes make it the empty text, and what only an export tells is passed over', async () => {
  const csv =
    '\ufeffkey,mapping,code,masked.email,source.age,"source.a,b"\r\nv1,people,no-age,aa@a,,""\r\n"v,2",,,,4,"x""\ny"\r\n'
  expect(await read('a.csv', csv)).toEqual([
    { place: 'line 2', mapping: 'people', key: 'v1', values: { age: null, 'a,b': '' } },
    { place: 'line 4', mapping: undefined, key: 'v,2', values: { age: '4', 'a,b': 'x"\ny' } },
  ])
})

test('JSON, and an object a line', async () => {
  const entries = [
    { mapping: 'people', key: 'v1', values: { age: '4', code: null } },
    { key: 'v2', values: { age: '' } },
  ]
  const expected = [
    { mapping: 'people', key: 'v1', values: { age: '4', code: null } },
    { mapping: undefined, key: 'v2', values: { age: '' } },
  ]
  expect(await read('a.json', JSON.stringify(entries))).toMatchObject(expected)
  const lines = entries.map((entry) => JSON.stringify(entry)).join('\n\n')
  expect((await read('a.jsonl', lines)).map(({ place }) => place)).toEqual(['line 1', 'line 3'])
  expect(await read('b.jsonl', `${lines}\n`)).toMatchObject(expected)
})

test.each([
  [
    'a.csv',
    'key,age\nv1,Geheim\n',
    ['column age: a value of a source column x stands under source.x, once', 'there is no column source.<column>'],
  ],
  ['b.csv', 'mapping,source.age\npeople,Geheim\n', ['the column key is missing']],
  [
    'c.csv',
    'key,source.age,source.age\nv1,Geheim,Geheim\n',
    ['column source.age: a value of a source column x stands under source.x, once'],
  ],
  ['d.csv', 'key,source.age\nv1,Geheim\nv2,Geheim,Geheim\n', ['line 3: CSV_RECORD_INCONSISTENT_FIELDS_LENGTH']],
  ['e.csv', 'key,source.age\nv1,"Geheim\n', [expect.stringMatching(/^line \d: CSV_QUOTE_NOT_CLOSED$/)]],
  [
    'f.csv',
    'key,source.age\n,Geheim\nv1,Geheim\nv1,Geheim\n',
    ['line 2: the key is missing', 'line 4: the row stands at line 3 already'],
  ],
  ['g.csv', '', ['the file is empty']],
  ['a.json', '[{"key": "v1", Geheim', ['it is no JSON array']],
  [
    'b.json',
    '[{"key": "v1", "values": {"age": 4}}, {"values": {}}, "Geheim", {"key": "v2", "age": "Geheim"}]',
    [
      'entry 1: the value of age is neither a text nor null; write it as the text that the server reads',
      'entry 2: the key is missing, or no text',
      'entry 3: it is no JSON object',
      'entry 4: age is none of mapping, key, values',
    ],
  ],
  ['a.jsonl', '{"key": "v1", "values": {"age": "Geheim"}}\n{Geheim\n', ['line 2: it is no JSON object']],
])('%s: all that is wrong is told, and no value', async (name, content, findings) => {
  const error = await refusalOf(name, content)
  expect(error).toMatchObject({ code: 'usage-invalid', where: join(directory, name), findings })
  expect(JSON.stringify([error!.what, error!.findings, error!.why])).not.toContain('Geheim')
})

test('a file in another encoding, of another form, or that is not there, is refused', async () => {
  const latin = new Uint8Array([...Buffer.from('key,source.name\nv1,M'), 0xfc, ...Buffer.from('ller\n')])
  expect(await refusalOf('latin.csv', latin)).toMatchObject({ what: 'The file of fixes is not in UTF-8.' })
  expect(await refusalOf('a.xlsx', '')).toMatchObject({ remedy: 'Name it .csv, .json or .jsonl.' })
  await expect(readFixFile(join(directory, 'none.csv'))).rejects.toMatchObject({ why: 'ENOENT' })
})

test('a hundred mistakes are not listed one by one', async () => {
  const { findings } = (await refusalOf('many.csv', `key,source.age\n${',x\n'.repeat(100)}`))!
  expect(findings).toHaveLength(11)
  expect(findings.at(-1)).toBe('and 90 more')
})
