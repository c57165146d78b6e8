import { readFile } from 'node:fs/promises'
import { beforeAll, expect, test } from 'vitest'
import { runStates } from '../../src/ledger/state.ts'
import { readReport } from '../../src/report/read.ts'
import { renderJson } from '../../src/report/render-json.ts'
import { renderMarkdown } from '../../src/report/render-markdown.ts'
import type { Report } from '../../src/report/report.ts'
import { verify } from '../../src/verify/verify.ts'
import { digest } from '../support/digest.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { createLoadedDatabase, oddKeys, withDatabase } from '../verify/fixture.ts'
import { sample } from './sample.ts'
import { departures } from './schema-check.ts'

const schema = JSON.parse(await readFile(new URL('../../src/report/report.schema.json', import.meta.url), 'utf8'))

let loaded: TestDatabase

beforeAll(async () => {
  loaded = await createLoadedDatabase()
})

async function reportAfter(change: string, { verified }: { readonly verified: boolean }): Promise<Report> {
  const database = await createDatabase(loaded.name)
  if (change !== '') await database.query(change)
  return withDatabase(database.url, async (db) => {
    if (verified) await verify(db, '1')
    return readReport(db, '1')
  })
}

const asJson = (report: Report) => JSON.parse(renderJson(report))

test.each([
  ['verified', '', true],
  ['not verified', '', false],
  ['failed', `delete from new.people where name = 'Patient 7'`, true],
  ['without samples', 'delete from drover.sample', false],
  ['unfinished', `update drover.step set state = 'waiting', source_rows = null where mapping = 'odd'`, false],
])('a report of a run that is %s follows the schema', async (_, change, verified) => {
  expect(departures(asJson(await reportAfter(change, { verified })), schema)).toEqual([])
})

test('the schema lets nothing else through', () => {
  const value = asJson(sample)
  expect(departures(value, schema)).toEqual([])
  const broken: readonly (readonly [string, unknown])[] = [
    ['$.run.state is none of', { ...value, run: { ...value.run, state: 'gone' } }],
    ['$.mappings[0].loaded is no string', { ...value, mappings: [{ ...value.mappings[0], loaded: 998 }] }],
    ['$.version is not 1', { ...value, version: 2 }],
    ['$.more is not expected', { ...value, more: 1 }],
    [
      '$.quarantine[0].sampleKeys has too many',
      { ...value, quarantine: [{ ...value.quarantine[0], sampleKeys: [...'abcdef'] }] },
    ],
    ['$.events is missing', Object.fromEntries(Object.entries(value).filter(([name]) => name !== 'events'))],
  ]
  for (const [found, report] of broken) {
    expect(departures(report, schema)).toEqual([expect.stringContaining(found)])
  }
  expect(schema.$defs.run.properties.state.enum).toEqual(runStates)
})

test('the verdict says what is missing and why', async () => {
  const report = await reportAfter('', { verified: true })
  expect(report.verdict).toMatchObject({
    carriedOut: 'in full',
    verification: 'pass',
    sourceRows: '133',
    rowsInTarget: '119',
    rowsLeftOut: '14',
    sentences: [
      'Run 1 of practice was carried out in full.',
      expect.stringMatching(/^It was verified: all \d+ checks passed\.$/),
      '119 of 133 source rows have their row in the target.',
      '4 source rows were quarantined: 4 orphan (doctors).',
      "10 source rows were excluded by the migration's own condition.",
    ],
  })
})

test('rows are grouped by cause, with counts and the lowest keys', async () => {
  const { quarantine, notes, corrections, merges, hazards, mappings } = await reportAfter('', { verified: false })
  expect(quarantine).toMatchObject([
    {
      mapping: 'doctors',
      code: 'orphan',
      columns: ['clinic_id'],
      rows: '4',
      accepted: '0',
      sampleKeys: ['d10', 'd15', 'd20', 'd5'],
    },
  ])
  expect(corrections).toMatchObject([
    {
      mapping: 'patients',
      column: 'sex',
      code: 'unknown-sex',
      rows: expect.stringMatching(/^\d+$/),
      sampleKeys: ['p11', 'p14', 'p17', 'p2', 'p23'],
    },
  ])
  expect(notes).toEqual([])
  expect(merges).toEqual([
    {
      mapping: 'clinics',
      rows: '2',
      samplePairs: [
        { key: 'c2', survivor: 'c1' },
        { key: 'c5', survivor: 'c4' },
      ],
    },
  ])
  expect(hazards.map(({ name }) => name)).toEqual(['merges-rows', 'drops-indexes', 'unrehearsed'])
  expect(mappings.map(({ name, sourceRows, balances }) => [name, sourceRows, balances])).toEqual([
    ['clinics', '5', true],
    ['doctors', '20', true],
    ['patients', '100', true],
    ['odd', String(oddKeys.length), true],
  ])
})

const samples = `
delete from drover.sample;
insert into drover.sample (run_id, at, process, action, limit_name, reason, workers, memory_bytes)
select 1, timestamptz '2025-06-01 08:00:00+00' + second * interval '1 second', process, action, limit_name, 'why', workers, memory
from (values
  (0, 'host.1', 'wait', null::text, 0, 80000000::bigint),
  (1, 'host.1', 'go', null, 2, 90000000),
  (2, 'host.1', 'wait', 'replicationLagSeconds', 0, 85000000),
  (3, 'host.1', 'wait', 'replicationLagSeconds', 0, 85000000),
  (3.25, 'alpha.2', 'wait', 'replicationLagSeconds', 0, 9000000000),
  (4, 'host.1', 'go', null, 1, 85000000),
  (5, 'host.1', 'fewer-workers', 'activeSessions', 1, 85000000)
) as told (second, process, action, limit_name, workers, memory);`

test('rows that stay out for good are counted apart', async () => {
  const { quarantine, verdict } = await reportAfter(
    `update drover.quarantine set accepted_at = now(), accepted_by = 'somebody', accepted_why = 'gone' where source_key in ('d10', 'd5')`,
    { verified: false },
  )
  expect(quarantine.map(({ rows, accepted }) => [rows, accepted])).toEqual([['4', '2']])
  expect(verdict.sentences).toContain('Of these, 2 were accepted as they are: they stay out.')
})

/** Of samples that an older drover wrote. */
const untold = { cpuUserSeconds: null, cpuSystemSeconds: null, eventLoopPeakMs: null }

test('what each process took, and what held it back, is grouped', async () => {
  const { processes, decisions } = await reportAfter(samples, { verified: false })
  const at = (second: string) => `2025-06-01T08:00:0${second}Z`
  expect(processes).toEqual([
    { name: 'host.1', from: at('0'), to: at('5'), samples: '6', peakMemoryBytes: '90000000', workers: 2, ...untold },
    {
      name: 'alpha.2',
      from: at('3.25'),
      to: at('3.25'),
      samples: '1',
      peakMemoryBytes: '9000000000',
      workers: 0,
      ...untold,
    },
  ])
  expect(decisions).toEqual([
    { action: 'wait', limit: 'replicationLagSeconds', samples: '3', firstAt: at('2'), lastAt: at('3.25') },
    { action: 'go', limit: null, samples: '2', firstAt: at('1'), lastAt: at('4') },
    { action: 'wait', limit: null, samples: '1', firstAt: at('0'), lastAt: at('0') },
    { action: 'fewer-workers', limit: 'activeSessions', samples: '1', firstAt: at('5'), lastAt: at('5') },
  ])
})

test('a run without samples has no processes and no decisions, and says so', async () => {
  const report = await reportAfter('delete from drover.sample', { verified: false })
  expect([report.processes, report.decisions]).toEqual([[], []])
  expect(renderMarkdown(report)).toContain('## Processes\n\nNone.\n\n## Governor decisions\n\nNone.\n')
})

test('a note of the whole mapping has no rows of its own', async () => {
  const { notes } = await reportAfter(
    `insert into drover.note values (1, 'odd', null, 'constant', 'part'), (1, 'odd', 'a|b', 'seen', 'part')`,
    { verified: false },
  )
  expect(notes).toMatchObject([
    { mapping: 'odd', column: 'part', code: 'constant', rows: null, sampleKeys: [] },
    { mapping: 'odd', column: 'part', code: 'seen', rows: '1', sampleKeys: ['a|b'] },
  ])
})

test.each([
  ['never verified', '', 'not run', 'It was not verified.'],
  [
    'repaired since',
    `insert into drover.finding (run_id, check_name, verdict, detail) values (1, 'conservation', 'pass', 'x')`,
    'not run',
    'It was changed since it was verified: verify it again.',
  ],
  [
    'paused',
    `update drover.run set state = 'paused'; update drover.step set state = 'loading' where mapping = 'odd'`,
    'not run',
    'Run 1 of practice is paused: 3 of its 4 mappings are done.',
  ],
])('a run that was %s says so', async (_, change, verification, sentence) => {
  const { verdict } = await reportAfter(change, { verified: false })
  expect(verdict.verification).toBe(verification)
  expect(verdict.sentences).toContain(sentence)
})

test('a verification that failed is said so first, with the checks and mappings', async () => {
  const { verdict, run } = await reportAfter(`delete from new.people where name = 'Patient 7'`, { verified: true })
  expect(run.state).toBe('loaded')
  expect(verdict.verification).toBe('fail')
  expect(verdict.sentences[1]).toBe(
    'Verification failed: targets exist of patients, row comparison of patients, target rows.',
  )
})

test('a warning does not fail it, and is told', async () => {
  const { verdict } = await reportAfter('drop table old.odd', { verified: true })
  expect(verdict.verification).toBe('warn')
  expect(verdict.sentences[1]).toBe(
    'It was verified: no check failed, and there are warnings about source rows of odd, row comparison of odd.',
  )
})

// I8
test('keys are shown and values are not', async () => {
  const report = await reportAfter(`delete from new.people where name like 'Patient %'`, { verified: true })
  for (const text of [renderJson(report), renderMarkdown(report)]) {
    expect(text).toContain('p11')
    expect(text).not.toMatch(/Patient|Doctor|North/)
  }
})

test('hostile keys stay in their cells', async () => {
  const report = await reportAfter(
    `insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons)
    select 1, 'odd', source_key, 1, 'co|de' || row_number() over (), '[]' from drover.crosswalk_odd`,
    { verified: false },
  )
  expect(report.quarantine.flatMap(({ sampleKeys }) => sampleKeys)).toEqual(expect.arrayContaining([...oddKeys]))
  const section = renderMarkdown(report).split('## Quarantine\n\n')[1]!.split('\n\n')[0]!
  expect(new Set(section.split('\n').map((line) => line.split('|').length))).toEqual(new Set([8]))
  expect(section.replaceAll(/`[^`]*`/g, '')).not.toMatch(/<b>|\\|@|\]\(/)
})

// I5
test('nothing is written', async () => {
  const before = await digest(loaded, ['old', 'new', 'drover'])
  await withDatabase(loaded.url, (db) => readReport(db, '1'))
  expect(await digest(loaded, ['old', 'new', 'drover'])).toEqual(before)
})

test('without a ledger, and without the run, it says so', async () => {
  const empty = await createDatabase()
  await expect(withDatabase(empty.url, (db) => readReport(db, '1'))).rejects.toMatchObject({ code: 'ledger-missing' })
  await expect(withDatabase(loaded.url, (db) => readReport(db, '9'))).rejects.toMatchObject({ code: 'run-missing' })
})
