import { expect, test } from 'vitest'
import { type Expression, narrow, sql } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'
import { type Carried, type Cell, carry } from './carry.ts'

const database = await createDatabase()

type Columns = (x: Expression<string | null>) => Readonly<Record<string, Cell>>

/** Values through conversions, the same from each type; a refused one is shown as its code, a rounded one with a mark. */
async function read(types: readonly string[], values: readonly (string | null)[], columns: Columns) {
  const rows = await carry(
    database,
    Object.fromEntries(types.map((type) => [`from ${type}`, type])),
    values.map((x) => Object.fromEntries(types.map((type) => [`from ${type}`, x]))),
    (inputs) =>
      Object.fromEntries(
        types.flatMap((type) => {
          const cells = Object.entries(columns(inputs[`from ${type}`]!))
          return cells.map(([to, cell]) => [`${to} from ${type}`, cell])
        }),
      ),
  )
  const found = types.map((type) =>
    rows.map((row) => {
      const names = Object.keys(row.values!).filter((name) => name.endsWith(` from ${type}`))
      return names.map((name) => show(row, name))
    }),
  )
  for (const each of found) expect(each).toEqual(found[0])
  return found[0]!
}

function show(row: Carried, column: string): string | null {
  const lines = row.corrections.filter((line) => line.startsWith(`${column} `))
  const codes = lines.map((line) => line.slice(column.length + 1).split(' ')[0])
  const value = row.values![column]
  return codes.length === 0 ? (value ?? null) : [value, ...codes].filter((each) => each != null).join(' ')
}

const whole = (x: Expression<string | null>): Readonly<Record<string, Cell>> => ({
  int2: ['int2', narrow(x, 'int2').orNull()],
  int4: ['int4', narrow(x, 'int4').orNull()],
  int8: ['int8', narrow(x, 'int8').orNull()],
})

const beyond = 'out-of-range'
const broken = 'not-an-integer'
const every = (found: string | null) => [found, found, found]

test('whole numbers of a wider type, to the ends of each', async () => {
  const cases: readonly (readonly [value: string | null, found: readonly (string | null)[]])[] = [
    ['32767', every('32767')],
    ['32768', [beyond, '32768', '32768']],
    ['-32768', every('-32768')],
    ['-32769', [beyond, '-32769', '-32769']],
    ['2147483647', [beyond, '2147483647', '2147483647']],
    ['2147483648', [beyond, beyond, '2147483648']],
    ['-2147483648', [beyond, '-2147483648', '-2147483648']],
    ['-2147483649', [beyond, beyond, '-2147483649']],
    ['9223372036854775807', [beyond, beyond, '9223372036854775807']],
    ['-9223372036854775808', [beyond, beyond, '-9223372036854775808']],
    ['0', every('0')],
    [null, every(null)],
  ]
  const values = cases.map(([value]) => value)
  const found = cases.map(([, each]) => each)
  expect(await read(['int8', 'numeric'], values, whole)).toEqual(found)
})

test('numeric and double precision hold what no integer does', async () => {
  const cases: readonly (readonly [value: string, found: readonly (string | null)[]])[] = [
    ['NaN', every(beyond)],
    ['Infinity', every(beyond)],
    ['-Infinity', every(beyond)],
    ['1.5', every(broken)],
    ['-0.5', every(broken)],
    ['1e300', every(beyond)],
    ['-1e300', every(beyond)],
    ['1e-300', every(broken)],
    ['1.0', every('1')],
    ['-0', every('0')],
    ['1e4', every('10000')],
    ['9007199254740992', [beyond, beyond, '9007199254740992']],
  ]
  const values = cases.map(([value]) => value)
  const found = cases.map(([, each]) => each)
  expect(await read(['numeric', 'float8'], values, whole)).toEqual(found)
  const edges = ['9223372036854775807.5', '9223372036854775808', '-9223372036854775809', '32767.000000001']
  expect(await read(['numeric'], edges, whole)).toEqual([broken, beyond, beyond, broken].map(every))
})

const cents = (x: Expression<string | null>): Readonly<Record<string, Cell>> => ({
  cents: ['numeric(5,2)', narrow(x, { precision: 5, scale: 2 }).orNull()],
  whole: ['numeric(2,0)', narrow(x, { precision: 2, scale: 0 }).orNull()],
  share: ['numeric(2,2)', narrow(x, { precision: 2, scale: 2 }).orNull()],
})

test('digits beyond the scale are rounded half away from zero; what rounds to one digit more is out of range', async () => {
  const cases: readonly (readonly [value: string | null, ...found: (string | null)[]])[] = [
    ['0.1', '0.10', '0 rounded', '0.10'],
    ['0.985', '0.99 rounded', '1 rounded', '0.99 rounded'],
    ['0.995', '1.00 rounded', '1 rounded', beyond],
    ['-0.9949', '-0.99 rounded', '-1 rounded', '-0.99 rounded'],
    ['-0.995', '-1.00 rounded', '-1 rounded', beyond],
    ['2.5', '2.50', '3 rounded', beyond],
    ['-2.5', '-2.50', '-3 rounded', beyond],
    ['99.4999', '99.50 rounded', '99 rounded', beyond],
    ['99.5', '99.50', beyond, beyond],
    ['999.994', '999.99 rounded', beyond, beyond],
    ['999.995', beyond, beyond, beyond],
    ['-999.995', beyond, beyond, beyond],
    ['1e300', beyond, beyond, beyond],
    ['1e-300', '0.00 rounded', '0 rounded', '0.00 rounded'],
    ['NaN', beyond, beyond, beyond],
    ['Infinity', beyond, beyond, beyond],
    ['-Infinity', beyond, beyond, beyond],
    ['-0', '0.00', '0', '0.00'],
    ['7', '7.00', '7', beyond],
    [null, null, null, null],
  ]
  const values = cases.map(([value]) => value)
  const found = cases.map(([, ...each]) => each)
  expect(await read(['numeric', 'float8'], values, cents)).toEqual(found)
})

test('a floating-point number is taken for the shortest decimal that names it', async () => {
  const cases: readonly (readonly [value: string, exact: string, cents: string, int8: string])[] = [
    ['0.1', '0.10000000000000000000', '0.10', broken],
    ['1.005', '1.00500000000000000000', '1.01 rounded', broken],
    ['0.30000000000000004', '0.30000000000000004000', '0.30 rounded', broken],
    ['123456789.123456789', '123456789.12345679000000000000', '123456789.12 rounded', broken],
    ['4.9e-324', '0.00000000000000000000 rounded', '0.00 rounded', broken],
    ['1.7976931348623157e308', beyond, beyond, beyond],
    // As JavaScript prints it: the digits that follow are not in the name.
    [
      '1152921504606846976',
      '1152921504606847000.00000000000000000000',
      '1152921504606847000.00',
      '1152921504606847000',
    ],
    // The last int8 is one less than the nearest floating-point number.
    ['9223372036854775807', '9223372036854776000.00000000000000000000', '9223372036854776000.00', beyond],
  ]
  const found = await read(
    ['float8'],
    cases.map(([value]) => value),
    (x) => ({
      exact: ['numeric', narrow(x, { precision: 60, scale: 20 }).orNull()],
      cents: ['numeric', narrow(x, { precision: 30, scale: 2 }).orNull()],
      int8: ['int8', narrow(x, 'int8').orNull()],
    }),
  )
  expect(found).toEqual(cases.map(([, ...each]) => each))
})

test('the widest types that numeric has', async () => {
  const found = await read(['numeric'], ['0.5', '1', `0.${'9'.repeat(1000)}`, `0.${'9'.repeat(1000)}5`], (x) => ({
    share: ['numeric', narrow(x, { precision: 1000, scale: 1000 }).orNull()],
  }))
  expect(found).toEqual([[`0.5${'0'.repeat(999)}`], [beyond], [`0.${'9'.repeat(1000)}`], [beyond]])
})

test('a type that numeric does not have is refused in the definition', () => {
  const types = [
    ...[
      { precision: 5, scale: -1 },
      { precision: 2, scale: 3 },
      { precision: 0, scale: 0 },
    ],
    ...[
      { precision: 1001, scale: 0 },
      { precision: 5.5, scale: 2 },
      { precision: Number.NaN, scale: 2 },
    ],
  ]
  for (const type of types) {
    expect(() => narrow(sql<string>`x`, type), JSON.stringify(type)).toThrow(/^narrow cannot work with/)
  }
})

test('the row is set aside with the reason, or the original is kept', async () => {
  const rows = await carry(
    database,
    { x: 'float8', y: 'numeric' },
    [
      { x: '1.5', y: '0' },
      { x: 'NaN', y: '0' },
      { x: '1', y: '1.005' },
      { x: '1', y: '1e9' },
    ],
    ({ x, y }) => ({
      x: ['int4', narrow(x!, 'int4').orQuarantine()],
      y: ['numeric(5,2)', narrow(y!, { precision: 5, scale: 2 }).orElse('-1', 'too-much')],
    }),
  )
  expect(rows.map((row) => row.quarantine)).toEqual([[broken], [beyond], [], []])
  expect(rows.map((row) => row.corrections)).toEqual([[], [], ['y rounded 1.005'], ['y too-much 1000000000']])
  expect(rows.map((row) => row.values?.y)).toEqual([undefined, undefined, '1.01', '-1.00'])
})
