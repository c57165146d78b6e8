import { test } from 'vitest'
import type { TestDatabase } from '../support/postgres.ts'
import { sourceDatabase } from './drover.ts'

/** A test with a database of its own, which holds what the fixture's migration reads. */
export const it = test.extend<{ database: TestDatabase }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what the fixture needs.
  database: async ({}, use) => {
    const database = await sourceDatabase()
    await use(database)
    await database.drop()
  },
})
