import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { canonicalCatalog } from '../../src/catalog/fingerprint.ts'
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

/** A plan with one text, as far as hashing it goes. */
function planOf(text: string): Omit<Plan, 'hash'> {
  return { version: 1, migration: 'm', mappings: [{ text }, { text }], checks: [], catalog } as unknown as Plan
}

test.each([
  ['short', 'a'],
  ['longer than what is hashed at a time', '€'.repeat(100_000)],
  ['of characters that are two units each', `x${'𝄞'.repeat(50_000)}`],
  ['of half a character', '\ud834'],
])('a text %s is hashed as its JSON is in UTF-8', (_, text) => {
  const plan = planOf(text)
  const json = JSON.stringify({ ...plan, catalog: canonicalCatalog(catalog, []) })
  expect(hashPlan(plan)).toBe(createHash('sha256').update(json).digest('hex'))
})
