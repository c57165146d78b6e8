import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { drover, expectRefusal, expectUntouched } from './drover.ts'
import { it } from './source-database.ts'

const words = ['duplicates', 'suggest', 'migration.ts', '--mapping', 'clinics']

it.concurrent('duplicates suggest shows clusters by key, and writes the pairs that make them', async ({ database }) => {
  await database.query(`insert into legacy.clinics
    select 'z' || i, name, 'Long Street ' || i / 3, 'active', timestamp '2024-01-01'
    from (values (1, 'Oberhauser Dental Care'), (2, 'Oberhausre Dental Care'), (3, 'Kellermann & Sons'),
      (4, 'KELLERMANN, Sons'), (60, 'Somebody Else')) as v (i, name)`)
  await database.query(`update legacy.clinics set location = 'Long Street' where id like 'z_'`)
  const file = join(tmpdir(), `drover-pairs-${database.name}.json`)
  const flags = ['--columns', 'name,location', '--out-pairs', file]
  const { exit, stdout, stderr } = await drover([...words, ...flags], { database: database.url })
  expect({ exit, stderr }).toMatchObject({
    exit: 0,
    stderr: expect.stringMatching(/^Reading the columns.*\nComparing/),
  })
  expect(stdout).toMatch(
    /^Cluster 2, 2 rows, weakest link 1\.00:\n {2}key {2}name \(masked\) .*\n {2}z3 {3}aaaaaaaaaa & aaaa /m,
  )
  expect(stdout).not.toMatch(/Kellermann|Street/i)
  const pairs = JSON.parse(await readFile(file, 'utf8'))
  expect(pairs).toContainEqual(['z1', 'z2'])
  expect(pairs).toContainEqual(['z3', 'z4'])
  const json = await drover([...words, '--json', '--columns', 'name,location', '--show-values'], {
    database: database.url,
  })
  expect(json.stderr).toBe('')
  expect(JSON.parse(json.stdout).clusters[1].rows[0].cells[0]).toMatchObject({
    value: 'Kellermann & Sons',
    isMasked: false,
  })
  await expectUntouched(database)
  await rm(file)
})

it.concurrent('duplicates suggest refuses what is not there, and says what is', async ({ database }) => {
  const call = { database: database.url }
  expectRefusal(await drover([...words.slice(0, -1), 'clinic'], call), {
    exit: 2,
    code: 'usage-invalid',
    what: 'The migration has no mapping clinic.',
    remedy: 'Name one of: clinics, vals.',
  })
  expectRefusal(await drover([...words, '--columns', 'town'], call), {
    exit: 2,
    code: 'usage-invalid',
    what: 'The table has no column town.',
    remedy: /Name some of: .*location/,
  })
  const wrong = await drover([...words, '--threshold', '7'], call)
  expect(wrong).toMatchObject({ exit: 2, stderr: expect.stringContaining('at most 1, such as 0.85') })
})
