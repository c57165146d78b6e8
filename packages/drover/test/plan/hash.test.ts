import { expect, test } from 'vitest'
import { hashPlan } from '../../src/plan/hash.ts'
import type { Plan } from '../../src/plan/plan.ts'

const catalog: Plan['catalog'] = {
  serverVersion: 180_004,
  schemas: ['old'],
  extensions: [],
  tables: [],
  enums: [],
  domains: [],
  sequences: [],
}

/** A plan of two texts, as far as hashing it goes. */
function hashOf(first: unknown, second: unknown): string {
  const plan = { version: 1, migration: 'm', mappings: [{ first }, { second }], checks: [], catalog }
  return hashPlan(plan as unknown as Omit<Plan, 'hash'>)
}

const long = 'x'.repeat(2_000)
/** What is hashed between the two texts. */
const between = ',},{"second":'

test('equal plans have one hash, which is no part of what is hashed', () => {
  expect(hashOf(long, 'a')).toBe(hashOf(long, 'a'))
  const plan = { version: 1, migration: 'm', mappings: [], checks: [], catalog } as unknown as Omit<Plan, 'hash'>
  expect(hashPlan({ ...plan, hash: 'another' })).toBe(hashPlan(plan))
  expect(hashOf(long, undefined)).not.toBe(hashOf(long, null))
})

test.each([
  ['one character of a long text', [`${long}a`, 'b'], [`${long}b`, 'b']],
  ['where one long text ends and the next begins', [`${long}${long}`, long], [long, `${long}${long}`]],
  ['which of two texts is the long one', [long, 'a'], ['a', long]],
  ['a number that stands where a length could', [`${long}`, 1], [2_000, `${long}`]],
  ['which text holds what stands between two', [long, `${long}${between}${long}`], [`${long}${between}${long}`, long]],
  ['half a character in a long text', [`${long}\ud834`, 'a'], [`${long}\ufffd`, 'a']],
  ['half a character in a short text', ['\ud834', 'a'], ['\ufffd', 'a']],
])('%s makes another hash', (_, one, other) => {
  expect(hashOf(one[0], one[1])).not.toBe(hashOf(other[0], other[1]))
})
