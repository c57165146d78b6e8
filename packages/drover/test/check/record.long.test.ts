import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { drover, sourceDatabase } from '../cli/drover.ts'
import { departures } from '../report/schema-check.ts'
import type { TestDatabase } from '../support/postgres.ts'

const schema = JSON.parse(readFileSync(new URL('../../src/report/report.schema.json', import.meta.url), 'utf8'))

let database: TestDatabase

beforeAll(async () => {
  database = await sourceDatabase()
})

const call = (...words: readonly string[]) => drover(words, { database: database.url })

test('a check leaves no trace, unless it is to be recorded; the report sets it beside the run', async () => {
  const hasLedger = () => database.query("select from pg_namespace where nspname = 'drover'")
  const { stdout } = await call('check', 'migration.ts', '--json', '--show-values')
  const check = JSON.parse(stdout)
  expect(await hasLedger()).toEqual([])
  expect(check.mappings[1]).toMatchObject({ mapping: 'vals', read: '1000', quarantined: '249' })
  expect(check.mappings[1].orphans).toEqual([
    { kind: 'reference', parent: 'clinics', reads: ['v.clinic_id'], rows: '81', keys: expect.any(Array) },
  ])
  const value = check.profiles[1].columns.find(({ name }: { name: string }) => name === 'value')
  expect(value).toMatchObject({ shows: 'values', min: '$1,234.50', max: 'N/A' })

  const recorded = await call('check', 'migration.ts', '--record', '--show-values')
  expect(recorded.exit).toBe(0)
  expect(recorded.stderr).toMatch(/^Recorded for plan [0-9a-f]{12}\.$/m)
  expect(recorded.stdout).toMatch(/^to know +no row in clinics +vals +v\.clinic_id +81$/m)
  const [row] = await database.query('select migration, plan_hash, outlook from drover.outlook')
  expect(row).toMatchObject({ migration: 'smoke', plan_hash: check.planHash })
  // What was shown is not kept.
  expect(JSON.stringify(row!.outlook)).not.toContain('1,234.50')

  const { planHash } = check
  await database.query(
    `insert into drover.outlook (migration, plan_hash, outlook) values ('smoke', 'another', '{}'), ('other', $1, '{}')`,
    [planHash],
  )
  expect((await call('run', 'migration.ts', '--allow', 'merges-rows,unrehearsed,drops-indexes')).exit).toBe(3)
  const report = JSON.parse((await call('report', '--format', 'json')).stdout)
  expect(departures(report, schema)).toEqual([])
  expect(report.run.planHash).toBe(planHash)
  expect(report.dataQuality.codes.length).toBeGreaterThan(4)
  for (const { foreseen, actual } of report.dataQuality.codes) expect(foreseen).toBe(actual)
  expect(report.dataQuality).toMatchObject({
    violations: [],
    orphans: [{ mapping: 'vals', kind: 'reference', rows: '81' }],
  })
  expect((await call('report')).stdout).toMatch(/^## Data quality\n\nChecked 20\d\d-/m)
})

test('without a check that was recorded before the run the report says so', async () => {
  await database.query('delete from drover.outlook')
  expect((await call('check', 'migration.ts', '--record')).stderr).toMatch(/^Recorded for plan /m)
  const report = JSON.parse((await call('report', '--format', 'json')).stdout)
  expect(report.dataQuality).toBeNull()
  expect(departures(report, schema)).toEqual([])
})
