import pg from 'pg'
import { expect, test } from 'vitest'
import { readCatalog } from '../../../packages/drover/src/catalog/read.ts'
import { draftMigration } from '../../../packages/drover/src/draft/draft-migration.ts'
import { buildPlan } from '../../../packages/drover/src/plan/build.ts'
import { withDatabase } from '../../../packages/drover/test/run/fixture.ts'
import { createDatabase } from '../../../packages/drover/test/support/postgres.ts'
import { createSchemas } from '../database.ts'
import { tokenKey } from './command.ts'

// What `drover init` drafts of the two schemas, beside the migration that people wrote.

test('what is drafted is right, and what it cannot know is left open', async () => {
  process.env.DROVER_EXAMPLE_TOKEN_KEY = tokenKey.toString('base64')
  const { default: migration } = await import('../migration.ts')
  const database = await createDatabase()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await createSchemas(client)
  await client.end()
  const schemas = ['legacy', 'migration_input', 'auth', 'public']
  const catalog = await withDatabase(database.url, (db) =>
    db.transaction((tx) => readCatalog((text, values) => tx.query(text, values), schemas), { readOnly: true }),
  )
  const plan = buildPlan(migration, catalog)
  const draft = draftMigration(catalog, { from: ['legacy'], to: ['public'] })

  const count = { right: 0, open: 0, left: 0 }
  const wrong: string[] = []
  for (const { source, target, columns } of draft.mappings) {
    // Some read from a query over the table.
    const of = plan.mappings.find(
      (each) => [`legacy.${source.name}`, 'query'].includes(each.source) && each.target === `public.${target.name}`,
    )
    if (of === undefined) {
      wrong.push(`${source.name} → ${target.name}`)
      continue
    }
    for (const { column, sources, value } of columns) {
      if (value.kind === 'undecided') count.open++
      else if (value.kind === 'left') count.left++
      else {
        const reads = of.columns.find(({ name }) => name === column.name)?.reads ?? []
        const isRead = sources.every((name) => reads.some((read) => read.endsWith(`.${name}`)))
        if (isRead) count.right++
        else wrong.push(`${target.name}.${column.name} ← ${sources.join(', ')}, not ${reads.join(', ')}`)
      }
    }
  }
  expect(wrong).toEqual([])
  expect(count).toEqual({ right: 59, open: 15, left: 20 })
})
