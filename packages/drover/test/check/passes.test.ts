import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readCheck } from '../../src/check/check.ts'
import { askAll } from '../../src/check/lanes.ts'
import { loadMigration } from '../../src/cli/load-migration.ts'
import { readSchemas } from '../../src/cli/read-schemas.ts'
import type { Database } from '../../src/db/connection.ts'
import { serverErrorOf } from '../../src/db/server-error.ts'
import { buildCheck } from '../../src/plan/check.ts'
import { readCase, restore, schemasIn } from '../golden/case.ts'
import { withOpenDatabase } from '../golden/databases.ts'

const folder = new URL('../golden/cases/', import.meta.url)

/** Cases with several mappings that depend on each other. */
const cases = ['waiting', 'two-into-one', 'split-table', 'survivor-refused', 'filled', 'circle', 'lookups', 'ref-when']
const present = readdirSync(folder).filter((name) => cases.includes(name))

describe('mappings foreseen together are what they are one by one', () => {
  test.each(present)('%s', async (name) => {
    await withOpenDatabase(async ({ database, db }) => {
      const golden = await readCase(name)
      await restore(database, golden)
      const migration = await loadMigration(golden.migration)
      const catalog = await readSchemas(db, await schemasIn(database))
      const facts = { hasLedger: false, expressions: new Map(), showsValues: false }
      const together = buildCheck(migration, catalog, { ...facts, rowsOf: () => 1_000_000 })
      const alone = buildCheck(migration, catalog, { ...facts, rowsOf: () => 0 })
      expect(alone.passes).toHaveLength(migration.mappings.length)
      expect(together.passes.length).toBeLessThanOrEqual(alone.passes.length)
      expect((await readCheck(db, together)).mappings).toEqual((await readCheck(db, alone)).mappings)
    })
  })

  test('some of them were together', async () => {
    expect(present.length).toBeGreaterThan(4)
  })
})

describe('two connections', () => {
  test('see one moment, and may write nothing', async () => {
    await withOpenDatabase(async ({ database, db }) => {
      await database.query('drop schema if exists seen cascade; create schema seen; create table seen.rows (i int)')
      // A row that comes in after the first connection has begun, and before the second one has.
      let begun = 0
      const late: Database = {
        ...db,
        transaction: async (work, options) => {
          begun += 1
          if (begun === 2) await database.query('insert into seen.rows values (0)')
          return db.transaction(work, options)
        },
      }
      const counts: unknown[] = []
      const refusals: (string | undefined)[] = []
      await askAll(
        late,
        [1, 2, 3, 4].map((weight) => ({
          weight,
          ask: async (tx) => {
            const [row] = await tx.query('select count(*)::int as n, pg_backend_pid() as pid from seen.rows')
            counts.push(row!.n)
            await database.query('insert into seen.rows values (1)')
            // So that the other connection gets some of the questions.
            await new Promise((resolve) => setTimeout(resolve, 100))
            await tx.query('savepoint before')
            refusals.push(
              await tx.query('insert into seen.rows values (2)').then(
                () => undefined,
                (thrown) => serverErrorOf(thrown)?.sqlstate,
              ),
            )
            await tx.query('rollback to savepoint before')
          },
        })),
      )
      expect(counts).toEqual([0, 0, 0, 0])
      expect(begun).toBe(2)
      expect(refusals).toEqual(['25006', '25006', '25006', '25006'])
      await database.query('drop schema seen cascade')
    })
  })

  test('the heaviest question is asked first, and the first failure is thrown', async () => {
    await withOpenDatabase(async ({ db }) => {
      const asked: number[] = []
      const ask = (weight: number) => async () => {
        asked.push(weight)
        if (weight === 3) throw new Error('three')
      }
      await expect(
        askAll(
          db,
          [1, 3, 5, 4].map((weight) => ({ weight, ask: ask(weight) })),
        ),
      ).rejects.toThrow('three')
      expect(asked.slice(0, 2).toSorted()).toEqual([4, 5])
    })
  })
})
