import { beforeAll, describe, expect, test } from 'vitest'
import type { CheckContext } from '../../src/verify/check.ts'
import { rowComparison } from '../../src/verify/row-comparison.ts'
import { readSubjects } from '../../src/verify/subjects.ts'
import type { CheckName, Verification } from '../../src/verify/verification.ts'
import { verify } from '../../src/verify/verify.ts'
import { migrationOf } from '../plan/planned.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { createLoadedDatabase, oddTable, withDatabase } from './fixture.ts'

const odd = `new."${oddTable.replaceAll('"', '""')}"`

let loaded: TestDatabase

beforeAll(async () => {
  loaded = await createLoadedDatabase()
})

/** What is found of a copy of the loaded database after the statements, each a transaction; what passed is left out. */
async function findAfter(statements: readonly string[], afterCutover = true) {
  const database = await createDatabase(loaded.name)
  for (const statement of statements) await database.query(statement)
  const verification = await withDatabase(database.url, (db) => verify(db, '1', { afterCutover, recheckAfterMs: 0 }))
  return { database, verification, complaints: complaintsOf(verification) }
}

function complaintsOf({ findings }: Verification) {
  return findings
    .filter(({ verdict }) => verdict === 'warn' || verdict === 'fail')
    .map(({ verdict, check, mapping }) => `${verdict} ${check}: ${mapping ?? '–'}`)
}

function findingOf({ findings }: Verification, check: CheckName, mapping: string | null) {
  return findings.find((finding) => finding.check === check && finding.mapping === mapping)!
}

/** A write in a transaction of the run: what a defect of drover or a trigger would leave behind. */
const asTheRun = (statement: string) => `insert into drover.transaction (run_id) values (1); ${statement}`

const changes = [
  `update new.people set name = 'Changed' where name in ('Doctor 1', 'Doctor 2', 'Patient 5')`,
  `delete from new.people where name = 'Patient 7'`,
  `insert into new.people (id, name)
  values ('00000000-0000-4000-8000-0000000000a1', 'New'), ('00000000-0000-4000-8000-0000000000a2', 'New')`,
  `insert into old.patients values ('p999', null, 'Late', 'f')`,
]

describe('what the application changed, added and deleted', () => {
  test('fails as long as nobody says that it may, each by its class', async () => {
    const { verification, complaints } = await findAfter(changes, false)
    expect(complaints).toEqual([
      'fail source rows: patients',
      'fail targets exist: patients',
      'fail row comparison: doctors',
      'fail row comparison: patients',
      'fail target rows: –',
    ])
    expect(findingOf(verification, 'row comparison', 'doctors').actual).toBe('2 rows differ: 2 changed since')
    expect(findingOf(verification, 'row comparison', 'patients').actual).toBe(
      '3 rows differ: 1 changed since, 1 deleted since, 1 no disposition',
    )
  })

  test('warns after the cutover, counted apart, by key', async () => {
    const { verification, complaints } = await findAfter(changes)
    expect(complaints).toEqual([
      'warn source rows: patients',
      'warn targets exist: patients',
      'warn row comparison: doctors',
      'warn row comparison: patients',
      'warn target rows: –',
    ])
    expect(verification.verdict).toBe('warn')
    expect(findingOf(verification, 'row comparison', 'patients').detail).toBe(
      'The application changed 1 and deleted 1 since the load, and 1 came to the source: p5 (changed since: name); p7 (deleted since); p999 (no disposition).',
    )
    expect(findingOf(verification, 'target rows', null)).toMatchObject({
      actual: expect.stringMatching(/: 2 added, 1 gone$/),
      detail: expect.stringContaining(
        ': 2 rows were added since: 00000000-0000-4000-8000-0000000000a1, 00000000-0000-4000-8000-0000000000a2; 1 row was deleted since.',
      ),
      sample: [
        { key: { id: '00000000-0000-4000-8000-0000000000a1' }, fault: 'added since' },
        { key: { id: '00000000-0000-4000-8000-0000000000a2' }, fault: 'added since' },
      ],
    })
  })

  test('does not hide a fault of the migration', async () => {
    const { verification, complaints } = await findAfter([
      ...changes,
      asTheRun(`update new.people set sex = null where name = 'Patient 9'`),
    ])
    expect(complaints).toContain('fail row comparison: patients')
    expect(complaints.filter((complaint) => complaint.startsWith('fail'))).toHaveLength(1)
    expect(findingOf(verification, 'row comparison', 'patients')).toMatchObject({
      actual: '4 rows differ: 1 different, 1 changed since, 1 deleted since, 1 no disposition',
      detail: expect.stringMatching(
        /source rows: p9 \(different: sex\); the application changed 1 and deleted 1 since/,
      ),
      sample: [{ key: { key: 'p9' }, fault: 'different', source: { sex: 'a' }, target: { sex: null } }],
    })
  })
})

describe('what cannot be told from a fault is one', () => {
  test('a table that was written anew shows no more who wrote its rows', async () => {
    const { verification, complaints } = await findAfter([
      'alter table new.people alter column sex type varchar(10)',
      `update new.people set name = 'Changed' where name = 'Patient 5'`,
    ])
    expect(complaints).toContain('fail row comparison: patients')
    expect(findingOf(verification, 'row comparison', 'patients').detail).toMatch(
      /^Rows are not what .*: p5 \(changed since: name\); the target was written anew since the load/,
    )
  })

  test('a ledger from a backup does not know the transactions of the server', async () => {
    const { verification, complaints } = await findAfter([
      'update drover.transaction set run_id = run_id',
      `update new.people set name = 'Changed' where name = 'Patient 5'`,
    ])
    expect(complaints).toEqual(['fail row comparison: patients'])
    expect(findingOf(verification, 'row comparison', 'patients').actual).toBe('1 row differs: 1 different')
  })

  test('a row that the run wrote and no crosswalk leads to', async () => {
    const { verification, complaints } = await findAfter([
      asTheRun(`update new.people set id = '00000000-0000-4000-8000-0000000000a1' where name = 'Patient 5'`),
    ])
    expect(complaints).toEqual(['warn targets exist: patients', 'warn row comparison: patients', 'fail target rows: –'])
    expect(findingOf(verification, 'target rows', null)).toMatchObject({
      detail: expect.stringContaining(
        '1 row that the run wrote is in no crosswalk: 00000000-0000-4000-8000-0000000000a1;',
      ),
    })
  })
})

describe('rows from before the run', () => {
  test('are not called added where the application changed them', async () => {
    const { complaints } = await findAfter([`update new.clinics set name = 'Changed' where name = 'Untouched'`], false)
    expect(complaints).toEqual([])
  })

  test('beside one that was added are told from it by their transactions', async () => {
    const { verification, complaints } = await findAfter([
      `insert into new.clinics values ('00000000-0000-4000-8000-0000000000a1', 'New')`,
    ])
    expect(complaints).toEqual(['warn target rows: clinics'])
    expect(findingOf(verification, 'target rows', 'clinics').detail).toContain(
      '1 row was added since: 00000000-0000-4000-8000-0000000000a1.',
    )
  })

  test('that were changed too are named with it: which of them is the new one is not known', async () => {
    const { verification } = await findAfter([
      `insert into new.clinics values ('00000000-0000-4000-8000-0000000000a1', 'New')`,
      `update new.clinics set name = 'Changed' where name = 'Untouched'`,
    ])
    expect(findingOf(verification, 'target rows', 'clinics').detail).toContain(
      '1 row was added since, among 00000000-0000-4000-8000-000000000002, 00000000-0000-4000-8000-0000000000a1.',
    )
  })
})

test('a row that gets another key is gone, and added under that key', async () => {
  const { verification } = await findAfter([`update ${odd} set part = 99 where part = 4`])
  expect(findingOf(verification, 'target rows', 'odd').detail).toContain(
    '1 row was added since: (g\\|h, 99); 1 row was deleted since.',
  )
})

describe('before rows that differ are reported they are looked at once more', () => {
  /** Compares the patients; between the two looks the statement is carried out. */
  async function compareAround(before: string, between: string) {
    const database = await createDatabase(loaded.name)
    await database.query(before)
    return withDatabase(database.url, async (db) => {
      const { mappings } = await db.transaction((tx) => readSubjects(tx, '1'), { readOnly: true })
      const subject = mappings.find(({ mapping }) => mapping.name === 'patients')!
      const context = {
        afterCutover: false,
        again: async (work) => {
          await database.query(between)
          return db.transaction(work, { readOnly: true })
        },
      } as Partial<CheckContext> as CheckContext
      const found = await db.transaction((tx) => rowComparison.run(tx, subject, context), { readOnly: true })
      return rowComparison.combine!(subject, [found], context)
    })
  }

  test('those that agree then are not reported', async () => {
    const findings = await compareAround(
      `update new.people set name = name || '!' where name in ('Patient 5', 'Patient 6')`,
      `update new.people set name = 'Patient 5' where name = 'Patient 5!'`,
    )
    expect(findings).toMatchObject([
      {
        verdict: 'fail',
        actual: '1 row differs: 1 changed since',
        detail: expect.stringMatching(
          /: p6 \(changed since: name\); 1 row differed and agreed when it was looked at again\.$/,
        ),
      },
    ])
  })

  test('more than a thousand are not: they are reported as they were', async () => {
    const m = migrationOf()
    const many = m.map('many', {
      from: (db) => db.selectFrom('old.many as r'),
      key: ({ r }) => r.id!,
      to: 'new.many',
      columns: ({ r }) => ({ id: r.id!, name: r.name! }),
    })
    const database = await createLoadedDatabase(
      `create schema old; create schema new;
      create table old.many (id int primary key, name text);
      insert into old.many select i, 'Row ' || i from generate_series(1, 1100) as i;
      create table new.many (id int primary key, name text)`,
      m.migration([many]),
    )
    await database.query('update new.many set name = null where id <= 1001; delete from new.many where id > 1050')
    const startedAt = performance.now()
    const { findings } = await withDatabase(database.url, (db) => verify(db, '1', { recheckAfterMs: 3_600_000 }))
    expect(performance.now() - startedAt).toBeLessThan(60_000)
    expect(findings.find(({ check }) => check === 'row comparison')).toMatchObject({
      actual: '1051 rows differ: 1001 changed since, 50 deleted since',
      detail: expect.stringMatching(/: 1 \(changed since: name\); 10 .*; 1000 .*; 1001 .* and 1046 more\.$/),
      sample: expect.arrayContaining([
        { key: { key: '10' }, fault: 'changed since', source: { name: 'aaa 99' }, target: { name: null } },
      ]),
    })
  })

  test('where all do, the comparison passes and says so', async () => {
    const findings = await compareAround(
      `update new.people set name = name || '!' where name = 'Patient 5'`,
      `update new.people set name = 'Patient 5' where name = 'Patient 5!'`,
    )
    expect(findings).toMatchObject([{ verdict: 'pass', detail: expect.stringMatching(/; 1 row differed and agreed/) }])
  })
})
