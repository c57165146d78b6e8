import fc from 'fast-check'
import { expect, test } from 'vitest'
import { oneOf, sql } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'
import { carry } from './carry.ts'

const database = await createDatabase()
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
