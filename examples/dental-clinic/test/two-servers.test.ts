import pg from 'pg'
import { expect, test } from 'vitest'
import { connectTo } from '../../../packages/drover/test/support/connect.ts'
import { startInMemory } from '../../../packages/drover/test/support/in-memory.ts'
import { createDatabase, type TestDatabase } from '../../../packages/drover/test/support/postgres.ts'
import { createSchemas } from '../database.ts'
import { generate } from '../generator/index.ts'
import { allow, drover } from './command.ts'
import { outcomeOf } from './outcome.ts'

/** Makes the schemas and the legacy data. */
async function fill(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await createSchemas(client)
  await generate(async (text) => (await client.query(text)).rows ?? [], { scale: 'xs', seed: 1, foreignKeys: 'loose' })
  await client.end()
}

test('the migration over two servers gives what it gives over one', async () => {
  const other = await startInMemory()
  try {
    const template = await createDatabase()
    await Promise.all([fill(template.url), fill(other.url)])
    const one = await createDatabase(template.name)
    const two = await createDatabase(template.name)
    // What the migration reads stands on the other server alone, what it loads on this one.
    await two.query('drop schema legacy, migration_input cascade')
    await connectTo(other.url).query('drop schema auth, public cascade')

    const run = (database: TestDatabase, ...flags: readonly string[]) =>
      drover(database, 'run', 'migration.ts', ...allow, ...flags)
    const [alone, landed] = await Promise.all([run(one), run(two, '--source-url', other.url)])
    expect([alone.code, landed.code], landed.stderr).toEqual([3, 3])
    expect(landed.stderr).toContain('legacy.metric_values has landed: 400 rows, the same lookup3 on both sides.')
    expect(await outcomeOf(two)).toEqual(await outcomeOf(one))

    const again = await run(two, '--source-url', other.url)
    expect([again.code, again.stderr]).toEqual([3, expect.not.stringContaining('landed')])
  } finally {
    await other.stop()
  }
})
