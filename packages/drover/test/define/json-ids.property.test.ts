import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rewriteIds } from '../../src/index.ts'
import { migrate, named } from './documents.ts'

const word = fc.oneof(
  fc.constantFrom(
    'c1',
    'c2',
    'c"3',
    'lost',
    'clinicId',
    'the "clinics"',
    'roomIds',
    '1',
    '": "c1',
    '\\',
    '[',
    ']", "',
    '',
  ),
  fc.string({ maxLength: 4 }).filter((text) => !text.includes('\0')),
)
const leaf = fc.oneof(word, word, fc.constantFrom(1, 2, 3, 1.5, -1, 1e21, true, null))
const documents = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(leaf, { maxLength: 3 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...Object.keys(named)), word), tie('value'), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
})).value

test('any document: as a walk in JavaScript would rewrite it', async () => {
  const seed = Date.now()
  const given = fc.sample(documents, { numRuns: 600, seed })
  const { id, layouts, logs } = await migrate(given, (x) => rewriteIds(x, named).orKeep())
  const known = new Map<string, unknown>(['c1', 'c"3', 'clinicId'].map((key) => [key, id(key)]))
  const targets = {
    clinicId: known,
    'the "clinics"': known,
    roomIds: new Map<string, unknown>([
      ['1', 101],
      ['2', 102],
    ]),
  }
  const notes: string[] = []
  const isId = (value: unknown) => typeof value === 'string' || typeof value === 'number'
  const follow = (name: keyof typeof targets, key: unknown, at: number): unknown => {
    const target = targets[name].get(String(key))
    if (target !== undefined) return target
    notes.push(`note ${at} layout ${key === 'c2' && name !== 'roomIds' ? 'waiting' : 'orphan'}`)
    return key
  }
  const rewrite = (value: unknown, at: number): unknown => {
    if (Array.isArray(value)) return value.map((entry) => rewrite(entry, at))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => {
        if (!Object.hasOwn(targets, name)) return [name, rewrite(member, at)]
        if (isId(member)) return [name, follow(name as keyof typeof targets, member, at)]
        if (Array.isArray(member) && member.every(isId)) {
          return [name, member.map((key) => follow(name as keyof typeof targets, key, at))]
        }
        return [name, rewrite(member, at)]
      }),
    )
  }
  const expected = given.map((document, at) => rewrite(document, at))
  const differences = expected.flatMap((layout, i) =>
    isDeepStrictEqual(layouts[i], layout) ? [] : [{ given: given[i], found: layouts[i], layout }],
  )
  expect(differences.slice(0, 3), `seed ${seed}`).toEqual([])
  expect(logs, `seed ${seed}`).toEqual([...new Set(notes)].sort())
  expect(notes.length, `seed ${seed}`).toBeGreaterThan(50)
})
