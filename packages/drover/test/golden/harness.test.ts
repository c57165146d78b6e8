import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readCase } from './case.ts'
import { expectFile, isUpdating } from './expected.ts'
import { printCell, printTable } from './table-text.ts'

async function emptyCase() {
  const folder = await mkdtemp(join(tmpdir(), 'drover-golden-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return { name: 'none', folder: `${folder}/` }
}

describe.skipIf(isUpdating)('an expectation', () => {
  test('that is missing is refused', async () => {
    await expect(expectFile(await emptyCase(), 'rows.txt', 'id\n')).rejects.toThrow('has no rows.txt')
  })

  test('that is empty is refused, and one that differs in a blank', async () => {
    const golden = await emptyCase()
    for (const expected of ['', 'id \n']) {
      await writeFile(`${golden.folder}rows.txt`, expected)
      await expect(expectFile(golden, 'rows.txt', 'id\n')).rejects.toThrow('cases/none/rows.txt')
    }
  })

  test('that is met passes', async () => {
    const golden = await emptyCase()
    await writeFile(`${golden.folder}rows.txt`, 'id\n')
    await expectFile(golden, 'rows.txt', 'id\n')
  })
})

test('a case that does not exist is refused', async () => {
  await expect(readCase('no-such-case')).rejects.toThrow('ENOENT')
})

test('cells that could be taken for others are quoted, and what cannot be seen is spelt out', () => {
  const cells = [
    null,
    'null',
    '',
    ' ',
    'a b',
    ' a',
    'a ',
    'a|b',
    '"',
    'a"b',
    'a\nb',
    'a\u00a0b',
    'ä',
    'a\u0308',
    '\u200b',
    "'",
  ]
  expect(cells.map(printCell)).toEqual([
    ...['null', '"null"', '""', '" "', 'a b', '" a"', '"a "', '"a|b"', '"\\""', 'a"b', '"a\\nb"', '"a\\u{a0}b"'],
    ...['ä', '"a\\u{308}"', '"\\u{200b}"', "'"],
  ])
  expect(printTable(['id', 'name'], [['1', 'Ann']])).toBe('id | name\n---+-----\n1  | Ann\n')
})
