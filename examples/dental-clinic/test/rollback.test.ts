import { expect, test } from 'vitest'
import { createDatabase } from '../../../packages/drover/test/support/postgres.ts'
import { backAndForth } from './back-and-forth.ts'
import { legacyTemplate } from './dental.ts'

test('at scale S the migration is taken back to the exact start, by drover and by the script alike', async () => {
  const { name } = await legacyTemplate()
  for (const means of ['drover', 'script'] as const) {
    const database = await createDatabase(name)
    const { findings } = await backAndForth(database, means)
    expect(findings.filter(([, holds]) => !holds)).toEqual([])
    await database.drop()
  }
}, 120_000)
