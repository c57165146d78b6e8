import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mapValues, oneOf, sql, type text } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'
import { carry } from './carry.ts'

const database = await createDatabase()
const uuid = '550e8400-e29b-41d4-a716-446655440000'
const roles = ['viewer', 'staff', 'clinic_admin'] as const
const aliases = { office_manager: 'clinic_admin', 'Front Desk': 'staff' } as const

test('words in any case, with spaces and hyphens, and by their aliases', async () => {
  const cases: readonly (readonly [text: string | null, word: string | null, correction: string[]])[] = [
    ['viewer', 'viewer', []],
    ['Viewer', 'viewer', []],
    ['  VIEWER\u00a0', 'viewer', []],
    ['clinic admin', 'clinic_admin', ['role alias clinic admin']],
    ['Clinic-Admin', 'clinic_admin', ['role alias Clinic-Admin']],
    ['office manager', 'clinic_admin', ['role alias office manager']],
    ['FRONT-DESK', 'staff', ['role alias FRONT-DESK']],
    ['view er', null, ['role not-in-list view er']],
    ['viewers', null, ['role not-in-list viewers']],
    ['', null, ['role not-in-list ']],
    [' ', null, ['role not-in-list  ']],
    ["viewer'", null, ["role not-in-list viewer'"]],
    ['vıewer', null, ['role not-in-list vıewer']],
    ['ＶＩＥＷＥＲ', null, ['role not-in-list ＶＩＥＷＥＲ']],
    [null, null, []],
  ]
  const rows = await carry(
    database,
    { x: 'text' },
    cases.map(([x]) => ({ x })),
    ({ x }) => ({ role: ['text', oneOf(x!, roles, { aliases }).orNull()] }),
  )
  expect(rows.map((row) => [row.values!.role, row.corrections])).toEqual(cases.map(([, ...expected]) => expected))
})

test('the words themselves may hold capitals, spaces, hyphens and quotes', async () => {
  const rows = await carry(
    database,
    { x: 'text' },
    ['In progress', 'in-progress', "won't fix", 'NO_SHOW', 'no-show'].map((x) => ({ x })),
    ({ x }) => ({ state: ['text', oneOf(x!, ['In progress', 'no-show', "Won't fix"]).orQuarantine()] }),
  )
  expect(rows.map((row) => row.values!.state)).toEqual([
    'In progress',
    'In progress',
    "Won't fix",
    'no-show',
    'no-show',
  ])
  expect(rows.flatMap((row) => row.corrections)).toEqual(['state alias in-progress', 'state alias NO_SHOW'])
})

test('into an enum of the target', async () => {
  await database.query(`create type outputs.size as enum ('small', 'Large')`)
  const rows = await carry(
    database,
    { x: 'text' },
    ['SMALL', 'large', 'huge', null].map((x) => ({ x })),
    ({ x }) => ({ size: ['outputs.size', oneOf(x!, ['small', 'Large']).orElse('Large')] }),
  )
  expect(rows.map((row) => row.values!.size)).toEqual(['small', 'Large', 'Large', null])
  expect(rows.map((row) => row.corrections)).toEqual([[], [], ['size not-in-list huge'], []])
})

test('blanks around a word of the list are no part of it, whichever they are', async () => {
  const rows = await carry(database, { x: 'text' }, [{ x: 'open' }, { x: '\u200bOpen\u3000' }], ({ x }) => ({
    word: ['text', oneOf(x!, ['open\u200b\u2003']).orQuarantine()],
  }))
  expect(rows.map((row) => row.values?.word)).toEqual(['open\u200b\u2003', 'open\u200b\u2003'])
})

test('one spelling cannot stand for two words', () => {
  const x = sql<string>`x`
  expect(() => oneOf(x, ['no-show', 'no_show'])).toThrow(/cannot tell 'no-show' from 'no_show'/)
  expect(() => oneOf(x, ['a', 'b'], { aliases: { A: 'b' } })).toThrow(/cannot tell 'a' from 'b'/)
})

test('any text is a word of the list or guarded', async () => {
  const part = fc.constantFrom('view', 'er', 'staff', 'clinic', 'admin', ' ', '-', '_', 'office', 'manager', 'İ', 'ß')
  const cased = fc.tuple(part, fc.boolean()).map(([text, upper]) => (upper ? text.toUpperCase() : text))
  const seed = Date.now()
  const texts = fc.sample(
    fc.array(cased, { maxLength: 4 }).map((parts) => parts.join('')),
    { numRuns: 500, seed },
  )
  const rows = await carry(
    database,
    { x: 'text' },
    texts.map((x) => ({ x })),
    ({ x }) => ({ role: ['text', oneOf(x!, roles, { aliases }).orNull()] }),
  )
  const known = new Map<string, string>([
    ...roles.map((role) => [role, role] as const),
    ['office_manager', 'clinic_admin'],
    ['front_desk', 'staff'],
  ])
  const ascii = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
  const expected = texts.map((text) => {
    const word = known.get(ascii(text.trim()).replaceAll(/[ -]/g, '_'))
    if (word === undefined) return [null, [`role not-in-list ${text}`]]
    return [word, word === ascii(text.trim()) ? [] : [`role alias ${text}`]]
  })
  expect(
    rows.map((row) => [row.values!.role, row.corrections]),
    `seed ${seed}`,
  ).toEqual(expected)
})

test('values stand for others, compared byte for byte', async () => {
  const words = {
    '1': 'clinic',
    Lab: 'laboratory',
    '': 'none',
    "o'x": 'quoted',
    é: 'accent',
    ' 2': 'blank',
    null: 'word',
  }
  const unknown = ['2', 'lab', 'LAB', 'Lab ', ' 1', '01', '1.0', 'e\u0301', 'É', 'lаb', "o''x", '1\n', '\u200b', 'NULL']
  const known = Object.keys(words)
  const rows = await carry(
    database,
    { x: 'text' },
    [...known, ...unknown, null].map((x) => ({ x })),
    ({ x }) => ({
      kind: ['text', mapValues(x!, words).orNull()],
      coded: ['text', mapValues(x!, words).orElse('clinic', 'no-kind')],
    }),
  )
  expect(rows.map((row) => row.values!.kind)).toEqual([...Object.values(words), ...unknown.map(() => null), null])
  expect(rows.map((row) => row.values!.coded)).toEqual([...Object.values(words), ...unknown.map(() => 'clinic'), null])
  expect(rows.map((row) => row.corrections)).toEqual([
    ...known.map(() => []),
    ...unknown.map((text) => [`coded no-kind ${text}`, `kind unknown-value ${text}`]),
    [],
  ])
})

test('from and into other types; null may stand for a value without being a failure', async () => {
  await database.query(`create schema if not exists outputs; create type outputs.kind as enum ('clinic', 'other one')`)
  const rows = await carry(
    database,
    { number: 'int', large: 'int8', truth: 'bool', uuid: 'uuid', fixed: 'char(4)', text: 'text' },
    [
      { number: '-1', large: '9223372036854775807', truth: 'true', uuid: uuid.toUpperCase(), fixed: 'a', text: 'yes' },
      { number: '1', large: '1', truth: 'false', uuid: null, fixed: 'b', text: 'no' },
      { number: null, large: null, truth: null, uuid: null, fixed: null, text: null },
      { number: '0', large: '-1', truth: 'true', uuid: uuid.replace('5', '6'), fixed: 'A', text: 'Yes' },
    ],
    ({ number, large, truth, uuid: id, fixed, text }) => ({
      kind: ['outputs.kind', mapValues(number!, { '-1': 'clinic', '1': 'other one' }).orNull()],
      count: ['int8', mapValues(large!, { '9223372036854775807': 1, '1': -2 }).orNull()],
      word: ['text', mapValues(truth!, { true: 'yes', false: 'no' }).orNull()],
      owner: ['text', mapValues(id!, { [uuid]: 'me' }).orNull()],
      fixed: ['numeric', mapValues(fixed!, { a: 0.5, b: null }).orNull()],
      none: ['int', mapValues(text!, { yes: null, no: null }).orNull()],
      truth: ['bool', mapValues(text!, { yes: true, no: false }).orNull()],
      made: ['text', mapValues(text!, { yes: sql<text>`${number} || '!'`, no: 'never' }).orNull()],
    }),
  )
  const nothing = { kind: null, count: null, word: null, owner: null, fixed: null, none: null, truth: null, made: null }
  expect(rows.map((row) => row.values)).toEqual([
    { kind: 'clinic', count: '1', word: 'yes', owner: 'me', fixed: '0.5', none: null, truth: 'true', made: '-1!' },
    { ...nothing, kind: 'other one', count: '-2', word: 'no', truth: 'false', made: 'never' },
    nothing,
    { ...nothing, word: 'yes' },
  ])
  const refused = rows.map((row) => row.corrections.map((line) => line.split(' ').slice(0, 2).join(' ')))
  const names = ['count', 'fixed', 'kind', 'made', 'none', 'owner', 'truth'].map((name) => `${name} unknown-value`)
  expect(refused).toEqual([[], [], [], names])
})

test('a list without values is refused in the definition', () => {
  expect(() => mapValues(sql<text>`x`, {})).toThrow('mapValues was given an empty list: every value would be refused.')
  expect(() => oneOf(sql<text>`x`, [])).toThrow('oneOf was given an empty list: every value would be refused.')
})
