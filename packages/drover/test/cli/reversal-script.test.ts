import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runScript } from '../rollback/run-script.ts'
import { digest } from '../support/digest.ts'
import { allowed, drover, sourceDatabase } from './drover.ts'

test('a reversal script is written, says how it is run, and takes the run back', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'drover-script-'))
  const database = await sourceDatabase()
  const call = (...words: readonly string[]) => drover(words, { database: database.url })
  const before = await digest(database, ['legacy', 'public'])
  expect(await call('reversal-script')).toMatchObject({ exit: 2, stdout: '' })
  expect(await call('run', 'migration.ts', ...allowed)).toMatchObject({ exit: 3 })
  const file = join(directory, 'back.sql')
  const flags = ['--one-transaction', '--on-conflict', 'keep,public.vals=discard', '--allow', 'restore-fires-triggers']
  expect(await call('reversal-script', ...flags, '--out', file)).toEqual({
    exit: 0,
    stdout: '',
    stderr: `Wrote ${file}.\n`,
  })
  const script = await readFile(file, 'utf8')
  expect(script).toMatch(/^-- =+\n-- Takes run 1 of the migration ".+" back, without drover\.\n/)
  expect(script).toContain(`--   psql -X -v ON_ERROR_STOP=1 -f`)
  expect(script).toContain(`set drover.on_conflict = '{"*":"keep","public.vals":"discard"}';`)
  expect(script).toContain(`set drover.allow_triggers = 'on';`)
  const { stdout } = await call('reversal-script')
  expect(stdout).toContain(`set drover.on_conflict = '{}';`)
  await runScript(database.url, stdout)
  expect(await digest(database, ['legacy', 'public'])).toEqual(before)
  expect(await call('reversal-script')).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining('Run 1 is rolled back and cannot be taken back.'),
  })
  await rm(directory, { recursive: true })
})
