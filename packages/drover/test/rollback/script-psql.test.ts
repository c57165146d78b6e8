import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { run } from '../../src/run/run.ts'
import { allowed, fill, planFor, schema, withDatabase } from '../run/fixture.ts'
import { createDatabase } from '../support/postgres.ts'
import { stateOf } from '../support/state.ts'
import { scriptOf } from './run-script.ts'

const execute = promisify(execFile)
const hasPsql = await execute('psql', ['--version']).then(
  () => true,
  () => false,
)
if (!hasPsql) console.warn('psql is not installed: the tests that need it were skipped.')

test.skipIf(!hasPsql).each(['chunks', 'one transaction'] as const)('psql runs the script, in %s', async (mode) => {
  const database = await createDatabase()
  const directory = await mkdtemp(join(tmpdir(), 'drover-script-'))
  const file = join(directory, 'back.sql')
  const psql = () => execute('psql', ['-X', '-v', 'ON_ERROR_STOP=1', '-f', file, database.url])
  await database.query(schema + fill(20, 1_000))
  await withDatabase(database.url, async (db) => {
    const before = await stateOf(database, db, ['old', 'new'])
    await run(db, await planFor(db), { allowed })
    await writeFile(file, await scriptOf(db, { mode }))
    await database.query(`update new.visits set amount = 1 where id = (select min(id::text)::uuid from new.visits)`)
    await expect(psql()).rejects.toMatchObject({
      code: 3,
      stderr: expect.stringMatching(
        /ERROR: {2}Others have written since the run[\s\S]*DETAIL: {2}new.visits: 1 rows changed since/,
      ),
    })
    await writeFile(file, await scriptOf(db, { mode, onConflict: { '*': 'discard' } }))
    const { stdout } = await psql()
    expect(stdout).toContain('new.visits is as it was: 0 rows.')
    expect(await stateOf(database, db, ['old', 'new'])).toEqual(before)
    expect((await psql()).stderr).toContain('nothing is left to do')
  })
  await rm(directory, { recursive: true })
})
