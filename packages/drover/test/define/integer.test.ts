import { expect, test } from 'vitest'
import { type Expression, integer, sql } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'
import { type Carried, carry } from './carry.ts'

const database = await createDatabase()

function show(row: Carried, column: string): string | null {
  const codes = row.corrections.filter((line) => line.startsWith(`${column} `)).map((line) => line.split(' ')[1]!)
  const value = row.values![column]
  return codes.length === 0 ? (value ?? null) : [value, ...codes].filter((each) => each != null).join(' ')
}

async function read(texts: readonly (string | null)[]) {
  const rows = await carry(
    database,
    { x: 'text' },
    texts.map((x) => ({ x })),
    ({ x }) => ({
      int2: ['int2', integer(x!, { type: 'int2' }).orNull()],
      int4: ['int4', integer(x!).orNull()],
      int8: ['int8', integer(x!, { type: 'int8' }).orNull()],
    }),
  )
  return rows.map((row) => ['int2', 'int4', 'int8'].map((type) => show(row, type)))
}

const beyond = 'out-of-range'
const broken = 'not-an-integer'
const noNumber = 'not-a-number'

test('each type to its last number, and no further', async () => {
  const cases: readonly (readonly [text: string, ...found: string[]])[] = [
    ['32767', '32767', '32767', '32767'],
    ['32768', beyond, '32768', '32768'],
    ['-32768', '-32768', '-32768', '-32768'],
    ['-32769', beyond, '-32769', '-32769'],
    ['2147483647', beyond, '2147483647', '2147483647'],
    ['2147483648', beyond, beyond, '2147483648'],
    ['-2147483648', beyond, '-2147483648', '-2147483648'],
    ['-2147483649', beyond, beyond, '-2147483649'],
    ['9007199254740993', beyond, beyond, '9007199254740993'],
    ['9223372036854775807', beyond, beyond, '9223372036854775807'],
    ['9223372036854775808', beyond, beyond, beyond],
    ['-9223372036854775808', beyond, beyond, '-9223372036854775808'],
    ['-9223372036854775809', beyond, beyond, beyond],
    ['9'.repeat(39), beyond, beyond, beyond],
    ['9'.repeat(40), noNumber, noNumber, noNumber],
  ]
  expect(await read(cases.map(([text]) => text))).toEqual(cases.map(([, ...found]) => found))
})

test('a fraction of nothing but zeros is none; any other is not rounded away', async () => {
  const cases: Readonly<Record<string, string>> = {
    '1.0': '1',
    '1.00000000': '1',
    '-1.000': '-1',
    '-0': '0',
    '-0.0': '0',
    '007': '7',
    '1.5': broken,
    '0.9999999999': broken,
    '-0.000000000000000000000000000001': broken,
    '32767.0000001': broken,
    '99999999999999999999.5': broken,
    // A number that is only written otherwise is told by its original.
    ' 1,234.00 ': '1234 number-format',
    '(5)': '-5 number-format',
    '$ -': '0 number-format',
    '45%': '45 number-format',
    // What is refused is not also cleaned.
    '1,234.50': broken,
    '$0.5': broken,
  }
  const found = await read(Object.keys(cases))
  expect(found).toEqual(Object.values(cases).map((expected) => [expected, expected, expected]))
  expect(await read(['1,000,000,000,000'])).toEqual([[beyond, beyond, '1000000000000 number-format']])
})

test('everything else is refused', async () => {
  const texts = [
    ...[
      '',
      ' ',
      '-',
      '1e3',
      '0x1F',
      '0b1',
      '0o7',
      '1_000',
      'NaN',
      'Infinity',
      '-inf',
      '١',
      '１',
      '½',
      '−5',
      '1.',
      '.0',
    ],
    ...['1 2', '12 34', '--1', '1-', 'true', 'null', '1;', '1\n2', "1'; --", '\u200b', '1,00', '1.0.0', '5 kg', '#5'],
  ]
  expect(await read([...texts, null])).toEqual([...texts.map(() => Array(3).fill(noNumber)), [null, null, null]])
})

test('the locale says what 1.234 is, and where none is known, nobody can', async () => {
  const rows = await carry(
    database,
    { x: 'text', locale: 'text' },
    [
      ...[
        { x: '1.234', locale: 'eu' },
        { x: '1.234', locale: 'en' },
        { x: '1.234', locale: null },
      ],
      ...[
        { x: "1'234", locale: 'ch' },
        { x: '1,0', locale: 'eu' },
        { x: '1', locale: 'EN' },
        { x: '1', locale: null },
      ],
    ],
    ({ x, locale }) => ({
      y: ['int4', integer(x!, { locale: locale as Expression<string> }).orNull('no-count')],
    }),
  )
  const read = rows.map((row) => show(row, 'y'))
  expect(read).toEqual([
    ...['1234 number-format', 'no-count', 'ambiguous-number', '1234 number-format', '1 number-format', 'no-count', '1'],
  ])
})

test('a refused number leaves its row, or gives way to another', async () => {
  const inputs = ['1', '1.5', '2147483648', 'x'].map((x) => ({ x }))
  const aside = await carry(database, { x: 'text' }, inputs, ({ x }) => ({ y: ['int4', integer(x!).orQuarantine()] }))
  expect(aside.map((row) => row.quarantine)).toEqual([[], [broken], [beyond], [noNumber]])
  const other = await carry(database, { x: 'text' }, inputs, ({ x }) => ({
    y: ['int4', integer(x!).orElse(sql<number>`0 - 1`, 'no-count')],
  }))
  expect(other.map((row) => show(row, 'y'))).toEqual(['1', '-1 no-count', '-1 no-count', '-1 no-count'])
})
