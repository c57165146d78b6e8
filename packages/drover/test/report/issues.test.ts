import { beforeAll, describe, expect, test } from 'vitest'
import { mostIssues, type ReportIssue, shorten } from '../../src/report/issues.ts'
import { readReport } from '../../src/report/read.ts'
import { rollback } from '../../src/rollback/rollback.ts'
import { verify } from '../../src/verify/verify.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { createLoadedDatabase, withDatabase } from '../verify/fixture.ts'
import { createFailedDatabase, mendAndResume } from './troubled.ts'

let failed: TestDatabase
let loaded: TestDatabase

beforeAll(async () => {
  failed = await createFailedDatabase()
  loaded = await createLoadedDatabase()
  // A machine that stands still for a second lets a worker look as if it were gone.
  await loaded.query('delete from drover.sample; update drover.chunk set attempts = 1 where attempts > 1')
  await loaded.disconnect()
})

const issuesOf = (database: TestDatabase) =>
  withDatabase(database.url, async (db) => (await readReport(db, '1')).issues)

async function issuesAfter(change: string, from = loaded): Promise<readonly ReportIssue[]> {
  const database = await createDatabase(from.name)
  await database.query(change)
  return issuesOf(database)
}

const said = (issues: readonly ReportIssue[]) =>
  issues.map(({ kind, mapping, times, what }) => [kind, mapping, times, what])

describe('of a load that has failed', () => {
  test('are told: attempts, the row that was refused, and why it failed', async () => {
    const issues = said(await issuesAfter('delete from drover.sample', failed))
    expect(issues).toEqual(
      expect.arrayContaining([
        ['attempt', 'items', '1', 'A chunk was begun again: SQLSTATE 40001, serialization failure.'],
        [
          'attempt',
          'items',
          '1',
          'A chunk was halved: SQLSTATE 57014, the statement took longer than its timeout, or was cancelled.',
        ],
        ['attempt', 'items', '1', 'A chunk failed: SQLSTATE 42P01, the table does not exist.'],
        ['refused', 'items', '1', 'A row was set aside that the database refuses: SQLSTATE P0001.'],
        [
          'failure',
          null,
          '1',
          expect.stringMatching(/^The run failed\. Chunk 8 of mapping items could not be .* Why: SQLSTATE 42P01.*\.$/),
        ],
      ]),
    )
    expect(issues).toHaveLength(6)
    // I8
    expect(JSON.stringify(issues)).not.toMatch(/never|once|gone'/)
  })

  test('stay told when it was taken up again', async () => {
    const database = await createDatabase(failed.name)
    await mendAndResume(database)
    const issues = await issuesOf(database)
    expect(issues.map(({ kind }) => kind)).toContain('failure')
    expect(issues.filter(({ kind }) => kind === 'pause')).toEqual([])
  })

  test('name what was begun after the load and is not there', async () => {
    const begun = (kind: string, name: string, second: number) =>
      `(1, ${90 + second}, 'new', 'items', '${name}', '${kind}', 'off', '{}', '{}', '2025-06-01 08:00:0${second}+00')`
    const issues = await issuesAfter(
      `insert into drover.rebuild (
        run_id, position, table_schema, table_name, object_name, kind, state, loaded_after, closed_after, started_at
      ) values ${begun('unique', 'items_n_key', 1)}, ${begun('statistics', 'items', 2)}, ${begun('crosswalk', 'items', 3)};`,
      failed,
    )
    const what = (name: string) => `What is made after the load was begun and not made: ${name}.`
    expect(issues.slice(0, 3).map((issue) => [issue.kind, issue.at, issue.what])).toEqual([
      ['failure', '2025-06-01T08:00:01Z', what('unique items_n_key of new.items')],
      ['failure', '2025-06-01T08:00:02Z', what('statistics of new.items')],
      ['failure', '2025-06-01T08:00:03Z', what('the key of new.items')],
    ])
  })
})

test('there are none where nothing happened', async () => {
  expect(await issuesOf(loaded)).toEqual([])
})

describe('alike things of one hour are one', () => {
  test('attempts by mapping, SQLSTATE and outcome', async () => {
    const issues = await issuesAfter(`
insert into drover.attempt (run_id, mapping, chunk, worker, sqlstate, outcome, at)
select 1, mapping, 1, 'w', sqlstate, outcome, timestamptz '2025-06-01 00:00+00' + at
from (values
  ('doctors', '40P01', 'retried', time '08:59:59.5'), ('doctors', '40P01', 'retried', '08:10'),
  ('doctors', '40P01', 'retried', '09:00'), ('patients', '40P01', 'retried', '08:20'),
  ('doctors', '40P01', 'split', '08:30'), ('doctors', '55P03', 'retried', '08:40'), ('doctors', null, 'split', '08:50')
) as tried (mapping, sqlstate, outcome, at)`)
    expect(issues.map(({ at, until, mapping, times }) => [at.slice(11), until.slice(11), mapping, times])).toEqual([
      ['08:10:00Z', '08:59:59.5Z', 'doctors', '2'],
      ['08:20:00Z', '08:20:00Z', 'patients', '1'],
      ['08:30:00Z', '08:30:00Z', 'doctors', '1'],
      ['08:40:00Z', '08:40:00Z', 'doctors', '1'],
      ['08:50:00Z', '08:50:00Z', 'doctors', '1'],
      ['09:00:00Z', '09:00:00Z', 'doctors', '1'],
    ])
    expect(issues[4]!.what).toBe('A chunk was halved: the worker or its connection was gone before the end.')
  })

  test('chunks whose worker was gone without a word', async () => {
    const issues = await issuesAfter(
      `update drover.chunk set attempts = 3, started_at = '2025-06-01 08:00+00' where mapping = 'patients' and number <= 2`,
    )
    expect(said(issues)).toEqual([
      [
        'attempt',
        'patients',
        '4',
        'A chunk was begun by another worker: the worker or its connection was gone before the end.',
      ],
    ])
  })

  test('rows that the database refused, while they were loaded or when what is unique was made', async () => {
    const issues = await issuesAfter(`
insert into drover.attempt (run_id, mapping, chunk, worker, sqlstate, outcome, at) values
  (1, 'odd', 1, 'w', '23514', 'set aside', '2025-06-01 08:00+00'), (1, 'odd', 2, 'w', '23514', 'set aside', '2025-06-01 08:01+00');
insert into drover.quarantine (run_id, mapping, source_key, chunk, code, reasons, sqlstate, set_aside_at) values
  (1, 'odd', 'x1', 1, 'error-23514', '[{"code": "error-23514", "constraint": "part_check"}]', '23514', '2025-06-01 08:00+00'),
  (1, 'odd', 'x3', 9, 'error-23505', '[{"code": "error-23505", "constraint": "odd_key"}]', '23505', '2025-06-01 08:05+00'),
  (1, 'odd', 'x4', 9, 'error-23505', '[{"code": "error-23505", "constraint": "odd_key"}]', '23505', '2025-06-01 08:05+00')`)
    expect(said(issues)).toEqual([
      [
        'refused',
        'odd',
        '1',
        'A row was set aside that the database refuses: SQLSTATE 23514, check constraint violated, part_check.',
      ],
      // Mended since: it is told, though it is in quarantine no more.
      [
        'refused',
        'odd',
        '1',
        'A row was set aside that the database refuses: SQLSTATE 23514, check constraint violated.',
      ],
      [
        'refused',
        'odd',
        '2',
        'A row was set aside that the database refuses: SQLSTATE 23505, duplicate of a unique key, odd_key.',
      ],
    ])
  })

  test('what the governor held back, by action and limit, with all the samples that a row stands for', async () => {
    const issues = await issuesAfter(`
insert into drover.sample (run_id, at, since, samples, process, action, limit_name, workers, memory_bytes) values
  (1, '2025-06-01 08:00:59+00', '2025-06-01 08:00:00+00', 60, 'a.1', 'wait', 'replicationLagSeconds', 0, 0),
  (1, '2025-06-01 08:01:00+00', null, 1, 'b.1', 'wait', 'replicationLagSeconds', 0, 0),
  (1, '2025-06-01 08:01:01+00', null, 1, 'b.1', 'fewer-workers', 'activeSessions', 0, 0),
  (1, '2025-06-01 08:01:02+00', null, 1, 'b.1', 'smaller-chunks', 'chunkMs', 0, 0),
  (1, '2025-06-01 08:01:03+00', null, 1, 'b.1', 'wait', null, 0, 0),
  (1, '2025-06-01 08:01:04+00', null, 1, 'b.1', 'go', null, 0, 0)`)
    expect(said(issues)).toEqual([
      ['held back', null, '61', 'No new chunk was begun: a replica was too far behind (replicationLagSeconds).'],
      ['held back', null, '1', 'Fewer workers took chunks: others had too many sessions at work (activeSessions).'],
      ['held back', null, '1', 'Chunks were made smaller: chunks took too long (chunkMs).'],
      ['held back', null, '1', 'No new chunk was begun: the state of the server could not be read.'],
    ])
    expect(issues[0]).toMatchObject({ at: '2025-06-01T08:00:00Z', until: '2025-06-01T08:01:00Z' })
  })
})

const events = (...all: readonly (readonly [what: string, at: string])[]) =>
  `insert into drover.event (run_id, what, at) values ${all
    .map(([what, at]) => `(1, '${what}', '2025-06-01 ${at}+00')`)
    .join(', ')};`

const samples = (...at: readonly string[]) =>
  `insert into drover.sample (run_id, at, process, action, workers, memory_bytes) values ${at
    .map((each) => `(1, '2025-06-01 ${each}+00', 'a.1', 'go', 1, 0)`)
    .join(', ')};`

describe('pauses', () => {
  test('last until the run was taken up again, and are moments where it never was', async () => {
    const issues = await issuesAfter(
      events(
        ['run pausing', '08:00'],
        ['run paused', '08:01'],
        ['run running', '09:00'],
        ['run pausing', '10:00'],
        ['run running', '10:01'],
        ['run paused', '11:00'],
        ['run cancelled', '12:00'],
      ),
    )
    expect(issues.map(({ at, until, what }) => [at.slice(11), until.slice(11), what])).toEqual([
      ['08:01:00Z', '09:00:00Z', 'The run was paused.'],
      ['11:00:00Z', '11:00:00Z', 'The run was paused.'],
      ['12:00:00Z', '12:00:00Z', 'The run was cancelled.'],
    ])
  })

  test('are seen where the processes of a run had ended without a word', async () => {
    const issues = await issuesAfter(samples('08:00:00', '08:00:15', '08:00:31', '08:00:32'))
    expect(issues.map(({ at, until, kind, what }) => [at.slice(11), until.slice(11), kind, what])).toEqual([
      [
        '08:00:15Z',
        '08:00:31Z',
        'pause',
        'Nobody was seen to work on the run: its processes had ended without a word, or could not reach the server.',
      ],
    ])
  })

  test.each([
    ['asked for', events(['run paused', '08:00:01'], ['run running', '09:00'])],
    ['of a run that failed', events(['run failed', '08:00:01'], ['run running', '09:00'])],
  ])('%s are no interruption', async (_, happened) => {
    const issues = await issuesAfter(samples('08:00:00', '09:00:01') + happened)
    expect(issues.filter(({ what }) => what.startsWith('Nobody'))).toEqual([])
  })

  test('are none between samples that were joined', async () => {
    const issues = await issuesAfter(
      `insert into drover.sample (run_id, at, since, samples, process, action, workers, memory_bytes) values
        (1, '2025-06-01 08:00:59+00', '2025-06-01 08:00:00+00', 60, 'a.1', 'go', 1, 0),
        (1, '2025-06-01 08:01:59+00', '2025-06-01 08:01:00+00', 60, 'a.1', 'go', 1, 0)`,
    )
    expect(issues).toEqual([])
  })
})

describe('after the load', () => {
  test('what a verification found is told', async () => {
    const database = await createDatabase(loaded.name)
    await database.query(`delete from new.people where name = 'Patient 7'; drop table old.odd`)
    await withDatabase(database.url, (db) => verify(db, '1'))
    const found = await database.query<{ n: number }>(
      `select count(*)::integer as n from drover.finding where verdict in ('fail', 'warn')`,
    )
    const issues = await issuesOf(database)
    expect(issues).toHaveLength(found[0]!.n)
    expect(new Set(issues.map(({ kind }) => kind))).toEqual(new Set(['verification']))
    expect(
      issues.find(({ mapping, what }) => mapping === 'patients' && /^targets exist: failed\. ./.test(what)),
    ).toBeDefined()
    expect(
      issues.find(({ mapping, what }) => mapping === 'odd' && /^source rows: a warning\. ./.test(what)),
    ).toBeDefined()
    // I8
    expect(JSON.stringify(issues)).not.toContain('Patient')
  })

  test('what stood in the way of a rollback is told by table', async () => {
    const database = await createDatabase(loaded.name)
    await database.query(
      `update new.people set name = 'Somebody' where name in ('Patient 7', 'Patient 8'); delete from new.people where name = 'Patient 9'`,
    )
    await withDatabase(database.url, (db) => rollback(db, '1', { onConflict: { '*': 'discard' } }))
    const issues = await issuesOf(database)
    expect(said(issues)).toEqual([
      [
        'conflict',
        null,
        '2',
        'Rows of new.people stood in the way of the rollback: others changed them since the run.',
      ],
      ['conflict', null, '1', 'Rows of new.people were gone before the rollback: others deleted them since the run.'],
    ])
  })

  test('a rollback that did not end as the run began is told', async () => {
    const issues = await issuesAfter(
      `insert into drover.rollback (run_id, on_conflict, triggers, finished_at, verdict, findings)
      values (1, '{}', 'fire', '2025-06-01 08:00+00', 'fail',
        '[{"check": "catalog", "verdict": "fail", "detail": "An index is missing."}, {"check": "catalog", "verdict": "pass"}]')`,
    )
    expect(said(issues)).toEqual([['failure', null, '1', 'After the rollback: An index is missing.']])
  })
})

describe('more than a report tells', () => {
  test('are counted, and those of least weight are left out', async () => {
    const issues = await issuesAfter(`
insert into drover.attempt (run_id, mapping, chunk, worker, sqlstate, outcome, at)
select 1, 'odd', 1, 'w', '40P01', 'retried', timestamptz '2025-06-01 00:00+00' + i * interval '1 hour' from generate_series(1, 300) as i;
insert into drover.event (run_id, what, at, detail)
select 1, 'run failed', timestamptz '2025-08-01 00:00+00' + i * interval '1 second', '{"what": "It broke."}' from generate_series(1, 5) as i`)
    expect(issues).toHaveLength(mostIssues)
    expect(issues.filter(({ kind }) => kind === 'failure')).toHaveLength(5)
    expect(issues.at(-1)).toMatchObject({
      kind: 'more',
      times: String(300 + 5 - (mostIssues - 1)),
      until: '2025-08-01T00:00:05Z',
    })
  })

  const issue = (kind: ReportIssue['kind'], second: number): ReportIssue => {
    const at = `2025-06-01T08:00:00.${String(second).padStart(6, '0').replace(/0+$/, '') || '0'}Z`
    return { at, until: at, mapping: null, kind, times: '1', what: kind }
  }

  test('stay in order of time, however many digits an instant has', () => {
    const all = Array.from({ length: 150 }, (_, i) => issue('attempt', 7 * i + 1))
    const shown = shorten([
      { issues: all.toReversed(), found: all.length },
      { issues: [issue('failure', 3)], found: 1 },
    ])
    expect(shown.map(({ at }) => Number(at.slice(19, -1)))).toEqual(
      [...all, issue('failure', 3)].map(({ at }) => Number(at.slice(19, -1))).toSorted((a, b) => a - b),
    )
  })

  test('are told where exactly as many were read as fit, and more are there', () => {
    const all = Array.from({ length: mostIssues }, (_, i) => issue('attempt', i + 1))
    expect(shorten([{ issues: all, found: mostIssues }])).toHaveLength(mostIssues)
    const shown = shorten([{ issues: all, found: 1000 }])
    expect(shown).toHaveLength(mostIssues)
    expect(shown.at(-1)).toMatchObject({ kind: 'more', times: String(1000 - (mostIssues - 1)) })
  })
})
