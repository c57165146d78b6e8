import { expect, test } from 'vitest'
import { createDatabase } from '../../../packages/drover/test/support/postgres.ts'
import { backAndForth } from './back-and-forth.ts'
import { legacyTemplate } from './dental.ts'

// At scale S: npm run test:rollback.
test.each(['drover', 'script'] as const)('the migration is taken back to the exact start by %s', async (means) => {
  const { name } = await legacyTemplate('xs')
  const { findings } = await backAndForth(await createDatabase(name), means)
  expect(findings.filter(([, holds]) => !holds)).toEqual([])
})
