import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonPieces } from '../../src/plan/json.ts'

test('the pieces of an object are its JSON', () => {
  const lists = fc.dictionary(fc.string(), fc.oneof(fc.array(fc.jsonValue()), fc.jsonValue(), fc.constant(undefined)))
  fc.assert(
    fc.property(lists, (object) => {
      expect([...jsonPieces(object)].join('')).toBe(JSON.stringify(object))
    }),
  )
})

test('a list is never one piece', () => {
  expect([...jsonPieces({ a: [{ b: [1, 2] }, 'c'], d: 1 })]).toEqual([
    '{"a":',
    '[{"b":[1,2]}',
    ',"c"',
    ']',
    ',"d":',
    '1',
    '}',
  ])
})
