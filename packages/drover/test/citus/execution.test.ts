import { beforeAll, describe, expect, test } from 'vitest'
import { readExecutions } from '../../src/check/execution.ts'
import { renderPlan } from '../../src/cli/plan-text.ts'
import { derivedUuid, ref } from '../../src/index.ts'
import { readWholeCatalog } from '../../src/ledger/whole-catalog.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { executionSentence, readExecution } from '../../src/plan/execution.ts'
import { executionProbes } from '../../src/plan/execution-probe.ts'
import { hashPlan } from '../../src/plan/hash.ts'
import { migrationOf } from '../plan/planned.ts'
import { withDatabase } from '../run/fixture.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { makeCatalogue } from './catalogue.ts'
import { clusterTables, recordedExplains, recordedTables } from './recorded.ts'

describe('how a statement is carried out is read from its EXPLAIN', () => {
  test.each(Object.entries(recordedExplains))('%s, as recorded', (mode, lines) => {
    expect(readExecution(lines).mode).toBe(mode)
  })

  test('with the shards on which rows are made', () => {
    expect(Object.values(recordedExplains).map((lines) => readExecution(lines).tasks)).toEqual([32, 32, 0])
  })

  test('a part whose rows are collected first makes the whole pass through the coordinator', () => {
    const lines = [
      'Custom Scan (Citus Adaptive)',
      '  ->  Distributed Subplan 7_1',
      '        ->  Custom Scan (Citus Adaptive)',
      '              Task Count: 8',
      '  Task Count: 4',
    ]
    expect(readExecution(lines)).toEqual({ mode: 'through the coordinator', tasks: 8 })
  })

  test('anything else is local, whatever its names are', () => {
    expect(readExecution(['Insert on mv', '  ->  Seq Scan on "Custom Scan (Citus Adaptive)"']).mode).toBe('local')
    expect(readExecution(['Insert on mv', '  ->  Seq Scan on mv v'])).toEqual({ mode: 'local', tasks: 0 })
  })

  test('a sentence says what it means', () => {
    expect(Object.values(recordedExplains).map((lines) => executionSentence(readExecution(lines)))).toEqual([
      'Rows are made on 32 shards at once and stay there.',
      'Rows are made on 32 shards at once and sent from node to node, by the distribution column.',
      'Rows are made on the coordinator, which sends each to its node.',
    ])
  })
})

describe('the server is asked about the writes of a plan', () => {
  const m = migrationOf()
  const clinics = m.map('clinics', {
    from: (db) => db.selectFrom('legacy.clinics as c'),
    key: ({ c }) => c.id!,
    to: 'app.clinics',
    columns: ({ c }) => ({ id: derivedUuid(c.id!), name: c.name! }),
  })
  const values = m.map('mv', {
    from: (db) => db.selectFrom('legacy.mv as v'),
    key: ({ v }) => v.id!,
    to: 'app.mv',
    columns: ({ v }) => ({
      clinic_id: ref(v.clinic_id!, clinics).orQuarantine('no-clinic'),
      id: derivedUuid(v.id!),
      at_: v.at_!,
    }),
    dropped: ['kind', 'value'],
  })
  const migration = m.migration([clinics, values])
  let database: TestDatabase

  beforeAll(async () => {
    database = await createDatabase()
    await database.query(clusterTables)
  })

  const read = () =>
    withDatabase(database.url, async (db) => {
      const catalog = await db.transaction((tx) => readWholeCatalog(tx, ['app', 'legacy']))
      const executions = await readExecutions(db, executionProbes(migration, catalog))
      return { plan: { ...buildPlan(migration, catalog), executions }, executions }
    })

  test('none where no target is distributed; else one of each mapping, and nothing is written', async () => {
    expect((await read()).executions).toEqual([])
    await makeCatalogue(database, recordedTables)
    const { plan, executions } = await read()
    // What stands in for the cluster is one server.
    expect(executions.map(({ mapping, mode }) => [mapping, mode])).toEqual([
      ['clinics', 'local'],
      ['mv', 'local'],
    ])
    expect(await database.query('select from app.clinics')).toEqual([])
    const text = renderPlan(plan)
    expect(text).toContain('nodes       A row of app.mv goes to the node of its clinic_id')
    expect(text).toContain('Rows are made and kept on the coordinator.')
    const { executions: _, ...bare } = plan
    expect(hashPlan(plan)).toBe(hashPlan(bare))
  })

  test('what the server does not plan is said of this mapping alone', async () => {
    const executions = await withDatabase(database.url, (db) =>
      readExecutions(db, [
        { mapping: 'gone', statement: 'insert into app.gone select 1' },
        { mapping: 'there', statement: `insert into app.kinds select 'x'` },
      ]),
    )
    expect(executions.map(({ mapping, mode }) => [mapping, mode])).toEqual([
      ['gone', null],
      ['there', 'local'],
    ])
    expect(executions[0]!.sentence).toBe(
      'The server did not plan it (SQLSTATE 42P01), so that it is not known where its rows are made.',
    )
    expect(await database.query('select from app.kinds')).toEqual([])
  })
})
