import { expect, test } from 'vitest'
import { sameAs, sql } from '../../src/index.ts'
import { compile } from '../../src/sql/compile.ts'

const key = sql.ref('c.id')
const groupsOf = (pairs: readonly (readonly string[])[]) =>
  JSON.parse(/'(\{.*\})'::jsonb/.exec(compile(sameAs(key, pairs).toOperationNode()))![1]!)

test('rows joined by pairs have the lowest of their keys, by code unit', () => {
  const chain = [
    ['d', 'c'],
    ['b', 'c'],
    ['é', 'Z'],
    ['10', '9'],
  ]
  expect(groupsOf(chain)).toEqual({ c: 'b', d: 'b', é: 'Z', '9': '10' })
  expect(groupsOf(chain.toReversed().map(([a, b]) => [b!, a!]))).toEqual(groupsOf(chain))
  expect(groupsOf([])).toEqual({})
  expect(groupsOf([['same', 'same']])).toEqual({})
})

test.each([[[['a', 'b', 'c']]], [[['a']]], [[['a', 1]]], [['ab']]])('%j is no list of pairs', (pairs) => {
  expect(() => sameAs(key, pairs as never)).toThrow(
    expect.objectContaining({ code: 'definition-invalid', where: 'entry 1 of the list' }),
  )
})
