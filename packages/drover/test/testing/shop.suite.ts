// A suite as a user of node:test writes it. Its second test must fail.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acceptance, dispositionOf, expectDispositions, expectRow, testDatabase } from 'drover/testing'
import { customers, rows, schema, shop } from './shop.ts'

const setup = [schema, rows]

test('the shop', async () => {
  await using database = await testDatabase({ setup })
  console.log(`made ${database.name}`)
  const result = await acceptance({ migration: shop, database, allow: ['drops-indexes'] })
  expectDispositions(result, { customers: { loaded: 3, quarantined: { 'no-email': 2 } } })
  await expectRow(result, customers, 1, { email: 'ann@example.org' })
  assert.equal((await dispositionOf(result, 'customers', 3)).disposition, 'quarantined')
})

test('a test that fails, and drops nothing', async () => {
  const database = await testDatabase({ setup })
  console.log(`made ${database.name}`)
  const result = await acceptance({ migration: shop, database, allow: ['drops-indexes'] })
  expectDispositions(result, { customers: { loaded: 5 } })
})
