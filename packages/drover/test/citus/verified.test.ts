import { beforeAll, expect, test } from 'vitest'
import { findRun } from '../../src/ledger/run.ts'
import { beginVerification } from '../../src/ledger/verification.ts'
import { carryOutParts } from '../../src/verify/carry-out.ts'
import type { Check } from '../../src/verify/check.ts'
import type { Part } from '../../src/verify/parts.ts'
import type { Finding, Verification } from '../../src/verify/verification.ts'
import { verify } from '../../src/verify/verify.ts'
import { withDatabase } from '../run/fixture.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { createClusterPractice } from './cluster.ts'

let cluster: TestDatabase

beforeAll(async () => {
  cluster = await createClusterPractice()
})

async function verified(statements: string, afterCutover = false): Promise<Verification> {
  const database = await createDatabase(cluster.name)
  for (const statement of statements.split(';\n')) await database.query(statement)
  return withDatabase(database.url, (db) => verify(db, '1', { afterCutover, recheckAfterMs: 1 }))
}

const findingOf = ({ findings }: Verification, check: string, mapping: string): Finding =>
  findings.find((finding) => finding.check === check && finding.mapping === mapping)!

test('what a run has written to the nodes is verified, and nothing differs', async () => {
  const { findings } = await verified('select')
  expect(findings.filter(({ verdict }) => verdict === 'fail')).toEqual([])
  const passed = findings.filter(
    ({ check, verdict }) => /^(row comparison|target rows)$/.test(check) && verdict === 'pass',
  )
  expect(passed.map(({ check, mapping }) => `${check} ${mapping}`).toSorted()).toEqual([
    'row comparison clinics',
    'row comparison doctors',
    'row comparison visits',
    'target rows clinics',
    'target rows doctors',
    'target rows rooms',
    'target rows visits',
  ])
})

test('a row that was changed since is found by comparing; who has done it nobody can tell', async () => {
  for (const afterCutover of [false, true]) {
    const finding = findingOf(
      await verified(`update new.visits set amount = 11 where id = 1`, afterCutover),
      'row comparison',
      'visits',
    )
    expect([finding.verdict, finding.actual]).toEqual(['fail', '1 row differs: 1 changed since'])
    expect(finding.detail).toBe(
      'Rows are not what the transform makes of their source rows: 1 (changed since: amount); rows of the target bear no transaction that tells who wrote them, so that what others changed cannot be told from what the run wrote.',
    )
  }
})

test('rows that were added and deleted are counted', async () => {
  const verification = await verified(
    `delete from new.visits where id = 5;\ninsert into new.visits values (70, 900, null, null, 1), (71, 900, null, null, 1)`,
  )
  expect(findingOf(verification, 'target rows', 'visits')).toMatchObject({
    verdict: 'fail',
    actual: '4 after the run, 5 now: 2 added, 1 gone',
  })
  expect(findingOf(verification, 'targets exist', 'visits')).toMatchObject({ verdict: 'fail', actual: '1 missing' })
})

test('a question that a cluster does not carry out is not asked, and told so', async () => {
  const check: Check<null> = {
    name: 'columns',
    whenGone: 'fail',
    run: async (tx) => {
      await tx.query(`do $$ begin raise 'over shards' using errcode = '0A000'; end $$`)
      return []
    },
  }
  const part = { check, subject: null, mapping: 'visits', name: 'columns of visits' } as Part
  const database = await createDatabase(cluster.name)
  await withDatabase(database.url, async (db) => {
    const { plan } = await db.transaction((tx) => findRun(tx, '1'))
    const asked = { afterCutover: false, triesWrites: false, rowsPerSlice: 1, probes: [] }
    const begun = await db.transaction((tx) => beginVerification(tx, '1', asked, { restart: true, afterEvent: null }))
    expect(await carryOutParts(db, { runId: '1', plan }, [part], begun, {})).toEqual([
      {
        check: 'columns',
        mapping: 'visits',
        verdict: 'not run',
        expected: null,
        actual: null,
        detail: 'Columns of visits was not asked: the cluster does not carry such a question out (SQLSTATE 0A000).',
      },
    ])
    const onOneServer = { ...plan, catalog: { ...plan.catalog, tables: [] } }
    await expect(carryOutParts(db, { runId: '1', plan: onOneServer }, [part], begun, {})).rejects.toMatchObject({
      code: 'statement-failed',
    })
  })
})

test('half-committed transactions are brought to an end ahead of it', async () => {
  const database = await createDatabase(cluster.name)
  const before = await database.query('select from pg_catalog.recovered')
  await withDatabase(database.url, (db) => verify(db, '1'))
  expect(await database.query('select from pg_catalog.recovered')).toHaveLength(before.length + 1)
})
