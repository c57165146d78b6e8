import { beforeAll, describe, expect, test } from 'vitest'
import { recordRehearsal } from '../../src/ledger/rehearsal.ts'
import { findRun } from '../../src/ledger/run.ts'
import { readTallies } from '../../src/ledger/tally.ts'
import { buildMapping } from '../../src/report/account.ts'
import { type CountedRows, compareCounts, compareFindings, type Measured } from '../../src/report/compare.ts'
import { type ReportComparison, readComparison } from '../../src/report/comparison.ts'
import { readColumnGroups, readQuarantine } from '../../src/report/groups.ts'
import { rollback } from '../../src/rollback/rollback.ts'
import { run } from '../../src/run/run.ts'
import { readFindings } from '../../src/verify/findings.ts'
import type { Finding } from '../../src/verify/verification.ts'
import { verify } from '../../src/verify/verify.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { createLoadedDatabase, withDatabase } from '../verify/fixture.ts'

let loaded: TestDatabase

beforeAll(async () => {
  loaded = await createLoadedDatabase()
})

function comparisonOf(database: TestDatabase, runId: string): Promise<ReportComparison | null> {
  return withDatabase(database.url, (db) =>
    db.transaction(async (tx) => {
      const found = await findRun(tx, runId)
      return readComparison(tx, found, {
        mappings: (await readTallies(tx, runId)).map((tally) => buildMapping(found, tally)),
        quarantine: await readQuarantine(tx, found),
        corrections: await readColumnGroups(tx, runId, 'correction'),
        notes: await readColumnGroups(tx, runId, 'note'),
        findings: await readFindings(tx, runId),
      })
    }),
  )
}

/** Takes the run back, changes the source, and carries the same plan out again. */
async function runAgain(change: string, { verified = false } = {}): Promise<TestDatabase> {
  const database = await createDatabase(loaded.name)
  await withDatabase(database.url, async (db) => {
    if (verified) await verify(db, '1')
    await rollback(db, '1', {})
    if (change !== '') await database.query(change)
    const { plan, settings } = await db.transaction((tx) => findRun(tx, '1'))
    await run(db, plan, { allowed: settings.allowed })
    if (verified) await verify(db, '2')
  })
  return database
}

describe('with an earlier run', () => {
  test('nothing differs where nothing has changed', async () => {
    const comparison = await comparisonOf(await runAgain('', { verified: true }), '2')
    expect(comparison).toMatchObject({
      with: { kind: 'run', id: '1', state: 'rolled_back', startedAt: expect.stringMatching(/Z$/) },
      samePlan: true,
      counts: [],
      notCompared: [],
      findings: [],
    })
    // Dispositions with rows: clinics loaded, merged, matched; doctors and patients loaded and left out; odd loaded;
    // two codes.
    expect(comparison!.sameCounts).toBe(10)
  })

  test('rows by disposition and code are new, gone, more and fewer', async () => {
    const database = await runAgain(`
      update old.doctors set clinic_id = 'c1' where clinic_id = 'gone' and id <> 'd5';
      update old.clinics set name = 'South East' where id = 'c5';
      update old.patients set name = 'Patient X' where name like 'test %';
      insert into old.patients values ('q1', 'c1', 'Patient', 'x'), ('q2', 'c1', 'Patient', 'x')`)
    const { counts } = (await comparisonOf(database, '2'))!
    const rows = (least: string) => ({ least, most: least })
    expect(counts.map(({ mapping, what, now, before, change }) => [mapping, what, now, before, change])).toEqual([
      ['clinics', 'loaded', '3', rows('2'), 'more'],
      ['clinics', 'merged', '1', rows('2'), 'fewer'],
      ['doctors', 'loaded', '19', rows('16'), 'more'],
      ['doctors', 'quarantined', '1', rows('4'), 'fewer'],
      ['doctors', 'orphan', '1', rows('4'), 'fewer'],
      ['patients', 'loaded', '102', rows('90'), 'more'],
      ['patients', 'excluded', null, rows('10'), 'gone'],
      ['patients', 'unknown-sex', expect.any(String), expect.anything(), 'more'],
    ])
    expect(counts.at(-1)).toMatchObject({ outcome: 'correct', column: 'sex' })
  })

  test('a mapping that is not done is not compared', async () => {
    const database = await runAgain(`delete from old.doctors where id = 'd1'`)
    await database.query(`update drover.step set state = 'loading' where run_id = 1 and mapping = 'doctors'`)
    expect(await comparisonOf(database, '2')).toMatchObject({ counts: [], notCompared: ['doctors'] })
  })

  test('what was noted once of a whole mapping is no count', async () => {
    const database = await runAgain('')
    await database.query(`insert into drover.note values (1, 'odd', null, 'constant', 'part')`)
    expect((await comparisonOf(database, '2'))!.counts).toEqual([])
    await database.query(`insert into drover.note values (1, 'odd', 'a|b', 'seen', 'part')`)
    expect((await comparisonOf(database, '2'))!.counts).toMatchObject([{ what: 'seen', change: 'gone' }])
  })

  test('a run that carried out no chunk is passed over', async () => {
    const database = await createDatabase(loaded.name)
    await database.query(`update drover.run set state = 'rolled_back';
      insert into drover.run (migration, plan_hash, plan, drover, settings, state)
      select migration, plan_hash, plan, drover, settings, 'cancelled' from drover.run;
      insert into drover.run (migration, plan_hash, plan, drover, settings, state)
      select migration, 'another', plan, drover, settings, 'planned' from drover.run where id = 1;
      insert into drover.run (migration, plan_hash, plan, drover, settings, state)
      select 'another', 'another', plan, drover, settings, 'planned' from drover.run where id = 1;`)
    expect(await comparisonOf(database, '3')).toMatchObject({ with: { kind: 'run', id: '1' }, samePlan: false })
    expect(await comparisonOf(database, '4')).toBeNull()
    expect(await comparisonOf(database, '1')).toBeNull()
  })
})

describe('with a rehearsal', () => {
  async function rehearsed(result: unknown): Promise<TestDatabase> {
    const database = await createDatabase(loaded.name)
    await withDatabase(database.url, (db) =>
      db.transaction(async (tx) => {
        const { planHash } = await findRun(tx, '1')
        await recordRehearsal(tx, { migration: 'practice', planHash, verdict: 'pass', result })
      }),
    )
    return database
  }

  const range = (what: string, least: number, most: number) => ({ what, least, most, seen: 1, estimate: null })

  test('what lies outside of the foreseen range is told', async () => {
    const database = await rehearsed({
      version: 1,
      forecast: {
        version: 1,
        mappings: [
          {
            mapping: 'doctors',
            dispositions: [range('loaded', 14.5, 40.25), range('quarantined', 0, 3.5), range('merged', 5, 9)],
            codes: [
              { ...range('orphan', 4.5, 9), outcome: 'quarantine', column: null },
              { ...range('no-clinic', 0, 7), outcome: 'quarantine', column: null },
            ],
          },
          { mapping: 'patients', dispositions: [range('loaded', 90, 90), range('excluded', 12, 13)], codes: [] },
        ],
      },
    })
    // One that came after the run has foreseen nothing.
    expect(await comparisonOf(database, '1')).toBeNull()
    await database.query(`update drover.rehearsal set rehearsed_at = (select created_at from drover.run)`)
    const comparison = (await comparisonOf(database, '1'))!
    expect(comparison).toMatchObject({ with: { kind: 'rehearsal' }, samePlan: true, findings: [], sameCounts: 5 })
    const told = comparison.counts.filter(({ mapping }) => mapping === 'doctors' || mapping === 'patients')
    expect(told.map(({ what, now, before, change }) => [what, now, before?.least, before?.most, change])).toEqual([
      ['merged', null, '5', '9', 'gone'],
      ['excluded', '10', '12', '13', 'fewer'],
      ['unknown-sex', expect.any(String), undefined, undefined, 'new'],
    ])
  })

  test.each([
    ['was not carried through', { version: 1, forecast: null }],
    ['is of a later drover', { version: 2, forecast: { version: 1, mappings: [] } }],
    ['has a forecast of a later drover', { version: 1, forecast: { version: 2, mappings: [] } }],
    ['has kept nothing', {}],
  ])('that %s, there is nothing to compare', async (_, result) => {
    expect(await comparisonOf(await rehearsed(result), '1')).toBeNull()
  })
})

const of = (mapping: string, what: string, rows: bigint | null, more: Partial<CountedRows> = {}): CountedRows => ({
  mapping,
  what,
  outcome: 'quarantine',
  column: null,
  rows: rows === null ? null : { least: rows, most: rows },
  ...more,
})

const measure = (...counts: readonly CountedRows[]): Measured => ({
  mappings: [...new Set(counts.map(({ mapping }) => mapping))].map((name) => ({ name, isDone: true })),
  counts,
})

describe('counts', () => {
  test('hostile names are told apart', () => {
    const now = measure(of('a', 'b","c', 1n), of('a","b', 'c', 2n), of('__proto__', 'constructor', 3n))
    const before = measure(of('a', 'b","c', 1n), of('a","b', 'c', 3n), of('__proto__', 'toString', 3n))
    const { counts, sameCounts } = compareCounts(now, before)
    expect(counts.map(({ mapping, what, change }) => [mapping, what, change])).toEqual([
      ['a","b', 'c', 'fewer'],
      ['__proto__', 'constructor', 'new'],
      ['__proto__', 'toString', 'gone'],
    ])
    expect(sameCounts).toBe(1)
  })

  test('beyond what a double tells are told apart', () => {
    const [more] = compareCounts(measure(of('a', 'c', 2n ** 53n + 1n)), measure(of('a', 'c', 2n ** 53n))).counts
    expect(more).toMatchObject({ now: '9007199254740993', change: 'more' })
  })

  test('what is said of a whole mapping is not compared, whatever the other has', () => {
    const note = { outcome: 'note', column: 'x' } as const
    const now = measure(of('a', 'constant', null, note))
    expect(compareCounts(now, measure(of('a', 'constant', 1n, note))).counts).toEqual([])
    expect(compareCounts(measure(of('a', 'constant', 1n, note)), now).counts).toEqual([])
  })

  test('one code of two columns, or of two outcomes, is two', () => {
    const now = measure(
      of('a', 'c', 1n, { outcome: 'correct', column: 'x' }),
      of('a', 'c', 1n, { outcome: 'correct', column: 'y' }),
      of('a', 'c', 1n),
    )
    const { counts } = compareCounts(now, measure(of('a', 'c', 1n, { outcome: 'correct', column: 'x' })))
    expect(counts.map(({ outcome, column }) => [outcome, column])).toEqual([
      ['quarantine', null],
      ['correct', 'y'],
    ])
  })
})

describe('findings', () => {
  const finding = (detail: string, more: Partial<Finding> = {}): Finding => ({
    check: 'sequences',
    mapping: 'a',
    verdict: 'fail',
    expected: null,
    actual: null,
    detail,
    ...more,
  })
  const changes = (now: readonly Finding[], before: readonly Finding[]) =>
    compareFindings(now, before).map(({ detail, change }) => `${change} ${detail}`)

  test('are new, gone and the same, whatever counts their sentences have', () => {
    const pass = finding('fine', { verdict: 'pass' })
    const now = [finding('3 rows'), finding('rule b', { rule: 'b' }), finding('of b', { mapping: 'b' })]
    const before = [finding('2 rows'), finding('rule c', { rule: 'c' }), finding('of c', { mapping: null }), pass]
    expect(changes(now, before)).toEqual(['same 3 rows', 'new rule b', 'new of b', 'gone rule c', 'gone of c'])
    expect(changes(now, [pass])).toEqual(['new 3 rows', 'new rule b', 'new of b'])
    expect(changes([pass, finding('?', { verdict: 'not run' })], before)).toEqual([
      'gone 2 rows',
      'gone rule c',
      'gone of c',
    ])
  })

  test('several of one subject are told apart by their sentences', () => {
    expect(changes([finding('x')], [finding('y'), finding('x')])).toEqual(['same x', 'gone y'])
    expect(changes([finding('x'), finding('y')], [finding('y'), finding('z'), finding('w')])).toEqual([
      'same x',
      'same y',
      'gone w',
    ])
  })

  test('are not compared with those of a run that was not verified', () => {
    expect(changes([finding('x')], [])).toEqual([])
    expect(changes([], [finding('x')])).toEqual([])
  })

  test('of two runs are compared', async () => {
    const database = await runAgain('', { verified: true })
    await database.query(`update drover.finding set verdict = 'fail' where run_id = 2 and check_name = 'conservation';
      update drover.finding set verdict = 'warn' where run_id = 1 and check_name = 'dispositions'`)
    const { findings } = (await comparisonOf(database, '2'))!
    expect(new Set(findings.map(({ check, change }) => `${check} ${change}`))).toEqual(
      new Set(['conservation new', 'dispositions gone']),
    )
  })
})
